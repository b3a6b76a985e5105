// SPDX-License-Identifier: GPL-2.0
/* See bundle.h. Other programs say most of it: this one again, ip, ss, dmesg. */
#include "doctor/bundle.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "doctor/finding.h"

#define NAME		"iscsi-mpio-doctor"
#define ARGS_MAX	8
#define SECRET_MIN	4	/* shorter ones would blot out half the text */

/* %S: this program, with its --root. */
static const struct {
	const char *file;
	const char *argv[ARGS_MAX];
	const char *only;	/* only lines with this, or NULL: all */
} commands[] = {
	{ "status.json", { "%S", "status" } },
	{ "sessions.json", { "%S", "session", "show" } },
	{ "paths.json", { "%S", "path", "list" } },
	{ "stats.json", { "%S", "stats" } },
	{ "settings.json", { "%S", "mpio", "get" } },
	{ "records.json", { "%S", "record", "list" } },
	{ "portals.json", { "%S", "portal", "list" } },
	{ "mounts.json", { "%S", "mounts" } },
	{ "addresses.txt", { "ip", "-s", "-d", "addr" } },
	{ "routes.txt", { "ip", "route", "show", "table", "all" } },
	{ "neighbours.txt", { "ip", "neigh" } },
	{ "connections.txt", { "ss", "-tin" } },
	{ "kernel.txt", { "uname", "-a" } },
	{ "modules.txt", { "lsmod" } },
	{ "log.txt", { "dmesg" }, "iscsi_mpio: " },
};

/* Not the command line of the kernel, which may have passwords for the boot. */
static const char *const files[] = { "/etc/os-release" };

/* Each secret as it is and in hexadecimal, both cases. */
static void add_secret(struct strlist *secrets, const char *hex)
{
	size_t i, len;
	char *raw, *upper, two[3] = "";

	hex += 2 * !strncmp(hex, "0x", 2);
	len = strspn(hex, "0123456789abcdefABCDEF");
	raw = xcalloc(1, len / 2 + 1);
	upper = xstrdup(hex);
	for (i = 0; i + 1 < len; i += 2) {
		memcpy(two, hex + i, 2);
		raw[i / 2] = strtoul(two, NULL, 16);
	}
	upper[len] = '\0';
	if (strlen(upper) >= SECRET_MIN)
		strlist_add(secrets, upper);
	for (i = 0; i < len; i++)
		upper[i] = toupper((unsigned char)upper[i]);
	if (strlen(upper) >= SECRET_MIN)
		strlist_add(secrets, upper);
	if (strlen(raw) >= SECRET_MIN)
		strlist_add(secrets, raw);
	explicit_bzero(raw, len / 2);
	free(raw);
	free(upper);
}

static void read_secrets(struct strlist *secrets)
{
	char *dir = file_root_path(CONFIG_DIR "/secrets"), *path, *text;
	struct strlist names = {};
	size_t i, len;

	file_list_dir(dir, "", &names);
	for (i = 0; i < names.count; i++) {
		path = xasprintf("%s/%s", dir, names.item[i]);
		if (!file_read(path, &text, &len)) {
			add_secret(secrets, text);
			explicit_bzero(text, len);
			free(text);
		}
		free(path);
	}
	strlist_free(&names);
	free(dir);
}

/* Overwrites them in place: a secret has at least as many bytes as "***". */
static void blot(char *text, const struct strlist *secrets)
{
	char *at;
	size_t i, len;

	for (i = 0; i < secrets->count; i++) {
		len = strlen(secrets->item[i]);
		for (at = text; (at = strstr(at, secrets->item[i]));) {
			memcpy(at, "***", 3);
			memmove(at + 3, at + len, strlen(at + len) + 1);
		}
	}
}

static void keep_lines(char *text, const char *word)
{
	char *from = text, *to = text, *end;
	size_t len;

	for (; *from; from = end) {
		end = strchrnul(from, '\n');
		end += *end == '\n';
		len = end - from;
		if (!memmem(from, len, word, strlen(word)))
			continue;
		memmove(to, from, len);
		to += len;
	}
	*to = '\0';
}

