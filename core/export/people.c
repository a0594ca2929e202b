/* Members in the order of their ids.  Who is in the trash or erased is no
 * member, and who may not be mailed is told apart: a file never makes somebody
 * sendable who is not. */
#include "core/export/people.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/mem.h"

struct people {
	struct store *store; /* borrowed, as the next four */
	struct db *db;
	struct list_id list;
	struct export_watch *watch;
	struct stmt *rows;
	struct filter *all; /* owned, where none was given */
	unsigned parts;
	struct suppress_set *stopped;
	struct arena *arena; /* of one person */
};

static const char *const status_names[] = {
    [PEOPLE_ACTIVE] = "active",
    [PEOPLE_NO_BASIS] = "no_basis",
    [PEOPLE_UNSUBSCRIBED] = "unsubscribed",
    [PEOPLE_BOUNCED] = "bounced",
    [PEOPLE_COMPLAINT] = "complaint",
    [PEOPLE_BLOCKED] = "blocked",
};
static_assert(sizeof status_names / sizeof *status_names == PEOPLE_STATUSES,
    "a word for each");

const char *
people_status_name(enum people_status status)
{
	return status_names[status];
}

const char *
people_basis_name(enum consent_basis basis)
{
	static const char *const names[BASIS_COUNT] = {
	    [BASIS_NONE] = "none",
	    [BASIS_CONSENT] = "consent",
	    [BASIS_CARD] = "card",
	    [BASIS_BUSINESS] = "business",
	    [BASIS_PUBLISHED] = "published",
	};

	return basis < BASIS_COUNT ? names[basis] : "none";
}

int
people_open(struct store *store, struct db *db,
    const struct export_order *order, const struct filter *filter,
    unsigned parts, struct export_watch *watch, struct people **out,
    struct err *err)
{
	struct people *self = mem_new(sizeof *self);

	self->store = store;
	self->db = db;
	self->list = order->list;
	self->watch = watch;
	self->parts = parts;
	self->arena = arena_new();
	self->stopped = suppress_set_new(store, order->list);
	if (!filter && filter_parse(SPAN(""), clock_now_ms(store_clock(store)),
			   &self->all, err) < 0)
		goto out;
	self->rows = filter_stmt(db, order->list, filter ? filter : self->all,
	    (struct contact_id){0}, FILTER_ROWS, err);
out:
	if (!self->rows) {
		people_close(&self);
		return -1;
	}
	*out = self;
	return 0;
}

/* ---- One person -------------------------------------------------------- */

static enum people_status
status_of(enum suppress_cause cause)
{
	switch (cause) {
	case SUPPRESS_UNSUBSCRIBED:
		return PEOPLE_UNSUBSCRIBED;
	case SUPPRESS_BOUNCED:
	case SUPPRESS_SOFT:
		return PEOPLE_BOUNCED;
	case SUPPRESS_COMPLAINT:
		return PEOPLE_COMPLAINT;
	default:
		return PEOPLE_BLOCKED;
	}
}

/* The member's row is the last to be read, so that its spans live. */
static int
read_member(struct people *self, struct person_row *out, struct err *err)
{
	struct stmt *stmt = db_stmt(self->db,
	    "SELECT m.basis, m.basis_at_ms, m.how, m.wording, m.confirmed_ms,"
	    " m.basis_note, m.ip, m.paper, coalesce(w.name || ' v' || "
	    "w.version,"
	    " '') FROM member m LEFT JOIN wording w ON w.id = m.wording"
	    " WHERE m.list = ?1 AND m.contact = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, self->list.v);
	stmt_int(stmt, 2, out->id.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->evidence = (struct consent_evidence){
		    .basis = (enum consent_basis)stmt_col_int(stmt, 0),
		    .at_ms = stmt_col_int(stmt, 1),
		    .how = (enum consent_how)stmt_col_int(stmt, 2),
		    .wording = stmt_col_int(stmt, 3),
		    .confirmed_ms = stmt_col_int(stmt, 4),
		    .note = arena_copy(self->arena, stmt_col_text(stmt, 5)),
		    .ip = arena_copy(self->arena, stmt_col_text(stmt, 6)),
		    .paper = arena_copy(self->arena, stmt_col_text(stmt, 7))};
		out->wording = arena_copy(self->arena, stmt_col_text(stmt, 8));
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
read_status(struct people *self, struct person_row *out, struct err *err)
{
	enum suppress_cause cause = SUPPRESS_HAND;
	int got = suppress_set_check(self->stopped, self->db, out->canon, err);

	out->status =
	    out->evidence.basis == BASIS_NONE ? PEOPLE_NO_BASIS : PEOPLE_ACTIVE;
	if (got == 1)
		got = suppress_cause_find(
		    self->store, self->db, out->canon, self->list, &cause, err);
	if (got == 1)
		out->status = status_of(cause);
	out->stopped = got == 1;
	return got < 0 ? -1 : 0;
}

/* Tags in one cell, as an import reads them: what separates them stands in
 * quotation marks. */
static void
add_tag(struct buf *cell, struct span tag)
{
	bool quoted = memchr(tag.ptr, ',', tag.len) ||
		      memchr(tag.ptr, ';', tag.len) ||
		      span_search(tag, SPAN("、")) < tag.len ||
		      span_search(tag, SPAN(":::")) < tag.len;

	if (cell->len)
		buf_text(cell, ", ");
	if (quoted)
		buf_char(cell, '"');
	buf_add(cell, tag);
	if (quoted)
		buf_char(cell, '"');
}

static int
read_tags(struct people *self, struct person_row *out, struct err *err)
{
	struct stmt *stmt = db_stmt(self->db,
	    "SELECT g.name FROM contact_tag t JOIN tag g ON g.id = t.tag"
	    " WHERE t.contact = ?1 ORDER BY g.name",
	    err);
	struct buf cell = BUF_INIT;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, out->id.v);
	while ((got = stmt_step(stmt, err)) == 1)
		add_tag(&cell, stmt_col_text(stmt, 0));
	out->tags = arena_copy(self->arena, buf_span(&cell));
	buf_done(&cell);
	return got;
}

int
people_next(struct people *people, struct person_row *out, struct err *err)
{
	struct export_watch *watch = people->watch;
	int got;

	if (watch && watch->cancel && atomic_load(watch->cancel))
		return err_set(err, E_CANCELLED);
	got = stmt_step(people->rows, err);
	if (got != 1)
		return got;
	if (watch)
		atomic_fetch_add(&watch->done, 1);
	arena_reset(people->arena);
	*out = (struct person_row){.id = {stmt_col_int(people->rows, 0)},
	    .address = stmt_col_text(people->rows, 1),
	    .canon = stmt_col_text(people->rows, 2),
	    .name = stmt_col_text(people->rows, 3),
	    .fields = stmt_col_text(people->rows, 4)};
	if (read_member(people, out, err) < 0 ||
	    read_status(people, out, err) < 0 ||
	    ((people->parts & EXPORT_TAGS) && read_tags(people, out, err) < 0))
		return -1;
	return 1;
}

void
people_close(struct people **people)
{
	struct people *self = *people;

	if (!self)
		return;
	stmt_reset(self->rows);
	filter_free(&self->all);
	suppress_set_free(&self->stopped);
	arena_free(&self->arena);
	free(self);
	*people = NULL;
}
