#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lint.sh ("make lint"): everything a machine can say about the source without
# running it. One line for each check, findings below it, the sum last:
#   ok lint: SENTENCE / not ok lint: SENTENCE
# Installs what it needs. ONLY=REGEX runs the checks whose function matches.
# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/vm/common.sh"

# The newest of each series, the oldest, one of 32 bits and a big-endian one;
# scripts/build-matrix.sh has them all.
KERNELS=(6.1 6.12 7.2
	bookworm_amd64_6.1_oldest bookworm_amd64_6.12_oldest
	trixie_amd64_7.2_oldest bookworm_686-pae_6.1_newest
	bookworm_s390x_6.1_newest)
MAX_FILE=900
MAX_FUNCTION=100
LINT=$CACHE/lint/$(sha256sum <<<"$TOP" | cut -c1-8)
SCRIPTS=$CACHE/lint/scripts
SOURCE_PKG=linux-source-6.12

export LC_ALL=C
rm -rf "$LINT/tools"
mkdir -p "$LINT"
cd "$TOP" || exit 1
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
passed=0 failed=0

# Files of the source, without what builds leave behind.
files() {	# FIND ARGUMENTS
	find . \( -name .git -o -name build -o -path ./tests/fuzz/corpus -o \
		-name results -o -name __pycache__ \) -prune -o \
		-type f ! -name '*.mod.c' ! -name '.checkpatch-camel*' \
		"$@" -print | sed 's|^\./||' | sort
}
kernel_c() { files -path './kernel/*' -name '*.[ch]'; }
shell_scripts() {
	{
		files -name '*.sh'
		grep -lE '^#! ?/bin/(ba)?sh' -r userspace tests .ci scripts \
			--include='*' --exclude-dir=build --exclude-dir=corpus \
			2>/dev/null
	} | sort -u
}

# check SENTENCE COMMAND...: no output and status 0, or a failed check.
check() {
	local sentence=$1
	shift
	[[ $1 =~ ${ONLY:-.} ]] || return 0
	if "$@" >"$found/out" 2>&1 && [ ! -s "$found/out" ]; then
		passed=$((passed + 1))
		echo "ok lint: $sentence"
	else
		failed=$((failed + 1))
		echo "not ok lint: $sentence"
		head -n "${FINDINGS:-40}" "$found/out" | sed 's/^/#   /'
		[ "$(wc -l <"$found/out")" -le "${FINDINGS:-40}" ] ||
			echo "#   ... $(wc -l <"$found/out") lines in all"
	fi
}

builds() {	# KERNEL: gcc's W=1 and sparse over every file
	scripts/build-matrix.sh --findings "$1"
}

# A row of Kbuild that is lost takes what was asked for with it, silently.
compat_rows() {
	local asked known
	asked=$(grep -ohE 'HAVE_[A-Z_]+' -r kernel | sort -u)
	known=$(sed -n '/^#/d; s/.*[(]call have,.*,\([A-Z_]*\))$/HAVE_\1/p' \
		Kbuild | sort -u)
	diff <(echo "$asked") <(echo "$known") |
		sed -n 's/^< \(.*\)/\1: no row in Kbuild/p
			s/^> \(.*\)/\1: nobody asks for it/p'
}

# Stays, for layers.py.
copy_tools() {
	local copy=$LINT/tools
	need_pkg gcc gcc make make pkg-config pkgconf \
		/usr/include/libnl3/netlink/netlink.h libnl-genl-3-dev \
		/usr/include/libmnl/libmnl.h libmnl-dev \
		/usr/include/libkmod.h libkmod-dev \
		/usr/include/libsmartcols/libsmartcols.h libsmartcols-dev \
		/usr/include/json-c/json.h libjson-c-dev \
		/usr/include/nettle/sha3.h nettle-dev
	rm -rf "$copy"
	mkdir -p "$copy/kernel"
	cp -a userspace include "$copy/"
	cp -a kernel/proto "$copy/kernel/"
	make -s -C "$copy/userspace" clean
	make -s -C "$copy/userspace" -j"$(nproc)" CFLAGS='-O2 -g -Wshadow \
		-Wformat-security -Wstrict-prototypes -Wmissing-prototypes' \
		>"$LINT/tools.log" 2>&1 || tail -n 3 "$LINT/tools.log"
}

builds_tools() {
	copy_tools
	grep -aE 'warning:|error:' "$LINT/tools.log" | sort -u
	return 0
}

