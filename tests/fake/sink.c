/* Starts and asks the counting relay. */
#include "tests/fake/sink.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"

extern char **environ;

static void
die(const char *what)
{
	fprintf(stderr, "the sink: %s\n", what);
	exit(1);
}

static void
spawn(struct sink *sink, const char *const *argv)
{
	posix_spawn_file_actions_t files;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		die("no pipe");
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
	if (posix_spawn(&sink->pid, argv[0], &files, NULL,
		(char **)(uintptr_t)argv, environ) != 0)
		die("cannot be started");
	posix_spawn_file_actions_destroy(&files);
	close(in[0]);
	close(out[1]);
	sink->in = fdopen(in[1], "w");
	sink->out = fdopen(out[0], "r");
	if (!sink->in || !sink->out)
		die("no stream");
}

void
sink_start(
    struct sink *sink, const struct sink_params *params, const char *folder)
{
	char path[256], latency[16], line[32];
	const char *argv[] = {BUILD_DIR "/tests/bench/sink", "--tls",
	    params->tls, "--ca-out", path, "--latency", latency, "--chunking",
	    params->chunking, NULL};

	snprintf(path, sizeof path, "%s/sink.pem", folder);
	snprintf(latency, sizeof latency, "%d", params->latency_ms);
	sink->ca = mem_text(span_of(path));
	spawn(sink, argv);
	if (!fgets(line, sizeof line, sink->out))
		die("says no port");
	sink->port = (int)strtol(line, NULL, 10);
}

void
sink_stop(struct sink *sink, char json[SINK_JSON_MAX])
{
	int status = 0;

	fclose(sink->in);
	if (!fgets(json, SINK_JSON_MAX, sink->out))
		die("says nothing");
	json[strcspn(json, "\n")] = '\0';
	fclose(sink->out);
	waitpid(sink->pid, &status, 0);
	free(sink->ca);
	*sink = (struct sink){0};
}

long long
sink_number(const char *json, const char *name)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof quoted, "\"%s\":", name);
	at = strstr(json, quoted);
	return at ? strtoll(at + strlen(quoted), NULL, 10) : -1;
}
