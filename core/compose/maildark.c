/* What no style attribute can say: other colours where the reader has chosen a
 * dark scheme, and less room on a phone.  Two spellings of the colours, because
 * Outlook marks a dark page by attributes and does not ask the media query; in
 * a style element of its own, because some programs drop one that holds what
 * they do not know.  Programs that know neither show the light scheme. */
#include "core/compose/maildark.h"

bool
maildark_differs(
    const struct mailstyle *style, enum style_key a, enum style_key b)
{
	return style->value[a].light != style->value[b].light ||
	       style->value[a].dark != style->value[b].dark;
}

enum property { INK, PAPER, LINE };

struct rule {
	const char *selector;
	enum property property;
	enum style_key key;
};

/* Later rules win: what stands within another thing comes behind it. */
static const struct rule rules[] = {
    {".pg", PAPER, STYLE_PAGE_BACK},
    {".cd", PAPER, STYLE_CARD_BACK},
    {".cd", LINE, STYLE_CARD_BORDER},
    {".tx", INK, STYLE_TEXT_COLOR},
    {".tx h1", INK, STYLE_HEAD_COLOR1},
    {".tx h1", PAPER, STYLE_HEAD_BACK1},
    {".tx h1", LINE, STYLE_HEAD_LINE_COLOR},
    {".tx h2", INK, STYLE_HEAD_COLOR2},
    {".tx h2", PAPER, STYLE_HEAD_BACK2},
    {".tx h2", LINE, STYLE_HEAD_LINE_COLOR},
    {".tx h3", INK, STYLE_HEAD_COLOR3},
    {".tx h3", PAPER, STYLE_HEAD_BACK3},
    {".tx h3", LINE, STYLE_HEAD_LINE_COLOR},
    {".tx h4", INK, STYLE_HEAD_COLOR4},
    {".tx h4", PAPER, STYLE_HEAD_BACK4},
    {".tx h4", LINE, STYLE_HEAD_LINE_COLOR},
    {".tx h5", INK, STYLE_HEAD_COLOR5},
    {".tx h5", PAPER, STYLE_HEAD_BACK5},
    {".tx h5", LINE, STYLE_HEAD_LINE_COLOR},
    {".tx h6", INK, STYLE_HEAD_COLOR6},
    {".tx h6", PAPER, STYLE_HEAD_BACK6},
    {".tx h6", LINE, STYLE_HEAD_LINE_COLOR},
    {".tx blockquote", INK, STYLE_QUOTE_COLOR},
    {".tx blockquote", PAPER, STYLE_QUOTE_BACK},
    {".tx blockquote", LINE, STYLE_QUOTE_LINE_COLOR},
    {".tx a", INK, STYLE_LINK_COLOR},
    {".tx pre", INK, STYLE_CODE_COLOR},
    {".tx pre", PAPER, STYLE_CODE_BACK},
    {".tx code", INK, STYLE_CODE_COLOR},
    {".tx code", PAPER, STYLE_CODE_BACK},
    {".tx hr", LINE, STYLE_RULE_COLOR},
    {".tx td", LINE, STYLE_TABLE_LINE_COLOR},
    {".tx th", INK, STYLE_TABLE_HEAD_COLOR},
    {".tx th", PAPER, STYLE_TABLE_HEAD_BACK},
    {".tx th", LINE, STYLE_TABLE_LINE_COLOR},
    {".tx .bt", PAPER, STYLE_BUTTON_BACK},
    {".tx .bt a", INK, STYLE_BUTTON_COLOR},
    {".bd", INK, STYLE_BAND_COLOR},
    {".bd", PAPER, STYLE_BAND_BACK},
    {".bd", LINE, STYLE_BAND_LINE_COLOR},
    {".ft", INK, STYLE_FOOTER_COLOR},
    {".ft", PAPER, STYLE_FOOTER_BACK},
    {".fl", LINE, STYLE_FOOTER_LINE_COLOR},
    {".ft a", INK, STYLE_FOOTER_LINK},
};
enum { RULE_COUNT = sizeof rules / sizeof *rules };

static bool
in_range(enum style_key key, enum style_key base, int *level)
{
	for (*level = 1; *level <= 6; ++*level) {
		if (mailstyle_heading(base, *level) == key)
			return true;
	}
	return false;
}

/* Left out: what is the same in both schemes, what has no colour, and what a
 * heading has from the text around it. */
