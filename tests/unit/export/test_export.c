/* Exports: what stands in the file, that it comes back as it was, what CP932
 * loses, what policy says, and that nothing stays behind. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/base/encoder.h"
#include "tests/unit/export/export_kit.h"

/* The cells in which a spreadsheet, a parser or a charset would stumble. */
static const char hostile[] =
    "address,name,phone,note,状態\r\n"
    "a@example.jp,\"Yamada, Taro\",+81-3-1234-5678,\"say \"\"hi\"\"\",x\r\n"
    "b@example.jp,'=quoted,=1+1,\"two\nlines\",-5\r\n"
    "c@example.jp,＝全角,@SUM(A1),''+more,\"a;b\"\r\n"
    "d@example.jp,髙﨑 𠮷田,0312345678,\"=HYPERLINK(\"\"http://x\"\")\",\r\n"
    "e@example.jp,,,,\r\n";

/* ---- The table ----------------------------------------------------------- */

/* Line number index of a text, without its end. */
static struct span
line_at(struct span text, int index)
{
	struct span line = SPAN("");

	for (int i = 0; i <= index; i++) {
		size_t end = span_search(text, SPAN("\r\n"));

		line = span_slice(text, 0, end);
		text = span_slice(text, end + 2, text.len);
	}
	return line;
}

static void
formulas_are_text(void **state)
{
	struct kit *kit = *state;
	struct buf text = BUF_INIT;

	import_text(kit, SPAN(hostile));
	kit->order.parts = EXPORT_NAME | EXPORT_FIELDS;
	write_text(kit, &text);
	assert_true(span_starts(line_at(buf_span(&text), 0),
	    SPAN("\xef\xbb\xbf"
		 "address,name,note,phone,状態,sekisho_status,"
		 "sekisho_export")));
	assert_true(span_starts(line_at(buf_span(&text), 1),
	    SPAN("\"sekisho export=1 by=tester at=")));
	assert_true(span_starts(line_at(buf_span(&text), 2),
	    SPAN("a@example.jp,\"Yamada, Taro\",\"say \"\"hi\"\"\","
		 "'+81-3-1234-5678,x,active,1-")));
	assert_true(span_starts(line_at(buf_span(&text), 3),
	    SPAN("b@example.jp,''=quoted,\"two\nlines\",'=1+1,'-5,active,")));
	assert_true(span_starts(line_at(buf_span(&text), 4),
	    SPAN("c@example.jp,'＝全角,'''+more,'@SUM(A1),a;b,active,")));
	buf_done(&text);
}

/* Everybody of the list in another store, read out of the file. */
static void
everything_comes_back(void **state)
{
	struct kit *kit = *state;
	struct kit *other = NULL;
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct import_counts counts;

	setup((void **)&other);
	import_text(kit, SPAN(hostile));
	write_text(kit, &before);
	/* into the same list: nothing is new */
	import_file(kit->store, kit->list, kit->path.ptr, &counts);
	assert_int_equal(counts.read, 5);
	assert_int_equal(counts.same, 5);
	import_file(other->store, other->list, kit->path.ptr, &counts);
	assert_int_equal(counts.fresh, 5);
	other->order.parts = kit->order.parts = EXPORT_ALL_PARTS;
	write_text(other, &after);
	/* the mark is the store's own */
	for (int i = 2; i < 7; i++) {
		struct span one = line_at(buf_span(&before), i);
		struct span two = line_at(buf_span(&after), i);
		size_t len = one.len - sizeof "1-abcdefgh";

		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.ptr, two.ptr, len);
		assert_memory_not_equal(
		    one.ptr + len, two.ptr + len, one.len - len);
	}
	buf_done(&before);
	buf_done(&after);
	teardown((void **)&other);
}

