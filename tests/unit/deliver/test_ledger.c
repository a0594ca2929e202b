/* The rows of the ledger and the scribe that writes them. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/base/mem.h"
#include "core/deliver/scribe.h"
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

static void
step(struct db *db, int64_t seq, enum ledger_state from, enum ledger_state to)
{
	struct ledger_note note = {.seq = seq, .from = from, .to = to};
	struct err err = {0};

	assert_ok(ledger_apply(db, seven, &note, &err), &err);
}

/* The whole table of steps, written once more by hand. */
static void
allows_only_the_steps_of_the_table(void **state)
{
	static const char *const wanted[LEDGER_STATES] = {
	    /*                      PCHADFIWX */
	    [LEDGER_PLANNED] = "    .x......x",
	    [LEDGER_CLAIMED] = "    x.x.xx.xx",
	    [LEDGER_HANDED] = "    x..xxxx..",
	    [LEDGER_ACCEPTED] = "    .........",
	    [LEDGER_DEFERRED] = "    .x......x",
	    [LEDGER_FAILED] = "    .........",
	    [LEDGER_IN_DOUBT] = "    .........",
	    [LEDGER_WITHHELD] = "    .........",
	    [LEDGER_CANCELLED] = "    .........",
	};

	(void)state;
	for (int from = 0; from < LEDGER_STATES; from++) {
		bool any = false;

		for (int to = 0; to < LEDGER_STATES; to++) {
			bool may = wanted[from][4 + to] == 'x';

			if (ledger_may_step(from, to) != may)
				fail_msg("%s to %s", ledger_state_name(from),
				    ledger_state_name(to));
			any |= may;
		}
		assert_int_equal(ledger_is_final(from), !any);
	}
}

static void
claims_in_order_due_ones_first(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct claim *list;
	struct err err = {0};
	int64_t due;

	step(db, 9, LEDGER_PLANNED, LEDGER_CLAIMED);
	step(db, 10, LEDGER_PLANNED, LEDGER_CLAIMED);
	assert_ok(ledger_apply(db, seven,
		      &(struct ledger_note){.seq = 9,
			  .from = LEDGER_CLAIMED,
			  .to = LEDGER_DEFERRED,
			  .attempt = 3,
			  .next_ms = 500},
		      &err),
	    &err);
	assert_ok(ledger_apply(db, seven,
		      &(struct ledger_note){.seq = 10,
			  .from = LEDGER_CLAIMED,
			  .to = LEDGER_DEFERRED,
			  .attempt = 1,
			  .next_ms = 700},
		      &err),
	    &err);
	assert_ok(ledger_next_due(db, seven, &due, &err), &err);
	assert_int_equal(due, 500);
	assert_ok(ledger_claim(db, seven, 600, 3, &list, &err), &err);
	commit(it, &db);
	assert_int_equal(list->seq, 9);
	assert_int_equal(list->attempt, 3);
	assert_int_equal(list->from, LEDGER_DEFERRED);
	assert_span_equal(list->address, "a9@example.jp");
	assert_span_equal(list->canon, "a9@example.jp");
	assert_span_equal(list->name, "山田");
	assert_span_equal(list->fields, "{}");
	assert_int_equal(list->leaf.bytes[31], 9);
	assert_int_equal(list->next->seq, 1);
	assert_int_equal(list->next->next->seq, 2);
	assert_null(list->next->next->next);
	claim_free(&list);
	assert_null(list);
	assert_int_equal(in_state(it, LEDGER_CLAIMED), 3);
	assert_int_equal(in_state(it, LEDGER_DEFERRED), 1);
}

static void
a_row_without_outbox_is_claimed_all_the_same(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct claim *list;
	struct err err = {0};

	assert_ok(
	    stmt_run(
		db_stmt(db, "DELETE FROM outbox WHERE seq = 1", &err), &err),
	    &err);
	assert_ok(ledger_claim(db, seven, 0, 1, &list, &err), &err);
	commit(it, &db);
	assert_int_equal(list->seq, 1);
	assert_int_equal(list->address.len, 0);
	assert_int_equal(list->leaf.bytes[0], 0);
	claim_free(&list);
}

static void
refuses_a_step_from_another_state(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct err err = {0};
	struct ledger_note wrong = {
	    .seq = 3, .from = LEDGER_HANDED, .to = LEDGER_ACCEPTED};
	struct ledger_note never = {
	    .seq = 3, .from = LEDGER_PLANNED, .to = LEDGER_ACCEPTED};

	assert_int_equal(ledger_apply(db, seven, &wrong, &err), -1);
	assert_int_equal(err.code, E_LEDGER);
	assert_int_equal(ledger_apply(db, seven, &never, &err), -1);
	assert_int_equal(err.code, E_LEDGER);
	store_rollback(it->store, &db);
	assert_int_equal(in_state(it, LEDGER_PLANNED), ROWS);
}

