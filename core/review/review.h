/* The gate.  A review proofs all messages of a campaign, runs the checklist,
 * takes the typed answers, seals the result and makes the one thing that can
 * start a delivery: a clearance. */
#ifndef CORE_REVIEW_REVIEW_H
#define CORE_REVIEW_REVIEW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/world.h"
#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/review/approval.h"
#include "core/review/consequences.h"
#include "core/review/dossier.h"
#include "core/review/drill.h"
#include "core/review/looking.h"
#include "core/review/merkle.h"
#include "core/review/testmail.h"
#include "core/review/vetting.h"
#include "core/review/visit.h"
#include "core/store/store.h"

/* ---- Checks ------------------------------------------------------------ */

enum check_severity {
	CHECK_BLOCK,    /* only repair clears it */
	CHECK_OVERRIDE, /* a typed answer asks for an override, which only a
			 * second person can give */
	CHECK_WARN,     /* a typed answer clears it */
	CHECK_INFO,     /* nothing to clear */
};

/* Stored as numbers: never renumber. */
enum check_state {
	CHECK_PENDING, /* not run yet */
	CHECK_RUNNING,
	CHECK_PASS,
	CHECK_FAIL,
	CHECK_NOT_EVALUATED, /* never green; blocks until attested */
	CHECK_STALE,         /* its inputs changed */
	CHECK_STATES
};

/* What a person does to clear a line that only a person can clear.  Any other
 * line that is not evaluated, or failed without blocking, takes a sentence of
 * at least ANSWER_MIN characters. */
enum check_answer {
	ANSWER_NONE,
	ANSWER_COUNT,  /* the number of recipients, typed blind */
	ANSWER_CODES,  /* both codes out of a test mail */
	ANSWER_LOOK,   /* samples read to their end: look_judge() */
	ANSWER_ATTEST, /* ticks and statements */
};

/* How long a result is good for, besides that it is for this very content:
 * seconds, or one of these. */
enum check_life {
	LIFE_CONTENT = -1, /* as long as the content */
	LIFE_LAUNCH = 0,   /* evaluated again at every launch */
	LIFE_RELAY = 15 * 60,
	LIFE_DNS = 60 * 60,
};

/* One line of the checklist; the table is core/review/checks.def. */
struct check {
	const char *id; /* "LC-01" */
	enum check_severity severity;
	enum check_answer answer;
	int life_s;         /* enum check_life */
	const char *source; /* who evaluates it: "proof", "person", a job */
};

/* All checks in screen order; static. */
const struct check *check_all(size_t *count);

/* 1 when a job, the proof or people evaluate a line; 0 when nobody does yet. */
int check_is_built(const struct check *check);

enum {
	CHECK_LINES_MAX = 128,
	CHECK_FACTS_MAX = 400,
	ANSWER_MIN = 10,
	ANSWER_MAX = 500
};

/* The result of one check. */
struct check_result {
	const struct check *check;
	enum check_state state;
	int64_t count;                   /* rows or messages concerned */
	struct err why;                  /* first fault: code and facts */
	char facts[CHECK_FACTS_MAX + 1]; /* name=value words; foreign bytes */
	char answer[ANSWER_MAX + 1];
	char answered_by[64];
	int64_t at_ms; /* when it was evaluated */
	bool cleared;  /* passed, or answered where an answer may clear it */
};

/* True for a failed line whose answer asks for an override. */
bool check_wants_override(const struct check_result *result);

/* True when a line takes a sentence now. */
bool check_takes_sentence(const struct check_result *result);

/* ---- A review ---------------------------------------------------------- */

/* The review of one campaign; used by one thread at a time, except
 * review_progress() and review_cancel(). */
struct review;

/* Opens the review of a campaign; earlier results and answers that still fit
 * the content are taken over.  The caller ends it with review_free().
 * E_CAMPAIGN_MISSING, E_CAMPAIGN_STATE when it was launched. */
int review_open(struct store *store, struct world *world,
    struct campaign_id campaign, struct review **out, struct err *err);

