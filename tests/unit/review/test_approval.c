/* Four eyes: when a second person is needed, who that may be, what a signature
 * binds, and that whatever is changed afterwards voids it. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fake/approving.h"
#include "tests/fake/tempstore.h"

enum { JIRO = 1002, HOUR_MS = 3600 * 1000 };

static const struct stage_params few = {.recipients = 12,
    .class = CLASS_AD,
    .manners = PRACTICE_PLAIN,
    .clock = STAGE_CLOCK_FAKE};

struct play {
	struct stage stage;
	struct approving jiro;
};

static void
policy(struct play *play, const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(
	    setting_write(play->stage.store, name, span_of(value), &err), &err);
}

/* A sealed campaign that needs a second person, and jiro, who may. */
static void
play_open(struct play *play)
{
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

static int64_t
now_of(struct play *play)
{
	return clock_now_ms(play->stage.world.clock);
}

/* What the launch says; *what is the first fact's value. */
static enum err_code
launch(struct play *play, char what[ERR_VALUE_MAX + 1])
{
	struct clearance *clearance = NULL;
	struct err err = {0};
	int rc = clearance_grant(play->stage.store, &play->stage.world,
	    play->stage.campaign, &clearance, &err);
	const char *word = err_find(&err, "why");

	if (!*word)
		word = err_find(&err, "what");
	if (what)
		span_text(what, ERR_VALUE_MAX + 1, span_of(word));
	if (rc == 0)
		clearance_free(&clearance);
	return rc == 0 ? E_NONE : err.code;
}

static enum err_code
take(struct play *play, char what[ERR_VALUE_MAX + 1])
{
	struct err err = {0};
	int rc = approval_take(
	    play->stage.store, &play->jiro.offer, now_of(play), &err);
	const char *word = err_find(&err, "why");

	if (!*word)
		word = err_find(&err, "what");
	if (what)
		span_text(what, ERR_VALUE_MAX + 1, span_of(word));
	return rc == 0 ? E_NONE : err.code;
}

static void
state_of(struct play *play, struct approval_state *out)
{
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(play->stage.store, &db, &err), &err);
	assert_ok(approval_state(play->stage.store, db, play->stage.campaign,
		      now_of(play), out, &err),
	    &err);
	store_reader_close(&db);
}

/* ---- When ------------------------------------------------------------------------ */

static void
policy_says_when(void **state)
{
	static const struct {
		const char *when, *over;
		enum campaign_class class;
		int64_t recipients;
		enum approval_need need;
	} cases[] = {
	    {"ads", "100", CLASS_AD, 101, APPROVAL_BY_POLICY},
	    {"ads", "100", CLASS_AD, 100, APPROVAL_NOT_NEEDED},
	    {"ads", "0", CLASS_AD, 1, APPROVAL_BY_POLICY},
	    {"ads", "100", CLASS_TX, 100000, APPROVAL_NOT_NEEDED},
	    {"ads", "100", CLASS_NOTICE, 101, APPROVAL_NOT_NEEDED},
	    {"always", "100", CLASS_TX, 1, APPROVAL_BY_POLICY},
	    {"never", "0", CLASS_AD, 100000, APPROVAL_NOT_NEEDED},
	};
	struct stage stage;
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	stage_open(&stage, &few);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum approval_need need = APPROVAL_BY_OVERRIDE;

		assert_ok(setting_write(stage.store, "approval.when",
			      span_of(cases[i].when), &err),
		    &err);
		assert_ok(setting_write(stage.store, "approval.over",
			      span_of(cases[i].over), &err),
		    &err);
		assert_ok(store_reader_open(stage.store, &db, &err), &err);
		assert_ok(approval_policy(db, cases[i].class,
			      cases[i].recipients, &need, &err),
		    &err);
		store_reader_close(&db);
		if (need != cases[i].need)
			fail_msg("case %zu: %d", i, need);
	}
	stage_close(&stage);
}

