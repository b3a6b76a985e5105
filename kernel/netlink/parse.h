/* SPDX-License-Identifier: GPL-2.0 */
/* What callers of the netlink interface send, checked and made structs. */
#ifndef _MPIO_NETLINK_PARSE_H
#define _MPIO_NETLINK_PARSE_H

#include <net/netlink.h>

#include <uapi/linux/iscsi_mpio.h>

#include "base/path_config.h"
#include "session/session.h"

#define MPIO_RECORDS_MAX	256	/* record identifiers of a session */

/*
 * Record identifiers. The array ends with an empty one, so that events can
 * read it without a lock; see mpio_session_replace_records().
 */
struct mpio_records {
	char (*id)[MPIO_RECORD_MAX + 1];	/* NULL: none */
	u32 count;
};

/* Too big for the stack, and full of secrets: free with kfree_sensitive(). */
struct mpio_session_request {
	struct mpio_session_config cfg;
	struct mpio_settings settings;
	struct mpio_records records;
	struct mpio_path_configs *configs;
};

/* Nests of SESSION_ADD, SESSION_SET, PATH_SET, SETTING_SET. */
extern const struct nla_policy mpio_session_add_policy[MPIO_SA_MAX + 1];
extern const struct nla_policy mpio_session_set_policy[MPIO_SA_MAX + 1];
extern const struct nla_policy mpio_path_set_policy[MPIO_PA_MAX + 1];
extern const struct nla_policy mpio_setting_policy[MPIO_TA_MAX + 1];

/* Any context. Notes the sentence and what it is about; returns @err. */
int mpio_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		int err, const char *why);

/* Any context. The sentence of -ENOMEM. */
int mpio_refuse_memory(struct netlink_ext_ack *extack);

/*
 * Process context. What these get has passed its policy. All of them return 0,
 * -ENOMEM or -EINVAL with a sentence in @extack; they change nothing but their
 * output.
 */

/* @req is zeroed, with the default settings and no configs in place. */
int mpio_parse_session(const struct nlattr *nest,
		       struct mpio_session_request *req,
		       struct netlink_ext_ack *extack);

/*
 * May sleep and load a module; no locks held. Are there what these settings
 * (NULL: none) need? Says nothing of malformed ones.
 */
int mpio_provide_settings(const struct nlattr *nest,
			  struct netlink_ext_ack *extack);

/* Process context. Address and port of a portal; 0 or a refusal. */
int mpio_parse_portal(const struct nlattr *attr,
		      struct sockaddr_storage *out,
		      struct netlink_ext_ack *extack);
/* Overlays @settings, which hold a value for each setting already. */
int mpio_parse_settings(const struct nlattr *nest,
			struct mpio_settings *settings,
			struct netlink_ext_ack *extack);

/* The MPIO_SA_RECORDs of a session nest; the caller frees @records->id. */
int mpio_parse_records(const struct nlattr *nest, struct mpio_records *records,
		       struct netlink_ext_ack *extack);

/* Overlays @config with what a path's attributes @tb say. Any context. */
void mpio_parse_path_config(struct nlattr *const *tb,
			    struct mpio_path_config *config);

/* @out has MPIO_NAME_MAX + 1 bytes. */
int mpio_parse_name(const struct nlattr *attr, char *out,
		    struct netlink_ext_ack *extack);

/*
 * Overlays @secrets, those of @cfg now, with MPIO_SA_CHAP_SECRET and _IN of
 * @tb. Process context. 0, or -EINVAL with a sentence.
 */
int mpio_parse_secrets(struct nlattr *const *tb,
		       const struct mpio_session_config *cfg,
		       struct mpio_secrets *secrets,
		       struct netlink_ext_ack *extack);

/* Overwrites the secrets of a request that has been dealt with. */
void mpio_wipe_secrets(struct nlattr *nest);

#endif
