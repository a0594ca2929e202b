/* Theme files.  An INI dialect read strictly: anything not understood is an
 * error with its line and column, because a theme half applied is unreadable.
 * A role that a file leaves out comes from the theme's parent, else from the
 * role in front of its last dot, else from "text"; a background left out is
 * that of "text". */
#include "tui/theme.h"

#include <assert.h>
#include <stdio.h>

#include "core/base/color.h"
#include "core/base/file.h"
#include "core/base/ini.h"
#include "core/base/utf8.h"

enum { PARENTS_MAX = 4 };

static const char *const role_names[] = {
#define X(role, name) [role] = name,
    THEME_ROLES(X)
#undef X
};
static_assert(
    sizeof role_names / sizeof *role_names == ROLE_COUNT, "name every role");

enum section { SECTION_NONE, SECTION_THEME, SECTION_GLYPHS, SECTION_ROLE };

/* A role as the file wrote it: BG_UNSET until a background is named. */
enum { BG_UNSET = -2 };

struct draft {
	struct theme theme;
	bool is_set[DEPTH_COUNT][ROLE_COUNT];
	bool has_parent;
	struct theme parent;
	/* where we are */
	const char *path;
	const struct theme_places *places;
	int depth_of_parents;
	enum section section;
	enum theme_depth depth; /* in SECTION_ROLE */
	struct ini ini;
};

static int load(const struct theme_places *places, const char *id,
    int depth_of_parents, struct theme *out, struct err *err);

const char *
role_name(enum role role)
{
	return role_names[(unsigned)role < ROLE_COUNT ? role : ROLE_TEXT];
}

static int
fail(struct draft *draft, struct span at, const char *why, struct err *err)
{
	err_set(err, E_THEME_SYNTAX);
	err_fact(err, "path", span_of(draft->path));
	err_fact_int(err, "line", draft->ini.line);
	err_fact_int(err, "column", ini_column(&draft->ini, at));
	return err_fact(err, "why", span_of(why));
}

static int
color_named(struct span word)
{
	static const char *const color[] = {"black", "red", "green", "yellow",
	    "blue", "magenta", "cyan", "white"};
	int bright = 0;

	if (span_starts(word, SPAN("bright-"))) {
		bright = 8;
		word = span_slice(word, 7, word.len);
	}
	for (int i = 0; i < 8; i++) {
		if (span_equal(word, span_of(color[i])))
			return i + bright;
	}
	return -1;
}

/* Reads a colour for a depth; false when word is none. */
static bool
color_of(struct span word, enum theme_depth depth, short *out)
{
	int64_t number = color_named(word);
	unsigned rgb;

	if (span_equal(word, SPAN("default"))) {
		*out = COLOR_NONE;
		return true;
	}
	if (color_read(word, &rgb))
		number = depth == DEPTH_16 ? theme_nearest_16(rgb)
					   : theme_nearest_256(rgb);
	else if (number < 0 && !span_int(word, &number))
		return false;
	if (number > (depth == DEPTH_16 ? 15 : 255))
		return false;
	*out = (short)number;
	return true;
}

static unsigned
attr_of(struct span word)
{
	static const struct {
		const char *name;
		unsigned bit;
	} attrs[] = {
	    {"bold", LOOK_BOLD},
	    {"underline", LOOK_UNDERLINE},
	    {"reverse", LOOK_REVERSE},
	    {"dim", LOOK_DIM},
	    {"italic", LOOK_ITALIC},
	};

	for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++) {
		if (span_equal(word, span_of(attrs[i].name)))
			return attrs[i].bit;
	}
	return 0;
}

static struct span
next_word(struct span *rest)
{
	struct span word;

	*rest = span_trim(*rest);
	word = span_slice(*rest, 0, 0);
	while (word.len < rest->len && rest->ptr[word.len] != ' ' &&
	       rest->ptr[word.len] != '\t')
		word.len++;
	*rest = span_slice(*rest, word.len, rest->len);
	return word;
}

/* FG [on BG] [attributes], in any order but for "on BG". */
static int
parse_look(
    struct draft *draft, struct span value, struct look *out, struct err *err)
{
	struct look look = {COLOR_NONE, BG_UNSET, 0};
	struct span word;
	bool has_fg = false;
	unsigned bit;

	while ((word = next_word(&value)).len > 0) {
		if ((bit = attr_of(word))) {
			look.attr |= bit;
		} else if (draft->depth == DEPTH_MONO) {
			if (!span_equal(word, SPAN("default")))
				return fail(draft, word,
				    "mono has attributes only", err);
		} else if (span_equal(word, SPAN("on"))) {
			word = next_word(&value);
			if (!color_of(word, draft->depth, &look.bg))
				return fail(draft, word, "not a colour", err);
		} else if (has_fg || !color_of(word, draft->depth, &look.fg)) {
			return fail(
			    draft, word, "not a colour or attribute", err);
		} else {
			has_fg = true;
		}
	}
	*out = look;
	return 0;
}

