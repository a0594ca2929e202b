/* The protocol is a datagram of NAME=VALUE lines to a Unix socket, so that a
 * library is not needed for it.  Signs of life come from a thread of their own,
 * and stop when those who work have not been heard of for too long. */
#include "core/base/notify.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"

enum { SILENCE_MS = 120 * 1000, STATUS_MAX_OCTETS = 200 };

struct notify {
	int fd;
	struct sockaddr_un address;
	socklen_t len;
	int64_t every_ms;
	atomic_llong beat_ms; /* 0: nobody has to */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool ending;
};

/* Best effort: a manager that does not listen is no reason to stop. */
static void
say(struct notify *self, const char *text)
{
	sendto(self->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (struct sockaddr *)&self->address, self->len);
}

static bool
is_alive(struct notify *self)
{
	int64_t beat = atomic_load(&self->beat_ms);

	return !beat || clock_steady_ms(clock_real()) - beat < SILENCE_MS;
}

static void *
work(void *payload)
{
	struct notify *self = payload;
	struct timespec until;

	pthread_mutex_lock(&self->lock);
	clock_gettime(CLOCK_MONOTONIC, &until);
	while (!self->ending) {
		if (is_alive(self))
			say(self, "WATCHDOG=1");
		until.tv_sec += self->every_ms / 1000;
		until.tv_nsec += (long)(self->every_ms % 1000) * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		while (!self->ending && pthread_cond_timedwait(&self->changed,
					    &self->lock, &until) != ETIMEDOUT)
			continue;
	}
	pthread_mutex_unlock(&self->lock);
	return NULL;
}

/* "@name" is an abstract socket. */
static bool
aim(struct notify *self, const char *path)
{
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') ||
	    len >= sizeof self->address.sun_path)
		return false;
	self->address.sun_family = AF_UNIX;
	memcpy(self->address.sun_path, path, len);
	if (path[0] == '@')
		self->address.sun_path[0] = '\0';
	self->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

static void
init_lock(struct notify *self)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&self->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&self->changed, &attr);
	pthread_condattr_destroy(&attr);
}

int
notify_open(
    const struct notify_params *params, struct notify **out, struct err *err)
{
	struct notify *self;
	char text[64];
	int sys = 0;

	*out = NULL;
	if (!params->socket || !*params->socket)
		return 0;
	self = mem_new(sizeof *self);
	init_lock(self);
	self->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	self->every_ms = params->watchdog_usec / 2000;
	if (self->fd < 0 || !aim(self, params->socket)) {
		err_sys(err, E_NOTIFY, self->fd < 0 ? errno : EINVAL);
		notify_close(&self);
		return -1;
	}
	/* The one at the terminal is not who works. */
	snprintf(text, sizeof text, "READY=1\nMAINPID=%ld", (long)getpid());
	say(self, text);
	if (self->every_ms > 0)
		sys = pthread_create(&self->thread, NULL, work, self);
	if (sys) {
		notify_close(&self);
		return err_sys(err, E_THREAD, sys);
	}
	self->has_thread = self->every_ms > 0;
	*out = self;
	return 0;
}

void
notify_status(struct notify *notify, const char *text)
{
	struct buf line = BUF_INIT;

	if (!notify)
		return;
	buf_text(&line, "STATUS=");
	for (; *text && line.len < STATUS_MAX_OCTETS; text++)
		buf_char(&line, *text == '\n' ? ' ' : *text);
	say(notify, line.ptr);
	buf_done(&line);
}

void
notify_beat(struct notify *notify)
{
	if (notify)
		atomic_store(&notify->beat_ms, clock_steady_ms(clock_real()));
}

void
notify_rest(struct notify *notify)
{
	if (notify)
		atomic_store(&notify->beat_ms, 0);
}

void
notify_close(struct notify **notify)
{
	struct notify *self = *notify;

	if (!self)
		return;
	pthread_mutex_lock(&self->lock);
	self->ending = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	if (self->has_thread)
		pthread_join(self->thread, NULL);
	if (self->fd >= 0 && self->len)
		say(self, "STOPPING=1");
	if (self->fd >= 0)
		close(self->fd);
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	free(self);
	*notify = NULL;
}
