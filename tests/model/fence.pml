/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fence and failover: one disk, two paths, an issuer that writes 1 and, once
 * that is acknowledged, 2 to one block, and an adversary made of network,
 * controllers and backend.
 *
 * A held write may also be given back with an error before it is over, once:
 * NoPathTimeout, an issuer's time limit. The issuer then goes on with 2.
 *
 * Must hold: no copy of an older write is executed after a newer one has been
 * acknowledged (execute()), nothing is sent while a copy of anything sent before
 * is left (send()), and whatever happens, with a controller dead for good too, it
 * comes to its end (the timeout at the end of host()). Budgets make each
 * run finite, so "comes to its end" is a matter of states, not of fairness.
 *
 * README says how lines map to code. M_... is a fault of the driver, A_... an
 * assumption about the world that is not kept. It
 * ends with -DFAULTS=2 (a smaller search), and
 * fails with -DM_CLOSED		FIN and RST end the target's tasks
 * fails with -DM_RST			RST ends what the network holds
 * fails with -DM_FIN_BACKEND		FIN ends the backend's tasks
 * fails with -DM_TIMEOUT		FenceTimeout ends the backend's tasks
 * fails with -DM_REINSTATE		so does a login, whatever the target
 * fails with -DM_BRANDED		what is not known passes over nothing
 * fails with -DM_TPGT			another group's login ends the nexus
 * fails with -DM_LOSS_SESSION		a later FIN speaks for earlier losses
 * fails with -DM_TIMER_SESSION		an earlier loss's timer, too
 * fails with -DM_RESET_EARLY		reset before the network is empty
 * fails with -DM_JOIN_ROUND		reset asked for before this loss
 * fails with -DM_NO_ABORT		aborted by a reset and not noticed
 * fails with -DM_NO_RETRY		the reset's path dies: not asked again
 * fails with -DM_PATIENT		only the own session's return ends it
 * fails with -DM_GHOST			what has failed is forgotten
 * fails with -DM_LATE_LOGIN		a login counts after one not answered
 * fails with -DM_STUCK_SILENT		a target that closes by itself is silent
 * fails with -DM_STUCK_RST		or like one that was reset
 * fails with -DM_RESET_SOON		or as soon as that login is lost, or RST
 * fails with -DM_SILENT_OPEN		what went silent is not closed by a late RST
 * fails with -DM_NO_TASK		a task unknown during a reset is over
 * fails with -DM_OTHERS		or during a reset by another initiator
 * fails with -DM_LOST_IS_DONE		and so is one after a reset without answer
 * fails with -DA_PROXY			FIN is not of the target's own end
 * fails with -DA_SPLIT			a task set for each controller
 * fails with -DA_QUEUED			a second initiator resets behind the first
 * fails with -DA_DRAIN			packets that outlive FenceTimeout
 */
#ifndef FAULTS
#define FAULTS	3	/* losses, deaths, moved addresses: of all, so many */
#endif
#define GENS	(FAULTS + 1)
#define COPIES	3
#define CONN(p, g)	((p) * GENS + (g))

/* where a copy of a write is */
#define GONE	0
#define NET	1	/* network, or receive buffer of the target */
#define BACKEND	2	/* task set of the logical unit */
#define DONE	3	/* executed, its answer under way */

/* the write, as the driver sees it */
#define READY	0
#define SENT	1
#define HELD	2	/* or barred, while a ghost is left */
#define FAILED	3

/* how a connection is lost, as the driver sees it: enum mpio_loss */
#define SILENT	0
#define RST	1
#define FIN	2
#define LOGOUT	3
#define STUCK	4	/* its TCP lives, and nothing comes */

/* the one LOGICAL UNIT RESET */
#define NONE	0
#define ASKED	1
#define ARRIVED	2
#define ANSWERED 3

/* ----------------------------------------------------------------- world */

bool one_group;		/* both paths lead to one portal group, or to two */
/*
 * It ends the backend's tasks before it answers a login, and passes over what it
 * is closing by then: with a reset always, with a login if another one is why.
 */
