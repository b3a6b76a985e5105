// SPDX-License-Identifier: GPL-2.0
/*
 * The disk of our session is another SCSI disk than open-iscsi's, although
 * behind both is one logical unit: it is compared by identity and size before
 * anything moves. While their session logs out we hold its disk claimed, so
 * that nobody mounts it in between. Until something has moved, a failure ends
 * our session again.
 */
#include "openiscsi/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/print.h"
#include "base/strlist.h"
#include "flow/connect.h"
#include "flow/logout.h"
#include "host/dm_move.h"
#include "module/kernel.h"
#include "openiscsi/running.h"
#include "store/match.h"

#define DISKS_MAX	256
#define IDENTITY_MAX	256
#define SCSI_TIMEOUT_MS	10000

/* A session of open-iscsi that is being moved to one of ours. */
struct move {
	const struct running_session *running;
	const struct record *record;
	uint32_t id;			/* of our session */
	bool added;			/* by us, now */
	bool moved;			/* something stands on our disk */
	int claim[DISKS_MAX];		/* open on their disks */
	size_t claims;
};

static bool same_way(const struct record *r, const struct running_session *s)
{
	return !r->damage && !mpio_name_compare(r->login.target, s->target) &&
	       !strcmp(r->host, s->host) && r->port == s->port;
}

/* A record of the same way, one that has no session yet if there is. */
static const struct record *record_for(const struct running_session *s,
				       const struct record_list *stored,
				       const struct session_list *live)
{
	const struct record *found = NULL;
	size_t i;

	for (i = 0; i < stored->count; i++) {
		if (!same_way(&stored->item[i], s))
			continue;
		if (!match_record_session(&stored->item[i], live))
			return &stored->item[i];
		found = &stored->item[i];
	}
	return found;
}

