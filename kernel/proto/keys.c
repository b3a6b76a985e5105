// SPDX-License-Identifier: GPL-2.0
/*
 * Negotiation of keys, RFC 7143 6.2 and 13. See keys.h.
 */
#include "keys.h"

#include "quirk.h"

/* Where a key's value lives in the offers and in the outcome. */
#define SLOT(id, o, p)							\
	[id] = { offsetof(struct mpio_offers, o),			\
		 offsetof(struct mpio_params, p),			\
		 sizeof(((struct mpio_offers *)0)->o),			\
		 sizeof(((struct mpio_params *)0)->p) }

static const struct {
	u16 offer;
	u16 param;
	u8 offer_size;		/* 1 or 4; 0: the key has no slot */
	u8 param_size;
} slots[MPIO_K_COUNT] = {
	SLOT(MPIO_K_HEADER_DIGEST, header_digest, header_digest),
	SLOT(MPIO_K_DATA_DIGEST, data_digest, data_digest),
	SLOT(MPIO_K_MAX_CONNECTIONS, max_connections, max_connections),
	SLOT(MPIO_K_INITIAL_R2T, initial_r2t, initial_r2t),
	SLOT(MPIO_K_IMMEDIATE_DATA, immediate_data, immediate_data),
	SLOT(MPIO_K_MAX_RECV_DSL, max_recv_dsl, max_xmit_dsl),
	SLOT(MPIO_K_MAX_BURST, max_burst, max_burst),
	SLOT(MPIO_K_FIRST_BURST, first_burst, first_burst),
	SLOT(MPIO_K_TIME2WAIT, time2wait, time2wait),
	SLOT(MPIO_K_TIME2RETAIN, time2retain, time2retain),
	SLOT(MPIO_K_MAX_R2T, max_outstanding_r2t, max_outstanding_r2t),
	SLOT(MPIO_K_PDU_IN_ORDER, data_pdu_in_order, data_pdu_in_order),
	SLOT(MPIO_K_SEQUENCE_IN_ORDER, data_sequence_in_order,
	     data_sequence_in_order),
	SLOT(MPIO_K_ERL, erl, erl),
	SLOT(MPIO_K_TASK_REPORTING, task_reporting, task_reporting),
	SLOT(MPIO_K_PROTOCOL_LEVEL, protocol_level, protocol_level),
};

static_assert(MPIO_K_COUNT <= 32);	/* bits of struct mpio_nego */

int mpio_key_find(const char *name, u32 len)
{
	int i;

	for (i = 0; i < MPIO_K_COUNT; i++)
		if (strlen(mpio_keys[i].name) == len &&
		    !memcmp(mpio_keys[i].name, name, len))
			return i;
	return -ENOENT;
}

static u32 offer_get(const struct mpio_offers *o, int id)
{
	const u8 *p = (const u8 *)o + slots[id].offer;
	u32 v;

	if (slots[id].offer_size == 1)
		return *p;
	memcpy(&v, p, sizeof(v));
	return v;
}

static u32 param_get(const struct mpio_params *params, int id)
{
	const u8 *p = (const u8 *)params + slots[id].param;
	u32 v;

	if (slots[id].param_size == 1)
		return *p;
	memcpy(&v, p, sizeof(v));
	return v;
}

static void param_set(struct mpio_params *params, int id, u32 v)
{
	u8 *p = (u8 *)params + slots[id].param;

	if (slots[id].param_size == 1)
		*p = (u8)v;
	else
		memcpy(p, &v, sizeof(v));
}

void mpio_offers_default(struct mpio_offers *o)
{
	memset(o, 0, sizeof(*o));
	o->header_digest = MPIO_OFFER_NONE;
	o->data_digest = MPIO_OFFER_NONE;
	o->initial_r2t = false;
	o->immediate_data = true;
	o->data_pdu_in_order = true;
	o->data_sequence_in_order = true;
	o->first_burst = 262144;
	o->max_burst = MPIO_DSL_MAX;
	o->max_recv_dsl = 262144;
	o->max_outstanding_r2t = 8;
	o->max_connections = 1;
	o->time2wait = 2;
	o->time2retain = 0;
}

