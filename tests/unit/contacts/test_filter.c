/* The language of filters: how it is read, what is refused and where, and that
 * the statements find whom a slow evaluator in plain C finds. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "core/base/file.h"
#include "core/store/fragment.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/contacts/filter_ref.h"

enum { PEOPLE = 300, ROUNDS = 600, VIEWER = 8 };
#define DAY_MS 86400000LL

struct room {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct list_id list;
	struct roster *roster;
	struct ref_person person[PEOPLE];
	unsigned seed;
	struct err err;
};

static unsigned
draw(struct room *room, unsigned below)
{
	room->seed = room->seed * 1103515245u + 12345u;
	return (room->seed >> 16) % below;
}

/* ---- A list ---------------------------------------------------------------- */

static const char *const locals[] = {
    "taro", "hanako", "jiro.sato", "or", "a-b"};
static const char *const domains[] = {"example.jp", "mail.example.jp",
    "docomo.ne.jp", "notexample.jp", "xn--wgv71a119e.jp"};
static const char *const names[] = {"", "山田 太郎", "佐藤花子", "taro tanaka"};
static const char *const cities[] = {NULL, "", "東京", "kyoto", "東京都"};

static void
make_person(struct room *room, struct ref_person *p)
{
	int64_t now = clock_now_ms(&room->clock.base);

	*p = (struct ref_person){
	    .local = locals[draw(room, 5)],
	    .domain = domains[draw(room, 5)],
	    .name = names[draw(room, 4)],
	    .city = cities[draw(room, 5)],
	    .points = (int)draw(room, 40) - 10,
	    .basis = (enum consent_basis)draw(room, BASIS_COUNT),
	    .since_ms = draw(room, 4) ? now - draw(room, 400) * DAY_MS : 0,
	    .added_ms = now - draw(room, 400) * DAY_MS,
	    .changed_ms = now - draw(room, 400) * DAY_MS,
	    .stop = draw(room, 3) ? -1 : (int)draw(room, 4),
	    .tagged = draw(room, 2),
	    .other_list = draw(room, 2),
	    .sent_days = draw(room, 2) ? (int)draw(room, 100) : -1,
	    .bounced = draw(room, 5) == 0,
	};
	if (p->points < 0)
		p->points = -1;
}

static void
run(struct room *room, struct db *db, const char *sql, const int64_t *number,
    size_t count, struct span text)
{
	struct stmt *stmt = db_stmt(db, sql, &room->err);

	assert_non_null(stmt);
	for (size_t i = 0; i < count; i++)
		stmt_int(stmt, (int)i + 1, number[i]);
	if (text.ptr)
		stmt_text(stmt, (int)count + 1, text);
	assert_ok(stmt_run(stmt, &room->err), &room->err);
}

static void
store_contact(struct room *room, struct db *db, int64_t id,
    const struct ref_person *p, struct span canon)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(?1, ?2, ?2, ?3, ?4, ?5, ?6)",
	    &room->err);
	struct buf fields = BUF_INIT;

	buf_text(&fields, "{\"x\":\"1\"");
	if (p->city)
		buf_printf(&fields, ",\"City\":\"%s\"", p->city);
	if (p->points >= 0)
		buf_printf(&fields, ",\"points\":\"%d\"", p->points);
	buf_char(&fields, '}');
	assert_non_null(stmt);
	stmt_int(stmt, 1, id);
	stmt_text(stmt, 2, canon);
	stmt_text(stmt, 3, span_of(p->name));
	stmt_text(stmt, 4, buf_span(&fields));
	stmt_int(stmt, 5, p->added_ms);
	stmt_int(stmt, 6, p->changed_ms);
	assert_ok(stmt_run(stmt, &room->err), &room->err);
	buf_done(&fields);
}

