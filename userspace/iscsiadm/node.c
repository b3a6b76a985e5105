// SPDX-License-Identifier: GPL-2.0
/*
 * iscsiadm -m node. A node is a way to a target, a target through a portal: a
 * record of ours (Startup=manual unless told), or a target that discovery or
 * "target add" made known, which becomes a record when something is set.
 */
#include "base/memory.h"
#include "base/strlist.h"
#include "iscsiadm/iscsiadm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/args.h"
#include "base/file.h"
#include "flow/connect.h"
#include "module/kernel.h"
#include "openiscsi/openiscsi.h"
#include "store/config.h"
#include "store/match.h"
#include "store/portal.h"
#include "store/record.h"
#include "store/record_key.h"
#include "store/settings.h"

#define RECORD_BEGIN	"# BEGIN RECORD iscsi-mpio"
#define RECORD_END	"# END RECORD"
#define NR_SESSIONS	"node.session.nr_sessions"
#define SESSIONS_MAX	32

struct node {
	char target[MPIO_NAME_MAX + 1];
	struct mpio_portal at;
	struct record *record;		/* in the list of the job, or NULL */
};

/* Everything one call works on. */
struct job {
	const struct adm *a;
	char target[MPIO_NAME_MAX + 1];	/* wanted, or "" */
	struct mpio_portal at;		/* wanted, if has_at */
	bool has_at;
	struct login iface;		/* what -I binds to */
	struct record_list stored;
	struct portal_list portals;
	struct session_list live;
	struct node *node;
	size_t nodes;
};

static bool wanted(const struct job *job, const char *target,
		   const struct mpio_portal *at)
{
	return (!job->target[0] || !mpio_name_compare(job->target, target)) &&
	       (!job->has_at || mpio_portal_equal(&job->at, at));
}

static struct node *find_node(struct job *job, const char *target,
			      const struct mpio_portal *at)
{
	size_t i;

	for (i = 0; i < job->nodes; i++)
		if (!job->node[i].record &&
		    !mpio_name_compare(job->node[i].target, target) &&
		    mpio_portal_equal(&job->node[i].at, at))
			return &job->node[i];
	return NULL;
}

static struct node *add_node(struct job *job, const char *target,
			     const struct mpio_portal *at)
{
	struct node *n;

	job->node = xrealloc(job->node, job->nodes + 1, sizeof(*job->node));
	n = &job->node[job->nodes++];
	memset(n, 0, sizeof(*n));
	copy_text(n->target, sizeof(n->target), target);
	n->at = *at;
	return n;
}

static void add_known(struct job *job, const struct portal *p)
{
	const struct known_target *t;
	struct node *n;
	size_t i;

	for (i = 0; i < p->targets; i++) {
		t = &p->target[i];
		if (!wanted(job, t->name, &t->portal))
			continue;
		n = find_node(job, t->name, &t->portal);
		if (n && n->at.tpgt < 0)
			n->at = t->portal;
		else if (!n)
			add_node(job, t->name, &t->portal);
	}
}

/* A record takes the place of the known target it was made from. */
static void add_record(struct job *job, struct record *r)
{
	struct mpio_portal at;
	struct node *n;

	if (r->damage || record_portal(r, &at) ||
	    !wanted(job, r->login.target, &at))
		return;
	if (job->a->iface && !iscsiadm_iface_fits(&r->login, job->a->iface))
		return;
	n = find_node(job, r->login.target, &at);
	if (!n) {
		at.tpgt = -1;
		n = add_node(job, r->login.target, &at);
	}
	n->record = r;
}

static int take_wanted(struct job *job)
{
	int ret = 0;

	model_login_init(&job->iface);
	if (job->a->target)
		ret = address_parse_name(job->a->target, job->target);
	if (!ret && job->a->portal) {
		ret = address_parse_portal(job->a->portal, &job->at);
		job->has_at = true;
	}
	if (!ret && job->a->iface)
		ret = openiscsi_iface(job->a->iface, &job->iface);
	return ret;
}

static int load(struct job *job)
{
	size_t i;
	int ret = take_wanted(job);

	if (!ret)
		ret = record_load_all(&job->stored);
	if (!ret)
		ret = portal_load_all(&job->portals);
	if (ret)
		return ret;
	for (i = 0; i < job->portals.count; i++)
		add_known(job, &job->portals.item[i]);
	for (i = 0; i < job->stored.count; i++)
		add_record(job, &job->stored.item[i]);
	if (!kernel_open_loaded())
		return kernel_get_sessions(&job->live);
	return 0;
}

