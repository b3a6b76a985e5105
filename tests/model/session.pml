/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session: its states, and the works that log in, take a dead connection
 * apart and watch a living one, beside a network device that asks for another
 * try, an administrator who starts, stops and removes, one command, and a target
 * that refuses, dies, falls silent or orders a wait.
 *
 * Must hold: the connection is never anybody's but one work's; nothing of a
 * session that is gone is touched; a target that has ordered a wait is not asked
 * before it is over, but for an administrator; and when all is quiet the session
 * is logged in by a living connection with its command answered, or stopped by a
 * refusal, or gone (the timeout at the end of world()).
 *
 * README says how lines map to code. M_... is a fault of the driver. It
 * ends with -DLOSSES=1 (a smaller search), and
 * fails with -DM_NO_FLUSH		logs in while recover_work has the connection
 * fails with -DM_LOOK_ONCE		a removal may come while recover_work runs
 * fails with -DM_QUEUE_LATE		RECOVERING is seen before its work is queued
 * fails with -DM_FAIL_TWICE		a loss counts in any state
 * fails with -DM_NO_RCU		closes while a command is being added
 * fails with -DM_NO_KICK		what came during the login is not looked at
 * fails with -DM_NO_GATE		works are queued for a session being removed
 * fails with -DM_STOP_EARLY		logins are not waited for by the removal
 * fails with -DM_REVIVE		a login makes LOGGED_IN of DELETING
 * fails with -DM_NO_RETRY		a login that failed is not tried again
 * fails with -DM_START_IDLE		what the administrator starts is not queued
 * fails with -DM_WAIT_LOST		a try queued before the order goes ahead
 */
#ifndef LOSSES
#define LOSSES	2	/* connections lost */
#endif
#define REFUSALS 1	/* logins refused, for now or for good */
#define GAINS	1	/* a network device has come up */

#define CONNECTING	0
#define LOGGED_IN	1
#define RECOVERING	2
#define STOPPED		3
#define DELETING	4

#define NOBODY	0
#define CONNECT	1
#define RECOVER	2
#define REMOVER	3

#define IDLE	0
#define ADDING	1	/* has seen LOGGED_IN, under rcu_read_lock() */
#define SENT	2
#define PARKED	3
#define ENDED	4

byte state;		/* sess->state; sess->lock is an atomic step */
bool removing, gone;

/* connect_work, recover_work and nop_work: waiting and running */
bool connects = true, connecting, recovers, recovering, nops, nopping;
bool delayed;		/* connect_work waits for what was ordered */

byte user;		/* who sets the connection up, or takes it apart */
bool sock;		/* it has one */
bool conn_up;		/* MPIO_CONN_UP: callbacks in place */
bool dead;		/* nothing comes by that socket any more */
bool silent;		/* and nobody says so */
bool io;		/* io_work is queued */

byte task = PARKED;	/* a command, and what becomes of it */

bool time2wait, not_before;	/* as in struct mpio_session */
bool ordered;		/* the time that the target has ordered still runs */
bool hurried;		/* by an administrator */

byte losses = LOSSES, refusals = REFUSALS, gains = GAINS;
bool may_order = true, may_start = true, may_remove = true;

#define TOUCH	assert(!gone)

inline lock_user(who)
{
	assert(user == NOBODY);
	user = who
}

/* mpio_session_queue() of connect_work */
inline queue_connect(wait)
{
	if
#ifdef M_NO_GATE
	:: true ->
#else
	:: !removing ->
#endif
		connects = true; delayed = wait
	:: else
	fi
}

/* mpio_session_vfail() */
inline fail()
{
	if
#ifdef M_FAIL_TWICE
	:: true ->
#else
	:: state == LOGGED_IN ->
#endif
		state = RECOVERING;
#ifndef M_QUEUE_LATE
		recovers = true
#endif
	:: else
	fi
}

/* mpio_conn_close(): what was sent comes back */
inline close_conn(who)
{
	atomic { lock_user(who); was_up = conn_up; conn_up = false }
	if
	:: was_up ->
#ifndef M_NO_RCU
		task != ADDING	/* synchronize_rcu() */
#endif
	:: else
	fi;
	atomic {
		sock = false; dead = false; silent = false; io = false;
		if
		:: was_up && task == SENT -> task = PARKED
		:: else
		fi;
		user = NOBODY
	}
}

active proctype recover_work()
{
	bool was_up, wait;

end:	do
	:: atomic { recovers && !recovering ->
		    recovers = false; recovering = true; TOUCH }
		if
		:: state == RECOVERING ->
			close_conn(RECOVER);
			wait = time2wait;
			not_before = wait;
			time2wait = false;
			atomic { TOUCH; queue_connect(wait) }
		:: else
		fi;
		recovering = false
	od
}

/* mpio_session_next[]: LOGGED_IN and STOPPED follow on the same two */
#define MAY_END_LOGIN	(state == CONNECTING || state == RECOVERING)

