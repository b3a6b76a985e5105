# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the VM scripts: where things are cached, how packages come in.

set -euo pipefail

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM_DIR/../.." && pwd)
CACHE=${IMPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iscsi-mpio}
export VM_DIR TOP CACHE
mkdir -p "$CACHE"

note() { echo "# $*" >&2; }
die() { echo "$(basename "$0"): $*" >&2; exit 1; }

# env_options NAME...: adds to the array $options what hands those that are set on
# to the scenarios of a VM.
env_options() {
	local name
	for name; do
		[ -z "${!name:-}" ] || options+=(--env "$name=${!name}")
	done
}

# need_pkg COMMAND PACKAGE [COMMAND PACKAGE]...: install what is missing.
# A word with a slash is a file that must exist instead of a command.
need_pkg() {
	local missing=() word
	while [ $# -ge 2 ]; do
		word=$1
		case $word in
		*/*) [ -e "$word" ] || missing+=("$2") ;;
		*) command -v "$word" >/dev/null || missing+=("$2") ;;
		esac
		shift 2
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die "not root, and these are missing: ${missing[*]}"
	note "installing ${missing[*]}"
	apt_fresh
	# Several test programs may start at once: wait for dpkg's lock.
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
		install -y --no-install-recommends "${missing[@]}" \
		>"$CACHE/apt.log" 2>&1 || { tail -5 "$CACHE/apt.log" >&2
		die "cannot install ${missing[*]}"; }
}

# Refresh the package lists when they are older than a day.
apt_fresh() {
	local stamp=$CACHE/apt-updated
	if [ -z "$(find "$stamp" -mmin -1440 2>/dev/null)" ] ||
	   [ -z "$(ls /var/lib/apt/lists/*Packages* 2>/dev/null)" ]; then
		apt-get -o DPkg::Lock::Timeout=300 update >/dev/null 2>&1 || true
		touch "$stamp"
	fi
}

# The archive this machine uses for Debian itself (not security, not others).
debian_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' \
		'Created-By: Packages' |
		awk '$2 ~ /^[a-z]+$/ && $3 == "Debian" { print $1; exit }'
}

debian_security_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
		'Created-By: Packages' |
		awk '$2 ~ /-security$/ { print $1; exit }'
}

# with_lock NAME COMMAND...: one at a time on this machine. No variable of its own,
# as COMMAND would see it in place of the caller's.
with_lock() {
	mkdir -p "$CACHE/locks"
	(
		flock 9
		"${@:2}"
	) 9>"$CACHE/locks/$1"
}
