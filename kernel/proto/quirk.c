// SPDX-License-Identifier: GPL-2.0
/*
 * The table of wrong answers, and quirks in words. See quirk.h; the table is
 * told to administrators in iscsi_mpio(4).
 */
#include "quirk.h"

/*
 * Columns: RESULT  its result function forbids the value
 *	    ABOVE   above the upper bound of the key
 *	    VALUE   below the lower bound, or no value of the key's type
 *	    SPELT   a word in other letters than the RFC's, as "yes"
 *	    REFUSED NotUnderstood or Reject for a key each target must know
 *	    TWICE   a second time, with whatever value
 *	    STAGE   in the security stage
 *	    LATE    proposed where we can no longer answer
 * FATAL is no matter where the target says what holds anyway: None for a digest
 * that is off, No for a marker, a name or tag that is the one we know.
 */
#define ROW(key, result, above, value, spelt, refused, twice, stage, late, \
	    why) \
	[key] = { { MPIO_##result, MPIO_##above, MPIO_##value, MPIO_##spelt, \
		    MPIO_##refused, MPIO_##twice, MPIO_##stage, MPIO_##late },\
		  why }
/* Keys that only initiators send. */
#define ECHO(key, echo, why) \
	[key] = { { [MPIO_WRONG_REFUSED] = MPIO_IGNORE, \
		    [MPIO_WRONG_ECHO] = MPIO_##echo }, why }

const struct mpio_quirk_row mpio_quirk_rows[MPIO_K_COUNT] = {
	/*  RESULT, ABOVE, VALUE, SPELT,
	 *  REFUSED, TWICE, STAGE, LATE
	 */
	ROW(MPIO_K_HEADER_DIGEST,
	    FATAL, FATAL, FATAL, FATAL,
	    DEFAULT, FATAL, FATAL, FATAL,
	    "a digest that one side alone reckons with shifts all that follows"),
	ROW(MPIO_K_DATA_DIGEST,
	    FATAL, FATAL, FATAL, FATAL,
	    DEFAULT, FATAL, FATAL, FATAL,
	    "a digest that one side alone reckons with becomes data"),
	ROW(MPIO_K_MAX_CONNECTIONS,
	    SAFER, SAFER, DEFAULT, FATAL,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "it is we who open connections, and open one"),
	ROW(MPIO_K_INITIAL_R2T,
	    SAFER, FATAL, OFF, SAFER,
	    OFF, SAFER, IGNORE, SAFER,
	    "no target minds being asked for R2Ts"),
	ROW(MPIO_K_IMMEDIATE_DATA,
	    SAFER, FATAL, OFF, SAFER,
	    OFF, SAFER, IGNORE, SAFER,
	    "no target minds data that is not immediate"),
	ROW(MPIO_K_MAX_RECV_DSL,
	    SAFER, SAFER, FATAL, FATAL,
	    DEFAULT, SAFER, SAFER, SAFER,
	    "a guess at the target's buffer might overrun it; less fits"),
	ROW(MPIO_K_MAX_BURST,
	    SAFER, SAFER, FATAL, FATAL,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "a guess at the target's buffer might overrun it; less fits"),
	ROW(MPIO_K_FIRST_BURST,
	    SAFER, SAFER, FATAL, FATAL,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "a guess at the target's buffer might overrun it; less fits"),
	ROW(MPIO_K_TIME2WAIT,
	    SAFER, OURS, OURS, FATAL,
	    OURS, SAFER, IGNORE, SAFER,
	    "we come back when we can and wait when we are asked to"),
	ROW(MPIO_K_TIME2RETAIN,
	    SAFER, SAFER, OURS, FATAL,
	    OURS, SAFER, IGNORE, SAFER,
	    "no task is ever taken up again, ErrorRecoveryLevel being 0"),
	ROW(MPIO_K_MAX_R2T,
	    SAFER, SAFER, DEFAULT, FATAL,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "R2Ts beyond what we offered are refused when they come"),
	ROW(MPIO_K_PDU_IN_ORDER,
	    SAFER, FATAL, DEFAULT, SAFER,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "data out of order is refused when it comes"),
	ROW(MPIO_K_SEQUENCE_IN_ORDER,
	    SAFER, FATAL, DEFAULT, SAFER,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "data out of order is refused when it comes"),
	ROW(MPIO_K_ERL,
	    SAFER, SAFER, DEFAULT, FATAL,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "it is we who begin a recovery, and begin none"),
	ROW(MPIO_K_TASK_REPORTING,
	    DEFAULT, FATAL, DEFAULT, FATAL,
	    DEFAULT, DEFAULT, IGNORE, DEFAULT,
	    "RFC 3720's reporting is the one that promises least"),
	ROW(MPIO_K_PROTOCOL_LEVEL,
	    SAFER, SAFER, DEFAULT, FATAL,
	    DEFAULT, SAFER, IGNORE, SAFER,
	    "we use what both know"),
	ROW(MPIO_K_IF_MARKER,
	    FATAL, FATAL, FATAL, FATAL,
	    IGNORE, IGNORE, FATAL, FATAL,
	    "a marker nobody takes out becomes data; No is no marker"),
	ROW(MPIO_K_OF_MARKER,
	    FATAL, FATAL, FATAL, FATAL,
	    IGNORE, IGNORE, FATAL, FATAL,
	    "a target that waits for markers takes data for them"),
	ROW(MPIO_K_IF_MARK_INT,
	    IGNORE, IGNORE, IGNORE, IGNORE,
	    IGNORE, IGNORE, IGNORE, IGNORE,
	    "an interval of markers that are not in use"),
	ROW(MPIO_K_OF_MARK_INT,
	    IGNORE, IGNORE, IGNORE, IGNORE,
	    IGNORE, IGNORE, IGNORE, IGNORE,
	    "an interval of markers that are not in use"),
	/* Declarations, which are never answers. */
	ROW(MPIO_K_TPGT,
	    FATAL, IGNORE, IGNORE, FATAL,
	    IGNORE, FATAL, FATAL, FATAL,
	    "secrets go to the portal group that was meant, or nowhere"),
	ROW(MPIO_K_TARGET_ALIAS,
	    FATAL, IGNORE, FATAL, FATAL,
	    IGNORE, IGNORE, FATAL, FATAL,
	    "it is shown to people, cut to 255 bytes"),
	ROW(MPIO_K_TARGET_ADDRESS,
	    FATAL, IGNORE, FATAL, FATAL,
	    IGNORE, IGNORE, FATAL, FATAL,
	    "without a redirect nobody goes there"),
	ROW(MPIO_K_NODE_ARCHITECTURE,
	    FATAL, IGNORE, FATAL, FATAL,
	    IGNORE, IGNORE, IGNORE, FATAL,
	    "it is not looked at"),
	ECHO(MPIO_K_INITIATOR_NAME, FATAL,
	     "the same is an echo; another name is somebody else's login"),
	ECHO(MPIO_K_TARGET_NAME, FATAL,
	     "the same is an echo; another name is somebody else's login"),
	ECHO(MPIO_K_INITIATOR_ALIAS, IGNORE, "an echo of what we said"),
	ECHO(MPIO_K_SESSION_TYPE, IGNORE, "an echo of what we said"),
	ECHO(MPIO_K_SEND_TARGETS, IGNORE, "nobody has asked or listens"),
};

#undef ROW
#undef ECHO

static const char *const wrongs[MPIO_WRONGS] = {
	[MPIO_WRONG_RESULT] = "a value that its result function forbids",
	[MPIO_WRONG_ABOVE] = "a value above its bound",
	[MPIO_WRONG_VALUE] = "a malformed value",
	[MPIO_WRONG_SPELT] = "a word in the wrong case",
	[MPIO_WRONG_REFUSED] = "not understood or rejected",
	[MPIO_WRONG_TWICE] = "sent twice",
	[MPIO_WRONG_STAGE] = "sent in the security stage",
	[MPIO_WRONG_LATE] = "proposed in the final response",
	[MPIO_WRONG_ECHO] = "sent though only initiators send it",
};

static const char *const odds[MPIO_ODDS] = {
	[MPIO_ODD_TSIH] = "TSIH 0 in the final login response",
	[MPIO_ODD_STATSN] = "StatSN out of sequence",
	[MPIO_ODD_NO_TPGT] = "TargetPortalGroupTag missing",
	[MPIO_ODD_ANSWER] = "an answer to a key that was not offered",
	[MPIO_ODD_AUTH_STAGE] = "AuthMethod in the operational stage",
	[MPIO_ODD_MAXCMDSN] = "MaxCmdSN behind ExpCmdSN at login",
	[MPIO_ODD_CHAP_LISTS] = "MD5 alone is offered: lists of CHAP algorithms fail",
	[MPIO_ODD_LEVEL] = "iSCSIProtocolLevel is not offered: the login fails with it",
	[MPIO_ODD_SECURITY] = "the security stage is left out: the login fails with it",
	[MPIO_ODD_DIGEST] = "CRC32C is offered: the login fails without it",
	[MPIO_ODD_SHORT_READ] = "GOOD for reads with missing data",
	[MPIO_ODD_EXPCMDSN] = "ExpCmdSN counts immediate requests",
};

void mpio_quirks_note_key(struct mpio_quirks *q, int key,
			  enum mpio_wrong wrong)
{
	q->key[key] |= 1U << wrong;
}

void mpio_quirks_note(struct mpio_quirks *q, enum mpio_odd odd)
{
	q->odd |= 1U << odd;
}

bool mpio_quirks_add(struct mpio_quirks *to, const struct mpio_quirks *from)
{
	u32 news = from->odd & ~to->odd, i;

	to->odd |= from->odd;
	for (i = 0; i < MPIO_K_COUNT; i++) {
		news |= from->key[i] & ~to->key[i];
		to->key[i] |= from->key[i];
	}
	return news;
}

bool mpio_quirk_next(const struct mpio_quirks *q, u32 *at, char *out)
{
	struct mpio_say s;
	u32 i;

	mpio_say_init(&s, out, MPIO_QUIRK_TEXT_MAX + 1);
	while (*at < MPIO_ODDS) {
		i = (*at)++;
		if (!(q->odd & (1U << i)))
			continue;
		mpio_say(&s, odds[i]);
		return true;
	}
	while (*at < MPIO_ODDS + MPIO_K_COUNT * MPIO_WRONGS) {
		i = (*at)++ - MPIO_ODDS;
		if (!(q->key[i / MPIO_WRONGS] & (1U << i % MPIO_WRONGS)))
			continue;
		mpio_say(&s, mpio_keys[i / MPIO_WRONGS].name);
		mpio_say(&s, ": ");
		mpio_say(&s, wrongs[i % MPIO_WRONGS]);
		return true;
	}
	return false;
}
