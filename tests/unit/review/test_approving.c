/* How an approval is asked for: wrong codes are counted for each seal and
 * person, whatever way they came; signing in once more, when the policy wants
 * it; and that the differences to the campaign before are part of what is
 * read and signed. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/review/compared.h"
#include "tests/fake/approving.h"

enum { JIRO = 1002, SABURO = 1003, MINUTE_MS = 60 * 1000 };

static const struct stage_params few = {.recipients = 12,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE};

struct play {
	struct stage stage;
	struct approving jiro;
	struct err err;
};

static void
policy(struct play *play, const char *name, const char *value)
{
	assert_ok(
	    setting_write(play->stage.store, name, span_of(value), &play->err),
	    &play->err);
}

static void
play_open(struct play *play)
{
	play->err = (struct err){0};
	stage_open(&play->stage, &few);
	policy(play, "approval.when", "always");
	stage_seal(&play->stage);
	approving_open(&play->jiro, play->stage.store, "jiro", JIRO);
}

static void
play_close(struct play *play)
{
	approving_close(&play->jiro);
	stage_close(&play->stage);
}

static enum err_code
take(struct play *play, struct approving *who)
{
	play->err = (struct err){0};
	return approval_take(play->stage.store, &who->offer,
		   clock_now_ms(play->stage.world.clock), &play->err) == 0
		   ? E_NONE
		   : play->err.code;
}

/* An offer whose code is wrong. */
static enum err_code
take_wrong(struct play *play, struct approving *who)
{
	approving_offer(who, &play->stage);
	who->offer.html_code = SPAN("AAAAAA");
	return take(play, who);
}

static enum err_code
may(struct play *play, const struct approving *who)
{
	struct err err = {0};
	struct db *db = NULL;
	int rc;

	assert_ok(store_reader_open(play->stage.store, &db, &err), &err);
	rc = approval_may(play->stage.store, db, play->stage.campaign,
	    who->login, who->uid, &err);
	store_reader_close(&db);
	return rc == 0 ? E_NONE : err.code;
}

static enum err_code
launch(struct play *play)
{
	struct clearance *clearance = NULL;
	struct err err = {0};
	int rc = clearance_grant(play->stage.store, &play->stage.world,
	    play->stage.campaign, &clearance, &err);

	if (rc == 0)
		clearance_free(&clearance);
	return rc == 0 ? E_NONE : err.code;
}

/* ---- Codes ------------------------------------------------------------------------- */

static void
five_wrong_codes_close_a_seal_for_one_person(void **state)
{
	struct play play;
	struct approving saburo;

	(void)state;
	play_open(&play);
	approving_open(&saburo, play.stage.store, "saburo", SABURO);
	for (int left = APPROVAL_MISSES_MAX - 1; left > 0; left--) {
		assert_int_equal(
		    take_wrong(&play, &play.jiro), E_APPROVAL_CODE);
		assert_int_equal(atoi(err_find(&play.err, "left")), left);
		assert_int_equal(may(&play, &play.jiro), E_NONE);
		/* waiting helps nobody */
		fake_clock_move(&play.stage.clock, MINUTE_MS);
	}
	assert_int_equal(take_wrong(&play, &play.jiro), E_APPROVAL_LOCKED);
	assert_string_equal(err_find(&play.err, "login"), "jiro");
	/* the right one comes too late, and they are told before they read */
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(take(&play, &play.jiro), E_APPROVAL_LOCKED);
	assert_int_equal(may(&play, &play.jiro), E_APPROVAL_LOCKED);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM audit"
				      " WHERE what = 'approval.code'"),
	    APPROVAL_MISSES_MAX);
	/* somebody else has tries of their own */
	assert_int_equal(may(&play, &saburo), E_NONE);
	assert_int_equal(take_wrong(&play, &saburo), E_APPROVAL_CODE);
	assert_string_equal(err_find(&play.err, "left"), "4");
	approving_approve(&saburo, &play.stage);
	assert_int_equal(launch(&play), E_NONE);
	approving_close(&saburo);
	play_close(&play);
}

static void
a_new_seal_gives_new_tries(void **state)
{
	struct play play;

	(void)state;
	play_open(&play);
	for (int i = 0; i < APPROVAL_MISSES_MAX; i++)
		take_wrong(&play, &play.jiro);
	assert_int_equal(may(&play, &play.jiro), E_APPROVAL_LOCKED);
	fake_clock_move(&play.stage.clock, MINUTE_MS);
	stage_seal(&play.stage);
	assert_int_equal(may(&play, &play.jiro), E_NONE);
	approving_approve(&play.jiro, &play.stage);
	play_close(&play);
}

