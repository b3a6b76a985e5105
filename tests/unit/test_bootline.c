// SPDX-License-Identifier: GPL-2.0
/*
 * Words of the kernel command line. Failing means: a machine looks for its
 * root disk in another place than it was told, or nowhere.
 */
#include <stdlib.h>

#include "unit.h"
#include "../../userspace/boot/bootline.h"

#define IQN "iqn.2026-11.org.test:disk"

/* "name@host:port" of all targets, then what they log in with. */
static const char *show(const struct bootline *line)
{
	static char text[2048];
	const struct boot_target *t;
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < line->targets; i++) {
		t = &line->target[i];
		len += snprintf(text + len, sizeof(text) - len,
				"%s%s@%s:%u%s%s%s%s%s%s%s%s%s%s", i ? " " : "",
				t->name, t->portal.host, t->portal.port,
				*t->iface ? "%" : "", t->iface,
				*t->user ? " " : "", t->user,
				*t->secret ? "/" : "", t->secret,
				*t->user_in ? " " : "", t->user_in,
				*t->secret_in ? "/" : "", t->secret_in);
	}
	return text;
}

static const char *show_ip(const struct firmware_ip *ip, char *text)
{
	struct mpio_portal p = {
		.family = ip->v6 ? MPIO_FAMILY_IPV6 : MPIO_FAMILY_IPV4,
	};

	memcpy(p.addr, ip->addr, sizeof(p.addr));
	if (ip->present)
		mpio_host_format(&p, text);
	else
		strcpy(text, "-");
	return text;
}

static const char *show_nics(const struct bootline *line)
{
	static const char *const methods[] = { "off", "static", "dhcp",
					       "auto6" };
	static char text[1024];
	char ip[64], gw[64];
	const struct boot_nic *n;
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < line->nics; i++) {
		n = &line->nic[i];
		len += snprintf(text + len, sizeof(text) - len,
				"%s%s,%s,%s/%u,%s,%u,%02x", i ? " " : "",
				n->name, methods[n->method],
				show_ip(&n->ip, ip), n->prefix,
				show_ip(&n->gateway, gw), n->mtu, n->mac[5]);
	}
	return text;
}

static unsigned int refused;
static char refused_key[32];

static void refuse(const char *key, const char *why)
{
	refused++;
	snprintf(refused_key, sizeof(refused_key), "%.31s", key);
	check(why && *why, "a refusal says why");
}

static void parse(struct bootline *line, const char *text)
{
	char *copy = unit_exact(text, strlen(text) + 1);
	const char *why;

	memset(line, 0, sizeof(*line));
	refused = 0;
	bootline_parse(line, copy, refuse);
	if (bootline_finish(line, &why))
		refuse("end", why);
	free(copy);
}

