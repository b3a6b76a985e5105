/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connection of a session, one login after the other.
 *
 * What is marked "owner only" in struct mpio_conn belongs to the owner of the
 * connection, who has set MPIO_CONN_OWNED: io_work, or a helper that does a little
 * of the work in its stead (a submitter, the socket's callback, a process that
 * polls). Once io_work is dead and no helper is left mpio_conn_close() is the owner
 * without the bit. The socket is published under sock_mutex so that others can
 * shut it down.
 *
 * "Owner." in front of a function: the caller has set MPIO_CONN_OWNED. Nothing that
 * an owner calls sleeps, but for what takes the socket's lock in io_work.
 */
#ifndef _MPIO_CONN_H
#define _MPIO_CONN_H

#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/workqueue.h>

#include "base/copies.h"
#include "base/work.h"
#include "conn/owner.h"
#include "conn/task.h"
#include "proto/extent.h"
#include "proto/keys.h"
#include "proto/pdu.h"

struct mpio_settings;
struct net;

/* Slots of the ITT table above those of commands, which begin at their tag's. */
enum mpio_internal_slot {
	MPIO_SLOT_NOP = MPIO_CAN_QUEUE,
	MPIO_SLOT_TMF,
	MPIO_SLOT_LOGOUT,
	MPIO_SLOT_VERIFY,
	MPIO_SLOT_SCAN,
	MPIO_SLOT_RESET,	/* LU reset ordered by the midlayer */
	MPIO_SLOT_ASYNC,	/* Logout ordered by the target */
	MPIO_SLOT_TEXT,
	MPIO_SLOT_FENCE,	/* and more: resets that writes wait for */
	MPIO_SLOTS = MPIO_SLOT_FENCE + 16
};
#define MPIO_FENCE_SLOTS	(MPIO_SLOTS - MPIO_SLOT_FENCE)

#define MPIO_ITT_SLOT_BITS	13

struct mpio_slot {
	struct mpio_task *task;
	u32 uses;		/* upper bits of the next ITT */
};

#define MPIO_TXBUF_SIZE		8192	/* headers waiting to be sent */
#define MPIO_RXBUF_SIZE		8192	/* data segments other than Data-In */
#define MPIO_NOP_REPLIES	16
/* Extents for data that comes in any order: one for each task, the rest for gaps. */
#define MPIO_EXTENTS		(MPIO_SLOTS + 1024)

enum mpio_rx_phase {
	MPIO_RX_BHS,
	MPIO_RX_AHS,
	MPIO_RX_HEADER_DIGEST,
	MPIO_RX_DATA,
	MPIO_RX_DATA_DIGEST,
};

struct mpio_rx {
	enum mpio_rx_phase phase;
	u32 have;		/* bytes of the present phase */
	u32 want;
	struct pdu_bhs bhs;
	u8 ahs[PDU_AHS_MAX];
	__le32 digest;
	u32 crc;
	u32 data_len;		/* without padding */
	u32 pad;
	struct mpio_task *task;	/* whose buffer a Data-In goes to */
	u8 *buf;		/* MPIO_RXBUF_SIZE */
	u32 pdus, budget;	/* in the present pass */
	u32 enough;		/* bytes worth a pass, 0: see the next header */
	u32 held_since;		/* ns, wraps: since a part of a PDU waits; 0: none */
	struct hrtimer timer;	/* bounds how long a part of a PDU waits */
	int error;		/* latched: no byte is taken any more */
};

struct mpio_tx {
	u8 *buf;		/* MPIO_TXBUF_SIZE */
	u32 len, sent;
	struct mpio_task *task;	/* whose data segment is being sent */
	u32 data_remaining;		/* of that data segment */
	u32 pad;
	u32 crc;
	/* A copy of data covered by a digest, see send.c. */
	struct mpio_copies copies;	/* where it goes, spliced */
	u8 *bounce;		/* one page, when there is no memory */
	u8 *copy;		/* in one of them */
	u32 copy_len, copy_sent;
	bool copy_spliced;
	bool corked;		/* the last send said MSG_MORE */
	int error;		/* latched: nothing is sent any more */
	bool data_turn;		/* commands and Data-Out take turns */
};

struct mpio_nop_reply {
	u32 ttt;
	u8 lun[8];
};

/* Bits of mpio_conn.flags */
enum mpio_conn_flag {
	MPIO_CONN_SEND_NOP,	/* nop_work wants a NOP-Out */
	MPIO_CONN_ABORTS,	/* some task has MPIO_TASK_ABORT set */
	MPIO_CONN_LU_WAS_RESET,	/* tasks of some LU are over: see abort.c */
	MPIO_CONN_REFUSED,	/* ->refused is not empty */
	MPIO_CONN_RETRY,	/* nop_work wants those sent again */
	MPIO_CONN_POLLED,	/* somebody is about to look for data */
	MPIO_CONN_UP,		/* callbacks in place, io_work may run */
	MPIO_CONN_OWNED,	/* a lock bit over what is "owner only" */
	MPIO_CONN_WANTED,	/* a helper owns it: it kicks io_work when done */
};

