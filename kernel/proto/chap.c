// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP, RFC 7143 12.1.3 and 9.2.1, RFC 1994. See chap.h.
 */
#include "chap.h"

/* Strongest first: the order in which they are offered. */
static const struct {
	unsigned int alg;
	u32 len;
} algs[] = {
	{ MPIO_CHAP_SHA3_256, 32 },
	{ MPIO_CHAP_SHA256, 32 },
	{ MPIO_CHAP_SHA1, 20 },
	{ MPIO_CHAP_MD5, 16 },
};

u32 mpio_chap_hash_len(unsigned int alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(algs); i++)
		if (algs[i].alg == alg)
			return algs[i].len;
	return 0;
}

bool mpio_equal_ct(const u8 *a, const u8 *b, u32 len)
{
	u32 diff = 0, i;

	for (i = 0; i < len; i++) {
		diff |= a[i] ^ b[i];
		/* the compiler must not learn that it could stop here */
		__asm__ __volatile__("" : "+r"(diff));
	}
	return !diff;
}

static const char *check_secret(const u8 *secret, u32 len)
{
	if (!secret || len < MPIO_CHAP_SECRET_MIN)
		return "a CHAP secret must have at least 12 bytes";
	if (len > MPIO_CHAP_SECRET_MAX)
		return "a CHAP secret must not exceed 255 bytes";
	return NULL;
}

static const char *check_config(const struct mpio_chap_config *cfg)
{
	const char *bad;

	if (!cfg->name || !cfg->name[0] ||
	    strlen(cfg->name) > MPIO_CHAP_NAME_MAX)
		return "a CHAP user name must have 1 to 255 bytes";
	bad = check_secret(cfg->secret, cfg->secret_len);
	if (bad)
		return bad;
	if (!(cfg->algs & MPIO_CHAP_ALL) || !cfg->ops || !cfg->ops->hash)
		return "no CHAP algorithm is available";
	if (!cfg->mutual)
		return NULL;
	bad = check_secret(cfg->secret_in, cfg->secret_in_len);
	if (bad)
		return bad;
	/* 9.2.1: else the target could prove itself with what we send it */
	if (cfg->secret_len == cfg->secret_in_len &&
	    mpio_equal_ct(cfg->secret, cfg->secret_in, cfg->secret_len))
		return "the CHAP secrets of initiator and target must differ";
	return NULL;
}

int mpio_chap_check(const struct mpio_chap_config *cfg, const char **why)
{
	const char *bad = check_config(cfg);

	if (!bad)
		return 0;
	*why = bad;
	return -EINVAL;
}

void mpio_chap_init(struct mpio_chap *c, const struct mpio_chap_config *cfg)
{
	memset(c, 0, sizeof(*c));
	c->cfg = cfg;
}

void mpio_chap_clear(struct mpio_chap *c)
{
	memzero_explicit(c->response, sizeof(c->response));
	memzero_explicit(c->challenge, sizeof(c->challenge));
	c->challenge_len = 0;
}

void mpio_chap_offer(const struct mpio_chap *c, struct mpio_textbuf *b)
{
	char list[2 * ARRAY_SIZE(algs)];
	u32 len = 0, i;

	for (i = 0; i < ARRAY_SIZE(algs); i++) {
		if (!(c->cfg->algs & MPIO_CHAP_BIT(algs[i].alg)))
			continue;
		if (len)
			list[len++] = ',';
		list[len++] = '0' + algs[i].alg;
	}
	mpio_text_put_len(b, "CHAP_A", 6, list, len);
}

int mpio_chap_key(struct mpio_chap_keys *k, const struct mpio_pair *p,
		  const char **why)
{
	struct mpio_pair *slot;

	if (p->key_len != 6 || memcmp(p->key, "CHAP_", 5))
		return 0;
	switch (p->key[5]) {
	case 'A':
		slot = &k->a;
		break;
	case 'I':
		slot = &k->i;
		break;
	case 'C':
		slot = &k->c;
		break;
	case 'N':
		slot = &k->n;
		break;
	case 'R':
		slot = &k->r;
		break;
	default:
		return 0;
	}
	if (slot->value) {
		*why = "the target sent a CHAP key twice";
		return -EPROTO;
	}
	*slot = *p;
	return 1;
}

/* Response of RFC 1994 4.1: hash of identifier, secret, challenge. */
static int chap_hash(const struct mpio_chap *c, u8 id, const u8 *secret,
		     u32 secret_len, const u8 *challenge, u32 challenge_len,
		     u8 *out)
{
	const struct mpio_iov iov[] = {
		{ &id, 1 },
		{ secret, secret_len },
		{ challenge, challenge_len },
	};

	return c->cfg->ops->hash(c->cfg->hash_priv, c->alg, iov,
				 ARRAY_SIZE(iov), out);
}

/* Our challenge is as long as the digest, which every target can hold. */
static const u8 *our_challenge(const struct mpio_chap *c, u32 *len)
{
	*len = mpio_chap_hash_len(c->alg);
	return c->cfg->random + 1;
}