int mpio_offers_check(const struct mpio_offers *o, const char **why)
{
	int id;

	for (id = 0; id < MPIO_K_COUNT; id++) {
		const struct mpio_key *k = &mpio_keys[id];
		u32 v;

		if (!slots[id].offer_size || k->type != MPIO_KEY_NUMBER)
			continue;
		v = offer_get(o, id);
		if (v < k->min || v > k->max) {
			*why = k->name;
			return -EINVAL;
		}
	}
	if (o->header_digest > MPIO_OFFER_ACCEPT ||
	    o->data_digest > MPIO_OFFER_ACCEPT) {
		*why = "unknown choice of digest";
		return -EINVAL;
	}
	if (o->first_burst > o->max_burst) {
		*why = "FirstBurstLength must not exceed MaxBurstLength";
		return -EINVAL;
	}
	/* 13.23: whoever negotiates must offer at least these two */
	if (o->task_reporting > 7 ||
	    (o->task_reporting && (o->task_reporting & 3) != 3)) {
		*why = "TaskReporting must offer RFC3720 and ResponseFence";
		return -EINVAL;
	}
	return 0;
}

void mpio_params_default(struct mpio_params *p)
{
	int id;

	memset(p, 0, sizeof(*p));
	for (id = 0; id < MPIO_K_COUNT; id++)
		if (slots[id].param_size)
			param_set(p, id, mpio_keys[id].def);
	p->max_recv_dsl = mpio_keys[MPIO_K_MAX_RECV_DSL].def;
	p->task_reporting = MPIO_TASK_RFC3720;
	p->tpgt = -1;
}

void mpio_nego_init(struct mpio_nego *n, const struct mpio_offers *o,
		    bool discovery)
{
	memset(n, 0, sizeof(*n));
	n->offers = *o;
	n->discovery = discovery;
	mpio_params_default(&n->params);
}

/* Our list for a key of that type, in our order of preference. */
static const char *list_offer(const struct mpio_offers *o, int id)
{
	static const char *const digest_lists[] = {
		[MPIO_OFFER_NONE] = "None",
		[MPIO_OFFER_CRC32C] = "CRC32C",
		[MPIO_OFFER_PREFER] = "CRC32C,None",
		[MPIO_OFFER_ACCEPT] = "None,CRC32C",
	};

	if (id == MPIO_K_TASK_REPORTING)
		return o->task_reporting & MPIO_TASK_FAST_ABORT ?
			"FastAbort,ResponseFence,RFC3720" :
			"ResponseFence,RFC3720";
	return digest_lists[offer_get(o, id) & 3];
}

static bool wanted(const struct mpio_nego *n, int id)
{
	if (!slots[id].offer_size || (n->seen & (1U << id)))
		return false;
	if (n->discovery && (mpio_keys[id].flags & MPIO_KEY_NO_DISCOVERY))
		return false;
	/* later keys are offered on request only */
	return !(mpio_keys[id].flags & MPIO_KEY_MAY_REFUSE) ||
	       offer_get(&n->offers, id);
}

static void put_value(struct mpio_textbuf *b, const struct mpio_key *k, u32 v)
{
	if (k->type == MPIO_KEY_BOOL)
		mpio_text_put(b, k->name, v ? "Yes" : "No");
	else
		mpio_text_put_u32(b, k->name, v);
}

void mpio_nego_offer(struct mpio_nego *n, struct mpio_textbuf *b)
{
	int id;

	for (id = 0; id < MPIO_K_COUNT; id++) {
		const struct mpio_key *k = &mpio_keys[id];

		/* Declared by both sides, whatever the target said first. */
		if (id != MPIO_K_MAX_RECV_DSL && !wanted(n, id))
			continue;
		if (k->type == MPIO_KEY_LIST)
			mpio_text_put(b, k->name, list_offer(&n->offers, id));
		else
			put_value(b, k, offer_get(&n->offers, id));
		n->offered |= 1U << id;
	}
	n->params.max_recv_dsl = n->offers.max_recv_dsl;
}

