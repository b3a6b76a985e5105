/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iSCSI PDUs as they are on the wire, RFC 7143 section 11. Field names are
 * those of the RFC in lower case; dlength is DataSegmentLength, hlength is
 * TotalAHSLength (in 4 byte words). Tags (itt, ttt) are never interpreted by
 * the peer but kept big endian all the same, so that one rule holds for all.
 */
#ifndef MPIO_PROTO_WIRE_H
#define MPIO_PROTO_WIRE_H

#include "env.h"

#define PDU_BHS_LEN		48
#define PDU_DIGEST_LEN		4
#define PDU_AHS_MAX		(255 * 4)
#define PDU_DSL_MAX		0xffffffU	/* 24 bits */
#define PDU_LOGIN_DSL		8192		/* 13.12, until declared */
#define PDU_TAG_NONE		0xffffffffU	/* reserved ITT and TTT */
#define PDU_VERSION		0		/* 11.12.4 */
#define PDU_PORT		3260		/* 14 */

/* Opcode byte, 11.2.1.2. */
#define PDU_OPCODE_MASK		0x3f
#define PDU_IMMEDIATE		0x40

#define PDU_OP_NOP_OUT		0x00
#define PDU_OP_SCSI_CMD		0x01
#define PDU_OP_TMF_REQ		0x02
#define PDU_OP_LOGIN_REQ	0x03
#define PDU_OP_TEXT_REQ		0x04
#define PDU_OP_DATA_OUT		0x05
#define PDU_OP_LOGOUT_REQ	0x06
#define PDU_OP_SNACK_REQ	0x10
#define PDU_OP_NOP_IN		0x20
#define PDU_OP_SCSI_RSP		0x21
#define PDU_OP_TMF_RSP		0x22
#define PDU_OP_LOGIN_RSP	0x23
#define PDU_OP_TEXT_RSP		0x24
#define PDU_OP_DATA_IN		0x25
#define PDU_OP_LOGOUT_RSP	0x26
#define PDU_OP_R2T		0x31
#define PDU_OP_ASYNC		0x32
#define PDU_OP_REJECT		0x3f

/* Byte 1 of several PDUs. */
#define PDU_F_FINAL		0x80

struct pdu_bhs {
	u8 opcode;
	u8 flags;
	u8 specific2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	u8 specific20[28];
};
static_assert(sizeof(struct pdu_bhs) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_bhs, itt) == 16);

/* AHS, 11.2.2; length counts the bytes behind the type byte. */
#define PDU_AHS_EXT_CDB		1
#define PDU_AHS_BIDI_READ_LEN	2

struct pdu_ahs {
	__be16 length;
	u8 type;
	u8 specific[];
};
static_assert(offsetof(struct pdu_ahs, specific) == 3);

/* SCSI Command, 11.3. */
#define PDU_CMD_READ		0x40
#define PDU_CMD_WRITE		0x20
#define PDU_CMD_ATTR_MASK	0x07
#define PDU_ATTR_UNTAGGED	0
#define PDU_ATTR_SIMPLE		1
#define PDU_ATTR_ORDERED	2
#define PDU_ATTR_HEAD		3
#define PDU_ATTR_ACA		4
#define PDU_CDB_LEN		16

struct pdu_scsi_cmd {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 data_length;	/* Expected Data Transfer Length */
	__be32 cmdsn;
	__be32 exp_statsn;
	u8 cdb[PDU_CDB_LEN];
};
static_assert(sizeof(struct pdu_scsi_cmd) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_scsi_cmd, cmdsn) == 24);
static_assert(offsetof(struct pdu_scsi_cmd, cdb) == 32);

/* SCSI Response, 11.4; O and U also in Data-In with S set. */
#define PDU_RSP_BI_OVERFLOW	0x10
#define PDU_RSP_BI_UNDERFLOW	0x08
#define PDU_RSP_OVERFLOW	0x04
#define PDU_RSP_UNDERFLOW	0x02

#define PDU_RSP_COMPLETED	0x00	/* command completed at target */
#define PDU_RSP_TARGET_FAILURE	0x01

