// SPDX-License-Identifier: GPL-2.0
/* One table of words; the fields of ip= and netroot= are cut at colons. */
#include "boot/bootline.h"

#include <stdlib.h>
#include <strings.h>

#define FIELDS_MAX	16	/* ip= with an MTU and a MAC address has 14 */
#define VALUE_LEN	2048	/* COMMAND_LINE_SIZE of x86 */

static int bad(const char **why, const char *sentence)
{
	*why = sentence;
	return -EINVAL;
}

static int copy(char *to, size_t size, const char *from, const char **why)
{
	size_t len = strlen(from);

	if (len >= size)
		return bad(why, "the value is too long");
	memcpy(to, from, len + 1);
	return 0;
}

static int take_name(char *to, const char *text, const char **why)
{
	char name[MPIO_ISCSI_NAME_MAX + 1];
	size_t len = strlen(text);

	if (len > MPIO_ISCSI_NAME_MAX)
		return bad(why, "the name is too long");
	if (mpio_name_take(text, len, name, why))
		return -EINVAL;
	memcpy(to, name, sizeof(name));
	return 0;
}

static int take_number(uint32_t *to, const char *text, uint32_t max,
		       const char **why)
{
	uint32_t value = 0;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9' && p < text + 9; p++)
		value = value * 10 + (*p - '0');
	if (p == text || *p || value > max)
		return bad(why, "this is not a number in range");
	*to = value;
	return 0;
}

static int take_ip(struct firmware_ip *to, const char *text, const char **why)
{
	struct mpio_portal portal;

	if (mpio_portal_parse(text, strlen(text), &portal, why))
		return -EINVAL;
	if (portal.family == MPIO_FAMILY_NAME || portal.has_port ||
	    portal.tpgt >= 0)
		return bad(why, "this is not an IP address");
	memset(to, 0, sizeof(*to));
	to->present = true;
	to->v6 = portal.family == MPIO_FAMILY_IPV6;
	memcpy(to->addr, portal.addr, sizeof(to->addr));
	return 0;
}

/* A number of bits or a dotted mask. */
static int take_mask(uint32_t *to, const char *text, const char **why)
{
	struct firmware_ip mask;
	uint32_t bits, n = 0;

	if (!strchr(text, '.'))
		return take_number(to, text, 128, why);
	if (take_ip(&mask, text, why))
		return -EINVAL;
	bits = mpio_get32(mask.addr);
	while (n < 32 && bits & 0x80000000U >> n)
		n++;
	if (mask.v6 || (n < 32 && bits << n))
		return bad(why, "this is not a netmask");
	*to = n;
	return 0;
}

static int take_ifname(char *to, const char *text, const char **why)
{
	const char *p;

	for (p = text; *p; p++)
		if (*p <= ' ' || *p == '/' || *p == 0x7f)
			return bad(why, "this is not the name of a network device");
	if (!strcmp(text, ".") || !strcmp(text, "..") ||
	    p - text > BOOT_IFNAME_MAX)
		return bad(why, "this is not the name of a network device");
	memcpy(to, text, p - text + 1);
	return 0;
}

static int take_mac(struct boot_nic *nic, char *const *field, const char **why)
{
	unsigned int i;
	char *end;

	for (i = 0; i < FIRMWARE_MAC_LEN; i++) {
		nic->mac[i] = strtoul(field[i], &end, 16);
		if (end != field[i] + 2 || *end)
			return bad(why, "this is not a MAC address");
	}
	nic->has_mac = true;
	return 0;
}

/*
 * Cuts @text at colons outside of brackets; brackets stay. Returns the number
 * of fields or -EINVAL.
 */
static int cut(char *text, char **field, const char **why)
{
	int count = 0, depth = 0;

	memset(field, 0, FIELDS_MAX * sizeof(*field));
	field[count++] = text;
	for (; *text; text++) {
		depth += (*text == '[') - (*text == ']');
		if (depth || *text != ':')
			continue;
		if (count == FIELDS_MAX)
			return bad(why, "it has too many fields");
		*text = '\0';
		field[count++] = text + 1;
	}
	if (depth)
		return bad(why, "its brackets do not match");
	return count;
}

struct method_word {
	const char *word;
	enum boot_method method;
};

