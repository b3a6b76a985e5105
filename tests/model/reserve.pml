/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registrations of node N, which has two paths to a unit, while node M, which
 * holds the reservation (for registrants only), may fence N with PREEMPT at
 * any time. Orders of N get lost, or come late, from connections that are gone;
 * N may be changing its key meanwhile; the target may know READ FULL STATUS or
 * READ KEYS alone.
 *
 * Must hold: once N was fenced no path of N carries I/O that the target would
 * execute (the monitor), and the disk serves whatever needs no registration
 * again; a node that was not fenced ends up registered on both paths, with the
 * key that its issuer was told (end of driver()).
 *
 * README says how lines map to code. M_... is a fault of the driver. It
 * ends with -DLOSSES=1 (a smaller search), and
 * fails with -DM_UNCHECKED_COUNTS -DLOSSES=1	what is unchecked vouches for others
 * fails with -DM_DROP_FORGETS -DLOSSES=1	a lost registration: all keys forgotten
 * fails with -DM_NO_SECOND_LOOK -DLOSSES=1	nobody asked after adding oneself
 * fails with -DM_TRUST_MEMORY -DLOSSES=1	what was registered once is put back
 * fails with -DM_NOT_UNCHECKED -DLOSSES=1	a lost REGISTER is taken for not sent
 * fails with -DM_NO_RENEW -DLOSSES=1	a nexus without registration never gets one
 * fails with -DM_LATE_CHANGE -DLOSSES=1	a late change of key proves a registration
 * fails with -DM_COUNTS_ONE_KEY -DLOSSES=1	a change under way: only the old one counts
 */
#ifndef LOSSES
#define LOSSES	2
#endif
#define REVERIFIES 1
#define NOKEY	0
#define K1	1
#define K2	2

/* orders */
#define NONE	0
#define REG	1	/* REGISTER */
#define IGN	2	/* REGISTER AND IGNORE EXISTING KEY */
#define LIST	3	/* READ KEYS, READ FULL STATUS */

/* state of the one order under way: reserve.mutex is held */
#define IDLE	0
#define SENT	1
#define DONE	2
#define CUT	3

/* answers, and what a step comes to */
#define GOOD	0
#define CONFLICT 1
#define LOST	2
#define AGAIN	3
#define UNSENT	4

/* ------------------------------------------------------------ the target */

byte reg[2];		/* what each nexus of N is registered with */
byte generation;	/* PRGENERATION */
bool fenced;
byte late[2], late_key[2], late_new[2];
byte losses = LOSSES, reverifies = REVERIFIES;
bool may_preempt = true;

/* ------------------------------------------------------------- the driver */

byte order, at, opath, okey, onew, answer;
byte seen[2], seen_generation;

byte hkey = K1, next_key;	/* disk->reserve */
bool lost, no_status, confirmed;
byte hgeneration;
bool up[2], ready[2];
bool waiting[2], woken;		/* till something changes */
byte key[2];			/* path->registration */
bool sure[2], unchecked[2], stale[2], maybe[2];
bool moved[2];		/* path->verify_gen has moved since it was read */

bool changing, change_wanted;	/* N's issuer: REGISTER K1 -> K2 */
byte told = K1;			/* what it was told that it has */

#define DUE(p)		(!sure[p] && (hkey != NOKEY || key[p] != NOKEY || \
				      stale[p]))

/* Something has changed: those that wait for a better time try again. */
inline wake()
{
	waiting[0] = false; waiting[1] = false; woken = true
}

inline reverify(p)
{
	moved[p] = true; sure[p] = false; ready[p] = false; wake()
}

/* The target executes an order of the nexus of @p. */
inline apply(p, what, k, n, res)
{
	res = GOOD;
	if
	:: what == REG && reg[p] != k -> res = CONFLICT
	:: what == REG && reg[p] == k -> reg[p] = n; generation++
	:: what == IGN -> reg[p] = n; generation++
	:: what == LIST -> seen[0] = reg[0]; seen[1] = reg[1];
		seen_generation = generation
	fi
}

