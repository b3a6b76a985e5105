// SPDX-License-Identifier: GPL-2.0
/*
 * The next start and the next end: units, mounts that wait for the network, and
 * an initramfs that finds the root file system, if that is on a disk of ours.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/strlist.h"
#include "doctor/check.h"
#include "doctor/subject.h"
#include "flow/mounts.h"
#include "host/holders.h"

static const char how_units[] = "/etc/systemd/system/*.wants";
static const char how_mounts[] = "/etc/fstab and /etc/crypttab beside our disks";
static const char how_initrd[] = "the list of files in the initramfs";
static const char how_manager[] = "/run of NetworkManager and "
	"systemd-networkd, /etc/network/interfaces";

static bool there(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static bool there(const char *fmt, ...)
{
	char name[PATH_MAX], *path;
	va_list args;
	bool found;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	path = file_root_path("%s", name);
	found = !access(path, F_OK);
	if (!found) {		/* a link into the tree of --root leads nowhere */
		struct stat st;

		found = !lstat(path, &st);
	}
	free(path);
	return found;
}

static bool enabled(const char *unit)
{
	char *path = file_root_path("/etc/systemd/system");
	struct strlist names = {};
	bool found = false;
	size_t i;

	file_list_dir(path, ".wants", &names);
	for (i = 0; i < names.count && !found; i++)
		found = there("/etc/systemd/system/%s/%s", names.item[i],
			      unit);
	strlist_free(&names);
	free(path);
	return found;
}

/* Is anything to come back by itself? */
static bool wants_restore(const struct subject *sub)
{
	size_t i;

	for (i = 0; i < sub->stored.count; i++)
		if (!sub->stored.item[i].damage &&
		    sub->stored.item[i].startup != STARTUP_MANUAL)
			return true;
	return false;
}

static void tell_units(struct subject *sub)
{
	static const struct {
		const char *unit, *without;
	} units[] = {
		{ "iscsi-mpio-restore.service",
		  "records are not restored at the next start" },
		{ "iscsi-mpio-shutdown.service",
		  "sessions are not ended in order at the next shutdown" },
	};
	struct finding_list *list = &sub->findings;
	size_t i;

	if (!there("/run/systemd/system")) {
		finding_add(list, FINDING_NOTE, "systemd", how_units,
			    "not measured: this system was not started by systemd");
		finding_mend(list, "run iscsictl restore at each start, and "
			     "iscsictl disconnect --all before the network goes");
		return;
	}
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (enabled(units[i].unit)) {
			finding_add(list, FINDING_OK, units[i].unit,
				    how_units, "it is enabled");
		} else if (wants_restore(sub)) {
			finding_add(list, FINDING_FAULT, units[i].unit,
				    how_units, "it is not enabled: %s",
				    units[i].without);
			finding_mend(list, "systemctl enable %s",
				     units[i].unit);
		}
	}
}

static void tell_mounts(struct subject *sub)
{
	struct finding_list *list = &sub->findings;
	struct mount_list mounts;
	const struct mount_line *m;
	size_t i, ours = 0, before = list->count;

	if (mounts_find(&mounts)) {
		finding_add(list, FINDING_NOTE, "fstab", how_mounts,
			    "not measured: %s", why());
		mounts_free(&mounts);
		return;
	}
	for (i = 0; i < mounts.count; i++) {
		m = &mounts.item[i];
		if (!m->disk[0] && !m->noted)
			continue;
		ours++;
		if (!mounts_local(m))
			continue;
		finding_add(list, m->noted ? FINDING_NOTE : FINDING_FAULT,
			    m->where, how_mounts,
			    "it is on a disk of ours and lacks _netdev in /etc/%s: %s",
			    m->file, m->noted ?
			    "our generator orders it behind the network" :
			    "the next start waits for it before there is a network");
		finding_mend(list, "add _netdev to its options in /etc/%s; "
			     "iscsictl mounts --store",
			     m->file);
	}
	if (list->count == before)
		finding_add(list, FINDING_OK, "fstab", how_mounts,
			    "%zu lines are on disks of ours", ours);
	mounts_free(&mounts);
}

/* The disk of ours the root file system is on, or NULL. */
static const struct disk *root_disk(const struct subject *sub)
{
	static const char *const where[] = { "/", "/usr" };
	struct stat st;
	size_t i, j;

	for (i = 0; i < sub->disks.count; i++)
		for (j = 0; j < 2; j++)
			if (sub->disks.item[i].name[0] &&
			    !stat(where[j], &st) &&
			    holders_carry(sub->disks.item[i].name, st.st_dev))
				return &sub->disks.item[i];
	return NULL;
}

static bool wants_early(const struct subject *sub)
{
	size_t i;

	for (i = 0; i < sub->stored.count; i++)
		if (!sub->stored.item[i].damage &&
		    sub->stored.item[i].startup == STARTUP_ONBOOT)
			return true;
	return root_disk(sub);
}

