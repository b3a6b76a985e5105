// SPDX-License-Identifier: GPL-2.0
/* doctor: what is wrong, how that was measured, what mends it */
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "cmd/cmd.h"
#include "doctor/bundle.h"
#include "doctor/doctor.h"
#include "doctor/subject.h"

struct doctor_options {
	const char *portal;
	const char *disk;
	bool faults;
	const char *bundle;
};

static const struct option doctor_options[] = {
	{ "portal", OPT_STRING, offsetof(struct doctor_options, portal),
	  "ADDR[:PORT]", "only ways through this portal, known or not" },
	{ "disk", OPT_STRING, offsetof(struct doctor_options, disk), "DISK",
	  "only what leads to this disk" },
	{ "faults", OPT_FLAG, offsetof(struct doctor_options, faults), NULL,
	  "leave out what is sound" },
	{ "bundle", OPT_STRING, offsetof(struct doctor_options, bundle),
	  "FILE.tar.gz", "pack this and what runs for a supporter, without secrets" },
	{}
};

static void print_finding(const struct finding *f)
{
	char *line;

	print_row();
	if (!options_given()->json) {
		line = finding_line(f);
		print_str("Line", "LINE", line);
		free(line);
		return;
	}
	print_str("Level", NULL, finding_level_name(f->level));
	print_str("Check", NULL, f->check);
	print_str("About", NULL, f->about);
	print_str("Finding", NULL, f->text);
	print_str("MeasuredBy", NULL, f->how);
	print_str("Mend", NULL, f->mend ? f->mend : "");
}

static void print_findings(const struct finding_list *list, bool faults)
{
	size_t i;

	print_open(options_given()->json ? PRINT_TABLE : PRINT_STREAM);
	for (i = 0; i < list->count; i++)
		if (!faults || list->item[i].level != FINDING_OK)
			print_finding(&list->item[i]);
	print_close();
	if (!options_given()->json)
		printf("%zu faults, %zu notes, %zu things are sound\n",
		       finding_count(list, FINDING_FAULT),
		       finding_count(list, FINDING_NOTE),
		       finding_count(list, FINDING_OK));
}

static int doctor_run(const struct strlist *operands, const void *options)
{
	const struct doctor_options *o = options;
	struct subject sub = {
		.target = operands->count ? operands->item[0] : NULL,
		.portal = o->portal,
		.disk = o->disk,
	};
	struct mpio_portal at;
	int ret = 0;

	if (o->portal)
		ret = address_given_portal(o->portal, &at);
	if (!ret)
		ret = subject_open(&sub);
	if (ret) {
		ret = failed(ret, "cannot examine");
	} else {
		doctor(&sub);
		print_findings(&sub.findings, o->faults);
		if (o->bundle)
			ret = bundle(&sub.findings, o->bundle);
		if (ret)
			ret = failed(ret, "%s", o->bundle);
		else if (finding_count(&sub.findings, FINDING_FAULT))
			ret = CODE_ERROR;
	}
	subject_close(&sub);
	return ret;
}

const struct command doctor_commands[] = {
	{ NULL, "doctor", "[IQN]", 0, 1, doctor_options,
	  sizeof(struct doctor_options), doctor_run,
	  "look for what is wrong, say how that was measured and what mends it" },
	{}
};
