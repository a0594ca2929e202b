/* An approver at the socket: a thread that answers one of them until they go.
 * It judges nothing by itself: what may be done is decided in approval.h. */
#ifndef CORE_REVIEW_VISIT_H
#define CORE_REVIEW_VISIT_H

#include "core/access/access.h"
#include "core/base/err.h"

struct visit;
struct store;
struct clock;

/* Serves who is at the other end of line (consumed), whose welcome is said
 * first.  store and clock are borrowed until visit_end().  E_THREAD, and line is
 * closed. */
int visit_start(struct store *store, struct clock *clock,
    struct socket_line *line, const struct socket_peer *peer,
    struct span welcome, struct visit **out, struct err *err);

/* True when the approver has gone. */
bool visit_is_over(const struct visit *visit);

/* Hangs up, waits for the thread, frees; accepts NULL, sets *visit to NULL. */
void visit_end(struct visit **visit);

#endif
