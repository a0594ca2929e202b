/* A real mail host on the loopback: Postfix with STARTTLS and AUTH by Dovecot,
 * everything delivered to one Maildir (tests/system/mailhost.sh). */
#ifndef TESTS_FAKE_MAILHOST_H
#define TESTS_FAKE_MAILHOST_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"

#define MAILHOST_USER     "news@example.co.jp"
#define MAILHOST_PASSWORD "correct horse"

struct mailhost {
	pid_t pid;
	int in; /* closing it ends the host */
	uint16_t port;
	char *dir;
	struct buf ca_file, maildir;
};

/* Why the host cannot run here (not root, no postfix), or NULL. */
const char *mailhost_missing(void);

/* How a mail exchanger is set up (tests/system/mxhost.sh). */
struct mxhost_plan {
	const char *tls;     /* "none", "may" */
	const char *names;   /* of its certificate: "DNS:a,DNS:b" */
	uint16_t web;        /* port of a web server for dir/web; 0: none */
	const char *mailbox; /* the only one; NULL: there is every one */
};

/* Why a mail exchanger cannot run here, or NULL. */
const char *mxhost_missing(void);

/* Starts a mail exchanger, which takes mail for everybody without AUTH; else
 * as mailhost_start(). */
void mxhost_start(struct mailhost *host, const struct mxhost_plan *plan);

/* Starts the host and waits until it answers; ends the process with its log
 * when it does not. */
void mailhost_start(struct mailhost *host);

/* The same host, which keeps in its queue what it takes until it is revived. */
void mailhost_start_holding(struct mailhost *host);

/* "kill": all its Postfix processes die at once, its queue stays; "revive": it
 * starts again and delivers what is queued.  Returns before that is done. */
void mailhost_tell(struct mailhost *host, const char *word);

/* Waits until the Maildir holds count messages; false after timeout_s. */
int mailhost_wait(struct mailhost *host, int count, int timeout_s);

/* How many delivered messages contain both texts. */
int mailhost_find(struct mailhost *host, const char *one, const char *other);

/* How often a command ("bdat") was given in the sessions that have ended, by
 * the host's log; waits until it was at least count times or for timeout_s. */
int mailhost_commands(
    struct mailhost *host, const char *verb, int count, int timeout_s);

/* How many messages the Maildir holds now. */
int mailhost_count(const struct mailhost *host);

/* Stops everything and removes the folder. */
void mailhost_stop(struct mailhost *host);

/* A TCP port of 127.0.0.1 that was free a moment ago. */
uint16_t free_port(void);

#endif
