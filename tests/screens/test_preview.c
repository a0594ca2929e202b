/* Preview: stepping through recipients, the pages of one mail, a recipient who
 * cannot be merged, and the same recipients as delivery once they are
 * frozen. */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/file.h"
#include "core/mail/parse.h"
#include "tests/fake/certs.h"
#include "tests/fake/show.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

/* Every construct there is. */
static const char body[] =
    "# 秋のご案内\n\n{{name|お客}}様\n\nいつもご利用**ありがとう**ございます。"
    "今月の*特集*はこちらです。長い行は単語の途中ではなく、日本語の禁則に従って"
    "折り返します。\n\n"
    "- [冬のキャンペーン](https://www.example.jp/winter?id={{会員番号|0}})\n"
    "- [よくある質問](https://www.example.jp/faq)\n\n"
    "| 日付 | 時間 | 席 |\n|---|:-:|--:|\n"
    "| 11月25日 | 02:00-05:00 | 3 |\n| 12月1日 | 19:00 | 120 |\n\n"
    "**[申し込む](https://www.example.jp/apply)**\n\n"
    "> 引用も見えます。\n\n"
    "1. Seats are numbered from the stage.\n2. Doors open at six.\n\n"
    "## 資料\n\n"
    "![会場の地図](https://www.example.jp/map.png)\n\n"
    "    code stays as it is\n\n---\n\nend\n";

static const struct stage_params three = {.recipients = 3,
    .class = CLASS_NOTICE,
    .manners = PRACTICE_PLAIN,
    .body = body};

static void
open_preview(struct show *show, const struct stage_params *params)
{
	show_start(show, params);
	show->golden.sizes = GOLDEN_SIZES_BLOTTED;
	stage_sql(&show->stage, "UPDATE campaign SET expected = 3");
	preview_open(show->golden.app, show->stage.campaign);
	golden_settle(&show->golden);
}

static void
shows_a_mail(void **state)
{
	struct show show;

	(void)state;
	open_preview(&show, &three);
	golden_check(&show.golden, "preview-styled");
	golden_keys(&show.golden, "2");
	golden_check(&show.golden, "preview-plain");
	golden_keys(&show.golden, "Tab");
	golden_check(&show.golden, "preview-facts");
	golden_keys(&show.golden, "6");
	golden_check(&show.golden, "preview-changes");
	golden_keys(&show.golden, "3");
	assert_true(show_sees(&show, "<!DOCTYPE html"));
	golden_keys(&show.golden, "1");
	assert_true(show_sees(&show, "- 冬のキャンペーン [1]"));
	golden_keys(&show.golden, "G");
	assert_true(show_sees(&show, "[3] https://www.example.jp/apply"));
	show_end(&show);
}

/* Who has not said how many it will be does not read it here: neither on the
 * list nor of the frozen recipients. */
static void
hides_the_number(void **state)
{
	struct stage_params params = three;
	struct show show;

	(void)state;
	params.recipients = 7;
	open_preview(&show, &params);
	assert_true(show_sees(&show, "1 of 7 on the list"));
	golden_keys(&show.golden, "q");
	stage_sql(&show.stage, "UPDATE campaign SET expected = 0");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "Counted once you said"));
	assert_false(show_sees(&show, "of 7"));
	golden_keys(&show.golden, "n");
	assert_true(show_sees(&show, "Counted once you said"));
	assert_false(show_sees(&show, "2 of"));
	golden_keys(&show.golden, "C");
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "mail at other providers"));
	assert_false(show_sees(&show, " 7  山田"));
	assert_false(show_sees(&show, "太郎1                1"));
	assert_true(show_sees(&show, "cells"));
	show_end(&show);
}

/* What a field says stands before how it is written. */
static void
explains_headers(void **state)
{
	struct stage_params params = three;
	struct show show;

	(void)state;
	params.class = CLASS_AD;
	open_preview(&show, &params);
	golden_keys(&show.golden, "4");
	assert_true(show_sees(&show, "DKIM-Signature:"));
	assert_true(show_sees(&show, "a  how it is signed"));
	assert_true(show_sees(&show, "rsa-sha256"));
	assert_false(golden_shows(&show.golden, "^M"));
	golden_keys(&show.golden, "PgDn");
	assert_true(show_sees(&show, "Subject: 山田 太郎1様 秋のご案内"));
	assert_true(show_sees(&show, "    =?UTF-8?B?"));
	golden_keys(&show.golden, "G");
	assert_true(show_sees(&show, "one click in the mail program"));
	show_end(&show);
}

