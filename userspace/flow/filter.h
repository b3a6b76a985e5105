/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options that pick sessions: the parameters of Get-IscsiSession and
 * Get-IscsiConnection. All that are given must hold; of a repeated one, any.
 */
#ifndef _ISCSICTL_FILTER_H
#define _ISCSICTL_FILTER_H

#include "base/args.h"
#include "base/strlist.h"
#include "module/model.h"

struct session_filter {
	struct strlist sessions;
	struct strlist nodes;
	struct strlist portals;
	struct strlist disks;
	struct strlist connections;
	struct strlist target_sides;
	struct strlist initiator_sides;
	struct strlist initiators;
	struct strlist sources;
	struct strlist source_ports;
	struct strlist ifaces;
	struct strlist counts;
};

#define FILTER_ROW(word, type, member, placeholder, text) \
	{ word, OPT_LIST, offsetof(struct type, member), placeholder, \
	  "only " text " (repeatable)" }

/* Rows of an option table; @member is a struct session_filter in @type. */
#define FILTER_OPTIONS(type, member) \
	FILTER_ROW("session", type, member.sessions, "ID", "this session"), \
	FILTER_ROW("node", type, member.nodes, "IQN", "to this target"), \
	FILTER_ROW("portal", type, member.portals, "ADDR[:PORT]", \
		   "through this portal"), \
	FILTER_ROW("disk", type, member.disks, "DISK", \
		   "paths of this disk"), \
	FILTER_ROW("connection", type, member.connections, "ID", \
		   "with this connection"), \
	FILTER_ROW("target-side", type, member.target_sides, "TSIH", \
		   "with this TSIH"), \
	FILTER_ROW("initiator-side", type, member.initiator_sides, "ISID", \
		   "with this ISID"), \
	FILTER_ROW("initiator", type, member.initiators, "IQN", \
		   "of this initiator name"), \
	FILTER_ROW("initiator-portal", type, member.sources, "ADDR", \
		   "from this local address"), \
	FILTER_ROW("initiator-port", type, member.source_ports, "PORT", \
		   "from this local port"), \
	FILTER_ROW("iface", type, member.ifaces, "NAME", \
		   "bound to this network interface"), \
	FILTER_ROW("connections", type, member.counts, "N", \
		   "with so many connections")

/* The table of commands whose options are a struct session_filter alone. */
extern const struct option filter_options[];

/* Is any of them given? */
bool filter_any(const struct session_filter *filter);
/*
 * Checks @filter, asks the kernel for @live and filters it. Prints "@what:
 * why" and returns a code when that fails; both lists are the caller's to
 * free in any case.
 */
int filter_live(const struct session_filter *filter, const char *what,
		struct session_list *live, bool **pass);
/* Are the values good? Prints why not and returns a code. */
int filter_check(const struct session_filter *filter);
/*
 * pass[i]: does live->item[i] fulfil all of @filter? The caller frees *pass.
 * Prints why not and returns a code when a session or connection named is not
 * there.
 */
int filter_sessions(const struct session_filter *filter,
		    const struct session_list *live, bool **pass);

#endif /* _ISCSICTL_FILTER_H */
