# SPDX-License-Identifier: MIT
"""A processor of this machine for each of the guest's.

QEMU's threads are left where the host puts them, and it likes to put one that is
woken beside the one that woke it, which then waits for a millisecond or more: in
the guest, a processor stops whenever it wakes another.
"""

import contextlib
import os
import re
import time
from pathlib import Path

from .errors import VmError

THREAD = re.compile(r"CPU (\d+)/\w+")
PATIENCE_SECONDS = 10


def pin(qemu, count):
    """qemu: its process, of which count threads are processors of the guest."""
    here = sorted(os.sched_getaffinity(0))
    for number, thread in _threads(qemu, count).items():
        os.sched_setaffinity(thread, {here[number % len(here)]})


def _processors(qemu):
    for task in Path(f"/proc/{qemu.pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # others come and go
            name = THREAD.match((task / "comm").read_text())
            if name:
                yield int(name[1]), int(task.name)


def _threads(qemu, count):
    """By the processors' numbers, once all are there; none if QEMU is gone."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while qemu.poll() is None:
        found = dict(_processors(qemu))
        if len(found) == count:
            return found
        if time.monotonic() > deadline:
            raise VmError(f"QEMU has {len(found)} processors' threads, not {count}")
        time.sleep(0.02)
    return {}
