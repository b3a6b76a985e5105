/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iSCSI Boot Firmware Table as the kernel's iscsi_ibft shows it in
 * /sys/firmware/ibft: what the firmware booted from, and how.
 */
#ifndef _ISCSICTL_IBFT_H
#define _ISCSICTL_IBFT_H

#include "model.h"
#include "proto/name.h"

struct ibft_nic {
	uint32_t index;
	char mac[24];
	char address[64];
	char gateway[64];
	char name[16];			/* of the interface now, or "" */
	uint32_t prefix;
	uint32_t vlan;
	uint32_t flags;
};

struct ibft_target {
	uint32_t index;
	char name[MPIO_NAME_MAX + 1];
	struct mpio_portal portal;
	char lun[24];
	uint32_t nic;			/* index of its ibft_nic */
	uint32_t auth;			/* enum mpio_auth */
	char user[MPIO_USER_MAX + 1];
	char user_in[MPIO_USER_MAX + 1];
	uint32_t flags;
	struct secrets secrets;
};

#define IBFT_VALID	1	/* bit 0 of flags */
#define IBFT_SELECTED	2	/* bit 1: booted from it */

struct ibft {
	char initiator[MPIO_NAME_MAX + 1];
	struct ibft_nic *nic;
	size_t nics;
	struct ibft_target *target;
	size_t targets;
};

/* CODE_NOT_FOUND when there is no table. ibft_free() wipes the secrets. */
int ibft_load(struct ibft *ibft);
void ibft_free(struct ibft *ibft);
const struct ibft_nic *ibft_nic_of(const struct ibft *ibft,
				   const struct ibft_target *target);

#endif /* _ISCSICTL_IBFT_H */
