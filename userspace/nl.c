// SPDX-License-Identifier: GPL-2.0
/* Conversation with the kernel module over generic netlink. */
#include "nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "module.h"

#define MESSAGE_SIZE	16384
#define RECEIVE_SIZE	65536
#define EVENT_BUFFER	(1 << 20)
#define DUMP_RETRIES	20

static struct nl_sock *ask_sock;
static struct nl_sock *event_sock;
static int family;

typedef void (*take_fn)(struct nlattr **tb, void *arg);

/* One question and what has come back so far. */
struct exchange {
	take_fn take;
	void *arg;
	bool done;
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

static void take_sentence(struct exchange *x, const struct nlattr *first,
			  int len)
{
	const struct nlattr *a;
	int left;

	nla_for_each_attr(a, first, len, left)
		if (nla_type(a) == NLMSGERR_ATTR_MSG)
			nla_strlcpy(x->sentence, a, sizeof(x->sentence));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct nlmsghdr *hdr = (void *)((char *)e - NLMSG_HDRLEN);
	struct exchange *x = arg;
	size_t skip = sizeof(*e);

	(void)from;
	x->err = -e->error;
	x->done = true;
	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	if (hdr->nlmsg_len > NLMSG_HDRLEN + NLMSG_ALIGN(skip))
		take_sentence(x, (struct nlattr *)((char *)e +
						   NLMSG_ALIGN(skip)),
			      hdr->nlmsg_len - NLMSG_HDRLEN -
			      NLMSG_ALIGN(skip));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	((struct exchange *)arg)->done = true;
	return NL_STOP;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct exchange *x = arg;
	int err = 0;

	if (nlmsg_datalen(hdr) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(hdr), sizeof(err));
	x->done = true;
	if (err >= 0)
		return NL_STOP;
	x->err = -err;
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS)
		take_sentence(x, (struct nlattr *)((char *)nlmsg_data(hdr) +
						   sizeof(err)),
			      nlmsg_datalen(hdr) - sizeof(err));
	return NL_STOP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[MPIO_A_MAX + 1];
	struct exchange *x = arg;

	if (!genlmsg_parse(nlmsg_hdr(msg), 0, tb, MPIO_A_MAX, NULL) && x->take)
		x->take(tb, x->arg);
	return NL_OK;
}

/* Frees @msg; its buffer may have held a secret. */
static void message_free(struct nl_msg *msg)
{
	explicit_bzero(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
}

static int converse(struct nl_msg *msg, struct exchange *x)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int ret;

	if (!cb)
		return -NLE_NOMEM;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, x);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, x);
	ret = nl_send_auto(ask_sock, msg);
	while (ret >= 0 && !x->done)
		ret = nl_recvmsgs(ask_sock, cb);
	nl_cb_put(cb);
	return ret;
}

static struct nl_msg *message(int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_SIZE);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
				 flags, cmd, MPIO_GENL_VERSION)) {
		fputs("iscsictl: out of memory: cannot build a message\n",
		      stderr);
		exit(CODE_NOMEM);
	}
	return msg;
}

/* Asks and frees @msg; @bad: building it failed for lack of room. */
static int ask(struct nl_msg *msg, int bad, take_fn take, void *arg)
{
	struct exchange x = { .take = take, .arg = arg };
	int ret;

	if (bad) {
		message_free(msg);
		return because(CODE_INVALID, "the request is too long");
	}
	ret = converse(msg, &x);
	message_free(msg);
	if (x.err)
		return kernel_refused(&x);
	if (ret < 0)
		return because(CODE_INTERNAL, "netlink: %s",
			       nl_geterror(ret));
	return 0;
}