static int
role_of(struct span name)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (span_equal(name, span_of(role_names[i])))
			return i;
	}
	return -1;
}

static int
set_role(
    struct draft *draft, struct span name, struct span value, struct err *err)
{
	int role = role_of(name);

	if (role < 0)
		return fail(draft, name, "no such role", err);
	if (draft->is_set[draft->depth][role])
		return fail(draft, name, "given twice", err);
	draft->is_set[draft->depth][role] = true;
	return parse_look(
	    draft, value, &draft->theme.look[draft->depth][role], err);
}

static int
set_name(struct draft *draft, char *out, struct span value, struct err *err)
{
	if (value.len > THEME_NAME_MAX || !utf8_is_valid(value))
		return fail(draft, value, "not a name", err);
	snprintf(out, THEME_NAME_MAX + 1, "%.*s", SPAN_ARG(value));
	return 0;
}

static int
set_base(struct draft *draft, struct span value, struct err *err)
{
	if (span_equal(value, SPAN("any")))
		draft->theme.base = BASE_ANY;
	else if (span_equal(value, SPAN("dark")))
		draft->theme.base = BASE_DARK;
	else if (span_equal(value, SPAN("light")))
		draft->theme.base = BASE_LIGHT;
	else
		return fail(draft, value, "any, dark or light", err);
	return 0;
}

static int
set_parent(struct draft *draft, struct span value, struct err *err)
{
	char id[THEME_NAME_MAX + 1];

	if (set_name(draft, id, value, err) < 0)
		return -1;
	if (draft->depth_of_parents >= PARENTS_MAX)
		return fail(draft, value, "too many parents", err);
	if (load(draft->places, id, draft->depth_of_parents + 1, &draft->parent,
		NULL) < 0)
		return fail(draft, value, "no such parent", err);
	draft->has_parent = true;
	return 0;
}

static int
set_theme(
    struct draft *draft, struct span name, struct span value, struct err *err)
{
	if (span_equal(name, SPAN("name")))
		return set_name(draft, draft->theme.name, value, err);
	if (span_equal(name, SPAN("name.ja")))
		return set_name(draft, draft->theme.name_ja, value, err);
	if (span_equal(name, SPAN("base")))
		return set_base(draft, value, err);
	if (span_equal(name, SPAN("parent")))
		return set_parent(draft, value, err);
	return fail(draft, name, "unknown name", err);
}

static int
set_glyphs(
    struct draft *draft, struct span name, struct span value, struct err *err)
{
	if (!span_equal(name, SPAN("set")))
		return fail(draft, name, "unknown name", err);
	if (span_equal(value, SPAN("ascii")))
		draft->theme.glyphs = GLYPHS_ASCII;
	else if (span_equal(value, SPAN("narrow")))
		draft->theme.glyphs = GLYPHS_NARROW;
	else
		return fail(draft, value, "ascii or narrow", err);
	return 0;
}

static int
begin_section(struct draft *draft, struct span line, struct err *err)
{
	static const struct {
		const char *name;
		enum section section;
		enum theme_depth depth;
	} sections[] = {
	    {"[theme]", SECTION_THEME, DEPTH_256},
	    {"[glyphs]", SECTION_GLYPHS, DEPTH_256},
	    {"[role]", SECTION_ROLE, DEPTH_256},
	    {"[role.16]", SECTION_ROLE, DEPTH_16},
	    {"[role.mono]", SECTION_ROLE, DEPTH_MONO},
	};

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		if (span_equal(line, span_of(sections[i].name))) {
			draft->section = sections[i].section;
			draft->depth = sections[i].depth;
			return 0;
		}
	}
	return fail(draft, line, "unknown section", err);
}

static int
set_value(
    struct draft *draft, struct span name, struct span value, struct err *err)
{
	switch (draft->section) {
	case SECTION_THEME:
		return set_theme(draft, name, value, err);
	case SECTION_GLYPHS:
		return set_glyphs(draft, name, value, err);
	case SECTION_ROLE:
		return set_role(draft, name, value, err);
	case SECTION_NONE:
		break;
	}
	return fail(draft, name, "before any section", err);
}

static int
read_all(struct draft *draft, struct err *err)
{
	struct span name, value;

	for (;;) {
		switch (ini_next(&draft->ini, &name, &value)) {
		case INI_END:
			return 0;
		case INI_SECTION:
			if (begin_section(draft, name, err) < 0)
				return -1;
			break;
		case INI_VALUE:
			if (set_value(draft, name, value, err) < 0)
				return -1;
			break;
		case INI_BAD:
			return fail(draft, name, "no '='", err);
		}
	}
}

