# SPDX-License-Identifier: MIT
"""The kernels there are to boot, as the scripts left them in build/kernels/."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import VmError


@dataclass(frozen=True)
class Kernel:
    name: str  # 6.1, 6.12 or debug
    release: str  # as uname -r says it
    image: Path
    modules: Path  # lib/modules/<release>/, unpacked
    ours: Path  # where our modules for it are built
    initramfs: Path


def find(root, name):
    tree = root / "build/kernels" / name
    try:
        release = (tree / "release").read_text().strip()
    except FileNotFoundError:
        script = "build-debug-kernel" if name == "debug" else "fetch-kernels"
        raise VmError(f"there is no kernel {name} in {tree}: run scripts/{script}") from None
    return Kernel(
        name=name,
        release=release,
        image=tree / "vmlinuz",
        modules=tree / "lib/modules" / release,
        ours=root / "build/kmod" / name,
        initramfs=_initramfs(root, name),
    )


def _initramfs(root, name):
    made = subprocess.run(
        [root / "scripts/mkinitramfs", name], capture_output=True, text=True
    )
    if made.returncode:
        raise VmError(f"scripts/mkinitramfs {name} failed:\n{made.stderr.strip()}")
    return Path(made.stdout.strip())
