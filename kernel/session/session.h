/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session: one I_T nexus that logs in, recovers and reconnects by itself.
 *
 * Lifetime: mpio_session_add() publishes it with one reference of the
 * registry; mpio_session_del() takes it down and drops that reference.
 * Works hold none: they are cancelled before the last reference goes.
 *
 * Order of locks: Documentation/locking.rst.
 */
#ifndef _MPIO_SESSION_H
#define _MPIO_SESSION_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <uapi/linux/iscsi_mpio.h>

#include "base/setting.h"
#include "conn/conn.h"
#include "proto/login.h"

struct iscsi_cls_conn;
struct iscsi_cls_session;
struct kobject;
struct mpio_hashes;
struct mpio_host;
struct mpio_login;
struct mpio_probe;
struct mpio_session;
struct mpio_target_policy;
struct mpio_path_configs;
struct net;

/* One set of CHAP secrets; a length is 0 where there is none. */
struct mpio_secrets {
	u8 out[MPIO_SECRET_MAX];	/* proves us */
	u8 in[MPIO_SECRET_MAX];		/* proves the target */
	u16 out_len, in_len;
};

/*
 * What the administrator asked for; constant once the session is added, but for
 * the CHAP secrets: session->lock, read by the login when it begins.
 */
struct mpio_session_config {
	char target_name[MPIO_NAME_MAX + 1];
	char initiator_name[MPIO_NAME_MAX + 1];
	struct sockaddr_storage portal;
	struct sockaddr_storage source;		/* ss_family 0: any */
	char iface[MPIO_IFACE_MAX + 1];		/* empty: any */
	u8 isid[MPIO_ISID_LEN];
	int tpgt;				/* -1: any */
	bool multipath, discovered, no_scan;
	bool header_digest, data_digest;
	bool initial_r2t, immediate_data;
	u32 first_burst, max_burst, max_recv_dsl, max_r2t;
	u32 avoid;				/* enum mpio_avoid_bit */
	enum mpio_auth_mode {
		MPIO_AUTH_MODE_NONE = MPIO_AUTH_NONE,
		MPIO_AUTH_MODE_CHAP = MPIO_AUTH_CHAP,
		MPIO_AUTH_MODE_MUTUAL = MPIO_AUTH_CHAP_MUTUAL,
	} auth;
	char chap_user[MPIO_USER_MAX + 1];
	char chap_user_in[MPIO_USER_MAX + 1];
	u8 chap_secret[MPIO_SECRET_MAX];
	u8 chap_secret_in[MPIO_SECRET_MAX];
	u16 chap_secret_len, chap_secret_in_len;
	char chap_key[MPIO_KEY_MAX + 1];	/* where it came from, or "" */
	char chap_key_in[MPIO_KEY_MAX + 1];
	enum mpio_policy policy;
};

#define MPIO_TRANSITIONS 8
#define MPIO_TIME2WAIT_MAX 3600	/* s that a target may make us wait */

struct mpio_transition {
	u64 time_ns;			/* CLOCK_REALTIME */
	enum mpio_session_state state;
	char reason[MPIO_ERROR_MAX + 1];
};

/*
 * How a session calls the layers above, which have its disks and paths. All in process
 * context, no locks held.
 */
struct mpio_session_ops {
	/* What they keep with it. 0 or -ENOMEM; ->free is due either way. */
	int (*init)(struct mpio_session *sess);
	void (*free)(struct mpio_session *sess);
	/* It can be found, and logs in. */
	void (*added)(struct mpio_session *sess);
	/* The connection is dead: no command takes it. Must not wait. */
	void (*down)(struct mpio_session *sess);
	/* It is closed; its commands will be given back next. */
	void (*closed)(struct mpio_session *sess);
	/* Does anybody wait for the next login, rather than for another path? */
	bool (*urgent)(struct mpio_session *sess);
	/* A login is about to be tried. May sleep. */
	void (*before_login)(struct mpio_session *sess);
	/* And has failed. Clears ->login_out, as ->up() does. */
	void (*login_failed)(struct mpio_session *sess);
	/* Logged in, but not LOGGED_IN yet. */
	void (*up)(struct mpio_session *sess);
	/* LOGGED_IN; again and again, as often as NOPs are due. */
	void (*tick)(struct mpio_session *sess);
	/* jiffies when verify_work is due, or @next if that is earlier. */
	unsigned long (*next_look)(struct mpio_session *sess,
				   unsigned long next);
	void (*settings_changed)(struct mpio_session *sess);
	/* Nothing of it runs any more. */
	void (*stop)(struct mpio_session *sess);
	work_func_t verify_work;
	work_func_t scan_work;
};

