// SPDX-License-Identifier: GPL-2.0
/*
 * ghost-writer [--sg[=MS]] DEVICE[,DEVICE...] WRITERS BYTES: looks for writes
 * that come back from the dead.
 *
 * Each of WRITERS threads owns BLOCKS blocks of BYTES on one of the devices and
 * writes them in turn with O_DIRECT, or WRITE(16) by SG_IO, from one buffer,
 * which is another block as soon as the write is acknowledged. Every sector is
 * stamped with its number and a generation. With MS an SG_IO may take so long; one
 * that fails is written anew, as a new generation, until one does not. It is
 * driven by lines on standard input and answers on standard output:
 *
 *   (start)   "running" when every block has been written once
 *   rewrite   all writers overwrite all of their blocks at least once more, the
 *             ones in flight now included, and stop; their buffers become
 *             foreign bytes: "rewritten ms=N longest_ms=N errors=N failed=N", the
 *             longest that one block has taken, and what was written anew
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
#include <scsi/sg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
	const char *device;
	double longest_ms;
	uint64_t acked[BLOCKS];		/* generation, 0 never */
	atomic_ulong writes;
	char *buffer;
};

#define MAGIC	0x6d70696f67686f73ULL

static struct writer writers[MAX];
static unsigned int nwriters, bytes;
static atomic_int stop, errors, failed;
static char *devices[MAX];
static unsigned int ndevices;
static int by_sg;
static unsigned int limit_ms;	/* of an SG_IO; 0: it has to succeed */

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

static int write_sg(int fd, char *buffer, off_t offset)
{
	uint32_t lba = offset / SECTOR, n = bytes / SECTOR;
	unsigned char sense[64], cdb[16] = {
		[0] = 0x8a, [6] = lba >> 24, lba >> 16, lba >> 8, lba,
		[12] = n >> 8, n,
	};
	struct sg_io_hdr io = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_TO_DEV,
		.cmd_len = sizeof(cdb), .cmdp = cdb,
		.mx_sb_len = sizeof(sense), .sbp = sense,
		.dxfer_len = bytes, .dxferp = buffer,
		.timeout = limit_ms ? limit_ms : 120000,
	};

	if (ioctl(fd, SG_IO, &io) < 0)
		return -1;
	if (!(io.info & SG_INFO_OK_MASK))
		return 0;
	if (limit_ms)
		return -1;
	fprintf(stderr, "SG_IO: status 0x%x host 0x%x driver 0x%x sense %x/%02x/%02x\n",
		io.status, io.host_status, io.driver_status, sense[2],
		sense[12], sense[13]);
	return -1;
}

static int write_one(const struct writer *w, int fd, off_t offset)
{
	if (by_sg)
		return write_sg(fd, w->buffer, offset);
	return pwrite(fd, w->buffer, bytes, offset) == (ssize_t)bytes ? 0 : -1;
}

static void *write_blocks(void *arg)
{
	struct writer *w = arg;
	uint64_t generation = 1;
	unsigned int block = 0;
	int rc, fd = open(w->device, O_RDWR | O_DIRECT);

	if (fd < 0) {
		perror(w->device);
		errors++;
		return NULL;
	}
	while (!stop) {
		off_t offset = block_offset(w, block);
		double start = now_ms();

		stamp(w->buffer, offset, generation);
		while ((rc = write_one(w, fd, offset)) && limit_ms) {
			failed++;
			stamp(w->buffer, offset, ++generation);
		}
		if (rc)
			errors++;
		else
			w->acked[block] = generation;
		if (now_ms() - start > w->longest_ms)
			w->longest_ms = now_ms() - start;
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
	double start = now_ms(), longest = 0;
	unsigned int i;

	for (i = 0; i < nwriters; i++)
		since[i] = writers[i].writes;
	/* The block in flight, all of them once, and one to be sure. */
	wait_for_writes(since, BLOCKS + 2);
	stop = 1;
	for (i = 0; i < nwriters; i++) {
		pthread_join(writers[i].thread, NULL);
		if (writers[i].longest_ms > longest)
			longest = writers[i].longest_ms;
	}
	printf("rewritten ms=%.0f longest_ms=%.0f errors=%d failed=%d\n",
	       now_ms() - start, longest, errors, failed);
}

/* What one writer has on its device: adds to the counts of sectors. */
static void verify_writer(const struct writer *w, char *found, char *wanted,
			  unsigned long *sectors, unsigned long *stale,
			  unsigned long *foreign)
{
	int fd = open(w->device, O_RDONLY | O_DIRECT);
	unsigned int block, k;

	if (fd < 0) {
		perror(w->device);
		exit(2);
	}
	for (block = 0; block < BLOCKS; block++) {
		off_t offset = block_offset(w, block);
		uint64_t acked = w->acked[block];

		if (pread(fd, found, bytes, offset) != (ssize_t)bytes) {
			errors++;
			continue;
		}
		stamp(wanted, offset, acked);
		for (k = 0; k < bytes / SECTOR; k++) {
			const struct sector *s = (struct sector *)found + k;
			const struct sector *t = (struct sector *)wanted + k;

			++*sectors;
			if (!memcmp(s, t, SECTOR))
				continue;
			if (s->magic == MAGIC && s->number == t->number &&
			    s->generation < acked)
				++*stale;
			else
				++*foreign;
		}
	}
	close(fd);
}

static int verify(void)
{
	unsigned long sectors = 0, stale = 0, foreign = 0;
	char *found, *wanted;
	unsigned int i;

	if (posix_memalign((void **)&found, 4096, bytes) ||
	    posix_memalign((void **)&wanted, 4096, bytes)) {
		perror("verify");
		exit(2);
	}
	for (i = 0; i < nwriters; i++)
		verify_writer(&writers[i], found, wanted, &sectors, &stale,
			      &foreign);
	free(found);
	free(wanted);
	printf("sectors=%lu stale=%lu foreign=%lu errors=%d\n", sectors, stale,
	       foreign, errors);
	return stale || foreign || errors;
}

int main(int argc, char **argv)
{
	char line[32], *name;
	unsigned int i;
	int rc = 2;

	if (argc > 1 && !strncmp(argv[1], "--sg", 4)) {
		by_sg = 1;
		if (argv[1][4] == '=')
			limit_ms = atoi(argv[1] + 5);
		argv++;
		argc--;
	}
	if (argc != 4)
		goto usage;
	for (name = strtok(argv[1], ","); name && ndevices < MAX;
	     name = strtok(NULL, ","))
		devices[ndevices++] = name;
	nwriters = atoi(argv[2]);
	bytes = atoi(argv[3]);
	if (!ndevices || !nwriters || nwriters > MAX || !bytes || bytes % SECTOR)
		goto usage;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < nwriters; i++) {
		writers[i].index = i;
		writers[i].device = devices[i % ndevices];
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
	fprintf(stderr, "usage: ghost-writer [--sg[=MS]] DEVICE[,DEVICE...] WRITERS BYTES\n");
	return 2;
}
