#!/bin/bash
# SPDX-License-Identifier: MIT
#
# An attestation report as hex text, from a shell:
#
#   report.sh PRIVLEVEL FORMAT INBLOB [DEVICE]
#
#   report.sh 2 extended "$(head -c 64 /dev/urandom | xxd -p -c 0)"
#
# FORMAT is default or extended, INBLOB the challenge: 2 to 128 hex digits, and
# DEVICE /dev/tsmfd0 unless given. The open file 3 has options of its own: any
# number of these may run at the same time, and none gets another's report.
set -euo pipefail

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
	echo "usage: report.sh PRIVLEVEL FORMAT INBLOB [DEVICE]" >&2
	exit 2
fi

exec 3<>"${4:-/dev/tsmfd0}"
echo "privlevel=$1 format=$2 inblob=$3" >&3
xxd -p -c 0 <&3