struct mpio_session {
	struct kref ref;
	struct rcu_head rcu;
	u32 id;				/* constant once it is added */
	u64 unique;			/* right half of SessionIdentifier */
	struct list_head node;		/* mpio_sessions */
	struct net *net;		/* no reference: see main.c, exit_net */
	const struct mpio_session_ops *ops;
	struct mpio_session_config cfg;
	struct mpio_settings settings;	/* READ_ONCE/WRITE_ONCE */
	struct mpio_hashes *hashes;	/* hashes; allocated when added */
	struct mpio_login *login;	/* connect_work, while it logs in */
	struct mpio_login_config login_config;	/* connect_work */
	struct mpio_secrets login_secrets;	/* connect_work: of this login */

	struct mpio_host *host;	/* from add to del; registry mutex */
	struct iscsi_cls_session *cls;	/* transport.c; ->lock, NULL: none */
	struct iscsi_cls_conn *cls_conn;	/* constant while ->cls is set */
	struct kobject *cls_target;

	spinlock_t lock;		/* state to records, and paths */
	enum mpio_session_state state;
	bool removing;			/* mpio_session_del() has begun */
	bool was_up;			/* has been logged in once */
	bool level_1;			/* target had no higher level once */
	u32 avoid;			/* enum mpio_avoid: it fails with these */
	struct mpio_quirks quirks;	/* of all its logins; ->lock */
	bool scanned;
	bool scan_all;			/* the next scan asks every LU */
	u32 scans_ordered;		/* by the administrator */
	u32 scans_done;			/* orders that have been carried out */
	u32 luns_had;			/* ->scanning: the most since the last order */
	u32 look_ms;			/* ->scanning: until it looks again; or 0 */
	u32 scan_ms;			/* ->scanning: a LU has for an answer; or 0 */
	char last_error[MPIO_ERROR_MAX + 1];
	enum mpio_error last_error_code;
	struct mpio_transition transition[MPIO_TRANSITIONS];
	u32 transitions;		/* counts all */
	u32 reconnects;
	ktime_t connected;		/* boot time of the present login */
	u32 attempts;			/* logins that failed or did not last */
	u32 time2wait;			/* s, ordered by the target; once */
	unsigned long not_before;	/* jiffies | 1: that wait's end; or 0 */
	u16 tsih;
	u16 tpgt;
	bool tpgt_told;			/* by some login; not all targets do */
	u8 chap_alg;
	struct sockaddr_storage local, remote;
	char redirect[MPIO_PORTAL_TEXT_MAX + 1];	/* a name, or "" */
	struct sockaddr_storage redirect_to;	/* its address; family 0: none */
	bool local_ours;		/* ->local was an address of this host */
	int ifindex;			/* the connection goes out here; or 0 */
	u32 netdev_gains;		/* of ->net, that it knows of: netdev.c */
	atomic_t netdev_looks;		/* still due at its login: netdev.c */
	char (*records)[MPIO_RECORD_MAX + 1];
	u32 nrecords;
	u32 login_gen;			/* counts lost connections */
	enum mpio_loss loss;		/* how the last one was lost */
	atomic_t held;			/* its writes in a fence: see multipath/fence.c */
	unsigned long fence_slots;	/* bits: from MPIO_SLOT_FENCE, taken */
	bool fence_sibling;		/* of recover_work: a portal to try */
	bool fence_exiting;		/* the only login left is the fence's */
	/*
	 * Of logins that may have the target end the old session, whoever made
	 * them; see multipath/fence.c. WRITE_ONCE; cleared by release, when the
	 * others are set.
	 */
	bool login_out;			/* what became of it is not known yet */
	unsigned long login_asked;	/* jiffies | 1 of the last; or 0 */
	unsigned long login_lost;	/* the same of the last not answered */
	u32 login_lost_gen;		/* login_gen then */
	struct list_head paths;		/* by ascending id */
	struct mpio_path_configs *configs;	/* constant; locks for itself */

