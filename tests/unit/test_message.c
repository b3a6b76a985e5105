// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink messages of the tools. Failing means: a request is wrong or runs out
 * of its buffer, or an answer that is cut off is read beyond its end.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../userspace/lib/message.h"

#define FAMILY_LEN	4

static struct message begin(void *buffer, size_t size)
{
	static const uint32_t family = 0x01020304;
	struct message msg;

	message_init(&msg, buffer, size, 16, NLM_F_REQUEST, &family,
		     sizeof(family));
	return msg;
}

static const struct nlattr *first(const struct message *msg)
{
	return (const void *)((char *)msg->head + NLMSG_LENGTH(FAMILY_LEN));
}

static size_t used(const struct message *msg)
{
	return msg->head->nlmsg_len - NLMSG_LENGTH(FAMILY_LEN);
}

static void test_put(void)
{
	/* Attributes are in the order of bytes of this processor. */
	static const struct {
		struct nlattr text;
		char ab[4];			/* padded */
		struct nlattr number;
		uint32_t value;
		struct nlattr flag;
		struct nlattr nest, inner;
		uint32_t five;
	} wire = {
		{ 7, 1 }, "ab", { 8, 2 }, 0x12345678, { 4, 3 },
		{ 12, 4 | NLA_F_NESTED }, { 8, 1 }, 5,
	};
	const struct nlattr *tb[5], *in[2];
	uint32_t buffer[32];
	struct message msg = begin(buffer, sizeof(buffer));
	struct nlattr *nest;

	message_put_string(&msg, 1, "ab");
	message_put_u32(&msg, 2, 0x12345678);
	message_put(&msg, 3, NULL, 0);
	nest = message_nest(&msg, 4);
	message_put_u32(&msg, 1, 5);
	message_nest_end(&msg, nest);
	nest = message_nest(&msg, 5);
	message_nest_end(&msg, nest);
	check(!msg.full && used(&msg) == sizeof(wire) &&
	      !memcmp(first(&msg), &wire, sizeof(wire)),
	      "attributes are padded, a nest without any is undone");
	message_parse(tb, 4, first(&msg), used(&msg));
	check(tb[1] && message_len(tb[1]) == 3 && tb[2] &&
	      message_u32(tb[2]) == 0x12345678 && tb[3] && !message_len(tb[3]),
	      "what was put is read");
	check(message_u32(tb[1]) == 0 && message_u64(tb[2]) == 0,
	      "what is shorter than a number is none");
	message_parse_nested(in, 1, tb[4]);
	check(message_type(tb[4]) == 4 && in[1] && message_u32(in[1]) == 5,
	      "a nest is read, its flag is not part of the type");
	message_parse(tb, 2, first(&msg), used(&msg));
	check(tb[1] && tb[2], "types beyond the table are left out");
}

/* In every buffer that is too small nothing is written behind its end. */
static void test_room(void)
{
	bool kept = true, said = true;
	struct nlattr *nest;
	struct message msg;
	size_t size, need = NLMSG_SPACE(FAMILY_LEN) + 8 + 4 + 8;
	static uint8_t data[65532];
	void *buffer;

	for (size = NLMSG_SPACE(FAMILY_LEN); size <= need; size += 4) {
		buffer = unit_exact(NULL, size);
		msg = begin(buffer, size);
		message_put_u32(&msg, 1, 1);
		nest = message_nest(&msg, 2);
		message_put_u32(&msg, 3, 3);
		message_nest_end(&msg, nest);
		kept &= msg.head->nlmsg_len <= size;
		said &= msg.full == (size < need);
		free(buffer);
	}
	check(kept, "a message stays in its buffer");
	check(said, "a message that is too long says so");
	buffer = unit_exact(NULL, 200000);
	msg = begin(buffer, 200000);
	message_put(&msg, 1, data, 65532);
	check(msg.full, "an attribute longer than its length can say");
	msg = begin(buffer, 200000);
	nest = message_nest(&msg, 1);
	message_put(&msg, 2, data, 65531);
	message_nest_end(&msg, nest);
	check(msg.full, "a nest longer than its length can say");
	free(buffer);
}

static const struct cut_case {
	const char *desc;
	uint16_t wire[6];	/* length, type, the rest */
	size_t len;
	bool found;
} cut_cases[] = {
	{ "nothing", { 0 }, 0, false },
	{ "less than a header", { 8, 1 }, 3, false },
	{ "shorter than its header", { 3, 1 }, 4, false },
	{ "of length zero, for ever", { 0, 1 }, 4, false },
	{ "longer than what is left", { 9, 1, 1, 2 }, 8, false },
	{ "without its padding", { 7, 1, 1, 2 }, 7, true },
	{ "behind one that lies", { 2, 2, 8, 1, 1, 2 }, 12, false },
	{ "of type zero", { 4, 0 }, 4, false },
	{ "whole", { 8, 1, 1, 2 }, 8, true },
};

static void test_cut(void)
{
	const struct cut_case *c = cut_cases;
	const struct nlattr *tb[2];
	unsigned int i;
	void *wire;

	for (i = 0; i < sizeof(cut_cases) / sizeof(*c); i++, c++) {
		wire = unit_exact(c->wire, c->len);
		message_parse(tb, 1, wire, c->len);
		check(!!tb[1] == c->found && !tb[0], c->desc);
		free(wire);
	}
}

void test_message(void)
{
	test_put();
	test_room();
	test_cut();
}
