// SPDX-License-Identifier: GPL-2.0
/* A strict recursive descent over RFC 8259 with a bound on depth. */
#include "base/json.h"

#include <ctype.h>
#include <errno.h>
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

struct reader {
	const char *at;
	const char *name;
	struct strlist *values;
	struct strlist *objects;
	int depth;
};

static bool value(struct reader *r, bool wanted);

static void space(struct reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

static bool expect(struct reader *r, char c)
{
	space(r);
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static int hex4(const char *s)
{
	int i, n = 0;

	for (i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)s[i]))
			return -1;
		n = n * 16 + (isdigit((unsigned char)s[i]) ? s[i] - '0' :
			      (s[i] | 0x20) - 'a' + 10);
	}
	return n;
}

/* Beyond ASCII nothing we look for is escaped: '?' stands for it. */
static bool escape(struct reader *r, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	int code;

	if (*r->at == 'u') {
		code = hex4(r->at + 1);
		if (code < 0)
			return false;
		r->at += 5;
		*out = code > 0 && code < 0x80 ? code : '?';
		return true;
	}
	hit = *r->at ? strchr(from, *r->at) : NULL;
	if (!hit)
		return false;
	*out = to[hit - from];
	r->at++;
	return true;
}

/* The string at hand; the caller frees *out. */
static bool string(struct reader *r, char **out)
{
	size_t len = 0;
	char *text;

	*out = NULL;
	if (!expect(r, '"'))
		return false;
	text = xcalloc(1, strcspn(r->at, "\n") + 1);
	while (*r->at && *r->at != '"' && (unsigned char)*r->at >= 0x20) {
		if (*r->at != '\\') {
			text[len++] = *r->at++;
			continue;
		}
		r->at++;
		if (!escape(r, &text[len++]))
			break;
	}
	if (*r->at != '"') {
		free(text);
		return false;
	}
	r->at++;
	*out = text;
	return true;
}

static bool number(struct reader *r)
{
	size_t len = strspn(r->at, "+-0123456789.eE");

	r->at += len;
	return len;
}

static bool is_scalar(const struct reader *r)
{
	return *r->at == '"' || (*r->at >= '0' && *r->at <= '9');
}

/* A number as it is written there. */
static bool digits(struct reader *r, char **text)
{
	const char *start = r->at;

	if (!number(r))
		return false;
	*text = xasprintf("%.*s", (int)(r->at - start), start);
	return true;
}

static bool member(struct reader *r, bool wanted)
{
	char *name, *text = NULL;
	bool ok;

	if (!string(r, &name))
		return false;
	ok = expect(r, ':');
	space(r);
	if (ok && wanted && !strcmp(name, r->name) && is_scalar(r)) {
		ok = *r->at == '"' ? string(r, &text) : digits(r, &text);
		if (ok)
			strlist_add(r->values, text);
		free(text);
	} else if (ok) {
		ok = value(r, false);
	}
	free(name);
	return ok;
}

static bool object(struct reader *r, bool wanted)
{
	const char *start = r->at;
	char *text;

	r->at++;
	if (!expect(r, '}')) {
		do {
			if (!member(r, wanted))
				return false;
		} while (expect(r, ','));
		if (!expect(r, '}'))
			return false;
	}
	if (wanted && r->objects) {
		text = xasprintf("%.*s", (int)(r->at - start), start);
		strlist_add(r->objects, text);
		free(text);
	}
	return true;
}

static bool array(struct reader *r, bool wanted)
{
	r->at++;
	if (expect(r, ']'))
		return true;
	do {
		if (!value(r, wanted))
			return false;
	} while (expect(r, ','));
	return expect(r, ']');
}

static bool word(struct reader *r, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(r->at, text, len))
		return false;
	r->at += len;
	return true;
}

static bool value(struct reader *r, bool wanted)
{
	char *text;
	bool ok;

	space(r);
	if (++r->depth > DEPTH_MAX)
		return false;
	switch (*r->at) {
	case '{':
		ok = object(r, wanted);
		break;
	case '[':
		ok = array(r, wanted && r->depth == 1);
		break;
	case '"':
		ok = string(r, &text);
		free(text);
		break;
	default:
		ok = word(r, "true") || word(r, "false") ||
		     word(r, "null") || number(r);
	}
	r->depth--;
	return ok;
}

int json_strings(const char *text, const char *name, struct strlist *values,
		 struct strlist *objects)
{
	struct reader r = { text, name, values, objects, 0 };

	if (!value(&r, true))
		return because(CODE_INVALID,
			       "this is not JSON, near \"%.20s\"", r.at);
	space(&r);
	if (*r.at)
		return because(CODE_INVALID, "text follows the JSON value");
	return 0;
}

/* The rest of one member; *dropped says that it was @name. */
static bool pass_member(struct reader *r, const char *name, bool *dropped)
{
	char *is;

	if (!string(r, &is))
		return false;
	*dropped = !strcasecmp(is, name);
	free(is);
	return expect(r, ':') && value(r, false);
}

char *json_without(const char *text, const char *name)
{
	struct reader r = { .at = text };
	char *out = NULL;
	const char *start;
	bool dropped, ok;
	size_t size, kept = 0;
	FILE *mem = open_memstream(&out, &size);

	if (!mem)
		exit(CODE_NOMEM);
	fputc('{', mem);
	ok = expect(&r, '{');
	if (ok && !expect(&r, '}')) {
		do {
			start = r.at;
			ok = pass_member(&r, name, &dropped);
			if (ok && !dropped)
				fprintf(mem, "%s%.*s", kept++ ? "," : "",
					(int)(r.at - start), start);
		} while (ok && expect(&r, ','));
		ok = ok && expect(&r, '}');
	}
	fputs(kept ? "\n  }" : "}", mem);
	fclose(mem);
	if (ok)
		return out;
	free(out);
	return NULL;
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
