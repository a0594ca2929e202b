/* Import: a foreign file becomes people of a list, or the reasons why not. */
#ifndef CORE_IMPORT_IMPORT_H
#define CORE_IMPORT_IMPORT_H

#include "core/contacts/contacts.h"
#include "core/import/column.h"
#include "core/import/exporter.h"
#include "core/import/history.h"
#include "core/import/member.h"
#include "core/import/own.h"
#include "core/import/plan.h"
#include "core/import/preset.h"
#include "core/import/repair.h"
#include "core/import/shape.h"
#include "core/import/shift.h"
#include "core/import/shown.h"
#include "core/import/tryout.h"
#include "core/import/value.h"

enum { IMPORT_REJECTS_KEPT = 10000 };

/* An import under way, used by one thread at a time, except
 * import_progress(), import_reasons(), import_cancel() and import_enough(),
 * which any thread may call. */
struct import;

/* In the order of enum charset. */
enum import_charset {
	IMPORT_AUTO,
	IMPORT_UTF8,
	IMPORT_CP932,
	IMPORT_EUC,
	IMPORT_JIS,
	IMPORT_UTF16LE,
	IMPORT_UTF16BE,
	IMPORT_CHARSETS
};

/* What is known of a file before it is read; zero: to be found out. */
struct import_form {
	enum import_charset charset;
	char delimiter; /* ',', ';', TAB, '|' or IMPORT_TOUTEN */
	enum import_quote quote;
	enum import_header header;
	int64_t first_line; /* of the table: its headers, or first row */
	int64_t last_line;  /* of the table: rows behind it are left out */
	size_t member;      /* of an archive, from 1 */
};

/* Opens a CSV file or a ZIP archive with one in it, finds charset, delimiter,
 * quotes, table, header row and columns from its beginning as far as form
 * (NULL: in nothing) does not say them, and guesses targets from header
 * synonyms; a row with an address in it is data, not headers.  IMPORT_AUTO
 * reads up to the whole file, 400 MB in about a second. Nothing is stored.
 * The caller closes *out.  E_FILE_OPEN, E_FILE_READ, E_CSV_*, E_IMPORT_TYPE,
 * E_ZIP, E_ZIP_MEMBER, E_IMPORT_MEMBERS when an archive holds several (ask,
 * and open with the member given), E_IMPORT_ENCODING, and
 * E_IMPORT_ENCODING_UNSURE when CP932 fits but EUC-JP would too: then ask, and
 * open with the charset given. */
int import_open(const char *path, const struct import_form *form,
    struct import **out, struct err *err);

/* The columns; live as long as the import; change target and field freely
 * before import_check() or import_commit(). */
struct import_column *import_columns(struct import *import, size_t *count);

/* The program that seems to have made the file, or NULL; lives as long as the
 * import.  Nothing is mapped by it yet. */
const struct import_recognised *import_recognised(const struct import *import);

/* Maps the columns as a program has them, the recognised one or another of
 * import_exporter_at(); NULL guesses them from their words again.  The state
 * of the whole file is for the caller to take into its plan. */
void import_take_exporter(
    struct import *import, const struct import_exporter *exporter);

/* Changes form, by which the file was opened, to how a program writes its files:
 * its quotes, and for one that has headers only by EXPORTER_FIRST_WORD whether
 * the first line is headers or somebody.  True when the file is to be opened
 * again with it.  Errors of reading: as nothing to change. */
bool import_exporter_form(const struct import *import,
    const struct import_exporter *exporter, struct import_form *form);

/* The charset in use (found or given), never IMPORT_AUTO. */
enum import_charset import_charset_used(const struct import *import);

/* Where the table stands in the file, and in form (may be NULL) everything that
 * was found or given: import_open() with it finds the same again. */
void import_table(const struct import *import, struct import_form *form,
    struct import_table *out);

/* The i-th row that was left out as no part of the table, by the last check or
 * commit, or before by import_open() as far as it looked; *count: how many in
 * all.  NULL past the end or IMPORT_LEFT_KEPT.  They do not count as read.
 * Lives until the next check or commit. */
const struct import_left *import_left_at(
    const struct import *import, size_t i, size_t *count);

/* Size of the file in octets. */
int64_t import_size(const struct import *import);

