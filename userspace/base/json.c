// SPDX-License-Identifier: GPL-2.0
/* By json-c, as strictly as it can. */
#include "base/json.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/print.h"
#include "base/strlist.h"

#define DEPTH_MAX	32
#define INPUT_MAX	(16U << 20)

/* The value that @text is, with *end behind it; NULL, with why(). */
static struct json_object *parse(const char *text)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *value;
	enum json_tokener_error error;
	size_t len = strlen(text), end;

	if (!tokener || len >= INT_MAX)
		exit(CODE_NOMEM);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
			       JSON_TOKENER_VALIDATE_UTF8 |
			       JSON_TOKENER_ALLOW_TRAILING_CHARS);
	/* With the end of the text: it ends a number. */
	value = json_tokener_parse_ex(tokener, text, len + 1);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	end = end < len ? end : len;
	if (error != json_tokener_success || !value) {
		because(CODE_INVALID, "this is not JSON, near \"%.20s\"",
			text + end);
	} else if (text[end + strspn(text + end, " \t\r\n")]) {
		because(CODE_INVALID, "text follows the JSON value");
		json_object_put(value);
		value = NULL;
	}
	return error == json_tokener_success ? value : NULL;
}

static void take(struct json_object *object, const char *name,
		 struct strlist *values, struct strlist *objects)
{
	const int plain = JSON_C_TO_STRING_PLAIN |
			  JSON_C_TO_STRING_NOSLASHESCAPE;
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object))
		return;
	if (objects)
		strlist_add(objects, json_object_to_json_string_ext(object,
								    plain));
	if (!json_object_object_get_ex(object, name, &value))
		return;
	if (json_object_is_type(value, json_type_string) ||
	    json_object_is_type(value, json_type_int) ||
	    json_object_is_type(value, json_type_double))
		strlist_add(values, json_object_get_string(value));
}

int json_strings(const char *text, const char *name, struct strlist *values,
		 struct strlist *objects)
{
	struct json_object *value = parse(text);
	size_t i;

	if (!value)
		return CODE_INVALID;
	if (!json_object_is_type(value, json_type_array))
		take(value, name, values, objects);
	else
		for (i = 0; i < json_object_array_length(value); i++)
			take(json_object_array_get_idx(value, i), name,
			     values, objects);
	json_object_put(value);
	return 0;
}

static void put_value(struct json_object *value, unsigned int depth);

static void new_line(unsigned int depth)
{
	printf("\n%*s", (int)depth * 2, "");
}

/* Values alone stand on one line, objects each on lines of their own. */
static void put_array(struct json_object *array, unsigned int depth)
{
	size_t i, count = json_object_array_length(array);
	struct json_object *item;
	bool objects = false;

	putchar('[');
	for (i = 0; i < count; i++) {
		item = json_object_array_get_idx(array, i);
		objects = json_object_is_type(item, json_type_object) ||
			  json_object_is_type(item, json_type_array);
		if (i)
			fputs(objects ? "," : ", ", stdout);
		if (objects)
			new_line(depth + 1);
		put_value(item, depth + 1);
	}
	if (objects)
		new_line(depth);
	putchar(']');
}

/* @but is left out, in whatever case; @count are printed already. */
static void put_members(struct json_object *object, unsigned int depth,
			const char *but, size_t count)
{
	json_object_object_foreach(object, name, value) {
		if (but && !strcasecmp(name, but))
			continue;
		if (count++)
			putchar(',');
		new_line(depth + 1);
		print_quoted(name);
		fputs(": ", stdout);
		put_value(value, depth + 1);
	}
	if (count)
		new_line(depth);
}

static void put_value(struct json_object *value, unsigned int depth)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		putchar('{');
		put_members(value, depth, NULL, 0);
		putchar('}');
		break;
	case json_type_array:
		put_array(value, depth);
		break;
	case json_type_string:
		print_quoted(json_object_get_string(value));
		break;
	default:
		fputs(value ? json_object_get_string(value) : "null", stdout);
	}
}

int json_print_of(const char *text, const char *name, const char *owner)
{
	struct json_object *object = parse(text);

	if (!object)
		return CODE_INVALID;
	putchar('{');
	new_line(2);
	print_quoted(name);
	fputs(": ", stdout);
	print_quoted(owner);
	put_members(object, 1, name, 1);
	putchar('}');
	json_object_put(object);
	return 0;
}

int json_read_stdin(char **text)
{
	size_t used = 0, size = 65536;
	ssize_t n;

	*text = xcalloc(1, size + 1);
	while ((n = read(STDIN_FILENO, *text + used, size - used))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return because(CODE_INVALID,
				       "standard input cannot be read");
		used += n;
		if (used < size)
			continue;
		if (size >= INPUT_MAX)
			return because(CODE_INVALID,
				       "standard input is too long");
		size *= 2;
		*text = xrealloc(*text, size + 1, 1);
	}
	(*text)[used] = '\0';
	return 0;
}
