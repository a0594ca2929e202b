/* Many new people at once are stored in another way than few: the same must come
 * of it, also when the process is killed in the middle. */
#include "tests/unit/import/import_kit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/import/seen.h"

enum { ROWS = 12000, KNOWN = 1500, MANY = 18000 };

/* ---- One file, two ways ------------------------------------------------- */

static uint64_t
next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static const char *
pick(uint64_t *state, const char *const *word, size_t count)
{
	return word[next_random(state) % count];
}

/* A row of everything that an import stores. */
static void
add_row(struct buf *out, int i, uint64_t *state)
{
	static const char *const names[] = {"山田 太郎", "", "O'Brien", "健"};
	static const char *const states[] = {
	    "", "", "", "", "", "", "", "unsubscribed", "bounced", "complaint"};
	static const char *const agreed[] = {
	    "yes", "yes", "yes", "yes", "no", "はい"};
	static const char *const tags[] = {"", "", "", "vip", "vip, 東京"};
	static const char *const papers[] = {"", "", "", "", "A-1", "A-2"};
	static const char *const ips[] = {"", "", "192.0.2.7", "nowhere"};

	if (next_random(state) % 50 == 0)
		buf_printf(out, "broken(at)%d,", i);
	else
		buf_printf(out, "p%d@example%d.jp,", i * 7919 % ROWS, i % 13);
	buf_printf(out, "%s,", pick(state, names, 4));
	buf_printf(out, "field %d,", (int)(next_random(state) % 100));
	buf_printf(out, "%s,", pick(state, states, 10));
	buf_printf(out, "%s,", pick(state, agreed, 6));
	buf_printf(out, "\"%s\",", pick(state, tags, 5));
	buf_printf(out, "%s,", pick(state, papers, 6));
	buf_printf(out, "%s\n", pick(state, ips, 4));
}

static struct import *
open_rows(struct room *room, int first, int rows)
{
	static const enum import_target targets[] = {IMPORT_ADDRESS,
	    IMPORT_NAME, IMPORT_FIELD, IMPORT_STATE, IMPORT_AGREED, IMPORT_TAGS,
	    IMPORT_PAPER, IMPORT_AGREED_IP};
	struct buf data = BUF_INIT;
	struct import_column *column;
	struct import *import;
	uint64_t state = 1;
	size_t count;

	buf_text(&data, "email,name,points,state,agreed,tags,paper,ip\n");
	for (int i = first; i < first + rows; i++)
		add_row(&data, i, &state);
	/* who was taken by an earlier row says no */
	for (int i = first; i < first + rows; i += 97)
		buf_printf(&data, "p%d@example%d.jp,,,unsubscribed,,,,\n",
		    i * 7919 % ROWS, i % 13);
	import = open_text(room, buf_span(&data));
	column = import_columns(import, &count);
	assert_int_equal(count, sizeof targets / sizeof *targets);
	for (size_t i = 0; i < count; i++)
		column[i].target = targets[i];
	/* nothing in the column of states does not stop anybody */
	column[3].sense = IMPORT_SENSE_STOP;
	for (size_t i = 0; i < count; i++)
		import_values_guess(&column[i]);
	buf_done(&data);
	return import;
}

