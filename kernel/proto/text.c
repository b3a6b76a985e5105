// SPDX-License-Identifier: GPL-2.0
/*
 * key=value text, RFC 7143 6.1. See text.h.
 */
#include "text.h"

void mpio_text_init(struct mpio_text *t, const void *buf, u32 len)
{
	t->buf = buf;
	t->len = len;
	t->pos = 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* standard-label of 6.1, '#' for "X#NodeArchitecture", "i" for iSCSI... */
static bool is_key_name(const char *s, u32 len)
{
	u32 i;

	if (!len || len > MPIO_KEY_NAME_MAX || !is_letter(s[0]))
		return false;
	for (i = 1; i < len; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) &&
		    !(s[i] && strchr(".-+@_#", s[i])))
			return false;
	return true;
}

int mpio_text_next(struct mpio_text *t, struct mpio_pair *p, const char **why)
{
	const char *start, *end, *eq;

	while (t->pos < t->len && !t->buf[t->pos])
		t->pos++;
	if (t->pos == t->len)
		return 0;
	start = t->buf + t->pos;
	end = memchr(start, '\0', t->len - t->pos);
	if (!end) {
		*why = "text does not end with a NUL";
		return -EPROTO;
	}
	eq = memchr(start, '=', end - start);
	if (!eq) {
		*why = "text without '=' where a key=value pair belongs";
		return -EPROTO;
	}
	if (!is_key_name(start, eq - start)) {
		*why = "text with a malformed key name";
		return -EPROTO;
	}
	p->key = start;
	p->key_len = eq - start;
	p->value = eq + 1;
	p->value_len = end - p->value;
	t->pos = end - t->buf + 1;
	return 1;
}

static bool same(const char *s, u32 len, const char *word)
{
	return len == strlen(word) && !memcmp(s, word, len);
}

bool mpio_pair_is(const struct mpio_pair *p, const char *key)
{
	return same(p->key, p->key_len, key);
}

bool mpio_value_is(const struct mpio_pair *p, const char *value)
{
	return same(p->value, p->value_len, value);
}

void mpio_textbuf_init(struct mpio_textbuf *b, void *buf, u32 cap)
{
	b->buf = buf;
	b->cap = cap;
	b->len = 0;
	b->overflow = false;
}

/* Room for a whole pair, or none of it is written. */
static char *reserve(struct mpio_textbuf *b, const char *key, u32 key_len,
		     u64 value_len)
{
	u64 need = (u64)key_len + 1 + value_len + 1;
	char *p;

	if (b->overflow || need > b->cap - b->len) {
		b->overflow = true;
		return NULL;
	}
	p = b->buf + b->len;
	memcpy(p, key, key_len);
	p[key_len] = '=';
	b->len += need;
	b->buf[b->len - 1] = '\0';
	return p + key_len + 1;
}

void mpio_text_put_len(struct mpio_textbuf *b, const char *key, u32 key_len,
		       const char *value, u32 value_len)
{
	char *p = reserve(b, key, key_len, value_len);

	if (p)
		memcpy(p, value, value_len);
}

void mpio_text_put(struct mpio_textbuf *b, const char *key, const char *value)
{
	mpio_text_put_len(b, key, strlen(key), value, strlen(value));
}

/* Decimal digits of @n, right aligned in @buf[10]; returns the first. */
static char *decimal(char buf[10], u32 n, u32 *len)
{
	char *p = buf + 10;

	do {
		*--p = '0' + n % 10;
		n /= 10;
	} while (n);
	*len = buf + 10 - p;
	return p;
}

void mpio_text_put_u32(struct mpio_textbuf *b, const char *key, u32 value)
{
	char digits[10];
	u32 len;
	char *p = decimal(digits, value, &len);

	mpio_text_put_len(b, key, strlen(key), p, len);
}

void mpio_text_put_hex(struct mpio_textbuf *b, const char *key, const u8 *bin,
		       u32 len)
{
	static const char hex[] = "0123456789abcdef";
	char *p = reserve(b, key, strlen(key), 2 + 2 * (u64)len);
	u32 i;

	if (!p)
		return;
	*p++ = '0';
	*p++ = 'x';
	for (i = 0; i < len; i++) {
		*p++ = hex[bin[i] >> 4];
		*p++ = hex[bin[i] & 15];
	}
}

void mpio_join_init(struct mpio_join *j, void *buf, u32 cap)
{
	j->buf = buf;
	j->cap = cap;
	j->len = 0;
}