struct mpio_conn {
	const struct mpio_conn_ops *ops;	/* NULL: not initialized */
	const struct mpio_settings *settings;	/* of the session */
	u32 id;				/* of the session, for people */
	struct mutex sock_mutex;	/* ->sock, login against recovery */
	struct socket *sock;		/* written under sock_mutex */
	int cpu;			/* where io_work runs; WRITE_ONCE */
	/* Of the session's own connect(); sock_mutex: */
	bool anew;			/* given up; set under lock_sock() */
	unsigned long syn_sent;		/* jiffies; 0: not to be given up */
	unsigned long flags;
	struct work_struct io_work;
	struct llist_head submit;	/* any context adds, io_work takes */
	unsigned long last_rx;		/* jiffies; written by the owner */
	unsigned long nop_sent;		/* jiffies; written by the owner */
	bool nop_outstanding;		/* written by the owner */
	u32 cid;
	struct mpio_params params;	/* constant while up */
	void (*old_data_ready)(struct sock *sk);
	void (*old_write_space)(struct sock *sk);
	void (*old_state_change)(struct sock *sk);

	/* owner only */
	struct list_head immediate;	/* NOP, TMF, logout */
	struct list_head refused;	/* no room at the target: reject.c */
	struct list_head pending;	/* commands, oldest first */
	struct list_head r2t;		/* tasks that owe Data-Out */
	struct list_head done;		/* finished, waiting for completion */
	u32 cmdsn, exp_statsn;
	struct mpio_window window;
	struct mpio_nop_reply nop_reply[MPIO_NOP_REPLIES];
	u8 nop_reply_first, nop_reply_count;
	struct mpio_tx tx;
	struct mpio_rx rx;
	struct mpio_slot *slots;	/* MPIO_SLOTS of them */
	struct mpio_extent *extent;	/* MPIO_EXTENTS of them, once needed */
	struct mpio_extents extents;	/* in use; see mpio_task.extents */
	u32 slots_used;			/* READ_ONCE() by others */
	struct mpio_task nop_task;
	struct mpio_task tmf_task;
	unsigned long tmf_deadline;	/* jiffies; 0: none on its way */
	struct mpio_task async_task;	/* see async.c */
	struct mpio_task text_task;
	unsigned long async_deadline;	/* jiffies; 0: none is sent */
	u32 texts;			/* Text Requests of one negotiation */
	bool logout_sent;		/* our Logout is the last PDU, 11.14 */
	bool logged_out;		/* the target has ended the session */
};

/*
 * Process context. Allocates what a connection needs for its whole life. 0 or
 * -ENOMEM; mpio_conn_exit() is due either way. ->id is the caller's to set.
 */
int mpio_conn_init(struct mpio_conn *conn, const struct mpio_conn_ops *ops,
		   const struct mpio_settings *settings);
void mpio_conn_exit(struct mpio_conn *conn);

/* Where a connection comes from. */
struct mpio_conn_source {
	struct net *net;
	const struct sockaddr_storage *addr;	/* ss_family 0: any */
	const char *iface;			/* empty: any */
	bool own;	/* the session's own login: its SYN may be given up */
};

/*
 * Process context (login), may sleep. Opens a socket and connects it to @addr
 * before @deadline (jiffies). 0 or -errno,
 * -ERESTART after mpio_conn_reconnect(); mpio_conn_close() is due either way.
 */
int mpio_conn_open(struct mpio_conn *conn, const struct sockaddr_storage *addr,
		   const struct mpio_conn_source *from,
		   unsigned long deadline);

/*
 * Process context. From login to the full feature phase: takes over the
 * socket's callbacks. The counters and params have been set by the login.
 */
void mpio_conn_start(struct mpio_conn *conn);

/*
 * Process context, may sleep; no locks held. sess->state is not LOGGED_IN any more,
 * so no new task comes. Kills io_work, releases the socket, waits until the
 * network has let go of the pages of its packets (for half a second at most), then
 * moves every task to @lost. With @quietly no RST goes to the target of a connection
 * that was up.
 */
void mpio_conn_close(struct mpio_conn *conn, struct list_head *lost,
		     bool quietly);

/* Process context, takes sock_mutex. Wakes a login asleep in the socket. */
void mpio_conn_shutdown(struct mpio_conn *conn);

/*
 * Process context, takes sock_mutex. Does the target's TCP live: has it
 * acknowledged all there is to send, or all that fits its full window and answered
 * a probe of that after @since (jiffies)? False without a connection.
 */
bool mpio_conn_acked(struct mpio_conn *conn, unsigned long since);

/*
 * Process context, takes sock_mutex. The network is another one now: a SYN of the
 * session's own login that nobody has answered for a second is given up.
 */
void mpio_conn_reconnect(struct mpio_conn *conn);

/*
 * Process context, may sleep and load a module; no locks held. Settings ask for
 * this enum mpio_congestion_control: 0, or -errno when the kernel has none.
 */
