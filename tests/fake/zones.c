/* Starting and stopping a real DNS server. */
#include "tests/fake/zones.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/tempstore.h"

enum { ZONES_MAX = 16 };

const char *
zones_missing(void)
{
	if (access("/usr/sbin/nsd", X_OK) < 0)
		return "nsd is not installed";
	if (access("/usr/bin/ldns-signzone", X_OK) < 0)
		return "ldnsutils is not installed";
	return NULL;
}

static void
write_zone(const struct zones *zones, const struct zone *zone)
{
	struct buf path = BUF_INIT;
	FILE *file;

	buf_printf(&path, "%s/%s.zone", zones->dir, zone->name);
	file = fopen(path.ptr, "w");
	if (!file || fputs(zone->records, file) < 0 || fclose(file) != 0)
		abort();
	buf_done(&path);
}

static void
spawn(struct zones *zones, const struct zone *zone, size_t count, int in,
    int out, uint16_t port)
{
	static const char *const kinds[] = {"plain", "signed", "expired"};
	char bash[] = "bash", script[] = "tests/system/zones.sh", number[8];
	char *argv[4 + ZONES_MAX + 1] = {bash, script, zones->dir, number};
	posix_spawn_file_actions_t files;

	snprintf(number, sizeof number, "%u", port);
	for (size_t i = 0; i < count; i++) {
		struct buf arg = BUF_INIT;

		buf_printf(&arg, "%s:%s", zone[i].name, kinds[zone[i].kind]);
		argv[4 + i] = arg.ptr;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (posix_spawnp(&zones->pid, "bash", &files, NULL, argv, environ) != 0)
		abort();
	posix_spawn_file_actions_destroy(&files);
	for (size_t i = 0; i < count; i++)
		free(argv[4 + i]);
}

/* The script says "ready" on a line of its own, behind what signing says. */
static void
wait_until_ready(int fd)
{
	struct buf said = BUF_INIT;
	char chunk[4096];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof chunk)) > 0) {
		buf_add(&said, span_make(chunk, (size_t)got));
		if (span_ends(buf_span(&said), SPAN("ready\n")))
			break;
	}
	if (got <= 0 || span_ends(buf_span(&said), SPAN("not ready\n"))) {
		fprintf(stderr, "zones: %s\n", said.ptr ? said.ptr : "");
		abort();
	}
	buf_done(&said);
}

void
zones_start(struct zones *zones, const struct zone *zone, size_t count)
{
	uint16_t port = free_port();
	int down[2], up[2];

	memset(zones, 0, sizeof *zones);
	zones->dir = tempdir_new();
	if (count > ZONES_MAX || pipe2(down, O_CLOEXEC) < 0 ||
	    pipe2(up, O_CLOEXEC) < 0)
		abort();
	for (size_t i = 0; i < count; i++) {
		write_zone(zones, &zone[i]);
		buf_printf(&zones->names, "%s ", zone[i].name);
	}
	buf_printf(&zones->stub, "127.0.0.1@%u", port);
	buf_printf(&zones->anchor, "%s/anchor", zones->dir);
	spawn(zones, zone, count, down[0], up[1], port);
	close(down[0]);
	close(up[1]);
	zones->in = down[1];
	wait_until_ready(up[0]);
	close(up[0]);
}

struct dns_options
zones_options(const struct zones *zones)
{
	return (struct dns_options){
	    .anchor = zones->anchor.ptr,
	    .stub = zones->stub.ptr,
	    .zones = zones->names.ptr,
	};
}

void
zones_stop(struct zones *zones)
{
	close(zones->in);
	waitpid(zones->pid, NULL, 0);
	buf_done(&zones->stub);
	buf_done(&zones->names);
	buf_done(&zones->anchor);
	tempdir_remove(&zones->dir);
}
