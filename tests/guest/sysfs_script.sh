#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sysfs_script.sh PRIVLEVEL FORMAT
#
# The script of the 2023 proposal, word for word below this line.
# shellcheck disable=SC2086
tsm=/sys/class/tsm/tsm0
echo $1 > ${tsm}/privlevel
echo $2 > ${tsm}/format
echo "hex encoded attestation report for: $(cat ${tsm}/provider)"
xxd -p -c 0 -r ${tsm}/report
