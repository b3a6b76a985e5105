/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending with the socket locked already.
 *
 * Zero-copy: MSG_SPLICE_PAGES takes many pages at a time; kernels with
 * kernel_sendpage() take one. (6.1 defines the flag, and ignores it.)
 */
#ifndef _MPIO_COMPAT_SOCK_SEND_H
#define _MPIO_COMPAT_SOCK_SEND_H

#include <linux/bvec.h>
#include <linux/uio.h>
#include <net/tcp.h>

/*
 * Socket locked by its owner, or its spinlock held; does not sleep. Sends a
 * copy of @len bytes at @buf; returns like sendmsg() with MSG_DONTWAIT.
 */
static inline int mpio_sock_send_copy(struct sock *sk, void *buf, size_t len,
				      int flags)
{
	struct msghdr msg = { .msg_flags = flags };
	struct kvec iov = { .iov_base = buf, .iov_len = len };

	sock_owned_by_me(sk);
	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &iov, 1, len);
	return tcp_sendmsg_locked(sk, &msg, len);
}

/*
 * As above. Sends the @n pieces of @bvec, @len bytes in all, by reference when
 * @splice (no slab pages then), else by copy; fewer bytes than asked for are
 * no error.
 */
#ifdef HAVE_KERNEL_SENDPAGE
static inline int mpio_sock_send_bvec(struct sock *sk, struct bio_vec *bvec,
				      unsigned int n, size_t len, bool splice,
				      int flags)
{
	struct msghdr msg = { .msg_flags = flags };

	if (splice) {
		/* tcp_sendpage_locked() takes one reference: so one page at a time. */
		size_t piece = min_t(size_t, bvec->bv_len,
				     PAGE_SIZE - bvec->bv_offset);

		if (piece < len)
			flags |= MSG_MORE | MSG_SENDPAGE_NOTLAST;
		return tcp_sendpage_locked(sk, bvec->bv_page, bvec->bv_offset,
					   piece, flags);
	}
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, bvec, n, len);
	return tcp_sendmsg_locked(sk, &msg, len);
}
#else
static inline int mpio_sock_send_bvec(struct sock *sk, struct bio_vec *bvec,
				      unsigned int n, size_t len, bool splice,
				      int flags)
{
	struct msghdr msg = {
		.msg_flags = flags | (splice ? MSG_SPLICE_PAGES : 0),
	};

	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, bvec, n, len);
	return tcp_sendmsg_locked(sk, &msg, len);
}
#endif

#endif