static void unload(struct job *job)
{
	record_list_free(&job->stored);
	portal_list_free(&job->portals);
	model_session_list_free(&job->live);
	free(job->node);
}

/* --- sessions of nodes */

static bool is_session_of(const struct node *n, const struct session *s)
{
	struct sockaddr_storage list[ADDRESSES_MAX];
	size_t i, count;

	if (mpio_name_compare(n->target, s->login.target) ||
	    address_resolve_portal(&n->at, list, &count))
		return false;
	for (i = 0; i < count; i++)
		if (address_same(&list[i], &s->login.portal))
			return true;
	return false;
}

static bool same_initiator(const struct login *a, const struct login *b)
{
	return !a->initiator[0] || !b->initiator[0] ||
	       !mpio_name_compare(a->initiator, b->initiator);
}

/* Of several sessions through one way each has a record, by its ISID. */
static bool is_of_other_record(const struct job *job, const struct node *n,
			       const struct session *s)
{
	const struct record *r;
	size_t i;

	if (!n->record || !memcmp(n->record->login.isid, s->login.isid,
				  sizeof(s->login.isid)))
		return false;
	for (i = 0; i < job->stored.count; i++) {
		r = &job->stored.item[i];
		if (!r->damage &&
		    !mpio_name_compare(r->login.target, s->login.target) &&
		    !memcmp(r->login.isid, s->login.isid,
			    sizeof(s->login.isid)))
			return true;
	}
	return false;
}

static const struct session *session_of(const struct job *job,
					const struct node *n)
{
	const struct login *login = n->record ? &n->record->login :
				    &job->iface;
	const struct session *s;
	size_t i;

	for (i = 0; i < job->live.count; i++) {
		s = &job->live.item[i];
		if (is_session_of(n, s) &&
		    record_same_source(login, &s->login) &&
		    same_initiator(login, &s->login) &&
		    !is_of_other_record(job, n, s))
			return s;
	}
	return NULL;
}

static bool same_way(const struct record *a, const struct record *b)
{
	return !b->damage && record_same_way(a, b) &&
	       same_initiator(&a->login, &b->login);
}

/* Is @n a further record of a node that was printed already? */
static bool is_repeated(const struct job *job, const struct node *n)
{
	const struct node *other;

	for (other = job->node; other < n; other++)
		if (other->record && n->record &&
		    same_way(other->record, n->record))
			return true;
	return false;
}

/* Which live sessions go through the nodes, or straight by -T and -p. */
static bool *sessions_of(const struct job *job)
{
	bool *pass = xcalloc(job->live.count + 1, sizeof(*pass));
	struct node asked = { .at = job->at };
	const struct session *s;
	size_t i, j;

	for (i = 0; i < job->live.count; i++) {
		s = &job->live.item[i];
		copy_text(asked.target, sizeof(asked.target), s->login.target);
		if (job->target[0] || job->has_at)
			pass[i] = (!job->target[0] ||
				   !mpio_name_compare(job->target, s->login.target)) &&
				  (!job->has_at || is_session_of(&asked, s));
		for (j = 0; j < job->nodes && !pass[i]; j++)
			pass[i] = is_session_of(&job->node[j], s);
		if (job->a->iface)
			pass[i] &= iscsiadm_iface_fits(&s->login, job->a->iface);
	}
	return pass;
}

/* --- login */

/* With what iscsid.conf says of new ones; @secrets are to be wiped. */
static int make_record(const struct job *job, const struct node *n,
		       struct record *r, struct secrets *secrets)
{
	int ret;

	record_init(r);
	memset(secrets, 0, sizeof(*secrets));
	r->login = job->iface;
	r->startup = STARTUP_MANUAL;
	ret = openiscsi_defaults(r, secrets);
	if (ret)
		return ret;
	r->login.multipath = true;
	r->login.discovered = n->at.tpgt >= 0;
	memcpy(r->login.target, n->target, sizeof(n->target));
	mpio_host_format(&n->at, r->host);
	r->port = n->at.port;
	if (!r->login.initiator[0])
		ret = config_initiator(r->login.initiator);
	if (!ret)
		ret = connect_isid_choose(n->target, &job->live, r->login.isid);
	if (!ret)
		ret = record_new_id(r);
	return ret;
}

