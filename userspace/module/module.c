// SPDX-License-Identifier: GPL-2.0
/* libkmod: load the module and its dependencies, explain every refusal. */
#include "module/module.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/error.h"

#define MODULE "iscsi_mpio"

static bool locked_down(void)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "";
	bool locked;

	if (!f)
		return false;
	locked = fgets(line, sizeof(line), f) && !strstr(line, "[none]");
	fclose(f);
	return locked;
}

static int explain(int err, const char *release)
{
	if (err == EPERM && !locked_down())
		return because(CODE_ACCESS,
			       "only root may load module " MODULE);
	if (err == EPERM || err == EKEYREJECTED || err == ENOKEY ||
	    err == EBADMSG)
		return because(CODE_UNSUPPORTED,
			       "the kernel refuses the signature of module "
			       MODULE
			       " (Secure Boot): sign it with an enrolled key");
	if (err == ENOEXEC)
		return because(CODE_UNSUPPORTED,
			       "module " MODULE
			       " was built for another kernel than %s: rebuild it",
			       release);
	if (err == ENOENT)
		return because(CODE_UNSUPPORTED,
			       "module " MODULE
			       " has symbols kernel %s does not offer, see dmesg",
			       release);
	return because(CODE_UNSUPPORTED, "cannot load module " MODULE ": %s",
		       strerror(err));
}

static int insert(struct kmod_ctx *kmod, const char *release)
{
	struct kmod_list *list = NULL;
	struct kmod_module *mod;
	int ret;

	ret = kmod_module_new_from_lookup(kmod, MODULE, &list);
	if (ret < 0 || !list)
		return because(CODE_UNSUPPORTED,
			       "module " MODULE
			       " is not installed for kernel %s", release);
	mod = kmod_module_get_module(list);
	ret = kmod_module_probe_insert_module(mod,
					      KMOD_PROBE_APPLY_BLACKLIST,
					      NULL, NULL, NULL, NULL);
	kmod_module_unref(mod);
	kmod_module_unref_list(list);
	if (ret == KMOD_PROBE_APPLY_BLACKLIST)
		return because(CODE_UNSUPPORTED,
			       "module " MODULE " is blacklisted in modprobe.d");
	if (ret < 0 && ret != -EEXIST)
		return explain(-ret, release);
	return 0;
}

static void quiet(void *data, int priority, const char *file, int line,
		  const char *fn, const char *format, va_list args)
{
	(void)data;
	(void)priority;
	(void)file;
	(void)line;
	(void)fn;
	(void)format;
	(void)args;
}

int module_load(void)
{
	struct kmod_ctx *kmod;
	struct utsname uts;
	int ret;

	uname(&uts);
	if (geteuid())
		return because(CODE_ACCESS,
			       "module " MODULE
			       " is not loaded and only root may load it");
	kmod = kmod_new(NULL, NULL);
	if (!kmod)
		return because(CODE_UNSUPPORTED,
			       "module " MODULE
			       " is not installed for kernel %s", uts.release);
	kmod_set_log_fn(kmod, quiet, NULL);
	ret = insert(kmod, uts.release);
	kmod_unref(kmod);
	return ret;
}