static const struct {
	const char *text, *targets;
} target_rows[] = {
	{ "quiet root=/dev/sda1 ro", "" },
	{ "iscsi_mpio=" IQN "@10.9.1.2", IQN "@10.9.1.2:3260" },
	{ "iscsi_mpio=" IQN "@10.9.1.2,[fd09::2]:860,nas.example",
	  IQN "@10.9.1.2:3260 " IQN "@fd09::2:860 " IQN "@nas.example:3260" },
	{ "iscsi_mpio=" IQN "@10.9.1.2 iscsi_mpio=" IQN "@10.9.1.2:3260",
	  IQN "@10.9.1.2:3260" },
	/* RFC 4173 5 */
	{ "root=iscsi:192.0.2.9::::" IQN, IQN "@192.0.2.9:3260" },
	{ "netroot=iscsi:192.0.2.9:6:860:1:" IQN, IQN "@192.0.2.9:860" },
	{ "netroot=iscsi:[2001:db8::1]::3261:0:" IQN,
	  IQN "@2001:db8::1:3261" },
	{ "netroot=iscsi:nas.example::::eui.02004567a425678d",
	  "eui.02004567a425678d@nas.example:3260" },
	{ "netroot=iscsi:u:p@192.0.2.9::::" IQN,
	  IQN "@192.0.2.9:3260 u/p" },
	{ "netroot=iscsi:u:p:ru:rp@192.0.2.9::::" IQN,
	  IQN "@192.0.2.9:3260 u/p ru/rp" },
	{ "netroot=iscsi:u:p@ss@192.0.2.9::::" IQN,
	  IQN "@192.0.2.9:3260 u/p@ss" },
	{ "netroot=iscsi:192.0.2.9:::default:eth1:0:" IQN,
	  IQN "@192.0.2.9:3260%eth1" },
	{ "netroot=iscsi:10.0.0.1::::" IQN " netroot=iscsi:10.0.1.1::::" IQN,
	  IQN "@10.0.0.1:3260 " IQN "@10.0.1.1:3260" },
	{ "netroot=iscsi rd.iscsi.target.name=" IQN
	  " rd.iscsi.target.ip=192.0.2.1 rd.iscsi.target.port=860",
	  IQN "@192.0.2.1:860" },
	{ "rd.iscsi.target.port=860 rd.iscsi.target.ip=[2001:db8::1]"
	  " rd.iscsi.target.name=" IQN, IQN "@2001:db8::1:860" },
	{ "rd.iscsi.username=u rd.iscsi.password=\"p q\""
	  " rd.iscsi.in.username=ru rd.iscsi.in.password=rp"
	  " netroot=iscsi:10.0.0.1::::" IQN,
	  IQN "@10.0.0.1:3260 u/p q ru/rp" },
	{ "ISCSI_TARGET_NAME=" IQN "\nISCSI_TARGET_IP=192.0.2.1\n"
	  "ISCSI_USERNAME=u\nISCSI_PASSWORD=\"p\"\n",
	  IQN "@192.0.2.1:3260 u/p" },
	{ "iscsi_target_name=" IQN " iscsi_target_ip=192.0.2.1"
	  " iscsi_target_port=861 iscsi_target_group=1",
	  IQN "@192.0.2.1:861" },
};

static void test_targets(void)
{
	struct bootline line;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(target_rows); i++) {
		parse(&line, target_rows[i].text);
		check(!refused && !strcmp(show(&line), target_rows[i].targets),
		      target_rows[i].text);
	}
	parse(&line, "iscsi_mpio=off iscsi_mpio_wait=30 "
	      "iscsi_initiator=iqn.2026-11.org.test:Host");
	check(line.off && line.wait == 30 &&
	      !strcmp(line.initiator, "iqn.2026-11.org.test:Host"),
	      "off, wait and initiator");
	parse(&line, "rd.iscsi.firmware");
	check(line.ibft && !line.ip_ibft, "rd.iscsi.firmware alone");
	parse(&line, "rd.iscsi.ibft=0 rd.iscsi.firmware=0");
	check(!line.ibft, "rd.iscsi.firmware=0");
	parse(&line, "iscsi_mpio=ibft");
	check(line.ibft && line.ip_ibft, "iscsi_mpio=ibft");
	parse(&line, "netroot=dhcp");
	check(line.dhcp_root && !line.ibft, "netroot=dhcp");
	parse(&line, "iscsi_mpio=dhcp root=UUID=1");
	check(line.dhcp_root, "iscsi_mpio=dhcp");
	parse(&line, "iscsi-mpio=ibft RD.ISCSI.INITIATOR=" IQN);
	check(line.ibft && !strcmp(line.initiator, IQN),
	      "case and hyphens do not matter");
}

