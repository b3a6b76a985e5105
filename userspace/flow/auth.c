// SPDX-License-Identifier: GPL-2.0
/* From CHAP options to names and secrets. */
#include "flow/auth.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "proto/chap.h"
#include "store/secret.h"

const struct choice auth_choices[] = {
	{ "none", MPIO_AUTH_NONE },
	{ "oneway", MPIO_AUTH_CHAP },
	{ "mutual", MPIO_AUTH_CHAP_MUTUAL },
	{ "onewaychap", MPIO_AUTH_CHAP },
	{ "mutualchap", MPIO_AUTH_CHAP_MUTUAL },
	{}
};

static bool gives_more(const struct auth_options *o)
{
	return o->user || o->secret_file || o->user_in ||
	       o->secret_in_file || o->key || o->key_in;
}

bool auth_given(const struct auth_options *o)
{
	return o->auth != -1 || gives_more(o);
}

static uint32_t auth_type(const struct auth_options *o)
{
	if (o->auth != -1)
		return o->auth;
	if (o->user_in || o->secret_in_file || o->key_in)
		return MPIO_AUTH_CHAP_MUTUAL;
	return auth_given(o) ? MPIO_AUTH_CHAP : MPIO_AUTH_NONE;
}

static int check_names(const struct auth_options *o, struct auth *auth,
		       const char *initiator)
{
	if (!copy_text(auth->user, sizeof(auth->user),
		       o->user ? o->user : initiator) ||
	    !copy_text(auth->user_in, sizeof(auth->user_in),
		       o->user_in ? o->user_in : ""))
		return because(CODE_INVALID,
			       "a CHAP name has at most %d bytes",
			       MPIO_USER_MAX);
	return 0;
}

/* "kind:name"; whether there is such a key, only the kernel can tell. */
static int take_key(const char *description, const char *file, char *key)
{
	const char *colon = strchr(description, ':');

	if (file)
		return because(CODE_INVALID,
			       "give a secret file or a logon key, not both");
	if (!colon || colon == description || !colon[1])
		return because(CODE_INVALID,
			       "logon key \"%s\" is not named KIND:NAME",
			       description);
	if (!copy_text(key, MPIO_KEY_MAX + 1, description))
		return because(CODE_INVALID,
			       "the name of a logon key has at most %d bytes",
			       MPIO_KEY_MAX);
	return 0;
}

static int own_secret(const struct auth_options *o, struct auth *auth)
{
	if (o->key)
		return take_key(o->key, o->secret_file, auth->key);
	return secret_read(o->secret_file, "CHAP secret", auth->secrets.out,
			   &auth->secrets.out_len);
}

static int mutual_secret(const struct auth_options *o, struct auth *auth)
{
	struct secrets *s = &auth->secrets;
	int ret;

	if (o->key_in)
		return take_key(o->key_in, o->secret_in_file, auth->key_in);
	if (o->secret_in_file)
		ret = secret_read(o->secret_in_file, "CHAP secret of the target",
				  s->in, &s->in_len);
	else
		ret = secret_load(SECRET_INITIATOR, s->in, &s->in_len);
	auth->shared_in = !o->secret_in_file;
	if (!ret && !s->in_len)
		ret = because(CODE_INVALID,
			      "mutual CHAP needs the secret of the target: give --target-secret-file or run iscsictl chap set-secret");
	if (!ret && s->in_len == s->out_len &&
	    mpio_equal_ct(s->in, s->out, s->in_len))
		ret = because(CODE_INVALID,
			      "mutual CHAP needs two different secrets");
	return ret;
}

int auth_take(const struct auth_options *o, const char *initiator,
	      struct auth *auth)
{
	int ret;

	memset(auth, 0, sizeof(*auth));
	auth->type = auth_type(o);
	if (auth->type == MPIO_AUTH_NONE) {
		if (gives_more(o))
			return because(CODE_INVALID,
				       "--auth none goes with no other CHAP option");
		return 0;
	}
	if (auth->type == MPIO_AUTH_CHAP &&
	    (o->user_in || o->secret_in_file || o->key_in))
		return because(CODE_INVALID,
			       "--auth oneway does not authenticate the target");
	if (o->secret_file && o->secret_in_file &&
	    !strcmp(o->secret_file, "-") && !strcmp(o->secret_in_file, "-"))
		return because(CODE_INVALID,
			       "only one secret can come from standard input");
	ret = check_names(o, auth, initiator);
	if (!ret)
		ret = own_secret(o, auth);
	if (!ret && auth->type == MPIO_AUTH_CHAP_MUTUAL)
		ret = mutual_secret(o, auth);
	if (ret)
		model_secrets_wipe(&auth->secrets);
	return ret;
}

struct secrets auth_own_secrets(const struct auth *auth)
{
	struct secrets own = auth->secrets;

	if (auth->shared_in) {
		explicit_bzero(own.in, sizeof(own.in));
		own.in_len = 0;
	}
	return own;
}
