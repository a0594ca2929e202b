/* After an approval whatever is changed in the usual way, by somebody who may,
 * closes the launch; and a new seal over the change does not open it again
 * without a new approval. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/attach/attach.h"
#include "tests/fake/approving.h"
#include "tests/fake/tempstore.h"

enum { JIRO = 1002, MINUTE_MS = 60 * 1000 };

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
play_open(struct play *play)
{
	play->err = (struct err){0};
	stage_open(&play->stage, &few);
	assert_ok(setting_write(play->stage.store, "approval.when",
		      SPAN("always"), &play->err),
	    &play->err);
	stage_seal(&play->stage);
	approving_open(&play->jiro, play->stage.store, "jiro", JIRO);
	approving_approve(&play->jiro, &play->stage);
}

static void
play_close(struct play *play)
{
	approving_close(&play->jiro);
	stage_close(&play->stage);
}

/* What the launch says; what: its first word. */
static enum err_code
launch(struct play *play, char what[ERR_VALUE_MAX + 1])
{
	struct clearance *clearance = NULL;
	struct err err = {0};
	int rc = clearance_grant(play->stage.store, &play->stage.world,
	    play->stage.campaign, &clearance, &err);

	span_text(what, ERR_VALUE_MAX + 1, span_of(err_find(&err, "what")));
	if (rc == 0)
		clearance_free(&clearance);
	return rc == 0 ? E_NONE : err.code;
}

static enum approval_step
step_of(struct play *play)
{
	struct approval_state now;
	struct err err = {0};
	struct db *db = NULL;

	assert_ok(store_reader_open(play->stage.store, &db, &err), &err);
	assert_ok(approval_state(play->stage.store, db, play->stage.campaign,
		      clock_now_ms(play->stage.world.clock), &now, &err),
	    &err);
	store_reader_close(&db);
	return now.step;
}

/* ---- One change each ------------------------------------------------------------- */

static void
edit(struct play *play, void (*change)(struct campaign *campaign))
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;

	assert_ok(
	    store_reader_open(play->stage.store, &db, &play->err), &play->err);
	assert_ok(
	    campaign_read(db, play->stage.campaign, &campaign, &play->err),
	    &play->err);
	store_reader_close(&db);
	change(&campaign);
	assert_ok(campaign_save(play->stage.store, &campaign, &play->err),
	    &play->err);
	campaign_done(&campaign);
}

static void
one_octet(struct campaign *campaign)
{
	buf_char(&campaign->body, '.');
}

static void
another_subject(struct campaign *campaign)
{
	buf_char(&campaign->subject, '.');
}

static void
another_sender(struct campaign *campaign)
{
	buf_char(&campaign->from_name, '.');
}

static void
another_time(struct campaign *campaign)
{
	campaign->send_at_ms = 4000000000000;
}

static void
body(struct play *play)
{
	edit(play, one_octet);
}

static void
subject(struct play *play)
{
	edit(play, another_subject);
}

static void
sender(struct play *play)
{
	edit(play, another_sender);
}

static void
schedule(struct play *play)
{
	edit(play, another_time);
}

static void
attachment(struct play *play)
{
	char *dir = tempdir_new();
	struct buf path = BUF_INIT;
	FILE *file;

	buf_printf(&path, "%s/terms.txt", dir);
	file = fopen(path.ptr, "w");
	assert_non_null(file);
	fputs("Terms of November.\n", file);
	fclose(file);
	assert_ok(attach_add(play->stage.store, play->stage.campaign, path.ptr,
		      ATTACH_ALL, &play->err),
	    &play->err);
	buf_done(&path);
	tempdir_remove(&dir);
}

static void
recipient_gone(struct play *play)
{
	stage_sql(&play->stage, "DELETE FROM outbox WHERE seq = 12");
}

static void
recipient_more(struct play *play)
{
	stage_sql(&play->stage,
	    "INSERT INTO outbox SELECT campaign, 13, contact, address, canon,"
	    " name, fields, leaf FROM outbox WHERE seq = 12");
}

static void
recipient_swapped(struct play *play)
{
	stage_sql(&play->stage,
	    "UPDATE outbox SET leaf = (SELECT leaf FROM outbox WHERE seq = 1)"
	    " WHERE seq = 2");
}

static void
relay(struct play *play)
{
	struct relay_config *all = NULL;
	struct db *db = NULL;
	size_t count;

	assert_ok(
	    store_reader_open(play->stage.store, &db, &play->err), &play->err);
	assert_ok(relay_all(db, &all, &count, &play->err), &play->err);
	store_reader_close(&db);
	assert_int_equal(count, 1);
	all[0].port++;
	assert_ok(
	    relay_save(play->stage.store, &all[0], &play->err), &play->err);
	free(all);
}

static void
canary_of_the_list(struct play *play)
{
	assert_ok(canary_add(play->stage.store, play->stage.list,
		      SPAN("watch@example.jp"), &play->err),
	    &play->err);
}

