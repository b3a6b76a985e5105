// SPDX-License-Identifier: GPL-2.0
/*
 * Headers and windows. A header let through must keep the promises the
 * receive path relies on.
 */
#include "fuzz.h"
#include "../../kernel/proto/pdu.h"

static void check_promises(const struct pdu_bhs *bhs, bool login)
{
	const struct pdu_data_in *d = (const void *)bhs;
	const struct pdu_r2t *r = (const void *)bhs;
	u8 op = mpio_pdu_opcode(bhs);

	must(login == (op == PDU_OP_LOGIN_RSP));
	must(mpio_pdu_dlength(bhs) <= 4096 && mpio_pdu_ahslength(bhs) <= 64);
	if (op == PDU_OP_DATA_IN)
		must((u64)be32_to_cpu(d->offset) + mpio_pdu_dlength(bhs) <=
		     0xffffffff);
	if (op == PDU_OP_R2T)
		must(r->data_length && !mpio_pdu_dlength(bhs) &&
		     (u64)be32_to_cpu(r->offset) +
		     be32_to_cpu(r->data_length) <= 0xffffffff);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct mpio_window w = { 100, 110 };
	struct pdu_bhs bhs;
	const char *why = NULL;
	bool login;
	u8 wire[8];

	if (size < sizeof(bhs) + 1)
		return 0;
	memcpy(&bhs, data, sizeof(bhs));
	login = data[48] & 1;
	if (mpio_pdu_check(&bhs, login ? MPIO_PHASE_LOGIN : MPIO_PHASE_FULL,
			   4096, 64, &why))
		must_say(why);
	else
		check_promises(&bhs, login);
	must_say(mpio_pdu_name(data[0]));
	must_say(mpio_reject_reason(data[2]));
	must_say(mpio_async_event(data[36]));
	must_say(mpio_tmf_response(data[2]));
	mpio_window_update(&w, 105, mpio_get32(data + 28),
			   mpio_get32(data + 32));
	must(mpio_sna_lte(w.exp_cmdsn, 105) && mpio_sna_gte(w.exp_cmdsn, 100) &&
	     mpio_sna_gte(w.max_cmdsn, 110));
	mpio_lun_encode(mpio_lun_decode(bhs.lun), wire);
	must(!memcmp(wire, bhs.lun, 8));
	return 0;
}
