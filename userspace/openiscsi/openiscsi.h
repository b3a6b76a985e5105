/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keys of open-iscsi's node and discovery records beside ours: import
 * reads them from files, the iscsiadm front gets them with -n and -v.
 */
#ifndef _ISCSICTL_OPENISCSI_H
#define _ISCSICTL_OPENISCSI_H

#include "base/strlist.h"
#include "store/record.h"

#define OPENISCSI_CONF		"/etc/iscsi/iscsid.conf"
#define OPENISCSI_IFACES	"/etc/iscsi/ifaces"

/* One file, or one list of names and values. */
struct source {
	struct strlist keys, values;
};

/* What became of one key. */
enum taken {
	TAKEN_SET,
	TAKEN_USUAL,	/* what it is anyway */
	TAKEN_NOTHING,	/* it means nothing here */
	TAKEN_UNKNOWN,	/* open-iscsi does not know it either */
};

/* Value of @key; "" when absent, <empty> or "default". */
const char *openiscsi_source_get(const struct source *source, const char *key);
/* 0 or a code with a reason. */
int openiscsi_source_read(const char *path, struct source *source);
/* Wipes the values: there may be secrets among them. */
void openiscsi_source_free(struct source *source);

/*
 * Takes one node.* or iface.* key into @record and @secrets. With @explicit a
 * usual value is set, too. Returns 0 or a code with a reason.
 */
int openiscsi_set(struct record *record, struct secrets *secrets,
		  const char *key, const char *value, bool explicit,
		  enum taken *taken);

/*
 * Reads from iscsid.conf the values for new nodes that are not open-iscsi's defaults.
 * The caller wipes @secrets. 0 or a code with a reason.
 */
int openiscsi_defaults(struct record *record, struct secrets *secrets);

/*
 * CHAP of "node.session" or "discovery.sendtargets": one key below
 * "<prefix>.auth."; false when @key is none of them.
 */
bool openiscsi_auth_key(const char *key, const char *prefix,
			const char **rest);
int openiscsi_set_auth(const char *rest, const char *value, uint32_t *auth,
		       char *user, char *user_in, struct secrets *secrets);

/* Prints what @record, bound to @iface, holds as their KEY = VALUE lines. */
void openiscsi_print(const struct record *record, int32_t tpgt,
		     const char *iface);

/* The interface definition @name: "default" binds to nothing. */
int openiscsi_iface(const char *name, struct login *login);

#endif /* _ISCSICTL_OPENISCSI_H */