/* "yes" for "Yes": nobody can take it for anything else. */
static bool parse_bool(const struct mpio_pair *p, u32 *out, int *wrong)
{
	char word[4] = "";
	bool yes;
	u32 i;

	if (!mpio_parse_bool(p->value, p->value_len, &yes)) {
		*out = yes;
		return true;
	}
	for (i = 0; i < p->value_len && i < 3; i++)
		word[i] = (char)(i ? p->value[i] | 0x20 : p->value[i] & ~0x20);
	if (mpio_parse_bool(word, p->value_len, &yes))
		return false;
	*out = yes;
	*wrong = MPIO_WRONG_SPELT;
	return true;
}

/*
 * Value of a number or bool, brought down to its upper bound. @wrong is set
 * unless all is right. False when there is no value to go by.
 */
static bool parse_value(const struct mpio_key *k, const struct mpio_pair *p,
			u32 *out, int *wrong)
{
	u64 v;

	if (k->type == MPIO_KEY_BOOL)
		return parse_bool(p, out, wrong);
	if (mpio_parse_u64(p->value, p->value_len, &v) || v < k->min)
		return false;
	if (v > k->max) {
		*wrong = MPIO_WRONG_ABOVE;
		v = k->max;
	}
	*out = (u32)v;
	return true;
}

/* Result function applied to what both sides said. */
static u32 combine(enum mpio_key_result result, u32 a, u32 b)
{
	switch (result) {
	case MPIO_RESULT_MIN:
	case MPIO_RESULT_AND:
	case MPIO_RESULT_DECLARE:	/* MaxRecvDataSegmentLength */
		return a < b ? a : b;
	default:	/* MAX, OR */
		return a > b ? a : b;
	}
}

/* Outcome of a list: index in values for digests, bit for TaskReporting. */
static void list_set(struct mpio_nego *n, int id, u32 index)
{
	if (id == MPIO_K_TASK_REPORTING)
		index = 1U << index;
	param_set(&n->params, id, index);
}

static bool list_acceptable(const struct mpio_nego *n, int id, u32 index)
{
	const char *value = mpio_keys[id].values[index];
	const char *list = list_offer(&n->offers, id);

	return mpio_list_has(list, strlen(list), value, strlen(value));
}

static bool is_refusal(const struct mpio_pair *p)
{
	return mpio_value_is(p, "Reject") ||
	       mpio_value_is(p, "NotUnderstood");
}

static bool is_reserved(const struct mpio_pair *p)
{
	return is_refusal(p) || mpio_value_is(p, "Irrelevant");
}

/* Our side of a result function; the default for what is not offered. */
static u32 our_value(const struct mpio_nego *n, int id)
{
	u32 ours = offer_get(&n->offers, id);

	return id == MPIO_K_PROTOCOL_LEVEL && !ours ? mpio_keys[id].def : ours;
}

static bool digest_required(const struct mpio_nego *n, int id)
{
	return mpio_keys[id].values == mpio_digests &&
	       offer_get(&n->offers, id) == MPIO_OFFER_CRC32C;
}

/* What holds when the target has no opinion, 6.2.2. */
static int take_default(struct mpio_nego *n, int id, const char **why)
{
	const struct mpio_key *k = &mpio_keys[id];

	if (digest_required(n, id)) {
		*why = "the target has no CRC32C, which this session requires as digest";
		return -EOPNOTSUPP;
	}
	if (k->type != MPIO_KEY_LIST)
		param_set(&n->params, id,
			  combine(k->result, k->def, our_value(n, id)));
	else if (id == MPIO_K_TASK_REPORTING)
		list_set(n, id, 0);
	return 0;
}

/*
 * Says the target no more than what holds anyway? Even where another value
 * would be fatal that does no harm.
 */
static bool holds_anyway(const struct mpio_nego *n, int id,
			 const struct mpio_pair *p)
{
	u32 v;

	switch (id) {
	case MPIO_K_HEADER_DIGEST:
		return mpio_value_is(p, mpio_digests[n->params.header_digest]);
	case MPIO_K_DATA_DIGEST:
		return mpio_value_is(p, mpio_digests[n->params.data_digest]);
	case MPIO_K_IF_MARKER:
	case MPIO_K_OF_MARKER:
		return mpio_value_is(p, "No");
	case MPIO_K_INITIATOR_NAME:
		return !n->initiator_name ||
		       mpio_value_is(p, n->initiator_name);
	case MPIO_K_TARGET_NAME:
		return !n->target_name || mpio_value_is(p, n->target_name);
	case MPIO_K_TPGT:
		return !mpio_parse_u32(p->value, p->value_len, &v) &&
		       n->params.tpgt == (s32)v;
	default:
		return false;
	}
}

