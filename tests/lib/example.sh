#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# example.sh ROOT PROGRAM [SOURCE.go]: compiles the program that libiscsi-mpio(3)
# shows, taken from the page installed below ROOT, or that one in Go, against the
# library installed there, found through pkg-config. CC and CFLAGS as usual.
set -eo pipefail
root=$(realpath "$1")
export PKG_CONFIG_PATH=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
if [ -n "${3:-}" ]; then
	GO111MODULE=off go build -o "$2" "$3"
	exit
fi
flags=$(pkg-config --cflags --libs libiscsi-mpio)
awk '/^#include/ { on = 1 } on && /^\.Ed/ { exit } on { gsub(/\\e/, "\\"); print }' \
	"$root/usr/share/man/man3/libiscsi-mpio.3" >"$2.c"
# shellcheck disable=SC2086
${CC:-gcc} ${CFLAGS:--O2 -Wall -Wextra -Werror} -o "$2" "$2.c" $flags