static bool
is_needed(const struct mailstyle *style, const struct rule *rule)
{
	const struct style_value *value = &style->value[rule->key];
	int level;

	if (value->dark < 0 || value->dark == value->light)
		return false;
	if (in_range(rule->key, STYLE_HEAD_COLOR0, &level))
		return maildark_differs(style, rule->key, STYLE_TEXT_COLOR);
	if (rule->key == STYLE_HEAD_LINE_COLOR) {
		level = rule->selector[5] - '0';
		return style->value[mailstyle_heading(STYLE_HEAD_LINE0, level)]
			   .light != HEAD_NONE;
	}
	if (rule->key == STYLE_BAND_COLOR || rule->key == STYLE_BAND_BACK ||
	    rule->key == STYLE_BAND_LINE_COLOR)
		return style->value[STYLE_BAND_SHOW].light != CHOICE_NONE;
	return true;
}

static void
add_property(
    const struct mailstyle *style, const struct rule *rule, struct buf *out)
{
	static const char *const names[] = {[INK] = "color",
	    [PAPER] = "background-color",
	    [LINE] = "border-color"};

	if (out->len > 0)
		buf_char(out, ';');
	buf_printf(out, "%s:#%06x!important", names[rule->property],
	    style->value[rule->key].dark);
}

/* Rules being written: selectors that want the same stand together. */
struct sheet {
	const char *prefix;
	struct buf selectors, body; /* of the rule that is not written yet */
	struct buf *out;
};

static void
add_rule(struct sheet *sheet, const char *selector, struct span body)
{
	if (!span_equal(body, buf_span(&sheet->body)) &&
	    sheet->selectors.len > 0) {
		buf_char(sheet->out, '\n');
		buf_add(sheet->out, buf_span(&sheet->selectors));
		buf_char(sheet->out, '{');
		buf_add(sheet->out, buf_span(&sheet->body));
		buf_char(sheet->out, '}');
		buf_clear(&sheet->selectors);
	}
	if (sheet->selectors.len > 0)
		buf_char(&sheet->selectors, ',');
	buf_text(&sheet->selectors, sheet->prefix);
	buf_text(&sheet->selectors, selector);
	buf_clear(&sheet->body);
	buf_add(&sheet->body, body);
}

/* All rules of the properties in the set, those of a selector together. */
static void
add_rules(const struct mailstyle *style, const char *prefix, unsigned set,
    struct buf *out)
{
	struct sheet sheet = {
	    .prefix = prefix, .selectors = BUF_INIT, .body = BUF_INIT};
	struct buf body = BUF_INIT;

	sheet.out = out;
	for (int i = 0; i < RULE_COUNT; i++) {
		const struct rule *rule = &rules[i];
		bool last = i + 1 == RULE_COUNT ||
			    strcmp(rules[i + 1].selector, rule->selector) != 0;

		if ((set >> rule->property & 1) && is_needed(style, rule))
			add_property(style, rule, &body);
		if (!last || body.len == 0)
			continue;
		add_rule(&sheet, rule->selector, buf_span(&body));
		buf_clear(&body);
	}
	add_rule(&sheet, "", SPAN(""));
	buf_done(&sheet.selectors);
	buf_done(&sheet.body);
	buf_done(&body);
}

void
maildark_add(const struct mailstyle *style, struct buf *out)
{
	int space = style->value[STYLE_CARD_SPACE].light;

	buf_text(out,
	    ":root{color-scheme:light dark;"
	    "supported-color-schemes:light dark}\n"
	    ".tx>:first-child{margin-top:0!important}\n"
	    ".tx>:last-child{margin-bottom:0!important}\n"
	    ".tx li ul,.tx li ol{margin-bottom:0!important}\n"
	    "@media(max-width:480px){.ar{padding:0!important}"
	    ".cd,.bd{border-radius:0!important}"
	    ".tx th,.tx td{font-size:14px!important;"
	    "padding-left:6px!important;padding-right:6px!important}"
	    ".tx .bt{padding:0!important;font-size:inherit!important}");
	if (space > 20)
		buf_text(out, ".tx{padding:24px 20px!important}"
			      ".bd,.ft{padding-left:20px!important;"
			      "padding-right:20px!important}");
	buf_text(out, "}\n@media(prefers-color-scheme:dark){");
	add_rules(style, "", 1u << INK | 1u << PAPER | 1u << LINE, out);
	buf_text(out, "\n}\n</style>\n<style>");
	add_rules(style, "[data-ogsc] ", 1u << INK | 1u << LINE, out);
	add_rules(style, "[data-ogsb] ", 1u << PAPER, out);
	buf_char(out, '\n');
}
