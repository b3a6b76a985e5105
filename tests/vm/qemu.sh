#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# qemu.sh: makes a QEMU available and prints the words to start it with.
#
# Before 8.1, TCG with several CPUs could go on executing code that another CPU
# had just patched: a guest then dies of "Oops: int3" wherever the kernel turns
# a static key, which every nft rule does. Where the system's QEMU is older, the
# one of its backports is unpacked into the cache; nothing is installed but
# the libraries that both use.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

newest_bad=8.0.99
packages=(qemu-system-x86 qemu-system-common qemu-system-data seabios)

# unpack_backport DIR: false where there is none.
unpack_backport() {
	local out=$1 codename pkg apt
	[ -e "$out/usr/bin/qemu-system-x86_64" ] && return
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	note "unpacking QEMU of $codename-backports"
	rm -rf "$out.new"
	mkdir -p "$out.new"/{apt/lists/partial,apt/archives/partial,debs,tree}
	chmod -R 755 "$out.new"
	echo "deb $(debian_mirror) $codename-backports main" \
		>"$out.new/apt/sources.list"
	apt=(apt-get -qq -o APT::Sandbox::User=root
		-o Dir::Etc::SourceList="$out.new/apt/sources.list"
		-o Dir::Etc::SourceParts=-
		-o Dir::State::Lists="$out.new/apt/lists"
		-o Dir::Cache="$out.new/apt")
	"${apt[@]}" update &&
		(cd "$out.new/debs" &&
		 "${apt[@]}" -t "$codename-backports" download "${packages[@]}") ||
		return
	for pkg in "$out.new"/debs/*.deb; do
		dpkg-deb -x "$pkg" "$out.new/tree" || return
	done
	# not what still needs a library that this system lacks
	"$out.new/tree/usr/bin/qemu-system-x86_64" --version >/dev/null ||
		return
	rm -rf "$out"
	mv "$out.new/tree" "$out"
	rm -rf "$out.new"
}

need_pkg qemu-system-x86_64 qemu-system-x86 qemu-img qemu-utils
version=$(qemu-system-x86_64 --version |
	sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
if [ "$(printf '%s\n' "$version" $newest_bad | sort -V | tail -1)" = "$version" ]; then
	echo qemu-system-x86_64
elif with_lock qemu unpack_backport "$CACHE/qemu" >&2; then
	echo "$CACHE/qemu/usr/bin/qemu-system-x86_64" \
		-L "$CACHE/qemu/usr/share/qemu" \
		-L "$CACHE/qemu/usr/share/seabios" -L /usr/lib/ipxe/qemu
else
	note "no newer QEMU than $version: a guest may die of 'Oops: int3'"
	echo qemu-system-x86_64
fi
