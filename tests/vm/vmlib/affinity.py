# SPDX-License-Identifier: MIT
"""A processor of this machine for each of the guest's.

QEMU's threads are left where the host puts them, and it likes to put one that is
woken beside the one that woke it, which then waits for a millisecond or more: in
the guest, a processor stops whenever it wakes another.
"""

import contextlib
import os
import re
from pathlib import Path

from .errors import VmError

THREAD = re.compile(r"CPU (\d+)/\w+")


def pin(qemu, count):
    """qemu: the number of its process, of which count threads are the guest's processors."""
    here = sorted(os.sched_getaffinity(0))
    threads = dict(_processors(qemu))
    if len(threads) != count:
        raise VmError(f"QEMU has {len(threads)} processors' threads, not {count}")
    for number, thread in threads.items():
        os.sched_setaffinity(thread, {here[number % len(here)]})


def _processors(qemu):
    for task in Path(f"/proc/{qemu}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # others come and go
            name = THREAD.match((task / "comm").read_text())
            if name:
                yield int(name[1]), int(task.name)
