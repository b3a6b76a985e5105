/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test harness of one page. A suite is a function that walks its tables and
 * calls check() once per case; what a case is about is its description.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../kernel/proto/env.h"

void unit_report(bool ok, const char *file, int line, const char *desc);

#define check(ok, desc) unit_report(ok, __FILE__, __LINE__, desc)

/* Does the sentence say this, and is it one (lower case, no full stop)? */
bool unit_says(const char *why, const char *part);

/* A copy of exactly @len bytes on the heap, so that ASan sees byte @len;
 * zeroes when @data is NULL.
 */
void *unit_exact(const void *data, size_t len);

/* Suites that run in a kernel, too: kunit/main.c. */
#define UNIT_PROTO_SUITES \
	{ "pdu", test_pdu }, \
	{ "extent", test_extent }, \
	{ "text", test_text }, \
	{ "keys", test_keys }, \
	{ "chap", test_chap }, \
	{ "login", test_login }, \
	{ "scsi", test_scsi }, \
	{ "identity", test_identity }, \
	{ "reserve", test_reserve }, \
	{ "name", test_name }

void test_pdu(void);
void test_text(void);
void test_extent(void);
void test_keys(void);
void test_chap(void);
void test_login(void);
void test_sendtargets(void);
void test_scsi(void);
void test_identity(void);
void test_reserve(void);
void test_name(void);
void test_disposition(void);
void test_firmware(void);
void test_histogram(void);
void test_bootline(void);
void test_dhcp(void);
void test_message(void);

/* CHAP hashes by nettle; fails when priv is not NULL and *(int *)priv. */
struct mpio_hash_ops;
extern const struct mpio_hash_ops unit_hash_ops;

#endif /* UNIT_H */
