/* Export: people leave the store in a file, for a reason that is kept.  A CSV
 * (RFC 4180), encrypted so that stock openssl opens it (RFC 5083, RFC 5652)
 * unless policy allows plain text, one consistent snapshot, marked with who has
 * made it.  Above a size set by policy a second person approves it first
 * (request.h).  docs/export.md describes file and rules.
 *
 * The way of a screen: export_check() on a job; show people, need and what
 * CP932 would lose; when a second person is needed export_ask(), and when that
 * one has approved export_write() with the request's id, else export_write()
 * with 0.  STEPUP_EXPORT comes before export_write(). */
#ifndef CORE_EXPORT_EXPORT_H
#define CORE_EXPORT_EXPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/access/access.h"
#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/contacts/contacts.h"
#include "core/store/store.h"

/* ---- Policy ------------------------------------------------------------ */

/* What the settings say; the page "Policy" of Setup has a row for each:
 *
 *   export.allowed  on, off  "on"   whether people may be exported at all
 *   export.over     number   "500"  a second person approves more people than
 *                                   this; 0: always
 *   export.minutes  number   "60"   how long an approval is good for
 *   export.plain    on, off  "off"  whether a file may be plain text
 *
 * Beside them stepup.export.  All belong to STEPUP_POLICY. */
struct export_policy {
	bool allowed, plain;
	int64_t over, minutes;
};

/* Reads them from any connection. */
int export_policy_read(
    struct db *db, struct export_policy *out, struct err *err);

/* ---- What is wanted ---------------------------------------------------- */

enum {
	EXPORT_REASON_MIN = 10,             /* characters, blanks not counted */
	EXPORT_REASON_MAX = 500,            /* octets */
	EXPORT_FIELDS_MAX = 200,            /* columns of fields */
	EXPORT_NAMES_MAX = 16 * 1024,       /* octets of their names */
	EXPORT_CERTIFICATE_MAX = 64 * 1024, /* octets of a certificate's file */
	EXPORT_PASSPHRASE_MIN = 12 /* characters of one that is typed */
};

/* Of whom.  All enums here are stored as numbers: never renumber. */
enum export_scope {
	EXPORT_LIST,    /* all members of a list */
	EXPORT_SEGMENT, /* those of one of its segments */
	EXPORT_FILTER,  /* those who match a filter */
	EXPORT_PERSON,  /* everything that is known of one person, for that
			 * person: another table, with the history */
	EXPORT_SCOPES
};

/* Columns beside address and status, which are always there; or'ed.  Nothing
 * of it counts for EXPORT_PERSON. */
enum export_part {
	EXPORT_NAME = 1 << 0,
	EXPORT_FIELDS = 1 << 1,
	EXPORT_TAGS = 1 << 2,
	EXPORT_EVIDENCE = 1 << 3, /* basis, times, how, wording, IP, paper */
};
enum { EXPORT_ALL_PARTS = 15 };

enum export_charset {
	EXPORT_UTF8,  /* with a byte order mark */
	EXPORT_CP932, /* for a spreadsheet that knows nothing else */
};

enum export_seal {
	EXPORT_BY_PASSPHRASE,  /* PBKDF2 and AES-256-GCM */
	EXPORT_BY_CERTIFICATE, /* for who has its private key */
	EXPORT_PLAIN,          /* only where policy allows it */
	EXPORT_SEALS
};

/* What is wanted; start from EXPORT_ORDER_INIT. */
struct export_order {
	enum export_scope scope;
	struct list_id list;       /* not for EXPORT_PERSON */
	int64_t segment;           /* EXPORT_SEGMENT */
	struct contact_id contact; /* EXPORT_PERSON */
	struct buf filter;         /* EXPORT_FILTER: its text */
	unsigned parts;            /* enum export_part */
	struct buf fields;         /* names, a line each; empty: all */
	enum export_charset charset;
	/* Of CP932: so many cells may lose characters, each of which becomes a
	 * 〓; the number of export_check() that was shown and agreed to. */
	int64_t lost;
	enum export_seal seal;
	struct buf certificate; /* EXPORT_BY_CERTIFICATE: PEM or DER */
	struct buf reason;      /* for the log */
};
#define EXPORT_ORDER_INIT                                                      \
	((struct export_order){.parts = EXPORT_ALL_PARTS,                      \
	    .filter = BUF_INIT,                                                \
	    .fields = BUF_INIT,                                                \
	    .certificate = BUF_INIT,                                           \
	    .reason = BUF_INIT})

/* Copies everything into to, which may hold something. */
void export_order_copy(
    struct export_order *to, const struct export_order *from);

