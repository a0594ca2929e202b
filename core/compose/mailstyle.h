/* What the file of a mail theme says, before HTML is made of it. */
#ifndef CORE_COMPOSE_MAILSTYLE_H
#define CORE_COMPOSE_MAILSTYLE_H

#include "core/base/err.h"
#include "core/base/span.h"

/* Values that are no number, colour or choice. */
enum { UNSET = -1, NONE = -2 };

enum { CHOICE_NO, CHOICE_YES };
enum { CHOICE_NONE, CHOICE_NAME };
enum { ALIGN_START, ALIGN_CENTER, ALIGN_END };
enum { WEIGHT_NORMAL, WEIGHT_BOLD };
enum { FONT_SANS, FONT_SERIF, FONT_MONO };
enum { HEAD_NONE, HEAD_BELOW, HEAD_ABOVE, HEAD_SIDE };
enum { RULE_SOLID, RULE_DASHED, RULE_DOTTED, RULE_DOUBLE };
enum { LINES_NONE, LINES_ROWS, LINES_ALL };
enum { PLACE_CARD, PLACE_PAGE };

enum style_key {
#define X(key, section, name, kind, least, most, light, dark) STYLE_##key,
#include "core/compose/mailtheme.def"
#undef X
	STYLE_KEYS
};

/* Colours are 0xRRGGBB; both members of everything else are the same. */
struct style_value {
	int light, dark;
};

enum { STYLE_NAME_MAX = 47, STYLE_FILE_MAX = 64 * 1024 };

/* Plain data, copied freely. */
struct mailstyle {
	char name[STYLE_NAME_MAX + 1];
	char name_ja[STYLE_NAME_MAX + 1]; /* may be empty */
	struct style_value value[STYLE_KEYS];
};

/* Reads a theme; what it leaves out is as in "letter", so that an empty text
 * is this theme.  The file of a theme says kind = mail.  E_MAIL_THEME (line,
 * column, why, wanted). */
int mailstyle_read(struct span text, struct mailstyle *out, struct err *err);

/* The keys of a heading level, 1 to 6: key is that of level 0. */
enum style_key mailstyle_heading(enum style_key key, int level);

/* A pair of colours that stand on each other. */
struct style_pair {
	const char *name; /* stable: "heading.1" */
	struct style_value ink, paper;
};

enum { STYLE_PAIRS_MAX = 24, STYLE_CONTRAST = 450 };

/* Fills out with every pair that a reader must be able to read and returns
 * their count. */
size_t mailstyle_pairs(
    const struct mailstyle *style, struct style_pair out[STYLE_PAIRS_MAX]);

#endif
