// SPDX-License-Identifier: GPL-2.0
/*
 * LD_PRELOAD: a power cut or an error at the Nth call that changes a file.
 *
 * POWERCUT_AT=N ends the process at the Nth call, before it takes effect;
 * what was written and not synced is then lost: such files become empty,
 * unless POWERCUT_KEEP=1 leaves what is lost to a real file system.
 * POWERCUT_ERRNO=E makes that call fail with E instead.
 * READDIR_IN=NAME lets readdir() of directories of that name fail with EIO.
 * POWERCUT_COUNT=FILE writes the number of calls there at the end.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS_MAX		256
#define CUT_STATUS	99

static int calls;
static int unsynced[FDS_MAX];	/* duplicate of a written descriptor, or 0 */

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static int number(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

static void lose_unsynced(void)
{
	int i;

	for (i = 0; i < FDS_MAX; i++)
		if (unsynced[i] && ftruncate(unsynced[i], 0))
			_exit(CUT_STATUS + 1);
}

/* Is this the call that fails? Does not return from a power cut. */
static bool cut(void)
{
	if (++calls != number("POWERCUT_AT"))
		return false;
	if (number("POWERCUT_ERRNO")) {
		errno = number("POWERCUT_ERRNO");
		return true;
	}
	if (!number("POWERCUT_KEEP"))
		lose_unsynced();
	_exit(CUT_STATUS);
}

static bool regular(int fd)
{
	struct stat st;

	return fd > 2 && !fstat(fd, &st) && S_ISREG(st.st_mode);
}

ssize_t write(int fd, const void *buf, size_t len)
{
	if (!regular(fd))
		return REAL(write)(fd, buf, len);
	if (cut())
		return -1;
	if (fd < FDS_MAX && !unsynced[fd])
		unsynced[fd] = fcntl(fd, F_DUPFD_CLOEXEC, FDS_MAX);
	return REAL(write)(fd, buf, len);
}

int fsync(int fd)
{
	if (cut())
		return -1;
	if (fd < FDS_MAX && unsynced[fd]) {
		close(unsynced[fd]);
		unsynced[fd] = 0;
	}
	return REAL(fsync)(fd);
}

int rename(const char *from, const char *to)
{
	return cut() ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path)
{
	return cut() ? -1 : REAL(unlink)(path);
}

int fchmod(int fd, mode_t mode)
{
	return cut() ? -1 : REAL(fchmod)(fd, mode);
}

int mkdir(const char *path, mode_t mode)
{
	return cut() ? -1 : REAL(mkdir)(path, mode);
}

int mkostemp(char *path, int flags)
{
	return cut() ? -1 : REAL(mkostemp)(path, flags);
}

/* What programs with 64-bit file offsets call. */
int mkostemp64(char *path, int flags) __attribute__((alias("mkostemp")));

struct dirent64 *readdir64(DIR *dir)
{
	const char *name = getenv("READDIR_IN");
	char link[32], path[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd(dir));
	n = name ? readlink(link, path, sizeof(path) - 1) : -1;
	if (n < 0)
		return REAL(readdir64)(dir);
	path[n] = '\0';
	if (strcmp(basename(path), name))
		return REAL(readdir64)(dir);
	errno = EIO;
	return NULL;
}

__attribute__((destructor)) static void report(void)
{
	const char *name = getenv("POWERCUT_COUNT");
	FILE *f = name ? fopen(name, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%d\n", calls);
	fclose(f);
}