/* Wipes and frees what it holds; may be done twice. */
void export_order_done(struct export_order *order);

/* 0 when a reason will do: E_EXPORT_FIELD (field "reason"; why: length, utf8,
 * control, address). */
int export_reason_check(struct span reason, struct err *err);

/* Reads a certificate (PEM or DER, foreign bytes) and appends whose it is and
 * until when, one line of text, to out (may be NULL).  E_EXPORT_FIELD (field
 * "certificate"; why: form, time, key), now_ms against its dates. */
int export_certificate_check(
    struct span certificate, int64_t now_ms, struct buf *out, struct err *err);

/* ---- Before ------------------------------------------------------------ */

/* How far something is; any thread.  total is 0 until it is known. */
struct export_watch {
	const atomic_bool *cancel; /* borrowed; NULL: nobody stops it */
	_Atomic int64_t done, total;
};

enum export_need {
	EXPORT_ALONE,
	EXPORT_BY_SIZE, /* more people than export.over */
	EXPORT_BY_SUM,  /* with what the same user has exported alone within
			   * a day: see recent */
};

enum { EXPORT_LOSS_ROWS = 5, EXPORT_LOSS_COLUMNS = 256 };

/* What CP932 would lose in one column. */
struct export_loss {
	char column[132];                /* its header, cut at a character */
	int64_t cells;                   /* with at least one character lost */
	int rows;                        /* told below */
	int64_t row[EXPORT_LOSS_ROWS];   /* as a spreadsheet numbers them */
	char what[EXPORT_LOSS_ROWS][40]; /* the characters, cut */
};

/* What an export would be; start from zero, ended with export_facts_done(). */
struct export_facts {
	int64_t people; /* rows; 1 for EXPORT_PERSON */
	int64_t
	    stopped;    /* of them on the stop list: exported with that state */
	int64_t recent; /* people of other exports of this user without a
			  * second person, within a day */
	enum export_need need;
	size_t columns;           /* of the file */
	int64_t lost;             /* cells, of all columns */
	struct export_loss *loss; /* owned */
	size_t losses;
};

/* Looks at everything that would be written, writes nothing.  For a worker.
 * E_ROLE (list.export, personal.view), E_EXPORT_FORBIDDEN, E_EXPORT_PLAIN,
 * E_EXPORT_FIELD (field, why), E_EXPORT_EMPTY, E_LIST_MISSING,
 * E_SEGMENT_MISSING, E_CONTACT_MISSING, E_FILTER_*, E_CANCELLED.  The reason is
 * not looked at: it may be typed later. */
int export_check(struct store *store, const struct export_order *order,
    struct export_watch *watch, struct export_facts *out, struct err *err);

/* Frees what it holds; may be done twice. */
void export_facts_done(struct export_facts *facts);

/* ---- Writing ----------------------------------------------------------- */

/* A passphrase of 160 random bits, eight groups of four letters and digits with
 * "-" between; nobody has it but the caller, who shows it once. */
struct secret *export_passphrase_make(void);

/* What was written; plain data. */
struct export_made {
	int64_t id; /* of the export, in the log and in the file */
	int64_t people, octets;
	struct digest sha256; /* of the file */
};

/* Writes the file: rows of one snapshot go through the cipher into a new file
 * beside path (0600), which gets its name when all of it is on the disk and the
 * log says so.  Nothing is overwritten; nothing stays behind on an error or
 * when it is cancelled.  request is 0, or the id of one that is approved and
 * fits (request.h), which is used up.  passphrase: EXPORT_BY_PASSPHRASE, else
 * NULL.  For a worker.
 *
 * Errors of export_check(); E_STEPUP (policy: stepup.export); E_EXPORT_FIELD
 * (reason); E_EXPORT_NEEDED (people, over) without a request; E_EXPORT_REQUEST
 * (why); E_EXPORT_CHANGED (what); E_EXPORT_LOSS (cells) for more than order->lost
 * says; E_PASSPHRASE_WEAK; E_FILE_EXISTS, E_FILE_OPEN, E_FILE_WRITE,
 * E_DISK_FULL (path). */
int export_write(struct store *store, const struct export_order *order,
    int64_t request, const char *path, const struct secret *passphrase,
    struct export_watch *watch, struct export_made *out, struct err *err);

/* Whether a mark out of a file ("17-k3x9m2qa") is one that this store has given
 * to the row of this address: it then comes from that export. */
bool export_mark_fits(
    const struct store *store, struct span mark, struct span address);

#include "core/export/request.h"

#endif
