/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHAP secrets from logon keys. Userspace can make such a key and name it, but
 * never read it back, so the kernel takes the secret out of the keyring.
 */
#ifndef _MPIO_LOGON_KEY_H
#define _MPIO_LOGON_KEY_H

#include <linux/types.h>

/**
 * mpio_logon_key_read - copy the secret a logon key holds
 * @description: "kind:name" of a key in the keyrings of the current task
 * @secret: MPIO_SECRET_MAX bytes, untouched on failure; the caller wipes it
 * @len: set to 12 ... 255
 * @why: sentence when refused, a constant
 *
 * The payload is a secret as people write it (mpio_secret_parse()); one line
 * end after it is not part of it. Nothing is asked of userspace when the key
 * is not there. Process context of the one who asks, may sleep.
 *
 * Return: 0, -ENOKEY, -EKEYREVOKED, -EKEYEXPIRED, -EACCES, -EINVAL or -ENOMEM.
 */
int mpio_logon_key_read(const char *description, u8 *secret, u16 *len,
			const char **why);

#endif /* _MPIO_LOGON_KEY_H */
