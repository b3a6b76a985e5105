// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the rate of this machine's time stamp counter in kHz. QEMU's TCG
 * hands that counter to the guest as it is.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Both clocks at once: the quickest of some tries was not interrupted. */
static void read_both(unsigned long long *ns, unsigned long long *tsc)
{
	unsigned long long best = ~0ULL;
	int i;

	for (i = 0; i < 50; i++) {
		unsigned long long a = now_ns(), c = __rdtsc(), b = now_ns();

		if (b - a < best) {
			best = b - a;
			*ns = a + (b - a) / 2;
			*tsc = c;
		}
	}
}

int main(void)
{
	const struct timespec pause = { 0, 200000000 };
	unsigned long long ns0 = 0, tsc0 = 0, ns1 = 0, tsc1 = 0;

	read_both(&ns0, &tsc0);
	nanosleep(&pause, NULL);
	read_both(&ns1, &tsc1);
	printf("%llu\n", (tsc1 - tsc0) * 1000000 / (ns1 - ns0));
	return 0;
}
