// SPDX-License-Identifier: GPL-2.0
/* Attributes, checked as strictly as the kernel does for a new family. */
#include "netlink.h"

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  const char *why)
{
	if (extack) {
		extack->_msg = why;
		extack->bad_attr = attr;
	}
	return -EINVAL;
}

static int parse(struct nlattr *tb[], int max, const struct nlattr *nest,
		 const struct nla_policy *policy,
		 struct netlink_ext_ack *extack);

static int check_bounds(const struct nlattr *nla,
			const struct nla_policy *policy,
			struct netlink_ext_ack *extack)
{
	u64 min = policy->range ? policy->range->min : policy->min;
	u64 max = policy->range ? policy->range->max : policy->max;
	u64 value = policy->type == NLA_BINARY ? (u64)nla_len(nla) :
		    policy->type == NLA_U32 ? nla_get_u32(nla) :
					      nla_get_u64(nla);

	if (!policy->bounded || (value >= min && value <= max))
		return 0;
	refuse(extack, nla, "out of range");
	return -ERANGE;
}

static int check_text(const struct nlattr *nla, const struct nla_policy *policy,
		      struct netlink_ext_ack *extack)
{
	int len = nla_len(nla);
	const char *text = nla_data(nla);

	if (!len || !memchr(text, 0, len))
		return refuse(extack, nla, "a text does not end");
	if (policy->len && len - !text[len - 1] > policy->len)
		return refuse(extack, nla, "a text is too long");
	return 0;
}

static int check(const struct nlattr *nla, const struct nla_policy *policy,
		 struct netlink_ext_ack *extack)
{
	int len = nla_len(nla);

	if ((policy->type == NLA_NESTED) != !!(nla->nla_type & NLA_F_NESTED))
		return refuse(extack, nla, "NLA_F_NESTED is wrong");
	switch (policy->type) {
	case NLA_U32:
	case NLA_U64:
		if (len == (policy->type == NLA_U32 ? 4 : 8))
			return check_bounds(nla, policy, extack);
		return refuse(extack, nla, "invalid attribute length");
	case NLA_FLAG:
		return len ? refuse(extack, nla, "a flag has no value") : 0;
	case NLA_NUL_STRING:
		return check_text(nla, policy, extack);
	case NLA_BINARY:
		return check_bounds(nla, policy, extack);
	case NLA_NESTED:
		return len ? parse(NULL, policy->len, nla, policy->nested,
				   extack) : 0;
	default:
		return refuse(extack, nla, "unsupported attribute");
	}
}

static int parse(struct nlattr *tb[], int max, const struct nlattr *nest,
		 const struct nla_policy *policy,
		 struct netlink_ext_ack *extack)
{
	struct nlattr *nla;
	int rem, err;

	nla_for_each_nested(nla, nest, rem) {
		if (!nla_type(nla) || nla_type(nla) > max)
			return refuse(extack, nla, "unknown attribute type");
		err = check(nla, &policy[nla_type(nla)], extack);
		if (err)
			return err;
		if (tb)
			tb[nla_type(nla)] = nla;
	}
	return rem > 0 ? refuse(extack, nest, "bytes leftover") : 0;
}

int nla_parse_nested(struct nlattr *tb[], int max, const struct nlattr *nest,
		     const struct nla_policy *policy,
		     struct netlink_ext_ack *extack)
{
	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (!(nest->nla_type & NLA_F_NESTED))
		return refuse(extack, nest, "NLA_F_NESTED is missing");
	return parse(tb, max, nest, policy, extack);
}

struct nlattr *nla_find_nested(const struct nlattr *nest, int type)
{
	struct nlattr *nla;
	int rem;

	nla_for_each_nested(nla, nest, rem)
		if (nla_type(nla) == type)
			return nla;
	return NULL;
}

bool dev_valid_name(const char *name)
{
	if (!*name || strlen(name) > 15 || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || isspace((u8)*name))
			return false;
	return true;
}
