// SPDX-License-Identifier: GPL-2.0
/*
 * The conversation with the module over generic netlink: one socket to ask,
 * one for events. A question is answered in full before the call returns; when
 * that goes wrong its socket is replaced, as it may still hold half an answer.
 */
#include "lib/internal.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bounds.h"
#include "lib/genl.h"
#include "lib/message.h"

#define DUMP_RETRIES	20
#define NETLINK_FAILED	EPROTO

struct impio {
	struct genl *asks;
	struct genl *events;
	uint16_t family;
	bool open;
	char why[256];
};

/* One question and what has come back so far. */
struct exchange {
	int want;		/* attribute that is taken, 0: all together */
	struct impio_list *answer;
	const struct nlattr *asked;	/* nest of what was sent, or NULL */
	uint16_t family;
	uint32_t seq;
	bool done;
	bool changed;		/* a dump of what changed meanwhile */
	int err;		/* negative errno, the kernel's or ours */
	char sentence[256];	/* of the extended acknowledgement */
};

static int fail(struct impio *m, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct impio *m, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->why, sizeof(m->why), fmt, ap);
	va_end(ap);
	return -err;
}

/* Where the kernel sent no sentence. */
static const char *sentence_of(int err)
{
	static const struct {
		int err;
		const char *sentence;
	} rows[] = {
		{ EPERM, "only root may do this (CAP_NET_ADMIN)" },
		{ EACCES, "only root may do this (CAP_NET_ADMIN)" },
		{ ENOENT, "there is no such object" },
		{ ENODEV, "there is no such object" },
		{ ESRCH, "there is no such session" },
		{ ENOMEM, "out of memory" },
		{ ENOBUFS, "the kernel is out of memory" },
		{ EINVAL, "the kernel refuses a value" },
		{ ERANGE, "a value is out of range" },
		{ ENAMETOOLONG, "a name is too long" },
		{ EEXIST, "the session exists already" },
		{ EALREADY, "the session exists already" },
		{ EBUSY, "a disk of it is in use" },
		{ EOPNOTSUPP, "the module does not support this" },
		{ ENOPROTOOPT, "the module does not support this" },
		{ ETIMEDOUT, "the target did not answer in time" },
		{ ENOKEY, "there is no such logon key" },
		{ EKEYREVOKED, "the logon key has been revoked" },
		{ EKEYEXPIRED, "the logon key has expired" },
		{ EKEYREJECTED, "the logon key has been rejected" },
		{ ENOSPC, "the limit of sessions is reached" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err == err)
			return rows[i].sentence;
	return strerrordesc_np(err) ? strerrordesc_np(err) : "unknown error";
}

static int fail_netlink(struct impio *m, int err)
{
	return fail(m, NETLINK_FAILED, "netlink: %s", sentence_of(err));
}

static int fail_memory(struct impio *m)
{
	return fail(m, ENOMEM, "out of memory");
}

/* The value of what was asked with that the kernel's policy does not let in. */
static bool take_bounds(struct exchange *x, const struct nlattr *const *tb)
{
	size_t at;

	if (!x->asked || !tb[NLMSGERR_ATTR_OFFS] || !tb[NLMSGERR_ATTR_POLICY])
		return false;
	at = message_u32(tb[NLMSGERR_ATTR_OFFS]);
	return at >= NLMSG_LENGTH(GENL_HDRLEN) &&
	       bounds_sentence(message_data(x->asked), message_len(x->asked),
			       at - NLMSG_LENGTH(GENL_HDRLEN),
			       tb[NLMSGERR_ATTR_POLICY], x->sentence,
			       sizeof(x->sentence));
}

static void take_sentence(struct exchange *x, const struct nlmsghdr *hdr,
			  size_t skip)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1], *a;
	size_t len = hdr->nlmsg_len;

	skip = NLMSG_LENGTH(NLMSG_ALIGN(skip));
	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		return;
	message_parse(tb, NLMSGERR_ATTR_MAX, (const char *)hdr + skip,
		      len - skip);
	a = tb[NLMSGERR_ATTR_MSG];
	if (!take_bounds(x, tb) && a)
		snprintf(x->sentence, sizeof(x->sentence), "%.*s",
			 (int)message_len(a), (const char *)message_data(a));
}

static void take_error(struct exchange *x, const struct nlmsghdr *hdr)
{
	const struct nlmsgerr *e = NLMSG_DATA(hdr);
	size_t skip = sizeof(*e);

	x->done = true;
	if (hdr->nlmsg_len < NLMSG_LENGTH(skip) || !e->error)
		return;
	x->err = e->error;
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
	x->err = err;
	take_sentence(x, hdr, sizeof(err));
}

