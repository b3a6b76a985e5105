// SPDX-License-Identifier: GPL-2.0
/* Probing: INQUIRY, VPD pages, capacity and access state through one path. */
#include "lu/probe.h"

#include <linux/math64.h>
#include <linux/slab.h>
#include <scsi/scsi_proto.h>

#include "lu/alua.h"
#include "lu/ready.h"
#include "session/session.h"

#define MPIO_PROBE_AGAIN	4
#define MPIO_PROBE_VPD		255	/* bytes of a page, at first */
#define MPIO_PROBE_LUNS		16384	/* SAM-5: LUNs of one level */

/*
 * The LU does not know the page or command that was asked for. Any other
 * failure says nothing about what it would have answered.
 */
static bool mpio_probe_unknown(const struct mpio_probe *probe, int err)
{
	return err == -EIO && probe->sense.key == ILLEGAL_REQUEST;
}

static int mpio_probe_vpd_part(struct mpio_session *sess,
			       struct mpio_probe *probe, u64 lun, u8 page,
			       u32 size)
{
	u32 len = mpio_cdb_vpd(probe->cdb, page, size);

	return mpio_probe_read(sess, probe, lun, len, probe->buf, size);
}

/*
 * A LU older than SPC-3 knows one byte of the length (SPC-2 7.3): more is
 * asked for only where the page says that there is more.
 */
static int mpio_probe_vpd(struct mpio_session *sess, struct mpio_probe *probe,
			  u64 lun, u8 page)
{
	int n = mpio_probe_vpd_part(sess, probe, lun, page, MPIO_PROBE_VPD);
	u32 whole;

	if (n < 4)
		return n;
	whole = 4 + mpio_get16(probe->buf + 2);
	if (whole <= MPIO_PROBE_VPD || n < MPIO_PROBE_VPD)
		return n;
	n = mpio_probe_vpd_part(sess, probe, lun, page,
				min_t(u32, whole, MPIO_PROBE_BUF));
	if (!mpio_probe_unknown(probe, n))
		return n;
	return mpio_probe_vpd_part(sess, probe, lun, page, MPIO_PROBE_VPD);
}

static int mpio_probe_inquiry(struct mpio_session *sess,
			      struct mpio_probe *probe, u64 lun)
{
	u32 len = mpio_cdb_inquiry(probe->cdb, 96);
	int n = mpio_probe_read(sess, probe, lun, len, probe->buf, 96);

	if (n < 0)
		return n;
	if (mpio_inquiry_parse(probe->buf, n, &probe->lu.inquiry))
		return -EPROTO;
	return probe->lu.inquiry.qualifier ? -ENODEV : 0;
}

/* Designator of page 83, else vendor, product and serial; and these. */
static int mpio_probe_identity(struct mpio_session *sess,
			       struct mpio_probe *probe, u64 lun)
{
	struct mpio_lu *lu = &probe->lu;
	struct mpio_unit *unit = &lu->unit;
	int n = mpio_probe_vpd(sess, probe, lun, 0x83);

	if (n < 0 && !mpio_probe_unknown(probe, n))
		return n;
	memset(unit, 0, sizeof(*unit));
	unit->type = lu->inquiry.type;
	strscpy(unit->vendor, lu->inquiry.vendor, sizeof(unit->vendor));
	strscpy(unit->product, lu->inquiry.product, sizeof(unit->product));
	probe->vpd83.has_tpg = false;
	unit->id.type = MPIO_LU_ID_NONE;
	if (n > 0 && !mpio_vpd83_parse(probe->buf, n, &probe->vpd83))
		unit->id = probe->vpd83.id;
	n = mpio_probe_vpd(sess, probe, lun, 0x80);
	if (n < 0 && !mpio_probe_unknown(probe, n))
		return n;
	if (n > 0)
		mpio_vpd_serial(probe->buf, n, unit->serial);
	if (unit->id.type == MPIO_LU_ID_NONE)
		mpio_lu_id_serial(&unit->id, &lu->inquiry, unit->serial);
	return 0;
}

static int mpio_probe_capacity(struct mpio_session *sess,
			       struct mpio_probe *probe, u64 lun)
{
	struct mpio_lu *lu = &probe->lu;
	struct mpio_capacity cap;
	int n;

	lu->unit.size = 0;
	if (lu->inquiry.type != TYPE_DISK)
		return 0;
	n = mpio_probe_read(sess, probe, lun,
			    mpio_cdb_read_capacity16(probe->cdb, 32),
			    probe->buf, 32);
	if (n == -ENOTCONN)
		return n;
	if (n < 0 || mpio_capacity16_parse(probe->buf, n, &cap)) {
		n = mpio_probe_read(sess, probe, lun,
				    mpio_cdb_read_capacity10(probe->cdb),
				    probe->buf, 8);
		if (n == -ENOTCONN)
			return n;
		if (n < 0 || mpio_capacity10_parse(probe->buf, n, &cap))
			return 0;	/* a standby port need not say */
	}
	if (cap.last_lba < div_u64(U64_MAX, max(cap.block_size, 1U)))
		lu->unit.size = (cap.last_lba + 1) * cap.block_size;
	return 0;
}

static int mpio_probe_lu_once(struct mpio_session *sess,
			      struct mpio_probe *probe, u64 lun)
{
	int err;

	probe->lu.lun = lun;
	probe->lu.begun = jiffies;
	/* Clears the unit attentions of a new nexus, too. */
	err = mpio_ready_ask(sess, probe, lun);
	if (err)
		return err;
	probe->changed = false;
	err = mpio_probe_inquiry(sess, probe, lun);
	if (err)
		return err;
	err = mpio_probe_identity(sess, probe, lun);
	if (!err)
		err = mpio_probe_capacity(sess, probe, lun);
	if (!err)
		err = mpio_alua_ask(sess, probe, lun);
	return err;
}

int mpio_probe_lu(struct mpio_session *sess, struct mpio_probe *probe, u64 lun)
{
	unsigned int i;
	int err;

	memset(&probe->lu.attentions, 0, sizeof(probe->lu.attentions));
	/* A unit attention in between: what came before it may be stale. */
	for (i = 0; i < MPIO_PROBE_AGAIN; i++) {
		err = mpio_probe_lu_once(sess, probe, lun);
		if (err || !probe->changed)
			return err;
	}
	return -EAGAIN;
}

int mpio_probe_report_luns(struct mpio_session *sess, struct mpio_probe *probe,
			   u8 **big, struct mpio_luns *luns)
{
	u32 len;
	int n;

	*big = NULL;
	n = mpio_probe_read(sess, probe, 0,
			    mpio_cdb_report_luns(probe->cdb, MPIO_PROBE_BUF),
			    probe->buf, MPIO_PROBE_BUF);
	if (n < 0)
		return mpio_probe_unknown(probe, n) ? -EOPNOTSUPP : n;
	if (mpio_luns_parse(probe->buf, n, luns))
		return -EPROTO;
	if (luns->count >= luns->reported)
		return 0;
	if (luns->reported > MPIO_PROBE_LUNS)
		return -EPROTO;
	len = 8 + 8 * luns->reported;
	*big = kmalloc(len, GFP_KERNEL | __GFP_NOWARN);
	if (!*big)
		return -ENOMEM;
	n = mpio_probe_read(sess, probe, 0,
			    mpio_cdb_report_luns(probe->cdb, len), *big, len);
	if (n >= 0 && !mpio_luns_parse(*big, n, luns) &&
	    luns->count >= luns->reported)
		return 0;
	kfree(*big);
	*big = NULL;
	return n < 0 ? n : -EAGAIN;
}
