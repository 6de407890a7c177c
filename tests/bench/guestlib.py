# SPDX-License-Identifier: MIT
"""For the scripts beside this one: the devices' names and, in the guest, one run of tsm-stress."""

import json
import pathlib
import subprocess
import tempfile

STRESS = "build/user/tsm-stress"
# More of them have several threads.
PROCESSES = 8

DEVICE_CLASS = "tsmfd"


def device_path(index):
    return f"/dev/{DEVICE_CLASS}{index}"


def emulator_folder(index):
    """With its settings and counters."""
    return pathlib.Path("/sys/kernel/debug/tsmfd_emu") / f"{DEVICE_CLASS}{index}"


def measure(arguments, device, threads, seconds):
    """What it wrote of a run that went well; else it is an error."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([STRESS, *arguments, "--device", device, "--formats", "default",
                        "--threads", str(threads), "--processes", str(min(threads, PROCESSES)),
                        "--seconds", str(seconds), "--json", out.name],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.load(out)


def load(module, *parameters):
    subprocess.run(["insmod", module, *parameters], check=True)


def unload(*modules):
    subprocess.run(["rmmod", *modules], check=True)
