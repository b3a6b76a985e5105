// SPDX-License-Identifier: GPL-2.0
/* Temporary file, fsync, rename, fsync of the directory. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/args.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"

#define FILE_MAX	(1 << 24)
#define LOCK_MS		30000
#define LOCK_PAUSE_MS	100
#define LOCK_NOTE_MS	2000	/* after that, why nothing happens is told */

static int lock_fd = -1;
static unsigned int lock_depth;

char *file_root_path(const char *fmt, ...)
{
	const char *root = options_given()->root ? options_given()->root :
			   getenv("ISCSICTL_ROOT");
	char *tail = NULL, *path;
	va_list ap;
	size_t len;

	root = root ? root : "";
	len = strlen(root);

	va_start(ap, fmt);
	if (vasprintf(&tail, fmt, ap) < 0)
		exit(CODE_NOMEM);
	va_end(ap);
	while (len && root[len - 1] == '/')
		len--;
	path = xasprintf("%.*s%s", (int)len, root, tail);
	free(tail);
	return path;
}

int file_read(const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t used = 0, size = 4096;
	char *buf;
	ssize_t n;

	if (fd < 0)
		return -errno;
	buf = xcalloc(1, size + 1);
	while ((n = read(fd, buf + used, size - used)) > 0) {
		used += n;
		if (used < size)
			continue;
		size *= 2;
		buf = xrealloc(buf, size + 1, 1);
		if (size > 2 * FILE_MAX) {
			errno = EFBIG;
			n = -1;
			break;
		}
	}
	n = n < 0 ? -errno : 0;
	close(fd);
	if (n) {
		free(buf);
		return n;
	}
	buf[used] = '\0';
	*text = buf;
	*len = used;
	return 0;
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd) && errno != EINVAL)
		ret = -errno;
	close(fd);
	return ret;
}

static char *parent(const char *path)
{
	char *copy = xstrdup(path), *dir = xstrdup(dirname(copy));

	free(copy);
	return dir;
}

int file_make_dir(const char *path, mode_t mode)
{
	char *up;
	int ret;

	if (!mkdir(path, mode)) {
		up = parent(path);
		ret = sync_dir(up);
		free(up);
		return ret ? because_errno(-ret, "%s", path) : 0;
	}
	if (errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return because_errno(errno, "cannot create %s", path);
	up = parent(path);
	ret = file_make_dir(up, 0755);
	free(up);
	return ret ? ret : file_make_dir(path, mode);
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		len -= n;
	}
	return 0;
}

static int fill(int fd, const char *text, size_t len, mode_t mode)
{
	int ret = write_all(fd, text, len);

	if (!ret && fchmod(fd, mode))
		ret = -errno;
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

static int replace(const char *dir, const char *path, const char *text,
		   size_t len, mode_t mode)
{
	char *temp = xasprintf("%s/.new-XXXXXX", dir);
	int fd, ret;

	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		free(temp);
		return ret;
	}
	ret = fill(fd, text, len, mode);
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret)
		unlink(temp);
	else
		ret = sync_dir(dir);
	free(temp);
	return ret;
}

/* Where @path leads: a link that people have made stays one. */
static char *real_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : xstrdup(path);
}

int file_write(const char *path, const char *text, size_t len, mode_t mode)
{
	char *dir, *real;
	int ret;

	if (would("write %s", path))
		return 0;
	real = real_path(path);
	dir = parent(real);
	ret = file_make_dir(dir, mode & 077 ? 0755 : 0700);
	if (!ret) {
		ret = replace(dir, real, text, len, mode);
		if (ret)
			ret = because_errno(-ret, "cannot write %s", path);
	}
	free(dir);
	free(real);
	return ret;
}

