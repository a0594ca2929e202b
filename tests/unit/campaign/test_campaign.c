/* The record: fields, revisions, steps, unsaved text, the log. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

static struct fake_clock clock_;
static struct store *store;
static struct db *db;
static struct err err;

static int
setup(void **state)
{
	(void)state;
	err = (struct err){0};
	fake_clock_init(&clock_);
	store = tempstore_open(&clock_.base);
	assert_ok(store_reader_open(store, &db, &err), &err);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_reader_close(&db);
	tempstore_close(&store);
	return 0;
}

static struct campaign_id
create(const char *name)
{
	struct campaign_id id;

	assert_ok(
	    campaign_create(store, span_of(name), CLASS_AD, &id, &err), &err);
	return id;
}

/* Moves the stored state without asking the table. */
static void
force_state(struct campaign_id id, enum campaign_state state)
{
	struct db *writer = NULL;
	struct stmt *stmt;

	assert_ok(
	    store_begin(store, STORE_WAIT_SHORT, "test", &writer, &err), &err);
	stmt = db_stmt(
	    writer, "UPDATE campaign SET state = ?2 WHERE id = ?1", &err);
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, state);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(store, &writer, &err), &err);
}

static void
test_create_takes_sender(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id;

	(void)state;
	assert_ok(
	    setting_write(store, "sender.name", SPAN("例示"), &err), &err);
	assert_ok(setting_write(
		      store, "sender.address", SPAN("news@example.jp"), &err),
	    &err);
	assert_ok(setting_write(
		      store, "sender.reply_to", SPAN("re@example.jp"), &err),
	    &err);
	id = create("11月のお知らせ");
	assert_ok(campaign_read(db, id, &it, &err), &err);
	assert_span_equal(buf_span(&it.name), "11月のお知らせ");
	assert_span_equal(buf_span(&it.from_name), "例示");
	assert_span_equal(buf_span(&it.from_address), "news@example.jp");
	assert_span_equal(buf_span(&it.reply_to), "re@example.jp");
	assert_span_equal(buf_span(&it.changed_by), "tester");
	assert_int_equal(it.revision, 1);
	assert_int_equal(it.state, CAMPAIGN_DRAFT);
	assert_int_equal(it.list, 0);
	assert_int_equal(it.changed_ms, clock_.now);
	campaign_done(&it);
}

static void
test_save_and_read(void **state)
{
	struct campaign it = CAMPAIGN_INIT, again = CAMPAIGN_INIT;
	struct campaign_id id = create("a");

	(void)state;
	assert_ok(campaign_read(db, id, &it, &err), &err);
	buf_text(&it.subject, "件名");
	buf_text(&it.body, "# text\n\n\tx\n");
	it.class = CLASS_TX;
	it.list = 5;
	buf_text(&it.preheader, "今月の特集");
	buf_text(&it.theme, "notice");
	buf_text(&it.theme_text, "[theme]\nname = Notice\n");
	buf_text(&it.language, "ja");
	it.charset = CHARSET_ISO_2022_JP;
	it.smime = 7;
	it.encrypt = ENCRYPT_KNOWN;
	it.confidential = true;
	it.meant_for = CIRCLE_PARTNERS;
	it.expected = 240;
	it.send_at_ms = 5000;
	it.send_until_ms = 6000;
	fake_clock_move(&clock_, 5000);
	assert_ok(campaign_save(store, &it, &err), &err);
	assert_int_equal(it.revision, 2);
	assert_ok(campaign_read(db, id, &again, &err), &err);
	assert_span_equal(buf_span(&again.subject), "件名");
	assert_span_equal(buf_span(&again.body), "# text\n\n\tx\n");
	assert_int_equal(again.class, CLASS_TX);
	assert_int_equal(again.list, 5);
	assert_span_equal(buf_span(&again.preheader), "今月の特集");
	assert_span_equal(buf_span(&again.theme), "notice");
	assert_span_equal(
	    buf_span(&again.theme_text), "[theme]\nname = Notice\n");
	assert_span_equal(buf_span(&again.language), "ja");
	assert_int_equal(again.charset, CHARSET_ISO_2022_JP);
	assert_int_equal(again.smime, 7);
	assert_int_equal(again.encrypt, ENCRYPT_KNOWN);
	assert_true(again.confidential);
	assert_int_equal(again.meant_for, CIRCLE_PARTNERS);
	assert_int_equal(again.expected, 240);
	assert_int_equal(again.send_at_ms, 5000);
	assert_int_equal(again.send_until_ms, 6000);
	assert_int_equal(again.revision, 2);
	assert_int_equal(again.changed_ms, clock_.now);
	campaign_done(&it);
	campaign_done(&again);
}

