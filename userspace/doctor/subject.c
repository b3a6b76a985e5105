// SPDX-License-Identifier: GPL-2.0
/* Reading what runs and what is stored; which ways to targets there are. */
#include "doctor/subject.h"

#include <ifaddrs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/resolver.h"
#include "flow/session.h"
#include "module/kernel.h"
#include "store/config.h"

#define RESOLVE_MS	3000

void subject_line(char *text, size_t size, const char *fmt, ...)
{
	char name[512], *path;
	va_list args;
	FILE *f;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	path = file_root_path("%s", name);
	text[0] = '\0';
	f = fopen(path, "re");
	free(path);
	if (f && fgets(text, size, f))
		text[strcspn(text, "\n")] = '\0';
	if (f)
		fclose(f);
}

void subject_interface(const struct session *s, char *name)
{
	char mine[ADDRESS_TEXT], other[ADDRESS_TEXT];
	struct ifaddrs *all = NULL, *a;
	struct sockaddr_storage at;

	name[0] = '\0';
	if (s->login.iface[0]) {
		copy_text(name, IF_NAMESIZE, s->login.iface);
		return;
	}
	address_text(&s->local, mine);
	if (!*mine || getifaddrs(&all))
		return;
	for (a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr ||
		    a->ifa_addr->sa_family != s->local.ss_family)
			continue;
		memset(&at, 0, sizeof(at));
		memcpy(&at, a->ifa_addr, address_length(&s->local));
		if (!strcmp(mine, address_text(&at, other))) {
			copy_text(name, IF_NAMESIZE, a->ifa_name);
			break;
		}
	}
	freeifaddrs(all);
}

static bool asked_target(const struct subject *sub, const char *target)
{
	return !sub->target || !mpio_name_compare(sub->target, target);
}

static bool asked_portal(const struct subject *sub, const char *text)
{
	struct mpio_portal a, b;

	return !sub->portal ||
	       (!address_parse_portal(sub->portal, &a) &&
		!address_parse_portal(text, &b) && mpio_portal_equal(&a, &b));
}

bool subject_has_session(const struct subject *sub, const struct session *s)
{
	char text[ADDRESS_TEXT];

	address_port_text(&s->login.portal, text);
	return asked_target(sub, s->login.target) && asked_portal(sub, text) &&
	       (!sub->disk || session_has_disk(s, sub->disk));
}

bool subject_has_disk(const struct subject *sub, const struct disk *d)
{
	const struct session *s;
	size_t i;

	if (sub->disk && strcmp(disk_name(sub->disk), d->name))
		return false;
	for (i = 0; i < sub->paths.count; i++) {
		s = model_session_by_number(&sub->live,
					    sub->paths.item[i].session_id);
		if (sub->paths.item[i].disk_id == d->id && s &&
		    subject_has_session(sub, s))
			return true;
	}
	return false;
}

static void record_portal_text(const struct record *r, char *text)
{
	snprintf(text, MPIO_PORTAL_TEXT_MAX + 1, strchr(r->host, ':') ?
		 "[%s]:%u" : "%s:%u", r->host, r->port);
}

bool subject_has_record(const struct subject *sub, const struct record *r)
{
	const struct session *s = match_record_session(r, &sub->live);
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	record_portal_text(r, text);
	return asked_target(sub, r->login.target) &&
	       (asked_portal(sub, text) || (s && subject_has_session(sub, s))) &&
	       (!sub->disk || (s && subject_has_session(sub, s)));
}

static struct way *add_way(struct subject *sub)
{
	struct way *w;

	sub->way = xrealloc(sub->way, sub->ways + 1, sizeof(*sub->way));
	w = &sub->way[sub->ways++];
	memset(w, 0, sizeof(*w));
	model_login_init(&w->login);
	config_initiator_known(w->login.initiator);
	return w;
}

/* What a login needs, but lists, which stay where they are. */
static void copy_login(struct login *to, const struct login *from)
{
	*to = *from;
	memset(&to->records, 0, sizeof(to->records));
	if (!to->initiator[0])
		config_initiator_known(to->initiator);
}

static const struct record *record_of(const struct subject *sub,
				      const struct session *s)
{
	size_t i;

	for (i = 0; i < sub->stored.count; i++)
		if (!sub->stored.item[i].damage &&
		    match_record_session(&sub->stored.item[i],
					 &sub->live) == s)
			return &sub->stored.item[i];
	return NULL;
}

static void take_secrets(struct way *w)
{
	w->secret_known = w->login.auth == MPIO_AUTH_NONE ||
			  w->login.auth == UNSET ||
			  (w->record &&
			   !record_secrets(w->record, &w->secrets));
}

static void session_ways(struct subject *sub)
{
	const struct session *s;
	struct way *w;
	size_t i;

	for (i = 0; i < sub->live.count; i++) {
		s = &sub->live.item[i];
		if (!subject_has_session(sub, s))
			continue;
		w = add_way(sub);
		copy_login(&w->login, &s->login);
		w->session = s;
		w->record = record_of(sub, s);
		address_port_text(&s->login.portal, w->text);
		take_secrets(w);
	}
}