/* Who may not approve learns nothing about codes. */
static void
an_author_cannot_guess(void **state)
{
	struct play play;

	(void)state;
	play_open(&play);
	stage_sql(&play.stage, "UPDATE campaign SET changed_by = 'jiro'");
	assert_int_equal(take_wrong(&play, &play.jiro), E_APPROVAL_WHO);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM approval_miss"), 0);
	play_close(&play);
}

/* ---- Signing in once more ------------------------------------------------------------ */

static void
the_policy_says_how_one_signs_in(void **state)
{
	static const struct {
		const char *policy;
		enum statement_login came;
		const char *why; /* "": taken */
	} cases[] = {
	    {"never", STATEMENT_PAM, ""},
	    {"password", STATEMENT_SESSION, "again"},
	    {"password", STATEMENT_PAM, "again"},
	    {"password", STATEMENT_PAM_AGAIN, ""},
	    {"password", STATEMENT_PAM_SECOND, ""},
	    {"second", STATEMENT_PAM, "second"},
	    {"second", STATEMENT_PAM_AGAIN, "second"},
	    {"second", STATEMENT_PAM_SECOND, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct play play;
		enum err_code got;

		play_open(&play);
		policy(&play, "stepup.approve", cases[i].policy);
		approving_offer(&play.jiro, &play.stage);
		play.jiro.statement.authenticated =
		    statement_login_word(cases[i].came);
		play.jiro.offer.authenticated =
		    play.jiro.statement.authenticated;
		approving_sign(&play.jiro);
		got = take(&play, &play.jiro);
		assert_int_equal(
		    got, *cases[i].why ? E_APPROVAL_STEPUP : E_NONE);
		assert_string_equal(err_find(&play.err, "why"), cases[i].why);
		assert_int_equal(
		    launch(&play), *cases[i].why ? E_APPROVAL_NEEDED : E_NONE);
		play_close(&play);
	}
}

/* One cannot say it in the row alone: the words are signed. */
static void
signing_in_is_part_of_what_is_signed(void **state)
{
	struct play play;

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	assert_int_equal(launch(&play), E_NONE);
	policy(&play, "stepup.approve", "password");
	assert_int_equal(launch(&play), E_APPROVAL_STEPUP);
	stage_sql(&play.stage, "UPDATE approval SET pam = 2");
	assert_int_equal(launch(&play), E_APPROVAL_CHANGED);
	play_close(&play);
}

/* ---- Differences ----------------------------------------------------------------------- */

/* A campaign to the same list that was launched long ago: from another address,
 * to somebody who is gone, and without somebody who is new. */
static void
launched_before(struct stage *stage)
{
	stage_sql(stage,
	    "INSERT INTO campaign(name, class, state, list, from_name,"
	    " from_address, reply_to, subject, body, revision, created_ms,"
	    " created_by, changed_ms, changed_by) SELECT 'October news', class,"
	    " 3, list, from_name, 'old@example.com', reply_to, subject,"
	    " 'See https://old.example/x and https://a.example/1', 1, 1, 'x', "
	    "1, 'x' FROM campaign"
	    " WHERE id = 1");
	stage_sql(stage,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) SELECT (SELECT max(id) FROM campaign), id,"
	    " CASE id WHEN 12 THEN 99 ELSE id END, 'gone@example.jp', canon,"
	    " name, fields, zeroblob(32) FROM contact");
	stage_sql(stage,
	    "INSERT INTO run(campaign, state, why, total, started_ms, ended_ms,"
	    " by, digest) SELECT max(id), 3, '', 12, 86400000, 86400000, 'x',"
	    " x'00' FROM campaign");
}

static void
read_dossier(struct play *play, struct dossier **out)
{
	struct dossier_watch watch = {.cancel = NULL};
	struct buf octets = BUF_INIT;

	assert_ok(dossier_make(play->stage.store, play->stage.campaign,
		      clock_now_ms(play->stage.world.clock), &watch, &octets,
		      &play->err),
	    &play->err);
	assert_ok(dossier_read(buf_span(&octets), out, &play->err), &play->err);
	buf_done(&octets);
}

