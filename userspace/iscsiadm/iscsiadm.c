// SPDX-License-Identifier: GPL-2.0
/* Command line of iscsiadm: what it asks for, told to the modes. */
#include "iscsiadm/iscsiadm.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/strlist.h"
#include "base/version.h"
#include "module/kernel.h"

static const struct {
	const char *word;
	enum adm_op op;
} ops[] = {
	{ "new", ADM_OP_NEW }, { "delete", ADM_OP_DELETE },
	{ "update", ADM_OP_UPDATE }, { "show", ADM_OP_SHOW },
	{ "nonpersistent", ADM_OP_NONPERSISTENT }, {}
};

static const struct {
	const char *word;
	int (*run)(const struct adm *a);
} modes[] = {
	{ "node", iscsiadm_node }, { "session", iscsiadm_session },
	{ "discovery", iscsiadm_discovery }, { "discoverydb", iscsiadm_discovery },
	{ "iface", iscsiadm_iface }, { "host", iscsiadm_host }, { "fw", iscsiadm_firmware },
	{}
};

static const char letters[] = "m:t:p:T:I:o:n:v:r:P:d:L:U:H:C:a:b:c:i:x:A:k:luRDsSWVh";

static const struct option words[] = {
	{ "mode", required_argument, NULL, 'm' },
	{ "type", required_argument, NULL, 't' },
	{ "portal", required_argument, NULL, 'p' },
	{ "targetname", required_argument, NULL, 'T' },
	{ "interface", required_argument, NULL, 'I' },
	{ "op", required_argument, NULL, 'o' },
	{ "name", required_argument, NULL, 'n' },
	{ "value", required_argument, NULL, 'v' },
	{ "sid", required_argument, NULL, 'r' },
	{ "print", required_argument, NULL, 'P' },
	{ "debug", required_argument, NULL, 'd' },
	{ "loginall", required_argument, NULL, 'L' },
	{ "logoutall", required_argument, NULL, 'U' },
	{ "host", required_argument, NULL, 'H' },
	{ "submode", required_argument, NULL, 'C' },
	{ "ip", required_argument, NULL, 'a' },
	{ "packetsize", required_argument, NULL, 'b' },
	{ "count", required_argument, NULL, 'c' },
	{ "interval", required_argument, NULL, 'i' },
	{ "index", required_argument, NULL, 'x' },
	{ "portal_type", required_argument, NULL, 'A' },
	{ "killiscsid", required_argument, NULL, 'k' },
	{ "login", no_argument, NULL, 'l' },
	{ "logout", no_argument, NULL, 'u' },
	{ "rescan", no_argument, NULL, 'R' },
	{ "discover", no_argument, NULL, 'D' },
	{ "stats", no_argument, NULL, 's' },
	{ "show", no_argument, NULL, 'S' },
	{ "no_wait", no_argument, NULL, 'W' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

static int help(void)
{
	printf("iscsiadm -m discovery [-t sendtargets|isns -p PORTAL [-I IFACE]... [-l]]\n"
	       "iscsiadm -m discovery -t fw\n"
	       "iscsiadm -m fw [-l]\n"
	       "iscsiadm -m host [-P LEVEL]\n"
	       "iscsiadm -m discoverydb -t sendtargets -p PORTAL [-D | -o OP]\n"
	       "iscsiadm -m node [-T IQN] [-p PORTAL] [-I IFACE] [-l | -u | -R]\n"
	       "iscsiadm -m node [-T IQN] [-p PORTAL] -o OP [-n NAME -v VALUE]...\n"
	       "iscsiadm -m node -L | -U all|automatic|manual|onboot\n"
	       "iscsiadm -m session [-r SID] [-P LEVEL] [-u | -R | -s]\n"
	       "iscsiadm -m iface [-I IFACE] [-P LEVEL | -o new | delete | show]\n"
	       "iscsiadm -m iface -I IFACE -o update -n NAME -v VALUE\n\n"
	       "The commands of open-iscsi's iscsiadm that scripts call, on top of iscsictl(8).\n");
	return 0;
}

static int usage(void)
{
	fputs("Try `iscsiadm --help' for more information.\n", stderr);
	return CODE_INVALID;
}

static int take_op(struct adm *a, const char *word)
{
	size_t i;

	for (i = 0; ops[i].word; i++)
		if (!strcmp(ops[i].word, word)) {
			a->op = ops[i].op;
			return 0;
		}
	because(CODE_INVALID, "it is none of new, delete, update, show, nonpersistent");
	return failed(CODE_INVALID, "operation %s", word);
}

/* A number, or for -r also the sysfs path of a session. */
static int take_number(const char *what, const char *text, int64_t *number)
{
	const char *path = strstr(text, "session");
	char *end;

	if (path)
		text = path + strlen("session");
	*number = strtol(text, &end, 10);
	if (end != text && (!*end || *end == '/') && *number >= 0)
		return 0;
	because(CODE_INVALID, "\"%s\" is not a number", text);
	return failed(CODE_INVALID, "%s", what);
}

/* A secret must not stay where ps shows it. */
static void take_value(struct strlist *list, char *value)
{
	strlist_add(list, value);
	memset(value, '*', strlen(value));
}

static int take(struct adm *a, int letter)
{
	int64_t number;
	int ret = 0;

	switch (letter) {
	case 'm':
		a->mode = optarg;
		return 0;
	case 't':
		a->type = optarg;
		return 0;
	case 'p':
		a->portal = optarg;
		return 0;
	case 'T':
		a->target = optarg;
		return 0;
	case 'I':
		a->iface = optarg;
		strlist_add(&a->ifaces, optarg);
		return 0;
	case 'o':
		return take_op(a, optarg);
	case 'n':
		strlist_add(&a->names, optarg);
		return 0;
	case 'v':
		take_value(&a->values, optarg);
		return 0;
	case 'r':
		return take_number("sid", optarg, &a->sid);
	case 'P':
		ret = take_number("print level", optarg, &number);
		a->print = number;
		return ret;
	case 'L':
		a->loginall = optarg;
		return 0;
	case 'U':
		a->logoutall = optarg;
		return 0;
	case 'C':
		a->submode = optarg;
		return 0;
	case 'k':
		a->kill = true;
		return 0;
	case 'l':
		a->login = true;
		return 0;
	case 'u':
		a->logout = true;
		return 0;
	case 'R':
		a->rescan = true;
		return 0;
	case 'D':
		a->discover = true;
		return 0;
	case 's':
		a->stats = true;
		return 0;
	case 'S':
		a->secrets = true;
		return 0;
	case 'W':
		a->no_wait = true;
		return 0;
	default:	/* -d: there is nothing to debug; -H, -a to -A: go with -C */
		return 0;
	}
}

static int run(const struct adm *a)
{
	size_t i;

	if (a->op == ADM_OP_UPDATE &&
	    (!a->names.count || a->names.count != a->values.count)) {
		because(CODE_INVALID, "update needs -n and -v in pairs");
		return failed(CODE_INVALID, "%s", a->mode);
	}
	if (a->submode) {
		because(CODE_UNSUPPORTED,
			"chap, flashnode, stats and ping are for offload cards");
		return failed(CODE_UNSUPPORTED, "submode %s", a->submode);
	}
	for (i = 0; modes[i].word; i++)
		if (!strcmp(modes[i].word, a->mode))
			return modes[i].run(a);
	because(CODE_INVALID,
		"the modes here are node, session, discovery, discoverydb, iface, host, fw");
	return failed(CODE_INVALID, "mode %s", a->mode);
}

int iscsiadm_main(int argc, char **argv)
{
	struct adm a = { .print = -1, .sid = -1 };
	size_t i;
	int letter, ret = 0;

	error_program = "iscsiadm";
	while (!ret && (letter = getopt_long(argc, argv, letters, words,
					     NULL)) != -1) {
		if (letter == '?')
			return usage();
		if (letter == 'h')
			return help();
		if (letter == 'V') {
			printf("iscsiadm version %s (iscsi-mpio)\n",
			       ISCSICTL_VERSION);
			return 0;
		}
		ret = take(&a, letter);
	}
	if (!ret && a.kill)
		return 0;	/* there is no daemon to end */
	if (!ret && (!a.mode || optind < argc))
		return usage();
	if (!ret)
		ret = run(&a);
	for (i = 0; i < a.values.count; i++)
		explicit_bzero(a.values.item[i], strlen(a.values.item[i]));
	strlist_free(&a.names);
	strlist_free(&a.ifaces);
	strlist_free(&a.values);
	kernel_close();
	fflush(stdout);
	return ret;
}
