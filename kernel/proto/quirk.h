/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What targets get wrong at login, and what is made of it: one table for
 * each key and each kind of wrong answer. Fatal is what would put memory, data
 * or authentication at stake; all else is settled by the safer of the values
 * at hand and noted.
 */
#ifndef MPIO_PROTO_QUIRK_H
#define MPIO_PROTO_QUIRK_H

#include "keys.h"

/* What is done about a wrong answer. */
enum mpio_remedy {
	MPIO_FATAL,	/* the login fails */
	MPIO_SAFER,	/* the result function of both values */
	MPIO_OURS,	/* our offer stands */
	MPIO_DEFAULT,	/* the default of section 13, as if left unanswered */
	MPIO_OFF,	/* the value that asks least of the target: 0 or Yes */
	MPIO_IGNORE	/* nothing changes */
};

struct mpio_quirk_row {
	u8 remedy[MPIO_WRONGS];		/* enum mpio_remedy by mpio_wrong */
	const char *reason;		/* why that does no harm, or would */
};

extern const struct mpio_quirk_row mpio_quirk_rows[MPIO_K_COUNT];

/* Notes one; the same again changes nothing. */
void mpio_quirks_note_key(struct mpio_quirks *q, int key,
			  enum mpio_wrong wrong);
void mpio_quirks_note(struct mpio_quirks *q, enum mpio_odd odd);

/* Adds @from to @to. Return: true when there was something new. */
bool mpio_quirks_add(struct mpio_quirks *to, const struct mpio_quirks *from);

#define MPIO_QUIRK_TEXT_MAX	127

/**
 * mpio_quirk_next - quirks in words
 * @q: the quirks
 * @at: 0 at first, then what was left there
 * @out: MPIO_QUIRK_TEXT_MAX + 1 bytes: "DefaultTime2Wait: ..."
 *
 * Return: true with a sentence, false at the end.
 */
bool mpio_quirk_next(const struct mpio_quirks *q, u32 *at, char *out);

#endif /* MPIO_PROTO_QUIRK_H */
