// SPDX-License-Identifier: GPL-2.0
/*
 * ibft show, ibft connect: the targets the firmware booted from. Logging in
 * again is safe at any time; a target that has a session there is left alone.
 * A path that is dead is told, and the kernel goes on trying it.
 */
#include "cmd/ibft.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "flow/connect.h"
#include "flow/show.h"
#include "host/firmware.h"
#include "module/kernel.h"
#include "proto/chap.h"
#include "store/config.h"

#define ISID_RANDOM	0x80
#define MAC_TEXT	(3 * FIRMWARE_MAC_LEN)
#define ATTRIBUTE_MAX	64

struct ibft_options {
	bool all;
};

static const struct option ibft_options[] = {
	{ "all", OPT_FLAG, offsetof(struct ibft_options, all), NULL,
	  "also targets the firmware did not boot from" },
	{}
};

/* What the table as a whole is refused for; firmware_load() goes on. */
static int refused;

static void complain(const char *file, const char *reason)
{
	because(CODE_INVALID, "%s: %s", file, reason);
	refused = failed(CODE_INVALID, "cannot use all of the boot table");
}

/* CODE_NOT_FOUND when there is no table. */
static int load(struct firmware *ibft)
{
	char *dir = file_root_path(FIRMWARE_DIR);
	int err = firmware_load(dir, ibft, complain);

	free(dir);
	if (err == -ENOENT)
		return because(CODE_NOT_FOUND,
			       "the firmware left no boot table (is module iscsi_ibft loaded?)");
	return err ? because_errno(-err, FIRMWARE_DIR) : 0;
}

static uint32_t auth_of(const struct firmware_target *t)
{
	switch (t->chap) {
	case FIRMWARE_CHAP_ONEWAY:
		return MPIO_AUTH_CHAP;
	case FIRMWARE_CHAP_MUTUAL:
		return MPIO_AUTH_CHAP_MUTUAL;
	}
	return MPIO_AUTH_NONE;
}

static int take_secret(const char *text, uint8_t *secret, uint32_t *len)
{
	const char *reason;

	if (mpio_secret_parse(text, strlen(text), secret, len, &reason))
		return because(CODE_AUTH, "its CHAP secret: %s", reason);
	return 0;
}

/* Can one log in with this? Then @secrets are those of the login. */
static int check_target(const struct firmware_target *t,
			struct secrets *secrets)
{
	const char *reason;
	int ret = 0;

	if (firmware_check(t, &reason))
		return because(CODE_INVALID, "%s", reason);
	if (t->chap != FIRMWARE_CHAP_NONE)
		ret = take_secret(t->secret, secrets->out, &secrets->out_len);
	if (!ret && t->chap == FIRMWARE_CHAP_MUTUAL)
		ret = take_secret(t->secret_in, secrets->in,
				  &secrets->in_len);
	return ret;
}

static void mac_text(const struct firmware_nic *nic, char *text)
{
	const uint8_t *m = nic->mac;

	text[0] = '\0';
	if (nic->has_mac)
		snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x",
			 m[0], m[1], m[2], m[3], m[4], m[5]);
}

static void ip_text(const struct firmware_ip *ip, char *text)
{
	text[0] = '\0';
	if (ip->present)
		inet_ntop(ip->v6 ? AF_INET6 : AF_INET, ip->addr, text,
			  INET6_ADDRSTRLEN);
}

/* The interface that has hardware address @mac, or "". */
static void interface_of(const char *mac, char *name, size_t size)
{
	char *net = file_root_path("/sys/class/net"), *path, *text;
	struct dirent *entry;
	DIR *d = opendir(net);
	size_t len;

	name[0] = '\0';
	while (d && *mac && !*name && (entry = readdir(d))) {
		path = xasprintf("%s/%s/address", net, entry->d_name);
		if (entry->d_name[0] != '.' && !file_read(path, &text, &len)) {
			text[strcspn(text, "\n")] = '\0';
			if (!strcasecmp(text, mac))
				copy_text(name, size, entry->d_name);
			free(text);
		}
		free(path);
	}
	if (d)
		closedir(d);
	free(net);
}

static bool usable(const struct firmware_target *t, bool all)
{
	return t->present && t->flags & FIRMWARE_FLAG_VALID &&
	       (all || t->flags & FIRMWARE_FLAG_SELECTED);
}

static void print_nic(const struct firmware_nic *nic)
{
	static const struct firmware_nic none;
	char text[INET6_ADDRSTRLEN], name[ATTRIBUTE_MAX];

	if (!nic)
		nic = &none;
	ip_text(&nic->ip, text);
	print_str("InitiatorPortalAddress", "INITIATOR", text);
	print_u64("PrefixLength", NULL, nic->prefix);
	ip_text(&nic->gateway, text);
	print_str("Gateway", NULL, text);
	print_u64("Vlan", NULL, nic->vlan);
	mac_text(nic, text);
	print_str("MacAddress", NULL, text);
	interface_of(text, name, sizeof(name));
	print_str("InitiatorInterface", "INTERFACE", name);
}

