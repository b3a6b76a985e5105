/* SPDX-License-Identifier: GPL-2.0 */
/* The keys of a record as text: in its file, as KEY=VALUE, as a row. */
#ifndef _ISCSICTL_RECORD_KEY_H
#define _ISCSICTL_RECORD_KEY_H

#include "base/strlist.h"
#include "store/record.h"

extern const struct choice record_key_startup_words[];
const char *record_key_startup_name(uint32_t startup);

/*
 * Key or setting @name gets @value; an empty one unsets it. @known says whether
 * records have such a key: if not nothing is changed. 0 or a code.
 */
int record_key_set(struct record *record, const char *name, const char *value,
		   bool *known);
/* Adds KEY=VALUE of all that is set, as they stand in its file. */
void record_key_lines(const struct record *record, struct strlist *lines);
/*
 * KEY=VALUE of `record set`, KEY= to unset; with @force times as short as
 * settings_too_low() refuses them.
 */
int record_key_assign(struct record *record, const char *pair, bool force);
/*
 * Applies the options of a command to a record that it makes: --set (@pairs),
 * --initiator-portal (@source or NULL) and --iface (@iface or NULL). 0 or a code.
 */
int record_key_options(struct record *record, const struct strlist *pairs,
		       bool force, const char *source, const char *iface);
/* Text of key or setting @name; false when it is not set. @text: 256 bytes. */
bool record_key_value(const struct record *record, const char *name, char *text);

/* A key with its value, as it is shown. */
struct record_property {
	const char *name;
	const char *heading;	/* in tables, NULL: none */
	const char *text;	/* digits, or "Yes", where it is one of these: */
	const struct choice *words;	/* what it may be, NULL: anything */
	bool is_number, is_bool;
	bool given;
	char buffer[256];
};

/* That of number @index, settings aside; false when there are no more. */
bool record_key_at(const struct record *record, size_t index,
		   struct record_property *to);

#endif /* _ISCSICTL_RECORD_KEY_H */
