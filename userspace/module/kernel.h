/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module, over libiscsi-mpio. Every call returns 0 or an exit code with the
 * reason set by because(), the kernel's own sentence where it sent one. There is
 * one conversation; the program has one thread.
 */
#ifndef _ISCSICTL_KERNEL_H
#define _ISCSICTL_KERNEL_H

#include "base/strlist.h"
#include "module/model.h"

/* Resolves the family and loads the module when it is missing. */
int kernel_open(void);
/* The same without loading: CODE_UNSUPPORTED when the module is not there. */
int kernel_open_loaded(void);
void kernel_close(void);

int kernel_get_info(struct info *info);
int kernel_get_sessions(struct session_list *list);
/* @session_id and @disk_id narrow the answer; 0 means all. */
int kernel_get_paths(uint32_t session_id, uint32_t disk_id,
		     struct path_list *list);
int kernel_get_disks(struct disk_list *list);

int kernel_add_session(const struct login *login, const struct secrets *secrets,
		       uint32_t *id);
int kernel_del_session(uint32_t id, bool force);
/* Replaces the list of records a session stands for. */
int kernel_set_records(uint32_t id, const struct strlist *records);
int kernel_set_session_settings(uint32_t id, const struct settings *settings);
/* Sets secrets for logins to come: those of @secrets that have a length. */
int kernel_set_secrets(uint32_t id, const struct secrets *secrets);
int kernel_kick(uint32_t id);
/*
 * The session logs in there from now on, and now if it is not logged in; with
 * @redirect that name, which its target redirects to, is there.
 */
int kernel_set_portal(uint32_t id, const struct sockaddr_storage *to,
		      const char *redirect);
int kernel_scan(uint32_t id);
/* Numbers left UNSET stay as they are. */
int kernel_set_path(uint32_t id, uint32_t weight, uint32_t preferred,
		    uint32_t enabled);
/* Of a disk, of a target, or (0 and NULL) the default. */
int kernel_set_policy(uint32_t policy, uint32_t disk_id, const char *target);
int kernel_get_settings(struct settings *settings);
int kernel_set_settings(const struct settings *settings);

/* Subscribes to events; before asking for what one wants to watch. */
int kernel_listen(void);
/*
 * Waits up to @ms. *got false: nothing came, or events were lost and the
 * caller must look at the objects again. The event is the caller's to free.
 */
int kernel_next_event(struct event *event, int ms, bool *got);
void kernel_event_free(struct event *event);

#endif /* _ISCSICTL_KERNEL_H */