/* The target is wrong: @v, if any, is its value. @bad: why that is fatal. */
static int settle(struct mpio_nego *n, int id, enum mpio_wrong wrong,
		  const struct mpio_pair *p, u32 v, const char *bad,
		  const char **why)
{
	const struct mpio_key *k = &mpio_keys[id];
	enum mpio_remedy remedy = mpio_quirk_rows[id].remedy[wrong];
	int err = 0;

	if (remedy == MPIO_FATAL && !holds_anyway(n, id, p)) {
		*why = bad;
		return -EPROTO;
	}
	if (!slots[id].param_size)
		remedy = MPIO_IGNORE;
	switch (remedy) {
	case MPIO_SAFER:
		if (k->result == MPIO_RESULT_DECLARE)
			param_set(&n->params, id, v);
		else
			param_set(&n->params, id,
				  combine(k->result, our_value(n, id), v));
		break;
	case MPIO_OURS:
		param_set(&n->params, id, our_value(n, id));
		break;
	case MPIO_DEFAULT:
		err = take_default(n, id, why);
		break;
	case MPIO_OFF:
		param_set(&n->params, id, id == MPIO_K_INITIAL_R2T);
		break;
	default:
		break;
	}
	if (!err)
		mpio_quirks_note_key(&n->quirks, id, wrong);
	return err;
}

static int take_list_answer(struct mpio_nego *n, int id,
			    const struct mpio_pair *p, const char **why)
{
	static const char not_offered[] =
		"the target chose a value that was not offered";
	const char *const *values = mpio_keys[id].values;
	u32 i;

	for (i = 0; values[i]; i++) {
		if (!mpio_value_is(p, values[i]))
			continue;
		if (!i && digest_required(n, id))
			return take_default(n, id, why);
		if (!list_acceptable(n, id, i))
			return settle(n, id, MPIO_WRONG_RESULT, p, 0,
				      not_offered, why);
		list_set(n, id, i);
		return 0;
	}
	return settle(n, id, MPIO_WRONG_VALUE, p, 0, not_offered, why);
}

/* The target's answer to our offer. */
static int take_answer(struct mpio_nego *n, int id, const struct mpio_pair *p,
		       const char **why)
{
	static const char malformed[] =
		"the target answered with a malformed value";
	const struct mpio_key *k = &mpio_keys[id];
	int wrong = -1;
	u32 v;

	if (mpio_value_is(p, "Irrelevant") ||
	    (is_refusal(p) && (k->flags & MPIO_KEY_MAY_REFUSE)))
		return take_default(n, id, why);
	if (is_refusal(p))
		return settle(n, id, MPIO_WRONG_REFUSED, p, 0,
			      "the target does not understand a mandatory key",
			      why);
	if (k->type == MPIO_KEY_LIST)
		return take_list_answer(n, id, p, why);
	if (!parse_value(k, p, &v, &wrong))
		return settle(n, id, MPIO_WRONG_VALUE, p, 0, malformed, why);
	if (wrong >= 0)
		return settle(n, id, wrong, p, v, malformed, why);
	if (combine(k->result, offer_get(&n->offers, id), v) != v)
		return settle(n, id, MPIO_WRONG_RESULT, p, v,
			      "the target chose a value its result function forbids",
			      why);
	param_set(&n->params, id, v);
	return 0;
}

/* A second answer, or the same key proposed again. */
static int take_again(struct mpio_nego *n, int id, const struct mpio_pair *p,
		      const char **why)
{
	const struct mpio_key *k = &mpio_keys[id];
	int ignored;
	u32 v = 0;

	/* the safer one of both, unless the second is no value */
	if (mpio_quirk_rows[id].remedy[MPIO_WRONG_TWICE] == MPIO_SAFER &&
	    slots[id].param_size) {
		if (parse_value(k, p, &v, &ignored))
			v = combine(k->result, param_get(&n->params, id), v);
		else
			v = param_get(&n->params, id);
	}
	return settle(n, id, MPIO_WRONG_TWICE, p, v,
		      "the target sent a key twice", why);
}

