// SPDX-License-Identifier: GPL-2.0
/*
 * stay: a copy of this program in memory, and into the page cache what else ends
 * a machine, as the root file system may be out of reach by then.
 *
 * Who asks for that end has to be heard before anything of ours can bound the
 * wait for the disk: systemctl, what it looks at, and systemd itself. So their
 * files are read, and systemctl goes through the motions once.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "boot/boot.h"
#include "proto/env.h"

#define TMPFS_OPTIONS	"mode=0700,size=16m"
#define READ_LEN	131072
#define REHEARSAL_SECONDS	10

static const char *const programs[] = {
	"/bin/systemctl", "/bin/umount", "/lib/systemd/systemd-shutdown",
	"/lib/systemd/systemd-executor",
};

/* Of these all that is mapped when they run. */
static const char *const running[] = {
	"/lib/systemd/", "/bin/dbus-daemon", "/bin/dbus-broker",
};

/* How an end is asked for; a shell looks in each place for each name. */
static const char *const names[] = {
	"systemctl", "poweroff", "reboot", "halt", "shutdown",
};

static const char *const places[] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin",
	"/bin",
};

typedef int (*take_fn)(const char *path, const char *arg);

static int copy_file(const char *from, const char *dir, const char *name)
{
	char path[4096];
	size_t len;
	char *text;
	int fd, ret;

	ret = file_read(from, &text, &len);
	if (ret)
		return because_errno(-ret, "cannot read %s", from);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		ret = because(CODE_STORE, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
	free(text);
	return ret;
}

/* The name of file @path in the copy: the loader has one that units can name. */
static const char *name_there(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	if (!strncmp(name, "ld-", 3) || !strncmp(name, "ld64", 4) ||
	    !strncmp(name, "ld.so", 5))
		return "ld.so";
	return name;
}

/* libmnl.so.0.2.0 is looked for as libmnl.so.0. */
static int link_soname(const char *dir, const char *name)
{
	const char *so = strstr(name, ".so."), *end;
	char path[4096];

	if (!so)
		return 0;
	end = so + 4;
	while (isdigit((unsigned char)*end))
		end++;
	if (*end != '.')
		return 0;
	snprintf(path, sizeof(path), "%s/%.*s", dir, (int)(end - name), name);
	if (symlink(name, path))
		return because_errno(errno, "cannot make link %s", path);
	return 0;
}

/*
 * Calls @take for the path in each line of @f, which ends at one of @end, until
 * it returns an exit code. Closes @f.
 */
static int walk_paths(FILE *f, const char *end, take_fn take, const char *arg)
{
	char line[PATH_MAX + 100], last[PATH_MAX + 100] = "", *path;
	int ret = 0;

	while (!ret && fgets(line, sizeof(line), f)) {
		path = strchr(line, '/');
		if (!path)
			continue;
		path[strcspn(path, end)] = '\0';
		if (!strcmp(path, last))
			continue;
		strcpy(last, path);
		ret = take(path, arg);
	}
	fclose(f);
	return ret;
}

/* The same for each program or library that is mapped into a process. */
static int walk_mapped(const char *maps, take_fn take, const char *arg)
{
	FILE *f = fopen(maps, "re");

	if (!f)
		return because(CODE_ERROR, "cannot read %s", maps);
	return walk_paths(f, "\n", take, arg);
}

static int take_copy(const char *path, const char *dir)
{
	int ret;

	if (!strstr(path, ".so") && !strstr(path, "iscsi-mpio-boot"))
		return 0;
	ret = copy_file(path, dir, name_there(path));
	return ret ? ret : link_soname(dir, name_there(path));
}

/* Reads it, for the page cache. What is not there is not needed here. */
static int take_near(const char *path, const char *unused)
{
	static char buf[READ_LEN];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)unused;
	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
		;
	if (fd >= 0)
		close(fd);
	return 0;
}

/* A program and, by what the loader says, its libraries. */
static void take_program(const char *path)
{
	int fd[2];
	pid_t pid;
	FILE *f;

	take_near(path, NULL);
	if (access(path, X_OK) || pipe2(fd, O_CLOEXEC))
		return;
	pid = fork();
	if (!pid) {
		dup2(fd[1], STDOUT_FILENO);
		setenv("LD_TRACE_LOADED_OBJECTS", "1", 1);
		execl(path, path, NULL);
		_exit(127);
	}
	close(fd[1]);
	f = fdopen(fd[0], "r");
	if (f)
		walk_paths(f, "\n ", take_near, NULL);
	else
		close(fd[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Runs systemctl up to its last step, to have its pages in memory; it may fail. */
static void rehearse(void)
{
	int null, status;
	pid_t pid = fork();

	if (!pid) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		alarm(REHEARSAL_SECONDS);
		execl("/bin/systemctl", "systemctl", "--dry-run",
		      "poweroff", NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
}

static void look_up_names(void)
{
	char path[64];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		for (k = 0; k < ARRAY_SIZE(names); k++) {
			snprintf(path, sizeof(path), "%s/%s", places[i],
				 names[k]);
			access(path, X_OK);
		}
}

static bool takes_part(const char *pid)
{
	char path[300], exe[PATH_MAX];
	ssize_t n;
	size_t i;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n < 0)
		return false;
	exe[n] = '\0';
	for (i = 0; i < ARRAY_SIZE(running); i++)
		if (strstr(exe, running[i]))
			return true;
	return false;
}

static void keep_near(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	char maps[300];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(programs); i++)
		take_program(programs[i]);
	take_near("/etc/ld.so.cache", NULL);
	while (dir && (e = readdir(dir))) {
		if (!isdigit((unsigned char)e->d_name[0]) ||
		    !takes_part(e->d_name))
			continue;
		snprintf(maps, sizeof(maps), "/proc/%s/maps", e->d_name);
		walk_mapped(maps, take_near, NULL);
	}
	if (dir)
		closedir(dir);
	look_up_names();
	rehearse();
}

int boot_stay(const char *dir)
{
	int ret = file_make_dir(dir, 0700);

	umount2(dir, MNT_DETACH);	/* of an earlier start */
	if (!ret && mount("iscsi-mpio", dir, "tmpfs", MS_NOSUID | MS_NODEV,
			  TMPFS_OPTIONS))
		ret = because(CODE_ERROR, "cannot mount a tmpfs");
	if (!ret)
		ret = walk_mapped("/proc/self/maps", take_copy, dir);
	if (ret)
		return failed(ret, "cannot copy this program to %s", dir);
	if (boot_root_is_ours())
		keep_near();
	return 0;
}
