/* The machine checks besides the proof, as jobs: each on a thread of its own,
 * some beside the proof run, some when its audience is frozen.  A job fills the
 * lines of checks.def that have its name as their source, and no others. */
#ifndef CORE_REVIEW_JOBS_H
#define CORE_REVIEW_JOBS_H

#include "core/review/gate.h"

#define SOURCE_PROOF  "proof"
#define SOURCE_PERSON "person"

enum job_when {
	JOB_BESIDE, /* needs no message: the network, the sender */
	JOB_AFTER,  /* needs the frozen audience (outbox) or the tally */
};

/* What a job works with; everything is borrowed. */
struct check_run {
	struct review *review; /* takes the results; not its db */
	const struct inputs *inputs;
	const struct tally *tally; /* NULL beside the proof and at a launch */
	struct db *db;             /* a reader of the job's own */
	int64_t at_ms;
};

/* A job sets each of its lines with result_set(), adds result_fact()s and the
 * reason (why) of a fault; a line that it leaves alone stays not evaluated.  It
 * looks at run->review->cancel (or cancel_fd) often.  What goes wrong outside
 * is a result; -1 is for what ends the whole run: a broken store,
 * E_CANCELLED. */
struct check_job {
	const char *name;
	enum job_when when;
	int (*run)(struct check_run *run, struct err *err);
};

/* All jobs; static. */
const struct check_job *jobs_all(size_t *count);

/* Jobs under way. */
struct job_group;

/* Starts all jobs of a kind.  The caller ends it with jobs_wait(), also after a
 * failure of its own.  E_THREAD. */
int jobs_start(struct review *review, const struct inputs *inputs,
    const struct tally *tally, enum job_when when, struct job_group **out,
    struct err *err);

/* Waits for the end of all and frees; the first error of any.  Accepts NULL,
 * sets *group to NULL. */
int jobs_wait(struct job_group **group, struct err *err);

/* Evaluates again what is too old by now (life_s), in all lines of the jobs
 * concerned.  Lines whose new result is worse get it, and *worse is the first
 * of them; of the others only the time changes.  *worse is CHECK_COUNT when
 * there is none.  Blocks; E_CANCELLED. */
int jobs_again(struct review *review, const struct inputs *inputs,
    enum check_id *worse, struct err *err);

/* ---- The jobs ---------------------------------------------------------- */

/* checks_recipients.c: LC-01, LC-03, LC-05. */
int check_basis(struct check_run *run, struct err *err);
int check_stops(struct check_run *run, struct err *err);
int check_duplicates(struct check_run *run, struct err *err);

/* checks_audience.c: LC-02; LC-05W, LC-07, LC-09, TW-02, TW-04, TW-04W. */
int check_consent(struct check_run *run, struct err *err);
int check_audience(struct check_run *run, struct err *err);

/* checks_repetition.c: LC-08, PC-04, TW-03. */
int check_repetition(struct check_run *run, struct err *err);

/* checks_tripwires.c: TW-01, TW-05; TW-06. */
int check_meant_for(struct check_run *run, struct err *err);
int check_consequences(struct check_run *run, struct err *err);

/* checks_pace.c: PC-01, PC-02, PC-03, RP-04. */
int check_volume(struct check_run *run, struct err *err);

/* checks_reputation.c: RP-03, RP-03W; PC-05. */
int check_complaints(struct check_run *run, struct err *err);
int check_stop_rules(struct check_run *run, struct err *err);

/* checks_signature.c: HD-06 on the first message, TS-05. */
int check_signature(struct check_run *run, struct err *err);
int check_certificates(struct check_run *run, struct err *err);

/* checks_headers.c: HD-07, as far as it is about the campaign before. */
int check_headers(struct check_run *run, struct err *err);

/* lint_files.c: CM-10W. */
int check_files(struct check_run *run, struct err *err);

/* relays.c: TS-01, TS-02, TS-03, TS-03W, CM-09. */
int check_relay_levels(struct check_run *run, struct err *err);
int check_relays(struct check_run *run, struct err *err);
int check_size(struct check_run *run, struct err *err);

/* checks_dns.c: DN-01 to DN-03, DN-05 to DN-10; HD-04; RP-01, RP-02; LK-04. */
int check_authentication(struct check_run *run, struct err *err);
int check_sender_domains(struct check_run *run, struct err *err);
int check_block_lists(struct check_run *run, struct err *err);
int check_link_lists(struct check_run *run, struct err *err);

/* checks_domains.c: LC-06, DN-04, TS-04. */
int check_domains(struct check_run *run, struct err *err);
int check_signed_sample(struct check_run *run, struct err *err);
int check_onward_hop(struct check_run *run, struct err *err);

/* checks_identity.c: LG-05.  checks_links.c: LK-03, LK-05. */
int check_identity(struct check_run *run, struct err *err);
int check_link_targets(struct check_run *run, struct err *err);
int check_opt_out(struct check_run *run, struct err *err);

#endif
