/* A lane: one thread with an epoll loop, its sessions, its own assembler and
 * its own reader of the store.  Nothing is handed from thread to thread. */
#ifndef CORE_DELIVER_LANE_H
#define CORE_DELIVER_LANE_H

#include "core/deliver/session.h"

struct lane {
	struct run *run; /* borrowed */
	int number;
	pthread_t thread;
	bool started;
	int epoll_fd, wake_fd;
	atomic_bool asleep; /* waits for the scribe, to be woken */
	unsigned seen;      /* run->wakes, as last looked at */
	int64_t ticked_ms;  /* steady */
	struct db *reader;
	struct assembler *assembler;
	struct suppress_set *stops;
	struct session *session;
	int sessions;
};

/* Makes a lane with its share of the run's sessions; nothing runs yet.  The
 * caller ends *out with lane_free().  E_THREAD, errors of the assembler. */
int lane_new(struct run *run, int number, struct lane **out, struct err *err);

/* Starts the thread.  E_THREAD. */
int lane_start(struct lane *lane, struct err *err);

/* Makes the loop look again; any thread. */
void lane_wake(struct lane *lane);

/* Waits for the thread to end, after the order CLOSE or LEAVE; accepts NULL
 * and a lane that was not started. */
void lane_join(struct lane *lane);

/* Frees a joined lane; accepts NULL, sets *lane to NULL. */
void lane_free(struct lane **lane);

/* Makes the message of a claimed row as it was sealed: suppression asked
 * again, the recipient still that contact and on the list, assembled, leaf
 * compared.  0 with message filled; 1 when it must be withheld, why says so
 * (E_WITHHELD_*); -1 when it could not be found out, E_RUN_LIST (list) when the
 * list is deleted. */
int lane_prepare(struct lane *lane, const struct claim *claim,
    struct message *message, struct err *why);

#endif
