#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# archive.sh (sourced): packages of other architectures and other releases than
# this system's, fetched and unpacked without telling its apt. What is known of a
# release is kept in the cache and asked for anew when it is older than a day.
#
# A release is bookworm, trixie, forky or sid, with what updates it: security
# and backports, or experimental.

# archive_sources RELEASE: lines of a sources.list, without architectures.
archive_sources() {
	local main security
	main=$(debian_mirror)
	security=$(debian_security_mirror)
	case $1 in
	forky) echo "$main forky" ;;
	sid) printf '%s\n' "$main sid" "$main experimental" ;;
	*) printf '%s\n' "$main $1" "$main $1-backports" "$security $1-security" ;;
	esac
}

# archive_apt RELEASE ARCHITECTURE PROGRAM ARGUMENTS...: apt-get or apt-cache of it.
archive_apt() {
	local dir=$CACHE/archive/$1-$2 arch=$2 program=$3
	shift 3
	"$program" -o APT::Sandbox::User=root -o APT::Architecture="$arch" \
		-o APT::Architectures="$arch" \
		-o Dir::Etc::SourceList="$dir/sources.list" \
		-o Dir::Etc::SourceParts=- \
		-o Dir::Etc::Preferences="$dir/preferences" \
		-o Dir::Etc::PreferencesParts="$dir/preferences.d" \
		-o Dir::State="$dir" -o Dir::State::status="$dir/status" \
		-o Dir::State::Lists="$dir/lists" \
		-o Dir::Cache="$dir/cache" "$@"
}

archive_update() {	# RELEASE ARCHITECTURE
	local dir=$CACHE/archive/$1-$2
	[ -z "$(find "$dir/updated" -mmin -1440 2>/dev/null)" ] || return 0
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,preferences.d}
	touch "$dir"/{status,preferences}
	archive_sources "$1" | sed "s|.*|deb [arch=$2] & main|" \
		>"$dir/sources.list"
	# Not every architecture has updates: what there is will do.
	archive_apt "$1" "$2" apt-get -qq update >"$dir/update.log" 2>&1 ||
		note "$1 $2: $(grep -m1 '^E:' "$dir/update.log")"
	touch "$dir/updated"
}

# archive_open RELEASE ARCHITECTURE: its lists are there and fresh.
archive_open() {
	with_lock "archive-$1-$2" archive_update "$@"
}

# archive_unpack RELEASE ARCHITECTURE DIR PACKAGE...: fetched and unpacked into
# DIR. False if there is one that cannot be had.
archive_unpack() {
	local release=$1 arch=$2 dir=$3 pkg debs
	shift 3
	debs=$(mktemp -d)
	(cd "$debs" && archive_apt "$release" "$arch" apt-get -qq download "$@") || {
		rm -rf "$debs"
		return 1
	}
	mkdir -p "$dir"
	for pkg in "$debs"/*.deb; do
		dpkg-deb -x "$pkg" "$dir" || { rm -rf "$debs"; return 1; }
	done
	rm -rf "$debs"
}
