/* Which cells have an offer and what it takes; that nothing is repaired without
 * being accepted; what is found out about addresses on the way. */
#include "tests/unit/import/import_kit.h"

#include "core/mail/address.h"

enum {
	WIDTH = IMPORT_REPAIR_WIDTH,
	BLANK = IMPORT_REPAIR_BLANK,
	TAIL = IMPORT_REPAIR_TAIL,
	MAILTO = IMPORT_REPAIR_MAILTO,
	NAME = IMPORT_REPAIR_NAME,
	FIRST = IMPORT_REPAIR_FIRST,
	ALL = (1 << IMPORT_REPAIR_KINDS) - 1
};

static const struct offer_case {
	const char *cell;
	unsigned kinds; /* 0: no offer */
	const char *address, *rest;
} offers[] = {
    /* valid as they are, but for plain blanks that nobody counts */
    {"taro@x.jp", 0, "", ""},
    {" taro@x.jp\t", 0, "", ""},
    {"a/b@x.jp", 0, "", ""},
    {"a..b@docomo.ne.jp", 0, "", ""},
    {"\"a, b\"@x.jp", 0, "", ""},
    {"\"a @x.jp  b\"@y.jp", 0, "", ""},
    /* full-width, ideographic stop, small at */
    {"ｔａｒｏ＠ｘ．ｊｐ", WIDTH, "taro@x.jp", ""},
    {"taro＠x.jp", WIDTH, "taro@x.jp", ""},
    {"taro@x。jp", WIDTH, "taro@x.jp", ""},
    {"ｔａｒｏ．．ａ＠docomo.ne.jp", WIDTH, "taro..a@docomo.ne.jp", ""},
    /* blanks of all kinds around, what has no width anywhere */
    {"　taro@x.jp", BLANK, "taro@x.jp", ""},
    {"taro@x.jp\xc2\xa0", BLANK, "taro@x.jp", ""},
    {"\xef\xbb\xbftaro@x.jp", BLANK, "taro@x.jp", ""},
    {"ta\xe2\x80\x8bro@x.jp", BLANK, "taro@x.jp", ""},
    {"taro@x.jp\xe2\x80\x8b", BLANK, "taro@x.jp", ""},
    {"taro@x.jp\r\n", BLANK, "taro@x.jp", ""},
    {"taro yama@x.jp", 0, "", ""},
    {"taro　yama@x.jp", 0, "", ""},
    {"taro @x.jp", 0, "", ""},
    /* tails */
    {"taro@x.jp.", TAIL, "taro@x.jp", ""},
    {"taro@x.jp;", TAIL, "taro@x.jp", ""},
    {"taro@x.jp ,; ", TAIL, "taro@x.jp", ""},
    {"taro@x.jp、", TAIL | WIDTH, "taro@x.jp", ""},
    {"taro@x.jp。", TAIL | WIDTH, "taro@x.jp", ""},
    {".taro@x.jp", 0, "", ""},
    /* mailto: and names */
    {"mailto:taro@x.jp", MAILTO, "taro@x.jp", ""},
    {"MAILTO: taro@x.jp?subject=a", MAILTO, "taro@x.jp", ""},
    {"Taro <taro@x.jp>", NAME, "taro@x.jp", ""},
    {"山田　太郎 <taro@x.jp>", NAME, "taro@x.jp", ""},
    {"\"Yamada, Taro\" <taro@x.jp>", NAME, "taro@x.jp", ""},
    {"<mailto:taro@x.jp>;", NAME | MAILTO, "taro@x.jp", ""},
    {"Taro ＜taro＠x.jp＞", NAME | WIDTH, "taro@x.jp", ""},
    {"taro@x.jp>", 0, "", ""},
    {">taro@x.jp<", 0, "", ""},
    {"<taro@x.jp", 0, "", ""},
    {"Taro <>", 0, "", ""},
    /* several: the first is offered, the others are named */
    {"a@x.jp;b@x.jp", FIRST, "a@x.jp", "b@x.jp"},
    {"a@x.jp, b@x.jp , c@x.jp", FIRST, "a@x.jp", "b@x.jp c@x.jp"},
    {"a@x.jp/b@x.jp", FIRST, "a@x.jp", "b@x.jp"},
    {"a@x.jp / b@x.jp", FIRST, "a@x.jp", "b@x.jp"},
    {"a/b@x.jp/c@x.jp", FIRST, "a/b@x.jp", "c@x.jp"},
    {"a@x.jp\nb@x.jp", FIRST, "a@x.jp", "b@x.jp"},
    {"a@x.jp、b@x.jp", FIRST, "a@x.jp", "b@x.jp"},
    {"a@x.jp b@x.jp", FIRST, "a@x.jp", "b@x.jp"},
    {"a@x.jp;a@X.jp", FIRST, "a@x.jp", ""},
    {"A <a@x.jp>, B <b@x.jp>", FIRST | NAME, "a@x.jp", "b@x.jp"},
    {"A <a@x.jp> B <b@x.jp>", FIRST | NAME, "a@x.jp", "b@x.jp"},
    {"\"A; x\" <a@x.jp>; b@x.jp", FIRST | NAME, "a@x.jp", "b@x.jp"},
    {"mailto:a@x.jp,b@x.jp", FIRST | MAILTO, "a@x.jp", "b@x.jp"},
    {"ａ＠x.jp；b@x.jp", FIRST | WIDTH, "a@x.jp", "b@x.jp"},
    /* more than one reading, or none */
    {"x a@x.jp, b@x.jp", 0, "", ""},
    {"a@x.jp; b@@y", 0, "", ""},
    {"a@@x.jp", 0, "", ""},
    {"a@x.jpb@x.jp", 0, "", ""},
    /* no address in it */
    {"", 0, "", ""},
    {"なし", 0, "", ""},
    {"@", 0, "", ""},
    {";;@@;;", 0, "", ""},
    {"taro@x.jp\x1b[2J", 0, "", ""},
    {"taro@x.jp\xff", 0, "", ""},
    {"山@x.jp", 0, "", ""},
    {"a..b@x.jp.", 0, "", ""},
};

