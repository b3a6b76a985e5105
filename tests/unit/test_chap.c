// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP. Failing means: a target is believed that does not know the secret, or
 * one that does is refused. Digests in the table were computed with another
 * implementation (Python's hashlib).
 */
#include <stdlib.h>

#include "unit.h"
#include "../../kernel/proto/chap.h"

#define C16 "0x000102030405060708090a0b0c0d0e0f"

static const u8 secret[] = "initiatorsecret";
static const u8 secret_in[] = "targetsecret1234";

/* Identifier 7 and challenge C16 for ours; 1 and 2, 3, 4 ... for the target. */
static const struct {
	const char *desc;
	unsigned int alg;
	const char *respond, *proof, *big;
} vectors[] = {
	{ "MD5", 5, "CHAP_N=me|CHAP_R=0x224e9f329c60f9422160c9474a775acc|"
	  "CHAP_I=1|CHAP_C=0x02030405060708090a0b0c0d0e0f1011|",
	  "0xeb5860d181fec090ca467add1f3169aa",
	  "11e5057de7d40eb381e6bfc677cc9a0f" },
	{ "SHA1", 6,
	  "CHAP_N=me|CHAP_R=0x2ec5c85665e040e4d093b66e85cccc74cccfcbc4|"
	  "CHAP_I=1|CHAP_C=0x02030405060708090a0b0c0d0e0f101112131415|",
	  "0x8d211db5cb07c3da249f6ef4ff1fd82e818690b7",
	  "30ecc240c0e3d3287e0bf7fe340fae43083891b0" },
	{ "SHA-256", 7,
	  "CHAP_N=me|CHAP_R=0x063e50bf6b5b1c4c0c547d854a065d32"
	  "cb84f4042fe8ea609e7be6aed8e5caaa|CHAP_I=1|CHAP_C=0x0203040506070"
	  "8090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021|",
	  "0b4Ocn0ejZn6m0lRhH7XyYdS2KhDfFHJO1qMlHck6+Oeg=",
	  "50b7ae426e3bde7db4ae6c749fe51697"
	  "c49c5c04c70d85967c59bbf15150dc70" },
	{ "SHA3-256", 8,
	  "CHAP_N=me|CHAP_R=0xa8a145a5aec25eb8f440251984494eb6"
	  "ffe4a244c772d6e815c4c04c8cfa1554|CHAP_I=1|CHAP_C=0x0203040506070"
	  "8090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021|",
	  "0x108d6cd3fe8579eb1d77b85f50c38e42"
	  "1f26c2c29d1dc06b1156b17aae7f9be8",
	  "7f6878a7301f0c76e7e3b27de0b976ab"
	  "62f7571fe49f06326b455cb12122d2e2" },
};

static struct mpio_chap_config config(bool mutual)
{
	struct mpio_chap_config cfg = {
		.name = "me", .secret = secret, .mutual = mutual,
		.secret_len = sizeof(secret) - 1, .name_in = "you",
		.secret_in = secret_in, .algs = MPIO_CHAP_ALL,
		.secret_in_len = sizeof(secret_in) - 1,
		.ops = &unit_hash_ops,
	};
	unsigned int i;

	for (i = 0; i < sizeof(cfg.random); i++)
		cfg.random[i] = i + 1;
	return cfg;
}

/* Keys from "A=5|I=7|C=..."; "" leaves all absent. */
static void keys(struct mpio_chap_keys *k, char *text)
{
	const char *why;
	struct mpio_pair p;
	char *s;

	memset(k, 0, sizeof(*k));
	while ((s = strsep(&text, "|"))) {
		static char key[5][8];
		static int n;
		char *name = key[n++ % 5];

		if (!*s)
			continue;
		sprintf(name, "CHAP_%c", s[0]);
		p = (struct mpio_pair){ name, s + 2, 6, strlen(s + 2) };
		mpio_chap_key(k, &p, &why);
	}
}

static void bars(char *buf, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (!buf[i])
			buf[i] = '|';
	buf[len] = '\0';
}

static void test_vectors(void)
{
	struct mpio_chap_config cfg = config(true);
	static struct mpio_chap c;
	char out[512], text[4096], *p;
	struct mpio_chap_keys k;
	struct mpio_textbuf b;
	const char *why = NULL;
	unsigned int i, j;
	int err;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		mpio_chap_init(&c, &cfg);
		sprintf(text, "A=%u|I=7|C=" C16, vectors[i].alg);
		keys(&k, text);
		mpio_textbuf_init(&b, out, sizeof(out) - 1);
		err = mpio_chap_respond(&c, &k, &b, &why);
		bars(out, b.len);
		check(!err && !strcmp(out, vectors[i].respond),
		      vectors[i].desc);
		sprintf(text, "N=you|R=%s", vectors[i].proof);
		keys(&k, text);
		check(!mpio_chap_verify(&c, &k, &why), "... both ways");
		text[strlen(text) - 2] ^= 1;
		keys(&k, text);
		mpio_chap_clear(&c);

		/* 12.1.3: challenges of 1024 bytes must work */
		cfg.mutual = false;
		mpio_chap_init(&c, &cfg);
		p = text + sprintf(text, "A=0x%x|I=0xff|C=0x",
				   vectors[i].alg);
		for (j = 0; j < 1024; j++)
			p += sprintf(p, "%02x", (j * 7 + 3) & 255);
		keys(&k, text);
		mpio_textbuf_init(&b, out, sizeof(out) - 1);
		err = mpio_chap_respond(&c, &k, &b, &why);
		bars(out, b.len);
		check(!err && strstr(out, vectors[i].big) &&
		      !strstr(out, "CHAP_C"), "... challenge of 1024 bytes");
		cfg.mutual = true;
	}
}

