/* The pilot: the first messages of a run leave alone, and the rest waits for
 * their replies.  Table run_pilot; what is pure is judged here, run.c and
 * keep.c do it. */
#ifndef CORE_DELIVER_PILOT_H
#define CORE_DELIVER_PILOT_H

#include "core/deliver/deliver.h"

/* What the policy asks of a pilot. */
struct pilot_rule {
	int64_t percent; /* of the recipients; 0: no pilots */
	int64_t most;    /* messages, whatever the percentage gives */
	int64_t bounces; /* percent of the pilot that may be refused */
	int64_t burst;   /* refused in a row: enough */
	bool waits;      /* for a person, whatever was found */
};

/* The pilot of one run. */
struct pilot {
	enum run_pilot_state state;
	struct pilot_rule rule;
	int64_t size; /* messages */
	int64_t base; /* rows that could be sent when the run was launched */
	int64_t withheld_before; /* rows withheld by the launch itself */
	int64_t refused_in_a_row;
	int64_t changed; /* withheld because they differed from the seal */
	uint64_t ticket; /* of the deed that ends it, or 0 */
};

/* Reads the policy. */
int pilot_rule_read(struct db *db, struct pilot_rule *out, struct err *err);

/* How many of planned messages are the pilot; 0: none is made. */
int64_t pilot_size(const struct pilot_rule *rule, int64_t planned);

/* Writes the row of a run that is launched; withheld of its rows cannot be
 * sent. */
int pilot_create(struct db *db, struct campaign_id campaign,
    const struct pilot_rule *rule, int64_t rows, int64_t withheld,
    struct err *err);

/* Reads the pilot of a campaign and the policy as it is now; without a row the
 * state is RUN_PILOT_NONE. */
int pilot_read(struct db *db, struct campaign_id campaign, struct pilot *out,
    struct err *err);

/* Writes that the rest may go: for good. */
int pilot_pass(struct db *db, struct campaign_id campaign, int64_t now_ms,
    struct err *err);

/* How many PLANNED rows may be read into memory when the ledger stands like
 * count; INT64_MAX: all. */
int64_t pilot_allowance(
    const struct pilot *pilot, const int64_t count[LEDGER_STATES]);

/* Fills the figures for the screen. */
void pilot_figures(const struct pilot *pilot,
    const int64_t count[LEDGER_STATES], struct run_pilot *out);

/* Notes the end of a message; code is that of its reply, 0 without one. */
void pilot_note(struct pilot *pilot, enum ledger_state to, int code);

enum pilot_verdict {
	PILOT_WAIT, /* not all replies are in */
	PILOT_GO,   /* the rest may leave */
	PILOT_STOP  /* somebody must look; *why is E_RUN_PILOT */
};

/* What follows from the ledger as it stands. */
enum pilot_verdict pilot_judge(const struct pilot *pilot,
    const int64_t count[LEDGER_STATES], struct err *why);

#endif
