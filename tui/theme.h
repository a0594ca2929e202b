/* Themes: what each role of text looks like at 256 colours, 16 and none.
 * docs/themes.md describes the file format. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/span.h"

/* Everything on the screen has one of these roles; X(enumerator, name). */
#define THEME_ROLES(X)                                                         \
	X(ROLE_TEXT, "text")                                                   \
	X(ROLE_DIM, "dim")                                                     \
	X(ROLE_TITLE, "title")                                                 \
	X(ROLE_HEAD, "head")                                                   \
	X(ROLE_RULE, "rule")                                                   \
	X(ROLE_LINK, "link")                                                   \
	X(ROLE_MATCH, "match")                                                 \
	X(ROLE_MASK, "mask")                                                   \
	X(ROLE_MERGE, "merge")                                                 \
	X(ROLE_OFF, "off")                                                     \
	X(ROLE_BAR, "bar")                                                     \
	X(ROLE_BAR_KEY, "bar.key")                                             \
	X(ROLE_BAR_ALERT, "bar.alert")                                         \
	X(ROLE_BAR_LIVE, "bar.live")                                           \
	X(ROLE_SELECT, "select")                                               \
	X(ROLE_SELECT_BLUR, "select.blur")                                     \
	X(ROLE_MARK, "mark")                                                   \
	X(ROLE_CURSOR, "cursor")                                               \
	X(ROLE_FIELD, "field")                                                 \
	X(ROLE_FIELD_FOCUS, "field.focus")                                     \
	X(ROLE_FIELD_ERROR, "field.error")                                     \
	X(ROLE_BUTTON, "button")                                               \
	X(ROLE_BUTTON_FOCUS, "button.focus")                                   \
	X(ROLE_OK, "ok")                                                       \
	X(ROLE_WARN, "warn")                                                   \
	X(ROLE_ERR, "err")                                                     \
	X(ROLE_INFO, "info")                                                   \
	X(ROLE_DANGER, "danger")                                               \
	X(ROLE_MD_HEADING, "md.heading")                                       \
	X(ROLE_MD_CODE, "md.code")                                             \
	X(ROLE_MD_QUOTE, "md.quote")                                           \
	X(ROLE_MD_LINK, "md.link")                                             \
	X(ROLE_MD_STRONG, "md.strong")                                         \
	X(ROLE_MD_EMPH, "md.emph")                                             \
	X(ROLE_MD_UNDERLINE, "md.underline")                                   \
	X(ROLE_DIFF_ADD, "diff.add")                                           \
	X(ROLE_DIFF_DEL, "diff.del")                                           \
	X(ROLE_CHART_1, "chart.1")                                             \
	X(ROLE_CHART_2, "chart.2")                                             \
	X(ROLE_CHART_3, "chart.3")                                             \
	X(ROLE_CHART_GRID, "chart.grid")                                       \
	X(ROLE_PROGRESS_DONE, "progress.done")                                 \
	X(ROLE_PROGRESS_TODO, "progress.todo")                                 \
	X(ROLE_TOAST, "toast")                                                 \
	X(ROLE_TOAST_ERR, "toast.err")                                         \
	X(ROLE_OVERLAY, "overlay")                                             \
	X(ROLE_OVERLAY_KEY, "overlay.key")

enum role {
#define X(role, name) role,
	THEME_ROLES(X)
#undef X
	    ROLE_COUNT
};

enum theme_depth { DEPTH_MONO, DEPTH_16, DEPTH_256, DEPTH_COUNT };
enum theme_base { BASE_ANY, BASE_DARK, BASE_LIGHT };
enum theme_glyphs { GLYPHS_NARROW, GLYPHS_ASCII };

enum {
	LOOK_BOLD = 1,
	LOOK_UNDERLINE = 2,
	LOOK_REVERSE = 4,
	LOOK_DIM = 8,
	LOOK_ITALIC = 16
};
enum { COLOR_NONE = -1 }; /* the terminal's own colour */

/* How a role looks at one depth. */
struct look {
	short fg; /* COLOR_NONE or an index, 0..15 at DEPTH_16 */
	short bg;
	unsigned attr; /* LOOK_... */
};

enum { THEME_NAME_MAX = 47, THEME_FILE_MAX = 64 * 1024 };

/* Plain data, copied freely. */
struct theme {
	char id[THEME_NAME_MAX + 1];      /* "sumi": the file's name */
	char name[THEME_NAME_MAX + 1];    /* shown, UTF-8 */
	char name_ja[THEME_NAME_MAX + 1]; /* may be empty */
	enum theme_base base;
	enum theme_glyphs glyphs;
	struct look look[DEPTH_COUNT][ROLE_COUNT];
};

/* Where theme files are: folders tried in order; NULL ends the list. */
struct theme_places {
	const char *dir[4];
};

/* Fills out with the built-in theme "terminal", which needs no file. */
void theme_default(struct theme *out);

/* Fills out with a theme that needs no file, "terminal" or "mono"; false when
 * id is another. */
bool theme_built_in(const char *id, struct theme *out);

/* Reads a theme from text.  places, which may be NULL, is where its parent is
 * looked up.  E_THEME_SYNTAX (path, line, column, why), E_THEME_MISSING;
 * *out is then unchanged. */
int theme_parse(struct span text, const char *path,
    const struct theme_places *places, struct theme *out, struct err *err);

/* Reads the theme of this id (letters, digits, '-') from the first place that
 * has it; "terminal" and "mono" are found even without files.  Errors as
 * theme_parse(), E_FILE_READ, E_FILE_SIZE. */
int theme_load(const struct theme_places *places, const char *id,
    struct theme *out, struct err *err);

/* The name of a role in theme files; a static string. */
const char *role_name(enum role role);

/* WCAG contrast of a role at a depth times 100 (450 is 4.5), taking an unset
 * colour as the base's black or white; 0 at DEPTH_MONO. */
int theme_contrast(
    const struct theme *theme, enum theme_depth depth, enum role role);

/* The least contrast times 100 that a role must have: 450, rules 300. */
int theme_contrast_wanted(enum role role);

/* The index among 16..255 nearest to 0xRRGGBB in CIELAB. */
int theme_nearest_256(unsigned rgb);

/* The index among 0..15, as xterm paints them, nearest to 0xRRGGBB. */
int theme_nearest_16(unsigned rgb);

/* 0xRRGGBB of a palette index, 0..255 (0..15 as xterm paints them). */
unsigned theme_rgb(int index);

#endif
