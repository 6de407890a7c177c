# SPDX-License-Identifier: MIT
"""Exit statuses of the runner that are not the command's own."""

EXIT_KERNEL_COMPLAINED = 99
EXIT_TIMED_OUT = 124
EXIT_RUNNER_FAILED = 125


class VmError(Exception):
    """The command could not be run. The text says what was tried and what to do."""
