/* The mark on a test mail. */
#ifndef CORE_COMPOSE_TESTMARK_H
#define CORE_COMPOSE_TESTMARK_H

#include "core/compose/compose.h"

/* The parts of a merged message, which the mark is put on; UTF-8, LF. */
struct testmark_parts {
	struct buf *subject, *text, *html;
};

/* Puts words before the subject and a band on top of both parts, in the
 * language that the HTML part names.  E_BUG when it has no body. */
int testmark_add(const struct testmark_parts *parts,
    const struct test_mark *mark, struct err *err);

#endif
