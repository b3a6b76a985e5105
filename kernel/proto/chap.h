/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHAP of RFC 7143 12.1.3, one-way and mutual. Hashing is a callback, random
 * bytes come from the caller, secrets stay the caller's and are never copied.
 */
#ifndef MPIO_PROTO_CHAP_H
#define MPIO_PROTO_CHAP_H

#include "text.h"

/* Algorithm numbers of the IANA registry "PPP Authentication Algorithms". */
#define MPIO_CHAP_MD5		5
#define MPIO_CHAP_SHA1		6
#define MPIO_CHAP_SHA256	7
#define MPIO_CHAP_SHA3_256	8
#define MPIO_CHAP_BIT(alg)	(1U << (alg))
#define MPIO_CHAP_ALL		0x1e0U	/* all four */

#define MPIO_CHAP_HASH_MAX	32
#define MPIO_CHAP_BINARY_MAX	1024	/* 12.1.3: C and R */
#define MPIO_CHAP_NAME_MAX	255
#define MPIO_CHAP_SECRET_MIN	12	/* bytes, 9.2.1: 96 bits */
#define MPIO_CHAP_SECRET_MAX	255
#define MPIO_CHAP_RANDOM	33	/* identifier and challenge */

struct mpio_iov {
	const void *base;
	u32 len;
};

struct mpio_hash_ops {
	/*
	 * Digest of the @n pieces by CHAP algorithm @alg into @out, which has
	 * room for MPIO_CHAP_HASH_MAX bytes. 0 or a negative errno.
	 */
	int (*hash)(void *priv, unsigned int alg, const struct mpio_iov *iov,
		    unsigned int n, u8 *out);
};

/* All pointers stay the caller's and must live as long as the machine. */
struct mpio_chap_config {
	const char *name;		/* CHAP_N we answer with */
	const u8 *secret;
	u32 secret_len;
	bool mutual;
	const char *name_in;		/* CHAP_N wanted of the target, or NULL */
	const u8 *secret_in;		/* mutual: what the target must know */
	u32 secret_in_len;
	u32 algs;			/* MPIO_CHAP_BIT()s to offer */
	const struct mpio_hash_ops *ops;
	void *hash_priv;
	u8 random[MPIO_CHAP_RANDOM];	/* fresh for each login */
};

/* Pairs of section 12 in one response; value == NULL if absent. */
struct mpio_chap_keys {
	struct mpio_pair a, i, c, n, r;
};

struct mpio_chap {
	const struct mpio_chap_config *cfg;
	unsigned int alg;		/* chosen by the target, 0 before */
	u32 challenge_len;
	u8 challenge[MPIO_CHAP_BINARY_MAX];	/* the target's */
	u8 response[MPIO_CHAP_HASH_MAX];	/* ours */
};

/* Digest length of an algorithm in bytes, 0 if unknown. */
u32 mpio_chap_hash_len(unsigned int alg);

/* 0, or -EINVAL with @why: lengths, equal secrets, no algorithm, names. */
int mpio_chap_check(const struct mpio_chap_config *cfg, const char **why);

void mpio_chap_init(struct mpio_chap *c, const struct mpio_chap_config *cfg);

/* Write CHAP_A, strongest first. */
void mpio_chap_offer(const struct mpio_chap *c, struct mpio_textbuf *b);

/* Sort @p into @k. 1 if it is a CHAP key, 0 if not, -EPROTO when doubled. */
int mpio_chap_key(struct mpio_chap_keys *k, const struct mpio_pair *p,
		  const char **why);

/*
 * A, I and C of the target are in: write CHAP_N and CHAP_R, and our own
 * CHAP_I and CHAP_C when authentication is mutual. 0, -EPROTO when the target
 * broke a rule, -EACCES when it tries to cheat, or the hash's errno.
 */
int mpio_chap_respond(struct mpio_chap *c, const struct mpio_chap_keys *k,
		      struct mpio_textbuf *b, const char **why);

/*
 * Mutual: N and R of the target are in. 0, -EPROTO, -EACCES when the target
 * did not prove itself, or the hash's errno.
 */
int mpio_chap_verify(struct mpio_chap *c, const struct mpio_chap_keys *k,
		     const char **why);

/* Forget everything derived from secrets. */
void mpio_chap_clear(struct mpio_chap *c);

/**
 * mpio_secret_parse - a secret as people write it
 * @s: text, @len bytes, without line end
 * @len: of @s
 * @out: at least MPIO_CHAP_SECRET_MAX bytes
 * @out_len: set to 12 ... 255
 * @why: sentence when refused
 *
 * "0x" and an even number of hex digits is taken as bytes, anything else
 * literally (any byte but NUL and line ends).
 *
 * Return: 0 or -EINVAL.
 */
int mpio_secret_parse(const char *s, u32 len, u8 *out, u32 *out_len,
		      const char **why);

/* Equality in a time that depends on @len alone. */
bool mpio_equal_ct(const u8 *a, const u8 *b, u32 len);

#endif /* MPIO_PROTO_CHAP_H */