/* The role in front of the last dot, or ROLE_TEXT. */
static enum role
parent_role(enum role role)
{
	struct span name = span_of(role_names[role]);
	size_t dot = span_index(name, '.');
	int found = role_of(span_slice(name, 0, dot));

	return dot == name.len || found < 0 ? ROLE_TEXT : (enum role)found;
}

static short
sixteen(short color)
{
	return color < 16 ? color : (short)theme_nearest_16(theme_rgb(color));
}

/* What a role that stands only in [role] looks like with fewer colours. */
static struct look
derived(const struct draft *draft, enum theme_depth depth, enum role role)
{
	struct look look = draft->theme.look[DEPTH_256][role];

	if (depth == DEPTH_16) {
		look.fg = sixteen(look.fg);
		look.bg = sixteen(look.bg);
		if (look.fg == look.bg && look.fg != COLOR_NONE)
			look.fg = look.bg == 0 ? 7 : 0;
		return look;
	}
	if (look.bg != BG_UNSET &&
	    look.bg != draft->theme.look[DEPTH_256][ROLE_TEXT].bg)
		look.attr ^= LOOK_REVERSE;
	look.fg = look.bg = COLOR_NONE;
	return look;
}

static void
fill_role(struct draft *draft, enum theme_depth depth, enum role role)
{
	struct look *look = &draft->theme.look[depth][role];

	if (!draft->is_set[depth][role]) {
		if (draft->is_set[DEPTH_256][role])
			*look = derived(draft, depth, role);
		else if (draft->has_parent)
			*look = draft->parent.look[depth][role];
		else if (role != ROLE_TEXT)
			*look = draft->theme.look[depth][parent_role(role)];
		else
			*look = (struct look){COLOR_NONE, COLOR_NONE, 0};
	}
	if (look->bg == BG_UNSET)
		look->bg = role == ROLE_TEXT
			       ? COLOR_NONE
			       : draft->theme.look[depth][ROLE_TEXT].bg;
}

/* Parents stand before their children in the enum, so one walk is enough;
 * the depths with fewer colours look at [role] as it was written. */
static void
finish(struct draft *draft)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		fill_role(draft, DEPTH_MONO, (enum role)role);
		fill_role(draft, DEPTH_16, (enum role)role);
		fill_role(draft, DEPTH_256, (enum role)role);
	}
}

static int
parse(struct span text, const char *path, const struct theme_places *places,
    int depth_of_parents, struct theme *out, struct err *err)
{
	struct draft draft = {.path = path,
	    .places = places,
	    .depth_of_parents = depth_of_parents};

	ini_init(&draft.ini, text);
	if (read_all(&draft, err) < 0)
		return -1;
	finish(&draft);
	*out = draft.theme;
	return 0;
}

int
theme_parse(struct span text, const char *path,
    const struct theme_places *places, struct theme *out, struct err *err)
{
	return parse(text, path, places, 0, out, err);
}

static bool
is_id(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len <= THEME_NAME_MAX && id[len] == '\0';
}

/* The file of a theme: 1 read, 0 there is none, -1. */
static int
read_theme_file(const struct theme_places *places, const char *id,
    struct buf *path, struct buf *text, struct err *err)
{
	struct err local = {.code = E_NONE};

	for (size_t i = 0;
	    places && i < sizeof places->dir / sizeof *places->dir &&
	    places->dir[i];
	    i++) {
		buf_clear(path);
		buf_printf(path, "%s/%s.theme", places->dir[i], id);
		if (file_read(path->ptr, THEME_FILE_MAX, text, &local) == 0)
			return 1;
		if (local.code != E_FILE_OPEN) {
			if (err)
				*err = local;
			return -1;
		}
	}
	return 0;
}

static int
load(const struct theme_places *places, const char *id, int depth_of_parents,
    struct theme *out, struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct theme theme;
	int found = 0, rc = -1;

	if (is_id(id))
		found = read_theme_file(places, id, &path, &text, err);
	if (found < 0)
		goto out;
	if (found > 0) {
		if (parse(buf_span(&text), path.ptr, places, depth_of_parents,
			&theme, err) < 0)
			goto out;
	} else if (!theme_built_in(id, &theme)) {
		err_set(err, E_THEME_MISSING);
		err_fact(err, "theme", span_of(id));
		goto out;
	}
	*out = theme;
	snprintf(out->id, sizeof out->id, "%s", id);
	rc = 0;
out:
	buf_done(&path);
	buf_done(&text);
	return rc;
}

int
theme_load(const struct theme_places *places, const char *id, struct theme *out,
    struct err *err)
{
	return load(places, id, 0, out, err);
}
