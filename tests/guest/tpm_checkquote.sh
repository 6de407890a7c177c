#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Has tpm2_checkquote, which knows nothing of tsmfd, judge a report of tsmfd_tpm:
# it must accept the report, with the PCRs that the TPM says it has and with the
# firmware's event log, and refuse it with one bit changed in the nonce, in the
# quote, in the signature or in a PCR.
#
#   tpm_checkquote.sh REPORT NONCE    a file, and in hex the inblob it answers
#   tpm_checkquote.sh /dev/tsmfdN       asks the device for one with a new nonce
#
# Prints TAP; the exit status is 0 if every test passed, 1 if one failed, and 2
# if there was nothing to test.
set -euo pipefail

readonly HEAD_LEN=24	# struct tsmfd_tpm_report, <linux/tsmfd_tpm.h>
readonly PCRS=sha256:0,1,2,3,4,5,6,7,8,9
readonly LOG=/sys/kernel/security/tpm0/binary_bios_measurements

die() {
	echo "tpm_checkquote: $*" >&2
	exit 2
}

# Prints $3 bytes of file $1 from offset $2 on.
bytes_of() {
	dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none
}

# Prints the __le32 at offset $2 of file $1.
le32_of() {
	local b
	read -ra b < <(bytes_of "$1" "$2" 4 | od -An -tu1)
	[ ${#b[@]} = 4 ] || die "$1 ends before offset $(($2 + 4))"
	echo $((b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24))
}

# Asks device $1 for a report that answers $2, into file $3.
ask() {
	exec 3<>"$1"
	echo "inblob=$2" >&3
	cat <&3 >"$3"
	exec 3>&-
}

# Splits report $1 into $dir/attest, $dir/signature and $dir/public.
split() {
	local attest_len signature_len public_len whole
	[ "$(bytes_of "$1" 0 8)" = TSMFDTPM ] || die "$1 is no report of tsmfd_tpm"
	[ "$(le32_of "$1" 8)" = 1 ] || die "$1 is not of version 1"
	attest_len=$(le32_of "$1" 12)
	signature_len=$(le32_of "$1" 16)
	public_len=$(le32_of "$1" 20)
	whole=$((HEAD_LEN + attest_len + signature_len + public_len))
	[ "$(stat -c %s "$1")" = $whole ] || die "$1 is not $whole bytes long"

	bytes_of "$1" $HEAD_LEN "$attest_len" >"$dir/attest"
	bytes_of "$1" $((HEAD_LEN + attest_len)) "$signature_len" >"$dir/signature"
	bytes_of "$1" $((HEAD_LEN + attest_len + signature_len)) "$public_len" >"$dir/public"
}

# Copies file $1 to $2 with the lowest bit of the byte at offset $3 turned.
turn_bit() {
	local old
	old=$(bytes_of "$1" "$3" 1 | od -An -tu1)
	cp "$1" "$2"
	# shellcheck disable=SC2059 # the byte is the format
	printf "\\x$(printf %02x $((old ^ 1)))" |
		dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}

# Is quote $1 with signature $2 an answer to the nonce $3?
is_accepted() {
	tpm2_checkquote -u "$dir/public" -m "$1" -s "$2" -g sha256 -q "$3" \
		>"$dir/said" 2>&1
}

is_refused() {
	! is_accepted "$@"
}

# Is the quote over the PCRs of file $1?
is_accepted_with() {
	tpm2_checkquote -u "$dir/public" -m "$dir/attest" -s "$dir/signature" -g sha256 \
		-q "$nonce" -f "$1" >"$dir/said" 2>&1
}

is_refused_with() {
	! is_accepted_with "$@"
}

# Does the event log of file $1 lead to the PCRs that were quoted?
is_accepted_with_log() {
	tpm2_checkquote -u "$dir/public" -m "$dir/attest" -s "$dir/signature" -g sha256 \
		-q "$nonce" -f "$dir/pcrs" -e "$1" >"$dir/said" 2>&1
}

is_refused_with_log() {
	! is_accepted_with_log "$@"
}

# Runs a test named $1, which is the command that follows.
check() {
	local name=$1
	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests $name"
	else
		failures=$((failures + 1))
		echo "not ok $tests $name"
		sed 's/^/# /' "$dir/said"
	fi
}

command -v tpm2_checkquote >/dev/null || die "there is no tpm2_checkquote: install tpm2-tools"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tests=0 failures=0

if [ $# = 1 ] && [ -c "$1" ]; then
	nonce=$(head -c 32 /dev/urandom | od -An -tx1 -v | tr -d ' \n')
	report=$dir/report
	ask "$1" "$nonce" "$report" || die "$1 gave no report"
elif [ $# = 2 ]; then
	report=$1 nonce=${2,,}
	[[ $nonce =~ ^([0-9a-f]{2}){1,64}$ ]] || die "'$2' is not 1 to 64 bytes in hex"
else
	die "usage: tpm_checkquote.sh REPORT NONCE | tpm_checkquote.sh /dev/tsmfdN"
fi
split "$report"

last_digit=$((16#${nonce: -1} ^ 1))
other_nonce=${nonce%?}$(printf %x $last_digit)
attest_len=$(stat -c %s "$dir/attest")
signature_len=$(stat -c %s "$dir/signature")
# The last byte of each: of the PCRs' digest, and of the signature's s.
turn_bit "$dir/attest" "$dir/other_attest" $((attest_len - 1))
turn_bit "$dir/signature" "$dir/other_signature" $((signature_len - 1))

tpm2_pcrread -Q -F serialized -o "$dir/pcrs" $PCRS || die "tpm2_pcrread read no PCRs"
# The first byte of PCR 0: behind a TPML_PCR_SELECTION as C lays it out, the number
# of the TPML_DIGESTs, and the heads of the first of them and of its first digest.
turn_bit "$dir/pcrs" "$dir/other_pcrs" $((132 + 4 + 4 + 2))
# A file of securityfs has no size. The byte is of the first measured event's SHA-256.
cat $LOG >"$dir/log"
turn_bit "$dir/log" "$dir/other_log" 140

echo 1..8
check "tpm2_checkquote accepts the report" \
	is_accepted "$dir/attest" "$dir/signature" "$nonce"
check "it refuses another nonce" \
	is_refused "$dir/attest" "$dir/signature" "$other_nonce"
check "it refuses a changed quote" \
	is_refused "$dir/other_attest" "$dir/signature" "$nonce"
check "it refuses a changed signature" \
	is_refused "$dir/attest" "$dir/other_signature" "$nonce"
check "it accepts the TPM's PCRs" is_accepted_with "$dir/pcrs"
check "it refuses a changed PCR" is_refused_with "$dir/other_pcrs"
check "it accepts the firmware's event log" is_accepted_with_log "$dir/log"
check "it refuses a changed event log" is_refused_with_log "$dir/other_log"
[ $failures = 0 ]
