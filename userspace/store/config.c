// SPDX-License-Identifier: GPL-2.0
/*
 * initiator.conf is edited by people: comments, order and unknown lines stay.
 * Settings of one target are written as "<target name>/<key>=<value>", those
 * of one disk as "disk:<WWID>/<key>=<value>".
 */
#include "store/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/args.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/settings.h"

#define CONFIG_FILE	CONFIG_DIR "/initiator.conf"
#define OTHER_FILE	"/etc/iscsi/initiatorname.iscsi"
#define NAME_PREFIX	"iqn.2026-11.org.iscsi-mpio:"
#define NAME_RANDOM	6
#define NAME_KEY	"InitiatorName"
#define POLICY_KEY	"LoadBalancePolicy"
#define DISK_PREFIX	"disk:"		/* of a disk, by its WWID */
#define DISK_KEY_MAX	1024		/* each of 255 bytes as %xx */
#define BYTE_ORDER_MARK	"\xef\xbb\xbf"

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

bool config_lines_next(struct lines *lines, char **key, char **value)
{
	char *line, *equals;

	while (lines->next && *lines->next) {
		line = strsep(&lines->next, "\n");
		line = trim(line);
		equals = strchr(line, '=');
		if (*line && *line != '#' && !equals && !lines->stray)
			lines->stray = line;
		if (*line == '#' || !equals)
			continue;
		*equals = '\0';
		*key = trim(line);
		*value = trim(equals + 1);
		return true;
	}
	return false;
}

/* Text of the file, "" when there is none. */
static int read_config(char **text)
{
	char *path = file_root_path(CONFIG_FILE);
	size_t len;
	int ret;

	ret = file_read(path, text, &len);
	if (ret == -ENOENT) {
		*text = xstrdup("");
		ret = 0;
	} else if (ret) {
		ret = because_errno(-ret, "cannot read %s", path);
	}
	free(path);
	return ret;
}

/* Copies all lines but those of @key, then appends key=value. */
static char *replace_key(const char *text, const char *key, const char *value)
{
	char *out = NULL, *copy, *at, *line;
	size_t size, len = strlen(key);
	FILE *mem = open_memstream(&out, &size);

	if (!mem)
		exit(CODE_NOMEM);
	copy = xstrdup(text);
	for (at = copy; at && *at;) {
		line = strsep(&at, "\n");
		if (strncasecmp(line, key, len) ||
		    line[len + strspn(line + len, " \t")] != '=')
			fprintf(mem, "%s\n", line);
	}
	fprintf(mem, "%s=%s\n", key, value);
	free(copy);
	fclose(mem);
	return out;
}

static int write_config(const char *text)
{
	char *path = file_root_path(CONFIG_FILE);
	int ret = file_write(path, text, strlen(text), 0644);

	free(path);
	return ret;
}

static int set_key(const char *key, const char *value)
{
	char *text, *changed;
	int ret;

	ret = file_lock_store();
	if (ret)
		return ret;
	ret = read_config(&text);
	if (!ret) {
		changed = replace_key(text, key, value);
		ret = write_config(changed);
		free(changed);
		free(text);
	}
	file_unlock_store();
	return ret;
}

/* May the file have @key, which is for all targets or, with a "/", for one? */
static bool known_key(const char *key)
{
	const char *slash = strrchr(key, '/');
	char name[MPIO_NAME_MAX + 1], target[MPIO_NAME_MAX + 1];

	if (!slash)
		return !strcasecmp(key, NAME_KEY) ||
		       !strcasecmp(key, POLICY_KEY) || settings_find(key);
	if ((size_t)(slash - key) >= sizeof(target))
		return false;
	copy_text(target, slash - key + 1, key);
	return (!strncmp(key, DISK_PREFIX, strlen(DISK_PREFIX)) ||
		!address_parse_name(target, name)) &&
	       (!strcasecmp(slash + 1, POLICY_KEY) || settings_find(slash + 1));
}

