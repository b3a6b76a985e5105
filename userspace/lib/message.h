/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink messages and attributes, built and read in memory. What carries them
 * is libnl in iscsictl and libmnl in iscsi-mpio-boot (genl.h).
 */
#ifndef _ISCSICTL_MESSAGE_H
#define _ISCSICTL_MESSAGE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message {
	struct nlmsghdr *head;
	size_t size;		/* of the buffer that begins with head */
	bool full;		/* something did not fit: not to be sent */
};

/*
 * Begins a message of @type in @buffer, aligned as a header; @family is the
 * header of what speaks there (struct genlmsghdr, ifinfomsg, ...).
 */
void message_init(struct message *msg, void *buffer, size_t size,
		  uint16_t type, uint16_t flags, const void *family,
		  size_t len);

void message_put(struct message *msg, uint16_t type, const void *data,
		 size_t len);
void message_put_u32(struct message *msg, uint16_t type, uint32_t value);
void message_put_string(struct message *msg, uint16_t type, const char *text);

/* What is put until message_nest_end() is within; without any it is undone. */
struct nlattr *message_nest(struct message *msg, uint16_t type);
void message_nest_end(struct message *msg, struct nlattr *nest);

uint16_t message_type(const struct nlattr *a);
size_t message_len(const struct nlattr *a);
const void *message_data(const struct nlattr *a);
/* 0 if it is shorter than such a number. */
uint32_t message_u32(const struct nlattr *a);
uint64_t message_u64(const struct nlattr *a);

/* Is there an attribute at @a, whole, when @rest bytes are left? */
bool message_ok(const struct nlattr *a, size_t rest);
/* The one behind it, and less left. */
const struct nlattr *message_next(const struct nlattr *a, size_t *rest);

/*
 * Sets tb[1..max] to the attributes of these types within the @len bytes at
 * @first, NULL where there is none. Types beyond are left out.
 */
void message_parse(const struct nlattr **tb, uint16_t max, const void *first,
		   size_t len);
void message_parse_nested(const struct nlattr **tb, uint16_t max,
			  const struct nlattr *nest);

#endif /* _ISCSICTL_MESSAGE_H */
