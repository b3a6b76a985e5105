/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions as the SCSI transport class of iSCSI shows them, for programs that
 * look there: see transport.c.
 */
#ifndef _MPIO_SESSION_TRANSPORT_H
#define _MPIO_SESSION_TRANSPORT_H

#include <linux/types.h>
#include <scsi/iscsi_if.h>

struct Scsi_Host;
struct mpio_session;
struct scsi_transport_template;
struct sockaddr_storage;

/* What the hosts do, which are of a layer further up. */
struct mpio_transport_ops {
	/* As scsi_transport_template.user_scan and iscsi_transport.get_host_param */
	int (*scan)(struct Scsi_Host *shost, uint channel, uint id, u64 lun);
	int (*get_host_param)(struct Scsi_Host *shost,
			      enum iscsi_host_param param, char *buf);
};

/* Process context, module load and unload. 0 or -ENOMEM. */
int mpio_transport_init(const struct mpio_transport_ops *ops);
void mpio_transport_exit(void);

/* Any context. What a Scsi_Host is to be given before it is added. */
struct scsi_transport_template *mpio_transport_template(void);

/*
 * Process context, may sleep. Shows a session that nobody knows yet below its
 * host, and gives it its number: 0 or -errno.
 */
int mpio_transport_add(struct mpio_session *sess, struct Scsi_Host *shost);
/*
 * Process context, may sleep; waits for readers. The session has no paths any
 * more, but its host yet. Nothing happens if it was not added.
 */
void mpio_transport_del(struct mpio_session *sess);

/* Any context, sess->lock held: the state has changed. */
void mpio_transport_set_state(struct mpio_session *sess);
/* Any context, sess->lock held: what the target shows has been looked for. */
void mpio_transport_set_scanned(struct mpio_session *sess);
/* Any context. The settings have changed. */
void mpio_transport_apply_settings(struct mpio_session *sess);

/* Any context. An attribute of an address: what was written, or -ENOTCONN. */
int mpio_transport_show_addr(char *buf, const struct sockaddr_storage *addr);

#endif