/* Reads the whole file and counts what import_commit() would do, storing
 * nothing.  E_CANCELLED after import_cancel(); E_IMPORT_*, E_CSV_* for faults
 * that stop the file, of them behind the last row E_IMPORT_SHIFTED (line,
 * column, flagged, compared, offset) and E_IMPORT_SORTED (column, changed,
 * known) when a column has moved and the plan does not say to go on;
 * E_IMPORT_OVERRULE when it says so without a reason; E_LIST_MISSING. */
int import_check(struct import *import, struct store *store,
    const struct import_plan *plan, struct import_counts *out, struct err *err);

/* Reads the file again and stores it in one transaction, logged with it.
 * Values replace older ones of the same contact, fields that are not in the
 * file stay; a member's basis is set when it had none and otherwise kept.
 * Nothing is stored when it fails or is cancelled; the guards stop it as they
 * stop import_check(), whether that was asked before or not. */
int import_commit(struct import *import, struct store *store,
    const struct import_plan *plan, struct import_counts *out, struct err *err);

/* The list that the last import_commit() has stored into, and the id under
 * which it is remembered (history.h). */
struct list_id import_list(const struct import *import);
int64_t import_id(const struct import *import);

/* A snapshot of the counts while check or commit runs. */
void import_progress(struct import *import, struct import_counts *out);

/* Asks check or commit to stop soon; they return E_CANCELLED.  When none runs
 * it is the next one that does. */
void import_cancel(struct import *import);

/* The same, but what was read so far counts: commit stores it in its one
 * transaction and its record says that the file was cut. */
void import_enough(struct import *import);

/* A reason for which rows were rejected, and how many. */
struct import_reason {
	enum err_code code;
	int64_t rows;
};

/* The reasons so far while check or commit runs, and of the last one behind
 * it, most rows first: their number, at most room. */
size_t import_reasons(
    struct import *import, struct import_reason *out, size_t room);

/* The i-th reject of the last check or commit (the first IMPORT_REJECTS_KEPT
 * are kept); NULL past the end.  Lives until the next check or commit. */
const struct import_reject *import_reject_at(
    const struct import *import, size_t i);

/* What the last check or commit has found out about addresses; lives until the
 * next one. */
const struct import_findings *import_findings(const struct import *import);

/* What its guards have seen, also when they have stopped it. */
const struct import_shift *import_shift_seen(const struct import *import);

/* The i-th row that the last check or commit has taken otherwise than it is
 * written (the first IMPORT_REPAIRED_KEPT are kept); NULL past the end.  Lives
 * until the next check or commit. */
const struct import_repaired *import_repaired_at(
    const struct import *import, size_t i);

/* What import_write_rejects() has written. */
struct import_written {
	int64_t rows;
	const char *charset; /* its name; static */
};

/* Writes all rejects of the last check or commit, also those that are not kept,
 * to a new file that can be corrected and imported again: the line and the
 * reason as words() appends it, then the row as it is in the file, under its
 * headers, in its charset with its delimiter.  UTF-8 is written with a byte
 * order mark, and in place of a charset that cannot be written or lacks a
 * character.  Cells that a spreadsheet would take for formulas get a ' before
 * them, which the next import takes away.  Mode 0600; nothing is overwritten or
 * left half-written.  E_FILE_EXISTS, E_FILE_OPEN, E_FILE_WRITE, E_DISK_FULL,
 * E_IMPORT_CHANGED; E_FILE_READ, E_CSV_* as the file is read again. */
int import_write_rejects(struct import *import, const char *path,
    void (*words)(const struct err *why, struct buf *out),
    struct import_written *out, struct err *err);

/* Frees everything; accepts NULL, sets *import to NULL. */
void import_close(struct import **import);

/* ---- Other tables ---------------------------------------------------------- */

/* A CSV file that is no list of contacts; read by one thread. */
struct csv_file;

/* A row; everything lives until the next one. */
struct csv_cells {
	int64_t line; /* of the file, from 1 */
	const struct span *cell;
	size_t count;
};

/* Opens a file and finds out its encoding and delimiter.  The caller closes
 * *out.  Errors as import_open(). */
int csv_file_open(const char *path, struct csv_file **out, struct err *err);

/* The next row, the first one included: 1, 0 after the last, -1 on a fault that
 * stops the file (E_FILE_READ, E_CSV_*, E_IMPORT_ENCODING). */
int csv_file_next(
    struct csv_file *file, struct csv_cells *out, struct err *err);

/* Closes it; accepts NULL, sets *file to NULL. */
void csv_file_close(struct csv_file **file);

#include "core/import/choice.h"

#endif
