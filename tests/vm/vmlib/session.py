# SPDX-License-Identifier: MIT
"""One boot: starts QEMU, carries the command's output, and says how it ended."""

import os
import select
import selectors
import time
from dataclasses import dataclass, field
from enum import Enum, auto

from . import process, qemu
from .accelerator import INIT_REACHED
from .errors import VmError
from .klog import KernelLog

BOOT_SECONDS = 120
POWER_OFF_SECONDS = 10
CHUNK = 1 << 16


class End(Enum):
    EXITED = auto()  # the command, with a status
    FAILED = auto()  # the guest could not run the command, and says why
    TIMED_OUT = auto()
    DIED = auto()  # the machine, with no word from the guest
    NEVER_BOOTED = auto()  # the same, before the guest's init


@dataclass
class Outcome:
    end: End
    status: int = 0
    reason: str = ""
    log: list = field(default_factory=list)


class OutputStream:
    """Passes data on to a file descriptor, up to the token that ends it."""

    def __init__(self, descriptor, token):
        self.complete = False
        self._descriptor = descriptor
        self._token = token.encode()
        self._held = b""

    def feed(self, data):
        data, found, _ = (self._held + data).partition(self._token)
        self.complete = bool(found)
        held = 0 if found else self._length_of_token_begun(data)
        self._write(data[: len(data) - held])
        self._held = data[len(data) - held :]

    def _length_of_token_begun(self, data):
        """How much of the token the data may end with; the rest can go at once."""
        longest = min(len(self._token) - 1, len(data))
        return next((n for n in range(longest, 0, -1) if data.endswith(self._token[:n])), 0)

    def finish(self):
        """Lets go of what is held when no more will come."""
        self._write(self._held)
        self._held = b""

    def _write(self, data):
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # whoever started us left it non-blocking
                select.select([], [self._descriptor], [])


class StatusStream:
    """The guest's last word: "exit N" or "failed REASON"."""

    def __init__(self):
        self.word = None
        self._text = b""

    @property
    def complete(self):
        return self.word is not None

    def feed(self, data):
        self._text += data
        if b"\n" in self._text:
            self.word = self._text.partition(b"\n")[0].decode(errors="replace")


class Session:
    def __init__(self, arguments, scratch, token, deadline, when_booted):
        self._console = scratch / "console"
        self._console.unlink(missing_ok=True)
        self._deadline = deadline
        self._when_booted = when_booted  # called with QEMU's process number
        self._boot_deadline = time.monotonic() + BOOT_SECONDS
        self._streams = {
            "status": StatusStream(),
            "stdout": OutputStream(1, token),
            "stderr": OutputStream(2, token),
            "kmsg": KernelLog(token),
        }
        port_arguments, self._ports, inherited = qemu.ports()
        self._qemu = process.spawn(
            arguments + port_arguments, pass_fds=[end.fileno() for end in inherited]
        )
        for end in inherited:
            end.close()

    def run(self):
        try:
            outcome = self._carry()
        finally:
            process.stop(self._qemu)
            for port in self._ports.values():
                port.close()
        self._streams["stdout"].finish()
        self._streams["stderr"].finish()
        outcome.log = self._streams["kmsg"].merged_with(self._console_text())
        return outcome

    def _carry(self):
        """Copies until the guest has said all, QEMU has gone, or time is up."""
        with selectors.DefaultSelector() as selector:
            for name, port in self._ports.items():
                selector.register(port, selectors.EVENT_READ, name)
            while selector.get_map():
                left = self._time_left()
                if left <= 0:
                    return self._out_of_time()
                for key, _ in selector.select(left):
                    self._copy(selector, key)
        return self._ended()

    def _copy(self, selector, key):
        try:
            data = key.fileobj.recv(CHUNK)
        except ConnectionResetError:
            data = b""
        if data:
            self._streams[key.data].feed(data)
        else:
            selector.unregister(key.fileobj)

    def _time_left(self):
        now = time.monotonic()
        if self._said_all():
            self._deadline = min(self._deadline, now + POWER_OFF_SECONDS)
        elif not self._booted():
            return min(self._deadline, self._boot_deadline) - now
        return self._deadline - now

    def _said_all(self):
        return all(stream.complete for stream in self._streams.values())

    def _booted(self):
        """Whether the guest's init has run; asked often only until it has."""
        if self._boot_deadline is None:
            return True
        if INIT_REACHED not in self._console_text().encode():
            return False
        self._boot_deadline = None
        self._when_booted(self._qemu.pid)
        return True

    def _out_of_time(self):
        if self._streams["status"].complete:
            return self._ended()
        if not self._booted() and time.monotonic() < self._deadline:
            return Outcome(End.NEVER_BOOTED, reason=f"no init after {BOOT_SECONDS} s")
        return Outcome(End.TIMED_OUT)

    def _ended(self):
        word = self._streams["status"].word
        if word is None:
            if self._booted():
                return Outcome(End.DIED)
            self._check_that_qemu_ran()
            return Outcome(End.NEVER_BOOTED, reason="the machine stopped")
        verb, _, rest = word.partition(" ")
        if verb == "exit":
            return Outcome(End.EXITED, status=int(rest))
        return Outcome(End.FAILED, reason=rest)

    def _check_that_qemu_ran(self):
        """A guest that panics or powers off leaves QEMU content."""
        if self._qemu.wait() != 0:
            raise VmError(f"QEMU failed with status {self._qemu.returncode}: see above")

    def _console_text(self):
        if not self._console.exists():
            return ""
        return self._console.read_bytes().decode(errors="replace")
