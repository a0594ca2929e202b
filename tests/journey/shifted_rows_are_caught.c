/* A club imports the export of its 10,000 members every month.  One month
 * somebody has deleted one cell of the addresses and let the rest move up, next
 * month somebody has sorted the names alone.  Wanted: not one name goes to
 * another address, the first bad line is named, and the honest months pass. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/import/import.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"

enum {
	MEMBERS = 10000,
	FIRST_LINE = 2, /* behind the headers */
	NONE = -1       /* an empty cell, an address that was deleted */
};

/* The sheet as it was last saved: whose address and whose values stand in each
 * row, and how often a name has changed. */
struct sheet {
	int address[MEMBERS], value[MEMBERS], marriages[MEMBERS];
};

struct club {
	struct fake_clock clock;
	struct store *store;
	struct list_id list;
	char *dir;
	struct buf path;
	struct sheet sheet;
};

static void
add_name(struct buf *out, int who, int marriages)
{
	static const char *const family[] = {"佐藤", "鈴木", "高橋", "田中",
	    "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "髙橋", "山﨑"};
	static const char *const given[] = {"太郎", "花子", "一郎", "美咲",
	    "健太", "陽子", "翔", "さくら", "誠", "由美", "大輔"};
	unsigned number =
	    (unsigned)who * 2654435761u + 77u * (unsigned)marriages;

	buf_text(out, family[(number >> 7) % 12]);
	buf_char(out, ' ');
	buf_text(out, given[(number >> 13) % 11]);
	/* as many different names as there are */
	buf_printf(out, "%u", (number >> 17) % 97);
}

static void
save(struct club *club)
{
	struct buf data = BUF_INIT;
	struct err err = {0};

	buf_text(&data, "メールアドレス,氏名,会員番号,都道府県\r\n");
	for (int i = 0; i < MEMBERS; i++) {
		int who = club->sheet.value[i];

		if (club->sheet.address[i] != NONE)
			buf_printf(&data, "member%05d@example.jp",
			    club->sheet.address[i]);
		buf_char(&data, ',');
		add_name(&data, who, club->sheet.marriages[i]);
		buf_printf(&data, ",A-%05d,%d\r\n", who * 7 % 99991, who % 47);
	}
	assert_ok(
	    file_replace(club->path.ptr, buf_span(&data), 0600, &err), &err);
	buf_done(&data);
}

/* The sheet in order, with a name changed in every so many rows. */
static void
honest_sheet(struct club *club, int one_in)
{
	for (int i = 0; i < MEMBERS; i++) {
		club->sheet.address[i] = i;
		club->sheet.value[i] = i;
		club->sheet.marriages[i] = one_in && i % one_in == 0;
	}
}

static void
delete_address(struct club *club, int at)
{
	int *cell = club->sheet.address;

	memmove(&cell[at], &cell[at + 1],
	    (size_t)(MEMBERS - at - 1) * sizeof *cell);
	cell[MEMBERS - 1] = NONE;
}

static int
setup(void **state)
{
	struct club *club = mem_new(sizeof *club);
	struct err err = {0};

	fake_clock_init(&club->clock);
	club->store = tempstore_open(&club->clock.base);
	club->dir = tempdir_new();
	buf_printf(&club->path, "%s/members.csv", club->dir);
	assert_ok(
	    list_create(club->store, SPAN("会員"), &club->list, &err), &err);
	*state = club;
	return 0;
}

static int
teardown(void **state)
{
	struct club *club = *state;

	tempstore_close(&club->store);
	tempdir_remove(&club->dir);
	buf_done(&club->path);
	free(club);
	return 0;
}

static struct import_plan
plan_of(const struct club *club)
{
	return (struct import_plan){.list = club->list,
	    .basis = BASIS_BUSINESS,
	    .basis_note = SPAN("members of the club")};
}

/* Everything that is stored of the members. */
static void
read_all(struct club *club, struct buf *out)
{
	struct contact_page page = {0};
	struct db *db = NULL;
	struct err err = {0};

	buf_clear(out);
	assert_ok(store_reader_open(club->store, &db, &err), &err);
	assert_ok(contact_page(club->store, db, club->list,
		      (struct contact_id){0}, MEMBERS + 1, &page, &err),
	    &err);
	for (size_t i = 0; i < page.count; i++) {
		buf_add(out, page.row[i].address);
		buf_add(out, page.row[i].name);
		buf_add(out, page.row[i].fields);
	}
	contact_page_done(&page);
	store_reader_close(&db);
}

/* Commits what was saved last, looked at before or not. */
static int
commit(struct club *club, const struct import_plan *plan,
    struct import_counts *counts, struct import_shift *seen, struct err *err)
{
	struct import *import = NULL;
	struct err open = {0};
	int rc;

	*counts = (struct import_counts){0};
	save(club);
	assert_ok(import_open(club->path.ptr, NULL, &import, &open), &open);
	rc = import_commit(import, club->store, plan, counts, err);
	*seen = *import_shift_seen(import);
	import_close(&import);
	return rc;
}

static void
passes(struct club *club, struct import_counts *counts)
{
	struct import_plan plan = plan_of(club);
	struct import_shift seen;
	struct err err = {0};

	assert_ok(commit(club, &plan, counts, &seen, &err), &err);
	assert_int_equal(seen.raised, 0);
	assert_int_equal(counts->read, MEMBERS);
}

/* Check and commit both stop with this error, and nothing is stored. */
static void
stops(struct club *club, enum err_code code, const char *line,
    const char *column, struct import_shift *seen)
{
	struct import_plan plan = plan_of(club);
	struct import_counts counts;
	struct import *import = NULL;
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct err err = {0}, checked = {0};

	read_all(club, &before);
	assert_int_equal(commit(club, &plan, &counts, seen, &err), -1);
	assert_string_equal(err_name(err.code), err_name(code));
	assert_string_equal(err_find(&err, "line"), line);
	assert_string_equal(err_find(&err, "column"), column);
	read_all(club, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.ptr, after.ptr, before.len);
	assert_ok(import_open(club->path.ptr, NULL, &import, &err), &err);
	assert_int_equal(
	    import_check(import, club->store, &plan, &counts, &checked), -1);
	assert_int_equal(checked.code, code);
	import_close(&import);
	buf_done(&before);
	buf_done(&after);
}

/* Two months in one file, of which the last row of an address counts. */
static void
a_cell_deleted_in_the_second_part_is_caught(void **state)
{
	struct club *club = *state;
	struct import_plan plan = plan_of(club);
	struct import_counts counts;
	struct import_shift seen;
	struct err err = {0};

	plan.wins = IMPORT_LAST;
	for (int i = 0; i < MEMBERS; i++) {
		club->sheet.address[i] = i % (MEMBERS / 2);
		club->sheet.value[i] = i % (MEMBERS / 2);
	}
	assert_ok(commit(club, &plan, &counts, &seen, &err), &err);
	assert_int_equal(counts.duplicate, MEMBERS / 2);
	delete_address(club, 7000);
	assert_int_equal(commit(club, &plan, &counts, &seen, &err), -1);
	assert_int_equal(err.code, E_IMPORT_SHIFTED);
	assert_string_equal(err_find(&err, "line"), "7002");
}

/* ---- Months ------------------------------------------------------------ */

static void
a_deleted_cell_is_caught(void **state)
{
	struct club *club = *state;
	struct import_counts counts;
	struct import_shift seen;

	honest_sheet(club, 0);
	passes(club, &counts);
	assert_int_equal(counts.fresh, MEMBERS);
	/* the address of row 5,001 is deleted: line 5,002 of the file */
	delete_address(club, 5000);
	stops(club, E_IMPORT_SHIFTED, "5002", "メールアドレス", &seen);
	assert_true(seen.flagged >= 4998 && seen.flagged <= 4999);
	assert_int_equal(seen.known, MEMBERS - 1);
	assert_int_equal(seen.offset, -1);
	assert_int_equal(seen.tail_rows, 1);
	assert_int_equal(seen.tail_line, MEMBERS + FIRST_LINE - 1);
	/* twenty rows before the end */
	honest_sheet(club, 0);
	delete_address(club, MEMBERS - 20);
	stops(club, E_IMPORT_SHIFTED, "9982", "メールアドレス", &seen);
	assert_in_range(seen.flagged, 18, 19);
	/* among honest changes */
	honest_sheet(club, 10);
	delete_address(club, 5000);
	stops(club, E_IMPORT_SHIFTED, "5002", "メールアドレス", &seen);
}

static void
honest_months_pass(void **state)
{
	static const int one_in[] = {50, 10, 0};
	struct club *club = *state;
	struct import_counts counts;

	honest_sheet(club, 0);
	passes(club, &counts);
	for (size_t i = 0; i < sizeof one_in / sizeof *one_in; i++) {
		honest_sheet(club, one_in[i]);
		passes(club, &counts);
		assert_int_equal(counts.fresh, 0);
		assert_true(counts.changed > 0);
	}
	/* the same rows, the last first */
	for (int i = 0; i < MEMBERS; i++) {
		club->sheet.address[i] = MEMBERS - 1 - i;
		club->sheet.value[i] = MEMBERS - 1 - i;
	}
	passes(club, &counts);
	assert_int_equal(counts.same, MEMBERS);
}

static int
by_name(const void *a, const void *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	int order;

	add_name(&x, *(const int *)a, 0);
	add_name(&y, *(const int *)b, 0);
	order = strcmp(x.ptr, y.ptr);
	buf_done(&x);
	buf_done(&y);
	return order;
}

static void
addresses_sorted_alone_are_caught(void **state)
{
	struct club *club = *state;
	struct import_counts counts;
	struct import_shift seen;

	honest_sheet(club, 0);
	passes(club, &counts);
	/* everything but the addresses, by name */
	qsort(club->sheet.value, MEMBERS, sizeof(int), by_name);
	stops(club, E_IMPORT_SORTED, "", "メールアドレス", &seen);
	assert_true(seen.changed > MEMBERS / 2);
	assert_int_equal(seen.changed_of, MEMBERS);
}

static void
find_overrule(void *arg, const struct audit_entry *entry)
{
	struct buf *facts = arg;

	if (facts->len == 0 && span_equal(entry->what, SPAN("import.overrule")))
		buf_add(facts, entry->facts);
}

static void
going_on_needs_a_reason_that_is_logged(void **state)
{
	struct club *club = *state;
	struct import_plan plan = plan_of(club);
	struct import_counts counts;
	struct import_shift seen;
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	struct err err = {0};

	honest_sheet(club, 0);
	passes(club, &counts);
	delete_address(club, 9000);
	/* for the other accident it is no permission */
	plan.overrule = (struct import_overrule){
	    IMPORT_GUARD_SORTED, SPAN("the last file was wrong")};
	assert_int_equal(commit(club, &plan, &counts, &seen, &err), -1);
	assert_int_equal(err.code, E_IMPORT_SHIFTED);
	plan.overrule.guards = IMPORT_GUARD_SHIFTED;
	plan.overrule.reason = SPAN("  because  ");
	assert_int_equal(commit(club, &plan, &counts, &seen, &err), -1);
	assert_int_equal(err.code, E_IMPORT_OVERRULE);
	plan.overrule.reason = SPAN("先月のファイルの方が間違っていた");
	err = (struct err){0};
	assert_ok(commit(club, &plan, &counts, &seen, &err), &err);
	assert_int_equal(seen.raised, IMPORT_GUARD_SHIFTED);
	assert_ok(store_reader_open(club->store, &db, &err), &err);
	assert_true(audit_read(db, 0, 20, find_overrule, &facts, &err) > 0);
	store_reader_close(&db);
	assert_non_null(facts.ptr);
	assert_non_null(strstr(facts.ptr, "guard=shifted line=9002"));
	assert_non_null(strstr(facts.ptr, "先月のファイルの方が間違っていた"));
	buf_done(&facts);
	/* what was stored for a reason is what the next month begins with */
	passes(club, &counts);
	assert_int_equal(counts.same, MEMBERS - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_deleted_cell_is_caught, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		honest_months_pass, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		addresses_sorted_alone_are_caught, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_cell_deleted_in_the_second_part_is_caught, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		going_on_needs_a_reason_that_is_logged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
