/* check_host() of RFC 7208.  Terms are followed in their order until one
 * matches; what is counted on the way is what the RFC limits.  The survey is the
 * same walk with nothing ever matching. */
#include "core/net/spf.h"

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/mail/address.h"
#include "core/net/spf_macro.h"
#include "core/net/spf_walk.h"

/* Counts a term that asks. */
static enum spf_step
count_lookup(struct spf_walk *it, const struct spf_frame *frame,
    const struct spf_term *term)
{
	it->answer->lookups++;
	if (spf_is_over(it, it->answer->lookups, SPF_LOOKUPS_MAX) ||
	    it->answer->lookups > SPF_WALK_MAX)
		return spf_perm_error(it, "lookups", frame->domain, term->text);
	return STEP_NO;
}

/* ---- The survey ---------------------------------------------------------------- */

/* True when the term lets everybody pass. */
static bool
is_open(const struct spf_term *term)
{
	if (term->result != SPF_PASS)
		return false;
	switch (term->kind) {
	case SPF_ALL:
		return true;
	case SPF_IP4:
		return term->prefix4 == 0;
	case SPF_IP6:
		return term->prefix6 == 0;
	default:
		return false;
	}
}

static void
note_term(struct spf_survey *survey, const struct spf_frame *frame,
    const struct spf_term *term)
{
	survey->plus_all = survey->plus_all || (frame->passes && is_open(term));
	survey->ptr = survey->ptr || term->kind == SPF_PTR;
	survey->macro = survey->macro || spf_macro_has(term->domain, '*');
	if (!frame->depth)
		survey->ends = survey->ends || term->kind == SPF_ALL ||
			       term->kind == SPF_REDIRECT;
}

/* In a survey nothing matches but what ends the evaluation. */
static enum spf_step
survey_term(struct spf_walk *it, const struct spf_frame *frame,
    const struct spf_term *term, enum spf_step step)
{
	note_term(it->survey, frame, term);
	return step == STEP_YES ? STEP_NO : step;
}

/* ---- Records ------------------------------------------------------------------- */

static void
set_domain(char out[DNS_NAME_MAX + 1], const char *domain)
{
	span_text(out, DNS_NAME_MAX + 1, span_of(domain));
}

/* Notes which term decided. */
static void
note_match(struct spf_walk *it, const struct spf_frame *frame,
    const struct spf_term *term)
{
	struct spf_answer *answer = it->answer;

	if (!frame->depth) {
		span_text(answer->term, sizeof answer->term, term->text);
		set_domain(answer->term_domain, frame->domain);
	} else if (term->kind != SPF_INCLUDE) {
		span_text(answer->inside, sizeof answer->inside, term->text);
	}
}

/* Follows a mechanism. */
static enum spf_step
try_term(struct spf_walk *it, const struct spf_frame *frame,
    const struct spf_term *term)
{
	enum spf_step step = STEP_NO;

	if (spf_asks(term->kind))
		step = count_lookup(it, frame, term);
	if (step == STEP_NO)
		step = spf_match(it, frame, term);
	if (it->survey)
		step = survey_term(it, frame, term, step);
	if (step != STEP_YES)
		return step;
	note_match(it, frame, term);
	return spf_end(it, term->result);
}

static const struct spf_term *
find_term(const struct spf_record *record, enum spf_kind kind)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->term[i].kind == kind)
			return &record->term[i];
	}
	return NULL;
}

/* Nothing matched: the redirect, or neutral (sections 6.1, 4.7). */
static enum spf_step
follow_redirect(struct spf_walk *it, struct spf_frame *frame,
    const struct spf_record *record)
{
	const struct spf_term *term = find_term(record, SPF_REDIRECT);
	struct spf_frame next = {NULL, frame->depth, frame->passes};
	char target[DNS_NAME_MAX + 1];
	enum spf_step step;

	if (!term || find_term(record, SPF_ALL))
		return spf_end(it, SPF_NEUTRAL);
	if (it->survey)
		note_term(it->survey, frame, term);
	step = count_lookup(it, frame, term);
	if (step == STEP_NO)
		step = spf_target(it, frame, term->domain, target);
	if (step != STEP_NO)
		return step;
	next.domain = target;
	step = spf_evaluate(it, &next);
	if (step == STEP_END && it->answer->result == SPF_NONE)
		return spf_perm_error(
		    it, "redirect", frame->domain, term->text);
	return step;
}