/* All that an import may touch, but for keys, which differ between stores. */
static void
dump(struct room *room, struct buf *out)
{
	static const char *const tables[] = {
	    "SELECT id || '|' || address || '|' || canon || '|' || name || '|'"
	    " || fields || '|' || quirk || '|' || created_ms || '|' ||"
	    " changed_ms FROM contact ORDER BY id",
	    "SELECT list || '|' || contact || '|' || basis || '|' ||"
	    " basis_at_ms || '|' || basis_note || '|' || import || '|' || how"
	    " || '|' || wording || '|' || ip || '|' || paper || '|' ||"
	    " confirmed_ms FROM member ORDER BY list, contact",
	    "SELECT list || '|' || contact || '|' || what || '|' || reason ||"
	    " '|' || basis || '|' || basis_note || '|' || ip || '|' || paper"
	    " FROM consent_event ORDER BY contact, list",
	    "SELECT contact || '|' || tag FROM contact_tag ORDER BY 1",
	    "SELECT id || '|' || name FROM tag ORDER BY 1",
	    "SELECT import || '|' || contact || '|' || tag FROM import_tag"
	    " ORDER BY 1",
	    "SELECT import || '|' || contact || '|' || what || '|' || name ||"
	    " '|' || fields FROM import_before ORDER BY 1",
	    "SELECT import || '|' || line || '|' || reason || '|' || detail ||"
	    " '|' || raw FROM import_reject ORDER BY import, line",
	    "SELECT list || '|' || cause || '|' || at_ms || '|' || source ||"
	    " '|' || address || '|' || evidence FROM suppression ORDER BY"
	    " address, evidence",
	    "SELECT id || '|' || rows || '|' || fresh || '|' || changed || '|'"
	    " || same || '|' || duplicate || '|' || rejected || '|' ||"
	    " suppressed || '|' || stopped || '|' || made_from || '|' ||"
	    " made_to FROM import ORDER BY id",
	    "SELECT facts FROM audit WHERE what = 'import.commit' ORDER BY seq",
	    "SELECT sql FROM sqlite_schema WHERE name = 'contact_canon'"};
	struct db *db = NULL;
	struct err err = {0};

	assert_ok(store_reader_open(room->store, &db, &err), &err);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct stmt *stmt = db_stmt(db, tables[i], &err);
		int got;

		assert_non_null(stmt);
		while ((got = stmt_step(stmt, &err)) == 1) {
			buf_add(out, stmt_col_text(stmt, 0));
			buf_char(out, '\n');
		}
		assert_ok(got, &err);
		buf_text(out, "--\n");
	}
	store_reader_close(&db);
}

/* The store that comes of it.  When the last row of an address counts, people
 * are stored one by one. */
static void
store_rows(
    enum import_wins wins, enum import_mode mode, bool checked, struct buf *out)
{
	struct room *room;
	void *state;
	struct import *import;
	struct import_plan plan;
	struct import_counts counts, before;
	struct err err = {0};

	setup(&state);
	room = state;
	import = open_rows(room, ROWS / 2, KNOWN);
	plan = plan_of(room);
	assert_ok(
	    import_commit(import, room->store, &plan, &before, &err), &err);
	import_close(&import);
	fake_clock_move(&room->clock, 1000);
	import = open_rows(room, 0, ROWS);
	plan.wins = wins;
	plan.mode = mode;
	plan.overrule.guards = IMPORT_GUARD_SHIFTED | IMPORT_GUARD_SORTED;
	plan.overrule.reason = SPAN("made by a test for a test");
	if (checked)
		assert_ok(
		    import_check(import, room->store, &plan, &before, &err),
		    &err);
	assert_ok(
	    import_commit(import, room->store, &plan, &counts, &err), &err);
	assert_sums(&counts);
	if (checked)
		assert_memory_equal(&counts, &before, sizeof counts);
	assert_true(counts.fresh > 4096 && counts.same + counts.changed > 300);
	assert_true(counts.rejected > 50 && counts.stopped > 500);
	assert_true(tempstore_number(room->store,
			"SELECT count(*) FROM consent_event") > 100);
	dump(room, out);
	assert_ok(store_verify(room->store, &err), &err);
	import_close(&import);
	teardown(&state);
}

static void
many_are_stored_as_few_are(void **state)
{
	static const enum import_mode modes[] = {IMPORT_BOTH, IMPORT_NEW};

	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct buf one = BUF_INIT, many = BUF_INIT;

		store_rows(IMPORT_LAST, modes[i], false, &one);
		store_rows(IMPORT_FIRST, modes[i], i == 0, &many);
		assert_true(one.len > 1000000);
		assert_string_equal(one.ptr, many.ptr);
		buf_done(&one);
		buf_done(&many);
	}
}

/* ---- Killed ------------------------------------------------------------- */

/* A clock that kills the process when it is asked for the n-th time. */
struct mine {
	struct clock base;
	int left;
};

