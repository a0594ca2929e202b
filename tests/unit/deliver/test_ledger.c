/* The rows of the ledger and the scribe that writes them. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "core/deliver/handed.h"
#include "core/deliver/scribe.h"
#include "core/deliver/totals.h"
#include "core/net/group.h"
#include "core/net/smtp.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

enum { ROWS = 40, FIRST = 1 };

static const struct campaign_id seven = {7};

struct world_of_test {
	struct fake_clock clock;
	struct store *store;
	struct db *db; /* a reader */
};

static void
fill_outbox(struct db *db, int rows, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) VALUES(?1, ?2, ?2, ?3, ?3, ?4, '{}', ?5)";

	for (int seq = FIRST; seq < FIRST + rows; seq++) {
		struct stmt *stmt = db_stmt(db, sql, err);
		struct digest leaf;
		char address[64];

		snprintf(address, sizeof address, "a%d@example.jp", seq);
		memset(leaf.bytes, seq, sizeof leaf.bytes);
		stmt_int(stmt, 1, seven.v);
		stmt_int(stmt, 2, seq);
		stmt_text(stmt, 3, span_of(address));
		stmt_text(stmt, 4, SPAN("山田"));
		stmt_blob(stmt, 5, span_make(leaf.bytes, sizeof leaf.bytes));
		assert_ok(stmt_run(stmt, err), err);
	}
}

static int
set_up(void **state)
{
	struct world_of_test *it = mem_new(sizeof *it);
	struct db *db;
	struct err err = {0};
	int64_t rows;

	fake_clock_init(&it->clock);
	it->store = tempstore_open(&it->clock.base);
	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	fill_outbox(db, ROWS, &err);
	assert_ok(ledger_create(db, seven, &rows, &err), &err);
	assert_int_equal(rows, ROWS);
	assert_ok(store_commit(it->store, &db, &err), &err);
	assert_ok(store_reader_open(it->store, &it->db, &err), &err);
	*state = it;
	return 0;
}

static int
tear_down(void **state)
{
	struct world_of_test *it = *state;

	store_reader_close(&it->db);
	tempstore_close(&it->store);
	free(it);
	return 0;
}

static struct db *
begin(struct world_of_test *it)
{
	struct db *db;
	struct err err = {0};

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &err), &err);
	return db;
}

static void
commit(struct world_of_test *it, struct db **db)
{
	struct err err = {0};

	assert_ok(store_commit(it->store, db, &err), &err);
}

static int64_t
in_state(struct world_of_test *it, enum ledger_state state)
{
	int64_t count[LEDGER_STATES], sum = 0;
	struct err err = {0};

	assert_ok(ledger_count(it->db, seven, count, &err), &err);
	for (int i = 0; i < LEDGER_STATES; i++)
		sum += count[i];
	assert_int_equal(sum, ROWS);
	return count[state];
}

/* What the rows say, counted; the totals must agree. */
static int64_t
rows_in(struct world_of_test *it, enum ledger_state state)
{
	struct err err = {0};
	struct stmt *stmt = db_stmt(it->db,
	    "SELECT count(*) FROM ledger WHERE campaign = 7 AND state = ?1",
	    &err);
	int64_t rows;

	assert_ok(totals_check(it->db, seven, &err), &err);
	stmt_int(stmt, 1, state);
	assert_int_equal(stmt_step(stmt, &err), 1);
	rows = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return rows;
}

/* A chain of claims as the scribe's would be. */
static struct claim *
chain_of(struct claim *claim, int count)
{
	for (int i = 0; i < count; i++) {
		claim[i] = (struct claim){0};
		claim[i].next = i + 1 < count ? &claim[i + 1] : NULL;
	}
	return claim;
}

static void
chain_done(struct claim *claim, int count)
{
	for (int i = 0; i < count; i++)
		buf_done(&claim[i].text);
}

/* Writes the end of a row that was taken from the disk, totals included. */
static void
end_row(struct db *db, int64_t seq, enum ledger_state from,
    const struct ledger_end *end)
{
	struct claim claim = {.seq = seq,
	    .from = from,
	    .state =
		end->to == LEDGER_WITHHELD ? LEDGER_CLAIMED : LEDGER_HANDED,
	    .end = *end};
	struct totals_step step = {
	    .from = from, .to = end->to, .attempts_after = end->attempt};
	static struct totals change;
	struct err err = {0};

	memset(&change, 0, sizeof change);
	totals_move(&change, &step);
	assert_ok(ledger_write_end(db, seven, &claim, &err), &err);
	assert_ok(totals_write(db, seven, &change, &err), &err);
}

