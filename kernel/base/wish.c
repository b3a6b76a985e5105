// SPDX-License-Identifier: GPL-2.0
/* Wishes: one xarray entry a LUN, weight and preference packed into it. */
#include "base/wish.h"

#include <linux/slab.h>
#include <linux/xarray.h>

#define MPIO_WEIGHT_DEFAULT	1

struct mpio_wishes {
	struct xarray by_lun;	/* its own lock */
};

struct mpio_wishes *mpio_wishes_alloc(void)
{
	struct mpio_wishes *wishes = kmalloc(sizeof(*wishes), GFP_KERNEL);

	if (wishes)
		xa_init(&wishes->by_lun);
	return wishes;
}

void mpio_wishes_free(struct mpio_wishes *wishes)
{
	if (wishes)
		xa_destroy(&wishes->by_lun);
	kfree(wishes);
}

struct mpio_wish mpio_wish_get(struct mpio_wishes *wishes, u64 lun)
{
	struct mpio_wish wish = { .weight = MPIO_WEIGHT_DEFAULT };
	void *entry = xa_load(&wishes->by_lun, lun);

	if (entry) {
		wish.weight = xa_to_value(entry) >> 1;
		wish.preferred = xa_to_value(entry) & 1;
	}
	return wish;
}

int mpio_wish_set(struct mpio_wishes *wishes, u64 lun, struct mpio_wish wish)
{
	unsigned long value = (unsigned long)wish.weight << 1 | wish.preferred;

	return xa_err(xa_store(&wishes->by_lun, lun, xa_mk_value(value),
			       GFP_KERNEL));
}
