// SPDX-License-Identifier: GPL-2.0
/*
 * Runs all suites, or those named on the command line.
 */
#include <stdlib.h>

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/sha3.h>

#include "unit.h"
#include "../../kernel/proto/chap.h"

static const char *suite;
static unsigned int passed, failed;

void unit_report(bool ok, const char *file, int line, const char *desc)
{
	if (ok) {
		passed++;
		printf("ok - %s: %s\n", suite, desc);
	} else {
		failed++;
		printf("not ok - %s: %s (%s:%d)\n", suite, desc, file, line);
	}
}

bool unit_says(const char *why, const char *part)
{
	size_t len = why ? strlen(why) : 0;

	return len && why[len - 1] != '.' && strstr(why, part);
}

void *unit_exact(const void *data, size_t len)
{
	void *p = calloc(1, len ? len : 1);

	if (!p)
		abort();
	if (data && len)
		memcpy(p, data, len);
	return p;
}

#define HASH(name, ctx_type)						\
static void hash_##name(const struct mpio_iov *iov, unsigned int n,	\
			u8 *out, size_t len)				\
{									\
	struct ctx_type ctx;						\
	unsigned int i;							\
									\
	name##_init(&ctx);						\
	for (i = 0; i < n; i++)						\
		name##_update(&ctx, iov[i].len, iov[i].base);		\
	name##_digest(&ctx, len, out);					\
}

HASH(md5, md5_ctx)
HASH(sha1, sha1_ctx)
HASH(sha256, sha256_ctx)
HASH(sha3_256, sha3_256_ctx)

static int unit_hash(void *priv, unsigned int alg, const struct mpio_iov *iov,
		     unsigned int n, u8 *out)
{
	int *countdown = priv;

	if (countdown && !(*countdown)--)
		return -ENOMEM;
	switch (alg) {
	case MPIO_CHAP_MD5:
		hash_md5(iov, n, out, 16);
		return 0;
	case MPIO_CHAP_SHA1:
		hash_sha1(iov, n, out, 20);
		return 0;
	case MPIO_CHAP_SHA256:
		hash_sha256(iov, n, out, 32);
		return 0;
	case MPIO_CHAP_SHA3_256:
		hash_sha3_256(iov, n, out, 32);
		return 0;
	}
	return -ENOENT;
}

const struct mpio_hash_ops unit_hash_ops = { .hash = unit_hash };

static const struct {
	const char *name;
	void (*run)(void);
} suites[] = {
	UNIT_PROTO_SUITES,
	{ "sendtargets", test_sendtargets },
	{ "disposition", test_disposition },
	{ "firmware", test_firmware },
	{ "histogram", test_histogram },
	{ "bootline", test_bootline },
	{ "dhcp", test_dhcp },
	{ "message", test_message },
};

static bool chosen(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		suite = suites[i].name;
		if (chosen(suite, argc, argv))
			suites[i].run();
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
