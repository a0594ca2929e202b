/* The rows of a list's people.  The ids are there, a row is one read by key on
 * our own reader, kept in a small cache. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tui/screens/contacts_impl.h"
#include "tui/screens/record.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

#define NEAR_MS (INT64_C(300) * 24 * 60 * 60 * 1000)

static struct rows *
of_source(struct list_source *source)
{
	return (struct rows *)((char *)source - offsetof(struct rows, source));
}

const struct ids *
rows_ids(const struct rows *rows)
{
	return rows->filtered ? &rows->match : &rows->all;
}

void
rows_forget(struct rows *rows)
{
	for (size_t i = 0; i < CACHE_ROWS; i++) {
		contact_page_done(&rows->cache[i].page);
		rows->cache[i].index = -1;
	}
}

static bool
has_column(const struct rows *rows, enum column_kind kind)
{
	for (size_t i = 0; i < rows->columns.count; i++) {
		if (rows->columns.column[i].kind == kind)
			return true;
	}
	return false;
}

/* Reads what the columns need of a contact. */
static bool
read_slot(struct rows *rows, struct contact_id id, struct cached *slot)
{
	if (contact_page(app_store(rows->app), rows->db, rows->list, id, 1,
		&slot->page, NULL) < 0)
		return false;
	buf_clear(&slot->tags);
	slot->mail.at_ms = 0;
	if (has_column(rows, COLUMN_SENT) &&
	    contact_mail_read(rows->db, id, &slot->mail, NULL) < 0)
		return false;
	return !has_column(rows, COLUMN_TAGS) ||
	       tag_names(rows->db, id, &slot->tags, NULL) == 0;
}

static struct cached *
slot_at(struct rows *rows, int64_t index)
{
	const struct ids *ids = rows_ids(rows);
	struct cached *slot;
	struct contact_id id;

	if (index < 0 || index >= (int64_t)ids->count || !rows->db)
		return NULL;
	id = ids->id[index];
	slot = &rows->cache[index % CACHE_ROWS];
	if (slot->index != index) {
		slot->index = -1;
		if (!read_slot(rows, id, slot))
			return NULL;
		slot->index = index;
	}
	if (slot->page.count == 0 || slot->page.row[0].id.v != id.v)
		return NULL;
	return slot;
}

const struct contact_row *
rows_at(struct rows *rows, int64_t index)
{
	const struct cached *slot = slot_at(rows, index);

	return slot ? &slot->page.row[0] : NULL;
}

/* ---- Cells ------------------------------------------------------------------ */

/* "26-11-20": a row has no room for the century. */
static void
add_day(struct buf *out, int64_t at_ms)
{
	struct buf day = BUF_INIT;

	format_date(&day, at_ms);
	buf_add(out, span_slice(buf_span(&day), 2, day.len));
	buf_done(&day);
}

/* "11-20", or "25-11" for a month of before: no month is greater than 12. */
static void
add_near(struct buf *out, int64_t at_ms, int64_t now_ms)
{
	struct buf day = BUF_INIT;
	size_t from = now_ms - at_ms < NEAR_MS ? 5 : 2;

	format_date(&day, at_ms);
	buf_add(out, span_slice(buf_span(&day), from, from + 5));
	buf_done(&day);
}

static void
add_sent(struct buf *out, const struct contact_mail *mail, int64_t now_ms)
{
	if (mail->at_ms == 0) {
		buf_char(out, '-');
		return;
	}
	add_near(out, mail->at_ms, now_ms);
	buf_char(out, ' ');
	if (mail->state == LEDGER_ACCEPTED)
		buf_text(out, _("OK"));
	else if (mail->state == LEDGER_DEFERRED)
		buf_text(out, _("later"));
	else if (mail->state == LEDGER_IN_DOUBT)
		buf_text(out, _("doubt"));
	else if (*mail->enhanced)
		buf_text(out, mail->enhanced);
	else if (mail->code)
		buf_printf(out, "%d", mail->code);
	else
		buf_text(out, _("failed"));
}

