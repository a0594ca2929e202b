/* The table of checks and the counting of faults.  Severity decides what clears
 * a line: a failed block only repair, a line that was not evaluated an
 * attestation in words. */
#include "core/review/checklist.h"

#include "core/review/jobs.h"

static const struct check checks[] = {
#define X(number, id, severity, answer, life, source)                          \
	{id, CHECK_##severity, ANSWER_##answer, LIFE_##life, source},
#include "core/review/checks.def"
#undef X
};

const struct check *
check_all(size_t *count)
{
	*count = CHECK_COUNT;
	return checks;
}

enum check_id
check_of(const char *id)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (!strcmp(checks[i].id, id))
			return (enum check_id)i;
	}
	return CHECK_COUNT;
}

int
check_is_built(const struct check *check)
{
	size_t count;
	const struct check_job *job = jobs_all(&count);

	if (!strcmp(check->source, SOURCE_PROOF) ||
	    !strcmp(check->source, SOURCE_PERSON))
		return 1;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(job[i].name, check->source))
			return 1;
	}
	return 0;
}

/* Counts, and tells whether this is the first fault by seq so far. */
static bool
count_fault(struct tally *tally, enum check_id check, int64_t seq)
{
	bool first =
	    tally->count[check]++ == 0 || seq < tally->first_seq[check];

	if (first)
		tally->first_seq[check] = seq;
	return first;
}

void
tally_add(struct tally *tally, enum check_id check, int64_t seq,
    const char *what, struct span value)
{
	struct err *err = &tally->first[check];

	if (!count_fault(tally, check, seq))
		return;
	err_set(err, E_REVIEW_FINDING);
	err_fact(err, "what", span_of(what));
	err_fact_int(err, "seq", seq);
	err_fact(err, "value", span_slice(value, 0, 120));
}

void
tally_err(struct tally *tally, enum check_id check, int64_t seq,
    const struct err *err)
{
	if (!count_fault(tally, check, seq))
		return;
	tally->first[check] = *err;
	err_fact_int(&tally->first[check], "seq", seq);
}

void
tally_merge(struct tally *tally, const struct tally *other)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (other->count[i] &&
		    (!tally->count[i] ||
			other->first_seq[i] < tally->first_seq[i])) {
			tally->first[i] = other->first[i];
			tally->first_seq[i] = other->first_seq[i];
		}
		tally->count[i] += other->count[i];
	}
	tally->closed_files += other->closed_files;
	if (other->octets_max > tally->octets_max)
		tally->octets_max = other->octets_max;
	tally->fallbacks += other->fallbacks;
	tally->charset_fallbacks += other->charset_fallbacks;
	tally->encrypted += other->encrypted;
}
