/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records: what `restore` brings back. One file a record in
 * /etc/iscsi-mpio/records, its secrets apart.
 */
#ifndef _ISCSICTL_RECORD_H
#define _ISCSICTL_RECORD_H

#include "base/args.h"
#include "base/strlist.h"
#include "module/model.h"
#include "proto/name.h"

#define RECORD_ID_LEN 8
#define RECORD_PORT 3260	/* if none is said */

enum startup {
	STARTUP_AUTOMATIC,
	STARTUP_ONBOOT,
	STARTUP_MANUAL,
};

struct record {
	char id[RECORD_ID_LEN + 1];
	char host[MPIO_HOST_MAX + 1];	/* portal: name or address as given */
	uint32_t port;
	uint32_t startup;
	struct login login;		/* portal and records stay empty */
	struct strlist unknown;		/* KEY=VALUE lines kept as they are */
	struct strlist unusable;	/* lines record_salvage() gave up */
	bool edited;			/* by hand: its checksum is wrong */
	char *damage;			/* why it cannot be read, or NULL */
};

struct record_list {
	struct record *item;
	size_t count;
	size_t damaged;
};

void record_init(struct record *record);
void record_free(struct record *record);
void record_list_free(struct record_list *list);

/* New identifier; needs the lock. */
int record_new_id(struct record *record);
/* Writes the record, its secrets first. */
int record_save(const struct record *record, const struct secrets *secrets);
int record_remove(const char *id);
/* The secrets it logs in with; the caller wipes them. 0 or a code. */
int record_secrets(const struct record *record, struct secrets *secrets);

/* Its file; the caller frees the path. */
char *record_path(const char *id);
/*
 * Fills @record with all that can be understood of a file; what cannot is in
 * ->unusable, and ->damage says what is wrong with the whole.
 */
void record_salvage(struct record *record, const char *path);
/* Fills @record from a file; if it cannot be read ->damage is set. */
void record_read(struct record *record, const char *path);
/* All records; damaged ones have ->damage set. */
int record_load_all(struct record_list *list);
/* Names damaged records and unknown keys on stderr. */
void record_complain(const struct record_list *list);
/* The record with identifier @id, or of which @id is a unique prefix and no number. */
int record_find(const struct record_list *list, const char *id,
		struct record **found);
/* The record with identifier @id, no prefix, for callers that delete it; or NULL. */
struct record *record_exact(const struct record_list *list, const char *id);

/*
 * May @record be stored beside @stored? Two records of one target can only
 * both log in with multipath, and never under one ISID.
 */
int record_beside(const struct record *record,
		  const struct record_list *stored);

/*
 * Could it log in, with @given secrets (none if NULL) instead of those that
 * are stored? 0 or a code.
 */
int record_check(const struct record *record, const struct secrets *given);
/* Do both go from the same network device and address? */
bool record_same_source(const struct login *a, const struct login *b);
/* And to the same portal of the same target? Of damaged ones there is no telling. */
bool record_same_way(const struct record *a, const struct record *b);
/* The portal as mpio_portal. */
int record_portal(const struct record *record, struct mpio_portal *portal);

#endif /* _ISCSICTL_RECORD_H */