static void
test_conflict(void **state)
{
	struct campaign one = CAMPAIGN_INIT, two = CAMPAIGN_INIT;
	struct campaign_id id = create("a");

	(void)state;
	assert_ok(campaign_read(db, id, &one, &err), &err);
	assert_ok(campaign_read(db, id, &two, &err), &err);
	buf_text(&one.subject, "one");
	buf_text(&two.subject, "two");
	assert_ok(campaign_save(store, &one, &err), &err);
	assert_int_equal(campaign_save(store, &two, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_CONFLICT);
	assert_string_equal(err_find(&err, "revision"), "1");
	assert_string_equal(err_find(&err, "found"), "2");
	assert_int_equal(two.revision, 1);
	assert_ok(campaign_read(db, id, &two, &err), &err);
	assert_span_equal(buf_span(&two.subject), "one");
	campaign_done(&one);
	campaign_done(&two);
}

static void
test_fields_refused(void **state)
{
	static const struct {
		const char *field, *value, *why;
	} row[] = {
	    {"name", "", "empty"},
	    {"name", "  ", "empty"},
	    {"name", "a\nb", "control"},
	    {"subject", "a\r\nBcc: x@y.jp", "control"},
	    {"subject", "a\x1b[31m", "control"},
	    {"subject", "a\xc2\x9b", "control"},
	    {"subject", "a\xff", "utf8"},
	    {"from_name", "a\nb", "control"},
	    {"from_address", "a\rb", "control"},
	    {"reply_to", "a\xe2\x80\xa8", "control"},
	    {"body", "a\rb", "control"},
	    {"body", "a\x01", "control"},
	    {"body", "\xc0\x80", "utf8"},
	    {"language", "ja\" x", "character"},
	    {"language", "日本語", "character"},
	};
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("a");

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_ok(campaign_read(db, id, &it, &err), &err);
		const struct {
			const char *field;
			struct buf *buf;
		} all[] = {{"name", &it.name}, {"subject", &it.subject},
		    {"from_name", &it.from_name},
		    {"from_address", &it.from_address},
		    {"reply_to", &it.reply_to}, {"body", &it.body},
		    {"language", &it.language}};
		for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
			if (strcmp(all[k].field, row[i].field) != 0)
				continue;
			buf_clear(all[k].buf);
			buf_text(all[k].buf, row[i].value);
		}
		assert_int_equal(campaign_save(store, &it, &err), -1);
		assert_int_equal(err.code, E_CAMPAIGN_FIELD);
		assert_string_equal(err_find(&err, "field"), row[i].field);
		assert_string_equal(err_find(&err, "why"), row[i].why);
	}
	campaign_done(&it);
}

static void
test_lengths(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("a");

	(void)state;
	assert_ok(campaign_read(db, id, &it, &err), &err);
	for (int i = 0; i < SUBJECT_MAX; i++)
		buf_char(&it.subject, 's');
	for (int i = 0; i < BODY_MAX; i++)
		buf_char(&it.body, 'b');
	assert_ok(campaign_save(store, &it, &err), &err);
	buf_char(&it.body, 'b');
	assert_int_equal(campaign_save(store, &it, &err), -1);
	assert_string_equal(err_find(&err, "field"), "body");
	assert_string_equal(err_find(&err, "why"), "length");
	it.body.len = 1;
	buf_char(&it.subject, 's');
	assert_int_equal(campaign_save(store, &it, &err), -1);
	assert_string_equal(err_find(&err, "field"), "subject");
	campaign_done(&it);
}

static void
test_steps(void **state)
{
	static const bool allowed[CAMPAIGN_STATES][CAMPAIGN_STATES] = {
	    [CAMPAIGN_DRAFT][CAMPAIGN_SEALED] = true,
	    [CAMPAIGN_SEALED][CAMPAIGN_DRAFT] = true,
	    [CAMPAIGN_SEALED][CAMPAIGN_RUNNING] = true,
	    [CAMPAIGN_RUNNING][CAMPAIGN_DONE] = true,
	    [CAMPAIGN_RUNNING][CAMPAIGN_STOPPED] = true,
	    [CAMPAIGN_DONE][CAMPAIGN_RUNNING] = true,
	};
	struct campaign_id id = create("a");

	(void)state;
	for (int from = 0; from < CAMPAIGN_STATES; from++) {
		for (int to = 0; to < CAMPAIGN_STATES; to++) {
			struct db *writer = NULL;
			force_state(id, (enum campaign_state)from);
			assert_ok(store_begin(store, STORE_WAIT_SHORT, "test",
				      &writer, &err),
			    &err);
			int rc =
			    campaign_step(writer, id, (enum campaign_state)from,
				(enum campaign_state)to, &err);
			assert_int_equal(rc, allowed[from][to] ? 0 : -1);
			if (rc < 0)
				assert_int_equal(err.code, E_CAMPAIGN_STATE);
			store_rollback(store, &writer);
		}
	}
}