static void
defer(struct db *db, int64_t seq, int attempt, int64_t next_ms)
{
	struct ledger_end end = {
	    .to = LEDGER_DEFERRED, .attempt = attempt, .next_ms = next_ms};

	end_row(db, seq, LEDGER_PLANNED, &end);
}

static void
hand(struct db *db, const struct handed_row *row, int count)
{
	struct buf blob = BUF_INIT;
	struct err err = {0};

	handed_begin(&blob, 77);
	for (int i = 0; i < count; i++)
		handed_add(&blob, &row[i]);
	assert_ok(handed_write(db, seven, buf_span(&blob), &err), &err);
	buf_done(&blob);
}

/* The whole table of steps, written once more by hand. */
static void
allows_only_the_steps_of_the_table(void **state)
{
	static const char *const wanted[LEDGER_STATES] = {
	    /*                      PCHADFIWX */
	    [LEDGER_PLANNED] = "    .x......x",
	    [LEDGER_CLAIMED] = "    x.x.xxxxx",
	    [LEDGER_HANDED] = "    x..xxxx..",
	    [LEDGER_ACCEPTED] = "    .........",
	    [LEDGER_DEFERRED] = "    .x....x.x",
	    [LEDGER_FAILED] = "    .........",
	    [LEDGER_IN_DOUBT] = "    ...xxx...",
	    [LEDGER_WITHHELD] = "    .........",
	    [LEDGER_CANCELLED] = "    .........",
	};

	(void)state;
	for (int from = 0; from < LEDGER_STATES; from++) {
		for (int to = 0; to < LEDGER_STATES; to++) {
			bool may = wanted[from][4 + to] == 'x';

			if (ledger_may_step(from, to) != may)
				fail_msg("%s to %s", ledger_state_name(from),
				    ledger_state_name(to));
		}
	}
	assert_true(ledger_is_final(LEDGER_IN_DOUBT));
	assert_true(ledger_is_final(LEDGER_ACCEPTED));
	assert_false(ledger_is_final(LEDGER_DEFERRED));
	assert_false(ledger_is_final(LEDGER_HANDED));
}

static void
reads_planned_rows_in_order(void **state)
{
	struct world_of_test *it = *state;
	struct claim claim[3], *list = chain_of(claim, 3);
	struct err err = {0};
	int64_t after = INT64_MIN;

	assert_int_equal(
	    ledger_read_planned(it->db, seven, 0, &after, list, &err), 3);
	assert_int_equal(after, 3);
	assert_int_equal(list->seq, 1);
	assert_int_equal(list->from, LEDGER_PLANNED);
	assert_span_equal(list->address, "a1@example.jp");
	assert_span_equal(list->canon, "a1@example.jp");
	assert_span_equal(list->name, "山田");
	assert_span_equal(list->fields, "{}");
	assert_int_equal(list->leaf.bytes[31], 1);
	assert_int_equal(claim[2].seq, 3);
	after = ROWS - 2;
	assert_int_equal(
	    ledger_read_planned(it->db, seven, 0, &after, list, &err), 2);
	assert_int_equal(after, ROWS);
	assert_int_equal(
	    ledger_read_planned(it->db, seven, 1, &after, list, &err), 0);
	chain_done(claim, 3);
}

static void
reads_due_rows_that_nobody_holds(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct claim claim[3], *list = chain_of(claim, 3);
	struct seqset held = {0};
	struct err err = {0};
	int64_t next;

	defer(db, 9, 3, 500);
	defer(db, 10, 1, 700);
	defer(db, 11, 1, 500);
	commit(it, &db);
	seqset_add(&held, 11);
	assert_int_equal(
	    ledger_read_due(it->db, seven, 0, 600, &held, list, &next, &err),
	    1);
	assert_int_equal(next, 700);
	assert_int_equal(list->seq, 9);
	assert_int_equal(list->attempt, 3);
	assert_int_equal(list->from, LEDGER_DEFERRED);
	seqset_done(&held);
	/* no room for the second one: it stays due */
	claim[0].next = NULL;
	assert_int_equal(
	    ledger_read_due(it->db, seven, 0, 800, &held, list, &next, &err),
	    1);
	assert_int_equal(next, 0);
	assert_int_equal(
	    ledger_read_due(it->db, seven, 0, 100, &held, list, &next, &err),
	    0);
	assert_int_equal(next, 500);
	chain_done(claim, 3);
}