static void
shows_the_tree(void **state)
{
	struct show show;

	(void)state;
	open_preview(&show, &three);
	golden_keys(&show.golden, "5");
	assert_true(show_sees(&show, "  multipart/alternative"));
	assert_true(show_sees(&show, "    text/plain"));
	assert_true(show_sees(&show, "    text/html"));
	assert_true(show_sees(&show, "Octets as they are sent"));
	assert_false(golden_shows(&show.golden, "^M"));
	golden_keys(&show.golden, "G");
	assert_true(show_sees(&show, "=_"));
	assert_false(golden_shows(&show.golden, "From: "));
	show_end(&show);
}

static void
steps_to_the_ends(void **state)
{
	struct show show;

	(void)state;
	open_preview(&show, &three);
	assert_true(show_sees(&show, "1 of 3 on the list"));
	golden_keys(&show.golden, "p");
	assert_true(show_sees(&show, "no other recipient that way"));
	assert_true(show_sees(&show, "1 of 3"));
	golden_keys(&show.golden, "n n");
	assert_true(show_sees(&show, "3 of 3"));
	assert_true(show_sees(&show, "user00003@example.jp"));
	golden_keys(&show.golden, "n");
	assert_true(show_sees(&show, "3 of 3"));
	golden_keys(&show.golden, "p");
	assert_true(show_sees(&show, "2 of 3"));
	golden_keys(&show.golden, "/");
	golden_type(&show.golden, "3");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "user00003@example.jp"));
	golden_keys(&show.golden, "/");
	golden_type(&show.golden, "4");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "3 of 3"));
	golden_keys(&show.golden, "r r r");
	assert_true(show_sees(&show, " of 3 on the list"));
	show_end(&show);
}

static void
a_page_stays_over_recipients(void **state)
{
	struct show show;

	(void)state;
	open_preview(&show, &three);
	golden_keys(&show.golden, "2 n");
	assert_true(show_sees(&show, ">2 Plain text"));
	assert_true(show_sees(&show, "山田 太郎2様"));
	show_end(&show);
}

static void
finds_recipients(void **state)
{
	static const struct {
		const char *text, *seen;
	} row[] = {
	    {"2", "2 of 3 on the list"},
	    {"user00003@example.jp", "3 of 3 on the list"},
	    {"太郎1", "1 of 3 on the list"},
	    {"EXAMPLE", "2 of 3 on the list"},
	    {"nobody", "Nobody's address or name has these words."},
	    {"", "2 of 3 on the list"},
	};
	struct show show;

	(void)state;
	open_preview(&show, &three);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		golden_keys(&show.golden, "/");
		golden_type(&show.golden, row[i].text);
		golden_keys(&show.golden, "Enter");
		assert_true(show_sees(&show, row[i].seen));
		golden_keys(&show.golden, "Esc");
		if (strcmp(show_top(&show), "preview") != 0)
			fail_msg("%s: left the preview", row[i].text);
	}
	show_end(&show);
}

/* Names that have slipped by a row stand beside addresses that have not. */
static void
shows_a_slipped_merge(void **state)
{
	struct show show;

	(void)state;
	open_preview(&show, &three);
	stage_sql(
	    &show.stage, "UPDATE contact SET name = '山田 太郎' || (id - 1)");
	golden_keys(&show.golden, "n 6");
	assert_true(show_sees(&show, "Against the mail of the recipient before "
				     "(1)"));
	assert_true(show_sees(&show, "[-user00001-]{+user00002+}@example.jp"));
	assert_true(show_sees(&show, "太郎[-0-]{+1+}様"));
	show_end(&show);
}

