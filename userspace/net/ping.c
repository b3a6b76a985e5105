// SPDX-License-Identifier: GPL-2.0
/* Pings of iSCSI, for what the path does to large packets. */
#include "net/ping.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "net/wire.h"
#include "proto/login.h"
#include "proto/pdu.h"

#define PINGS		2
#define BYTES_MAX	16384
#define FILL		0x5a

static void build(struct pdu_nop_out *bhs, const struct mpio_login *login,
		  unsigned int i, uint32_t bytes)
{
	memset(bhs, 0, sizeof(*bhs));
	bhs->opcode = PDU_OP_NOP_OUT | PDU_IMMEDIATE;
	bhs->flags = PDU_F_FINAL;
	mpio_put24(bhs->dlength, bytes);
	bhs->itt = cpu_to_be32(login->cfg->itt + 1 + i);
	bhs->ttt = cpu_to_be32(PDU_TAG_NONE);
	bhs->cmdsn = cpu_to_be32(login->cfg->cmdsn);
	bhs->exp_statsn = cpu_to_be32(login->exp_statsn);
}

/* The target's own pings, which carry no tag of ours, are passed over. */
static int receive(struct wire *wire, const struct mpio_login *login,
		   uint8_t *data, uint32_t bytes)
{
	const struct pdu_nop_in *in;
	struct pdu_bhs bhs;
	uint32_t len;
	int ret;

	do {
		len = 0;
		ret = wire_receive(wire, &bhs, MPIO_PHASE_FULL, data,
				   login->params.max_recv_dsl, &len);
		if (ret)
			return ret;
		if (mpio_pdu_opcode(&bhs) != PDU_OP_NOP_IN)
			return because(CODE_INTERNAL,
				       "the target answers a ping with %s",
				       mpio_pdu_name(bhs.opcode));
		in = (const struct pdu_nop_in *)&bhs;
	} while (in->itt == cpu_to_be32(PDU_TAG_NONE));
	if (len != bytes || data[0] != FILL || data[len - 1] != FILL)
		return because(CODE_INTERNAL,
			       "the target answers a ping with other data");
	return 0;
}

int ping(struct wire *wire, const struct mpio_login *login, uint8_t *data,
	 uint32_t *bytes)
{
	struct pdu_nop_out bhs;
	unsigned int i;
	int ret = 0;

	if (*bytes > BYTES_MAX)
		*bytes = BYTES_MAX;
	memset(data, FILL, *bytes);
	wire_cork(wire, true);
	for (i = 0; i < PINGS && !ret; i++) {
		build(&bhs, login, i, *bytes);
		ret = wire_send(wire, &bhs, data, *bytes);
	}
	wire_cork(wire, false);
	for (i = 0; i < PINGS && !ret; i++)
		ret = receive(wire, login, data, *bytes);
	return ret;
}
