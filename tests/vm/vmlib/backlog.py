# SPDX-License-Identifier: MIT
"""Makes QEMU's forwarded ports take many connections at once.

slirp calls listen(2) with a backlog of 1, and with the third connection that comes before it
has looked, a SYN is dropped, which its sender notices after a second. The backlog belongs to
the socket, and whoever has a copy of it may call listen(2) again.
"""

import ctypes
import os
import re
import socket
from pathlib import Path

from .errors import VmError

BACKLOG = 4096
SYS_PIDFD_GETFD = 438  # Linux 5.6; a parent may, of its child
_libc = ctypes.CDLL(None, use_errno=True)


def deepen(pid, ports):
    """Ports: of TCP, that process pid listens on."""
    if not ports:
        return
    process = os.pidfd_open(pid)
    try:
        for descriptor in _sockets(pid):
            with _copy(process, descriptor) as copy:
                if _is_listener(copy) and copy.getsockname()[1] in ports:
                    copy.listen(BACKLOG)
    finally:
        os.close(process)


def _sockets(pid):
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except FileNotFoundError:  # closed meanwhile
            continue
        if re.match(r"socket:", target):
            yield int(entry.name)


def _copy(process, descriptor):
    copied = _libc.syscall(SYS_PIDFD_GETFD, process, descriptor, 0)
    if copied < 0:
        why = os.strerror(ctypes.get_errno())
        raise VmError(f"cannot get at QEMU's sockets (pidfd_getfd: {why})")
    return socket.socket(fileno=copied)


def _is_listener(copy):
    return copy.family == socket.AF_INET and copy.getsockopt(
        socket.SOL_SOCKET, socket.SO_ACCEPTCONN
    )
