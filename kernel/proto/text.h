/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text of RFC 7143 section 6.1: key=value pairs each ended by a NUL, joined
 * over PDUs with the C bit. Nothing is copied when reading; writing goes to a
 * buffer of the caller and remembers an overflow instead of half a pair.
 */
#ifndef MPIO_PROTO_TEXT_H
#define MPIO_PROTO_TEXT_H

#include "env.h"

#define MPIO_KEY_NAME_MAX	63	/* standard-label, 6.1 */

/* One pair; both point into the text read and are followed by '=' and NUL. */
struct mpio_pair {
	const char *key;
	const char *value;
	u32 key_len;
	u32 value_len;
};

struct mpio_text {
	const char *buf;
	u32 len;
	u32 pos;
};

void mpio_text_init(struct mpio_text *t, const void *buf, u32 len);

/**
 * mpio_text_next - read one pair
 * @t: the text
 * @p: filled in when 1 is returned
 * @why: sentence when refused
 *
 * Empty strings between pairs (NUL used as padding) are passed over.
 *
 * Return: 1 with a pair, 0 at the end, -EPROTO for text without NUL at its
 * end, a pair without '=', or a key name that is none (6.1 standard-label;
 * '#' is let through for the X# keys of RFC 3720).
 */
int mpio_text_next(struct mpio_text *t, struct mpio_pair *p, const char **why);

bool mpio_pair_is(const struct mpio_pair *p, const char *key);
bool mpio_value_is(const struct mpio_pair *p, const char *value);

/* Text being written. After an overflow len stays at the last whole pair. */
struct mpio_textbuf {
	char *buf;
	u32 cap;
	u32 len;
	bool overflow;
};

void mpio_textbuf_init(struct mpio_textbuf *b, void *buf, u32 cap);
void mpio_text_put(struct mpio_textbuf *b, const char *key, const char *value);
void mpio_text_put_len(struct mpio_textbuf *b, const char *key, u32 key_len,
		       const char *value, u32 value_len);
void mpio_text_put_u32(struct mpio_textbuf *b, const char *key, u32 value);
void mpio_text_put_hex(struct mpio_textbuf *b, const char *key, const u8 *bin,
		       u32 len);

/* A logical text data segment growing PDU by PDU, 6.1. */
struct mpio_join {
	u8 *buf;
	u32 cap;
	u32 len;
};

void mpio_join_init(struct mpio_join *j, void *buf, u32 cap);

/* Append; 0, or -EMSGSIZE with @why when the peer sends too much. */
int mpio_join_add(struct mpio_join *j, const void *data, u32 len,
		  const char **why);

/* Values; 0 or -EINVAL, outputs untouched on failure. */
int mpio_parse_u64(const char *s, u32 len, u64 *out);	/* decimal or 0x */
int mpio_parse_u32(const char *s, u32 len, u32 *out);
int mpio_parse_bool(const char *s, u32 len, bool *out);	/* Yes, No */

/**
 * mpio_parse_binary - decode 0x... or 0b... (hex or base64), 6.1
 * @s: the value, @len bytes
 * @len: of @s
 * @out: at most @cap bytes are written
 * @cap: room in @out
 * @out_len: number of bytes decoded
 *
 * An odd number of hex digits stands for (n + 1) / 2 bytes, the first of them
 * below 16.
 *
 * Return: 0, -EINVAL for bad syntax or no digits, -EMSGSIZE beyond @cap.
 */
int mpio_parse_binary(const char *s, u32 len, u8 *out, u32 cap, u32 *out_len);

/**
 * mpio_list_next - take the next element off a comma separated list
 * @s: in: rest of the list; out: what is left
 * @len: length of @s, 0 when nothing is left
 * @item: first byte of the element
 * @item_len: of the element
 *
 * Return: true with an element, false at the end.
 */
bool mpio_list_next(const char **s, u32 *len, const char **item,
		    u32 *item_len);

/* Is @item one of the elements? */
bool mpio_list_has(const char *s, u32 len, const char *item, u32 item_len);

/* A sentence being composed in a caller's buffer, always NUL terminated. */
struct mpio_say {
	char *buf;
	u32 cap;
	u32 len;
};

void mpio_say_init(struct mpio_say *s, char *buf, u32 cap);
void mpio_say(struct mpio_say *s, const char *text);
/* Text of the peer: bytes that are not printable ASCII become '?'. */
void mpio_say_peer(struct mpio_say *s, const char *text, u32 len);
void mpio_say_hex(struct mpio_say *s, u64 n, unsigned int digits);

#endif /* MPIO_PROTO_TEXT_H */
