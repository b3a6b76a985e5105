// SPDX-License-Identifier: GPL-2.0
/* Tables for people, one array of objects for programs. */
#include "base/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "base/terminal.h"
#include "base/utf8.h"

#define MAX_COLUMNS 32

static struct {
	enum print_kind kind;
	bool json;
	unsigned int depth;		/* objects and arrays open in a row */
	unsigned int members[8];	/* values printed so far, by depth */
	size_t rows;
	const char *heading[MAX_COLUMNS];
	size_t columns, column;
	struct strlist cells;
} out;

void print_open(enum print_kind kind)
{
	memset(&out, 0, sizeof(out));
	out.kind = kind;
	out.json = options_given()->json;
	if (out.json && kind != PRINT_STREAM)
		fputc('[', stdout);
}

static void end_row(void)
{
	if (!out.rows)
		return;
	if (out.json)
		fputs(out.members[0] && out.kind != PRINT_STREAM ? "\n  }" :
		      "}", stdout);
	if (out.kind == PRINT_STREAM) {
		fputc('\n', stdout);
		fflush(stdout);
	}
}

void print_row(void)
{
	end_row();
	if (out.json) {
		if (out.kind != PRINT_STREAM)
			fputs(out.rows ? ",\n  {" : "\n  {", stdout);
		else
			fputc('{', stdout);
	} else if (out.kind == PRINT_SHOW && out.rows) {
		fputc('\n', stdout);
	}
	out.rows++;
	out.column = 0;
	out.depth = 0;
	out.members[0] = 0;
}

/* Display width: bytes that begin a character. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static void put_cell(const char *text, size_t width, enum colour colour)
{
	printf("%s%s%s%*s", terminal_colour_begin(colour), text,
	       colour ? COLOUR_END : "", (int)(width - width_of(text)), "");
}

static void put_line(char **cell, const size_t *width, bool heading)
{
	bool coloured = terminal_coloured();
	enum colour colour;
	size_t i;

	for (i = 0; i < out.columns; i++) {
		colour = !coloured ? COLOUR_NONE : heading ? COLOUR_BOLD :
			 terminal_colour_of_word(cell[i]);
		if (i + 1 == out.columns)
			put_cell(cell[i], width_of(cell[i]), colour);
		else
			put_cell(cell[i], width[i] + 2, colour);
	}
	fputc('\n', stdout);
}

static void put_table(void)
{
	size_t width[MAX_COLUMNS] = {}, i, len;

	for (i = 0; i < out.columns; i++)
		width[i] = strlen(out.heading[i]);
	for (i = 0; i < out.cells.count; i++) {
		len = width_of(out.cells.item[i]);
		if (len > width[i % out.columns])
			width[i % out.columns] = len;
	}
	if (!out.columns)
		return;
	put_line((char **)out.heading, width, true);
	for (i = 0; i + out.columns <= out.cells.count; i += out.columns)
		put_line(out.cells.item + i, width, false);
	strlist_free(&out.cells);
}

void print_close(void)
{
	if (out.json || out.kind == PRINT_STREAM)
		end_row();
	if (out.json) {
		if (out.kind != PRINT_STREAM)
			fputs(out.rows ? "\n]\n" : "]\n", stdout);
	} else if (out.kind == PRINT_TABLE) {
		put_table();
	}
	fflush(stdout);
}

/* A character of two or three bytes as \u, which no terminal obeys. */
static void put_escape(FILE *to, const unsigned char *s, unsigned int len)
{
	unsigned int code = len == 2 ? s[0] & 0x1f : s[0] & 0x0f, i;

	for (i = 1; i < len; i++)
		code = code << 6 | (s[i] & 0x3f);
	fprintf(to, "\\u%04x", code);
}

static void put_quoted(FILE *to, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int len;

	fputc('"', to);
	for (; *s; s += len) {
		len = utf8_length(s);
		if (*s == '"' || *s == '\\')
			fprintf(to, "\\%c", *s);
		else if (!len || (len == 1 && utf8_is_control(s, len)))
			fprintf(to, "\\u%04x", *s);
		else if (utf8_is_control(s, len))
			put_escape(to, s, len);
		else
			fwrite(s, 1, len, to);
		len = len ? len : 1;
	}
	fputc('"', to);
}

