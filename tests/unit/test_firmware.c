// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware's table. Failing means: a machine does not boot from its disk,
 * or a table that lies does harm.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "../../userspace/host/firmware.h"

struct file {
	const char *object, *attr, *text;
};

/* As the kernel shows the table of a machine with two NICs. */
static const struct file good[] = {
	{ "initiator", "flags", "3\n" },
	{ "initiator", "initiator-name", "iqn.2026-11.org.test:host\n" },
	{ "initiator", "isns-server", "0.0.0.0\n" },
	{ "ethernet0", "index", "0\n" },
	{ "ethernet0", "flags", "3\n" },
	{ "ethernet0", "mac", "52:54:00:12:34:5A\n" },
	{ "ethernet0", "ip-addr", "10.9.1.1\n" },
	{ "ethernet0", "subnet-mask", "255.255.255.128\n" },
	{ "ethernet0", "gateway", "0.0.0.0\n" },
	{ "ethernet0", "primary-dns", "10.9.1.53\n" },
	{ "ethernet0", "vlan", "5\n" },
	{ "ethernet0", "origin", "1\n" },
	{ "ethernet1", "index", "1\n" },
	{ "ethernet1", "flags", "1\n" },
	{ "ethernet1", "mac", "52:54:00:12:34:5b\n" },
	{ "ethernet1", "ip-addr", "fd09:2::1\n" },
	{ "ethernet1", "prefix-len", "64\n" },
	{ "target0", "index", "0\n" },
	{ "target0", "flags", "3\n" },
	{ "target0", "ip-addr", "10.9.1.2\n" },
	{ "target0", "port", "3261\n" },
	{ "target0", "lun", "00000000\n" },
	{ "target0", "chap-type", "2\n" },
	{ "target0", "nic-assoc", "0\n" },
	{ "target0", "target-name", "iqn.2026-11.org.test:Boot\n" },
	{ "target0", "chap-name", "alice\n" },
	{ "target0", "chap-secret", "initiator secret\n" },
	{ "target0", "rev-chap-name", "storage\n" },
	{ "target0", "rev-chap-name-secret", "target secret!\n" },
	{ "target1", "flags", "1\n" },
	{ "target1", "ip-addr", "fd09:2::2\n" },
	{ "target1", "nic-assoc", "1\n" },
	{ "target1", "target-name", "iqn.2026-11.org.test:boot\n" },
	{ "target1", "chap-type", "0\n" },
	{ "acpi_header", "signature", "iBFT\n" },
};

static int set(struct firmware *ibft, const struct file *f, const char **why)
{
	size_t len = strlen(f->text);
	char *text = unit_exact(f->text, len);
	int ret = firmware_set(ibft, f->object, f->attr, text, len, why);

	free(text);
	return ret;
}

static void check_good(const struct firmware *ibft, const char *desc)
{
	struct mpio_portal a, b;
	const char *why;

	check(!strcmp(ibft->initiator, "iqn.2026-11.org.test:host"), desc);
	check(ibft->nic[0].prefix == 25 && ibft->nic[1].prefix == 64, desc);
	check(ibft->nic[0].mac[5] == 0x5a && ibft->nic[0].vlan == 5 &&
	      ibft->nic[0].dns[0].present && !ibft->nic[0].gateway.present,
	      desc);
	check(!firmware_check(&ibft->target[0], &why) &&
	      !firmware_check(&ibft->target[1], &why) &&
	      firmware_check(&ibft->target[2], &why) == -ENOENT, desc);
	firmware_portal(&ibft->target[0], &a);
	firmware_portal(&ibft->target[1], &b);
	check(a.port == 3261 && !strcmp(a.host, "10.9.1.2") &&
	      b.port == 3260 && !strcmp(b.host, "fd09:2::2"), desc);
	check(!strcmp(ibft->target[0].name, "iqn.2026-11.org.test:Boot") &&
	      !strcmp(ibft->target[0].secret, "initiator secret") &&
	      !strcmp(ibft->target[0].secret_in, "target secret!"), desc);
	check(firmware_nic_of(ibft, &ibft->target[1]) == &ibft->nic[1], desc);
}

static void test_good(void)
{
	struct firmware ibft = {};
	const char *why;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		check(!set(&ibft, &good[i], &why), good[i].attr);
	check_good(&ibft, "table of two NICs and two targets");
}

