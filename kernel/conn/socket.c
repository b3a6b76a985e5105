// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's socket: its options, where it comes from, its end.
 */
#include "base/setting.h"
#include "conn/conn.h"

#include <linux/delay.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sched/mm.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/sock.h>
#include <net/tcp.h>

/* Rounds of half a millisecond and more that a close waits for the network. */
#define MPIO_PAGES_ROUNDS	500

/* Our sockets are locked below the block layer, unlike everybody else's. */
#ifdef CONFIG_DEBUG_LOCK_ALLOC
static struct lock_class_key mpio_sk_key[2], mpio_slock_key[2];

static void mpio_conn_reclassify(struct sock *sk)
{
	bool v6 = sk->sk_family == AF_INET6;

	if (WARN_ON_ONCE(!sock_allow_reclassification(sk)))
		return;
	sock_lock_init_class_and_name(sk, v6 ? "slock-AF_INET6-MPIO" :
					       "slock-AF_INET-MPIO",
				      &mpio_slock_key[v6],
				      v6 ? "sk_lock-AF_INET6-MPIO" :
					   "sk_lock-AF_INET-MPIO",
				      &mpio_sk_key[v6]);
}
#else
static void mpio_conn_reclassify(struct sock *sk)
{
}
#endif

/* Names of Linux' congestion controls by enum mpio_congestion_control. */
static const char *const mpio_congestion_names[] = {
	[MPIO_CONGESTION_RENO]		= "reno",
	[MPIO_CONGESTION_CUBIC]		= "cubic",
	[MPIO_CONGESTION_BBR]		= "bbr",
	[MPIO_CONGESTION_DCTCP]		= "dctcp",
	[MPIO_CONGESTION_HTCP]		= "htcp",
	[MPIO_CONGESTION_VEGAS]		= "vegas",
	[MPIO_CONGESTION_WESTWOOD]	= "westwood",
};

/*
 * An unused socket for each congestion control that settings have asked for. It
 * keeps the module loaded, as loading it while a disk is being reconnected to might
 * need that very disk.
 */
static struct socket *mpio_congestion_kept[__MPIO_CONGESTION_MAX];
static DEFINE_MUTEX(mpio_congestion_mutex);

static int mpio_socket_set_congestion(struct socket *sock, const char *name)
{
	return sock_common_setsockopt(sock, SOL_TCP, TCP_CONGESTION,
				      KERNEL_SOCKPTR((char *)name),
				      strlen(name));
}

/*
 * The network layer is told once that there are sockets which memory is freed
 * over. sk_set_memalloc() of each would wait for cpus_read_lock(): a processor
 * that goes offline or comes may be waiting for a disk of ours, hence for the
 * very login that needs the socket.
 */
static struct socket *mpio_memalloc_kept;

int mpio_socket_init(void)
{
	int err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
				   IPPROTO_TCP, &mpio_memalloc_kept);

	if (!err)
		sk_set_memalloc(mpio_memalloc_kept->sk);
	return err;
}

void mpio_socket_exit(void)
{
	unsigned int i;

	for (i = 0; i < __MPIO_CONGESTION_MAX; i++)
		if (mpio_congestion_kept[i])
			sock_release(mpio_congestion_kept[i]);
	sk_clear_memalloc(mpio_memalloc_kept->sk);
	sock_release(mpio_memalloc_kept);
}

/* Any context. What sk_set_memalloc() does to @sk itself. */
static void mpio_socket_set_memalloc(struct sock *sk)
{
	sock_set_flag(sk, SOCK_MEMALLOC);
	sk->sk_allocation |= __GFP_MEMALLOC;
}

int mpio_congestion_need(u32 congestion)
{
	struct socket *sock;
	int err = 0;

	mutex_lock(&mpio_congestion_mutex);
	if (congestion == MPIO_CONGESTION_DEFAULT ||
	    mpio_congestion_kept[congestion])
		goto unlock;
	err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (err)
		goto unlock;
	err = mpio_socket_set_congestion(sock,
					 mpio_congestion_names[congestion]);
	if (err)
		sock_release(sock);
	else
		WRITE_ONCE(mpio_congestion_kept[congestion], sock);
unlock:
	mutex_unlock(&mpio_congestion_mutex);
	return err;
}

/* Nothing is loaded here: what is not kept is not there. */
static void mpio_socket_apply_congestion(const struct mpio_conn *conn,
					 struct socket *sock)
{
	u32 congestion = mpio_setting_of(conn->settings,
					 MPIO_TA_CONGESTION_CONTROL);
	const struct tcp_congestion_ops *ca;
	char name[TCP_CA_NAME_MAX];