static void record_ways(struct subject *sub)
{
	const struct record *r;
	struct way *w;
	size_t i;

	for (i = 0; i < sub->stored.count; i++) {
		r = &sub->stored.item[i];
		if (r->damage || !subject_has_record(sub, r) ||
		    match_record_session(r, &sub->live))
			continue;
		w = add_way(sub);
		copy_login(&w->login, &r->login);
		w->record = r;
		record_portal_text(r, w->text);
		take_secrets(w);
	}
}

static void portal_way(struct subject *sub, const struct portal *p,
		       const char *target, const struct mpio_portal *at)
{
	struct way *w;
	size_t i;
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	mpio_portal_format(at, false, text);
	for (i = 0; i < sub->ways; i++)
		if (!strcmp(sub->way[i].text, text) &&
		    (!*target || !mpio_name_compare(sub->way[i].login.target,
						    target)))
			return;
	w = add_way(sub);
	copy_text(w->text, sizeof(w->text), text);
	copy_text(w->login.target, sizeof(w->login.target), target);
	w->login.auth = MPIO_AUTH_NONE;
	w->secret_known = true;
	if (!p)
		return;
	w->login.source = p->source;
	copy_text(w->login.iface, sizeof(w->login.iface), p->iface);
	if (*target)
		return;
	w->login.auth = p->auth;
	copy_text(w->login.user, sizeof(w->login.user), p->user);
	copy_text(w->login.user_in, sizeof(w->login.user_in), p->user_in);
	w->secret_known = p->auth == MPIO_AUTH_NONE ||
			  !portal_secrets(p, &w->secrets);
}

/* Portals that are asked for targets; their targets when one is asked for. */
static void portal_ways(struct subject *sub)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	const struct portal *p;
	struct mpio_portal at;
	size_t i, j;

	for (i = 0; i < sub->known.count && !sub->disk; i++) {
		p = &sub->known.item[i];
		mpio_portal_format(&p->portal, false, text);
		if (!p->is_static && !p->isns && !sub->target &&
		    asked_portal(sub, text))
			portal_way(sub, p, "", &p->portal);
		for (j = 0; sub->target && j < p->targets; j++) {
			mpio_portal_format(&p->target[j].portal, false, text);
			if (asked_target(sub, p->target[j].name) &&
			    asked_portal(sub, text))
				portal_way(sub, p, p->target[j].name,
					   &p->target[j].portal);
		}
	}
	if (!sub->ways && sub->portal &&
	    !address_parse_portal(sub->portal, &at))
		portal_way(sub, NULL, sub->target ? sub->target : "", &at);
}

/* False while a name server has not answered. */
static bool resolve(struct way *w)
{
	struct sockaddr_storage address[ADDRESSES_MAX];
	struct mpio_portal portal;
	size_t count;

	w->unresolved[0] = '\0';
	if (w->login.portal.ss_family)
		return true;
	if (!address_parse_portal(w->text, &portal) &&
	    !address_resolve_portal(&portal, address, &count)) {
		w->login.portal = address[0];
		return true;
	}
	copy_text(w->unresolved, sizeof(w->unresolved), why());
	return !strstr(w->unresolved, "no name server has answered");
}

static void resolve_all(struct subject *sub)
{
	long long end = clock_now() + RESOLVE_MS;
	bool pending;
	size_t i;

	resolver_beside(true);
	do {
		pending = false;
		for (i = 0; i < sub->ways; i++)
			if (!sub->way[i].login.portal.ss_family &&
			    !resolve(&sub->way[i]))
				pending = true;
		if (pending)
			resolver_wait(100);
	} while (pending && clock_now() < end);
	resolver_beside(false);
}

static int read_kernel(struct subject *sub)
{
	int ret = kernel_open_loaded();
	char *path = file_root_path("/sys/module/iscsi_mpio");

	sub->loaded = !access(path, F_OK);
	free(path);
	if (ret == CODE_UNSUPPORTED) {
		copy_text(sub->refused, sizeof(sub->refused), why());
		return 0;
	}
	sub->module = !ret;
	if (!ret)
		ret = kernel_get_info(&sub->info);
	if (!ret)
		ret = kernel_get_sessions(&sub->live);
	if (!ret)
		ret = kernel_get_paths(0, 0, &sub->paths);
	if (!ret)
		ret = kernel_get_disks(&sub->disks);
	return ret;
}

int subject_open(struct subject *sub)
{
	int ret;

	ret = record_load_all(&sub->stored);
	if (!ret)
		ret = portal_load_all(&sub->known);
	if (!ret)
		ret = read_kernel(sub);
	if (ret)
		return ret;
	session_ways(sub);
	record_ways(sub);
	portal_ways(sub);
	resolve_all(sub);
	return 0;
}

void subject_close(struct subject *sub)
{
	size_t i;

	for (i = 0; i < sub->ways; i++)
		model_secrets_wipe(&sub->way[i].secrets);
	free(sub->way);
	record_list_free(&sub->stored);
	portal_list_free(&sub->known);
	model_session_list_free(&sub->live);
	model_path_list_free(&sub->paths);
	model_disk_list_free(&sub->disks);
	finding_list_free(&sub->findings);
}
