/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iBFT: how the firmware reached its iSCSI disk. The kernel's iscsi_ibft shows
 * the table as /sys/firmware/ibft/{initiator,ethernetN,targetN}; every value
 * in there came from outside and may be wrong, missing or hostile.
 *
 * Plain C over caller's structures: no allocation, no printing.
 */
#ifndef _ISCSICTL_FIRMWARE_H
#define _ISCSICTL_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/name.h"

#define FIRMWARE_DIR		"/sys/firmware/ibft"
#define FIRMWARE_OBJECTS_MAX	4	/* NICs and targets; tables have 2 */
#define FIRMWARE_TEXT_MAX		255	/* CHAP names and secrets */
#define FIRMWARE_MAC_LEN		6

/* Flags of the sysfs files "flags", the same for all objects. */
#define FIRMWARE_FLAG_VALID		0x01	/* the block describes something */
#define FIRMWARE_FLAG_SELECTED	0x02	/* the firmware booted from it */

enum firmware_chap {
	FIRMWARE_CHAP_NONE,
	FIRMWARE_CHAP_ONEWAY,
	FIRMWARE_CHAP_MUTUAL,
};

/* An IPv4 or IPv6 address, or none. */
struct firmware_ip {
	bool present;
	bool v6;
	uint8_t addr[16];
};

struct firmware_nic {
	bool present;
	uint32_t index;			/* what "nic-assoc" of a target names */
	uint32_t flags;
	uint8_t mac[FIRMWARE_MAC_LEN];
	bool has_mac;
	struct firmware_ip ip;
	uint32_t prefix;		/* bits, 0 when not given */
	struct firmware_ip gateway;
	struct firmware_ip dns[2];
	struct firmware_ip dhcp;		/* server: address came from there */
	uint32_t vlan;			/* 0: none */
	uint32_t origin;		/* 3: DHCP */
	char hostname[FIRMWARE_TEXT_MAX + 1];
};

struct firmware_target {
	bool present;
	uint32_t flags;
	struct firmware_ip ip;
	uint32_t port;
	uint32_t nic;			/* index of its NIC */
	uint32_t chap;			/* enum firmware_chap */
	char lun[25];			/* as the kernel prints it */
	char name[MPIO_ISCSI_NAME_MAX + 1];
	char user[FIRMWARE_TEXT_MAX + 1];
	char secret[FIRMWARE_TEXT_MAX + 1];
	char user_in[FIRMWARE_TEXT_MAX + 1];
	char secret_in[FIRMWARE_TEXT_MAX + 1];
};

struct firmware {
	char initiator[MPIO_ISCSI_NAME_MAX + 1];	/* "" when not given */
	struct firmware_nic nic[FIRMWARE_OBJECTS_MAX];
	struct firmware_target target[FIRMWARE_OBJECTS_MAX];
};

#define FIRMWARE_ORIGIN_DHCP 3

/**
 * firmware_set - take one file of the table
 * @ibft: zeroed before the first call
 * @object: name of its directory: "initiator", "ethernet0", "target1"
 * @attr: name of the file, e.g. "ip-addr"
 * @text: its content, @len bytes, with or without the line end
 * @len: of @text
 * @why: sentence when refused
 *
 * Unknown objects and files are passed over. A value that is refused leaves
 * the field as it was.
 *
 * Return: 0 or -EINVAL.
 */
int firmware_set(struct firmware *ibft, const char *object, const char *attr,
		 const char *text, size_t len, const char **why);

/**
 * firmware_check - can one log in with what is there?
 * @target: of the table
 * @why: sentence when not
 *
 * Return: 0; -ENOENT when the table does not describe this target or says it
 * is not valid; -EINVAL when it does and cannot be used.
 */
int firmware_check(const struct firmware_target *target, const char **why);

/*
 * Where to log in. Call only after firmware_check(); always a number, no name.
 */
void firmware_portal(const struct firmware_target *target, struct mpio_portal *portal);

/* The NIC a target is to be reached by, or NULL when the table names none. */
const struct firmware_nic *firmware_nic_of(const struct firmware *ibft,
					   const struct firmware_target *target);

/**
 * firmware_load - read the whole table
 * @dir: usually FIRMWARE_DIR
 * @ibft: filled with what could be read
 * @complain: called for each value that was refused, with the file's name
 *	("target0/ip-addr") and a sentence; may be NULL
 *
 * Return: 0, -ENOENT when there is no table, or another negative errno.
 */
int firmware_load(const char *dir, struct firmware *ibft,
		  void (*complain)(const char *file, const char *why));

/* Secrets are in there: overwrites everything. */
void firmware_wipe(struct firmware *ibft);

#endif /* _ISCSICTL_FIRMWARE_H */