/* The clock was set back by a day: nothing may wait that long. */
static void
a_row_put_off_too_far_is_due(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct claim claim[2], *list = chain_of(claim, 2);
	struct seqset held = {0};
	struct err err = {0};
	int64_t next;

	defer(db, 9, 1, LEDGER_WAIT_MAX_MS + 1001);
	commit(it, &db);
	assert_int_equal(
	    ledger_read_due(it->db, seven, 0, 1001, &held, list, &next, &err),
	    0);
	assert_int_equal(
	    ledger_read_due(it->db, seven, 0, 1000, &held, list, &next, &err),
	    1);
	assert_int_equal(next, INT64_MAX);
	chain_done(claim, 2);
}

static void
a_row_without_outbox_is_read_all_the_same(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct claim claim, *list = chain_of(&claim, 1);
	struct err err = {0};
	int64_t after = 0;

	assert_ok(
	    stmt_run(
		db_stmt(db, "DELETE FROM outbox WHERE seq = 1", &err), &err),
	    &err);
	commit(it, &db);
	assert_int_equal(
	    ledger_read_planned(it->db, seven, 0, &after, list, &err), 1);
	assert_int_equal(list->seq, 1);
	assert_int_equal(list->address.len, 0);
	assert_int_equal(list->leaf.bytes[0], 0);
	chain_done(&claim, 1);
}

static void
refuses_a_step_from_another_state(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct err err = {0};
	struct claim wrong = {.seq = 3,
	    .from = LEDGER_DEFERRED,
	    .state = LEDGER_HANDED,
	    .end = {.to = LEDGER_ACCEPTED}};
	struct claim never = {.seq = 3,
	    .from = LEDGER_PLANNED,
	    .state = LEDGER_CLAIMED,
	    .end = {.to = LEDGER_ACCEPTED}};

	assert_int_equal(ledger_write_end(db, seven, &wrong, &err), -1);
	assert_int_equal(err.code, E_LEDGER);
	assert_int_equal(ledger_write_end(db, seven, &never, &err), -1);
	assert_int_equal(err.code, E_LEDGER);
	store_rollback(it->store, &db);
	assert_int_equal(rows_in(it, LEDGER_PLANNED), ROWS);
}

static void
recovers_after_a_kill(void **state)
{
	static const struct handed_row left[] = {
	    {2, 9, LEDGER_PLANNED, false}, {4, 9, LEDGER_DEFERRED, false},
	    {5, 9, LEDGER_PLANNED, true},  /* its reply had come */
	    {1, 9, LEDGER_PLANNED, false}, /* its result was written */
	};
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct ledger_end accepted = {.to = LEDGER_ACCEPTED, .attempt = 1};
	struct ledger_recovery recovery = {.now_ms = 99};
	struct err err = {0};
	struct stmt *row;

	end_row(db, 1, LEDGER_PLANNED, &accepted);
	defer(db, 4, 1, 50);
	hand(db, left, 3);
	commit(it, &db);
	assert_int_equal(in_state(it, LEDGER_HANDED), 2);
	assert_int_equal(in_state(it, LEDGER_ACCEPTED), 2);
	assert_int_equal(in_state(it, LEDGER_DEFERRED), 0);
	db = begin(it);
	hand(db, left, 4);
	assert_ok(ledger_recover(db, seven, &recovery, &err), &err);
	commit(it, &db);
	assert_int_equal(recovery.in_doubt, 2);
	assert_int_equal(recovery.again, 0);
	assert_int_equal(recovery.accepted, 1);
	assert_int_equal(in_state(it, LEDGER_HANDED), 0);
	assert_int_equal(rows_in(it, LEDGER_IN_DOUBT), 2);
	assert_int_equal(rows_in(it, LEDGER_ACCEPTED), 2);
	assert_int_equal(rows_in(it, LEDGER_PLANNED), ROWS - 4);
	row = db_stmt(it->db,
	    "SELECT class, attempt, connection, at_ms FROM ledger"
	    " WHERE seq = 4",
	    &err);
	assert_int_equal(stmt_step(row, &err), 1);
	assert_span_equal(stmt_col_text(row, 0), "deliver.run_killed");
	assert_int_equal(stmt_col_int(row, 1), 2);
	assert_int_equal(stmt_col_int(row, 2), 9);
	assert_int_equal(stmt_col_int(row, 3), 99);
	stmt_reset(row);
}

