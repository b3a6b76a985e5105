#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# upstream.sh [--check] [--build [MAKE ARGUMENTS]] [OUT]: the driver as a series of
# patches against Debian's linux-source-7.2, in OUT (default: ./upstream, never in
# git), one layer a patch, with a cover letter. Without kernel/compat/, see
# scripts/upstream.py.
#
#   (nothing)  writes the series; it has been applied to Debian's files once more,
#              checkpatch.pl --strict has nothing to say of it, and the netlink
#              specification is one by the kernel's schema and for its generator
#   --check    no series: the last step compiles against the headers of 7.2 with
#              W=1, silently (what lint runs)
#   --build    besides, each patch is applied to the whole source and compiled
#              there, as =m and as =y, with ARCH and so on from the arguments; takes
#              1.6 GB and as long as two dozen builds of the folder
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"
. "$VM_DIR/archive.sh"

PKG=linux-source-7.2
HOME_DIR=drivers/scsi/iscsi_mpio
# What is changed there, and what says whether that is done well.
BASE=(MAINTAINERS drivers/scsi/Kconfig drivers/scsi/Makefile
	Documentation/scsi/index.rst)
TOOLS=(scripts/checkpatch.pl scripts/spelling.txt
	scripts/const_structs.checkpatch Documentation/netlink/genetlink-c.yaml
	tools/net/ynl/pyynl)
WORK=$CACHE/upstream
# Who runs it signs off.
export GIT_AUTHOR_NAME=${GIT_AUTHOR_NAME:-$(git -C "$TOP" config user.name ||
	git -C "$TOP" log -1 --format=%an)}
export GIT_AUTHOR_EMAIL=${GIT_AUTHOR_EMAIL:-$(git -C "$TOP" config user.email ||
	git -C "$TOP" log -1 --format=%ae)}
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_CONFIG_GLOBAL=/dev/null

mode='' out=$TOP/upstream make_args=()
while [ $# -gt 0 ]; do
	case $1 in
	--check) mode=check ;;
	--build) mode=build ;;
	*=*) make_args+=("$1") ;;
	-*) sed -n '3,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
	*) out=$(realpath -m "$1") ;;
	esac
	shift
done
tree=$WORK/tree
mkdir -p "$WORK"
"$TOP/scripts/upstream.py" "$tree" || exit 1
mapfile -t steps <"$tree/series"

# --- the last step alone, against headers: a module beside the tree

check_headers() {
	local dir=$WORK/headers
	rm -rf "$dir"
	mkdir -p "$dir"
	cp -r "$tree/$HOME_DIR" "$dir/kernel"
	cp -r "$tree/include" "$dir/include"
	{
		echo 'obj-m := iscsi_mpio.o'
		sed -n 's|^iscsi_mpio-y += |&kernel/|p' "$dir/kernel/Makefile"
		# shellcheck disable=SC2016
		echo 'ccflags-y := -I$(src)/kernel -I$(src)/include'
		grep MPIO_VERSION "$dir/kernel/Makefile"
	} >"$dir/Kbuild"
	"$VM_DIR/kbuild.sh" 7.2 "$dir" "$CACHE/build/upstream" W=1 \
		>"$WORK/check.log" 2>&1 || tail -n 3 "$WORK/check.log"
	grep -E 'warning:|error:|ERROR' "$WORK/check.log" |
		grep -v 'the compiler differs' | sort -u || true
}

# --- Debian's source

source_deb() {
	archive_open forky amd64
	mkdir -p "$WORK/deb"
	(
		cd "$WORK/deb"
		ls $PKG*.deb >/dev/null 2>&1 ||
			archive_apt forky amd64 apt-get -qq download $PKG
	)
	ls "$WORK/deb/"$PKG*.deb
}

unpack() {	# DIR FILE...: these (none: all)
	local dir=$1 deb
	shift
	deb=$(source_deb)
	mkdir -p "$dir.new"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$PKG.tar.xz" |
		xz -dc | tar -x -C "$dir.new" --strip-components=1 \
		"${@/#/$PKG/}" || return 1
	mv "$dir.new" "$dir"
}

# --- the series

commit() {	# SUBJECT BODY FILE...
	local subject=$1 body=$2
	shift 2
	git add -- "$@"
	printf '%s\n\n%s\n\nSigned-off-by: %s <%s>\n' "$subject" "$body" \
		"$GIT_AUTHOR_NAME" "$GIT_AUTHOR_EMAIL" | git commit -q -F -
}

# layers_of N: those whose objects step N adds
layers_of() {
	local n=$1
	diff <([ "$n" = 0 ] || sed -n 's|^iscsi_mpio-y += \(.*\)/.*|\1|p' \
		"$tree/series.d/$((n - 1)).Makefile" | uniq) \
		<(sed -n 's|^iscsi_mpio-y += \(.*\)/.*|\1|p' \
		"$tree/series.d/$n.Makefile" | uniq) | sed -n 's/^> //p'
}

