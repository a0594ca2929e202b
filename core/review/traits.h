/* What is unusual about a value: what a person should have seen in a mail
 * before it goes to everybody. */
#ifndef CORE_REVIEW_TRAITS_H
#define CORE_REVIEW_TRAITS_H

#include "core/base/span.h"

enum trait {
	TRAIT_EMOJI,
	TRAIT_KANJI,   /* a kanji that JIS X 0208 lacks */
	TRAIT_SCRIPT,  /* letters neither Latin nor Japanese */
	TRAIT_RTL,     /* written from right to left */
	TRAIT_CONTROL, /* controls, invisible and reordering characters */
	TRAIT_PRIVATE, /* private use, and what is not UTF-8 */
	TRAITS
};

/* The traits of a text: bit 1 << trait for each. */
unsigned traits_of(struct span text);

#endif
