# SPDX-License-Identifier: MIT
"""The whole of a run: prepare, boot (again, if the boot was stillborn), judge."""

import dataclasses
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

from . import accelerator, affinity, backlog, job, kernels, klog, modules, qemu
from .errors import (
    EXIT_KERNEL_COMPLAINED,
    EXIT_RUNNER_FAILED,
    EXIT_TIMED_OUT,
    VmError,
)
from .session import End, Session
from .tpm import SoftwareTpm

BOOT_ATTEMPTS = 3
LAST_LINES_SHOWN = 50
COMPLAINT_LINES_SHOWN = 400


def note(text):
    print(f"vm: {text}", file=sys.stderr, flush=True)


def run(root, options):
    deadline = time.monotonic() + options.timeout
    kernel = (kernels.in_tree(root, options.kernel_tree) if options.kernel_tree
              else kernels.find(root, options.kernel))
    steps = modules.plan(kernel, options.load)
    find_leaks = options.kmemleak and modules.any_of_ours(steps)
    # In /tmp: a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="tsmfd-vm.") as directory:
        scratch = Path(directory)
        token = secrets.token_hex(16)
        (scratch / "job").mkdir()
        (scratch / "job/job").write_text(
            job.text(root, kernel, options, steps, token, Path.cwd(), find_leaks)
        )
        chosen = _choose_accelerator(root, kernel, options, scratch)

        def when_booted(pid):
            if options.pin:
                affinity.pin(pid, options.smp)
            try:
                backlog.deepen(pid, {forward.port for forward in options.forward})
            except VmError as error:
                note(f"{error}: a forwarded port takes but two connections at a time")

        def start(tpm):
            arguments = qemu.machine(kernel, options, chosen, scratch, tpm, find_leaks)
            return Session(arguments, scratch, token, deadline, when_booted)

        outcome = _boot(kernel, options, scratch, start)

    log_file = _keep_log(root, kernel, options, outcome.log)
    return _judge(options, outcome, log_file)


def _choose_accelerator(root, kernel, options, scratch):
    chosen = (accelerator.VIRTUAL_TIME if options.virtual_time
              else _choose_for_speed(root, kernel, options, scratch))
    note(f"booting {kernel.release} with {chosen.name}")
    return chosen


def _choose_for_speed(root, kernel, options, scratch):
    plain = dataclasses.replace(
        options, firmware="seabios", share=(), append="", initramfs=None, drive=(), service=None,
        forward=(), monitor=None, plugin=None
    )
    return accelerator.choose(
        root,
        kernel,
        lambda tried: qemu.machine(kernel, plain, tried, scratch),
        scratch,
    )


def _boot(kernel, options, scratch, start):
    """About one boot of a stock kernel in a hundred dies under TCG before its init
    with nothing of ours loaded. Such a boot says nothing about us: try again."""
    for attempt in range(1, BOOT_ATTEMPTS + 1):
        with SoftwareTpm.for_options(options, scratch) as tpm:
            outcome = start(tpm).run()
        if outcome.end is not End.NEVER_BOOTED:
            break
        if attempt < BOOT_ATTEMPTS:
            note(f"{kernel.release} did not reach init ({outcome.reason}): booting again")
    return outcome


def _keep_log(root, kernel, options, lines):
    path = options.log
    if path is None:
        directory = root / "build/vm/log"
        directory.mkdir(parents=True, exist_ok=True)
        when = time.strftime("%Y%m%d-%H%M%S")
        path = directory / f"{when}-{os.getpid()}-{kernel.name}.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def _judge(options, outcome, log_file):
    # The kernel's complaint comes first: it explains most other endings.
    complaints = klog.complaints(outcome.log)
    if complaints and outcome.end is not End.NEVER_BOOTED:
        note(f"the kernel complained (whole log: {log_file}):")
        _show(complaints)
        return EXIT_KERNEL_COMPLAINED

    if outcome.end is End.EXITED:
        return outcome.status
    status, what = {
        End.TIMED_OUT: (EXIT_TIMED_OUT, f"time is up after {options.timeout:g} s"),
        End.FAILED: (EXIT_RUNNER_FAILED, outcome.reason),
        End.DIED: (EXIT_KERNEL_COMPLAINED, "the machine died without a word of its init's"),
        End.NEVER_BOOTED: (EXIT_RUNNER_FAILED, f"no boot of {BOOT_ATTEMPTS} reached init"),
    }[outcome.end]
    note(f"{what}; the kernel's last words (whole log: {log_file}):")
    _show(outcome.log[-LAST_LINES_SHOWN:])
    return status


def _show(lines):
    for line in lines[:COMPLAINT_LINES_SHOWN]:
        print(f"  {line}", file=sys.stderr)
    if len(lines) > COMPLAINT_LINES_SHOWN:
        print(f"  ({len(lines) - COMPLAINT_LINES_SHOWN} more)", file=sys.stderr)
    sys.stderr.flush()
