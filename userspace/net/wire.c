// SPDX-License-Identifier: GPL-2.0
/* Sockets with a deadline; digests as RFC 7143 11.1 wants them. */
#include "net/wire.h"

#include <endian.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

/* 1 when ready, 0 when the deadline has passed. */
static int wait_for(struct wire *wire, short events)
{
	struct pollfd fd = { wire->fd, events, 0 };
	long long rest;
	int ret;

	do {
		rest = wire->deadline - clock_now();
		if (rest <= 0)
			return 0;
		ret = poll(&fd, 1, rest > 60000 ? 60000 : rest);
	} while (!ret || (ret < 0 && errno == EINTR));
	return ret > 0;
}

static int silent(void)
{
	return because(CODE_CONNECT_TIMEOUT,
		       "the portal did not answer in time");
}

static int broken(int err)
{
	if (err == ECONNREFUSED)
		return because(CODE_TRANSPORT,
			       "the portal refuses the connection");
	return because(CODE_TRANSPORT, "%s", strerror(err));
}

static int bind_to(struct wire *wire, const struct sockaddr_storage *source,
		   const char *iface)
{
	if (iface && *iface &&
	    setsockopt(wire->fd, SOL_SOCKET, SO_BINDTODEVICE, iface,
		       strlen(iface)))
		return because(CODE_TRANSPORT,
			       "cannot use network interface %s: %s", iface,
			       strerror(errno));
	if (source && source->ss_family &&
	    bind(wire->fd, (const struct sockaddr *)source,
		 address_length(source)))
		return because(CODE_TRANSPORT,
			       "cannot connect from the address given: %s",
			       strerror(errno));
	return 0;
}

static int finish_connect(struct wire *wire)
{
	int err = 0, on = 1;
	socklen_t len = sizeof(err);

	if (!wait_for(wire, POLLOUT))
		return silent();
	if (getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (err == ETIMEDOUT)
		return silent();
	return err ? broken(err) : 0;
}

int wire_open(struct wire *wire, const struct sockaddr_storage *to,
	      const struct sockaddr_storage *source, const char *iface)
{
	int ret;

	wire->header_digest = false;
	wire->data_digest = false;
	wire->fd = socket(to->ss_family,
			  SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (wire->fd < 0)
		return broken(errno);
	ret = bind_to(wire, source, iface);
	if (!ret && wire->mss &&
	    setsockopt(wire->fd, IPPROTO_TCP, TCP_MAXSEG, &wire->mss,
		       sizeof(wire->mss)))
		ret = broken(errno);
	if (!ret && connect(wire->fd, (const struct sockaddr *)to,
			    address_length(to)) && errno != EINPROGRESS)
		ret = broken(errno);
	if (!ret)
		ret = finish_connect(wire);
	if (ret)
		wire_close(wire);
	return ret;
}

void wire_close(struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
}

uint32_t wire_mtu(const struct wire *wire)
{
	struct sockaddr_storage to;
	socklen_t len = sizeof(to);
	int mtu = 0;
	bool v6;

	if (getpeername(wire->fd, (struct sockaddr *)&to, &len))
		return 0;
	v6 = to.ss_family == AF_INET6;
	len = sizeof(mtu);
	if (getsockopt(wire->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		       v6 ? IPV6_MTU : IP_MTU, &mtu, &len))
		return 0;
	return mtu;
}

void wire_cork(const struct wire *wire, bool on)
{
	int value = on;

	setsockopt(wire->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

int wire_send_bytes(struct wire *wire, const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = send(wire->fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			if (!wait_for(wire, POLLOUT))
				return silent();
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(errno);
		data += n;
		len -= n;
	}
	return 0;
}

int wire_receive_bytes(struct wire *wire, uint8_t *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = recv(wire->fd, data, len, 0);
		if (n < 0 && errno == EAGAIN) {
			if (!wait_for(wire, POLLIN))
				return because(CODE_PDU_TIMEOUT,
					       "the portal stopped answering");
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(errno);
		if (!n)
			return because(CODE_TRANSPORT,
				       "the portal closed the connection");
		data += n;
		len -= n;
	}
	return 0;
}

static void put_digest(uint8_t *to, const void *data, size_t len)
{
	uint32_t crc = htole32(file_checksum(data, len));

	memcpy(to, &crc, sizeof(crc));
}

int wire_send(struct wire *wire, const void *bhs, const uint8_t *data,
	      uint32_t len)
{
	uint32_t pad = mpio_pdu_pad(len), used = PDU_BHS_LEN;
	uint8_t *pdu;
	int ret;

	pdu = xcalloc(1, PDU_BHS_LEN + len + pad + 2 * PDU_DIGEST_LEN);
	memcpy(pdu, bhs, PDU_BHS_LEN);
	if (wire->header_digest) {
		put_digest(pdu + used, pdu, PDU_BHS_LEN);
		used += PDU_DIGEST_LEN;
	}
	if (len) {
		memcpy(pdu + used, data, len);
		used += len + pad;
	}
	if (len && wire->data_digest) {
		put_digest(pdu + used, pdu + used - len - pad, len + pad);
		used += PDU_DIGEST_LEN;
	}
	ret = wire_send_bytes(wire, pdu, used);
	explicit_bzero(pdu, used);
	free(pdu);
	return ret;
}

static int check_digest(struct wire *wire, const void *data, size_t len,
			const char *what)
{
	uint8_t got[PDU_DIGEST_LEN], want[PDU_DIGEST_LEN];
	int ret = wire_receive_bytes(wire, got, sizeof(got));

	if (ret)
		return ret;
	put_digest(want, data, len);
	if (memcmp(got, want, sizeof(got)))
		return because(CODE_INTERNAL, "%s digest error", what);
	return 0;
}

int wire_receive(struct wire *wire, struct pdu_bhs *bhs,
		 enum mpio_pdu_phase phase, uint8_t *data, uint32_t max,
		 uint32_t *len)
{
	const char *reason = NULL;
	uint32_t whole;
	uint8_t *text;
	int ret;

	ret = wire_receive_bytes(wire, (uint8_t *)bhs, sizeof(*bhs));
	if (!ret && wire->header_digest)
		ret = check_digest(wire, bhs, sizeof(*bhs), "header");
	if (ret)
		return ret;
	if (mpio_pdu_check(bhs, phase, max, WIRE_AHS_MAX, &reason))
		return because(CODE_INTERNAL, "the target broke RFC 7143: %s",
			       reason);
	*len = mpio_pdu_dlength(bhs);
	if (!*len)
		return 0;
	whole = *len + mpio_pdu_pad(*len);
	text = xcalloc(1, whole);
	ret = wire_receive_bytes(wire, text, whole);
	if (!ret && wire->data_digest)
		ret = check_digest(wire, text, whole, "data");
	if (!ret)
		memcpy(data, text, *len);
	free(text);
	return ret;
}