static void
store_person(struct room *room, struct db *db, int64_t id, struct ref_person *p)
{
	int64_t now = clock_now_ms(&room->clock.base);
	struct buf canon = BUF_INIT;

	/* no two people have one address */
	buf_printf(&canon, "%s%lld@%s", p->local, (long long)id, p->domain);
	store_contact(room, db, id, p, buf_span(&canon));
	run(room, db,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, ?1, ?2, ?3, '')",
	    (int64_t[]){id, p->basis, p->since_ms}, 3, (struct span){NULL, 0});
	if (p->stop >= 0)
		run(room, db,
		    "INSERT INTO suppression(key, list, cause, at_ms, source,"
		    " address) VALUES(randomblob(32), ?1, ?2, 0, '', ?3)",
		    (int64_t[]){id % 2, p->stop}, 2, buf_span(&canon));
	if (p->tagged)
		run(room, db, "INSERT INTO contact_tag VALUES(?1, 1)", &id, 1,
		    (struct span){NULL, 0});
	if (p->other_list)
		run(room, db,
		    "INSERT INTO member(list, contact, basis, basis_at_ms,"
		    " basis_note) VALUES(2, ?1, 0, 0, '')",
		    &id, 1, (struct span){NULL, 0});
	if (p->sent_days >= 0)
		run(room, db,
		    "INSERT INTO ledger(campaign, seq, state, at_ms)"
		    " VALUES(1, ?1, 3, ?2)",
		    (int64_t[]){id, now - p->sent_days * DAY_MS}, 2,
		    (struct span){NULL, 0});
	if (p->bounced)
		run(room, db,
		    "INSERT INTO ledger(campaign, seq, state, at_ms)"
		    " VALUES(2, ?1, 5, 1)",
		    &id, 1, (struct span){NULL, 0});
	buf_done(&canon);
}

static void
fill(struct room *room)
{
	static char local[PEOPLE][32];
	struct db *db = NULL;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "t", &db, &room->err),
	    &room->err);
	run(room, db, "INSERT INTO tag VALUES(1, 'VIP')", NULL, 0,
	    (struct span){NULL, 0});
	run(room, db,
	    "INSERT INTO list VALUES(1, 'all', 0, 0, '', 1, 0),"
	    " (2, '会員', 0, 0, '', 1, 0)",
	    NULL, 0, (struct span){NULL, 0});
	run(room, db,
	    "INSERT INTO campaign(id, name, class, state, from_name,"
	    " from_address, reply_to, subject, body, revision, created_ms,"
	    " created_by, changed_ms, changed_by) VALUES"
	    "(1, 'Spring sale', 0, 3, '', '', '', '', '', 1, 0, '', 0, ''),"
	    "(2, '秋', 0, 3, '', '', '', '', '', 1, 0, '', 0, '')",
	    NULL, 0, (struct span){NULL, 0});
	for (int i = 0; i < PEOPLE; i++) {
		struct ref_person *p = &room->person[i];

		make_person(room, p);
		store_person(room, db, i + 1, p);
		snprintf(local[i], sizeof local[i], "%s%d", p->local, i + 1);
		p->local = local[i];
	}
	run(room, db,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) SELECT campaign, seq, seq, '', '', '', '', x''"
	    " FROM ledger",
	    NULL, 0, (struct span){NULL, 0});
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
}

static int
setup(void **state)
{
	static struct room room;

	room = (struct room){.seed = 7, .list = {1}};
	fake_clock_init(&room.clock);
	room.store = tempstore_open(&room.clock.base);
	fill(&room);
	assert_ok(
	    store_reader_open(room.store, &room.db, &room.err), &room.err);
	assert_ok(roster_load(room.store, room.db, room.list, NULL,
		      &room.roster, &room.err),
	    &room.err);
	*state = &room;
	return 0;
}

static int
teardown(void **state)
{
	struct room *room = *state;

	roster_drop(&room->roster);
	store_reader_close(&room->db);
	tempstore_close(&room->store);
	return 0;
}

/* ---- Reading --------------------------------------------------------------- */

