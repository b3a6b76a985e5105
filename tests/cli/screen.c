// SPDX-License-Identifier: GPL-2.0
/*
 * screen svg FILE | screen trend VALUE... | screen live: what tree and top show, of
 * things no sound host has, for tests/cli/picture.py.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/terminal.h"
#include "flow/svg.h"
#include "flow/trend.h"

#define PICTURE_MS 50

static int svg(const char *file)
{
	static const struct svg_node nodes[] = {
		{ 0, "host", "one", "iqn.2020-01.org.example:host", "" },
		{ 1, "interface", "i1", "192.0.2.1", "" },
		{ 2, "session", "1", "<script>&\"'\x1b[31m", "logged-in" },
		{ 3, "path", "1", "LUN 0 optimized", "ready" },
		{ 4, "disk", "sda", "10G RR 1/2 paths", "" },
		{ 5, "holder", "/mnt (mounted sda1)", "", "" },
		{ 5, "holder", "grün-grün-grün-grün-grün-grün-grün", "", "" },
		{ 1, "interface", "i2", "192.0.2.2", "" },
		{ 2, "session", "2", "", "recovering" },
		{ 3, "path", "2", "LUN 0 optimized", "recovering" },
		{ 3, "path", "3", "LUN 1", "fenced" },
	};

	return svg_write(file, nodes, sizeof(nodes) / sizeof(nodes[0]));
}

static int trend(char **value)
{
	char text[TREND_TEXT];

	trend_add(2, 1);
	for (; *value; value++)
		trend_add(1, strtoull(*value, NULL, 10));
	printf("%s\n", trend_text(1, text));
	printf("%s\n", trend_text(3, text));
	trend_end();
	return 0;
}

static int live(void)
{
	unsigned int columns, rows;

	if (!terminal_screen_begin())
		return 1;
	do {
		terminal_screen_clear(&columns, &rows);
		printf("%ux%u\n", columns, rows);
	} while (terminal_screen_key(PICTURE_MS) != 'q');
	terminal_screen_end();
	return 0;
}

/* Is the terminal as a shell wants it? */
static const char *mode(void)
{
	struct termios now;

	return !tcgetattr(STDIN_FILENO, &now) && (now.c_lflag & ICANON) ?
	       "lines" : "keys";
}

/*
 * live() as the job of a shell, which tells when it stops, in which state the
 * terminal is then, and has it go on. A group without one would not stop.
 */
static int job(void)
{
	pid_t pid = fork();
	int status = 0;

	signal(SIGTTOU, SIG_IGN);
	if (!pid) {
		setpgid(0, 0);
		tcsetpgrp(STDIN_FILENO, getpid());
		signal(SIGTTOU, SIG_DFL);
		_exit(live());
	}
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		tcsetpgrp(STDIN_FILENO, getpgrp());
		printf("stopped with %s\n", mode());
		fflush(stdout);
		tcsetpgrp(STDIN_FILENO, pid);
		kill(pid, SIGCONT);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	if (argc == 3 && !strcmp(argv[1], "svg"))
		return svg(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "trend"))
		return trend(argv + 2);
	return argc == 2 && !strcmp(argv[1], "live") ? job() : 1;
}
