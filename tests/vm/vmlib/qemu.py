# SPDX-License-Identifier: MIT
"""QEMU's command line."""

import shutil
import socket
from pathlib import Path

from .errors import VmError
from .job import GUEST_ADDRESS, share_tag

BINARY = "qemu-system-x86_64"
BUSYBOX = "/bin/busybox"
SERVICE_ADDRESS = "10.0.2.100:7788"
OVMF_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")

# In the order of their port numbers, from 1; guest/init counts the same way.
PORTS = ("status", "stdout", "stderr", "kmsg")

# printk.devkmsg: messages written to /dev/kmsg are not to be thinned out.
# mitigations: they cost time, and the guest has no secrets.
# watchdog, rcupdate: a host with more to do than processors starves a guest for
# some seconds, which is no fault of the guest's kernel.
KERNEL_COMMAND_LINE = (
    "console=ttyS0 quiet panic=-1 log_buf_len=4M printk.devkmsg=on"
    " mitigations=off no_timer_check"
    " watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60"
)


def machine(kernel, options, accelerator, scratch, tpm=None, find_leaks=False):
    """The machine without its ports."""
    arguments = [
        _binary(),
        *("-nodefaults", "-no-user-config", "-no-reboot"),
        *("-name", "guest,debug-threads=on"),  # affinity.py knows threads by their names
        *("-display", "none"),
        *("-machine", "q35,i8042=off"),
        *("-accel", accelerator.accel),
        *accelerator.arguments,
        *("-cpu", accelerator.cpu),
        *("-m", options.memory),
        *("-smp", str(options.smp)),
        *("-kernel", str(kernel.image)),
        *("-initrd", str(_initramfs(kernel, options, scratch))),
        *("-append", _kernel_command_line(kernel, options, accelerator, find_leaks)),
        *("-chardev", f"file,id=console,path={_quote(scratch / 'console')}"),
        *("-serial", "chardev:console"),
        *_filesystem("root", "/", "on"),
        *_filesystem("job", scratch / "job", "on"),
    ]
    for path in options.drive:
        arguments += ["-drive", f"if=virtio,format=raw,file={_quote(path)}"]
    if options.network:
        arguments += _network(options)
    for number, path in enumerate(options.share):
        arguments += _filesystem(share_tag(number), path, "off")
    if options.firmware == "ovmf":
        arguments += _uefi(scratch)
    if tpm:
        arguments += tpm.qemu_arguments()
    if options.monitor:
        arguments += ["-monitor", f"unix:{_quote(options.monitor)},server=on,wait=off"]
    if options.plugin:
        arguments += ["-plugin", options.plugin]
    return arguments


def ports():
    """Arguments for the ports, our ends by name, and the ends QEMU is to inherit."""
    arguments = ["-device", "virtio-serial-pci"]
    ours, theirs = {}, []
    for number, name in enumerate(PORTS, start=1):
        our_end, their_end = socket.socketpair()
        ours[name] = our_end
        theirs.append(their_end)
        arguments += ["-chardev", f"socket,id={name},fd={their_end.fileno()}"]
        arguments += ["-device", f"virtserialport,chardev={name},nr={number},name={name}"]
    return arguments, ours, theirs


def _binary():
    binary = shutil.which(BINARY)
    if not binary:
        raise VmError(f"there is no {BINARY}: run scripts/install-deps")
    return binary


def _initramfs(kernel, options, scratch):
    """The kernel unpacks archives that follow each other, one over the other."""
    if not options.initramfs:
        return kernel.initramfs
    both = scratch / "initramfs"
    both.write_bytes(kernel.initramfs.read_bytes() + options.initramfs.read_bytes())
    return both


def _network(options):
    user = ["user,id=net,restrict=on"]
    if options.service:
        # A process for each connection, for a chardev would be one for all.
        service = f"cmd:{BUSYBOX} nc 127.0.0.1 {options.service}"
        user.append(f"guestfwd=tcp:{SERVICE_ADDRESS}-{service}")
    for forward in options.forward:
        user.append(
            f"hostfwd=tcp:127.0.0.1:{forward.port}-{GUEST_ADDRESS}:{forward.guest_port}"
        )
    arguments = [
        *("-netdev", ",".join(user)),
        # Without its ROM, for nothing boots from here.
        *("-device", "virtio-net-pci,netdev=net,romfile="),
    ]
    if options.capture:
        file = _quote(options.capture)
        arguments += ["-object", f"filter-dump,id=capture,netdev=net,file={file}"]
    return arguments


def _kernel_command_line(kernel, options, accelerator, find_leaks):
    words = [KERNEL_COMMAND_LINE, *accelerator.kernel_words]
    if kernel.is_ours and not find_leaks:  # tracking doubles the time of a boot
        words.append("kmemleak=off")
    return " ".join([*words, options.append]).rstrip()


def _quote(path):
    """QEMU's option values end at a comma."""
    return str(path).replace(",", ",,")


def _filesystem(tag, path, readonly):
    return [
        "-fsdev",
        f"local,id={tag},path={_quote(path)},security_model=none,"
        f"readonly={readonly},multidevs=remap",
        "-device",
        f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
    ]


def _uefi(scratch):
    if not OVMF_CODE.exists():
        raise VmError(f"there is no {OVMF_CODE}: run scripts/install-deps")
    variables = scratch / "ovmf-variables"
    shutil.copyfile(OVMF_VARIABLES, variables)
    return [
        "-drive",
        f"if=pflash,format=raw,readonly=on,file={OVMF_CODE}",
        "-drive",
        f"if=pflash,format=raw,file={_quote(variables)}",
    ]