static const struct method_word method_words[] = {
	{ "dhcp", BOOT_DHCP }, { "on", BOOT_DHCP }, { "any", BOOT_DHCP },
	{ "both", BOOT_DHCP }, { "bootp", BOOT_DHCP },
	{ "dhcp4", BOOT_DHCP }, { "single-dhcp", BOOT_DHCP },
	{ "auto6", BOOT_AUTO6 }, { "link6", BOOT_AUTO6 },
	{ "either6", BOOT_AUTO6 },
	{ "off", BOOT_OFF }, { "none", BOOT_OFF }, { "static", BOOT_OFF },
};

static bool find_method(const char *text, enum boot_method *method)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(method_words); i++)
		if (!strcasecmp(method_words[i].word, text)) {
			*method = method_words[i].method;
			return true;
		}
	return false;
}

static int unknown_method(const char *text, const char **why)
{
	return bad(why, strcasecmp(text, "dhcp6") ?
		   "the way to configure the device is not dhcp, auto6, none or ibft" :
		   "dhcp6 is not offered: use auto6 or a static address");
}

static int add_nic(struct bootline *line, const struct boot_nic *nic,
		   const char **why)
{
	if (line->nics == BOOT_NICS_MAX)
		return bad(why, "there are too many network devices");
	line->nic[line->nics++] = *nic;
	return 0;
}

static int add_dns(struct bootline *line, const struct firmware_ip *ip)
{
	if (ip->present && line->servers < BOOT_DNS_MAX)
		line->dns[line->servers++] = *ip;
	return 0;
}

static int word_dns(struct bootline *line, const char *value, const char **why)
{
	struct firmware_ip ip;

	if (take_ip(&ip, value, why))
		return -EINVAL;
	return add_dns(line, &ip);
}

/* Fields after the method: MTU and MAC, or DNS servers. */
static int take_tail(struct bootline *line, struct boot_nic *nic,
		     char **field, int count, const char **why)
{
	struct firmware_ip dns;
	int i;

	if (count && *field[0] && !strpbrk(field[0], ".[")) {
		if (take_number(&nic->mtu, field[0], 65535, why))
			return -EINVAL;
		if (count >= 1 + FIRMWARE_MAC_LEN)
			return take_mac(nic, field + 1, why);
		return 0;
	}
	if (count >= 1 + FIRMWARE_MAC_LEN && !*field[0])
		return take_mac(nic, field + 1, why);
	for (i = 0; i < count && i < 2; i++) {
		if (!*field[i])
			continue;
		if (take_ip(&dns, field[i], why))
			return -EINVAL;
		add_dns(line, &dns);
	}
	return 0;
}

/* CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:METHOD[:...] */
static int word_ip_full(struct bootline *line, char **field, int count,
			const char **why)
{
	struct boot_nic nic = { .method = BOOT_OFF };

	if (count > 5 && take_ifname(nic.name, field[5], why))
		return -EINVAL;
	if (count > 6 && *field[6] && !strcasecmp(field[6], "ibft")) {
		line->ip_ibft = true;
		return 0;
	}
	if (count > 6 && *field[6] && !find_method(field[6], &nic.method))
		return unknown_method(field[6], why);
	if (*field[0]) {
		if (take_ip(&nic.ip, field[0], why))
			return -EINVAL;
		if (nic.method == BOOT_OFF)
			nic.method = BOOT_STATIC;
		nic.prefix = nic.ip.v6 ? 64 : 24;
	} else if (count < 7 || !*field[6]) {
		nic.method = BOOT_DHCP;
	}
	if (count > 2 && *field[2] && take_ip(&nic.gateway, field[2], why))
		return -EINVAL;
	if (count > 3 && *field[3] && take_mask(&nic.prefix, field[3], why))
		return -EINVAL;
	if (nic.prefix > (nic.ip.v6 ? 128 : 32))
		return bad(why, "the netmask is longer than the address");
	if (count > 7 && take_tail(line, &nic, field + 7, count - 7, why))
		return -EINVAL;
	return add_nic(line, &nic, why);
}