/* The explanation of a fail; whatever goes wrong with it, there is none. */
static enum spf_step
explain(struct spf_walk *it, const struct spf_frame *frame, struct span domain)
{
	struct spf_answer *answer = it->answer;
	struct dns_answer text;
	struct buf out = BUF_INIT;
	char target[DNS_NAME_MAX + 1];
	enum spf_step step = spf_target(it, frame, domain, target);

	if (step == STEP_ERROR)
		return step;
	step = spf_ask(it, target, DNS_TXT, &text);
	if (step != STEP_ERROR && text.status == DNS_FOUND && text.count == 1 &&
	    spf_macro_valid(text.record[0].data, SPF_IN_EXPLANATION)) {
		step = spf_fill(it, frame->domain, text.record[0].data, &out);
		answer->explanation = arena_copy(answer->bytes, buf_span(&out));
	}
	buf_done(&out);
	dns_answer_done(&text);
	return step == STEP_ERROR ? step : STEP_END;
}

static enum spf_step
follow(struct spf_walk *it, struct spf_frame *frame, struct span text)
{
	struct spf_record record;
	const struct spf_term *exp;
	enum spf_step step = STEP_NO;

	if (spf_parse(text, &record, &it->answer->why) < 0) {
		err_fact(&it->answer->why, "domain", span_of(frame->domain));
		spf_record_done(&record);
		return spf_end(it, SPF_PERMERROR);
	}
	for (size_t i = 0; step == STEP_NO && i < record.count; i++) {
		if (record.term[i].kind < SPF_REDIRECT)
			step = try_term(it, frame, &record.term[i]);
	}
	exp = find_term(&record, SPF_EXP);
	if (step == STEP_NO)
		step = follow_redirect(it, frame, &record);
	else if (step == STEP_END && it->answer->result == SPF_FAIL && exp &&
		 !frame->depth)
		step = explain(it, frame, exp->domain);
	spf_record_done(&record);
	return step;
}

/* The one SPF record of an answer; how many there are. */
static size_t
select_record(const struct dns_answer *answer, struct span *text)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_is_record(answer->record[i].data))
			continue;
		*text = answer->record[i].data;
		count++;
	}
	return count;
}

static enum spf_step
no_record(
    struct spf_walk *it, const struct spf_frame *frame, enum dns_status status)
{
	struct err *err = &it->answer->why;

	err_set(err, status == DNS_NXDOMAIN ? E_DNS_NONE : E_SPF_RECORD);
	err_fact(err, "domain", span_of(frame->domain));
	if (status != DNS_NXDOMAIN)
		err_fact(err, "why", SPAN("missing"));
	return spf_end(it, SPF_NONE);
}

/* What is said about the answer to the first question. */
static void
note_answer(struct spf_walk *it, const struct dns_answer *answer,
    size_t records, struct span text)
{
	struct spf_answer *out = it->answer;

	out->status = answer->status;
	out->secure = answer->secure;
	out->records = records;
	if (records == 1)
		out->text = arena_copy(out->bytes, text);
}

/* Evaluates a domain's record; END or ERROR. */
enum spf_step
spf_evaluate(struct spf_walk *it, struct spf_frame *frame)
{
	bool first = !frame->depth && !it->answer->lookups;
	struct dns_answer answer;
	struct span text = {0};
	enum spf_step step = spf_ask(it, frame->domain, DNS_TXT, &answer);
	size_t records = select_record(&answer, &text);

	if (first)
		note_answer(it, &answer, records, text);
	if (step != STEP_ERROR) {
		if (spf_is_failed(&answer))
			step = spf_temp_error(it, frame->domain, answer.status);
		else if (!records)
			step = no_record(it, frame, answer.status);
		else if (records > 1)
			step = spf_perm_error(
			    it, "records", frame->domain, SPAN("v=spf1"));
		else
			step = follow(it, frame, text);
	}
	dns_answer_done(&answer);
	return step;
}

