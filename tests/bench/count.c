// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG: how often each piece of guest code ran.
 *
 * Counts executions of translation blocks. Every time the guest executes code
 * at MARK (see mark.S) the counts since the last mark are written to
 * PREFIX.NUMBER and start again from 0, one line for each block that ran:
 *
 *	ADDRESS INSTRUCTIONS-IN-THE-BLOCK EXECUTIONS
 *
 * User space, whatever the process, is one line with address 0. A block ends
 * at the latest where a function does, and one begins where a function is
 * called: lines whose address is that of a symbol tell the number of calls.
 *
 * One virtual CPU only.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

#ifndef PLUGIN_API
#define PLUGIN_API 2
#endif

#define KERNEL_HALF	(1ULL << 63)
#define BUCKETS		(1U << 16)

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;

struct block {
	struct block *next;
	uint64_t address;
	uint64_t instructions;
	uint64_t executions;
};

static struct block *blocks[BUCKETS];
static const char *prefix = "count";
static unsigned int marks;

/* Code may be thrown away and translated again: the count goes on. */
static struct block *block_get(uint64_t address, uint64_t instructions)
{
	struct block **bucket = &blocks[(address ^ address >> 16) % BUCKETS];
	struct block *b;

	for (b = *bucket; b; b = b->next)
		if (b->address == address && b->instructions == instructions)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->address = address;
	b->instructions = instructions;
	b->next = *bucket;
	*bucket = b;
	return b;
}

static void on_block(unsigned int cpu, void *udata)
{
	struct block *b = udata;

	b->executions++;
}

static void on_mark(unsigned int cpu, void *udata)
{
	uint64_t user = 0;
	char name[4096];
	unsigned int i;
	FILE *out;

	snprintf(name, sizeof(name), "%s.%u", prefix, marks++);
	out = fopen(name, "w");
	if (!out) {
		perror(name);
		exit(1);
	}
	for (i = 0; i < BUCKETS; i++) {
		for (struct block *b = blocks[i]; b; b = b->next) {
			if (!b->executions)
				continue;
			if (b->address & KERNEL_HALF)
				fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
					b->address, b->instructions,
					b->executions);
			else
				user += b->instructions * b->executions;
			b->executions = 0;
		}
	}
	fprintf(out, "0 1 %" PRIu64 "\n", user);
	fclose(out);
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	struct block *b = block_get(address, qemu_plugin_tb_n_insns(tb));

	if (address == MARK)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_mark, 0, NULL);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, 0, b);
}

/* Argument: out=PREFIX */
__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *host, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			prefix = strdup(argv[i] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
