/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of a kernel as it takes to run parts of the module in a program, with
 * their own headers: the sending and receiving half of a connection, and the
 * error table. One CPU, nothing sleeps, no interrupt comes. The socket and what is
 * above and below are in fuzz_receive.c, the neighbours of the error table in
 * tests/unit/test_disposition.c.
 */
#ifndef FUZZ_ENGINE_KERNEL_H
#define FUZZ_ENGINE_KERNEL_H

#include <stdlib.h>
#include <stdio.h>
#include <sys/socket.h>

#include "../../../kernel/proto/env.h"

typedef __s64 s64;
typedef unsigned int gfp_t;
typedef s64 ktime_t;

#define __percpu
#define __rcu
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define likely(x)		(x)
#define unlikely(x)		(x)
#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, v)	((x) = (v))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define BIT(n)			(1UL << (n))
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((typeof(x))(a) - 1))
#define DIV_ROUND_UP(a, b)	(((a) + (b) - 1) / (b))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define max_t(t, a, b)		max((t)(a), (t)(b))
#define swap(a, b)		\
	do { typeof(a) __t = (a); (a) = (b); (b) = __t; } while (0)
/* What tables of settings hold, which only policies read. */
struct netlink_range_validation {
	u64 min, max;
};

#define le32_to_cpu(v)		le32toh((__force u32)(v))
#define cpu_to_le32(v)		((__force __le32)htole32(v))
#define __ro_after_init
#define SZ_8K			0x2000
#define SZ_64K			0x10000
#define SZ_128K			0x20000
#define PAGE_SHIFT		12
#define U32_MAX			0xffffffffU
#define PAGE_SIZE		4096UL
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define IS_ENABLED(x)		0
#define BUILD_BUG_ON(cond)	((void)sizeof(char[1 - 2 * !!(cond)]))
/* A broken invariant of ours is what the fuzzer is after. */
#define WARN_ON_ONCE(cond)	({ if (cond) abort(); 0; })
#define lockdep_assert_held(l)	do { } while (0)
#define sock_owned_by_me(sk)	((void)(sk))
#define pr_warn_ratelimited(...) \
	do { if (0) printf(__VA_ARGS__); } while (0)
#define pr_info_ratelimited	pr_warn_ratelimited
#define ilog2(n)		(31 - __builtin_clz(n))

static inline size_t strscpy(char *to, const char *from, size_t size)
{
	return (size_t)snprintf(to, size, "%s", from);
}

/* ---------------------------------------------------------------- bits */

static inline bool test_bit(int n, const unsigned long *p)
{
	return *p >> n & 1;
}

static inline void set_bit(int n, unsigned long *p)
{
	*p |= BIT(n);
}

static inline void clear_bit(int n, unsigned long *p)
{
	*p &= ~BIT(n);
}

static inline bool test_and_clear_bit(int n, unsigned long *p)
{
	bool was = test_bit(n, p);

	clear_bit(n, p);
	return was;
}

static inline bool test_and_set_bit(int n, unsigned long *p)
{
	bool was = test_bit(n, p);

	set_bit(n, p);
	return was;
}

#define smp_mb__after_atomic()	do { } while (0)
#define smp_mb__before_atomic()	do { } while (0)

typedef struct { int v; } atomic_t;
#define atomic_read(a)		((a)->v)
#define atomic_set(a, n)	((a)->v = (n))
#define atomic_sub(n, a)	((a)->v -= (n))
#define atomic_dec_and_test(a)	(--(a)->v == 0)
#define this_cpu_inc(x)		((x)++)
#define this_cpu_add(x, n)	((x) += (n))

/* --------------------------------------------------------------- lists */

struct list_head {
	struct list_head *next, *prev;
};