/* ---- The way in ------------------------------------------------------------------ */

/* Cuts the sender at its last "@"; without one, and without anything before it,
 * it is the postmaster (sections 2.4, 4.3). */
static void
read_sender(struct spf_walk *it, struct arena *bytes)
{
	struct span sender = it->question->sender;
	struct buf text = BUF_INIT;
	size_t at = sender.len;

	while (at && sender.ptr[at - 1] != '@')
		at--;
	it->sender_domain = sender.len ? span_slice(sender, at, sender.len)
				       : it->question->ehlo;
	it->local = at > 1 ? span_slice(sender, 0, at - 1) : SPAN("postmaster");
	buf_add(&text, it->local);
	buf_char(&text, '@');
	buf_add(&text, it->sender_domain);
	it->sender = arena_copy(bytes, buf_span(&text));
	buf_done(&text);
}

static bool
is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] > 127)
			return false;
	}
	return true;
}

/* The domain to ask, in A-labels; false when it cannot have a record. */
static bool
read_domain(struct spf_walk *it)
{
	struct span domain = it->sender_domain;

	if (!is_ascii(domain) &&
	    address_domain(domain, it->answer->bytes, &domain, NULL) < 0)
		return false;
	if (domain.len && domain.ptr[domain.len - 1] == '.')
		domain.len--;
	if (!dns_is_host(domain))
		return false;
	span_text(it->answer->domain, sizeof it->answer->domain, domain);
	return true;
}

static int
run(struct spf_walk *it)
{
	struct spf_answer *answer = it->answer;
	struct spf_frame frame = {answer->domain, 0, true};

	*answer = (struct spf_answer){.bytes = arena_new()};
	if (spf_read_ip(it, it->question->ip) < 0) {
		err_set(it->err, E_SPF_IP);
		return err_fact(it->err, "ip", span_of(it->question->ip));
	}
	read_sender(it, answer->bytes);
	if (!read_domain(it)) {
		err_set(&answer->why, E_SPF_RECORD);
		err_fact(&answer->why, "why", SPAN("sender"));
		err_fact(&answer->why, "domain", it->sender_domain);
		return 0;
	}
	if (spf_evaluate(it, &frame) == STEP_ERROR)
		return -1;
	if (answer->result != SPF_NONE && answer->result < SPF_TEMPERROR)
		answer->why = (struct err){0};
	return 0;
}

int
spf_check(const struct spf_question *question, struct spf_answer *out,
    struct err *err)
{
	struct spf_walk it = {.question = question, .answer = out, .err = err};

	return run(&it);
}

void
spf_answer_done(struct spf_answer *answer)
{
	arena_free(&answer->bytes);
	answer->text = answer->explanation = (struct span){0};
}

/* A survey that went through is held against the limits afterwards. */
static void
hold_to_limits(const struct spf_answer *answer, struct spf_survey *out)
{
	const char *why = answer->lookups > SPF_LOOKUPS_MAX ? "lookups"
			  : answer->voids > SPF_VOIDS_MAX   ? "voids"
							    : NULL;

	if (out->result == SPF_PERMERROR || !why)
		return;
	out->result = SPF_PERMERROR;
	err_set(&out->why, E_SPF_RECORD);
	err_fact(&out->why, "why", span_of(why));
	err_fact(&out->why, "domain", span_of(answer->domain));
}

int
spf_survey(const struct spf_question *question, struct spf_survey *out,
    struct err *err)
{
	struct spf_answer answer;
	struct spf_walk it = {
	    .question = question, .answer = &answer, .survey = out, .err = err};
	int rc;

	*out = (struct spf_survey){0};
	rc = run(&it);
	out->result = answer.result;
	out->records = answer.records;
	out->lookups = answer.lookups;
	out->voids = answer.voids;
	out->why = answer.why;
	if (rc == 0)
		hold_to_limits(&answer, out);
	spf_answer_done(&answer);
	return rc;
}
