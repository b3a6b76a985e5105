// SPDX-License-Identifier: GPL-2.0
/*
 * A whole login against a target made of fuzzed PDUs. It must end within its
 * bound of exchanges, never run over a buffer, say why it failed, and never
 * reach full feature phase under mutual CHAP with a target that does not know
 * the secret. Fields that would only end the login at once are mostly right.
 */
#include "fuzz.h"
#include "../../kernel/proto/login.h"

static int toy_hash(void *priv, unsigned int alg, const struct mpio_iov *iov,
		    unsigned int n, u8 *out)
{
	(void)priv;
	must(n == 3);
	memset(out, 0x5a ^ ((const u8 *)iov[1].base)[0],
	       mpio_chap_hash_len(alg));
	out[0] ^= ((const u8 *)iov[2].base)[0];
	return 0;
}

static const struct mpio_hash_ops ops = { .hash = toy_hash };
static struct mpio_login l;

static void config(struct mpio_login_config *cfg, u8 how)
{
	static const u8 ours[] = "abcdefghijkl", target[] = "ABCDEFGHIJKLM";

	memset(cfg, 0, sizeof(*cfg));
	cfg->initiator_name = "iqn.2001-04.org.example:i";
	cfg->target_name = how & 1 ? "iqn.2001-04.org.example:t" : NULL;
	cfg->itt = 1;
	cfg->cmdsn = 5;
	cfg->tpgt = how & 2 ? 1 : -1;
	cfg->auth = (how >> 2) & 3;
	if (cfg->auth > MPIO_LOGIN_AUTH_MUTUAL)
		cfg->auth = MPIO_LOGIN_AUTH_NONE;
	cfg->avoid = how & 16 ? 0 : MPIO_NO_SECURITY;
	mpio_offers_default(&cfg->offers);
	cfg->offers.header_digest = (how >> 5) & 3;
	cfg->chap = (struct mpio_chap_config){
		.name = "n", .secret = ours, .secret_len = 12,
		.mutual = cfg->auth == MPIO_LOGIN_AUTH_MUTUAL,
		.secret_in = target, .secret_in_len = 13,
		.algs = MPIO_CHAP_ALL, .ops = &ops, .random = { 9, 8, 7 },
	};
}

static void request(bool *transit)
{
	struct pdu_login_req req;
	u8 *data = malloc(1024);
	u32 len = ~0U;

	must(data && !mpio_login_build(&l, &req, data, 1024, &len));
	must(len <= 1024 && mpio_get24(req.dlength) == len);
	must(req.opcode == (PDU_OP_LOGIN_REQ | PDU_IMMEDIATE));
	must((req.flags & 0xc0) != 0xc0);
	*transit = req.flags & PDU_LOGIN_TRANSIT;
	free(data);
}

static enum mpio_login_step answer(struct feed *f, bool transit)
{
	const u8 flags = feed_byte(f), odd = feed_byte(f);
	struct pdu_login_rsp rsp = {
		.opcode = odd == 0xff ? feed_byte(f) : PDU_OP_LOGIN_RSP,
		.itt = cpu_to_be32(odd == 0xfe ? 2 : 1),
		.tsih = cpu_to_be16(odd == 0xfd ? 0 : 7),
		.version_active = odd == 0xfc,
		.exp_cmdsn = cpu_to_be32(5 + (odd == 0xfb)),
		.max_cmdsn = cpu_to_be32(5 + odd),
		.status_class = odd == 0xfa ? feed_byte(f) : 0,
		.status_detail = odd == 0xfa ? feed_byte(f) : 0,
	};
	enum mpio_login_step step;
	u32 len;
	u8 *data = feed_copy(f, feed_byte(f) | (feed_byte(f) & 31) << 8, &len);

	rsp.flags = (u8)(l.stage << 2);
	if (flags & 1)
		rsp.flags |= PDU_LOGIN_CONTINUE;
	else if ((flags & 2) && transit)
		rsp.flags |= PDU_LOGIN_TRANSIT | l.next;
	else if (flags & 4)
		rsp.flags = flags;
	mpio_put24(rsp.dlength, len);
	step = mpio_login_parse(&l, &rsp, data, len);
	free(data);
	return step;
}

static void check_end(const struct mpio_login_config *cfg,
		      enum mpio_login_step step)
{
	switch (step) {
	case MPIO_LOGIN_FAILED:
		must(l.fail && strlen(l.why) <= MPIO_LOGIN_WHY_MAX);
		must_say(l.why);
		break;
	case MPIO_LOGIN_REDIRECT:
		must(l.redirect.host[0] && l.redirect.port);
		break;
	default:
		must(step == MPIO_LOGIN_DONE);
		must(l.tsih || l.quirks.odd & 1U << MPIO_ODD_TSIH);
		must(cfg->auth != MPIO_LOGIN_AUTH_MUTUAL || l.authenticated);
		must(cfg->auth == MPIO_LOGIN_AUTH_NONE || l.chap_alg);
		must(l.params.max_xmit_dsl >= 512 &&
		     l.params.first_burst <= l.params.max_burst);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	enum mpio_login_step step = MPIO_LOGIN_SEND;
	struct feed f = { data, size };
	struct mpio_login_config cfg;
	const char *why = NULL;
	bool transit;
	int n;

	config(&cfg, feed_byte(&f));
	must(!mpio_login_init(&l, &cfg, &why));
	for (n = 0; step == MPIO_LOGIN_SEND; n++) {
		must(n <= MPIO_LOGIN_EXCHANGES);
		request(&transit);
		step = answer(&f, transit);
	}
	check_end(&cfg, step);
	mpio_login_clear(&l);
	return 0;
}
