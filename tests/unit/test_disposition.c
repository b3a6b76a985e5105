// SPDX-License-Identifier: GPL-2.0
/*
 * The error table of multipath/disposition.c, row by row. Failing: an answer of
 * the target costs an error that a path could have avoided, or is repeated
 * where it must not be, or wakes the midlayer's error handler.
 *
 * The file is compiled as it is, with the module's own headers and the kernel of
 * the fuzzer (tests/fuzz/engine/kernel.h); what it calls of its neighbours is here.
 */
#include <stdarg.h>

#include "unit.h"
#include <uapi/linux/iscsi_mpio.h>

struct scsi_sense_hdr {
	u8 key;
};

static bool scsi_normalize_sense(const u8 *sense, int len,
				 struct scsi_sense_hdr *hdr)
{
	(void)len;
	hdr->key = sense[2] & 0xf;
	return (sense[0] & 0x70) == 0x70;
}

#include "multipath/disk.h"
#include "multipath/marginal.h"
#include "multipath/path.h"
#include "multipath/reset.h"

/* What the file asked for. */
static struct {
	unsigned int rescans, reverifies, alua_set, built, reservations;
	unsigned int blame, mute;
	u8 alua;
	char reason[64];
} did;

static void scsi_build_sense(struct scsi_cmnd *sc, int desc, u8 key, u8 asc,
			     u8 ascq)
{
	(void)sc;
	(void)desc;
	did.built += key == ABORTED_COMMAND && !asc && !ascq;
}

void mpio_disk_rescan(struct mpio_disk *disk)
{
	(void)disk;
	did.rescans++;
}

void mpio_path_set_alua(struct mpio_path *path, u8 alua)
{
	(void)path;
	did.alua_set++;
	did.alua = alua;
}

void mpio_path_reverify(struct mpio_path *path, const char *reason)
{
	(void)path;
	did.reverifies++;
	snprintf(did.reason, sizeof(did.reason), "%s", reason);
}

static void unregistered(struct mpio_path *path)
{
	(void)path;
	did.reservations++;
}

/* Another path has the reservation. */
static bool elsewhere;

static bool conflict(struct mpio_path *path)
{
	(void)path;
	return elsewhere;
}

static const struct mpio_unit_ops unit_ops = {
	.conflict	= conflict,
	.unregistered	= unregistered,
};

/* There is another path that is ready. */
static bool other;

bool mpio_disk_other_path(const struct mpio_disk *disk,
			  const struct mpio_path *path)
{
	(void)path;
	(void)disk;
	return other;
}

void mpio_marginal_error(struct mpio_path *path, u32 weight)
{
	(void)path;
	did.blame += weight;
}

void mpio_marginal_mute(struct mpio_path *path)
{
	(void)path;
	did.mute++;
}

static bool is_protected;

bool mpio_path_protected(struct mpio_path *path)
{
	(void)path;
	return is_protected;
}

/* A reset of the unit by us may have taken the command along. */
static bool was_reset;

bool mpio_tmf_may_be_reset(const struct mpio_task *task)
{
	(void)task;
	return was_reset;
}

bool mpio_tmf_is_unfinished(const struct mpio_disk *disk)
{
	return disk->reset_lost;
}

#include "multipath/disposition.c"

/* ---------------------------------------------------------------- the tests */

static struct scsi_cmnd sc;
static u8 sense[MPIO_SENSE_MAX];
static struct mpio_disk disk = { .ops = &unit_ops };
static struct mpio_path path = { .disk = &disk, .id = 7 };

static struct mpio_task answered(u8 status)
{
	struct mpio_task task = {
		.sc = &sc, .status = status, .sense = sense, .data_len = 4096,
	};

	memset(&sc, 0, sizeof(sc));
	sc.allowed = 5;
	sc.request.timeout = 30 * HZ;
	sc.jiffies_at_alloc = jiffies;
	sc.result = -1;
	memset(&did, 0, sizeof(did));
	disk.unit.type = TYPE_DISK;
	other = true;
	path.unready.key = 0;
	path.reset_notice = false;
	was_reset = false;
	is_protected = false;
	return task;
}

