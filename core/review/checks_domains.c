/* What DNS says about where the messages go, and about the first of them: do
 * the recipients' domains take mail, is the way there protected, and does a
 * signed message verify the way a receiver verifies it. */
#include "core/review/jobs.h"

#include <stdlib.h>

#include "core/base/crew.h"
#include "core/mail/dkim.h"
#include "core/mail/parse.h"
#include "core/mail/taglist.h"
#include "core/net/lookup.h"
#include "core/net/tls.h"

/* ---- LC-06 ----------------------------------------------------------------------- */

enum { PER_CENT_MAX = 2, EXAMPLES = 5 };

/* The domains of the frozen recipients; canonical addresses end with theirs. */
static int
read_domains(struct check_run *run, struct arena *arena, struct census *census,
    struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT substr(canon, length(rtrim(canon,"
	    " replace(canon, '@', ''))) + 1) AS domain, count(*) FROM outbox"
	    " WHERE campaign = ?1 GROUP BY domain",
	    err);
	int got = -1;

	*census = (struct census){.count = 0};
	if (stmt)
		stmt_int(stmt, 1, run->inputs->campaign.id.v);
	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		census->domain = mem_more(
		    census->domain, census->count, sizeof *census->domain);
		census->domain[census->count++] = (struct census_domain){
		    .name = arena_copy(arena, stmt_col_text(stmt, 0)),
		    .recipients = stmt_col_int(stmt, 1),
		};
	}
	stmt_reset(stmt);
	return got;
}

static bool
takes_none(enum census_state state)
{
	return state == CENSUS_NXDOMAIN || state == CENSUS_NOTHING ||
	       state == CENSUS_NULL;
}

/* The largest domains of a kind, as one word. */
static void
add_examples(
    const struct census *census, enum census_state unknown, struct buf *out)
{
	int shown = 0;

	for (size_t i = 0; i < census->count && shown < EXAMPLES; i++) {
		const struct census_domain *domain = &census->domain[i];

		if (unknown == CENSUS_UNKNOWN ? domain->state != CENSUS_UNKNOWN
					      : !takes_none(domain->state))
			continue;
		buf_text(out, shown++ ? "," : "");
		buf_add(out, domain->name);
	}
}

static void
judge_domains(struct check_run *run, const struct census *census)
{
	struct review *review = run->review;
	int64_t bad = census->recipients[CENSUS_NXDOMAIN] +
		      census->recipients[CENSUS_NOTHING] +
		      census->recipients[CENSUS_NULL];
	int64_t unknown = census->recipients[CENSUS_UNKNOWN];
	int64_t all = bad + unknown + census->recipients[CENSUS_TAKES];
	struct buf examples = BUF_INIT;

	if (bad * 100 > all * PER_CENT_MAX) {
		result_set(review, LC_06, CHECK_FAIL, bad);
		add_examples(census, CENSUS_NXDOMAIN, &examples);
		result_why(review, LC_06, "no_mail", buf_span(&examples));
	} else if ((bad + unknown) * 100 > all * PER_CENT_MAX) {
		result_set(review, LC_06, CHECK_NOT_EVALUATED, unknown);
		add_examples(census, CENSUS_UNKNOWN, &examples);
		result_why(review, LC_06, "no_answer", buf_span(&examples));
	} else {
		result_set(review, LC_06, CHECK_PASS, bad);
		add_examples(census, CENSUS_NXDOMAIN, &examples);
	}
	result_fact(review, LC_06,
	    "recipients=%lld domains=%zu without=%lld nxdomain=%lld"
	    " null_mx=%lld unknown=%lld",
	    (long long)all, census->count, (long long)bad,
	    (long long)census->recipients[CENSUS_NXDOMAIN],
	    (long long)census->recipients[CENSUS_NULL], (long long)unknown);
	if (examples.len)
		result_fact(review, LC_06, "examples=%s", examples.ptr);
	buf_done(&examples);
}

static int
take_census(struct check_run *run, struct census *census, struct err *err)
{
	struct census_how how = {
	    .store = run->review->store,
	    .world = run->review->world,
	    .cancel = &run->review->cancel,
	};
	struct world nobody = {.clock = how.world->clock};
	struct err why = {.code = E_NONE};

	if (census_take(&how, census, &why) == 0)
		return 0;
	if (why.code == E_DNS_SETUP) {
		how.world = &nobody;
		return census_take(&how, census, err);
	}
	if (err)
		*err = why;
	return -1;
}

int
check_domains(struct check_run *run, struct err *err)
{
	struct arena *arena = arena_new();
	struct census census;
	int rc = read_domains(run, arena, &census, err);

	if (rc == 0)
		rc = take_census(run, &census, err);
	if (rc == 0)
		judge_domains(run, &census);
	free(census.domain);
	arena_free(&arena);
	return rc;
}

/* ---- TS-04 ----------------------------------------------------------------------- */

enum { WAYS_MAX = 100, WAY_THREADS = 16 };

/* What protects the way to one domain: keys of its exchangers (DANE), or a
 * policy that is enforced (MTA-STS).  stuck: what it demands cannot be met now,
 * so that its mail would wait. */
struct way {
	char domain[DNS_NAME_MAX + 1];
	bool dane, sts, stuck;
};

struct ways {
	struct check_run *run;
	struct sts_shelf shelf;
	struct lookup_how how; /* what all have in common */
	struct way way[WAYS_MAX];
	size_t count;
};

/* Nothing is kept here: deliveries keep what they fetch. */
static int
find_nothing(struct sts_shelf *shelf, const char *domain, struct sts_kept *out)
{
	(void)shelf, (void)domain, (void)out;
	return 0;
}

static void
keep_nothing(
    struct sts_shelf *shelf, const char *domain, const struct sts_kept *kept)
{
	(void)shelf, (void)domain, (void)kept;
}

static int
ask(struct check_run *run, const char *name, enum dns_type type,
    struct dns_answer *out, struct err *err)
{
	struct resolver *resolver = run->review->world->resolver;

	return resolver->ask(resolver,
	    &(struct dns_question){name, type, &run->review->cancel}, out, err);
}

static int
look_at_way(void *payload, size_t item, struct err *err)
{
	struct ways *ways = payload;
	struct way *way = &ways->way[item];
	struct lookup lookup;

	if (!dns_is_host(span_of(way->domain)))
		return 0;
	if (lookup_domain(&ways->how, way->domain, &lookup, err) < 0)
		return -1;
	for (size_t i = 0; i < lookup.count; i++)
		way->dane |= lookup.target[i].tls == TLS_LEVEL_DANE;
	way->sts = lookup.sts == STS_ENFORCE;
	way->stuck =
	    lookup.kind == MX_LATER &&
	    (lookup.why.code == E_STS_HOSTS || lookup.why.code == E_DNS_BOGUS);
	lookup_done(&lookup);
	return 0;
}

/* The domains with most recipients. */
static int
read_ways(struct check_run *run, struct ways *ways, struct err *err)
{
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT substr(canon, length(rtrim(canon,"
	    " replace(canon, '@', ''))) + 1) AS domain, count(*) AS n"
	    " FROM outbox WHERE campaign = ?1 GROUP BY domain"
	    " ORDER BY n DESC, domain LIMIT ?2",
	    err);
	int got = -1;

	if (stmt) {
		stmt_int(stmt, 1, run->inputs->campaign.id.v);
		stmt_int(stmt, 2, WAYS_MAX);
	}
	while (stmt && (got = stmt_step(stmt, err)) == 1)
		span_text(ways->way[ways->count++].domain,
		    sizeof ways->way[0].domain, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got;
}

static bool
is_direct(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->relays; i++) {
		if (inputs->relay[i].kind != RELAY_KIND_DIRECT)
			return false;
	}
	return inputs->relays > 0;
}

static void
judge_ways(struct check_run *run, const struct ways *ways)
{
	struct review *review = run->review;
	int dane = 0, sts = 0, stuck = 0;

	result_set(review, TS_04, CHECK_PASS, 0);
	for (size_t i = 0; i < ways->count; i++) {
		dane += ways->way[i].dane;
		sts += ways->way[i].sts;
		if (ways->way[i].stuck && !stuck++)
			result_why(review, TS_04, "hop_stuck",
			    span_of(ways->way[i].domain));
	}
	if (stuck)
		result_set(review, TS_04, CHECK_FAIL, stuck);
	result_fact(review, TS_04, "domains=%zu dane=%d sts=%d", ways->count,
	    dane, sts);
}

static int
look_at_ways(struct check_run *run, struct ways *ways, struct err *err)
{
	struct review *review = run->review;
	struct buf ehlo = BUF_INIT;
	struct err why = {.code = E_NONE};
	struct tls_context *tls = NULL;
	int rc = relay_ehlo_name(
	    run->db, buf_span(&run->inputs->campaign.from_address), &ehlo, err);

	ways->shelf = (struct sts_shelf){find_nothing, keep_nothing};
	if (rc == 0)
		rc = tls_context_new(NULL, &tls, err);
	ways->how = (struct lookup_how){.resolver = review->world->resolver,
	    .dialler = review->world->dialler,
	    .tls = tls,
	    .shelf = &ways->shelf,
	    .self = ehlo.ptr,
	    .now_ms = run->at_ms,
	    .cancel = &review->cancel};
	if (rc == 0)
		rc = read_ways(run, ways, err);
	if (rc == 0 && crew_each(WAY_THREADS, ways->count, look_at_way, ways,
			   &review->cancel, &why) == 0)
		judge_ways(run, ways);
	else if (why.code == E_CANCELLED)
		rc = err_set(err, E_CANCELLED);
	else if (rc == 0)
		result_why(review, TS_04, doctor_code_name(DOCTOR_DNS_LATER),
		    SPAN(""));
	tls_context_free(&tls);
	buf_done(&ehlo);
	return rc;
}

/* Behind a relay nobody can see on: the first hop is as safe as the weakest of
 * them, the second one unknown. */
static void
say_unknown(struct check_run *run)
{
	const struct inputs *inputs = run->inputs;
	enum relay_tls weakest = RELAY_TLS_COUNT;

	for (size_t i = 0; i < inputs->relays; i++) {
		if (inputs->relay[i].kind != RELAY_KIND_DIRECT &&
		    inputs->relay[i].tls < weakest)
			weakest = inputs->relay[i].tls;
	}
	result_why(run->review, TS_04, "hop_unknown", SPAN(""));
	result_fact(run->review, TS_04, "hop1=%s hop2=unknown",
	    weakest == RELAY_TLS_COUNT ? "-" : relay_tls_name(weakest));
}

int
check_onward_hop(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	struct ways *ways;
	int rc;

	result_set(review, TS_04, CHECK_NOT_EVALUATED, 0);
	if (!is_direct(run->inputs)) {
		say_unknown(run);
		return 0;
	}
	if (!review->world->resolver) {
		result_why(review, TS_04, doctor_code_name(DOCTOR_DNS_LATER),
		    SPAN(""));
		return 0;
	}
	ways = mem_new(sizeof *ways);
	ways->run = run;
	rc = look_at_ways(run, ways, err);
	free(ways);
	return rc;
}

/* ---- DN-04 ----------------------------------------------------------------------- */

/* The name at which a receiver looks for the key of a message. */
static bool
key_name(struct span message, struct buf *out)
{
	struct arena *arena = arena_new();
	const struct parse_field *field = NULL;
	struct span body, domain = SPAN(""), selector = SPAN("");
	struct parse_header header;

	if (parse_header(message, arena, &header, &body, NULL) == 0)
		field = parse_find(&header, "DKIM-Signature");
	if (field && taglist_find(field->value, "d", &domain) == 1 &&
	    taglist_find(field->value, "s", &selector) == 1)
		buf_printf(out, "%.*s._domainkey.%.*s", SPAN_ARG(selector),
		    SPAN_ARG(domain));
	arena_free(&arena);
	return out->len > 0;
}

static void
fail_sample(struct review *review, const struct err *why, struct span value)
{
	result_set(review, DN_04, CHECK_FAIL, 1);
	if (why->code == E_NONE)
		result_why(review, DN_04, doctor_code_name(DOCTOR_DKIM_MISSING),
		    value);
	else
		review->result[DN_04].why = *why;
}

/* Any record that verifies will do for receivers that try them all; two are
 * DN-03's business. */
static void
judge_sample(struct check_run *run, struct span message, const char *name,
    const struct dns_answer *answer)
{
	struct review *review = run->review;
	struct err why = {.code = E_NONE};

	if (answer->status == DNS_SERVFAIL) {
		result_why(review, DN_04, doctor_code_name(DOCTOR_DNS_LATER),
		    span_of(name));
		return;
	}
	if (answer->status == DNS_BOGUS) {
		result_set(review, DN_04, CHECK_FAIL, 1);
		result_why(review, DN_04, doctor_code_name(DOCTOR_DNS_BOGUS),
		    span_of(name));
		return;
	}
	for (size_t i = 0; i < answer->count; i++) {
		if (dkim_verify_with_key(message, answer->record[i].data,
			run->at_ms / 1000, &why) == 0) {
			result_set(review, DN_04, CHECK_PASS, 0);
			result_fact(review, DN_04, "key=%s", name);
			return;
		}
	}
	fail_sample(review, &why, span_of(name));
}

/* As HD-06: a relay may sign what is no advertisement. */
static void
say_unsigned(struct check_run *run)
{
	if (run->inputs->campaign.class == CLASS_AD)
		result_set(run->review, DN_04, CHECK_FAIL, 1);
	result_why(
	    run->review, DN_04, doctor_code_name(DOCTOR_DKIM_NO_KEY), SPAN(""));
}

static int
verify_sample(struct check_run *run, struct span message, struct err *err)
{
	struct review *review = run->review;
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT;
	struct err why = {.code = E_NONE};
	int rc = 0;

	if (!key_name(message, &name)) {
		say_unsigned(run);
	} else if (!review->world->resolver || name.len > DNS_NAME_MAX ||
		   ask(run, name.ptr, DNS_TXT, &answer, &why) < 0) {
		result_why(review, DN_04, doctor_code_name(DOCTOR_DNS_LATER),
		    buf_span(&name));
		if (why.code == E_CANCELLED)
			rc = err_set(err, E_CANCELLED);
	} else {
		judge_sample(run, message, name.ptr, &answer);
	}
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

/* The first message as it will leave. */
int
check_signed_sample(struct check_run *run, struct err *err)
{
	struct assembler *assembler = NULL;
	struct message message;
	struct err why = {.code = E_NONE};
	struct stmt *stmt = db_stmt(run->db,
	    "SELECT seq, address, name, fields FROM outbox"
	    " WHERE campaign = ?1 ORDER BY seq LIMIT 1",
	    err);
	int rc = 0, got;

	if (!stmt)
		return -1;
	result_set(run->review, DN_04, CHECK_NOT_EVALUATED, 0);
	stmt_int(stmt, 1, run->inputs->campaign.id.v);
	got = stmt_step(stmt, err);
	if (got == 1 &&
	    assembler_new(run->review->store, run->db, run->inputs->template,
		ASSEMBLE_SIGNED, &assembler, &why) == 0) {
		struct recipient recipient = {
		    .seq = stmt_col_int(stmt, 0),
		    .address = stmt_col_text(stmt, 1),
		    .name = stmt_col_text(stmt, 2),
		    .fields = stmt_col_text(stmt, 3),
		};

		if (assemble_message(
			assembler, &recipient, run->at_ms, &message, &why) == 0)
			rc = verify_sample(run, message.bytes, err);
	}
	stmt_reset(stmt);
	/* a message that cannot be made fails elsewhere */
	if (why.code == E_DKIM_MISSING)
		say_unsigned(run);
	else if (why.code != E_NONE)
		run->review->result[DN_04].why = why;
	assembler_free(&assembler);
	return got < 0 ? -1 : rc;
}
