/* The jobs of the statements' screen: one word is said, then everything is read
 * again. */
#include "tui/screens/attest_work.h"

#include <stdlib.h>

#include "core/base/mem.h"

void
attest_facts_done(struct attest_facts *facts)
{
	for (size_t i = 0; i < ATTEST_STATEMENTS_MAX; i++)
		buf_done(&facts->said[i]);
	buf_done(&facts->name);
	free(facts->item);
	*facts = (struct attest_facts){.count = 0};
}

static int
take_item(void *payload, const struct extract_item *found)
{
	struct attest_work *work = payload;
	struct attest_facts *facts = &work->facts;
	struct attest_item *item;
	struct buf seed = BUF_INIT;

	if (found->kind > EXTRACT_HOST)
		return 0;
	facts->item = mem_more(facts->item, facts->count, sizeof *facts->item);
	item = &facts->item[facts->count++];
	*item = (struct attest_item){
	    .kind = found->kind, .messages = found->messages};
	span_text(item->text, sizeof item->text, found->text);
	buf_printf(&seed, "%lld %d ", (long long)work->campaign.v, found->kind);
	buf_add(&seed, found->text);
	crypt_sha256(buf_span(&seed), &item->order);
	buf_done(&seed);
	return 0;
}

static int
by_order(const void *a, const void *b)
{
	const struct attest_item *one = a, *other = b;

	return memcmp(one->order.bytes, other->order.bytes, SHA256_LEN);
}

static void
take_tick(struct attest_facts *facts, int64_t kind, struct span text)
{
	for (size_t i = 0; i < facts->count; i++) {
		struct attest_item *item = &facts->item[i];

		item->ticked |= (int64_t)item->kind == kind &&
				span_equal(span_of(item->text), text);
	}
}

static int
take_word(void *arg, const struct word *word)
{
	struct attest_facts *facts = arg;
	size_t count;
	const char *const *name = statement_all(&count);
	struct span rest = span_of(word->item);
	int64_t kind;

	if (span_starts(rest, SPAN("tick "))) {
		if (span_int(span_slice(rest, 5, rest.len), &kind))
			take_tick(facts, kind, word->text);
		return 0;
	}
	for (size_t i = 0; i < count && i < ATTEST_STATEMENTS_MAX; i++) {
		if (!strcmp(name[i], word->item))
			buf_add(&facts->said[i], word->text);
	}
	return 0;
}

static int
read_facts(struct attest_work *work, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = store_view_open(work->store, &db, err);

	if (rc == 0)
		rc = campaign_read(db, work->campaign, &campaign, err);
	if (rc == 0)
		rc = extract_each(db, work->campaign, take_item, work, err);
	if (work->facts.count)
		qsort(work->facts.item, work->facts.count,
		    sizeof *work->facts.item, by_order);
	if (rc == 0)
		rc =
		    word_each(db, work->campaign, take_word, &work->facts, err);
	buf_add(&work->facts.name, buf_span(&campaign.name));
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

static int
say_word(struct attest_work *work, struct err *err)
{
	struct review *review = NULL;
	int rc =
	    review_open(work->store, work->world, work->campaign, &review, err);

	if (rc == 0 && work->task == ATTEST_TICK)
		rc = tick_give(review, (int)work->item.kind,
		    span_of(work->item.text), err);
	else if (rc == 0)
		rc = statement_give(
		    review, work->statement, buf_span(&work->words), err);
	review_free(&review);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct attest_work *work = data;

	(void)job;
	if (work->task != ATTEST_READ && say_word(work, err) < 0)
		return -1;
	return read_facts(work, err);
}

static void
work_free(void *data)
{
	struct attest_work *work = data;

	attest_facts_done(&work->facts);
	buf_done(&work->words);
	free(work);
}

const struct job_ops attest_work_ops = {.run = work_run, .free = work_free};