static void
tags_and_evidence_come_back(void **state)
{
	static const char list[] =
	    "address,tags,opt-in time,IP,同意方法,paper\r\n"
	    "a@example.jp,\"vip, \"\"a,b\"\"\",2025-04-02 10:11:09,192.0.2.1,"
	    "the form,box 7\r\n";
	struct kit *kit = *state;
	struct kit *other = NULL;
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct import_counts counts;
	struct span one, two;

	setup((void **)&other);
	import_text(kit, SPAN(list));
	write_text(kit, &before);
	import_file(other->store, other->list, kit->path.ptr, &counts);
	assert_int_equal(counts.fresh, 1);
	write_text(other, &after);
	one = line_at(buf_span(&before), 2);
	two = line_at(buf_span(&after), 2);
	one.len -= sizeof "1-abcdefgh";
	two.len -= sizeof "1-abcdefgh";
	assert_true(span_equal(one, two));
	buf_done(&before);
	buf_done(&after);
	teardown((void **)&other);
}

static void
who_is_stopped_says_so(void **state)
{
	static const struct {
		enum suppress_cause cause;
		const char *word;
	} causes[] = {
	    {SUPPRESS_UNSUBSCRIBED, "unsubscribed"},
	    {SUPPRESS_BOUNCED, "bounced"},
	    {SUPPRESS_COMPLAINT, "complaint"},
	    {SUPPRESS_HAND, "blocked"},
	    {SUPPRESS_SOFT, "bounced"},
	    {SUPPRESS_IMPORT, "blocked"},
	};
	struct kit *kit = *state;
	struct export_facts facts = {.loss = NULL};
	struct import_counts counts;
	struct buf text = BUF_INIT, address = BUF_INIT;
	struct kit *other = NULL;
	struct err err = {0};

	import_many(kit, 7);
	for (size_t i = 0; i < 6; i++) {
		buf_clear(&address);
		buf_printf(&address, "p%zu@example.jp", i);
		assert_ok(suppress_add(kit->store, buf_span(&address),
			      kit->list, causes[i].cause, SPAN("test"), &err),
		    &err);
	}
	assert_ok(
	    export_check(kit->store, &kit->order, NULL, &facts, &err), &err);
	assert_int_equal(facts.people, 7);
	assert_int_equal(facts.stopped, 6);
	kit->order.parts = 0;
	write_text(kit, &text);
	for (int i = 0; i < 6; i++) {
		buf_clear(&address);
		buf_printf(&address, "p%d@example.jp,%s,1-", i, causes[i].word);
		assert_true(span_starts(
		    line_at(buf_span(&text), i + 2), buf_span(&address)));
	}
	assert_true(span_starts(
	    line_at(buf_span(&text), 8), SPAN("p6@example.jp,active,")));
	/* and nobody becomes sendable by it elsewhere */
	setup((void **)&other);
	import_file(other->store, other->list, kit->path.ptr, &counts);
	assert_int_equal(counts.suppressed, 6);
	assert_int_equal(counts.fresh, 1);
	teardown((void **)&other);
	export_facts_done(&facts);
	buf_done(&text);
	buf_done(&address);
}

static void
who_has_no_basis_says_so(void **state)
{
	struct kit *kit = *state;
	struct buf text = BUF_INIT;

	import_text(kit, SPAN("address,status\r\np0@example.jp,pending\r\n"));
	kit->order.parts = EXPORT_EVIDENCE;
	write_text(kit, &text);
	assert_true(span_starts(
	    line_at(buf_span(&text), 2), SPAN("p0@example.jp,no_basis,none,")));
	buf_done(&text);
}

static void
the_trash_stays_in(void **state)
{
	struct kit *kit = *state;
	struct contact_id first;
	struct export_made made;
	struct erased erased;
	struct err err = {0};

	import_many(kit, 3);
	first.v = tempstore_number(
	    kit->store, "SELECT id FROM contact WHERE name = 'Person 0'");
	assert_ok(contact_erase(kit->store, first, SPAN("p0@example.jp"),
		      SPAN("asked for it"), &erased, &err),
	    &err);
	first.v = tempstore_number(
	    kit->store, "SELECT id FROM contact WHERE name = 'Person 1'");
	assert_ok(contact_delete(kit->store, &first, 1, NULL, &err), &err);
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_int_equal(made.people, 1);
}

