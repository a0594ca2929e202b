/* Theme files of mail.  Only known names with checked values are read, so a
 * theme can bring no markup, no address and no style of its own into a mail;
 * anything not understood is an error with its place. */
#include "core/compose/mailstyle.h"

#include <stdio.h>

#include "core/base/color.h"
#include "core/base/ini.h"
#include "core/base/utf8.h"

enum kind {
	KIND_NUMBER,
	KIND_HUNDREDTHS,
	KIND_COLOR,
	KIND_COLOR_OR_NONE,
	KIND_FONT, /* from here on words, in the order of their values */
	KIND_YES_NO,
	KIND_BAND_CHOICE,
	KIND_ALIGN,
	KIND_WEIGHT,
	KIND_HEAD_CHOICE,
	KIND_RULE_CHOICE,
	KIND_LINES,
	KIND_PLACE
};

static const char *const words[] = {
    [KIND_FONT] = "sans serif mono",
    [KIND_YES_NO] = "no yes",
    [KIND_BAND_CHOICE] = "none name",
    [KIND_ALIGN] = "start center end",
    [KIND_WEIGHT] = "normal bold",
    [KIND_HEAD_CHOICE] = "none below above side",
    [KIND_RULE_CHOICE] = "solid dashed dotted double",
    [KIND_LINES] = "none rows all",
    [KIND_PLACE] = "card page",
};