int file_remove(const char *path)
{
	char *dir;
	int ret;

	if (would("remove %s", path))
		return 0;
	if (unlink(path) && errno != ENOENT)
		return because_errno(errno, "cannot remove %s", path);
	dir = parent(path);
	ret = sync_dir(dir);
	free(dir);
	if (ret == -ENOENT)
		return 0;
	return ret ? because_errno(-ret, "cannot remove %s", path) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int file_list_dir(const char *path, const char *suffix, struct strlist *names)
{
	size_t tail = strlen(suffix), len;
	struct dirent *entry;
	DIR *dir = opendir(path);
	int err;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return because_errno(errno, "cannot read %s", path);
	/* What ends the list tells an error from its end. */
	while (errno = 0, entry = readdir(dir)) {
		len = strlen(entry->d_name);
		if (entry->d_name[0] != '.' && len > tail &&
		    !strcmp(entry->d_name + len - tail, suffix))
			strlist_add(names, entry->d_name);
	}
	err = errno;
	closedir(dir);
	if (err)
		return because_errno(err, "cannot read %s", path);
	if (names->count)
		qsort(names->item, names->count, sizeof(*names->item),
		      by_name);
	return 0;
}

/* A crash between creating and renaming leaves a temporary file behind. */
static void sweep(const char *sub)
{
	char *path = file_root_path(CONFIG_DIR "%s", sub), *file;
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, ".new-", 5))
			continue;
		file = xasprintf("%s/%s", path, entry->d_name);
		unlink(file);
		free(file);
	}
	if (dir)
		closedir(dir);
	free(path);
}

/* The process that has the lock, "another tool" when that is not known. */
static void lock_holder(char *text, size_t size)
{
	unsigned long long inode;
	char line[256], *name = NULL;
	FILE *f = fopen("/proc/locks", "re"), *comm;
	struct stat st;
	int pid = 0;

	while (f && !fstat(lock_fd, &st) && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %*x:%*x:%llu", &pid,
			   &inode) == 2 && inode == st.st_ino)
			break;
		pid = 0;
	}
	if (f)
		fclose(f);
	snprintf(text, size, "another tool");
	if (pid <= 0)
		return;
	name = xasprintf("/proc/%d/comm", pid);
	comm = fopen(name, "re");
	free(name);
	if (comm && fgets(line, sizeof(line), comm))
		snprintf(text, size, "process %d %.*s", pid,
			 (int)strcspn(line, "\n"), line);
	if (comm)
		fclose(comm);
}

/* The lock itself, waiting as long as --timeout says. */
static int lock_wait(const char *path)
{
	struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };
	int64_t limit = options_given()->timeout > 0 ? options_given()->timeout : LOCK_MS, waited;
	char holder[64];

	for (waited = 0; flock(lock_fd, LOCK_EX | LOCK_NB);
	     waited += LOCK_PAUSE_MS) {
		if (errno != EWOULDBLOCK)
			return because_errno(errno, "cannot lock %s", path);
		if (waited >= limit || waited == LOCK_NOTE_MS)
			lock_holder(holder, sizeof(holder));
		if (waited >= limit)
			return because(CODE_STORE, "%s is held by %s", path,
				       holder);
		if (waited == LOCK_NOTE_MS)
			note("waiting for %s, which is held by %s", path,
			     holder);
		nanosleep(&pause, NULL);
	}
	return 0;
}

int file_lock_store(void)
{
	char *dir, *path;
	int ret;

	if (lock_depth++ || error_dry_run)
		return 0;
	dir = file_root_path(CONFIG_DIR);
	ret = file_make_dir(dir, 0755);
	path = xasprintf("%s/.lock", dir);
	free(dir);
	if (!ret) {
		lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (lock_fd < 0)
			ret = because_errno(errno, "cannot lock %s", path);
	}
	if (!ret)
		ret = lock_wait(path);
	free(path);
	if (ret) {
		file_unlock_store();
		return ret;
	}
	sweep("");
	sweep("/records");
	sweep("/portals");
	sweep("/secrets");
	sweep("/secrets/undo");
	return 0;
}

void file_unlock_store(void)
{
	if (!lock_depth || --lock_depth)
		return;
	if (lock_fd >= 0)
		close(lock_fd);
	lock_fd = -1;
}

int file_random_bytes(void *to, size_t len)
{
	if (getrandom(to, len, 0) == (ssize_t)len)
		return 0;
	return because(CODE_INTERNAL, "the kernel gives no random bytes");
}

uint32_t file_checksum(const char *text, size_t len)
{
	uint32_t crc = ~0U;
	int bit;

	while (len--) {
		crc ^= (unsigned char)*text++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return ~crc;
}