struct pdu_scsi_rsp {
	u8 opcode;
	u8 flags;
	u8 response;
	u8 status;
	u8 hlength;
	u8 dlength[3];
	u8 rsvd8[8];
	__be32 itt;
	__be32 snack_tag;
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	__be32 exp_datasn;
	__be32 bi_residual;
	__be32 residual;
};
static_assert(sizeof(struct pdu_scsi_rsp) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_scsi_rsp, statsn) == 24);
static_assert(offsetof(struct pdu_scsi_rsp, residual) == 44);

/* Task Management Function Request, 11.5, RFC 7144 6.3. */
#define PDU_TMF_MASK			0x7f
#define PDU_TMF_ABORT_TASK		1
#define PDU_TMF_ABORT_TASK_SET		2
#define PDU_TMF_CLEAR_ACA		3
#define PDU_TMF_CLEAR_TASK_SET		4
#define PDU_TMF_LU_RESET		5
#define PDU_TMF_TARGET_WARM_RESET	6
#define PDU_TMF_TARGET_COLD_RESET	7
#define PDU_TMF_TASK_REASSIGN		8
#define PDU_TMF_QUERY_TASK		9
#define PDU_TMF_QUERY_TASK_SET		10
#define PDU_TMF_I_T_NEXUS_RESET		11
#define PDU_TMF_QUERY_ASYNC_EVENT	12

struct pdu_tmf_req {
	u8 opcode;
	u8 flags;		/* F | function */
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 rtt;		/* Referenced Task Tag */
	__be32 cmdsn;
	__be32 exp_statsn;
	__be32 ref_cmdsn;
	__be32 exp_datasn;
	u8 rsvd40[8];
};
static_assert(sizeof(struct pdu_tmf_req) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_tmf_req, ref_cmdsn) == 32);

/* Task Management Function Response, 11.6.1, RFC 7144 6.4. */
#define PDU_TMF_RSP_COMPLETE		0
#define PDU_TMF_RSP_NO_TASK		1
#define PDU_TMF_RSP_NO_LUN		2
#define PDU_TMF_RSP_ALLEGIANT		3
#define PDU_TMF_RSP_NO_REASSIGN		4
#define PDU_TMF_RSP_UNSUPPORTED		5
#define PDU_TMF_RSP_UNAUTHORIZED	6
#define PDU_TMF_RSP_SUCCEEDED		7
#define PDU_TMF_RSP_REJECTED		255

struct pdu_tmf_rsp {
	u8 opcode;
	u8 flags;
	u8 response;
	u8 rsvd3;
	u8 hlength;
	u8 dlength[3];
	u8 rsvd8[8];
	__be32 itt;
	u8 rsvd20[4];
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 rsvd36[12];
};
static_assert(sizeof(struct pdu_tmf_rsp) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_tmf_rsp, statsn) == 24);

/* SCSI Data-Out, 11.7. */
struct pdu_data_out {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	u8 rsvd24[4];
	__be32 exp_statsn;
	u8 rsvd32[4];
	__be32 datasn;
	__be32 offset;
	u8 rsvd44[4];
};
static_assert(sizeof(struct pdu_data_out) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_data_out, exp_statsn) == 28);
static_assert(offsetof(struct pdu_data_out, offset) == 40);

/* SCSI Data-In, 11.7. */
#define PDU_DATA_ACK		0x40
#define PDU_DATA_STATUS		0x01

struct pdu_data_in {
	u8 opcode;
	u8 flags;
	u8 rsvd2;
	u8 status;
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	__be32 datasn;
	__be32 offset;
	__be32 residual;
};
static_assert(sizeof(struct pdu_data_in) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_data_in, datasn) == 36);
static_assert(offsetof(struct pdu_data_in, residual) == 44);

/* Ready To Transfer, 11.8. */
struct pdu_r2t {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	__be32 r2tsn;
	__be32 offset;
	__be32 data_length;	/* Desired Data Transfer Length */
};
static_assert(sizeof(struct pdu_r2t) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_r2t, r2tsn) == 36);
static_assert(offsetof(struct pdu_r2t, data_length) == 44);

