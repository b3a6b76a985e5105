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

uint16_t message_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

size_t message_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

const void *message_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

uint32_t message_u32(const struct nlattr *a)
{
	uint32_t value = 0;

	if (message_len(a) >= sizeof(value))
		memcpy(&value, message_data(a), sizeof(value));
	return value;
}

uint64_t message_u64(const struct nlattr *a)
{
	uint64_t value = 0;

	if (message_len(a) >= sizeof(value))
		memcpy(&value, message_data(a), sizeof(value));
	return value;
}

bool message_ok(const struct nlattr *a, size_t rest)
{
	return rest >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= rest;
}

const struct nlattr *message_next(const struct nlattr *a, size_t *rest)
{
	size_t step = NLA_ALIGN(a->nla_len);

	*rest = step < *rest ? *rest - step : 0;
	return (const struct nlattr *)((const char *)a + step);
}

void message_parse(const struct nlattr **tb, uint16_t max, const void *first,
		   size_t len)
{
	const struct nlattr *a;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	for (a = first; message_ok(a, len); a = message_next(a, &len))
		if (message_type(a) && message_type(a) <= max)
			tb[message_type(a)] = a;
}

void message_parse_nested(const struct nlattr **tb, uint16_t max,
			  const struct nlattr *nest)
{
	message_parse(tb, max, message_data(nest), message_len(nest));
}