static const struct {
	const char *text;
	enum err_code code;
	int column;
	const char *why;
} faults[] = {
    {"-", E_FILTER_EMPTY, 1, "minus"},
    {"taro - jiro", E_FILTER_EMPTY, 6, "minus"},
    {"or taro", E_FILTER_EMPTY, 1, "or"},
    {"taro or", E_FILTER_EMPTY, 6, "or"},
    {"taro or OR jiro", E_FILTER_EMPTY, 9, "or"},
    {"山田　\"太郎", E_FILTER_QUOTE, 4, ""},
    {"city:\"東京", E_FILTER_QUOTE, 6, ""},
    {"\"\"", E_FILTER_EMPTY, 1, "phrase"},
    {":x", E_FILTER_EMPTY, 1, "name"},
    {"status:", E_FILTER_EMPTY, 1, "value"},
    {"city:>", E_FILTER_EMPTY, 6, "value"},
    {"domain:", E_FILTER_EMPTY, 1, "value"},
    {"a status:activ", E_FILTER_VALUE, 3, "status"},
    {"basis:yes", E_FILTER_VALUE, 1, "basis"},
    {"since:2025-02-30", E_FILTER_VALUE, 1, "time"},
    {"since:yesterday", E_FILTER_VALUE, 1, "time"},
    {"age:2025-01-01", E_FILTER_VALUE, 1, "time"},
    {"since:2025-01-01..90d", E_FILTER_VALUE, 1, "time"},
    {"age:90d", E_FILTER_COMPARE, 1, ""},
    {"status:>active", E_FILTER_COMPARE, 1, ""},
    {"tag:>vip", E_FILTER_COMPARE, 1, ""},
    {"name:>a", E_FILTER_COMPARE, 1, ""},
    {"points:>many", E_FILTER_VALUE, 1, "number"},
    {"domain:ex_mple", E_FILTER_VALUE, 1, "domain"},
    {"a\033b", E_FILTER_CHARACTER, 2, ""},
    {"ab\xff", E_FILTER_CHARACTER, 3, ""},
    {"a\xe2\x80\xae", E_FILTER_CHARACTER, 2, ""},
    {"taro tag:vap", E_FILTER_UNKNOWN, 6, "tag"},
    {"-tag:vap", E_FILTER_UNKNOWN, 1, "tag"},
    {"list:99", E_FILTER_UNKNOWN, 1, "list"},
    {"received:winter", E_FILTER_UNKNOWN, 1, "campaign"},
};

static void
says_what_is_wrong_and_where(void **state)
{
	struct room *room = *state;

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct filter *filter = NULL;
		struct err err = {.code = E_NONE};
		const char *why;

		if (filter_prepare(room->db, span_of(faults[i].text), 0,
			&filter, &err) == 0)
			fail_msg("accepted: %s", faults[i].text);
		why = err_find(&err, "why")[0] ? err_find(&err, "why")
					       : err_find(&err, "what");
		if (err.code != faults[i].code ||
		    atoi(err_find(&err, "column")) != faults[i].column ||
		    strcmp(why, faults[i].why) != 0)
			fail_msg("%s: %s at %s, %s", faults[i].text,
			    err_name(err.code), err_find(&err, "column"), why);
	}
}

static void
has_limits(void **state)
{
	struct room *room = *state;
	struct filter *filter = NULL;
	struct buf text = BUF_INIT;

	for (int i = 0; i < FILTER_TERMS; i++)
		buf_text(&text, "city:>=1 ");
	assert_ok(
	    filter_prepare(room->db, buf_span(&text), 0, &filter, &room->err),
	    &room->err);
	assert_int_equal(
	    contact_count(room->db, room->list, filter, NULL, &room->err), 0);
	filter_free(&filter);
	buf_text(&text, "x");
	assert_int_equal(
	    filter_parse(buf_span(&text), 0, &filter, &room->err), -1);
	assert_int_equal(room->err.code, E_FILTER_TERMS);
	buf_clear(&text);
	while (text.len <= FILTER_OCTETS)
		buf_char(&text, 'x');
	assert_int_equal(
	    filter_parse(buf_span(&text), 0, &filter, &room->err), -1);
	assert_int_equal(room->err.code, E_FILTER_LONG);
	buf_done(&text);
}