int mpio_congestion_need(u32 congestion);
/* Process context, may sleep: the module comes, or goes with no session left. */
int mpio_socket_init(void);
void mpio_socket_exit(void);
/* Process context, takes sock_mutex. Settings that concern the socket. */
void mpio_conn_apply_settings(struct mpio_conn *conn);
/* Process context, takes sock_mutex, without I/O. Only for mpio_conn_close(). */
void mpio_conn_release_socket(struct mpio_conn *conn, bool quietly);

/*
 * Any context, under rcu_read_lock() with the session seen LOGGED_IN; neither a
 * spinlock of ours held nor that of a socket. Puts the task on conn->submit, from
 * where io_work sends it, or sends it at once (then it has taken MPIO_CONN_OWNED and
 * the socket's spinlock for that).
 */
void mpio_conn_submit(struct mpio_conn *conn, struct mpio_task *task);

/*
 * Process context, under rcu_read_lock() with the session seen LOGGED_IN, no locks
 * held. Receives what has come for commands on their way, from the network card if
 * need be, and finishes the commands that it answers. Returns how many.
 */
int mpio_conn_poll(struct mpio_conn *conn);

/* Any context, under any lock. io_work runs soon, or once more. */
static inline void mpio_conn_kick(struct mpio_conn *conn);

/*
 * Owner, socket locked. Sends what can be sent now: > 0 when nothing is left to
 * send, 0 when the socket is full (write_space kicks), -errno when the connection
 * is dead. With ->tx.corked set afterwards the last send said that more follows:
 * TCP holds it back until the caller pushes.
 */
int mpio_conn_send(struct mpio_conn *conn);
#define MPIO_RX_BUDGET	128	/* PDUs that io_work takes in one go */
/*
 * Owner, socket locked. At most @budget PDUs. > 0: there is more to take; 0: not
 * now; -errno: dead.
 */
int mpio_conn_receive(struct mpio_conn *conn, unsigned int budget);
/*
 * Socket locked, in its callback. True: what has come is a part of a PDU that
 * is not worth a pass yet; a pass will follow in time if the rest does not.
 */
bool mpio_conn_receive_later(struct mpio_conn *conn, struct sock *sk);
/* Any context. Once for each connection, before any other function here. */
void mpio_conn_receive_init(struct mpio_conn *conn);
/* Owner. Sends ABORT TASK for one task with MPIO_TASK_ABORT; see abort.c. */
void mpio_conn_abort_tasks(struct mpio_conn *conn);
/*
 * Owner. The target has answered the QUERY or ABORT TASK in conn->tmf_task: ends
 * the task that it was about, or has it aborted.
 */
void mpio_conn_abort_answered(struct mpio_conn *conn);

/*
 * Owner. The target has sent an Asynchronous Message, answered our Logout, or
 * our Text Request: 0, or -ESHUTDOWN when that ends the connection and has been
 * noted, or -EPROTO with the rule it broke in @why.
 */
int mpio_async_received(struct mpio_conn *conn, const struct pdu_async *p);
int mpio_async_answered(struct mpio_conn *conn, const struct pdu_logout_rsp *p);
int mpio_async_text(struct mpio_conn *conn, const struct pdu_text_rsp *p,
		    const char **why);

/*
 * Owner. True: the Reject was no more than flow control, and has been dealt
 * with. False: it ends the connection.
 */
bool mpio_reject_taken(struct mpio_conn *conn, const struct pdu_reject *p);
/* Owner. Sends what mpio_reject_taken() has put aside again. */
void mpio_reject_retry(struct mpio_conn *conn);

/*
 * Owner. Gives a task its ITT. A task of the driver's own has a slot for itself,
 * which must be free. A command takes the slot of its tag or any other that is
 * free: the caller has asked mpio_conn_has_slot().
 */
void mpio_conn_assign_itt(struct mpio_conn *conn, struct mpio_task *task);
/* The owner asks: is a slot free for one more command? Else it waits, as for CmdSN. */
static inline bool mpio_conn_has_slot(const struct mpio_conn *conn)
{
	return conn->slots_used < MPIO_CAN_QUEUE;
}

/* Owner. The task with this ITT; NULL when the ITT is foreign, stale or finished. */
struct mpio_task *mpio_conn_find_task(struct mpio_conn *conn, u32 itt);
/* Owner. Is @itt that of a reset whose answer is not waited for any more? */
bool mpio_conn_itt_given_up(const struct mpio_conn *conn, u32 itt);
/* Owner, or mpio_conn_close(). Takes the task off each list and its slot. */
void mpio_conn_forget_task(struct mpio_conn *conn, struct mpio_task *task);
/*
 * Owner. The answer to the task is complete: moves it to conn->done, whose tasks the
 * owner finishes once it has unlocked the socket.
 */
void mpio_conn_complete_task(struct mpio_conn *conn, struct mpio_task *task);

static inline void mpio_conn_kick(struct mpio_conn *conn)
{
	queue_work_on(READ_ONCE(conn->cpu), mpio_io_wq, &conn->io_work);
}

#endif
