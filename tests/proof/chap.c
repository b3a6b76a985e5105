// SPDX-License-Identifier: GPL-2.0
/*
 * What the user types and what the target sends of CHAP.
 * WITH: chap.c text.c
 * EVA: proof_secret -eva-slevel 500
 */
#include "proof.h"
#include "proto/chap.h"

/* 1 to 16 bytes */
void proof_secret(void)
{
	u8 out[MPIO_CHAP_SECRET_MAX];
	const char *data, *why;
	char buf[16];
	u32 len, n;

	ANY_INPUT(buf, data, len, 1);
	mpio_secret_parse(data, len, out, &n, &why);
}
