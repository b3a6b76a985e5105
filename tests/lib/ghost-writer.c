// SPDX-License-Identifier: GPL-2.0
/*
 * ghost-writer DEVICE WRITERS BYTES: looks for writes that come back from the
 * dead.
 *
 * Each of WRITERS threads owns BLOCKS blocks of BYTES and writes them in turn
 * with O_DIRECT from one buffer, which is another block as soon as the write is
 * acknowledged. Every sector is stamped with its number and a generation. It
 * is driven by lines on standard input and answers on standard output:
 *
 *   (start)   "running" when every block has been written once
 *   rewrite   all writers overwrite all of their blocks at least once more, the
 *             ones in flight now included, and stop; their buffers become
 *             foreign bytes: "rewritten ms=N errors=N"
 *   verify    every sector is read: "sectors=N stale=N foreign=N errors=N"
 *             stale: older than the last write acknowledged; foreign: neither
 *             that nor any other generation of this sector
 *
 * The status is 0 if the last verify found nothing wrong and no write failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECTOR	512
#define BLOCKS	4
#define MAX	64

struct sector {
	uint64_t magic, number, generation, rest[61];
};

struct writer {
	pthread_t thread;
	unsigned int index;
	uint64_t acked[BLOCKS];		/* generation, 0 never */
	atomic_ulong writes;
	char *buffer;
};

#define MAGIC	0x6d70696f67686f73ULL

static struct writer writers[MAX];
static unsigned int nwriters, bytes;
static atomic_int stop, errors;
static const char *device;

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static off_t block_offset(const struct writer *w, unsigned int block)
{
	return (off_t)(w->index * BLOCKS + block) * bytes;
}

static void stamp(char *buffer, off_t offset, uint64_t generation)
{
	struct sector *s = (struct sector *)buffer;
	unsigned int i, k;

	for (i = 0; i < bytes / SECTOR; i++, s++) {
		s->magic = MAGIC;
		s->number = offset / SECTOR + i;
		s->generation = generation;
		for (k = 0; k < 61; k++)
			s->rest[k] = s->number ^ generation << 32 ^ k;
	}
}

static void *write_blocks(void *arg)
{
	struct writer *w = arg;
	uint64_t generation = 1;
	unsigned int block = 0;
	int fd = open(device, O_RDWR | O_DIRECT);

	if (fd < 0) {
		perror(device);
		errors++;
		return NULL;
	}
	while (!stop) {
		off_t offset = block_offset(w, block);

		stamp(w->buffer, offset, generation);
		if (pwrite(fd, w->buffer, bytes, offset) != (ssize_t)bytes)
			errors++;
		else
			w->acked[block] = generation;
		w->writes++;
		block = (block + 1) % BLOCKS;
		generation += !block;
	}
	memset(w->buffer, 0xee, bytes);
	close(fd);
	return NULL;
}

/* Until every writer has written so many times after @since. */
static void wait_for_writes(const unsigned long *since, unsigned long count)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	unsigned int i;

	for (i = 0; i < nwriters; i++)
		while (writers[i].writes < (since ? since[i] : 0) + count &&
		       !errors)
			nanosleep(&pause, NULL);
}

static void rewrite(void)
{
	unsigned long since[MAX];
	double start = now_ms();
	unsigned int i;

	for (i = 0; i < nwriters; i++)
		since[i] = writers[i].writes;
	/* The block in flight, all of them once, and one to be sure. */
	wait_for_writes(since, BLOCKS + 2);
	stop = 1;
	for (i = 0; i < nwriters; i++)
		pthread_join(writers[i].thread, NULL);
	printf("rewritten ms=%.0f errors=%d\n", now_ms() - start, errors);
}

static int verify(void)
{
	unsigned long sectors = 0, stale = 0, foreign = 0;
	unsigned int i, block, k;
	int fd = open(device, O_RDONLY | O_DIRECT);
	struct sector *read_back, *want;

	if (fd < 0 || posix_memalign((void **)&read_back, 4096, bytes) ||
	    posix_memalign((void **)&want, 4096, bytes)) {
		perror(device);
		exit(2);
	}
	for (i = 0; i < nwriters; i++) {
		for (block = 0; block < BLOCKS; block++) {
			off_t offset = block_offset(&writers[i], block);
			uint64_t acked = writers[i].acked[block];

			if (pread(fd, read_back, bytes, offset) !=
			    (ssize_t)bytes) {
				errors++;
				continue;
			}
			stamp((char *)want, offset, acked);
			for (k = 0; k < bytes / SECTOR; k++) {
				const struct sector *s = &read_back[k];

				sectors++;
				if (!memcmp(s, &want[k], SECTOR))
					continue;
				if (s->magic == MAGIC &&
				    s->number == want[k].number &&
				    s->generation < acked)
					stale++;
				else
					foreign++;
			}
		}
	}
	free(read_back);
	free(want);
	close(fd);
	printf("sectors=%lu stale=%lu foreign=%lu errors=%d\n", sectors, stale,
	       foreign, errors);
	return stale || foreign || errors;
}

int main(int argc, char **argv)
{
	char line[32];
	unsigned int i;
	int rc = 2;

	if (argc != 4)
		goto usage;
	device = argv[1];
	nwriters = atoi(argv[2]);
	bytes = atoi(argv[3]);
	if (!nwriters || nwriters > MAX || !bytes || bytes % SECTOR)
		goto usage;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < nwriters; i++) {
		writers[i].index = i;
		if (posix_memalign((void **)&writers[i].buffer, 4096, bytes) ||
		    pthread_create(&writers[i].thread, NULL, write_blocks,
				   &writers[i])) {
			perror("writer");
			return 2;
		}
	}
	wait_for_writes(NULL, BLOCKS);
	puts("running");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "rewrite\n"))
			rewrite();
		else if (!strcmp(line, "verify\n"))
			rc = verify();
		else
			goto usage;
	}
	return rc;
usage:
	fprintf(stderr, "usage: ghost-writer DEVICE WRITERS BYTES\n");
	return 2;
}