/* DEVICE:METHOD[:MTU[:MAC]] */
static int word_ip_short(struct bootline *line, char **field, int count,
			 const char **why)
{
	struct boot_nic nic = { .method = BOOT_OFF };

	if (take_ifname(nic.name, field[0], why))
		return -EINVAL;
	if (!strcasecmp(field[1], "ibft")) {
		line->ip_ibft = true;
		return 0;
	}
	if (!find_method(field[1], &nic.method))
		return unknown_method(field[1], why);
	if (count > 2 && take_tail(line, &nic, field + 2, count - 2, why))
		return -EINVAL;
	return add_nic(line, &nic, why);
}

static int word_ip(struct bootline *line, const char *value, const char **why)
{
	struct boot_nic nic = { .method = BOOT_OFF };
	char text[VALUE_LEN], *field[FIELDS_MAX];
	enum boot_method method;
	int count;

	if (copy(text, sizeof(text), value, why))
		return -EINVAL;
	if (!strcasecmp(text, "ibft")) {
		line->ip_ibft = true;
		return 0;
	}
	if (find_method(text, &nic.method)) {
		nic.any = true;
		return nic.method == BOOT_OFF ? 0 : add_nic(line, &nic, why);
	}
	count = cut(text, field, why);
	if (count < 0)
		return -EINVAL;
	/* No server has a method for its address, and a VLAN's name has a dot. */
	if (count >= 2 && *field[0] &&
	    (find_method(field[1], &method) ||
	     !strcasecmp(field[1], "ibft") || !strcasecmp(field[1], "dhcp6")))
		return word_ip_short(line, field, count, why);
	if (count == 1 && !strpbrk(text, ".["))
		return unknown_method(text, why);
	return word_ip_full(line, field, count, why);
}

