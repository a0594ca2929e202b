/* The counting relay of tests/bench/sink.c as a process of its own. */
#ifndef TESTS_FAKE_SINK_H
#define TESTS_FAKE_SINK_H

#include <stdio.h>
#include <sys/types.h>

enum { SINK_JSON_MAX = 512 };

struct sink_params {
	const char *tls;      /* "none", "starttls", "implicit" */
	const char *chunking; /* "on", "off" */
	int latency_ms;       /* before each batch of replies */
};

struct sink {
	pid_t pid;
	int port; /* on 127.0.0.1 */
	FILE *in, *out;
	char *ca; /* path of its authority, PEM; in the folder given */
};

/* Starts one; folder is for its certificate.  Ends the process on failure. */
void sink_start(
    struct sink *sink, const struct sink_params *params, const char *folder);

/* Ends it; json is what it saw, as its source describes. */
void sink_stop(struct sink *sink, char json[SINK_JSON_MAX]);

/* A number out of that; -1 when it is not there. */
long long sink_number(const char *json, const char *name);

#endif
