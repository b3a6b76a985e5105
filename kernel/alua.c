// SPDX-License-Identifier: GPL-2.0
/*
 * ALUA. One answer to REPORT TARGET PORT GROUPS speaks of all groups, so each
 * path of the disk learns from it, not only the one that asked: a path nobody
 * sends I/O to would get its unit attention never.
 *
 * Groups are made active only where nobody else does it: with explicit access
 * alone, and no path in the best state left. Without the latter two hosts
 * could snatch the LU from each other for ever.
 */
#include "alua.h"

#include "head.h"
#include "path.h"
#include "probe.h"
#include "session.h"

int mpio_alua_ask(struct mpio_session *sess, struct mpio_probe *probe, u64 lun)
{
	struct mpio_lu *lu = &probe->lu;
	struct mpio_tpg_iter it;
	struct mpio_tpg tpg;
	u32 len;
	int n;

	lu->alua_state = MPIO_ALUA_NONE;
	lu->alua_pref = false;
	lu->tpg = 0;
	lu->ntpgs = 0;
	if (!lu->inquiry.tpgs || !probe->vpd83.has_tpg)
		return 0;
	len = mpio_cdb_rtpg(probe->cdb, MPIO_PROBE_BUF, false);
	n = mpio_probe_read(sess, probe, lun, len, probe->buf, MPIO_PROBE_BUF);
	if (n == -ENOTCONN)
		return n;
	if (n < 0 || mpio_tpg_first(&it, probe->buf, n))
		return 0;
	while (mpio_tpg_next(&it, &tpg) == 1) {
		struct mpio_lu_tpg t = {
			.tpg = tpg.tpg,
			.state = tpg.state,
			.pref = tpg.pref,
		};

		if (lu->ntpgs < MPIO_LU_TPGS)
			lu->tpgs[lu->ntpgs++] = t;
		if (tpg.tpg == probe->vpd83.tpg) {
			lu->tpg = tpg.tpg;
			lu->alua_state = tpg.state;
			lu->alua_pref = tpg.pref;
		}
	}
	return 0;
}

static const struct mpio_lu_tpg *mpio_alua_find(const struct mpio_lu *lu,
						u16 tpg)
{
	unsigned int i;

	for (i = 0; i < lu->ntpgs; i++)
		if (lu->tpgs[i].tpg == tpg)
			return &lu->tpgs[i];
	return NULL;
}

void mpio_alua_share(struct mpio_head *head, const struct mpio_path *asked,
		     const struct mpio_lu *lu)
{
	const struct mpio_path_set *set;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; lu->ntpgs && set && i < set->count; i++) {
		struct mpio_path *path = set->path[i];
		const struct mpio_lu_tpg *t;

		if (path == asked ||
		    READ_ONCE(path->alua_state) == MPIO_ALUA_NONE)
			continue;
		t = mpio_alua_find(lu, READ_ONCE(path->tpg));
		if (t)
			mpio_path_learn_alua(path, t->state, t->pref);
	}
	rcu_read_unlock();
}

/* Is a path in the best state, or a group about to get there? */
static bool mpio_alua_settled(struct mpio_head *head)
{
	const struct mpio_path_set *set;
	bool settled = false;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(head->paths);
	for (i = 0; set && i < set->count; i++) {
		const struct mpio_path *path = set->path[i];
		u8 alua = READ_ONCE(path->alua_state);

		if (mpio_session_state(path->sess) == MPIO_SESSION_LOGGED_IN &&
		    (alua == MPIO_ALUA_TRANSITIONING ||
		     (mpio_path_usable(path) && mpio_alua_is_best(alua))))
			settled = true;
	}
	rcu_read_unlock();
	return settled;
}

bool mpio_alua_activate(struct mpio_path *path, struct mpio_probe *probe)
{
	struct mpio_head *head = path->head;
	const struct mpio_lu *lu = &probe->lu;
	u32 len;
	int n;

	if (lu->inquiry.tpgs != MPIO_TPGS_EXPLICIT || !lu->ntpgs ||
	    mpio_alua_is_best(lu->alua_state) ||
	    lu->alua_state == MPIO_ALUA_OFFLINE ||
	    lu->alua_state == MPIO_ALUA_TRANSITIONING ||
	    READ_ONCE(path->state) == MPIO_PATH_DISABLED ||
	    mpio_alua_settled(head))
		return false;
	/* One at a time: the second would undo what the first has got. */
	if (test_and_set_bit(MPIO_HEAD_STPG, &head->flags))
		return true;
	len = mpio_stpg_data(probe->buf, MPIO_PROBE_BUF, MPIO_ALUA_OPTIMIZED,
			     lu->tpg);
	n = mpio_probe_write(path->sess, probe, path->lun,
			     mpio_cdb_stpg(probe->cdb, len), probe->buf, len);
	clear_bit(MPIO_HEAD_STPG, &head->flags);
	pr_info_ratelimited("disk %u: portal group %u %s active/optimized\n",
			    head->id, lu->tpg,
			    n < 0 ? "could not be made" : "made");
	return n >= 0;
}
