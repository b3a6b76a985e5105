# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # ghost_start of the scenario sets them
# Talking to ghost-writer, which the ghost_start of a scenario runs: its process
# in $ghost_pid, its ends in $ghost_in and $ghost_out.

GHOST_SECONDS=${GHOST_SECONDS:-90}	# for one answer

# ghost_says WORD: its next line, which has to begin so, is in $GHOST_LINE
ghost_says() {
	IFS= read -r -t $((GHOST_SECONDS * ${TIMEOUT_SCALE:-1})) GHOST_LINE <&"$ghost_out" &&
		[[ $GHOST_LINE = $1* ]]
}
ghost_tell() { echo "$1" >&"$ghost_in"; }
ghost_value() { tr ' ' '\n' <<<"$GHOST_LINE" | sed -n "s/^$1=//p"; }
ghost_end() {
	exec {ghost_in}>&-
	wait "$ghost_pid"
	ghost_pid=
}