static void
offers_what_has_one_reading(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
		const struct offer_case *c = &offers[i];
		struct import_offer offer;
		struct address address;
		struct err err = {0};
		bool found = import_repair(span_of(c->cell), arena, &offer);

		if (found != (c->kinds != 0) || offer.kinds != c->kinds)
			fail_msg("%zu: %s: %u", i, c->cell, offer.kinds);
		assert_span_equal(offer.address, c->address);
		assert_span_equal(offer.rest, c->rest);
		if (found)
			assert_ok(
			    address_parse(offer.address, arena, &address, &err),
			    &err);
	}
	arena_free(&arena);
}

static void
kinds_have_words(void **state)
{
	(void)state;
	for (int i = 0; i < IMPORT_REPAIR_KINDS; i++) {
		const char *name =
		    import_repair_name((enum import_repair)(1 << i));

		assert_true(*name);
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(name,
			    import_repair_name((enum import_repair)(1 << k)));
		}
	}
	assert_string_equal(import_repair_name((enum import_repair)0), "");
}

/* ---- In a file --------------------------------------------------------- */

static const char crooked[] = "email,name\n"
			      "good@x.jp,G\n"           /* 2 */
			      "ｗ＠x.jp,W\n"            /* 3 */
			      "tail@x.jp;,T\n"          /* 4 */
			      "ｔ＠x.jp.,WT\n"          /* 5 */
			      "\"a@x.jp;b@x.jp\",AB\n"  /* 6 */
			      "\"N <n@x.jp>\",N\n"      /* 7 */
			      "\"c@x.jp\nd@x.jp\",CD\n" /* 8 and 9 */
			      "none,O\n"                /* 10 */
			      ",P\n"                    /* 11 */
			      "ｇｏｏｄ@x.jp,again\n";  /* 12 */

static int
commit_with(struct room *room, struct import *import, struct import_accept how,
    struct import_counts *counts, struct err *err)
{
	struct import_plan plan = plan_of(room);

	plan.accept = how;
	return import_commit(import, room->store, &plan, counts, err);
}

static void
counts_offers_and_repairs_nothing(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, span_of(crooked));
	const struct import_findings *found;
	struct import_counts counts = {0};

	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 1);
	assert_int_equal(counts.rejected, 9);
	found = import_findings(import);
	assert_int_equal(found->repairable, 7);
	assert_int_equal(found->repaired, 0);
	assert_int_equal(found->repair[0].rows, 3); /* width */
	assert_int_equal(found->repair[0].alone, 2);
	assert_int_equal(found->repair[1].rows, 0); /* blank */
	assert_int_equal(found->repair[2].rows, 2); /* tail */
	assert_int_equal(found->repair[2].alone, 1);
	assert_int_equal(found->repair[4].rows, 1); /* name */
	assert_int_equal(found->repair[5].rows, 2); /* first */
	assert_int_equal(found->repair[0].samples, 3);
	assert_int_equal(found->repair[0].sample[1].line, 5);
	assert_string_equal(found->repair[0].sample[1].was, "ｔ＠x.jp.");
	assert_string_equal(found->repair[0].sample[1].address, "t@x.jp");
	assert_string_equal(found->repair[5].sample[1].rest, "d@x.jp");
	assert_null(import_repaired_at(import, 0));
	import_close(&import);
}

static void
repairs_what_was_accepted(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, span_of(crooked));
	struct import_counts counts = {0};
	struct err err = {0};

	/* the row that needs two is not taken for one */
	assert_ok(commit_with(room, import,
		      (struct import_accept){.repairs = WIDTH | FIRST}, &counts,
		      &err),
	    &err);
	assert_sums(&counts);
	assert_int_equal(counts.fresh, 4);
	assert_int_equal(counts.duplicate, 1);
	assert_int_equal(counts.rejected, 5);
	assert_int_equal(import_findings(import)->repaired, 4);
	assert_int_equal(import_findings(import)->repairable, 7);
	assert_member(room, 1, "w@x.jp|W|{}");
	assert_member(room, 2, "a@x.jp|AB|{}");
	assert_member(room, 3, "c@x.jp|CD|{}");
	assert_int_equal(import_repaired_at(import, 1)->line, 6);
	assert_string_equal(import_repaired_at(import, 1)->rest, "b@x.jp");
	assert_int_equal(import_repaired_at(import, 1)->kinds, FIRST);
	assert_int_equal(import_repaired_at(import, 3)->line, 12);
	assert_null(import_repaired_at(import, 4));
	/* and with the rest of them, those that were left */
	assert_ok(commit_with(room, import,
		      (struct import_accept){.repairs = ALL}, &counts, &err),
	    &err);
	assert_int_equal(counts.fresh, 3);
	assert_int_equal(counts.rejected, 2);
	import_close(&import);
}

