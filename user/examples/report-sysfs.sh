#!/bin/bash
# SPDX-License-Identifier: MIT
#
# An attestation report as hex text through sysfs, as the script of 2023 meant it:
#
#   report-sysfs.sh PRIVLEVEL FORMAT INBLOB [SYSFS DIRECTORY]
#
# Needs the module tsmfd_sysfs2023. Two of these side by side mix up each other's
# options, which are the machine's. The generation counts the writes to them, so it
# tells afterwards; report.sh has nothing to tell.
set -euo pipefail

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
	echo "usage: report-sysfs.sh PRIVLEVEL FORMAT INBLOB [SYSFS DIRECTORY]" >&2
	exit 2
fi

# Where the kernel has a class tsm itself, the module's is called tsmfd2023.
class=/sys/class/tsmfd2023
[ -d "$class" ] || class=/sys/class/tsm
tsm=${4:-$class/tsm0}
before=$(<"$tsm/generation")
echo "$1" >"$tsm/privlevel"
echo "$2" >"$tsm/format"
echo "$3" >"$tsm/inhex"
echo "hex encoded attestation report for: $(<"$tsm/provider")" >&2
# From outblob and without -r, which turns hex into bytes.
report=$(xxd -p -c 0 "$tsm/outblob")
if [ $(($(<"$tsm/generation") - before)) != 3 ]; then
	echo "report-sysfs.sh: somebody else set options meanwhile: the report may be theirs" >&2
	exit 1
fi
echo "$report"