bool drains;
bool branded;		/* so it does, and the driver knows it by another name */
bool refuses;		/* knows no task management for a whole unit */
byte faults = FAULTS;
bool dead, moved;	/* controller 0; address of path 0, now with 1 */
bool open[2 * GENS];	/* the target's end of each connection */
byte of_group[2 * GENS];
byte closing[2 * GENS];	/* by a target that drains: */
#define BY_LOGIN	1	/* which has not been answered yet */
#define BY_LOST		2	/* which nobody waits for any more */
#define BY_RST		3	/* which a login waits for */
#define BY_ITSELF	4	/* which none does */
byte at[COPIES], val[COPIES], conn[COPIES];
byte marked[COPIES];	/* by whose reset it is to be ended: */
#define BY_OURS		1
#define BY_OTHERS	2	/* both: ours came second, and waits for it */
bool stray;		/* a reset lost with its connection may yet come, */
byte sconn;		/* by this one */
byte foreign;		/* LOGICAL UNIT RESET by another initiator */
#define AT_WORK		1
#define TO_TELL		2	/* it is over: a unit attention says so */

/* ------------------------------------------------------------- the driver */

bool up[2];
byte gen[2];		/* sess->login_gen */
byte cur = 1, acked;
byte write_at;		/* READY ... */
byte wpath, wgen;	/* the login it was sent in */
bool ghost;		/* has failed and may yet be executed; of wpath, wgen */
bool gave_up;
bool net_over, backend_over;
byte login_out[2];	/* a login of the nexus that is not answered yet */
#define OWN		1
#define OTHERS	2	/* through the other path's portal */
byte lctrl[2];		/* the controller that it went to */
bool logout_due;		/* one was lost: HELD_LOGOUT */
bool reset_closes;	/* HELD_CLOSING */
bool denied;		/* HELD_DENIED */
byte reset, rpath, rgen;
bool rcounts;		/* the write's net was over when it was asked for */
bool others_reset;	/* another write of the disk has asked for one */
bool explains;		/* a reset has ended since the write was sent */
bool reset_lost;	/* the answer of one will never come, */
bool rclears;		/* which could not any more when the next was asked for */
#ifdef M_NO_RETRY
bool asked_once;
#endif

#define ANSWERS(p)	((p) == 0 && moved -> 1 : (p))	/* controller */
#define GROUP_OF(c)	(one_group -> 0 : (c))
#define WCONN		CONN(wpath, wgen)
#define KNOWN		(drains && !branded)
#ifdef M_BRANDED
#define SETTLES		KNOWN
#else
#define SETTLES		drains	/* of others that is one's wait more */
#endif
#define HERE(i, s, c)	(at[i] == (s) && conn[i] == (c))
#define ANY(s, c)	(HERE(0, s, c) || HERE(1, s, c) || HERE(2, s, c))
#define ALIVE(i)	(at[i] == BACKEND || at[i] == NET)
#define GUARDED	(write_at == HELD || ghost)
#define MARKS(i, by)	(marked[i] & (by))
#define MARKED		(MARKS(0, BY_OURS) || MARKS(1, BY_OURS) || \
			 MARKS(2, BY_OURS))
#define THEY_MARKED	(MARKS(0, BY_OTHERS) || MARKS(1, BY_OTHERS) || \
			 MARKS(2, BY_OTHERS))

#ifdef A_DRAIN
#define DRAINED		true
#else
#define DRAINED		(!ANY(NET, WCONN))
#endif
#ifdef M_TIMER_SESSION
/* One timer for the session: an earlier loss has started it. */
#define FENCE_TIME_OVER	(DRAINED || wgen > 0)
#else
#define FENCE_TIME_OVER	DRAINED
#endif

inline forget(i)
{
	at[i] = GONE; val[i] = 0; conn[i] = 0; marked[i] = 0
}

/* The target's end of @c is closed: what comes later finds nobody. */
inline hang_up(c)
{
	open[c] = false;
	if :: HERE(0, NET, c) -> forget(0) :: else fi;
	if :: HERE(1, NET, c) -> forget(1) :: else fi;
	if :: HERE(2, NET, c) -> forget(2) :: else fi
}

