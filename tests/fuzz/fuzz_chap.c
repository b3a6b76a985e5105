// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP against a target that does not know the secret: it must never get in.
 * The hash is a toy that no input can guess by chance.
 */
#include "fuzz.h"
#include "../../kernel/proto/chap.h"

static int toy_hash(void *priv, unsigned int alg, const struct mpio_iov *iov,
		    unsigned int n, u8 *out)
{
	u32 len = mpio_chap_hash_len(alg), i, j, h = 0x811c9dc5 + alg;

	(void)priv;
	must(len);
	for (i = 0; i < n; i++)
		for (j = 0; j < iov[i].len; j++)
			h = (h ^ ((const u8 *)iov[i].base)[j]) * 0x01000193;
	for (i = 0; i < len; i++) {
		h = h * 1664525 + 1013904223;
		out[i] = (u8)(h >> 24);
	}
	return 0;
}

static const struct mpio_hash_ops ops = { .hash = toy_hash };

static void read_keys(struct mpio_chap_keys *k, struct mpio_text *t, int max)
{
	const char *why = NULL;
	struct mpio_pair p;

	memset(k, 0, sizeof(*k));
	while (max-- && mpio_text_next(t, &p, &why) == 1)
		if (mpio_chap_key(k, &p, &why) < 0)
			must_say(why);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 secret[] = "abcdefghijkl", secret_in[] = "ABCDEFGHIJKLM";
	struct mpio_chap_config cfg = {
		.name = "n", .secret = secret, .secret_len = 12,
		.mutual = true, .secret_in = secret_in, .secret_in_len = 13,
		.algs = MPIO_CHAP_ALL, .ops = &ops, .random = { 1, 2, 3 },
	};
	static struct mpio_chap c;
	struct feed f = { data, size };
	struct mpio_chap_keys k;
	struct mpio_textbuf b;
	const char *why = NULL;
	struct mpio_text t;
	char out[512];
	u8 bytes[MPIO_CHAP_SECRET_MAX];
	u32 len, n = 0;
	u8 *copy;

	copy = feed_copy(&f, size, &len);
	if (!mpio_secret_parse((char *)copy, len, bytes, &n, &why))
		must(n >= MPIO_CHAP_SECRET_MIN && n <= MPIO_CHAP_SECRET_MAX);
	else
		must_say(why);
	must(!mpio_chap_check(&cfg, &why));
	mpio_chap_init(&c, &cfg);
	mpio_text_init(&t, copy, len);
	mpio_textbuf_init(&b, out, sizeof(out));
	read_keys(&k, &t, 3);
	if (!mpio_chap_respond(&c, &k, &b, &why)) {
		must(!b.overflow && c.challenge_len <= MPIO_CHAP_BINARY_MAX);
		read_keys(&k, &t, 3);
		must(mpio_chap_verify(&c, &k, &why));
	}
	must_say(why);
	free(copy);
	return 0;
}