static void announce(const char *before, const struct attempt *a,
		     const char *after)
{
	char text[ADDRESS_TEXT];

	printf("%s [iface: %s, target: %s, portal: %s]%s\n", before,
	       iscsiadm_iface_name(&a->login), a->login.target,
	       iscsiadm_address_comma(&a->login.portal, text), after);
	fflush(stdout);
}

/* A login for @n: what its record says, else the defaults. */
static int prepare(const struct job *job, const struct node *n,
		   struct attempt *a, struct secrets *secrets)
{
	struct settings stored;
	struct record fresh;
	uint32_t policy;
	int ret = 0;

	if (n->record) {
		ret = match_record_login(n->record, &a->login, secrets);
	} else {
		ret = make_record(job, n, &fresh, secrets);
		a->login = fresh.login;
	}
	a->login.multipath = true;
	if (!ret)
		ret = config_load(n->target, &stored, &policy);
	if (ret)
		return ret;
	settings_merge(&a->login.settings, &stored);
	if (a->login.policy == UNSET)
		a->login.policy = policy;
	a->secrets = secrets;
	a->address = xcalloc(ADDRESSES_MAX, sizeof(*a->address));
	return address_resolve_portal(&n->at, a->address, &a->addresses);
}

static void start(const struct job *job, const struct node *n,
		  struct attempt *a, struct secrets *secrets)
{
	int ret = prepare(job, n, a, secrets);

	if (ret) {
		a->done = true;
		a->code = ret;
		copy_text(a->why, sizeof(a->why), why());
		return;
	}
	a->login.portal = a->address[0];
	announce("Logging in to", a, "");
	if (job->a->no_wait)
		connect_attempt_start(a);
}

static int settle(struct attempt *attempt, size_t count, bool waited)
{
	char text[ADDRESS_TEXT];
	struct attempt *a;
	size_t i;
	int ret = 0;

	for (i = 0; i < count; i++) {
		a = &attempt[i];
		if (!a->code && waited)
			announce("Login to", a, " successful.");
		if (a->code) {
			note("Could not login to [iface: %s, target: %s, portal: %s].",
			     iscsiadm_iface_name(&a->login), a->login.target,
			     iscsiadm_address_comma(&a->login.portal, text));
			note("initiator reported error (%d - %s)", a->code,
			     a->why);
		}
		ret = first_code(ret, a->code);
		connect_attempt_free(a);
	}
	return ret;
}

static int login_nodes(struct job *job, bool (*chosen)(const struct job *job,
						       const struct node *n))
{
	struct attempt *attempt = xcalloc(job->nodes + 1, sizeof(*attempt));
	struct secrets *secrets = xcalloc(job->nodes + 1, sizeof(*secrets));
	size_t i, count = 0, found = 0;
	int ret, there = 0;

	ret = kernel_open();
	if (!ret)
		ret = kernel_listen();
	if (!ret && !job->live.count)
		ret = kernel_get_sessions(&job->live);
	if (ret)
		return failed(ret, "Could not log in");
	for (i = 0; i < job->nodes; i++) {
		if (chosen && !chosen(job, &job->node[i]))
			continue;
		found++;
		if (session_of(job, &job->node[i])) {
			there = iscsiadm_none(CODE_EXISTS,
					      "default: 1 session requested, but 1 already present.");
			continue;
		}
		start(job, &job->node[i], &attempt[count], &secrets[count]);
		count++;
	}
	if (!job->a->no_wait)
		connect_attempts_wait(attempt, count);
	ret = first_code(settle(attempt, count, !job->a->no_wait), there);
	for (i = 0; i < count; i++)
		model_secrets_wipe(&secrets[i]);
	free(secrets);
	free(attempt);
	if (!found)
		return iscsiadm_none(CODE_NOT_FOUND, "No records found");
	return ret ? iscsiadm_none(ret, "Could not log into all portals") : 0;
}

/* --- records */

static bool is_stored(const struct job *job, const char *iface)
{
	size_t i;

	for (i = 0; i < job->nodes; i++)
		if (job->node[i].record &&
		    iscsiadm_iface_fits(&job->node[i].record->login, iface))
			return true;
	return false;
}