void print_quoted(char **into, const char *text)
{
	char *quoted = NULL, *joined;
	size_t size;
	FILE *mem = open_memstream(&quoted, &size);

	if (!mem)
		exit(CODE_NOMEM);
	put_quoted(mem, text);
	fclose(mem);
	joined = xasprintf("%s%s", *into ? *into : "", quoted);
	free(quoted);
	free(*into);
	*into = joined;
}

/* Starts a JSON member: comma, indentation, name. */
static void member(const char *name)
{
	unsigned int i;

	if (out.members[out.depth]++)
		fputc(',', stdout);
	if (out.kind != PRINT_STREAM) {
		fputc('\n', stdout);
		for (i = 0; i < out.depth + 2; i++)
			fputs("  ", stdout);
	} else if (out.members[out.depth] > 1) {
		fputc(' ', stdout);
	}
	if (name) {
		put_quoted(stdout, name);
		fputs(": ", stdout);
	}
}

/* A text value: @text for people. */
static void put_text(const char *name, const char *heading, const char *text)
{
	char *clean;

	clean = xstrdup(*text ? text : "-");
	utf8_clean(clean, false);
	if (out.kind == PRINT_SHOW) {
		printf("%*s%-*s %s\n", (int)out.depth * 2, "",
		       26 - (int)out.depth * 2, name ? name : "", clean);
	} else if (out.kind == PRINT_STREAM) {
		if (heading && *text)
			printf("%s%s", out.column++ ? " " : "", clean);
	} else if (heading && !out.depth && out.column < MAX_COLUMNS) {
		if (out.rows == 1) {
			out.heading[out.column] = heading;
			out.columns = out.column + 1;
		}
		out.column++;
		strlist_add(&out.cells, clean);
	}
	free(clean);
}

void print_str(const char *name, const char *heading, const char *value)
{
	if (!out.json) {
		put_text(name, heading, value);
		return;
	}
	member(name);
	put_quoted(stdout, value);
}

void print_u64(const char *name, const char *heading, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	if (!out.json) {
		put_text(name, heading, text);
		return;
	}
	member(name);
	fputs(text, stdout);
}

void print_bool(const char *name, const char *heading, bool value)
{
	if (!out.json) {
		put_text(name, heading, value ? "yes" : "no");
		return;
	}
	member(name);
	fputs(value ? "true" : "false", stdout);
}

void print_list(const char *name, const char *heading,
		const struct strlist *list)
{
	char *text = xstrdup(""), *next;
	size_t i;

	if (out.json) {
		member(name);
		fputc('[', stdout);
	}
	for (i = 0; i < list->count; i++) {
		if (out.json) {
			fputs(i ? ", " : "", stdout);
			put_quoted(stdout, list->item[i]);
			continue;
		}
		next = xasprintf("%s%s%s", text, i ? " " : "", list->item[i]);
		free(text);
		text = next;
	}
	if (out.json)
		fputc(']', stdout);
	else
		put_text(name, heading, text);
	free(text);
}

static void down(const char *name, char bracket)
{
	if (out.json) {
		member(name);
		fputc(bracket, stdout);
	} else if (out.kind == PRINT_SHOW && name) {
		printf("%*s%s\n", (int)out.depth * 2, "", name);
	}
	out.depth++;
	out.members[out.depth] = 0;
}

static void up(char bracket)
{
	unsigned int i, had = out.members[out.depth];

	out.depth--;
	if (!out.json)
		return;
	if (had && out.kind != PRINT_STREAM) {
		fputc('\n', stdout);
		for (i = 0; i < out.depth + 2; i++)
			fputs("  ", stdout);
	}
	fputc(bracket, stdout);
}

void print_object(const char *name)
{
	down(name, '{');
}

void print_object_end(void)
{
	up('}');
}

void print_array(const char *name)
{
	down(name, '[');
}

void print_array_end(void)
{
	up(']');
}
