/* A conversation with PAM as a widget: sign-in, unlocking, asking again before
 * a launch.  Shows every message in order, one prompt at a time, echo as the
 * module asks, countdowns of delays and of our own lockout. */
#ifndef TUI_SCREENS_PAM_TALK_H
#define TUI_SCREENS_PAM_TALK_H

#include "tui/app.h"

struct pam_talk;

enum talk_news {
	TALK_NOT_MINE, /* the job belongs to somebody else */
	TALK_GOES_ON,
	TALK_GRANTED,
	TALK_DENIED, /* says why; Enter or the end of a pause starts again */
};

/* Whom it is about and where attempts are counted; everything is borrowed. */
struct pam_who {
	const char *program, *user; /* login_start() */
	const char *dir;            /* of the lockout's file */
	const char *origin;
	struct clock *clock;
	struct store *store; /* for the log; may be NULL */
};

/* A conversation on behalf of a screen, not started; who: NULL, the session's
 * user.  The caller frees it, at the latest in the screen's close(). */
struct pam_talk *pam_talk_new(struct screen *owner, const struct pam_who *who);
void pam_talk_free(struct pam_talk **talk);

/* Starts from the beginning, or shows how long the user must wait. */
void pam_talk_start(struct pam_talk *talk);

/* Ends what is under way and forgets all texts. */
void pam_talk_stop(struct pam_talk *talk);

/* True between start and grant or stop. */
bool pam_talk_is_on(const struct pam_talk *talk);

/* How often the conversation that is on, or was granted last, has asked for
 * something: two and more are two factors. */
int pam_talk_prompts(const struct pam_talk *talk);

/* Hands over the login that was granted; the caller frees it.  NULL when there
 * is none. */
struct login *pam_talk_take(struct pam_talk *talk);

/* Typing and Enter while it asks. */
enum used pam_talk_key(struct pam_talk *talk, const struct key *key);

/* The screen's job_done() hands all its jobs over first. */
enum talk_news pam_talk_job_done(struct pam_talk *talk, struct job *job,
    void *data, int rc, const struct err *err);

/* For the screen's tick_ms() and tick(): countdowns. */
int pam_talk_tick_ms(struct pam_talk *talk);
void pam_talk_tick(struct pam_talk *talk);

/* Draws from row on and places the cursor; returns the row behind. */
int pam_talk_draw(struct pam_talk *talk, struct area a, int row);

#endif
