/* What belongs together in a text: clusters that a reader takes for one
 * character, words by the kind of script (Japanese has no spaces), and the
 * folding for searches. */
#ifndef CORE_BASE_WORDS_H
#define CORE_BASE_WORDS_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum word_class {
	WORD_LINE,  /* one line end */
	WORD_BLANK, /* spaces, also the ideographic one */
	WORD_MARK,  /* punctuation and symbols */
	WORD_LATIN, /* letters and digits of alphabets, full-width ones too */
	WORD_KANJI,
	WORD_HIRAGANA,
	WORD_KATAKANA,
};

/* The class of one character. */
enum word_class word_class_of(uint32_t cp);

/* Takes the next word off *rest: a run of one class with the marks on its
 * characters; line ends and punctuation come one by one.  *class, when not
 * NULL, gets its class.  Empty when *rest was empty. */
struct span word_next(struct span *rest, enum word_class *class);

/* Takes the last word off the end of *rest, the same way. */
struct span word_last(struct span *rest, enum word_class *class);

/* Takes one extended grapheme cluster off *rest (the rules of UAX 29 that
 * matter: combining marks, variation selectors, emoji with modifiers, joined
 * by ZWJ, flags).  Empty when *rest was empty. */
struct span grapheme_next(struct span *rest);

/* Takes the last one off the end of *rest. */
struct span grapheme_last(struct span *rest);

/* The wide form of what stands in half width at U+FF61 to U+FF9F (katakana,
 * their sound marks as U+309B and U+309C, brackets, stops); any other character
 * as it is. */
uint32_t kana_wide(uint32_t cp);

/* The character that a kana and U+3099 or U+309A (dakuten, handakuten) make
 * together, or 0 when they make none. */
uint32_t kana_compose(uint32_t kana, uint32_t mark);

/* Appends text with its decomposed kana composed (NFC for kana). */
void kana_compose_text(struct span text, struct buf *out);

/* Takes one character off *rest as searches see it: letters lower-case,
 * full-width ASCII narrow, half-width katakana wide, kana composed.  False at
 * the end. */
bool fold_next(struct span *rest, uint32_t *cp);

/* True when text begins with needle as searches see both; *len then gets the
 * octets of text that match.  An empty needle never matches. */
bool fold_starts(struct span text, struct span needle, size_t *len);

#endif