/* What somebody waits for goes once more, and only once. */
static void
recovery_may_send_once_more(void **state)
{
	static const struct handed_row left[] = {{2, 9, LEDGER_PLANNED, false}};
	static const struct handed_row again[] = {
	    {2, 9, LEDGER_DEFERRED, false}};
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct ledger_recovery recovery = {.now_ms = 99, .again_ms = 1099};
	struct err err = {0};

	hand(db, left, 1);
	assert_ok(ledger_recover(db, seven, &recovery, &err), &err);
	assert_int_equal(recovery.again, 1);
	hand(db, again, 1);
	assert_ok(ledger_recover(db, seven, &recovery, &err), &err);
	assert_int_equal(recovery.again, 0);
	assert_int_equal(recovery.in_doubt, 1);
	commit(it, &db);
	assert_int_equal(rows_in(it, LEDGER_IN_DOUBT), 1);
}

static void
a_damaged_blob_is_an_error(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
	    {"\1", 1},
	    {"\2\0\0\0\0\0\0\0\0", 9},
	    {"\1\0\0\0\0\0\0\0\0\2", 10},
	    {"\1\0\0\0\0\0\0\0\0\x82", 10},
	    {"\1\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0",
		21},
	};
	struct world_of_test *it = *state;
	struct ledger_recovery recovery = {.now_ms = 99};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct db *db = begin(it);
		struct err err = {0};

		assert_ok(handed_write(db, seven,
			      span_make(cases[i].bytes, cases[i].len), &err),
		    &err);
		assert_int_equal(
		    ledger_recover(db, seven, &recovery, &err), -1);
		assert_int_equal(err.code, E_LEDGER);
		store_rollback(it->store, &db);
	}
}

static void
cancels_what_is_not_final(void **state)
{
	static const struct handed_row left[] = {{2, 9, LEDGER_PLANNED, false}};
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct ledger_end failed = {.to = LEDGER_FAILED, .attempt = 1};
	struct ledger_recovery recovery = {.now_ms = 99, .again_ms = 1099};
	struct err err = {0};

	defer(db, 1, 1, 500);
	end_row(db, 3, LEDGER_PLANNED, &failed);
	hand(db, left, 1);
	assert_ok(ledger_recover(db, seven, &recovery, &err), &err);
	assert_ok(ledger_cancel(db, seven, 5, &err), &err);
	commit(it, &db);
	/* what was in doubt stays so when it is not sent again */
	assert_int_equal(rows_in(it, LEDGER_IN_DOUBT), 1);
	assert_int_equal(rows_in(it, LEDGER_FAILED), 1);
	assert_int_equal(rows_in(it, LEDGER_CANCELLED), ROWS - 2);
}

static void
rows_are_in_the_group_of_their_domain(void **state)
{
	static const char *const canon[] = {
	    "x@example.jp", "x@gmail.com", "x@docomo.ne.jp", "broken"};
	static const int wanted[] = {
	    GROUP_OTHER, GROUP_GOOGLE, GROUP_DOCOMO, GROUP_OTHER};
	struct world_of_test *it = *state;
	struct campaign_id nine = {9};
	struct db *db = begin(it);
	struct err err = {0};
	struct stmt *stmt;
	int64_t rows;

	for (int i = 0; i < 4; i++) {
		stmt = db_stmt(db,
		    "INSERT INTO outbox VALUES(9, ?1, 1, ?2, ?2, '', '{}',"
		    " x'00')",
		    &err);
		stmt_int(stmt, 1, i + 1);
		stmt_text(stmt, 2, span_of(canon[i]));
		assert_ok(stmt_run(stmt, &err), &err);
	}
	assert_ok(ledger_create(db, nine, &rows, &err), &err);
	assert_ok(totals_check(db, nine, &err), &err);
	stmt = db_stmt(
	    db, "SELECT grp FROM ledger WHERE campaign = 9 ORDER BY seq", &err);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(stmt_step(stmt, &err), 1);
		assert_int_equal(stmt_col_int(stmt, 0), wanted[i]);
	}
	stmt_reset(stmt);
	commit(it, &db);
}

