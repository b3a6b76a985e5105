/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iscsiadm front: the part of iscsiadm(8) of open-iscsi that scripts and
 * storage drivers call, with its words, output levels and exit codes, on top
 * of this tool's store and kernel. The program is iscsiadm when its name is.
 */
#ifndef _ISCSICTL_ISCSIADM_H
#define _ISCSICTL_ISCSIADM_H

#include "base/strlist.h"
#include "module/model.h"
#include "proto/name.h"

struct portal;
struct portal_list;
struct record_list;
struct record;

enum adm_op {
	ADM_OP_NONE,
	ADM_OP_NEW,
	ADM_OP_DELETE,
	ADM_OP_UPDATE,
	ADM_OP_SHOW,
	ADM_OP_NONPERSISTENT,
};

/* The command line as it was understood. */
struct adm {
	const char *mode;
	const char *type;
	const char *target;
	const char *portal;
	const char *iface;
	const char *submode;
	const char *loginall, *logoutall;
	struct strlist names, values;	/* -n and -v, in pairs */
	struct strlist ifaces;		/* every -I; ->iface is the last */
	enum adm_op op;
	bool login, logout, rescan, discover, stats, no_wait, secrets, kill;
	int print;			/* -P, -1 without */
	int64_t sid;			/* -r, -1 without */
};

int iscsiadm_main(int argc, char **argv);

/* The modes; each prints its failures and returns the exit code. */
int iscsiadm_node(const struct adm *a);
int iscsiadm_session(const struct adm *a);
int iscsiadm_discovery(const struct adm *a);
int iscsiadm_iface(const struct adm *a);
int iscsiadm_host(const struct adm *a);
int iscsiadm_firmware(const struct adm *a);

/* "iscsiadm: No records found" and the like; returns @code. */
int iscsiadm_none(int code, const char *sentence);

/* Names of all that was defined by -m iface, or by open-iscsi's tools. */
int iscsiadm_ifaces(struct strlist *names);
/* Is it bound as -I @name says? */
bool iscsiadm_iface_fits(const struct login *login, const char *name);
/* Targets and portals of the records bound as -I @name says. */
void iscsiadm_nodes_of_iface(const char *name);
/* The interface that a way is bound to, as -I calls it; until the next call. */
const char *iscsiadm_iface_name(const struct login *login);
/*
 * Records for what @portal told of, bound to each -I, or without any to each
 * interface there is. 0 or a code with a reason.
 */
int iscsiadm_bind_found(const struct adm *a, const struct portal *portal);

/* Sessions of @live with pass[i]: out, looked at again; in their words. */
int iscsiadm_logout(const struct session_list *live, const bool *pass);
int iscsiadm_rescan(const struct session_list *live, const bool *pass);

/* The first two lines of the most that is shown. */
void iscsiadm_versions(void);
/* Prints the sessions of @live on SCSI host @host, as -m session -P @level does. */
void iscsiadm_sessions_of_host(const struct session_list *live, uint32_t host,
			       int level);

/* "10.9.1.2,3260" and "10.9.1.2:3260" of an address; @text ADDRESS_TEXT. */
const char *iscsiadm_address_comma(const struct sockaddr_storage *address,
				   char *text);

/* Logs in to all targets @portal told of: discovery with -l. */
int iscsiadm_login_found(const struct adm *a, const struct mpio_portal *portal);

#endif /* _ISCSICTL_ISCSIADM_H */