# gcc 12 takes it that a table's row may be of any kind and that what hangs on
# a list leaks: in userspace it is not asked about NULL and leaks.
analyzes() {
	need_pkg /usr/include/libnl3/netlink/netlink.h libnl-genl-3-dev \
		/usr/include/libmnl/libmnl.h libmnl-dev \
		/usr/include/libkmod.h libkmod-dev \
		/usr/include/libsmartcols/libsmartcols.h libsmartcols-dev \
		/usr/include/json-c/json.h libjson-c-dev \
		/usr/include/nettle/sha3.h nettle-dev
	local flags=(-std=gnu11 -O1 -g0 -fanalyzer -D_GNU_SOURCE -Iinclude/uapi
		-Iuserspace -Ikernel -I/usr/include/libnl3 -c -o /dev/null)
	{
		printf '%s\n' kernel/proto/*.c |
			xargs -P "$(nproc)" -I{} gcc "${flags[@]}" {} 2>&1
		printf '%s\n' userspace/*.c userspace/*/*.c |
			xargs -P "$(nproc)" -I{} gcc "${flags[@]}" \
			-Wno-analyzer-null-dereference \
			-Wno-analyzer-null-argument -Wno-analyzer-malloc-leak \
			{} 2>&1
	} | grep -aE 'warning:|error:' | sort -u
	return 0
}

# Each header is compiled as a file of its own: the module's by the kernel's
# build system, with a module whose only sources they are.
headers_alone() {
	local dir=$LINT/headers header name
	rm -rf "$dir"
	mkdir -p "$dir/kernel"
	cp -a Kbuild include "$dir/"
	files -path './kernel/*' -name '*.h' | cpio -pdm --quiet "$dir"
	for header in kernel/*.h $(files -path './kernel/*/*.h' \
		! -path './kernel/compat/*') include/uapi/linux/*.h \
		include/trace/events/*.h; do
		[ -e "$header" ] || continue
		name=alone_$(basename "$header" .h)_$(basename "$(dirname "$header")")
		# twice: the guard
		printf '#include "%s"\n' "../$header" "../$header" \
			>"$dir/kernel/${name//-/_}.c"
	done
	printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("headers");\n' \
		>"$dir/kernel/alone.c"
	"$VM_DIR/kbuild.sh" 6.12 "$dir" "$LINT/headers-build" -k \
		>"$LINT/headers.log" 2>&1 ||
		grep -a 'error:' "$LINT/headers.log" | sed "s|$LINT/[a-z-]*/src/||g" | head -n 20
	for header in userspace/*/*.h; do
		gcc -std=gnu11 -D_GNU_SOURCE -Iuserspace -Iinclude/uapi \
			-Ikernel -I/usr/include/libnl3 -fsyntax-only -x c \
			-include "$header" "$header" 2>&1 | grep -a 'error:'
	done
	rm -rf "$dir" "$LINT/headers-build"
}

# The scripts of Debian's kernel source, without its 1.5 GB.
kernel_scripts() {
	local version dir
	version=$(apt-cache policy "$SOURCE_PKG" | sed -n 's/^ *Candidate: //p')
	dir=$SCRIPTS-$version
	need_pkg xz xz-utils prove perl
	if [ ! -f "$dir/checkpatch.pl" ]; then
		rm -rf "$dir.new"
		mkdir -p "$dir.new"
		(
			cd "$dir.new"
			apt-get -o APT::Sandbox::User=root -qq download "$SOURCE_PKG"
			dpkg-deb --fsys-tarfile ./*.deb |
				tar -xO "./usr/src/$SOURCE_PKG.tar.xz" | xz -dc |
				tar -x --strip-components=2 \
				"$SOURCE_PKG/scripts/checkpatch.pl" \
				"$SOURCE_PKG/scripts/spelling.txt" \
				"$SOURCE_PKG/scripts/const_structs.checkpatch" \
				"$SOURCE_PKG/scripts/kernel-doc"
			rm ./*.deb
		) || return 1
		rm -rf "$dir"
		mv "$dir.new" "$dir"
	fi
	echo "$dir"
}

# What holds in the kernel only: its types, macros and string functions; a test
# writes keys as they are on the wire, in pieces; signal handlers need volatile.
HOST_IGNORE=PREFER_KERNEL_TYPES,ARRAY_SIZE,BIT_MACRO,STRCPY,NAKED_SSCANF
HOST_IGNORE+=,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE,SUSPECT_COMMA_SEMICOLON
HOST_IGNORE+=,SPLIT_STRING,STRING_FRAGMENTS,CONCATENATED_STRING,MISSING_SPACE
# Trace events have a layout of their own; compat declares the kernel's types;
# proto/ also has to compile where uint8_t is what there is; fuzz/engine is a
# kernel of macros.
checkpatch() {
	local dir run=()
	dir=$(kernel_scripts) || return 1
	run=(perl "$dir/checkpatch.pl")
	{
		kernel_c | grep -v '^kernel/\(compat\|proto\)/' | xargs "${run[@]}" -f
		kernel_c | grep '^kernel/proto/' |
			xargs "${run[@]}" --ignore PREFER_KERNEL_TYPES -f
		kernel_c | grep '^kernel/compat/' |
			xargs "${run[@]}" --ignore NEW_TYPEDEFS -f
		files -path './include/uapi/*' | xargs "${run[@]}" -f
		files -path './include/trace/*' | xargs "${run[@]}" \
			--ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT -f
		files \( -path './userspace/*' -o -path './tests/*' \) \
			-name '*.[ch]' ! -path './tests/fuzz/engine/*' |
			xargs "${run[@]}" --ignore "$HOST_IGNORE" -f
	} 2>&1 | grep -v '^total:'
	rm -f .checkpatch-camelcase.*
	return 0
}

kernel_doc() {
	local dir
	dir=$(kernel_scripts) || return 1
	kernel_c | xargs perl "$dir/kernel-doc" -none 2>&1
}

shellchecks() {
	need_pkg shellcheck shellcheck
	shell_scripts | xargs shellcheck -x -f gcc
}

spells() {
	need_pkg codespell codespell
	files ! -name COPYING ! -name '*.dict' ! -name args.table |
		xargs codespell -L inflight,wqs,pass-thru,nd,padd,ans
}

man_pages() {
	need_pkg mandoc mandoc
	files -name '*.[1-9]' | while read -r page; do
		mandoc -T lint -W warning "$page"
	done
}

file_sizes() {
	files -name '*.c' | xargs wc -l | awk -v max=$MAX_FILE \
		'$2 != "total" && $1 > max { print $2 ": " $1 " lines" }'
	[ "$(wc -l <Makefile)" -le 120 ] || echo "Makefile: over 120 lines"
	[ "$(wc -l <README)" -le 120 ] || echo "README: over 120 lines"
	[ "$(wc -l <Kbuild)" -le 40 ] || echo "Kbuild: over 40 lines"
}

function_sizes() {
	# shellcheck disable=SC2016
	files -name '*.c' | xargs awk -v max=$MAX_FUNCTION '
		/^[a-z].*\(/ { head = $0; sub(/\(.*/, "", head)
			sub(/.*[ *]/, "", head) }
		/^\{/ { start = FNR }
		/^\}/ && start { if (FNR - start - 1 > max)
			print FILENAME ": " head ": " FNR - start - 1 " lines"
			start = 0 }'
}

