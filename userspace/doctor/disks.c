// SPDX-License-Identifier: GPL-2.0
/* Paths of each disk: enough of them, all in use, by more than one interface. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/strlist.h"
#include "doctor/check.h"
#include "doctor/subject.h"

static const char how_paths[] = "paths of the disk in the module";
static const char how_identity[] = "designator, serial and size over each "
	"path, as the module compares them";
static const char how_links[] = "local addresses of the sessions";

static const struct session *session_of(const struct subject *sub,
					const struct path *p)
{
	return model_session_by_number(&sub->live, p->session_id);
}

static void tell_path(struct subject *sub, const struct path *p)
{
	struct finding_list *list = &sub->findings;
	char about[128], portal[ADDRESS_TEXT];

	snprintf(about, sizeof(about), "%s %s", p->disk,
		 address_port_text(&p->portal, portal));
	switch (p->state) {
	case MPIO_PATH_RECOVERING:
		finding_add(list, FINDING_FAULT, about, how_paths,
			    "this path is away: %s", p->reason);
		finding_mend(list, "mend what the other lines say of %s",
			     portal);
		break;
	case MPIO_PATH_FENCED:
		finding_add(list, FINDING_FAULT, about, how_identity,
			    "this path is never used, another unit answers there: %s",
			    p->reason);
		finding_mend(list, "map LUN %" PRIu64 " to the same unit at "
			     "each portal; then iscsictl rescan",
			     p->lun);
		break;
	case MPIO_PATH_DISABLED:
		finding_add(list, FINDING_NOTE, about, how_paths,
			    "the administrator has taken this path out of use");
		finding_mend(list, "iscsictl path reinstate %u", p->id);
		break;
	default:
		if (!p->rest_ms)
			break;
		finding_add(list, FINDING_NOTE, about, how_paths,
			    "this path fails again and again and rests for %u more ms",
			    p->rest_ms);
		finding_mend(list, "mend what the other lines say of %s",
			     portal);
	}
}

static void tell_access(struct subject *sub, const struct path *p)
{
	char about[128], portal[ADDRESS_TEXT];

	if (p->alua_state != MPIO_ALUA_UNAVAILABLE &&
	    p->alua_state != MPIO_ALUA_OFFLINE)
		return;
	snprintf(about, sizeof(about), "%s %s", p->disk,
		 address_port_text(&p->portal, portal));
	finding_add(&sub->findings, FINDING_FAULT, about,
		    "REPORT TARGET PORT GROUPS by the module",
		    "the target says that port group %u is %s", p->tpg,
		    model_alua_state_name(p->alua_state));
	finding_mend(&sub->findings, "look at the state of this controller of the target");
}

/* By how many interfaces do the paths that are ready leave? */
static size_t interfaces(const struct subject *sub, const struct disk *d,
			 char *last)
{
	struct strlist names = {};
	const struct session *s;
	char name[IF_NAMESIZE];
	size_t i, count;

	for (i = 0; i < sub->paths.count; i++) {
		s = session_of(sub, &sub->paths.item[i]);
		if (sub->paths.item[i].disk_id != d->id || !s)
			continue;
		subject_interface(s, name);
		if (!*name || strlist_has(&names, name))
			continue;
		strlist_add(&names, name);
		copy_text(last, IF_NAMESIZE, name);
	}
	count = names.count;
	strlist_free(&names);
	return count;
}

static void tell_redundancy(struct subject *sub, const struct disk *d)
{
	struct finding_list *list = &sub->findings;
	char name[IF_NAMESIZE] = "";
	size_t count;

	if (d->failed || !d->paths_ready) {
		finding_add(list, FINDING_FAULT, d->name, how_paths,
			    "no path is ready%s", d->failed ?
			    ", and NoPathTimeout is over: I/O fails" : "");
		finding_mend(list, "mend what the other lines say of its portals");
		return;
	}
	if (d->paths < 2) {
		finding_add(list, FINDING_NOTE, d->name, how_paths,
			    "it has one path: what breaks that stops it");
		finding_mend(list, "iscsictl connect %s --multipath --portal "
			     "ADDR, of another portal",
			     d->target);
		return;
	}
	count = interfaces(sub, d, name);
	if (count == 1) {
		finding_add(list, FINDING_NOTE, d->name, how_links,
			    "all %u paths leave by %s: one cable takes them all",
			    d->paths, name);
		finding_mend(list, "iscsictl connect %s --multipath --iface "
			     "INTERFACE --portal ADDR",
			     d->target);
	} else if (count) {
		finding_add(list, FINDING_OK, d->name, how_links,
			    "%u of %u paths are ready, by %zu interfaces",
			    d->paths_ready, d->paths, count);
	}
}

static void tell_identity(struct subject *sub, const struct disk *d)
{
	struct finding_list *list = &sub->findings;
	char text[CLASH_TEXT];

	if (!d->clash) {
		finding_add(list, FINDING_OK, d->name, how_identity,
			    "%s, the same over each path", d->wwid);
		return;
	}
	finding_add(list, FINDING_FAULT, d->name, how_identity,
		    "two units claim one identity, so they are kept apart: %s",
		    model_clash_text(d, &sub->disks, text));
	finding_mend(list, "give each unit a serial of its own at the "
		     "target; if they are one: iscsictl mpio set SameUnit=yes");
}

void disks_check(struct subject *sub)
{
	const struct disk *d;
	size_t i, j;

	for (i = 0; i < sub->disks.count; i++) {
		d = &sub->disks.item[i];
		if (!d->name[0] || !subject_has_disk(sub, d))
			continue;
		tell_redundancy(sub, d);
		tell_identity(sub, d);
		for (j = 0; j < sub->paths.count; j++)
			if (sub->paths.item[j].disk_id == d->id) {
				tell_path(sub, &sub->paths.item[j]);
				tell_access(sub, &sub->paths.item[j]);
			}
	}
}
