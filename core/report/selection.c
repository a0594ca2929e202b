/* Who is meant: one statement over ledger, frozen values and connections; what
 * SQL cannot say (values of fields, classes) is asked row by row. */
#include "core/report/report.h"

#include "core/base/mem.h"
#include "core/net/tls.h"

enum { PAGE_ROWS = 500 };

/* ---- Rows ---------------------------------------------------------------- */

static const char rows_sql[] =
    "SELECT l.seq, l.at_ms, o.contact, l.state, l.attempt, l.code, o.address,"
    " o.canon, o.name, o.fields, l.enhanced, l.class, l.reply, r.name,"
    " c.tls_version, c.tls_cipher, c.tls_state FROM ledger l"
    " LEFT JOIN outbox o ON o.campaign = l.campaign AND o.seq = l.seq"
    " LEFT JOIN connection c ON c.campaign = l.campaign"
    " AND c.id = l.connection"
    " LEFT JOIN relay r ON r.id = c.relay"
    " WHERE l.campaign = ?1 AND l.seq > ?2"
    " AND (?3 = 0 OR (?3 >> l.state) & 1)"
    " AND (?4 = 0 OR l.at_ms >= ?4) AND (?5 = 0 OR l.at_ms < ?5)"
    " AND (?6 = 0 OR c.relay = ?6) ORDER BY l.seq LIMIT ?7";

/* True when an address is of the domain "@example.jp". */
static bool
has_domain(struct span address, struct span domain)
{
	return address.len > domain.len &&
	       span_equal_nocase(
		   span_slice(address, address.len - domain.len, address.len),
		   domain);
}

/* 1 when the row has the value that is asked for. */
static int
has_value(const struct selection *selection, struct stmt *row,
    struct buf *value, struct err *err)
{
	int got;

	if (!selection->field.len)
		return 1;
	if (span_equal(selection->field, SPAN("address"))) {
		struct span address = stmt_col_text(row, 6);

		if (span_starts(selection->value, SPAN("@")))
			return has_domain(address, selection->value);
		return span_equal_nocase(address, selection->value) ||
		       span_equal(stmt_col_text(row, 7), selection->value);
	}
	if (span_equal(selection->field, SPAN("name")))
		return span_equal(stmt_col_text(row, 8), selection->value);
	if (!stmt_col_text(row, 9).len)
		return 0;
	got = field_value(stmt_col_text(row, 9), selection->field, value, err);
	if (got <= 0)
		return got;
	return span_equal(buf_span(value), selection->value);
}

static int
is_meant(const struct selection *selection, struct stmt *row, struct buf *value,
    struct err *err)
{
	enum outcome_class class = outcome_class_find(stmt_col_text(row, 11));

	if (selection->classes && !(selection->classes >> class & 1))
		return 0;
	return has_value(selection, row, value, err);
}

static void
fill(struct stmt *stmt, struct arena *arena, struct selection_row *row)
{
	struct span *text[] = {&row->address, &row->canon, &row->name,
	    &row->fields, &row->enhanced, &row->class, &row->reply, &row->relay,
	    &row->tls_version, &row->tls_cipher};

	row->seq = stmt_col_int(stmt, 0);
	row->at_ms = stmt_col_int(stmt, 1);
	row->contact.v = stmt_col_int(stmt, 2);
	row->state = (enum ledger_state)stmt_col_int(stmt, 3);
	row->attempt = (int)stmt_col_int(stmt, 4);
	row->code = (int)stmt_col_int(stmt, 5);
	for (int i = 0; i < (int)(sizeof text / sizeof *text); i++)
		*text[i] = arena_copy(arena, stmt_col_text(stmt, 6 + i));
	row->tls_verified = stmt_col_int(stmt, 16) == TLS_STATE_VERIFIED;
}

static void
bind(struct stmt *stmt, const struct selection *selection, int64_t after,
    int count)
{
	stmt_int(stmt, 1, selection->campaign.v);
	stmt_int(stmt, 2, after);
	stmt_int(stmt, 3, selection->states);
	stmt_int(stmt, 4, selection->from_ms);
	stmt_int(stmt, 5, selection->to_ms);
	stmt_int(stmt, 6, selection->relay);
	stmt_int(stmt, 7, count);
}

int
selection_page(struct db *db, const struct selection *selection, int64_t after,
    int count, struct selection_page *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, rows_sql, err);
	struct buf value = BUF_INIT;
	int got = -1, meant = 0, looked_at = 0;

	if (!out->arena)
		out->arena = arena_new();
	arena_reset(out->arena);
	count = count > 0 ? count : 1;
	out->count = 0;
	out->after = after;
	out->row = arena_take(out->arena, (size_t)count * sizeof *out->row);
	if (stmt)
		bind(stmt, selection, after, count);
	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		looked_at++;
		out->after = stmt_col_int(stmt, 0);
		meant = is_meant(selection, stmt, &value, err);
		if (meant < 0)
			break;
		if (meant)
			fill(stmt, out->arena, &out->row[out->count++]);
	}
	out->is_last = looked_at < count;
	stmt_reset(stmt);
	buf_done(&value);
	return got < 0 || meant < 0 ? -1 : 0;
}

void
selection_page_done(struct selection_page *page)
{
	arena_free(&page->arena);
	*page = (struct selection_page){0};
}

/* ---- Figures --------------------------------------------------------------- */

static void
count_row(const struct selection_row *row, struct selection_figures *out)
{
	out->persons++;
	out->count[row->state]++;
	if (row->state != LEDGER_ACCEPTED && row->state != LEDGER_IN_DOUBT)
		return;
	if (!out->first_ms || row->at_ms < out->first_ms)
		out->first_ms = row->at_ms;
	if (row->at_ms > out->last_ms)
		out->last_ms = row->at_ms;
	out->without_tls +=
	    row->state == LEDGER_ACCEPTED && !row->tls_version.len;
}

int
selection_count(struct db *db, const struct selection *selection,
    const atomic_bool *stop, struct selection_figures *out, struct err *err)
{
	struct selection_page page = {0};
	int64_t after = INT64_MIN;
	int rc = -1;

	*out = (struct selection_figures){.persons = 0};
	do {
		if (stop && *stop) {
			err_set(err, E_CANCELLED);
			goto out;
		}
		if (selection_page(
			db, selection, after, PAGE_ROWS, &page, err) < 0)
			goto out;
		for (size_t i = 0; i < page.count; i++)
			count_row(&page.row[i], out);
		after = page.after;
	} while (!page.is_last);
	rc = 0;
out:
	selection_page_done(&page);
	return rc;
}

/* ---- What a relay called it -------------------------------------------------- */

static bool
is_id_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

struct span
reply_queue_id(struct span reply)
{
	static const struct span marks[] = {SPAN("queued as "), SPAN(" id="),
	    SPAN(" qp "), SPAN("InternalId="), SPAN("queued mail ")};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t at = span_search(reply, marks[i]), len = 0;
		struct span rest =
		    span_slice(reply, at + marks[i].len, reply.len);

		while (len < rest.len && is_id_character(rest.ptr[len]))
			len++;
		if (at < reply.len && len)
			return span_slice(rest, 0, len);
	}
	return SPAN("");
}
