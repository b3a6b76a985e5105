// SPDX-License-Identifier: GPL-2.0
/*
 * Texts and values. What is read can be written and read again.
 */
#include "fuzz.h"
#include "../../kernel/proto/text.h"

static void parse_value(const struct mpio_pair *p)
{
	const char *s = p->value, *item;
	u32 len = p->value_len, item_len, total = 0, n;
	u8 *bin = malloc(16);
	u64 number;
	bool yes;

	must(!p->value[p->value_len]);
	if (!mpio_parse_binary(p->value, p->value_len, bin, 16, &n))
		must(n && n <= 16);
	mpio_parse_u64(p->value, p->value_len, &number);
	mpio_parse_u32(p->value, p->value_len, &n);
	mpio_parse_bool(p->value, p->value_len, &yes);
	while (mpio_list_next(&s, &len, &item, &item_len)) {
		must(item >= p->value &&
		     item + item_len <= p->value + p->value_len);
		must(mpio_list_has(p->value, p->value_len, item, item_len));
		total += item_len + 1;
	}
	must(total <= p->value_len + 1);
	free(bin);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	struct mpio_text t, again;
	struct mpio_textbuf b;
	struct mpio_pair p, q;
	const char *why = NULL;
	char *out, say[24];
	struct mpio_say s;
	u32 len;
	u8 *copy = feed_copy(&f, size, &len);
	int ret;

	out = malloc(len + 1);
	mpio_textbuf_init(&b, out, len + 1);
	mpio_say_init(&s, say, sizeof(say));
	mpio_text_init(&t, copy, len);
	while ((ret = mpio_text_next(&t, &p, &why)) == 1) {
		parse_value(&p);
		mpio_text_put_len(&b, p.key, p.key_len, p.value, p.value_len);
		mpio_say_peer(&s, p.value, p.value_len);
		must(strlen(say) == s.len && s.len < sizeof(say));
	}
	if (ret < 0)
		must_say(why);
	must(!b.overflow);
	mpio_text_init(&t, copy, len);
	mpio_text_init(&again, out, b.len);
	while (mpio_text_next(&again, &q, &why) == 1) {
		must(mpio_text_next(&t, &p, &why) == 1);
		must(p.key_len == q.key_len && p.value_len == q.value_len &&
		     !memcmp(p.key, q.key, p.key_len) &&
		     !memcmp(p.value, q.value, p.value_len));
	}
	must(again.pos == again.len);
	free(out);
	free(copy);
	return 0;
}
