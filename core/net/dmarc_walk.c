/* Finding what a domain's DMARC policy is and whose domain it is, by the walk
 * through the tree of RFC 9989 section 4.10.  A question without an answer ends
 * the walk: what stands above it would not be believed by a receiver either. */
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/net/dmarc.h"

enum { LABELS_KEPT = 7 }; /* of a long name, after the first question */

/* ---- Questions --------------------------------------------------------------- */

/* Asks about prefix.domain; a name that is too long does not exist. */
static int
ask(const struct dmarc_question *how, const char *prefix, struct span domain,
    enum dns_type type, struct dns_answer *out, struct err *err)
{
	struct buf name = BUF_INIT;
	int rc = 0;

	buf_text(&name, prefix);
	buf_add(&name, domain);
	dns_answer_init(out, DNS_NXDOMAIN, SPAN(""));
	if (name.len <= DNS_NAME_MAX &&
	    span_index(domain, '\0') == domain.len) {
		struct dns_question what = {name.ptr, type, how->cancel};

		rc = how->resolver->ask(how->resolver, &what, out, err);
	}
	buf_done(&name);
	return rc;
}

static bool
is_failed(const struct dns_answer *answer)
{
	return answer->status == DNS_SERVFAIL || answer->status == DNS_BOGUS;
}

static void
fail(struct dmarc_walk *walk, const struct dmarc_step *step)
{
	struct buf name = BUF_INIT;

	buf_printf(&name, "_dmarc.%s", step->domain);
	walk->failed = true;
	err_set(
	    &walk->why, step->status == DNS_BOGUS ? E_DNS_BOGUS : E_DNS_LATER);
	err_fact(&walk->why, "name", buf_span(&name));
	err_fact(&walk->why, "status", span_of(dns_status_name(step->status)));
	buf_done(&name);
}

/* ---- The walk ---------------------------------------------------------------- */

static size_t
count_labels(struct span name)
{
	size_t count = 0;

	while (name.len) {
		span_cut(&name, '.');
		count++;
	}
	return count;
}

/* The one record of an answer, if there is one. */
static void
read_answer(const struct dns_answer *answer, struct dmarc_walk *walk,
    struct dmarc_step *step)
{
	struct span text = {0};

	step->status = answer->status;
	for (size_t i = 0; i < answer->count; i++) {
		if (!dmarc_is_record(answer->record[i].data))
			continue;
		text = answer->record[i].data;
		step->records++;
	}
	if (step->records > 1) {
		err_set(&step->why, E_DMARC_RECORD);
		err_fact(&step->why, "why", SPAN("records"));
	} else if (step->records) {
		text = arena_copy(walk->bytes, text);
		step->usable =
		    dmarc_parse(text, &step->record, &step->why) == 0;
	}
	if (step->why.code)
		err_fact(&step->why, "domain", span_of(step->domain));
}

static int
take_step(const struct dmarc_question *how, struct span domain,
    struct dmarc_walk *walk, struct err *err)
{
	struct dmarc_step *step = &walk->step[walk->count++];
	struct dns_answer answer;
	int rc;

	span_text(step->domain, sizeof step->domain, domain);
	rc = ask(how, "_dmarc.", domain, DNS_TXT, &answer, err);
	if (rc == 0) {
		read_answer(&answer, walk, step);
		if (is_failed(&answer))
			fail(walk, step);
	}
	dns_answer_done(&answer);
	return rc;
}

static bool
is_last(const struct dmarc_walk *walk)
{
	const struct dmarc_step *step = &walk->step[walk->count - 1];

	return walk->failed || walk->count == DMARC_QUERIES_MAX ||
	       (step->usable && step->record.psd != DMARC_PSD_UNKNOWN);
}

/* The name with one label more than suffix, out of name, which ends with it. */
static struct span
one_below(struct span name, struct span suffix)
{
	size_t from = name.len - suffix.len;

	while (from > 1 && name.ptr[from - 2] != '.')
		from--;
	return span_slice(name, from > 1 ? from - 1 : 0, name.len);
}

/* Section 4.10.2: from the longest name to the shortest. */
static void
find_organisation(struct span domain, struct dmarc_walk *walk)
{
	struct span found = domain;

	for (size_t i = 0; i < walk->count; i++) {
		const struct dmarc_step *step = &walk->step[i];
		struct span name = span_of(step->domain);

		if (!step->usable)
			continue;
		found = name;
		if (step->record.psd == DMARC_PSD_YES && i)
			found = one_below(domain, name);
		if (step->record.psd != DMARC_PSD_UNKNOWN)
			break;
	}
	span_text(walk->organisation, sizeof walk->organisation, found);
}

int
dmarc_walk(const struct dmarc_question *how, struct span domain,
    struct dmarc_walk *out, struct err *err)
{
	struct span name = domain;

	*out = (struct dmarc_walk){.bytes = arena_new()};
	while (name.len) {
		if (take_step(how, name, out, err) < 0)
			return -1;
		if (is_last(out))
			break;
		do
			span_cut(&name, '.');
		while (count_labels(name) > LABELS_KEPT);
	}
	find_organisation(domain, out);
	return 0;
}

