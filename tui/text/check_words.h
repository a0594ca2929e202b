/* What the lines of the checklist say, a file per chapter.  Core has ids, codes
 * and facts; here they become sentences. */
#ifndef TUI_TEXT_CHECK_WORDS_H
#define TUI_TEXT_CHECK_WORDS_H

#include "core/base/buf.h"
#include "core/review/review.h"

/* The words of one line, untranslated. */
struct check_words {
	const char *id;
	const char *title;  /* what it asserts; at most 46 columns, both
			     * languages */
	const char *repair; /* what to do when it fails, or to know before an
			     * answer; NULL: nothing yet */
	/* Adds what was measured, a sentence or nothing; NULL: nothing ever. */
	void (*say)(const struct check_result *result, struct buf *out);
};

/* What a finding means, by its stable word (fact "what"). */
struct check_finding {
	const char *what, *text;
};

struct check_chapter {
	const char *heading;
	const struct check_words *words;
	size_t count;
	const struct check_finding *findings;
	size_t finding_count;
};

extern const struct check_chapter check_recipients, check_content, check_links,
    check_legal, check_form, check_dns, check_transport, check_reputation,
    check_pace, check_people, check_tripwires;

/* The words of a line and its chapter (which may be NULL). */
const struct check_words *check_words_of(
    const char *id, const struct check_chapter **chapter);

/* The sentence for a finding's word, translated; the word itself when there is
 * none. */
const char *check_finding_text(const char *what);

/* The value of one name=value word of a result's facts; it ends where the next
 * name begins, so that it may hold blanks. */
struct span check_fact(const struct check_result *result, const char *name);

/* The same as a number, or 0. */
int64_t check_number(const struct check_result *result, const char *name);

#endif
