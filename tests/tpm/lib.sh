# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the scripts of this folder have in common; they source it.
# shellcheck source=tests/lib.sh
. tests/lib.sh

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

# Writes the key that report $1 is of, in hexadecimal, to file $2: for who asks whether it is whole,
# and not whose it is.
key_of() {
	build/user/tsmctl show --json "$1" | sed -n 's/.*"public_key": "\([0-9a-f]*\)".*/\1/p' >"$2"
}

# Which kernel of tests/vm/vm, of a script's first argument; the modules are built for it.
kernel_of() {
	local script=$1 kernel=${2-}
	if [[ ! $kernel ]]; then
		echo "usage: $script KERNEL" >&2
		exit 2
	fi
	require_kernel "$kernel" "build/kmod/$kernel/tsmfd_tpm.ko" build/user/tsmctl build/user/tsm-stress
}
