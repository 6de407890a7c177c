# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the scripts of the tests have in common; they source it.
#
# A test is a command: verdict NAME COMMAND... prints "ok   NAME", or what it said and "FAIL
# NAME". program() runs one that prints such lines itself. Under count(), which runs a VM, all is
# passed on, and the verdicts are counted; summary() says how many they are.

# Provider N's node is ${node}N.
# shellcheck disable=SC2034 # for those who source this
node=/dev/tsmfd

# The first argument of many a script: which kernel of tests/kernels.toml, for which the files
# named after it have to be there. Exits with 2 else.
require_kernel() {
	local kernel=$1 needed
	shift
	if [[ ! -e build/kernels/$kernel/release ]]; then
		echo "$0: there is no kernel '$kernel': run scripts/fetch-kernels $kernel; tests/kernels.toml has all" >&2
		exit 2
	fi
	for needed in "$@"; do
		[[ -e $needed ]] && continue
		echo "$0: there is no $needed: run scripts/build-kmod $kernel and make guest-programs" >&2
		exit 2
	done
}

# Our module in place of the kernel's for configfs-tsm: dropin/tsm.ko, or tsm_report.ko from Linux
# 6.16 on. Nothing where the kernel has none.
dropin_of() {
	local file
	for file in "$1"/dropin/*.ko; do
		[[ ! -e $file ]] || echo "$file"
	done
}

# Whether that kernel has configfs-tsm; says SKIP, with why and a count, if not.
skip_without_tsm() {
	[[ -z $(dropin_of "build/kmod/$1") && -e build/kmod/$1/tsmfd.ko ]] || return 1
	skip "$2" "this kernel has no configfs-tsm (it is in Linux 6.7 and later)"
	echo "0 passed, 0 failed, 1 skipped"
}

verdict() {
	local name=$1 said
	shift
	# Not in a substitution, which waits for what a command leaves running.
	said=$(mktemp)
	if ("$@") >"$said" 2>&1; then
		echo "ok   $name"
	else
		sed 's/^/     /' "$said"
		echo "FAIL $name"
	fi
	rm -f "$said"
}

skip() {
	echo "SKIP $1: $2"
}

# Is true if the command is not.
refuses() {
	! "$@"
}

# program NAME COMMAND...: its exit status is 0, or 1 if a verdict of its is FAIL; with another it
# did not come to its end.
program() {
	local name=$1 status=0
	shift
	"$@" || status=$?
	[[ $status -le 1 ]] || echo "FAIL $name: exit status $status"
}

passed=0
failed=0
skipped=0
count_status=0

lines_of() {
	grep -c "^$1 " "$2" || true
}

# count END COMMAND...: the verdicts of a command; that a line of it begins with what END matches
# shows that it came to its end. Its own summary, if it has one, is not passed on.
count() {
	local end=$1 output status=0 bad
	shift
	output=$(mktemp)
	{ "$@" || echo "$?" >"$output.status"; } | tee "$output" |
		grep --line-buffered -vE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' || true
	[[ ! -e $output.status ]] || status=$(<"$output.status")
	bad=$(lines_of FAIL "$output")
	# A command that only tells of its failed verdicts exits with 1.
	if [[ $status -gt 1 || ($status == 1 && $bad == 0) ]] || ! grep -qE "^($end)" "$output"; then
		echo "FAIL $*: ended with status $status"
		bad=$((bad + 1))
	fi
	passed=$((passed + $(lines_of ok "$output")))
	skipped=$((skipped + $(lines_of SKIP "$output")))
	failed=$((failed + bad))
	[[ $status == 0 ]] || count_status=$status
	rm -f "$output" "$output.status"
}

# Ends the script: with 0, with the status of the command that was counted and failed, or with 1.
summary() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[[ $failed -gt 0 ]] || exit 0
	exit "$((count_status > 0 ? count_status : 1))"
}
