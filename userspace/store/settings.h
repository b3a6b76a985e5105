/* SPDX-License-Identifier: GPL-2.0 */
/* Timers and limits by the names people use for them. */
#ifndef _ISCSICTL_SETTINGS_H
#define _ISCSICTL_SETTINGS_H

#include "module/model.h"

/* Name of setting @attr (enum mpio_setting_attr). */
const char *settings_name(unsigned int attr);
/* Value as text; @text holds 16 bytes. */
const char *settings_text(unsigned int attr, uint32_t value, char *text);
/* Words it may have beside or instead of a number, NULL: none. */
const struct choice *settings_words(unsigned int attr);
/* Number of the setting, 0 if @key is none. */
unsigned int settings_find(const char *key);
/* Times by args_time(), a number alone in ms; "" unsets. */
int settings_parse(struct settings *settings, unsigned int attr,
		   const char *value);
/* A code if a time is so far below its default that it is a mistake. */
int settings_too_low(const struct settings *settings, unsigned int attr);
/*
 * "Key=Value" with the nearest when the key is unknown; with @force whatever
 * settings_too_low() says.
 */
int settings_assign(struct settings *settings, const char *pair, bool force);
bool settings_any(const struct settings *settings);
/* Fills what is UNSET in @to from @from. */
void settings_merge(struct settings *to, const struct settings *from);

#endif /* _ISCSICTL_SETTINGS_H */
