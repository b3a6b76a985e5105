// SPDX-License-Identifier: GPL-2.0
/* Input and output are files in memory: no end waits for the other. */
#include "base/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

#define CANNOT_RUN	127
#define OUTPUT_MAX	(1 << 20)

int child_memory_file(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	int fd = memfd_create("iscsictl", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text ? text : "", len) != (ssize_t)len ||
			lseek(fd, 0, SEEK_SET))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

char *child_output(int fd, size_t max)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text;

	if (len < 0 || (size_t)len > max)
		len = 0;
	text = xcalloc(1, len + 1);
	if (pread(fd, text, len, 0) != len)
		text[0] = '\0';
	return text;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run(const char *const *argv, int in, int out, int err)
{
	pid_t pid = fork();

	if (!pid) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		dprintf(STDERR_FILENO, "%s", strerror(errno));
		_exit(CANNOT_RUN);
	}
	return pid < 0 ? -1 : wait_for(pid);
}

int child_run(const char *const *argv, const char *input, char **output)
{
	int in = child_memory_file(input), out = child_memory_file(NULL);
	int err = child_memory_file(NULL), status = -1, ret = 0;
	char *said;

	if (in >= 0 && out >= 0 && err >= 0)
		status = run(argv, in, out, err);
	if (status) {
		said = err >= 0 ? child_output(err, OUTPUT_MAX) : xstrdup("");
		said[strcspn(said, "\n")] = '\0';
		ret = because(CODE_ERROR, "%s: %s", argv[0],
			      *said ? said : "failed without a word");
		free(said);
	} else if (output) {
		*output = child_output(out, OUTPUT_MAX);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	return ret;
}
