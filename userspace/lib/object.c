// SPDX-License-Identifier: GPL-2.0
/* Objects as they were received, and values as they will be sent. */
#include "lib/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/message.h"

#define FIRST_ROOM	256
#define ATTR_MAX	0xffff	/* of a length that is a __u16 */

static const struct nlattr *find(const struct impio_object *o, int type,
				 unsigned int n)
{
	const struct nlattr *nest = (const void *)o, *a;
	size_t rest = nest ? message_len(nest) : 0;

	if (!nest)
		return NULL;
	for (a = message_data(nest); message_ok(a, rest); a = message_next(a, &rest))
		if (message_type(a) == type && !n--)
			return a;
	return NULL;
}

int impio_number(const struct impio_object *o, int attr, uint64_t *value)
{
	const struct nlattr *a = find(o, attr, 0);
	uint32_t small;

	if (!a)
		return -ENOENT;
	switch (message_len(a)) {
	case 0:
		*value = 1;
		return 0;
	case sizeof(small):
		memcpy(&small, message_data(a), sizeof(small));
		*value = small;
		return 0;
	case sizeof(*value):
		memcpy(value, message_data(a), sizeof(*value));
		return 0;
	default:
		return -EINVAL;
	}
}

const char *impio_text(const struct impio_object *o, int attr, unsigned int n)
{
	const struct nlattr *a = find(o, attr, n);
	const char *text = a ? message_data(a) : NULL;

	return a && message_len(a) && !text[message_len(a) - 1] ? text : NULL;
}

const void *impio_bytes(const struct impio_object *o, int attr, size_t *len)
{
	const struct nlattr *a = find(o, attr, 0);

	*len = a ? message_len(a) : 0;
	return a ? message_data(a) : NULL;
}

const struct impio_object *impio_nest(const struct impio_object *o, int attr,
				      unsigned int n)
{
	return (const void *)find(o, attr, n);
}

int impio_list_add(struct impio_list *list, const void *attributes, size_t len)
{
	size_t room = list->room ? list->room * 2 : 16;
	struct nlattr *nest;
	void *item;

	if (len > ATTR_MAX - NLA_HDRLEN)
		return -EMSGSIZE;
	if (list->count == list->room) {
		item = reallocarray(list->item, room, sizeof(*list->item));
		if (!item)
			return -ENOMEM;
		list->item = item;
		list->room = room;
	}
	nest = malloc(NLA_HDRLEN + len);
	if (!nest)
		return -ENOMEM;
	nest->nla_type = NLA_F_NESTED;
	nest->nla_len = NLA_HDRLEN + len;
	memcpy((char *)nest + NLA_HDRLEN, attributes, len);
	list->item[list->count++] = (void *)nest;
	return 0;
}

size_t impio_count(const struct impio_list *list)
{
	return list ? list->count : 0;
}

const struct impio_object *impio_item(const struct impio_list *list, size_t i)
{
	return list && i < list->count ? list->item[i] : NULL;
}

void impio_list_free(struct impio_list *list)
{
	size_t i;

	if (!list)
		return;
	for (i = 0; i < list->count; i++)
		free(list->item[i]);
	free(list->item);
	free(list);
}

static void wipe(struct nlattr *nest)
{
	if (nest)
		explicit_bzero(nest, nest->nla_len);
	free(nest);
}

/* There may be secrets in what is left behind: no realloc(). */
static int make_room(struct impio_values *v, size_t need)
{
	size_t room = v->room;
	struct nlattr *nest;

	if (need > ATTR_MAX)
		return -EMSGSIZE;
	if (need <= room)
		return 0;
	while (room < need)
		room *= 2;
	nest = calloc(1, room);
	if (!nest)
		return -ENOMEM;
	memcpy(nest, v->nest, v->nest->nla_len);
	wipe(v->nest);
	v->nest = nest;
	v->room = room;
	return 0;
}

struct impio_values *impio_values_new(void)
{
	struct impio_values *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->room = FIRST_ROOM;
	v->nest = calloc(1, v->room);
	if (!v->nest) {
		free(v);
		return NULL;
	}
	v->nest->nla_type = NLA_F_NESTED;
	v->nest->nla_len = NLA_HDRLEN;
	return v;
}

void impio_values_free(struct impio_values *v)
{
	if (v)
		wipe(v->nest);
	free(v);
}

static void put(struct impio_values *v, int type, const void *data, size_t len)
{
	struct nlattr *a;
	size_t at, end;

	if (!v || v->err)
		return;
	at = NLA_ALIGN(v->nest->nla_len);
	end = at + NLA_HDRLEN + len;
	v->err = len > ATTR_MAX ? -EMSGSIZE : make_room(v, NLA_ALIGN(end));
	if (v->err)
		return;
	a = (void *)((char *)v->nest + at);
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
	v->nest->nla_len = end;
}

void impio_put_number(struct impio_values *v, int attr, uint32_t value)
{
	put(v, attr, &value, sizeof(value));
}

void impio_put_number64(struct impio_values *v, int attr, uint64_t value)
{
	put(v, attr, &value, sizeof(value));
}

void impio_put_flag(struct impio_values *v, int attr)
{
	put(v, attr, NULL, 0);
}

void impio_put_text(struct impio_values *v, int attr, const char *text)
{
	put(v, attr, text, strlen(text) + 1);
}

void impio_put_bytes(struct impio_values *v, int attr, const void *bytes,
		     size_t len)
{
	put(v, attr, bytes, len);
}

void impio_put_nest(struct impio_values *v, int attr,
		    const struct impio_object *nest)
{
	const struct nlattr *a = (const void *)nest;

	if (a)
		put(v, attr | NLA_F_NESTED, message_data(a), message_len(a));
	else if (v && !v->err)
		v->err = -EINVAL;
}

const struct impio_object *impio_values_object(const struct impio_values *v)
{
	return v && !v->err ? (const void *)v->nest : NULL;
}