/* Two ways of saying the same thing. */
static void
understands_both_languages_and_widths(void **state)
{
	static const char *const pairs[][2] = {
	    {"status:active", "状態:有効"},
	    {"status:active", "ＳＴＡＴＵＳ：Active"},
	    {"status:active", "-status:stopped"},
	    {"domain:docomo.ne.jp", "ドメイン:＠DOCOMO.ne.jp"},
	    {"domain:docomo.ne.jp", "ﾄﾞﾒｲﾝ:docomo.ne.jp"},
	    {"domain:xn--wgv71a119e.jp", "domain:日本語.jp"},
	    {"tag:vip", "タグ:ＶＩＰ"},
	    {"-tag:", "-tag:vip"},
	    {"list:会員", "リスト:2"},
	    {"sent:never", "-sent:"},
	    {"送信:なし", "-received:"},
	    {"received:\"spring  sale\"", "tag:vip -tag:vip"},
	    {"received:\"Spring sale\"", "受信:1"},
	    {"bounced:秋", "bounced:"},
	    {"山田 太郎", "\"山田 太郎\" address:@"},
	    {"city:東京", "CITY:=東京"},
	    {"city:kyoto", "ｃｉｔｙ:ＫＹＯＴＯ"},
	    {"taro or jiro", "taro または jiro"},
	    {"age:>90d", "-age:<=90d since:"},
	    {"age:>=30d", "経過:>=30日"},
	    {"age:30d..60d", "age:>=30d age:<=60d"},
	    {"since:2026-01", "since:>=2026-01-01 since:<2026-02-01"},
	    {"since:2026", "since:2026-01..2026-12"},
	    {"points:10..20", "points:>=10 points:<=20"},
	    {"points:>9.5", "points:>=10"},
	    {"nobasis", "domain:example.com"},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		int64_t found[2] = {-1, -2};

		for (int k = 0; k < 2; k++) {
			struct filter *filter = NULL;
			int64_t now = clock_now_ms(&room->clock.base);

			if (filter_prepare(room->db, span_of(pairs[i][k]), now,
				&filter, &room->err) < 0) {
				/* one name with two blanks is another one */
				assert_int_equal(
				    room->err.code, E_FILTER_UNKNOWN);
				found[k] = 0;
				continue;
			}
			found[k] = contact_count(
			    room->db, room->list, filter, NULL, &room->err);
			filter_free(&filter);
		}
		if (found[0] != found[1])
			fail_msg("%s: %lld, %s: %lld", pairs[i][0],
			    (long long)found[0], pairs[i][1],
			    (long long)found[1]);
	}
}

/* ---- Finding --------------------------------------------------------------- */

static const char *const terms[] = {"taro", "\"山田 太郎\"", "example", "花子",
    "1", "@", "address:jiro", "address:=taro7@example.jp", "name:太郎",
    "name:", "name:=\"taro tanaka\"", "domain:example.jp", "domain:=example.jp",
    "domain:ne.jp", "tag:vip", "tag:", "status:active", "status:stopped",
    "status:nobasis", "status:unsubscribed", "status:bounced",
    "status:complaint", "basis:", "basis:none", "basis:card", "list:会員",
    "since:", "since:>=2026-03-01", "since:<2026-06", "since:2026", "age:>90d",
    "age:<=200d", "age:10d..120d", "added:>30d", "added:2026-05..2026-09",
    "changed:<1y", "changed:>=2026-01-01", "sent:>30d", "sent:<=50d",
    "sent:never", "sent:", "received:\"Spring sale\"", "received:", "bounced:2",
    "city:", "city:東京", "city:~東京", "points:", "points:>=10", "points:<15",
    "points:5..20", "points:7", "points:~1", "colour:red"};

static void
random_text(struct room *room, struct buf *out)
{
	int count = 1 + (int)draw(room, 4);

	buf_clear(out);
	for (int i = 0; i < count; i++) {
		if (i > 0)
			buf_text(out, draw(room, 4) ? " " : " or ");
		if (draw(room, 3) == 0)
			buf_char(out, '-');
		buf_text(out, terms[draw(room, sizeof terms / sizeof *terms)]);
	}
}