active proctype connect_work()
{
	bool was_up, wanted;

end:	do
	:: atomic { connects && !connecting && (!delayed || !ordered) ->
		    connects = false; delayed = false; connecting = true;
		    TOUCH }
		wanted = (state == CONNECTING || state == RECOVERING) &&
			 !removing;
#ifndef M_NO_FLUSH
		if
		:: wanted -> !recovers && !recovering
		:: else
		fi;
#endif
#ifndef M_LOOK_ONCE
		wanted = wanted && !removing;
#endif
#ifndef M_WAIT_LOST
		atomic {
			if
			:: wanted && not_before && ordered ->
				wanted = false;
				queue_connect(true)
			:: else
			fi
		}
#endif
		if
		:: wanted ->
			atomic {
				TOUCH;
				assert(!ordered || hurried);
				lock_user(CONNECT);
				assert(!sock);
				sock = true
			}
			if
			:: atomic { user = NOBODY; conn_up = true }
				atomic {
					TOUCH;
					if
#ifdef M_REVIVE
					:: true ->
#else
					:: MAY_END_LOGIN ->
#endif
						state = LOGGED_IN;
						nops = !removing;
#ifndef M_NO_KICK
						io = true
#endif
					:: else
					fi
				}
			/* the removal has shut it, too */
			:: atomic { refusals > 0 || dead || removing ->
				    if
				    :: !dead && !removing -> refusals--
				    :: else
				    fi;
				    user = NOBODY }
				close_conn(CONNECT);
#ifndef M_NO_RETRY
				atomic { TOUCH; queue_connect(false) }
#endif
			:: atomic { refusals > 0 -> refusals--; user = NOBODY }
				close_conn(CONNECT);
				atomic {
					if
					:: !removing && MAY_END_LOGIN ->
						state = STOPPED
					:: else
					fi
				}
			fi
		:: else
		fi;
		connecting = false
	od
}

/* The callbacks and io_work: what the socket tells of. */
active proctype io_work()
{
end:	do
	:: atomic { io && conn_up ->
		    io = false; TOUCH;
		    if
		    :: dead && !silent -> fail()
		    :: else
		    fi }
#ifdef M_QUEUE_LATE
	:: atomic { state == RECOVERING && conn_up && !recovers &&
		    !recovering -> recovers = true }
#endif
	od
}

/* NOP-Out, for what nobody tells of. While all is well nothing is to be seen. */
active proctype nop_work()
{
end:	do
	:: atomic { nops && !nopping && (state != LOGGED_IN || silent) ->
		    nops = false; nopping = true; TOUCH }
		atomic {
			if
			:: state == LOGGED_IN ->
				if
				:: silent -> fail()
				:: else
				fi;
				nops = true
			:: else
			fi;
			nopping = false
		}
	od
}

/* One command: sent when there is a connection, repeated when that is lost. */
active proctype issuer()
{
end:	do
	:: atomic { task == PARKED && state == LOGGED_IN -> task = ADDING }
		atomic { TOUCH; task = SENT }
	:: atomic { task == SENT && conn_up && !dead && state == LOGGED_IN ->
		    task = ENDED }
	:: atomic { task == PARKED && gone -> task = ENDED }
	od
}

/* mpio_session_retry_now(), called with the state read before */
active proctype netdev()
{
	bool wait;

end:	do
	:: atomic { gains > 0 && !gone &&
		    (state == CONNECTING || state == RECOVERING) -> gains-- }
		if
		:: time2wait -> skip
		:: else ->
			wait = not_before;
			/* it holds a reference: it may come late */
			atomic { queue_connect(wait) }
		fi
	od
}

/* mpio_session_kick(), mpio_session_del() */
active proctype admin()
{
	bool was_up;

end:	do
	:: atomic { may_start && !removing ->
		    may_start = false;
		    if
		    :: state == STOPPED -> state = CONNECTING
		    :: else
		    fi }
#ifndef M_START_IDLE
		atomic {
			if
			:: state == CONNECTING || state == RECOVERING ->
				hurried = true; not_before = false;
				queue_connect(false)
			:: else
			fi
		}
#endif
	/* whoever was refused for good is started once it is let in */
	:: atomic { state == STOPPED && !may_start && !removing ->
		    state = CONNECTING; queue_connect(false) }
	:: atomic { may_remove && !removing ->
		    may_remove = false; removing = true }
		atomic { state = DELETING; dead = sock }
#ifndef M_STOP_EARLY
		atomic { connects = false; !connecting }
#endif
		atomic { recovers = false; !recovering }
		close_conn(REMOVER);
		atomic { nops = false; !nopping }
		gone = true;
		assert(!connects && !recovers && !nops)
	od
}

active proctype world()
{
	do
	:: atomic { losses > 0 && sock && !dead && !removing ->
		    losses--; dead = true;
		    if
		    :: silent = true
		    :: io = conn_up
		    fi }
	/* Async message: it goes, and is not to be asked before some time. */
	:: atomic { may_order && losses > 0 && state == LOGGED_IN && !dead ->
		    may_order = false; losses--; time2wait = true;
		    ordered = true; dead = true; io = conn_up }
	:: atomic { ordered -> ordered = false }
	/* and it need not happen */
	:: atomic { losses > 0 -> losses = 0 }
	:: atomic { gains > 0 -> gains = 0 }
	:: atomic { may_start -> may_start = false }
	:: atomic { may_remove -> may_remove = false }
	:: timeout -> break
	od;
	assert(gone || (state == LOGGED_IN && conn_up && !dead &&
			user == NOBODY));
	assert(task == ENDED)
}