/* Asynchronous Message, 11.9. */
#define PDU_ASYNC_SCSI		0
#define PDU_ASYNC_LOGOUT	1
#define PDU_ASYNC_CONN_DROP	2
#define PDU_ASYNC_SESSION_DROP	3
#define PDU_ASYNC_NEGOTIATE	4
#define PDU_ASYNC_TASK_TERM	5
#define PDU_ASYNC_VENDOR	248	/* ... 255 */

struct pdu_async {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	u8 rsvd20[4];
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 event;
	u8 vcode;
	__be16 param1;
	__be16 param2;
	__be16 param3;
	u8 rsvd44[4];
};
static_assert(sizeof(struct pdu_async) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_async, event) == 36);
static_assert(offsetof(struct pdu_async, param3) == 42);

/* Text Request and Response, 11.10 and 11.11. */
#define PDU_TEXT_CONTINUE	0x40

struct pdu_text_req {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 cmdsn;
	__be32 exp_statsn;
	u8 rsvd32[16];
};
static_assert(sizeof(struct pdu_text_req) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_text_req, exp_statsn) == 28);

struct pdu_text_rsp {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 rsvd36[12];
};
static_assert(sizeof(struct pdu_text_rsp) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_text_rsp, statsn) == 24);

/* Login Request and Response, 11.12 and 11.13. */
#define PDU_LOGIN_TRANSIT	0x80
#define PDU_LOGIN_CONTINUE	0x40
#define PDU_LOGIN_CSG(flags)	(((flags) >> 2) & 3)
#define PDU_LOGIN_NSG(flags)	((flags) & 3)

#define PDU_STAGE_SECURITY	0
#define PDU_STAGE_OPERATIONAL	1
#define PDU_STAGE_FULL		3

struct pdu_login_req {
	u8 opcode;
	u8 flags;
	u8 version_max;
	u8 version_min;
	u8 hlength;
	u8 dlength[3];
	u8 isid[6];
	__be16 tsih;
	__be32 itt;
	__be16 cid;
	u8 rsvd22[2];
	__be32 cmdsn;
	__be32 exp_statsn;
	u8 rsvd32[16];
};
static_assert(sizeof(struct pdu_login_req) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_login_req, tsih) == 14);
static_assert(offsetof(struct pdu_login_req, cmdsn) == 24);

/* Status-Class and Status-Detail, 11.13.5, as class << 8 | detail. */
#define PDU_LOGIN_SUCCESS		0x0000
#define PDU_LOGIN_MOVED_TEMP		0x0101
#define PDU_LOGIN_MOVED_PERM		0x0102
#define PDU_LOGIN_INITIATOR_ERROR	0x0200
#define PDU_LOGIN_AUTH_FAILED		0x0201
#define PDU_LOGIN_FORBIDDEN		0x0202
#define PDU_LOGIN_NOT_FOUND		0x0203
#define PDU_LOGIN_REMOVED		0x0204
#define PDU_LOGIN_BAD_VERSION		0x0205
#define PDU_LOGIN_TOO_MANY		0x0206
#define PDU_LOGIN_MISSING_FIELD		0x0207
#define PDU_LOGIN_CANT_INCLUDE		0x0208
#define PDU_LOGIN_BAD_SESSION_TYPE	0x0209
#define PDU_LOGIN_NO_SESSION		0x020a
#define PDU_LOGIN_BAD_REQUEST		0x020b
#define PDU_LOGIN_TARGET_ERROR		0x0300
#define PDU_LOGIN_UNAVAILABLE		0x0301
#define PDU_LOGIN_NO_RESOURCES		0x0302

struct pdu_login_rsp {
	u8 opcode;
	u8 flags;
	u8 version_max;
	u8 version_active;
	u8 hlength;
	u8 dlength[3];
	u8 isid[6];
	__be16 tsih;
	__be32 itt;
	u8 rsvd20[4];
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 status_class;
	u8 status_detail;
	u8 rsvd38[10];
};
static_assert(sizeof(struct pdu_login_rsp) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_login_rsp, statsn) == 24);
static_assert(offsetof(struct pdu_login_rsp, status_class) == 36);

