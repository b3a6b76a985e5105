// SPDX-License-Identifier: GPL-2.0
/* Numbers by LUN; see lun_map.h. */
#include "base/lun_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static uint32_t absent(enum lun_text kind)
{
	return kind == LUN_WEIGHTS ? WEIGHT_DEFAULT : 0;
}

void lun_map_free(struct lun_map *map)
{
	free(map->item);
	map->item = NULL;
	map->count = 0;
}

static void add(struct lun_map *map, uint64_t first, uint64_t last,
		uint32_t value)
{
	map->item = xrealloc(map->item, map->count + 1, sizeof(*map->item));
	map->item[map->count++] = (struct lun_range){ first, last, value };
}

static int by_first(const void *a, const void *b)
{
	const struct lun_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Joins ranges that lie side by side and have one value. */
static void tidy(struct lun_map *map)
{
	struct lun_range *to = map->item, *r;
	size_t i;

	if (!map->count)
		return;
	qsort(map->item, map->count, sizeof(*map->item), by_first);
	for (i = 1; i < map->count; i++) {
		r = &map->item[i];
		if (r->first == to->last + 1 && r->value == to->value)
			to->last = r->last;
		else
			*++to = *r;
	}
	map->count = to - map->item + 1;
}

void lun_map_put(struct lun_map *map, uint64_t first, uint64_t last,
		 uint32_t value)
{
	struct lun_map new = { .kind = map->kind };
	const struct lun_range *r;
	size_t i;

	for (i = 0; i < map->count; i++) {
		r = &map->item[i];
		if (r->first < first)
			add(&new, r->first, r->last < first ? r->last :
			    first - 1, r->value);
		if (r->last > last)
			add(&new, r->first > last ? r->first : last + 1,
			    r->last, r->value);
	}
	if (value != absent(map->kind))
		add(&new, first, last, value);
	tidy(&new);
	free(map->item);
	*map = new;
}

/* A decimal number at *at, which moves behind it. */
static bool number(const char **at, uint64_t max, uint64_t *value)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*value = strtoull(*at, &end, 10);
	*at = end;
	return !errno && *value <= max;
}

/* One range at *at. */
static bool take(struct lun_map *map, const char **at)
{
	uint64_t first, last, value = 1;

	if (!number(at, LUN_MAX, &first))
		return false;
	last = first;
	if (**at == '-') {
		++*at;
		if (!number(at, LUN_MAX, &last) || last < first)
			return false;
	}
	if (map->kind == LUN_WEIGHTS) {
		if (**at != ':')
			return false;
		++*at;
		if (!number(at, WEIGHT_MAX, &value))
			return false;
	}
	lun_map_put(map, first, last, value);
	return true;
}

int lun_map_parse(const char *text, enum lun_text kind, struct lun_map *map)
{
	const char *at = text;

	*map = (struct lun_map){ .kind = kind };
	while (*at) {
		if (!take(map, &at) || (*at && *at != ',') ||
		    (*at == ',' && !at[1]))
			return because(CODE_INVALID, kind == LUN_WEIGHTS ?
				       "\"%s\" is no list of LUNs and weights such as 0:10,2-5:20" :
				       "\"%s\" is no list of LUNs such as 0,2-5",
				       text);
		at += *at == ',';
	}
	return 0;
}

static int print_range(const struct lun_map *map, const struct lun_range *r,
		       char *text, size_t room)
{
	char last[24] = "", value[12] = "";

	if (r->last != r->first)
		snprintf(last, sizeof(last), "-%" PRIu64, r->last);
	if (map->kind == LUN_WEIGHTS)
		snprintf(value, sizeof(value), ":%" PRIu32, r->value);
	return snprintf(text, room, "%s%" PRIu64 "%s%s",
			r == map->item ? "" : ",", r->first, last, value);
}

int lun_map_text(const struct lun_map *map, char *text)
{
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < map->count; i++) {
		len += print_range(map, &map->item[i], text + len,
				   LUN_TEXT_MAX + 1 - len);
		if (len > LUN_TEXT_MAX)
			return because(CODE_INVALID,
				       "so many LUNs that differ do not fit into %u characters",
				       LUN_TEXT_MAX);
	}
	return 0;
}
