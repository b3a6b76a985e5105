// SPDX-License-Identifier: GPL-2.0
#include "lib/message.h"

#include <string.h>

static void *tail(const struct message *msg)
{
	return (char *)msg->head + NLMSG_ALIGN(msg->head->nlmsg_len);
}

static bool has_room(struct message *msg, size_t len)
{
	size_t used = NLMSG_ALIGN(msg->head->nlmsg_len);

	msg->full = msg->full || NLA_ALIGN(len) > msg->size - used;
	return !msg->full;
}

void message_init(struct message *msg, void *buffer, size_t size,
		  uint16_t type, uint16_t flags, const void *family,
		  size_t len)
{
	memset(buffer, 0, size);
	msg->head = buffer;
	msg->size = size;
	msg->full = size < NLMSG_SPACE(len);
	msg->head->nlmsg_type = type;
	msg->head->nlmsg_flags = flags;
	msg->head->nlmsg_len = NLMSG_HDRLEN;
	if (msg->full)
		return;
	memcpy(NLMSG_DATA(msg->head), family, len);
	msg->head->nlmsg_len = NLMSG_LENGTH(len);
}

void message_put(struct message *msg, uint16_t type, const void *data,
		 size_t len)
{
	struct nlattr *a = tail(msg);

	if (len > UINT16_MAX - NLA_HDRLEN)
		msg->full = true;
	if (!has_room(msg, NLA_HDRLEN + len))
		return;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy(a + 1, data, len);
	msg->head->nlmsg_len = NLMSG_ALIGN(msg->head->nlmsg_len) +
			       NLA_ALIGN(a->nla_len);
}

void message_put_u32(struct message *msg, uint16_t type, uint32_t value)
{
	message_put(msg, type, &value, sizeof(value));
}

void message_put_string(struct message *msg, uint16_t type, const char *text)
{
	message_put(msg, type, text, strlen(text) + 1);
}

void message_put_flag(struct message *msg, uint16_t type)
{
	message_put(msg, type, NULL, 0);
}

struct nlattr *message_nest(struct message *msg, uint16_t type)
{
	struct nlattr *nest = tail(msg);

	message_put(msg, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void message_nest_end(struct message *msg, struct nlattr *nest)
{
	size_t len = (char *)tail(msg) - (char *)nest;

	if (msg->full)
		return;
	if (len > UINT16_MAX)
		msg->full = true;
	else if (len == NLA_HDRLEN)
		msg->head->nlmsg_len -= len;
	else
		nest->nla_len = len;
}

uint16_t attr_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

size_t attr_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

const void *attr_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

uint32_t attr_u32(const struct nlattr *a)
{
	uint32_t value = 0;

	if (attr_len(a) >= sizeof(value))
		memcpy(&value, attr_data(a), sizeof(value));
	return value;
}

uint64_t attr_u64(const struct nlattr *a)
{
	uint64_t value = 0;

	if (attr_len(a) >= sizeof(value))
		memcpy(&value, attr_data(a), sizeof(value));
	return value;
}

bool attr_ok(const struct nlattr *a, size_t left)
{
	return left >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= left;
}

const struct nlattr *attr_next(const struct nlattr *a, size_t *left)
{
	size_t step = NLA_ALIGN(a->nla_len);

	*left = step < *left ? *left - step : 0;
	return (const struct nlattr *)((const char *)a + step);
}

void attrs_parse(const struct nlattr **tb, uint16_t max, const void *first,
		 size_t len)
{
	const struct nlattr *a;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	for (a = first; attr_ok(a, len); a = attr_next(a, &len))
		if (attr_type(a) && attr_type(a) <= max)
			tb[attr_type(a)] = a;
}

void attrs_parse_nested(const struct nlattr **tb, uint16_t max,
			const struct nlattr *nest)
{
	attrs_parse(tb, max, attr_data(nest), attr_len(nest));
}
