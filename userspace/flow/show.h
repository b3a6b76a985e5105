/* SPDX-License-Identifier: GPL-2.0 */
/* Settings, records and sessions, as all commands print them. */
#ifndef _ISCSICTL_SHOW_H
#define _ISCSICTL_SHOW_H

#include <stddef.h>
#include <stdint.h>

/* What a table of sessions shows by default. */
#define SESSION_COLUMNS "NO TARGET PORTAL STATE DISKS"

struct record;
struct session;
struct settings;

/* What is set, as members of the present row. */
void show_settings(const struct settings *settings);
/* All that is stored, as well. */
void show_record(const struct record *record);
/* One row; print_open() and print_close() are the caller's. */
void show_session(const struct session *session);
/* The sessions @id of @count, as an answer of connect or register. */
int show_sessions(const uint32_t *id, size_t count);

#endif /* _ISCSICTL_SHOW_H */