static void
an_approval_opens_the_launch(void **state)
{
	struct play play;
	struct approval_state now;
	char what[ERR_VALUE_MAX + 1];

	(void)state;
	play_open(&play);
	assert_int_equal(launch(&play, what), E_APPROVAL_NEEDED);
	assert_string_equal(what, "policy");
	state_of(&play, &now);
	assert_int_equal(now.step, APPROVAL_WAITING);
	approving_approve(&play.jiro, &play.stage);
	state_of(&play, &now);
	assert_int_equal(now.step, APPROVAL_GIVEN);
	assert_string_equal(now.login, "jiro");
	assert_string_equal(now.words, "read on paper");
	assert_int_equal(launch(&play, what), E_NONE);
	assert_int_equal(
	    stage_number(&play.stage, "SELECT count(*) FROM audit WHERE"
				      " what = 'approval.take'"),
	    1);
	play_close(&play);
}

/* ---- Who ------------------------------------------------------------------------- */

static void
who_had_a_hand_in_it_cannot(void **state)
{
	static const struct {
		const char *login;
		uid_t uid;
		const char *sql, *why;
	} cases[] = {
	    {"jiro", JIRO, "UPDATE campaign SET created_by = 'jiro'", "author"},
	    {"jiro", JIRO, "UPDATE campaign SET changed_by = 'jiro'", "author"},
	    {"jiro", JIRO,
		"INSERT INTO draft_version(campaign, revision, at_ms, by,"
		" subject, body) VALUES(1, 90, 99, 'jiro', 's', 'b')",
		"author"},
	    {"jiro", JIRO, "UPDATE person SET roles = 2 WHERE login = 'jiro'",
		"role"},
	    {"jiro", JIRO,
		"UPDATE person SET disabled = 1 WHERE login = 'jiro'", "role"},
	    {"jiro", JIRO, "DELETE FROM person WHERE login = 'jiro'", "role"},
	    {"jiro", 0, "SELECT 1", "uid"},
	    {"tester", JIRO, "SELECT 1", "operator"},
	    /* another name of root's */
	    {"jiro", JIRO, "UPDATE approver_key SET uid = 1003", "none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct play play;
		char what[ERR_VALUE_MAX + 1];

		play_open(&play);
		stage_sql(&play.stage, cases[i].sql);
		play.jiro.login = cases[i].login;
		play.jiro.uid = cases[i].uid;
		approving_offer(&play.jiro, &play.stage);
		if (take(&play, what) == E_NONE || strcmp(what, cases[i].why))
			fail_msg("case %zu: %s", i, what);
		play_close(&play);
	}
}

/* Two logins with one number are one person. */
static void
one_number_is_one_person(void **state)
{
	struct play play;
	char what[ERR_VALUE_MAX + 1];

	(void)state;
	play_open(&play);
	stage_sql(&play.stage, "UPDATE campaign SET created_by = 'daemon'");
	play.jiro.uid = 1; /* daemon's, on every Debian */
	stage_sql(&play.stage, "UPDATE approver_key SET uid = 1");
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(take(&play, what), E_APPROVAL_WHO);
	assert_string_equal(what, "uid");
	play_close(&play);
}

static void
who_approved_cannot_launch(void **state)
{
	struct play play;
	char what[ERR_VALUE_MAX + 1];

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	stage_sql(&play.stage,
	    "UPDATE approval SET login = 'tester' WHERE login = 'jiro'");
	assert_int_equal(launch(&play, what), E_APPROVAL_WHO);
	assert_string_equal(what, "operator");
	play_close(&play);
}

/* ---- What was signed --------------------------------------------------------------- */

/* Changes one line of what is to be signed; false behind the last. */
static bool
change_line(struct approval_text *text, int i)
{
	switch (i) {
	case 0:
		text->recipients++;
		break;
	case 1:
		text->subject = SPAN("another subject");
		break;
	case 2:
		text->from = SPAN("Somebody <else@example.jp>");
		break;
	case 3:
		text->root.bytes[0] ^= 1;
		break;
	case 4:
		text->manifest.bytes[0] ^= 1;
		break;
	case 5:
		text->first_ms = 1;
		break;
	case 6:
		text->campaign++;
		break;
	case 7:
		text->store = SPAN("0123456789abcdef");
		break;
	case 8:
		text->uid++;
		break;
	case 9:
		text->login = SPAN("saburo");
		break;
	case 10:
		text->note = SPAN("another note");
		break;
	case 11:
		text->expires_ms += HOUR_MS;
		break;
	case 12:
		text->key.bytes[0] ^= 1;
		break;
	case 13:
		text->authenticated = SPAN("session");
		break;
	case 14:
		text->class = SPAN("tx");
		break;
	case 15:
		text->overrides = 1;
		text->override[0] = (struct statement_override){
		    SPAN("LC-06"), SPAN("a"), SPAN("b")};
		break;
	default:
		return false;
	}
	return true;
}

static void
a_statement_must_be_what_is_sealed(void **state)
{
	struct play play;
	char what[ERR_VALUE_MAX + 1];
	int lines = 0;

	(void)state;
	play_open(&play);
	approving_offer(&play.jiro, &play.stage);
	while (change_line(&play.jiro.statement, lines)) {
		enum err_code got;

		approving_sign(&play.jiro);
		got = take(&play, what);
		if (got != E_APPROVAL_CHANGED || strcmp(what, "statement"))
			fail_msg("line %d: %s %s", lines, err_name(got), what);
		approving_offer(&play.jiro, &play.stage);
		lines++;
	}
	assert_int_equal(lines, 16);
	play.jiro.offer.signature.bytes[7] ^= 1;
	assert_int_equal(take(&play, what), E_APPROVAL_SIGNATURE);
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(take(&play, what), E_NONE);
	play_close(&play);
}

static void
an_offer_is_made_now_and_once(void **state)
{
	struct play play;
	char what[ERR_VALUE_MAX + 1];

	(void)state;
	play_open(&play);
	approving_offer(&play.jiro, &play.stage);
	play.jiro.offer.html_code = SPAN("AAAAAA");
	assert_int_equal(take(&play, what), E_APPROVAL_CODE);
	approving_offer(&play.jiro, &play.stage);
	play.jiro.offer.reasons = 1;
	play.jiro.offer.reason[0] = SPAN("for nothing at all");
	assert_int_equal(take(&play, what), E_APPROVAL_OPEN);
	approving_offer(&play.jiro, &play.stage);
	fake_clock_move(&play.stage.clock, 6 * 60 * 1000);
	assert_int_equal(take(&play, what), E_APPROVAL_CHANGED);
	assert_string_equal(what, "clock");
	approving_offer(&play.jiro, &play.stage);
	play.jiro.offer.expires_ms += HOUR_MS;
	play.jiro.statement.expires_ms += HOUR_MS;
	approving_sign(&play.jiro);
	assert_int_equal(take(&play, what), E_APPROVAL_LATE);
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(take(&play, what), E_NONE);
	assert_int_equal(take(&play, what), E_APPROVAL_CHANGED);
	assert_string_equal(what, "replay");
	play_close(&play);
}

/* ---- What voids it ------------------------------------------------------------------ */

static void
whatever_is_changed_voids_it(void **state)
{
	static const struct {
		const char *sql;
		enum err_code code;
	} cases[] = {
	    {"UPDATE approval SET statement = x'20'", E_APPROVAL_CHANGED},
	    {"UPDATE approval SET note = 'another'", E_APPROVAL_CHANGED},
	    {"UPDATE approval SET signature = zeroblob(64)",
		E_APPROVAL_SIGNATURE},
	    {"UPDATE approval SET signature = x''", E_APPROVAL_SIGNATURE},
	    {"UPDATE approval SET digest = zeroblob(32)", E_APPROVAL_CHANGED},
	    {"UPDATE approval SET expires_ms = expires_ms + 1",
		E_APPROVAL_LATE},
	    {"UPDATE approval SET at_ms = at_ms + 1", E_APPROVAL_CHANGED},
	    {"UPDATE approval SET pam = 0", E_APPROVAL_CHANGED},
	    {"DELETE FROM approval", E_APPROVAL_NEEDED},
	    {"UPDATE approver_key SET key = zeroblob(32)", E_APPROVER_KEY},
	    {"UPDATE approver_key SET state = 3", E_APPROVER_KEY},
	    {"UPDATE approver_key SET state = 0", E_APPROVER_KEY},
	    {"DELETE FROM approver_key", E_APPROVER_KEY},
	    {"UPDATE person SET roles = 8 WHERE login = 'jiro'",
		E_APPROVAL_WHO},
	    {"UPDATE campaign SET changed_by = 'jiro'", E_APPROVAL_WHO},
	    {"UPDATE campaign SET subject = 'x'", E_REVIEW_SEAL},
	    {"UPDATE campaign SET name = 'x'", E_APPROVAL_CHANGED},
	    {"UPDATE review SET recipients = 13", E_REVIEW_SEAL},
	    {"UPDATE review SET digest = zeroblob(32)", E_REVIEW_SEAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct play play;
		enum err_code got;
		char what[ERR_VALUE_MAX + 1];

		play_open(&play);
		approving_approve(&play.jiro, &play.stage);
		assert_int_equal(launch(&play, what), E_NONE);
		stage_sql(&play.stage, cases[i].sql);
		got = launch(&play, what);
		if (got != cases[i].code)
			fail_msg(
			    "%s: %s %s", cases[i].sql, err_name(got), what);
		play_close(&play);
	}
}

/* A key of one's own, put in with another program together with a signature
 * of it: the row lacks the store's MAC. */
static void
a_key_of_ones_own_does_not_help(void **state)
{
	struct play play;
	char what[ERR_VALUE_MAX + 1];

	(void)state;
	play_open(&play);
	stage_sql(&play.stage,
	    "UPDATE approver_key SET login = 'saburo', uid = 1009");
	stage_sql(&play.stage, "UPDATE person SET login = 'saburo'"
			       " WHERE login = 'jiro'");
	play.jiro.login = "saburo";
	play.jiro.uid = 1009;
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(take(&play, what), E_APPROVER_KEY);
	assert_string_equal(what, "altered");
	play_close(&play);
}

static void
it_expires(void **state)
{
	struct play play;
	struct approval_state now;

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	fake_clock_move(&play.stage.clock, 24 * HOUR_MS);
	state_of(&play, &now);
	assert_int_equal(now.step, APPROVAL_VOID);
	assert_int_equal(now.why.code, E_APPROVAL_LATE);
	assert_int_equal(launch(&play, NULL), E_APPROVAL_LATE);
	play_close(&play);
}

/* A shorter policy counts at once. */
static void
the_policy_may_shorten_it(void **state)
{
	struct play play;

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	policy(&play, "approval.hours", "1");
	assert_int_equal(launch(&play, NULL), E_APPROVAL_LATE);
	play_close(&play);
}

static void
a_new_seal_needs_a_new_one(void **state)
{
	struct play play;
	struct campaign campaign = CAMPAIGN_INIT;
	struct approval_state now;
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	assert_ok(store_reader_open(play.stage.store, &db, &err), &err);
	assert_ok(
	    campaign_read(db, play.stage.campaign, &campaign, &err), &err);
	store_reader_close(&db);
	buf_text(&campaign.body, "\nOne more line for everybody to read.\n");
	assert_ok(campaign_save(play.stage.store, &campaign, &err), &err);
	campaign_done(&campaign);
	stage_seal(&play.stage);
	assert_int_equal(launch(&play, NULL), E_APPROVAL_CHANGED);
	state_of(&play, &now);
	assert_int_equal(now.step, APPROVAL_VOID);
	/* the approval of before, offered again */
	assert_int_equal(take(&play, NULL), E_APPROVAL_CHANGED);
	approving_approve(&play.jiro, &play.stage);
	assert_int_equal(launch(&play, NULL), E_NONE);
	play_close(&play);
}

/* ---- Rejecting ------------------------------------------------------------------------ */

static void
a_rejection_goes_back_to_draft(void **state)
{
	struct play play;
	struct approval_state now;
	struct err err = {0};

	(void)state;
	play_open(&play);
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(approval_reject(play.stage.store, &play.jiro.offer,
			     SPAN("no"), now_of(&play), &err),
	    -1);
	assert_int_equal(err.code, E_APPROVAL_REASON);
	assert_ok(approval_reject(play.stage.store, &play.jiro.offer,
		      SPAN("The price on page two is last year's."),
		      now_of(&play), &err),
	    &err);
	state_of(&play, &now);
	assert_int_equal(now.step, APPROVAL_REJECTED);
	assert_string_equal(now.words, "The price on page two is last year's.");
	assert_int_equal(
	    stage_number(&play.stage, "SELECT state FROM campaign"),
	    CAMPAIGN_DRAFT);
	assert_int_equal(launch(&play, NULL), E_CAMPAIGN_STATE);
	stage_seal(&play.stage);
	assert_int_not_equal(launch(&play, NULL), E_NONE);
	approving_approve(&play.jiro, &play.stage);
	assert_int_equal(launch(&play, NULL), E_NONE);
	/* a rejection after the approval wins, however it is dated */
	assert_ok(approval_reject(play.stage.store, &play.jiro.offer,
		      SPAN("I have looked at it again."), 1, &err),
	    &err);
	stage_seal(&play.stage);
	assert_int_not_equal(launch(&play, NULL), E_NONE);
	play_close(&play);
}

static void
only_approvers_reject(void **state)
{
	struct play play;
	struct err err = {0};

	(void)state;
	play_open(&play);
	approving_offer(&play.jiro, &play.stage);
	play.jiro.offer.login = "saburo";
	assert_int_equal(
	    approval_reject(play.stage.store, &play.jiro.offer,
		SPAN("I do not like the colours."), now_of(&play), &err),
	    -1);
	assert_int_equal(err.code, E_APPROVAL_WHO);
	play_close(&play);
}

/* ---- For evidence ----------------------------------------------------------------------- */

static int
check_record(void *arg, const struct approval_record *record)
{
	struct ed25519_signature signature;

	(*(int *)arg)++;
	assert_int_equal(record->verdict, VERDICT_APPROVED);
	assert_span_equal(record->login, "jiro");
	assert_int_equal(record->signature.len, ED25519_SIGNATURE_LEN);
	memcpy(signature.bytes, record->signature.ptr, sizeof signature.bytes);
	assert_true(
	    ed25519_verify(&record->key, record->statement, &signature));
	return 0;
}

static void
decisions_can_be_read(void **state)
{
	struct play play;
	struct err err = {0};
	struct db *db = NULL;
	int count = 0;

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	assert_ok(store_reader_open(play.stage.store, &db, &err), &err);
	assert_int_equal(
	    approval_each(db, play.stage.campaign, check_record, &count, &err),
	    0);
	assert_int_equal(count, 1);
	store_reader_close(&db);
	play_close(&play);
}

/* ---- With stock tools --------------------------------------------------------------------- */

static void
put(const char *dir, const char *name, struct span data)
{
	struct buf path = BUF_INIT;
	struct err err = {0};

	buf_printf(&path, "%s/%s", dir, name);
	assert_ok(file_replace(path.ptr, data, 0600, &err), &err);
	buf_done(&path);
}

/* What a command says on standard output; it must succeed. */
static void
says(const char *dir, struct span command, struct buf *out)
{
	struct buf line = BUF_INIT, path = BUF_INIT;
	struct err err = {0};
	int status;
	pid_t child;

	buf_printf(&line, "cd %s && %.*s >said", dir, SPAN_ARG(command));
	buf_printf(&path, "%s/said", dir);
	child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", line.ptr, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status)
		fail_msg("%s: %d", line.ptr, status);
	buf_clear(out);
	assert_ok(file_read(path.ptr, 10000, out, &err), &err);
	buf_done(&line);
	buf_done(&path);
}

static int
keep_record(void *arg, const struct approval_record *record)
{
	const char *dir = arg;
	struct buf pem = BUF_INIT;

	put(dir, "approval.txt", record->statement);
	put(dir, "approval.sig", record->signature);
	ed25519_pem(&record->key, &pem);
	put(dir, "jiro.pem", buf_span(&pem));
	buf_done(&pem);
	return 0;
}

static void
keep_files(struct play *play, const char *dir)
{
	struct buf manifest = BUF_INIT;
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(play->stage.store, &db, &err), &err);
	assert_int_equal(approval_each(db, play->stage.campaign, keep_record,
			     (void *)(uintptr_t)dir, &err),
	    0);
	assert_ok(
	    review_manifest(db, play->stage.campaign, &manifest, &err), &err);
	put(dir, "manifest.txt", buf_span(&manifest));
	store_reader_close(&db);
	buf_done(&manifest);
}

/* The commands are those that stand in docs/approval.md. */
static void
anybody_can_verify(void **state)
{
	struct play play;
	struct buf manual = BUF_INIT, said = BUF_INIT, wanted = BUF_INIT;
	char *dir = tempdir_new();
	struct err err = {0};
	struct span rest;
	int commands = 0;

	(void)state;
	play_open(&play);
	approving_approve(&play.jiro, &play.stage);
	keep_files(&play, dir);
	assert_ok(file_read("docs/approval.md", 100000, &manual, &err), &err);
	rest = buf_span(&manual);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');
		struct span command = span_trim(line);

		if (!span_starts(line, SPAN("    ")) ||
		    (!span_starts(command, SPAN("openssl ")) &&
			!span_starts(command, SPAN("sha256sum "))))
			continue;
		says(dir, command, &said);
		buf_clear(&wanted);
		if (commands == 0) {
			buf_text(&wanted, "Signature Verified Successfully");
		} else if (commands == 1) {
			crypt_hex(&wanted,
			    span_make(play.jiro.statement.manifest.bytes,
				SHA256_LEN));
		} else {
			crypt_hex(
			    &wanted, span_make(play.jiro.statement.key.bytes,
					 SHA256_LEN));
		}
		assert_true(span_starts(buf_span(&said), buf_span(&wanted)));
		if (commands > 0) /* and it stands in what was signed */
			assert_true(
			    span_search(buf_span(&play.jiro.text),
				buf_span(&wanted)) < play.jiro.text.len);
		commands++;
	}
	assert_int_equal(commands, 3);
	tempdir_remove(&dir);
	buf_done(&manual);
	buf_done(&said);
	buf_done(&wanted);
	play_close(&play);
}

