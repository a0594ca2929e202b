/* What has changed between two texts, by words: for versions of a text, for
 * what an editor gave back, for two mails side by side. */
#ifndef CORE_BASE_DIFF_H
#define CORE_BASE_DIFF_H

#include "core/base/span.h"

enum diff_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };

/* A stretch; lies in the first text (DIFF_GONE) or the second (DIFF_NEW);
 * DIFF_SAME in both, text being that of the second. */
struct diff_run {
	enum diff_kind kind;
	struct span text;
};

/* What diff_words() found; end with diff_done(). */
struct diff {
	struct diff_run *run; /* in order; what is gone before what is new */
	size_t count;
	size_t changes; /* places: neighbouring GONE and NEW are one */
};

#define DIFF_INIT ((struct diff){.count = 0})

/* Compares two texts by words (core/base/words.h: script by script where there
 * are no spaces), in time and memory that stay bounded whatever they hold: very
 * long texts are compared by lines, and stretches that have nothing to hold on
 * to are taken as replaced.  The GONE and SAME runs joined give from's octets
 * but for nothing, the NEW and SAME runs to's.  The spans live as long as the
 * two texts. */
void diff_words(struct span from, struct span to, struct diff *out);

/* Frees the runs and leaves DIFF_INIT. */
void diff_done(struct diff *diff);

#endif
