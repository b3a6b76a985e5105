// SPDX-License-Identifier: GPL-2.0
/*
 * What each logical unit says of itself, asked by SCSI commands of our own: write
 * protection, blocks, thin provisioning, reservations.
 */
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "doctor/beside.h"
#include "doctor/check.h"
#include "doctor/subject.h"

#define COMMAND_MS	2000
#define ALL_MS		4000
#define KEYS_MAX	128
#define LOG_LEN		256

static const char how_sysfs[] = "/sys/block";
static const char how_keys[] = "PERSISTENT RESERVE IN";
static const char how_thin[] = "READ CAPACITY(16) and the log page of "
	"logical block provisioning";

/* What the unit answered; a member is good when its flag is set. */
struct unit {
	bool opened;
	bool has_keys, has_reservation, has_capacity, has_log, has_ready;
	uint32_t keys;
	uint8_t holder;		/* type of the reservation, 0: none */
	bool thin;
	uint32_t block;
	uint32_t free_percent, used_percent;	/* of the pool, when has_log */
	bool has_percent;
	uint8_t key, asc, ascq;	/* of TEST UNIT READY, key 0: ready */
};

static bool command(int fd, const uint8_t *cdb, uint8_t len, void *data,
		    unsigned int size, uint8_t *sense)
{
	sg_io_hdr_t io = {
		.interface_id = 'S',
		.cmd_len = len,
		.cmdp = (unsigned char *)cdb,
		.dxfer_direction = size ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
		.dxferp = data,
		.dxfer_len = size,
		.sbp = sense,
		.mx_sb_len = 32,
		.timeout = COMMAND_MS,
	};

	memset(sense, 0, 32);
	return !ioctl(fd, SG_IO, &io) && !io.host_status && !io.status;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Usage of the pool: parameters 1 (available) and 2 (used), SBC-4 6.4.4. */
static void read_log(struct unit *u, int fd, uint8_t *sense)
{
	const uint8_t cdb[10] = { 0x4d, 0, 0x40 | 0x0c, 0, 0, 0, 0,
				  LOG_LEN >> 8, LOG_LEN & 0xff, 0 };
	uint8_t log[LOG_LEN] = {};
	unsigned int at = 4, len, code;
	uint64_t remaining = 0, taken = 0;

	if (!command(fd, cdb, sizeof(cdb), log, sizeof(log), sense) ||
	    (log[0] & 0x3f) != 0x0c)
		return;
	u->has_log = true;
	len = (log[2] << 8 | log[3]) + 4;
	for (; at + 8 <= len && at + 8 <= sizeof(log); at += 4 + log[at + 3]) {
		code = log[at] << 8 | log[at + 1];
		if (code == 1)
			remaining = get32(log + at + 4);
		else if (code == 2)
			taken = get32(log + at + 4);
	}
	if (!remaining && !taken)
		return;
	u->has_percent = true;
	u->free_percent = remaining * 100 / (remaining + taken);
	u->used_percent = 100 - u->free_percent;
}

static void work(void *result, const void *arg)
{
	static const uint8_t keys_cdb[10] = { 0x5e, 0, 0, 0, 0, 0, 0, 4, 8 };
	static const uint8_t holder_cdb[10] = { 0x5e, 1, 0, 0, 0, 0, 0, 0, 24 };
	static const uint8_t size_cdb[16] = { 0x9e, 0x10, [13] = 32 };
	static const uint8_t ready_cdb[6] = {};
	uint8_t data[8 + 8 * KEYS_MAX] = {}, sense[32];
	struct unit *u = result;
	int fd = open(arg, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	u->opened = true;
	u->has_ready = command(fd, ready_cdb, 6, NULL, 0, sense) ||
		       (sense[0] & 0x7f) == 0x70;
	if (u->has_ready && (sense[0] & 0x7f) == 0x70) {
		u->key = sense[2] & 0xf;
		u->asc = sense[12];
		u->ascq = sense[13];
	}
	u->has_keys = command(fd, keys_cdb, 10, data, sizeof(data), sense);
	if (u->has_keys)
		u->keys = get32(data + 4) / 8;
	memset(data, 0, sizeof(data));
	u->has_reservation = command(fd, holder_cdb, 10, data, 24, sense);
	if (u->has_reservation && get32(data + 4) >= 16)
		u->holder = data[21] & 0xf;
	memset(data, 0, sizeof(data));
	u->has_capacity = command(fd, size_cdb, 16, data, 32, sense);
	if (u->has_capacity) {
		u->block = get32(data + 8);
		u->thin = data[14] & 0x80;
		if (u->thin)
			read_log(u, fd, sense);
	}
	close(fd);
}

static void tell_protected(struct subject *sub, const char *disk)
{
	char text[8];

	subject_line(text, sizeof(text), "/sys/block/%s/ro", disk);
	if (*text != '1') {
		finding_add(&sub->findings, FINDING_OK, disk, how_sysfs,
			    "it may be written to");
		return;
	}
	finding_add(&sub->findings, FINDING_NOTE, disk, how_sysfs,
		    "it is write-protected");
	finding_mend(&sub->findings, "at the target, if it is to be written "
		     "to; then blockdev --setrw /dev/%s",
		     disk);
}

static void tell_ready(struct subject *sub, const char *disk,
		       const struct unit *u)
{
	if (!u->has_ready || !u->key || u->key == 6)
		return;
	finding_add(&sub->findings, FINDING_FAULT, disk, "TEST UNIT READY",
		    "the unit is not ready: sense %x/%02x/%02x%s", u->key,
		    u->asc, u->ascq, u->asc == 0x27 && u->ascq == 7 ?
		    ", the pool it is thin in is full" : "");
	finding_mend(&sub->findings, "look at the state of the unit at the target");
}

static void tell_thin(struct subject *sub, const char *disk,
		      const struct unit *u)
{
	struct finding_list *list = &sub->findings;

	if (!u->has_capacity) {
		finding_add(list, FINDING_NOTE, disk, how_thin,
			    "not measured: the unit does not answer READ CAPACITY(16)");
	} else if (!u->thin) {
		finding_add(list, FINDING_OK, disk, how_thin,
			    "it is not thin; its blocks have %u bytes",
			    u->block);
	} else if (!u->has_percent) {
		finding_add(list, FINDING_NOTE, disk, how_thin,
			    "it is thin; how full its pool is, is not "
			    "measured: the target does not say");
		finding_mend(list, "watch the pool at the target; fstrim "
			     "gives back what is free");
	} else if (u->free_percent < 5) {
		finding_add(list, FINDING_FAULT, disk, how_thin,
			    "it is thin, and %u %% of its pool are used",
			    u->used_percent);
		finding_mend(list, "make the pool larger at the target; "
			     "fstrim -v gives back what is free");
	} else {
		finding_add(list, FINDING_OK, disk, how_thin,
			    "it is thin, %u %% of its pool are used",
			    u->used_percent);
	}
}

static void tell_keys(struct subject *sub, const char *disk,
		      const struct unit *u)
{
	struct finding_list *list = &sub->findings;

	if (!u->has_keys || !u->has_reservation) {
		finding_add(list, FINDING_NOTE, disk, how_keys,
			    "not measured: the unit does not tell of reservations");
	} else if (u->holder) {
		finding_add(list, FINDING_NOTE, disk, how_keys,
			    "it is reserved (type %u) and has %u keys: who "
			    "has none may be kept out",
			    u->holder, u->keys);
		finding_mend(list, "sg_persist -i -r /dev/%s tells the "
			     "holder; a cluster wants it so",
			     disk);
	} else {
		finding_add(list, FINDING_OK, disk, how_keys,
			    "no reservation, %u keys", u->keys);
	}
}

static void tell_blocks(struct subject *sub, const char *disk)
{
	char logical[16];

	subject_line(logical, sizeof(logical),
		     "/sys/block/%s/queue/logical_block_size", disk);
	if (atoi(logical) <= 512)
		return;
	finding_add(&sub->findings, FINDING_NOTE, disk, how_sysfs,
		    "its blocks have %s bytes (4Kn): a copy of a disk of 512 "
		    "does not start on it",
		    logical);
	finding_mend(&sub->findings, "make the unit with blocks of 512 "
		     "bytes, if it is to hold such a copy");
}

static void tell(struct subject *sub, const struct disk *d)
{
	char *path = file_root_path("/dev/%s", d->name);
	struct unit u = {};
	struct beside b;
	bool done = false;

	if (d->paths_ready && beside_begin(&b, sizeof(u), work, path))
		done = beside_end(&b, clock_now() + ALL_MS, &u);
	free(path);
	tell_protected(sub, d->name);
	tell_blocks(sub, d->name);
	if (!done || !u.opened) {
		finding_add(&sub->findings, FINDING_NOTE, d->name,
			    "SCSI commands of our own",
			    "reservations and thin provisioning are not measured: %s",
			    !d->paths_ready ? "no path is ready" : done ?
			    "the disk cannot be opened" :
			    "it does not answer in time");
		return;
	}
	tell_ready(sub, d->name, &u);
	tell_thin(sub, d->name, &u);
	tell_keys(sub, d->name, &u);
}

void units_check(struct subject *sub)
{
	size_t i;

	for (i = 0; i < sub->disks.count; i++)
		if (sub->disks.item[i].name[0] &&
		    subject_has_disk(sub, &sub->disks.item[i]))
			tell(sub, &sub->disks.item[i]);
}