/* Sends one order and waits for what becomes of it. */
inline exec(p, what, k, n)
{
	atomic {
		if
		:: up[p] -> opath = p; order = what; okey = k; onew = n;
			at = SENT
		:: else -> at = CUT
		fi
	}
	atomic {
		if
		:: at == DONE -> ans = answer
		:: at == CUT -> ans = (order == NONE -> UNSENT : LOST)
		fi;
		at = IDLE; order = NONE; opath = 0; okey = 0; onew = 0;
		answer = 0
	}
}

/* mpio_registration_set() */
inline set(p, k)
{
	if :: k == NOKEY -> unchecked[p] = false :: else fi;
	key[p] = k;
	sure[p] = (!moved[p] && !unchecked[p]);
	maybe[p] = false; stale[p] = false;
	waiting[1 - p] = false
}

/* mpio_registration_unchecked() */
inline uncheck(p, k, adds)
{
	if
	:: adds -> unchecked[p] = true;
		if :: key[p] == NOKEY -> key[p] = k :: else fi
	:: else
	fi;
	stale[p] = true; sure[p] = false; waiting[1 - p] = false
}

/* mpio_pr_register(): ans is the answer. */
inline register(p, what, k, n)
{
	exec(p, what, k, n);
	atomic {
		if
		:: ans == GOOD -> hgeneration++; set(p, n)
		:: else
		fi
	}
}

/* mpio_registration_remove(): whatever key it is. */
inline remove(p)
{
	register(p, IGN, NOKEY, NOKEY)
}

/* mpio_registration_lost(), mpio_registration_drop() */
inline drop(p)
{
	atomic {
		hkey = NOKEY; next_key = NOKEY; lost = true;
#ifdef M_DROP_FORGETS
		key[0] = NOKEY; key[1] = NOKEY;
		stale[0] = false; stale[1] = false;
#endif
		sure[0] = false; sure[1] = false;
		if :: DUE(0) -> reverify(0) :: else fi;
		if :: DUE(1) -> reverify(1) :: else fi;
		moved[p] = false;	/* it is being verified */
		waiting[1 - p] = false
	}
	if
	:: DUE(p) -> remove(p)
	:: else
	fi
}

#define TRUSTED(i)	(key[i] == hkey && !unchecked[i])
#ifdef M_UNCHECKED_COUNTS
#define WITNESS(i)	true
#define UNCHECKED(i)	0
#else
#define WITNESS(i)	TRUSTED(i)
#define UNCHECKED(i)	(unchecked[i] -> 1 : 0)
#endif
#ifdef M_COUNTS_ONE_KEY
#define HAS(i)		(seen[i] == hkey || \
			 (!no_status && next_key != NOKEY && \
			  seen[i] == next_key))
#else
#define HAS(i)		(seen[i] == hkey || \
			 (next_key != NOKEY && seen[i] == next_key))
#endif

/* mpio_vouch(): ans is GOOD yes, CONFLICT no, AGAIN not now, or LOST. */
inline vouch(p, self)
{
	exec(p, LIST, 0, 0);
	atomic {
	if
	:: ans != GOOD
	:: else -> if
		:: !no_status && WITNESS(1 - p) && HAS(1 - p) -> ans = GOOD
		:: !no_status && !(WITNESS(1 - p) && HAS(1 - p)) ->
			ans = CONFLICT
		:: no_status -> count = (HAS(0) -> 1 : 0) + (HAS(1) -> 1 : 0);
			if
			:: count <= self -> ans = CONFLICT
			:: count > self && count - self <= UNCHECKED(1 - p) ->
				ans = AGAIN
			:: else -> if
				:: confirmed && hgeneration == seen_generation
				:: else -> confirmed = false; ans = AGAIN;
					/* mpio_vouch_have_confirmed() */
					if
					:: TRUSTED(1 - p) && up[1 - p] &&
					   ready[1 - p] -> reverify(1 - p)
					:: else
					fi
				fi
			fi; count = 0
		fi
	fi;
	seen[0] = 0; seen[1] = 0; seen_generation = 0
	}
}