static const char misspelt[] = "email\n"
			       "a@gmial.com\n"
			       "b@gmial.com\n"
			       "c@docomo.ne.jo\n"
			       "d@gmail.com\n"
			       "b@gmail.com\n"
			       "ｅ@gmial.com\n"
			       "noreply@x.jp\n"
			       "f@mailinator.com\n"
			       "g..@docomo.ne.jp\n";

static void
warns_of_doubtful_addresses(void **state)
{
	struct room *room = *state;
	struct import *import = open_text(room, span_of(misspelt));
	const struct import_findings *found = import_findings(import);
	struct import_counts counts = {0};

	assert_int_equal(found->slips, 0);
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 8); /* all the valid ones */
	assert_int_equal(found->slips, 2);
	assert_int_equal(found->slip_rows, 3);
	assert_int_equal(found->corrected, 0);
	assert_string_equal(found->slip[0].domain, "gmial.com");
	assert_string_equal(found->slip[0].meant, "gmail.com");
	assert_string_equal(found->slip[0].sample, "a@gmial.com");
	assert_int_equal(found->slip[0].rows, 2);
	assert_int_equal(found->slip[0].line, 2);
	assert_false(found->slip[0].accepted);
	assert_string_equal(found->slip[1].domain, "docomo.ne.jo");
	assert_int_equal(found->role.rows, 1);
	assert_string_equal(found->role.sample, "noreply@x.jp");
	assert_int_equal(found->disposable.rows, 1);
	assert_int_equal(found->carrier.rows, 1);
	assert_int_equal(found->carrier.line, 10);
	import_close(&import);
}

static void
corrects_accepted_domains(void **state)
{
	static const struct import_domain_pair pair[] = {
	    {{"gmial.com", 9}, {"gmail.com", 9}},
	    /* only what is found to be meant is taken */
	    {{"docomo.ne.jo", 12}, {"x.jp", 4}}};
	struct room *room = *state;
	struct import *import = open_text(room, span_of(misspelt));
	const struct import_findings *found = import_findings(import);
	struct import_counts counts = {0};
	struct err err = {0};

	assert_ok(commit_with(room, import,
		      (struct import_accept){WIDTH, pair, 2}, &counts, &err),
	    &err);
	assert_sums(&counts);
	assert_int_equal(found->corrected, 3);
	assert_int_equal(found->slip_rows, 4);
	assert_true(found->slip[0].accepted);
	assert_false(found->slip[1].accepted);
	/* b@gmail.com is in the file twice now */
	assert_int_equal(counts.duplicate, 1);
	assert_member(room, 0, "a@gmail.com||{}");
	assert_member(room, 2, "c@docomo.ne.jo||{}");
	assert_string_equal(import_repaired_at(import, 0)->was, "a@gmial.com");
	assert_int_equal(import_repaired_at(import, 0)->kinds, 0);
	assert_int_equal(import_repaired_at(import, 2)->kinds, WIDTH);
	assert_string_equal(
	    import_repaired_at(import, 2)->address, "e@gmail.com");
	import_close(&import);
}

static void
tells_twins_and_merges_none(void **state)
{
	static const char file[] = "email\n"
				   "taro@x.jp\n"
				   "Taro@x.jp\n" /* of 2 */
				   "Hana@x.jp\n"
				   "hana@x.jp\n" /* of 4 */
				   "HANA@x.jp\n" /* of 4 */
				   "Hana@X.jp\n" /* is 4 */
				   "a.b@gmail.com\n"
				   "ab@googlemail.com\n" /* of 8 */
				   "A.b@x.jp\n"
				   "ab@x.jp\n";
	struct room *room = *state;
	struct import *import = open_text(room, span_of(file));
	const struct import_findings *found = import_findings(import);
	struct import_counts counts = {0};

	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 9);
	assert_int_equal(counts.duplicate, 1);
	assert_int_equal(found->twins, 4);
	assert_int_equal(found->twin[0].line, 3);
	assert_string_equal(found->twin[0].address, "Taro@x.jp");
	assert_int_equal(found->twin[1].line, 5);
	assert_int_equal(found->twin[2].line, 6);
	import_close(&import);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_what_has_one_reading),
	    cmocka_unit_test(kinds_have_words),
	    cmocka_unit_test_setup_teardown(
		counts_offers_and_repairs_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		repairs_what_was_accepted, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		warns_of_doubtful_addresses, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		corrects_accepted_domains, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		tells_twins_and_merges_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
