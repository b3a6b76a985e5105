/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor looks at: read once, then shared by all checks. */
#ifndef _ISCSICTL_SUBJECT_H
#define _ISCSICTL_SUBJECT_H

#include <net/if.h>
#include <stdbool.h>

#include "base/address.h"
#include "doctor/finding.h"
#include "net/discover.h"
#include "store/match.h"
#include "store/portal.h"


/* How far one login of our own came at the portal of a way. */
struct reach {
	bool done;		/* it ended in time */
	bool tried;		/* login, too: the secret is known */
	int code;		/* enum code, of the first probe */
	char why[256];
	struct discover_probe probe;
	uint32_t carried;	/* MTU that carries pings, 0: none was found */
};

/* One way to a target: a portal, from somewhere. */
struct way {
	struct login login;	/* target "" for discovery alone */
	char text[MPIO_PORTAL_TEXT_MAX + 1];	/* the portal */
	char unresolved[256];	/* why its name has no address, or "" */
	struct secrets secrets;
	bool secret_known;	/* or none is needed */
	const struct session *session;	/* that runs over it, or NULL */
	const struct record *record;	/* that stands for it, or NULL */
	char through[IF_NAMESIZE];	/* interface of the route, or "" */
	char from[ADDRESS_TEXT];	/* local address of the route, or "" */
	char gateway[ADDRESS_TEXT];	/* or "" */
	struct reach reach;
};

struct subject {
	/* what was asked for; NULL: all */
	const char *target;
	const char *portal;
	const char *disk;

	bool module;		/* it is loaded and answers */
	char refused[256];	/* or why not */
	bool loaded;		/* it is, whether or not it answers */
	struct info info;
	struct session_list live;
	struct path_list paths;
	struct disk_list disks;
	struct record_list stored;
	struct portal_list known;
	struct way *way;
	size_t ways;

	struct finding_list findings;
};

/*
 * Reads all of it; names of portals have 3 s to be resolved. 0 or a code: then
 * there is no doctor. subject_close() in either case.
 */
int subject_open(struct subject *subject);
void subject_close(struct subject *subject);

/* Is it of what was asked for? */
bool subject_has_session(const struct subject *subject, const struct session *s);
bool subject_has_disk(const struct subject *subject, const struct disk *d);
bool subject_has_record(const struct subject *subject, const struct record *r);

/* The interface a session leaves by, "" while it has no connection. */
void subject_interface(const struct session *s, char *name);
/* First line of a file, "" when there is none; @path below --root. */
void subject_line(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* _ISCSICTL_SUBJECT_H */