static const char *nearest_key(const char *key)
{
	struct nearest near = { .word = key };
	unsigned int i;

	args_nearest_offer(&near, NAME_KEY);
	args_nearest_offer(&near, POLICY_KEY);
	for (i = 1; i <= MPIO_TA_MAX; i++)
		args_nearest_offer(&near, settings_name(i));
	return args_nearest_text(&near);
}

/*
 * Refuses a file with a line that is not understood: a slip must not give the host
 * another name than the one that was meant.
 */
static int check_config(const char *text)
{
	char *copy = xstrdup(text), *key, *value;
	struct lines lines = { copy };
	int ret = 0, names = 0;

	if (!strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
		ret = because(CODE_INVALID,
			      "%s begins with a byte order mark: save it as UTF-8 without one",
			      CONFIG_FILE);
	while (!ret && config_lines_next(&lines, &key, &value)) {
		names += !strcasecmp(key, NAME_KEY);
		if (!known_key(key))
			ret = because(CODE_INVALID, "%s: there is no key %s%s",
				      CONFIG_FILE, key, nearest_key(key));
		else if (names > 1)
			ret = because(CODE_INVALID, "%s: %s is given twice",
				      CONFIG_FILE, NAME_KEY);
	}
	if (!ret && lines.stray)
		ret = because(CODE_INVALID, "%s: \"%s\" is no KEY=VALUE",
			      CONFIG_FILE, lines.stray);
	free(copy);
	return ret;
}

/* Finds InitiatorName in @text, which is cut to pieces. */
static int name_in(char *text, const char *file, char *name, bool *found)
{
	struct lines lines = { text };
	char *key, *value;

	*found = false;
	while (config_lines_next(&lines, &key, &value)) {
		if (strcasecmp(key, NAME_KEY))
			continue;
		*found = true;
		if (address_parse_name(value, name)) {
			char *reason = xstrdup(why());

			because(CODE_INVALID, NAME_KEY " in %s: %s", file,
				reason);
			free(reason);
			return CODE_INVALID;
		}
		return 0;
	}
	return 0;
}

static int random_name(char *name)
{
	uint8_t random[NAME_RANDOM];
	int i, len, ret;

	ret = file_random_bytes(random, sizeof(random));
	if (ret)
		return ret;
	len = snprintf(name, MPIO_NAME_MAX + 1, NAME_PREFIX);
	for (i = 0; i < NAME_RANDOM; i++)
		len += snprintf(name + len, MPIO_NAME_MAX + 1 - len, "%02x",
				random[i]);
	return 0;
}

int config_initiator_find(char *name, const char **file)
{
	char *path, *text;
	bool found;
	size_t len;
	int ret;

	*file = NULL;
	ret = read_config(&text);
	if (ret)
		return ret;
	ret = check_config(text);
	if (!ret)
		ret = name_in(text, CONFIG_FILE, name, &found);
	free(text);
	if (ret)
		return ret;
	if (found) {
		*file = CONFIG_FILE;
		return 0;
	}
	path = file_root_path(OTHER_FILE);
	if (!file_read(path, &text, &len)) {
		ret = name_in(text, OTHER_FILE, name, &found);
		free(text);
		if (found)
			*file = OTHER_FILE;
	}
	free(path);
	return ret;
}

int config_initiator_set(const char *given, char *name)
{
	char *text;
	int ret;

	if (given && given != name)
		copy_text(name, MPIO_NAME_MAX + 1, given);
	ret = read_config(&text);
	if (ret)
		return ret;
	ret = check_config(text);
	free(text);
	if (!ret && !given)
		ret = random_name(name);
	return ret ? ret : set_key(NAME_KEY, name);
}

/* Another tool may have made one since this one looked. */
static int generate_name(char *name)
{
	const char *file;
	int ret = file_lock_store();

	if (ret)
		return ret;
	ret = config_initiator_find(name, &file);
	if (!ret && !file)
		ret = config_initiator_set(NULL, name);
	file_unlock_store();
	return ret;
}

int config_initiator(char *name)
{
	const char *file;
	int ret = config_initiator_find(name, &file);

	return ret || file ? ret : generate_name(name);
}

bool config_initiator_known(char *name)
{
	const char *file;

	return !config_initiator_find(name, &file) && file;
}

/* The part of @key behind "<target>/", @key itself for the defaults. */
static const char *own_part(const char *key, const char *target)
{
	const char *slash = strrchr(key, '/');

	if (!target)
		return slash ? NULL : key;
	if (!slash || (size_t)(slash - key) != strlen(target) ||
	    strncasecmp(key, target, slash - key))
		return NULL;
	return slash + 1;
}

static int take(struct settings *settings, uint32_t *policy, const char *key,
		const char *value)
{
	unsigned int attr = settings_find(key);

	if (!strcasecmp(key, POLICY_KEY))
		return model_policy_parse(value, policy);
	return attr ? settings_parse(settings, attr, value) : 0;
}

int config_load(const char *target, struct settings *settings,
		uint32_t *policy)
{
	char *text, *key, *value;
	struct lines lines;
	struct login blank;
	const char *own;
	int ret;

	model_login_init(&blank);
	*settings = blank.settings;
	*policy = UNSET;
	ret = read_config(&text);
	if (ret)
		return ret;
	lines = (struct lines){ text };
	while (config_lines_next(&lines, &key, &value)) {
		own = own_part(key, target);
		if (own && take(settings, policy, own, value))
			note("%s: %s is not used: %s", CONFIG_FILE, key,
			     why());
	}
	free(text);
	return 0;
}

static int store_one(const char *target, const char *key, const char *value)
{
	char *full = target ? xasprintf("%s/%s", target, key) : xstrdup(key);
	int ret = set_key(full, value);

	free(full);
	return ret;
}

int config_store(const char *target, const struct settings *settings,
		 uint32_t policy)
{
	char text[16];
	unsigned int i;
	int ret;

	ret = file_lock_store();
	if (ret)
		return ret;
	for (i = 1; i <= MPIO_TA_MAX && !ret; i++)
		if (settings->value[i] != UNSET)
			ret = store_one(target, settings_name(i),
					settings_text(i, settings->value[i],
						      text));
	if (!ret && policy != UNSET)
		ret = store_one(target, POLICY_KEY, model_policy_name(policy));
	file_unlock_store();
	return ret;
}

/* "disk:<WWID>"; what would not stand in a key is written as %xx. */
static void disk_key(const char *wwid, char *key, size_t size)
{
	size_t used = snprintf(key, size, DISK_PREFIX);

	for (; *wwid && used + 4 < size; wwid++)
		if (isalnum((unsigned char)*wwid) || strchr("._:-", *wwid))
			key[used++] = *wwid;
		else
			used += snprintf(key + used, size - used, "%%%02x",
					 (unsigned char)*wwid);
	key[used] = '\0';
}

int config_load_disk(const char *wwid, uint32_t *policy)
{
	struct settings settings;
	char key[DISK_KEY_MAX];

	disk_key(wwid, key, sizeof(key));
	return config_load(key, &settings, policy);
}

int config_store_disk(const char *wwid, uint32_t policy)
{
	char key[DISK_KEY_MAX];
	struct login blank;

	model_login_init(&blank);
	disk_key(wwid, key, sizeof(key));
	return config_store(key, &blank.settings, policy);
}

bool config_has_disks(void)
{
	struct lines lines = {};
	char *text, *key, *value;
	bool any = false;

	if (read_config(&text))
		return false;
	lines.next = text;
	while (!any && config_lines_next(&lines, &key, &value))
		any = !strncasecmp(key, DISK_PREFIX, strlen(DISK_PREFIX));
	free(text);
	return any;
}
