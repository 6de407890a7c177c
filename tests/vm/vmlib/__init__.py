# SPDX-License-Identifier: MIT
"""The parts of tests/vm/vm, one idea a file."""
