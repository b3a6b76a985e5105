/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few functions of QEMU's interface for plugins that count.c needs;
 * distributions ship QEMU without a header for it.
 */
#ifndef QEMU_PLUGIN_H
#define QEMU_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

struct qemu_plugin_tb;
typedef void (*tb_trans_cb)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*udata_cb)(unsigned int cpu, void *udata);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_trans_cb cb);
/* Before each execution of @tb. */
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  udata_cb cb, int flags, void *udata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

/* What a plugin provides: the interface it was written for, its start. */
extern int qemu_plugin_version;
int qemu_plugin_install(uint64_t id, const void *host, int argc, char **argv);

#endif
