/* SPDX-License-Identifier: GPL-2.0 */
/* What the shells' completion asks: words that may follow. */
#ifndef _ISCSICTL_COMPLETE_H
#define _ISCSICTL_COMPLETE_H

/*
 * @words is the command line behind the name of the program, the last one
 * being typed. Prints a candidate a line; never fails, never loads the module.
 */
int complete(int count, char **words);

#endif /* _ISCSICTL_COMPLETE_H */