static void
recovers_after_a_kill(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct err err = {0};
	int64_t in_doubt;
	struct stmt *row;

	for (int seq = 1; seq <= 5; seq++)
		step(db, seq, LEDGER_PLANNED, LEDGER_CLAIMED);
	step(db, 1, LEDGER_CLAIMED, LEDGER_HANDED);
	step(db, 2, LEDGER_CLAIMED, LEDGER_HANDED);
	step(db, 1, LEDGER_HANDED, LEDGER_ACCEPTED);
	commit(it, &db);
	db = begin(it);
	assert_ok(ledger_recover(db, seven, 99, &in_doubt, &err), &err);
	commit(it, &db);
	assert_int_equal(in_doubt, 1);
	assert_int_equal(in_state(it, LEDGER_IN_DOUBT), 1);
	assert_int_equal(in_state(it, LEDGER_ACCEPTED), 1);
	assert_int_equal(in_state(it, LEDGER_PLANNED), ROWS - 2);
	row = db_stmt(it->db, "SELECT class FROM ledger WHERE seq = 2", &err);
	assert_int_equal(stmt_step(row, &err), 1);
	assert_span_equal(stmt_col_text(row, 0), "deliver.run_killed");
	stmt_reset(row);
}

static void
cancels_what_is_not_final(void **state)
{
	struct world_of_test *it = *state;
	struct db *db = begin(it);
	struct err err = {0};

	for (int seq = 1; seq <= 4; seq++)
		step(db, seq, LEDGER_PLANNED, LEDGER_CLAIMED);
	step(db, 1, LEDGER_CLAIMED, LEDGER_HANDED);
	step(db, 2, LEDGER_CLAIMED, LEDGER_DEFERRED);
	step(db, 3, LEDGER_CLAIMED, LEDGER_FAILED);
	assert_ok(ledger_cancel(db, seven, 5, &err), &err);
	commit(it, &db);
	assert_int_equal(in_state(it, LEDGER_HANDED), 1);
	assert_int_equal(in_state(it, LEDGER_FAILED), 1);
	assert_int_equal(in_state(it, LEDGER_CANCELLED), ROWS - 2);
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
	struct ledger_facts facts = {.relay = 2,
	    .octets = 10551,
	    .code = 250,
	    .stage = SMTP_STAGE_EOD,
	    .enhanced = "2.0.0",
	    .tls_version = "TLSv1.3",
	    .tls_cipher = "TLS_AES_256_GCM_SHA384",
	    .tls_verified = true};
	struct ledger_note note = {.seq = 4,
	    .from = LEDGER_HANDED,
	    .to = LEDGER_ACCEPTED,
	    .attempt = 1,
	    .at_ms = 12,
	    .facts = &facts};
	struct err err = {0};
	struct stmt *row;

	buf_text(&facts.reply, "250 2.0.0 queued as 4F");
	buf_text(&facts.message_id, "<c.1@example.jp>");
	step(db, 4, LEDGER_PLANNED, LEDGER_CLAIMED);
	step(db, 4, LEDGER_CLAIMED, LEDGER_HANDED);
	assert_ok(ledger_apply(db, seven, &note, &err), &err);
	commit(it, &db);
	row = db_stmt(it->db,
	    "SELECT attempt, at_ms, relay, code, enhanced, reply, stage,"
	    " tls_version, tls_cipher, tls_verified, octets, message_id"
	    " FROM ledger WHERE campaign = 7 AND seq = 4",
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
	assert_int_equal(stmt_col_int(row, 9), 1);
	assert_int_equal(stmt_col_int(row, 10), 10551);
	assert_span_equal(stmt_col_text(row, 11), "<c.1@example.jp>");
	stmt_reset(row);
	buf_done(&facts.reply);
	buf_done(&facts.message_id);
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
		ticket = scribe_settle(scribe, &claim, &end);
		assert_null(claim);
		await_durable(scribe, &heard, ticket);
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
what_was_not_used_is_planned_again(void **state)
{
	struct world_of_test *it = *state;
	struct heard heard = {0};
	struct scribe *scribe = start(it, &heard, 6);
	struct claim *claim;

	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	assert_true(in_state(it, LEDGER_CLAIMED) >= 6);
	assert_int_equal(claim->seq, FIRST);
	claim_free(&claim);
	scribe_stop(&scribe);
	assert_int_equal(in_state(it, LEDGER_PLANNED), ROWS);
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
	struct err err = {0};

	for (int seq = FIRST; seq < FIRST + ROWS; seq++) {
		struct ledger_note note = {.seq = seq,
		    .from = LEDGER_CLAIMED,
		    .to = LEDGER_DEFERRED,
		    .next_ms = it->clock.now + 1000 * seq};

		step(db, seq, LEDGER_PLANNED, LEDGER_CLAIMED);
		assert_ok(ledger_apply(db, seven, &note, &err), &err);
	}
	commit(it, &db);
	fake_clock_move(&it->clock, 2500);
	scribe = start(it, &heard, 6);
	scribe_claiming(scribe, SCRIBE_CLAIMS);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, 1);
	claim_free(&claim);
	claim = await_claim(scribe, &heard);
	assert_int_equal(claim->seq, 2);
	claim_free(&claim);
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
	claim_free(&claim);
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
	    with_store(claims_in_order_due_ones_first),
	    with_store(a_row_without_outbox_is_claimed_all_the_same),
	    with_store(refuses_a_step_from_another_state),
	    with_store(recovers_after_a_kill),
	    with_store(cancels_what_is_not_final),
	    with_store(keeps_the_facts_of_an_attempt),
	    with_store(the_scribe_claims_and_writes),
	    with_store(what_was_not_used_is_planned_again),
	    with_store(a_closed_gate_claims_nothing),
	    with_store(deferred_ones_wait_for_the_clock),
	    with_store(deeds_are_written_after_the_notes_before),
	    with_store(a_failed_deed_changes_nothing),
	    with_store(a_full_disk_loses_no_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
