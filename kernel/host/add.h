/* SPDX-License-Identifier: GPL-2.0 */
/* How sessions come. */
#ifndef _MPIO_ADD_H
#define _MPIO_ADD_H

struct mpio_session;
struct mpio_session_config;
struct mpio_settings;
struct mpio_path_configs;
struct net;

/*
 * Process context, may sleep. Adds a session and starts its login; @cfg is
 * copied (secrets too; the caller wipes its own). @settings holds a value for
 * each setting. On success the session is returned with a reference, and has
 * taken over @configs. Refusals
 * (-EEXIST: a session to this target without multipath, or with this ISID;
 * -ENOMEM; -ENOENT: hash missing; what scsi_add_host() says) come with a
 * sentence in @why.
 */
struct mpio_session *mpio_session_add(struct net *net,
				      const struct mpio_session_config *cfg,
				      const struct mpio_settings *settings,
				      struct mpio_path_configs *configs,
				      const char **why);

#endif
