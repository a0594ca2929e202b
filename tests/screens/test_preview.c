/* Preview: stepping through recipients, the pages of one mail, a recipient who
 * cannot be merged, and the same recipients as delivery once they are
 * frozen. */
#include "tests/fake/show.h"
#include "tests/unit/unit.h"
#include "tui/screens/screens.h"

/* Long enough to keep the footer, whose links differ from run to run, off a
 * screen of 40 rows. */
static const char body[] =
    "# 秋のご案内\n\n{{name|お客}}様\n\nいつもご利用ありがとうございます。"
    "今月の特集はこちらです。長い行は単語の途中ではなく、日本語の禁則に従って"
    "折り返します。\n\n"
    "- [冬のキャンペーン](https://www.example.jp/winter)\n"
    "- [よくある質問](https://www.example.jp/faq)\n\n"
    "> 引用も見えます。\n\n"
    "Seats are numbered from the stage; doors open at six.\n\n"
    "a\n\nb\n\nc\n\nd\n\ne\n\nf\n\ng\n\nh\n\ni\n\nj\n\nk\n\nl\n\nm\n";

static const struct stage_params three = {.recipients = 3,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .body = body};

static void
open_preview(struct show *show, const struct stage_params *params)
{
	show_start(show, params);
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
	golden_keys(&show.golden, "3");
	assert_true(show_sees(&show, "<!DOCTYPE html"));
	golden_keys(&show.golden, "4");
	assert_true(show_sees(&show, "DKIM-Signature:"));
	assert_false(golden_shows(&show.golden, "^M"));
	golden_keys(&show.golden, "5");
	assert_true(show_sees(&show, "From: =?UTF-8?"));
	golden_keys(&show.golden, "G");
	assert_true(show_sees(&show, "=_"));
	assert_false(golden_shows(&show.golden, "From: "));
	golden_keys(&show.golden, "2 g");
	assert_true(show_sees(&show, "山田 太郎1様"));
	assert_false(golden_shows(&show.golden, "件名："));
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
	preview_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_true(show_sees(&show, "1 of 3 on the list"));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shows_a_mail),
	    cmocka_unit_test(steps_to_the_ends),
	    cmocka_unit_test(a_page_stays_over_recipients),
	    cmocka_unit_test(goes_on_past_a_missing_field),
	    cmocka_unit_test(says_what_is_missing),
	    cmocka_unit_test(shows_the_frozen_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