static struct mpio_task sensed(u8 key, u8 asc, u8 ascq)
{
	struct mpio_task task = answered(SAM_STAT_CHECK_CONDITION);

	memset(sense, 0xff, sizeof(sense));
	memset(sense, 0, 18);
	sense[0] = 0x70;
	sense[2] = key;
	sense[7] = 10;
	sense[12] = asc;
	sense[13] = ascq;
	task.sense_len = 18;
	return task;
}

enum { RETARGET = 1, RESCAN = 2, REVERIFY = 4, CHANGED = 8, RESERVED = 16,
	SERIOUS = 32, PASSING = 64 };

static const struct {
	u8 key, asc, ascq;
	u8 does;
	u8 alua;
	const char *desc;
} rows[] = {
	{ NOT_READY, 0x04, 0x0a, RETARGET | REVERIFY, MPIO_ALUA_TRANSITIONING,
	  "access state transition: another path, ask for the state" },
	{ NOT_READY, 0x04, 0x0b, RETARGET | REVERIFY, MPIO_ALUA_STANDBY,
	  "port in standby: another path, ask for the state" },
	{ NOT_READY, 0x04, 0x0c, RETARGET | REVERIFY, MPIO_ALUA_UNAVAILABLE,
	  "port unavailable: another path, ask for the state" },
	{ UNIT_ATTENTION, 0x2a, 0x03, RESERVED, ANY,
	  "reservations preempted: is the registration still there?" },
	{ UNIT_ATTENTION, 0x2a, 0x04, RETARGET, ANY,
	  "reservations released: again" },
	{ UNIT_ATTENTION, 0x2a, 0x05, RESERVED, ANY,
	  "registrations preempted: is ours still there?" },
	{ UNIT_ATTENTION, 0x2a, 0x06, RETARGET | REVERIFY, ANY,
	  "access state changed: again, ask for the state" },
	{ UNIT_ATTENTION, 0x2a, 0x07, RETARGET | REVERIFY, ANY,
	  "implicit transition failed: again, ask for the state" },
	{ UNIT_ATTENTION, 0x2a, 0x09, RETARGET | RESCAN, ANY,
	  "capacity changed: again, scan" },
	{ UNIT_ATTENTION, 0x3f, 0x03, RETARGET | RESCAN | REVERIFY | CHANGED,
	  ANY, "inquiry data changed: verify the unit, scan" },
	{ UNIT_ATTENTION, 0x3f, 0x0e, RETARGET | RESCAN | REVERIFY | CHANGED,
	  ANY, "reported LUNs changed: verify the unit, scan" },
	{ DATA_PROTECT, 0x27, 0x00, RETARGET | REVERIFY | CHANGED, ANY,
	  "write protected: is it the same unit? again, a few times" },
	{ ILLEGAL_REQUEST, 0x25, 0x00, RETARGET | RESCAN | REVERIFY | CHANGED,
	  ANY, "no such LUN: another path, verify the unit, scan" },
	{ ILLEGAL_REQUEST, 0x94, 0x01, RETARGET | REVERIFY | SERIOUS, ANY,
	  "RDAC, not the owner: another path, is it ready?" },
	{ NOT_READY, ANY, ANY, RETARGET | REVERIFY | SERIOUS, ANY,
	  "not ready of any kind: another path, is it ready?" },
	{ ABORTED_COMMAND, 0x10, ANY, 0, ANY,
	  "wrong protection information: the issuer is told" },
	{ ABORTED_COMMAND, ANY, ANY, RETARGET | PASSING, ANY,
	  "aborted by the target: another path" },
	{ HARDWARE_ERROR, 0x44, 0x00, RETARGET | PASSING, ANY,
	  "internal target failure: another path" },
};

