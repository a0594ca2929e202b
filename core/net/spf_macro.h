/* Macros of SPF (RFC 7208 section 7): checked where a record is read, filled in
 * where it is evaluated. */
#ifndef CORE_NET_SPF_MACRO_H
#define CORE_NET_SPF_MACRO_H

#include <stdint.h>

#include "core/base/buf.h"

/* Where the text stands: c, r and t are for explanations only, and so are
 * blanks. */
enum spf_macro_place { SPF_IN_RECORD, SPF_IN_EXPLANATION };

/* What macros stand for; all borrowed. */
struct spf_macros {
	struct span sender, local, sender_domain; /* s, l, o */
	struct span domain;                       /* d */
	struct span ehlo, receiver;               /* h, r */
	struct span host;                         /* p */
	const unsigned char *ip;                  /* c, i, v */
	size_t ip_len;                            /* 4 or 16 */
	int64_t now_s;                            /* t */
};

/* True when text is a macro-string: printable ASCII with proper macros. */
bool spf_macro_valid(struct span text, enum spf_macro_place place);

/* True when text is a domain-spec: a valid macro-string that ends in a macro or
 * in a dot and a top label. */
bool spf_domain_valid(struct span text);

/* True when a macro of this letter (lower case) stands in text; '*': any. */
bool spf_macro_has(struct span text, char letter);

/* Appends text, which must be valid, with its macros filled in. */
void spf_macro_expand(
    struct span text, const struct spf_macros *with, struct buf *out);

#endif
