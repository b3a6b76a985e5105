/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share: a cursor over the input and an assertion that
 * the fuzzer counts as a crash.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdlib.h>

#include "../../kernel/proto/env.h"

#define must(cond) do { if (!(cond)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct feed {
	const u8 *p;
	size_t rest;
};

static inline u8 feed_byte(struct feed *f)
{
	if (!f->rest)
		return 0;
	f->rest--;
	return *f->p++;
}

/* Up to @n bytes, copied to the heap so that ASan sees their end. */
static inline u8 *feed_copy(struct feed *f, size_t n, u32 *len)
{
	u8 *copy;

	*len = n < f->rest ? n : f->rest;
	copy = malloc(*len + !*len);
	must(copy);
	if (*len)
		memcpy(copy, f->p, *len);
	f->p += *len;
	f->rest -= *len;
	return copy;
}

/* A refusal must say why. */
static inline void must_say(const char *why)
{
	must(why && *why);
}

#endif /* FUZZ_H */
