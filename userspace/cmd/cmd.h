/* SPDX-License-Identifier: GPL-2.0 */
/* Command tables of the cmd_*.c files, ended by a row without verb. */
#ifndef _ISCSICTL_CMD_H
#define _ISCSICTL_CMD_H

#include "base/args.h"

extern const struct command session_commands[];
extern const struct command connection_commands[];
extern const struct command path_commands[];
extern const struct command connect_commands[];
extern const struct command disconnect_commands[];
extern const struct command portal_commands[];
extern const struct command target_commands[];
extern const struct command register_commands[];
extern const struct command unregister_commands[];
extern const struct command record_commands[];
extern const struct command record_change_commands[];
extern const struct command record_add_commands[];
extern const struct command record_secret_commands[];
extern const struct command initiator_commands[];
extern const struct command tree_commands[];
extern const struct command restore_commands[];
extern const struct command policy_commands[];
extern const struct command mpio_commands[];
extern const struct command chap_commands[];
extern const struct command monitor_commands[];
extern const struct command stats_commands[];
extern const struct command import_commands[];
extern const struct command status_commands[];
extern const struct command top_commands[];
extern const struct command ibft_commands[];
extern const struct command rescan_commands[];
extern const struct command mounts_commands[];
extern const struct command doctor_commands[];
extern const struct command explain_commands[];

#endif /* _ISCSICTL_CMD_H */
