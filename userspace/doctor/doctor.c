// SPDX-License-Identifier: GPL-2.0
/* The registry of checks, in the order in which one thing stands on another. */
#include "doctor/doctor.h"

#include <stddef.h>

#include "doctor/check.h"
#include "doctor/subject.h"

static const struct {
	const char *name;
	void (*check)(struct subject *subject);
} checks[] = {
	{ "versions", versions_check },
	{ "names", names_check },
	{ "records", records_check },
	{ "sessions", sessions_check },
	{ "route", route_check },
	{ "subnets", subnets_check },
	{ "reach", reach_check },
	{ "mtu", mtu_check },
	{ "tcp", tcp_check },
	{ "negotiated", negotiated_check },
	{ "disks", disks_check },
	{ "units", units_check },
	{ "boot", boot_check },
	{ "others", others_check },
};

void doctor(struct subject *subject)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		subject->findings.check = checks[i].name;
		checks[i].check(subject);
	}
}
