/* SPDX-License-Identifier: GPL-2.0 */
/* What a supporter needs, in one archive, and no secret in it. */
#ifndef _ISCSICTL_BUNDLE_H
#define _ISCSICTL_BUNDLE_H

struct finding_list;

/*
 * Writes findings, what runs, what is stored, the network and our lines of the
 * kernel's log to @file, a .tar.gz that only its owner may read. Each secret of
 * the store is overwritten with "***" wherever it stands, as it is and in
 * hexadecimal. 0 or a code with a reason.
 */
int bundle(const struct finding_list *findings, const char *file);

#endif /* _ISCSICTL_BUNDLE_H */