/* Frees a review; accepts NULL, sets *review to NULL. */
void review_free(struct review **review);

/* The proof run and all machine checks, at the same time: freezes the audience
 * into the outbox, assembles every message on all cores, lints and hashes it;
 * the jobs of core/review/jobs.c.  Answers whose content or result changed are
 * dropped.  Blocks: for a worker.
 * E_REVIEW_EMPTY, E_CANCELLED, errors of template_compile(). */
int checklist_run(struct review *review, struct err *err);

/* Where a running checklist_run() is. */
struct review_progress {
	int64_t done, total; /* messages */
	int jobs_done, jobs; /* machine checks */
	bool running;
	unsigned char state[CHECK_LINES_MAX]; /* enum check_state, by line */
};

/* A snapshot for the screen; any thread. */
void review_progress(struct review *review, struct review_progress *out);

/* Asks a checklist_run() that runs or is about to begin to stop; any
 * thread. */
void review_cancel(struct review *review);

/* The results, in the order of check_all(); live until the review changes. */
const struct check_result *review_results(
    const struct review *review, size_t *count);

/* Number of recipients of the proof; 0 before checklist_run().  The screen
 * that asks for the typed count must not show it. */
int64_t review_recipients(const struct review *review);

/* First 8 hexadecimal digits of the content digest, for the title line. */
void review_short_digest(const struct review *review, char out[9]);

/* Gives a typed answer.  Logged.  E_REVIEW_ANSWER when too short or the item
 * takes none, E_REVIEW_BLOCKED for a failed block, E_REVIEW_COUNT when the
 * typed count is wrong (after a second miss E_REVIEW_PAUSE for 60 s),
 * E_REVIEW_CODE when typed codes are wrong (after the fifth miss
 * E_REVIEW_PAUSE), E_REVIEW_NO_TEST when no test of the present content was
 * made within a day. */
int review_answer(struct review *review, const char *check_id,
    struct span answer, struct err *err);

/* True when every line is cleared. */
bool review_is_complete(const struct review *review);

/* Seals: digest over the manifest, MACed with the seal key; the campaign
 * becomes SEALED.  Results that are too old by now are evaluated again before:
 * for a worker.  Logged.  E_REVIEW_BLOCKED, E_REVIEW_UNANSWERED, E_REVIEW_STALE when
 * anything changed since the checks ran. */
int signoff_give(struct review *review, struct err *err);

/* What a seal says about itself. */
struct seal_info {
	int64_t recipients;
	int64_t sealed_ms; /* 0: not sealed */
	struct digest digest, root;
	char by[64];
};

/* Appends what the seal covers, as lines of text: campaign, recipients, the
 * Merkle root over all messages, digests of template, relays and settings,
 * schedule, every line of the checklist with its result and answer.  The
 * sealed digest is SHA-256 of exactly these octets.  E_REVIEW_SEAL (what:
 * missing) when no checks have run. */
int review_manifest(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err);

/* Reads the seal of a campaign, without checking it: for showing. */
int seal_read(struct db *db, struct campaign_id campaign, struct seal_info *out,
    struct err *err);

/* ---- Looking at the audience ------------------------------------------------ */

enum audience_step {
	AUDIENCE_FIRST,
	AUDIENCE_NEXT,
	AUDIENCE_PREVIOUS,
	AUDIENCE_RANDOM,
	AUDIENCE_AT, /* from is a position, 1..total */
};

/* One recipient for previews; spans live in the arena. */
struct audience_member {
	int64_t key; /* to step from: seq when frozen, else the contact's id */
	int64_t seq;
	struct span address, name, fields;
	int64_t position, total; /* 1..total */
	bool is_frozen; /* from the proof: total is the number to be sent */
};

/* Steps through the recipients of a campaign: those frozen by the proof while
 * neither campaign nor list was changed since (or it is sealed or launched),
 * else the list's members, among them those who will be left out.  from is the
 * key of the last one.  1 found, 0 when there is none that way, -1 on error. */
int audience_step(struct db *db, const struct campaign *campaign,
    enum audience_step step, int64_t from, struct arena *arena,
    struct audience_member *out, struct err *err);