/* The stored state counts, not what the caller believes. */
static void
test_step_from_another_state(void **state)
{
	struct campaign_id id = create("a");
	struct db *writer = NULL;

	(void)state;
	assert_ok(
	    store_begin(store, STORE_WAIT_SHORT, "test", &writer, &err), &err);
	assert_int_equal(
	    campaign_step(writer, id, CAMPAIGN_SEALED, CAMPAIGN_RUNNING, &err),
	    -1);
	assert_string_equal(err_find(&err, "state"), "draft");
	assert_string_equal(err_find(&err, "wanted"), "running");
	assert_int_equal(campaign_step(writer, (struct campaign_id){99},
			     CAMPAIGN_DRAFT, CAMPAIGN_SEALED, &err),
	    -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	store_rollback(store, &writer);
}

static void
test_edit_of_sealed_breaks_seal(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("a");
	struct db *writer = NULL;
	struct stmt *stmt;

	(void)state;
	force_state(id, CAMPAIGN_SEALED);
	assert_ok(
	    store_begin(store, STORE_WAIT_SHORT, "test", &writer, &err), &err);
	stmt = db_stmt(writer,
	    "INSERT INTO review(campaign, revision, at_ms, by, recipients,"
	    " root, digest, seal, sealed_ms, sealed_by) VALUES(?1, 1,"
	    " 0, 'x', 1, x'00', x'01', x'02', 3, 'x')",
	    &err);
	stmt_int(stmt, 1, id.v);
	assert_ok(stmt_run(stmt, &err), &err);
	assert_ok(store_commit(store, &writer, &err), &err);

	assert_ok(campaign_read(db, id, &it, &err), &err);
	assert_int_equal(it.state, CAMPAIGN_SEALED);
	buf_text(&it.subject, "x");
	assert_ok(campaign_save(store, &it, &err), &err);
	assert_int_equal(it.state, CAMPAIGN_DRAFT);
	stmt = db_stmt(
	    db, "SELECT seal IS NULL AND digest IS NULL FROM review", &err);
	assert_int_equal(stmt_step(stmt, &err), 1);
	assert_int_equal(stmt_col_int(stmt, 0), 1);
	stmt_reset(stmt);
	campaign_done(&it);
}

static void
test_launched_is_read_only(void **state)
{
	static const enum campaign_state fixed[] = {
	    CAMPAIGN_RUNNING, CAMPAIGN_DONE, CAMPAIGN_STOPPED};
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("a");

	(void)state;
	assert_ok(campaign_read(db, id, &it, &err), &err);
	for (size_t i = 0; i < 3; i++) {
		force_state(id, fixed[i]);
		assert_int_equal(campaign_save(store, &it, &err), -1);
		assert_int_equal(err.code, E_CAMPAIGN_STATE);
		assert_int_equal(campaign_keep_unsaved(
				     store, id, SPAN("s"), SPAN("b"), &err),
		    -1);
		assert_int_equal(err.code, E_CAMPAIGN_STATE);
	}
	campaign_done(&it);
}

static void
test_unsaved(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("a");
	struct buf subject = BUF_INIT, body = BUF_INIT;
	int64_t at;

	(void)state;
	assert_int_equal(
	    campaign_find_unsaved(db, id, &subject, &body, &at, &err), 0);
	assert_ok(
	    campaign_keep_unsaved(store, id, SPAN("s"), SPAN("b"), &err), &err);
	fake_clock_move(&clock_, 10000);
	assert_ok(campaign_keep_unsaved(
		      store, id, SPAN("件名"), SPAN("本文\n"), &err),
	    &err);
	assert_int_equal(
	    campaign_find_unsaved(db, id, &subject, &body, &at, &err), 1);
	assert_span_equal(buf_span(&subject), "件名");
	assert_span_equal(buf_span(&body), "本文\n");
	assert_int_equal(at, clock_.now);
	assert_ok(campaign_read(db, id, &it, &err), &err);
	assert_int_equal(it.revision, 1);
	assert_int_equal(it.body.len, 0);
	assert_ok(campaign_save(store, &it, &err), &err);
	assert_int_equal(
	    campaign_find_unsaved(db, id, &subject, &body, &at, &err), 0);
	assert_ok(
	    campaign_keep_unsaved(store, id, SPAN("s"), SPAN("b"), &err), &err);
	assert_ok(campaign_drop_unsaved(store, id, &err), &err);
	assert_int_equal(
	    campaign_find_unsaved(db, id, &subject, &body, &at, &err), 0);
	assert_int_equal(
	    campaign_keep_unsaved(store, id, SPAN("a\nb"), SPAN(""), &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_FIELD);
	buf_done(&subject);
	buf_done(&body);
	campaign_done(&it);
}

/* The child of the kill test: writes unsaved text for ever. */
static void
write_for_ever(const char *dir, int ready)
{
	struct secret *pass =
	    secret_of(TEMPSTORE_PASSPHRASE, strlen(TEMPSTORE_PASSPHRASE));
	struct store_params params = {
	    .dir = dir, .user = "tester", .clock = &clock_.base};
	struct store *own = NULL;

	if (store_open(&params, pass, &own, NULL) < 0)
		_exit(1);
	for (int i = 0;; i++) {
		char text[32];
		int len = snprintf(text, sizeof text, "%d", i);
		if (campaign_keep_unsaved(own, (struct campaign_id){1},
			span_make(text, (size_t)len),
			span_make(text, (size_t)len), NULL) < 0 ||
		    write(ready, &i, sizeof i) != sizeof i)
			_exit(2);
	}
}

/* kill -9: every text that was told to be kept is there. */
static void
test_unsaved_survives_kill(void **state)
{
	struct secret *pass =
	    secret_of(TEMPSTORE_PASSPHRASE, strlen(TEMPSTORE_PASSPHRASE));
	struct buf subject = BUF_INIT, body = BUF_INIT;
	int pipe_fd[2], last = -1, status;
	char *dir = NULL;
	int64_t at, kept;

	(void)state;
	assert_int_equal(create("a").v, 1);
	dir = mem_text(span_of(store_dir(store)));
	store_reader_close(&db);
	store_close(&store);
	assert_int_equal(pipe(pipe_fd), 0);
	pid_t child = fork();
	if (child == 0)
		write_for_ever(dir, pipe_fd[1]);
	close(pipe_fd[1]);
	while (last < 20 && read(pipe_fd[0], &last, sizeof last) > 0)
		;
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	while (read(pipe_fd[0], &last, sizeof last) == sizeof last)
		;
	close(pipe_fd[0]);

	struct store_params params = {
	    .dir = dir, .user = "tester", .clock = &clock_.base};
	assert_ok(store_open(&params, pass, &store, &err), &err);
	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_int_equal(campaign_find_unsaved(db, (struct campaign_id){1},
			     &subject, &body, &at, &err),
	    1);
	assert_true(span_int(buf_span(&body), &kept));
	assert_true(kept >= last);
	assert_true(span_equal(buf_span(&subject), buf_span(&body)));
	buf_done(&subject);
	buf_done(&body);
	secret_free(&pass);
	free(dir);
}

static void
test_copy_and_all(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id first = create("a"), copy;
	struct campaign_row *all;
	size_t count;

	(void)state;
	assert_ok(campaign_read(db, first, &it, &err), &err);
	buf_text(&it.subject, "s");
	buf_text(&it.body, "b");
	it.expected = 240;
	it.send_at_ms = 5000;
	assert_ok(campaign_save(store, &it, &err), &err);
	force_state(first, CAMPAIGN_DONE);
	fake_clock_move(&clock_, 1000);
	assert_ok(
	    campaign_copy(store, first, SPAN("b"), CAMPAIGN_DRAFT, &copy, &err),
	    &err);
	assert_ok(campaign_read(db, copy, &it, &err), &err);
	assert_int_equal(it.state, CAMPAIGN_DRAFT);
	assert_int_equal(it.revision, 1);
	assert_span_equal(buf_span(&it.body), "b");
	assert_int_equal(it.expected, 0);
	assert_int_equal(it.send_at_ms, 0);
	assert_ok(campaign_all(db, &all, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(all[0].name, "b");
	assert_string_equal(all[1].name, "a");
	assert_int_equal(all[1].state, CAMPAIGN_DONE);
	assert_string_equal(all[1].changed_by, "tester");
	assert_int_equal(all[0].recipients, -1); /* nobody has said */
	free(all);
	assert_int_equal(campaign_copy(store, (struct campaign_id){99},
			     SPAN("c"), CAMPAIGN_DRAFT, &copy, &err),
	    -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	campaign_done(&it);
}

/* A template can be written and copied, and nothing leads from it to
 * sending. */
static void
test_templates(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id first = create("a"), template, made;
	struct campaign_row *all;
	size_t count;

	(void)state;
	assert_ok(campaign_copy(store, first, SPAN("monthly"),
		      CAMPAIGN_TEMPLATE, &template, &err),
	    &err);
	assert_ok(campaign_all(db, &all, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(all[0].id.v, first.v);
	free(all);
	assert_ok(campaign_templates(db, &all, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(all[0].name, "monthly");
	free(all);
	assert_ok(campaign_read(db, template, &it, &err), &err);
	assert_int_equal(it.state, CAMPAIGN_TEMPLATE);
	buf_text(&it.body, "text");
	assert_ok(campaign_save(store, &it, &err), &err);
	assert_int_equal(it.state, CAMPAIGN_TEMPLATE);
	assert_ok(campaign_keep_unsaved(
		      store, template, SPAN(""), SPAN("kept"), &err),
	    &err);
	for (int to = 0; to < CAMPAIGN_STATES; to++) {
		assert_false(campaign_may_step(
		    CAMPAIGN_TEMPLATE, (enum campaign_state)to));
		assert_false(campaign_may_step(
		    (enum campaign_state)to, CAMPAIGN_TEMPLATE));
	}
	assert_ok(campaign_copy(store, template, SPAN("May"), CAMPAIGN_DRAFT,
		      &made, &err),
	    &err);
	assert_ok(campaign_read(db, made, &it, &err), &err);
	assert_int_equal(it.state, CAMPAIGN_DRAFT);
	assert_span_equal(buf_span(&it.body), "text");
	campaign_done(&it);
}

static int64_t
rows_of(const char *sql, struct campaign_id id)
{
	struct stmt *stmt = db_stmt(db, sql, &err);
	int64_t count;

	stmt_int(stmt, 1, id.v);
	assert_int_equal(stmt_step(stmt, &err), 1);
	count = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return count;
}

static void
test_delete(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("a"), other = create("b");
	const char *versions =
	    "SELECT count(*) FROM draft_version WHERE campaign = ?1";
	const char *unsaved =
	    "SELECT count(*) FROM draft_unsaved WHERE campaign = ?1";

	(void)state;
	assert_ok(campaign_read(db, id, &it, &err), &err);
	buf_text(&it.body, "text");
	assert_ok(campaign_save(store, &it, &err), &err);
	assert_ok(
	    campaign_keep_unsaved(store, id, SPAN(""), SPAN("kept"), &err),
	    &err);
	force_state(id, CAMPAIGN_SEALED);
	assert_int_equal(campaign_delete(store, id, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_STATE);
	assert_int_equal(rows_of(versions, id), 1);
	force_state(id, CAMPAIGN_DRAFT);
	assert_ok(campaign_delete(store, id, &err), &err);
	assert_int_equal(rows_of(versions, id), 0);
	assert_int_equal(rows_of(unsaved, id), 0);
	assert_int_equal(campaign_read(db, id, &it, &err), -1);
	assert_int_equal(err.code, E_CAMPAIGN_MISSING);
	assert_ok(campaign_read(db, other, &it, &err), &err);
	campaign_done(&it);
}

/* Whoever adds a table about campaigns decides whether deleting a draft empties
 * it (campaign_delete()) or only what was launched has rows there. */
static void
test_tables_of_campaigns(void **state)
{
	struct buf tables = BUF_INIT;
	struct stmt *stmt;

	(void)state;
	stmt = db_stmt(db,
	    "SELECT name FROM sqlite_master WHERE type = 'table'"
	    " AND (sql LIKE '%(campaign INTEGER%'"
	    " OR sql LIKE '% campaign INTEGER%') AND name"
	    " NOT IN ('run', 'ledger', 'ledger_total', 'ledger_from',"
	    " 'ledger_old_id', 'connection', 'handed', 'resolution',"
	    " 'setback', 'run_pilot') ORDER BY 1",
	    &err);
	assert_non_null(stmt);
	while (stmt_step(stmt, &err) > 0) {
		buf_add(&tables, stmt_col_text(stmt, 0));
		buf_char(&tables, ' ');
	}
	assert_string_equal(tables.ptr,
	    "approval approval_miss armed attachment audience_column "
	    "audience_profile "
	    "draft_unsaved "
	    "draft_version outbox review "
	    "review_extract review_look review_result review_word test_mail ");
	buf_done(&tables);
}

/* ---- Snippets ----------------------------------------------------------- */

static void
test_snippets(void **state)
{
	struct snippet it = {.id = 0}, same = {.id = 0};
	struct snippet *all;
	size_t count;

	(void)state;
	buf_text(&it.name, "挨拶");
	buf_text(&it.body, "いつもご利用ありがとうございます。\n");
	assert_ok(snippet_save(store, &it, &err), &err);
	buf_text(&same.name, "挨拶");
	buf_text(&same.body, "x");
	assert_int_equal(snippet_save(store, &same, &err), -1);
	assert_int_equal(err.code, E_SNIPPET_FIELD);
	assert_string_equal(err_find(&err, "why"), "taken");
	buf_clear(&same.name);
	assert_int_equal(snippet_save(store, &same, &err), -1);
	assert_string_equal(err_find(&err, "why"), "empty");
	buf_text(&same.name, "地図");
	assert_ok(snippet_save(store, &same, &err), &err);
	buf_text(&it.body, "\033[2J");
	assert_int_equal(snippet_save(store, &it, &err), -1);
	assert_string_equal(err_find(&err, "why"), "control");
	buf_clear(&it.body);
	buf_text(&it.body, "こんにちは。\n");
	assert_ok(snippet_save(store, &it, &err), &err);
	assert_ok(snippet_all(db, &all, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_span_equal(buf_span(&all[0].name), "地図");
	assert_span_equal(buf_span(&all[1].body), "こんにちは。\n");
	assert_span_equal(buf_span(&all[1].changed_by), "tester");
	snippets_free(&all, count);
	assert_ok(snippet_delete(store, same.id, &err), &err);
	assert_int_equal(snippet_delete(store, same.id, &err), -1);
	assert_int_equal(err.code, E_SNIPPET_MISSING);
	assert_int_equal(snippet_save(store, &same, &err), -1);
	assert_int_equal(err.code, E_SNIPPET_MISSING);
	snippet_done(&it);
	snippet_done(&same);
}

static void
note_entry(void *arg, const struct audit_entry *entry)
{
	struct buf *out = arg;

	if (!span_starts(entry->what, SPAN("campaign.")))
		return;
	buf_add(out, entry->what);
	buf_char(out, '|');
	buf_add(out, entry->object);
	buf_char(out, '|');
	buf_add(out, entry->facts);
	buf_char(out, '\n');
}

static void
test_logged(void **state)
{
	struct campaign it = CAMPAIGN_INIT;
	struct campaign_id id = create("secret name"), copy;
	struct buf log = BUF_INIT;

	(void)state;
	assert_ok(campaign_read(db, id, &it, &err), &err);
	buf_text(&it.subject, "secret");
	assert_ok(campaign_save(store, &it, &err), &err);
	force_state(id, CAMPAIGN_SEALED);
	assert_ok(campaign_save(store, &it, &err), &err);
	assert_ok(
	    campaign_copy(store, id, SPAN("b"), CAMPAIGN_DRAFT, &copy, &err),
	    &err);
	assert_true(audit_read(db, 0, 20, note_entry, &log, &err) > 0);
	assert_span_equal(buf_span(&log),
	    "campaign.copy|campaign 2|from=1 as=draft\n"
	    "campaign.save|campaign 1|revision=3 list=0 class=ad\n"
	    "campaign.unseal|campaign 1|why=edit\n"
	    "campaign.save|campaign 1|revision=2 list=0 class=ad\n"
	    "campaign.create|campaign 1|class=ad\n");
	buf_done(&log);
	campaign_done(&it);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_create_takes_sender),
	    TEST(test_save_and_read),
	    TEST(test_conflict),
	    TEST(test_fields_refused),
	    TEST(test_lengths),
	    TEST(test_steps),
	    TEST(test_step_from_another_state),
	    TEST(test_edit_of_sealed_breaks_seal),
	    TEST(test_launched_is_read_only),
	    TEST(test_unsaved),
	    TEST(test_unsaved_survives_kill),
	    TEST(test_copy_and_all),
	    TEST(test_templates),
	    TEST(test_delete),
	    TEST(test_tables_of_campaigns),
	    TEST(test_snippets),
	    TEST(test_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
