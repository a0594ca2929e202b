/* The blob of handed rows: a version octet, the time in 8 octets, then two
 * numbers of 7 bits an octet for each row (four times seq, plus one when the row
 * is DEFERRED, plus two when it was accepted; the connection).  A row in it costs three to five octets, so one
 * page holds what hundreds of sessions have under way, and a group commit of
 * any size dirties that one page. */
#include "core/deliver/handed.h"

enum { VERSION = 1, NUMBER_MAX = 10, TIME_LEN = 8 };

static void
add_number(struct buf *out, uint64_t value)
{
	char octet[NUMBER_MAX];
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		octet[n++] = (char)(value | 0x80);
	octet[n++] = (char)value;
	buf_add(out, span_make(octet, n));
}

void
handed_begin(struct buf *out, int64_t at_ms)
{
	buf_clear(out);
	buf_char(out, VERSION);
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(out, (char)((uint64_t)at_ms >> shift));
}

void
handed_add(struct buf *out, const struct handed_row *row)
{
	unsigned flags =
	    (row->from == LEDGER_DEFERRED) | (unsigned)row->accepted << 1;

	add_number(out, (uint64_t)row->seq << 2 | flags);
	add_number(out, (uint64_t)row->connection);
}

static int
damaged(struct err *err)
{
	err_set(err, E_LEDGER);
	return err_fact(err, "what", SPAN("handed"));
}

static unsigned char
take_octet(struct span *blob)
{
	unsigned char octet = (unsigned char)*blob->ptr;

	*blob = span_slice(*blob, 1, blob->len);
	return octet;
}

int
handed_time(struct span *blob, int64_t *at_ms, struct err *err)
{
	uint64_t value = 0;

	if (!blob->len)
		return 0;
	if (blob->len < 1 + TIME_LEN || take_octet(blob) != VERSION)
		return damaged(err);
	for (int i = 0; i < TIME_LEN; i++)
		value = value << 8 | take_octet(blob);
	*at_ms = (int64_t)value;
	return 1;
}

/* Numbers of ours are below 2^62. */
static int
take_number(struct span *blob, uint64_t *out)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 63 && blob->len; shift += 7) {
		unsigned char octet = take_octet(blob);

		value |= (uint64_t)(octet & 0x7f) << shift;
		if (octet & 0x80)
			continue;
		*out = value;
		return 0;
	}
	return -1;
}

int
handed_next(struct span *blob, struct handed_row *out, struct err *err)
{
	uint64_t row, connection;

	if (!blob->len)
		return 0;
	if (take_number(blob, &row) < 0 || take_number(blob, &connection) < 0)
		return damaged(err);
	out->seq = (int64_t)(row >> 2);
	out->accepted = row & 2;
	out->from = row & 1 ? LEDGER_DEFERRED : LEDGER_PLANNED;
	out->connection = (int64_t)(connection & INT64_MAX);
	return 1;
}

/* ---- Its row --------------------------------------------------------------- */

static struct stmt *
statement(struct db *db, const char *sql, struct campaign_id campaign,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (stmt)
		stmt_int(stmt, 1, campaign.v);
	return stmt;
}

int
handed_create(struct db *db, struct campaign_id campaign, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO handed(campaign, rows) VALUES(?1, x'')"
	    " ON CONFLICT(campaign) DO UPDATE SET rows = x''";
	struct stmt *stmt = statement(db, sql, campaign, err);

	return stmt ? stmt_run(stmt, err) : -1;
}

int
handed_write(struct db *db, struct campaign_id campaign, struct span blob,
    struct err *err)
{
	static const char sql[] =
	    "UPDATE handed SET rows = ?2 WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 2, blob);
	if (stmt_run(stmt, err) < 0)
		return -1;
	/* without its row nothing would be in doubt after a crash */
	return db_changes(db) == 1 ? 0 : damaged(err);
}

int
handed_read(struct db *db, struct campaign_id campaign, struct buf *out,
    struct err *err)
{
	static const char sql[] = "SELECT rows FROM handed WHERE campaign = ?1";
	struct stmt *stmt = statement(db, sql, campaign, err);
	int got = stmt ? stmt_step(stmt, err) : -1;

	if (got == 1)
		buf_add(out, stmt_col_blob(stmt, 0));
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}
