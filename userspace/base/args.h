/* SPDX-License-Identifier: GPL-2.0 */
/* Command line: option tables, operands, "did you mean". */
#ifndef _ISCSICTL_ARGS_H
#define _ISCSICTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strlist.h"

enum option_kind {
	OPT_END,
	OPT_FLAG,	/* bool */
	OPT_TRISTATE,	/* int: -1 unset, 0 no, 1 yes; bare means yes */
	OPT_STRING,	/* const char *, NULL unset */
	OPT_LIST,	/* struct strlist, may be repeated */
	OPT_NUMBER,	/* int64_t, -1 unset, within min..max */
	OPT_TIME,	/* int64_t ms, -1 unset, within min..max, see args_time */
	OPT_CHOICE,	/* int, -1 unset, one of choices */
	OPT_REFUSED,	/* never accepted; help says what to do instead */
};

struct choice {
	const char *word;	/* NULL ends the table */
	int value;
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;		/* into the command's options */
	const char *value;	/* placeholder in the help text */
	const char *help;
	const struct choice *choices;
	int64_t min, max;
	char letter;		/* short form or 0 */
	int64_t unit;		/* of a time without one, in ms */
};

struct command {
	const char *noun;	/* NULL: everyday verb */
	const char *verb;	/* NULL ends the table */
	const char *operands;	/* for the help text */
	unsigned int min, max;	/* how many operands */
	const struct option *options;
	size_t size;		/* of the options structure */
	int (*run)(const struct strlist *operands, const void *options);
	const char *summary;
	const char *input;	/* properties, "A|B", of --from-json, or NULL */
	const char *columns;	/* headings, "A B", of its table by default */
};

/* Sets numbers, choices and tristates of @values to "unset". */
void args_defaults(const struct option *table, void *values);

/*
 * Takes the argument at argv[*at] (and the next as its value if needed) when
 * it is an option of the @count tables. Returns 0 and moves *at, or a code.
 */
struct option_set {
	const struct option *table;
	void *values;
};

int args_option(const struct option_set *sets, size_t count,
		int argc, char **argv, int *at);

/* The word nearest to @word, or NULL when none is near. */
struct nearest {
	const char *word;
	const char *best;
	size_t distance;
};

void args_nearest_offer(struct nearest *near, const char *candidate);
const char *args_nearest_text(const struct nearest *near);

/* Decimal digits, whatever they begin with. */
int args_number(const char *text, int64_t min, int64_t max, int64_t *value);
/* One of @words (NULL: there are none) or a number. */
int args_word_or_number(const char *text, const struct choice *words,
			int64_t min, int64_t max, int64_t *value);
/*
 * "5s", "500ms", "2min", "1h", "1d", or one of @words, as milliseconds within
 * @min to @max; a number without unit counts @unit of them.
 */
int args_time(const char *text, const struct choice *words, int64_t unit,
	      int64_t min, int64_t max, int64_t *ms);
/* "2min", "1.5s" or "120ms"; @text holds 32 bytes. Returns @text. */
char *args_time_text(int64_t ms, char *text);
int args_choice(const char *text, const struct choice *choices, int *value);

#endif /* _ISCSICTL_ARGS_H */
