// SPDX-License-Identifier: GPL-2.0
/* Tables for people, one array of objects for programs. */
#include "base/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/column.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/strlist.h"
#include "base/table.h"
#include "base/utf8.h"

static struct {
	enum print_kind kind;
	bool json;
	unsigned int depth;		/* objects and arrays open in a row */
	unsigned int members[8];	/* values printed so far, by depth */
	unsigned int hidden;		/* of these, in what --output leaves out */
	size_t rows, column;
	struct strlist sentences;	/* to follow the table */
} out;

void print_open(enum print_kind kind)
{
	memset(&out, 0, sizeof(out));
	out.kind = kind;
	out.json = options_given()->json;
	if (out.json && kind != PRINT_STREAM)
		fputc('[', stdout);
	if (!out.json && kind == PRINT_TABLE)
		table_begin();
}

/* Is a property left out, by itself or with the object that it is in? */
static bool is_hidden(const char *name, const char *heading)
{
	if (out.hidden)
		return true;
	return !out.depth && !column_wanted(name, heading);
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
	} else if (out.kind == PRINT_TABLE) {
		table_row();
	} else if (out.kind == PRINT_SHOW && out.rows) {
		fputc('\n', stdout);
	}
	out.rows++;
	out.column = 0;
	out.depth = 0;
	out.members[0] = 0;
}

void print_below(size_t parent)
{
	if (!out.json && out.kind == PRINT_TABLE)
		table_below(parent);
}

static void put_sentences(void)
{
	size_t i;

	for (i = 0; i < out.sentences.count; i++)
		printf("%s%s\n", i ? "" : "\n", out.sentences.item[i]);
	strlist_free(&out.sentences);
}

void print_close(void)
{
	if (out.json || out.kind == PRINT_STREAM)
		end_row();
	if (out.json) {
		if (out.kind != PRINT_STREAM)
			fputs(out.rows ? "\n]\n" : "]\n", stdout);
	} else if (out.kind == PRINT_TABLE) {
		table_end();
		put_sentences();
	}
	fflush(stdout);
}

/* A character of two or three bytes as \u, which no terminal obeys. */
static void put_escape(const unsigned char *s, unsigned int len)
{
	unsigned int code = len == 2 ? s[0] & 0x1f : s[0] & 0x0f, i;

	for (i = 1; i < len; i++)
		code = code << 6 | (s[i] & 0x3f);
	printf("\\u%04x", code);
}

void print_quoted(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int len;

	fputc('"', stdout);
	for (; *s; s += len) {
		len = utf8_length(s);
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if (!len || (len == 1 && utf8_is_control(s, len)))
			printf("\\u%04x", *s);
		else if (utf8_is_control(s, len))
			put_escape(s, len);
		else
			fwrite(s, 1, len, stdout);
		len = len ? len : 1;
	}
	fputc('"', stdout);
}

/* Starts a JSON member: comma, indentation, name. False: it is left out. */
static bool member(const char *name, const char *heading)
{
	unsigned int i;

	if (is_hidden(name, heading))
		return false;
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
		print_quoted(name);
		fputs(": ", stdout);
	}
	return true;
}

/* A text value: @text for people. */
static void put_text(const char *name, const char *heading, const char *text,
		     bool number)
{
	char *clean;

	clean = xstrdup(*text ? text : "-");
	utf8_clean(clean, false);
	if (out.kind == PRINT_TABLE) {
		if (!out.depth)
			table_cell(name, heading, clean, number);
	} else if (is_hidden(name, heading)) {
		;
	} else if (out.kind == PRINT_SHOW && options_given()->noheadings) {
		printf("%s\n", clean);
	} else if (out.kind == PRINT_SHOW) {
		printf("%*s%-*s %s\n", (int)out.depth * 2, "",
		       26 - (int)out.depth * 2, name ? name : "", clean);
	} else if ((heading || options_given()->output) && *text) {
		printf("%s%s", out.column++ ? " " : "", clean);
	}
	free(clean);
}

void print_str(const char *name, const char *heading, const char *value)
{
	if (!out.json)
		put_text(name, heading, value, false);
	else if (member(name, heading))
		print_quoted(value);
}

void print_sentence(const char *name, const char *heading, const char *subject,
		    const char *value)
{
	char *line;

	print_str(name, heading, value);
	if (out.json || out.kind != PRINT_TABLE || !*value ||
	    options_given()->output || column_has(heading))
		return;
	line = xasprintf("%s: %s", subject, value);
	utf8_clean(line, false);
	strlist_add(&out.sentences, line);
	free(line);
}

void print_u64(const char *name, const char *heading, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	if (!out.json)
		put_text(name, heading, text, true);
	else if (member(name, heading))
		fputs(text, stdout);
}

void print_bool(const char *name, const char *heading, bool value)
{
	if (!out.json)
		put_text(name, heading, value ? "yes" : "no", false);
	else if (member(name, heading))
		fputs(value ? "true" : "false", stdout);
}

void print_unset(const char *name, const char *heading)
{
	if (!out.json && out.kind == PRINT_TABLE)
		put_text(name, heading, "", false);
	else if (!out.depth)
		column_seen(name, heading);
}

static void put_list(const struct strlist *list)
{
	size_t i;

	fputc('[', stdout);
	for (i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", stdout);
		print_quoted(list->item[i]);
	}
	fputc(']', stdout);
}

void print_list(const char *name, const char *heading,
		const struct strlist *list)
{
	char *text, *next;
	size_t i;

	if (out.json) {
		if (member(name, heading))
			put_list(list);
		return;
	}
	text = xstrdup("");
	for (i = 0; i < list->count; i++) {
		next = xasprintf("%s%s%s", text, i ? " " : "", list->item[i]);
		free(text);
		text = next;
	}
	put_text(name, heading, text, false);
	free(text);
}

static void down(const char *name, char bracket)
{
	if (out.json ? !member(name, NULL) : is_hidden(name, NULL)) {
		out.hidden++;
	} else if (out.json) {
		fputc(bracket, stdout);
	} else if (out.kind == PRINT_SHOW && name &&
		   !options_given()->noheadings) {
		printf("%*s%s\n", (int)out.depth * 2, "", name);
	}
	out.depth++;
	out.members[out.depth] = 0;
}

static void up(char bracket)
{
	unsigned int i, had = out.members[out.depth];

	out.depth--;
	if (out.hidden) {
		out.hidden--;
		return;
	}
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