/* The name of the recipient before stands in everybody's mail. */
static void
finds_what_is_not_ones_own(void **state)
{
	struct stage_params params = three;
	struct show show;

	(void)state;
	params.body = "山田 太郎1様、いつもご利用ありがとうございます。\n";
	open_preview(&show, &params);
	assert_false(golden_shows(&show.golden, "another recipient's data"));
	golden_keys(&show.golden, "n");
	assert_true(show_sees(&show, "another recipient's data (6)"));
	golden_keys(&show.golden, "6");
	assert_true(
	    show_sees(&show, "What belongs to the other recipient stands "
			     "in this mail: 山田 太郎1"));
	golden_keys(&show.golden, "n");
	assert_false(golden_shows(&show.golden, "another recipient's data"));
	show_end(&show);
}

/* Nobody is alone: the first is compared with the next, one with nobody. */
static void
compares_with_somebody(void **state)
{
	struct stage_params params = three;
	struct show show;

	(void)state;
	open_preview(&show, &three);
	golden_keys(&show.golden, "6");
	assert_true(
	    show_sees(&show, "Against the mail of the next recipient (2)"));
	show_end(&show);
	params.recipients = 1;
	open_preview(&show, &params);
	golden_keys(&show.golden, "6");
	assert_true(show_sees(&show, "nobody else to compare with"));
	show_end(&show);
}

/* ---- Worst cases -------------------------------------------------------------- */

static void
plant(struct stage *stage)
{
	stage_sql(stage, "UPDATE contact SET name = '髙橋' WHERE id = 4");
	stage_sql(stage, "UPDATE contact SET name = '' WHERE id = 7");
	stage_sql(stage, "UPDATE contact SET name = "
			 "'寿限無寿限無五劫の擦り切れ' WHERE id = 9");
}

static void
jumps_to_worst_cases(void **state)
{
	struct stage_params params = three;
	struct show show;

	(void)state;
	params.recipients = 12;
	show_start(&show, &params);
	show.golden.sizes = GOLDEN_SIZES_BLOTTED;
	plant(&show.stage);
	stage_sql(&show.stage, "UPDATE campaign SET expected = 12");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "c");
	assert_true(
	    show_sees(&show, "7 of 12 on the list   fallback for name|お客"));
	assert_true(show_sees(&show, "! 2 fallbacks used"));
	golden_keys(&show.golden, "c");
	assert_true(
	    show_sees(&show, "4 of 12 on the list   shortest name, kanji "
			     "outside JIS X 0208"));
	golden_keys(&show.golden, "c");
	assert_true(show_sees(&show, "9 of 12 on the list   longest name"));
	golden_keys(&show.golden, "C");
	golden_check(&show.golden, "preview-cases");
	golden_keys(&show.golden, "g Enter");
	assert_true(show_sees(&show, "7 of 12 on the list"));
	golden_keys(&show.golden, "Tab Tab Esc");
	assert_string_equal(show_top(&show), "preview");
	show_end(&show);
}

/* What was found is not looked for again, unless the campaign has changed. */
static void
keeps_worst_cases(void **state)
{
	struct stage_params params = three;
	struct show show;
	const struct samples *found;

	(void)state;
	params.recipients = 12;
	open_preview(&show, &params);
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "q");
	found = show.session.samples;
	assert_non_null(found);
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "q");
	assert_ptr_equal(show.session.samples, found);
	stage_sql(&show.stage, "UPDATE campaign SET subject = 'Short'");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_keys(&show.golden, "C");
	assert_true(show_sees(&show, "5 cells"));
	show_end(&show);
}

/* ---- Writing ---------------------------------------------------------------------- */

static void
read_whole(const char *path, struct buf *out)
{
	struct err err = {0};

	buf_clear(out);
	assert_ok(file_read(path, 1024 * 1024, out, &err), &err);
}

static void
write_to(struct show *show, const char *path, const char *purpose)
{
	golden_keys(&show->golden, "w ^A ^K");
	golden_type(&show->golden, path);
	golden_keys(&show->golden, "Enter ^A ^K");
	golden_type(&show->golden, purpose);
	golden_keys(&show->golden, "Enter");
}

static int64_t
exports(struct show *show)
{
	return stage_number(&show->stage,
	    "SELECT count(*) FROM audit WHERE what = 'preview.export'");
}