/* The next recipient behind the one with the key from whose address or name
 * holds all words of text (as searches see them), going on at the first one
 * after the last; an address is found first of all as it is.  Reads up to all
 * of them: for a worker.  1 found, 0 nobody, -1; E_CANCELLED soon after *stop
 * (which may be NULL) becomes true. */
int audience_search(struct db *db, const struct campaign *campaign,
    struct span text, int64_t from, const atomic_bool *stop,
    struct arena *arena, struct audience_member *out, struct err *err);

/* ---- Worst cases ---------------------------------------------------------- */

/* Why the mail of a recipient is worth a look. */
enum sample_reason {
	SAMPLE_FAULT,         /* no message can be made: why */
	SAMPLE_FALLBACK,      /* what: field and fallback, "name|friend" */
	SAMPLE_SHOWN,         /* what: the section that is there ("^x": the
			       * inverted one) */
	SAMPLE_NOT_SHOWN,     /* what: the section that is not */
	SAMPLE_NAME_NONE,     /* a recipient without a name */
	SAMPLE_NAME_SHORTEST, /* measure: cells */
	SAMPLE_NAME_LONGEST,  /* measure: cells */
	SAMPLE_VALUE_LONGEST, /* what: the field; measure: cells */
	SAMPLE_EMOJI,         /* in a value that the mail uses */
	SAMPLE_KANJI,         /* a kanji that JIS X 0208 lacks */
	SAMPLE_SCRIPT,        /* letters neither Latin nor Japanese */
	SAMPLE_RTL,           /* written from right to left */
	SAMPLE_CONTROL,       /* controls and invisible characters */
	SAMPLE_PRIVATE,       /* private use */
	SAMPLE_SUBJECT,       /* the widest; measure: cells */
	SAMPLE_BIGGEST,       /* the message; measure: octets */
	SAMPLE_CHARSET,       /* UTF-8, as ISO-2022-JP cannot hold it */
	SAMPLE_FILES_MOST,    /* files of one's own; measure: octets */
	SAMPLE_FILES_LEAST,   /* the same */
	SAMPLE_CARRIER,       /* an address that must be quoted */
	SAMPLE_HOUSE,         /* what: the house where mail ends */
	SAMPLE_REASONS
};

/* One worst case. */
struct sample {
	enum sample_reason reason;
	struct span what; /* foreign bytes, or group_name() */
	int64_t key, position;
	struct span address, name;
	int64_t measure;
	int64_t count;  /* of recipients with this reason; 0: an extreme */
	struct err why; /* SAMPLE_FAULT */
};

/* The worst cases of a campaign: immutable. */
struct samples;

/* How far samples_find() is; any thread. */
struct samples_watch {
	const atomic_bool *cancel; /* borrowed; NULL: nobody stops it */
	_Atomic int64_t done, total;
};

/* Makes the message of every recipient that is not stopped, on all cores, and
 * keeps who is extreme: one sample for every reason that occurs, in the order
 * of the reasons.  The memory does not grow with their number.  Blocks: for a
 * worker.  The caller frees *out.  E_ROLE without MAY_MAIL_VIEW, E_CANCELLED,
 * errors of template_compile(). */
int samples_find(struct store *store, struct campaign_id campaign,
    int64_t at_ms, struct samples_watch *watch, struct samples **out,
    struct err *err);

/* Accepts NULL, sets *samples to NULL. */
void samples_free(struct samples **samples);

/* All of them; live as long as samples. */
const struct sample *samples_all(const struct samples *samples, size_t *count);

/* How many recipients were looked at. */
int64_t samples_recipients(const struct samples *samples);

/* What samples were found for; plain data. */
struct samples_stamp {
	struct campaign_id campaign;
	struct digest digest; /* of the template */
	int64_t list_revision;
	bool is_frozen;
};

/* A copy of the stamp: samples may end meanwhile. */
struct samples_stamp samples_stamp(const struct samples *samples);

/* 1 while what the messages are made of, and the list, are what they were, 0
 * when they have changed, -1 on error. */
