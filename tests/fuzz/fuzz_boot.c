// SPDX-License-Identifier: GPL-2.0
/*
 * What a firmware's table and a kernel command line can say. The first byte
 * is how many files of the table follow: object, file, length, content.
 */
#include "fuzz.h"
#include "../../userspace/boot/bootline.h"

static void complain(const char *key, const char *why)
{
	must(key);
	must_say(why);
}

static void feed_table(struct feed *f, struct firmware *ibft)
{
	static const char *const objects[] = { "initiator", "ethernet0",
					       "target0", "target1", "x" };
	static const char *const attrs[] = {
		"initiator-name", "index", "flags", "mac", "ip-addr",
		"prefix-len", "subnet-mask", "gateway", "primary-dns", "vlan",
		"origin", "hostname", "port", "nic-assoc", "chap-type", "lun",
		"target-name", "chap-name", "chap-secret", "rev-chap-name",
		"rev-chap-name-secret", "dhcp",
	};
	const char *object, *attr, *why = NULL;
	u8 files = feed_byte(f);
	char *text;
	u32 len;

	for (; files && f->rest; files--) {
		object = objects[feed_byte(f) % ARRAY_SIZE(objects)];
		attr = attrs[feed_byte(f) % ARRAY_SIZE(attrs)];
		text = (char *)feed_copy(f, feed_byte(f), &len);
		if (firmware_set(ibft, object, attr, text, len, &why))
			must_say(why);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct feed f = { data, size };
	static struct bootline line;
	static struct firmware ibft;
	const char *why = NULL;
	size_t i;
	char *text;
	u32 len;

	memset(&line, 0, sizeof(line));
	memset(&ibft, 0, sizeof(ibft));
	feed_table(&f, &ibft);
	text = (char *)feed_copy(&f, f.rest, &len);
	text = realloc(text, len + 1);
	must(text);
	text[len] = '\0';
	bootline_parse(&line, text, complain);
	free(text);
	if (bootline_finish(&line, &why))
		must_say(why);
	bootline_add_ibft(&line, &ibft, complain);
	must(line.targets <= BOOT_TARGETS_MAX && line.nics <= BOOT_NICS_MAX);
	for (i = 0; i < line.targets; i++)
		must(!mpio_name_check(line.target[i].name,
				      strlen(line.target[i].name), &why));
	return 0;
}
