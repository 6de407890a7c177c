# SPDX-License-Identifier: MIT
"""swtpm behind a virtual TPM of this kernel (tpm_vtpm_proxy): what programs have in common that
change on the way what goes in, or what comes out.

    swtpm = proxied.start_swtpm(directory)
    proxied.serve(lambda command: proxied.run(swtpm, command), log)
"""

import errno
import fcntl
import os
import socket
import struct
import subprocess
import sys
import time

# struct vtpm_proxy_new_dev: flags, tpm_num, fd, major, minor
NEW_DEV = struct.Struct("=5I")
VTPM_PROXY_IOC_NEW_DEV = 3 << 30 | NEW_DEV.size << 16 | 0xA1 << 8
VTPM_PROXY_FLAG_TPM2 = 1
COMMAND_MAX = 4096

HEADER = struct.Struct(">HII")  # tag, size, command or response code
NO_SESSIONS = 0x8001
CC_SET_LOCALITY = 0x20001000  # the kernel's, to whoever is behind a virtual TPM
RC_SUCCESS = 0


def answer(code):
    return HEADER.pack(NO_SESSIONS, HEADER.size, code)


def code_of(message):
    return HEADER.unpack_from(message)[2]


def read_whole(stream):
    """A command or a response, which says itself how long it is."""
    data = b""
    while len(data) < HEADER.size or len(data) < HEADER.unpack_from(data)[1]:
        more = stream.recv(COMMAND_MAX)
        if not more:
            sys.exit("swtpm is gone")
        data += more
    return data


def run(swtpm, command):
    swtpm.sendall(command)
    return read_whole(swtpm)


def start_swtpm(directory):
    path = directory / "socket"
    subprocess.Popen(["swtpm", "socket", "--tpm2", "--terminate", "--tpmstate", f"dir={directory}",
                      "--server", f"type=unixio,path={path}",
                      "--flags", "not-need-init,startup-clear"])
    stream = socket.socket(socket.AF_UNIX)
    for _ in range(100):
        try:
            stream.connect(str(path))
            return stream
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.1)
    sys.exit("swtpm does not start")


def make_device():
    """The device's other side: reads commands, writes responses."""
    control = os.open("/dev/vtpmx", os.O_RDWR)
    made = bytearray(NEW_DEV.pack(VTPM_PROXY_FLAG_TPM2, 0, 0, 0, 0))
    fcntl.ioctl(control, VTPM_PROXY_IOC_NEW_DEV, made)
    return NEW_DEV.unpack(made)[2]


def serve(respond, log):
    """Has respond(command) give each response; until this process ends."""
    device = make_device()
    while True:
        command = os.read(device, COMMAND_MAX)
        code = code_of(command)
        response = answer(RC_SUCCESS) if code == CC_SET_LOCALITY else respond(command)
        try:
            os.write(device, response)
        except OSError as error:
            # The kernel has given the command up, on a machine that is busy otherwise.
            if error.errno != errno.EIO:
                raise
            print(f"late: {code:#x}", file=log)