struct llist_node {
	struct llist_node *next;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct llist_head {
	struct llist_node *first;
};

struct rcu_head {
	void *next;
};

#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }
#define list_entry		container_of
#define list_first_entry(h, t, m) list_entry((h)->next, t, m)
#define list_next_entry(p, m)	list_entry((p)->m.next, typeof(*(p)), m)
#define list_for_each_entry(p, h, m) \
	for (p = list_first_entry(h, typeof(*p), m); &p->m != (h); \
	     p = list_next_entry(p, m))
#define list_for_each_entry_safe(p, n, h, m) \
	for (p = list_first_entry(h, typeof(*p), m), \
	     n = list_next_entry(p, m); &p->m != (h); \
	     p = n, n = list_next_entry(n, m))

static inline void INIT_LIST_HEAD(struct list_head *h)
{
	h->next = h;
	h->prev = h;
}

static inline bool list_empty(const struct list_head *h)
{
	return h->next == h;
}

static inline void list_add(struct list_head *n, struct list_head *h)
{
	n->next = h->next;
	n->prev = h;
	h->next->prev = n;
	h->next = n;
}

static inline void list_add_tail(struct list_head *n, struct list_head *h)
{
	list_add(n, h->prev);
}

static inline void list_splice_tail_init(struct list_head *from,
					 struct list_head *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	INIT_LIST_HEAD(from);
}

static inline void list_del_init(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	INIT_LIST_HEAD(n);
}

/* ------------------------------------------------- what nobody waits for */

struct mutex { int v; };
typedef struct { int v; } spinlock_t;
struct kref { int v; };
struct completion { int done; };
struct bio_list { int v; };
struct work_struct { int v; };
typedef void (*work_func_t)(struct work_struct *work);
struct delayed_work { struct work_struct work; };
struct workqueue_struct;

#define mutex_lock(m)		((void)(m))
#define mutex_unlock(m)		((void)(m))
#define rcu_read_lock()		do { } while (0)
#define rcu_read_unlock()	do { } while (0)
#define rcu_dereference(p)	(p)
#define reinit_completion(c)	((c)->done = 0)
#define kref_get(k)		((k)->v++)
#define wake_up_var(p)		((void)(p))
void kicked(void);
#define queue_work_on(c, q, w)	((void)(q), (void)(w), kicked())
#define queue_work(q, w)	((void)(q), (void)(w))
#define mod_delayed_work(q, w, t) ((void)(q), (void)(w))
#define memalloc_noreclaim_save() 0U
#define memalloc_noreclaim_restore(f) ((void)(f))

static inline void complete(struct completion *c)
{
	c->done++;
}

/* ----------------------------------------------------------------- time */

#define jiffies			1000UL
#define HZ			250
#define NSEC_PER_USEC		1000L
#define CLOCK_MONOTONIC		1
#define HRTIMER_MODE_REL	1
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define time_before(a, b)	((long)((a) - (b)) < 0)
#define time_after(a, b)	time_before(b, a)
#define ktime_get()		((ktime_t)1)
u64 ktime_get_ns(void);
#define ktime_before(a, b)	((a) < (b))
#define ktime_sub(a, b)		((a) - (b))
#define ktime_us_delta(a, b)	(((a) - (b)) / 1000)

enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };

struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	bool queued;
};

#define hrtimer_setup(t, f, c, m) ((t)->function = (f))
#define hrtimer_is_queued(t)	((t)->queued)
#define hrtimer_start(t, ns, m)	((t)->queued = true)

/* ------------------------------------------------ memory: pages in a row */

struct page {
	u8 byte[4096];
};

struct scatterlist {
	struct page *page;
	u32 offset, length;
	bool last;
};

struct bio_vec {
	struct page *bv_page;
	u32 bv_len, bv_offset;
};

struct page_frag {
	struct page *page;
	u32 offset, size;
};

#define GFP_ATOMIC		0U
#define __GFP_NOWARN		0U
bool skb_page_frag_refill(u32 sz, struct page_frag *frag, gfp_t gfp);
int page_ref_count(const struct page *page);
#define page_is_pfmemalloc(p)	((void)(p), false)
#define put_page(p)		((void)(p))
#define copy_page(to, from)	memcpy(to, from, PAGE_SIZE)
#define PAGE_ALIGNED(p)		(!((unsigned long)(p) & ~PAGE_MASK))

#define page_address(p)		((u8 *)(p))
#define offset_in_page(p)	((u32)((unsigned long)(p) & ~PAGE_MASK))
#define virt_to_page(p)		((struct page *)((unsigned long)(p) & PAGE_MASK))
#define bvec_set_page(bv, p, len, offset) \
	(*(bv) = (struct bio_vec){ (p), (len), (offset) })

/* ASan guards the ends of what was allocated, not of pages. */
#define nth_page(p, n)		((struct page *)((u8 *)(p) + (n) * PAGE_SIZE))
#define kmap_local_page(p)	((u8 *)(p))
#define kunmap_local(p)		((void)(p))
#define sendpage_ok(p)		((void)(p), true)
#define sg_page(sg)		((sg)->page)
#define sg_is_last(sg)		((sg)->last)
#define sg_next(sg)		((sg)->last ? NULL : (sg) + 1)
#define sg_init_one(sg, buf, len) \
	(*(sg) = (struct scatterlist){ (struct page *)(buf), 0, len, true })

