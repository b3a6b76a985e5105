// SPDX-License-Identifier: GPL-2.0
/* Conversation with the kernel module over generic netlink. */
#include "nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "genl.h"
#include "message.h"
#include "module.h"

#define MESSAGE_SIZE	32768
#define DUMP_RETRIES	20

static struct genl *ask_sock;
static struct genl *event_sock;
static uint16_t family;

typedef void (*take_fn)(const struct nlattr **tb, void *arg);

/* One question and what has come back so far. */
struct exchange {
	take_fn take;
	void *arg;
	uint32_t seq;
	bool done;
	bool changed;		/* a dump of what changed meanwhile */
	int err;		/* positive errno of the kernel */
	char sentence[256];	/* of the extended acknowledgement */
};

struct errno_row {
	int err;
	int code;
	const char *sentence;
};

static const struct errno_row errno_rows[] = {
	{ EPERM, CODE_ACCESS, "only root may do this (CAP_NET_ADMIN)" },
	{ EACCES, CODE_ACCESS, "only root may do this (CAP_NET_ADMIN)" },
	{ ENOENT, CODE_NO_SESSION, "there is no such object" },
	{ ESRCH, CODE_NO_SESSION, "there is no such session" },
	{ ENODEV, CODE_NO_SESSION, "there is no such object" },
	{ ENOMEM, CODE_NOMEM, "the kernel is out of memory" },
	{ ENOBUFS, CODE_NOMEM, "the kernel is out of memory" },
	{ EINVAL, CODE_INVALID, "the kernel refuses a value" },
	{ ERANGE, CODE_INVALID, "a value is out of range" },
	{ ENAMETOOLONG, CODE_INVALID, "a name is too long" },
	{ EEXIST, CODE_EXISTS, "the session exists already" },
	{ EALREADY, CODE_EXISTS, "the session exists already" },
	{ EBUSY, CODE_BUSY, "a disk of it is in use" },
	{ EOPNOTSUPP, CODE_UNSUPPORTED, "the module does not support this" },
	{ ENOPROTOOPT, CODE_UNSUPPORTED, "the module does not support this" },
	{ ETIMEDOUT, CODE_PDU_TIMEOUT, "the target did not answer in time" },
	{ ENOKEY, CODE_AUTH, "there is no such logon key" },
	{ EKEYREVOKED, CODE_AUTH, "the logon key has been revoked" },
	{ EKEYEXPIRED, CODE_AUTH, "the logon key has expired" },
	{ EKEYREJECTED, CODE_AUTH, "the logon key has been rejected" },
	{ ENOSPC, CODE_ERROR, "the limit of sessions is reached" },
};

static int kernel_refused(const struct exchange *x)
{
	size_t i;

	for (i = 0; i < sizeof(errno_rows) / sizeof(errno_rows[0]); i++)
		if (errno_rows[i].err == x->err)
			return because(errno_rows[i].code, "%s",
				       x->sentence[0] ? x->sentence :
				       errno_rows[i].sentence);
	return because(CODE_ERROR, "%s", x->sentence[0] ? x->sentence :
		       strerror(x->err));
}

static void take_sentence(struct exchange *x, const struct nlmsghdr *hdr,
			  size_t skip)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MSG + 1], *a;
	size_t len = hdr->nlmsg_len;

	skip = NLMSG_LENGTH(NLMSG_ALIGN(skip));
	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		return;
	attrs_parse(tb, NLMSGERR_ATTR_MSG, (const char *)hdr + skip,
		    len - skip);
	a = tb[NLMSGERR_ATTR_MSG];
	if (a)
		snprintf(x->sentence, sizeof(x->sentence), "%.*s",
			 (int)attr_len(a), (const char *)attr_data(a));
}

static void take_error(struct exchange *x, const struct nlmsghdr *hdr)
{
	const struct nlmsgerr *e = NLMSG_DATA(hdr);
	size_t skip = sizeof(*e);

	x->done = true;
	if (hdr->nlmsg_len < NLMSG_LENGTH(skip) || !e->error)
		return;
	x->err = -e->error;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	take_sentence(x, hdr, skip);
}

static void take_end(struct exchange *x, const struct nlmsghdr *hdr)
{
	int err = 0;

	x->done = true;
	if (hdr->nlmsg_len >= NLMSG_LENGTH(sizeof(err)))
		memcpy(&err, NLMSG_DATA(hdr), sizeof(err));
	if (err >= 0)
		return;
	x->err = -err;
	take_sentence(x, hdr, sizeof(err));
}

