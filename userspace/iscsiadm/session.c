// SPDX-License-Identifier: GPL-2.0
/* iscsiadm -m session: list, look at, rescan, log out */
#include "base/memory.h"
#include "iscsiadm/iscsiadm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/error.h"
#include "base/print.h"
#include "base/version.h"
#include "flow/logout.h"
#include "module/kernel.h"
#include "store/match.h"

#define ADM_NO_SID 22	/* what iscsiadm returns for a sid that is not there */
#define LINE "************************"

const char *iscsiadm_address_comma(const struct sockaddr_storage *address,
				   char *text)
{
	char host[ADDRESS_TEXT];

	address_text(address, host);
	snprintf(text, ADDRESS_TEXT, "%.64s,%u", host, address_port(address));
	return text;
}

static void print_flat(const struct session *s)
{
	char text[ADDRESS_TEXT];

	printf("tcp: [%u] %s,%u %s (non-flash)\n", s->id,
	       address_port_text(&s->login.portal, text), s->tpgt,
	       s->login.target);
}

/* What stands before each line: sessions are also shown below their host. */
static const char *margin = "";

static __attribute__((format(printf, 1, 2))) void line(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs(margin, stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
}

static void print_heading(const char *text)
{
	/* As wide as the text, but for one that is not. */
	int len = *text == 'A' ? (int)strlen(LINE) : (int)strlen(text);

	line("\t\t%.*s", len, LINE);
	line("\t\t%s", text);
	line("\t\t%.*s", len, LINE);
}

static void print_interface(const struct session *s)
{
	bool in = s->state == MPIO_SESSION_LOGGED_IN;
	char text[ADDRESS_TEXT];

	print_heading("Interface:");
	line("\t\tIface Name: %s", iscsiadm_iface_name(&s->login));
	line("\t\tIface Transport: tcp");
	line("\t\tIface Initiatorname: %s", s->login.initiator);
	address_text(s->local.ss_family ? &s->local : &s->login.source, text);
	line("\t\tIface IPaddress: %s", *text ? text : "<empty>");
	line("\t\tIface HWaddress: default");
	line("\t\tIface Netdev: %s",
	     s->login.iface[0] ? s->login.iface : "default");
	line("\t\tSID: %u", s->id);
	line("\t\tiSCSI Connection State: %s",
	     in ? "LOGGED IN" : "TRANSPORT WAIT");
	line("\t\tiSCSI Session State: %s",
	     in ? "LOGGED_IN" : s->state == MPIO_SESSION_RECOVERING ?
	     "FAILED" : "FREE");
	line("\t\tInternal iscsid Session State: %s",
	     in ? "NO CHANGE" : "REOPEN");
}

static const char *yes_no(uint32_t value)
{
	return value == 1 ? "Yes" : "No";
}

static const char *digest(uint32_t value)
{
	return value == 1 ? "CRC32C" : "None";
}

static void print_parameters(const struct session *s)
{
	const uint32_t *setting = s->login.settings.value;
	const uint32_t *n = s->negotiated.value;

	print_heading("Timeouts:");
	if (setting[MPIO_TA_NO_PATH_TIMEOUT] == MPIO_FOREVER)
		line("\t\tRecovery Timeout: -1");
	else
		line("\t\tRecovery Timeout: %u",
		     setting[MPIO_TA_NO_PATH_TIMEOUT] / 1000);
	line("\t\tTarget Reset Timeout: %u",
	     setting[MPIO_TA_TMF_TIMEOUT] / 1000);
	line("\t\tLUN Reset Timeout: %u",
	     setting[MPIO_TA_TMF_TIMEOUT] / 1000);
	line("\t\tAbort Timeout: %u", setting[MPIO_TA_TMF_TIMEOUT] / 1000);
	print_heading("CHAP:");
	line("\t\tusername: %s", s->login.user[0] ? s->login.user : "<empty>");
	line("\t\tpassword: ********");
	line("\t\tusername_in: %s",
	     s->login.user_in[0] ? s->login.user_in : "<empty>");
	line("\t\tpassword_in: ********");
	print_heading("Negotiated iSCSI params:");
	line("\t\tHeaderDigest: %s", digest(n[MPIO_NA_HEADER_DIGEST]));
	line("\t\tDataDigest: %s", digest(n[MPIO_NA_DATA_DIGEST]));
	line("\t\tMaxRecvDataSegmentLength: %u", n[MPIO_NA_MAX_RECV_DSL]);
	line("\t\tMaxXmitDataSegmentLength: %u", n[MPIO_NA_MAX_XMIT_DSL]);
	line("\t\tFirstBurstLength: %u", n[MPIO_NA_FIRST_BURST]);
	line("\t\tMaxBurstLength: %u", n[MPIO_NA_MAX_BURST]);
	line("\t\tImmediateData: %s", yes_no(n[MPIO_NA_IMMEDIATE_DATA]));
	line("\t\tInitialR2T: %s", yes_no(n[MPIO_NA_INITIAL_R2T]));
	line("\t\tMaxOutstandingR2T: %u", n[MPIO_NA_MAX_R2T]);
}

static const struct disk *disk_of(const struct disk_list *disks, uint32_t id)
{
	size_t i;

	for (i = 0; i < disks->count; i++)
		if (disks->item[i].id == id)
			return &disks->item[i];
	return NULL;
}

/* The units as Linux numbers them: all paths of a disk have one address. */
static void print_devices(const struct session *s)
{
	struct path_list paths = {};
	struct disk_list disks = {};
	int host, channel, id;
	const struct disk *d;
	unsigned int lun;
	size_t i;

	print_heading("Attached SCSI devices:");
	line("\t\tHost Number: %u\tState: running", s->host);
	if (!kernel_get_paths(s->id, 0, &paths))
		kernel_get_disks(&disks);
	for (i = 0; i < paths.count; i++) {
		d = disk_of(&disks, paths.item[i].disk_id);
		if (!d || sscanf(d->hctl, "%d:%d:%d:%u", &host, &channel, &id,
				 &lun) != 4)
			continue;
		line("\t\tscsi%d Channel %02d Id %d Lun: %u", host,
		     channel, id, lun);
		if (d->name[0])
			line("\t\t\tAttached scsi disk %s\t\tState: %s",
			     d->name, d->failed ? "transport-offline" :
			     d->paths_ready ? "running" : "blocked");
	}
	model_path_list_free(&paths);
	model_disk_list_free(&disks);
}

static void print_session(const struct session *s, int level)
{
	char text[ADDRESS_TEXT];

	line("\tCurrent Portal: %s,%u",
	     address_port_text(match_session_remote(s), text), s->tpgt);
	line("\tPersistent Portal: %s,%u",
	     address_port_text(&s->login.portal, text), s->tpgt);
	print_interface(s);
	if (level >= 2)
		print_parameters(s);
	if (level >= 3)
		print_devices(s);
}

/* Drivers skip two lines before the first session. */
void iscsiadm_versions(void)
{
	char text[32] = "2.0-870";
	FILE *f = fopen("/sys/module/scsi_transport_iscsi/version", "re");

	if (f) {
		if (fgets(text, sizeof(text), f))
			text[strcspn(text, "\n")] = '\0';
		fclose(f);
	}
	printf("iSCSI Transport Class version %s\nversion %s\n", text,
	       ISCSICTL_VERSION);
}

/* Sessions of one target stand together. */
static void print_tree(const struct session_list *live, const bool *pass,
		       int level)
{
	bool *done = xcalloc(live->count + 1, sizeof(*done));
	const char *target;
	size_t i, j;

	for (i = 0; i < live->count; i++) {
		if (!pass[i] || done[i])
			continue;
		target = live->item[i].login.target;
		line("Target: %s (non-flash)", target);
		for (j = i; j < live->count; j++) {
			if (!pass[j] ||
			    mpio_name_compare(target,
					      live->item[j].login.target))
				continue;
			print_session(&live->item[j], level);
			done[j] = true;
		}
	}
	free(done);
}

void iscsiadm_sessions_of_host(const struct session_list *live, uint32_t host,
			       int level)
{
	bool *pass = xcalloc(live->count + 1, sizeof(*pass));
	size_t i;

	for (i = 0; i < live->count; i++)
		pass[i] = live->item[i].host == host;
	margin = "\t";
	line("*********");
	line("Sessions:");
	line("*********");
	print_tree(live, pass, level);
	margin = "";
	free(pass);
}

static void print_stats(const struct session *s)
{
	struct path_list paths = {};
	uint64_t ios = 0, bytes = 0, errors = 0;
	char text[ADDRESS_TEXT];
	size_t i;

	if (!kernel_get_paths(s->id, 0, &paths))
		for (i = 0; i < paths.count; i++) {
			ios += paths.item[i].ios;
			bytes += paths.item[i].bytes;
			errors += paths.item[i].errors;
		}
	model_path_list_free(&paths);
	printf("Stats for session [sid: %u, target: %s, portal: %s]\n", s->id,
	       s->login.target, iscsiadm_address_comma(&s->login.portal, text));
	printf("iSCSI SNMP:\n\tdata_octets: %" PRIu64 "\n\tscsicmd_pdus: %"
	       PRIu64 "\n\ttimeout_err: %" PRIu64 "\n", bytes, ios, errors);
}

static void print_as(const char *before, const struct session *s,
		     const char *after)
{
	char text[ADDRESS_TEXT];

	printf("%s [sid: %u, target: %s, portal: %s]%s\n", before, s->id,
	       s->login.target, iscsiadm_address_comma(&s->login.portal, text),
	       after);
	fflush(stdout);
}

int iscsiadm_logout(const struct session_list *live, const bool *pass)
{
	const struct session *s;
	char text[ADDRESS_TEXT];
	bool any = false;
	size_t i;
	int ret = 0, one;

	for (i = 0; i < live->count; i++) {
		if (!pass[i])
			continue;
		any = true;
		s = &live->item[i];
		print_as("Logging out of session", s, "");
		one = logout_session(s, s->id, false);
		if (!one)
			print_as("Logout of", s, " successful.");
		else
			failed(one, "Could not logout of [sid: %u, target: %s, portal: %s]",
			       s->id, s->login.target,
			       iscsiadm_address_comma(&s->login.portal, text));
		ret = first_code(ret, one);
	}
	return any ? ret : iscsiadm_none(CODE_NOT_FOUND,
					 "No matching sessions found");
}

/* Drivers that scan for themselves get no LUN that they have not asked for. */
static int rescan(const struct session *s)
{
	size_t i;
	FILE *f;
	int ret = 0;

	if (!s->login.no_scan)
		return kernel_scan(s->id);
	for (i = 0; i < s->disks.count; i++) {
		char *path = xasprintf("/sys/block/%s/device/rescan",
				       s->disks.item[i]);

		f = fopen(path, "we");
		if (!f || fputs("1\n", f) < 0 || fflush(f))
			ret = because_errno(errno, "cannot write to %s", path);
		if (f)
			fclose(f);
		free(path);
	}
	return ret;
}

int iscsiadm_rescan(const struct session_list *live, const bool *pass)
{
	bool any = false;
	size_t i;
	int ret = 0, one;

	for (i = 0; i < live->count; i++) {
		if (!pass[i])
			continue;
		any = true;
		print_as("Rescanning session", &live->item[i], "");
		one = rescan(&live->item[i]);
		if (one)
			failed(one, "Could not rescan session %u",
			       live->item[i].id);
		ret = first_code(ret, one);
	}
	return any ? ret : iscsiadm_none(CODE_NOT_FOUND, "No session found.");
}

static int show(const struct adm *a, const struct session_list *live,
		const bool *pass)
{
	size_t i;

	if (a->print > 3) {
		because(CODE_INVALID, "levels are 0 to 3");
		return failed(CODE_INVALID, "print level %d", a->print);
	}
	if (a->print > 0) {
		iscsiadm_versions();
		print_tree(live, pass, a->print);
		return 0;
	}
	for (i = 0; i < live->count; i++) {
		if (pass[i] && a->stats)
			print_stats(&live->item[i]);
		else if (pass[i])
			print_flat(&live->item[i]);
	}
	return 0;
}

static int act(const struct adm *a, const struct session_list *live)
{
	bool *pass = xcalloc(live->count + 1, sizeof(*pass)), any = false;
	size_t i;
	int ret;

	for (i = 0; i < live->count; i++) {
		pass[i] = a->sid < 0 || live->item[i].id == a->sid;
		any |= pass[i];
	}
	if (a->logout)
		ret = iscsiadm_logout(live, pass);
	else if (!any && a->sid >= 0)
		ret = iscsiadm_none(ADM_NO_SID, "Could not get session info for this sid");
	else if (!any)
		ret = iscsiadm_none(CODE_NOT_FOUND, "No active sessions.");
	else if (a->rescan)
		ret = iscsiadm_rescan(live, pass);
	else
		ret = show(a, live, pass);
	free(pass);
	return ret;
}

int iscsiadm_session(const struct adm *a)
{
	struct session_list live = {};
	int ret = kernel_open_loaded();

	if (ret == CODE_UNSUPPORTED)
		ret = 0;	/* no module, no sessions */
	else if (!ret)
		ret = kernel_get_sessions(&live);
	if (ret)
		ret = failed(ret, "Can not get list of sessions");
	else
		ret = act(a, &live);
	model_session_list_free(&live);
	return ret;
}
