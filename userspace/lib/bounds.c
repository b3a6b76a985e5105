// SPDX-License-Identifier: GPL-2.0
#include "lib/bounds.h"

#include <stdio.h>
#include <string.h>

#include "lib/libiscsi-mpio.h"
#include "lib/message.h"

/* A level of attributes: their names, and the level below them. */
struct level {
	uint16_t max;
	const char *const *names;
	const struct level *(*below)(uint16_t type);
};

static const char *const setting_names[MPIO_TA_MAX + 1] = {
	[MPIO_TA_NOP_INTERVAL] = "NopInterval",
	[MPIO_TA_NOP_TIMEOUT] = "NopTimeout",
	[MPIO_TA_LOGIN_TIMEOUT] = "LoginTimeout",
	[MPIO_TA_RECONNECT_DELAY_MIN] = "ReconnectDelayMin",
	[MPIO_TA_RECONNECT_DELAY_MAX] = "ReconnectDelayMax",
	[MPIO_TA_NO_PATH_TIMEOUT] = "NoPathTimeout",
	[MPIO_TA_TMF_TIMEOUT] = "TmfTimeout",
	[MPIO_TA_FENCE_MODE] = "FenceMode",
	[MPIO_TA_FENCE_TIMEOUT] = "FenceTimeout",
	[MPIO_TA_QUEUE_DEPTH] = "QueueDepth",
	[MPIO_TA_MARGINAL_HOLD_DOWN] = "MarginalHoldDown",
	[MPIO_TA_PROCESSOR] = "Processor",
	[MPIO_TA_DSCP] = "Dscp",
	[MPIO_TA_CONGESTION_CONTROL] = "CongestionControl",
	[MPIO_TA_PATH_VERIFY_PERIOD] = "PathVerifyPeriod",
	[MPIO_TA_MARGINAL_RANK] = "MarginalRank",
	[MPIO_TA_SAME_UNIT] = "SameUnit",
};

const char *bounds_setting_name(unsigned int attr)
{
	return setting_names[attr];
}

static const char *const session_names[MPIO_SA_MAX + 1] = {
	[MPIO_SA_TARGET_NAME] = "the name of the target",
	[MPIO_SA_INITIATOR_NAME] = "the name of the initiator",
	[MPIO_SA_PORTAL] = "the address of the portal",
	[MPIO_SA_SOURCE] = "the source address",
	[MPIO_SA_IFACE] = "the name of the interface",
	[MPIO_SA_ISID] = "the isid",
	[MPIO_SA_TPGT] = "the portal group tag",
	[MPIO_SA_AUTH] = "authentication",
	[MPIO_SA_CHAP_USER] = "the chap user name",
	[MPIO_SA_CHAP_SECRET] = "the chap secret",
	[MPIO_SA_CHAP_USER_IN] = "the chap user name of the target",
	[MPIO_SA_CHAP_SECRET_IN] = "the chap secret of the target",
	[MPIO_SA_HEADER_DIGEST] = "HeaderDigest",
	[MPIO_SA_DATA_DIGEST] = "DataDigest",
	[MPIO_SA_INITIAL_R2T] = "InitialR2T",
	[MPIO_SA_IMMEDIATE_DATA] = "ImmediateData",
	[MPIO_SA_FIRST_BURST] = "FirstBurstLength",
	[MPIO_SA_MAX_BURST] = "MaxBurstLength",
	[MPIO_SA_MAX_RECV_DSL] = "MaxRecvDataSegmentLength",
	[MPIO_SA_MAX_R2T] = "MaxOutstandingR2T",
	[MPIO_SA_RECORD] = "a record identifier",
	[MPIO_SA_POLICY] = "the policy",
	[MPIO_SA_CHAP_KEY] = "the name of the logon key",
	[MPIO_SA_CHAP_KEY_IN] = "the name of the target's logon key",
	[MPIO_SA_AVOID] = "what logins leave out",
	[MPIO_SA_REDIRECT] = "the name redirected to",
};

static const char *const path_names[MPIO_PA_MAX + 1] = {
	[MPIO_PA_PREFERRED] = "preferred",
	[MPIO_PA_WEIGHT] = "the weight",
	[MPIO_PA_ENABLED] = "enabled",
};

static const char *const main_names[MPIO_A_MAX + 1] = {
	[MPIO_A_TARGET] = "the name of the target",
	[MPIO_A_POLICY] = "the policy",
};

static const struct level setting_level = { MPIO_TA_MAX, setting_names };
static const struct level path_level = { MPIO_PA_MAX, path_names };

static const struct level *below_session(uint16_t type)
{
	return type == MPIO_SA_SETTINGS ? &setting_level :
	       type == MPIO_SA_PATH ? &path_level : NULL;
}

static const struct level session_level = { MPIO_SA_MAX, session_names,
					    below_session };

static const struct level *below_main(uint16_t type)
{
	return type == MPIO_A_SESSION ? &session_level :
	       type == MPIO_A_SETTINGS ? &setting_level :
	       type == MPIO_A_PATH ? &path_level : NULL;
}

static const struct level main_level = { MPIO_A_MAX, main_names, below_main };

/* The name of the attribute @at bytes behind @first, or NULL. */
static const char *name_of(const void *first, size_t len, size_t at)
{
	const struct level *level = &main_level;
	const char *wanted = (const char *)first + at;
	const struct nlattr *a = first;
	size_t rest = len;
	uint16_t type;

	while (at < len && message_ok(a, rest)) {
		type = message_type(a);
		if ((const char *)a == wanted)
			return type <= level->max ? level->names[type] : NULL;
		if (wanted >= (const char *)a + NLA_ALIGN(a->nla_len)) {
			a = message_next(a, &rest);
			continue;
		}
		level = level->below ? level->below(type) : NULL;
		if (!level)
			return NULL;
		rest = message_len(a);
		a = message_data(a);
	}
	return NULL;
}

/* Whether @policy has both bounds, of a number or of a length. */
static bool bounds_of(const struct nlattr *policy, uint64_t *min, uint64_t *max,
		      bool *bytes)
{
	const struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];

	message_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, policy);
	*bytes = tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH];
	if (*bytes) {
		*max = message_u32(tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH]);
		*min = tb[NL_POLICY_TYPE_ATTR_MIN_LENGTH] ?
		       message_u32(tb[NL_POLICY_TYPE_ATTR_MIN_LENGTH]) : 0;
		return true;
	}
	if (!tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U] ||
	    !tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U])
		return false;
	*min = message_u64(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U]);
	*max = message_u64(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U]);
	return true;
}

bool bounds_sentence(const void *attributes, size_t len, size_t at,
		     const struct nlattr *policy, char *text, size_t size)
{
	const char *name = name_of(attributes, len, at);
	uint64_t min, max;
	bool bytes;

	if (!name || !bounds_of(policy, &min, &max, &bytes))
		return false;
	if (bytes && !min)
		snprintf(text, size, "%s has at most %ju bytes", name,
			 (uintmax_t)max);
	else if (bytes && min == max)
		snprintf(text, size, "%s has %ju bytes", name, (uintmax_t)max);
	else if (bytes)
		snprintf(text, size, "%s must have %ju to %ju bytes", name,
			 (uintmax_t)min, (uintmax_t)max);
	else if (!min && max == 1)
		snprintf(text, size, "%s must be 0 or 1", name);
	else if (max >= UINT32_MAX)
		snprintf(text, size, "%s must be at least %ju", name,
			 (uintmax_t)min);
	else
		snprintf(text, size, "%s must be between %ju and %ju", name,
			 (uintmax_t)min, (uintmax_t)max);
	return true;
}