/* The attributes of what a family says. */
static bool parse_answer(const struct nlattr **tb, const struct nlmsghdr *hdr)
{
	if (hdr->nlmsg_type != family ||
	    hdr->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return false;
	attrs_parse(tb, MPIO_A_MAX, (const char *)NLMSG_DATA(hdr) + GENL_HDRLEN,
		    hdr->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN));
	return true;
}

static void take_answer(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *tb[MPIO_A_MAX + 1];
	struct exchange *x = arg;

	if (hdr->nlmsg_seq != x->seq)
		return;
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		x->changed = true;
	if (hdr->nlmsg_type == NLMSG_ERROR)
		take_error(x, hdr);
	else if (hdr->nlmsg_type == NLMSG_DONE)
		take_end(x, hdr);
	else if (parse_answer(tb, hdr) && x->take)
		x->take(tb, x->arg);
}

/* The one message of a conversation. */
static struct message *message(int cmd, int flags)
{
	static uint32_t buffer[MESSAGE_SIZE / sizeof(uint32_t)];
	static struct message msg;
	const struct genlmsghdr head = { .cmd = cmd,
					 .version = MPIO_GENL_VERSION };

	message_init(&msg, buffer, sizeof(buffer), family,
		     NLM_F_REQUEST | (flags ? flags : NLM_F_ACK), &head,
		     sizeof(head));
	return &msg;
}

/*
 * 0 or a negative errno of the socket; the kernel's is in @x. Nothing of @msg
 * stays, which may have held a secret.
 */
static int converse(struct message *msg, struct exchange *x)
{
	int ret = genl_send(ask_sock, msg->head);

	x->seq = msg->head->nlmsg_seq;
	explicit_bzero(msg->head, msg->size);
	while (!ret && !x->done)
		ret = genl_receive(ask_sock, take_answer, x);
	return ret;
}

static int ask(struct message *msg, take_fn take, void *arg)
{
	struct exchange x = { .take = take, .arg = arg };
	int ret;

	if (msg->full) {
		explicit_bzero(msg->head, msg->size);
		return because(CODE_INVALID, "the request is too long");
	}
	ret = converse(msg, &x);
	if (x.err)
		return kernel_refused(&x);
	if (ret)
		return because(CODE_INTERNAL, "netlink: %s", strerror(-ret));
	return 0;
}

static int check_version(void)
{
	struct info info;
	int ret = kernel_get_info(&info);

	if (ret)
		return ret;
	if (info.abi != MPIO_GENL_VERSION)
		return because(CODE_UNSUPPORTED,
			       "module iscsi_mpio %s speaks interface %u, this tool %u: install matching versions",
			       info.version, info.abi, MPIO_GENL_VERSION);
	return 0;
}

static int open_family(bool load)
{
	int ret;

	if (ask_sock)
		return 0;
	ret = genl_open(&ask_sock);
	if (ret)
		return ret;
	family = genl_resolve(ask_sock, MPIO_GENL_NAME);
	if (!family && !load)
		return because(CODE_UNSUPPORTED,
			       "module iscsi_mpio is not loaded");
	if (!family) {
		ret = module_load();
		if (ret)
			return ret;
		family = genl_resolve(ask_sock, MPIO_GENL_NAME);
	}
	if (!family)
		return because(CODE_UNSUPPORTED,
			       "module iscsi_mpio is loaded but offers no netlink family");
	return check_version();
}

int kernel_open(void)
{
	return open_family(true);
}

int kernel_open_loaded(void)
{
	int ret = open_family(false);

	if (ret)
		kernel_close();
	return ret;
}

void kernel_close(void)
{
	genl_close(ask_sock);
	genl_close(event_sock);
	ask_sock = NULL;
	event_sock = NULL;
}

/* A dump that changed under our eyes is asked again. */
static int dump(int cmd, uint32_t session_id, uint32_t disk_id, take_fn take,
		void (*clear)(void *list), void *list)
{
	struct exchange x;
	struct message *msg;
	int tries, ret;

	for (tries = 0; tries < DUMP_RETRIES; tries++) {
		clear(list);
		x = (struct exchange){ .take = take, .arg = list };
		msg = message(cmd, NLM_F_DUMP);
		if (session_id)
			message_put_u32(msg, MPIO_A_SESSION_ID, session_id);
		if (disk_id)
			message_put_u32(msg, MPIO_A_DISK_ID, disk_id);
		ret = converse(msg, &x);
		if (x.err)
			return kernel_refused(&x);
		if (ret)
			return because(CODE_INTERNAL, "netlink: %s",
				       strerror(-ret));
		if (!x.changed)
			return 0;
	}
	return because(CODE_INTERNAL, "netlink: it changes all the time");
}

