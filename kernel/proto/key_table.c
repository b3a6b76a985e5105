// SPDX-License-Identifier: GPL-2.0
/* The keys of RFC 7143 13: who may say them, when, and what they may be. */
#include "keys.h"

#define LOGIN		MPIO_KEY_OPERATIONAL
#define ANY		(MPIO_KEY_SECURITY | MPIO_KEY_OPERATIONAL)
#define I		MPIO_KEY_BY_INITIATOR
#define T		MPIO_KEY_BY_TARGET
#define BOTH		(I | T)
#define NORMAL		MPIO_KEY_NO_DISCOVERY

const char *const mpio_digests[] = { "None", "CRC32C", NULL };
static const char *const reportings[] = {
	"RFC3720", "ResponseFence", "FastAbort", NULL
};

#define NUMBER(id, key, sec, res, fl, d, lo, hi)			\
	[id] = { key, sec, MPIO_KEY_NUMBER, MPIO_RESULT_##res,		\
		 fl, d, lo, hi, NULL }
#define BOOL(id, key, sec, res, fl, d)					\
	[id] = { key, sec, MPIO_KEY_BOOL, MPIO_RESULT_##res,		\
		 fl, d, 0, 1, NULL }
#define LIST(id, key, sec, fl, d, v)					\
	[id] = { key, sec, MPIO_KEY_LIST, MPIO_RESULT_LIST,		\
		 fl, d, 0, 0, v }
#define STRING(id, key, sec, fl)					\
	[id] = { key, sec, MPIO_KEY_STRING, MPIO_RESULT_DECLARE,	\
		 fl, 0, 0, 255, NULL }
#define OBSOLETE(id, key)						\
	[id] = { key, "13.25", MPIO_KEY_OBSOLETE, MPIO_RESULT_NONE,	\
		 LOGIN | BOTH, 0, 0, 0, NULL }

const struct mpio_key mpio_keys[MPIO_K_COUNT] = {
	LIST(MPIO_K_HEADER_DIGEST, "HeaderDigest", "13.1",
	     LOGIN | BOTH, 0, mpio_digests),
	LIST(MPIO_K_DATA_DIGEST, "DataDigest", "13.1",
	     LOGIN | BOTH, 0, mpio_digests),
	NUMBER(MPIO_K_MAX_CONNECTIONS, "MaxConnections", "13.2", MIN,
	       LOGIN | BOTH | NORMAL, 1, 1, 65535),
	STRING(MPIO_K_SEND_TARGETS, "SendTargets", "13.3",
	       I | MPIO_KEY_FULL_ONLY),
	STRING(MPIO_K_TARGET_NAME, "TargetName", "13.4", ANY | I),
	STRING(MPIO_K_INITIATOR_NAME, "InitiatorName", "13.5", ANY | I),
	STRING(MPIO_K_TARGET_ALIAS, "TargetAlias", "13.6", ANY | T),
	STRING(MPIO_K_INITIATOR_ALIAS, "InitiatorAlias", "13.7", ANY | I),
	STRING(MPIO_K_TARGET_ADDRESS, "TargetAddress", "13.8",
	       ANY | T | MPIO_KEY_REPEATS),
	NUMBER(MPIO_K_TPGT, "TargetPortalGroupTag", "13.9", DECLARE,
	       ANY | T, 0, 0, 65535),
	BOOL(MPIO_K_INITIAL_R2T, "InitialR2T", "13.10", OR,
	     LOGIN | BOTH | NORMAL, 1),
	BOOL(MPIO_K_IMMEDIATE_DATA, "ImmediateData", "13.11", AND,
	     LOGIN | BOTH | NORMAL, 1),
	NUMBER(MPIO_K_MAX_RECV_DSL, "MaxRecvDataSegmentLength", "13.12",
	       DECLARE, LOGIN | BOTH, 8192, 512, MPIO_DSL_MAX),
	NUMBER(MPIO_K_MAX_BURST, "MaxBurstLength", "13.13", MIN,
	       LOGIN | BOTH | NORMAL, 262144, 512, MPIO_DSL_MAX),
	NUMBER(MPIO_K_FIRST_BURST, "FirstBurstLength", "13.14", MIN,
	       LOGIN | BOTH | NORMAL, 65536, 512, MPIO_DSL_MAX),
	NUMBER(MPIO_K_TIME2WAIT, "DefaultTime2Wait", "13.15", MAX,
	       LOGIN | BOTH, 2, 0, 3600),
	NUMBER(MPIO_K_TIME2RETAIN, "DefaultTime2Retain", "13.16", MIN,
	       LOGIN | BOTH, 20, 0, 3600),
	NUMBER(MPIO_K_MAX_R2T, "MaxOutstandingR2T", "13.17", MIN,
	       LOGIN | BOTH | NORMAL, 1, 1, 65535),
	BOOL(MPIO_K_PDU_IN_ORDER, "DataPDUInOrder", "13.18", OR,
	     LOGIN | BOTH | NORMAL, 1),
	BOOL(MPIO_K_SEQUENCE_IN_ORDER, "DataSequenceInOrder", "13.19", OR,
	     LOGIN | BOTH | NORMAL, 1),
	NUMBER(MPIO_K_ERL, "ErrorRecoveryLevel", "13.20", MIN,
	       LOGIN | BOTH, 0, 0, 2),
	STRING(MPIO_K_SESSION_TYPE, "SessionType", "13.21", ANY | I),
	LIST(MPIO_K_TASK_REPORTING, "TaskReporting", "13.23",
	     LOGIN | BOTH | NORMAL | MPIO_KEY_MAY_REFUSE, 0, reportings),
	NUMBER(MPIO_K_PROTOCOL_LEVEL, "iSCSIProtocolLevel", "13.24", MIN,
	       LOGIN | BOTH | NORMAL | MPIO_KEY_MAY_REFUSE, 1, 0, 31),
	OBSOLETE(MPIO_K_IF_MARKER, "IFMarker"),
	OBSOLETE(MPIO_K_OF_MARKER, "OFMarker"),
	OBSOLETE(MPIO_K_IF_MARK_INT, "IFMarkInt"),
	OBSOLETE(MPIO_K_OF_MARK_INT, "OFMarkInt"),
	STRING(MPIO_K_NODE_ARCHITECTURE, "X#NodeArchitecture", "13.26",
	       LOGIN | BOTH),
};
