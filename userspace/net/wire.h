/* SPDX-License-Identifier: GPL-2.0 */
/* A TCP connection that carries whole PDUs until a deadline. */
#ifndef _ISCSICTL_WIRE_H
#define _ISCSICTL_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "proto/pdu.h"

#define WIRE_AHS_MAX	0	/* nothing we talk to sends any */

struct wire {
	int fd;
	long long deadline;	/* CLOCK_MONOTONIC milliseconds */
	bool header_digest;
	bool data_digest;
	int mss;		/* segments no larger than this, 0: as TCP has it */
};

/* Each returns 0 or an exit code with a reason. @source, @iface optional. */
int wire_open(struct wire *wire, const struct sockaddr_storage *to,
	      const struct sockaddr_storage *source, const char *iface);
void wire_close(struct wire *wire);
/* The MTU of the connection's path as the kernel knows it; 0 if it does not. */
uint32_t wire_mtu(const struct wire *wire);
/* On: TCP sends full segments only, until it is switched off. */
void wire_cork(const struct wire *wire, bool on);
int wire_send(struct wire *wire, const void *bhs, const uint8_t *data,
	      uint32_t len);
/* Bytes of another protocol than iSCSI. */
int wire_send_bytes(struct wire *wire, const uint8_t *data, size_t len);
int wire_receive_bytes(struct wire *wire, uint8_t *data, size_t len);
/* @data has room for @max bytes; *len is without padding. */
int wire_receive(struct wire *wire, struct pdu_bhs *bhs,
		 enum mpio_pdu_phase phase, uint8_t *data, uint32_t max,
		 uint32_t *len);

#endif /* _ISCSICTL_WIRE_H */
