/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers by LUN, as ranges and as text: "0-3:10,7:20" with numbers, "0-3,7"
 * of LUNs for which something is simply so. What is not in it has the default.
 */
#ifndef _ISCSICTL_LUN_MAP_H
#define _ISCSICTL_LUN_MAP_H

#include <stddef.h>
#include <stdint.h>

#define LUN_TEXT_MAX	1023
#define LUN_MAX		0xffffffffffffULL
#define WEIGHT_DEFAULT	1
#define WEIGHT_MAX	65535

enum lun_text {
	LUN_WEIGHTS,	/* default 1 */
	LUN_PREFERRED,	/* default 0, else 1 */
};

struct lun_range {
	uint64_t first, last;
	uint32_t value;
};

struct lun_map {
	enum lun_text kind;
	struct lun_range *item;	/* ascending, apart from each other */
	size_t count;
};

/* 0, or CODE_INVALID and why(). lun_map_free() in either case. */
int lun_map_parse(const char *text, enum lun_text kind, struct lun_map *map);
void lun_map_free(struct lun_map *map);
/* The default takes the LUNs out of the map. */
void lun_map_put(struct lun_map *map, uint64_t first, uint64_t last,
		 uint32_t value);
/* Its text, LUN_TEXT_MAX + 1 bytes; or CODE_INVALID: it is too long. */
int lun_map_text(const struct lun_map *map, char *text);

#endif /* _ISCSICTL_LUN_MAP_H */
