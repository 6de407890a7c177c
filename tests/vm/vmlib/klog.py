# SPDX-License-Identifier: MIT
"""The guest's kernel log: put together from its two sources, and judged.

/dev/kmsg, streamed over a port, has every message but ends with user space; the
serial console has only the urgent ones but speaks until the last moment.
"""

import re

# What a kernel says when it is at fault, at any place of a message.
COMPLAINT = re.compile(
    r"""
      \bBUG\b                       # BUG: ..., kernel BUG at, SLUB's BUG kmalloc-64
    | \bWARNING:                    # WARN(), and most of lockdep
    | \bOops\b | \[\#\d+\]          # any die(): divide error: 0000 [#1] SMP
    | general\ protection\ fault
    | Kernel\ panic
    | \bUBSAN: | \bKASAN: | \bODEBUG:
    | refcount_t: | (?:list_(?:add|del)\w*)\ corruption
    | possible\ (?:circular|recursive|irq|unsafe)
    | suspicious\ RCU\ usage
    | inconsistent\ lock\ state | bad\ unlock\ balance | held\ lock\ freed
    | trying\ to\ register\ non-static\ key
    | lock\ held\ when\ returning\ to\ user\ space
    | unreferenced\ object\ 0x
    | kmemleak:\ (?:\d+\ new\ suspected|Cannot|Memory\ pool\ empty)
    | INFO:\ task\ .*\ blocked\ for\ more\ than
    | INFO:\ .*\bstall | detected\ (?:expedited\ )?stalls?
    | soft\ lockup | hard\ LOCKUP | workqueue\ lockup
    | cannot\ create\ duplicate\ filename | already\ present!
    | sysctl\ table\ check\ failed
    | Objects\ remaining\ in
    """,
    re.VERBOSE,
)

# User space's own faults, and a remark on how the host is set up.
INNOCENT = re.compile(
    r"""
      ^traps:\ .*\ general\ protection\ fault\ ip:
    | ^Spectre\ V2\ :\ WARNING:
    """,
    re.VERBOSE,
)

LINES_BEFORE = 3
LINES_AFTER = 40

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;=?]*[A-Za-z]|.)")
_KMSG_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_TIME = re.compile(r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?")


class KernelLog:
    """Collects /dev/kmsg records as they come, until the token says it is all."""

    def __init__(self, token):
        self.complete = False
        self._token = token
        self._rest = b""
        self._next_sequence = 0
        self._lines = []

    def feed(self, data):
        *records, self._rest = (self._rest + data).split(b"\n")
        for record in records:
            self._add(record.decode(errors="replace"))

    def _add(self, record):
        if self.complete or record.startswith(" "):  # a key of the record before
            return
        head, separator, message = record.partition(";")
        fields = head.split(",")
        if not separator or len(fields) < 3:
            return
        sequence = int(fields[1])
        if sequence < self._next_sequence:  # the reader started over
            return
        if sequence > self._next_sequence:
            self._lines.append(f"({sequence - self._next_sequence} messages were lost)")
        self._next_sequence = sequence + 1
        if message == self._token:
            self.complete = True
            return
        self._append(int(fields[2]) / 1e6, _unescape(message))

    def _append(self, seconds, message):
        for line in message.split("\n"):
            self._lines.append(f"[{seconds:12.6f}] {line}")

    def merged_with(self, console):
        """All lines: the messages, then what only the console has."""
        known = {_TIME.sub("", line) for line in self._lines}
        lines = [_ESCAPE_SEQUENCE.sub("", line).rstrip("\r") for line in console.split("\n")]
        extra = [line for line in lines if line.strip() and _TIME.sub("", line) not in known]
        if not extra:
            return self._lines
        return self._lines + ["--- only on the serial console: ---"] + extra


def _unescape(message):
    return _KMSG_ESCAPE.sub(lambda match: chr(int(match[1], 16)), message)


def is_complaint(line):
    message = _TIME.sub("", line)
    return bool(COMPLAINT.search(message)) and not INNOCENT.search(message)


def complaints(lines):
    """The offending lines with those around them; empty if the kernel is content."""
    shown = set()
    for number, line in enumerate(lines):
        if is_complaint(line):
            shown.update(range(max(0, number - LINES_BEFORE), number + LINES_AFTER + 1))
    return [line for number, line in enumerate(lines) if number in shown]
