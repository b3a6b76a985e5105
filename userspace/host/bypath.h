/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of the links in /dev/disk/by-path, for the helper of udev that makes
 * them and for the tool that waits for them.
 */
#ifndef _ISCSICTL_BYPATH_H
#define _ISCSICTL_BYPATH_H

#include <stdbool.h>
#include <stdio.h>

#define BYPATH_LEN	384

/* Does udev leave this byte in the name of a link as it is? */
bool bypath_keeps(char c);

/*
 * Reads the next line of the attribute "paths" of a SCSI device, one for each
 * path: ADDRESS:PORT TARGET LUN STATE. False at its end; else @name, of
 * BYPATH_LEN bytes, is the link of the whole disk by that path.
 */
bool bypath_next(FILE *paths, char *name);

#endif /* _ISCSICTL_BYPATH_H */
