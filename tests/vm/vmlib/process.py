# SPDX-License-Identifier: MIT
"""Child processes that never outlive the runner, even when it is killed."""

import ctypes
import os
import signal
import subprocess

NOWHERE = subprocess.DEVNULL
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(arguments, **how):
    """Popen, for a process that the kernel kills when this one is gone."""
    parent = os.getpid()

    def die_with_parent():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # gone before we asked
            os._exit(1)

    # A terminal's ^C goes to the whole group: the runner alone shall answer it.
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
        process_group=0,
        **how,
    )


def stop(process, patience=5):
    """Kills a process. A virtual machine has nothing to say in its last moments."""
    if process.poll() is None:
        process.kill()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        pass  # stuck in the kernel; it holds nothing that we wait for
