/* SPDX-License-Identifier: GPL-2.0 */
/* All commands of the program, their help, and suggestions for mistyped ones. */
#ifndef _ISCSICTL_COMMANDS_H
#define _ISCSICTL_COMMANDS_H

#include <stdbool.h>

#include "base/args.h"

/* The tables of all files that have commands, ended by NULL. */
extern const struct command *const commands_all[];

/* The command @noun @verb, an everyday verb when @noun is NULL; or NULL. */
const struct command *commands_find(const char *noun, const char *verb);

/* Is there a command that has @word for its noun? */
bool commands_noun(const char *word);

/* Each prints to standard output and returns 0. */
int commands_help_all(void);
int commands_help(const struct command *command);

/* Each says what there is instead and returns CODE_INVALID. */
int commands_unknown(const char *noun, const char *verb);
int commands_missing_verb(const char *noun);

#endif /* _ISCSICTL_COMMANDS_H */
