// SPDX-License-Identifier: GPL-2.0
/* Modules by modprobe(8). */
#include "module/module.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "boot/boot.h"

int boot_modprobe(const char *name)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		execlp("modprobe", "modprobe", "-q", name, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return because(CODE_UNSUPPORTED,
			       "cannot load module %s, see dmesg", name);
	return 0;
}

/* Instead of the tool's: libkmod would be the largest part of this program. */
int module_load(void)
{
	return boot_modprobe("iscsi_mpio");
}
