# SPDX-License-Identifier: MIT
"""The command line of tests/vm/vm."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from . import kernels
from .errors import EXIT_KERNEL_COMPLAINED, EXIT_RUNNER_FAILED, EXIT_TIMED_OUT

DESCRIPTION = """\
Boots a kernel in QEMU with this machine's own root, read-only under a tmpfs
overlay, and runs COMMAND in it as root, in the present directory. What COMMAND
writes to stdout and stderr comes out here, apart and as it is; its stdin is
empty. Nothing it changes outlives it, except below --share.
"""

EPILOG = f"""\
COMMAND of several words is executed as they are; of one word with spaces in
it, by sh -c. In its environment: TSMFD_VM=1, TSMFD_VM_KERNEL (uname -r),
TSMFD_VM_FIRMWARE (as the guest's DMI names it), and what --env adds.

exit status:
  COMMAND's own, or 128+n when signal n killed it, unless
  {EXIT_KERNEL_COMPLAINED:3}  the kernel complained: BUG, WARNING, Oops, panic, KASAN, lockdep,
       kmemleak, hung task, ... whatever COMMAND's status was
  {EXIT_TIMED_OUT:3}  the time was up
  {EXIT_RUNNER_FAILED:3}  COMMAND was not run; stderr says why

examples:
  tests/vm/vm -- uname -r
  tests/vm/vm --kernel 6.1 --load tsmfd,tsmfd_emu:latency_us=5000 'ls /dev/tsmfd*'
  tests/vm/vm --kernel debug --share build/out -- build/tests/guest_tests
  tests/vm/vm --firmware ovmf --tpm -- tpm2_pcrread sha256:0
  tests/vm/vm --drive disk.img --load virtio_blk -- blkid /dev/vda
  tests/vm/vm --forward 8080:80 -- busybox httpd -f -p 80

The kernels come from scripts/fetch-kernels and scripts/build-debug-kernel, our
modules from build/kmod/KERNEL/. The guest's kernel log is kept in build/vm/log/.
"""

PROCESSORS = 2
# Their instructions would be counted by one clock, so that two are no faster than one.
PROCESSORS_IN_VIRTUAL_TIME = 1

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=", re.ASCII)
FORWARD = re.compile(r"([1-9][0-9]{0,4}):([1-9][0-9]{0,4})", re.ASCII)
MEMORY = re.compile(r"[1-9][0-9]*[MG]")


@dataclass(frozen=True)
class ModuleRequest:
    """One module to load: its name, and its parameters as NAME=VALUE words."""

    name: str
    parameters: tuple


@dataclass(frozen=True)
class Forward:
    """A TCP port of this machine's loopback, and the guest's that is behind it."""

    port: int
    guest_port: int


@dataclass(frozen=True)
class Options:
    kernel: str
    kernel_tree: Path | None
    memory: str
    smp: int
    pin: bool
    virtual_time: bool
    load: tuple
    share: tuple
    timeout: float
    firmware: str
    tpm: bool
    tpm_state: Path | None
    append: str
    initramfs: Path | None
    drive: tuple
    service: int | None
    forward: tuple
    capture: Path | None
    env: tuple
    log: Path | None
    monitor: Path | None
    plugin: str | None
    kmemleak: bool
    command: tuple

    @property
    def network(self):
        return self.service is not None or bool(self.forward)


def module_requests(text):
    requests = []
    for item in filter(None, text.split(",")):
        name, *parameters = item.split(":")
        if not name or any("=" not in parameter for parameter in parameters):
            raise argparse.ArgumentTypeError(
                f"'{item}' is not NAME or NAME:PARAMETER=VALUE:PARAMETER=VALUE..."
            )
        requests.append(ModuleRequest(name, tuple(parameters)))
    return requests


def variable(text):
    if not VARIABLE.match(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return text


def memory(text):
    if not MEMORY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 512M or 2G")
    return text


def forwards(text):
    pairs = [FORWARD.fullmatch(item) for item in text.split(",")]
    if not all(pairs):
        raise argparse.ArgumentTypeError(f"'{text}' is not PORT:GUESTPORT,...")
    return [Forward(*map(int, pair.groups())) for pair in pairs]


def existing_directory(text):
    path = Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"'{text}' is not a directory")
    return path


def existing_file(text):
    path = Path(text).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"'{text}' is not a file")
    return path


def writable_file(text):
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"'{path.parent}' is not a directory")
    return path


def positive(kind):
    def parse_positive(text):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if value <= 0:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
        return value

    return parse_positive


def parser():
    parser = argparse.ArgumentParser(
        prog="tests/vm/vm",
        usage="%(prog)s [OPTION...] [--] COMMAND...",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    machine = parser.add_argument_group("the machine")
    which = machine.add_mutually_exclusive_group()
    which.add_argument(
        "--kernel",
        default=kernels.DEFAULT,
        metavar="NAME",
        help=f"which kernel of tests/kernels.toml to boot ({kernels.DEFAULT})",
    )
    which.add_argument(
        "--kernel-tree",
        type=existing_directory,
        metavar="DIR",
        help="boot the kernel that is in DIR instead: one built there (make bzImage modules;"
        " make modules_install INSTALL_MOD_PATH=DIR), or laid out as those in build/kernels."
        " Our modules for it: KDIR=DIR scripts/build-kmod NAME, where NAME is DIR's last part",
    )
    machine.add_argument(
        "--memory", type=memory, default="2G", metavar="SIZE", help="its memory (2G)"
    )
    machine.add_argument(
        "--smp",
        type=positive(int),
        metavar="N",
        help=f"its processors ({PROCESSORS}; {PROCESSORS_IN_VIRTUAL_TIME} with --virtual-time)",
    )
    clock = machine.add_mutually_exclusive_group()
    clock.add_argument(
        "--pin",
        action="store_true",
        help="keep each of them on a processor of this machine, for a measurement"
        " that has the machine to itself",
    )
    clock.add_argument(
        "--virtual-time",
        action="store_true",
        help="its clock counts its instructions, of which a second has 10^9, and skips what"
        " it waits: for a measurement that is the same on any machine, however busy; what"
        " memory costs is not in it",
    )
    machine.add_argument(
        "--firmware",
        choices=("seabios", "ovmf"),
        default="seabios",
        help="what starts the kernel: SeaBIOS, or UEFI with a measured boot (seabios)",
    )
    machine.add_argument("--tpm", action="store_true", help="give it a TPM 2.0")
    machine.add_argument(
        "--tpm-state",
        type=Path,
        metavar="DIR",
        help="keep the TPM's state in DIR from run to run; implies --tpm",
    )
    machine.add_argument(
        "--append",
        action="append",
        default=[],
        metavar="WORDS",
        help="add to the kernel's command line",
    )
    machine.add_argument(
        "--initramfs",
        type=existing_file,
        metavar="FILE",
        help="add a cpio archive to the initramfs, whose /early runs before all else;"
        " what that says is in the kernel's log",
    )
    machine.add_argument(
        "--drive",
        action="append",
        type=existing_file,
        default=[],
        metavar="FILE",
        help="give it a disk, of raw bytes: /dev/vda, /dev/vdb, ... (virtio_blk)",
    )
    machine.add_argument(
        "--service",
        type=positive(int),
        metavar="PORT",
        help="give it a network (virtio_net) on which there is nothing but"
        " 10.0.2.100:7788, which is PORT on this machine's loopback",
    )
    machine.add_argument(
        "--forward",
        action="append",
        type=forwards,
        default=[],
        metavar="PORT:GUESTPORT,...",
        help="give it a network on which it cannot reach anything; who connects to PORT"
        " on this machine's loopback reaches its 10.0.2.15:GUESTPORT (TCP)",
    )
    machine.add_argument(
        "--capture",
        type=writable_file,
        metavar="FILE",
        help="keep that network's packets in FILE (pcap)",
    )

    guest = parser.add_argument_group("the command")
    guest.add_argument(
        "--load",
        action="append",
        type=module_requests,
        default=[],
        metavar="MODULE[:PARAMETER=VALUE...],...",
        help="load modules first, in this order: ours, with what they depend on,"
        " or else the kernel's of that name",
    )
    guest.add_argument(
        "--share",
        action="append",
        type=existing_directory,
        default=[],
        metavar="DIR",
        help="let the guest write to DIR, at the same path",
    )
    guest.add_argument(
        "--env",
        action="append",
        type=variable,
        default=[],
        metavar="NAME=VALUE",
        help="set a variable of the command's environment",
    )
    guest.add_argument(
        "--timeout",
        type=positive(float),
        default=600,
        metavar="SECONDS",
        help="end everything after so long, boot and all (600)",
    )
    guest.add_argument(
        "--log",
        type=writable_file,
        metavar="FILE",
        help="keep the kernel's log here instead of in build/vm/log/",
    )
    guest.add_argument(
        "--monitor",
        type=writable_file,
        metavar="SOCKET",
        help="let QEMU's monitor be spoken to there",
    )
    guest.add_argument(
        "--plugin",
        metavar="FILE[,NAME=VALUE...]",
        help="a plugin of QEMU's that watches what the guest runs; under TCG only",
    )
    guest.add_argument(
        "--no-kmemleak",
        dest="kmemleak",
        action="store_false",
        help="spare the scan for leaks, 7 s, that follows the command on the debug"
        " kernel when modules were loaded",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def default_processors(virtual_time):
    return PROCESSORS_IN_VIRTUAL_TIME if virtual_time else PROCESSORS


def parse(arguments):
    known = parser()
    values = known.parse_args(arguments)
    command = values.command
    if command and command[0] == "--":
        command = command[1:]
    if not command:
        known.error("no COMMAND to run")
    if len(command) == 1 and " " in command[0]:
        command = ["sh", "-c", command[0]]

    return Options(
        kernel=values.kernel,
        kernel_tree=values.kernel_tree,
        memory=values.memory,
        smp=values.smp or default_processors(values.virtual_time),
        pin=values.pin,
        virtual_time=values.virtual_time,
        load=tuple(request for requests in values.load for request in requests),
        share=tuple(values.share),
        timeout=values.timeout,
        firmware=values.firmware,
        tpm=values.tpm or values.tpm_state is not None,
        tpm_state=values.tpm_state,
        append=" ".join(values.append),
        initramfs=values.initramfs,
        drive=tuple(values.drive),
        service=values.service,
        forward=tuple(forward for forwards in values.forward for forward in forwards),
        capture=values.capture,
        env=tuple(values.env),
        log=values.log,
        monitor=values.monitor,
        plugin=values.plugin,
        kmemleak=values.kmemleak,
        command=tuple(command),
    )