static int take_string(struct mpio_nego *n, int id, const struct mpio_pair *p)
{
	struct mpio_say alias;

	if (id == MPIO_K_TARGET_ALIAS) {
		mpio_say_init(&alias, n->params.target_alias,
			      sizeof(n->params.target_alias));
		mpio_say_peer(&alias, p->value, p->value_len);
	}
	if (p->value_len > mpio_keys[id].max)
		mpio_quirks_note_key(&n->quirks, id, MPIO_WRONG_ABOVE);
	return 0;
}

static int take_declaration(struct mpio_nego *n, int id,
			    const struct mpio_pair *p, const char **why)
{
	static const char bounds[] = "the target declared a value out of bounds";
	const struct mpio_key *k = &mpio_keys[id];
	int wrong = -1;
	u32 v = 0;

	if (k->type == MPIO_KEY_STRING)
		return take_string(n, id, p);
	if (!parse_value(k, p, &v, &wrong))
		wrong = MPIO_WRONG_VALUE;
	if (wrong >= 0)
		return settle(n, id, wrong, p, v, bounds, why);
	if (id == MPIO_K_TPGT)
		n->params.tpgt = (s32)v;
	else
		param_set(&n->params, id, v);
	return 0;
}

/* Answer a list the target proposed: its first value that we accept. */
static void answer_list(struct mpio_nego *n, int id, const struct mpio_pair *p,
			struct mpio_textbuf *reply)
{
	const struct mpio_key *k = &mpio_keys[id];
	const char *s = p->value, *item;
	u32 len = p->value_len, item_len, i;

	while (mpio_list_next(&s, &len, &item, &item_len)) {
		for (i = 0; k->values[i]; i++) {
			if (strlen(k->values[i]) != item_len ||
			    memcmp(k->values[i], item, item_len) ||
			    !list_acceptable(n, id, i))
				continue;
			list_set(n, id, i);
			mpio_text_put(reply, k->name, k->values[i]);
			return;
		}
	}
	mpio_text_put(reply, k->name, "Reject");
}

/* A proposal that no answer of ours will reach any more. */
static int take_late(struct mpio_nego *n, int id, const struct mpio_pair *p,
		     const char **why)
{
	const struct mpio_key *k = &mpio_keys[id];
	u32 v = our_value(n, id);
	int ignored;

	if (slots[id].offer_size && k->type != MPIO_KEY_LIST)
		parse_value(k, p, &v, &ignored);
	return settle(n, id, MPIO_WRONG_LATE, p, v,
		      "the target proposes keys in its final response", why);
}

/* The target proposes a key that we did not: choose and answer, 6.2.2. */
static int take_proposal(struct mpio_nego *n, int id,
			 const struct mpio_pair *p, struct mpio_textbuf *reply)
{
	const struct mpio_key *k = &mpio_keys[id];
	int wrong = -1;
	u32 v;

	if (n->discovery && (k->flags & MPIO_KEY_NO_DISCOVERY)) {
		mpio_text_put(reply, k->name, "Irrelevant");
	} else if (k->type == MPIO_KEY_OBSOLETE) {
		mpio_text_put(reply, k->name, "Reject");
	} else if (k->type == MPIO_KEY_LIST) {
		answer_list(n, id, p, reply);
	} else if (!parse_value(k, p, &v, &wrong) ||
		   wrong == MPIO_WRONG_ABOVE) {
		mpio_text_put(reply, k->name, "Reject");
	} else {
		v = combine(k->result, our_value(n, id), v);
		param_set(&n->params, id, v);
		put_value(reply, k, v);
		if (wrong >= 0)
			mpio_quirks_note_key(&n->quirks, id, wrong);
	}
	return 1;
}