static bool row_did(unsigned int i, struct mpio_task *task, bool retarget)
{
	bool changed = strstr(did.reason, "logical unit");

	if (did.rescans != !!(rows[i].does & RESCAN) ||
	    did.reverifies != !!(rows[i].does & REVERIFY) ||
	    did.reservations != !!(rows[i].does & RESERVED) ||
	    (did.reverifies && changed != !!(rows[i].does & CHANGED)) ||
	    did.alua_set != (rows[i].alua != ANY) ||
	    (retarget && did.blame != (rows[i].does & SERIOUS ? 16 :
				       rows[i].does & PASSING ? 3 : 0)) ||
	    (did.alua_set && did.alua != rows[i].alua))
		return false;
	return retarget || task->sc->result == SAM_STAT_CHECK_CONDITION;
}

static void test_rows(void)
{
	struct mpio_task task;
	unsigned int i;

	check(ARRAY_SIZE(rows) == ARRAY_SIZE(mpio_sense_rules),
	      "every row of the table is in this test");
	for (i = 0; i < ARRAY_SIZE(rows) &&
	     i < ARRAY_SIZE(mpio_sense_rules); i++) {
		enum mpio_disposition wanted = rows[i].does & RETARGET ?
			MPIO_DISP_RETARGET : MPIO_DISP_RETURN;

		check(mpio_sense_rules[i].key == rows[i].key &&
		      mpio_sense_rules[i].asc == rows[i].asc &&
		      mpio_sense_rules[i].ascq == rows[i].ascq,
		      "the table is in the order of this test");
		task = sensed(rows[i].key, rows[i].asc, rows[i].ascq);
		check(mpio_decide_for(&task, &path) == wanted &&
		      row_did(i, &task, wanted == MPIO_DISP_RETARGET),
		      rows[i].desc);

		/* As descriptors, SPC-5 4.4.2. */
		task = sensed(0, 0, 0);
		memset(sense, 0, sizeof(sense));
		sense[0] = 0x72;
		sense[1] = rows[i].key;
		sense[2] = rows[i].asc;
		sense[3] = rows[i].ascq;
		task.sense_len = 8;
		check(mpio_decide_for(&task, &path) == wanted,
		      "the same in descriptor format");

		task = sensed(rows[i].key, rows[i].asc, rows[i].ascq);
		sc.request.passthrough = true;
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
		      row_did(i, &task, false),
		      "the issuer of a pass-through command is told, and note is taken");

		task = sensed(rows[i].key, rows[i].asc, rows[i].ascq);
		sense[0] = 0x71;
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
		      !did.reverifies && !did.rescans && !did.alua_set,
		      "a deferred error is about another command");

		if (rows[i].ascq == ANY)
			continue;
		task = sensed(rows[i].key, rows[i].asc, rows[i].ascq ^ 0x80);
		if (rows[i].key == NOT_READY)
			continue;	/* the row for all others */
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
		      sc.result == SAM_STAT_CHECK_CONDITION &&
		      !did.reverifies && !did.rescans && !did.alua_set,
		      "its neighbour is not in the table");
	}
}

/* A target that says no and yes in turn is believed in the end. */
static void test_patience(void)
{
	struct mpio_task task = sensed(DATA_PROTECT, 0x27, 0x00);
	unsigned int n;

	is_protected = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == SAM_STAT_CHECK_CONDITION && !did.reverifies,
	      "a medium that is known to be write-protected costs no path");
	task = sensed(NOT_READY, 0x04, 0x0b);
	for (n = 0; mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET; n++)
		if (n > 1000)
			break;
	check(n == 100, "no command goes round for ever");
	task = sensed(NOT_READY, 0x08, 0x00);
	for (n = 0; mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET; n++)
		if (n > 1000)
			break;
	check(n == 8, "nor long where every path is found ready after it");
}

