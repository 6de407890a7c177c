#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Has tpm2_checkquote, which knows nothing of tsmfd, judge a report of tsmfd_tpm:
# it must accept the report, and refuse it with one bit changed in the nonce, in
# the quote or in the signature.
#
#   tpm_checkquote.sh REPORT NONCE    a file, and in hex the inblob it answers
#   tpm_checkquote.sh /dev/tsmN       asks the device for one with a new nonce
#
# Prints TAP; the exit status is 0 if every test passed, 1 if one failed, and 2
# if there was nothing to test.
set -euo pipefail

readonly HEAD_LEN=24	# struct tsmfd_tpm_report, <linux/tsmfd.h>

die() {
	echo "tpm_checkquote: $*" >&2
	exit 2
}

# Prints $3 bytes of file $1 from offset $2 on.
bytes_of() {
	tail -c "+$(($2 + 1))" "$1" | head -c "$3"
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
	die "usage: tpm_checkquote.sh REPORT NONCE | tpm_checkquote.sh /dev/tsmN"
fi
split "$report"

last_digit=$((16#${nonce: -1} ^ 1))
other_nonce=${nonce%?}$(printf %x $last_digit)
attest_len=$(stat -c %s "$dir/attest")
signature_len=$(stat -c %s "$dir/signature")
# The last byte of each: of the PCRs' digest, and of the signature's s.
turn_bit "$dir/attest" "$dir/other_attest" $((attest_len - 1))
turn_bit "$dir/signature" "$dir/other_signature" $((signature_len - 1))

echo 1..4
check "tpm2_checkquote accepts the report" \
	is_accepted "$dir/attest" "$dir/signature" "$nonce"
check "it refuses another nonce" \
	is_refused "$dir/attest" "$dir/signature" "$other_nonce"
check "it refuses a changed quote" \
	is_refused "$dir/other_attest" "$dir/signature" "$nonce"
check "it refuses a changed signature" \
	is_refused "$dir/attest" "$dir/other_signature" "$nonce"
[ $failures = 0 ]
