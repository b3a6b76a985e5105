/* SPDX-License-Identifier: GPL-2.0 */
/* --host: the same command on other machines over ssh, answers merged. */
#ifndef _ISCSICTL_REMOTE_H
#define _ISCSICTL_REMOTE_H

/* Runs the command line of this process on all hosts of --host. */
int remote_run(int argc, char **argv);

#endif /* _ISCSICTL_REMOTE_H */
