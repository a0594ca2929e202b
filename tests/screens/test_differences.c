/* What a campaign does that the one before it did not, as it is shown: sender,
 * hosts, links and people; and that there is nothing to be compared with. */
#include "tests/unit/unit.h"

#include "tests/fake/show.h"
#include "tui/screens/screens.h"

static const struct stage_params few = {.recipients = 6,
    .class = CLASS_NOTICE,
    .body = "{{name|お客}}様\n\n[案内](https://www.example.jp/new)\n\n"
	    "[地図](https://maps.example.net/here)\n"};

/* The same list two days before: from another sender, with another link, to
 * somebody who is gone since and not to three who are new. */
static void
send_before(struct stage *stage)
{
	stage_sql(stage,
	    "INSERT INTO campaign(name, class, state, list, from_name,"
	    " from_address, reply_to, subject, body, revision, created_ms,"
	    " created_by, changed_ms, changed_by) SELECT '先月のご案内', class,"
	    " 3, list, 'Example', 'old@example.jp', reply_to, subject,"
	    " '[案内](https://www.example.jp/old)', 1, 1, 'x', 1, 'x'"
	    " FROM campaign WHERE id = 1");
	stage_sql(stage,
	    "INSERT INTO contact(id, address, canon, name, fields,"
	    " created_ms, changed_ms) VALUES(99, 'gone@example.jp',"
	    " 'gone@example.jp', '', '{}', 1, 1)");
	stage_sql(stage,
	    "INSERT INTO outbox(campaign, seq, contact, address, canon, name,"
	    " fields, leaf) SELECT 2, row_number() OVER (ORDER BY id), id,"
	    " address, canon, name, fields, zeroblob(32) FROM contact"
	    " WHERE id <= 3 OR id = 99");
	stage_sql(stage,
	    "INSERT INTO run(campaign, state, why, total, started_ms,"
	    " ended_ms, by, digest) VALUES(2, 3, '', 4, 1795000000000,"
	    " 1795000000000, 'x', x'00')");
}

static void
run_checks(struct show *show)
{
	struct review *review = NULL;
	struct err err = {0};

	assert_ok(review_open(show->stage.store, &show->stage.world,
		      show->stage.campaign, &review, &err),
	    &err);
	assert_ok(checklist_run(review, &err), &err);
	review_free(&review);
}

static void
what_is_new_is_shown(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &few);
	send_before(&show.stage);
	run_checks(&show);
	differences_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	assert_string_equal(show_top(&show), "differences");
	golden_check(&show.golden, "differences");
	assert_true(show_sees(&show, "+ news@example.jp"));
	golden_keys(&show.golden, "G");
	assert_true(show_sees(&show, "gone@example.jp"));
	golden_keys(&show.golden, "q");
	show_end(&show);
}

static void
nothing_came_before(void **state)
{
	struct show show;

	(void)state;
	show_start(&show, &few);
	run_checks(&show);
	differences_open(show.golden.app, show.stage.campaign);
	golden_settle(&show.golden);
	golden_check(&show.golden, "differences-first");
	show_end(&show);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_new_is_shown),
	    cmocka_unit_test(nothing_came_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
