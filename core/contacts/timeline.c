/* The timeline is put together from the tables that know each thing; only what
 * none of them keeps is noted by itself.  Whoever became part of this person,
 * and earlier addresses, count as this person: a row of an outbox is theirs when
 * id and address are both known. */
#include "core/contacts/timeline.h"

#include <stdlib.h>

#include "core/contacts/contacts.h"

int
contact_note_in(struct store *store, struct db *db, struct contact_id contact,
    enum event_kind kind, struct span fact, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO contact_event(contact, at_ms, by, kind, fact)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, span_of(store_user(store)));
	stmt_int(stmt, 4, kind);
	stmt_text(stmt, 5, fact);
	return stmt_run(stmt, err);
}

int
contact_alias_in(struct db *db, struct contact_id contact,
    struct contact_id was, struct span canon, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT OR IGNORE INTO contact_alias(contact, was, canon)"
	    " VALUES(?1, ?2, ?3)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	stmt_int(stmt, 2, was.v);
	stmt_text(stmt, 3, canon);
	return stmt_run(stmt, err);
}

/* ---- Sources --------------------------------------------------------------- */

#define WHO                                                                    \
	"WITH who(id, canon) AS (SELECT id, canon FROM contact WHERE id = ?1"  \
	" UNION SELECT was, canon FROM contact_alias WHERE contact = ?1) "

/* Every source gives: kind, event, time, by, what, text, number, state, code,
 * enhanced, reply, tls; newest first. */
static const char *const sources[] = {
    WHO "SELECT 0, e.kind, e.at_ms, e.by, '', e.fact, e.id, 0, 0, '', '', ''"
	" FROM (SELECT DISTINCT id FROM who) w JOIN contact_event e"
	" ON e.contact = w.id ORDER BY e.id DESC LIMIT ?2",
    "SELECT 1, 0, m.basis_at_ms, '', l.name, m.basis_note, m.basis, 0, 0, '',"
    " '', '' FROM member m JOIN list l ON l.id = m.list"
    " WHERE m.contact = ?1 AND m.basis_at_ms > 0 LIMIT ?2",
    "SELECT 2, 0, i.at_ms, i.by, l.name, i.file, i.id, 0, 0, '', '', ''"
    " FROM member m JOIN list l ON l.id = m.list JOIN import i"
    " ON i.id = m.import WHERE m.contact = ?1 AND NOT EXISTS(SELECT 1"
    " FROM import_before b WHERE b.import = i.id AND b.contact = m.contact"
    " AND b.basis IS NOT NULL) LIMIT ?2",
    /* who was a member before it was changed, or left (what: enum before_what
     * of core/import/known.h) */
    "SELECT CASE WHEN b.what & 4 THEN 8 ELSE 7 END, 0, i.at_ms, i.by,"
    " coalesce(l.name, ''), i.file, i.id, 0, 0, '', '', ''"
    " FROM import_before b JOIN import i ON i.id = b.import"
    " LEFT JOIN list l ON l.id = i.list WHERE b.contact = ?1"
    " AND (b.what & 4 OR (b.what & 3 AND b.basis IS NOT NULL)) LIMIT ?2",
    "SELECT 3, 0, t.at_ms, t.by, coalesce(nullif(t.name, ''), l.name, ''), '',"
    " t.kind, 0, 0, '', '', '' FROM trash_member m JOIN trash t"
    " ON t.id = m.trash LEFT JOIN list l ON l.id = m.list"
    " WHERE m.contact = ?1 AND t.part_of = 0 LIMIT ?2",
    WHO "SELECT 6, 0, e.at_ms, e.by, coalesce(l.name, ''), e.reason, e.what,"
	" 0, 0, '', '', '' FROM (SELECT DISTINCT id FROM who) w"
	" JOIN consent_event e ON e.contact = w.id AND e.contact <> 0"
	" LEFT JOIN list l ON l.id = e.list LIMIT ?2",
    WHO "SELECT 4, 0, CASE l.at_ms WHEN 0 THEN coalesce(r.started_ms, 0)"
	" ELSE l.at_ms END, '', coalesce(c.name, ''), coalesce(l.class, ''),"
	" o.campaign, l.state, coalesce(l.code, 0), coalesce(l.enhanced, ''),"
	" coalesce(l.reply, ''), coalesce(k.tls_version, '') FROM who w"
	" JOIN outbox o ON o.contact = w.id AND o.canon = w.canon"
	" JOIN ledger l ON l.campaign = o.campaign AND l.seq = o.seq"
	" LEFT JOIN run r ON r.campaign = o.campaign"
	" LEFT JOIN campaign c ON c.id = o.campaign"
	" LEFT JOIN connection k ON k.campaign = l.campaign"
	" AND k.id = l.connection ORDER BY o.campaign DESC LIMIT ?2",
};