/* Not in the table: as the target said it, for the issuer to decide. */
static const struct {
	u8 key, asc, ascq;
	const char *desc;
} others[] = {
	{ NO_SENSE, 0, 0, "no sense" },
	{ RECOVERED_ERROR, 0x17, 0x01, "recovered error" },
	{ MEDIUM_ERROR, 0x11, 0x00, "unrecovered read error" },
	{ HARDWARE_ERROR, 0x47, 0x03, "information unit CRC error" },
	{ ILLEGAL_REQUEST, 0x20, 0x00, "invalid opcode" },
	{ ILLEGAL_REQUEST, 0x21, 0x00, "LBA out of range" },
	{ ILLEGAL_REQUEST, 0x24, 0x00, "invalid field in CDB" },
	{ UNIT_ATTENTION, 0x29, 0x00, "power on or reset" },
	{ UNIT_ATTENTION, 0x2f, 0x00, "cleared by another initiator" },
	{ DATA_PROTECT, 0x27, 0x02, "write protected by software" },
	{ ABORTED_COMMAND, 0x10, 0x01, "guard check failed" },
	{ MISCOMPARE, 0x1d, 0x00, "miscompare" },
};

/* Of the many codes for not ready, those of arrays, and some of drives. */
static const struct {
	u8 asc, ascq;
	const char *desc;
} not_ready[] = {
	{ 0x04, 0x00, "cause not reportable" },
	{ 0x04, 0x01, "becoming ready" },
	{ 0x04, 0x02, "initializing command required: HP's passive port" },
	{ 0x04, 0x03, "manual intervention required: CLARiiON's passive port" },
	{ 0x04, 0x04, "format in progress" },
	{ 0x04, 0x12, "offline" },
	{ 0x04, 0x81, "RDAC: firmware mismatch" },
	{ 0x04, 0xa1, "RDAC: quiescence in progress" },
	{ 0x3a, 0x00, "no medium" },
	{ 0x3e, 0x00, "has not self-configured yet" },
	{ 0xff, 0xfe, "a code of a vendor" },
};

static void test_not_ready(void)
{
	struct mpio_task task;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(not_ready); i++) {
		task = sensed(NOT_READY, not_ready[i].asc, not_ready[i].ascq);
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
		      did.reverifies == 1 && did.blame == 16,
		      not_ready[i].desc);
	}
	task = sensed(NOT_READY, 0x04, 0x03);
	other = false;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      did.reverifies == 1,
	      "without another path the command waits: the path is looked at");
	task = sensed(NOT_READY, 0x04, 0x03);
	path.unready.key = NOT_READY;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      !did.reverifies && !did.blame,
	      "a path known not to be ready is left for one that is");
	task = sensed(NOT_READY, 0x04, 0x03);
	path.unready.key = NOT_READY;
	other = false;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == SAM_STAT_CHECK_CONDITION && !did.reverifies,
	      "where there is none the unit has the word");
	task = sensed(NOT_READY, 0x3a, 0x00);
	disk.unit.type = TYPE_TAPE;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == SAM_STAT_CHECK_CONDITION && !did.reverifies,
	      "a drive without a tape has a good path");
	task = sensed(NOT_READY, 0x04, 0x03);
	sc.request.passthrough = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      did.reverifies == 1 && !did.blame,
	      "what is sent by hand blames no path, but has it looked at");
}

/* Answers that a path is to blame for, where it is to be found out. */
static void test_elsewhere(void)
{
	struct mpio_task task = sensed(ABORTED_COMMAND, 0x4b, 0x00);
	unsigned int n;

	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      task.avoid == path.id, "aborted command: this path is avoided");
	task = sensed(ABORTED_COMMAND, 0x4b, 0x00);
	other = false;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == SAM_STAT_CHECK_CONDITION && did.blame == 3,
	      "without another path the midlayer repeats it");
	task = sensed(ABORTED_COMMAND, 0x4b, 0x00);
	for (n = 0; mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET; n++)
		if (n > 1000)
			break;
	check(n == 8, "a few paths are tried, then the midlayer is asked");
	task = sensed(ABORTED_COMMAND, 0x4b, 0x00);
	task.flags = 1 << MPIO_TASK_ONCE;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN && !did.blame,
	      "what must not run twice does not");
	task = answered(SAM_STAT_BUSY);
	sc.jiffies_at_alloc = jiffies - 30 * HZ - 1;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      did.blame == 16, "busy for longer than a command's time: elsewhere");
	task = answered(SAM_STAT_BUSY);
	sc.jiffies_at_alloc = jiffies - 30 * HZ - 1;
	other = false;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == SAM_STAT_BUSY, "where there is none, waits on");
}