/* An independent reader of mail gives the same subject and text. */
static void
check_with_python(const char *path)
{
	struct buf command = BUF_INIT;

	buf_printf(&command,
	    "PYTHONUTF8=1 exec /usr/bin/python3 -c \"import email, sys\n"
	    "from email.policy import default\n"
	    "m = email.message_from_binary_file(open('%s', 'rb'), "
	    "policy=default)\n"
	    "t = m.get_body(('plain',)).get_content()\n"
	    "sys.exit(m['subject'] != '山田 太郎1様 秋のご案内' or "
	    "'山田 太郎1様' not in t or '11月25日' not in t)\"",
	    path);
	FILE *python = popen(command.ptr, "w");
	assert_non_null(python);
	assert_int_equal(pclose(python), 0);
	buf_done(&command);
}

static void
writes_a_mail(void **state)
{
	struct show show;
	char *dir = tempdir_new();
	struct buf path = BUF_INIT, bytes = BUF_INIT;
	struct parse_message message;
	struct arena *arena = arena_new();
	struct stat stat_of;
	struct err err = {0};

	(void)state;
	open_preview(&show, &three);
	buf_printf(&path, "%s/one.eml", dir);
	write_to(&show, path.ptr, "checking with the printer");
	assert_true(show_sees(&show, "readable by you alone"));
	assert_int_equal(stat(path.ptr, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	read_whole(path.ptr, &bytes);
	assert_ok(parse_message(buf_span(&bytes), arena, &message, &err), &err);
	assert_int_equal(message.part_count, 3);
	check_with_python(path.ptr);
	assert_int_equal(exports(&show), 1);
	assert_int_equal(
	    stage_number(&show.stage,
		"SELECT count(*) FROM audit WHERE what = 'preview.export' AND "
		"facts LIKE 'recipient=1 path=/%' AND facts LIKE "
		"'%purpose=\"checking with the printer\"'"),
	    1);
	/* what is there stays, and is no export */
	golden_keys(&show.golden, "n");
	write_to(&show, path.ptr, "again");
	assert_true(show_sees(&show, "is there already"));
	assert_int_equal(exports(&show), 1);
	read_whole(path.ptr, &bytes);
	assert_true(
	    span_search(buf_span(&bytes), SPAN("user00001")) < bytes.len);
	buf_clear(&path);
	buf_printf(&path, "%s/two.html", dir);
	write_to(&show, path.ptr, "for the designer");
	read_whole(path.ptr, &bytes);
	assert_true(span_starts(buf_span(&bytes), SPAN("<!DOCTYPE html")));
	assert_true(
	    span_search(buf_span(&bytes), SPAN("山田 太郎2様")) < bytes.len);
	assert_int_equal(exports(&show), 2);
	buf_done(&path);
	buf_done(&bytes);
	arena_free(&arena);
	tempdir_remove(&dir);
	show_end(&show);
}

/* Nothing is written where it does not say what, or why. */
static void
refuses_to_write(void **state)
{
	struct show show;

	(void)state;
	open_preview(&show, &three);
	golden_keys(&show.golden, "w ^A ^K");
	golden_type(&show.golden, "/tmp/x.txt");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "The name ends in .eml or .html."));
	golden_keys(&show.golden, "^A ^K");
	golden_type(&show.golden, "x.eml");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "The path begins with / or ~."));
	golden_keys(&show.golden, "Esc");
	write_to(&show, "/nowhere/at/all.eml", "a");
	assert_true(show_sees(&show, "A few words, for the log."));
	golden_type(&show.golden, "bc");
	golden_keys(&show.golden, "Enter");
	assert_true(show_sees(&show, "/nowhere/at/all.eml cannot be opened"));
	assert_int_equal(exports(&show), 0);
	show_end(&show);
}

/* ---- Who gets no mail --------------------------------------------------------------- */

/* The second recipient has no number and the mark has no fallback. */
static void
goes_on_past_a_missing_field(void **state)
{
	struct stage_params params = three;
	struct show show;

	(void)state;
	params.body = "会員番号は{{会員番号}}です。いつもありがとう"
		      "ございます。\n";
	open_preview(&show, &params);
	stage_sql(&show.stage, "UPDATE contact SET fields = '{}' WHERE id = 2");
	golden_keys(&show.golden, "n");
	golden_check(&show.golden, "preview-missing-field");
	golden_keys(&show.golden, "n");
	assert_true(show_sees(&show, "会員番号は00003です"));
	golden_keys(&show.golden, "p p");
	assert_true(show_sees(&show, "会員番号は00001です"));
	show_end(&show);
}

