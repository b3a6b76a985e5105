/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions being brought up: added in the kernel, watched until each is
 * logged in and scanned or has failed. A failed one leaves nothing behind
 * unless it is to be kept.
 */
#ifndef _ISCSICTL_CONNECT_H
#define _ISCSICTL_CONNECT_H

#include "base/address.h"
#include "module/model.h"

struct record_list;

struct attempt {
	struct login login;
	const struct secrets *secrets;
	struct sockaddr_storage *address;	/* tried in turn */
	size_t addresses, next;
	uint32_t id;				/* session, 0 before */
	bool done;
	long long logged_in;	/* ms when it was seen so, 0 before */
	bool keep;	/* if it fails the session stays, the kernel goes on */
	bool busy;	/* the target said so: ->why, and that may change */
	bool known;	/* there is such a target, or nobody can tell */
	long long untold;	/* ms when its portal did not tell of it, or 0 */
	long long told;	/* ms when a redirect's name was resolved, or 0 */
	bool wait;	/* stays so when time is over: the kernel goes on */
	int code;
	char why[MPIO_ERROR_MAX + 65];
};

/* Random ISID (RFC 7143 11.12.5, type 10b) no session of @target has. */
int connect_isid_choose(const char *target, const struct session_list *live,
			uint8_t *isid);
/* The same for a caller that has loaded the records already. */
int connect_isid_choose_beside(const char *target, const struct session_list *live,
			       const struct record_list *stored, uint8_t *isid);

/*
 * From now on an interrupt (Ctrl-C) only makes connect_attempts_wait() give up, so
 * that what was stored for a login goes again.
 */
void connect_interrupts_catch(void);

/* Adds the session with the next address; the result is in @attempt. */
void connect_attempt_start(struct attempt *attempt);
/*
 * Starts those not started, --throttle-limit of them at a time, and waits
 * until all are done, at most --timeout; kernel_listen() before. Returns the
 * code of the first that failed.
 */
int connect_attempts_wait(struct attempt *attempt, size_t count);
void connect_attempt_free(struct attempt *attempt);

/*
 * Until each disk has its name, and those of the sessions @id their links in
 * /dev/disk/by-path, or for a few seconds.
 */
void connect_disks_wait(const uint32_t *id, size_t count);

#endif /* _ISCSICTL_CONNECT_H */