/* What was asked for names nobody who was erased. */
static void
erased_people_are_in_no_request(void **state)
{
	struct kit *kit = *state;
	struct export_made made;
	struct erased erased;
	struct err err = {0};

	import_many(kit, 2);
	kit->order.scope = EXPORT_FILTER;
	buf_text(&kit->order.filter, "address:P0@example.jp");
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	kit->order.scope = EXPORT_PERSON;
	kit->order.contact.v = tempstore_number(
	    kit->store, "SELECT id FROM contact WHERE name = 'Person 0'");
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_int_equal(tempstore_number(kit->store,
			     "SELECT count(*) FROM export WHERE filter <> ''"
			     " OR contact <> 0"),
	    2);
	assert_ok(
	    contact_erase(kit->store, kit->order.contact, SPAN("p0@example.jp"),
		SPAN("asked for it"), &erased, &err),
	    &err);
	assert_int_equal(tempstore_number(kit->store,
			     "SELECT count(*) FROM export WHERE filter <> ''"
			     " OR contact <> 0"),
	    0);
}

static void
marks_name_their_export(void **state)
{
	struct kit *kit = *state;
	struct buf text = BUF_INIT;
	struct span row, mark;

	import_many(kit, 1);
	kit->order.parts = 0;
	write_text(kit, &text);
	row = line_at(buf_span(&text), 2);
	mark = span_slice(row, row.len - 10, row.len);
	assert_true(export_mark_fits(kit->store, mark, SPAN("p0@example.jp")));
	assert_false(export_mark_fits(kit->store, mark, SPAN("p1@example.jp")));
	assert_false(export_mark_fits(
	    kit->store, SPAN("2-aaaaaaaa"), SPAN("p0@example.jp")));
	assert_false(
	    export_mark_fits(kit->store, SPAN("x"), SPAN("p0@example.jp")));
	buf_done(&text);
}

static void
columns_are_chosen(void **state)
{
	static const struct {
		unsigned parts;
		const char *fields, *header;
	} cases[] = {
	    {0, "", "address,sekisho_status,sekisho_export"},
	    {EXPORT_NAME, "", "address,name,sekisho_status,sekisho_export"},
	    {EXPORT_FIELDS, "phone\nnote\nphone\nnone\n",
		"address,phone,note,none,sekisho_status,sekisho_export"},
	    {EXPORT_TAGS, "",
		"address,sekisho_status,sekisho_tags,sekisho_export"},
	    {EXPORT_EVIDENCE, "",
		"address,sekisho_status,sekisho_basis,sekisho_agreed,"
		"sekisho_confirmed,sekisho_how,sekisho_note,sekisho_wording,"
		"sekisho_ip,sekisho_paper,sekisho_export"},
	};
	struct kit *kit = *state;
	struct buf text = BUF_INIT;

	import_text(kit, SPAN(hostile));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		kit->order.parts = cases[i].parts;
		buf_clear(&kit->order.fields);
		buf_text(&kit->order.fields, cases[i].fields);
		write_text(kit, &text);
		unlink(kit->path.ptr);
		assert_span_equal(
		    span_slice(line_at(buf_span(&text), 0), 3, text.len),
		    cases[i].header);
	}
	buf_done(&text);
}

static void
a_filter_chooses(void **state)
{
	struct kit *kit = *state;
	struct export_made made;
	int64_t segment;
	struct err err = {0};

	import_many(kit, 12);
	kit->order.scope = EXPORT_FILTER;
	buf_text(&kit->order.filter, "name:\"Person 1\"");
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_int_equal(made.people, 3); /* 1, 10, 11 */
	assert_ok(segment_create(kit->store, kit->list, SPAN("Ones"),
		      buf_span(&kit->order.filter), &segment, &err),
	    &err);
	kit->order.scope = EXPORT_SEGMENT;
	kit->order.segment = segment;
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_int_equal(made.people, 3);
	buf_clear(&kit->order.filter);
	buf_text(&kit->order.filter, "name:nobody");
	kit->order.scope = EXPORT_FILTER;
	assert_int_equal(write_code(kit, 0, &made), E_EXPORT_EMPTY);
}