static const struct compared_item *
item_of(const struct dossier *dossier, enum consequence_kind kind)
{
	for (size_t i = 0; i < dossier->before.count; i++) {
		if (dossier->before.all[i].kind == kind)
			return &dossier->before.all[i];
	}
	fail_msg("no difference of kind %d", (int)kind);
	return NULL;
}

/* Read by the approver, out of the text whose SHA-256 is signed. */
static void
differences_are_read_and_signed(void **state)
{
	struct play play;
	struct dossier *dossier = NULL;
	const struct compared_item *from;
	struct digest digest;

	(void)state;
	play.err = (struct err){0};
	stage_open(&play.stage, &few);
	policy(&play, "approval.when", "always");
	launched_before(&play.stage);
	stage_seal(&play.stage);
	approving_open(&play.jiro, play.stage.store, "jiro", JIRO);
	read_dossier(&play, &dossier);
	assert_true(dossier->before.is_there);
	assert_int_equal(dossier->before.like, LIKE_LIST);
	assert_span_equal(dossier->before.name, "October news");
	assert_span_equal(dossier->before.at, "1970-01-02T00:00:00.000Z");
	assert_int_equal(dossier->before.recipients, 12);
	assert_int_equal(dossier->before.both, 11);
	from = item_of(dossier, CONSEQUENCE_FROM);
	assert_span_equal(from->before, "old@example.com");
	assert_true(from->now.len > 0);
	assert_span_equal(item_of(dossier, CONSEQUENCE_LINK_GONE)->before,
	    "https://old.example/x");
	assert_int_equal(item_of(dossier, CONSEQUENCE_JOINED)->count, 1);
	assert_int_equal(item_of(dossier, CONSEQUENCE_LEFT)->count, 1);
	/* no address of a recipient is in what goes into evidence packs */
	assert_true(span_search(dossier->manifest, SPAN("gone@example.jp")) ==
		    dossier->manifest.len);
	crypt_sha256(dossier->manifest, &digest);
	approving_approve(&play.jiro, &play.stage);
	assert_true(digest_equal(&digest, &play.jiro.statement.manifest));
	assert_int_equal(launch(&play), E_NONE);
	/* one octet of them, in the row, and nothing fits any more */
	stage_sql(&play.stage,
	    "UPDATE review SET differences ="
	    " replace(differences, 'old@example.com', 'old@example.org')");
	assert_int_equal(launch(&play), E_REVIEW_SEAL);
	dossier_free(&dossier);
	play_close(&play);
}

/* Of two runs over the same rows. */
static void
differences_are_the_same_text_each_time(void **state)
{
	struct stage stage;
	struct consequences *found = NULL;
	struct buf text[2] = {BUF_INIT, BUF_INIT};
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	stage_open(&stage, &few);
	launched_before(&stage);
	stage_seal(&stage);
	assert_ok(store_reader_open(stage.store, &db, &err), &err);
	for (int i = 0; i < 2; i++) {
		assert_ok(
		    consequences_find(db, stage.campaign, NULL, &found, &err),
		    &err);
		compared_write(found, &text[i]);
		consequences_free(&found);
	}
	assert_string_equal(text[0].ptr, text[1].ptr);
	/* within a kind as they stand in the text */
	assert_true(span_search(buf_span(&text[0]), SPAN("old.example/x")) <
		    span_search(buf_span(&text[0]), SPAN("a.example/1")));
	store_reader_close(&db);
	buf_done(&text[0]);
	buf_done(&text[1]);
	stage_close(&stage);
}

static void
a_first_campaign_says_so(void **state)
{
	struct play play;
	struct dossier *dossier = NULL;

	(void)state;
	play_open(&play);
	read_dossier(&play, &dossier);
	assert_true(dossier->before.is_there);
	assert_int_equal(dossier->before.campaign, 0);
	assert_int_equal(dossier->before.count, 0);
	dossier_free(&dossier);
	play_close(&play);
}