static const struct {
	const char *desc, *text;
	int ret;
	const char *why;
} challenges[] = {
	{ "hex algorithm and identifier", "A=0x5|I=0xff|C=" C16, 0, NULL },
	{ "base64 challenge", "A=5|I=0|C=0bAAECAwQ=", 0, NULL },
	{ "odd hex challenge", "A=5|I=0|C=0x123", 0, NULL },
	{ "no CHAP_A", "I=7|C=" C16, -EPROTO, "did not send" },
	{ "no CHAP_I", "A=5|C=" C16, -EPROTO, "did not send" },
	{ "no CHAP_C", "A=5|I=7", -EPROTO, "did not send" },
	{ "nothing", "", -EPROTO, "did not send" },
	{ "response before its turn", "A=5|I=7|C=" C16 "|R=0x00", -EPROTO,
	  "did not send" },
	{ "name before its turn", "A=5|I=7|C=" C16 "|N=x", -EPROTO,
	  "did not send" },
	{ "algorithm not offered", "A=6|I=7|C=" C16, -EPROTO, "not offered" },
	{ "algorithm unknown", "A=9|I=7|C=" C16, -EPROTO, "not offered" },
	{ "algorithm beyond a bit mask", "A=37|I=7|C=" C16, -EPROTO,
	  "not offered" },
	{ "a list of algorithms", "A=5,7|I=7|C=" C16, -EPROTO,
	  "not offered" },
	{ "identifier 256", "A=5|I=256|C=" C16, -EPROTO, "CHAP_I" },
	{ "identifier no number", "A=5|I=x|C=" C16, -EPROTO, "CHAP_I" },
	{ "challenge empty", "A=5|I=7|C=0x", -EPROTO, "malformed CHAP_C" },
	{ "challenge no binary", "A=5|I=7|C=abcd", -EPROTO,
	  "malformed CHAP_C" },
	{ "challenge bare pads", "A=5|I=7|C=0b====", -EPROTO,
	  "malformed CHAP_C" },
	{ "our challenge reflected",
	  "A=5|I=7|C=0x02030405060708090a0b0c0d0e0f1011", -EACCES,
	  "reflects our CHAP challenge" },
};

static const struct {
	const char *desc, *text;
	int ret;
	const char *why;
} proofs[] = {
	{ "good", "N=you|R=0xeb5860d181fec090ca467add1f3169aa", 0, NULL },
	{ "good in base64", "N=you|R=0b61hg0YH+wJDKRnrdHzFpqg==", 0, NULL },
	{ "skipped", "", -EACCES, "skipped" },
	{ "name only", "N=you", -EACCES, "skipped" },
	{ "response only", "R=0x00", -EACCES, "skipped" },
	{ "wrong", "N=you|R=0xeb5860d181fec090ca467add1f3169ab", -EACCES,
	  "does not know" },
	{ "short", "N=you|R=0xeb5860d181fec090ca467add1f3169", -EACCES,
	  "malformed CHAP_R" },
	{ "long", "N=you|R=0xeb5860d181fec090ca467add1f3169aa00", -EACCES,
	  "malformed CHAP_R" },
	{ "no binary", "N=you|R=eb58", -EACCES, "malformed CHAP_R" },
	{ "our response reflected",
	  "N=you|R=0x224e9f329c60f9422160c9474a775acc", -EACCES,
	  "reflects our CHAP response" },
	{ "another name", "N=yours|R=0xeb5860d181fec090ca467add1f3169aa",
	  -EACCES, "another CHAP name" },
	{ "a second challenge",
	  "N=you|R=0xeb5860d181fec090ca467add1f3169aa|C=0x00", -EPROTO,
	  "second CHAP challenge" },
};