/* 6.2: reserved words are answers, never proposals. */
static int take_stray(struct mpio_nego *n, int id)
{
	if (id < 0 || !(mpio_keys[id].flags & MPIO_KEY_BY_TARGET) ||
	    mpio_keys[id].result != MPIO_RESULT_DECLARE)
		mpio_quirks_note(&n->quirks, MPIO_ODD_ANSWER);
	else
		mpio_quirks_note_key(&n->quirks, id, MPIO_WRONG_REFUSED);
	return 0;
}

/* The target opens with a key that we have not offered. */
static int take_opening(struct mpio_nego *n, int id, const struct mpio_pair *p,
			struct mpio_textbuf *reply, const char **why)
{
	const struct mpio_key *k = &mpio_keys[id];
	const u32 bit = 1U << id;

	if (is_reserved(p))
		return take_stray(n, id);
	if (!(k->flags & MPIO_KEY_BY_TARGET))
		return settle(n, id, MPIO_WRONG_ECHO, p, 0,
			      "the target speaks in the name of somebody else",
			      why);
	if ((n->seen & bit) && !(k->flags & MPIO_KEY_REPEATS))
		return take_again(n, id, p, why);
	n->seen |= bit;
	if (k->result == MPIO_RESULT_DECLARE)
		return take_declaration(n, id, p, why);
	return n->final ? take_late(n, id, p, why) :
			  take_proposal(n, id, p, reply);
}

int mpio_nego_take(struct mpio_nego *n, const struct mpio_pair *p,
		   bool security, struct mpio_textbuf *reply,
		   const char **why)
{
	int id = mpio_key_find(p->key, p->key_len);
	const struct mpio_key *k;

	if (id < 0) {
		if (is_reserved(p))
			return take_stray(n, id);
		mpio_text_put_len(reply, p->key, p->key_len, "NotUnderstood",
				  13);
		return 2;
	}
	k = &mpio_keys[id];
	if (security && !(k->flags & MPIO_KEY_SECURITY) &&
	    (k->flags & MPIO_KEY_BY_TARGET)) {
		/* What is declared is taken; the rest has its turn later. */
		if (id != MPIO_K_MAX_RECV_DSL)
			return settle(n, id, MPIO_WRONG_STAGE, p, 0,
				      "the target sent a key of another stage",
				      why);
		mpio_quirks_note_key(&n->quirks, id, MPIO_WRONG_STAGE);
	}
	if (!(n->offered & (1U << id)) || k->result == MPIO_RESULT_DECLARE)
		return take_opening(n, id, p, reply, why);
	if (n->answered & (1U << id))
		return take_again(n, id, p, why);
	n->answered |= 1U << id;
	return take_answer(n, id, p, why);
}

int mpio_nego_finish(struct mpio_nego *n, const char **why)
{
	struct mpio_params *p = &n->params;
	int id, err;

	for (id = 0; id < MPIO_K_COUNT; id++) {
		u32 bit = 1U << id;

		if (!(n->offered & bit) || (n->answered & bit) ||
		    mpio_keys[id].result == MPIO_RESULT_DECLARE ||
		    (mpio_keys[id].flags & MPIO_KEY_MAY_REFUSE))
			continue;
		err = take_default(n, id, why);
		if (err)
			return err;
	}
	/* 13.14: never exceeds MaxBurstLength; less is always in order */
	if (p->first_burst > p->max_burst)
		p->first_burst = p->max_burst;
	return 0;
}

int mpio_keys_declared(struct mpio_text *t, struct mpio_params *params,
		       const char **why)
{
	u32 dsl = params->max_xmit_dsl;
	struct mpio_pair p;
	int ret, id;

	while ((ret = mpio_text_next(t, &p, why)) > 0) {
		id = mpio_key_find(p.key, p.key_len);
		if (id < 0 || mpio_keys[id].result != MPIO_RESULT_DECLARE ||
		    !(mpio_keys[id].flags & MPIO_KEY_BY_TARGET))
			return 1;
		if (id != MPIO_K_MAX_RECV_DSL)
			continue;
		if (mpio_parse_u32(p.value, p.value_len, &dsl) ||
		    dsl < mpio_keys[id].min || dsl > mpio_keys[id].max) {
			*why = "MaxRecvDataSegmentLength out of range";
			return -EPROTO;
		}
	}
	if (!ret)
		params->max_xmit_dsl = dsl;
	return ret;
}
