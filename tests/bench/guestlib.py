# SPDX-License-Identifier: MIT
"""In the guest: modules, devices and runs of tsm-stress, for the scripts beside this one."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# A run of more threads has so many processes.
PROCESSES = 8
# Devices are /dev/<DEVICE>N, and an emulated one's settings are in a folder of its name.
DEVICE = "tsmfd"
EMULATORS = pathlib.Path("/sys/kernel/debug/tsmfd_emu")
LOADER = "ld-linux-x86-64.so.2"


def device(index):
    return f"/dev/{DEVICE}{index}"


def emulator(index, name):
    """The file of an emulator's settings, or of one of its counters."""
    return EMULATORS / f"{DEVICE}{index}" / name


def set_latency(index, microseconds):
    emulator(index, "settings").write_text(f"latency_us={microseconds}")


def load(module, *parameters):
    subprocess.run(["insmod", module, *parameters], check=True)


def unload(*modules):
    subprocess.run(["rmmod", *modules], check=True)


class Program:
    """A program of build/user, in the guest's memory with the libraries it needs.

    The guest's files are the host's, over 9p, and an open() waits for the host. In virtual
    time the clock jumps ahead meanwhile: whoever else measures would lose seconds.
    """

    def __init__(self, name):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm"))
        said = subprocess.run(["ldd", f"build/user/{name}"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        for file in [f"build/user/{name}", *re.findall(r"(/\S+) \(0x", said)]:
            shutil.copy(file, self.folder)
        self.folder.chmod(0o755)
        self.words = [self.folder / LOADER, "--inhibit-cache", "--library-path", self.folder,
                      self.folder / name]

    def start(self, *arguments, **how):
        # OpenSSL's configuration is a file of the host's, too.
        return subprocess.Popen([*self.words, *arguments], stdin=subprocess.DEVNULL,
                                env={"OPENSSL_CONF": "/dev/null"}, **how)


class Tsm:
    """Which tsm.ko is loaded, and which firmware is its provider."""

    def __init__(self, modules):
        self.modules = modules
        self.now = None

    def leave(self):
        if self.now:
            unload("tsmfd_emu_stock", "tsm")
        self.now = None

    def use(self, which, index):
        """which: "stock" or "drop-in"; index: of the emulator's instance."""
        if (which, index) == self.now:
            return
        self.leave()
        if which == "drop-in":
            load(self.modules / "dropin/tsm.ko")
        else:
            subprocess.run(["modprobe", "tsm"], check=True)
        load(self.modules / "tsmfd_emu_stock.ko", f"instance={index}")
        self.now = (which, index)


class Run:
    """A run of tsm-stress, from when it is made."""

    program = None

    def __init__(self, arguments, index, threads, seconds, processes=PROCESSES, uid=None):
        if not Run.program:
            Run.program = Program("tsm-stress")
        self.out = tempfile.NamedTemporaryFile(suffix=".json", dir="/dev/shm")
        os.chmod(self.out.name, 0o666)
        # A session of its own, as each user has who logs in: that is what the kernel's scheduler
        # is fair to (sched_autogroup).
        self.process = Run.program.start(
            *arguments, "--device", device(index), "--formats", "default",
            "--threads", str(threads), "--processes", str(min(threads, processes)),
            "--seconds", str(seconds), "--seed", "1", "--json", self.out.name,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            user=uid, group=uid, extra_groups=None if uid is None else [])

    def result(self):
        """What it wrote once it has ended well; else it is an error."""
        _, complaint = self.process.communicate()
        if self.process.returncode != 0:
            sys.exit(f"{' '.join(map(str, self.process.args))}: exit status "
                     f"{self.process.returncode}: {complaint.decode()}")
        with self.out, open(self.out.name, encoding="utf-8") as file:
            return json.load(file)

    def stop(self):
        """Ends it, whatever it is at."""
        if self.process.poll() is not None:
            self.result()
            return
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.poll()
                time.sleep(0.01)


def measure(arguments, index, threads, seconds, **how):
    return Run(arguments, index, threads, seconds, **how).result()
