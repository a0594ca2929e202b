/* Mail themes: what the elements, the frame, the buttons and the footer of an
 * HTML part look like.  docs/mail-themes.md describes the file format. */
#ifndef CORE_COMPOSE_MAILTHEME_H
#define CORE_COMPOSE_MAILTHEME_H

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"
#include "core/compose/merge.h"

/* What the text of a mail is made of. */
enum mail_element {
	MAIL_P,
	MAIL_H1,
	MAIL_H2,
	MAIL_H3,
	MAIL_H4,
	MAIL_H5,
	MAIL_H6,
	MAIL_UL,
	MAIL_OL,
	MAIL_LI,
	MAIL_QUOTE,
	MAIL_PRE,
	MAIL_PRE_CODE, /* the code element within pre */
	MAIL_CODE,
	MAIL_HR,
	MAIL_LINK,
	MAIL_IMAGE,
	MAIL_STRONG,
	MAIL_EM,
	MAIL_TABLE,
	MAIL_TABLE_WHOLE, /* the same where no word may be broken */
	MAIL_BREAK,       /* a span in it where words may be */
	MAIL_TH,          /* at the side where lines begin */
	MAIL_TH_CENTER,
	MAIL_TH_END, /* at the side where lines end: numbers */
	MAIL_TD,
	MAIL_TD_CENTER,
	MAIL_TD_END,
	MAIL_FOOTER_LINK,
	MAIL_ELEMENTS
};

/* A theme, immutable; lives as long as the arena it was made in. */
struct mailtheme;

/* Reads a theme for a text in this language (a BCP 47 tag; it decides the
 * direction and which fonts are asked for).  An empty text is the theme
 * "letter".  E_MAIL_THEME (line, column, why, wanted), E_FILE_SIZE. */
int mailtheme_parse(struct span text, struct span language, struct arena *arena,
    const struct mailtheme **out, struct err *err);

/* The theme "letter" for a text in Japanese; needs no file. */
const struct mailtheme *mailtheme_builtin(struct arena *arena);

/* The language of a text, told by its script: "ja", "ko", "ar", "he", "th",
 * "el", else "en".  A static string. */
const char *mailtheme_language(struct span text);

/* The attributes of an element with a blank in front (" style=\"...\""), ready
 * to stand behind its name; may be empty.  They hold no marks. */
struct span mailtheme_attr(
    const struct mailtheme *theme, enum mail_element element);

/* What stands around the text; spans are borrowed for the call. */
struct mailtheme_frame {
	struct merge_set *set;
	struct span title;     /* of the page, with tokens of set */
	struct span preheader; /* with tokens of set, or empty */
	struct span sender;    /* for a band; no marks are looked for */
};

/* Writes everything before the text: document type, head, hidden preheader,
 * tables. */
void mailtheme_begin(const struct mailtheme *theme,
    const struct mailtheme_frame *frame, struct merge_text *html);

/* Ends the text and opens the place of the footer, at most once; the footer
 * is lines ended by <br>. */
void mailtheme_footer(const struct mailtheme *theme, struct merge_text *html);

/* Ends what begin and footer have opened. */
void mailtheme_end(const struct mailtheme *theme, struct merge_text *html);

/* A button is a block, not part of a paragraph: open writes the markup up to
 * the link's target, which the caller adds for an attribute; label goes on up
 * to the words, which the caller adds; close ends it. */
void mailtheme_button_open(
    const struct mailtheme *theme, struct merge_text *html);
void mailtheme_button_label(
    const struct mailtheme *theme, struct merge_text *html);
void mailtheme_button_close(
    const struct mailtheme *theme, struct merge_text *html);

#endif