void
dmarc_walk_done(struct dmarc_walk *walk)
{
	arena_free(&walk->bytes);
	walk->count = 0;
}

/* ---- Discovery --------------------------------------------------------------- */

/* True when the name has an address or takes mail, or nobody can say. */
static int
does_exist(const struct dmarc_question *how, struct span domain, bool *out,
    struct err *err)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX};
	int rc = 0;

	*out = false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct dns_answer answer;

		if (rc == 0 && !*out) {
			rc = ask(how, "", domain, types[i], &answer, err);
			*out = rc == 0 && (answer.status == DNS_FOUND ||
					      is_failed(&answer));
			dns_answer_done(&answer);
		}
	}
	return rc;
}

/* The step that stands for this name, if its record can be used. */
static const struct dmarc_step *
find_step(const struct dmarc_walk *walk, struct span name)
{
	for (size_t i = 0; i < walk->count; i++) {
		if (walk->step[i].usable &&
		    span_equal(span_of(walk->step[i].domain), name))
			return &walk->step[i];
	}
	return NULL;
}

/* The last step's record when it is a public suffix's. */
static const struct dmarc_step *
find_suffix(const struct dmarc_walk *walk)
{
	const struct dmarc_step *step = &walk->step[walk->count - 1];

	return step->usable && step->record.psd == DMARC_PSD_YES ? step : NULL;
}

static enum dmarc_policy
weaker(enum dmarc_policy policy)
{
	return policy == DMARC_NONE ? policy : (enum dmarc_policy)(policy - 1);
}

int
dmarc_find(const struct dmarc_question *how, const struct dmarc_walk *walk,
    struct dmarc_found *out, struct err *err)
{
	const struct dmarc_record *record;
	struct span domain;

	*out = (struct dmarc_found){.exists = true};
	if (!walk->count)
		return 0;
	domain = span_of(walk->step[0].domain);
	out->where = DMARC_AUTHOR;
	out->step = find_step(walk, domain);
	if (!out->step && !walk->failed) {
		out->where = DMARC_ORGANISATION;
		out->step = find_step(walk, span_of(walk->organisation));
	}
	if (!out->step && !walk->failed) {
		out->where = DMARC_SUFFIX;
		out->step = find_suffix(walk);
	}
	if (!out->step) {
		out->where = DMARC_NOWHERE;
		return 0;
	}
	record = &out->step->record;
	out->policy = record->p;
	if (out->where != DMARC_AUTHOR) {
		if (record->np != record->sp &&
		    does_exist(how, domain, &out->exists, err) < 0)
			return -1;
		out->policy = out->exists ? record->sp : record->np;
	}
	out->applied = record->testing ? weaker(out->policy) : out->policy;
	return 0;
}

/* ---- Alignment --------------------------------------------------------------- */

int
dmarc_compare(const struct dmarc_question *how, const struct dmarc_walk *from,
    struct span domain, enum dmarc_fit *out, struct err *err)
{
	struct dmarc_walk walk;
	int rc;

	*out = DMARC_SAME;
	if (from->count &&
	    span_equal_nocase(span_of(from->step[0].domain), domain))
		return 0;
	rc = dmarc_walk(how, domain, &walk, err);
	if (from->failed || walk.failed)
		*out = DMARC_UNSURE;
	else if (span_equal_nocase(
		     span_of(walk.organisation), span_of(from->organisation)))
		*out = DMARC_SAME_ORGANISATION;
	else
		*out = DMARC_APART;
	dmarc_walk_done(&walk);
	return rc;
}

bool
dmarc_aligned(enum dmarc_fit fit, enum dmarc_mode mode)
{
	return fit == DMARC_SAME ||
	       (fit == DMARC_SAME_ORGANISATION && mode == DMARC_RELAXED);
}

/* ---- Reports to others ------------------------------------------------------- */

static int
ask_target(const struct dmarc_question *how, struct span policy,
    struct span target, enum dmarc_target *out, struct err *err)
{
	struct dns_answer answer;
	struct buf name = BUF_INIT;
	int rc;

	buf_add(&name, policy);
	buf_text(&name, "._report._dmarc.");
	buf_add(&name, target);
	rc = ask(how, "", buf_span(&name), DNS_TXT, &answer, err);
	*out = is_failed(&answer) ? DMARC_TARGET_UNSURE : DMARC_TARGET_MISSING;
	for (size_t i = 0; i < answer.count; i++) {
		if (dmarc_is_record(answer.record[i].data))
			*out = DMARC_TARGET_ALLOWED;
	}
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

int
dmarc_target(const struct dmarc_question *how, const struct dmarc_walk *policy,
    struct span target, enum dmarc_target *out, struct err *err)
{
	enum dmarc_fit fit;

	*out = DMARC_TARGET_OWN;
	if (dmarc_compare(how, policy, target, &fit, err) < 0)
		return -1;
	if (fit == DMARC_SAME || fit == DMARC_SAME_ORGANISATION)
		return 0;
	return ask_target(
	    how, span_of(policy->step[0].domain), target, out, err);
}
