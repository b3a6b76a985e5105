// SPDX-License-Identifier: GPL-2.0
/* Objects in the pipe: the property that names each becomes an operand. */
#include "base/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/strlist.h"

const struct option input_options[] = {
	{ "from-json", OPT_STRING, offsetof(struct input, from_json), "-",
	  "take them from objects of JSON on standard input" },
	{}
};

/* Is a secret to come from standard input? */
static bool wants_input(const struct command *c, const void *options)
{
	const struct option *o;
	const char *value;

	for (o = c->options; o && o->name; o++) {
		if (o->kind != OPT_STRING || !strstr(o->name, "secret"))
			continue;
		value = *(const char *const *)((const char *)options +
					       o->offset);
		if (value && !strcmp(value, "-"))
			return true;
	}
	return false;
}

/* Adds property @property of @object, if it has it. */
static void take_property(const char *object, const char *property,
			  struct strlist *operands)
{
	struct strlist name = {}, port = {};
	char *text;

	json_strings(object, property, &name, NULL);
	/* An address alone is one at the usual port, which it need not be. */
	if (!strcmp(property, "TargetPortalAddress"))
		json_strings(object, "TargetPortalPortNumber", &port, NULL);
	if (name.count && port.count) {
		text = xasprintf(strchr(name.item[0], ':') ? "[%s]:%s" :
				 "%s:%s", name.item[0], port.item[0]);
		strlist_add(operands, text);
		free(text);
	} else if (name.count) {
		strlist_add(operands, name.item[0]);
	}
	strlist_free(&name);
	strlist_free(&port);
}

/* The first of @properties, "A|B|C", that it has. */
static void take_object(const char *object, const char *properties,
			struct strlist *operands)
{
	size_t before = operands->count;
	char *list = xstrdup(properties), *at = list, *one;

	while ((one = strsep(&at, "|")) && operands->count == before)
		take_property(object, one, operands);
	free(list);
}

static int take_objects(const struct command *c, struct strlist *operands)
{
	struct strlist names = {}, objects = {};
	size_t i, before = operands->count;
	char *text = NULL;
	int ret;

	ret = json_read_stdin(&text);
	if (!ret)
		ret = json_strings(text, "", &names, &objects);
	for (i = 0; i < objects.count && !ret; i++)
		take_object(objects.item[i], c->input, operands);
	if (!ret && operands->count == before)
		ret = because(CODE_INVALID, "no object has a %.*s",
			      (int)strcspn(c->input, "|"), c->input);
	free(text);
	strlist_free(&names);
	strlist_free(&objects);
	return ret;
}

int input_take(const struct command *c, const struct input *input,
	       const void *options, struct strlist *operands)
{
	int ret;

	if (strcmp(input->from_json, "-"))
		ret = because(CODE_INVALID,
			      "only - (standard input) is supported");
	else if (wants_input(c, options))
		ret = because(CODE_INVALID,
			      "standard input cannot give both objects and a secret");
	else
		ret = take_objects(c, operands);
	return ret ? failed(ret, "cannot %s%s%s", c->noun ? c->noun : "",
			    c->noun ? " " : "", c->verb) : 0;
}
