# SPDX-License-Identifier: MIT
"""What to load for --load: our modules by path, the kernel's own by name."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import VmError


@dataclass(frozen=True)
class Ours:
    path: Path
    parameters: tuple = ()


@dataclass(frozen=True)
class Stock:
    name: str
    parameters: tuple = ()


def plan(kernel, requests):
    """The modules to load, each after what it depends on and none twice."""
    ours = _modules_of_ours(kernel.ours)
    asked = {_canonical(request.name): request.parameters for request in requests}
    steps = {}

    def add(name):
        if name in steps:
            return
        parameters = asked.get(name, ())
        if name not in ours:
            steps[name] = Stock(name, parameters)
            return
        for dependency in _dependencies(ours[name]):
            add(dependency)
        steps[name] = Ours(ours[name], parameters)

    for name in asked:
        if name not in ours and not _is_stock(kernel, name):
            raise VmError(
                f"there is no module {name} for kernel {kernel.name}: neither of ours in"
                f" {kernel.ours} (run make kmod) nor among the kernel's own"
            )
        add(name)
    return list(steps.values())


def any_of_ours(steps):
    return any(isinstance(step, Ours) for step in steps)


def _canonical(name):
    return name.replace("-", "_")


def _modules_of_ours(directory):
    # Not those further down: dropin/tsm.ko would be taken for the kernel's own.
    return {_canonical(path.stem): path for path in sorted(directory.glob("*.ko"))}


def _dependencies(module):
    said = subprocess.run(
        ["/sbin/modinfo", "-F", "depends", module], capture_output=True, text=True
    )
    if said.returncode:
        raise VmError(f"modinfo cannot read {module}: {said.stderr.strip()}")
    return [_canonical(name) for name in said.stdout.strip().split(",") if name]


def _is_stock(kernel, name):
    # <kernels>/<name>/lib/modules/<release> is where modprobe looks below -d.
    said = subprocess.run(
        ["/sbin/modprobe", "--show-depends", "-d", kernel.modules.parents[2]]
        + ["-S", kernel.release, name],
        capture_output=True,
    )
    return said.returncode == 0