static void take_info(const struct nlattr **tb, void *arg)
{
	if (tb[MPIO_A_INFO])
		attr_get_info(tb[MPIO_A_INFO], arg);
}

int kernel_get_info(struct info *info)
{
	memset(info, 0, sizeof(*info));
	return ask(message(MPIO_CMD_INFO_GET, 0), take_info, info);
}

static void take_session(const struct nlattr **tb, void *arg)
{
	struct session_list *list = arg;

	if (!tb[MPIO_A_SESSION])
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	attr_get_session(tb[MPIO_A_SESSION], &list->item[list->count++]);
}

static void clear_sessions(void *list)
{
	session_list_free(list);
}

int kernel_get_sessions(struct session_list *list)
{
	return dump(MPIO_CMD_SESSION_GET, 0, 0, take_session, clear_sessions,
		    list);
}

static void take_path(const struct nlattr **tb, void *arg)
{
	struct path_list *list = arg;

	if (!tb[MPIO_A_PATH])
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	attr_get_path(tb[MPIO_A_PATH], &list->item[list->count++]);
}

static void clear_paths(void *list)
{
	path_list_free(list);
}

int kernel_get_paths(uint32_t session_id, uint32_t disk_id,
		     struct path_list *list)
{
	return dump(MPIO_CMD_PATH_GET, session_id, disk_id, take_path,
		    clear_paths, list);
}

static void take_disk(const struct nlattr **tb, void *arg)
{
	struct disk_list *list = arg;

	if (!tb[MPIO_A_DISK])
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	attr_get_disk(tb[MPIO_A_DISK], &list->item[list->count++]);
}

static void clear_disks(void *list)
{
	disk_list_free(list);
}

int kernel_get_disks(struct disk_list *list)
{
	return dump(MPIO_CMD_DISK_GET, 0, 0, take_disk, clear_disks, list);
}

static void take_id(const struct nlattr **tb, void *arg)
{
	if (tb[MPIO_A_SESSION_ID])
		*(uint32_t *)arg = attr_u32(tb[MPIO_A_SESSION_ID]);
}

int kernel_add_session(const struct login *login, const struct secrets *secrets,
		       uint32_t *id)
{
	struct message *msg = message(MPIO_CMD_SESSION_ADD, 0);
	struct nlattr *nest = message_nest(msg, MPIO_A_SESSION);

	attr_put_login(msg, login, secrets);
	message_nest_end(msg, nest);
	*id = 0;
	return ask(msg, take_id, id);
}

int kernel_del_session(uint32_t id, bool force)
{
	struct message *msg = message(MPIO_CMD_SESSION_DEL, 0);

	message_put_u32(msg, MPIO_A_SESSION_ID, id);
	if (force)
		message_put_flag(msg, MPIO_A_FORCE);
	return ask(msg, NULL, NULL);
}

int kernel_set_records(uint32_t id, const struct strlist *records)
{
	struct message *msg = message(MPIO_CMD_SESSION_SET, 0);
	struct nlattr *nest;
	size_t i;

	message_put_u32(msg, MPIO_A_SESSION_ID, id);
	nest = message_nest(msg, MPIO_A_SESSION);
	for (i = 0; i < records->count; i++)
		message_put_string(msg, MPIO_SA_RECORD, records->item[i]);
	if (!records->count)
		message_put_string(msg, MPIO_SA_RECORD, "");
	message_nest_end(msg, nest);
	return ask(msg, NULL, NULL);
}

int kernel_set_session_settings(uint32_t id, const struct settings *settings)
{
	struct message *msg = message(MPIO_CMD_SESSION_SET, 0);
	struct nlattr *nest;

	message_put_u32(msg, MPIO_A_SESSION_ID, id);
	nest = message_nest(msg, MPIO_A_SESSION);
	attr_put_settings(msg, MPIO_SA_SETTINGS, settings);
	message_nest_end(msg, nest);
	return ask(msg, NULL, NULL);
}

int kernel_kick(uint32_t id)
{
	struct message *msg = message(MPIO_CMD_SESSION_SET, 0);

	message_put_u32(msg, MPIO_A_SESSION_ID, id);
	message_put_flag(msg, MPIO_A_KICK);
	return ask(msg, NULL, NULL);
}

