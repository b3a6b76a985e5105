// SPDX-License-Identifier: GPL-2.0
/* Applies new settings to a session: its timers, its socket, its processor. */
#include <linux/cpu.h>
#include <linux/cpumask.h>

#include "base/change.h"
#include "conn/conn.h"
#include "session/session.h"
#include "session/transport.h"

static int mpio_spread(u32 nr)
{
	int cpu;

	cpus_read_lock();
	cpu = cpumask_local_spread(nr % num_online_cpus(), NUMA_NO_NODE);
	cpus_read_unlock();
	return cpu;
}

int mpio_session_processor(const struct mpio_session *sess)
{
	u32 nr = mpio_setting(sess, MPIO_TA_PROCESSOR);

	if (nr == MPIO_ANY_PROCESSOR)
		return -1;
	if (nr < nr_cpu_ids && cpu_online(nr))
		return nr;
	/* A record of a larger machine, or it is switched off. */
	return mpio_spread(nr);
}

/* Where its io_work runs: as set, else spread over all. */
void mpio_session_place(struct mpio_session *sess)
{
	int cpu = mpio_session_processor(sess);

	if (cpu < 0)
		cpu = mpio_spread(sess->id);
	WRITE_ONCE(sess->conn.cpu, cpu);
}

void mpio_session_apply_settings(struct mpio_session *sess,
				 const struct mpio_settings *settings)
{
	unsigned int i;

	for (i = 1; i < __MPIO_TA_MAX; i++)
		WRITE_ONCE(sess->settings.v[i], settings->v[i]);
	mpio_session_place(sess);
	mpio_conn_apply_settings(&sess->conn);
	mpio_transport_apply_settings(sess);
	sess->ops->settings_changed(sess);
	mpio_select_changed();
	if (mpio_session_state(sess) == MPIO_SESSION_LOGGED_IN)
		mpio_session_queue(sess, mpio_recover_wq, &sess->nop_work, 0);
}