static enum role
sent_role(const struct contact_mail *mail)
{
	if (mail->at_ms == 0 || mail->state == LEDGER_ACCEPTED)
		return ROLE_TEXT;
	return ROLE_WARN;
}

/* Adds a cell to out where it is not a text of the row itself. */
static void
fill_cell(struct rows *rows, size_t column, const struct cached *slot,
    struct list_row *out)
{
	const struct contact_row *contact = &slot->page.row[0];
	const struct column *is = &rows->columns.column[column];
	struct buf *text = &rows->cell[column];

	buf_clear(text);
	switch (is->kind) {
	case COLUMN_ADDRESS:
		buf_add(text, contact->address);
		break;
	case COLUMN_NAME:
		buf_add(text, contact->name);
		break;
	case COLUMN_STATUS:
		buf_text(
		    text, contact->suppressed ? _("no mail") : _("active"));
		if (contact->suppressed)
			out->cell_role[column] = ROLE_WARN;
		break;
	case COLUMN_CONSENT:
		buf_text(text, basis_word(contact->basis));
		if (contact->basis_at_ms) {
			buf_char(text, ' ');
			add_day(text, contact->basis_at_ms);
		}
		if (contact->basis == BASIS_NONE)
			out->cell_role[column] = ROLE_WARN;
		break;
	case COLUMN_SENT:
		add_sent(text, &slot->mail, app_now_ms(rows->app));
		out->cell_role[column] = sent_role(&slot->mail);
		break;
	case COLUMN_TAGS:
		buf_add(text, buf_span(&slot->tags));
		break;
	case COLUMN_FIELD:
		field_value(contact->fields, span_of(is->field), text, NULL);
		break;
	}
	out->cell[column] = buf_span(text);
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)rows_ids(of_source(source))->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct rows *rows = of_source(source);
	const struct cached *slot = slot_at(rows, index);

	out->key = rows_ids(rows)->id[index].v;
	if (!slot) {
		out->cell[0] = span_of(_("(gone)"));
		out->role = ROLE_DIM;
		return true;
	}
	for (size_t i = 0; i < rows->columns.count; i++)
		fill_cell(rows, i, slot, out);
	return true;
}

static int64_t
find_rising(const struct ids *ids, int64_t key)
{
	size_t low = 0, high = ids->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ids->id[middle].v < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ids->count && ids->id[low].v == key ? (int64_t)low : -1;
}

static int64_t
find(struct list_source *source, int64_t key)
{
	const struct ids *ids = rows_ids(of_source(source));

	if (!ids->rising)
		return find_rising(ids, key);
	for (size_t i = 0; i < ids->count; i++) {
		if (ids->id[i].v == key)
			return (int64_t)i;
	}
	return -1;
}

/* ---- Ids -------------------------------------------------------------------- */

int64_t *
rows_keys(const struct ids *ids)
{
	const struct contact_id *rising = ids->rising ? ids->rising : ids->id;
	int64_t *keys = mem_array(ids->count + 1, sizeof *keys);

	for (size_t i = 0; i < ids->count; i++)
		keys[i] = rising[i].v;
	return keys;
}

void
ids_take(struct ids *to, struct ids *taken)
{
	free(to->id);
	free(to->rising);
	*to = *taken;
	*taken = (struct ids){NULL, NULL, 0};
}

void
rows_begin(struct rows *rows, struct app *app, struct list_id list)
{
	rows->app = app;
	rows->list = list;
	rows->source.count = row_count;
	rows->source.row = row;
	rows->source.find = find;
	for (size_t i = 0; i < CACHE_ROWS; i++)
		rows->cache[i].index = -1;
}

void
rows_end(struct rows *rows)
{
	struct ids none = {NULL, NULL, 0};

	rows_forget(rows);
	for (size_t i = 0; i < CACHE_ROWS; i++)
		buf_done(&rows->cache[i].tags);
	for (size_t i = 0; i < COLUMNS_MAX; i++) {
		buf_done(&rows->title[i]);
		buf_done(&rows->cell[i]);
	}
	ids_take(&rows->all, &none);
	ids_take(&rows->match, &none);
	store_reader_close(&rows->db);
}
