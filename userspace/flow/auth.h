/* SPDX-License-Identifier: GPL-2.0 */
/* CHAP options shared by discover, connect and register. */
#ifndef _ISCSICTL_AUTH_H
#define _ISCSICTL_AUTH_H

#include "base/args.h"
#include "module/model.h"

struct auth_options {
	int auth;
	const char *user;
	const char *secret_file;
	const char *user_in;
	const char *secret_in_file;
	const char *key;		/* logon keys, see KEY_OPTIONS */
	const char *key_in;
};

extern const struct choice auth_choices[];

#define AUTH_OPTIONS(type, member) \
	{ "auth", OPT_CHOICE, offsetof(struct type, member.auth), \
	  "none|oneway|mutual", "CHAP in one or both directions", \
	  auth_choices }, \
	{ "chap-username", OPT_STRING, offsetof(struct type, member.user), \
	  "NAME", "our CHAP name (default: the initiator name)" }, \
	{ "chap-secret-file", OPT_STRING, \
	  offsetof(struct type, member.secret_file), "FILE|-", \
	  "file with our CHAP secret, - for standard input" }, \
	{ "target-username", OPT_STRING, \
	  offsetof(struct type, member.user_in), "NAME", \
	  "CHAP name the target must answer with" }, \
	{ "target-secret-file", OPT_STRING, \
	  offsetof(struct type, member.secret_in_file), "FILE|-", \
	  "secret the target must prove (default: chap set-secret)" }, \
	{ "chap-secret", OPT_REFUSED, 0, "", \
	  "secrets are not taken from the command line: use --chap-secret-file" }

/* For what the kernel logs in with: it alone can read a logon key. */
#define KEY_OPTIONS(type, member) \
	{ "chap-key", OPT_STRING, offsetof(struct type, member.key), \
	  "KIND:NAME", "logon key that holds our CHAP secret" }, \
	{ "target-key", OPT_STRING, offsetof(struct type, member.key_in), \
	  "KIND:NAME", "logon key with the secret the target must prove" }

/* What the options come to; the caller wipes @secrets. */
struct auth {
	uint32_t type;			/* enum mpio_auth */
	char user[MPIO_USER_MAX + 1];
	char user_in[MPIO_USER_MAX + 1];
	char key[MPIO_KEY_MAX + 1];	/* instead of secrets.out, or "" */
	char key_in[MPIO_KEY_MAX + 1];
	struct secrets secrets;
	bool shared_in;			/* secrets.in is the host's own */
};

int auth_take(const struct auth_options *options, const char *initiator,
	      struct auth *auth);
/* Is any CHAP option given? */
bool auth_given(const struct auth_options *options);
/* Secrets to store with a record: without the host's own. */
struct secrets auth_own_secrets(const struct auth *auth);

#endif /* _ISCSICTL_AUTH_H */
