/* The table of checks and the counting of faults.  The ids are those of the
 * manual; severity decides what clears a line: a failed block only repair, a
 * line that was not evaluated an attestation in words. */
#include "core/review/checklist.h"

#include <assert.h>

static const struct check checks[] = {
    [LC_01] = {"LC-01", CHECK_BLOCK, ANSWER_NONE},
    [LC_03] = {"LC-03", CHECK_BLOCK, ANSWER_NONE},
    [LC_04] = {"LC-04", CHECK_BLOCK, ANSWER_NONE},
    [LC_05] = {"LC-05", CHECK_BLOCK, ANSWER_NONE},
    [CM_01] = {"CM-01", CHECK_BLOCK, ANSWER_NONE},
    [CM_02] = {"CM-02", CHECK_BLOCK, ANSWER_NONE},
    [CM_04] = {"CM-04", CHECK_BLOCK, ANSWER_NONE},
    [CM_05] = {"CM-05", CHECK_BLOCK, ANSWER_NONE},
    [CM_07] = {"CM-07", CHECK_BLOCK, ANSWER_NONE},
    [CM_07W] = {"CM-07W", CHECK_WARN, ANSWER_SENTENCE},
    [CM_08] = {"CM-08", CHECK_BLOCK, ANSWER_NONE},
    [CM_09] = {"CM-09", CHECK_BLOCK, ANSWER_NONE},
    [CM_10] = {"CM-10", CHECK_BLOCK, ANSWER_NONE},
    [CM_10W] = {"CM-10W", CHECK_WARN, ANSWER_SENTENCE},
    [LG_01] = {"LG-01", CHECK_BLOCK, ANSWER_NONE},
    [LG_02] = {"LG-02", CHECK_BLOCK, ANSWER_NONE},
    [LG_03] = {"LG-03", CHECK_BLOCK, ANSWER_NONE},
    [LG_04] = {"LG-04", CHECK_BLOCK, ANSWER_NONE},
    [HD_01] = {"HD-01", CHECK_BLOCK, ANSWER_NONE},
    [HD_02] = {"HD-02", CHECK_BLOCK, ANSWER_NONE},
    [HD_03] = {"HD-03", CHECK_BLOCK, ANSWER_NONE},
    [HD_05] = {"HD-05", CHECK_BLOCK, ANSWER_NONE},
    [HD_06] = {"HD-06", CHECK_BLOCK, ANSWER_NONE},
    [TS_01] = {"TS-01", CHECK_BLOCK, ANSWER_NONE},
    [TS_02] = {"TS-02", CHECK_BLOCK, ANSWER_NONE},
    [TS_03] = {"TS-03", CHECK_BLOCK, ANSWER_SENTENCE},
    [TS_05] = {"TS-05", CHECK_BLOCK, ANSWER_NONE},
    [TS_05W] = {"TS-05W", CHECK_WARN, ANSWER_SENTENCE},
    [PP_01] = {"PP-01", CHECK_BLOCK, ANSWER_SENTENCE},
    [PP_02] = {"PP-02", CHECK_BLOCK, ANSWER_NONE},
    [PP_03] = {"PP-03", CHECK_BLOCK, ANSWER_COUNT},
    [PP_05] = {"PP-05", CHECK_BLOCK, ANSWER_CODES},
};
static_assert(
    sizeof checks / sizeof *checks == CHECK_COUNT, "describe every check");

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
	if (other->octets_max > tally->octets_max)
		tally->octets_max = other->octets_max;
	tally->fallbacks += other->fallbacks;
	tally->charset_fallbacks += other->charset_fallbacks;
	tally->encrypted += other->encrypted;
}
