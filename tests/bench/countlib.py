# SPDX-License-Identifier: MIT
"""How often a guest's kernel runs which code, counted by a plugin of QEMU's (instructions.c).

The guest's script says from where to where, by begin_counting and end_counting.
"""

import pathlib
import subprocess
import tempfile

import hostlib
from kallsyms import Functions

USER = "user space"

FUNCTIONS = """set -e
modules=build/kmod/6.12
share=$1
await() { while [ ! -e "$share/$1" ]; do sleep .1; done; }
begin_counting() {
    sysctl -qw kernel.kptr_restrict=0
    cp /proc/kallsyms "$share/symbols"
    touch "$share/begin"; await begun
}
end_counting() { touch "$share/end"; await counts; }
"""


def build_plugin():
    plugin = hostlib.OUT / "instructions.so"
    hostlib.OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                    "-o", plugin, hostlib.TOP / "tests/bench/instructions.c"], check=True)
    return plugin


def count(plugin, script, result=None):
    """Yields function, instructions and runs of each block of code; all of user space is one.

    The script may write to $share/result, which is handed to result() as text.
    """
    with tempfile.TemporaryDirectory() as directory:
        share = pathlib.Path(directory)
        subprocess.run([hostlib.TOP / "tests/vm/vm", "--kernel", hostlib.KERNEL, "--virtual-time",
                        "--plugin", f"{plugin},dir={share}", "--share", share, "--",
                        "bash", "-c", FUNCTIONS + script, "bash", share],
                       cwd=hostlib.TOP, check=True, stdout=subprocess.DEVNULL)
        if result:
            result((share / "result").read_text())
        functions = Functions(share / "symbols")
        for line in (share / "counts").read_text().splitlines():
            address, instructions, runs = line.split()
            address = int(address, 16)
            yield functions.at(address) if address else USER, int(instructions), int(runs)
