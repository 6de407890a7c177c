# SPDX-License-Identifier: MIT
"""The kernels there are to boot: those of tests/kernels.toml, as the scripts left them in
build/kernels/, or one that somebody built."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import kernel_table

from .errors import VmError

DEFAULT = "6.12"


@dataclass(frozen=True)
class Kernel:
    name: str  # of tests/kernels.toml, or the directory's
    release: str  # as uname -r says it
    image: Path
    modules: Path  # lib/modules/<release>/, unpacked
    ours: Path  # where our modules for it are built
    initramfs: Path
    is_ours: bool  # built by scripts/build-debug-kernel, with its checkers


def find(root, name):
    """One of the table."""
    try:
        row = kernel_table.find(name)
    except kernel_table.KernelError as error:
        raise VmError(str(error)) from None
    if not row.release:
        raise VmError(f"there is no kernel {name} in {row.tree}: run {row.maker}")
    return _kernel(root, name, row.tree, row.release, bool(row.source))


def in_tree(root, tree):
    """One that is laid out as those, or that was built in this tree and whose modules were
    installed there."""
    for place in ("release", "include/config/kernel.release"):
        if (tree / place).exists():
            return _kernel(root, tree.name, tree, (tree / place).read_text().strip(), False)
    raise VmError(f"{tree} is no kernel's: it has neither a file release nor"
                  " include/config/kernel.release")


def _kernel(root, name, tree, release, is_ours):
    modules = tree / "lib/modules" / release
    if not (modules / "modules.dep").exists():
        raise VmError(f"there are no modules in {modules}: run make modules_install"
                      f" INSTALL_MOD_PATH={tree}")
    return Kernel(
        name=name,
        release=release,
        image=_image(tree),
        modules=modules,
        ours=root / "build/kmod" / name,
        initramfs=_initramfs(root, name, tree),
        is_ours=is_ours,
    )


def _image(tree):
    for place in ("vmlinuz", "arch/x86/boot/bzImage"):
        if (tree / place).exists():
            return tree / place
    raise VmError(f"{tree} has neither vmlinuz nor arch/x86/boot/bzImage")


def _initramfs(root, name, tree):
    made = subprocess.run(
        [root / "scripts/mkinitramfs", name, tree], capture_output=True, text=True
    )
    if made.returncode:
        raise VmError(f"scripts/mkinitramfs {name} failed:\n{made.stderr.strip()}")
    return Path(made.stdout.strip())