inline send(p)
{
	assert(at[0] == GONE || at[1] == GONE || at[2] == GONE);
#ifdef ALL
	assert(!ALIVE(0) && !ALIVE(1) && !ALIVE(2));
#endif
	wpath = p; wgen = gen[p];
	explains = false;
	if
	:: !open[WCONN] -> skip		/* we only do not know yet */
	:: else -> if
	:: at[0] == GONE -> at[0] = NET; val[0] = cur; conn[0] = WCONN
	:: else -> if
		:: at[1] == GONE -> at[1] = NET; val[1] = cur; conn[1] = WCONN
		:: else -> at[2] = NET; val[2] = cur; conn[2] = WCONN
		fi
	fi
	fi;
	write_at = SENT
}

/* The block is written. */
inline execute(i)
{
	assert(acked <= val[i]);
	if
	:: write_at == SENT && conn[i] == WCONN -> at[i] = DONE
	:: else -> forget(i)	/* nobody hears the answer */
	fi;
	marked[i] = 0
}

inline acknowledge(i)
{
	acked = cur; cur++;
	forget(i);
	write_at = READY; wpath = 0; wgen = 0; explains = false
}

inline release()
{
	write_at = READY; wpath = 0; wgen = 0; ghost = false; explains = false;
	net_over = false; backend_over = false;
	logout_due = false; reset_closes = false; denied = false;
	rcounts = false		/* what was asked for an earlier loss is no answer */
}

/* recover_work: the socket is gone, mpio_fence_hold() takes the write. */
inline lose(p, how)
{
	up[p] = false;
	if :: HERE(0, DONE, CONN(p, gen[p])) -> forget(0) :: else fi;
	if :: HERE(1, DONE, CONN(p, gen[p])) -> forget(1) :: else fi;
	if :: HERE(2, DONE, CONN(p, gen[p])) -> forget(2) :: else fi;
	if
	:: write_at == SENT && wpath == p ->
		write_at = HELD; explains = false;
		net_over = (how == FIN || how == LOGOUT);
		backend_over = (how == LOGOUT && KNOWN);
#ifdef M_STUCK_SILENT
		logout_due = false; reset_closes = (how == RST && SETTLES);
#else
#ifdef M_STUCK_RST
		logout_due = false;
#else
		logout_due = (how == STUCK && SETTLES);
#endif
#ifdef M_SILENT_OPEN
		reset_closes = ((how == RST || how == STUCK) && SETTLES);
#else
		reset_closes = ((how == RST || how == STUCK || how == SILENT) &&
				SETTLES);
#endif
#endif
#ifdef M_CLOSED
		net_over = (how != SILENT); backend_over = (how != SILENT)
#endif
#ifdef M_RST
		net_over = (how != SILENT)
#endif
#ifdef M_FIN_BACKEND
		backend_over = (how == FIN)
#endif
#ifdef M_LOSS_SESSION
	:: GUARDED && wpath == p && how == FIN -> net_over = true
#endif
	:: else
	fi;
	if	/* the answer cannot come; the reset itself may, late */
	:: reset != NONE && rpath == p ->
		stray = (reset == ASKED); sconn = CONN(rpath, rgen);
#ifndef M_LOST_IS_DONE
		reset_lost = true;
#endif
		reset = NONE; rpath = 0; rgen = 0; rcounts = false
	:: else
	fi
}

/* The target has a login of the nexus of path @p to group @g. */
inline end_nexus(p, g)
{
	c = CONN(p, 0);
	do
	:: c < CONN(p, GENS) ->
		if
		:: of_group[c] == g && (open[c] || closing[c] == BY_RST) ->
			hang_up(c);
			closing[c] = (drains -> BY_LOGIN : 0)
		:: else
		fi;
		c++
	:: else -> break
	od;
	c = 0
}

/* It is over for the target: what it was to end becomes @now. */
inline login_over(p, now)
{
	c = CONN(p, 0);
	do
	:: c < CONN(p, GENS) ->
		if
		:: closing[c] == BY_LOGIN -> closing[c] = now
		:: else
		fi;
		c++
	:: else -> break
	od;
	c = 0;
	login_out[p] = 0; lctrl[p] = 0
}