/* Adds what @x wants of what the family says. */
static void take_object(struct exchange *x, const struct nlmsghdr *hdr)
{
	const struct nlattr *tb[MPIO_A_MAX + 1], *a;
	const char *all = (const char *)NLMSG_DATA(hdr) + GENL_HDRLEN;
	size_t len;

	if (!x->answer || x->err || hdr->nlmsg_type != x->family ||
	    hdr->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return;
	len = hdr->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
	message_parse(tb, MPIO_A_MAX, all, len);
	a = tb[x->want];
	if (a)
		x->err = impio_list_add(x->answer, message_data(a), message_len(a));
	else if (!x->want)
		x->err = impio_list_add(x->answer, all, len);
}

static void take_answer(const struct nlmsghdr *hdr, void *arg)
{
	struct exchange *x = arg;

	if (hdr->nlmsg_seq != x->seq)
		return;
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		x->changed = true;
	if (hdr->nlmsg_type == NLMSG_ERROR)
		take_error(x, hdr);
	else if (hdr->nlmsg_type == NLMSG_DONE)
		take_end(x, hdr);
	else
		take_object(x, hdr);
}

static void hang_up(struct genl **genl)
{
	genl_close(*genl);
	*genl = NULL;
}

static int dial(struct impio *m, struct genl **genl)
{
	int ret = *genl ? 0 : genl_open(genl);

	return ret ? fail(m, EPROTONOSUPPORT, "netlink: %s",
			  sentence_of(-ret)) : 0;
}

/*
 * Sends a message with @values and frees it, overwritten, as it may have held
 * a secret. 0 or a negative errno.
 */
static int send_values(struct impio *m, int cmd, int flags,
		       const struct impio_values *values, uint32_t *seq)
{
	const struct genlmsghdr head = { .cmd = cmd,
					 .version = MPIO_GENL_VERSION };
	size_t len = message_len(values->nest);
	size_t size = NLMSG_LENGTH(GENL_HDRLEN) + NLMSG_ALIGN(len);
	struct message msg;
	void *buffer;
	int ret;

	buffer = malloc(size);
	if (!buffer)
		return -ENOMEM;
	message_init(&msg, buffer, size, m->family,
		     NLM_F_REQUEST | (flags ? flags : NLM_F_ACK), &head,
		     sizeof(head));
	memcpy((char *)buffer + msg.head->nlmsg_len, message_data(values->nest),
	       len);
	msg.head->nlmsg_len += len;
	ret = genl_send(m->asks, msg.head);
	*seq = msg.head->nlmsg_seq;
	explicit_bzero(buffer, size);
	free(buffer);
	return ret;
}

/* One try at a question; x->changed: the answer did so while it came. */
static int ask_once(struct impio *m, int cmd, int flags,
		    const struct impio_values *values, struct exchange *x)
{
	int ret = dial(m, &m->asks);

	if (ret)
		return ret;
	ret = send_values(m, cmd, flags, values, &x->seq);
	while (!ret && !x->done)
		ret = genl_receive(m->asks, take_answer, x);
	if (ret)
		hang_up(&m->asks);
	if (x->err)
		return fail(m, -x->err, "%s", x->sentence[0] ? x->sentence :
			    sentence_of(-x->err));
	if (ret)
		return fail_netlink(m, -ret);
	return x->changed ? fail(m, NETLINK_FAILED,
				 "netlink: it changes all the time") : 0;
}

/* @want of each message becomes an object of *answer, if there is one. */
static int ask(struct impio *m, int cmd, int flags,
	       const struct impio_values *values, int want,
	       struct impio_list **answer)
{
	struct exchange x;
	int tries = 0, ret;

	if (answer)
		*answer = NULL;
	if (!values || values->err == -ENOMEM)
		return fail_memory(m);
	if (values->err == -EMSGSIZE)
		return fail(m, EMSGSIZE, "the request is too long");
	if (values->err)
		return fail(m, EINVAL, "the request is not complete");
	do {
		x = (struct exchange){ .want = want, .asked = values->nest,
				       .family = m->family };
		if (answer) {
			x.answer = calloc(1, sizeof(*x.answer));
			if (!x.answer)
				return fail_memory(m);
		}
		ret = ask_once(m, cmd, flags, values, &x);
		if (ret)
			impio_list_free(x.answer);
		else if (answer)
			*answer = x.answer;
	} while (x.changed && ++tries < DUMP_RETRIES);
	return ret;
}

/* The same with @values that were made for it, which it frees. */
static int ask_and_free(struct impio *m, int cmd, int flags,
			struct impio_values *values, int want,
			struct impio_list **answer)
{
	int ret = ask(m, cmd, flags, values, want, answer);

	impio_values_free(values);
	return ret;
}

static int change(struct impio *m, int cmd, struct impio_values *values)
{
	return ask_and_free(m, cmd, 0, values, 0, NULL);
}

struct impio *impio_new(void)
{
	return calloc(1, sizeof(struct impio));
}

void impio_free(struct impio *m)
{
	if (!m)
		return;
	hang_up(&m->asks);
	hang_up(&m->events);
	free(m);
}

const char *impio_why(const struct impio *m)
{
	return !m ? "out of memory" : m->why[0] ? m->why : "no reason is known";
}

static int check_version(struct impio *m)
{
	struct impio_list *answer;
	const struct impio_object *info;
	const char *version;
	uint64_t abi = 0;
	int ret = impio_get_info(m, &answer);

	if (ret)
		return ret;
	info = impio_item(answer, 0);
	version = impio_text(info, MPIO_IA_VERSION, 0);
	if (impio_number(info, MPIO_IA_ABI, &abi) || abi != MPIO_GENL_VERSION)
		ret = fail(m, EPROTONOSUPPORT,
			   "module iscsi_mpio %s speaks interface %u, this tool %u: install matching versions",
			   version ? version : "?", (unsigned int)abi,
			   MPIO_GENL_VERSION);
	impio_list_free(answer);
	return ret;
}

int impio_open(struct impio *m)
{
	int ret;

	if (m->open)
		return 0;
	ret = dial(m, &m->asks);
	if (ret)
		return ret;
	m->family = genl_resolve(m->asks, MPIO_GENL_NAME);
	if (!m->family)
		return fail(m, ENOPKG, "module iscsi_mpio is not loaded");
	ret = check_version(m);
	m->open = !ret;
	return ret;
}

int impio_get_info(struct impio *m, struct impio_list **answer)
{
	return ask_and_free(m, MPIO_CMD_INFO_GET, 0, impio_values_new(),
			    MPIO_A_INFO, answer);
}

int impio_get_sessions(struct impio *m, struct impio_list **answer)
{
	return ask_and_free(m, MPIO_CMD_SESSION_GET, NLM_F_DUMP,
			    impio_values_new(), MPIO_A_SESSION, answer);
}

static struct impio_values *about(int attr, uint32_t id)
{
	struct impio_values *values = impio_values_new();

	impio_put_number(values, attr, id);
	return values;
}

int impio_get_session(struct impio *m, uint32_t id, struct impio_list **answer)
{
	return ask_and_free(m, MPIO_CMD_SESSION_GET, 0,
			    about(MPIO_A_SESSION_ID, id), MPIO_A_SESSION,
			    answer);
}

int impio_get_paths(struct impio *m, uint32_t session, uint32_t disk,
		    struct impio_list **answer)
{
	struct impio_values *values = impio_values_new();

	if (session)
		impio_put_number(values, MPIO_A_SESSION_ID, session);
	if (disk)
		impio_put_number(values, MPIO_A_DISK_ID, disk);
	return ask_and_free(m, MPIO_CMD_PATH_GET, NLM_F_DUMP, values,
			    MPIO_A_PATH, answer);
}

int impio_get_disks(struct impio *m, struct impio_list **answer)
{
	return ask_and_free(m, MPIO_CMD_DISK_GET, NLM_F_DUMP,
			    impio_values_new(), MPIO_A_DISK, answer);
}

int impio_get_settings(struct impio *m, struct impio_list **answer)
{
	return ask_and_free(m, MPIO_CMD_SETTING_GET, 0, impio_values_new(),
			    MPIO_A_SETTINGS, answer);
}

/* Puts what the caller has built below @attr, with its failure if it has one. */
static void put_built(struct impio_values *values, int attr,
		      const struct impio_values *built)
{
	if (values && (!built || built->err))
		values->err = built ? built->err : -ENOMEM;
	else if (values)
		impio_put_nest(values, attr, impio_values_object(built));
}

int impio_add_session(struct impio *m, const struct impio_values *session,
		      uint32_t *id)
{
	struct impio_values *values = impio_values_new();
	struct impio_list *answer;
	uint64_t number = 0;
	int ret;

	put_built(values, MPIO_A_SESSION, session);
	ret = ask_and_free(m, MPIO_CMD_SESSION_ADD, 0, values, 0, &answer);
	if (!ret && impio_number(impio_item(answer, 0), MPIO_A_SESSION_ID,
				 &number))
		ret = fail(m, NETLINK_FAILED,
			   "the kernel did not name the new session");
	impio_list_free(answer);
	if (!ret)
		*id = number;
	return ret;
}

int impio_del_session(struct impio *m, uint32_t id, bool force)
{
	struct impio_values *values = about(MPIO_A_SESSION_ID, id);

	if (force)
		impio_put_flag(values, MPIO_A_FORCE);
	return change(m, MPIO_CMD_SESSION_DEL, values);
}

int impio_set_session(struct impio *m, uint32_t id,
		      const struct impio_values *session)
{
	struct impio_values *values = about(MPIO_A_SESSION_ID, id);

	put_built(values, MPIO_A_SESSION, session);
	return change(m, MPIO_CMD_SESSION_SET, values);
}

int impio_kick_session(struct impio *m, uint32_t id)
{
	struct impio_values *values = about(MPIO_A_SESSION_ID, id);

	impio_put_flag(values, MPIO_A_KICK);
	return change(m, MPIO_CMD_SESSION_SET, values);
}

int impio_scan_session(struct impio *m, uint32_t id)
{
	return change(m, MPIO_CMD_SCAN, about(MPIO_A_SESSION_ID, id));
}

int impio_set_path(struct impio *m, uint32_t id, uint32_t weight,
		   uint32_t preferred, uint32_t enabled)
{
	struct impio_values *values = about(MPIO_A_PATH_ID, id);
	struct impio_values *path = impio_values_new();

	if (weight != IMPIO_KEEP)
		impio_put_number(path, MPIO_PA_WEIGHT, weight);
	if (preferred != IMPIO_KEEP)
		impio_put_number(path, MPIO_PA_PREFERRED, preferred);
	if (enabled != IMPIO_KEEP)
		impio_put_number(path, MPIO_PA_ENABLED, enabled);
	put_built(values, MPIO_A_PATH, path);
	impio_values_free(path);
	return change(m, MPIO_CMD_PATH_SET, values);
}

int impio_set_policy(struct impio *m, uint32_t policy, uint32_t disk,
		     const char *target)
{
	struct impio_values *values = about(MPIO_A_POLICY, policy);

	if (disk)
		impio_put_number(values, MPIO_A_DISK_ID, disk);
	else if (target)
		impio_put_text(values, MPIO_A_TARGET, target);
	return change(m, MPIO_CMD_POLICY_SET, values);
}

int impio_set_settings(struct impio *m, const struct impio_values *settings)
{
	struct impio_values *values = impio_values_new();

	put_built(values, MPIO_A_SETTINGS, settings);
	return change(m, MPIO_CMD_SETTING_SET, values);
}

int impio_listen(struct impio *m)
{
	int ret;

	if (m->events)
		return 0;
	ret = dial(m, &m->events);
	if (ret)
		return ret;
	ret = genl_join(m->events, MPIO_GENL_NAME, MPIO_GENL_GROUP_EVENTS);
	if (!ret)
		return 0;
	hang_up(&m->events);
	return fail(m, NETLINK_FAILED, "cannot subscribe to events: %s",
		    sentence_of(-ret));
}

int impio_event_fd(const struct impio *m)
{
	return m->events ? genl_fd(m->events) : -EBADF;
}

/* Events answer no question: their sequence numbers mean nothing. */
static void take_event(const struct nlmsghdr *hdr, void *arg)
{
	take_object(arg, hdr);
}

/* What has arrived becomes an object of @list. */
static int receive_event(struct impio *m, struct impio_list *list)
{
	struct exchange x = { .answer = list, .family = m->family };
	int ret = genl_receive(m->events, take_event, &x);

	if (ret == -ENOBUFS || ret == -ENOMEM)
		return fail(m, ENOBUFS, "events were lost");
	if (ret && ret != -EAGAIN)
		return fail_netlink(m, -ret);
	if (x.err)
		return fail(m, -x.err, "%s", sentence_of(-x.err));
	return list->count ? 0 : fail(m, EAGAIN, "no event came");
}

int impio_next_event(struct impio *m, int ms, struct impio_list **event)
{
	struct pollfd fd = { .fd = impio_event_fd(m), .events = POLLIN };
	struct impio_list *list;
	int ret;

	*event = NULL;
	if (fd.fd < 0)
		return fail(m, EBADF, "impio_listen() comes first");
	ret = poll(&fd, 1, ms);
	if (ret <= 0)
		return fail(m, ret ? errno : EAGAIN, "no event came");
	list = calloc(1, sizeof(*list));
	if (!list)
		return fail_memory(m);
	ret = receive_event(m, list);
	if (ret)
		impio_list_free(list);
	else
		*event = list;
	return ret;
}
