/* What every measurement shares: the machine's name, time, medians. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BENCH_RUNS = 5 };

/* Prints processor, cores and compiler, so that a figure has a home. */
static inline void
bench_machine(void)
{
	char line[256], name[256] = "unknown processor";
	FILE *in = fopen("/proc/cpuinfo", "r");

	while (in && fgets(line, sizeof line, in)) {
		char *value = strchr(line, ':');
		if (strncmp(line, "model name", 10) != 0 || !value)
			continue;
		value[strcspn(value, "\n")] = '\0';
		snprintf(name, sizeof name, "%s", value + 2);
		break;
	}
	if (in)
		fclose(in);
	printf("machine: %s, %ld cores, compiler %s\n", name,
	    sysconf(_SC_NPROCESSORS_ONLN), __VERSION__);
}

/* Seconds of processor time used by this thread. */
static inline double
bench_cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline int
bench_order(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* The median of count values, which are sorted in place. */
static inline double
bench_median(double *value, size_t count)
{
	qsort(value, count, sizeof *value, bench_order);
	return value[count / 2];
}

#endif