add_to_base() {	# after the line that PATTERN matches in FILE: TEXT
	awk -v pattern="$2" -v text="$3" '{ print }
		$0 ~ pattern && !done { print text; done = 1 }' "$1" >"$1.new"
	! cmp -s "$1" "$1.new" || die "$1 has no $2"
	mv "$1.new" "$1"
}

series() {	# DIR: a repository of the files that are touched
	local dir=$1 n files layer body
	cd "$dir"
	for n in "${!steps[@]}"; do
		mkdir -p $HOME_DIR
		mapfile -t files <"$tree/series.d/$n.files"
		(cd "$tree" && cpio -pdm --quiet "$dir") \
			< <(printf '%s\n' "${files[@]}")
		cp "$tree/series.d/$n.Makefile" $HOME_DIR/Makefile
		files+=("$HOME_DIR/Makefile")
		[ "$n" != 0 ] || {
			add_maintainers
			files+=(MAINTAINERS)
		}
		body=''
		for layer in $(layers_of "$n"); do
			body+=$(sed -n "s|^$layer/  *|$layer: |p" "$TOP/kernel/README")$'\n'
		done
		[ "${steps[n]}" != main ] || {
			body='Module init and exit, and the hook in drivers/scsi.'
			hook_up
			files+=(drivers/scsi/Kconfig drivers/scsi/Makefile)
		}
		commit "scsi: iscsi_mpio: add ${steps[n]//-/ }" "$(fold -s -w 72 <<<"$body" |
			sed 's/ *$//')" "${files[@]}"
	done
	mapfile -t files <"$tree/series.d/documents"
	(cd "$tree" && cpio -pdm --quiet "$dir") < <(printf '%s\n' "${files[@]}")
	add_to_base Documentation/scsi/index.rst '^   hptiop' '   iscsi_mpio/index'
	commit "Documentation: scsi: describe iscsi_mpio" \
		"How it is built, its locks, its netlink and sysfs interface." \
		"${files[@]}" Documentation/scsi/index.rst
	cd "$TOP"
}

add_maintainers() {
	awk -v text="$(maintainers_entry)" '
		!done && /^ISCSI EXTENSIONS FOR RDMA/ { print text "\n"; done = 1 }
		{ print }' MAINTAINERS >MAINTAINERS.new
	mv MAINTAINERS.new MAINTAINERS
}
maintainers_entry() {
	printf '%s\n' 'ISCSI INITIATOR WITH MULTIPATH (iscsi_mpio)' \
		"M:	$GIT_AUTHOR_NAME <$GIT_AUTHOR_EMAIL>" \
		'L:	linux-scsi@vger.kernel.org' 'S:	Maintained' \
		'F:	Documentation/ABI/testing/sysfs-iscsi_mpio' \
		'F:	Documentation/ABI/testing/tracing-iscsi_mpio' \
		'F:	Documentation/netlink/specs/iscsi_mpio.yaml' \
		'F:	Documentation/scsi/iscsi_mpio/' \
		"F:	$HOME_DIR/" \
		'F:	include/trace/events/iscsi_mpio.h' \
		'F:	include/uapi/linux/iscsi_mpio.h'
}
hook_up() {
	# shellcheck disable=SC2016
	add_to_base drivers/scsi/Makefile '^obj-.*CONFIG_ISCSI_TCP' \
		'obj-$(CONFIG_SCSI_ISCSI_MPIO)	+= iscsi_mpio/'
	awk '/^config ISCSI_BOOT_SYSFS/ && !done {
			print "source \"drivers/scsi/iscsi_mpio/Kconfig\"\n"; done = 1 }
		{ print }' drivers/scsi/Kconfig >drivers/scsi/Kconfig.new
	mv drivers/scsi/Kconfig.new drivers/scsi/Kconfig
}

# --- checks

checkpatches() {
	local patch ignore
	for patch in "$out"/[0-9]*.patch; do
		[[ $patch != *0000-* ]] || continue
		# MAINTAINERS is in the first of them.
		# Trace events have a layout of their own; "make lint" looks at
		# what is in the same patch.
		ignore=FILE_PATH_CHANGES
		! grep -q '^+TRACE_EVENT' "$patch" ||
			ignore+=,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
		perl "$WORK/tools/scripts/checkpatch.pl" --no-tree --strict \
			--show-types --no-summary --terse --ignore $ignore "$patch"
	done | sed "s|^$out/||" | grep -v 'has no obvious style problems'
}