/* A plan that steps through a whole table would cost what the table holds. */
static void
every_message_is_found_by_an_index(void **state)
{
	/* the connection's cache knows a text by its address: it stays */
	static char texts[16][2048];
	struct world_of_test *it = *state;
	struct db *db = begin(it);

	for (size_t i = 0; ledger_sql(i); i++) {
		char *sql = texts[i];
		struct err err = {0};
		struct stmt *stmt;
		int got;

		assert_true(i < sizeof texts / sizeof *texts);
		assert_in_range(snprintf(sql, sizeof *texts,
				    "EXPLAIN QUERY PLAN %s", ledger_sql(i)),
		    1, sizeof *texts - 1);
		stmt = db_stmt(db, sql, &err);
		if (!stmt)
			fail_msg("%s", err.fact[0].value);
		while ((got = stmt_step(stmt, &err)) == 1) {
			struct span plan = stmt_col_text(stmt, 3);

			if (!span_starts(plan, SPAN("SEARCH")))
				fail_msg("%.*s: %s", SPAN_ARG(plan), sql);
		}
		assert_int_equal(got, 0);
	}
	store_rollback(it->store, &db);
}

static void
keeps_replies_as_valid_text(void **state)
{
	static const struct {
		const char *raw;
		size_t len;
		const char *wanted;
	} cases[] = {
	    {"250 ok\r\n", 8, "250 ok\r\n"},
	    {"550 \xe5\xae\x9b", 7, "550 宛"},
	    {"550 \xe5\xae!", 7, "550 \\xe5\\xae!"},
	    {"a\0b", 3, "a\\x00b"},
	    {"\x1b[2J", 4, "\x1b[2J"},
	};
	char big[5000];
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		ledger_reply_text(span_make(cases[i].raw, cases[i].len), &out);
		assert_span_equal(buf_span(&out), cases[i].wanted);
	}
	memset(big, 0xff, sizeof big);
	buf_clear(&out);
	ledger_reply_text(span_make(big, sizeof big), &out);
	assert_int_equal(out.len, LEDGER_REPLY_MAX);
	buf_done(&out);
}

static void
keeps_the_facts_of_an_attempt(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct ledger_connection facts = {
	    .relay = 2,
	    .at_ms = 11,
	    .peer = "127.0.0.1:25",
	    .tls = {.state = TLS_STATE_VERIFIED,
		.version = "TLSv1.3",
		.cipher = "TLS_AES_256_GCM_SHA384"},
	};
	struct ledger_end end = {
	    .to = LEDGER_ACCEPTED,
	    .attempt = 1,
	    .at_ms = 12,
	    .connection = 5,
	    .octets = 10551,
	    .took_ms = 34,
	    .code = 250,
	    .stage = SMTP_STAGE_EOD,
	    .enhanced = "2.0.0",
	    .reply = SPAN("250 2.0.0 queued as 4F"),
	};
	struct err err = {0};
	struct stmt *row;

	assert_ok(ledger_write_connection(db, seven, 5, &facts, &err), &err);
	end_row(db, 4, LEDGER_PLANNED, &end);
	commit(it, &db);
	row = db_stmt(it->db,
	    "SELECT attempt, l.at_ms, relay, code, enhanced, reply, stage,"
	    " tls_version, tls_cipher, tls_state, octets, peer, took_ms"
	    " FROM ledger l JOIN connection c ON c.campaign = l.campaign"
	    " AND c.id = l.connection WHERE l.campaign = 7 AND seq = 4",
	    &err);
	assert_int_equal(stmt_step(row, &err), 1);
	assert_int_equal(stmt_col_int(row, 0), 1);
	assert_int_equal(stmt_col_int(row, 1), 12);
	assert_int_equal(stmt_col_int(row, 2), 2);
	assert_int_equal(stmt_col_int(row, 3), 250);
	assert_span_equal(stmt_col_text(row, 4), "2.0.0");
	assert_span_equal(stmt_col_text(row, 5), "250 2.0.0 queued as 4F");
	assert_int_equal(stmt_col_int(row, 6), SMTP_STAGE_EOD);
	assert_span_equal(stmt_col_text(row, 7), "TLSv1.3");
	assert_span_equal(stmt_col_text(row, 8), "TLS_AES_256_GCM_SHA384");
	assert_int_equal(stmt_col_int(row, 9), 2);
	assert_int_equal(stmt_col_int(row, 10), 10551);
	assert_span_equal(stmt_col_text(row, 11), "127.0.0.1:25");
	assert_int_equal(stmt_col_int(row, 12), 34);
	stmt_reset(row);
}

/* ---- The scribe ------------------------------------------------------------ */

/* What the owner of a scribe hears. */
struct heard {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	int gate_calls, wakes;
	bool closed, fail_deed;
};

