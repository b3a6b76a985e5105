// SPDX-License-Identifier: GPL-2.0
/*
 * start: what the command line, the firmware and the records that were copied
 * into the initramfs name is added to the kernel at once; the first logical
 * unit that is in place ends the wait, the others join when they can.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "boot/boot.h"
#include "boot/bootline.h"
#include "boot/net.h"
#include "flow/restore.h"
#include "module/kernel.h"
#include "proto/chap.h"
#include "store/config.h"
#include "store/match.h"
#include "store/secret.h"

#define WAIT_SECONDS	120
#define DEVICE_SECONDS	60	/* drivers may load beside us */
#define LOOK_MS		500	/* events may be lost */

/* Words of these files count before those of the command line. */
static const char *const files[] = {
	"/etc/iscsi-mpio/boot.conf", "/etc/iscsi.initramfs", "/proc/cmdline",
};

static void complain(const char *key, const char *reason)
{
	note("%s: %s", key, reason);
}

/* Takes comments out, which the kernel's command line does not have. */
static void blank_comments(char *text)
{
	bool at_start = true;

	for (; *text; text++) {
		if (at_start && *text == '#')
			while (*text && *text != '\n')
				*text++ = ' ';
		if (!*text)
			break;
		at_start = *text == '\n' || (at_start && *text == ' ');
	}
}

static void read_words(struct bootline *line)
{
	const char *reason;
	size_t i, len;
	char *text;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (file_read(files[i], &text, &len))
			continue;
		blank_comments(text);
		bootline_parse(line, text, complain);
		explicit_bzero(text, len);
		free(text);
	}
	if (bootline_finish(line, &reason))
		complain("target", reason);
}

static void read_firmware(struct bootline *line)
{
	struct firmware ibft;
	int err;

	if (!line->ibft && !line->ip_ibft)
		return;
	boot_modprobe("iscsi_ibft");
	err = firmware_load(FIRMWARE_DIR, &ibft, complain);
	if (err) {
		complain("iBFT", err == -ENOENT ? "the firmware left no table" :
						  strerror(-err));
		return;
	}
	bootline_add_ibft(line, &ibft, complain);
	firmware_wipe(&ibft);
}

static int take_secret(const char *text, uint8_t *secret, uint32_t *len)
{
	const char *reason;

	if (!*text)
		return 0;
	if (mpio_secret_parse(text, strlen(text), secret, len, &reason))
		return because(CODE_INVALID, "CHAP secret: %s", reason);
	return 0;
}

static int take_auth(const struct boot_target *t, struct login *login,
		     struct secrets *secrets)
{
	int ret;

	login->auth = MPIO_AUTH_NONE;
	if (!t->secret[0])
		return 0;
	login->auth = t->secret_in[0] ? MPIO_AUTH_CHAP_MUTUAL : MPIO_AUTH_CHAP;
	copy_text(login->user, sizeof(login->user),
		  t->user[0] ? t->user : login->initiator);
	copy_text(login->user_in, sizeof(login->user_in), t->user_in);
	ret = take_secret(t->secret, secrets->out, &secrets->out_len);
	return ret ? ret : take_secret(t->secret_in, secrets->in,
				       &secrets->in_len);
}

/*
 * The same at every boot, so that the target takes the login for one that
 * replaces the session of before (RFC 7143 6.3.5).
 */
static void make_isid(const struct login *login, uint8_t *isid)
{
	char text[2 * MPIO_NAME_MAX + ADDRESS_TEXT + 4];
	char portal[ADDRESS_TEXT];
	uint32_t crc;

	address_port_text(&login->portal, portal);
	snprintf(text, sizeof(text), "%s %s %s", login->initiator,
		 login->target, portal);
	crc = file_checksum(text, strlen(text));
	isid[0] = 0x80;		/* 11.12.5: random */
	mpio_put32(isid + 1, crc);
	isid[5] = file_checksum(portal, strlen(portal));
}

static int add_target(const struct bootline *line, const struct boot_target *t)
{
	struct sockaddr_storage address[ADDRESSES_MAX];
	struct secrets secrets = {};
	struct login login;
	uint32_t id;
	size_t count;
	int ret = 0;

	model_login_init(&login);
	login.multipath = true;
	copy_text(login.target, sizeof(login.target), t->name);
	copy_text(login.iface, sizeof(login.iface), t->iface);
	if (line->initiator[0])
		copy_text(login.initiator, sizeof(login.initiator),
			  line->initiator);
	else
		ret = config_initiator(login.initiator);
	if (!ret)
		ret = address_resolve_portal(&t->portal, address, &count);
	if (!ret) {
		login.portal = address[0];
		make_isid(&login, login.isid);
		ret = take_auth(t, &login, &secrets);
	}
	if (!ret)
		ret = kernel_add_session(&login, &secrets, &id);
	model_secrets_wipe(&secrets);
	model_login_free(&login);
	if (ret && ret != CODE_EXISTS)
		return failed(ret, "target %s at %s", t->name,
			      t->portal.host);
	return 0;
}

/* Is there a record for the target? Then `restore` makes the record's session. */
static bool is_recorded(const struct record_list *records,
			const struct boot_target *t)
{
	struct mpio_portal portal;
	size_t i;

	for (i = 0; i < records->count; i++)
		if (!records->item[i].damage &&
		    !strcmp(records->item[i].login.target, t->name) &&
		    !record_portal(&records->item[i], &portal) &&
		    mpio_portal_equal(&portal, &t->portal))
			return true;
	return false;
}

