# SPDX-License-Identifier: MIT
#
# bash completion for tsmctl(1). Without helpers of bash-completion's.

_tsmctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words=

	if ((COMP_CWORD == 1)); then
		words='providers report show verify verify-proof eventlog stats events emu collateral --help'
	else
		case $prev in
		--via) words='chardev key sysfs configfs' ;;
		--format) words='default extended' ;;
		--privlevel) words='0 1 2 3' ;;
		--preset) words='none gcp-tdx gcp-milan snp qgs-1s' ;;
		--provider) words=$(ls /sys/class/tsmfd 2>/dev/null) ;;
		--kind) words='snp tdx tpm hcl' ;;
		--bank) words='sha1 sha256 sha384 sha512 sm3_256' ;;
		--challenge-file | --inblob-file | -o | --output | --ak | --eventlog | --policy | --roots | --certs | --crl | --quote | --signature | --qe-identity | --collateral) compopt -o default; return ;;
		--inblob | --challenge | --expect-pcr | --service-* | --interval | --count | --seconds | --*-us | --*-permille | \
			--throttle-every | --hang) return ;;
		esac
	fi
	if [[ ! $words ]]; then
		case $command in
		providers) words='--json --help' ;;
		report)
			words='--challenge --challenge-file --random --privlevel --format --service-provider
				--service-guid --service-manifest-version --batch --provider --via --output -o
				--hex --raw --json --help'
			;;
		show)
			[[ $cur == -* ]] || { compopt -o default; return; }
			words='--json --help'
			;;
		verify)
			[[ $cur == -* ]] || { compopt -o default; return; }
			words='--challenge --any-challenge --kind --policy --ak --quote --signature --eventlog --expect-pcr --roots --certs --crl --qe-identity --collateral --at --measurement --vmpl --allow-debug --allow-migration --json --help'
			;;
		eventlog)
			[[ $cur == -* ]] || { compopt -o default; return; }
			words='--bank --json --help'
			;;
		verify-proof)
			[[ $cur == -* ]] || { compopt -o default; return; }
			words='--challenge --privlevel --format --json --help'
			;;
		stats) words='--provider --watch --interval --count --json --help' ;;
		events) words='--seconds --count --json --help' ;;
		emu)
			case ${COMP_WORDS[2]} in
			get) words='--provider --json --help' ;;
			set)
				words='--provider --preset --latency-us --jitter-us --throttle-every --throttle-us
					--hang --busy-permille --fail-permille --empty-permille --short-permille
					--oversize-permille --help'
				;;
			*) ((COMP_CWORD == 2)) && words='get set --help' ;;
			esac
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _tsmctl tsmctl
