// SPDX-License-Identifier: GPL-2.0
/* See target.h. */
#include "flow/target.h"

#include "base/options.h"
#include "base/print.h"
#include "store/portal.h"

void target_portal_print(const struct known_target *target)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	print_row();
	print_str("NodeAddress", "TARGET", target->name);
	if (!options_given()->json) {
		mpio_portal_format(&target->portal, true, text);
		print_str("Portal", "PORTAL", text);
	}
	mpio_host_format(&target->portal, text);
	print_str("TargetPortalAddress", NULL, text);
	print_u64("TargetPortalPortNumber", NULL, target->portal.port);
	if (target->portal.tpgt >= 0)
		print_u64("TargetPortalGroupTag", NULL, target->portal.tpgt);
}