int kernel_scan(uint32_t id)
{
	struct message *msg = message(MPIO_CMD_SCAN, 0);

	message_put_u32(msg, MPIO_A_SESSION_ID, id);
	return ask(msg, NULL, NULL);
}

static void put_set(struct message *msg, int type, uint32_t value)
{
	if (value != UNSET)
		message_put_u32(msg, type, value);
}

int kernel_set_path(uint32_t id, uint32_t weight, uint32_t preferred,
		    uint32_t enabled)
{
	struct message *msg = message(MPIO_CMD_PATH_SET, 0);
	struct nlattr *nest;

	message_put_u32(msg, MPIO_A_PATH_ID, id);
	nest = message_nest(msg, MPIO_A_PATH);
	put_set(msg, MPIO_PA_WEIGHT, weight);
	put_set(msg, MPIO_PA_PREFERRED, preferred);
	put_set(msg, MPIO_PA_ENABLED, enabled);
	message_nest_end(msg, nest);
	return ask(msg, NULL, NULL);
}

int kernel_set_policy(uint32_t policy, uint32_t disk_id, const char *target)
{
	struct message *msg = message(MPIO_CMD_POLICY_SET, 0);

	message_put_u32(msg, MPIO_A_POLICY, policy);
	if (disk_id)
		message_put_u32(msg, MPIO_A_DISK_ID, disk_id);
	else if (target)
		message_put_string(msg, MPIO_A_TARGET, target);
	return ask(msg, NULL, NULL);
}

static void take_settings(const struct nlattr **tb, void *arg)
{
	if (tb[MPIO_A_SETTINGS])
		attr_get_settings(tb[MPIO_A_SETTINGS], arg);
}

int kernel_get_settings(struct settings *settings)
{
	struct login blank;

	login_init(&blank);
	*settings = blank.settings;
	return ask(message(MPIO_CMD_SETTING_GET, 0), take_settings, settings);
}

int kernel_set_settings(const struct settings *settings)
{
	struct message *msg = message(MPIO_CMD_SETTING_SET, 0);

	attr_put_settings(msg, MPIO_A_SETTINGS, settings);
	return ask(msg, NULL, NULL);
}

int kernel_listen(void)
{
	int ret;

	if (event_sock)
		return 0;
	ret = genl_open(&event_sock);
	if (ret)
		return ret;
	ret = genl_join(event_sock, MPIO_GENL_NAME, MPIO_GENL_GROUP_EVENTS);
	if (ret)
		return because(CODE_INTERNAL, "cannot subscribe to events: %s",
			       strerror(-ret));
	return 0;
}

struct event_wait {
	struct event *event;
	bool got;
};

static void take_event(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *tb[MPIO_A_MAX + 1];
	struct event_wait *wait = arg;
	struct event *e = wait->event;

	if (wait->got || !parse_answer(tb, hdr) || !tb[MPIO_A_EVENT])
		return;
	e->type = attr_u32(tb[MPIO_A_EVENT]);
	e->time = tb[MPIO_A_TIME] ? attr_u64(tb[MPIO_A_TIME]) : 0;
	e->has_session = tb[MPIO_A_SESSION];
	if (e->has_session)
		attr_get_session(tb[MPIO_A_SESSION], &e->session);
	e->has_path = tb[MPIO_A_PATH];
	if (e->has_path)
		attr_get_path(tb[MPIO_A_PATH], &e->path);
	e->has_disk = tb[MPIO_A_DISK];
	if (e->has_disk)
		attr_get_disk(tb[MPIO_A_DISK], &e->disk);
	wait->got = true;
}

int kernel_next_event(struct event *event, int ms, bool *got)
{
	struct event_wait wait = { .event = event };
	struct pollfd fd = { .events = POLLIN };
	int ret;

	*got = false;
	memset(event, 0, sizeof(*event));
	fd.fd = genl_fd(event_sock);
	if (poll(&fd, 1, ms) <= 0)
		return 0;
	ret = genl_receive(event_sock, take_event, &wait);
	*got = wait.got;
	/* ENOBUFS: some are lost */
	if (ret && ret != -ENOBUFS && ret != -ENOMEM && ret != -EAGAIN)
		return because(CODE_INTERNAL, "netlink: %s", strerror(-ret));
	return 0;
}

void event_free(struct event *event)
{
	if (!event->has_session)
		return;
	login_free(&event->session.login);
	strlist_free(&event->session.disks);
	free(event->session.transition);
}
