# SPDX-License-Identifier: MIT
"""KVM where it has been seen to boot the kernel at hand, TCG elsewhere.

A /dev/kvm that opens proves little: under some hypervisors the guest hangs or
dies in its first instructions. So each kernel is tried once on each host kernel.
"""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from . import process

PROBE_SECONDS = 5
INIT_REACHED = b"tsmfd-vm: init reached"


@dataclass(frozen=True)
class Accelerator:
    name: str
    accel: str  # for QEMU's -accel
    cpu: str
    kernel_words: tuple = ()
    arguments: tuple = ()  # more of QEMU's


# Without five-level paging: identify_cpu() forgets for a moment that it is on, and
# an interrupt in that moment takes good pointers for bad ones.
KVM = Accelerator("KVM", "kvm", "host,la57=off")


def choose(root, kernel, probe_arguments, scratch):
    """probe_arguments: makes the arguments of a boot of kernel with an accelerator."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return _tcg()
    return KVM if _works(root, kernel, probe_arguments, scratch) else _tcg()


# TCG runs "rep movsb" a byte at a time, with which the kernel copies where the
# processor is said to be fast at it (ERMS, FSRM); else it copies words. Of an
# ioctl's time a third was that.
TCG_CPU = "max,la57=off,-erms,-fsrm"


def _tcg():
    return Accelerator("TCG", "tcg,thread=multi", TCG_CPU, _clock_words())


# The guest's clock counts its instructions: one is a nanosecond. While the guest is idle the
# clock jumps to its next timer. All of the guest's clocks are this one, so it may read the
# cheapest, the time stamp counter, which counts nanoseconds. A wait for the host (for a file
# over 9p) can take minutes on this clock, which is no task's fault: nothing looks for hung ones.
VIRTUAL_TIME = Accelerator("TCG in virtual time", "tcg,thread=single", TCG_CPU,
                           ("tsc_early_khz=1000000", "tsc=reliable",
                            "sysctl.kernel.hung_task_timeout_secs=0"),
                           ("-icount", "shift=0,sleep=off"))


def _clock_words():
    """Tells the guest how fast its time stamp counter, the host's, is running.

    Measuring it goes wrong by a factor now and then on a busy host, and the
    guest's clock with it. /proc/cpuinfo has that speed where nothing scales it:
    in a virtual machine. Elsewhere the guest has to measure.
    """
    cpuinfo = Path("/proc/cpuinfo").read_text()
    speed = re.search(r"^cpu MHz\s*: (\d+)\.(\d{3})$", cpuinfo, re.MULTILINE)
    scaled = Path("/sys/devices/system/cpu/cpu0/cpufreq").exists()
    if not speed or scaled or not re.search(r"\bhypervisor\b", cpuinfo):
        return ()
    return (f"tsc_early_khz={speed[1]}{speed[2]}", "tsc=reliable")


def _works(root, kernel, probe_arguments, scratch):
    cache = root / "build/vm/kvm-probe"
    key = f"{kernel.release} on {os.uname().release}: "
    known = cache.read_text().splitlines() if cache.exists() else []
    for line in known:
        if line.startswith(key):
            return line.endswith("works")

    works = _probe(probe_arguments(KVM), scratch / "console")
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.open("a") as file:
        file.write(f"{key}{'works' if works else 'fails'}\n")
    return works


def _probe(arguments, console):
    # Standard error would speak of KVM's troubles, which are no one's here.
    qemu = process.spawn(arguments, stdout=process.NOWHERE, stderr=process.NOWHERE)
    try:
        deadline = time.monotonic() + PROBE_SECONDS
        while time.monotonic() < deadline and qemu.poll() is None:
            if console.exists() and INIT_REACHED in console.read_bytes():
                return True
            time.sleep(0.05)
        return False
    finally:
        process.stop(qemu)
        console.unlink(missing_ok=True)