static int op_new(struct job *job)
{
	char host[MPIO_HOST_MAX + 1];
	struct secrets secrets;
	struct record r;
	int ret = 0;

	if (!job->target[0] || !job->has_at) {
		because(CODE_INVALID, "new needs -T and -p");
		return failed(CODE_INVALID, "Could not create new record");
	}
	if (!is_stored(job, job->a->iface ? job->a->iface : "default")) {
		struct node n = { .at = job->at };

		n.at.tpgt = -1;
		copy_text(n.target, sizeof(n.target), job->target);
		ret = make_record(job, &n, &r, &secrets);
		if (!ret)
			ret = record_save(&r, &secrets);
		model_secrets_wipe(&secrets);
	}
	if (ret)
		return failed(ret, "Could not create new record");
	mpio_host_format(&job->at, host);
	printf("New iSCSI node [tcp:[hw=,ip=,net_if=%s,iscsi_if=%s] %s,%u,-1 %s] added\n",
	       job->iface.iface, job->a->iface ? job->a->iface : "default",
	       host, job->at.port, job->target);
	return 0;
}

/* A record for each way that @p told of, bound to @iface. */
static int bind_to(struct job *job, const struct portal *p, const char *iface)
{
	struct secrets secrets;
	struct record r;
	struct node n;
	size_t i, j;
	bool there;
	int ret = 0;

	model_login_init(&job->iface);
	ret = openiscsi_iface(iface, &job->iface);
	for (i = 0; i < p->targets && !ret; i++) {
		memset(&n, 0, sizeof(n));
		copy_text(n.target, sizeof(n.target), p->target[i].name);
		n.at = p->target[i].portal;
		for (j = 0, there = false; j < job->stored.count; j++) {
			const struct record *s = &job->stored.item[j];
			struct mpio_portal at;

			there |= !s->damage && !record_portal(s, &at) &&
				 mpio_portal_equal(&at, &n.at) &&
				 !mpio_name_compare(s->login.target, n.target) &&
				 iscsiadm_iface_fits(&s->login, iface);
		}
		if (there)
			continue;
		ret = make_record(job, &n, &r, &secrets);
		if (!ret)
			ret = record_save(&r, &secrets);
		model_secrets_wipe(&secrets);
	}
	return ret;
}

int iscsiadm_bind_found(const struct adm *a, const struct portal *p)
{
	struct strlist all = {};
	const struct strlist *names = &a->ifaces;
	struct adm every = { .print = -1, .sid = -1 };
	struct job job = { .a = &every };
	size_t i;
	int ret = file_lock_store();

	if (ret)
		return ret;
	if (!names->count) {
		iscsiadm_ifaces(&all);
		names = &all;
	}
	ret = load(&job);
	for (i = 0; i < names->count && !ret; i++)
		if (strcmp(names->item[i], "default"))
			ret = bind_to(&job, p, names->item[i]);
	unload(&job);
	strlist_free(&all);
	file_unlock_store();
	return ret;
}

static int take_count(const char *text, size_t *count)
{
	char *end;

	*count = strtoul(text, &end, 10);
	if (*end || !*count || *count > SESSIONS_MAX)
		return because(CODE_INVALID, "it is a number from 1 to %d",
			       SESSIONS_MAX);
	return 0;
}

static size_t sessions_wanted(const struct job *job, const struct record *r)
{
	size_t i, count = 0;

	for (i = 0; i < job->stored.count; i++)
		count += same_way(r, &job->stored.item[i]);
	return count ? count : 1;
}

/* So many records of the way of @r as there are to be sessions. */
static int set_sessions(struct job *job, const struct record *r,
			const struct secrets *secrets, size_t count)
{
	size_t i, have = sessions_wanted(job, r);
	struct record more;
	int ret = 0;

	for (i = job->stored.count; i > 0 && have > count && !ret; i--) {
		struct record *s = &job->stored.item[i - 1];

		if (!same_way(r, s) || !strcmp(s->id, r->id))
			continue;
		ret = record_remove(s->id);
		have--;
	}
	for (; have < count && !ret; have++) {
		more = *r;
		ret = connect_isid_choose(more.login.target, &job->live,
					  more.login.isid);
		if (!ret)
			ret = record_new_id(&more);
		if (!ret)
			ret = record_save(&more, secrets);
	}
	return ret;
}