leftovers() {
	files ! -name lint.sh ! -name COPYING \( -name '*.[ch]' -o -name '*.sh' \
		-o -name '*.py' -o -name Makefile -o -name Kbuild \) |
		xargs grep -nE '\b(TODO|FIXME|XXX|BUG_ON|BUG)\b[(: ]' |
		grep -v "SPLAT="
	return 0
}

retired_words() { scripts/words.py --test && scripts/words.py; }

version_tests() {
	kernel_c | grep -v '^kernel/compat/' |
		xargs grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h'
	return 0
}

barriers() {	# wake_up_var() looks at its waiters without one of its own
	# shellcheck disable=SC2016
	kernel_c | xargs awk '/^\t+wake_up_var\(/ &&
		before !~ /smp_mb|_and_test|mpio_select_changed\(\)/ {
			print FILENAME ":" FNR ": no full barrier before"
		} { before = $0 }'
}

licences() {
	files ! -name COPYING ! -name README ! -name CONTRIBUTING \
		! -name SECURITY ! -name NEWS ! -name cover-letter ! -name '.*rc' ! -name .gitignore ! -name '*.json' \
		! -name '*.dict' ! -name '*.table' ! -name '*.patch' ! -name '*.d' ! -name '*.o' \
		! -name '*.ko' ! -name '*.mod' ! -name '*.cmd' ! -name modules.order \
		! -name Module.symvers ! -name iscsictl ! -name iscsi-mpio-udev \
		! -name iscsi-mpio-boot ! -name '*.a' ! -name '*.so' ! -path './packages/*' \
		! -path './debian/*' |
		while read -r file; do
			head -n 3 "$file" | grep -q 'SPDX-License-Identifier: .*GPL-2.0' ||
				echo "$file: no SPDX line"
		done
}

layers_hold() {	# calls are those of the objects, as built for 6.12
	local build=$CACHE/build/6.12
	"$VM_DIR/kbuild.sh" 6.12 "$TOP" "$build" >"$LINT/layers.log" 2>&1 ||
		{ tail -n 5 "$LINT/layers.log"; return; }
	scripts/layers.py "$build/src/kernel" 2>&1
	return 0
}

user_layers_hold() {
	[ -d "$LINT/tools" ] || copy_tools
	scripts/layers.py "$LINT/tools/userspace" 2>&1
	rm -rf "$LINT/tools"
	return 0
}