/* vlan=NAME:DEVICE, the id is the number NAME ends in */
static int word_vlan(struct bootline *line, const char *value,
		     const char **why)
{
	char text[VALUE_LEN], *field[FIELDS_MAX];
	struct boot_vlan vlan = {};
	const char *digits;

	if (copy(text, sizeof(text), value, why))
		return -EINVAL;
	if (cut(text, field, why) != 2)
		return bad(why, "this is not NAME:DEVICE");
	if (take_ifname(vlan.name, field[0], why) ||
	    take_ifname(vlan.device, field[1], why))
		return -EINVAL;
	digits = field[0] + strlen(field[0]);
	while (digits > field[0] && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (take_number(&vlan.id, digits, 4094, why) || !vlan.id ||
	    !vlan.device[0])
		return bad(why, "the name of a VLAN ends in its number, 1 to 4094");
	if (line->vlans == BOOT_VLANS_MAX)
		return bad(why, "there are too many VLANs");
	line->vlan[line->vlans++] = vlan;
	return 0;
}

static int add_target(struct bootline *line, const struct boot_target *target,
		      const char **why)
{
	struct boot_target *t;
	size_t i;

	for (i = 0; i < line->targets; i++) {
		t = &line->target[i];
		if (!strcmp(t->name, target->name) &&
		    mpio_portal_equal(&t->portal, &target->portal))
			return 0;	/* said twice */
	}
	if (line->targets == BOOT_TARGETS_MAX)
		return bad(why, "there are too many targets");
	line->target[line->targets++] = *target;
	return 0;
}

/* TARGET@PORTAL[,PORTAL]... */
static int word_mpio(struct bootline *line, const char *value,
		     const char **why)
{
	struct boot_target target = {};
	char text[VALUE_LEN], *at, *portal;

	if (!strcmp(value, "off")) {
		line->off = true;
		return 0;
	}
	if (!strcmp(value, "ibft")) {
		line->ibft = true;
		line->ip_ibft = true;
		return 0;
	}
	if (!strcmp(value, "dhcp")) {
		line->dhcp_root = true;
		return 0;
	}
	if (copy(text, sizeof(text), value, why))
		return -EINVAL;
	at = strchr(text, '@');
	if (!at)
		return bad(why, "this is not TARGET@PORTAL, ibft, dhcp or off");
	*at++ = '\0';
	if (take_name(target.name, text, why))
		return -EINVAL;
	while ((portal = strsep(&at, ",")))
		if (mpio_portal_parse(portal, strlen(portal), &target.portal,
				      why) ||
		    add_target(line, &target, why))
			return -EINVAL;
	return 0;
}

/* [USER:SECRET[:USER_IN:SECRET_IN]@] ahead of the server; a secret may hold @ */
static int take_credentials(struct boot_target *target, char *text,
			    char **rest, const char **why)
{
	char *at = strrchr(text, '@'), *field[4] = { text };
	int count = 1;

	*rest = text;
	if (!at)
		return 0;
	*at = '\0';
	*rest = at + 1;
	for (; *text && count < 4; text++)
		if (*text == ':') {
			*text = '\0';
			field[count++] = text + 1;
		}
	if (count != 2 && count != 4)
		return bad(why, "credentials are not USER:SECRET[:USER:SECRET]@");
	if (copy(target->user, sizeof(target->user), field[0], why) ||
	    copy(target->secret, sizeof(target->secret), field[1], why))
		return -EINVAL;
	if (count == 4 &&
	    (copy(target->user_in, sizeof(target->user_in), field[2], why) ||
	     copy(target->secret_in, sizeof(target->secret_in), field[3], why)))
		return -EINVAL;
	return 0;
}

static int take_portal(struct mpio_portal *portal, const char *host,
		       const char *port, const char **why)
{
	uint32_t number = 3260;

	if (*port && (take_number(&number, port, 65535, why) || !number))
		return bad(why, "this is not a TCP port");
	if (mpio_portal_parse(host, strlen(host), portal, why))
		return -EINVAL;
	if (portal->has_port || portal->tpgt >= 0)
		return bad(why, "the server is not a name or an address");
	portal->port = number;
	portal->has_port = true;
	return 0;
}

/*
 * [SERVER]:[PROTOCOL]:[PORT]:[IFACE:[NETDEV]:][LUN]:TARGET, where TARGET goes
 * to the end, colons and all.
 */
static int take_root_path(struct bootline *line, char *text, const char **why)
{
	static const char *const kinds[] = { "iqn.", "eui.", "naa." };
	struct boot_target target = {};
	char *field[FIELDS_MAX], *rest, *name = NULL, *hit;
	int count;
	size_t i;

	if (take_credentials(&target, text, &rest, why))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		hit = strcasestr(rest, kinds[i]);
		while (hit && (hit == rest || hit[-1] != ':'))
			hit = strcasestr(hit + 1, kinds[i]);
		if (hit && (!name || hit < name))
			name = hit;
	}
	if (!name)
		return bad(why, "it names no target");
	if (take_name(target.name, name, why))
		return -EINVAL;
	name[-1] = '\0';
	count = cut(rest, field, why);
	if (count < 0)
		return -EINVAL;
	if (count < 4 || count > 6)
		return bad(why, "this is not SERVER:PROTOCOL:PORT:LUN:TARGET");
	if (*field[1] && strcmp(field[1], "6"))
		return bad(why, "the protocol is not TCP, which is 6");
	if (count == 6 && take_ifname(target.iface, field[4], why))
		return -EINVAL;
	if (!*field[0])
		return bad(why, "it names no server");
	if (take_portal(&target.portal, field[0], field[2], why))
		return -EINVAL;
	return add_target(line, &target, why);
}

int bootline_root_path(struct bootline *line, const char *path,
		       const char **why)
{
	char text[VALUE_LEN];
	int ret;

	if (strncmp(path, "iscsi:", 6))
		return bad(why, "this root path does not begin with iscsi:");
	if (copy(text, sizeof(text), path + 6, why))
		return -EINVAL;
	ret = take_root_path(line, text, why);
	explicit_bzero(text, sizeof(text));
	return ret;
}

/* root= and netroot= are ours only if they say dhcp or begin with iscsi: */
static int word_root(struct bootline *line, const char *value,
		     const char **why)
{
	if (!strcmp(value, "dhcp"))
		line->dhcp_root = true;
	if (strncmp(value, "iscsi:", 6) || !value[6])
		return 0;
	return bootline_root_path(line, value, why);
}

static int word_initiator(struct bootline *line, const char *value,
			  const char **why)
{
	return take_name(line->initiator, value, why);
}

static int word_wait(struct bootline *line, const char *value,
		     const char **why)
{
	return take_number(&line->wait, value, 86400, why);
}

static int word_firmware(struct bootline *line, const char *value,
			 const char **why)
{
	(void)why;
	line->ibft = strcmp(value, "0") && strcasecmp(value, "no");
	return 0;
}