u32 crc32c(u32 crc, const void *data, size_t len);

/* --------------------------------------------------------------- socket */

struct sk_buff {
	u32 len, seq;
	const u8 *data;
};

struct sk_buff_head {
	struct sk_buff *first;
};

struct sock {
	int sk_err, sk_shutdown, sk_state, sk_rcvbuf;
	u32 copied_seq;
	struct sk_buff_head sk_receive_queue;
};

struct socket {
	struct sock *sk;
};

struct skb_seq_state {
	const u8 *from;
	u32 rest;
};

typedef struct {
	size_t count;
	union { void *data; } arg;
} read_descriptor_t;

struct kvec {
	void *iov_base;
	size_t iov_len;
};

struct iov_iter {
	const struct kvec *kvec;
	const struct bio_vec *bvec;
	unsigned int n;
};

/* struct msghdr of the C library is in the way */
struct kernel_msghdr {
	int msg_flags;
	struct iov_iter msg_iter;
};

#define msghdr			kernel_msghdr
#define ITER_SOURCE		1
#define MSG_SPLICE_PAGES	0x8000000
#define RCV_SHUTDOWN		1
#define TCP_ESTABLISHED		1
#define tcp_sk(sk)		(sk)
#define TCP_SKB_CB(skb)		(skb)
#define skb_peek(queue)		((queue)->first)
bool tcp_epollin_ready(const struct sock *sk, int n);
#define iov_iter_kvec(i, dir, v, count, len) \
	(*(i) = (struct iov_iter){ .kvec = (v), .n = (count) })
#define iov_iter_bvec(i, dir, v, count, len) \
	(*(i) = (struct iov_iter){ .bvec = (v), .n = (count) })

int skb_copy_bits(const struct sk_buff *skb, u32 offset, void *to, u32 len);
void skb_prepare_seq_read(struct sk_buff *skb, u32 from, u32 to,
			  struct skb_seq_state *st);
unsigned int skb_seq_read(unsigned int consumed, const u8 **data,
			  struct skb_seq_state *st);
#define skb_abort_seq_read(st)	((void)(st))
int tcp_read_sock(struct sock *sk, read_descriptor_t *desc,
		  int (*actor)(read_descriptor_t *desc, struct sk_buff *skb,
			       unsigned int offset, size_t len));
int tcp_sendmsg_locked(struct sock *sk, struct kernel_msghdr *msg, size_t len);

/* ----------------------------------------------------------------- SCSI */

#define DID_OK			0x00
#define DID_ABORT		0x05
#define DID_ERROR		0x07
#define DID_TRANSPORT_FAILFAST	0x0f
#define TYPE_DISK		0x00
#define TYPE_TAPE		0x01
#define TYPE_ZBC		0x14

enum {
	SAM_STAT_GOOD			= 0x00,
	SAM_STAT_CHECK_CONDITION	= 0x02,
	SAM_STAT_CONDITION_MET		= 0x04,
	SAM_STAT_BUSY			= 0x08,
	SAM_STAT_RESERVATION_CONFLICT	= 0x18,
	SAM_STAT_TASK_SET_FULL		= 0x28,
	SAM_STAT_ACA_ACTIVE		= 0x30,
	SAM_STAT_TASK_ABORTED		= 0x40,
};

enum {
	NO_SENSE, RECOVERED_ERROR, NOT_READY, MEDIUM_ERROR, HARDWARE_ERROR,
	ILLEGAL_REQUEST, UNIT_ATTENTION, DATA_PROTECT, BLANK_CHECK,
	COPY_ABORTED = 10, ABORTED_COMMAND, MISCOMPARE = 14,
};

struct request {
	bool passthrough;
	unsigned int timeout;
};

struct scsi_device {
	void *hostdata;
};

struct scsi_cmnd {
	struct request request;
	struct scsi_device *device;
	unsigned long jiffies_at_alloc;
	int allowed;
	int result;
	u32 resid;
};

#define scsi_cmd_to_rq(sc)	(&(sc)->request)
#define blk_rq_is_passthrough(rq) ((rq)->passthrough)
#define scsi_set_resid(sc, n)	((sc)->resid = (n))
void scsi_done(struct scsi_cmnd *sc);

/* --------------------------------------------------------------- traces */

#define trace_mpio_pdu_error(...)	do { } while (0)
#define trace_mpio_abort(...)		do { } while (0)

#endif /* FUZZ_ENGINE_KERNEL_H */
