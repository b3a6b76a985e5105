// SPDX-License-Identifier: GPL-2.0
/* See svg.h. A node without children takes a row; a parent stands by its first. */
#include "flow/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "base/utf8.h"

#define BOX_WIDTH	190
#define BOX_HEIGHT	46
#define COLUMN		230
#define ROW		60
#define MARGIN		16
#define LETTERS		26	/* of a line in a box */
#define DEPTH_MAX	16
#define FILE_MODE	0644

static const char head[] =
	"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
	"width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\">\n"
	"<title>iSCSI: host, interfaces, sessions, paths, disks</title>\n"
	"<style>\n"
	"text { font: 12px sans-serif; fill: #111 }\n"
	".kind { font-size: 10px; fill: #555 }\n"
	"rect { fill: #fff; stroke: #555; stroke-width: 1.5 }\n"
	"path { fill: none; stroke: #888; stroke-width: 1.5 }\n"
	".good rect { stroke: #17752f; stroke-width: 3 }\n"
	".warn rect { stroke: #9a6200; stroke-width: 3 }\n"
	".bad rect { stroke: #b3121d; stroke-width: 3; "
	"stroke-dasharray: 6 3 }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"text { fill: #eee } .kind { fill: #bbb }\n"
	"rect { fill: #222; stroke: #aaa }\n"
	".good rect { stroke: #5bc77a } .warn rect { stroke: #e0a030 }\n"
	".bad rect { stroke: #ff7077 }\n"
	"}\n"
	"</style>\n";

/* What a browser must not take for its own, and no half of a character. */
static void put(FILE *f, const char *text, size_t letters)
{
	size_t i, shown = 0;

	for (i = 0; text[i]; i++) {
		if ((text[i] & 0xc0) != 0x80 && shown++ == letters) {
			fputs("\xe2\x80\xa6", f);
			return;
		}
		if (text[i] == '<')
			fputs("&lt;", f);
		else if (text[i] == '&')
			fputs("&amp;", f);
		else if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			fputc('?', f);
		else
			fputc(text[i], f);
	}
}

static const char *class_of(const char *state)
{
	switch (terminal_colour_of_word(state)) {
	case COLOUR_GOOD:
		return "good";
	case COLOUR_WARN:
		return "warn";
	case COLOUR_BAD:
		return "bad";
	default:
		return "plain";
	}
}

static void put_box(FILE *f, const struct svg_node *n, unsigned int x,
		    unsigned int y)
{
	fprintf(f, "<g class=\"%s\"><title>", class_of(n->state));
	put(f, n->kind, -1);
	fputc(' ', f);
	put(f, n->name, -1);
	if (*n->text)
		fputs(", ", f);
	put(f, n->text, -1);
	if (*n->state)
		fputs(", ", f);
	put(f, n->state, -1);
	fprintf(f, "</title><rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"5\"/>",
		x, y, BOX_WIDTH, BOX_HEIGHT);
	fprintf(f, "<text class=\"kind\" x=\"%u\" y=\"%u\">", x + 8, y + 12);
	put(f, n->kind, LETTERS);
	if (*n->state)
		fputs(": ", f);
	put(f, n->state, LETTERS);
	fprintf(f, "</text><text x=\"%u\" y=\"%u\">", x + 8, y + 26);
	put(f, n->name, LETTERS);
	fprintf(f, "</text><text class=\"kind\" x=\"%u\" y=\"%u\">", x + 8,
		y + 40);
	put(f, n->text, LETTERS + 6);
	fputs("</text></g>\n", f);
}

static void put_line(FILE *f, unsigned int depth, unsigned int parent,
		     unsigned int y)
{
	unsigned int x = MARGIN + (depth - 1) * COLUMN + BOX_WIDTH;
	unsigned int half = (COLUMN - BOX_WIDTH) / 2;

	fprintf(f, "<path d=\"M%u %uh%uV%uh%u\"/>\n", x,
		parent + BOX_HEIGHT / 2, half, y + BOX_HEIGHT / 2, half);
}

static void draw(FILE *f, const struct svg_node *node, size_t count)
{
	unsigned int at[DEPTH_MAX] = {}, y = MARGIN, d, deepest = 0;
	size_t i, rows = 0;

	for (i = 0; i < count; i++) {
		deepest = node[i].depth > deepest ? node[i].depth : deepest;
		rows += !i || node[i].depth <= node[i - 1].depth;
	}
	fprintf(f, head, 2 * MARGIN + deepest * COLUMN + BOX_WIDTH,
		2 * MARGIN + (unsigned int)rows * ROW,
		2 * MARGIN + deepest * COLUMN + BOX_WIDTH,
		2 * MARGIN + (unsigned int)rows * ROW);
	for (i = 0; i < count; i++) {
		d = node[i].depth < DEPTH_MAX ? node[i].depth : DEPTH_MAX - 1;
		if (i && node[i].depth <= node[i - 1].depth)
			y += ROW;
		at[d] = y;
		if (d)
			put_line(f, d, at[d - 1], y);
		put_box(f, &node[i], MARGIN + d * COLUMN, y);
	}
	fputs("</svg>\n", f);
}

int svg_write(const char *file, const struct svg_node *node, size_t count)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int ret;

	if (!f)
		return because(CODE_NOMEM, "no memory for the picture");
	draw(f, node, count);
	fclose(f);
	ret = file_write(file, text, len, FILE_MODE);
	free(text);
	return ret;
}
