/* Coming to a Sekisho that runs already: with this terminal, or to look. */
#ifndef TUI_ATTACH_H
#define TUI_ATTACH_H

#include "core/access/access.h"
#include "tui/verbs.h"

enum attach_when {
	ATTACH_IF_RUNNING, /* "sekisho": nobody there is no fault */
	ATTACH_ONLY,       /* "sekisho attach" */
};

/* Calls the process that holds the store, says who that is, hands it our
 * terminal and stays as its tether; asks first when somebody sits there.  True
 * when there was something to do or to say, with the exit status. */
bool attach_run(struct options *options, enum attach_when when, struct buf *out,
    int *status);

/* "sekisho watch": another process's delivery, with STOP. */
int verb_watch(struct options *options, struct buf *out);

/* "sekisho attach". */
int verb_attach(struct options *options, struct buf *out);

#endif