/* A root file system waits as long as it takes, unless its record says so. */
static void wait_for_ever(const struct record_list *records,
			  const struct session_list *live)
{
	const struct session *s;
	struct settings ever;
	struct login blank;
	size_t i, j;

	model_login_init(&blank);
	ever = blank.settings;
	ever.value[MPIO_TA_NO_PATH_TIMEOUT] = MPIO_FOREVER;
	for (i = 0; i < live->count; i++) {
		s = &live->item[i];
		for (j = 0; j < records->count; j++)
			if (match_record_session(&records->item[j], live) == s)
				break;
		if (j < records->count && records->item[j].login.settings
		    .value[MPIO_TA_NO_PATH_TIMEOUT] != UNSET)
			continue;
		if (kernel_set_session_settings(s->id, &ever))
			note("session %u: %s", s->id, why());
	}
}

static size_t count_sessions(const struct session_list *live, uint32_t state)
{
	size_t i, n = 0;

	for (i = 0; i < live->count; i++)
		n += live->item[i].state == state &&
		     (state != MPIO_SESSION_LOGGED_IN ||
		      (live->item[i].scanned && live->item[i].disks.count));
	return n;
}

/* 0 when a disk is there; otherwise says what each session lacks. */
static int tell(const struct session_list *live)
{
	const struct session *s;
	char portal[ADDRESS_TEXT];
	size_t i;

	if (count_sessions(live, MPIO_SESSION_LOGGED_IN))
		return 0;
	for (i = 0; i < live->count; i++) {
		s = &live->item[i];
		note("%s at %s: %s", s->login.target,
		     address_port_text(&s->login.portal, portal),
		     s->last_error[0] ? s->last_error :
		     s->state == MPIO_SESSION_LOGGED_IN ?
		     "it shows no disk" : "the portal has not answered yet");
	}
	because(CODE_CONNECT_TIMEOUT, "no target has answered with a disk");
	return failed(CODE_CONNECT_TIMEOUT, "cannot find a disk to boot from");
}

static int wait_for_disk(const struct record_list *records,
			 unsigned int seconds)
{
	long long limit = clock_now() + seconds * 1000LL;
	struct session_list live = {};
	struct event event;
	bool got, first = true;
	int ret;

	for (;;) {
		ret = kernel_get_sessions(&live);
		if (ret)
			break;
		if (first)
			wait_for_ever(records, &live);
		first = false;
		if (count_sessions(&live, MPIO_SESSION_LOGGED_IN) ||
		    count_sessions(&live, MPIO_SESSION_STOPPED) ==
		    live.count || clock_now() >= limit)
			break;
		ret = kernel_next_event(&event, LOOK_MS, &got);
		if (ret)
			break;
		if (got)
			kernel_event_free(&event);
	}
	ret = ret ? failed(ret, "cannot watch sessions") : tell(&live);
	model_session_list_free(&live);
	return ret;
}

static int add_all(const struct bootline *line,
		   const struct record_list *records)
{
	const struct restore all = { .startup = -1 };
	size_t i;
	int ret = 0;

	for (i = 0; i < line->targets; i++)
		if (!is_recorded(records, &line->target[i]))
			ret = first_code(ret, add_target(line,
							 &line->target[i]));
	if (records->count > records->damaged)
		ret = first_code(ret, restore_all(&all));
	return ret;
}

/* What the machine is told of; false when it boots from something else. */
static bool read_all(struct bootline *line, struct record_list *records)
{
	read_words(line);
	if (line->off)
		return false;
	read_firmware(line);
	if (record_load_all(records))
		note("records: %s", why());
	if (line->targets || line->dhcp_root ||
	    records->count != records->damaged)
		return true;
	record_complain(records);
	return false;
}

static int open_module(void)
{
	int ret = kernel_open();

	if (!ret)
		ret = kernel_listen();
	return ret ? failed(ret, "cannot start sessions") : 0;
}

static int start_here(struct bootline *line, const struct record_list *records)
{
	int code, ret;

	if (net_start(line, DEVICE_SECONDS))
		note("network: %s", why());
	ret = open_module();
	if (ret)
		return ret;
	code = add_all(line, records);
	ret = wait_for_disk(records, line->wait ? line->wait : WAIT_SECONDS);
	return ret ? first_code(code, ret) : 0;
}

int boot_start(void)
{
	struct record_list records = {};
	struct bootline line = {};
	int ret = 0;

	if (read_all(&line, &records))
		ret = start_here(&line, &records);
	explicit_bzero(&line, sizeof(line));
	record_list_free(&records);
	return ret;
}

static int add_there(struct bootline *line, const struct record_list *records,
		     char **path, int count)
{
	struct session_list live = {};
	const char *reason;
	int i, ret;

	for (i = 0; i < count && line->dhcp_root; i++)
		if (bootline_root_path(line, path[i], &reason))
			note("root path of the DHCP server: %s", reason);
	ret = open_module();
	if (ret)
		return ret;
	options_set_timeout(1);	/* names are asked for again */
	ret = add_all(line, records);
	if (!kernel_get_sessions(&live))
		wait_for_ever(records, &live);
	model_session_list_free(&live);
	if (ret == CODE_TRANSPORT ||
	    (!ret && line->dhcp_root && !line->targets))
		ret = CODE_AGAIN;
	return ret;
}

int boot_sessions(char **path, int count)
{
	struct record_list records = {};
	struct bootline line = {};
	int ret = 0;

	if (read_all(&line, &records))
		ret = add_there(&line, &records, path, count);
	explicit_bzero(&line, sizeof(line));
	record_list_free(&records);
	return ret;
}