/* What is in the initramfs of the kernel that runs; NULL with why(). */
static char *initramfs(const char *release)
{
	static const struct {
		const char *begin, *end, *program;
	} kinds[] = {
		{ "/boot/initrd.img-", "", "lsinitramfs" },
		{ "/boot/initramfs-", ".img", "lsinitrd" },
	};
	char *path, *out = NULL;
	const char *argv[3] = {};
	size_t i;

	because(CODE_NOT_FOUND, "there is none of kernel %s in /boot", release);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !out; i++) {
		path = file_root_path("%s%s%s", kinds[i].begin, release,
				      kinds[i].end);
		argv[0] = kinds[i].program;
		argv[1] = path;
		if (!access(path, F_OK))
			child_run(argv, NULL, &out);
		free(path);
	}
	return out;
}

/* The module that drives the interface, "" when that is not known. */
static void driver_of(const char *iface, char *name, size_t size)
{
	char *path = file_root_path("/sys/class/net/%s/device/driver/module",
				    iface);
	char to[PATH_MAX] = "";
	const char *last;

	name[0] = '\0';
	if (readlink(path, to, sizeof(to) - 1) > 0) {
		last = strrchr(to, '/');
		copy_text(name, size, last ? last + 1 : to);
	}
	free(path);
}

/* Is the file @stem.ko* in the list? Its name has - where the module has _. */
static bool has_module(const char *files, const char *module)
{
	const char *at, *m, *p;

	for (at = files; (at = strchr(at, '/')); at++) {
		for (p = at + 1, m = module; *m; p++, m++)
			if (*p != *m && !(*m == '_' && *p == '-'))
				break;
		if (!*m && !strncmp(p, ".ko", 3))
			return true;
	}
	return false;
}

static void tell_drivers(struct subject *sub, const char *files,
			 const char *release)
{
	char driver[64];
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		const struct way *w = &sub->way[i];

		driver_of(w->through, driver, sizeof(driver));
		if (!w->through[0] || !*driver || has_module(files, driver) ||
		    !there("/sys/module/%s/initstate", driver))
			continue;
		finding_add(&sub->findings, FINDING_FAULT, w->through,
			    how_initrd,
			    "the driver %s of this interface is not in the initramfs",
			    driver);
		finding_mend(&sub->findings, "echo %s "
			     ">>/etc/initramfs-tools/modules; update-initramfs -u -k %s",
			     driver, release);
	}
}

static void tell_initramfs(struct subject *sub)
{
	static const struct {
		const char *text, *what;
	} wanted[] = {
		{ "/iscsi_mpio.ko", "the module iscsi_mpio" },
		{ "/iscsi-mpio-boot", "the program iscsi-mpio-boot" },
		{ "etc/iscsi-mpio/records/", "a record" },
	};
	struct finding_list *list = &sub->findings;
	size_t i, before = list->count;
	struct utsname uts;
	char *files;

	uname(&uts);
	files = initramfs(uts.release);
	if (!files) {
		finding_add(list, FINDING_NOTE, "initramfs", how_initrd,
			    "not measured: %s", why());
		finding_mend(list, "update-initramfs -c -k %s", uts.release);
		return;
	}
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strstr(files, wanted[i].text))
			continue;
		finding_add(list, FINDING_FAULT, "initramfs", how_initrd,
			    "%s is not in it: the next start does not find "
			    "the root file system",
			    wanted[i].what);
		finding_mend(list, "update-initramfs -u -k %s (dracut: "
			     "dracut -f --kver %s)",
			     uts.release, uts.release);
	}
	tell_drivers(sub, files, uts.release);
	if (list->count == before)
		finding_add(list, FINDING_OK, "initramfs", how_initrd,
			    "module, program and records are in it");
	free(files);
}

static const char *manager_of(const char *iface)
{
	char *path = file_root_path("/etc/network/interfaces"), *text = NULL;
	unsigned int index = if_nametoindex(iface);
	char word[IF_NAMESIZE + 8];
	const char *manager = NULL;
	size_t len;

	snprintf(word, sizeof(word), "iface %s ", iface);
	if (there("/run/NetworkManager/devices/%u", index))
		manager = "NetworkManager";
	else if (there("/run/systemd/netif/links/%u", index))
		manager = "systemd-networkd";
	if (!manager && !file_read(path, &text, &len) && strstr(text, word))
		manager = "ifupdown";
	free(text);
	free(path);
	return manager;
}

static void tell_manager(struct subject *sub, const struct disk *root)
{
	const char *manager;
	size_t i;

	for (i = 0; i < sub->ways; i++) {
		const struct way *w = &sub->way[i];

		if (!w->session || !w->through[0] ||
		    mpio_name_compare(w->login.target, root->target))
			continue;
		manager = manager_of(w->through);
		finding_add(&sub->findings, FINDING_OK, w->through,
			    how_manager,
			    "the root disk is reached through it; %s looks after it",
			    manager ? manager : "nobody");
	}
}

void boot_check(struct subject *sub)
{
	const struct disk *root = root_disk(sub);

	tell_units(sub);
	tell_mounts(sub);
	if (wants_early(sub))
		tell_initramfs(sub);
	if (root)
		tell_manager(sub, root);
}
