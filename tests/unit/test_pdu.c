// SPDX-License-Identifier: GPL-2.0
/*
 * Header checks, serial numbers, LUNs. Failing means: a lie in a header goes
 * unnoticed, or a good target is turned away.
 */
#include "unit.h"
#include "../../kernel/proto/pdu.h"

struct poke {
	u8 at;
	u32 be32;
};

static const struct {
	const char *desc;
	u8 opcode, flags;
	u32 itt, dlength;
	u8 hlength;
	struct poke poke[2];
	enum mpio_pdu_phase phase;
	const char *why;	/* NULL: accepted */
} headers[] = {
	{ .desc = "NOP-In asking for an answer", .opcode = 0x20, .flags = 0x80,
	  .itt = ~0U, .poke = { { 20, 5 } }, .phase = MPIO_PHASE_FULL },
	{ .desc = "NOP-In without tags", .opcode = 0x20, .flags = 0x80,
	  .itt = ~0U, .poke = { { 20, ~0U } }, .phase = MPIO_PHASE_FULL },
	{ .desc = "NOP-In without tags but with data", .opcode = 0x20,
	  .itt = ~0U, .dlength = 4, .poke = { { 20, ~0U } },
	  .phase = MPIO_PHASE_FULL, .why = "without any tag" },
	{ .desc = "initiator opcode", .opcode = 0x01, .phase = MPIO_PHASE_FULL,
	  .why = "no target may send" },
	{ .desc = "unknown opcode", .opcode = 0x2a, .phase = MPIO_PHASE_FULL,
	  .why = "no target may send" },
	{ .desc = "SCSI Response in login", .opcode = 0x21,
	  .phase = MPIO_PHASE_LOGIN, .why = "another phase" },
	{ .desc = "Login Response in full feature phase", .opcode = 0x23,
	  .phase = MPIO_PHASE_FULL, .why = "another phase" },
	{ .desc = "AHS of 255 words", .opcode = 0x21, .hlength = 255,
	  .phase = MPIO_PHASE_FULL, .why = "header segments too long" },
	{ .desc = "AHS that fits", .opcode = 0x21, .hlength = 4,
	  .phase = MPIO_PHASE_FULL },
	{ .desc = "data segment as long as declared", .opcode = 0x21,
	  .dlength = 8192, .phase = MPIO_PHASE_FULL },
	{ .desc = "data segment one byte too long", .opcode = 0x21,
	  .dlength = 8193, .phase = MPIO_PHASE_FULL, .why = "MaxRecvData" },
	{ .desc = "data segment of 2^24 - 1", .opcode = 0x21,
	  .dlength = 0xffffff, .phase = MPIO_PHASE_FULL,
	  .why = "MaxRecvData" },
	{ .desc = "TMF response with data", .opcode = 0x22, .dlength = 4,
	  .phase = MPIO_PHASE_FULL, .why = "has none" },
	{ .desc = "SCSI Response with reserved ITT", .opcode = 0x21,
	  .itt = ~0U, .phase = MPIO_PHASE_FULL, .why = "reserved initiator" },
	{ .desc = "residual overflow and underflow", .opcode = 0x21,
	  .flags = 0x86, .phase = MPIO_PHASE_FULL, .why = "overflow and" },
	{ .desc = "bidi overflow and underflow", .opcode = 0x21,
	  .flags = 0x98, .phase = MPIO_PHASE_FULL, .why = "overflow and" },
	{ .desc = "Data-In", .opcode = 0x25, .dlength = 512,
	  .poke = { { 40, 0xfffffdff } }, .phase = MPIO_PHASE_FULL },
	{ .desc = "Data-In wrapping 32 bits", .opcode = 0x25, .dlength = 512,
	  .poke = { { 40, 0xfffffe00 } }, .phase = MPIO_PHASE_FULL,
	  .why = "exceed 32 bits" },
	{ .desc = "Data-In with status, not final", .opcode = 0x25,
	  .flags = 0x01, .phase = MPIO_PHASE_FULL, .why = "without the F" },
	{ .desc = "Data-In with both residual bits", .opcode = 0x25,
	  .flags = 0x87, .phase = MPIO_PHASE_FULL, .why = "overflow and" },
	{ .desc = "R2T", .opcode = 0x31, .flags = 0x80,
	  .poke = { { 40, 0xffff0000 }, { 44, 0xffff } },
	  .phase = MPIO_PHASE_FULL },
	{ .desc = "R2T wrapping 32 bits", .opcode = 0x31,
	  .poke = { { 40, 0xffff0000 }, { 44, 0x10000 } },
	  .phase = MPIO_PHASE_FULL, .why = "exceed 32 bits" },
	{ .desc = "R2T for nothing", .opcode = 0x31,
	  .phase = MPIO_PHASE_FULL, .why = "no data" },
	{ .desc = "R2T with reserved TTT", .opcode = 0x31,
	  .poke = { { 20, ~0U }, { 44, 1 } }, .phase = MPIO_PHASE_FULL,
	  .why = "transfer tag" },
	{ .desc = "R2T with data", .opcode = 0x31, .dlength = 1,
	  .poke = { { 44, 1 } }, .phase = MPIO_PHASE_FULL, .why = "has none" },
	{ .desc = "Async message with ITT", .opcode = 0x32,
	  .phase = MPIO_PHASE_FULL, .why = "answers no task" },
	{ .desc = "Async message", .opcode = 0x32, .itt = ~0U,
	  .phase = MPIO_PHASE_FULL },
	{ .desc = "Reject with ITT", .opcode = 0x3f, .itt = 3,
	  .phase = MPIO_PHASE_FULL, .why = "answers no task" },
	{ .desc = "Text with F and C", .opcode = 0x24, .flags = 0xc0,
	  .poke = { { 20, ~0U } }, .phase = MPIO_PHASE_FULL,
	  .why = "both F and C" },
	{ .desc = "final Text with TTT", .opcode = 0x24, .flags = 0x80,
	  .phase = MPIO_PHASE_FULL, .why = "final Text" },
	{ .desc = "partial Text without TTT", .opcode = 0x24,
	  .poke = { { 20, ~0U } }, .phase = MPIO_PHASE_FULL,
	  .why = "partial Text" },
	{ .desc = "final Text", .opcode = 0x24, .flags = 0x80,
	  .poke = { { 20, ~0U } }, .phase = MPIO_PHASE_FULL },
	{ .desc = "Login with T and C", .opcode = 0x23, .flags = 0xc1,
	  .phase = MPIO_PHASE_LOGIN, .why = "both T and C" },
	{ .desc = "Login of stage 2", .opcode = 0x23, .flags = 0x08,
	  .phase = MPIO_PHASE_LOGIN, .why = "no known stage" },
	{ .desc = "Login of stage 3", .opcode = 0x23, .flags = 0x0c,
	  .phase = MPIO_PHASE_LOGIN, .why = "no known stage" },
	{ .desc = "Login to stage 2", .opcode = 0x23, .flags = 0x82,
	  .phase = MPIO_PHASE_LOGIN, .why = "no possible stage" },
	{ .desc = "Login going backwards", .opcode = 0x23, .flags = 0x84,
	  .phase = MPIO_PHASE_LOGIN, .why = "no possible stage" },
	{ .desc = "Login to the stage it is in", .opcode = 0x23, .flags = 0x85,
	  .phase = MPIO_PHASE_LOGIN, .why = "no possible stage" },
	{ .desc = "failed Login: stages are reserved", .opcode = 0x23,
	  .flags = 0xcf, .poke = { { 36, 0x02010000 } },
	  .phase = MPIO_PHASE_LOGIN },
	{ .desc = "Login to full feature phase", .opcode = 0x23, .flags = 0x87,
	  .phase = MPIO_PHASE_LOGIN },
};