/* A store that is not what it says: its text is another one than is signed. */
static void
a_dossier_must_hold_what_is_signed(void **state)
{
	struct play play;
	struct dossier_watch watch = {.cancel = NULL};
	struct dossier *dossier = NULL;
	struct buf octets = BUF_INIT;
	size_t at;

	(void)state;
	play_open(&play);
	assert_ok(dossier_make(play.stage.store, play.stage.campaign,
		      clock_now_ms(play.stage.world.clock), &watch, &octets,
		      &play.err),
	    &play.err);
	at = span_search(buf_span(&octets), SPAN("recipients 12 expected"));
	assert_true(at < octets.len);
	octets.ptr[at + 11] = '9';
	assert_int_equal(
	    dossier_read(buf_span(&octets), &dossier, &play.err), -1);
	assert_int_equal(play.err.code, E_APPROVAL_DOSSIER);
	buf_done(&octets);
	play_close(&play);
}

/* ---- The text, read back --------------------------------------------------------------- */

static void
malformed_differences_are_refused(void **state)
{
#define BASE "compared-with 3 same-list 2026 recipients 4 both 3 x\n"
	static const struct {
		const char *text;
		bool good;
		size_t count;
	} cases[] = {
	    {"", true, 0},
	    {"compared-with 0\n", true, 0},
	    {"compared-with 0 x\n", false, 0},
	    {"compared-with -1\n", false, 0},
	    {"compared-with\n", true, 0},
	    {BASE, true, 0},
	    {"compared-with 3 same-segment 2026 recipients 4 both 3 x\n", true,
		0},
	    {BASE BASE, false, 0},
	    {"compared-with 3 other 2026 recipients 4 both 3 x\n", false, 0},
	    {"differs joined 3\n", false, 0},
	    {BASE "differs joined 3\ndiffers left 1\n", true, 2},
	    {BASE "differs joined\n", false, 0},
	    {BASE "differs joined 3 4\n", false, 0},
	    {BASE "differs colour\n  before a\n  now b\n", false, 0},
	    {BASE "differs from\n  before a\n  now b\n", true, 1},
	    {BASE "differs from\n  before a\n", false, 0},
	    {BASE "differs from\n  now b\n  before a\n", false, 0},
	    /* what people write is no difference */
	    {BASE "check X\nanswer X y\n  differs from\n", true, 0},
	    {"check X\ndiffers nothing\n", true, 0},
	};
#undef BASE
	struct compared *out = mem_new(sizeof *out);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool good = compared_read(span_of(cases[i].text), out);

		if (good != cases[i].good ||
		    (good && out->count != cases[i].count))
			fail_msg(
			    "%s: %d, %zu", cases[i].text, good, out->count);
	}
	free(out);
}

/* ---- The line of the checklist ---------------------------------------------------------- */

/* Where the policy wants nobody, the line says what the policy is. */
static void
the_checklist_says_when_nobody_is_asked(void **state)
{
	static const struct {
		const char *when, *facts;
		enum check_state state;
	} cases[] = {
	    {"never", "approval=none when=never over=100", CHECK_NOT_EVALUATED},
	    {"ads", "approval=none when=ads over=100", CHECK_NOT_EVALUATED},
	    {"always", "approval=follows", CHECK_PASS},
	};
	struct play play;

	(void)state;
	play.err = (struct err){0};
	stage_open(&play.stage, &few);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct review *review = NULL;
		const struct check_result *all;
		size_t count, at = 0;

		policy(&play, "approval.when", cases[i].when);
		assert_ok(review_open(play.stage.store, &play.stage.world,
			      play.stage.campaign, &review, &play.err),
		    &play.err);
		assert_ok(checklist_run(review, &play.err), &play.err);
		all = review_results(review, &count);
		while (at < count && strcmp(all[at].check->id, "PP-01") != 0)
			at++;
		assert_true(at < count);
		assert_int_equal(all[at].state, cases[i].state);
		assert_string_equal(all[at].facts, cases[i].facts);
		review_free(&review);
	}
	stage_close(&play.stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(five_wrong_codes_close_a_seal_for_one_person),
	    cmocka_unit_test(a_new_seal_gives_new_tries),
	    cmocka_unit_test(an_author_cannot_guess),
	    cmocka_unit_test(the_policy_says_how_one_signs_in),
	    cmocka_unit_test(signing_in_is_part_of_what_is_signed),
	    cmocka_unit_test(differences_are_read_and_signed),
	    cmocka_unit_test(differences_are_the_same_text_each_time),
	    cmocka_unit_test(a_first_campaign_says_so),
	    cmocka_unit_test(a_dossier_must_hold_what_is_signed),
	    cmocka_unit_test(malformed_differences_are_refused),
	    cmocka_unit_test(the_checklist_says_when_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
