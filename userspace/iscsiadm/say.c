// SPDX-License-Identifier: GPL-2.0
/* What iscsiadm says when there is nothing to be done. */
#include "iscsiadm/iscsiadm.h"

#include <stdio.h>

int iscsiadm_none(int code, const char *sentence)
{
	fflush(stdout);
	fprintf(stderr, "iscsiadm: %s\n", sentence);
	return code;
}
