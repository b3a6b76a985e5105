// SPDX-License-Identifier: GPL-2.0
/*
 * Text keys and their values.
 * WITH: text.c keys.c key_table.c
 * EVA: proof_pairs -eva-slevel 3000
 * EVA: proof_lists -eva-slevel 1000
 * EVA: proof_numbers -eva-slevel-function mpio_parse_u64:0
 * EVA: proof_binary -eva-slevel-function parse_hex:0,parse_base64:0
 */
#include "proof.h"
#include "proto/keys.h"

/* 0 to 5 bytes */
void proof_pairs(void)
{
	struct mpio_text t;
	struct mpio_pair p;
	const char *data, *why;
	char buf[5];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_text_init(&t, data, len);
	while (mpio_text_next(&t, &p, &why) == 1)
		Frama_C_show_each_pair(p.key_len, p.value_len);
}

/* 0 to 12 bytes */
void proof_numbers(void)
{
	const char *data;
	char buf[12];
	u64 n;
	u32 len;
	bool b;

	ANY_INPUT(buf, data, len, 0);
	mpio_parse_u64(data, len, &n);
	mpio_parse_bool(data, len, &b);
}

/* 0 to 8 bytes into 0 to 4 */
void proof_binary(void)
{
	u8 buf_out[4], *out;
	const char *data;
	char buf[8];
	u32 len, cap, n;

	ANY_INPUT(buf, data, len, 0);
	cap = (u32)Frama_C_interval_split(0, sizeof(buf_out));
	out = buf_out + sizeof(buf_out) - cap;
	mpio_parse_binary(data, len, out, cap, &n);
}

/* 0 to 4 bytes */
void proof_lists(void)
{
	const char *data;
	char buf[4];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_list_has(data, len, "CRC32C", 6);
}

/* 0 to 12 bytes of room for 0 to 6 */
void proof_put(void)
{
	struct mpio_textbuf b;
	char room[12];
	u8 bin[6];
	u32 cap, len, n;

	ANY(bin);
	ANY(n);
	cap = (u32)Frama_C_interval_split(0, sizeof(room));
	len = (u32)Frama_C_interval_split(0, sizeof(bin));
	mpio_textbuf_init(&b, room + sizeof(room) - cap, cap);
	mpio_text_put_hex(&b, "K", bin, len);
	mpio_text_put_u32(&b, "K", n);
}

/* 0 to 12 bytes in 0 to 12 of room */
void proof_join(void)
{
	u8 room[12], *to;
	struct mpio_join j;
	const char *data, *why;
	char buf[12];
	u32 cap, len;

	ANY_INPUT(buf, data, len, 0);
	cap = (u32)Frama_C_interval_split(0, sizeof(room));
	to = room + sizeof(room) - cap;
	mpio_join_init(&j, to, cap);
	mpio_join_add(&j, data, len, &why);
	mpio_join_add(&j, data, len, &why);
}
