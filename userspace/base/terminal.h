/* SPDX-License-Identifier: GPL-2.0 */
/* What only a person at a terminal sees: colours, progress, a live screen. */
#ifndef _ISCSICTL_TERMINAL_H
#define _ISCSICTL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum colour {
	COLOUR_NONE,
	COLOUR_BOLD,
	COLOUR_GOOD,
	COLOUR_WARN,
	COLOUR_BAD,
};

/* Standard output is a terminal and neither NO_COLOR nor TERM forbids. */
bool terminal_coloured(void);
/* The locale has characters beyond ASCII. */
bool terminal_utf8(void);
/* Escape sequence that begins @colour, "" for none; COLOUR_END ends it. */
const char *terminal_colour_begin(enum colour colour);
#define COLOUR_END "\033[0m"
/* The colour of a state's word: "ready" is good, "missing" is bad. */
enum colour terminal_colour_of_word(const char *word);

/*
 * One line on standard error that overwrites itself: "WHAT 3/17 [####    ]".
 * Nothing at all unless that is a terminal.
 */
void terminal_progress_show(const char *what, size_t done, size_t all);
void terminal_progress_end(void);

/*
 * A screen of its own; the old one comes back with terminal_screen_end(), which a
 * signal that ends the program also calls. False when there is no terminal.
 */
bool terminal_screen_begin(void);
void terminal_screen_end(void);
/* Starts the next picture; *columns and *rows are what fits. */
void terminal_screen_clear(unsigned int *columns, unsigned int *rows);
/*
 * Waits up to @ms for a key. 0 for none, and after Ctrl-Z, which gives the shell its
 * screen back until it has us go on; 'q' when the user is to leave.
 */
int terminal_screen_key(int ms);

#endif /* _ISCSICTL_TERMINAL_H */
