/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Portals asked for targets and what they answered, one file each in
 * /etc/iscsi-mpio/portals. Targets added by hand are in static.conf there.
 */
#ifndef _ISCSICTL_PORTAL_H
#define _ISCSICTL_PORTAL_H

#include "module/model.h"
#include "proto/name.h"

struct known_target {
	char name[MPIO_NAME_MAX + 1];
	struct mpio_portal portal;
};

struct portal {
	char *file;			/* without directory and suffix */
	bool is_static;
	bool isns;			/* an iSNS server */
	struct mpio_portal portal;
	struct sockaddr_storage source;
	char iface[MPIO_IFACE_MAX + 1];
	uint32_t header_digest;
	uint32_t data_digest;
	uint32_t auth;
	char user[MPIO_USER_MAX + 1];
	char user_in[MPIO_USER_MAX + 1];
	struct known_target *target;
	size_t targets;
};

struct portal_list {
	struct portal *item;
	size_t count;
	bool static_damaged;		/* that of targets added by hand */
};

void portal_init(struct portal *portal);
void portal_free(struct portal *portal);
void portal_add_target(struct portal *portal, const char *name,
		       const struct mpio_portal *at);
/* Names the file after address and port. */
void portal_name(struct portal *portal);
/* The file targets added by hand are kept in. */
void portal_name_static(struct portal *portal);
/* Secrets may be NULL: those stored stay. */
int portal_save(const struct portal *portal, const struct secrets *secrets);
int portal_forget(const struct portal *portal);
int portal_secrets(const struct portal *portal, struct secrets *secrets);

/* Damaged files are named on stderr and left out. */
int portal_load_all(struct portal_list *list);
void portal_list_free(struct portal_list *list);
struct portal *portal_find(const struct portal_list *list,
			   const struct mpio_portal *portal);

/*
 * Writes @name as the store has it: some targets know themselves by their own
 * spelling only.
 */
void portal_target_spelling(const struct portal_list *list, char *name);

/* Distinct portals of @target; the caller frees *at. */
size_t portal_target_portals(const struct portal_list *list, const char *target,
			     struct mpio_portal **at);

#endif /* _ISCSICTL_PORTAL_H */
