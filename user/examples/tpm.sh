#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A report of the guest's TPM, verified: tpm.sh [TSMCTL]
#
# A verifier has the report from elsewhere, chooses the challenge itself, and knows the key (--ak)
# and what it wants PCRs to be (--expect-pcr). Here the key is taken from the report itself, as
# nobody else is there to know it: without --ak no report holds.
set -eu

tsmctl=${1:-tsmctl}
report=$(mktemp)
key=$(mktemp)
trap 'rm -f "$report" "$key"' EXIT
challenge=$(head -c 32 /dev/urandom | xxd -p -c 0)

"$tsmctl" report --challenge "$challenge" --format extended --raw -o "$report"
"$tsmctl" eventlog "$report"
echo
"$tsmctl" show --json "$report" | sed -n 's/.*"public_key": "\([0-9a-f]*\)".*/\1/p' >"$key"
"$tsmctl" verify "$report" --challenge "$challenge" --ak "$key"