int samples_fit(const struct samples_stamp *stamp, struct store *store,
    struct db *db, struct err *err);

/* A message of a sample on its way into a file. */
struct sample_file {
	struct campaign_id campaign;
	int64_t position;
	struct span path;    /* whole; must not exist */
	struct span purpose; /* why personal data leave the store; not empty */
	struct span bytes;
};

enum { SAMPLE_PURPOSE_MAX = 200 }; /* octets */

/* Writes a new file with mode 0600; the log holds it as an export, with its
 * purpose, before the first octet is written.  Leaves nothing behind when it
 * fails.  E_FILE_EXISTS, E_FILE_OPEN, E_FILE_WRITE, E_DISK_FULL. */
int sample_write(
    struct store *store, const struct sample_file *file, struct err *err);

/* ---- What is to be ticked one by one ---------------------------------------- */

/* Stored as numbers: never renumber. */
enum extract_kind {
	EXTRACT_DATE,
	EXTRACT_PRICE,
	EXTRACT_PHONE,
	EXTRACT_HOST, /* of links, not among the organisation's (links.hosts):
		       * ticked as well, but not those too many to be kept */
	EXTRACT_LINK, /* the same for all: for machines, not to be ticked */
	EXTRACT_KINDS
};

enum { EXTRACT_KEPT = 500, EXTRACT_TEXT_MAX = 300 };

/* Something that stands in the messages of a proof, as it is written there. */
struct extract_item {
	enum extract_kind kind;
	struct span text;  /* foreign; lives during the call.  Empty: stands for
			    * all of this kind that were too many to be kept */
	int64_t messages;  /* that hold it */
	int64_t first_seq; /* the first of them */
};

/* Looks at one; not 0 ends the walk, which then returns it. */
typedef int extract_visit(void *payload, const struct extract_item *item);

/* Visits what the last proof of a campaign found, by kind and then by text, up
 * to EXTRACT_KEPT of each kind.  0, what visit returned, or -1 on error. */
int extract_each(struct db *db, struct campaign_id campaign,
    extract_visit *visit, void *payload, struct err *err);

/* ---- Clearance --------------------------------------------------------- */

/* The permission to deliver one sealed campaign, made nowhere else. */
struct clearance;

/* Recomputes everything the seal binds and gives the clearance; for a
 * campaign SEALED (first launch) or RUNNING (going on after a crash or a
 * restart).  For a first launch, results that are too old by now are evaluated
 * again and must not be worse than sealed (E_REVIEW_STALE): for a worker.  The caller passes it to run_start() or frees it.
 * E_REVIEW_SEAL names what does not fit, E_CAMPAIGN_STATE, E_STEPUP when
 * policy wants a new sign-in (core/store/stepup.h). */
int clearance_grant(struct store *store, struct world *world,
    struct campaign_id campaign, struct clearance **out, struct err *err);

/* The same for an armed start whose time has come (core/deliver/schedule.h):
 * who armed it has signed in then. */
int clearance_grant_armed(struct store *store, struct world *world,
    struct campaign_id campaign, struct clearance **out, struct err *err);

/* Frees a clearance that was not used; accepts NULL, sets it to NULL. */
void clearance_free(struct clearance **clearance);

/* What a clearance is for. */
struct campaign_id clearance_campaign(const struct clearance *clearance);

/* The sealed digest; lives as long as the clearance. */
const struct digest *clearance_digest(const struct clearance *clearance);

/* Number of sealed recipients. */
int64_t clearance_recipients(const struct clearance *clearance);

/* 0 when a compiled template is the sealed one, to the signing key's selector;
 * for what is compiled after the clearance was given.  -1 with E_REVIEW_SEAL. */
int clearance_fits(const struct clearance *clearance,
    const struct template *template, struct err *err);

/* 0 while nothing that the seal binds has changed (revision, settings, relay);
 * cheap, asked before each claimed batch.  -1 with E_REVIEW_SEAL. */
int clearance_holds(
    const struct clearance *clearance, struct db *db, struct err *err);

#endif
