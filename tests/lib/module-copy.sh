#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# module-copy.sh DIR FILE...: FILEs of kernel/ in DIR/src as they are and, beside
# them in DIR/empty, a header with nothing in it for each of the kernel's that they
# include. What of those is needed then comes from one header of the test.
set -euo pipefail

to=$(realpath -m "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../../kernel"
rm -rf "$to"
mkdir -p "$to/src" "$to/empty"
cp --parents "$@" "$to/src/"
find "$to/src" -name proto -prune -o -type f \
	-exec sed -n 's/^#include <\(.*\)>$/\1/p' {} + | sort -u |
	grep -v '^linux/types.h$\|^uapi/' |
	while read -r header; do
		mkdir -p "$to/empty/$(dirname "$header")"
		: >"$to/empty/$header"
	done
