// SPDX-License-Identifier: GPL-2.0
/*
 * key=value text and its values. Failing means: a target's text is misread,
 * or bytes behind it are.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/text.h"

#define LONG63 "Aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

/* '|' stands for NUL; pairs come back as key:value; */
static const struct {
	const char *desc, *text, *pairs, *why;
} texts[] = {
	{ "two pairs", "A=1|Bc=x,y|", "A:1;Bc:x,y;", NULL },
	{ "empty", "", "", NULL },
	{ "only padding", "||||", "", NULL },
	{ "padding between pairs", "|A=1|||B=2||", "A:1;B:2;", NULL },
	{ "empty value", "A=|", "A:;", NULL },
	{ "'=' in the value", "A=b=c|", "A:b=c;", NULL },
	{ "key of 63 bytes", LONG63 "=1|", LONG63 ":1;", NULL },
	{ "key of 64 bytes", LONG63 "g=1|", "", "malformed key" },
	{ "no NUL at the end", "A=1|B=2", "A:1;", "end with a NUL" },
	{ "no '='", "A=1|B|", "A:1;", "without '='" },
	{ "no key", "=1|", "", "malformed key" },
	{ "blank in the key", "A b=1|", "", "malformed key" },
	{ "digit first", "1A=1|", "", "malformed key" },
	{ "old style public key", "X#Node=1|", "X#Node:1;", NULL },
	{ "private key", "X-com.example_a+b@c=1|", "X-com.example_a+b@c:1;",
	  NULL },
};

static void test_tokens(void)
{
	unsigned int i;
	size_t j, len;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		char got[256] = "", *buf;
		const char *why = NULL;
		struct mpio_text t;
		struct mpio_pair p;
		int ret;

		len = strlen(texts[i].text);
		buf = unit_exact(texts[i].text, len);
		for (j = 0; j < len; j++)
			if (buf[j] == '|')
				buf[j] = '\0';
		mpio_text_init(&t, buf, len);
		while ((ret = mpio_text_next(&t, &p, &why)) == 1)
			sprintf(got + strlen(got), "%.*s:%.*s;",
				(int)p.key_len, p.key, (int)p.value_len,
				p.value);
		check(!strcmp(got, texts[i].pairs) && (texts[i].why ?
		      ret == -EPROTO && unit_says(why, texts[i].why) : !ret),
		      texts[i].desc);
		free(buf);
	}
}

static const struct {
	const char *desc, *text;
	int ret;
	u64 value;
} numbers[] = {
	{ "zero", "0", 0, 0 },
	{ "decimal", "262144", 0, 262144 },
	{ "hex", "0xfF", 0, 255 },
	{ "hex with X", "0X10", 0, 16 },
	{ "largest", "18446744073709551615", 0, 0xffffffffffffffffULL },
	{ "one more", "18446744073709551616", -EINVAL, 0 },
	{ "ten times more", "184467440737095516150", -EINVAL, 0 },
	{ "largest hex", "0xffffffffffffffff", 0, 0xffffffffffffffffULL },
	{ "hex too large", "0x10000000000000000", -EINVAL, 0 },
	{ "leading zeroes", "0x00000000000000000001", 0, 1 },
	{ "empty", "", -EINVAL, 0 },
	{ "no hex digits", "0x", -EINVAL, 0 },
	{ "negative", "-1", -EINVAL, 0 },
	{ "letters in decimal", "12a", -EINVAL, 0 },
	{ "letters in hex", "0x1g", -EINVAL, 0 },
	{ "blank", "1 ", -EINVAL, 0 },
};

static void test_values(void)
{
	u64 n;
	unsigned int i;
	u32 small = 7;
	bool yes = false;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		size_t len = strlen(numbers[i].text);
		char *s = unit_exact(numbers[i].text, len);

		n = 0;
		check(mpio_parse_u64(s, len, &n) == numbers[i].ret &&
		      n == numbers[i].value, numbers[i].desc);
		free(s);
	}
	check(!mpio_parse_u32("4294967295", 10, &small) &&
	      small == 0xffffffff &&
	      mpio_parse_u32("4294967296", 10, &small), "32 bit bound");
	check(!mpio_parse_bool("Yes", 3, &yes) && yes &&
	      !mpio_parse_bool("No", 2, &yes) && !yes &&
	      mpio_parse_bool("yes", 3, &yes) &&
	      mpio_parse_bool("", 0, &yes), "Yes and No");
}