static const struct {
	const char *text, *nics;
} nic_rows[] = {
	{ "ip=dhcp", ",dhcp,-/0,-,0,00" },
	{ "ip=off", "" },
	{ "ip=none", "" },
	{ "ip=eth0:dhcp", "eth0,dhcp,-/0,-,0,00" },
	{ "ip=bond0.7:dhcp", "bond0.7,dhcp,-/0,-,0,00" },
	{ "ip=eth0.12:on:9000", "eth0.12,dhcp,-/0,-,9000,00" },
	{ "ip=eth0:auto6", "eth0,auto6,-/0,-,0,00" },
	{ "ip=eth0:dhcp:9000:52:54:00:12:34:5a",
	  "eth0,dhcp,-/0,-,9000,5a" },
	{ "ip=:::::eth0:dhcp", "eth0,dhcp,-/0,-,0,00" },
	{ "ip=10.9.1.1::10.9.1.254:255.255.255.0:host:eth0:none",
	  "eth0,static,10.9.1.1/24,10.9.1.254,0,00" },
	{ "ip=10.9.1.1:10.9.1.2::25::eth0:off:1400",
	  "eth0,static,10.9.1.1/25,-,1400,00" },
	{ "ip=10.9.1.1:::::eth0", "eth0,static,10.9.1.1/24,-,0,00" },
	{ "ip=10.9.1.1", ",static,10.9.1.1/24,-,0,00" },
	{ "ip=[fd09::1]::[fd09::ff]:48::eth0:none",
	  "eth0,static,fd09::1/48,fd09::ff,0,00" },
	{ "ip=10.0.0.1::::h:eth0:none ip=10.0.1.1::::h:eth1:none",
	  "eth0,static,10.0.0.1/24,-,0,00 eth1,static,10.0.1.1/24,-,0,00" },
	{ "ip=10.0.0.1::::h:eth0:none:10.0.0.53:10.0.0.54",
	  "eth0,static,10.0.0.1/24,-,0,00" },
	{ "ip=10.0.0.1::::h:eth0:none::52:54:00:12:34:5b",
	  "eth0,static,10.0.0.1/24,-,0,5b" },
};

static void test_nics(void)
{
	struct bootline line;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nic_rows); i++) {
		parse(&line, nic_rows[i].text);
		check(!refused && !strcmp(show_nics(&line), nic_rows[i].nics),
		      nic_rows[i].text);
	}
	parse(&line, "ip=ibft");
	check(line.ip_ibft && !line.ibft && !line.nics, "ip=ibft");
	parse(&line, "ip=eth0:ibft");
	check(line.ip_ibft && !line.nics, "ip=eth0:ibft");
	parse(&line, "ip=10.0.0.1::::h:eth0:none:10.0.0.53:10.0.0.54 "
	      "nameserver=10.0.0.55");
	check(line.servers == 3, "name servers");
	parse(&line, "vlan=eth0.12:eth0 vlan=vlan0007:eth1");
	check(line.vlans == 2 && line.vlan[0].id == 12 &&
	      line.vlan[1].id == 7 && !strcmp(line.vlan[1].device, "eth1"),
	      "VLANs");
}

static const struct {
	const char *text, *key;
} bad_rows[] = {
	{ "iscsi_mpio=" IQN, "iscsi_mpio" },
	{ "iscsi_mpio=di\tsk@10.9.1.2", "iscsi_mpio" },
	{ "iscsi_mpio=" IQN "@10.9.1.2,", "iscsi_mpio" },
	{ "iscsi_mpio=" IQN "@10.9.1.2:70000", "iscsi_mpio" },
	{ "iscsi_mpio_wait=soon", "iscsi_mpio_wait" },
	{ "iscsi_mpio_wait=86401", "iscsi_mpio_wait" },
	{ "netroot=iscsi:10.0.0.1:17:::" IQN, "netroot" },
	{ "netroot=iscsi:10.0.0.1:::" IQN, "netroot" },
	{ "netroot=iscsi:10.0.0.1::::", "netroot" },
	{ "netroot=iscsi:::::" IQN, "netroot" },
	{ "netroot=iscsi:u@10.0.0.1::::" IQN, "netroot" },
	{ "netroot=iscsi:a:b:c@10.0.0.1::::" IQN, "netroot" },
	{ "netroot=iscsi:[2001:db8::1::::" IQN, "netroot" },
	{ "netroot=iscsi:10.0.0.1::0::" IQN, "netroot" },
	{ "netroot=iscsi:10.0.0.1:::if:a/b::" IQN, "netroot" },
	{ "root=iscsi:" IQN, "root" },
	{ "ip=eth0:dhcp6", "ip" },
	{ "ip=dhcp6", "ip" },
	{ "ip=quick", "ip" },
	{ "ip=10.0.0.1:::33::eth0:none", "ip" },
	{ "ip=10.0.0.1:::255.0.255.0::eth0:none", "ip" },
	{ "ip=10.0.0.1::::h:eth0:rarp", "ip" },
	{ "ip=300.0.0.1::::h:eth0:none", "ip" },
	{ "ip=10.0.0.1::::h:a-name-too-long-for-it:none", "ip" },
	{ "ip=:::::::::::::::::", "ip" },
	{ "ip=eth0:dhcp:1500:52:54:00:12:34:zz", "ip" },
	{ "vlan=eth0:eth0.5", "vlan" },
	{ "vlan=eth0.0:eth0", "vlan" },
	{ "vlan=eth0.4095:eth0", "vlan" },
	{ "rd.iscsi.initiator=/me", "rd.iscsi.initiator" },
	{ "rd.iscsi.target.name=" IQN, "end" },
	{ "rd.iscsi.target.ip=10.0.0.1", "end" },
	{ "rd.iscsi.target.port=0", "rd.iscsi.target.port" },
};