static int part_name(struct bootline *line, const char *value,
		     const char **why)
{
	line->has_part = true;
	return take_name(line->parts.name, value, why);
}

static int part_address(struct bootline *line, const char *value,
			const char **why)
{
	uint16_t port = line->parts.portal.port;
	char host[MPIO_HOST_MAX + 3];

	if (copy(host, sizeof(host), value, why) ||
	    take_portal(&line->parts.portal, host, "", why))
		return -EINVAL;
	if (port)
		line->parts.portal.port = port;
	line->has_part = true;
	return 0;
}

static int part_port(struct bootline *line, const char *value,
		     const char **why)
{
	uint32_t port;

	if (take_number(&port, value, 65535, why) || !port)
		return bad(why, "this is not a TCP port");
	line->parts.portal.port = port;
	return 0;
}

static int part_user(struct bootline *line, const char *value,
		     const char **why)
{
	return copy(line->parts.user, sizeof(line->parts.user), value, why);
}

static int part_secret(struct bootline *line, const char *value,
		       const char **why)
{
	return copy(line->parts.secret, sizeof(line->parts.secret), value,
		    why);
}

static int part_user_in(struct bootline *line, const char *value,
			const char **why)
{
	return copy(line->parts.user_in, sizeof(line->parts.user_in), value,
		    why);
}

static int part_secret_in(struct bootline *line, const char *value,
			  const char **why)
{
	return copy(line->parts.secret_in, sizeof(line->parts.secret_in),
		    value, why);
}

struct word {
	const char *key;
	int (*take)(struct bootline *line, const char *value,
		    const char **why);
};

/* Compared without regard to case, with '-' and '_' the same. */
static const struct word words[] = {
	{ "iscsi_mpio", word_mpio },
	{ "iscsi_mpio_initiator", word_initiator },
	{ "iscsi_mpio_wait", word_wait },
	{ "ip", word_ip },
	{ "vlan", word_vlan },
	{ "nameserver", word_dns },
	{ "netroot", word_root },
	{ "root", word_root },
	{ "rd.iscsi.initiator", word_initiator },
	{ "rd.iscsi.target.name", part_name },
	{ "rd.iscsi.target.ip", part_address },
	{ "rd.iscsi.target.port", part_port },
	{ "rd.iscsi.username", part_user },
	{ "rd.iscsi.password", part_secret },
	{ "rd.iscsi.in.username", part_user_in },
	{ "rd.iscsi.in.password", part_secret_in },
	{ "rd.iscsi.firmware", word_firmware },
	{ "rd.iscsi.ibft", word_firmware },
	{ "iscsi_firmware", word_firmware },
	{ "iscsi_auto", word_firmware },
	{ "iscsi_initiator", word_initiator },
	{ "iscsi_target_name", part_name },
	{ "iscsi_target_ip", part_address },
	{ "iscsi_target_port", part_port },
	{ "iscsi_username", part_user },
	{ "iscsi_password", part_secret },
	{ "iscsi_in_username", part_user_in },
	{ "iscsi_in_password", part_secret_in },
};

static bool same_key(const char *a, const char *b, size_t len)
{
	size_t i;
	char c;

	for (i = 0; i < len; i++) {
		c = b[i] >= 'A' && b[i] <= 'Z' ? b[i] - 'A' + 'a' : b[i];
		if (a[i] != (c == '-' ? '_' : c))
			return false;
	}
	return !a[len];
}

int bootline_word(struct bootline *line, const char *word, const char **why)
{
	const char *value = strchrnul(word, '=');
	size_t i, len = value - word;
	struct bootline kept;
	int ret;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (same_key(words[i].key, word, len))
			break;
	if (i == ARRAY_SIZE(words))
		return 0;
	/* The flags of others stand alone, too. */
	value = *value ? value + 1 : "";
	if (!*value && words[i].take != word_firmware)
		return 0;
	kept = *line;
	ret = words[i].take(line, value, why);
	if (ret)
		*line = kept;
	explicit_bzero(&kept, sizeof(kept));
	return ret;
}

