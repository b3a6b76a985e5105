// SPDX-License-Identifier: GPL-2.0
/*
 * The one conversation of this program, over libiscsi-mpio: its answers as
 * structures, its errors as exit codes.
 */
#include "module/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "lib/libiscsi-mpio.h"
#include "module/attr.h"
#include "module/module.h"

static struct impio *module;

/* The exit code that fits, with the library's sentence as the reason. */
static int refused(int err)
{
	static const struct {
		int err;
		int code;
	} rows[] = {
		{ EPERM, CODE_ACCESS },
		{ EACCES, CODE_ACCESS },
		{ ENOENT, CODE_NO_SESSION },
		{ ESRCH, CODE_NO_SESSION },
		{ ENODEV, CODE_NO_SESSION },
		{ ENOMEM, CODE_NOMEM },
		{ ENOBUFS, CODE_NOMEM },
		{ EINVAL, CODE_INVALID },
		{ ERANGE, CODE_INVALID },
		{ ENAMETOOLONG, CODE_INVALID },
		{ EMSGSIZE, CODE_INVALID },
		{ EEXIST, CODE_EXISTS },
		{ EALREADY, CODE_EXISTS },
		{ EBUSY, CODE_BUSY },
		{ EOPNOTSUPP, CODE_UNSUPPORTED },
		{ ENOPROTOOPT, CODE_UNSUPPORTED },
		{ EPROTONOSUPPORT, CODE_UNSUPPORTED },
		{ ENOPKG, CODE_UNSUPPORTED },
		{ EPROTO, CODE_INTERNAL },
		{ ETIMEDOUT, CODE_PDU_TIMEOUT },
		{ ENOKEY, CODE_AUTH },
		{ EKEYREVOKED, CODE_AUTH },
		{ EKEYEXPIRED, CODE_AUTH },
		{ EKEYREJECTED, CODE_AUTH },
	};
	size_t i;

	if (!err)
		return 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err == -err)
			return because(rows[i].code, "%s", impio_why(module));
	return because(CODE_ERROR, "%s", impio_why(module));
}

static int open_module(bool load)
{
	int ret;

	if (!module)
		module = impio_new();
	ret = module ? impio_open(module) : -ENOMEM;
	if (ret == -ENOPKG && load && error_dry_run)
		return because(CODE_UNSUPPORTED,
			       "module iscsi_mpio is not loaded, and --dry-run loads nothing");
	if (ret == -ENOPKG && load) {
		ret = module_load();
		if (ret)
			return ret;
		ret = impio_open(module);
		if (ret == -ENOPKG)
			return because(CODE_UNSUPPORTED,
				       "module iscsi_mpio is loaded but offers no netlink family");
	}
	return refused(ret);
}

int kernel_open(void)
{
	return open_module(true);
}

int kernel_open_loaded(void)
{
	int ret = open_module(false);

	if (ret)
		kernel_close();
	return ret;
}

void kernel_close(void)
{
	impio_free(module);
	module = NULL;
}

int kernel_get_info(struct info *info)
{
	struct impio_list *answer;
	int ret = impio_get_info(module, &answer);

	memset(info, 0, sizeof(*info));
	if (!ret)
		attr_get_info(impio_item(answer, 0), info);
	impio_list_free(answer);
	return refused(ret);
}

int kernel_get_sessions(struct session_list *list)
{
	struct impio_list *answer;
	int ret = impio_get_sessions(module, &answer);

	model_session_list_free(list);
	list->item = xcalloc(impio_count(answer), sizeof(*list->item));
	for (; list->count < impio_count(answer); list->count++)
		attr_get_session(impio_item(answer, list->count),
				 &list->item[list->count]);
	impio_list_free(answer);
	return refused(ret);
}

int kernel_get_paths(uint32_t session_id, uint32_t disk_id,
		     struct path_list *list)
{
	struct impio_list *answer;
	int ret = impio_get_paths(module, session_id, disk_id, &answer);

	model_path_list_free(list);
	list->item = xcalloc(impio_count(answer), sizeof(*list->item));
	for (; list->count < impio_count(answer); list->count++)
		attr_get_path(impio_item(answer, list->count),
			      &list->item[list->count]);
	impio_list_free(answer);
	return refused(ret);
}

int kernel_get_disks(struct disk_list *list)
{
	struct impio_list *answer;
	int ret = impio_get_disks(module, &answer);

	model_disk_list_free(list);
	list->item = xcalloc(impio_count(answer), sizeof(*list->item));
	for (; list->count < impio_count(answer); list->count++)
		attr_get_disk(impio_item(answer, list->count),
			      &list->item[list->count]);
	impio_list_free(answer);
	return refused(ret);
}

