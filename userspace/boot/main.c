// SPDX-License-Identifier: GPL-2.0
/*
 * iscsi-mpio-boot: what the beginning and the end of a machine's life need of
 * the tool, small enough for an initramfs. The sources are iscsictl's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/options.h"
#include "base/version.h"
#include "boot/boot.h"
#include "boot/lease.h"

#define BOUND_SECONDS	10

static const char usage[] =
	"usage: iscsi-mpio-boot start           in the initramfs: find the disk to boot from\n"
	"       iscsi-mpio-boot sessions [PATH...] the same where others bring up the network\n"
	"                                       and wait for the disk; root paths of DHCP\n"
	"       iscsi-mpio-boot renew           ask DHCP servers for our addresses again\n"
	"       iscsi-mpio-boot bound [SECONDS] at shutdown: wait no longer than this for a path\n"
	"       iscsi-mpio-boot unbound         the shutdown did not happen: wait as before\n"
	"       iscsi-mpio-boot last HOW        at the end: reboot, poweroff, halt or kexec a\n"
	"                                       machine whose root disk is gone\n"
	"       iscsi-mpio-boot stay DIR        copy this program into memory at DIR\n";

static int bound(const char *text)
{
	int64_t seconds = BOUND_SECONDS;

	if (text && args_number(text, 0, 86400, &seconds))
		return failed(CODE_INVALID, "bound %s", text);
	return boot_bound(seconds);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	const char *operand = argc > 2 ? argv[2] : NULL;

	error_program = "iscsi-mpio-boot";
	options_init();
	if (argc <= 3 && !strcmp(verb, "bound"))
		return bound(operand);
	if (argc == 2 && !strcmp(verb, "unbound"))
		return boot_unbound();
	if (argc == 2 && !strcmp(verb, "start"))
		return boot_start();
	if (argc >= 2 && !strcmp(verb, "sessions"))
		return boot_sessions(argv + 2, argc - 2);
	if (argc == 2 && !strcmp(verb, "renew"))
		return boot_renew();
	if (argc == 3 && !strcmp(verb, "last"))
		return boot_last(operand, BOUND_SECONDS);
	if (argc == 3 && !strcmp(verb, "stay"))
		return boot_stay(operand);
	if (argc == 2 && !strcmp(verb, "--version")) {
		puts("iscsi-mpio-boot " ISCSICTL_VERSION);
		return 0;
	}
	fputs(usage, strcmp(verb, "--help") ? stderr : stdout);
	return strcmp(verb, "--help") ? CODE_INVALID : 0;
}
