// SPDX-License-Identifier: GPL-2.0
/* See beside.h. */
#include "doctor/beside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

bool beside_begin(struct beside *b, size_t size,
		  void (*work)(void *result, const void *arg), const void *arg)
{
	memset(b, 0, sizeof(*b));
	b->size = size;
	b->shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b->shared == MAP_FAILED)
		return false;
	b->pid = fork();
	if (!b->pid) {
		work(b->shared, arg);
		_exit(0);
	}
	if (b->pid > 0)
		return true;
	munmap(b->shared, size);
	return false;
}

/* Did it end before the deadline? */
static bool ended(pid_t pid, long long deadline)
{
	struct pollfd fd = { -1, POLLIN, 0 };
	long long remaining;
	int ret;

	fd.fd = syscall(SYS_pidfd_open, pid, 0);
	if (fd.fd < 0)
		return false;
	do {
		remaining = deadline - clock_now();
		ret = poll(&fd, 1, remaining > 0 ? remaining : 0);
	} while (ret < 0 && errno == EINTR);
	close(fd.fd);
	return ret > 0;
}

bool beside_end(struct beside *b, long long deadline, void *to)
{
	bool done = ended(b->pid, deadline);
	int status = 0;

	if (!done)
		kill(b->pid, SIGKILL);
	/* what hangs in the kernel is not waited for */
	if (done && waitpid(b->pid, &status, 0) == b->pid)
		done = WIFEXITED(status) && !WEXITSTATUS(status);
	if (done)
		memcpy(to, b->shared, b->size);
	munmap(b->shared, b->size);
	return done;
}