	if (congestion != MPIO_CONGESTION_DEFAULT) {
		if (READ_ONCE(mpio_congestion_kept[congestion]))
			mpio_socket_set_congestion(sock,
						   mpio_congestion_names[congestion]);
		else
			pr_warn_ratelimited("session %u: this kernel has no congestion control %s, the system's default stays [MPIO0001]\n",
					    conn->id,
					    mpio_congestion_names[congestion]);
		return;
	}
	/* Back from another one. */
	if (!inet_csk(sock->sk)->icsk_ca_setsockopt)
		return;
	rcu_read_lock();
	ca = rcu_dereference(sock_net(sock->sk)->ipv4.tcp_congestion_control);
	strscpy(name, ca->name, sizeof(name));
	rcu_read_unlock();
	mpio_socket_set_congestion(sock, name);
}

/* Applies the settings of the session that concern packets: DSCP and congestion. */
static void mpio_socket_apply(const struct mpio_conn *conn, struct socket *sock)
{
	/* no ECN bits */
	int tos = mpio_setting_of(conn->settings, MPIO_TA_DSCP) << 2;

	if (sock->sk->sk_family == AF_INET6)
		sock_common_setsockopt(sock, SOL_IPV6, IPV6_TCLASS,
				       KERNEL_SOCKPTR(&tos), sizeof(tos));
	else
		ip_sock_set_tos(sock->sk, tos);
	mpio_socket_apply_congestion(conn, sock);
}

void mpio_conn_apply_settings(struct mpio_conn *conn)
{
	unsigned int noio;

	mutex_lock(&conn->sock_mutex);
	noio = memalloc_noio_save();	/* recovery waits for the mutex */
	if (conn->sock)
		mpio_socket_apply(conn, conn->sock);
	memalloc_noio_restore(noio);
	mutex_unlock(&conn->sock_mutex);
}

static void mpio_socket_set_options(struct sock *sk)
{
	mpio_conn_reclassify(sk);
	tcp_sock_set_nodelay(sk);
	/* Closing means RST: nothing may linger that could still be sent. */
	sock_no_linger(sk);
	/* Login tries for itself; do not sit out a SYN back-off. */
	tcp_sock_set_syncnt(sk, 2);
	sk->sk_allocation = GFP_ATOMIC;
	mpio_sk_no_task_frag(sk);
	mpio_socket_set_memalloc(sk);
}

static int mpio_conn_bind(struct socket *sock,
			  const struct mpio_conn_source *from)
{
	struct sockaddr_storage source = *from->addr;
	int err;

	if (from->iface[0]) {
		sockptr_t optval = KERNEL_SOCKPTR((char *)from->iface);

		err = sock_setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, optval,
				      strlen(from->iface));
		if (err)
			return err;
	}
	if (!source.ss_family)
		return 0;
	/* Its port is not ours to choose. */
	if (source.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&source)->sin6_port = 0;
	else
		((struct sockaddr_in *)&source)->sin_port = 0;
	return kernel_bind(sock, (struct sockaddr_unsized *)&source,
			   sizeof(source));
}

int mpio_conn_open(struct mpio_conn *conn, const struct sockaddr_storage *addr,
		   const struct mpio_conn_source *from, unsigned long deadline)
{
	int len = addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						 sizeof(struct sockaddr_in);
	struct sockaddr_storage to = *addr;
	struct socket *sock;
	int err;

	err = sock_create_kern(from->net, addr->ss_family, SOCK_STREAM,
			       IPPROTO_TCP, &sock);
	if (err)
		return err;
	mpio_socket_set_options(sock->sk);
	err = mpio_conn_bind(sock, from);
	if (err) {
		sock_release(sock);
		return err;
	}
	/*
	 * The connect begins before ->sock is published: mpio_conn_shutdown() can
	 * only end a connect that is under way.
	 */
	sock->sk->sk_sndtimeo = max_t(long, deadline - jiffies, 1);
	mutex_lock(&conn->sock_mutex);
	/* mpio_conn_apply_settings() may have been called while there was no socket. */
	mpio_socket_apply(conn, sock);
	err = kernel_connect(sock, (struct sockaddr_unsized *)&to, len,
			     O_NONBLOCK);
	conn->sock = sock;
	WRITE_ONCE(conn->anew, false);
	/* A login for the fence goes to a portal that works: its SYN is not given up. */
	conn->syn_sent = from->own ? jiffies | 1 : 0;
	mutex_unlock(&conn->sock_mutex);
	if (conn->ops->cancelled(conn))
		return -ECANCELED;
	if (err == -EINPROGRESS && !READ_ONCE(conn->anew))
		err = kernel_connect(sock, (struct sockaddr_unsized *)&to, len,
				     0);
	if (READ_ONCE(conn->anew))
		return -ERESTART;
	/* A blocking connect that runs into its time limit says so: */
	return err == -EALREADY || err == -EAGAIN ? -ETIMEDOUT : err;
}