/* What a login of the nexus of path @p that group @g has answered tells. */
inline reinstated(p, g)
{
	if
#ifdef M_TPGT
	:: GUARDED && wpath == p ->
#else
	:: GUARDED && wpath == p && of_group[WCONN] == g ->
#endif
		net_over = true;
#ifdef M_REINSTATE
		backend_over = true
#else
		backend_over = backend_over || (KNOWN && !logout_due);
		reset_closes = reset_closes && logout_due
#endif
	:: else
	fi
}

/* What a target that drains waits for before it answers such a login. */
#define BUSY(i, p)	(at[i] == BACKEND && conn[i] / GENS == (p) && \
			 closing[conn[i]] == BY_LOGIN)
#define CAN_ANSWER(p)	(!(BUSY(0, p) || BUSY(1, p) || BUSY(2, p)))

#define LOGS_IN(p)	(!up[p] && !login_out[p] && gen[p] + 1 < GENS && \
			 !(dead && ANSWERS(p) == 0))

inline ask_login(p, by, controller)
{
	login_out[p] = by;
	lctrl[p] = controller;
	end_nexus(p, GROUP_OF(controller));
	if
	:: reset != NONE && SETTLES && GUARDED && wpath == p && !denied ->
		rcounts = false
	:: else
	fi
}

inline login_answered(p)
{
	reinstated(p, GROUP_OF(lctrl[p]));
	if
	:: login_out[p] == OWN ->
		gen[p]++;
		up[p] = true;
		open[CONN(p, gen[p])] = true;
		of_group[CONN(p, gen[p])] = GROUP_OF(lctrl[p])
	:: else
	fi;
	login_over(p, 0)
}

inline login_lost(p)
{
	if
#ifndef M_LATE_LOGIN
	:: GUARDED && wpath == p && SETTLES -> logout_due = true
#endif
	:: else
	fi;
	login_over(p, BY_LOST)
}

#define SIBLING(p)	(GUARDED && wpath == (p) && up[1 - (p)] && \
			 open[CONN(1 - (p), gen[1 - (p)])] && !up[p] && \
			 of_group[CONN(1 - (p), gen[1 - (p)])] == \
			 of_group[WCONN] && !login_out[p] && \
			 !(dead && ANSWERS(1 - (p)) == 0) && \
			 (!net_over || (KNOWN && !backend_over && !logout_due)))

/* The time that the target's disks have is over. */
#ifdef M_RESET_SOON
#define SETTLED		true
#else
#define SETTLED		(denied || !(logout_due || reset_closes) || \
			 !ANY(BACKEND, WCONN))
#endif
#define LOGIN_KNOWN	(!SETTLES || !login_out[wpath])
#define WANTS_RESET	(GUARDED && !backend_over)
#ifdef M_RESET_EARLY
#define MAY_RESET	WANTS_RESET
#define COUNTS		true
#else
#define MAY_RESET	(WANTS_RESET && net_over && LOGIN_KNOWN && SETTLED)
#define COUNTS		MAY_RESET
#endif
#ifdef M_NO_RETRY
#define RETRY		(!asked_once)
#else
#define RETRY		true
#endif
#ifdef M_PATIENT	/* only the own session's return ends a nexus */
#define ACTIVE		false
#else
#define ACTIVE		true
#endif

inline ask_reset(p)
{
	rcounts = COUNTS;
	rclears = reset_lost && !stray;
	reset = ASKED; rpath = p; rgen = gen[p]
}

inline reset_answered()
{
	if
#ifdef M_JOIN_ROUND
	:: GUARDED && net_over -> backend_over = true
#else
	:: rcounts && GUARDED -> backend_over = true
#endif
	:: else
	fi;
	if
	:: write_at == SENT -> explains = true
	:: else
	fi;
	if
	:: rclears -> reset_lost = false; rclears = false
	:: else
	fi;
	reset = NONE; rpath = 0; rgen = 0; rcounts = false
}

#define LIVE(i)		(at[i] == DONE && write_at == SENT && val[i] == cur && \
			 conn[i] == WCONN && up[wpath] && gen[wpath] == wgen)
/*
 * ABORT TASK for one whose unit was reset, at once or when its time is over:
 * the target has never heard of it.
 */
#define ABORTED		(write_at == SENT && up[wpath] && \
			 gen[wpath] == wgen && open[WCONN] && \
			 !ANY(NET, WCONN) && !ANY(BACKEND, WCONN) && \
			 !ANY(DONE, WCONN))