# The netlink specification is one by the kernel's schema, the kernel's generator
# takes it, and what that makes is what the driver checks.
specified() {
	"$TOP/scripts/netlink-spec.py" "$WORK/tools/${TOOLS[-1]}/ynl_gen_c.py"
	timeout 60 python3 - "$WORK/tools/Documentation/netlink/genetlink-c.yaml" \
		"$TOP/include/netlink/iscsi_mpio.yaml" <<-'PYTHON'
	import sys, jsonschema, yaml
	schema, spec = (yaml.safe_load(open(name)) for name in sys.argv[1:])
	if spec["protocol"] != "genetlink-c":
	    print("the specification is of another protocol than", sys.argv[1])
	for e in jsonschema.Draft7Validator(schema).iter_errors(spec):
	    print("/".join(map(str, e.path)), e.message[:160])
	PYTHON
}

applies() {
	local dir=$WORK/again patch
	rm -rf "$dir"
	cp -r "$WORK/base" "$dir"
	for patch in "$out"/[0-9]*.patch; do
		[[ $patch != *0000-* ]] || continue
		(cd "$dir" && git apply "$patch") ||
			echo "$(basename "$patch") does not apply"
	done
	diff -rq "$dir/$HOME_DIR" "$tree/$HOME_DIR"
	rm -rf "$dir"
}

# Objects of each step with those before it, as =m and as =y.
builds() {
	local source=$WORK/source kind n objects
	[ -d "$source" ] || unpack "$source" || return
	for n in "${BASE[@]}"; do	# the hook is there from the start
		rm -f "$source/$n"
		cp "$WORK/repo/$n" "$source/$n"
	done
	for kind in m y; do
		rm -rf "${source:?}/$HOME_DIR" "$WORK/obj-$kind"
		mkdir -p "$source/$HOME_DIR" "$WORK/obj-$kind"
		cp "$tree/$HOME_DIR/Kconfig" "$source/$HOME_DIR/"
		objects=(make -s -C "$source" O="$WORK/obj-$kind" W=1
			"${make_args[@]}")
		{
			"${objects[@]}" defconfig
			"$source/scripts/config" --file "$WORK/obj-$kind/.config" \
				-e INET -e KEYS -e SCSI -e BLK_DEV_SD \
				"$([ $kind = m ] && echo --module || echo --enable)" \
				SCSI_ISCSI_MPIO
			"${objects[@]}" olddefconfig
			: >"$source/$HOME_DIR/Makefile"
			"${objects[@]}" -j"$(nproc)" prepare
		} >"$WORK/build.log" 2>&1 ||
			{ tail -n 5 "$WORK/build.log"; return; }
		grep -q "^CONFIG_SCSI_ISCSI_MPIO=$kind" "$WORK/obj-$kind/.config" ||
			echo "the configuration does not take =$kind"
		for n in "${!steps[@]}"; do
			(cd "$tree" && cpio -pdum --quiet "$source") \
				<"$tree/series.d/$n.files"
			cp "$tree/series.d/$n.Makefile" "$source/$HOME_DIR/Makefile"
			if ! "${objects[@]}" -j"$(nproc)" $HOME_DIR/ \
				>"$WORK/build.log" 2>&1; then
				echo "step ${steps[n]} does not compile as =$kind"
				grep -m 5 'error:' "$WORK/build.log"
				return
			fi
			grep 'warning:' "$WORK/build.log"
			note "${steps[n]} compiles as =$kind"
		done
	done
}

if [ "$mode" = check ]; then
	check_headers
	exit 0
fi
need_pkg git git xz xz-utils perl perl cpio cpio \
	/usr/lib/python3/dist-packages/yaml python3-yaml \
	/usr/lib/python3/dist-packages/jsonschema python3-jsonschema
[ -d "$WORK/base" ] || unpack "$WORK/base" "${BASE[@]}" || exit 1
[ -d "$WORK/tools/${TOOLS[-1]}" ] || {
	rm -rf "$WORK/tools"
	unpack "$WORK/tools" "${TOOLS[@]}" || exit 1
}
rm -rf "$WORK/repo" "$out"
cp -r "$WORK/base" "$WORK/repo"
cd "$WORK/repo" || exit 1
git init -q . && git add . && git commit -q -m "$PKG"
series "$WORK/repo"
git -C "$WORK/repo" format-patch -q -o "$out" --cover-letter \
	--subject-prefix='RFC PATCH' "$(git -C "$WORK/repo" rev-list --max-parents=0 HEAD)"
cover=$(ls "$out"/0000-*.patch)
{
	sed '/^\*\*\* BLURB/q' "$cover" | sed '$d' |
		sed 's|\*\*\* SUBJECT HERE \*\*\*|scsi: iscsi_mpio: iSCSI initiator with multipath|'
	cat "$TOP/packaging/upstream/cover-letter"
	sed '1,/^\*\*\* BLURB/d' "$cover"
} >"$cover.new"
mv "$cover.new" "$cover"
found=$(
	applies
	checkpatches
	specified
	[ "$mode" != build ] || builds
) || true
note "$((${#steps[@]} + 1)) patches in $out"
[ -z "$found" ] || { echo "$found"; exit 1; }