/* Every one of these is refused and leaves the table as it was. */
static const struct {
	struct file file;
	const char *why;
} hostile[] = {
	{ { "target0", "ip-addr", "10.9.1.2:3260" }, "not an IP address" },
	{ { "target0", "ip-addr", "storage.example" }, "not an IP address" },
	{ { "target0", "ip-addr", "fe80::1%eth0" }, "not an IP address" },
	{ { "target0", "ip-addr", "" }, "" },
	{ { "target0", "port", "65536" }, "too large" },
	{ { "target0", "port", "-1" }, "not a number" },
	{ { "target0", "port", "4294967296000" }, "fits" },
	{ { "target0", "port", "" }, "fits" },
	{ { "target0", "chap-type", "3" }, "too large" },
	{ { "target0", "target-name", "../../etc/shadow" }, "begin" },
	{ { "target0", "target-name", "iqn.2026-11.org.test:$(id)" },
	  "quotes" },
	{ { "target0", "chap-name", "a\nb" }, "control" },
	{ { "target0", "chap-name", "a\x7f" }, "control" },
	{ { "target0", "lun", "00000000000000000000000000" }, "too long" },
	{ { "ethernet0", "mac", "52:54:00:12:34" }, "MAC" },
	{ { "ethernet0", "mac", "52-54-00-12-34-5a" }, "MAC" },
	{ { "ethernet0", "mac", "zz:54:00:12:34:5a" }, "MAC" },
	{ { "ethernet0", "subnet-mask", "255.0.255.0" }, "netmask" },
	{ { "ethernet0", "subnet-mask", "fd09::" }, "netmask" },
	{ { "ethernet0", "prefix-len", "129" }, "too large" },
	{ { "ethernet0", "vlan", "4095" }, "too large" },
	{ { "initiator", "initiator-name", "iqn x" }, "blanks" },
};

static void test_hostile(void)
{
	struct firmware ibft = {}, before;
	char name[300], text[301];
	const char *why;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		set(&ibft, &good[i], &why);
	for (i = 0; i < ARRAY_SIZE(hostile); i++) {
		before = ibft;
		why = NULL;
		check(set(&ibft, &hostile[i].file, &why) == -EINVAL &&
		      unit_says(why, hostile[i].why) &&
		      !memcmp(&before, &ibft, sizeof(ibft)),
		      hostile[i].file.text);
	}
	memset(name, 'a', sizeof(name));
	memcpy(name, "iqn.2026-11.org.test:", 21);
	check(!firmware_set(&ibft, "target0", "target-name", name, 223, &why) &&
	      firmware_set(&ibft, "target0", "target-name", name, 224, &why) ==
	      -EINVAL, "name of 223 bytes");
	memset(text, 's', sizeof(text));
	check(!firmware_set(&ibft, "target0", "chap-secret", text, 255, &why) &&
	      firmware_set(&ibft, "target0", "chap-secret", text, 256, &why) ==
	      -EINVAL, "secret of 255 bytes");
	before = ibft;
	check(!firmware_set(&ibft, "target9", "port", "1", 1, &why) &&
	      !firmware_set(&ibft, "target00", "port", "1", 1, &why) &&
	      !firmware_set(&ibft, "ethernet", "vlan", "1", 1, &why) &&
	      !memcmp(&before, &ibft, sizeof(ibft)),
	      "objects that cannot be are passed over");
}

static void test_unusable(void)
{
	struct firmware_target t = { .present = true, .flags = FIRMWARE_FLAG_VALID };
	struct firmware ibft = { .target[0].nic = 3 };
	const char *why;

	check(firmware_check(&t, &why) == -EINVAL && unit_says(why, "name"),
	      "target without a name");
	strcpy(t.name, "iqn.2026-11.org.test:x");
	check(firmware_check(&t, &why) == -EINVAL && unit_says(why, "address"),
	      "target without an address");
	t.ip.present = true;
	check(!firmware_check(&t, &why), "target without CHAP");
	t.chap = FIRMWARE_CHAP_ONEWAY;
	check(firmware_check(&t, &why) == -EINVAL && unit_says(why, "CHAP"),
	      "CHAP without a secret");
	strcpy(t.user, "u");
	strcpy(t.secret, "s");
	t.chap = FIRMWARE_CHAP_MUTUAL;
	check(firmware_check(&t, &why) == -EINVAL && unit_says(why, "mutual"),
	      "mutual CHAP is never taken for one-way");
	t.flags = 0;
	check(firmware_check(&t, &why) == -ENOENT, "block that is not valid");
	check(!firmware_nic_of(&ibft, &ibft.target[0]), "NIC that is not there");
}

static unsigned int complaints;

static void count_complaint(const char *file, const char *why)
{
	complaints += !strcmp(file, "target1/port") && why;
}

static void test_load(void)
{
	char dir[] = "/tmp/ibft.XXXXXX", path[256], cmd[64];
	struct firmware ibft;
	unsigned int i;
	FILE *f;

	check(firmware_load("/nonexistent", &ibft, NULL) == -ENOENT,
	      "no table is no error of its own");
	if (!mkdtemp(dir)) {
		check(false, "temporary directory");
		return;
	}
	for (i = 0; i <= ARRAY_SIZE(good); i++) {
		static const struct file lie = { "target1", "port", "x" };
		const struct file *g = i < ARRAY_SIZE(good) ? &good[i] : &lie;

		snprintf(path, sizeof(path), "%s/%s", dir, g->object);
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%s/%s/%s", dir, g->object,
			 g->attr);
		f = fopen(path, "w");
		if (f) {
			fputs(g->text, f);
			fclose(f);
		}
	}
	check(!firmware_load(dir, &ibft, count_complaint), "directory is read");
	check_good(&ibft, "table from files");
	check(complaints == 1, "a bad value is named, once");
	firmware_wipe(&ibft);
	check(!ibft.target[0].secret[0], "wiped");
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	check(!system(cmd), "clean up");
}

void test_firmware(void)
{
	test_good();
	test_hostile();
	test_unusable();
	test_load();
}
