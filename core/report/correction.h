/* After a mis-send: exactly who got what, and what can be done about it.  All
 * of it is read from the ledger and the frozen values; nothing here sends. */
#ifndef CORE_REPORT_CORRECTION_H
#define CORE_REPORT_CORRECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/store/store.h"

/* Which recipients of a run are meant: those for which all of this holds. */
struct selection {
	struct campaign_id campaign;
	unsigned states;        /* bits 1 << enum ledger_state; 0: any */
	unsigned classes;       /* bits 1 << enum outcome_class; 0: any */
	int64_t from_ms, to_ms; /* of the last result, to exclusive; 0: open */
	int64_t relay;          /* id; 0: any */
	/* "name", "address" or a field of the list, with this value, byte for
	 * byte; an address value that begins with "@" means the domain.  field
	 * empty: any. */
	struct span field, value;
};

/* One of them; spans live as long as the page. */
struct selection_row {
	int64_t seq, at_ms;
	struct contact_id contact;
	enum ledger_state state;
	int attempt, code;
	struct span address, canon, name, fields;
	struct span enhanced, class, reply;
	struct span relay; /* name; empty: none, or it was removed */
	struct span tls_version, tls_cipher;
	bool tls_verified;
};

/* A window of rows; caller's storage, zero-initialised, ended with
 * selection_page_done(). */
struct selection_page {
	struct arena *arena;
	struct selection_row *row;
	size_t count;
	int64_t after; /* continue here: the number of the last row looked at */
	bool is_last;
};

/* Reads up to count of the rows behind number after. */
int selection_page(struct db *db, const struct selection *selection,
    int64_t after, int count, struct selection_page *out, struct err *err);

/* Frees what a page holds. */
void selection_page_done(struct selection_page *page);

/* Their figures. */
struct selection_figures {
	int64_t persons; /* sum of count */
	int64_t count[LEDGER_STATES];
	int64_t first_ms, last_ms; /* of accepted or doubtful ones; 0: none */
	int64_t without_tls;       /* of the accepted ones */
};

/* Counts them.  E_CANCELLED soon after *stop becomes true (may be NULL). */
int selection_count(struct db *db, const struct selection *selection,
    const atomic_bool *stop, struct selection_figures *out, struct err *err);

/* The queue id that a relay named when it accepted ("queued as X", "id=X");
 * empty when there is none. */
struct span reply_queue_id(struct span reply);

/* Writes them as CSV with time, relay, queue id, TLS and Message-ID; safe
 * against formulas, mode 0600, logged as an export, like
 * report_write_csv(). */
int selection_write_csv(struct store *store, struct db *db,
    const struct selection *selection, const char *path, int64_t *rows,
    struct err *err);

/* ---- Facts for the authority ---------------------------------------------- */

enum { CORRECTION_FIELDS_MAX = 64 };

/* What the program knows about a mis-send; ended with
 * correction_facts_done(). */
struct correction_facts {
	struct buf campaign, subject; /* names */
	enum campaign_class class;
	char digest[65];              /* of what was sealed, hex */
	char by[64];                  /* who launched it */
	int64_t started_ms, ended_ms; /* of the run; 0: still open */
	struct selection_figures figures;
	struct buf organisation, postal, contact; /* from the settings */
	struct buf field[CORRECTION_FIELDS_MAX];  /* merge fields used */
	int fields;
};

/* Reads them.  E_CAMPAIGN_MISSING, E_CANCELLED. */
int correction_facts_read(struct db *db, const struct selection *selection,
    const atomic_bool *stop, struct correction_facts *out, struct err *err);

/* Frees what they hold. */
void correction_facts_done(struct correction_facts *facts);

/* Writes a text file of the caller's, mode 0600; logged. */
int correction_write_sheet(struct store *store, struct campaign_id campaign,
    const char *path, struct span text, struct err *err);

/* ---- A new draft for exactly these ---------------------------------------- */

/* What is made; nothing is sent by it: the draft goes through the review like
 * any other. */
struct correction_draft {
	struct span name, list_name;
	enum campaign_class class;
	struct span subject, body; /* both empty: those of the campaign */
	/* filled */
	struct list_id list;
	struct campaign_id campaign;
	int64_t joined;
	int64_t gone; /* no longer among the contacts, or with another
		       * address */
};

/* Makes a list of exactly those selected, and a draft for it with the sender
 * of the campaign.  Logged.  E_LIST_NAME, E_CAMPAIGN_FIELD,
 * E_CORRECTION_EMPTY when nobody would be on the list. */
int correction_draft_make(struct store *store,
    const struct selection *selection, struct correction_draft *draft,
    struct err *err);

#endif
