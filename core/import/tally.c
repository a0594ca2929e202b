/* The kinds in which the rows of an import were left out or repaired are few,
 * whatever the file: they are kept whole, while of the rows only the first
 * ones are. */
#include "core/import/tally.h"

enum { TALLIES_MAX = 64 };

static const char repair_prefix[] = "repair.";
static const char domain_word[] = "domain";

/* ---- Writing ------------------------------------------------------------ */

static int
put(struct commit *commit, struct span what, int64_t rows, struct err *err)
{
	struct stmt *stmt = db_stmt(commit->db,
	    "INSERT INTO import_tally(import, what, rows) VALUES(?1, ?2, ?3)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, commit->import);
	stmt_text(stmt, 2, what);
	stmt_int(stmt, 3, rows);
	return stmt_run(stmt, err);
}

static int
put_repair(
    struct commit *commit, const char *word, int64_t rows, struct err *err)
{
	struct buf what = BUF_INIT;
	int rc;

	if (rows == 0)
		return 0;
	buf_printf(&commit->repairs, " %s=%lld", word, (long long)rows);
	buf_printf(&what, "%s%s", repair_prefix, word);
	rc = put(commit, buf_span(&what), rows, err);
	buf_done(&what);
	return rc;
}

int
tally_store(struct commit *commit, struct rejects *rejects,
    const struct import_findings *found, struct err *err)
{
	struct import_reason reason[TALLIES_MAX];
	size_t reasons = rejects_reasons(rejects, reason, TALLIES_MAX);

	for (size_t i = 0; i < reasons; i++) {
		if (put(commit, span_of(err_name(reason[i].code)),
			reason[i].rows, err) < 0)
			return -1;
	}
	if (found->repaired > 0)
		buf_printf(&commit->repairs, " repaired=%lld",
		    (long long)found->repaired);
	for (int i = 0; i < IMPORT_REPAIR_KINDS; i++) {
		if (put_repair(commit,
			import_repair_name((enum import_repair)(1u << i)),
			found->repair[i].taken, err) < 0)
			return -1;
	}
	return put_repair(commit, domain_word, found->corrected, err);
}

/* ---- Reading ------------------------------------------------------------ */

static void
read_what(struct span what, struct import_tally *out)
{
	struct span prefix = span_of(repair_prefix);
	struct span word = span_slice(what, prefix.len, what.len);

	out->repair = 0;
	out->code = E_NONE;
	if (!span_starts(what, prefix)) {
		out->code = err_code_of(what);
		return;
	}
	for (unsigned i = 0; i < IMPORT_REPAIR_KINDS; i++) {
		enum import_repair kind = (enum import_repair)(1u << i);

		if (span_equal(word, span_of(import_repair_name(kind))))
			out->repair = kind;
	}
}

int
import_tallies(struct db *db, int64_t id, size_t room, struct import_tally *out,
    size_t *count, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT what, rows FROM import_tally WHERE import = ?1"
	    " ORDER BY what LIKE 'repair.%', rows DESC, what",
	    err);
	int got = 0;

	*count = 0;
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	while (*count < room && (got = stmt_step(stmt, err)) == 1) {
		read_what(stmt_col_text(stmt, 0), &out[*count]);
		out[(*count)++].rows = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}