/* The list in memory finds them, too, whole and in pieces. */
static void
compare_roster(struct room *room, const struct filter *filter, struct span text,
    const struct contact_id *found, int64_t count)
{
	struct contact_id piece[PEOPLE + 1], from = {0};
	size_t room_left = draw(room, 2) ? PEOPLE + 1 : 1 + draw(room, 90);
	int64_t at = 0, got;

	do {
		got = roster_ids(room->roster, room->db, filter, from, NULL,
		    piece, room_left, &room->err);
		if (got < 0)
			fail_msg("%.*s: %s", SPAN_ARG(text),
			    err_find(&room->err, "what"));
		for (int64_t i = 0; i < got; i++, at++) {
			if (at >= count || piece[i].v != found[at].v)
				fail_msg("%.*s: roster has %lld",
				    SPAN_ARG(text), (long long)piece[i].v);
		}
		from.v = got > 0 ? piece[got - 1].v + 1 : 0;
	} while (got == (int64_t)room_left);
	if (at != count)
		fail_msg("%.*s: roster has %lld of %lld", SPAN_ARG(text),
		    (long long)at, (long long)count);
}

static void
compare(struct room *room, struct span text, int64_t *total)
{
	int64_t now = clock_now_ms(&room->clock.base);
	struct contact_id found[PEOPLE + 1];
	struct filter *filter = NULL;
	int64_t count, at = 0;

	assert_ok(filter_prepare(room->db, text, now, &filter, &room->err),
	    &room->err);
	count = contact_ids(room->db, room->list, (struct contact_id){0},
	    filter, NULL, found, PEOPLE + 1, &room->err);
	if (count < 0)
		fail_msg(
		    "%.*s: %s", SPAN_ARG(text), err_find(&room->err, "what"));
	for (int i = 0; i < PEOPLE; i++) {
		bool is = at < count && found[at].v == i + 1;

		if (ref_matches(&room->person[i], filter, now) != is)
			fail_msg("%.*s: %s, %d", SPAN_ARG(text),
			    room->person[i].local, is);
		at += is;
	}
	assert_int_equal(at, count);
	assert_int_equal(
	    contact_count(room->db, room->list, filter, NULL, &room->err),
	    count);
	compare_roster(room, filter, text, found, count);
	*total += count;
	filter_free(&filter);
}

static void
finds_whom_plain_c_finds(void **state)
{
	struct room *room = *state;
	struct buf text = BUF_INIT;
	int64_t total = 0;

	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
		compare(room, span_of(terms[i]), &total);
	for (int i = 0; i < ROUNDS; i++) {
		random_text(room, &text);
		compare(room, buf_span(&text), &total);
	}
	/* and these are neither nobody nor everybody */
	assert_in_range(total, ROUNDS * PEOPLE / 10, ROUNDS * PEOPLE * 9 / 10);
	compare(room, SPAN(""), &total);
	buf_done(&text);
}

static void
finds_the_same_in_pieces(void **state)
{
	struct room *room = *state;
	struct contact_id whole[PEOPLE], piece[7], from = {0};
	struct filter *filter = NULL;
	int64_t all, at = 0, got;

	assert_ok(filter_prepare(room->db, SPAN("domain:example.jp -taro"), 0,
		      &filter, &room->err),
	    &room->err);
	all = contact_ids(room->db, room->list, from, filter, NULL, whole,
	    PEOPLE, &room->err);
	assert_in_range(all, 20, PEOPLE - 20);
	do {
		got = contact_ids(room->db, room->list, from, filter, NULL,
		    piece, 7, &room->err);
		for (int64_t i = 0; i < got; i++)
			assert_int_equal(piece[i].v, whole[at++].v);
		from.v = got > 0 ? piece[got - 1].v + 1 : 0;
	} while (got == 7);
	assert_int_equal(at, all);
	filter_free(&filter);
}

