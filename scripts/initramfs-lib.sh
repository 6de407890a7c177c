# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the scripts that make an initramfs have in common; they source it.

# The module files to insert, in order, for modules of the kernel whose tree is $1, of release $2;
# those built into the kernel have none.
module_files() {
	local base=$1 version=$2 module
	shift 2
	for module; do
		modprobe --show-depends -d "$base" -S "$version" "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# Copies module file $1 to directory $2, in whose file `order` it comes last. Busybox inserts plain
# modules only.
copy_module() {
	local file=$1 directory=$2 name
	name=$(basename "$file")
	case $name in
	*.xz) xz -dc "$file" >"$directory/${name%.xz}" ;;
	*.zst) zstd -qdc "$file" >"$directory/${name%.zst}" ;;
	*) cp "$file" "$directory/$name" ;;
	esac
	name=${name%.xz}
	echo "${name%.zst}" >>"$directory/order"
}

# Copies a program to the same place below $2, with the libraries that it is linked with.
copy_program() {
	local program=$1 to=$2 file
	install -D -m 755 "$program" "$to/bin/${program##*/}"
	ldd "$program" | sed -nE 's/.*=> (\/[^ ]+).*/\1/p; s/^\t(\/[^ ]+) .*/\1/p' | while read -r file; do
		install -D -m 755 "$file" "$to$file"
	done
}

# An archive of directory $1 as file $2. The same tree gives the same bytes, so that what firmware
# measures of it is the same.
pack() {
	(cd "$1" && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc) >"$2"
}