static void test_headers(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		struct pdu_bhs bhs = { .opcode = headers[i].opcode,
				       .flags = headers[i].flags,
				       .hlength = headers[i].hlength };
		const char *why = NULL;
		int ret;

		mpio_put24(bhs.dlength, headers[i].dlength);
		bhs.itt = cpu_to_be32(headers[i].itt);
		for (j = 0; j < 2; j++)
			if (headers[i].poke[j].at)
				mpio_put32((u8 *)&bhs + headers[i].poke[j].at,
					   headers[i].poke[j].be32);
		ret = mpio_pdu_check(&bhs, headers[i].phase, 8192, 16, &why);
		check(headers[i].why ?
		      ret == -EPROTO && unit_says(why, headers[i].why) :
		      !ret && !why, headers[i].desc);
	}
}

static const struct {
	const char *desc;
	u32 next, old_exp, old_max, exp, max;
	int ret;
	u32 new_exp, new_max;
} windows[] = {
	{ "window grows", 10, 5, 8, 7, 12, 1, 7, 12 },
	{ "nothing new", 10, 5, 8, 5, 8, 0, 5, 8 },
	{ "MaxCmdSN < ExpCmdSN - 1 is ignored", 10, 5, 8, 9, 7, 0, 5, 8 },
	{ "closed window is no lie", 10, 5, 8, 9, 8, 0, 9, 8 },
	{ "older numbers are ignored", 10, 5, 8, 4, 6, 0, 5, 8 },
	{ "acknowledges what was not sent", 10, 5, 8, 11, 20, -EPROTO, 5, 8 },
	{ "wraps around 2^32", 2, 0xfffffffe, 0xffffffff, 1, 6, 1, 1, 6 },
	{ "jump of 2^31 counts as closed", 10, 5, 8, 5, 0x80000008, 0, 5, 8 },
	{ "jump of 2^31 - 1", 10, 5, 8, 5, 0x80000003, 1, 5, 0x80000003 },
};