static const struct {
	const char *desc, *text;
	int ret;
	u32 len;
	u8 bytes[4];
} binaries[] = {
	{ "hex", "0x0102aF", 0, 3, { 1, 2, 0xaf } },
	{ "odd hex", "0x123", 0, 2, { 1, 0x23 } },
	{ "one digit", "0xf", 0, 1, { 15 } },
	{ "hex too long", "0x0102030405", -EMSGSIZE, 0, { 0 } },
	{ "odd hex too long", "0x010203040", -EMSGSIZE, 0, { 0 } },
	{ "hex without digits", "0x", -EINVAL, 0, { 0 } },
	{ "bad hex", "0x0g", -EINVAL, 0, { 0 } },
	{ "base64", "0bAQID", 0, 3, { 1, 2, 3 } },
	{ "base64, one pad", "0bAQI=", 0, 2, { 1, 2 } },
	{ "base64, two pads", "0BAQ==", 0, 1, { 1 } },
	{ "base64, all digits", "0b+/9z", 0, 3, { 0xfb, 0xff, 0x73 } },
	{ "base64, four bytes", "0bAQIDBA==", 0, 4, { 1, 2, 3, 4 } },
	{ "base64 too long", "0bAQIDBAU=", -EMSGSIZE, 0, { 0 } },
	{ "base64, three pads", "0bA===", -EINVAL, 0, { 0 } },
	{ "base64, no whole group", "0bAQI", -EINVAL, 0, { 0 } },
	{ "base64, bad digit", "0bAQ!D", -EINVAL, 0, { 0 } },
	{ "base64, pad inside", "0bA=ID", -EINVAL, 0, { 0 } },
	{ "base64, stray bits", "0bAR==", -EINVAL, 0, { 0 } },
	{ "base64, stray bits in the third", "0bAQJ=", -EINVAL, 0, { 0 } },
	{ "base64 without digits", "0b", -EINVAL, 0, { 0 } },
	{ "decimal is no binary", "17", -EINVAL, 0, { 0 } },
	{ "empty", "", -EINVAL, 0, { 0 } },
};

static void test_binaries(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(binaries); i++) {
		size_t slen = strlen(binaries[i].text);
		char *s = unit_exact(binaries[i].text, slen);
		u8 *out = unit_exact(NULL, 4);
		u32 len = 0;

		check(mpio_parse_binary(s, slen, out, 4, &len) ==
		      binaries[i].ret && len == binaries[i].len &&
		      !memcmp(out, binaries[i].bytes, 4), binaries[i].desc);
		free(out);
		free(s);
	}
}

static void test_lists(void)
{
	const char *s = "a,,bc,", *item;
	u32 len = 6, item_len;
	char got[16] = "";

	while (mpio_list_next(&s, &len, &item, &item_len))
		sprintf(got + strlen(got), "%.*s;", (int)item_len, item);
	check(!strcmp(got, "a;;bc;"), "elements of a list");
	check(mpio_list_has("None,CRC32C", 11, "CRC32C", 6) &&
	      !mpio_list_has("None,CRC32C", 11, "CRC", 3) &&
	      !mpio_list_has("", 0, "", 0), "member of a list");
}

static void test_build(void)
{
	static const char want[] = "A=1\0N=0\0M=4294967295\0H=0x00ff";
	const char *why = NULL;
	struct mpio_textbuf b;
	struct mpio_join j;
	char *buf = unit_exact(NULL, 32), *small = unit_exact("abcd", 4);
	u8 joined[4];

	mpio_textbuf_init(&b, buf, sizeof(want));
	mpio_text_put(&b, "A", "1");
	mpio_text_put_u32(&b, "N", 0);
	mpio_text_put_u32(&b, "M", 4294967295U);
	mpio_text_put_hex(&b, "H", (const u8 *)"\0\xff", 2);
	check(!b.overflow && b.len == sizeof(want) &&
	      !memcmp(buf, want, sizeof(want)), "text as written");
	mpio_text_put(&b, "B", "");
	mpio_text_put_hex(&b, "B", (const u8 *)"", 1);
	check(b.overflow && b.len == sizeof(want), "overflow is remembered");
	mpio_textbuf_init(&b, small, 4);
	mpio_text_put(&b, "A", "12");
	check(b.overflow && !b.len, "no half pair is written");
	mpio_textbuf_init(&b, small, 4);
	mpio_text_put(&b, "A", "1");
	check(!b.overflow && b.len == 4 && !memcmp(small, "A=1", 4),
	      "a pair that just fits");
	mpio_join_init(&j, joined, 4);
	check(!mpio_join_add(&j, "ab", 2, &why) &&
	      !mpio_join_add(&j, NULL, 0, &why) &&
	      mpio_join_add(&j, "cde", 3, &why) == -EMSGSIZE &&
	      unit_says(why, "more text") &&
	      !mpio_join_add(&j, "cd", 2, &why) && j.len == 4 &&
	      !memcmp(joined, "abcd", 4), "joining PDUs");
	free(small);
	free(buf);
}

static void test_sentences(void)
{
	char *buf = unit_exact(NULL, 16);
	struct mpio_say s;

	mpio_say_init(&s, buf, 16);
	mpio_say(&s, "n ");
	mpio_say_hex(&s, 0x2ab, 4);
	check(!strcmp(buf, "n 02ab"), "numbers in a sentence");
	mpio_say_peer(&s, "\033[2J\xff evil and long", 19);
	check(!strcmp(buf, "n 02ab?[2J? evi"), "terminal codes of a peer");
	free(buf);
}

void test_text(void)
{
	test_tokens();
	test_values();
	test_binaries();
	test_lists();
	test_build();
	test_sentences();
}