static void test_other_sense(void)
{
	struct mpio_task task;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		task = sensed(others[i].key, others[i].asc, others[i].ascq);
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
		      sc.result == SAM_STAT_CHECK_CONDITION &&
		      !did.reverifies && !did.rescans && !did.alua_set &&
		      !did.built, others[i].desc);
	}
	task = sensed(NOT_READY, 4, 0xa);
	task.sense_len = 0;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      did.built == 1 && !did.reverifies,
	      "CHECK CONDITION without sense gets some: nobody asks with the host stopped");
	task = sensed(NOT_READY, 4, 0xa);
	task.sense_len = 1;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      !did.reverifies && !sense[13],
	      "what lies behind the sense data that came is not believed");
}

static const struct {
	u8 status;
	bool error;
	const char *desc;
} statuses[] = {
	{ SAM_STAT_GOOD, false, "GOOD" },
	{ SAM_STAT_CONDITION_MET, false, "CONDITION MET" },
	{ SAM_STAT_BUSY, false, "BUSY" },
	{ SAM_STAT_RESERVATION_CONFLICT, false, "RESERVATION CONFLICT" },
	{ SAM_STAT_TASK_SET_FULL, false, "TASK SET FULL" },
	{ SAM_STAT_ACA_ACTIVE, false, "ACA ACTIVE" },
	{ SAM_STAT_TASK_ABORTED, false, "TASK ABORTED" },
	{ 0x01, true, "a status that does not exist" },
	{ 0x10, true, "INTERMEDIATE, obsolete" },
	{ 0x22, true, "COMMAND TERMINATED, obsolete" },
	{ 0xff, true, "all ones" },
};

static void test_statuses(void)
{
	struct mpio_task task;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		task = answered(statuses[i].status);
		check(mpio_decide_for(&task, &path) ==
		      (statuses[i].error ? MPIO_DISP_RETARGET :
		       MPIO_DISP_RETURN), statuses[i].desc);
		task = answered(statuses[i].status);
		other = false;
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
		      sc.result == (statuses[i].error ? DID_ERROR << 16 :
				    statuses[i].status),
		      "the same on the only path");
		task = answered(statuses[i].status);
		task.flags = 1 << MPIO_TASK_ONCE;
		mpio_decide_for(&task, &path);
		check(sc.result == (statuses[i].error ? DID_ABORT << 16 :
				    statuses[i].status),
		      "the same, never repeated by the midlayer");
	}
	task = answered(SAM_STAT_GOOD);
	task.response = PDU_RSP_TARGET_FAILURE;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET,
	      "iSCSI response: target failure: another path");
	other = false;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == DID_ERROR << 16, "iSCSI response: target failure");
	task = answered(SAM_STAT_GOOD);
	task.residual = 9000;
	mpio_decide_for(&task, &path);
	check(sc.resid == 4096, "a residual is no more than was asked for");
}

