# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # dir is theirs who source it
#
# A broker on this machine, and guests that ask it from their initramfs; tests/broker/run and
# scripts/demo source it. Everything is in directory $dir, which they make, and so is what the
# functions leave there.
#
#   prepare KERNEL                keys, a secret, an empty disk, and what the initramfs gets
#   start_broker POLICY           whose evidence it releases the secret for: a file of $dir
#   boot NAME [OPTION...] -- COMMAND...     UEFI, and always the same TPM; its log is $dir/NAME.log
#   stop_broker

broker=build/user/tsm-broker
broker_pid=

prepare() {
	kernel=$1
	mkdir "$dir/tpm" "$dir/share"
	(
		umask 077
		openssl genpkey -algorithm ed25519 -out "$dir/broker.key"
		head -c 32 /dev/urandom | xxd -p -c 0 | tr -d '\n' >"$dir/root.secret"
	)
	openssl pkey -in "$dir/broker.key" -pubout -out "$dir/broker.pub"
	# A key that there cannot be.
	printf '{"tpm": {"key_names": ["000b%064d"], "any_measurement": true}}\n' 0 >"$dir/nobody.json"
	truncate -s 32M "$dir/disk"
	tests/broker/archive "$kernel" "$dir/broker.pub" "$dir/archive"
}

start_broker() {
	cat >"$dir/broker.json" <<-END
		{
		    "listen": ["tcp:127.0.0.1:0"],
		    "key": "broker.key",
		    "log": "decisions.jsonl",
		    "refused": "refused.bin",
		    "secrets": [{"name": "root", "policy": "$1", "secret": "root.secret"}]
		}
	END
	rm -f "$dir/listening"
	"$broker" --config "$dir/broker.json" >"$dir/listening" &
	broker_pid=$!
	until [[ -s $dir/listening ]]; do
		kill -0 "$broker_pid" || return
		sleep 0.05
	done
}

stop_broker() {
	[[ -n $broker_pid ]] || return 0
	kill "$broker_pid" && wait "$broker_pid"
	broker_pid=
}

boot() {
	local name=$1 port
	shift
	port=$(<"$dir/listening")
	tests/vm/vm --kernel "$kernel" --firmware ovmf --tpm-state "$dir/tpm" --drive "$dir/disk" \
		--initramfs "$dir/archive" --service "${port##*:}" --capture "$dir/$name.pcap" \
		--share "$dir/share" --log "$dir/$name.log" --timeout 120 "$@"
}

# What tsm-unseal said on the console of a boot.
said() {
	grep -a '^tsm-unseal: ' "$dir/$1.log"
}