static const struct key {
	const char *section, *name;
	enum kind kind;
	int least, most;
	struct style_value letter;
} keys[STYLE_KEYS] = {
#define X(key, section, name, kind, least, most, light, dark)                  \
	{section, name, KIND_##kind, least, most, {light, dark}},
#include "core/compose/mailtheme.def"
#undef X
};

struct reader {
	struct ini ini;
	struct span section; /* without brackets; empty before the first */
	bool is_set[STYLE_KEYS];
	bool has_kind;
	struct mailstyle *style;
	struct err *err;
};

static int
fail(struct reader *reader, struct span at, const char *why)
{
	err_set(reader->err, E_MAIL_THEME);
	err_fact_int(reader->err, "line", reader->ini.line);
	err_fact_int(reader->err, "column", ini_column(&reader->ini, at));
	return err_fact(reader->err, "why", span_of(why));
}

static int
fail_wanted(struct reader *reader, struct span at, const char *why,
    const struct key *key)
{
	char wanted[64];
	int scale = key->kind == KIND_HUNDREDTHS ? 100 : 1;

	fail(reader, at, why);
	if (key->kind >= KIND_FONT)
		return err_fact(
		    reader->err, "wanted", span_of(words[key->kind]));
	snprintf(wanted, sizeof wanted,
	    scale == 1 ? "%d - %d" : "%d.%d - %d.%d", key->least / scale,
	    scale == 1 ? key->most : key->least / 10 % 10, key->most / scale,
	    key->most / 10 % 10);
	return err_fact(reader->err, "wanted", span_of(wanted));
}

/* ---- Values ------------------------------------------------------------ */

/* "1.7" is 170, "2" is 200; at most two digits behind the point. */
static bool
read_hundredths(struct span value, int64_t *out)
{
	struct span whole = span_cut(&value, '.');
	int64_t part = 0;

	if (!span_int(whole, out) || *out > 100)
		return false;
	*out *= 100;
	if (value.len == 0)
		return true;
	if (value.len > 2 || !span_int(value, &part))
		return false;
	*out += value.len == 1 ? part * 10 : part;
	return true;
}

static int
read_number(struct reader *reader, const struct key *key, struct span value,
    struct style_value *out)
{
	int64_t number = 0;
	bool good = key->kind == KIND_NUMBER ? span_int(value, &number)
					     : read_hundredths(value, &number);

	if (!good || number < key->least || number > key->most)
		return fail_wanted(reader, value, "number", key);
	out->light = out->dark = (int)number;
	return 0;
}

static int
read_word(struct reader *reader, const struct key *key, struct span value,
    struct style_value *out)
{
	struct span rest = span_of(words[key->kind]);

	for (int i = 0; rest.len > 0; i++) {
		if (!span_equal(span_cut(&rest, ' '), value))
			continue;
		out->light = out->dark = i;
		return 0;
	}
	return fail_wanted(reader, value, "word", key);
}

static int
read_color(
    struct reader *reader, const struct key *key, struct span word, int *out)
{
	unsigned rgb;

	if (key->kind == KIND_COLOR_OR_NONE && span_equal(word, SPAN("none"))) {
		*out = NONE;
		return 0;
	}
	if (!color_read(word, &rgb))
		return fail(reader, word, "color");
	*out = (int)rgb;
	return 0;
}

/* LIGHT or LIGHT / DARK. */
static int
read_colors(struct reader *reader, const struct key *key, struct span value,
    struct style_value *out)
{
	bool both = span_index(value, '/') < value.len;
	struct span light = span_trim(span_cut(&value, '/'));

	if (read_color(reader, key, light, &out->light) < 0)
		return -1;
	out->dark = out->light;
	if (!both)
		return 0;
	return read_color(reader, key, span_trim(value), &out->dark);
}

static int
read_name(struct reader *reader, char *out, struct span value)
{
	struct span rest = value;
	uint32_t cp;

	if (value.len > STYLE_NAME_MAX)
		return fail(reader, value, "length");
	while (rest.len > 0) {
		if (utf8_next(&rest, &cp) != UTF8_GOOD || cp < 0x20 ||
		    (cp >= 0x7f && cp < 0xa0))
			return fail(reader, value, "control");
	}
	span_text(out, STYLE_NAME_MAX + 1, value);
	return 0;
}

/* ---- Lines ------------------------------------------------------------- */

static int
set_theme(struct reader *reader, struct span name, struct span value)
{
	if (span_equal(name, SPAN("name")))
		return read_name(reader, reader->style->name, value);
	if (span_equal(name, SPAN("name.ja")))
		return read_name(reader, reader->style->name_ja, value);
	if (!span_equal(name, SPAN("kind")))
		return fail(reader, name, "name");
	if (!span_equal(value, SPAN("mail")))
		return fail(reader, value, "kind");
	reader->has_kind = true;
	return 0;
}

static int
set_value(struct reader *reader, struct span name, struct span value)
{
	struct style_value *out;

	if (reader->section.len == 0)
		return fail(reader, name, "before");
	if (span_equal(reader->section, SPAN("theme")))
		return set_theme(reader, name, value);
	for (int i = 0; i < STYLE_KEYS; i++) {
		const struct key *key = &keys[i];

		if (!span_equal(reader->section, span_of(key->section)) ||
		    !span_equal(name, span_of(key->name)))
			continue;
		if (reader->is_set[i])
			return fail(reader, name, "twice");
		reader->is_set[i] = true;
		out = &reader->style->value[i];
		if (key->kind <= KIND_HUNDREDTHS)
			return read_number(reader, key, value, out);
		if (key->kind <= KIND_COLOR_OR_NONE)
			return read_colors(reader, key, value, out);
		return read_word(reader, key, value, out);
	}
	return fail(reader, name, "name");
}

static int
begin_section(struct reader *reader, struct span line)
{
	struct span name = span_slice(line, 1, line.len - 1);

	if (!span_ends(line, SPAN("]")))
		return fail(reader, line, "section");
	reader->section = name;
	if (span_equal(name, SPAN("theme")))
		return 0;
	for (int i = 0; i < STYLE_KEYS; i++) {
		if (span_equal(name, span_of(keys[i].section)))
			return 0;
	}
	return fail(reader, line, "section");
}

static int
read_all(struct reader *reader)
{
	struct span name, value;
	int rc = 0;

	while (rc == 0) {
		switch (ini_next(&reader->ini, &name, &value)) {
		case INI_END:
			return 0;
		case INI_SECTION:
			rc = begin_section(reader, name);
			break;
		case INI_VALUE:
			rc = set_value(reader, name, value);
			break;
		case INI_BAD:
			rc = fail(reader, name, "equals");
			break;
		}
	}
	return rc;
}

/* ---- What follows from other values ------------------------------------ */

enum { HEADING_KEYS = STYLE_HEAD_SIZE1 - STYLE_HEAD_SIZE0 };

enum style_key
mailstyle_heading(enum style_key key, int level)
{
	return (enum style_key)((int)key + level * HEADING_KEYS);
}

/* What a level leaves open is as in [heading], and that as the text. */
static void
fill_headings(struct mailstyle *style, const bool is_set[STYLE_KEYS])
{
	struct style_value *value = style->value;
	const struct style_value fixed[HEADING_KEYS] = {
	    [STYLE_HEAD_COLOR0 - STYLE_HEAD_SIZE0] = value[STYLE_TEXT_COLOR],
	    [STYLE_HEAD_BACK0 - STYLE_HEAD_SIZE0] = {NONE, NONE},
	    [STYLE_HEAD_WEIGHT0 -
		STYLE_HEAD_SIZE0] = {WEIGHT_BOLD, WEIGHT_BOLD},
	    [STYLE_HEAD_ALIGN0 - STYLE_HEAD_SIZE0] = value[STYLE_TEXT_ALIGN],
	    [STYLE_HEAD_LINE0 - STYLE_HEAD_SIZE0] = {HEAD_NONE, HEAD_NONE},
	};

	for (int i = 0; i < HEADING_KEYS; i++) {
		int base = STYLE_HEAD_SIZE0 + i;

		for (int level = 1; level <= 6; level++) {
			int key = base + level * HEADING_KEYS;

			if (is_set[key])
				continue;
			if (is_set[base])
				value[key] = value[base];
			else if (value[key].light == UNSET)
				value[key] = fixed[i];
		}
	}
}

static void
fill_fonts(struct mailstyle *style)
{
	static const enum style_key font[] = {STYLE_BAND_FONT, STYLE_HEAD_FONT};

	for (size_t i = 0; i < sizeof font / sizeof *font; i++) {
		if (style->value[font[i]].light == UNSET)
			style->value[font[i]] = style->value[STYLE_TEXT_FONT];
	}
}

int
mailstyle_read(struct span text, struct mailstyle *out, struct err *err)
{
	struct mailstyle style = {.name = "Letter"};
	struct reader reader = {.style = &style, .err = err};

	for (int i = 0; i < STYLE_KEYS; i++)
		style.value[i] = keys[i].letter;
	ini_init(&reader.ini, text);
	if (text.len > STYLE_FILE_MAX) {
		err_set(err, E_FILE_SIZE);
		return err_fact_int(err, "limit", STYLE_FILE_MAX);
	}
	if (read_all(&reader) < 0)
		return -1;
	if (!reader.has_kind && span_trim(text).len > 0) {
		err_set(err, E_MAIL_THEME);
		err_fact_int(err, "line", 1);
		err_fact_int(err, "column", 1);
		return err_fact(err, "why", SPAN("kind"));
	}
	fill_headings(&style, reader.is_set);
	fill_fonts(&style);
	*out = style;
	return 0;
}
