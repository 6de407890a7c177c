# SPDX-License-Identifier: MIT
"""Which of the guest's kernel functions an address is in, by a copy of its /proc/kallsyms.

It is all zeros unless sysctl kernel.kptr_restrict=0 came first.
"""

import bisect


class Functions:
    def __init__(self, path):
        known = []
        for line in path.read_text().splitlines():
            address, kind, *name = line.split()
            if kind in "tTwW":
                known.append((int(address, 16), " ".join(name)))
        known.sort()
        self.addresses = [address for address, _ in known]
        self.names = [name for _, name in known]

    def at(self, address):
        """A module's with its module's name, as "NAME [MODULE]"."""
        return self.names[bisect.bisect_right(self.addresses, address) - 1]
