# SPDX-License-Identifier: MIT
"""What the guest is to do, as shell text that guest/init reads."""

import shlex

from . import modules

GUEST_ADDRESS = "10.0.2.15"  # as slirp expects it
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def text(root, kernel, options, steps, token, directory, find_leaks):
    variables = {
        "VM_TOKEN": token,
        "VM_INIT": root / "tests/vm/guest/init",
        "VM_RELEASE": kernel.release,
        "VM_MODULES": kernel.modules,
        "VM_CHECKOUT": root,
        "VM_CWD": directory,
        "VM_TPM": int(options.tpm),
        "VM_ADDRESS": f"{GUEST_ADDRESS}/24" if options.network else "",
        "VM_KMEMLEAK": int(find_leaks),
    }
    return "\n".join(
        [f"{name}={shlex.quote(str(value))}" for name, value in variables.items()]
        + _function("vm_mount_shares", _mount_shares(options.share))
        + _function("vm_load_modules", _load_modules(steps))
        + _function("vm_command", [_command(kernel, options)])
        + [""]
    )


def _function(name, body):
    return [f"{name}() {{", *(f"\t{line}" for line in body), "\t:", "}"]


def share_tag(number):
    return f"share{number}"


def _mount_shares(shares):
    # The host reads a file as soon as the guest has written it: cache nothing.
    how = "trans=virtio,version=9p2000.L,msize=512000,cache=mmap"
    for number, path in enumerate(shares):
        target = shlex.quote(str(path))
        yield f"mkdir -p {target}"
        yield f"mount -t 9p -o {how} {share_tag(number)} {target}"


def _load_modules(steps):
    for step in steps:
        if isinstance(step, modules.Ours):
            name, words = step.path.stem, ["/sbin/insmod", str(step.path)]
        else:
            name, words = step.name, ["/sbin/modprobe", step.name]
        yield f"{shlex.join(words + list(step.parameters))} || fail cannot load {name}"


def _command(kernel, options):
    # By /usr/bin/env: a bare name would mean one of the busybox's own applets.
    environment = [
        f"PATH={PATH}",
        "HOME=/root",
        "LANG=C.UTF-8",
        "TERM=dumb",
        "TSMFD_VM=1",
        f"TSMFD_VM_KERNEL={kernel.release}",
    ]
    return (
        "exec /usr/bin/env -i "
        + shlex.join(environment)
        + ' "TSMFD_VM_FIRMWARE=$TSMFD_VM_FIRMWARE" '
        + shlex.join(list(options.env) + list(options.command))
    )