/* ---- One person ------------------------------------------------------------ */

static void
a_person_gets_everything(void **state)
{
	static const char *const rows[] = {"record,,address,a@example.jp,",
	    "record,,name,\"Yamada, Taro\",", "field,,phone,'+81-3-1234-5678,",
	    "list,News,basis,card,", "consent,News,given,card,",
	    "consent,News,note,trade fair,", "source,News,imported from,",
	    "event,,remark,called us,"};
	struct kit *kit = *state;
	struct buf text = BUF_INIT;
	struct err err = {0};

	import_text(kit, SPAN(hostile));
	kit->order.scope = EXPORT_PERSON;
	kit->order.contact.v = tempstore_number(
	    kit->store, "SELECT id FROM contact WHERE canon = 'a@example.jp'");
	assert_ok(contact_remark(
		      kit->store, kit->order.contact, SPAN("called us"), &err),
	    &err);
	write_text(kit, &text);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (span_search(buf_span(&text), span_of(rows[i])) == text.len)
			fail_msg("%s\n%s", rows[i], text.ptr);
	}
	assert_int_equal(
	    span_search(buf_span(&text), SPAN("b@example.jp")), text.len);
	assert_int_equal(
	    tempstore_number(kit->store, "SELECT count(*) FROM contact_event"
					 " WHERE kind = 10 AND fact = '1'"),
	    1);
	buf_done(&text);
}

/* ---- CP932 ------------------------------------------------------------------ */

static void
losses_are_shown_before(void **state)
{
	struct kit *kit = *state;
	struct export_facts facts = {.loss = NULL};
	struct export_made made;
	struct buf text = BUF_INIT;
	struct err err = {0};

	import_text(kit, SPAN(hostile));
	kit->order.charset = EXPORT_CP932;
	assert_ok(
	    export_check(kit->store, &kit->order, NULL, &facts, &err), &err);
	assert_int_equal(facts.lost, 1);
	assert_int_equal(facts.losses, 1);
	assert_string_equal(facts.loss[0].column, "name");
	assert_int_equal(facts.loss[0].rows, 1);
	assert_int_equal(facts.loss[0].row[0], 6); /* as Excel counts */
	assert_string_equal(facts.loss[0].what[0], "𠮷");
	assert_int_equal(write_code(kit, 0, &made), E_EXPORT_LOSS);
	assert_int_equal(count_files(kit->dir), 1);
	kit->order.lost = 1;
	write_text(kit, &text);
	assert_true(span_search(buf_span(&text),
			SPAN("\xfb\xfc\xfa\xb1 \x81\xac\x93\x63")) < text.len);
	/* Excel is told nothing: the first octets are the header's */
	assert_true(span_starts(buf_span(&text), SPAN("address,")));
	export_facts_done(&facts);
	buf_done(&text);
}

/* ---- Policy ----------------------------------------------------------------- */

static void
policy_decides(void **state)
{
	static const struct {
		const char *name, *value;
		enum export_seal seal;
		enum err_code code;
	} cases[] = {
	    {"export.plain", "on", EXPORT_PLAIN, E_NONE},
	    {"export.plain", "off", EXPORT_PLAIN, E_EXPORT_PLAIN},
	    {"export.plain", "off", EXPORT_BY_PASSPHRASE, E_NONE},
	    {"export.over", "4", EXPORT_BY_PASSPHRASE, E_EXPORT_NEEDED},
	    {"export.over", "0", EXPORT_BY_PASSPHRASE, E_EXPORT_NEEDED},
	    {"export.over", "500", EXPORT_BY_PASSPHRASE, E_NONE},
	    {"stepup.export", "password", EXPORT_BY_PASSPHRASE, E_STEPUP},
	    {"stepup.export", "never", EXPORT_BY_PASSPHRASE, E_NONE},
	    {"mask.operators", "on", EXPORT_BY_PASSPHRASE, E_ROLE},
	    {"mask.operators", "off", EXPORT_BY_PASSPHRASE, E_NONE},
	    {"export.allowed", "off", EXPORT_BY_PASSPHRASE, E_EXPORT_FORBIDDEN},
	};
	struct kit *kit = *state;
	struct export_made made;

	import_many(kit, 5);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set(kit, cases[i].name, cases[i].value);
		kit->order.seal = cases[i].seal;
		if (write_code(kit, 0, &made) != cases[i].code)
			fail_msg(
			    "%zu: %s %s", i, cases[i].name, cases[i].value);
	}
	assert_int_equal(count_files(kit->dir), 1);
}

