/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel reports and accepts, as structures of the tool. */
#ifndef _ISCSICTL_MODEL_H
#define _ISCSICTL_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/histogram.h"
#include "base/lun_map.h"
#include "base/strlist.h"
#include "lib/libiscsi-mpio.h"
#include "proto/name.h"

#define UNSET IMPIO_KEEP	/* number that was not given */

struct settings {
	uint32_t value[MPIO_TA_MAX + 1];	/* UNSET where absent */
};

struct negotiated {
	uint32_t value[MPIO_NA_MAX + 1];	/* UNSET where absent */
};

/* What a session is asked for; also the body of a record. */
struct login {
	char target[MPIO_NAME_MAX + 1];
	char initiator[MPIO_NAME_MAX + 1];
	struct sockaddr_storage portal;
	struct sockaddr_storage source;
	char iface[MPIO_IFACE_MAX + 1];
	uint8_t isid[MPIO_ISID_LEN];
	bool multipath;
	bool discovered;
	bool no_scan;
	uint32_t auth;
	char user[MPIO_USER_MAX + 1];
	char user_in[MPIO_USER_MAX + 1];
	char key[MPIO_KEY_MAX + 1];	/* logon keys instead of secrets */
	char key_in[MPIO_KEY_MAX + 1];
	uint32_t header_digest;
	uint32_t data_digest;
	uint32_t initial_r2t;
	uint32_t immediate_data;
	uint32_t first_burst;
	uint32_t max_burst;
	uint32_t max_recv_dsl;
	uint32_t max_r2t;
	uint32_t policy;
	uint32_t avoid;			/* enum mpio_avoid_bit */
	char path_weights[LUN_TEXT_MAX + 1];	/* by LUN, see lun_map.h */
	char preferred_paths[LUN_TEXT_MAX + 1];
	struct settings settings;
	struct strlist records;
};

struct transition {
	uint64_t time;		/* ns since 1970 */
	uint32_t state;
	char reason[MPIO_ERROR_MAX + 1];
};

struct session {
	struct login login;
	uint32_t id;
	uint64_t instance;
	uint64_t unique;
	uint32_t state;
	uint32_t tsih;
	uint32_t tpgt;
	struct negotiated negotiated;
	char last_error[MPIO_ERROR_MAX + 1];
	uint32_t last_error_code;
	uint32_t reconnects;
	uint64_t connected_ms;
	struct sockaddr_storage local;
	struct sockaddr_storage remote;
	char redirect[MPIO_PORTAL_TEXT_MAX + 1]; /* a name without address */
	struct strlist disks;
	struct strlist quirks;
	bool scanned;
	bool scan_pending;
	struct transition *transition;
	size_t transitions;
	uint32_t host;
};

struct path {
	uint32_t id;
	char key[MPIO_PATH_KEY_MAX + 1];
	uint32_t session_id;
	uint32_t disk_id;
	char disk[32];
	uint64_t lun;
	uint32_t state;
	uint32_t alua_state;
	uint32_t tpg;
	uint32_t preferred;
	uint32_t alua_pref;
	uint32_t weight;
	uint32_t enabled;
	uint32_t in_flight;
	uint64_t ios;
	uint64_t bytes;
	uint64_t errors;
	uint64_t failovers;
	uint32_t latency_us;
	uint32_t rest_ms;
	struct histogram latency;	/* of all commands so far */
	char reason[MPIO_ERROR_MAX + 1];
	char target[MPIO_NAME_MAX + 1];
	struct sockaddr_storage portal;
};

struct disk {
	uint32_t id;
	char name[32];
	char hctl[32];
	char wwid[256];
	char serial[256];
	uint64_t size;
	uint32_t paths;
	uint32_t paths_ready;
	uint32_t policy;
	uint32_t policy_source;
	uint32_t openers;
	uint32_t parked;
	bool failed;
	char target[MPIO_NAME_MAX + 1];
	uint64_t failovers;
	uint64_t requeues;
	uint64_t no_path_errors;
	uint32_t clash;		/* id of the other disk of its designator, or 0 */
	uint32_t clash_by;	/* enum mpio_clash */
	uint32_t held;		/* writes that wait for the end of others */
	uint32_t ghosts;	/* paths with failed writes they wait for, */
	char ghost[MPIO_PATH_KEY_MAX + 1];	/* and the first of them */
};

struct info {
	uint64_t instance;
	char version[64];
	uint32_t abi;
	uint32_t sessions;
	uint32_t chap_algs;
	uint32_t policy;
};

struct event {
	uint32_t type;		/* enum mpio_event */
	uint64_t time;
	bool has_session, has_path, has_disk;
	struct session session;
	struct path path;
	struct disk disk;
};

/* Secrets of one login; model_secrets_wipe() after use. */
struct secrets {
	uint8_t out[MPIO_SECRET_MAX];	/* we prove ourselves with it */
	uint32_t out_len;
	uint8_t in[MPIO_SECRET_MAX];	/* the target proves itself with it */
	uint32_t in_len;
};

struct session_list {
	struct session *item;
	size_t count;
};

struct path_list {
	struct path *item;
	size_t count;
};

struct disk_list {
	struct disk *item;
	size_t count;
};

void model_secrets_wipe(struct secrets *secrets);
void model_login_init(struct login *login);
void model_login_free(struct login *login);
void model_session_list_free(struct session_list *list);
void model_path_list_free(struct path_list *list);
void model_disk_list_free(struct disk_list *list);
const struct disk *model_disk_by_number(const struct disk_list *list, uint32_t id);
const struct session *model_session_by_number(const struct session_list *list,
					      uint32_t id);

/* Words of enumerations; "unknown" outside of them. */
const char *model_session_state_name(uint32_t state);
const char *model_path_state_name(uint32_t state);
const char *model_alua_state_name(uint32_t state);
const char *model_policy_name(uint32_t policy);
const char *model_policy_source_name(uint32_t source);
const char *model_auth_name(uint32_t auth);
const char *model_event_name(uint32_t event);

/*
 * "sdb has the same designator and another size" in @text, "" without a clash.
 * @list: all disks.
 */
#define CLASH_TEXT 96
const char *model_clash_text(const struct disk *disk, const struct disk_list *list,
			     char *text);
int model_policy_parse(const char *text, uint32_t *policy);

#endif /* _ISCSICTL_MODEL_H */