static int put(const char *dir, const char *name, char *text,
	       const struct strlist *secrets)
{
	char *path = xasprintf("%s/" NAME "/%s", dir, name);
	int ret = 0;
	FILE *f;

	blot(text, secrets);
	f = fopen(path, "we");
	if (!f || fputs(text, f) < 0)
		ret = because_errno(errno, "%s", path);
	if (f && fclose(f) && !ret)
		ret = because_errno(errno, "%s", path);
	free(path);
	return ret;
}

static int put_command(const char *dir, size_t row,
		       const struct strlist *secrets)
{
	const char *argv[ARGS_MAX + 4] = {}, *const *from = commands[row].argv;
	char *out = NULL;
	size_t n = 0;
	int ret;

	if (!strcmp(*from, "%S")) {
		argv[n++] = "/proc/self/exe";
		argv[n++] = "--json";
		if (options_given()->root) {
			argv[n++] = "--root";
			argv[n++] = options_given()->root;
		}
		from++;
	}
	while (*from)
		argv[n++] = *from++;
	if (child_run(argv, NULL, &out)) {
		free(out);	/* why it is not there is worth knowing, too */
		out = xasprintf("%s\n", why());
	} else if (commands[row].only) {
		keep_lines(out, commands[row].only);
	}
	ret = put(dir, commands[row].file, out, secrets);
	free(out);
	return ret;
}

static int put_file(const char *dir, const char *path, const char *name,
		    const struct strlist *secrets)
{
	char *text = NULL;
	size_t len;
	int ret = 0;

	if (file_read(path, &text, &len))
		return 0;	/* it is not there */
	ret = put(dir, name, text, secrets);
	free(text);
	return ret;
}

static int put_records(const char *dir, const struct strlist *secrets)
{
	char *from = file_root_path(CONFIG_DIR "/records"), *path, *name;
	struct strlist names = {};
	size_t i;
	int ret = 0;

	file_list_dir(from, ".conf", &names);
	for (i = 0; i < names.count && !ret; i++) {
		path = xasprintf("%s/%s", from, names.item[i]);
		name = xasprintf("record-%s", names.item[i]);
		ret = put_file(dir, path, name, secrets);
		free(name);
		free(path);
	}
	strlist_free(&names);
	free(from);
	return ret;
}

static int put_findings(const char *dir, const struct finding_list *findings,
			const struct strlist *secrets)
{
	char *all = xstrdup(""), *line, *longer;
	size_t i;
	int ret;

	for (i = 0; i < findings->count; i++) {
		line = finding_line(&findings->item[i]);
		longer = xasprintf("%s%s\n", all, line);
		free(line);
		free(all);
		all = longer;
	}
	ret = put(dir, "doctor.txt", all, secrets);
	free(all);
	return ret;
}

static int fill(const char *dir, const struct finding_list *findings,
		const struct strlist *secrets)
{
	char *inside = xasprintf("%s/" NAME, dir), *path;
	size_t i;
	int ret = 0;

	if (mkdir(inside, 0700))
		ret = because_errno(errno, "%s", inside);
	free(inside);
	if (!ret)
		ret = put_findings(dir, findings, secrets);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]) && !ret; i++)
		ret = put_command(dir, i, secrets);
	for (i = 0; i < sizeof(files) / sizeof(files[0]) && !ret; i++) {
		path = file_root_path("%s", files[i]);
		ret = put_file(dir, path, strrchr(files[i], '/') + 1, secrets);
		free(path);
	}
	return ret ? ret : put_records(dir, secrets);
}

int bundle(const struct finding_list *findings, const char *file)
{
	char dir[] = "/tmp/" NAME ".XXXXXX";
	const char *const pack[] = { "tar", "-C", dir, "-czf", file, NAME,
				     NULL };
	const char *const away[] = { "rm", "-rf", dir, NULL };
	mode_t before = umask(077);
	struct strlist secrets = {};
	int ret = 0;
	size_t i;

	read_secrets(&secrets);
	if (!mkdtemp(dir))
		ret = because_errno(errno, "%s", dir);
	else
		ret = fill(dir, findings, &secrets);
	if (!ret)
		ret = child_run(pack, NULL, NULL);
	if (strcmp(dir + strlen(dir) - 6, "XXXXXX") != 0)
		child_run(away, NULL, NULL);
	for (i = 0; i < secrets.count; i++)
		explicit_bzero(secrets.item[i], strlen(secrets.item[i]));
	strlist_free(&secrets);
	umask(before);
	return ret;
}