static void disk_attribute(const char *disk, const char *name, char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/block/%s/%s", disk, name);
	text[0] = '\0';
	f = fopen(path, "re");
	if (f && fgets(text, IDENTITY_MAX, f))
		text[strcspn(text, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* The designator of VPD page 83 that the kernel prefers, and the size. */
static bool same_unit(const char *a, const char *b)
{
	static const char *const names[] = { "device/wwid", "size" };
	char x[IDENTITY_MAX], y[IDENTITY_MAX];
	size_t i;

	for (i = 0; i < 2; i++) {
		disk_attribute(a, names[i], x);
		disk_attribute(b, names[i], y);
		if (!*x || strcmp(x, y))
			return false;
	}
	return true;
}

static const char *our_disk(const struct session *ours, const char *running)
{
	size_t i;

	for (i = 0; i < ours->disks.count; i++)
		if (same_unit(ours->disks.item[i], running))
			return ours->disks.item[i];
	return NULL;
}

/* SPC-4 6.15 PERSISTENT RESERVE IN, service action 1: READ RESERVATION. */
static bool is_reserved(int fd)
{
	uint8_t cdb[10] = { 0x5e, 1, [8] = 24 }, data[24] = {}, sense[32];
	struct sg_io_hdr hdr = {
		.interface_id = 'S', .dxfer_direction = SG_DXFER_FROM_DEV,
		.cmdp = cdb, .cmd_len = sizeof(cdb), .dxferp = data,
		.dxfer_len = sizeof(data), .sbp = sense,
		.mx_sb_len = sizeof(sense), .timeout = SCSI_TIMEOUT_MS,
	};

	if (ioctl(fd, SG_IO, &hdr) || hdr.status || hdr.host_status)
		return false;	/* a unit that has no reservations */
	return data[4] || data[5] || data[6] || data[7];
}

static int check_disk(const char *disk)
{
	char *path = xasprintf("/dev/%s", disk);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret = 0;

	free(path);
	if (fd < 0)
		return because_errno(errno, "/dev/%s", disk);
	if (is_reserved(fd))
		ret = because(CODE_BUSY,
			      "%s has a persistent reservation, which is of their session: release it first",
			      disk);
	close(fd);
	return ret ? ret : dm_move_check(disk);
}

static int check_running(const struct move *m)
{
	size_t i;
	int ret = 0;

	if (!m->record)
		return because(CODE_NOT_FOUND,
			       "no record has its target and portal");
	if (m->running->disks.count > DISKS_MAX)
		return because(CODE_INVALID, "it has more than %d disks",
			       DISKS_MAX);
	for (i = 0; i < m->running->disks.count && !ret; i++)
		ret = check_disk(m->running->disks.item[i]);
	return ret;
}

/* Our session for the record, which may be there already. */
static int log_in(struct move *m, const struct session_list *live)
{
	const struct session *s = match_record_session(m->record, live);
	struct attempt a = { .addresses = 1 };
	struct secrets secrets = {};
	int ret;

	if (s) {
		m->id = s->id;
		return s->state == MPIO_SESSION_LOGGED_IN ? 0 :
		       because(CODE_LOGIN, "our session %u is %s", s->id,
			       model_session_state_name(s->state));
	}
	ret = match_record_login(m->record, &a.login, &secrets);
	if (!ret) {
		a.address = xcalloc(1, sizeof(*a.address));
		*a.address = a.login.portal;
		a.secrets = &secrets;
		ret = connect_attempts_wait(&a, 1);
		if (ret)
			because(ret, "%s", a.why);
	}
	m->id = a.id;
	m->added = !ret;
	model_secrets_wipe(&secrets);
	connect_attempt_free(&a);
	return ret;
}

/* From here on nobody else can begin to use it. */
static int claim(struct move *m, const char *disk)
{
	char *path = xasprintf("/dev/%s", disk);
	int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC), ret = 0;

	if (fd < 0)
		ret = because(CODE_BUSY, "%s is in use again: %s", disk,
			      strerror(errno));
	else
		m->claim[m->claims++] = fd;
	free(path);
	return ret;
}

/*
 * All units are found before the first is moved. NoScan of a record leaves
 * ours without disks, which is told as any other that is not there.
 */
static int move_disks(struct move *m, const struct session *ours)
{
	const struct strlist *disks = &m->running->disks;
	size_t i;
	int ret = 0;

	for (i = 0; i < disks->count; i++)
		if (!our_disk(ours, disks->item[i]))
			return because(CODE_NOT_FOUND,
				       "our session shows no disk that is the logical unit of %s",
				       disks->item[i]);
	for (i = 0; i < disks->count && !ret; i++) {
		ret = dm_move_disk(disks->item[i],
				   our_disk(ours, disks->item[i]), &m->moved);
		if (!ret)
			ret = claim(m, disks->item[i]);
	}
	return ret;
}

static int replace(struct move *m)
{
	struct session_list live = {};
	const struct session *ours;
	int ret;

	ret = kernel_get_sessions(&live);
	ours = ret ? NULL : model_session_by_number(&live, m->id);
	if (!ret && !ours)
		ret = because(CODE_NO_SESSION, "our session is gone again");
	if (!ret)
		ret = move_disks(m, ours);
	if (!ret)
		ret = running_logout(m->running);
	model_session_list_free(&live);
	return ret;
}

/* Takes back what can be taken back, and keeps the reason. */
static void undo(const struct move *m)
{
	char *reason;

	if (!m->added || m->moved)
		return;
	reason = xstrdup(why());
	logout_session(NULL, m->id, false);
	because(CODE_ERROR, "%s", reason);
	free(reason);
}

static int take_over(struct move *m, const struct record_list *stored,
		     bool dry_run)
{
	struct session_list live = {};
	int ret;

	ret = kernel_get_sessions(&live);
	if (ret)
		return ret;
	m->record = record_for(m->running, stored, &live);
	ret = check_running(m);
	if (!ret && !dry_run) {
		ret = log_in(m, &live);
		if (!ret)
			ret = replace(m);
		if (ret)
			undo(m);
	}
	while (m->claims)
		close(m->claim[--m->claims]);
	model_session_list_free(&live);
	return ret;
}

static void print_result(const struct running_session *s, const char *result)
{
	print_row();
	print_str("Kind", "KIND", "session");
	print_str("TargetNodeAddress", "TARGET", s->target);
	print_str("TargetPortalAddress", "PORTAL", s->host);
	print_u64("TargetPortalPortNumber", "PORT", s->port);
	print_str("Result", "RESULT", result);
}

int takeover_all(const struct record_list *stored, bool dry_run)
{
	struct running_sessions running;
	size_t i;
	int ret, one;

	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (ret)
		return failed(ret, "cannot take sessions over");
	running_load(&running);
	for (i = 0; i < running.count; i++) {
		struct move m = { .running = &running.item[i] };

		one = take_over(&m, stored, dry_run);
		if (one)
			failed(one, "session %u of open-iscsi stays",
			       running.item[i].sid);
		print_result(&running.item[i], one ? "stays" : dry_run ?
			     "would be taken over" : "taken over");
		ret = first_code(ret, one);
	}
	running_free(&running);
	return ret;
}
