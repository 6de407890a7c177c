# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the scripts of this folder have in common; they source it.
#
# A test is a command: verdict NAME COMMAND... prints "ok   NAME", or what it said and "FAIL
# NAME". Under count(), which runs a VM, the lines are passed on, and counted.

verdict() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "ok   $name"
	else
		# shellcheck disable=SC2001 # of every line
		sed 's/^/     /' <<<"$said"
		echo "FAIL $name"
	fi
}

skip() {
	echo "SKIP $1: $2"
}

# Is true if the command is not.
refuses() {
	! "$@"
}

# Copies file $1 to $2 with the lowest bit of the byte at offset $3 turned; an offset below 0
# counts from the end.
turn_bit() {
	python3 - "$@" <<-'END'
		import sys
		data = bytearray(open(sys.argv[1], "rb").read())
		data[int(sys.argv[3])] ^= 1
		open(sys.argv[2], "wb").write(data)
	END
}

passed=0
failed=0
skipped=0

lines_of() {
	grep -c "^$1 " "$2" || true
}

# count LAST COMMAND...: the verdicts of a command, of which one that begins with LAST shows that
# it came to its end.
count() {
	local last=$1 output status
	shift
	output=$(mktemp)
	"$@" >"$output" && status=0 || status=$?
	grep -E '^(ok  |FAIL|SKIP|    ) ' "$output" || true
	passed=$((passed + $(lines_of ok "$output")))
	skipped=$((skipped + $(lines_of SKIP "$output")))
	failed=$((failed + $(lines_of FAIL "$output")))
	if [[ $status != 0 ]] || ! grep -qE "^(ok  |FAIL|SKIP) $last" "$output"; then
		echo "FAIL $*: ended with status $status"
		failed=$((failed + 1))
	fi
	rm -f "$output"
}

summary() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[[ $failed == 0 ]]
}

# Which kernel of tests/vm/vm, of a script's first argument; the modules are built for it.
kernel_of() {
	local script=$1 kernel=${2-}
	if [[ ! $kernel =~ ^(6\.1|6\.12|debug)$ ]]; then
		echo "usage: $script 6.1|6.12|debug" >&2
		exit 2
	fi
	local needed
	for needed in "build/kmod/$kernel/tsmfd_tpm.ko" build/user/tsmctl build/user/tsm-stress; do
		[[ -e $needed ]] && continue
		echo "$script: there is no $needed: run make user kmod-$kernel" >&2
		exit 2
	done
}