static void test_bad(void)
{
	struct bootline line;
	char big[4096], *word;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_rows); i++) {
		parse(&line, bad_rows[i].text);
		check(refused == 1 && !strcmp(refused_key, bad_rows[i].key) &&
		      !line.targets && !line.nics && !line.vlans,
		      bad_rows[i].text);
	}
	memset(big, 'a', sizeof(big));
	memcpy(big, "iscsi_password=", 15);
	big[sizeof(big) - 1] = '\0';
	parse(&line, big);
	check(refused == 1 && !line.parts.secret[0], "secret of 4 KiB");
	memcpy(big, "netroot=iscsi:", 14);
	parse(&line, big);
	check(refused == 1 && !line.targets, "root path of 4 KiB");
	word = big;
	for (i = 0; i < 20; i++)
		word += sprintf(word, "iscsi_mpio=" IQN "@10.9.0.%u ip=e%u:dhcp ",
				i, i);
	parse(&line, big);
	check(line.targets == BOOT_TARGETS_MAX && line.nics == BOOT_NICS_MAX &&
	      refused == 20 - BOOT_TARGETS_MAX + 20 - BOOT_NICS_MAX,
	      "more targets and devices than there is room for");
}

static void test_ibft_line(void)
{
	struct firmware ibft = {
		.initiator = "iqn.2026-11.org.test:fw",
		.nic[0] = { .present = true, .flags = 1, .has_mac = true,
			    .mac = { [5] = 0x5a }, .prefix = 99,
			    .ip = { true, false, { 10, 9, 1, 1 } } },
		.nic[1] = { .present = true, .flags = 1, .has_mac = true,
			    .mac = { [5] = 0x5b }, .origin = 3 },
		.nic[2] = { .present = true, .flags = 1 },
		.target[0] = { .present = true, .flags = 1, .name = IQN,
			       .ip = { true, false, { 10, 9, 1, 2 } },
			       .chap = FIRMWARE_CHAP_ONEWAY, .user = "u",
			       .secret = "s", .user_in = "x",
			       .secret_in = "y" },
		.target[1] = { .present = true, .flags = 1, .name = IQN,
			       .chap = FIRMWARE_CHAP_MUTUAL },
		.target[2] = { .present = true, .flags = 0, .name = IQN },
	};
	struct bootline line;

	parse(&line, "ip=ibft");
	bootline_add_ibft(&line, &ibft, refuse);
	check(!strcmp(show(&line), IQN "@10.9.1.2:3260 u/s"),
	      "ip=ibft alone takes the firmware's targets");
	check(!strcmp(show_nics(&line), ",static,10.9.1.1/32,-,0,5a "
		      ",dhcp,-/0,-,0,5b"), "and its network devices");
	check(refused == 2, "what cannot be used is named");
	check(!strcmp(line.initiator, ibft.initiator), "and its name");
	parse(&line, "ip=ibft iscsi_mpio=" IQN "@10.9.2.2");
	bootline_add_ibft(&line, &ibft, NULL);
	check(!strcmp(show(&line), IQN "@10.9.2.2:3260"),
	      "a target that was typed comes alone");
	parse(&line, "rd.iscsi.firmware=1 ip=e0:dhcp");
	bootline_add_ibft(&line, &ibft, NULL);
	check(line.targets == 1 && line.nics == 1,
	      "targets of the firmware, network as typed");
}

void test_bootline(void)
{
	test_targets();
	test_nics();
	test_bad();
	test_ibft_line();
}