/*
 * The same while a reset is at work: it has taken the command along, so the target
 * denies that there is one, and the backend has it yet. The driver cannot tell
 * one from the other.
 */
#define DENIED(i)	(HERE(i, BACKEND, WCONN) && marked[i])
#define UNKNOWN		(write_at == SENT && up[wpath] && \
			 gen[wpath] == wgen && open[WCONN] && \
			 !ANY(NET, WCONN) && \
			 (DENIED(0) || DENIED(1) || DENIED(2)))

inline hold_unknown()
{
	if
#ifdef M_NO_TASK
	:: release()
#else
#ifdef M_OTHERS
	:: reset == NONE && !reset_lost -> release()
#else
	:: reset == NONE && !reset_lost && (explains || refuses) -> release()
#endif
	:: else ->
		write_at = HELD; explains = false;
		net_over = true; backend_over = false;
		denied = (reset == NONE && !reset_lost);
		logout_due = SETTLES; reset_closes = SETTLES
#endif
	fi
}

proctype host()
{
	byte c;

	do
	:: atomic { write_at == READY && !ghost && cur <= 2 && up[0] ->
		    send(0) }
	:: atomic { write_at == READY && !ghost && cur <= 2 && up[1] ->
		    send(1) }
	:: atomic { LIVE(0) -> acknowledge(0) }
	:: atomic { LIVE(1) -> acknowledge(1) }
	:: atomic { LIVE(2) -> acknowledge(2) }
#ifndef M_NO_ABORT
	:: atomic { ABORTED -> hold_unknown() }
	:: atomic { UNKNOWN -> hold_unknown() }
#endif
	/* a unit attention, which any command may hear */
	:: atomic { foreign == TO_TELL && write_at == SENT && up[wpath] &&
		    gen[wpath] == wgen -> foreign = NONE; explains = true }

	/* connect_work */
	:: atomic { LOGS_IN(0) -> ask_login(0, OWN, ANSWERS(0)) }
	:: atomic { LOGS_IN(1) -> ask_login(1, OWN, ANSWERS(1)) }

	/* the fence */
	:: atomic { SIBLING(0) && ACTIVE -> ask_login(0, OTHERS, ANSWERS(1)) }
	:: atomic { SIBLING(1) && ACTIVE -> ask_login(1, OTHERS, ANSWERS(0)) }
	:: atomic { GUARDED && !net_over && ACTIVE && FENCE_TIME_OVER ->
		    net_over = true;
#ifdef M_TIMEOUT
		    backend_over = true
#endif
		  }
	:: atomic { MAY_RESET && reset == NONE && up[0] && RETRY && ACTIVE &&
		    !refuses -> ask_reset(0);
#ifdef M_NO_RETRY
		    asked_once = true
#endif
		  }
	:: atomic { MAY_RESET && reset == NONE && up[1] && RETRY && ACTIVE &&
		    !refuses -> ask_reset(1);
#ifdef M_NO_RETRY
		    asked_once = true
#endif
		  }
	:: atomic { !others_reset && reset == NONE && up[1] && !refuses &&
		    ACTIVE -> others_reset = true; ask_reset(1) }
	:: atomic { reset == ANSWERED && up[rpath] && gen[rpath] == rgen ->
		    reset_answered() }
	:: atomic { GUARDED && net_over && backend_over -> release() }
	/* Given back with an error. What was sent is a ghost from here on. */
	:: atomic { write_at == HELD && cur == 1 && !gave_up ->
		    gave_up = true; cur = 2;
#ifdef M_GHOST
		    release()
#else
		    write_at = READY; ghost = true
#endif
		  }
	/* NoPathTimeout: no way to end it, or what 2 waits for */
	:: atomic { GUARDED && write_at != FAILED && !backend_over &&
		    refuses -> write_at = FAILED; ghost = false }

	:: timeout -> break
	od;
	assert(acked == 2 || write_at == FAILED)
}

/* ------------------------------------------------------- the adversary */

