/* The job of the test mail's screen: reads what is shown, sends a test. */
#ifndef TUI_SCREENS_TESTMAIL_WORK_H
#define TUI_SCREENS_TESTMAIL_WORK_H

#include "core/base/world.h"
#include "core/deliver/deliver.h"
#include "tui/app.h"

struct test_work {
	struct store *store;     /* borrowed */
	struct world *world;     /* borrowed */
	struct test_order order; /* count 0: nothing is sent */
	int cancel_fd;           /* owned; readable: stop */
	/* found, also after a failure: */
	bool is_read;
	struct staff *staff; /* owned */
	size_t staff_count;
	struct test_record *record; /* owned; newest first */
	size_t records;
	struct buf name;  /* of the campaign */
	int64_t total;    /* recipients */
	bool hides_total; /* campaign_hides_count() */
	char content[9];  /* of what it holds now; "": cannot be compiled */
};

extern const struct job_ops test_work_ops;

/* Frees what was found and empties it. */
void test_work_drop(struct test_work *work);

#endif
