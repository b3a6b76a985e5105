#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# btf.sh [UNAME...]: for kernels of which the archive has images but no headers
# (6.16 to 7.1 in trixie's backports, the newest of each series unless told): is
# what the module imports there as it is in 6.12 or in 7.2? See btf-compare.py.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"
# shellcheck source=tests/vm/archive.sh
. "$VM_DIR/archive.sh"

# The newest image of each series without headers.
without_headers() {
	local uname series seen=
	archive_apt trixie amd64 apt-cache pkgnames linux-image- |
		sed -nE 's/^linux-image-([67]\.[0-9]+\.[0-9]+\+deb13(\.[0-9]+)?-amd64)$/\1/p' |
		sort -rV | while read -r uname; do
			series=$(cut -d. -f1,2 <<<"$uname")
			[ "$series" != "$seen" ] || continue
			seen=$series
			[ -n "$(archive_apt trixie amd64 apt-cache pkgnames \
				"linux-headers-$uname")" ] || echo "$uname"
		done
}

image() {	# UNAME: unpacked, without what is not looked at
	local dir=$CACHE/images/$1
	[ ! -d "$dir" ] || return 0
	note "unpacking linux-image-$1"
	rm -rf "$dir.new"
	archive_unpack trixie amd64 "$dir.new" "linux-image-$1" ||
		die "cannot fetch linux-image-$1"
	# From 6.19 on in packages of their own; those of an old kernel may be gone.
	if [ ! -e "$dir.new/boot" ]; then
		archive_unpack trixie amd64 "$dir.new" "linux-binary-$1" ||
			die "cannot fetch linux-binary-$1"
		archive_unpack trixie amd64 "$dir.new" "linux-modules-$1" \
			2>/dev/null || note "no linux-modules-$1"
	fi
	find "$dir.new" -type f -name '*.ko*' ! -path '*/drivers/scsi/*' -delete
	mv "$dir.new" "$dir"
}

need_pkg python3 python3 zstd zstd lz4 lz4
archive_open trixie amd64
[ $# -gt 0 ] || mapfile -t unames < <(without_headers)
[ $# = 0 ] || unames=("$@")
known=()
for version in 6.12 7.2; do
	kernel=$("$VM_DIR/kernels.sh" "$version")
	"$VM_DIR/kbuild.sh" "$version" "$TOP" "$CACHE/build/$version" \
		>"$CACHE/build-$version.log" 2>&1 || die "no module for $version"
	# as an image unpacks
	mkdir -p "$CACHE/images/$version/boot"
	ln -sfn "$kernel/vmlinuz" "$CACHE/images/$version/boot/vmlinuz-$version"
	mkdir -p "$CACHE/images/$version/kernel/drivers/scsi"
	find "$kernel/modules/" -path '*/drivers/scsi/scsi_*.ko*' -exec ln -sf {} \
		"$CACHE/images/$version/kernel/drivers/scsi/" \;
	known+=("$CACHE/images/$version" "$CACHE/build/$version/iscsi_mpio.ko")
done
failed=0
for uname in "${unames[@]}"; do
	with_lock images image "$uname" >&2
	python3 "$TOP/scripts/btf-compare.py" "$CACHE/images/$uname" \
		"${known[@]}" || failed=$((failed + 1))
done
echo "$((${#unames[@]} - failed)) passed, $failed failed"
[ $failed = 0 ]
