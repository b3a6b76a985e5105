/* SPDX-License-Identifier: GPL-2.0 */
/* A tree as a picture that any browser shows. */
#ifndef _ISCSICTL_SVG_H
#define _ISCSICTL_SVG_H

#include <stddef.h>

struct svg_node {
	unsigned int depth;	/* 0 is a root; at most one more than the one before */
	const char *kind;
	const char *name;
	const char *text;	/* what else there is to say of it, or "" */
	const char *state;	/* or "" */
};

/*
 * Draws @count nodes, each behind its parent, as boxes in columns by depth, and
 * writes that to @file. States are written and coloured; light and dark as the
 * reader has it. 0 or a code with a reason.
 */
int svg_write(const char *file, const struct svg_node *node, size_t count);

#endif /* _ISCSICTL_SVG_H */