/* ---- Looking ------------------------------------------------------------------------------- */

static void
a_dossier_shows_everything(void **state)
{
	struct play play;
	struct dossier *dossier = NULL;
	struct vetting look = {.ticked = 0};
	struct dossier_watch watch = {.cancel = NULL};
	struct buf octets = BUF_INIT;
	struct err err = {0};

	(void)state;
	play_open(&play);
	approving_offer(&play.jiro, &play.stage);
	assert_ok(dossier_make(play.stage.store, play.stage.campaign,
		      now_of(&play), &watch, &octets, &err),
	    &err);
	assert_ok(dossier_read(buf_span(&octets), &dossier, &err), &err);
	assert_true(digest_equal(
	    &dossier->subject.manifest, &play.jiro.statement.manifest));
	assert_int_equal(dossier->subject.recipients, 12);
	assert_true(dossier->samples >= 5);
	assert_true(dossier->checks > 60);
	assert_int_equal(dossier->seconds, 3);
	assert_string_equal(vetting_missing(&look, dossier), "summary");
	look.summary_read = look.checks_read = true;
	for (size_t i = 0; i < dossier->samples; i++) {
		assert_string_equal(vetting_missing(&look, dossier), "samples");
		vetting_saw(&look, i, 2999, true);
		assert_false(vetting_sample_done(&look, dossier, i));
		vetting_saw(&look, i, 1, false);
		assert_true(vetting_sample_done(&look, dossier, i));
	}
	look.ticked = dossier->facts;
	assert_string_equal(vetting_missing(&look, dossier), "count");
	assert_int_equal(
	    vetting_count(&look, dossier, SPAN("1,2"), 100), VETTING_RIGHT);
	assert_string_equal(vetting_missing(&look, dossier), "time");
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("12:00"), 100), VETTING_WRONG);
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("then"), 100), VETTING_PAUSE);
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("now"), 60099), VETTING_PAUSE);
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("now"), 60100), VETTING_RIGHT);
	assert_null(vetting_missing(&look, dossier));
	/* a scheduled one: as it is shown, or the hour alone */
	dossier->subject.first_ms = 1795323600000;
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("2026-11-22 05:00 UTC"), 60100),
	    VETTING_RIGHT);
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("05:00"), 60100), VETTING_RIGHT);
	assert_int_equal(
	    vetting_time(&look, dossier, SPAN("now"), 60100), VETTING_WRONG);
	dossier_free(&dossier);
	buf_done(&octets);
	play_close(&play);
}

