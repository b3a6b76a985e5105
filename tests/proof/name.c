// SPDX-License-Identifier: GPL-2.0
/*
 * Names and addresses, which discovery brings and people type.
 * WITH: name.c text.c
 * EVA: proof_name -eva-slevel 4000
 * EVA: proof_portal -eva-slevel 3000
 */
#include "proof.h"
#include "proto/name.h"

/* 0 to 6 bytes */
void proof_name(void)
{
	const char *data, *why;
	char buf[6];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_name_check(data, len, &why);
}

/* 0 to 4 bytes */
void proof_portal(void)
{
	static struct mpio_portal p;
	const char *data, *why;
	char buf[4];
	u32 len;

	ANY_INPUT(buf, data, len, 0);
	mpio_portal_parse(data, len, &p, &why);
}
