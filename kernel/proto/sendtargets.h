/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SendTargets of RFC 7143 appendix C in a Discovery session, as a machine
 * without a socket, to be run after a login with target_name NULL.
 */
#ifndef MPIO_PROTO_SENDTARGETS_H
#define MPIO_PROTO_SENDTARGETS_H

#include "login.h"

#define MPIO_SENDTARGETS_PDUS	65536	/* responses, then we give up */

enum mpio_sendtargets_step {
	MPIO_SENDTARGETS_SEND,	/* build and send the next request */
	MPIO_SENDTARGETS_DONE,	/* iterate over the answer */
	MPIO_SENDTARGETS_FAILED	/* s->why */
};

struct mpio_sendtargets {
	const char *why;
	u32 cmdsn;		/* of the next numbered request */
	u32 exp_statsn;
	struct mpio_window window;
	u32 itt;
	u32 ttt;
	u32 pdus;
	bool finished;
	struct mpio_join rx;	/* the caller's buffer */
};

/* @l: a login that is DONE. @buf: all targets must fit, e.g. 1 MiB. */
void mpio_sendtargets_init(struct mpio_sendtargets *s,
			   const struct mpio_login *l, void *buf, u32 cap);

/* @data has room for 64 bytes. */
void mpio_sendtargets_build(struct mpio_sendtargets *s,
			    struct pdu_text_req *bhs, u8 *data, u32 *len);

/* @bhs is any PDU of the target that is no NOP-In. */
enum mpio_sendtargets_step
mpio_sendtargets_parse(struct mpio_sendtargets *s, const struct pdu_bhs *bhs,
		       const u8 *data, u32 len);

/* Build the Logout Request that ends the session. */
void mpio_sendtargets_logout(struct mpio_sendtargets *s,
			     struct pdu_logout_req *bhs);

/*
 * One (target, portal). has_portal is false for a target without address: it
 * is reached through the portal that was asked.
 */
struct mpio_target {
	char name[MPIO_ISCSI_NAME_MAX + 1];
	bool has_portal;
	struct mpio_portal portal;
};

struct mpio_target_iter {
	struct mpio_text text;
	struct mpio_target target;	/* name of the record at hand */
	bool named;
	bool listed;
	u32 skipped;			/* records with bad names or addresses */
	const char *bad;		/* of the last of them: the value, */
	u32 bad_len;
	const char *why;		/* and what is wrong with it */
};

void mpio_target_iter_init(struct mpio_target_iter *it,
			   const struct mpio_sendtargets *s);

/*
 * 1 with *t set, 2 for what is passed over (->bad and ->why say what), 0 at the
 * end, -EPROTO for text that is none.
 */
int mpio_target_next(struct mpio_target_iter *it, struct mpio_target *t,
		     const char **why);

#endif /* MPIO_PROTO_SENDTARGETS_H */