	struct mpio_conn conn;

	struct work_struct recover_work;	/* mpio_recover_wq */
	struct delayed_work connect_work;	/* mpio_login_wq */
	struct delayed_work nop_work;		/* mpio_recover_wq */
	struct delayed_work verify_work;	/* mpio_probe_wq */
	struct delayed_work scan_work;		/* mpio_scan_wq */
	struct mpio_probe *verify;		/* verify_work */
	struct mutex scanning;			/* one scan at a time */
	struct mpio_probe *scan;		/* ->scanning */
	struct mpio_target_policy *policy;	/* to be set; until it is added */
	struct mpio_task logout_task;		/* mpio_session_del() */
	struct mutex reset_mutex;		/* one reset by the midlayer */
	struct mpio_task reset_task;		/* reset_mutex */
};

extern struct mutex mpio_registry_mutex;
/* Changed under the registry mutex and mpio_sessions_lock, read under one. */
extern struct list_head mpio_sessions;
extern spinlock_t mpio_sessions_lock;

/* Process context. Chooses where the session's io_work runs. */
void mpio_session_place(struct mpio_session *sess);
/* Process context. The processor the session is bound to, or -1: any. */
int mpio_session_processor(const struct mpio_session *sess);

/* Any context. Value of setting @what, milliseconds where it is a time. */
static inline u32 mpio_setting(const struct mpio_session *sess,
			       enum mpio_setting_attr what)
{
	return mpio_setting_of(&sess->settings, what);
}

/* Process context, may sleep. With one reference, known to nobody; or NULL. */
struct mpio_session *
mpio_session_alloc(struct net *net, const struct mpio_session_config *cfg,
		   const struct mpio_settings *settings,
		   const struct mpio_session_ops *ops);

/* Process context, may sleep. Nothing of it runs any more when this returns. */
void mpio_session_stop(struct mpio_session *sess);

/*
 * Process context, takes the registry mutex, then mpio_sessions_lock. Nobody finds the
 * session from now on.
 */
void mpio_session_unlist(struct mpio_session *sess);

/* Process context; takes the registry mutex. Returns a reference or NULL. */
struct mpio_session *mpio_session_find(u32 id);

/*
 * Process context, takes mpio_sessions_lock; no spinlock held, as it puts. The session
 * after @prev (NULL: the first), referenced; drops the reference to @prev. NULL: none.
 */
struct mpio_session *mpio_session_after(struct mpio_session *prev);

/* Any context. */
static inline struct mpio_session *mpio_session_get(struct mpio_session *sess)
{
	kref_get(&sess->ref);
	return sess;
}

/*
 * Process context, may sleep; sock_mutex not held, and not in io_work: the last
 * reference waits for io_work.
 */
void mpio_session_put(struct mpio_session *sess);

/*
 * Any context, takes sess->lock. The connection is of no use any more: LOGGED_IN
 * becomes RECOVERING and recovery starts; in any other state nothing happens.
 */
__printf(3, 4)
void mpio_session_fail(struct mpio_session *sess, enum mpio_error code,
		       const char *fmt, ...);

/*
 * Process context, may sleep; takes sock_mutex, then sess->lock. As
 * mpio_session_fail(), because what was asked for at @since (jiffies) was not
 * answered. Looks whether the target's TCP lives, which sess->loss then says.
 */
__printf(3, 4)
void mpio_session_timed_out(struct mpio_session *sess, unsigned long since,
			    const char *fmt, ...);

/*
 * Any context, takes sess->lock. As mpio_session_fail(), with what is known of the
 * old nexus. Without @fmt the last note (mpio_session_note_error()) says why.
 */
__printf(3, 4)
void mpio_session_lose(struct mpio_session *sess, enum mpio_loss loss,
		       const char *fmt, ...);

/*
 * Any context, takes sess->lock. As mod_delayed_work(), but does nothing if the
 * session is being removed.
 */
void mpio_session_queue(struct mpio_session *sess, struct workqueue_struct *wq,
			struct delayed_work *work, unsigned long delay);

/*
 * Any context, takes sess->lock. Changes the state, or refuses (false) what the
 * table of transitions does not allow, so that the loser of a race simply returns.
 */
bool mpio_session_set_state(struct mpio_session *sess,
			    enum mpio_session_state state, const char *reason);