/* All of the names and values, or nothing. */
static int update(struct job *job, struct node *n)
{
	struct secrets secrets = {};
	struct record fresh, *r = n->record;
	enum taken taken;
	size_t i, count = 0;
	int ret = 0;

	/* Its number of sessions is set once, by which it may be too many. */
	if (is_repeated(job, n) && strlist_has(&job->a->names, NR_SESSIONS))
		return 0;

	if (!r) {
		ret = make_record(job, n, &fresh, &secrets);
		r = &fresh;
	} else if (r->login.auth != MPIO_AUTH_NONE &&
		   record_secrets(r, &secrets)) {
		memset(&secrets, 0, sizeof(secrets));	/* none so far */
	}
	for (i = 0; i < job->a->names.count && !ret; i++) {
		const char *name = job->a->names.item[i];

		ret = openiscsi_set(r, &secrets, name, job->a->values.item[i],
				    true, &taken);
		if (!strcmp(name, NR_SESSIONS))
			ret = take_count(job->a->values.item[i], &count);
		else if (!ret && taken == TAKEN_NOTHING)
			note("%s = %s has no effect here", name,
			     job->a->values.item[i]);
		if (!ret && taken == TAKEN_UNKNOWN)
			ret = because(CODE_INVALID, "Invalid param name.");
		if (ret)
			failed(ret, "Cannot modify %s", name);
	}
	if (!ret && r->login.auth != MPIO_AUTH_NONE && !r->login.user[0])
		copy_text(r->login.user, sizeof(r->login.user),
			  r->login.initiator);
	if (!ret) {
		ret = record_save(r, &secrets);
		if (!ret && count)
			ret = set_sessions(job, r, &secrets, count);
		if (ret)
			failed(ret, "Could not save record %s", r->id);
	}
	model_secrets_wipe(&secrets);
	return ret;
}

static int in_use(const struct node *n)
{
	char host[MPIO_HOST_MAX + 1];

	mpio_host_format(&n->at, host);
	note("a session uses the record [iface: %s, target: %s, portal: %s,%u]: log out first",
	     n->record ? iscsiadm_iface_name(&n->record->login) : "default", n->target,
	     host, n->at.port);
	return CODE_EXISTS;
}

/* Takes the way out of the answers of all portals, too. */
static int forget_known(struct job *job, const struct node *n)
{
	struct portal *p;
	size_t i, j, kept;
	int ret = 0;

	for (i = 0; i < job->portals.count && !ret; i++) {
		p = &job->portals.item[i];
		for (j = 0, kept = 0; j < p->targets; j++)
			if (mpio_name_compare(p->target[j].name, n->target) ||
			    !mpio_portal_equal(&p->target[j].portal, &n->at))
				p->target[kept++] = p->target[j];
		if (kept == p->targets)
			continue;
		p->targets = kept;
		ret = portal_save(p, NULL);
	}
	return ret;
}

static int delete(struct job *job, struct node *n)
{
	int ret = 0;

	if (session_of(job, n))
		return in_use(n);
	if (n->record)
		ret = record_remove(n->record->id);
	if (!ret)
		ret = forget_known(job, n);
	return ret ? failed(ret, "Could not delete record") : 0;
}

static int for_each(struct job *job, int (*act)(struct job *job,
						struct node *n))
{
	size_t i;
	int ret = 0;

	if (!job->nodes)
		return iscsiadm_none(CODE_NOT_FOUND, "No records found");
	for (i = 0; i < job->nodes; i++)
		ret = first_code(ret, act(job, &job->node[i]));
	return ret ? iscsiadm_none(ret, "Could not execute operation on all records") : 0;
}

/* --- showing */

static int show_flat(struct job *job, struct node *n)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];

	if (is_repeated(job, n))
		return 0;
	mpio_portal_format(&n->at, false, text);
	printf("%s,%d %s\n", text, n->at.tpgt < 0 ? -1 : n->at.tpgt,
	       n->target);
	return 0;
}

static int show_full(struct job *job, struct node *n)
{
	const struct record *shown;
	struct secrets secrets;
	struct record fresh;
	int ret = 0;

	if (is_repeated(job, n))
		return 0;
	if (!n->record)
		ret = make_record(job, n, &fresh, &secrets);
	model_secrets_wipe(&secrets);
	if (ret)
		return failed(ret, "Could not show record");
	printf(RECORD_BEGIN "\n");
	shown = n->record ? n->record : &fresh;
	openiscsi_print(shown, n->at.tpgt, iscsiadm_iface_name(&shown->login));
	printf(NR_SESSIONS " = %zu\n", sessions_wanted(job, shown));
	printf(RECORD_END "\n");
	return 0;
}