/* ---- Overrides -------------------------------------------------------------------------------- */

/* What only a second person may let pass asks for one, whatever the policy
 * says, and each takes a reason of theirs. */
static void
an_override_needs_a_second_person(void **state)
{
	struct play play;
	enum approval_need need;
	struct approval_text subject;
	struct err err = {0};
	struct db *db = NULL;

	(void)state;
	play_open(&play);
	policy(&play, "approval.when", "never");
	stage_sql(&play.stage,
	    "INSERT OR REPLACE INTO review_result(campaign, item, state, count,"
	    " facts, at_ms, answer, answered_by) VALUES(1, 'LC-06', 3, 4, '',"
	    " 1, 'The list of the fair.', 'tester')");
	assert_ok(store_reader_open(play.stage.store, &db, &err), &err);
	assert_ok(approval_needed(db, play.stage.campaign, &need, &err), &err);
	assert_int_equal(need, APPROVAL_BY_OVERRIDE);
	assert_ok(approval_subject(play.stage.store, db, play.stage.campaign,
		      play.jiro.arena, &subject, &err),
	    &err);
	assert_int_equal(subject.overrides, 1);
	assert_span_equal(subject.override[0].check, "LC-06");
	assert_span_equal(subject.override[0].asked, "The list of the fair.");
	store_reader_close(&db);
	approving_offer(&play.jiro, &play.stage);
	play.jiro.offer.reason[0] = SPAN("fine");
	assert_int_equal(take(&play, NULL), E_APPROVAL_REASON);
	play.jiro.offer.reasons = 0;
	assert_int_equal(take(&play, NULL), E_APPROVAL_OPEN);
	approving_offer(&play.jiro, &play.stage);
	assert_int_equal(take(&play, NULL), E_NONE);
	assert_true(span_search(buf_span(&play.jiro.text),
			SPAN("confirmed it by phone")) < play.jiro.text.len);
	play_close(&play);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(policy_says_when),
	    cmocka_unit_test(an_approval_opens_the_launch),
	    cmocka_unit_test(who_had_a_hand_in_it_cannot),
	    cmocka_unit_test(one_number_is_one_person),
	    cmocka_unit_test(who_approved_cannot_launch),
	    cmocka_unit_test(a_statement_must_be_what_is_sealed),
	    cmocka_unit_test(an_offer_is_made_now_and_once),
	    cmocka_unit_test(whatever_is_changed_voids_it),
	    cmocka_unit_test(a_key_of_ones_own_does_not_help),
	    cmocka_unit_test(it_expires),
	    cmocka_unit_test(the_policy_may_shorten_it),
	    cmocka_unit_test(a_new_seal_needs_a_new_one),
	    cmocka_unit_test(a_rejection_goes_back_to_draft),
	    cmocka_unit_test(only_approvers_reject),
	    cmocka_unit_test(decisions_can_be_read),
	    cmocka_unit_test(anybody_can_verify),
	    cmocka_unit_test(a_dossier_shows_everything),
	    cmocka_unit_test(an_override_needs_a_second_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