static int
on_gate(void *arg, struct db *db, struct err *err)
{
	struct heard *heard = arg;
	int rc;

	(void)db;
	pthread_mutex_lock(&heard->lock);
	heard->gate_calls++;
	rc = heard->closed ? err_set(err, E_REVIEW_SEAL) : 0;
	pthread_mutex_unlock(&heard->lock);
	return rc;
}

static int
on_deed(
    void *arg, const struct scribe_deed *deed, struct db *db, struct err *err)
{
	struct heard *heard = arg;

	assert_int_equal(deed->what, 42);
	if (heard->fail_deed)
		return err_set(err, E_CAMPAIGN_STATE);
	return ledger_cancel(db, seven, 1, err);
}

static void
on_wake(void *arg)
{
	struct heard *heard = arg;

	pthread_mutex_lock(&heard->lock);
	heard->wakes++;
	pthread_cond_broadcast(&heard->woken);
	pthread_mutex_unlock(&heard->lock);
}

static struct scribe *
start(struct world_of_test *it, struct heard *heard, int ahead)
{
	struct scribe_params params = {
	    .store = it->store,
	    .clock = &it->clock.base,
	    .campaign = seven,
	    .owner = {heard, on_gate, on_deed, on_wake},
	    .ahead = ahead,
	};
	struct scribe *scribe;
	struct err err = {0};

	pthread_mutex_init(&heard->lock, NULL);
	pthread_cond_init(&heard->woken, NULL);
	assert_ok(scribe_start(&params, &scribe, &err), &err);
	return scribe;
}

/* Waits for one more wake than seen. */
static void
await_wake(struct heard *heard, int seen)
{
	pthread_mutex_lock(&heard->lock);
	while (heard->wakes <= seen)
		pthread_cond_wait(&heard->woken, &heard->lock);
	pthread_mutex_unlock(&heard->lock);
}

static int
wakes_of(struct heard *heard)
{
	int wakes;

	pthread_mutex_lock(&heard->lock);
	wakes = heard->wakes;
	pthread_mutex_unlock(&heard->lock);
	return wakes;
}

static struct claim *
await_claim(struct scribe *scribe, struct heard *heard)
{
	for (;;) {
		int seen = wakes_of(heard);
		struct claim *claim = scribe_take(scribe, 0);

		if (claim)
			return claim;
		await_wake(heard, seen);
	}
}

static void
await_durable(struct scribe *scribe, struct heard *heard, uint64_t ticket)
{
	for (;;) {
		int seen = wakes_of(heard);

		if (scribe_is_durable(scribe, ticket))
			return;
		await_wake(heard, seen);
	}
}

static void
await_settled(struct scribe *scribe, struct heard *heard)
{
	for (;;) {
		int seen = wakes_of(heard);

		if (scribe_is_settled(scribe))
			return;
		await_wake(heard, seen);
	}
}

static void
the_scribe_claims_and_writes(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct scribe_figures figures;
	uint64_t ticket = 0;
	int64_t sum = 0;

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	for (int i = 0; i < ROWS; i++) {
		struct claim *claim = await_claim(scribe, &heard);
		struct ledger_end end = {.to = LEDGER_ACCEPTED};

		assert_int_equal(claim->seq, FIRST + i);
		ticket = scribe_hand(scribe, claim, 0);
		await_durable(scribe, &heard, ticket);
		assert_int_equal(in_state(it, LEDGER_HANDED), 1);
		scribe_settle(scribe, &claim, &end);
		assert_null(claim);
		await_settled(scribe, &heard);
	}
	scribe_figures(scribe, &figures);
	for (int i = 0; i < LEDGER_STATES; i++)
		sum += figures.count[i];
	assert_int_equal(sum, ROWS);
	assert_int_equal(figures.count[LEDGER_ACCEPTED], ROWS);
	assert_true(heard.gate_calls >= ROWS / 6);
	scribe_stop(&scribe);
	assert_null(scribe);
	assert_int_equal(in_state(it, LEDGER_ACCEPTED), ROWS);
}

static void
what_is_in_memory_is_planned_on_the_disk(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct ledger_end back = {.to = LEDGER_PLANNED};
	struct scribe_figures figures;
	struct claim *claim;

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, FIRST);
	scribe_figures(scribe, &figures);
	assert_int_equal(figures.count[LEDGER_CLAIMED], 1);
	assert_int_equal(figures.group_count[0][LEDGER_PLANNED], ROWS - 1);
	assert_int_equal(figures.group_ready[0], figures.ready);
	assert_int_equal(rows_in(it, LEDGER_PLANNED), ROWS);
	/* given back it is the next one */
	scribe_settle(scribe, &claim, &back);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, FIRST);
	scribe_stop(&scribe);
	assert_int_equal(rows_in(it, LEDGER_PLANNED), ROWS);
}

