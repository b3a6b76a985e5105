// SPDX-License-Identifier: GPL-2.0
/*
 * Initiator task tags: which command a PDU of the target is about. The lower
 * bits are a slot, the upper ones count its uses, so that a tag of before, or
 * one made up, finds nothing.
 */
#include "conn/conn.h"

#include <linux/bug.h>
#include <linux/build_bug.h>

#include "base/assert.h"

/* The next free slot after @taken; there is one, see mpio_conn_has_slot(). */
static u16 mpio_conn_free_slot(const struct mpio_conn *conn, u16 taken)
{
	unsigned int i, slot = taken;

	for (i = 0; i < MPIO_CAN_QUEUE; i++) {
		if (++slot >= MPIO_CAN_QUEUE)
			slot = 0;
		if (!conn->slots[slot].task)
			return slot;
	}
	return taken;
}

void mpio_conn_assign_itt(struct mpio_conn *conn, struct mpio_task *task)
{
	struct mpio_slot *slot = &conn->slots[task->slot];

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	/*
	 * The tag of a command is its host's, and disks of several hosts may have
	 * a path through one session: the first to come has the slot of its tag.
	 */
	if (unlikely(slot->task) && task->slot < MPIO_CAN_QUEUE) {
		task->slot = mpio_conn_free_slot(conn, task->slot);
		slot = &conn->slots[task->slot];
	}
	WARN_ON_ONCE(slot->task);
	slot->uses++;
	slot->task = task;
	WRITE_ONCE(conn->slots_used, conn->slots_used + 1);
	task->itt = slot->uses << MPIO_ITT_SLOT_BITS | task->slot;
}

struct mpio_task *mpio_conn_find_task(struct mpio_conn *conn, u32 itt)
{
	u32 index = itt & ((1U << MPIO_ITT_SLOT_BITS) - 1);
	struct mpio_task *task;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	BUILD_BUG_ON(MPIO_SLOTS >= (1U << MPIO_ITT_SLOT_BITS) - 1);
	if (index >= MPIO_SLOTS)
		return NULL;
	task = conn->slots[index].task;
	return task && task->itt == itt ? task : NULL;
}

/* How many uses ago: as many as one may be waited for in vain. */
#define MPIO_ITT_GIVEN_UP	1024

bool mpio_conn_itt_given_up(const struct mpio_conn *conn, u32 itt)
{
	u32 index = itt & ((1U << MPIO_ITT_SLOT_BITS) - 1);
	u32 ago;

	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	if (index < MPIO_SLOT_FENCE || index >= MPIO_SLOTS)
		return false;
	ago = conn->slots[index].uses - (itt >> MPIO_ITT_SLOT_BITS);
	return (ago & (U32_MAX >> MPIO_ITT_SLOT_BITS)) < MPIO_ITT_GIVEN_UP;
}

void mpio_conn_forget_task(struct mpio_conn *conn, struct mpio_task *task)
{
	list_del_init(&task->node);
	list_del_init(&task->r2t_node);
	mpio_extents_clear(&conn->extents, &task->extents);
	if (conn->slots[task->slot].task == task) {
		conn->slots[task->slot].task = NULL;
		WRITE_ONCE(conn->slots_used, conn->slots_used - 1);
	}
}

void mpio_conn_complete_task(struct mpio_conn *conn, struct mpio_task *task)
{
	mpio_assert_bit_held(MPIO_CONN_OWNED, &conn->flags);
	if (conn->tx.task == task) {
		/* Its data segment goes on, or framing would be lost. */
		set_bit(MPIO_TASK_RESPONDED, &task->flags);
		return;
	}
	mpio_conn_forget_task(conn, task);
	list_add_tail(&task->node, &conn->done);
}
