/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel command line (or a file of such words) says about the disk
 * to boot from: network, targets, names. Knows our spelling and the common
 * ones of others:
 *
 *	iscsi_mpio=TARGET@PORTAL[,PORTAL]...   iscsi_mpio=ibft|dhcp|off
 *	iscsi_mpio_initiator=NAME              iscsi_mpio_wait=SECONDS
 *	ip=..., vlan=NAME:DEVICE, nameserver=ADDRESS
 *	netroot=iscsi:..., root=iscsi:...      (RFC 4173 and its extensions)
 *	netroot=dhcp, root=dhcp
 *	rd.iscsi.KEY=..., ISCSI_KEY=..., iscsi_key=...
 *
 * Plain C over caller's structures: no allocation, no printing.
 */
#ifndef _BOOT_BOOTLINE_H
#define _BOOT_BOOTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/firmware.h"
#include "proto/name.h"

#define BOOT_NICS_MAX		8
#define BOOT_VLANS_MAX		8
#define BOOT_TARGETS_MAX	16
#define BOOT_DNS_MAX		4
#define BOOT_IFNAME_MAX		15
#define BOOT_TEXT_MAX		255

enum boot_method {
	BOOT_OFF,		/* leave the device alone */
	BOOT_STATIC,
	BOOT_DHCP,
	BOOT_AUTO6,		/* router advertisements, done by the kernel */
};

struct boot_nic {
	enum boot_method method;
	char name[BOOT_IFNAME_MAX + 1];	/* "" with has_mac, or any device */
	uint8_t mac[FIRMWARE_MAC_LEN];
	bool has_mac;
	bool any;			/* every device, with BOOT_DHCP */
	struct firmware_ip ip;
	uint32_t prefix;		/* bits */
	struct firmware_ip gateway;
	uint32_t vlan;			/* on top of the device, 0 none */
	uint32_t mtu;			/* 0: as it is */
};

struct boot_vlan {
	char name[BOOT_IFNAME_MAX + 1];
	char device[BOOT_IFNAME_MAX + 1];
	uint32_t id;
};

struct boot_target {
	char name[MPIO_ISCSI_NAME_MAX + 1];
	struct mpio_portal portal;
	char iface[BOOT_IFNAME_MAX + 1];	/* bind to it, or "" */
	char user[BOOT_TEXT_MAX + 1];
	char secret[BOOT_TEXT_MAX + 1];
	char user_in[BOOT_TEXT_MAX + 1];
	char secret_in[BOOT_TEXT_MAX + 1];
};

struct bootline {
	bool off;			/* iscsi_mpio=off */
	bool ibft;			/* targets of the firmware */
	bool ip_ibft;			/* network of the firmware */
	bool dhcp_root;			/* the root path of DHCP counts */
	char initiator[MPIO_ISCSI_NAME_MAX + 1];
	uint32_t wait;			/* seconds, 0 not given */
	struct boot_nic nic[BOOT_NICS_MAX];
	size_t nics;
	struct boot_vlan vlan[BOOT_VLANS_MAX];
	size_t vlans;
	struct firmware_ip dns[BOOT_DNS_MAX];
	size_t servers;
	struct boot_target target[BOOT_TARGETS_MAX];
	size_t targets;
	struct boot_target parts;	/* target given one word at a time */
	bool has_part;
};

/**
 * bootline_word - take one word
 * @line: zeroed before the first
 * @word: "KEY=VALUE" or "KEY", NUL terminated
 * @why: sentence when refused; never quotes the value, which may be a secret
 *
 * Words of others are passed over. A refused word changes nothing.
 *
 * Return: 0 or -EINVAL.
 */
int bootline_word(struct bootline *line, const char *word, const char **why);

/**
 * bootline_parse - take all words of a text
 * @line: zeroed before the first
 * @text: as /proc/cmdline: words between blanks, double quotes hold blanks
 *	together; is cut to pieces
 * @complain: called for each refused word with its key; may be NULL
 */
void bootline_parse(struct bootline *line, char *text,
		    void (*complain)(const char *key, const char *why));

/*
 * After the last word: the target that came in parts, and credentials and
 * names for those that have none of their own. 0 or -EINVAL.
 */
int bootline_finish(struct bootline *line, const char **why);

/*
 * Adds what the firmware says as if it had been typed: the network with
 * line->ip_ibft, targets with line->ibft, or with line->ip_ibft when there are
 * no others. @complain as above.
 */
void bootline_add_ibft(struct bootline *line, const struct firmware *ibft,
		       void (*complain)(const char *key, const char *why));

/**
 * bootline_root_path - a root path as DHCP gives it (RFC 4173 5)
 * @line: the target is added to
 * @path: "iscsi:SERVER:PROTOCOL:PORT:LUN:TARGET"
 * @why: sentence when refused
 *
 * Return: 0 or -EINVAL.
 */
int bootline_root_path(struct bootline *line, const char *path,
		       const char **why);

#endif /* _BOOT_BOOTLINE_H */
