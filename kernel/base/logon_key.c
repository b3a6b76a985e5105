// SPDX-License-Identifier: GPL-2.0
/*
 * The key is only looked at while a session is added: what relogin needs is
 * copied then, because later logins run in no task that has keyrings. Revoking
 * a key keeps new sessions from it and leaves those that are there alone.
 */
#include "base/logon_key.h"

#include <keys/user-type.h>
#include <linux/err.h>
#include <linux/key.h>

#include "proto/chap.h"

static const struct mpio_key_refusal {
	int err;
	const char *why;
} mpio_key_refusals[] = {
	{ -ENOKEY, "there is no such logon key in the caller's keyrings" },
	{ -EKEYREVOKED, "the logon key has been revoked" },
	{ -EKEYEXPIRED, "the logon key has expired" },
	{ -EKEYREJECTED, "the logon key has been rejected" },
	{ -EACCES, "the caller may not search for the logon key" },
	{ -EINVAL, "a logon key is named kind:name" },
	{ -ENOMEM, "no memory to look for the logon key" },
};

static int mpio_key_refuse(int err, const char **why)
{
	unsigned int i;

	*why = "the logon key cannot be used";
	for (i = 0; i < ARRAY_SIZE(mpio_key_refusals); i++)
		if (mpio_key_refusals[i].err == err)
			*why = mpio_key_refusals[i].why;
	return err;
}

/* key->sem held: the payload stays. */
static int mpio_key_copy(const struct key *key, u8 *secret, u16 *len,
			 const char **why)
{
	const struct user_key_payload *payload = user_key_payload_locked(key);
	u32 used, copied;
	int err;

	if (!payload)
		return mpio_key_refuse(-EKEYREVOKED, why);
	used = payload->datalen;
	if (used && payload->data[used - 1] == '\n')
		used--;
	err = mpio_secret_parse(payload->data, used, secret, &copied, why);
	if (!err)
		*len = copied;
	return err;
}

int mpio_logon_key_read(const char *description, u8 *secret, u16 *len,
			const char **why)
{
	struct key *key = request_key(&key_type_logon, description, NULL);
	int err;

	if (IS_ERR(key))
		return mpio_key_refuse(PTR_ERR(key), why);
	down_read(&key->sem);
	err = mpio_key_copy(key, secret, len, why);
	up_read(&key->sem);
	key_put(key);
	return err;
}
