// SPDX-License-Identifier: GPL-2.0
/*
 * One ssh for each host, --throttle-limit of them at a time. What a host
 * prints is collected in a file without name; standard input is read once. A
 * secret is given to each; of objects, which tell their host by ComputerName,
 * each gets its own.
 */
#include "cli/remote.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/args.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "base/strlist.h"
#include "base/utf8.h"

#define PARALLEL_DEFAULT	16
#define SSH_FAILED		255
#define SSH_GRACE_MS		500	/* for the other side to say why */
#define OUTPUT_MAX		(64 << 20)

struct host {
	const char *name;
	pid_t pid;
	int out, err;	/* memory files */
	int code;
	bool ended;
};

/* Appends @word quoted for the shell of the other side. */
static void quote(FILE *line, const char *word)
{
	fputs(" '", line);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", line);
		else
			fputc(*word, line);
	}
	fputc('\'', line);
}

/* Options that are for this side only; 1 or 2 words, 0 for others. */
static int local_words(const char *word)
{
	static const char *const names[] = { "--host", "--throttle-limit" };
	size_t i, len;

	for (i = 0; i < 2; i++) {
		len = strlen(names[i]);
		if (!strncmp(word, names[i], len) && word[len] == '=')
			return 1;
		if (!strcmp(word, names[i]))
			return 2;
	}
	return 0;
}

static char *command_line(int argc, char **argv)
{
	char *line = NULL;
	size_t size;
	FILE *mem = open_memstream(&line, &size);
	int i, skip;

	if (!mem)
		exit(CODE_NOMEM);
	fputs("iscsictl", mem);
	for (i = 1; i < argc; i++) {
		skip = local_words(argv[i]);
		if (skip)
			i += skip - 1;
		else
			quote(mem, argv[i]);
	}
	fclose(mem);
	return line;
}

static int memory_file(const char *text)
{
	int fd = child_memory_file(text);

	if (fd < 0) {
		fputs("iscsictl: out of memory: no memory file\n", stderr);
		exit(CODE_NOMEM);
	}
	return fd;
}

/* Is the JSON object of @name, or of no host? */
static bool belongs_to(const char *object, const char *name)
{
	struct strlist names = {};
	bool yes;

	yes = json_strings(object, "ComputerName", &names, NULL) ||
	      !names.count || strlist_has(&names, name);
	strlist_free(&names);
	return yes;
}

/* What of standard input is for the host @name; the caller frees it. */
static char *input_for(const char *name, const char *input)
{
	struct strlist values = {}, objects = {};
	char *text = NULL;
	size_t i, size;
	FILE *mem;

	if (input[strspn(input, " \t\n")] != '[' ||
	    json_strings(input, "", &values, &objects))
		return xstrdup(input);
	mem = open_memstream(&text, &size);
	if (!mem)
		exit(CODE_NOMEM);
	for (i = 0; i < objects.count; i++)
		if (belongs_to(objects.item[i], name))
			fprintf(mem, "%s%s", ftell(mem) ? "," : "[",
				objects.item[i]);
	fputs(ftell(mem) ? "]" : "[]", mem);
	fclose(mem);
	strlist_free(&values);
	strlist_free(&objects);
	return text;
}

static void start(struct host *host, const char *line, const char *input)
{
	char *own = input_for(host->name, input);
	int in = memory_file(own);

	explicit_bzero(own, strlen(own));
	free(own);
	host->out = memory_file("");
	host->err = memory_file("");
	host->pid = fork();
	if (!host->pid) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(in, STDIN_FILENO);
		dup2(host->out, STDOUT_FILENO);
		dup2(host->err, STDERR_FILENO);
		execlp("ssh", "ssh", "-o", "BatchMode=yes", "--", host->name,
		       line, NULL);
		fprintf(stderr, "iscsictl: cannot run ssh: %s\n",
			strerror(errno));
		_exit(SSH_FAILED);
	}
	close(in);
}

/* Milliseconds until no host may take longer, -1: it may. */
static int time_remaining(long long end)
{
	long long rest = end - clock_now();

	if (options_given()->timeout <= 0)
		return -1;
	return rest > 0 ? (int)rest : 0;
}

/* The next ssh that ends, or 0 when the time is over. */
static pid_t next_end(int *status, long long end)
{
	struct timespec wait;
	sigset_t child;
	pid_t pid;
	int rest;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		pid = waitpid(-1, status, WNOHANG);
		rest = time_remaining(end);
		if (pid || !rest)
			return pid;
		wait.tv_sec = rest / 1000;
		wait.tv_nsec = rest % 1000 * 1000000L;
		if (rest < 0)
			sigwaitinfo(&child, NULL);
		else
			sigtimedwait(&child, NULL, &wait);
	}
}

