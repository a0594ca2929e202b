/* What an approver is given to look at: made by the process that holds the
 * store, read by the approver's own, which has neither store nor keys.  A text
 * of entries "NAME LENGTH" LF octets LF; docs/away.md lists them. */
#ifndef CORE_REVIEW_DOSSIER_H
#define CORE_REVIEW_DOSSIER_H

#include <stdatomic.h>

#include "core/review/approval_text.h"
#include "core/review/compared.h"

struct store;
struct campaign_id;

enum {
	DOSSIER_MAX = 4 * 1024 * 1024, /* octets */
	DOSSIER_CHECKS_MAX = 200,
	DOSSIER_FACTS_MAX = 400,
	DOSSIER_SAMPLES_MAX = 40,
	DOSSIER_PART_MAX = 64 * 1024 /* octets of one part of a sample */
};

/* A line of the checklist, as it was sealed. */
struct dossier_check {
	struct span id, facts, answer, by;
	int64_t severity; /* enum check_severity */
	int64_t state;    /* enum check_state */
	int64_t count;
};

/* A date, price or telephone number, to be ticked. */
struct dossier_fact {
	int64_t kind; /* enum extract_kind */
	struct span text;
	int64_t messages; /* that hold it */
};

/* A whole mail as its reader sees it. */
struct dossier_sample {
	int64_t reason; /* enum sample_reason; SAMPLE_REASONS: by chance */
	struct span what, address, name, subject;
	struct span text; /* the plain part */
	struct span html; /* what a reader of the HTML part sees, as text */
};

struct arena;

struct dossier {
	struct arena *arena;
	struct approval_text subject; /* with store, campaign, overrides */
	int64_t hours;                /* an approval is good for */
	int64_t seconds;              /* each sample must be looked at */
	enum statement_login wants;   /* what the policy asks for */
	struct span manifest;         /* the text whose SHA-256 is signed */
	struct compared before;       /* read out of the manifest */
	struct span list, sealed_by;
	struct dossier_check check[DOSSIER_CHECKS_MAX];
	size_t checks;
	struct dossier_fact fact[DOSSIER_FACTS_MAX];
	size_t facts;
	struct dossier_sample sample[DOSSIER_SAMPLES_MAX];
	size_t samples;
};

/* How far dossier_make() is; any thread. */
struct dossier_watch {
	const atomic_bool *cancel; /* borrowed */
	_Atomic int64_t done, total;
};

/* Makes the dossier of a sealed campaign: looks at all recipients for the worst
 * cases, so for a worker.  E_CANCELLED, errors of approval_subject(),
 * samples_find(), assemble_message(). */
int dossier_make(struct store *store, struct campaign_id campaign,
    int64_t now_ms, struct dossier_watch *watch, struct buf *out,
    struct err *err);

/* Reads one (foreign bytes): its manifest must be the text whose SHA-256 would
 * be signed, so that what is shown of it is what is signed.  The caller frees
 * *out.  E_APPROVAL_DOSSIER (line: number of the entry). */
int dossier_read(struct span octets, struct dossier **out, struct err *err);

/* Accepts NULL, sets *dossier to NULL. */
void dossier_free(struct dossier **dossier);

/* Appends an entry. */
void dossier_entry(struct buf *out, const char *name, struct span octets);

/* Takes an entry off: 1, 0 at the end, -1 for what is none. */
int dossier_take(struct span *rest, struct span *name, struct span *octets);

#endif