/* Handed and taken back before anything left: not in doubt after a kill. */
static void
what_was_handed_may_come_back(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct ledger_end back = {.to = LEDGER_PLANNED};
	struct claim *claim;

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	await_durable(scribe, &heard, scribe_hand(scribe, claim, 0));
	assert_int_equal(in_state(it, LEDGER_HANDED), 1);
	scribe_settle(scribe, &claim, &back);
	await_settled(scribe, &heard);
	assert_int_equal(in_state(it, LEDGER_HANDED), 0);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, FIRST);
	scribe_stop(&scribe);
	assert_int_equal(rows_in(it, LEDGER_PLANNED), ROWS);
}

static struct scribe *
start_again(struct world_of_test *it, struct heard *heard)
{
	struct scribe_params params = {
	    .store = it->store,
	    .clock = &it->clock.base,
	    .campaign = seven,
	    .owner = {heard, on_gate, on_deed, on_wake},
	    .ahead = 6,
	    .doubt = LEDGER_DOUBT_AGAIN,
	};
	struct scribe *scribe;
	struct err err = {0};

	assert_ok(scribe_start(&params, &scribe, &err), &err);
	return scribe;
}

/* In doubt: sent once more after half an hour, then never again. */
static void
what_is_awaited_is_sent_once_more(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct ledger_end doubt = {.to = LEDGER_IN_DOUBT, .attempt = 1};
	struct claim *claim;

	scribe_stop(&scribe);
	scribe = start_again(it, &heard);
	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	assert_false(claim->again);
	scribe_hand(scribe, claim, 0);
	doubt.at_ms = it->clock.now;
	scribe_settle(scribe, &claim, &doubt);
	await_settled(scribe, &heard);
	assert_int_equal(rows_in(it, LEDGER_DEFERRED), 1);
	do {
		fake_clock_move(&it->clock, LEDGER_AGAIN_MS);
		claim = await_claim(scribe, &heard);
		if (claim->seq == FIRST)
			break;
		scribe_hand(scribe, claim, 0);
		scribe_settle(scribe, &claim,
		    &(struct ledger_end){.to = LEDGER_ACCEPTED, .attempt = 1});
	} while (true);
	assert_true(claim->again);
	scribe_hand(scribe, claim, 0);
	doubt.attempt = 2;
	scribe_settle(scribe, &claim, &doubt);
	await_settled(scribe, &heard);
	assert_int_equal(rows_in(it, LEDGER_IN_DOUBT), 1);
	scribe_stop(&scribe);
}

/* The wall clock jumps while rows wait: they wait as long as before. */
static void
a_clock_that_is_set_moves_what_waits(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct heard heard = {0};
	struct scribe_figures figures = {0};
	struct scribe *scribe;
	int64_t now = it->clock.now;

	for (int seq = FIRST; seq < FIRST + ROWS; seq++)
		defer(db, seq, 1, now + 60 * 1000);
	commit(it, &db);
	scribe = start(it, &heard, 6);
	scribe_claiming(scribe, SCRIBE_CLAIMS);
	it->clock.now +=
	    INT64_C(3) * 24 * 3600 * 1000; /* forward, steady not */
	while (figures.next_due_ms <= it->clock.now) {
		scribe_figures(scribe, &figures);
		sched_yield();
	}
	assert_int_equal(figures.next_due_ms, it->clock.now + 60 * 1000);
	assert_null(scribe_take(scribe, 0));
	it->clock.now = now - 3600 * 1000;
	while (figures.next_due_ms > it->clock.now + 60 * 1000 ||
	       figures.next_due_ms == 0) {
		scribe_figures(scribe, &figures);
		sched_yield();
	}
	assert_null(scribe_take(scribe, 0));
	fake_clock_move(&it->clock, 61 * 1000);
	assert_non_null(await_claim(scribe, &heard));
	scribe_stop(&scribe);
}

