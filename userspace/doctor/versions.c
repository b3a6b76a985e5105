// SPDX-License-Identifier: GPL-2.0
/* Module and tool: are they there, do they fit, may the module be loaded? */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/version.h"
#include "doctor/check.h"
#include "doctor/subject.h"

#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static const char how_module[] = "generic netlink and /sys/module";
static const char how_lock[] = "/sys/kernel/security/lockdown and the SecureBoot variable";

/* Is there a file of the module for the kernel that runs? */
static bool installed(const char *release)
{
	char *path = file_root_path("/lib/modules/%s/modules.dep", release);
	char *text = NULL;
	size_t len;
	bool found;

	found = !file_read(path, &text, &len) &&
		(strstr(text, "/iscsi_mpio.ko") ||
		 !strncmp(text, "iscsi_mpio.ko", 13));
	free(text);
	free(path);
	return found;
}

/* Four bytes of attributes, then the value. */
static bool secure_boot(void)
{
	char *path = file_root_path(SECURE_BOOT), *text = NULL;
	size_t len = 0;
	bool on;

	on = !file_read(path, &text, &len) && len == 5 && text[4] == 1;
	free(text);
	free(path);
	return on;
}

static bool locked_down(void)
{
	char line[128];

	subject_line(line, sizeof(line), "/sys/kernel/security/lockdown");
	return *line && !strstr(line, "[none]");
}

static void tell_unloaded(struct subject *sub, const char *release)
{
	struct finding_list *list = &sub->findings;

	if (sub->loaded) {
		finding_add(list, FINDING_FAULT, "iscsi_mpio", how_module,
			    "the module is loaded and does not answer: %s",
			    sub->refused);
		finding_mend(list, "iscsictl must run as root");
	} else if (!installed(release)) {
		finding_add(list, FINDING_FAULT, "iscsi_mpio",
			    "modules.dep of the running kernel",
			    "there is no module for the running kernel %s",
			    release);
		finding_mend(list, "apt install linux-headers-%s, then dkms autoinstall",
			     release);
	} else {
		finding_add(list, sub->stored.count ? FINDING_FAULT :
			    FINDING_NOTE, "iscsi_mpio", how_module,
			    "the module is not loaded");
		finding_mend(list, "modprobe iscsi_mpio, then iscsictl restore");
	}
}

static void tell_signature(struct subject *sub)
{
	struct finding_list *list = &sub->findings;
	bool locked = locked_down(), secure = secure_boot();

	if (!locked && !secure) {
		finding_add(list, FINDING_OK, "", how_lock,
			    "the kernel takes modules without a signature");
	} else if (sub->module) {
		finding_add(list, FINDING_OK, "", how_lock,
			    "the kernel wants signed modules, and took ours");
	} else {
		finding_add(list, FINDING_FAULT, "", how_lock,
			    "%s: the kernel refuses modules whose key is not enrolled",
			    secure ? "Secure Boot is on" :
			    "the kernel is locked down");
		finding_mend(list, "mokutil --import /var/lib/dkms/mok.pub, "
			     "then reboot and enrol it");
	}
}

void versions_check(struct subject *sub)
{
	struct finding_list *list = &sub->findings;
	struct utsname uts;

	uname(&uts);
	if (!sub->module) {
		tell_unloaded(sub, uts.release);
	} else if (sub->info.abi != MPIO_GENL_VERSION) {
		finding_add(list, FINDING_FAULT, "iscsi_mpio", how_module,
			    "module %s speaks version %u of the interface, "
			    "iscsictl %s speaks %u",
			    sub->info.version, sub->info.abi,
			    ISCSICTL_VERSION, MPIO_GENL_VERSION);
		finding_mend(list, "apt full-upgrade, then reboot");
	} else if (strcmp(sub->info.version, ISCSICTL_VERSION)) {
		finding_add(list, FINDING_NOTE, "iscsi_mpio", how_module,
			    "module %s runs beside iscsictl %s",
			    sub->info.version, ISCSICTL_VERSION);
		finding_mend(list, "reboot, or unload and load the module");
	} else {
		finding_add(list, FINDING_OK, "iscsi_mpio", how_module,
			    "module and iscsictl are %s, kernel %s",
			    ISCSICTL_VERSION, uts.release);
	}
	tell_signature(sub);
}