/* mpio_registration_check() */
inline check(p)
{
	vouch(p, 1);
	if
	:: ans == CONFLICT -> drop(p)
	:: atomic { ans == GOOD -> unchecked[p] = false; set(p, hkey) }
	:: else
	fi
}

/* mpio_registration_renew() */
inline renew(p)
{
#ifdef M_TRUST_MEMORY
	register(p, IGN, NOKEY, hkey)
#else
	vouch(p, 0);
	if
	:: ans == CONFLICT -> drop(p)
	:: ans == GOOD ->
#ifndef M_NOT_UNCHECKED
		atomic { uncheck(p, hkey, true) }
#endif
#ifdef M_NO_SECOND_LOOK
		atomic { unchecked[p] = false }
		register(p, IGN, NOKEY, hkey)
#else
		register(p, IGN, NOKEY, hkey);
		if
		:: ans == GOOD -> check(p)
		:: else
		fi
#endif
	:: else
	fi
#endif
}

/* mpio_registration_replay() */
inline replay(p)
{
	if
	:: hkey == NOKEY -> remove(p)
	:: else ->
		g = 0;
		if
		:: no_status -> exec(p, LIST, 0, 0);
			atomic { g = seen_generation; seen[0] = 0; seen[1] = 0;
				 seen_generation = 0 }
		:: else -> ans = GOOD
		fi;
		if
		:: ans == GOOD -> register(p, REG, hkey, hkey);
			if
			:: atomic { ans == GOOD && no_status && !unchecked[p] ->
				hgeneration = g + 1; confirmed = true }
			:: else
			fi
		:: else
		fi;
		g = 0;
		if
		:: ans == CONFLICT && next_key != NOKEY ->
			register(p, REG, next_key, hkey)
		:: else
		fi;
		if
#ifndef M_NO_RENEW
		:: ans == CONFLICT -> renew(p)
#endif
		:: ans == GOOD && unchecked[p] -> check(p)
		:: else
		fi
	fi
}

/* mpio_probe_verify_path() */
inline verify(p)
{
	atomic { moved[p] = false; woken = false }
	if
	:: DUE(p) -> replay(p)
	:: else -> ans = GOOD
	fi;
	atomic {
		if
		:: up[p] && ans == GOOD && !moved[p] && !DUE(p) ->
			ready[p] = true; waiting[1 - p] = false
		:: (ans == AGAIN || ans == CONFLICT) && !woken ->
			waiting[p] = true
		:: else
		fi;
		moved[p] = false; woken = false; ans = 0
	}
}

/* mpio_reserve_register_path() for REGISTER K1 -> K2 */
inline change_path(p)
{
	if
	:: up[p] && ready[p] ->
		moved[p] = false;
		exec(p, REG, K1, K2);
		if
		:: ans == CONFLICT && maybe[p] -> register(p, REG, K2, K2)
		:: atomic { ans == GOOD -> set(p, K2) }
		:: else
		fi;
		atomic {
		if
		:: ans == GOOD -> done++; unchecked[p] = false
		:: ans == LOST -> maybe[p] = true; uncheck(p, K2, false)
		:: ans == UNSENT
		:: ans == CONFLICT -> refused = true
		fi;
		ans = 0; moved[p] = false
		}
	:: else
	fi
}

/* mpio_reserve_register() */
inline change()
{
	next_key = K2; changing = true;
	do
	:: v < 2 -> change_path(v); v++
	:: else -> break
	od;
	v = 0;
	atomic {
	if
	:: done > 0 ->
		/* mpio_registration_commit() */
		hkey = K2; next_key = NOKEY; lost = false; confirmed = false;
#ifndef M_LATE_CHANGE
		if :: maybe[0] -> unchecked[0] = true :: else fi;
		if :: maybe[1] -> unchecked[1] = true :: else fi;
#endif
		if :: key[0] != K2 -> sure[0] = false :: else fi;
		if :: key[1] != K2 -> sure[1] = false :: else fi;
		if :: DUE(0) && ready[0] -> reverify(0) :: else fi;
		if :: DUE(1) && ready[1] -> reverify(1) :: else fi;
		told = K2; change_wanted = false; wake()
	:: done == 0 && refused -> next_key = NOKEY; told = NOKEY;
		change_wanted = false
	:: else			/* parked until a path comes */
	fi;
	done = 0; refused = false; changing = change_wanted
	}
}

