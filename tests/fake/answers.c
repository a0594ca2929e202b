/* See answers.h. */
#include "tests/fake/answers.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/fake/testcodes.h"

static void
answer(struct review *review, const char *id, const char *text)
{
	struct err err = {0};

	if (review_answer(review, id, span_of(text), &err) == 0)
		return;
	fprintf(stderr, "the answer to %s: %s\n", id, err_name(err.code));
	exit(1);
}

/* The lines move under an answer no more than their results do. */
static void
attest(struct review *review, const char *but)
{
	const struct check_result *all;
	size_t lines;

	all = review_results(review, &lines);
	for (size_t i = 0; i < lines; i++) {
		if (!all[i].cleared && check_takes_sentence(&all[i]) &&
		    (!but || strcmp(all[i].check->id, but)))
			answer(review, all[i].check->id, ANSWERS_SENTENCE);
	}
}

static void
must(int rc, const char *what, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, err_name(err->code));
	exit(1);
}

void
answers_look(struct store *store, struct world *world,
    struct campaign_id campaign, struct review *review)
{
	struct samples_watch watch = {.cancel = NULL};
	struct samples *samples = NULL;
	struct review_look *look = NULL;
	struct db *db = NULL;
	struct err err = {0};
	enum look_came came;
	size_t count;

	must(samples_find(store, campaign, clock_now_ms(world->clock), &watch,
		 &samples, &err),
	    "samples_find", &err);
	must(look_plan(review, samples, &err), "look_plan", &err);
	samples_free(&samples);
	must(store_reader_open(store, &db, &err), "reader", &err);
	must(look_all(db, campaign, &look, &count, &err), "look_all", &err);
	store_reader_close(&db);
	for (size_t i = 0; i < count; i++)
		must(look_judge(review, look[i].number, 60000,
			 look[i].plant == LOOK_REAL ? LOOK_RIGHT : LOOK_WRONG,
			 SPAN(""), &came, &err),
		    "look_judge", &err);
	free(look);
}

/* Items are copied: a tick must not be written while they are read. */
struct items {
	struct review *review;
	struct {
		enum extract_kind kind;
		char text[EXTRACT_TEXT_MAX + 1];
	} item[EXTRACT_KEPT];
	size_t count;
};

static int
take_item(void *payload, const struct extract_item *item)
{
	struct items *items = payload;

	if (item->kind > EXTRACT_HOST || items->count == EXTRACT_KEPT)
		return 0;
	items->item[items->count].kind = item->kind;
	span_text(
	    items->item[items->count].text, EXTRACT_TEXT_MAX + 1, item->text);
	items->count++;
	return 0;
}

void
answers_state(
    struct store *store, struct campaign_id campaign, struct review *review)
{
	struct items *items = mem_new(sizeof *items);
	struct db *db = NULL;
	struct err err = {0};
	size_t count;
	const char *const *name = statement_all(&count);

	must(store_reader_open(store, &db, &err), "reader", &err);
	must(extract_each(db, campaign, take_item, items, &err), "extract_each",
	    &err);
	store_reader_close(&db);
	for (size_t i = 0; i < items->count; i++)
		must(tick_give(review, (int)items->item[i].kind,
			 span_of(items->item[i].text), &err),
		    "tick_give", &err);
	for (size_t i = 0; i < count; i++)
		must(statement_give(
			 review, name[i], SPAN(ANSWERS_SENTENCE), &err),
		    "statement_give", &err);
	free(items);
}

void
answers_give(struct store *store, struct world *world,
    struct campaign_id campaign, struct review *review)
{
	char count[24], codes[TESTCODES_ROOM];
	const struct check_result *all;
	size_t lines;

	attest(review, NULL);
	snprintf(
	    count, sizeof count, "%lld", (long long)review_recipients(review));
	testcodes_make(store, world, campaign, codes);
	all = review_results(review, &lines);
	for (size_t i = 0; i < lines; i++) {
		if (all[i].state == CHECK_FAIL &&
		    (!all[i].cleared || check_wants_override(&all[i])))
			fprintf(stderr, "%s failed: %s %s (%s)\n",
			    all[i].check->id, err_name(all[i].why.code),
			    all[i].why.fact[0].value, all[i].facts);
		if (all[i].state != CHECK_NOT_EVALUATED)
			continue;
		if (all[i].check->answer == ANSWER_COUNT)
			answer(review, all[i].check->id, count);
		else if (all[i].check->answer == ANSWER_CODES)
			answer(review, all[i].check->id, codes);
		else if (all[i].check->answer == ANSWER_LOOK)
			answers_look(store, world, campaign, review);
		else if (all[i].check->answer == ANSWER_ATTEST)
			answers_state(store, campaign, review);
	}
}

void
answers_attest(
    struct store *store, struct world *world, struct campaign_id campaign)
{
	struct review *review = NULL;
	struct err err = {0};

	if (review_open(store, world, campaign, &review, &err) < 0) {
		fprintf(stderr, "review_open: %s\n", err_name(err.code));
		exit(1);
	}
	attest(review, "PP-01");
	answers_look(store, world, campaign, review);
	answers_state(store, campaign, review);
	review_free(&review);
}
