// SPDX-License-Identifier: GPL-2.0
/* The C library asks in a thread for each name; what is not over stays so. */
#include "base/resolver.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"

static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

/* The threads write into them: they stay where they are. */
struct question {
	struct question *next;
	struct gaicb cb;
	char *host;
};

static struct question *questions;
static bool beside;

void resolver_beside(bool on)
{
	beside = on;
}

static struct question **find(const char *host)
{
	struct question **q;

	for (q = &questions; *q; q = &(*q)->next)
		if (!strcmp((*q)->host, host))
			break;
	return q;
}

static int begin(const char *host)
{
	struct question *q = xcalloc(1, sizeof(*q));
	struct gaicb *list[1] = { &q->cb };
	int ret;

	q->host = xstrdup(host);
	q->cb.ar_name = q->host;
	q->cb.ar_request = &hints;
	ret = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (ret) {
		free(q->host);
		free(q);
		return ret;
	}
	q->next = questions;
	questions = q;
	return EAI_INPROGRESS;
}

int resolver_ask(const char *host, struct addrinfo **all)
{
	struct question **at, *q;
	int ret;

	if (!beside)
		return getaddrinfo(host, NULL, &hints, all);
	at = find(host);
	q = *at;
	if (!q)
		return begin(host);
	ret = gai_error(&q->cb);
	if (ret == EAI_INPROGRESS)
		return ret;
	*all = q->cb.ar_result;
	*at = q->next;
	free(q->host);
	free(q);
	return ret;
}

void resolver_wait(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };
	const struct gaicb **list;
	struct question *q;
	int count = 0;

	for (q = questions; q; q = q->next)
		count++;
	if (!count) {
		nanosleep(&ts, NULL);
		return;
	}
	list = xcalloc(count, sizeof(*list));
	count = 0;
	for (q = questions; q; q = q->next)
		if (gai_error(&q->cb) == EAI_INPROGRESS)
			list[count++] = &q->cb;
	if (!count || gai_suspend(list, count, &ts) == EAI_ALLDONE)
		nanosleep(&ts, NULL);
	free(list);
}