void mpio_conn_shutdown(struct mpio_conn *conn)
{
	mutex_lock(&conn->sock_mutex);
	if (conn->sock)
		kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	mutex_unlock(&conn->sock_mutex);
}

bool mpio_conn_acked(struct mpio_conn *conn, unsigned long since)
{
	const struct tcp_sock *tp;
	bool acked = false;
	u32 una;

	mutex_lock(&conn->sock_mutex);
	if (conn->sock) {
		tp = tcp_sk(conn->sock->sk);
		una = READ_ONCE(tp->snd_una);
		/* All is acknowledged; or the window is full, and a probe was answered. */
		acked = una == READ_ONCE(tp->write_seq) ||
			(una == READ_ONCE(tp->snd_nxt) &&
			 !READ_ONCE(tp->snd_wnd) &&
			 (s32)(READ_ONCE(tp->rcv_tstamp) - (u32)since) > 0);
	}
	mutex_unlock(&conn->sock_mutex);
	return acked;
}

/* TCP itself repeats it after this time. */
#define MPIO_SYN_PATIENCE	HZ

void mpio_conn_reconnect(struct mpio_conn *conn)
{
	struct socket *sock;

	mutex_lock(&conn->sock_mutex);
	sock = conn->sock;
	if (sock && conn->syn_sent &&
	    time_after_eq(jiffies, conn->syn_sent + MPIO_SYN_PATIENCE)) {
		lock_sock(sock->sk);
		if (sock->sk->sk_state == TCP_SYN_SENT)
			WRITE_ONCE(conn->anew, true);
		release_sock(sock->sk);
		/* A SYN+ACK that came since the lock was released is lost. */
		if (READ_ONCE(conn->anew))
			kernel_sock_shutdown(sock, SHUT_RDWR);
	}
	mutex_unlock(&conn->sock_mutex);
}

/*
 * After the socket is closed its packets may still sit in a queue of this host,
 * and they refer to the pages of our commands; sk_wmem_alloc counts them. The wait
 * is bounded: a queue that is stopped (a card without link) may keep a packet for
 * ever, and recovery must not wait for that. A packet that leaves later carries
 * what its pages hold then. Those of a write that the fence holds stay as they are;
 * those of one that has failed, or that FenceMode none has sent again, may not.
 */
static void mpio_conn_wait_pages(struct sock *sk)
{
	unsigned int round;

	for (round = 0; round < MPIO_PAGES_ROUNDS; round++) {
		if (!sk_wmem_alloc_get(sk))
			return;
		usleep_range(500, 1000);
	}
}

/*
 * A connection that went silent ends without a RST. That would not get through
 * as a rule, nor does anything depend on it; but a target that is told closes
 * the connection itself, and there are those whose LOGICAL UNIT RESET then no
 * longer waits for its commands: see multipath/fence.c.
 */
static void mpio_conn_hush(struct sock *sk)
{
	lock_sock(sk);
	tcp_sk(sk)->repair = 1;
	release_sock(sk);
}

void mpio_conn_release_socket(struct mpio_conn *conn, bool quietly)
{
	struct socket *sock;
	unsigned int noio;
	struct sock *sk;

	mutex_lock(&conn->sock_mutex);
	sock = conn->sock;
	conn->sock = NULL;
	mutex_unlock(&conn->sock_mutex);
	if (!sock)
		return;
	/*
	 * Its RST needs memory, and the commands of this very connection have not
	 * been moved yet: to free memory by writing them would be waited for here.
	 */
	noio = memalloc_noio_save();
	sk = sock->sk;
	if (quietly)
		mpio_conn_hush(sk);
	sock_hold(sk);
	sock_release(sock);
	mpio_conn_wait_pages(sk);
	sock_put(sk);
	memalloc_noio_restore(noio);
}
