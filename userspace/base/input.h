/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --from-json: operands from what another iscsictl listed, as the pipes of
 * Windows do it. A command that takes it names the property in its row.
 */
#ifndef _ISCSICTL_INPUT_H
#define _ISCSICTL_INPUT_H

#include "base/args.h"
#include "base/strlist.h"

struct input {
	const char *from_json;
};

/* Row of --from-json, of a struct input. */
extern const struct option input_options[];

/*
 * Adds the property @c->input of each object on standard input to @operands, a
 * portal's with its port. @options are those of @c: none of them may want
 * standard input, too.
 */
int input_take(const struct command *c, const struct input *input,
	       const void *options, struct strlist *operands);

#endif /* _ISCSICTL_INPUT_H */