# Names in documents lead somewhere; and three that do not are found.
doc_names() {
	local made=$LINT/made.rst wrong
	scripts/doc-names.py
	# shellcheck disable=SC2016
	printf '%s\n' '``mpio_no_such()`` of ``kernel/no_such.c``' \
		'MPIO_NO_SUCH, ``disk->no_such``, mpio_session_add()' >"$made"
	wrong=$(scripts/doc-names.py "$made")
	[ "$(wc -l <<<"$wrong")" = 4 ] ||
		echo "four wrong names should be found, these were: $wrong"
}

# Each scenario is a row of tests/README, and each row a scenario.
scenario_rows() {
	diff <(files -path './tests/system/[0-9]*' -name '*.sh' |
		sed 's|.*/||; s|[.]sh$||') \
		<(sed -n 's/^| \([0-9][0-9]*-[a-z0-9-]*\) |.*/\1/p' tests/README) |
		sed -n 's/^< \(.*\)/\1: no row in tests\/README/p
			s/^> \(.*\)/\1: tests\/README has it, tests\/system has not/p'
}

# What a scenario runs that not every machine has it says that it requires.
scenario_requires() {
	local scenario program asked text
	for scenario in tests/system/[0-9]*.sh; do
		! grep -q '^# ON THE HOST' "$scenario" || continue
		asked=$(sed -n 's/^# REQUIRES: *//p' "$scenario")
		text=$(grep -v '^[[:space:]]*#' "$scenario")
		grep -oE '(^|[[:space:]"`(])(fio|fio_verify|sg_[a-z]+|mkfs[.][a-z0-9]+|systemctl|dmsetup) +["/$-]' <<<"$text" |
			grep -oE '[a-z][a-z0-9_.]+' | sort -u |
			while read -r program; do
				[[ " $asked " = *" ${program%_verify} "* ]] ||
					echo "$scenario: runs $program, which is not in # REQUIRES"
			done
		for program in $asked; do
			[[ $text = *"$program"* ]] ||
				echo "$scenario: requires $program, but does not run it"
		done
	done
}

upstream_builds() { scripts/upstream.sh --check; }

asserts_held() { scripts/held.py; }

# Each lock of the source is a row of the table of locks, and each row a lock.
locks_told() {
	diff <(kernel_c | xargs cat | sed -nE 's/.*(mutex_init|spin_lock_init)\(&([^)]*)\).*/\2/p
			s/.*DEFINE_(MUTEX|SPINLOCK)\(([^)]*)\).*/\2/p' | sort -u) \
		<(tests/lib/locks.py Documentation/locking.rst | sort -u) |
		sed -n 's/^< \(.*\)/\1: not in Documentation\/locking.rst/p
			s/^> \(.*\)/\1: in Documentation\/locking.rst, not in kernel/p'
}

locks_taken() { scripts/takes.py --test && scripts/takes.py; }

includes_cover() {	# kernel-only words must not enter what runs on the host
	grep -nE '#include <linux/' kernel/proto/*.[ch] | grep -v 'kernel/proto/env.h'
	return 0
}

includes_needed() { scripts/includes.py --test && scripts/includes.py; }

apt_fresh
need_pkg gcc gcc make make /usr/include/stdio.h libc6-dev cpio cpio \
	pahole pahole
check "files keep their size (.c: $MAX_FILE lines)" file_sizes
check "functions have at most $MAX_FUNCTION lines" function_sizes
check "no TODO, FIXME or BUG_ON" leftovers
check "wake_up_var() comes behind a full barrier" barriers
check "words that were given up are not used again" retired_words
check "kernel versions are tested only in kernel/compat" version_tests
check "each HAVE_ has its row in Kbuild" compat_rows
check "kernel/proto includes kernel headers only through env.h" includes_cover
check "kernel/ calls downwards and in no circle" layers_hold
check "each #include of ours is needed" includes_needed
check "every source file names its licence" licences
check "functions and files that documents name exist" doc_names
check "Documentation/locking.rst has each lock" locks_told
check "functions take the locks that locking.rst and headers say" locks_taken
check "what says that a lock is held checks it" asserts_held
check "scenarios say which programs they require" scenario_requires
check "tests/README has each scenario" scenario_rows
check "shellcheck" shellchecks
check "codespell" spells
check "mandoc -T lint" man_pages
check "each message has its row, and the manual has each" scripts/messages.py
check "checkpatch.pl --strict" checkpatch
check "kernel-doc" kernel_doc
check "the tool builds without warnings" builds_tools
check "userspace/ calls downwards and in no circle" user_layers_hold
check "gcc -fanalyzer on kernel/proto and userspace" analyzes
for kernel in "${KERNELS[@]}"; do
	check "W=1 and sparse are silent on $kernel" builds "$kernel"
done
check "the driver as it would lie in 7.2's tree builds with W=1" upstream_builds
check "every header compiles alone" headers_alone
echo "$passed passed, $failed failed"
[ $failed = 0 ]