static void
says_what_is_missing(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &three);
	stage_sql(&show.stage, "DELETE FROM member");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_check(&show.golden, "preview-nobody");
	golden_keys(&show.golden, "n p r 2 3");
	assert_true(show_sees(&show, "The campaign has no list"));
	show_end(&show);
}

/* A stopped member is on the list but not among those who get the mail; the
 * number to type is that of the frozen ones. */
static void
shows_the_frozen_ones(void **state)
{
	struct show show;
	struct err err = {0};

	(void)state;
	show_start(&show, &three);
	assert_ok(
	    suppress_add(show.stage.store, SPAN("user00001@example.jp"),
		(struct list_id){0}, SUPPRESS_UNSUBSCRIBED, SPAN(""), &err),
	    &err);
	stage_sql(&show.stage, "UPDATE campaign SET expected = 3");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "1 of 3 on the list"));
	assert_true(show_sees(&show, "stopped: gets no mail"));
	stage_seal(&show.stage);
	golden_keys(&show.golden, "q");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "1 of 2 recipients"));
	assert_true(show_sees(&show, "user00002@example.jp"));
	/* What delivery has frozen counts, not what the list says now. */
	stage_sql(&show.stage, "UPDATE contact SET name = 'Changed'");
	golden_keys(&show.golden, "n p");
	assert_true(show_sees(&show, "山田 太郎2様"));
	show_end(&show);
}

/* Which charset a mail leaves in, why it is another one than was wanted, and
 * what S/MIME does. */
static void
says_how_it_leaves(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &three);
	stage_sql(&show.stage, "UPDATE campaign SET charset = 1");
	stage_sql(&show.stage, "UPDATE contact SET name = '髙橋' WHERE id = 2");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "kB  ISO-2022-JP"));
	golden_keys(&show.golden, "n");
	assert_true(show_sees(&show, "kB  ! UTF-8: 髙"));
	assert_false(golden_shows(&show.golden, "S/MIME"));
	golden_keys(&show.golden, "Tab");
	assert_true(show_sees(&show, "! 髙 is not in ISO-2022-JP"));
	golden_keys(&show.golden, "n");
	assert_false(golden_shows(&show.golden, "is not in"));
	show_end(&show);
}

static void
says_what_is_signed(void **state)
{
	struct certs certs;
	struct show show;

	(void)state;
	certs_begin(&certs);
	show_start(&show, &three);
	/* the certificates are of today */
	show.stage.clock.now = (int64_t)time(NULL) * 1000 + 60000;
	stage_smime(&show.stage, &certs, "news.p12");
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "kB  S/MIME"));
	golden_keys(&show.golden, "Tab");
	assert_true(show_sees(&show, "signed (S/MIME)"));
	assert_true(show_sees(&show, "multipart/signed"));
	show_end(&show);
	certs_end(&certs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_a_mail),
	    cmocka_unit_test(hides_the_number),
	    cmocka_unit_test(explains_headers),
	    cmocka_unit_test(shows_the_tree),
	    cmocka_unit_test(finds_recipients),
	    cmocka_unit_test(shows_a_slipped_merge),
	    cmocka_unit_test(finds_what_is_not_ones_own),
	    cmocka_unit_test(compares_with_somebody),
	    cmocka_unit_test(jumps_to_worst_cases),
	    cmocka_unit_test(keeps_worst_cases),
	    cmocka_unit_test(writes_a_mail),
	    cmocka_unit_test(refuses_to_write),
	    cmocka_unit_test(steps_to_the_ends),
	    cmocka_unit_test(a_page_stays_over_recipients),
	    cmocka_unit_test(goes_on_past_a_missing_field),
	    cmocka_unit_test(says_what_is_missing),
	    cmocka_unit_test(shows_the_frozen_ones),
	    cmocka_unit_test(says_how_it_leaves),
	    cmocka_unit_test(says_what_is_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