#define VERIFIES(p)	(up[p] && !ready[p] && !waiting[p])

proctype driver()
{
	byte ans, count, g, done, v;
	bool refused;

	do
	:: atomic { VERIFIES(0) || VERIFIES(1) ->
			if
			:: VERIFIES(0) -> v = 0
			:: VERIFIES(1) -> v = 1
			fi
		}
		verify(v); v = 0
	:: change_wanted && (ready[0] || ready[1]) -> change()
	:: timeout -> break
	od;
	/* All is quiet. */
	assert(up[0] && up[1]);
	if
	:: fenced ->
		assert(reg[0] == NOKEY && reg[1] == NOKEY)
	:: else ->
		assert(!change_wanted && told != NOKEY);
		assert(hkey == told && reg[0] == told && reg[1] == told);
		assert(ready[0] && ready[1])
	fi
}

/* ------------------------------------------------ network, target, node M */

inline lose(p)
{
	losses--; up[p] = false; reverify(p);
	if
	:: at == SENT && opath == p ->
		if	/* it may yet come, or not */
		:: late[p] = order; late_key[p] = okey; late_new[p] = onew
		:: skip
		fi;
		if :: late[p] == LIST -> late[p] = NONE :: else fi;
		at = CUT
	:: at == DONE && opath == p -> at = CUT; answer = 0
	:: else
	fi;
	if :: at == CUT -> seen[0] = 0; seen[1] = 0; seen_generation = 0
	:: else
	fi
}

inline come_late(p)
{
	apply(p, late[p], late_key[p], late_new[p], r);
	late[p] = NONE; late_key[p] = 0; late_new[p] = 0; r = 0;
	wake()
}

/* The login ends what was sent before it. */
inline login(p)
{
	late[p] = NONE; late_key[p] = 0; late_new[p] = 0;
	up[p] = true; wake()
}

/* All that M knows to be N's: while N changes its key that is both. */
inline preempt()
{
	may_preempt = false; fenced = true; generation++;
	if :: reg[0] == told || changing -> reg[0] = NOKEY :: else fi;
	if :: reg[1] == told || changing -> reg[1] = NOKEY :: else fi;
	wake()
}

proctype world()
{
	byte r;

end:	do
	:: atomic { at == SENT && up[opath] ->
		apply(opath, order, okey, onew, answer); at = DONE }
	:: atomic { late[0] != NONE -> come_late(0) }
	:: atomic { late[1] != NONE -> come_late(1) }
	:: atomic { losses > 0 && up[0] -> lose(0) }
	:: atomic { losses > 0 && up[1] -> lose(1) }
	:: atomic { !up[0] -> login(0) }
	:: atomic { !up[1] -> login(1) }
	:: atomic { may_preempt && told != NOKEY -> preempt() }
	/* M does not have to */
	:: atomic { may_preempt -> may_preempt = false }
	/* a unit attention, or whatever else makes it look */
	:: atomic { reverifies > 0 && ready[0] -> reverifies--; reverify(0) }
	:: atomic { reverifies > 0 && ready[1] -> reverifies--; reverify(1) }
	od
}

/* Would the target execute a write of N after it was fenced? */
#define WRITES(p)	(fenced && up[p] && ready[p] && reg[p] != NOKEY)

active proctype monitor()
{
end:	do
	:: atomic { WRITES(0) || WRITES(1) -> assert(false) }
	od
}

init
{
	atomic {
		up[1] = true; ready[1] = true; sure[1] = true; key[1] = K1;
		reg[1] = K1;
		if	/* the other path: registered, too, or a new one */
		:: up[0] = true; ready[0] = true; sure[0] = true;
			key[0] = K1; reg[0] = K1
		:: up[0] = true
		fi;
		if
		:: no_status = true
		:: no_status = false
		fi;
		if
		:: change_wanted = true
		:: change_wanted = false
		fi;
		run driver(); run world()
	}
}
