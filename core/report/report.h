/* Numbers and evidence of a run, read from the ledger alone. */
#ifndef CORE_REPORT_REPORT_H
#define CORE_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/deliver/deliver.h"
#include "core/report/auditlog.h"
#include "core/report/correction.h"
#include "core/report/oversight.h"
#include "core/report/pack.h"
#include "core/report/reconcile.h"
#include "core/store/store.h"

struct report {
	int64_t total;
	int64_t count[LEDGER_STATES]; /* sums to total, else E_REPORT_SUM */
	int64_t started_ms, ended_ms; /* ended 0: still open */
	int64_t tls13, tls12, tls_none, tls_verified; /* of accepted ones */
	int64_t attempts;
	enum run_state run;
	char by[64];
};

/* Builds the report of a campaign that was launched.  E_CAMPAIGN_MISSING,
 * E_REPORT_SUM. */
int report_build(struct db *db, struct campaign_id campaign, struct report *out,
    struct err *err);

enum { REPORT_DIGEST_MIN = 8 };

/* The campaign whose sealed digest begins with these hexadecimal digits (at
 * least REPORT_DIGEST_MIN): 1, 0 when there is none or more than one, -1. */
int report_find_digest(
    struct db *db, struct span hex, struct campaign_id *out, struct err *err);

/* One recipient's line; spans live as long as the page. */
struct report_row {
	int64_t seq;
	struct span address, name;
	enum ledger_state state;
	int attempt;
	int code;
	struct span enhanced, reply, tls_version, tls_cipher, message_id;
	struct span class; /* outcome ("H1"), or an error's stable name when no
			    * reply decided ("deliver.withheld_changed") */
	bool tls_verified;
	bool again; /* was in doubt and was sent once more */
	int64_t at_ms;
};

/* A window of rows; caller's storage, zero-initialised. */
struct report_page {
	struct arena *arena;
	struct report_row *row;
	size_t count;
};

enum report_which { REPORT_ALL, REPORT_NOT_ACCEPTED };

/* Reads up to count rows with seq > after; ended with report_page_done().
 * NOT_ACCEPTED are those that ended, or wait, otherwise than accepted.  Without
 * message_id. */
int report_page(struct db *db, struct campaign_id campaign,
    enum report_which which, int64_t after, int count, struct report_page *out,
    struct err *err);

/* Fills message_id of the rows of a page that were tried. */
int report_page_ids(struct store *store, struct db *db,
    struct campaign_id campaign, struct report_page *page, struct err *err);

/* Frees what a page holds. */
void report_page_done(struct report_page *page);

/* ---- What was answered ------------------------------------------------------ */

/* Recipients that are not accepted, or were without TLS, counted by what was
 * said about them; spans live as long as the list. */
struct refusal {
	enum ledger_state state;
	int code;                    /* 0: no reply decided */
	struct span enhanced, class; /* as in struct report_row */
	struct span sample;          /* one of the replies; foreign bytes */
	int64_t count;
	int64_t first_ms, last_ms;
};

/* Caller's storage, zero-initialised; ended with refusals_done(). */
struct refusals {
	struct arena *arena;
	struct refusal *row; /* the most frequent first */
	size_t count;
};

enum refusals_which {
	REFUSALS_ALL,
	REFUSALS_DEFERRED,
	REFUSALS_FAILED,
	REFUSALS_REST, /* in doubt, withheld, cancelled */
	REFUSALS_CLEAR /* accepted over a connection without TLS; sample is
			* the peer */
};

enum { REFUSALS_MAX = 200, REFUSALS_ALL_GROUPS = -1 };

/* Reads up to REFUSALS_MAX rows; group is a provider group of
 * core/net/group.h or REFUSALS_ALL_GROUPS.  May take a second for a
 * million recipients: for a worker. */
int refusals_read(struct db *db, struct campaign_id campaign,
    enum refusals_which which, int group, struct refusals *out,
    struct err *err);

/* Frees what the list holds. */
void refusals_done(struct refusals *refusals);

/* Writes all rows as CSV (UTF-8 with BOM, safe against formulas) to path, mode
 * 0600, replacing what was there only when all went well; logged as an export.
 * E_CAMPAIGN_MISSING, E_FILE_OPEN, E_FILE_WRITE, E_DISK_FULL. */
int report_write_csv(struct store *store, struct db *db,
    struct campaign_id campaign, const char *path, struct err *err);

#include "core/report/last_mail.h"

#endif