static struct moment *
more(struct timeline *timeline)
{
	timeline->moment = mem_more(
	    timeline->moment, timeline->count, sizeof *timeline->moment);
	return &timeline->moment[timeline->count++];
}

static void
take(struct timeline *timeline, struct stmt *stmt)
{
	struct arena *arena = timeline->arena;

	*more(timeline) = (struct moment){
	    .kind = (enum moment_kind)stmt_col_int(stmt, 0),
	    .event = (enum event_kind)stmt_col_int(stmt, 1),
	    .at_ms = stmt_col_int(stmt, 2),
	    .by = arena_copy(arena, stmt_col_text(stmt, 3)),
	    .what = arena_copy(arena, stmt_col_text(stmt, 4)),
	    .text = arena_copy(arena, stmt_col_text(stmt, 5)),
	    .number = stmt_col_int(stmt, 6),
	    .state = (int)stmt_col_int(stmt, 7),
	    .code = (int)stmt_col_int(stmt, 8),
	    .enhanced = arena_copy(arena, stmt_col_text(stmt, 9)),
	    .reply = arena_copy(arena, stmt_col_text(stmt, 10)),
	    .tls = arena_copy(arena, stmt_col_text(stmt, 11)),
	};
}

static int
read_source(struct db *db, const char *sql, struct contact_id contact,
    struct timeline *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	stmt_int(stmt, 2, TIMELINE_MAX + 1);
	while ((got = stmt_step(stmt, err)) == 1)
		take(out, stmt);
	return got;
}

/* ---- The stop list --------------------------------------------------------- */

static int
read_key(struct db *db, const struct digest *key, struct timeline *out,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 5, 0, s.at_ms, '', coalesce(l.name, ''), s.source, s.cause,"
	    " 0, 0, '', '', '' FROM suppression s LEFT JOIN list l"
	    " ON l.id = s.list WHERE s.key = ?1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, span_make(key->bytes, sizeof key->bytes));
	while ((got = stmt_step(stmt, err)) == 1)
		take(out, stmt);
	return got;
}

/* Entries are found by the key of the address itself, also where it is
 * masked. */
static int
read_stops(struct store *store, struct db *db, struct contact_id contact,
    struct timeline *out, struct err *err)
{
	struct stmt *stmt = db_stmt_inner(
	    db, "SELECT canon FROM main.contact WHERE id = ?1", err);
	struct digest key;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, contact.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		suppress_key(store, stmt_col_text(stmt, 0), &key);
	stmt_reset(stmt);
	return got == 1 ? read_key(db, &key, out, err) : got;
}

/* ---- All of it ------------------------------------------------------------- */

static int
newest_first(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->number < y->number) - (x->number > y->number);
}

int
timeline_read(struct store *store, struct db *db, struct contact_id contact,
    struct timeline *out, struct err *err)
{
	int got = 0;

	timeline_done(out);
	out->arena = arena_new();
	for (size_t i = 0; got == 0 && i < sizeof sources / sizeof *sources;
	    i++)
		got = read_source(db, sources[i], contact, out, err);
	if (got == 0)
		got = read_stops(store, db, contact, out, err);
	if (got < 0) {
		timeline_done(out);
		return -1;
	}
	if (out->count)
		qsort(
		    out->moment, out->count, sizeof *out->moment, newest_first);
	out->cut = out->count > TIMELINE_MAX;
	if (out->cut)
		out->count = TIMELINE_MAX;
	return 0;
}

void
timeline_done(struct timeline *timeline)
{
	arena_free(&timeline->arena);
	free(timeline->moment);
	*timeline = (struct timeline){.arena = NULL};
}