/* Logout Request and Response, 11.14 and 11.15. */
#define PDU_LOGOUT_SESSION	0
#define PDU_LOGOUT_CONN		1
#define PDU_LOGOUT_RECOVERY	2

#define PDU_LOGOUT_RSP_OK	0
#define PDU_LOGOUT_RSP_NO_CID	1
#define PDU_LOGOUT_RSP_NO_RECOVERY 2
#define PDU_LOGOUT_RSP_FAILED	3

struct pdu_logout_req {
	u8 opcode;
	u8 flags;		/* F | reason */
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 rsvd8[8];
	__be32 itt;
	__be16 cid;
	u8 rsvd22[2];
	__be32 cmdsn;
	__be32 exp_statsn;
	u8 rsvd32[16];
};
static_assert(sizeof(struct pdu_logout_req) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_logout_req, cmdsn) == 24);

struct pdu_logout_rsp {
	u8 opcode;
	u8 flags;
	u8 response;
	u8 rsvd3;
	u8 hlength;
	u8 dlength[3];
	u8 rsvd8[8];
	__be32 itt;
	u8 rsvd20[4];
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 rsvd36[4];
	__be16 time2wait;
	__be16 time2retain;
	u8 rsvd44[4];
};
static_assert(sizeof(struct pdu_logout_rsp) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_logout_rsp, time2wait) == 40);

/* SNACK Request, 11.16; never sent at ErrorRecoveryLevel 0. */
struct pdu_snack_req {
	u8 opcode;
	u8 flags;		/* F | type */
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	u8 rsvd24[4];
	__be32 exp_statsn;
	u8 rsvd32[8];
	__be32 beg_run;
	__be32 run_length;
};
static_assert(sizeof(struct pdu_snack_req) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_snack_req, beg_run) == 40);

/* Reject, 11.17; data is the complete header of the bad PDU. */
#define PDU_REJECT_DATA_DIGEST		0x02
#define PDU_REJECT_SNACK		0x03
#define PDU_REJECT_PROTOCOL		0x04
#define PDU_REJECT_UNSUPPORTED		0x05
#define PDU_REJECT_IMMEDIATE		0x06
#define PDU_REJECT_IN_PROGRESS		0x07
#define PDU_REJECT_DATA_ACK		0x08
#define PDU_REJECT_FIELD		0x09
#define PDU_REJECT_LONG_OP		0x0a
#define PDU_REJECT_NEGOTIATION		0x0b
#define PDU_REJECT_WAIT_LOGOUT		0x0c

struct pdu_reject {
	u8 opcode;
	u8 flags;
	u8 reason;
	u8 rsvd3;
	u8 hlength;
	u8 dlength[3];
	u8 rsvd8[8];
	__be32 itt;		/* always PDU_TAG_NONE */
	u8 rsvd20[4];
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	__be32 datasn;
	u8 rsvd40[8];
};
static_assert(sizeof(struct pdu_reject) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_reject, datasn) == 36);

/* NOP-Out and NOP-In, 11.18 and 11.19. */
struct pdu_nop_out {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 cmdsn;
	__be32 exp_statsn;
	u8 rsvd32[16];
};
static_assert(sizeof(struct pdu_nop_out) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_nop_out, exp_statsn) == 28);

struct pdu_nop_in {
	u8 opcode;
	u8 flags;
	u8 rsvd2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 rsvd36[12];
};
static_assert(sizeof(struct pdu_nop_in) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_nop_in, statsn) == 24);

/* The part all target to initiator PDUs but none other share. */
struct pdu_target {
	u8 opcode;
	u8 flags;
	u8 specific2[2];
	u8 hlength;
	u8 dlength[3];
	u8 lun[8];
	__be32 itt;
	__be32 ttt;
	__be32 statsn;
	__be32 exp_cmdsn;
	__be32 max_cmdsn;
	u8 specific36[12];
};
static_assert(sizeof(struct pdu_target) == PDU_BHS_LEN);
static_assert(offsetof(struct pdu_target, max_cmdsn) == 32);

#endif /* MPIO_PROTO_WIRE_H */
