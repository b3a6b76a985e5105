# SPDX-License-Identifier: GPL-2.0
# fish completion for iscsictl: the tool itself knows what may follow.

function __iscsictl_candidates
	set -l words (commandline -opc) (commandline -ct)
	switch $words[-2]
		case '--*file' --root
			__fish_complete_path $words[-1]
		case '*'
			$words[1] --complete $words[2..-1] 2>/dev/null
	end
end

complete -c iscsictl -f -a '(__iscsictl_candidates)'
