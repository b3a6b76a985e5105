/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libiscsi-mpio: sessions, paths and disks of the module iscsi_mpio for
 * programs, without an output to parse. iscsictl(8) is built on it.
 *
 * What the kernel tells is an object: attributes with the numbers, types and
 * units of <linux/iscsi_mpio.h>, which are not changed once they are released.
 * That header is therefore the other half of this interface: impio_number() of
 * MPIO_PA_IN_FLIGHT is what it says there, and an attribute that a kernel does
 * not have yet is absent.
 *
 * Errors: what returns an int returns 0 or a negative errno, and impio_why()
 * has a sentence for it, the kernel's own where it sent one. Nothing else is
 * changed then, *answer is NULL. Nothing is printed, no signal is touched, no
 * call ends the program.
 *
 * Ownership: what a function named _new or _get, or impio_next_event() gives
 * is freed by the caller with the function named in its comment. Objects
 * belong to the list they come from, texts and bytes to their object; strings
 * that are passed in are copied.
 *
 * Threads: a struct impio and a struct impio_values are used by one thread at
 * a time; there may be any number of them, and they share nothing. Objects are
 * never changed: any number of threads may read them.
 *
 * Secrets are accepted and never reported. impio_values_free() overwrites
 * them, as every call does with the messages it made of them.
 *
 * Every question to the kernel needs CAP_NET_ADMIN in the initial user
 * namespace and may sleep; sockets of sessions are opened in the network
 * namespace of the caller. The structures below are opaque: a program built
 * with one version of the library runs with every later one of the same soname.
 */
#ifndef LIBISCSI_MPIO_H
#define LIBISCSI_MPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/iscsi_mpio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct impio;		/* a conversation with the module */
struct impio_list;	/* an answer: objects in the kernel's order */
struct impio_object;	/* a session, a path, a disk, ...: attributes */
struct impio_values;	/* attributes to be sent */

#define IMPIO_KEEP 0xfffffffeU	/* of a path: leave this as it is */

/* --- the conversation */

/* NULL without memory. impio_free() ends it; NULL is fine there. */
struct impio *impio_new(void);
void impio_free(struct impio *m);
/*
 * Finds the module, which the kernel loads by itself where modprobe is set up,
 * and compares versions; does nothing when that is done. -ENOPKG: the module
 * is not loaded (call again when it is), -EPERM: not root, -EPROTONOSUPPORT:
 * module and library do not fit. Questions, changes and events need it; once
 * more with a new conversation when the module was unloaded meanwhile.
 */
int impio_open(struct impio *m);
/* Why the last call with @m failed, until the next one; never NULL. */
const char *impio_why(const struct impio *m);

/* --- questions. *answer: impio_list_free() */

/* One object of MPIO_IA_*. */
int impio_get_info(struct impio *m, struct impio_list **answer);
/* Objects of MPIO_SA_*: all sessions, or the one with the number @id. */
int impio_get_sessions(struct impio *m, struct impio_list **answer);
int impio_get_session(struct impio *m, uint32_t id, struct impio_list **answer);
/* Objects of MPIO_PA_*; @session and @disk, 0 for any, narrow the answer. */
int impio_get_paths(struct impio *m, uint32_t session, uint32_t disk,
		    struct impio_list **answer);
/* Objects of MPIO_DA_*. */
int impio_get_disks(struct impio *m, struct impio_list **answer);
/* One object of MPIO_TA_*: the defaults of settings, for sessions to come. */
int impio_get_settings(struct impio *m, struct impio_list **answer);

/* NULL: 0, NULL, nothing. @i from 0; NULL beyond the last. */
size_t impio_count(const struct impio_list *list);
const struct impio_object *impio_item(const struct impio_list *list, size_t i);
void impio_list_free(struct impio_list *list);

/* --- reading objects; a NULL object has no attributes */

/* -ENOENT: absent, -EINVAL: no number. A flag that is there is 1. */
int impio_number(const struct impio_object *o, int attr, uint64_t *value);
/* The @n-th, from 0, text of this attribute; NULL: absent or no text. */
const char *impio_text(const struct impio_object *o, int attr, unsigned int n);
/* Addresses are a struct sockaddr_in or _in6. Not aligned: copy it. */
const void *impio_bytes(const struct impio_object *o, int attr, size_t *len);
/* The @n-th object within: MPIO_SA_NEGOTIATED, _SETTINGS, _TRANSITION. */
const struct impio_object *impio_nest(const struct impio_object *o, int attr,
				      unsigned int n);

/* --- attributes to be sent; need no impio_open() */

/* NULL without memory. impio_values_free() overwrites and frees. */
struct impio_values *impio_values_new(void);
void impio_values_free(struct impio_values *values);
/*
 * Append one attribute; numbers are a u32, but where the header says u64. A
 * failure - no memory, more than 64 KiB - is kept and comes back from the call
 * that is given @values, NULL ones included.
 */
void impio_put_number(struct impio_values *values, int attr, uint32_t value);
void impio_put_number64(struct impio_values *values, int attr, uint64_t value);
void impio_put_flag(struct impio_values *values, int attr);
void impio_put_text(struct impio_values *values, int attr, const char *text);
void impio_put_bytes(struct impio_values *values, int attr, const void *bytes,
		     size_t len);
void impio_put_nest(struct impio_values *values, int attr,
		    const struct impio_object *nest);
/* @values as an object, until the next change to them; NULL after a failure. */
const struct impio_object *impio_values_object(const struct impio_values *values);

/* --- changes */

/*
 * Adds a session of MPIO_SA_* marked "in". Returns once the kernel has it, and
 * it goes on by itself; events and MPIO_SA_STATE say what becomes of it.
 */
int impio_add_session(struct impio *m, const struct impio_values *session,
		      uint32_t *id);
/* Logs out and returns when it is gone. -EBUSY: a disk is in use, no @force. */
int impio_del_session(struct impio *m, uint32_t id, bool force);
/* MPIO_SA_* marked "set". */
int impio_set_session(struct impio *m, uint32_t id,
		      const struct impio_values *session);
/* Tries to log in now, a stopped session included. */
int impio_kick_session(struct impio *m, uint32_t id);
/* Looks for new logical units behind a session. */
int impio_scan_session(struct impio *m, uint32_t id);
/* Numbers that are IMPIO_KEEP stay; @enabled 0 fails a path, 1 reinstates it. */
int impio_set_path(struct impio *m, uint32_t id, uint32_t weight,
		   uint32_t preferred, uint32_t enabled);
/* enum mpio_policy of a disk, else of a target, else (0, NULL) the default. */
int impio_set_policy(struct impio *m, uint32_t policy, uint32_t disk,
		     const char *target);
/* MPIO_TA_*: the defaults. */
int impio_set_settings(struct impio *m, const struct impio_values *settings);

/* --- events */

/* Subscribes; before asking for what one wants to watch. */
int impio_listen(struct impio *m);
/* To be polled for reading; -EBADF before impio_listen(). */
int impio_event_fd(const struct impio *m);
/*
 * Waits up to @ms milliseconds, -1: for ever, for one event: an object of
 * MPIO_A_EVENT, MPIO_A_TIME and one of MPIO_A_SESSION, _PATH and _DISK.
 * -EAGAIN: none came; -EINTR: a signal did; -ENOBUFS: some were lost, look at
 * the objects again. *event: impio_list_free()
 */
int impio_next_event(struct impio *m, int ms, struct impio_list **event);

#ifdef __cplusplus
}
#endif

#endif /* LIBISCSI_MPIO_H */
