// SPDX-License-Identifier: GPL-2.0
/* Plain ECMA-48 sequences, which every terminal of today understands. */
#include "base/terminal.h"

#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define BAR_WIDTH	20

static struct termios before;
static bool screen_open;
static bool progress_open;
static volatile sig_atomic_t quit;
static volatile sig_atomic_t stop;	/* Ctrl-Z was pressed */

bool terminal_coloured(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no) && term &&
	       strcmp(term, "dumb");
}

bool terminal_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

const char *terminal_colour_begin(enum colour colour)
{
	static const char *const begin[] = {
		[COLOUR_NONE] = "",
		[COLOUR_BOLD] = "\033[1m",
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_WARN] = "\033[33m",
		[COLOUR_BAD] = "\033[31m",
	};

	return begin[colour];
}

enum colour terminal_colour_of_word(const char *word)
{
	static const struct {
		const char *word;
		enum colour colour;
	} words[] = {
		{ "ready", COLOUR_GOOD }, { "logged-in", COLOUR_GOOD },
		{ "connected", COLOUR_GOOD }, { "ok", COLOUR_GOOD },
		{ "whole", COLOUR_GOOD },
		{ "standby", COLOUR_WARN }, { "recovering", COLOUR_WARN },
		{ "connecting", COLOUR_WARN }, { "degraded", COLOUR_WARN },
		{ "extra", COLOUR_WARN }, { "disabled", COLOUR_WARN },
		{ "missing", COLOUR_BAD }, { "failed", COLOUR_BAD },
		{ "stopped", COLOUR_BAD }, { "fenced", COLOUR_BAD },
		{ "no-path", COLOUR_BAD },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].word, word))
			return words[i].colour;
	return COLOUR_NONE;
}

void terminal_progress_show(const char *what, size_t done, size_t all)
{
	char bar[BAR_WIDTH + 1];
	size_t full = all ? done * BAR_WIDTH / all : BAR_WIDTH;

	if (!isatty(STDERR_FILENO))
		return;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', full < BAR_WIDTH ? full : BAR_WIDTH);
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%s %zu/%zu [%s]\033[K", what, done, all, bar);
	progress_open = true;
}

void terminal_progress_end(void)
{
	if (!progress_open)
		return;
	fputs("\r\033[K", stderr);
	progress_open = false;
}

static void on_quit(int number)
{
	(void)number;
	quit = 1;
}

static void on_stop(int number)
{
	(void)number;
	stop = 1;
}

/* An alternate screen, no cursor, long lines cut at its edge; keys at once. */
static void show(void)
{
	struct termios raw = before;

	raw.c_lflag &= ~(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs("\033[?1049h\033[?25l\033[?7l", stdout);
	fflush(stdout);
}

static void hide(void)
{
	fputs("\033[?7h\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

bool terminal_screen_begin(void)
{
	struct sigaction action = { .sa_handler = on_quit };

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before))
		return false;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = on_stop;
	sigaction(SIGTSTP, &action, NULL);
	show();
	screen_open = true;
	return true;
}

void terminal_screen_end(void)
{
	if (!screen_open)
		return;
	hide();
	screen_open = false;
}

/* Stops as the shell expects it; goes on here when that says so. */
static void suspend(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, ours;

	stop = 0;
	hide();
	sigaction(SIGTSTP, &usual, &ours);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
	show();
}

void terminal_screen_clear(unsigned int *columns, unsigned int *rows)
{
	struct winsize size;

	*columns = 80;
	*rows = 24;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col &&
	    size.ws_row) {
		*columns = size.ws_col;
		*rows = size.ws_row;
	}
	fputs("\033[H\033[2J", stdout);
}

int terminal_screen_key(int ms)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
	char key;

	fflush(stdout);
	if (quit)
		return 'q';
	if (poll(&fd, 1, ms) > 0 && read(STDIN_FILENO, &key, 1) != 1)
		return 'q';
	if (quit)
		return 'q';
	if (stop)
		suspend();
	return fd.revents & POLLIN ? key : 0;
}