int mpio_join_add(struct mpio_join *j, const void *data, u32 len,
		  const char **why)
{
	if (len > j->cap - j->len) {
		*why = "more text than this initiator has room for";
		return -EMSGSIZE;
	}
	if (len)
		memcpy(j->buf + j->len, data, len);
	j->len += len;
	return 0;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool has_prefix(const char *s, u32 len, char lower)
{
	return len >= 2 && s[0] == '0' && (s[1] | 0x20) == lower;
}

int mpio_parse_u64(const char *s, u32 len, u64 *out)
{
	const bool hex = has_prefix(s, len, 'x');
	u32 i = hex ? 2 : 0;
	u64 n = 0;

	if (i == len)
		return -EINVAL;
	for (; i < len; i++) {
		int d = hex_digit(s[i]);

		if (d < 0 || (!hex && d > 9))
			return -EINVAL;
		if (hex) {
			if (n >> 60)
				return -EINVAL;
			n = n << 4 | d;
		} else {
			if (n > 1844674407370955161ULL ||
			    (n == 1844674407370955161ULL && d > 5))
				return -EINVAL;
			n = n * 10 + d;
		}
	}
	*out = n;
	return 0;
}

int mpio_parse_u32(const char *s, u32 len, u32 *out)
{
	u64 n;

	if (mpio_parse_u64(s, len, &n) || n > 0xffffffff)
		return -EINVAL;
	*out = (u32)n;
	return 0;
}

int mpio_parse_bool(const char *s, u32 len, bool *out)
{
	if (same(s, len, "Yes"))
		*out = true;
	else if (same(s, len, "No"))
		*out = false;
	else
		return -EINVAL;
	return 0;
}

static int parse_hex(const char *s, u32 len, u8 *out, u32 cap, u32 *out_len)
{
	u32 n = len / 2 + (len & 1);
	u32 i;

	if (!len)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (hex_digit(s[i]) < 0)
			return -EINVAL;
	if (n > cap)
		return -EMSGSIZE;
	for (i = 0; i < n; i++)
		out[i] = 0;
	/* An odd count leaves the first byte with one digit. */
	for (i = 0; i < len; i++) {
		u8 *b = out + (i + (len & 1)) / 2;

		*b = (u8)(*b << 4 | hex_digit(s[i]));
	}
	*out_len = n;
	return 0;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static int parse_base64(const char *s, u32 len, u8 *out, u32 cap, u32 *out_len)
{
	u32 digits = len, acc = 0, n = 0, i;

	/* RFC 4648 4: whole groups of four, at most two '=' at the end */
	if (!len || len % 4)
		return -EINVAL;
	while (digits > len - 2 && s[digits - 1] == '=')
		digits--;
	for (i = 0; i < digits; i++)
		if (base64_digit(s[i]) < 0)
			return -EINVAL;
	/* the bits of a last, partial group that make no byte must be zero */
	if ((digits % 4 == 2 && (base64_digit(s[digits - 1]) & 15)) ||
	    (digits % 4 == 3 && (base64_digit(s[digits - 1]) & 3)))
		return -EINVAL;
	if ((u64)digits * 6 / 8 > cap)
		return -EMSGSIZE;
	for (i = 0; i < digits; i++) {
		acc = acc << 6 | base64_digit(s[i]);
		if (i % 4)
			out[n++] = (u8)(acc >> (6 - 2 * (i % 4)));
	}
	*out_len = n;
	return 0;
}

int mpio_parse_binary(const char *s, u32 len, u8 *out, u32 cap, u32 *out_len)
{
	if (has_prefix(s, len, 'x'))
		return parse_hex(s + 2, len - 2, out, cap, out_len);
	if (has_prefix(s, len, 'b'))
		return parse_base64(s + 2, len - 2, out, cap, out_len);
	return -EINVAL;
}

bool mpio_list_next(const char **s, u32 *len, const char **item, u32 *item_len)
{
	const char *comma;

	if (!*len)
		return false;
	comma = memchr(*s, ',', *len);
	*item = *s;
	*item_len = comma ? (u32)(comma - *s) : *len;
	*s += *item_len + !!comma;
	*len -= *item_len + !!comma;
	return true;
}

bool mpio_list_has(const char *s, u32 len, const char *item, u32 item_len)
{
	const char *it;
	u32 it_len;

	while (mpio_list_next(&s, &len, &it, &it_len))
		if (it_len == item_len && !memcmp(it, item, it_len))
			return true;
	return false;
}

void mpio_say_init(struct mpio_say *s, char *buf, u32 cap)
{
	s->buf = buf;
	s->cap = cap;
	s->len = 0;
	buf[0] = '\0';
}

void mpio_say_peer(struct mpio_say *s, const char *text, u32 len)
{
	u32 i;

	for (i = 0; i < len && s->len + 1 < s->cap; i++) {
		char c = text[i];

		s->buf[s->len++] = c >= ' ' && c <= '~' ? c : '?';
	}
	s->buf[s->len] = '\0';
}

void mpio_say(struct mpio_say *s, const char *text)
{
	mpio_say_peer(s, text, strlen(text));
}

void mpio_say_hex(struct mpio_say *s, u64 n, unsigned int digits)
{
	static const char hex[] = "0123456789abcdef";

	while (digits--)
		mpio_say_peer(s, &hex[(n >> (4 * (digits & 15))) & 15], 1);
}