static void print_target(const struct firmware *ibft, size_t i)
{
	const struct firmware_target *t = &ibft->target[i];
	char text[INET6_ADDRSTRLEN];

	print_row();
	print_u64("Index", "NO", i);
	print_str("NodeAddress", "TARGET", t->name);
	ip_text(&t->ip, text);
	print_str("TargetPortalAddress", "PORTAL", text);
	print_u64("TargetPortalPortNumber", "PORT", t->port ? t->port : 3260);
	print_str("Lun", "LUN", t->lun);
	print_bool("IsValid", NULL, t->flags & FIRMWARE_FLAG_VALID);
	print_bool("IsSelected", "BOOTED",
		   t->flags & FIRMWARE_FLAG_SELECTED);
	print_str("AuthenticationType", "AUTH", model_auth_name(auth_of(t)));
	print_str("ChapUsername", NULL, auth_of(t) ? t->user : "");
	print_str("InitiatorNodeAddress", NULL, ibft->initiator);
	print_nic(firmware_nic_of(ibft, t));
}

static int check_all(const struct firmware *ibft)
{
	struct secrets secrets;
	size_t i;
	int ret = 0, code;

	for (i = 0; i < FIRMWARE_OBJECTS_MAX; i++) {
		if (!usable(&ibft->target[i], true))
			continue;
		memset(&secrets, 0, sizeof(secrets));
		code = check_target(&ibft->target[i], &secrets);
		if (code)
			ret = first_code(ret, failed(code,
						     "cannot log in to target%zu",
						     i));
		model_secrets_wipe(&secrets);
	}
	return ret;
}

static int ibft_show(const struct strlist *operands, const void *options)
{
	struct firmware ibft;
	size_t i;
	int ret = load(&ibft);

	(void)operands;
	(void)options;
	if (ret)
		return failed(ret, "cannot show the boot table");
	print_open(PRINT_TABLE);
	for (i = 0; i < FIRMWARE_OBJECTS_MAX; i++)
		if (ibft.target[i].present)
			print_target(&ibft, i);
	print_close();
	ret = first_code(refused, check_all(&ibft));
	firmware_wipe(&ibft);
	return ret;
}

/* The same ISID at every boot: reservations keep their I_T nexus. */
static void fixed_isid(const struct firmware *ibft, size_t i, uint8_t *isid)
{
	const struct firmware_target *t = &ibft->target[i];
	const struct firmware_nic *nic = firmware_nic_of(ibft, t);
	char portal[MPIO_PORTAL_TEXT_MAX + 1], mac[MAC_TEXT] = "", *text;
	struct mpio_portal at;
	uint32_t sum;

	firmware_portal(t, &at);
	mpio_portal_format(&at, false, portal);
	if (nic)
		mac_text(nic, mac);
	text = xasprintf("%s %s %s", t->name, portal, mac);
	sum = file_checksum(text, strlen(text));
	isid[0] = ISID_RANDOM;
	isid[1] = i;
	memcpy(isid + 2, &sum, sizeof(sum));
	free(text);
}

static const struct session *session_to(const struct session_list *live,
					const struct firmware_target *t,
					const struct sockaddr_storage *at)
{
	size_t i;

	for (i = 0; i < live->count; i++)
		if (!mpio_name_compare(live->item[i].login.target, t->name) &&
		    address_same(&live->item[i].login.portal, at))
			return &live->item[i];
	return NULL;
}

static int prepare_login(const struct firmware *ibft, size_t i,
			 struct login *login)
{
	const struct firmware_target *t = &ibft->target[i];
	int ret;

	model_login_init(login);
	memcpy(login->target, t->name, sizeof(login->target));
	memcpy(login->initiator, ibft->initiator, sizeof(login->initiator));
	login->auth = auth_of(t);
	if (login->auth != MPIO_AUTH_NONE)
		copy_text(login->user, sizeof(login->user), t->user);
	if (login->auth == MPIO_AUTH_CHAP_MUTUAL)
		copy_text(login->user_in, sizeof(login->user_in), t->user_in);
	login->multipath = true;
	fixed_isid(ibft, i, login->isid);
	ret = config_load(t->name, &login->settings, &login->policy);
	/* The root file system waits for its disk as long as it takes. */
	if (login->settings.value[MPIO_TA_NO_PATH_TIMEOUT] == UNSET)
		login->settings.value[MPIO_TA_NO_PATH_TIMEOUT] = MPIO_FOREVER;
	if (!ret && !login->initiator[0])
		ret = config_initiator(login->initiator);
	return ret;
}