static void test_refusals(void)
{
	struct mpio_chap_config cfg = config(true);
	static struct mpio_chap c;
	struct mpio_chap_keys k;
	struct mpio_textbuf b;
	char out[512], text[4096];
	const char *why;
	unsigned int i;
	int ret;

	cfg.algs = MPIO_CHAP_BIT(MPIO_CHAP_MD5);
	for (i = 0; i < ARRAY_SIZE(challenges); i++) {
		why = NULL;
		mpio_chap_init(&c, &cfg);
		strcpy(text, challenges[i].text);
		keys(&k, text);
		mpio_textbuf_init(&b, out, sizeof(out));
		ret = mpio_chap_respond(&c, &k, &b, &why);
		check(ret == challenges[i].ret && (challenges[i].why ?
		      unit_says(why, challenges[i].why) : !why),
		      challenges[i].desc);
	}
	for (i = 0; i < ARRAY_SIZE(proofs); i++) {
		why = NULL;
		mpio_chap_init(&c, &cfg);
		strcpy(text, "A=5|I=7|C=" C16);
		keys(&k, text);
		mpio_textbuf_init(&b, out, sizeof(out));
		mpio_chap_respond(&c, &k, &b, &why);
		strcpy(text, proofs[i].text);
		keys(&k, text);
		ret = mpio_chap_verify(&c, &k, &why);
		check(ret == proofs[i].ret && (proofs[i].why ?
		      unit_says(why, proofs[i].why) : !why), proofs[i].desc);
	}
	memset(text, 'a', sizeof(text));
	memcpy(text, "A=5|I=7|C=0x", 12);
	text[12 + 2 * 1025] = '\0';
	keys(&k, text);
	mpio_chap_init(&c, &cfg);
	check(mpio_chap_respond(&c, &k, &b, &why) == -EPROTO &&
	      unit_says(why, "over 1024"), "challenge of 1025 bytes");
}

static void test_hash_failures(void)
{
	struct mpio_chap_config cfg = config(true);
	static struct mpio_chap c;
	struct mpio_chap_keys k;
	struct mpio_textbuf b;
	char out[512], text[128];
	const char *why = NULL;
	int countdown = 0;

	cfg.hash_priv = &countdown;
	mpio_chap_init(&c, &cfg);
	mpio_textbuf_init(&b, out, sizeof(out));
	keys(&k, strcpy(text, "A=5|I=7|C=" C16));
	check(mpio_chap_respond(&c, &k, &b, &why) == -ENOMEM &&
	      unit_says(why, "hash"), "hash fails for the response");
	countdown = 1;
	mpio_chap_respond(&c, &k, &b, &why);
	keys(&k, strcpy(text,
			"N=you|R=0xeb5860d181fec090ca467add1f3169aa"));
	check(mpio_chap_verify(&c, &k, &why) == -ENOMEM &&
	      unit_says(why, "hash"), "hash fails for the proof");
}

static void test_configs(void)
{
	static const u8 long_secret[256] = { 1 };
	char long_name[257];
	struct mpio_chap_config good = config(true), cfg;
	const char *why = NULL;

	memset(long_name, 'n', 256);
	long_name[256] = '\0';
	check(!mpio_chap_check(&good, &why) && !why, "good settings");
#define BAD(field, value, says, desc) do {				\
		cfg = good;						\
		cfg.field = value;					\
		check(mpio_chap_check(&cfg, &why) == -EINVAL &&		\
		      unit_says(why, says), desc);			\
	} while (0)
	BAD(name, NULL, "user name", "no user name");
	BAD(name, "", "user name", "empty user name");
	BAD(name, long_name, "user name", "long user name");
	BAD(secret, NULL, "12 bytes", "no secret");
	BAD(secret_len, 11, "12 bytes", "short secret");
	BAD(algs, MPIO_CHAP_BIT(4), "algorithm", "no algorithm");
	BAD(ops, NULL, "algorithm", "no hash");
	BAD(secret_in_len, 11, "12 bytes", "short secret of the target");
	cfg = good;
	cfg.secret = long_secret;
	cfg.secret_len = 256;
	check(mpio_chap_check(&cfg, &why) == -EINVAL &&
	      unit_says(why, "255"), "long secret");
	cfg = good;
	cfg.secret_in = cfg.secret;
	cfg.secret_in_len = cfg.secret_len;
	check(mpio_chap_check(&cfg, &why) == -EINVAL &&
	      unit_says(why, "differ"), "equal secrets");
	cfg.mutual = false;
	check(!mpio_chap_check(&cfg, &why), "one-way has one secret");
}