/* A member of this list becomes the mark of another one. */
static void
canary_of_another_list(struct play *play)
{
	struct list_id other;

	assert_ok(list_create(
		      play->stage.store, SPAN("Partners"), &other, &play->err),
	    &play->err);
	assert_ok(canary_add(play->stage.store, other,
		      SPAN("user00003@example.jp"), &play->err),
	    &play->err);
}

static void
color(struct play *play)
{
	assert_ok(list_color_set(play->stage.store, play->stage.list,
		      CIRCLE_PARTNERS, &play->err),
	    &play->err);
}

static void
footer(struct play *play)
{
	assert_ok(setting_write(play->stage.store, "legal.name",
		      SPAN("Other Inc."), &play->err),
	    &play->err);
}

enum then { THEN_SEAL_AGAIN, THEN_NOTHING };

static const struct {
	const char *name;
	void (*change)(struct play *play);
	enum err_code code;
	const char *what;
	enum approval_step step;
	enum then then; /* a relay that is elsewhere cannot be sealed */
} cases[] = {
    {"body", body, E_CAMPAIGN_STATE, "", APPROVAL_WAITING, THEN_SEAL_AGAIN},
    {"subject", subject, E_CAMPAIGN_STATE, "", APPROVAL_WAITING,
	THEN_SEAL_AGAIN},
    {"sender", sender, E_CAMPAIGN_STATE, "", APPROVAL_WAITING, THEN_SEAL_AGAIN},
    {"schedule", schedule, E_CAMPAIGN_STATE, "", APPROVAL_WAITING,
	THEN_SEAL_AGAIN},
    {"attachment", attachment, E_CAMPAIGN_STATE, "", APPROVAL_WAITING,
	THEN_SEAL_AGAIN},
    {"recipient gone", recipient_gone, E_REVIEW_SEAL, "recipients",
	APPROVAL_GIVEN, THEN_SEAL_AGAIN},
    {"recipient more", recipient_more, E_REVIEW_SEAL, "recipients",
	APPROVAL_GIVEN, THEN_SEAL_AGAIN},
    {"recipient swapped", recipient_swapped, E_REVIEW_SEAL, "recipients",
	APPROVAL_GIVEN, THEN_SEAL_AGAIN},
    {"relay", relay, E_REVIEW_SEAL, "content", APPROVAL_VOID, THEN_NOTHING},
    {"footer", footer, E_REVIEW_SEAL, "content", APPROVAL_VOID,
	THEN_SEAL_AGAIN},
    {"canary", canary_of_the_list, E_REVIEW_SEAL, "tripwires", APPROVAL_VOID,
	THEN_NOTHING},
    {"canary of another list", canary_of_another_list, E_REVIEW_SEAL,
	"tripwires", APPROVAL_VOID, THEN_NOTHING},
    {"color", color, E_REVIEW_SEAL, "tripwires", APPROVAL_VOID,
	THEN_SEAL_AGAIN},
};

static void
every_change_closes_the_launch(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char what[ERR_VALUE_MAX + 1];
		enum approval_step step;
		struct play play;
		enum err_code got;

		play_open(&play);
		assert_int_equal(launch(&play, what), E_NONE);
		assert_int_equal(step_of(&play), APPROVAL_GIVEN);
		cases[i].change(&play);
		got = launch(&play, what);
		step = step_of(&play);
		if (got != cases[i].code || strcmp(what, cases[i].what) ||
		    step != cases[i].step)
			fail_msg("%s: %s %s, step %d", cases[i].name,
			    err_name(got), what, (int)step);
		if (cases[i].then == THEN_SEAL_AGAIN) {
			fake_clock_move(&play.stage.clock, MINUTE_MS);
			stage_seal(&play.stage);
			got = launch(&play, what);
			if (got != E_APPROVAL_CHANGED)
				fail_msg("%s, sealed again: %s %s",
				    cases[i].name, err_name(got), what);
			assert_int_equal(step_of(&play), APPROVAL_VOID);
		}
		play_close(&play);
	}
}

/* A seal of before the change cannot be given after it either. */
static void
a_canary_between_checks_and_seal_is_seen(void **state)
{
	struct stage stage;
	struct review *review = NULL;
	const struct check_result *all;
	struct err err = {0};
	size_t count;

	(void)state;
	stage_open(&stage, &few);
	stage_seal(&stage);
	assert_ok(review_open(
		      stage.store, &stage.world, stage.campaign, &review, &err),
	    &err);
	assert_ok(
	    canary_add(stage.store, stage.list, SPAN("watch@example.jp"), &err),
	    &err);
	assert_int_equal(signoff_give(review, &err), -1);
	assert_int_equal(err.code, E_REVIEW_STALE);
	assert_string_equal(err_find(&err, "what"), "TW-02");
	review_free(&review);
	/* and who opens the checklist sees that it must run again */
	assert_ok(review_open(
		      stage.store, &stage.world, stage.campaign, &review, &err),
	    &err);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(all[i].state, CHECK_STALE);
	review_free(&review);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_change_closes_the_launch),
	    cmocka_unit_test(a_canary_between_checks_and_seal_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