static void
a_closed_gate_claims_nothing(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {.closed = true};
	struct scribe *scribe = start(it, &heard, 6);
	struct err err = {0};

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	await_wake(&heard, 0);
	assert_null(scribe_take(scribe, 0));
	assert_int_equal(scribe_fault(scribe, &err), 1);
	assert_int_equal(err.code, E_REVIEW_SEAL);
	assert_int_equal(scribe_fault(scribe, &err), 0);
	assert_int_equal(heard.gate_calls, 1);
	scribe_stop(&scribe);
	assert_int_equal(in_state(it, LEDGER_PLANNED), ROWS);
}

static void
deferred_ones_wait_for_the_clock(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct heard heard = {0};
	struct scribe *scribe;
	struct claim *claim;

	for (int seq = FIRST; seq < FIRST + ROWS; seq++)
		defer(db, seq, 1, it->clock.now + 1000 * seq);
	commit(it, &db);
	fake_clock_move(&it->clock, 2500);
	scribe = start(it, &heard, 6);
	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, 1);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, 2);
	assert_null(scribe_take(scribe, 0));
	scribe_stop(&scribe);
}

static void
deeds_are_written_after_the_notes_before(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct claim *claim;
	struct scribe_deed deed = {.what = 42, .moves_rows = true};
	struct scribe_figures figures;
	struct ledger_end end = {.to = LEDGER_FAILED};
	uint64_t ticket;

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	scribe_claiming(scribe, SCRIBE_NO_CLAIMS);
	scribe_hand(scribe, claim, 0);
	scribe_settle(scribe, &claim, &end);
	ticket = scribe_deed(scribe, &deed);
	await_durable(scribe, &heard, ticket);
	assert_false(scribe_has_failed(scribe, ticket));
	scribe_figures(scribe, &figures);
	assert_int_equal(figures.count[LEDGER_FAILED], 1);
	assert_int_equal(figures.count[LEDGER_CANCELLED], ROWS - 1);
	scribe_stop(&scribe);
}

static void
a_failed_deed_changes_nothing(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {.fail_deed = true};
	struct scribe *scribe = start(it, &heard, 6);
	struct scribe_deed deed = {.what = 42, .moves_rows = true};
	struct err err = {0};
	uint64_t ticket = scribe_deed(scribe, &deed);

	await_durable(scribe, &heard, ticket);
	assert_true(scribe_has_failed(scribe, ticket));
	assert_int_equal(scribe_fault(scribe, &err), 1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	assert_int_equal(in_state(it, LEDGER_PLANNED), ROWS);
	scribe_stop(&scribe);
}

/* Limits how large files may grow, as a full disk does. */
static void
limit_files(rlim_t octets)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_loses_no_note(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct claim *claim;
	struct err err = {0};
	uint64_t ticket;

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(1);
	ticket = scribe_hand(scribe, claim, 0);
	while (!scribe_fault(scribe, &err))
		sched_yield();
	assert_false(scribe_is_durable(scribe, ticket));
	limit_files(RLIM_INFINITY);
	await_durable(scribe, &heard, ticket);
	assert_int_equal(in_state(it, LEDGER_HANDED), 1);
	scribe_stop(&scribe);
	assert_int_equal(in_state(it, LEDGER_HANDED), 1);
	assert_int_equal(in_state(it, LEDGER_PLANNED), ROWS - 1);
}

#define with_store(test)                                                       \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allows_only_the_steps_of_the_table),
	    cmocka_unit_test(keeps_replies_as_valid_text),
	    with_store(reads_planned_rows_in_order),
	    with_store(reads_due_rows_that_nobody_holds),
	    with_store(a_row_put_off_too_far_is_due),
	    with_store(a_row_without_outbox_is_read_all_the_same),
	    with_store(refuses_a_step_from_another_state),
	    with_store(recovers_after_a_kill),
	    with_store(recovery_may_send_once_more),
	    with_store(a_damaged_blob_is_an_error),
	    with_store(cancels_what_is_not_final),
	    with_store(rows_are_in_the_group_of_their_domain),
	    with_store(every_message_is_found_by_an_index),
	    with_store(keeps_the_facts_of_an_attempt),
	    with_store(the_scribe_claims_and_writes),
	    with_store(what_is_in_memory_is_planned_on_the_disk),
	    with_store(what_was_handed_may_come_back),
	    with_store(what_is_awaited_is_sent_once_more),
	    with_store(a_clock_that_is_set_moves_what_waits),
	    with_store(a_closed_gate_claims_nothing),
	    with_store(deferred_ones_wait_for_the_clock),
	    with_store(deeds_are_written_after_the_notes_before),
	    with_store(a_failed_deed_changes_nothing),
	    with_store(a_full_disk_loses_no_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
