/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel.h lacks for the parser of netlink requests: attributes as the
 * kernel checks them when all is strict, and addresses.
 */
#ifndef FUZZ_ENGINE_NETLINK_H
#define FUZZ_ENGINE_NETLINK_H

/* <linux/socket.h> is an empty one here. */
typedef unsigned short __kernel_sa_family_t;

#include <ctype.h>
#include <limits.h>
#include <linux/netlink.h>
#include <netinet/in.h>

#include "kernel.h"

#define __init
#define GFP_KERNEL		0U
#define kcalloc(n, size, gfp)	calloc(n, size)
#define kfree(p)		free(p)
#define sizeof_field(type, member) sizeof(((type *)0)->member)

/* ----------------------------------------------------------- attributes */

enum {
	NLA_UNSPEC, NLA_U32, NLA_U64, NLA_FLAG, NLA_NUL_STRING, NLA_BINARY,
	NLA_NESTED,
};

struct nla_policy {
	u8 type;
	u8 bounded;		/* by min and max, or by range */
	u16 len;		/* of a text; of a nest, its highest type */
	u32 min, max;		/* of a number, or of the bytes of a binary */
	const struct netlink_range_validation *range;
	const struct nla_policy *nested;
};

#define NLA_POLICY_NESTED(p) \
	{ .type = NLA_NESTED, .len = ARRAY_SIZE(p) - 1, .nested = (p) }
#define NLA_POLICY_RANGE(t, low, high) \
	{ .type = (t), .bounded = 1, .min = (low), .max = (high) }
#define NLA_POLICY_MAX(t, high)		NLA_POLICY_RANGE(t, 0, high)
#define NLA_POLICY_EXACT_LEN(n)		NLA_POLICY_RANGE(NLA_BINARY, n, n)
#define NLA_POLICY_FULL_RANGE(t, r) \
	{ .type = (t), .bounded = 1, .range = (r) }

struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
};

/* The tracepoint of it. */
#define do_trace_netlink_extack(why)	((void)(why))
#define NL_SET_BAD_ATTR(extack, attr) \
	do { if (extack) (extack)->bad_attr = (attr); } while (0)
#define NL_REQ_ATTR_CHECK(extack, nest, tb, type) \
	((void)(nest), !(tb)[type])

static inline int nla_type(const struct nlattr *nla)
{
	return nla->nla_type & NLA_TYPE_MASK;
}

static inline int nla_len(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

static inline void *nla_data(const struct nlattr *nla)
{
	return (u8 *)nla + NLA_HDRLEN;
}

static inline u32 nla_get_u32(const struct nlattr *nla)
{
	u32 value;

	memcpy(&value, nla_data(nla), sizeof(value));
	return value;
}

static inline u64 nla_get_u64(const struct nlattr *nla)
{
	u64 value;

	memcpy(&value, nla_data(nla), sizeof(value));
	return value;
}

static inline bool nla_get_flag(const struct nlattr *nla)
{
	return nla;
}

static inline bool nla_ok(const struct nlattr *nla, int rem)
{
	return rem >= (int)sizeof(*nla) && nla->nla_len >= sizeof(*nla) &&
	       nla->nla_len <= rem;
}

static inline struct nlattr *nla_next(const struct nlattr *nla, int *rem)
{
	*rem -= NLA_ALIGN(nla->nla_len);
	return (struct nlattr *)((u8 *)nla + NLA_ALIGN(nla->nla_len));
}

#define nla_for_each_nested(pos, nest, rem)				\
	for (pos = nla_data(nest), rem = nla_len(nest);			\
	     nla_ok(pos, rem); pos = nla_next(pos, &(rem)))

struct nlattr *nla_find_nested(const struct nlattr *nest, int type);
int nla_parse_nested(struct nlattr *tb[], int max, const struct nlattr *nest,
		     const struct nla_policy *policy,
		     struct netlink_ext_ack *extack);

/* ------------------------------------------------------------ addresses */

#define IPV6_ADDR_ANY		0x0000U
#define IPV6_ADDR_UNICAST	0x0001U
#define IPV6_ADDR_MULTICAST	0x0002U
#define IPV6_ADDR_LINKLOCAL	0x0020U
#define IPV6_ADDR_MAPPED	0x1000U

static inline int ipv6_addr_type(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_UNSPECIFIED(a))
		return IPV6_ADDR_ANY;
	if (IN6_IS_ADDR_MULTICAST(a))
		return IPV6_ADDR_MULTICAST;
	if (IN6_IS_ADDR_V4MAPPED(a))
		return IPV6_ADDR_MAPPED;
	return IPV6_ADDR_UNICAST |
	       (IN6_IS_ADDR_LINKLOCAL(a) ? IPV6_ADDR_LINKLOCAL : 0);
}

static inline bool ipv4_is_multicast(in_addr_t a)
{
	return IN_MULTICAST(ntohl(a));
}

static inline bool ipv4_is_lbcast(in_addr_t a)
{
	return a == htonl(INADDR_BROADCAST);
}

bool dev_valid_name(const char *name);

#endif /* FUZZ_ENGINE_NETLINK_H */