static void test_numbers(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		struct mpio_window w = { windows[i].old_exp,
					 windows[i].old_max };
		int ret = mpio_window_update(&w, windows[i].next,
					     windows[i].exp, windows[i].max);

		check(ret == windows[i].ret &&
		      w.exp_cmdsn == windows[i].new_exp &&
		      w.max_cmdsn == windows[i].new_max, windows[i].desc);
	}
	check(mpio_window_open(&(struct mpio_window){ 1, 4 }, 4) &&
	      !mpio_window_open(&(struct mpio_window){ 1, 4 }, 5) &&
	      mpio_window_open(&(struct mpio_window){ 1, 2 }, 0xffffffff),
	      "window has an end");
	check(mpio_sna_lt(0xffffffff, 0) && !mpio_sna_lt(0, 0xffffffff) &&
	      mpio_sna_lte(7, 7) && mpio_sna_gt(1, 0xfffffff0) &&
	      mpio_sna_gte(3, 3) && !mpio_sna_gte(2, 3), "serial arithmetic");
	check(mpio_pdu_pad(0) == 0 && mpio_pdu_pad(1) == 3 &&
	      mpio_pdu_pad(3) == 1 && mpio_pdu_pad(4) == 0, "padding");
}

static void test_luns(void)
{
	static const struct {
		const char *desc;
		u8 wire[8];
		u64 lun;
	} luns[] = {
		{ "LUN 0", { 0 }, 0 },
		{ "peripheral LUN 5", { 0, 5 }, 5 },
		{ "flat LUN 256", { 0x41, 0 }, 0x4100 },
		{ "two levels", { 0, 1, 0, 2 }, 0x20001 },
		{ "extended", { 0xc1, 1, 0xab, 0xcd, 0, 0, 0, 9 },
		  0x0009000000000000ULL | 0xabcdULL << 16 | 0xc101 },
	};
	unsigned int i;
	u8 wire[8];

	for (i = 0; i < ARRAY_SIZE(luns); i++) {
		mpio_lun_encode(luns[i].lun, wire);
		check(!memcmp(wire, luns[i].wire, 8) &&
		      mpio_lun_decode(wire) == luns[i].lun,
		      luns[i].desc);
	}
}

static void test_words(void)
{
	check(!strcmp(mpio_pdu_name(0x25), "Data-In") &&
	      !strcmp(mpio_pdu_name(0x41), "SCSI Command") &&
	      !strcmp(mpio_pdu_name(0x3e), "unknown"), "names of PDUs");
	check(!strcmp(mpio_reject_reason(9), "invalid PDU field") &&
	      !strcmp(mpio_reject_reason(0), "unknown") &&
	      !strcmp(mpio_reject_reason(255), "unknown"), "reject reasons");
	check(!strcmp(mpio_async_event(1), "logout request") &&
	      !strcmp(mpio_async_event(6), "unknown") &&
	      !strcmp(mpio_async_event(250), "vendor event"), "async events");
	check(!strcmp(mpio_tmf_name(1), "ABORT TASK") &&
	      !strcmp(mpio_tmf_name(9), "QUERY TASK") &&
	      !strcmp(mpio_tmf_name(0), "unknown") &&
	      !strcmp(mpio_tmf_name(127), "unknown"), "TMF functions");
	check(!strcmp(mpio_tmf_response(0), "function complete") &&
	      !strcmp(mpio_tmf_response(255), "function rejected") &&
	      !strcmp(mpio_tmf_response(8), "unknown"), "TMF responses");
}

static void test_bytes(void)
{
	struct pdu_bhs bhs = { .opcode = 0x60, .hlength = 3 };
	u8 b[8];

	mpio_put64(b, 0x0102030405060708ULL);
	check(b[0] == 1 && b[7] == 8 && mpio_get64(b) == 0x0102030405060708ULL,
	      "64 bit numbers");
	mpio_put24(bhs.dlength, 0xabcdef);
	check(mpio_pdu_opcode(&bhs) == 0x20 &&
	      mpio_pdu_ahslength(&bhs) == 12 &&
	      mpio_pdu_dlength(&bhs) == 0xabcdef, "lengths of a header");
}

void test_pdu(void)
{
	test_headers();
	test_numbers();
	test_luns();
	test_words();
	test_bytes();
}
