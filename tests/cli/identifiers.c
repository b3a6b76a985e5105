// SPDX-License-Identifier: GPL-2.0
/*
 * Which session a word names, asked of the tool's own objects: prints one
 * line for each argument, "WORD find CODE NUMBER exact CODE NUMBER".
 */
#include <stdio.h>

#include "base/args.h"
#include "module/ids.h"

int main(int argc, char **argv)
{
	struct session s[] = {
		{ .id = 2, .instance = 0x1e6060769dbe3a8c,
		  .unique = 0x8034921000000001 },
		{ .id = 3, .instance = 0x1e6060769dbe3a8c,
		  .unique = 0x80034921000002 },
		{ .id = 12, .instance = 0x4444555566667777, .unique = 1 },
	};
	struct session_list live = { s, 3 };
	const struct session *a, *b;
	int i, find, exact;

	for (i = 1; i < argc; i++) {
		find = ids_session_find(&live, argv[i], &a);
		exact = ids_session_exact(&live, argv[i], &b);
		printf("%s find %d %u exact %d %u\n", argv[i], find,
		       a ? a->id : 0, exact, b ? b->id : 0);
	}
	return 0;
}