static void
stops_when_told(void **state)
{
	struct room *room = *state;
	struct filter *filter = NULL;
	struct contact_id id;
	atomic_bool stop = true;

	assert_ok(
	    filter_prepare(room->db, SPAN("nobody"), 0, &filter, &room->err),
	    &room->err);
	assert_int_equal(
	    contact_count(room->db, room->list, filter, &stop, &room->err), -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	assert_int_equal(
	    contact_ids(room->db, room->list, (struct contact_id){0}, filter,
		&stop, &id, 1, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_CANCELLED);
	/* and goes on afterwards as if nothing had been */
	assert_int_equal(
	    contact_count(room->db, room->list, filter, NULL, &room->err), 0);
	filter_free(&filter);
}

static void
knows_whether_a_field_exists(void **state)
{
	struct room *room = *state;
	struct filter *filter = NULL;

	assert_ok(filter_prepare(room->db, SPAN("CITY:x -points:1"), 0, &filter,
		      &room->err),
	    &room->err);
	assert_ok(filter_check_fields(room->db, room->list, filter, &room->err),
	    &room->err);
	filter_free(&filter);
	assert_ok(filter_prepare(
		      room->db, SPAN("taro -citi:x"), 0, &filter, &room->err),
	    &room->err);
	assert_int_equal(
	    filter_check_fields(room->db, room->list, filter, &room->err), -1);
	assert_int_equal(room->err.code, E_FILTER_UNKNOWN);
	assert_string_equal(err_find(&room->err, "column"), "6");
	filter_free(&filter);
}

/* The stop list holds whole domains and entries that have ended, too. */
static void
knows_what_is_in_force(void **state)
{
	static const struct {
		const char *text;
		int64_t before, after;
	} cases[] = {
	    {"status:stopped domain:=mail.example.jp list:2", 0, 1},
	    {"status:stopped", 0, 2},
	    {"status:bounced", 0, 1},
	};
	struct room *room = *state;
	int64_t now = clock_now_ms(&room->clock.base);
	struct db *db = NULL;

	assert_ok(
	    store_begin(room->store, STORE_WAIT_SHORT, "t", &db, &room->err),
	    &room->err);
	run(room, db, "DELETE FROM suppression", NULL, 0,
	    (struct span){NULL, 0});
	run(room, db,
	    "UPDATE contact SET canon = id || '@a.example' WHERE id > 1", NULL,
	    0, (struct span){NULL, 0});
	run(room, db,
	    "UPDATE contact SET canon = 'x@mail.example.jp'"
	    " WHERE id = 1",
	    NULL, 0, (struct span){NULL, 0});
	run(room, db,
	    "INSERT OR IGNORE INTO member(list, contact, basis,"
	    " basis_at_ms, basis_note) VALUES(2, 1, 0, 0, '')",
	    NULL, 0, (struct span){NULL, 0});
	run(room, db,
	    "INSERT INTO suppression(key, list, cause, at_ms, source, address,"
	    " until_ms) VALUES(x'01', 0, 6, 0, '', '@mail.example.jp', ?1),"
	    " (x'02', 1, 4, 0, '', '2@a.example', ?1)",
	    &now, 1, (struct span){NULL, 0});
	assert_ok(store_commit(room->store, &db, &room->err), &room->err);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter *filter = NULL;

		for (int late = 0; late < 2; late++) {
			assert_ok(
			    filter_prepare(room->db, span_of(cases[i].text),
				now - !late, &filter, &room->err),
			    &room->err);
			assert_int_equal(contact_count(room->db, room->list,
					     filter, NULL, &room->err),
			    late ? cases[i].before : cases[i].after);
			filter_free(&filter);
		}
	}
}

/* A masked person must not find out by searching what is not shown. */
static void
tells_nothing_that_is_masked(void **state)
{
	static const char *const hidden[] = {"taro", "\"a\"", "-taro",
	    "address:taro", "name:", "name:=x", "city:", "city:東京",
	    "status:active or taro"};
	static const char *const open[] = {"domain:example.jp", "tag:vip",
	    "status:stopped", "basis:card", "since:>=2026-01-01", "age:>90d",
	    "sent:never", "received:1", "bounced:", "list:2", "added:<1y"};
	struct room *room = *state;
	struct contact_id found[PEOPLE];
	struct roster *roster = NULL;
	struct db *masked = NULL;
	struct filter *filter = NULL;

	tempstore_roles(room->store, VIEWER);
	assert_ok(
	    store_view_open(room->store, &masked, &room->err), &room->err);
	assert_true(db_is_masked(masked));
	assert_ok(roster_load(room->store, masked, room->list, NULL, &roster,
		      &room->err),
	    &room->err);
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		assert_int_equal(filter_prepare(masked, span_of(hidden[i]), 0,
				     &filter, &room->err),
		    -1);
		assert_int_equal(room->err.code, E_FILTER_MASKED);
	}
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		int64_t count[2];

		for (int k = 0; k < 2; k++) {
			assert_ok(filter_prepare(k ? masked : room->db,
				      span_of(open[i]),
				      clock_now_ms(&room->clock.base), &filter,
				      &room->err),
			    &room->err);
			count[k] = contact_count(k ? masked : room->db,
			    room->list, filter, NULL, &room->err);
			assert_int_equal(roster_ids(roster, masked, filter,
					     (struct contact_id){0}, NULL,
					     found, PEOPLE, &room->err),
			    count[k]);
			filter_free(&filter);
		}
		assert_int_equal(count[0], count[1]);
		assert_true(count[0] > 0);
	}
	assert_ok(
	    filter_prepare(room->db, SPAN("taro"), 0, &filter, &room->err),
	    &room->err);
	assert_int_equal(
	    roster_ids(roster, masked, filter, (struct contact_id){0}, NULL,
		found, PEOPLE, &room->err),
	    -1);
	assert_int_equal(room->err.code, E_FILTER_MASKED);
	filter_free(&filter);
	roster_drop(&roster);
	store_reader_close(&masked);
}

