# SPDX-License-Identifier: MIT
"""A TPM 2.0 in software, one for each boot."""

import shutil
import time

from . import process
from .errors import VmError

START_SECONDS = 10


class SoftwareTpm:
    """swtpm, running while in a with statement; or nothing, when none is wanted."""

    @classmethod
    def for_options(cls, options, scratch):
        if not options.tpm:
            return _NoTpm()
        return cls(options.tpm_state, scratch)

    def __init__(self, state, scratch):
        self._socket = scratch / "swtpm-socket"
        self._state = (state or scratch / "swtpm-state").resolve()
        self._fresh = state is None
        self._process = None

    def __enter__(self):
        binary = shutil.which("swtpm")
        if not binary:
            raise VmError("there is no swtpm: run scripts/install-deps")
        if self._fresh:
            shutil.rmtree(self._state, ignore_errors=True)
        self._state.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        self._process = process.spawn(
            [binary, "socket", "--tpm2", "--tpmstate", f"dir={self._state}"]
            + ["--ctrl", f"type=unixio,path={self._socket}"]
            # For a test that is about the TPM's death.
            + ["--pid", f"file={self._state / 'swtpm.pid'}"]
        )
        self._wait_for_socket()
        return self

    def __exit__(self, *_):
        process.stop(self._process)

    def qemu_arguments(self):
        return [
            *("-chardev", f"socket,id=swtpm,path={self._socket}"),
            *("-tpmdev", "emulator,id=tpm,chardev=swtpm"),
            *("-device", "tpm-crb,tpmdev=tpm"),
        ]

    def _wait_for_socket(self):
        deadline = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            if self._process.poll() is not None:
                raise VmError(f"swtpm with state in {self._state} stopped at once")
            if time.monotonic() > deadline:
                process.stop(self._process)
                raise VmError(f"swtpm made no socket in {START_SECONDS} s")
            time.sleep(0.02)


class _NoTpm:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        pass