#define CUR(p)		CONN(p, gen[p])
/* Neither end can make up for what the network loses any more. */
#define BROKEN(c)	(!open[c] || !up[(c) / GENS] || \
			 gen[(c) / GENS] != (c) % GENS)
#ifdef A_SPLIT		/* each controller has a task set of its own */
#define SHARES(i, by)	(of_group[conn[i]] == of_group[by])
#else
#define SHARES(i, by)	true
#endif
#define TAKEN(i, by)	(at[i] == BACKEND && SHARES(i, by) && !closing[conn[i]])
#define MARK(i, by)	(MARKS(i, BY_OTHERS) | \
			 (TAKEN(i, by) || marked[i] & BY_OTHERS -> BY_OURS : 0))
inline unit_reset(by)
{
	marked[0] = MARK(0, by);
	marked[1] = MARK(1, by);
	marked[2] = MARK(2, by)
}

#define FREE(i)		(at[i] == BACKEND && !closing[conn[i]] && !marked[i])
inline they_reset()
{
	if :: FREE(0) -> marked[0] = BY_OTHERS :: else fi;
	if :: FREE(1) -> marked[1] = BY_OTHERS :: else fi;
	if :: FREE(2) -> marked[2] = BY_OTHERS :: else fi
}

/* It does not come in the moment in which another has just ended. */
#ifdef A_QUEUED
#define ALONE		true
#else
#define ALONE		(reset == NONE && !stray && !explains)
#endif

inline die()
{
	dead = true; faults--;
	c = 0;
	do
	:: c < 2 * GENS ->
		if
		:: open[c] && (c < GENS) && !(moved && c == CUR(0)) &&
		   !(drains && one_group) ->	/* that is but its port */
			hang_up(c)
		:: else
		fi;
		c++
	:: else -> break
	od;
	c = 0
}

#define ALLOWED		(faults > 0 && cur <= 2)

