/* Headers and the words in cells, in the form in which they are compared. */
#ifndef CORE_IMPORT_HEADER_H
#define CORE_IMPORT_HEADER_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/span.h"
#include "core/import/column.h"

/* Appends a text as headers are compared: NFKC for what stands in headers
 * (width, kana, circled numbers, ℡ № ㈱), lower case, without spaces and the
 * signs that are strewn between words (- _ . : * ※). */
void header_fold(struct span text, struct buf *out);

/* True when a header is that word, which is folded; a remark in brackets at
 * either end, "(必須)", does not count. */
bool header_is(struct span header, const char *word);

/* What a header says about its column by the words in use. */
struct header_word {
	enum import_target target;
	int rank; /* among words of the same target; the best is 0 */
	enum header_part {
		HEADER_WHOLE,
		HEADER_FAMILY, /* of a name: 姓, Last Name */
		HEADER_GIVEN   /* 名, First Name */
	} part;
	enum import_sense sense;
	bool postal;   /* 郵便番号 */
	bool doubtful; /* "address": only with an @ in the column */
};

/* Finds the word; false when it is none of them. */
bool header_word(struct span header, struct header_word *out);

#endif