static int64_t
mine_now(struct clock *clock)
{
	struct mine *mine = (struct mine *)clock;

	if (mine->left > 0 && --mine->left == 0)
		kill(getpid(), SIGKILL);
	return 1700000000000;
}

static int64_t
mine_steady(struct clock *clock)
{
	(void)clock;
	return 1000;
}

static void
write_many(const char *path)
{
	struct buf data = BUF_INIT;
	struct err err = {0};

	buf_text(&data, "email,note\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&data, "p%d@example.com,%01500d\n", i * 7919 % 99991,
		    i); /* more than the page cache holds */
	assert_ok(file_replace(path, buf_span(&data), 0600, &err), &err);
	buf_done(&data);
}

static void
import_and_die(const char *dir, const char *path, int left)
{
	struct mine mine = {.base = {mine_now, mine_steady}};
	struct store *store = tempstore_open_again(dir, &mine.base);
	struct import_plan plan = {.list = {1}, .basis = BASIS_BUSINESS};
	struct import *import = NULL;
	struct import_counts counts;

	if (import_open(path, NULL, &import, NULL) < 0)
		_exit(1);
	mine.left = left;
	_exit(import_commit(import, store, &plan, &counts, NULL) < 0 ? 2 : 0);
}

static int
status_of(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Whenever the clock is asked the import has got further: the last time
 * everything is written but for the commit. */
static void
a_kill_in_the_middle_stores_nothing(void **state)
{
	struct room *room = *state;
	char *dir = mem_text(span_of(store_dir(room->store)));
	struct err err = {0};
	int status, kills = 0;

	write_many(room->path.ptr);
	do {
		pid_t child;

		store_close(&room->store);
		child = fork();
		if (child == 0)
			import_and_die(dir, room->path.ptr, kills + 1);
		kills++;
		status = status_of(child);
		room->store = tempstore_open_again(dir, &room->clock.base);
		assert_ok(store_verify(room->store, &err), &err);
		if (WIFSIGNALED(status)) {
			assert_int_equal(tempstore_number(room->store,
					     "SELECT (SELECT count(*) FROM"
					     " contact) + (SELECT count(*) FROM"
					     " member) + (SELECT count(*) FROM"
					     " import)"),
			    0);
			assert_int_equal(tempstore_number(room->store,
					     "SELECT count(*) FROM"
					     " sqlite_schema WHERE name ="
					     " 'contact_canon'"),
			    1);
		}
	} while (WIFSIGNALED(status));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(kills > 2);
	assert_int_equal(members(room), MANY);
	free(dir);
}

/* ---- A set too large for memory ------------------------------------------ */

static struct span
number_text(char *room, int i)
{
	return span_make(room, (size_t)snprintf(room, 40, "address %d", i));
}

static void
a_set_goes_on_beside_the_store(void **state)
{
	struct room *room = *state;
	struct seen *seen = seen_new();
	struct err err = {0};
	char text[40];

	seen_may_spill(seen, room->store, 1000);
	for (int i = 0; i < 5500; i++) {
		assert_true(seen_add(seen, number_text(text, i)));
		seen_note_set(seen, (unsigned)i % SEEN_NOTES);
	}
	for (int i = 0; i < 5500; i += 3) {
		assert_false(seen_add(seen, number_text(text, i)));
		assert_int_equal(seen_note(seen), i % SEEN_NOTES);
		seen_note_set(seen, 5);
		assert_int_equal(seen_note(seen), 5);
	}
	for (int i = 0; i < 5500; i++) {
		assert_false(seen_add(seen, number_text(text, i)));
		assert_int_equal(
		    seen_note(seen), i % 3 ? i % (int)SEEN_NOTES : 5);
		assert_true(seen_has(seen, number_text(text, i)));
		assert_false(seen_has(seen, number_text(text, i + 100000)));
	}
	assert_int_equal(seen_count(seen), 5500);
	assert_ok(seen_check(seen, &err), &err);
	seen_free(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_are_stored_as_few_are),
	    cmocka_unit_test_setup_teardown(
		a_kill_in_the_middle_stores_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_set_goes_on_beside_the_store, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