static void test_aborted(void)
{
	struct mpio_task task = answered(SAM_STAT_GOOD);

	task.error = -ETIMEDOUT;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      !did.mute && !task.avoid, "aborted by a reset: once more");
	task = answered(SAM_STAT_GOOD);
	task.error = -ETIMEDOUT;
	task.flags = 1 << MPIO_TASK_OVERTIME;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      did.mute == 1 && task.avoid == path.id,
	      "never answered: the path rests, another is tried");
	task = answered(SAM_STAT_GOOD);
	task.error = -ETIMEDOUT;
	task.flags = 1 << MPIO_TASK_ONCE;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == DID_ABORT << 16, "unless it must not run twice");
	task = answered(SAM_STAT_GOOD);
	task.error = -ETIMEDOUT;
	sc.request.passthrough = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == DID_ABORT << 16, "or has an issuer of its own");
	task = answered(SAM_STAT_GOOD);
	task.error = -ETIMEDOUT;
	sc.jiffies_at_alloc = jiffies - 6 * 30 * HZ - 1;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == DID_ABORT << 16, "or its time is over for good");
}

/* Unit attentions that our own PERSISTENT RESERVE OUT has caused. */
static void test_notices(void)
{
	struct mpio_task task;
	u8 ascq;

	for (ascq = 3; ascq <= 5; ascq++) {
		path.registration.absorbs = true;
		task = sensed(UNIT_ATTENTION, 0x2a, ascq);
		sc.request.passthrough = true;
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
		      !did.reservations, "our own doing is not told to anybody");
		path.registration.absorbs = false;
		task = sensed(UNIT_ATTENTION, 0x2a, ascq);
		sc.request.passthrough = true;
		check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN,
		      "another host's is");
	}
	path.registration.absorbs = true;
	task = sensed(UNIT_ATTENTION, 0x29, 0x00);
	sc.request.passthrough = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN,
	      "and so is a reset, whatever we do");
	path.registration.absorbs = false;
}

static void test_conflict(void)
{
	struct mpio_task task = answered(SAM_STAT_RESERVATION_CONFLICT);
	unsigned int n;

	elsewhere = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET,
	      "RESERVATION CONFLICT: by the path that holds the reservation");
	task = answered(SAM_STAT_RESERVATION_CONFLICT);
	sc.request.passthrough = true;
	task.flags = 1 << MPIO_TASK_ONCE;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET,
	      "whatever it is: it was not executed");
	for (n = 0; mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET; n++)
		if (n > 1000)
			break;
	check(n == 99 && sc.result == SAM_STAT_RESERVATION_CONFLICT,
	      "but not for ever");
	elsewhere = false;
}

/* What the fence does to a unit is nobody's error: see kernel/multipath/fence.c. */
static void test_own_reset(void)
{
	struct mpio_task task = sensed(UNIT_ATTENTION, 0x29, 0x03);

	sc.request.passthrough = true;
	path.reset_notice = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET &&
	      !path.reset_notice, "a reset of ours is not told to anybody");
	path.was_reset = 0;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      path.was_reset, "the next one is, and noted as another's");
	task = sensed(UNIT_ATTENTION, 0x29, 0x07);
	path.was_reset = 0;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      !path.was_reset, "the loss of a nexus is no reset");
	task = sensed(UNIT_ATTENTION, 0x2f, 0x00);
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      path.was_reset, "commands cleared by another initiator are like one");
	task = answered(SAM_STAT_TASK_ABORTED);
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == SAM_STAT_TASK_ABORTED,
	      "TASK ABORTED by others is for the midlayer");
	task = answered(SAM_STAT_TASK_ABORTED);
	sc.request.passthrough = true;
	was_reset = true;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET,
	      "by our reset: sent again, whoever sent it");
	task.flags = 1 << MPIO_TASK_ONCE;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETURN &&
	      sc.result == DID_ABORT << 16, "but not what must not run twice");
	was_reset = false;
	task = answered(SAM_STAT_TASK_ABORTED);
	sc.request.passthrough = true;
	disk.reset_lost = 1;
	check(mpio_decide_for(&task, &path) == MPIO_DISP_RETARGET,
	      "nor is it told of one whose answer was lost");
	disk.reset_lost = 0;
}

void test_disposition(void)
{
	test_own_reset();
	test_notices();
	test_conflict();
	test_rows();
	test_patience();
	test_not_ready();
	test_elsewhere();
	test_other_sense();
	test_statuses();
	test_aborted();
}