/* One login; a->id is set instead when there is a session already. */
static int prepare(const struct firmware *ibft, size_t i,
		   const struct session_list *live, struct attempt *a,
		   struct secrets *secrets)
{
	const struct firmware_target *t = &ibft->target[i];
	const struct session *s;
	struct mpio_portal portal;
	int ret;

	ret = check_target(t, secrets);
	if (!ret)
		ret = prepare_login(ibft, i, &a->login);
	if (ret)
		return ret;
	a->secrets = secrets;
	a->keep = true;
	a->address = xcalloc(ADDRESSES_MAX, sizeof(*a->address));
	firmware_portal(t, &portal);
	ret = address_resolve_portal(&portal, a->address, &a->addresses);
	if (ret)
		return ret;
	s = session_to(live, t, a->address);
	if (s) {
		a->id = s->id;
		a->done = true;
	}
	return 0;
}

static int settle(const struct attempt *attempt, size_t count)
{
	uint32_t *id = xcalloc(count + 1, sizeof(*id));
	char text[ADDRESS_TEXT];
	size_t i, good = 0;
	int ret = 0;

	for (i = 0; i < count; i++) {
		if (attempt[i].id)
			id[good++] = attempt[i].id;
		if (!attempt[i].code)
			continue;
		because(attempt[i].code, "%s", attempt[i].why);
		failed(attempt[i].code, "cannot connect to %s at %s",
		       attempt[i].login.target,
		       address_port_text(&attempt[i].login.portal, text));
		ret = first_code(ret, attempt[i].code);
	}
	ret = first_code(ret, show_sessions(id, good));
	free(id);
	return ret;
}

/* What cannot be tried is told; the others are tried. */
static int prepare_all(const struct firmware *ibft, bool all,
		       const struct session_list *live,
		       struct attempt *attempt, struct secrets *secrets,
		       size_t *count)
{
	size_t i, wanted = 0;
	int ret = 0, code;

	for (i = 0; i < FIRMWARE_OBJECTS_MAX; i++) {
		if (!usable(&ibft->target[i], all))
			continue;
		wanted++;
		code = prepare(ibft, i, live, &attempt[*count],
			       &secrets[*count]);
		if (!code) {
			++*count;
			continue;
		}
		ret = first_code(ret, failed(code,
					     "cannot log in to target%zu", i));
		connect_attempt_free(&attempt[*count]);
		memset(&attempt[*count], 0, sizeof(*attempt));
	}
	if (wanted)
		return ret;
	because(CODE_NOT_FOUND,
		"the firmware booted from no target: --all takes all that are valid");
	return failed(CODE_NOT_FOUND, "cannot connect as the firmware did");
}

static int connect_all(const struct firmware *ibft, bool all)
{
	struct attempt attempt[FIRMWARE_OBJECTS_MAX] = {};
	struct secrets secrets[FIRMWARE_OBJECTS_MAX] = {};
	struct session_list live = {};
	size_t i, count = 0;
	int ret;

	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret)
		ret = kernel_get_sessions(&live);
	if (ret)
		return failed(ret, "cannot connect as the firmware did");
	ret = prepare_all(ibft, all, &live, attempt, secrets, &count);
	for (i = 0; i < count && options_given()->no_wait; i++)
		if (!attempt[i].done)
			connect_attempt_start(&attempt[i]);
	if (!options_given()->no_wait)
		connect_attempts_wait(attempt, count);
	if (count)
		ret = first_code(ret, settle(attempt, count));
	for (i = 0; i < count; i++)
		connect_attempt_free(&attempt[i]);
	explicit_bzero(secrets, sizeof(secrets));
	model_session_list_free(&live);
	return ret;
}

int ibft_login(bool all)
{
	struct firmware ibft;
	int ret = load(&ibft);

	if (ret)
		return failed(ret, "cannot read the boot table");
	ret = first_code(refused, connect_all(&ibft, all));
	firmware_wipe(&ibft);
	return ret;
}

static int ibft_connect(const struct strlist *operands, const void *options)
{
	const struct ibft_options *o = options;

	(void)operands;
	return ibft_login(o->all);
}

const struct command ibft_commands[] = {
	{ "ibft", "show", "", 0, 0, NULL, 0, ibft_show,
	  "show the targets the firmware booted from" },
	{ "ibft", "connect", "", 0, 0, ibft_options,
	  sizeof(struct ibft_options), ibft_connect,
	  "log in to the targets the firmware booted from",
	  .columns = SESSION_COLUMNS },
	{}
};
