// SPDX-License-Identifier: GPL-2.0
/*
 * pause-meter DEVICE SECONDS: writes 4 KiB blocks with O_DIRECT, one at a time,
 * 1 ms apart so that the meter does not measure the speed of the machine, and
 * reports the longest time from one completion to the next, then reads
 * every block back. Each block is stamped with its address and a generation, so
 * that a lost write, a stale one and one that went astray all show.
 *
 * SIGTERM ends the writing early; the report and the check still follow:
 *   writes=N errors=N longest_ms=N at_ms=N miscompares=N
 * after a line "started" as soon as the first write is acknowledged.
 * at_ms is when the longest pause ended, on the clock of /proc/uptime.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define BLOCKS 512

static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void stamp(uint64_t *block, uint64_t address, uint64_t generation)
{
	unsigned int i;

	for (i = 0; i < BLOCK / 16; i++) {
		block[2 * i] = address;
		block[2 * i + 1] = generation + ((uint64_t)i << 48);
	}
}

int main(int argc, char **argv)
{
	/* Written and acknowledged; written, answer unknown or an error. */
	static uint64_t acked[BLOCKS], tried[BLOCKS];
	const struct timespec apart = { .tv_nsec = 1000000 };
	unsigned long writes = 0, errors = 0, miscompares = 0;
	double longest = 0, at = 0, last, end, t;
	uint64_t *block, *want;
	int fd, first_error = 0, started = 0;
	unsigned int i;

	if (argc != 3) {
		fprintf(stderr, "usage: pause-meter DEVICE SECONDS\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0 || posix_memalign((void **)&block, BLOCK, BLOCK) ||
	    posix_memalign((void **)&want, BLOCK, BLOCK)) {
		perror(argv[1]);
		return 2;
	}
	signal(SIGTERM, on_term);
	signal(SIGINT, on_term);
	last = now();
	end = last + atof(argv[2]) * 1e3;
	for (i = 0; !stop && last < end; i = (i + 1) % BLOCKS) {
		stamp(block, i, ++tried[i]);
		if (pwrite(fd, block, BLOCK, (off_t)i * BLOCK) == BLOCK) {
			acked[i] = tried[i];
			if (!started) {
				started = 1;
				printf("started\n");
				fflush(stdout);
			}
		} else {
			if (!errors++)
				first_error = errno;
		}
		writes++;
		nanosleep(&apart, NULL);
		t = now();
		if (t - last > longest) {
			longest = t - last;
			at = t;
		}
		last = t;
	}
	for (i = 0; i < BLOCKS; i++) {
		if (!acked[i])
			continue;
		if (pread(fd, block, BLOCK, (off_t)i * BLOCK) != BLOCK) {
			if (!errors++)
				first_error = errno;
			continue;
		}
		stamp(want, i, acked[i]);
		if (!memcmp(block, want, BLOCK))
			continue;
		/* A write that failed may have happened all the same. */
		stamp(want, i, tried[i]);
		if (tried[i] != acked[i] && !memcmp(block, want, BLOCK))
			continue;
		if (!miscompares++)
			fprintf(stderr,
				"block %u: address %llu generation %llu, acknowledged %llu\n",
				i, (unsigned long long)block[0],
				(unsigned long long)block[1],
				(unsigned long long)acked[i]);
	}
	printf("writes=%lu errors=%lu longest_ms=%.0f at_ms=%.0f miscompares=%lu%s%s\n",
	       writes, errors, longest, at, miscompares,
	       errors ? " first_error=" : "",
	       errors ? strerrorname_np(first_error) : "");
	return errors || miscompares || !writes;
}
