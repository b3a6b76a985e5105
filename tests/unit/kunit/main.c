// SPDX-License-Identifier: GPL-2.0
/*
 * The suites of kernel/proto in a kernel: as KUnit, where that is configured,
 * else when the module is loaded, which fails if one of them does. The results
 * are in the kernel's log, in TAP.
 *
 * If this fails, code that is right on the host is not in the kernel: another
 * compiler, string function, byte order or crypto API.
 */
#include <linux/module.h>

#include <crypto/hash.h>

#include "../unit.h"
#include "../../../kernel/proto/chap.h"

static const struct {
	const char *name;
	void (*run)(void);
} suites[] = {
	UNIT_PROTO_SUITES,
};

static const char *suite;
static unsigned int passed, failed;

bool unit_says(const char *why, const char *part)
{
	size_t len = why ? strlen(why) : 0;

	return len && why[len - 1] != '.' && strstr(why, part);
}

void *unit_exact(const void *data, size_t len)
{
	void *p = kzalloc(len ?: 1, GFP_KERNEL | __GFP_NOFAIL);

	if (data && len)
		memcpy(p, data, len);
	return p;
}

static int unit_hash(void *priv, unsigned int alg, const struct mpio_iov *iov,
		     unsigned int n, u8 *out)
{
	static const char *const names[] = {
		[MPIO_CHAP_MD5] = "md5", [MPIO_CHAP_SHA1] = "sha1",
		[MPIO_CHAP_SHA256] = "sha256", [MPIO_CHAP_SHA3_256] = "sha3-256",
	};
	struct crypto_shash *tfm;
	int *countdown = priv;
	unsigned int i;
	int err;

	if (countdown && !(*countdown)--)
		return -ENOMEM;
	if (alg >= ARRAY_SIZE(names) || !names[alg])
		return -ENOENT;
	tfm = crypto_alloc_shash(names[alg], 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	{
		SHASH_DESC_ON_STACK(desc, tfm);

		desc->tfm = tfm;
		err = crypto_shash_init(desc);
		for (i = 0; i < n && !err; i++)
			err = crypto_shash_update(desc, iov[i].base, iov[i].len);
		err = err ?: crypto_shash_final(desc, out);
	}
	crypto_free_shash(tfm);
	return err;
}

const struct mpio_hash_ops unit_hash_ops = { .hash = unit_hash };

#if IS_ENABLED(CONFIG_KUNIT)
#include <kunit/test.h>

static struct kunit *current_case;

void unit_report(bool ok, const char *file, int line, const char *desc)
{
	*(ok ? &passed : &failed) += 1;
	KUNIT_EXPECT_TRUE_MSG(current_case, ok, "%s: %s (%s:%d)", suite, desc,
			      file, line);
}

static void unit_case(struct kunit *test)
{
	unsigned int i = *(const unsigned int *)test->param_value;

	current_case = test;
	suite = suites[i].name;
	passed = 0;
	failed = 0;
	suites[i].run();
	kunit_info(test, "%s: %u passed, %u failed", suite, passed, failed);
}

static const void *unit_next(struct kunit *test, const void *prev, char *desc)
{
	static unsigned int number[ARRAY_SIZE(suites)];
	unsigned int *next = prev ? (unsigned int *)prev + 1 : number;

	if (next == number + ARRAY_SIZE(number))
		return NULL;
	*next = next - number;
	strscpy(desc, suites[*next].name, KUNIT_PARAM_DESC_SIZE);
	return next;
}

static struct kunit_case unit_cases[] = {
	KUNIT_CASE_PARAM(unit_case, unit_next),
	{}
};

static struct kunit_suite unit_suite = {
	.name = "iscsi_mpio_proto",
	.test_cases = unit_cases,
};

kunit_test_suites(&unit_suite);
#else
void unit_report(bool ok, const char *file, int line, const char *desc)
{
	*(ok ? &passed : &failed) += 1;
	if (!ok)
		pr_info("not ok - %s: %s (%s:%d)\n", suite, desc, file, line);
}

static int __init unit_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		suite = suites[i].name;
		suites[i].run();
		pr_info("# %s: %u passed, %u failed so far\n", suite, passed,
			failed);
	}
	return failed ? -EINVAL : 0;
}

static void __exit unit_exit(void)
{
}

module_init(unit_init);
module_exit(unit_exit);
#endif

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of iscsi_mpio's protocol code");
