/* What of a sitting is reached from elsewhere: the socket beside the store
 * with its watchers and visitors, the alerts, the service manager.  It has a
 * thread of its own, so that none of it waits for the screen. */
#ifndef TUI_AWAY_H
#define TUI_AWAY_H

#include "core/access/access.h"
#include "core/deliver/deliver.h"

struct away;
struct session;

/* Opens the socket for a session whose store is open; the caller ends it with
 * away_close() before the store.  A socket that cannot be made is no reason
 * not to work: *fault tells (E_NONE: none). */
struct away *away_open(struct session *session, struct err *fault);

/* Hangs up on everybody and forgets the delivery: before its run ends.  NULL is
 * allowed. */
void away_shut(struct away *away);

/* Shuts, writes what waits for the log, frees; after the run has ended.
 * Accepts NULL, sets *away to NULL. */
void away_close(struct away **away);

/* The delivery that watchers see from now on, or NULL: nobody uses the one
 * before when this returns. */
void away_set_run(
    struct away *away, struct run *run, struct campaign_id campaign);

/* Where the operator sits, for whoever asks; "" for nowhere. */
void away_set_place(struct away *away, const char *place);

/* True while a delivery goes on by itself or is paused: a reason to stay
 * without a terminal. */
bool away_has_run(struct away *away);

/* True while an approver is at the socket: who must not be kept waiting.  NULL
 * is allowed. */
bool away_has_approver(struct away *away);

/* True when the delivery is over, and everybody who is to be told was. */
bool away_is_done(struct away *away);

/* Something to be told to those who are away.  NULL is allowed. */
void away_alert(struct away *away, const struct alert *alert);

/* Writes an entry into the log, a moment later. */
void away_log(struct away *away, const char *what, struct span facts);

/* True when a check of the log meanwhile has found a fault, *fault. */
bool away_log_fault(struct away *away, struct err *fault);

/* Readable when away_visitor() has somebody with a terminal; -1: never. */
int away_event_fd(const struct away *away);

/* As door_visitor(). */
bool away_visitor(struct away *away, struct door_visitor *out);

/* What happens to a delivery whose terminal has gone. */
enum away_policy { AWAY_GO_ON, AWAY_PAUSE, AWAY_STOP };

/* The settings' answer; *minutes of AWAY_STOP. */
enum away_policy away_policy(struct store *store, int *minutes);

/* Pauses or stops the delivery by policy.  Logged. */
void away_order(struct away *away, enum away_policy policy);

#endif
