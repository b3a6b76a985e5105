// SPDX-License-Identifier: GPL-2.0
/*
 * Names and portals. What is accepted survives being written and read again.
 */
#include "fuzz.h"
#include "../../kernel/proto/name.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	char name[MPIO_ISCSI_NAME_MAX + 1], text[MPIO_PORTAL_TEXT_MAX + 1];
	struct mpio_portal p, q;
	const char *why = NULL;
	u32 len, n;
	char *copy = (char *)feed_copy(&f, size, &len);

	if (mpio_name_check(copy, len, &why))
		must_say(why);
	if (!mpio_name_take(copy, len, name, &why))
		must(!mpio_name_check(name, strlen(name), &why));
	why = NULL;
	if (mpio_portal_parse(copy, len, &p, &why)) {
		must_say(why);
	} else {
		n = mpio_portal_format(&p, true, text);
		must(n == strlen(text) && n < sizeof(text));
		must(!mpio_portal_parse(text, n, &q, &why));
		must(mpio_portal_equal(&p, &q) && p.tpgt == q.tpgt);
	}
	free(copy);
	return 0;
}