/* Many small files are one big one. */
static void
small_exports_add_up(void **state)
{
	struct kit *kit = *state;
	struct export_facts facts = {.loss = NULL};
	struct export_made made;
	struct err err = {0};

	import_many(kit, 5);
	set(kit, "export.over", "12");
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_ok(
	    export_check(kit->store, &kit->order, NULL, &facts, &err), &err);
	assert_int_equal(facts.recent, 10);
	assert_int_equal(facts.need, EXPORT_BY_SUM);
	assert_int_equal(write_code(kit, 0, &made), E_EXPORT_NEEDED);
	fake_clock_move(&kit->clock, 25 * 3600 * 1000LL);
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	export_facts_done(&facts);
}

static void
reasons_are_wanted(void **state)
{
	static const struct {
		const char *reason;
		const char *why;
	} cases[] = {
	    {"", "length"},
	    {"too short", "length"},
	    {"                    ", "length"},
	    {"for taro@example.jp who has asked", "address"},
	    {"it has\ta control in it", "control"},
	    {"it is not \xff UTF-8 at all", "utf8"},
	    {"監査法人から提出を求められたため", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = {.code = E_NONE};
		int rc = export_reason_check(span_of(cases[i].reason), &err);

		assert_int_equal(rc, *cases[i].why ? -1 : 0);
		if (rc < 0)
			assert_string_equal(
			    err_find(&err, "why"), cases[i].why);
	}
}

static void
orders_are_looked_at(void **state)
{
	struct kit *kit = *state;
	struct export_made made;

	import_many(kit, 1);
	kit->order.list.v = 99;
	assert_int_equal(write_code(kit, 0, &made), E_LIST_MISSING);
	kit->order.list = kit->list;
	kit->order.scope = EXPORT_SEGMENT;
	kit->order.segment = 99;
	assert_int_equal(write_code(kit, 0, &made), E_SEGMENT_MISSING);
	kit->order.scope = EXPORT_PERSON;
	kit->order.contact.v = 99;
	assert_int_equal(write_code(kit, 0, &made), E_CONTACT_MISSING);
	kit->order.scope = EXPORT_LIST;
	kit->order.seal = EXPORT_BY_CERTIFICATE;
	buf_text(&kit->order.certificate, "no certificate");
	assert_int_equal(write_code(kit, 0, &made), E_EXPORT_FIELD);
	for (int i = 0; i <= EXPORT_FIELDS_MAX; i++)
		buf_printf(&kit->order.fields, "f%d\n", i);
	kit->order.seal = EXPORT_PLAIN;
	assert_int_equal(write_code(kit, 0, &made), E_EXPORT_FIELD);
	assert_int_equal(count_files(kit->dir), 1);
}

/* ---- Files ------------------------------------------------------------------- */

static void
nothing_is_overwritten(void **state)
{
	struct kit *kit = *state;
	struct export_made made;
	struct buf text = BUF_INIT;
	struct stat file;
	struct err err = {0};

	import_many(kit, 1);
	assert_ok(file_replace(kit->path.ptr, SPAN("mine"), 0644, &err), &err);
	assert_int_equal(write_code(kit, 0, &made), E_FILE_EXISTS);
	assert_ok(file_read(kit->path.ptr, 100, &text, &err), &err);
	assert_string_equal(text.ptr, "mine");
	unlink(kit->path.ptr);
	write_text(kit, &text);
	assert_int_equal(stat(kit->path.ptr, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	buf_done(&text);
}

static void
cancelled_leaves_nothing(void **state)
{
	atomic_bool cancel = true;
	struct export_watch watch = {.cancel = &cancel};
	struct kit *kit = *state;
	struct export_made made;
	struct err err = {0};

	import_many(kit, 100);
	assert_int_equal(export_write(kit->store, &kit->order, 0, kit->path.ptr,
			     NULL, &watch, &made, &err),
	    -1);
	assert_int_equal(err.code, E_CANCELLED);
	assert_int_equal(count_files(kit->dir), 1);
	cancel = false;
	assert_ok(export_write(kit->store, &kit->order, 0, kit->path.ptr, NULL,
		      &watch, &made, &err),
	    &err);
	assert_int_equal(watch.total, 100);
	assert_int_equal(watch.done, 100);
}

static void
limit_files(int64_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size < 0 ? limit.rlim_max : (rlim_t)size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* More than the store's own files need, less than the export's. */
static void
full_disk_leaves_nothing(void **state)
{
	static const enum export_seal seals[] = {
	    EXPORT_PLAIN, EXPORT_BY_PASSPHRASE};
	struct kit *kit = *state;
	struct export_made made;

	signal(SIGXFSZ, SIG_IGN);
	import_many(kit, 400);
	kit->order.parts = EXPORT_NAME;
	for (size_t i = 0; i < 2; i++) {
		enum err_code code;

		kit->order.seal = seals[i];
		limit_files(10000);
		code = write_code(kit, 0, &made);
		limit_files(-1);
		/* where the store is full first, nothing was begun */
		assert_true(code == E_DISK_FULL || code == E_STORE_FULL);
		assert_int_equal(count_files(kit->dir), 1);
	}
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
}

static void
the_log_has_it_without_addresses(void **state)
{
	struct kit *kit = *state;
	struct export_made made;

	import_many(kit, 3);
	kit->order.scope = EXPORT_FILTER;
	buf_text(&kit->order.filter, "p1@example.jp");
	assert_int_equal(write_code(kit, 0, &made), E_NONE);
	assert_int_equal(made.id, 1);
	assert_int_equal(tempstore_number(kit->store,
			     "SELECT count(*) FROM audit WHERE what ="
			     " 'export.write' AND object = 'export 1' AND"
			     " facts LIKE '%scope=filter%people=1%sha256=%'"),
	    1);
	assert_int_equal(tempstore_number(kit->store,
			     "SELECT count(*) FROM audit WHERE what ="
			     " 'export.begin' AND facts LIKE '%reason=%'"),
	    1);
	assert_int_equal(tempstore_number(kit->store,
			     "SELECT count(*) FROM audit WHERE what LIKE"
			     " 'export.%' AND facts LIKE '%@%'"),
	    0);
	assert_int_equal(tempstore_number(kit->store,
			     "SELECT count(*) FROM export WHERE state = 3 AND"
			     " length(sha256) = 32 AND octets > 0"),
	    1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(formulas_are_text),
	    TEST(everything_comes_back),
	    TEST(tags_and_evidence_come_back),
	    TEST(who_is_stopped_says_so),
	    TEST(who_has_no_basis_says_so),
	    TEST(the_trash_stays_in),
	    TEST(erased_people_are_in_no_request),
	    TEST(marks_name_their_export),
	    TEST(columns_are_chosen),
	    TEST(a_filter_chooses),
	    TEST(a_person_gets_everything),
	    TEST(losses_are_shown_before),
	    TEST(policy_decides),
	    TEST(small_exports_add_up),
	    TEST(reasons_are_wanted),
	    TEST(orders_are_looked_at),
	    TEST(nothing_is_overwritten),
	    TEST(cancelled_leaves_nothing),
	    TEST(full_disk_leaves_nothing),
	    TEST(the_log_has_it_without_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