static const struct {
	const char *desc, *text;
	u32 len;
	const char *why;
} secrets[] = {
	{ "ASCII", "abcdefghijkl", 12, NULL },
	{ "not ASCII", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
	  12, NULL },
	{ "blanks belong to it", " abcdefghij ", 12, NULL },
	{ "hex", "0x000102030405060708090a0b", 12, NULL },
	{ "too short", "abcdefghijk", 0, "at least 12" },
	{ "empty", "", 0, "at least 12" },
	{ "hex too short", "0x0001020304050607080910", 0, "at least 12" },
	{ "0x alone", "0x", 0, "at least 12" },
	{ "odd hex", "0x000102030405060708090a0", 0, "even number" },
	{ "bad hex", "0xsecretsecretsecret", 0, "must be hex digits" },
	{ "two lines", "abcdefghijkl\nm", 0, "one line" },
	{ "carriage return", "abcdefghijkl\r", 0, "one line" },
};

static void test_secrets(void)
{
	char text[600];
	const char *why = NULL;
	u8 out[MPIO_CHAP_SECRET_MAX];
	unsigned int i;
	u32 len;
	int ret;

	for (i = 0; i < ARRAY_SIZE(secrets); i++) {
		size_t n = strlen(secrets[i].text);
		char *s = unit_exact(secrets[i].text, n);

		len = 0;
		ret = mpio_secret_parse(s, n, out, &len, &why);
		check(len == secrets[i].len && (secrets[i].why ?
		      ret == -EINVAL && unit_says(why, secrets[i].why) :
		      !ret), secrets[i].desc);
		free(s);
	}
	memset(text, 'a', sizeof(text));
	check(!mpio_secret_parse(text, 255, out, &len, &why) && len == 255,
	      "255 bytes");
	check(mpio_secret_parse(text, 256, out, &len, &why) == -EINVAL &&
	      unit_says(why, "255"), "256 bytes");
	memcpy(text, "0x", 2);
	check(!mpio_secret_parse(text, 512, out, &len, &why) && len == 255 &&
	      mpio_secret_parse(text, 514, out, &len, &why) == -EINVAL &&
	      unit_says(why, "255"), "255 and 256 bytes in hex");
	check(mpio_secret_parse("abcdefghijkl\0m", 14, out, &len, &why) ==
	      -EINVAL, "NUL inside");
}

static void test_keys_and_names(void)
{
	struct mpio_chap_config cfg = config(false);
	struct mpio_chap_keys k = { { 0 } };
	struct mpio_pair p = { "CHAP_A", "5", 6, 1 };
	static struct mpio_chap c;
	struct mpio_textbuf b;
	const char *why = NULL;
	char out[64];

	check(mpio_chap_key(&k, &p, &why) == 1 &&
	      mpio_chap_key(&k, &p, &why) == -EPROTO &&
	      unit_says(why, "twice"), "a key twice");
	p.key = "CHAP_X";
	check(!mpio_chap_key(&k, &p, &why), "no key of CHAP");
	p.key_len = 5;
	check(!mpio_chap_key(&k, &p, &why), "too short for a key of CHAP");
	mpio_chap_init(&c, &cfg);
	mpio_textbuf_init(&b, out, sizeof(out));
	mpio_chap_offer(&c, &b);
	check(!strcmp(out, "CHAP_A=8,7,6,5"), "strongest first");
	cfg.algs = MPIO_CHAP_BIT(5) | MPIO_CHAP_BIT(7) | 1;
	mpio_textbuf_init(&b, out, sizeof(out));
	mpio_chap_offer(&c, &b);
	check(!strcmp(out, "CHAP_A=7,5"), "only what can be computed");
	check(mpio_chap_hash_len(8) == 32 && !mpio_chap_hash_len(9),
	      "lengths of algorithms");
	check(mpio_equal_ct((u8 *)"abc", (u8 *)"abd", 2) &&
	      !mpio_equal_ct((u8 *)"abc", (u8 *)"abd", 3), "comparison");
}

void test_chap(void)
{
	test_vectors();
	test_refusals();
	test_hash_failures();
	test_configs();
	test_secrets();
	test_keys_and_names();
}
