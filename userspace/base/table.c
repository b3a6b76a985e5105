// SPDX-License-Identifier: GPL-2.0
/* Cells are kept until all are there: which columns there are, rows tell. */
#include "base/table.h"

#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/column.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/terminal.h"

#define MAX_COLUMNS	96
#define NO_PARENT	((size_t)-1)

struct column {
	char *name;
	char *heading;		/* NULL: only on demand */
	bool number;
};

struct row {
	char *cell[MAX_COLUMNS];	/* by column */
	size_t parent;
	struct libscols_line *line;
};

static struct {
	struct column column[MAX_COLUMNS];
	size_t columns;
	struct row **row;
	size_t rows;
	bool tree;
} table;

void table_begin(void)
{
	memset(&table, 0, sizeof(table));
}

void table_row(void)
{
	struct row *row = xcalloc(1, sizeof(*row));

	row->parent = NO_PARENT;
	table.row = xrealloc(table.row, table.rows + 1, sizeof(*table.row));
	table.row[table.rows++] = row;
}

void table_below(size_t parent)
{
	table.row[table.rows - 1]->parent = parent;
	table.tree = true;
}

/* Properties of several kinds of rows share a column by its heading. */
static bool is_column(const struct column *column, const char *name,
		      const char *heading)
{
	if (heading && column->heading)
		return !strcmp(column->heading, heading);
	return !strcmp(column->name, name);
}

void table_cell(const char *name, const char *heading, const char *text,
		bool number)
{
	struct column *column;
	size_t i;

	for (i = 0; i < table.columns; i++)
		if (is_column(&table.column[i], name, heading))
			break;
	if (i == MAX_COLUMNS)
		return;
	column = &table.column[i];
	if (i == table.columns) {
		column->name = xstrdup(name);
		column->heading = heading ? xstrdup(heading) : NULL;
		column->number = number;
		table.columns++;
	}
	column_seen(name, heading);
	free(table.row[table.rows - 1]->cell[i]);
	table.row[table.rows - 1]->cell[i] = xstrdup(text);
}

/* The columns to print, by number, in order; returns how many. */
static size_t choose(size_t *shown)
{
	const struct strlist *list = column_list();
	size_t count = 0, i, j;

	for (i = 0; !list && i < table.columns; i++)
		if (table.column[i].heading)
			shown[count++] = i;
	for (i = 0; list && i < list->count && count < MAX_COLUMNS; i++)
		for (j = 0; j < table.columns; j++)
			if (column_is(list->item[i], table.column[j].name,
				      table.column[j].heading)) {
				shown[count++] = j;
				break;
			}
	return count;
}

/* What may be long: wrapped where a terminal is too narrow for it. */
static bool is_long(const struct column *column)
{
	static const char *const headings[] = {
		"TARGET", "ERROR", "REASON", "PORTALS", "DISKS", "DETAIL",
		"RESULT", "WHAT", "WHERE", "FILE",
	};
	size_t i;

	for (i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
		if (column->heading && !strcmp(column->heading, headings[i]))
			return true;
	return false;
}

static void add_column(struct libscols_table *out, const struct column *column,
		       bool first)
{
	int flags = column->number ? SCOLS_FL_RIGHT : 0;

	if (is_long(column) && !options_given()->wide)
		flags = SCOLS_FL_WRAP;
	if (first && table.tree)
		flags = SCOLS_FL_TREE;
	if (!scols_table_new_column(out, column->heading ? column->heading :
				    column->name, 0, flags))
		exit(CODE_NOMEM);
}

static void add_row(struct libscols_table *out, struct row *row,
		    const size_t *shown, size_t count)
{
	struct libscols_line *parent = row->parent == NO_PARENT ? NULL :
				       table.row[row->parent]->line;
	const char *text;
	enum colour colour;
	size_t i;

	row->line = scols_table_new_line(out, parent);
	if (!row->line)
		exit(CODE_NOMEM);
	for (i = 0; i < count; i++) {
		text = row->cell[shown[i]] ? row->cell[shown[i]] : "-";
		if (scols_line_set_data(row->line, i, text))
			exit(CODE_NOMEM);
		colour = terminal_coloured() ? terminal_colour_of_word(text) :
			 COLOUR_NONE;
		if (colour != COLOUR_NONE)
			scols_cell_set_color(scols_line_get_cell(row->line, i),
					     terminal_colour_begin(colour));
	}
}

/*
 * Names are UTF-8 whatever the locale (RFC 7143 4.2.7), and are told as they are;
 * what a tree is drawn with goes by the locale.
 */
static void print_as_utf8(struct libscols_table *out)
{
	bool utf8 = terminal_utf8();

	scols_table_enable_ascii(out, !utf8);
	if (!utf8)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (scols_print_table(out))
		exit(CODE_NOMEM);
	if (!utf8)
		setlocale(LC_CTYPE, "");
}

static void print_out(const size_t *shown, size_t count)
{
	struct libscols_table *out = scols_new_table();
	size_t i;

	if (!out)
		exit(CODE_NOMEM);
	scols_table_enable_colors(out, terminal_coloured());
	scols_table_enable_noheadings(out, options_given()->noheadings);
	scols_table_set_column_separator(out, "  ");
	/* Wide on request: no edge to stop at. */
	if (options_given()->wide)
		scols_table_set_termforce(out, SCOLS_TERMFORCE_NEVER);
	for (i = 0; i < count; i++)
		add_column(out, &table.column[shown[i]], !i);
	for (i = 0; i < table.rows; i++)
		add_row(out, table.row[i], shown, count);
	fflush(stdout);
	print_as_utf8(out);
	scols_unref_table(out);
}

/* A table without rows says what it would have told. */
static void print_headings(void)
{
	const struct strlist *list = column_list();
	size_t i;

	for (i = 0; list && i < list->count; i++)
		printf("%s%s", i ? "  " : "", list->item[i]);
	if (list)
		putchar('\n');
}

void table_end(void)
{
	size_t shown[MAX_COLUMNS], count, i, j;

	count = choose(shown);
	if (!table.rows && !options_given()->noheadings)
		print_headings();
	else if (table.rows && count)
		print_out(shown, count);
	for (i = 0; i < table.rows; i++) {
		for (j = 0; j < table.columns; j++)
			free(table.row[i]->cell[j]);
		free(table.row[i]);
	}
	for (i = 0; i < table.columns; i++) {
		free(table.column[i].name);
		free(table.column[i].heading);
	}
	free(table.row);
	memset(&table, 0, sizeof(table));
}