static int connect_socket(struct nl_sock **sock)
{
	int on = 1, ret;

	*sock = nl_socket_alloc();
	if (!*sock)
		return because(CODE_NOMEM, "no memory for a netlink socket");
	ret = genl_connect(*sock);
	if (ret)
		return because(CODE_UNSUPPORTED, "netlink: %s",
			       nl_geterror(ret));
	nl_socket_set_msg_buf_size(*sock, RECEIVE_SIZE);
	setsockopt(nl_socket_get_fd(*sock), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	setsockopt(nl_socket_get_fd(*sock), SOL_NETLINK, NETLINK_CAP_ACK, &on,
		   sizeof(on));
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
	ret = connect_socket(&ask_sock);
	if (ret)
		return ret;
	family = genl_ctrl_resolve(ask_sock, MPIO_GENL_NAME);
	if (family < 0 && !load)
		return because(CODE_UNSUPPORTED,
			       "module iscsi_mpio is not loaded");
	if (family < 0) {
		ret = module_load();
		if (ret)
			return ret;
		family = genl_ctrl_resolve(ask_sock, MPIO_GENL_NAME);
	}
	if (family < 0)
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
	nl_socket_free(ask_sock);
	nl_socket_free(event_sock);
	ask_sock = NULL;
	event_sock = NULL;
}

/* A dump that changed under our eyes is asked again. */
static int dump(int cmd, uint32_t session_id, uint32_t disk_id, take_fn take,
		void (*clear)(void *list), void *list)
{
	struct exchange x;
	struct nl_msg *msg;
	int tries, ret = 0;

	for (tries = 0; tries < DUMP_RETRIES; tries++) {
		clear(list);
		x = (struct exchange){ .take = take, .arg = list };
		msg = message(cmd, NLM_F_DUMP);
		if (session_id)
			nla_put_u32(msg, MPIO_A_SESSION_ID, session_id);
		if (disk_id)
			nla_put_u32(msg, MPIO_A_DISK_ID, disk_id);
		ret = converse(msg, &x);
		message_free(msg);
		if (x.err)
			return kernel_refused(&x);
		if (ret >= 0)
			return 0;
		if (ret != -NLE_DUMP_INTR)
			break;
		kernel_close();
		ret = open_family(false);
		if (ret)
			return ret;
	}
	return because(CODE_INTERNAL, "netlink: %s", nl_geterror(ret));
}

static void take_info(struct nlattr **tb, void *arg)
{
	if (tb[MPIO_A_INFO])
		attr_get_info(tb[MPIO_A_INFO], arg);
}

int kernel_get_info(struct info *info)
{
	memset(info, 0, sizeof(*info));
	return ask(message(MPIO_CMD_INFO_GET, 0), 0, take_info, info);
}

static void take_session(struct nlattr **tb, void *arg)
{
	struct session_list *list = arg;

	if (!tb[MPIO_A_SESSION])
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	if (!attr_get_session(tb[MPIO_A_SESSION], &list->item[list->count]))
		list->count++;
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

static void take_path(struct nlattr **tb, void *arg)
{
	struct path_list *list = arg;

	if (!tb[MPIO_A_PATH])
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	if (!attr_get_path(tb[MPIO_A_PATH], &list->item[list->count]))
		list->count++;
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

static void take_disk(struct nlattr **tb, void *arg)
{
	struct disk_list *list = arg;

	if (!tb[MPIO_A_DISK])
		return;
	list->item = xrealloc(list->item, list->count + 1,
			      sizeof(*list->item));
	if (!attr_get_disk(tb[MPIO_A_DISK], &list->item[list->count]))
		list->count++;
}

static void clear_disks(void *list)
{
	disk_list_free(list);
}

int kernel_get_disks(struct disk_list *list)
{
	return dump(MPIO_CMD_DISK_GET, 0, 0, take_disk, clear_disks, list);
}

static void take_id(struct nlattr **tb, void *arg)
{
	if (tb[MPIO_A_SESSION_ID])
		*(uint32_t *)arg = nla_get_u32(tb[MPIO_A_SESSION_ID]);
}

int kernel_add_session(const struct login *login, const struct secrets *secrets,
		       uint32_t *id)
{
	struct nl_msg *msg = message(MPIO_CMD_SESSION_ADD, 0);
	struct nlattr *nest = nla_nest_start(msg, MPIO_A_SESSION);
	int bad = !nest || attr_put_login(msg, login, secrets);

	if (!bad)
		nla_nest_end(msg, nest);
	*id = 0;
	return ask(msg, bad, take_id, id);
}

int kernel_del_session(uint32_t id, bool force)
{
	struct nl_msg *msg = message(MPIO_CMD_SESSION_DEL, 0);
	int bad = nla_put_u32(msg, MPIO_A_SESSION_ID, id) ||
		  (force && nla_put_flag(msg, MPIO_A_FORCE));

	return ask(msg, bad, NULL, NULL);
}

int kernel_set_records(uint32_t id, const struct strlist *records)
{
	struct nl_msg *msg = message(MPIO_CMD_SESSION_SET, 0);
	int bad = nla_put_u32(msg, MPIO_A_SESSION_ID, id);
	struct nlattr *nest = nla_nest_start(msg, MPIO_A_SESSION);
	size_t i;

	bad = bad || !nest;
	for (i = 0; i < records->count && !bad; i++)
		bad = nla_put_string(msg, MPIO_SA_RECORD, records->item[i]);
	if (!records->count && !bad)
		bad = nla_put_string(msg, MPIO_SA_RECORD, "");
	if (!bad)
		nla_nest_end(msg, nest);
	return ask(msg, bad, NULL, NULL);
}

int kernel_set_session_settings(uint32_t id, const struct settings *settings)
{
	struct nl_msg *msg = message(MPIO_CMD_SESSION_SET, 0);
	int bad = nla_put_u32(msg, MPIO_A_SESSION_ID, id);
	struct nlattr *nest = nla_nest_start(msg, MPIO_A_SESSION);

	bad = bad || !nest ||
	      attr_put_settings(msg, MPIO_SA_SETTINGS, settings);
	if (!bad)
		nla_nest_end(msg, nest);
	return ask(msg, bad, NULL, NULL);
}

int kernel_kick(uint32_t id)
{
	struct nl_msg *msg = message(MPIO_CMD_SESSION_SET, 0);
	int bad = nla_put_u32(msg, MPIO_A_SESSION_ID, id) ||
		  nla_put_flag(msg, MPIO_A_KICK);

	return ask(msg, bad, NULL, NULL);
}

int kernel_scan(uint32_t id)
{
	struct nl_msg *msg = message(MPIO_CMD_SCAN, 0);

	return ask(msg, nla_put_u32(msg, MPIO_A_SESSION_ID, id), NULL, NULL);
}

static int put_set(struct nl_msg *msg, int type, uint32_t value)
{
	return value == UNSET ? 0 : nla_put_u32(msg, type, value);
}

int kernel_set_path(uint32_t id, uint32_t weight, uint32_t preferred,
		    uint32_t enabled)
{
	struct nl_msg *msg = message(MPIO_CMD_PATH_SET, 0);
	int bad = nla_put_u32(msg, MPIO_A_PATH_ID, id);
	struct nlattr *nest = nla_nest_start(msg, MPIO_A_PATH);

	bad = bad || !nest || put_set(msg, MPIO_PA_WEIGHT, weight) ||
	      put_set(msg, MPIO_PA_PREFERRED, preferred) ||
	      put_set(msg, MPIO_PA_ENABLED, enabled);
	if (!bad)
		nla_nest_end(msg, nest);
	return ask(msg, bad, NULL, NULL);
}

int kernel_set_policy(uint32_t policy, uint32_t disk_id, const char *target)
{
	struct nl_msg *msg = message(MPIO_CMD_POLICY_SET, 0);
	int bad = nla_put_u32(msg, MPIO_A_POLICY, policy);

	if (disk_id)
		bad = bad || nla_put_u32(msg, MPIO_A_DISK_ID, disk_id);
	else if (target)
		bad = bad || nla_put_string(msg, MPIO_A_TARGET, target);
	return ask(msg, bad, NULL, NULL);
}

static void take_settings(struct nlattr **tb, void *arg)
{
	if (tb[MPIO_A_SETTINGS])
		attr_get_settings(tb[MPIO_A_SETTINGS], arg);
}

int kernel_get_settings(struct settings *settings)
{
	struct login blank;

	login_init(&blank);
	*settings = blank.settings;
	return ask(message(MPIO_CMD_SETTING_GET, 0), 0, take_settings,
		   settings);
}

int kernel_set_settings(const struct settings *settings)
{
	struct nl_msg *msg = message(MPIO_CMD_SETTING_SET, 0);

	return ask(msg, attr_put_settings(msg, MPIO_A_SETTINGS, settings),
		   NULL, NULL);
}

int kernel_listen(void)
{
	int group, ret;

	if (event_sock)
		return 0;
	ret = connect_socket(&event_sock);
	if (ret)
		return ret;
	nl_socket_set_buffer_size(event_sock, EVENT_BUFFER, 0);
	group = genl_ctrl_resolve_grp(ask_sock, MPIO_GENL_NAME,
				      MPIO_GENL_GROUP_EVENTS);
	ret = group < 0 ? group :
	      nl_socket_add_membership(event_sock, group);
	if (ret)
		return because(CODE_INTERNAL, "cannot subscribe to events: %s",
			       nl_geterror(ret));
	return 0;
}

struct event_wait {
	struct event *event;
	bool got;
};

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[MPIO_A_MAX + 1];
	struct event_wait *wait = arg;
	struct event *e = wait->event;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, MPIO_A_MAX, NULL) ||
	    !tb[MPIO_A_EVENT] || wait->got)
		return NL_OK;
	e->type = nla_get_u32(tb[MPIO_A_EVENT]);
	if (tb[MPIO_A_TIME])
		e->time = nla_get_u64(tb[MPIO_A_TIME]);
	if (tb[MPIO_A_SESSION])
		e->has_session = !attr_get_session(tb[MPIO_A_SESSION],
						   &e->session);
	if (tb[MPIO_A_PATH])
		e->has_path = !attr_get_path(tb[MPIO_A_PATH], &e->path);
	if (tb[MPIO_A_DISK])
		e->has_disk = !attr_get_disk(tb[MPIO_A_DISK], &e->disk);
	wait->got = true;
	return NL_STOP;
}

/* Events answer no question: their sequence numbers mean nothing. */
static int any_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

int kernel_next_event(struct event *event, int ms, bool *got)
{
	struct event_wait wait = { .event = event };
	struct pollfd fd = { .events = POLLIN };
	struct nl_cb *cb;
	int ret;

	*got = false;
	memset(event, 0, sizeof(*event));
	fd.fd = nl_socket_get_fd(event_sock);
	ret = poll(&fd, 1, ms);
	if (ret <= 0)
		return 0;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		return because(CODE_NOMEM, "no memory for events");
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_sequence, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, &wait);
	ret = nl_recvmsgs(event_sock, cb);
	nl_cb_put(cb);
	*got = wait.got;
	if (ret < 0 && ret != -NLE_NOMEM && ret != -NLE_AGAIN)
		return because(CODE_INTERNAL, "netlink: %s", nl_geterror(ret));
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
