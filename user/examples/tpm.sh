#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A report of the guest's TPM, verified: tpm.sh [TSMCTL]
#
# A verifier has the report from elsewhere, chooses the challenge itself, and knows the key (--ak)
# and what it wants PCRs to be (--expect-pcr).
set -eu

tsmctl=${1:-tsmctl}
report=$(mktemp)
trap 'rm -f "$report"' EXIT
challenge=$(head -c 32 /dev/urandom | xxd -p -c 0)

"$tsmctl" report --inblob "$challenge" --format extended --raw -o "$report"
"$tsmctl" eventlog "$report"
echo
"$tsmctl" verify "$report" --challenge "$challenge"