/* Even a filter that was opened where nothing is hidden meets masked values. */
static void
reads_words_through_the_view(void **state)
{
	struct room *room = *state;
	struct filter *filter = NULL;
	struct db *masked = NULL;

	tempstore_roles(room->store, VIEWER);
	assert_ok(
	    store_view_open(room->store, &masked, &room->err), &room->err);
	assert_ok(
	    filter_prepare(room->db, SPAN("hanako"), 0, &filter, &room->err),
	    &room->err);
	assert_true(
	    contact_count(room->db, room->list, filter, NULL, &room->err) > 0);
	assert_int_equal(
	    contact_count(masked, room->list, filter, NULL, &room->err), 0);
	filter_free(&filter);
	store_reader_close(&masked);
}

static void
takes_no_other_pieces(void **state)
{
	struct room *room = *state;
	enum fragment part[FRAGMENTS_MAX + 1] = {FRAGMENTS};

	assert_null(db_stmt_parts(room->db, part, 1, &room->err));
	assert_int_equal(room->err.code, E_BUG);
	part[0] = FRAGMENT_IDS;
	assert_null(
	    db_stmt_parts(room->db, part, FRAGMENTS_MAX + 1, &room->err));
	assert_int_equal(room->err.code, E_BUG);
	assert_null(db_stmt_parts(room->db, part, 1, &room->err));
	assert_int_equal(room->err.code, E_STORE_SQL);
}

/* The table in docs/filters.md has every word of the language. */
static void
every_word_is_documented(void **state)
{
	struct buf text = BUF_INIT, word = BUF_INIT;
	struct filter_word one;
	struct err err = {.code = E_NONE};
	size_t count = 0;

	(void)state;
	assert_ok(file_read("docs/filters.md", 1 << 20, &text, &err), &err);
	for (; filter_word(count, &one); count++) {
		buf_clear(&word);
		buf_printf(&word, "| `%s%s` | `%s` |", one.word,
		    one.of ? "" : ":", one.japanese);
		if (span_search(buf_span(&text), buf_span(&word)) == text.len)
			fail_msg("docs/filters.md lacks %s", word.ptr);
	}
	assert_true(count > 20);
	buf_done(&text);
	buf_done(&word);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(says_what_is_wrong_and_where),
	    TEST(has_limits),
	    TEST(understands_both_languages_and_widths),
	    TEST(finds_whom_plain_c_finds),
	    TEST(finds_the_same_in_pieces),
	    TEST(stops_when_told),
	    TEST(knows_whether_a_field_exists),
	    TEST(knows_what_is_in_force),
	    TEST(tells_nothing_that_is_masked),
	    TEST(reads_words_through_the_view),
	    TEST(takes_no_other_pieces),
	    cmocka_unit_test(every_word_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
