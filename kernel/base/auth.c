// SPDX-License-Identifier: GPL-2.0
/* CHAP hashes by the kernel's crypto API. */
#include "base/auth.h"

#include <crypto/hash.h>
#include <linux/fips.h>
#include <linux/slab.h>

struct mpio_auth_alg {
	unsigned int alg;
	const char *name;
	bool fips;		/* may be used by a kernel in FIPS mode */
};

static const struct mpio_auth_alg mpio_auth_table[] = {
	{ MPIO_CHAP_SHA3_256,	"sha3-256",	true },
	{ MPIO_CHAP_SHA256,	"sha256",	true },
	{ MPIO_CHAP_SHA1,	"sha1",		true },
	{ MPIO_CHAP_MD5,	"md5",		false },
};

struct mpio_hashes {
	struct crypto_shash *tfm[ARRAY_SIZE(mpio_auth_table)];
};

struct mpio_hashes *mpio_auth_alloc(void)
{
	struct mpio_hashes *auth = kzalloc(sizeof(*auth), GFP_KERNEL);
	unsigned int i;

	if (!auth)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(mpio_auth_table); i++) {
		struct crypto_shash *tfm;

		if (fips_enabled && !mpio_auth_table[i].fips)
			continue;
		tfm = crypto_alloc_shash(mpio_auth_table[i].name, 0, 0);
		if (!IS_ERR(tfm)) {
			auth->tfm[i] = tfm;
		} else if (PTR_ERR(tfm) == -ENOMEM) {
			/* There, or not: a session lives with the answer. */
			mpio_auth_free(auth);
			return NULL;
		}
	}
	return auth;
}

void mpio_auth_free(struct mpio_hashes *auth)
{
	unsigned int i;

	if (!auth)
		return;
	for (i = 0; i < ARRAY_SIZE(mpio_auth_table); i++)
		if (auth->tfm[i])
			crypto_free_shash(auth->tfm[i]);
	kfree(auth);
}

u32 mpio_auth_algs(const struct mpio_hashes *auth)
{
	unsigned int i;
	u32 algs = 0;

	for (i = 0; i < ARRAY_SIZE(mpio_auth_table); i++)
		if (auth->tfm[i])
			algs |= MPIO_CHAP_BIT(mpio_auth_table[i].alg);
	return algs;
}

static struct crypto_shash *mpio_auth_tfm(struct mpio_hashes *auth,
					  unsigned int alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mpio_auth_table); i++)
		if (mpio_auth_table[i].alg == alg)
			return auth->tfm[i];
	return NULL;
}

static int mpio_auth_hash(void *priv, unsigned int alg,
			  const struct mpio_iov *iov, unsigned int n, u8 *out)
{
	struct crypto_shash *tfm = mpio_auth_tfm(priv, alg);
	unsigned int i;
	int err;

	if (!tfm || crypto_shash_digestsize(tfm) > MPIO_CHAP_HASH_MAX)
		return -ENOENT;
	{
		SHASH_DESC_ON_STACK(desc, tfm);

		desc->tfm = tfm;
		err = crypto_shash_init(desc);
		for (i = 0; !err && i < n; i++)
			err = crypto_shash_update(desc, iov[i].base,
						  iov[i].len);
		if (!err)
			err = crypto_shash_final(desc, out);
		shash_desc_zero(desc);
	}
	return err;
}

const struct mpio_hash_ops mpio_auth_hash_ops = {
	.hash = mpio_auth_hash,
};