/* Those that have not answered by now have not answered. */
static void give_up(struct host *host, size_t started)
{
	int status;
	size_t i;

	for (i = 0; i < started; i++) {
		if (host[i].ended)
			continue;
		kill(host[i].pid, SIGKILL);
		waitpid(host[i].pid, &status, 0);
		host[i].ended = true;
		host[i].code = CODE_CONNECT_TIMEOUT;
		dprintf(host[i].err, "iscsictl: no answer in time\n");
	}
}

static void finish(struct host *host, size_t count, pid_t pid, int status)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (host[i].pid != pid)
			continue;
		host[i].ended = true;
		host[i].code = WIFEXITED(status) ? WEXITSTATUS(status) :
			       CODE_ERROR;
		if (host[i].code == SSH_FAILED)
			host[i].code = CODE_TRANSPORT;
	}
}

static void run_all(struct host *host, size_t count, const char *line,
		    const char *input)
{
	size_t limit = options_given()->throttle > 0 ? (size_t)options_given()->throttle :
		       PARALLEL_DEFAULT;
	long long end = clock_now() + options_given()->timeout + SSH_GRACE_MS;
	size_t started = 0, running = 0;
	sigset_t child, before;
	int status;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);

	while (started < count || running) {
		if (started < count && running < limit) {
			start(&host[started++], line, input);
			running++;
			continue;
		}
		pid = next_end(&status, end);
		if (pid <= 0)
			break;
		finish(host, started, pid, status);
		running--;
	}
	give_up(host, started);
	for (; started < count; started++) {
		host[started].code = CODE_CONNECT_TIMEOUT;
		host[started].out = memory_file("");
		host[started].err =
			memory_file("the time was over before its turn\n");
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static char *read_output(int fd)
{
	char *text = child_output(fd, OUTPUT_MAX);

	close(fd);
	utf8_clean(text, true);
	return text;
}

/* Each line of @text behind the name of the host; errors begin as ours. */
static void print_lines(FILE *to, const char *name, char *text)
{
	const char *ours = to == stderr ? "iscsictl: " : "";
	char *line;

	while (text && *text) {
		line = strsep(&text, "\n");
		if (*ours && !strncmp(line, ours, strlen(ours)))
			line += strlen(ours);
		fprintf(to, "%s%s: %s\n", ours, name, line);
	}
}

/* Does the command take something from standard input? */
static bool wants_input(int argc, char **argv)
{
	size_t len;
	int i;

	for (i = 1; i < argc; i++) {
		len = strlen(argv[i]);
		if (!strcmp(argv[i], "-") ||
		    (len > 2 && !strcmp(argv[i] + len - 2, "=-")))
			return true;
	}
	return false;
}

/* The objects of one host, each with our name of it and no other. */
static int print_objects(const struct host *host, const char *text,
			 size_t *printed)
{
	struct strlist values = {}, objects = {};
	size_t i;
	int ret = 0;

	if (*text)
		ret = json_strings(text, "", &values, &objects);
	for (i = 0; i < objects.count && !ret; i++) {
		fputs((*printed)++ ? ",\n  " : "\n  ", stdout);
		ret = json_print_of(objects.item[i], "ComputerName",
				    host->name);
	}
	strlist_free(&values);
	strlist_free(&objects);
	return ret;
}

static int report(struct host *host, size_t count)
{
	size_t i, printed = 0;
	int ret = 0, one;
	char *text;

	for (i = 0; i < count; i++) {
		text = read_output(host[i].err);
		print_lines(stderr, host[i].name, text);
		free(text);
	}
	if (options_given()->json)
		printf("[");
	for (i = 0; i < count; i++) {
		text = read_output(host[i].out);
		one = host[i].code;
		if (!options_given()->json)
			print_lines(stdout, host[i].name, text);
		else if (print_objects(&host[i], text, &printed) && !one)
			one = failed(CODE_ERROR, "answer of %s",
				     host[i].name);
		free(text);
		ret = first_code(ret, one);
	}
	if (options_given()->json)
		printf("%s]\n", printed ? "\n" : "");
	return ret;
}

int remote_run(int argc, char **argv)
{
	size_t i, count = options_given()->hosts.count;
	struct host *host = xcalloc(count, sizeof(*host));
	char *line, *input = NULL;
	int ret;

	for (i = 0; i < count; i++) {
		host[i].name = options_given()->hosts.item[i];
		if (host[i].name[0] == '-') {
			because(CODE_INVALID, "this is not the name of a host");
			return failed(CODE_INVALID, "--host %s", host[i].name);
		}
	}
	if (!wants_input(argc, argv))
		input = xstrdup("");
	else if (json_read_stdin(&input))
		return failed(CODE_INVALID, "cannot run remotely");
	line = command_line(argc, argv);
	run_all(host, count, line, input);
	explicit_bzero(input, strlen(input));
	ret = report(host, count);
	free(input);
	free(line);
	free(host);
	return ret;
}
