/* SPDX-License-Identifier: GPL-2.0 */
/* /etc/iscsi-mpio/initiator.conf: name, default and per-target settings. */
#ifndef _ISCSICTL_CONFIG_H
#define _ISCSICTL_CONFIG_H

#include "module/model.h"

/* The name this host logs in with; generated and saved when there is none. */
int config_initiator(char *name);
/* The same without generating one: false when there is none. */
bool config_initiator_known(char *name);
/* And with the *file it is in, NULL when there is none. 0 or a code. */
int config_initiator_find(char *name, const char **file);
/* Stores @given, or a random name when it is NULL; @name gets it. */
int config_initiator_set(const char *given, char *name);

/*
 * Stored settings and policy: of @target, or the defaults when it is NULL.
 * What is not stored stays UNSET.
 */
int config_load(const char *target, struct settings *settings,
		uint32_t *policy);
/* Stores what is not UNSET beside what is there. */
int config_store(const char *target, const struct settings *settings,
		 uint32_t policy);

/*
 * Policy stored for the disk @wwid: UNSET when there is none. Returns 0 or a
 * code.
 */
int config_load_disk(const char *wwid, uint32_t *policy);
int config_store_disk(const char *wwid, uint32_t policy);
/* Is anything stored for a disk? */
bool config_has_disks(void);

/* KEY=VALUE lines of a text; each call returns the next pair. */
struct lines {
	char *next;
	const char *stray;	/* first line that is neither that nor comment */
};

/* Cuts the line in place; false at the end. Comments are passed over. */
bool config_lines_next(struct lines *lines, char **key, char **value);

#endif /* _ISCSICTL_CONFIG_H */
