// SPDX-License-Identifier: GPL-2.0
/* Secrets on their way in; every buffer that held one is wiped. */
#include "store/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "proto/chap.h"

#define LINE_MAX_LEN	1024	/* 255 bytes as hex and a line end fit */
#define SECRET_DIR	CONFIG_DIR "/secrets"

/* From now on no core of this process is written, nor may others look in. */
static void close_curtains(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}

/* First line of @fd; what follows is not looked at. */
static int read_line(int fd, char *line, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size - 1) {
		n = read(fd, line + used, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n || line[used] == '\n')
			break;
		used++;
	}
	if (used && line[used - 1] == '\r')
		used--;
	line[used] = '\0';
	return 0;
}

static int parse(const char *line, uint8_t *out, uint32_t *len)
{
	const char *reason = NULL;

	if (!*line)
		return because(CODE_INVALID, "the secret is empty");
	/* Nobody types these: an editor has put them there. */
	if (!strncmp(line, "\xef\xbb\xbf", 3) ||
	    !strncmp(line, "\xff\xfe", 2) || !strncmp(line, "\xfe\xff", 2))
		return because(CODE_INVALID,
			       "the file begins with a byte order mark: save it as UTF-8 without one");
	if (strlen(line) > 1 && (strchr(" \t", line[strlen(line) - 1]) ||
				 (strchr("'\"", line[0]) &&
				  line[0] == line[strlen(line) - 1])))
		note("the secret has blanks at its end or quotes around it, which are part of it");
	if (mpio_secret_parse(line, strlen(line), out, len, &reason))
		return because(CODE_INVALID, "%s", reason);
	return 0;
}

static int ask_terminal(const char *what, char *line, size_t size)
{
	struct termios old, quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC), ret;

	if (fd < 0 || tcgetattr(fd, &old)) {
		if (fd >= 0)
			close(fd);
		return because(CODE_INVALID,
			       "no secret given: name a file that holds it, or - for standard input");
	}
	quiet = old;
	quiet.c_lflag &= ~(ECHO | ECHONL);
	/* First, so that what is typed at once is neither shown nor lost. */
	tcsetattr(fd, TCSAFLUSH, &quiet);
	dprintf(fd, "%s: ", what);
	ret = read_line(fd, line, size);
	tcsetattr(fd, TCSAFLUSH, &old);
	dprintf(fd, "\n");
	close(fd);
	return ret ? because(CODE_ACCESS, "terminal: %s", strerror(-ret)) : 0;
}

static int check_mode(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st))
		return because_errno(errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return because(CODE_INVALID, "%s is a directory", path);
	if (S_ISREG(st.st_mode) && st.st_mode & 077)
		return because(CODE_ACCESS,
			       "%s may be read by others (mode %03o): chmod 600 it",
			       path, st.st_mode & 0777);
	return 0;
}

static int read_file(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), ret;

	if (fd < 0)
		return because(errno == EACCES ? CODE_ACCESS : CODE_INVALID,
			       "cannot read secret file %s: %s", path,
			       strerror(errno));
	ret = check_mode(fd, path);
	if (!ret && read_line(fd, line, size))
		ret = because(CODE_ACCESS, "cannot read secret file %s",
			      path);
	close(fd);
	return ret;
}

int secret_read(const char *source, const char *what, uint8_t *out,
		uint32_t *len)
{
	char line[LINE_MAX_LEN];
	int ret;

	*len = 0;
	close_curtains();
	if (!source || (!strcmp(source, "-") && isatty(STDIN_FILENO)))
		ret = ask_terminal(what, line, sizeof(line));
	else if (strcmp(source, "-"))
		ret = read_file(source, line, sizeof(line));
	else
		ret = read_line(STDIN_FILENO, line, sizeof(line)) ?
		      because(CODE_ACCESS, "cannot read stdin") : 0;
	if (!ret)
		ret = parse(line, out, len);
	explicit_bzero(line, sizeof(line));
	return ret;
}

static char *secret_path(const char *name)
{
	return file_root_path(SECRET_DIR "/%s", name);
}

int secret_store(const char *name, const uint8_t *secret, uint32_t len)
{
	char text[2 * MPIO_SECRET_MAX + 4], *path;
	size_t used = 2;
	uint32_t i;
	int ret;

	memcpy(text, "0x", 2);
	for (i = 0; i < len; i++, used += 2)
		snprintf(text + used, 3, "%02x", secret[i]);
	text[used++] = '\n';
	path = secret_path(name);
	ret = file_write(path, text, used, 0600);
	free(path);
	explicit_bzero(text, sizeof(text));
	return ret;
}

/* Where systemd puts the credential of this secret, or NULL. */
static char *credential_path(const char *name)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	return dir && *dir == '/' ? xasprintf("%s/iscsi-mpio.%s", dir, name) :
	       NULL;
}

/* The stored file, else the credential, else NULL: there is none. */
static char *find_secret(const char *name)
{
	char *path = secret_path(name);

	if (!access(path, F_OK) || errno != ENOENT)
		return path;
	free(path);
	path = credential_path(name);
	if (path && access(path, F_OK) && errno == ENOENT) {
		free(path);
		path = NULL;
	}
	return path;
}

int secret_load(const char *name, uint8_t *out, uint32_t *len)
{
	char line[LINE_MAX_LEN], *path = find_secret(name);
	int ret = 0;

	*len = 0;
	close_curtains();
	if (path) {
		ret = read_file(path, line, sizeof(line));
		if (!ret)
			ret = parse(line, out, len);
		explicit_bzero(line, sizeof(line));
	}
	free(path);
	return ret;
}

int secret_forget(const char *name)
{
	char *path = secret_path(name);
	int ret = access(path, F_OK) ? 0 : file_remove(path);

	free(path);
	return ret;
}