int kernel_add_session(const struct login *login, const struct secrets *secrets,
		       uint32_t *id)
{
	char portal[ADDRESS_TEXT];
	struct impio_values *session;
	int ret;

	*id = 0;
	if (would("log in to %s at %s", login->target,
		  address_port_text(&login->portal, portal)))
		return 0;
	session = impio_values_new();
	attr_put_login(session, login, secrets);
	ret = impio_add_session(module, session, id);
	impio_values_free(session);
	return refused(ret);
}

int kernel_del_session(uint32_t id, bool force)
{
	if (would("log session %u out", id))
		return 0;
	return refused(impio_del_session(module, id, force));
}

int kernel_set_records(uint32_t id, const struct strlist *records)
{
	struct impio_values *session;
	size_t i;
	int ret;

	if (error_dry_run)	/* told where the record is changed */
		return 0;
	session = impio_values_new();
	for (i = 0; i < records->count; i++)
		impio_put_text(session, MPIO_SA_RECORD, records->item[i]);
	if (!records->count)
		impio_put_text(session, MPIO_SA_RECORD, "");
	ret = impio_set_session(module, id, session);
	impio_values_free(session);
	return refused(ret);
}

int kernel_set_session_settings(uint32_t id, const struct settings *settings)
{
	struct impio_values *session;
	int ret;

	if (would("change the settings of session %u", id))
		return 0;
	session = impio_values_new();
	attr_put_settings(session, MPIO_SA_SETTINGS, settings);
	ret = impio_set_session(module, id, session);
	impio_values_free(session);
	return refused(ret);
}

int kernel_set_portal(uint32_t id, const struct sockaddr_storage *to,
		      const char *redirect)
{
	char text[ADDRESS_TEXT];
	struct impio_values *session;
	int ret;

	if (would("let session %u log in at %s", id,
		  address_port_text(to, text)))
		return 0;
	session = impio_values_new();
	impio_put_bytes(session, MPIO_SA_PORTAL, to, address_length(to));
	if (redirect)
		impio_put_text(session, MPIO_SA_REDIRECT, redirect);
	ret = impio_set_session(module, id, session);
	impio_values_free(session);
	return refused(ret ? ret : impio_kick_session(module, id));
}

int kernel_set_secrets(uint32_t id, const struct secrets *secrets)
{
	struct impio_values *session;
	int ret;

	if (would("change the secret of session %u", id))
		return 0;
	session = impio_values_new();
	if (secrets->out_len)
		impio_put_bytes(session, MPIO_SA_CHAP_SECRET, secrets->out,
				secrets->out_len);
	if (secrets->in_len)
		impio_put_bytes(session, MPIO_SA_CHAP_SECRET_IN, secrets->in,
				secrets->in_len);
	ret = impio_set_session(module, id, session);
	impio_values_free(session);
	return refused(ret);
}

int kernel_kick(uint32_t id)
{
	if (would("try to log session %u in again", id))
		return 0;
	return refused(impio_kick_session(module, id));
}

int kernel_scan(uint32_t id)
{
	if (would("look for logical units of session %u", id))
		return 0;
	return refused(impio_scan_session(module, id));
}

int kernel_set_path(uint32_t id, uint32_t weight, uint32_t preferred,
		    uint32_t enabled)
{
	if (would("change path %u", id))
		return 0;
	return refused(impio_set_path(module, id, weight, preferred, enabled));
}

int kernel_set_policy(uint32_t policy, uint32_t disk_id, const char *target)
{
	if (disk_id && would("set policy %s of disk %u", model_policy_name(policy),
			     disk_id))
		return 0;
	if (!disk_id && would("set policy %s of %s", model_policy_name(policy),
			      target ? target : "all other disks"))
		return 0;
	return refused(impio_set_policy(module, policy, disk_id, target));
}

int kernel_get_settings(struct settings *settings)
{
	struct impio_list *answer;
	int ret = impio_get_settings(module, &answer);

	attr_get_settings(impio_item(answer, 0), settings);
	impio_list_free(answer);
	return refused(ret);
}

int kernel_set_settings(const struct settings *settings)
{
	struct impio_values *values;
	int ret;

	if (would("change the defaults of sessions to come"))
		return 0;
	values = impio_values_new();
	attr_put_numbers(values, settings);
	ret = impio_set_settings(module, values);
	impio_values_free(values);
	return refused(ret);
}

int kernel_listen(void)
{
	return refused(impio_listen(module));
}

int kernel_next_event(struct event *event, int ms, bool *got)
{
	struct impio_list *answer;
	int ret = impio_next_event(module, ms, &answer);

	*got = !ret;
	memset(event, 0, sizeof(*event));
	if (ret == -EAGAIN || ret == -EINTR || ret == -ENOBUFS)
		return 0;
	if (!ret)
		attr_get_event(impio_item(answer, 0), event);
	impio_list_free(answer);
	return refused(ret);
}

void kernel_event_free(struct event *event)
{
	if (!event->has_session)
		return;
	model_login_free(&event->session.login);
	strlist_free(&event->session.disks);
	strlist_free(&event->session.quirks);
	free(event->session.transition);
}