/* Any context, takes no lock. */
static inline enum mpio_session_state
mpio_session_state(const struct mpio_session *sess)
{
	return READ_ONCE(sess->state);
}

/* Any context, takes sess->lock. Records an error without changing the state. */
__printf(3, 4)
void mpio_session_note_error(struct mpio_session *sess, enum mpio_error code,
			     const char *fmt, ...);

/* Any context, takes sess->lock. Notes the target's quirks, and logs each once. */
void mpio_session_note_quirks(struct mpio_session *sess,
			      const struct mpio_quirks *quirks);
/* Any context. The same of one oddity; cheap when it is known. */
void mpio_session_note_odd(struct mpio_session *sess, enum mpio_odd odd);

/*
 * Process context. From the next login on the session's portal is at @to; with
 * @redirect that name is, which its target redirects to. 0, -EINVAL for an
 * address of another family than the source's, -ESTALE for a name it is not
 * redirected to any more; both with a sentence in @why.
 */
int mpio_session_set_portal(struct mpio_session *sess,
			    const struct sockaddr_storage *to,
			    const char *redirect, const char **why);
/* Process context. Where the next login begins. */
struct sockaddr_storage mpio_session_portal(struct mpio_session *sess);
/*
 * Process context. The target redirects to a name. 0 with its address in @to
 * when somebody has said it; else -EADDRNOTAVAIL, and the session asks for it.
 */
int mpio_session_redirect(struct mpio_session *sess, const char *name,
			  struct sockaddr_storage *to);

/* How a connection calls its session. */
extern const struct mpio_conn_ops mpio_session_conn_ops;

/*
 * Process context. The machine has slept: is the connection still one? What was
 * lost before logs in now.
 */
void mpio_session_wake(struct mpio_session *sess);

/* Process context. STOPPED becomes CONNECTING; a waiting retry is made now. */
void mpio_session_kick(struct mpio_session *sess);

/*
 * Any context. An attempt to log in that waits for its time is made now, unless
 * it is the target that has ordered the wait.
 */
void mpio_session_retry_now(struct mpio_session *sess);

/* Process context. New settings; timers that run follow. */
void mpio_session_apply_settings(struct mpio_session *sess,
				 const struct mpio_settings *settings);

/*
 * These three: any context, takes sess->lock. scan_work looks for new and vanished LUs
 * soon, or in @ms.
 */
void mpio_session_rescan(struct mpio_session *sess);
void mpio_session_rescan_later(struct mpio_session *sess, u32 ms);
/* scan_work looks for new LUs only, unless it is due earlier anyway. */
void mpio_session_look_later(struct mpio_session *sess, u32 ms);
/* Process context. The administrator orders a scan; false: not logged in. */
bool mpio_session_order_scan(struct mpio_session *sess);

/*
 * These three: any context, takes sess->lock. verify_work looks at the session's paths
 * now and makes those that pass READY.
 */
void mpio_session_verify(struct mpio_session *sess);
/* The same, and nop_work works out when verify_work is due next. */
void mpio_session_look(struct mpio_session *sess);
/* The same as mpio_session_verify(), in @ms unless verify_work is due earlier. */
void mpio_session_verify_later(struct mpio_session *sess, u32 ms);

const char *mpio_session_state_name(enum mpio_session_state state);

/*
 * Any context, under the same locks as mpio_conn_submit(). Hands an internal task to
 * the session's connection: 0, or -ENOTCONN when there is none and the task is
 * still the caller's.
 */
int mpio_session_submit(struct mpio_session *sess, struct mpio_task *task,
			unsigned int slot);

/*
 * Process context, sleeps for the answer; takes sock_mutex, then sess->lock, when there
 * is none. Runs an internal task on the session's connection. After @timeout_ms without an answer a
 * SCSI command is aborted, and only its ABORT TASK may cost the session; after any
 * other task the session fails. The task is the caller's again when this returns: 0
 * when an answer came (see task->response, ->status), -ENOTCONN when the connection
 * went away, -ETIMEDOUT when the command was aborted.
 *
 * reset_task, logout_task and each probe are for one caller at a time: reset_mutex,
 * the removal, the work that has the probe.
 */
int mpio_session_exec(struct mpio_session *sess, struct mpio_task *task,
		      unsigned int slot, u32 timeout_ms);

#endif