proctype world()
{
	byte c;

end:	do
	/* network and backend, for each copy */
	:: atomic { at[0] == NET -> at[0] = BACKEND }
	:: atomic { at[1] == NET -> at[1] = BACKEND }
	:: atomic { at[2] == NET -> at[2] = BACKEND }
	:: atomic { at[0] == NET && BROKEN(conn[0]) -> forget(0) }
	:: atomic { at[1] == NET && BROKEN(conn[1]) -> forget(1) }
	:: atomic { at[2] == NET && BROKEN(conn[2]) -> forget(2) }
	:: atomic { at[0] == BACKEND -> execute(0) }
	:: atomic { at[1] == BACKEND -> execute(1) }
	:: atomic { at[2] == BACKEND -> execute(2) }
	/* ended without effect, by a reset or with its connection */
	:: atomic { at[0] == BACKEND && (marked[0] || BROKEN(conn[0])) ->
		    forget(0) }
	:: atomic { at[1] == BACKEND && (marked[1] || BROKEN(conn[1])) ->
		    forget(1) }
	:: atomic { at[2] == BACKEND && (marked[2] || BROKEN(conn[2])) ->
		    forget(2) }
	/* the target hangs up, before or after it has drained */
	:: atomic { ALLOWED && open[CUR(0)] && up[0] &&
		    !(drains && ANY(BACKEND, CUR(0))) ->
		    faults--; hang_up(CUR(0)) }
	:: atomic { ALLOWED && open[CUR(1)] && up[1] &&
		    !(drains && ANY(BACKEND, CUR(1))) ->
		    faults--; hang_up(CUR(1)) }
	/* what the driver sees of a connection that is over */
	:: atomic { up[0] && !open[CUR(0)] -> lose(0, SILENT) }
	:: atomic { up[1] && !open[CUR(1)] -> lose(1, SILENT) }
	:: atomic { up[0] && !open[CUR(0)] -> lose(0, RST) }
	:: atomic { up[1] && !open[CUR(1)] -> lose(1, RST) }
	:: atomic { up[0] && !open[CUR(0)] -> lose(0, FIN) }
	:: atomic { up[1] && !open[CUR(1)] -> lose(1, FIN) }
#ifdef A_PROXY		/* FIN comes from something in between */
	:: atomic { ALLOWED && up[0] -> faults--; lose(0, FIN) }
#endif
	/* and of one that is not: black hole, or somebody's RST */
	:: atomic { ALLOWED && up[0] -> faults--; lose(0, SILENT) }
	:: atomic { ALLOWED && up[1] -> faults--; lose(1, SILENT) }
	:: atomic { ALLOWED && up[0] -> faults--; lose(0, RST) }
	:: atomic { ALLOWED && up[1] -> faults--; lose(1, RST) }
	:: atomic { up[0] && dead && !moved && open[CUR(0)] -> lose(0, SILENT) }
	/* which the target has got, too */
	:: atomic { ALLOWED && up[0] && open[CUR(0)] && drains -> faults--;
		    hang_up(CUR(0)); closing[CUR(0)] = BY_RST; lose(0, RST) }
	:: atomic { ALLOWED && up[1] && open[CUR(1)] && drains -> faults--;
		    hang_up(CUR(1)); closing[CUR(1)] = BY_RST; lose(1, RST) }
	/* what went silent for us sends something, and is told much later */
	:: atomic { GUARDED && drains && open[WCONN] && BROKEN(WCONN) ->
		    hang_up(WCONN); closing[WCONN] = BY_RST }
	/* an administrator ends the session there, its portal group stays */
	:: atomic { ALLOWED && up[0] && open[CUR(0)] && drains -> faults--;
		    hang_up(CUR(0)); closing[CUR(0)] = BY_ITSELF; lose(0, STUCK) }
	:: atomic { ALLOWED && up[1] && open[CUR(1)] && drains -> faults--;
		    hang_up(CUR(1)); closing[CUR(1)] = BY_ITSELF; lose(1, STUCK) }
	/* logins: answered, or not */
	:: atomic { login_out[0] && CAN_ANSWER(0) && !(dead && lctrl[0] == 0) ->
		    login_answered(0) }
	:: atomic { login_out[1] && CAN_ANSWER(1) && !(dead && lctrl[1] == 0) ->
		    login_answered(1) }
	:: atomic { login_out[0] && ((dead && lctrl[0] == 0) || ALLOWED) ->
		    if
		    :: dead && lctrl[0] == 0 -> skip
		    :: else -> faults--
		    fi;
		    login_lost(0) }
	:: atomic { login_out[1] && ((dead && lctrl[1] == 0) || ALLOWED) ->
		    if
		    :: dead && lctrl[1] == 0 -> skip
		    :: else -> faults--
		    fi;
		    login_lost(1) }
	/* Logout: what was sent before it has arrived */
	:: atomic { ALLOWED && up[0] && open[CUR(0)] && !ANY(NET, CUR(0)) &&
		    !(drains && ANY(BACKEND, CUR(0))) ->
		    faults--; hang_up(CUR(0)); lose(0, LOGOUT) }
	:: atomic { ALLOWED && !dead -> die() }
	:: atomic { ALLOWED && !moved -> faults--; moved = true }

	/* LOGICAL UNIT RESET */
	:: atomic { reset == ASKED && open[CONN(rpath, rgen)] ->
		    unit_reset(CONN(rpath, rgen)); reset = ARRIVED }
	:: atomic { stray && open[sconn] && reset != ARRIVED ->
		    unit_reset(sconn); stray = false; sconn = 0 }
	:: atomic { stray && !open[sconn] -> stray = false; sconn = 0 }
	:: atomic { reset == ARRIVED && !MARKED -> reset = ANSWERED }
	/* the same by somebody else, with more than one initiator */
	:: atomic { ALLOWED && foreign == NONE && write_at == SENT && !refuses &&
		    ALONE -> faults--; they_reset(); foreign = AT_WORK }
	:: atomic { foreign == AT_WORK && !THEY_MARKED -> foreign = TO_TELL }
	od
}

init
{
	atomic {
		if
		:: one_group = true
		:: one_group = false
		fi;
		if
		:: drains = true; refuses = false
		:: drains = true; branded = true; refuses = false; faults--
		:: drains = false; refuses = false
		:: drains = false; refuses = true
		fi;
		up[0] = true; up[1] = true;
		open[CONN(0, 0)] = true; open[CONN(1, 0)] = true;
		of_group[CONN(1, 0)] = GROUP_OF(1);
		run host(); run world()
	}
}