static int take_challenge(struct mpio_chap *c, const struct mpio_chap_keys *k,
			  u8 *id, const char **why)
{
	u32 alg, n, len;
	const u8 *ours;
	int err;

	if (!k->a.value || !k->i.value || !k->c.value || k->n.value ||
	    k->r.value) {
		*why = "the target did not send CHAP_A, CHAP_I and CHAP_C";
		return -EPROTO;
	}
	if (mpio_parse_u32(k->a.value, k->a.value_len, &alg) ||
	    !mpio_chap_hash_len(alg) || !(c->cfg->algs & MPIO_CHAP_BIT(alg))) {
		*why = "the target chose a CHAP algorithm that was not offered";
		return -EPROTO;
	}
	if (mpio_parse_u32(k->i.value, k->i.value_len, &n) || n > 255) {
		*why = "the target sent a malformed CHAP_I";
		return -EPROTO;
	}
	err = mpio_parse_binary(k->c.value, k->c.value_len, c->challenge,
				sizeof(c->challenge), &c->challenge_len);
	if (err || !c->challenge_len) {
		*why = err == -EMSGSIZE ?
			"the target sent a CHAP_C of over 1024 bytes" :
			"the target sent a malformed CHAP_C";
		return -EPROTO;
	}
	c->alg = alg;
	*id = (u8)n;
	ours = our_challenge(c, &len);
	if (c->cfg->mutual && c->challenge_len == len &&
	    !memcmp(c->challenge, ours, len)) {
		*why = "the target reflects our CHAP challenge";
		return -EACCES;
	}
	return 0;
}

int mpio_chap_respond(struct mpio_chap *c, const struct mpio_chap_keys *k,
		      struct mpio_textbuf *b, const char **why)
{
	const struct mpio_chap_config *cfg = c->cfg;
	const u8 *ours;
	u32 len;
	u8 id;
	int err;

	err = take_challenge(c, k, &id, why);
	if (err)
		return err;
	err = chap_hash(c, id, cfg->secret, cfg->secret_len, c->challenge,
			c->challenge_len, c->response);
	if (err) {
		*why = "the CHAP hash could not be computed";
		return err;
	}
	mpio_text_put(b, "CHAP_N", cfg->name);
	mpio_text_put_hex(b, "CHAP_R", c->response,
			  mpio_chap_hash_len(c->alg));
	if (cfg->mutual) {
		ours = our_challenge(c, &len);
		mpio_text_put_u32(b, "CHAP_I", cfg->random[0]);
		mpio_text_put_hex(b, "CHAP_C", ours, len);
	}
	return 0;
}

int mpio_chap_verify(struct mpio_chap *c, const struct mpio_chap_keys *k,
		     const char **why)
{
	const struct mpio_chap_config *cfg = c->cfg;
	const u32 len = mpio_chap_hash_len(c->alg);
	u8 wanted[MPIO_CHAP_HASH_MAX], got[MPIO_CHAP_HASH_MAX];
	const u8 *ours;
	u32 n;
	int err;

	if (!k->n.value || !k->r.value) {
		*why = "the target skipped mutual authentication";
		return -EACCES;
	}
	if (k->a.value || k->i.value || k->c.value) {
		*why = "the target sent a second CHAP challenge";
		return -EPROTO;
	}
	if (cfg->name_in && !mpio_value_is(&k->n, cfg->name_in)) {
		*why = "the target gave another CHAP name than expected";
		return -EACCES;
	}
	err = mpio_parse_binary(k->r.value, k->r.value_len, got, sizeof(got),
				&n);
	if (err || n != len) {
		*why = "the target sent a malformed CHAP_R";
		return -EACCES;
	}
	if (mpio_equal_ct(got, c->response, len)) {
		*why = "the target reflects our CHAP response";
		return -EACCES;
	}
	ours = our_challenge(c, &n);
	err = chap_hash(c, cfg->random[0], cfg->secret_in, cfg->secret_in_len,
			ours, n, wanted);
	if (err) {
		*why = "the CHAP hash could not be computed";
	} else if (!mpio_equal_ct(wanted, got, len)) {
		*why = "the target does not know the mutual CHAP secret";
		err = -EACCES;
	}
	memzero_explicit(wanted, sizeof(wanted));
	return err;
}

static const char *check_literal(const char *s, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (!s[i] || s[i] == '\n' || s[i] == '\r')
			return "a CHAP secret must be one line of text, or 0x and hex digits";
	return NULL;
}

int mpio_secret_parse(const char *s, u32 len, u8 *out, u32 *out_len,
		      const char **why)
{
	const bool hex = len >= 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
	u8 bytes[MPIO_CHAP_SECRET_MAX];
	const char *bad = NULL;
	u32 n = len;
	int err = 0;

	if (hex && len % 2) {
		bad = "a CHAP secret in hex must have an even number of digits";
	} else if (hex) {
		n = 0;
		err = mpio_parse_binary(s, len, bytes, sizeof(bytes), &n);
		if (err == -EMSGSIZE)
			n = MPIO_CHAP_SECRET_MAX + 1;
		else if (err && len > 2)
			bad = "a CHAP secret beginning with 0x must be hex digits";
	} else {
		bad = check_literal(s, len);
		if (!bad && n <= sizeof(bytes))
			memcpy(bytes, s, n);
	}
	if (!bad)
		bad = check_secret(bytes, n);
	if (!bad) {
		memcpy(out, bytes, n);
		*out_len = n;
	}
	memzero_explicit(bytes, sizeof(bytes));
	if (!bad)
		return 0;
	*why = bad;
	return -EINVAL;
}
