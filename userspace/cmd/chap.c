// SPDX-License-Identifier: GPL-2.0
/* chap set-secret: what targets must prove in mutual CHAP */
#include <string.h>

#include "base/file.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "store/secret.h"

struct chap_options {
	const char *file;
};

static const struct option chap_options[] = {
	{ "file", OPT_STRING, offsetof(struct chap_options, file), "FILE|-",
	  "file with the secret, - for standard input" },
	{ "secret", OPT_REFUSED, 0, "",
	  "secrets are not taken from the command line: use --file" },
	{}
};

static int chap_set_secret(const struct strlist *operands,
			   const void *options)
{
	const struct chap_options *o = options;
	uint8_t secret[MPIO_SECRET_MAX];
	uint32_t len;
	int ret;

	(void)operands;
	ret = secret_read(o->file, "Initiator CHAP secret", secret, &len);
	if (!ret)
		ret = file_lock_store();
	if (!ret) {
		ret = secret_store(SECRET_INITIATOR, secret, len);
		file_unlock_store();
	}
	explicit_bzero(secret, sizeof(secret));
	return ret ? failed(ret, "cannot set the secret") : 0;
}

const struct command chap_commands[] = {
	{ "chap", "set-secret", "", 0, 0, chap_options,
	  sizeof(struct chap_options), chap_set_secret,
	  "store the secret targets must prove in mutual CHAP" },
	{}
};
