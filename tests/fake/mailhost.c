/* Starting and stopping the real mail host. */
#include "tests/fake/mailhost.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/tempstore.h"

enum { LOG_MAX = 16 * 1024 * 1024 };

const char *
mailhost_missing(void)
{
	if (geteuid() != 0)
		return "a mail host of its own needs root";
	if (access("/usr/sbin/postfix", X_OK) < 0)
		return "postfix is not installed";
	if (access("/usr/sbin/dovecot", X_OK) < 0)
		return "dovecot is not installed";
	return NULL;
}

uint16_t
free_port(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		abort();
	close(fd);
	return ntohs(address.sin_port);
}

static void
spawn(struct mailhost *host, char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t files;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (posix_spawnp(&host->pid, "bash", &files, NULL, argv, environ) != 0)
		abort();
	posix_spawn_file_actions_destroy(&files);
}

/* Runs the script and waits until it says that the host is ready. */
static void
run(struct mailhost *host, char *const *argv)
{
	int down[2], up[2];
	struct buf said = BUF_INIT;
	char chunk[4096];
	ssize_t got;

	if (pipe2(down, O_CLOEXEC) < 0 || pipe2(up, O_CLOEXEC) < 0)
		abort();
	spawn(host, argv, down[0], up[1]);
	close(down[0]);
	close(up[1]);
	host->in = down[1];
	do {
		got = read(up[0], chunk, sizeof chunk);
		if (got > 0)
			buf_add(&said, span_make(chunk, (size_t)got));
	} while (got > 0 && !span_starts(buf_span(&said), SPAN("ready\n")));
	if (got <= 0) {
		fprintf(stderr, "mail host: %s\n", said.ptr ? said.ptr : "");
		abort();
	}
	close(up[0]);
	buf_done(&said);
	buf_printf(&host->ca_file, "%s/tls/ca.pem", host->dir);
	buf_printf(&host->maildir, "%s/mail/all/new", host->dir);
}

static void
prepare(struct mailhost *host)
{
	memset(host, 0, sizeof *host);
	host->dir = tempdir_new();
	host->port = free_port();
}

static void
start(struct mailhost *host, char *hold)
{
	char bash[] = "bash", script[] = "tests/system/mailhost.sh", port[8];
	char *argv[] = {bash, script, NULL, port, hold, NULL};

	prepare(host);
	argv[2] = host->dir;
	snprintf(port, sizeof port, "%u", host->port);
	run(host, argv);
}

void
mailhost_start(struct mailhost *host)
{
	start(host, NULL);
}

void
mailhost_start_holding(struct mailhost *host)
{
	char hold[] = "hold";

	start(host, hold);
}

void
mailhost_tell(struct mailhost *host, const char *word)
{
	dprintf(host->in, "%s\n", word);
}

const char *
mxhost_missing(void)
{
	if (geteuid() != 0)
		return "a mail exchanger of its own needs root";
	if (access("/usr/sbin/postfix", X_OK) < 0)
		return "postfix is not installed";
	return NULL;
}

void
mxhost_start(struct mailhost *host, const struct mxhost_plan *plan)
{
	char bash[] = "bash", script[] = "tests/system/mxhost.sh";
	char port[8], web[8], tls[8], names[512], mailbox[128];
	char *argv[] = {
	    bash, script, NULL, port, tls, names, web, mailbox, NULL};

	prepare(host);
	argv[2] = host->dir;
	snprintf(port, sizeof port, "%u", host->port);
	snprintf(web, sizeof web, "%u", plan->web);
	snprintf(tls, sizeof tls, "%s", plan->tls);
	snprintf(names, sizeof names, "%s", plan->names);
	snprintf(
	    mailbox, sizeof mailbox, "%s", plan->mailbox ? plan->mailbox : "");
	run(host, argv);
}

static int
count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

int
mailhost_count(const struct mailhost *host)
{
	return count_files(host->maildir.ptr);
}

/* Looks whenever the folder changes; the Maildir is made by the first
 * delivery, so its parent is watched as well. */
int
mailhost_wait(struct mailhost *host, int count, int timeout_s)
{
	struct buf parent = BUF_INIT;
	int watch = inotify_init1(IN_CLOEXEC), ready = 0;
	time_t end = time(NULL) + timeout_s;
	char events[4096];

	buf_printf(&parent, "%s/mail/all", host->dir);
	while (!ready && time(NULL) < end) {
		struct pollfd wait = {.fd = watch, .events = POLLIN};

		inotify_add_watch(watch, parent.ptr, IN_CREATE);
		inotify_add_watch(
		    watch, host->maildir.ptr, IN_MOVED_TO | IN_CREATE);
		ready = count_files(host->maildir.ptr) >= count;
		if (!ready && poll(&wait, 1, 500) > 0 &&
		    read(watch, events, sizeof events) < 0)
			break;
	}
	close(watch);
	buf_done(&parent);
	return ready;
}

int
mailhost_find(struct mailhost *host, const char *one, const char *other)
{
	DIR *dir = opendir(host->maildir.ptr);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		struct buf path = BUF_INIT, text = BUF_INIT;
		struct span all;

		buf_printf(&path, "%s/%s", host->maildir.ptr, entry->d_name);
		if (file_read(path.ptr, LOG_MAX, &text, NULL) < 0)
			buf_clear(&text);
		all = buf_span(&text);
		count += span_search(all, span_of(one)) < all.len &&
			 span_search(all, span_of(other)) < all.len;
		buf_done(&path);
		buf_done(&text);
	}
	if (dir)
		closedir(dir);
	return count;
}

/* Adds up " verb=accepted/all" or " verb=all" of lines such as "disconnect from
 * localhost[127.0.0.1] ehlo=2 starttls=1 auth=1 mail=8 rcpt=7/8 bdat=7/8". */
static int
count_commands(struct span log, const char *verb)
{
	struct buf key = BUF_INIT;
	int64_t sum = 0, number;

	buf_printf(&key, " %s=", verb);
	while (log.len) {
		struct span line = span_cut(&log, '\n'), value, first;
		size_t at = span_search(line, SPAN(": disconnect from "));

		line = span_slice(line, at, line.len);
		at = span_search(line, buf_span(&key));
		if (at == line.len)
			continue;
		line = span_slice(line, at + key.len, line.len);
		value = span_cut(&line, ' ');
		first = span_cut(&value, '/');
		if (span_int(value.len ? value : first, &number))
			sum += number;
	}
	buf_done(&key);
	return (int)sum;
}

int
mailhost_commands(
    struct mailhost *host, const char *verb, int count, int timeout_s)
{
	struct buf path = BUF_INIT;
	int watch = inotify_init1(IN_CLOEXEC), found = 0;
	time_t end = time(NULL) + timeout_s;
	char events[4096];

	buf_printf(&path, "%s/maillog", host->dir);
	inotify_add_watch(watch, path.ptr, IN_MODIFY);
	for (;;) {
		struct pollfd wait = {.fd = watch, .events = POLLIN};
		struct buf log = BUF_INIT;

		if (file_read(path.ptr, LOG_MAX, &log, NULL) == 0)
			found = count_commands(buf_span(&log), verb);
		buf_done(&log);
		if (found >= count || time(NULL) >= end)
			break;
		if (poll(&wait, 1, 500) > 0 &&
		    read(watch, events, sizeof events) < 0)
			break;
	}
	close(watch);
	buf_done(&path);
	return found;
}

void
mailhost_stop(struct mailhost *host)
{
	close(host->in);
	waitpid(host->pid, NULL, 0);
	buf_done(&host->ca_file);
	buf_done(&host->maildir);
	tempdir_remove(&host->dir);
}