/* The next word of @text, quotes taken away; NULL at the end. */
static char *next_word(char **text)
{
	char *from = *text, *to, *word;
	bool quoted = false;

	while (*from && strchr(" \t\r\n", *from))
		from++;
	if (!*from)
		return NULL;
	for (word = to = from; *from; from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && strchr(" \t\r\n", *from))
			break;
		*to++ = *from;
	}
	*text = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

void bootline_parse(struct bootline *line, char *text,
		    void (*complain)(const char *key, const char *why))
{
	const char *why;
	char *word;

	while ((word = next_word(&text))) {
		if (!bootline_word(line, word, &why) || !complain)
			continue;
		word[strcspn(word, "=")] = '\0';
		complain(word, why);
	}
}

int bootline_finish(struct bootline *line, const char **why)
{
	struct boot_target *t;
	size_t i;
	int ret = 0;

	if (line->has_part && (!line->parts.name[0] ||
			       !line->parts.portal.host[0]))
		ret = bad(why, "a target needs both its name and its address");
	else if (line->has_part)
		ret = add_target(line, &line->parts, why);
	line->has_part = false;
	for (i = 0; i < line->targets; i++) {
		t = &line->target[i];
		if (t->secret[0] || !line->parts.secret[0])
			continue;
		memcpy(t->user, line->parts.user, sizeof(t->user));
		memcpy(t->secret, line->parts.secret, sizeof(t->secret));
		memcpy(t->user_in, line->parts.user_in, sizeof(t->user_in));
		memcpy(t->secret_in, line->parts.secret_in,
		       sizeof(t->secret_in));
	}
	return ret;
}

static void add_ibft_target(struct bootline *line,
			    const struct firmware_target *from,
			    void (*complain)(const char *key, const char *why))
{
	struct boot_target t = {};
	const char *why;
	int ret = firmware_check(from, &why);

	if (ret == -ENOENT)
		return;
	if (!ret) {
		memcpy(t.name, from->name, sizeof(t.name));
		firmware_portal(from, &t.portal);
		if (from->chap != FIRMWARE_CHAP_NONE) {
			memcpy(t.user, from->user, sizeof(t.user));
			memcpy(t.secret, from->secret, sizeof(t.secret));
		}
		if (from->chap == FIRMWARE_CHAP_MUTUAL) {
			memcpy(t.user_in, from->user_in, sizeof(t.user_in));
			memcpy(t.secret_in, from->secret_in,
			       sizeof(t.secret_in));
		}
		ret = add_target(line, &t, &why);
	}
	if (ret && complain)
		complain("iBFT target", why);
}

static void add_ibft_nic(struct bootline *line, const struct firmware_nic *from,
			 void (*complain)(const char *key, const char *why))
{
	struct boot_nic nic = { .method = BOOT_STATIC };
	const char *why = "it has no MAC address";

	if (!from->present || !(from->flags & FIRMWARE_FLAG_VALID))
		return;
	memcpy(nic.mac, from->mac, sizeof(nic.mac));
	nic.has_mac = from->has_mac;
	nic.vlan = from->vlan;
	nic.ip = from->ip;
	nic.gateway = from->gateway;
	if (from->ip.present)
		nic.prefix = from->prefix ? from->prefix :
			     from->ip.v6 ? 64 : 24;
	if (from->origin == FIRMWARE_ORIGIN_DHCP || from->dhcp.present ||
	    !from->ip.present)
		nic.method = BOOT_DHCP;
	if (!from->ip.v6 && nic.prefix > 32)
		nic.prefix = 32;
	add_dns(line, &from->dns[0]);
	add_dns(line, &from->dns[1]);
	if ((!nic.has_mac || add_nic(line, &nic, &why)) && complain)
		complain("iBFT network device", why);
}

void bootline_add_ibft(struct bootline *line, const struct firmware *ibft,
		       void (*complain)(const char *key, const char *why))
{
	int i;

	if (line->ip_ibft && !line->targets)
		line->ibft = true;
	if (line->ibft && !line->initiator[0])
		memcpy(line->initiator, ibft->initiator,
		       sizeof(line->initiator));
	for (i = 0; i < FIRMWARE_OBJECTS_MAX; i++) {
		if (line->ip_ibft)
			add_ibft_nic(line, &ibft->nic[i], complain);
		if (line->ibft)
			add_ibft_target(line, &ibft->target[i], complain);
	}
}
