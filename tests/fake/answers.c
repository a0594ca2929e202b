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
		if (all[i].state == CHECK_FAIL && !all[i].cleared)
			fprintf(stderr, "%s failed: %s %s (%s)\n",
			    all[i].check->id, err_name(all[i].why.code),
			    all[i].why.fact[0].value, all[i].facts);
		if (all[i].state != CHECK_NOT_EVALUATED)
			continue;
		if (all[i].check->answer == ANSWER_COUNT)
			answer(review, all[i].check->id, count);
		else if (all[i].check->answer == ANSWER_CODES)
			answer(review, all[i].check->id, codes);
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
	review_free(&review);
}