static int show_tree(struct job *job)
{
	char text[MPIO_PORTAL_TEXT_MAX + 1];
	const char *last = "";
	struct node *n;
	size_t i;

	if (!job->nodes)
		return iscsiadm_none(CODE_NOT_FOUND, "No records found");
	for (i = 0; i < job->nodes; i++) {
		n = &job->node[i];
		if (is_repeated(job, n))
			continue;
		if (mpio_name_compare(last, n->target))
			printf("Target: %s\n", n->target);
		last = n->target;
		mpio_portal_format(&n->at, false, text);
		printf("\tPortal: %s,%d\n\t\tIface Name: %s\n", text,
		       n->at.tpgt < 0 ? -1 : n->at.tpgt,
		       n->record ? iscsiadm_iface_name(&n->record->login) : "default");
	}
	return 0;
}

static int by_target(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	int ret = mpio_name_compare(x->target, y->target);

	if (!ret)
		ret = strcmp(x->at.host, y->at.host);
	return ret ? ret : x->at.port - y->at.port;
}

static int show(struct job *job)
{
	if (job->nodes)
		qsort(job->node, job->nodes, sizeof(*job->node), by_target);
	if (job->a->print > 0)
		return show_tree(job);
	if (job->target[0] || job->has_at || job->a->op == ADM_OP_SHOW)
		return for_each(job, show_full);
	return for_each(job, show_flat);
}

/* --- all of one startup */

static bool startup_is(const struct node *n, const char *word)
{
	uint32_t startup = n->record ? n->record->startup : STARTUP_MANUAL;

	if (!strcmp(word, "all"))
		return startup != STARTUP_ONBOOT;
	return !strcmp(word, record_key_startup_name(startup));
}

static bool to_log_in(const struct job *job, const struct node *n)
{
	return startup_is(n, job->a->loginall);
}

static int logout_all(struct job *job)
{
	bool *pass = xcalloc(job->live.count + 1, sizeof(*pass));
	size_t i, j;
	int ret;

	for (i = 0; i < job->live.count; i++)
		for (j = 0; j < job->nodes; j++)
			pass[i] |= is_session_of(&job->node[j],
						 &job->live.item[i]) &&
				   startup_is(&job->node[j],
					      job->a->logoutall);
	ret = iscsiadm_logout(&job->live, pass);
	free(pass);
	return ret;
}

static int act_on_sessions(struct job *job, int (*act)(const struct session_list *live,
						       const bool *pass))
{
	bool *pass = sessions_of(job);
	int ret = act(&job->live, pass);

	free(pass);
	return ret;
}

static int dispatch(struct job *job)
{
	const struct adm *a = job->a;

	if (a->loginall)
		return login_nodes(job, to_log_in);
	if (a->logoutall)
		return logout_all(job);
	if (a->login)
		return login_nodes(job, NULL);
	if (a->logout)
		return act_on_sessions(job, iscsiadm_logout);
	if (a->rescan)
		return act_on_sessions(job, iscsiadm_rescan);
	switch (a->op) {
	case ADM_OP_NEW:
		return op_new(job);
	case ADM_OP_UPDATE:
		return for_each(job, update);
	case ADM_OP_DELETE:
		return for_each(job, delete);
	default:
		return show(job);
	}
}

static int run(const struct adm *a, struct job *job)
{
	bool lock = a->op == ADM_OP_NEW || a->op == ADM_OP_UPDATE ||
		    a->op == ADM_OP_DELETE;
	int ret = lock ? file_lock_store() : 0;

	job->a = a;
	if (!ret)
		ret = load(job);
	if (ret)
		ret = failed(ret, "Could not read the records");
	else
		ret = dispatch(job);
	if (lock)
		file_unlock_store();
	unload(job);
	return ret;
}

int iscsiadm_node(const struct adm *a)
{
	struct job job = {};

	return run(a, &job);
}

int iscsiadm_login_found(const struct adm *a, const struct mpio_portal *portal)
{
	struct adm login = { .login = true, .no_wait = a->no_wait,
			     .iface = a->iface, .print = -1, .sid = -1 };
	struct job job = { .a = &login };
	struct portal *p;
	size_t i;
	int ret;

	ret = load(&job);
	/* Only what this portal told of. */
	job.nodes = 0;
	p = ret ? NULL : portal_find(&job.portals, portal);
	if (p)
		add_known(&job, p);
	for (i = 0; i < job.stored.count && p; i++) {
		struct mpio_portal at;

		if (!record_portal(&job.stored.item[i], &at) &&
		    find_node(&job, job.stored.item[i].login.target, &at))
			add_record(&job, &job.stored.item[i]);
	}
	ret = ret ? failed(ret, "Could not read the records") :
	      login_nodes(&job, NULL);
	unload(&job);
	return ret;
}
