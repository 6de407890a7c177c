# SPDX-License-Identifier: MIT
"""In the guest: one run of tsm-stress, for the scripts beside this one."""

import json
import subprocess
import tempfile

STRESS = "build/user/tsm-stress"
# More of them have several threads.
PROCESSES = 8


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
