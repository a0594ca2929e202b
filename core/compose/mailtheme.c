/* The look of the HTML part.  Mail programs ignore style sheets, so a theme
 * gives every element a style attribute of its own and stands in a frame of
 * tables that the old ones lay out too; the one style element holds what only
 * newer programs do: a dark scheme and narrow screens. */
#include "core/compose/mailtheme.h"

#include <stdio.h>

#include "core/base/utf8.h"
#include "core/compose/maildark.h"
#include "core/compose/mailstyle.h"

#define TABLE                                                                  \
	"<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" "    \
	"border=\"0\""

#define WHOLE  "overflow-wrap:normal;word-break:normal"
#define BROKEN "overflow-wrap:anywhere;word-break:break-word"

enum piece {
	PIECE_TOP,  /* up to the charset */
	PIECE_HEAD, /* from there up to the title */
	PIECE_BODY, /* behind the title up to the preheader */
	PIECE_CARD, /* up to the text, or to the sender in the band */
	PIECE_TEXT, /* behind the sender in the band */
	PIECE_FOOTER,
	PIECE_BUTTON,
	PIECE_BUTTON_LABEL,
	PIECES
};

struct mailtheme {
	struct span attr[MAIL_ELEMENTS];
	struct span piece[PIECES];
	bool has_band;
};

/* A theme being made. */
struct maker {
	const struct mailstyle *style;
	struct span language;
	const char *start, *end; /* sides: "left" and "right", or the reverse */
	bool is_rtl, is_ja;
	struct arena *arena;
	struct buf text;
	struct mailtheme *theme;
};

static int
number(const struct maker *maker, enum style_key key)
{
	return maker->style->value[key].light;
}

static struct span
finish(struct maker *maker)
{
	struct span kept = arena_copy(maker->arena, buf_span(&maker->text));

	buf_clear(&maker->text);
	return kept;
}

static void
say(struct maker *maker, const char *text)
{
	buf_text(&maker->text, text);
}

/* "name:#rrggbb;", nothing for no colour. */
static void
color(struct maker *maker, const char *name, enum style_key key)
{
	if (number(maker, key) >= 0)
		buf_printf(&maker->text, "%s:#%06x;", name, number(maker, key));
}

/* " bgcolor=..." for those that know no background of a style. */
static void
bgcolor(struct maker *maker, enum style_key key)
{
	if (number(maker, key) >= 0)
		buf_printf(
		    &maker->text, " bgcolor=\"#%06x\"", number(maker, key));
}

static void
pixels(struct maker *maker, const char *name, enum style_key key)
{
	buf_printf(&maker->text, "%s:%dpx;", name, number(maker, key));
}

/* "border-SIDE:WIDTH solid COLOR;", nothing for a width of 0. */
static void
border(struct maker *maker, const char *side, enum style_key width,
    enum style_key ink)
{
	if (number(maker, width) > 0)
		buf_printf(&maker->text, "border-%s:%dpx solid #%06x;", side,
		    number(maker, width), number(maker, ink));
}

static void
radius(struct maker *maker, enum style_key key)
{
	if (number(maker, key) > 0)
		pixels(maker, "border-radius", key);
}

static const char *
side(const struct maker *maker, enum style_key key)
{
	int align = number(maker, key);

	return align == ALIGN_CENTER ? "center"
	       : align == ALIGN_END  ? maker->end
				     : maker->start;
}

/* The fonts that phones and computers have; Japanese ones only for Japanese,
 * because the same ideographs look different in other languages. */
static void
font(struct maker *maker, enum style_key key)
{
	static const char *const fonts[][2] = {
	    [FONT_SANS] = {"'Helvetica Neue',Arial,sans-serif",
		"'Helvetica Neue',Arial,'Hiragino Kaku Gothic ProN',"
		"'Hiragino Sans','Noto Sans CJK JP',Meiryo,sans-serif"},
	    [FONT_SERIF] = {"Georgia,'Times New Roman',serif",
		"Georgia,'Hiragino Mincho ProN','Yu Mincho',"
		"'Noto Serif CJK JP','MS PMincho',serif"},
	    [FONT_MONO] = {"Menlo,Consolas,monospace",
		"Menlo,Consolas,'Noto Sans Mono CJK JP',monospace"},
	};

	buf_printf(&maker->text, "font-family:%s;",
	    fonts[number(maker, key)][maker->is_ja]);
}

static void
weight(struct maker *maker, enum style_key key)
{
	say(maker, number(maker, key) == WEIGHT_BOLD ? "font-weight:bold;"
						     : "font-weight:normal;");
}

/* ---- Elements ---------------------------------------------------------- */

static void
begin_style(struct maker *maker)
{
	say(maker, " style=\"");
}

/* Ends the attribute without its last ';'. */
static void
end_style(struct maker *maker, enum mail_element element)
{
	while (span_ends(buf_span(&maker->text), SPAN(";")))
		maker->text.len--;
	buf_char(&maker->text, '"');
	maker->theme->attr[element] = finish(maker);
}

static void
make_heading(struct maker *maker, int level)
{
	enum style_key size = mailstyle_heading(STYLE_HEAD_SIZE0, level);
	enum style_key ink = mailstyle_heading(STYLE_HEAD_COLOR0, level);
	enum style_key paper = mailstyle_heading(STYLE_HEAD_BACK0, level);
	enum style_key align = mailstyle_heading(STYLE_HEAD_ALIGN0, level);
	int line = number(maker, mailstyle_heading(STYLE_HEAD_LINE0, level));
	const char *at = line == HEAD_BELOW   ? "bottom"
			 : line == HEAD_ABOVE ? "top"
					      : maker->start;

	begin_style(maker);
	buf_printf(&maker->text, "margin:%dpx 0 %dpx;",
	    number(maker, mailstyle_heading(STYLE_HEAD_ABOVE0, level)),
	    number(maker, mailstyle_heading(STYLE_HEAD_BELOW0, level)));
	if (number(maker, paper) >= 0)
		say(maker, "padding:8px 12px;");
	else if (line != HEAD_NONE)
		buf_printf(&maker->text, "padding-%s:%dpx;", at,
		    line == HEAD_SIDE ? 12 : 8);
	pixels(maker, "font-size", size);
	say(maker, "line-height:1.4;");
	weight(maker, mailstyle_heading(STYLE_HEAD_WEIGHT0, level));
	if (number(maker, STYLE_HEAD_FONT) != number(maker, STYLE_TEXT_FONT))
		font(maker, STYLE_HEAD_FONT);
	if (maildark_differs(maker->style, ink, STYLE_TEXT_COLOR))
		color(maker, "color", ink);
	color(maker, "background-color", paper);
	if (number(maker, align) != number(maker, STYLE_TEXT_ALIGN))
		buf_printf(&maker->text, "text-align:%s;", side(maker, align));
	if (line != HEAD_NONE)
		border(maker, at, STYLE_HEAD_LINE_WIDTH, STYLE_HEAD_LINE_COLOR);
	end_style(maker, (enum mail_element)(MAIL_H1 + level - 1));
}

/* Room where lines begin. */
static void
indent(struct maker *maker, int room)
{
	buf_printf(&maker->text,
	    maker->is_rtl ? "padding:0 %dpx 0 0;" : "padding:0 0 0 %dpx;",
	    room);
}

static void
make_list(struct maker *maker, enum mail_element element)
{
	begin_style(maker);
	buf_printf(
	    &maker->text, "margin:0 0 %dpx;", number(maker, STYLE_TEXT_SPACE));
	indent(maker, number(maker, STYLE_LIST_INDENT));
	end_style(maker, element);
}

static void
make_quote(struct maker *maker)
{
	bool has_paper = number(maker, STYLE_QUOTE_BACK) >= 0;
	int line = number(maker, STYLE_QUOTE_LINE);

	begin_style(maker);
	buf_printf(
	    &maker->text, "margin:0 0 %dpx;", number(maker, STYLE_TEXT_SPACE));
	if (has_paper)
		say(maker, "padding:16px 16px 1px;");
	else
		indent(maker, 14);
	color(maker, "color", STYLE_QUOTE_COLOR);
	color(maker, "background-color", STYLE_QUOTE_BACK);
	if (line > 0)
		border(maker, maker->start, STYLE_QUOTE_LINE,
		    STYLE_QUOTE_LINE_COLOR);
	end_style(maker, MAIL_QUOTE);
}

static void
make_code(struct maker *maker)
{
	begin_style(maker);
	buf_printf(&maker->text, "margin:0 0 %dpx;padding:12px 14px;",
	    number(maker, STYLE_TEXT_SPACE));
	color(maker, "color", STYLE_CODE_COLOR);
	color(maker, "background-color", STYLE_CODE_BACK);
	radius(maker, STYLE_CODE_RADIUS);
	buf_printf(&maker->text,
	    "font-size:%dpx;line-height:1.5;white-space:pre-wrap;"
	    "text-align:%s",
	    number(maker, STYLE_TEXT_SIZE) - 2, maker->start);
	end_style(maker, MAIL_PRE);
	begin_style(maker);
	say(maker, "font-family:Menlo,Consolas,monospace");
	end_style(maker, MAIL_PRE_CODE);
	begin_style(maker);
	say(maker, "padding:1px 4px;font-family:Menlo,Consolas,monospace;");
	buf_printf(&maker->text, "font-size:%dpx;",
	    number(maker, STYLE_TEXT_SIZE) - 1);
	color(maker, "color", STYLE_CODE_COLOR);
	color(maker, "background-color", STYLE_CODE_BACK);
	radius(maker, STYLE_CODE_RADIUS);
	end_style(maker, MAIL_CODE);
}

static void
make_cell(struct maker *maker, enum mail_element element, const char *align)
{
	bool is_head = element <= MAIL_TH_END;
	int lines = number(maker, STYLE_TABLE_LINES);
	int space = number(maker, STYLE_TABLE_SPACE);

	buf_printf(&maker->text, " align=\"%s\"", align);
	if (is_head)
		bgcolor(maker, STYLE_TABLE_HEAD_BACK);
	begin_style(maker);
	buf_printf(&maker->text, "padding:%dpx %dpx;", space,
	    lines == LINES_NONE ? space / 2 + 1 : space + 2);
	if (lines == LINES_ALL)
		say(maker, "border:1px solid ");
	else if (lines == LINES_ROWS)
		say(maker, "border-bottom:1px solid ");
	if (lines != LINES_NONE)
		buf_printf(&maker->text, "#%06x;",
		    number(maker, STYLE_TABLE_LINE_COLOR));
	if (is_head) {
		say(maker, "word-break:keep-all;");
		color(maker, "color", STYLE_TABLE_HEAD_COLOR);
		color(maker, "background-color", STYLE_TABLE_HEAD_BACK);
	}
	end_style(maker, element);
}

static void
make_table_as(struct maker *maker, enum mail_element element)
{
	say(maker, " width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
		   "border=\"0\"");
	begin_style(maker);
	buf_printf(&maker->text, "margin:0 0 %dpx;border-collapse:collapse;",
	    number(maker, STYLE_TEXT_SPACE) + 4);
	pixels(maker, "font-size", STYLE_TABLE_SIZE);
	say(maker, "line-height:1.5;");
	if (element == MAIL_TABLE_WHOLE)
		say(maker, WHOLE);
	end_style(maker, element);
}

static void
make_table(struct maker *maker)
{
	make_table_as(maker, MAIL_TABLE);
	make_table_as(maker, MAIL_TABLE_WHOLE);
	begin_style(maker);
	say(maker, BROKEN);
	end_style(maker, MAIL_BREAK);
	make_cell(maker, MAIL_TH, maker->start);
	make_cell(maker, MAIL_TH_CENTER, "center");
	make_cell(maker, MAIL_TH_END, maker->end);
	make_cell(maker, MAIL_TD, maker->start);
	make_cell(maker, MAIL_TD_CENTER, "center");
	make_cell(maker, MAIL_TD_END, maker->end);
}

static void
make_rule(struct maker *maker)
{
	static const char *const styles[] = {[RULE_SOLID] = "solid",
	    [RULE_DASHED] = "dashed",
	    [RULE_DOTTED] = "dotted",
	    [RULE_DOUBLE] = "double"};

	begin_style(maker);
	buf_printf(&maker->text,
	    "margin:%dpx 0;border:0;border-top:%dpx %s #%06x",
	    number(maker, STYLE_RULE_SPACE), number(maker, STYLE_RULE_WIDTH),
	    styles[number(maker, STYLE_RULE_STYLE)],
	    number(maker, STYLE_RULE_COLOR));
	end_style(maker, MAIL_HR);
}

static void
make_link(struct maker *maker, enum mail_element element, enum style_key ink)
{
	begin_style(maker);
	color(maker, "color", ink);
	say(maker, number(maker, STYLE_LINK_UNDERLINE) == CHOICE_YES
		       ? "text-decoration:underline"
		       : "text-decoration:none");
	end_style(maker, element);
}

static void
make_elements(struct maker *maker)
{
	begin_style(maker);
	buf_printf(
	    &maker->text, "margin:0 0 %dpx", number(maker, STYLE_TEXT_SPACE));
	end_style(maker, MAIL_P);
	for (int level = 1; level <= 6; level++)
		make_heading(maker, level);
	make_list(maker, MAIL_UL);
	make_list(maker, MAIL_OL);
	begin_style(maker);
	buf_printf(
	    &maker->text, "margin:0 0 %dpx", number(maker, STYLE_LIST_SPACE));
	end_style(maker, MAIL_LI);
	make_quote(maker);
	make_code(maker);
	make_rule(maker);
	make_link(maker, MAIL_LINK, STYLE_LINK_COLOR);
	make_link(maker, MAIL_FOOTER_LINK, STYLE_FOOTER_LINK);
	make_table(maker);
	begin_style(maker);
	say(maker, "display:block;max-width:100%;height:auto;border:0;");
	radius(maker, STYLE_IMAGE_RADIUS);
	end_style(maker, MAIL_IMAGE);
}

/* ---- The frame --------------------------------------------------------- */

static void
keep_piece(struct maker *maker, enum piece piece)
{
	maker->theme->piece[piece] = finish(maker);
}

static void
make_head(struct maker *maker)
{
	buf_printf(&maker->text,
	    "<!DOCTYPE html>\n<html lang=\"%.*s\" dir=\"%s\">\n<head>\n",
	    SPAN_ARG(maker->language), maker->is_rtl ? "rtl" : "ltr");
	keep_piece(maker, PIECE_TOP);
	say(maker, "<meta name=\"viewport\" "
		   "content=\"width=device-width,initial-scale=1\">\n"
		   "<meta name=\"color-scheme\" content=\"light dark\">\n"
		   "<meta name=\"supported-color-schemes\" "
		   "content=\"light dark\">\n"
		   "<meta name=\"format-detection\" "
		   "content=\"telephone=no,date=no,address=no,email=no\">\n"
		   "<title>");
	keep_piece(maker, PIECE_HEAD);
	say(maker, "</title>\n<style>\n");
	maildark_add(maker->style, &maker->text);
	say(maker, "</style>\n</head>\n<body class=\"pg\"");
	begin_style(maker);
	say(maker, "margin:0;padding:0;");
	color(maker, "background-color", STYLE_PAGE_BACK);
	say(maker, "-webkit-text-size-adjust:100%\">\n");
	keep_piece(maker, PIECE_BODY);
}

/* The place of the column: of a fixed width for Outlook, which knows no
 * max-width, and as wide as the screen up to that for the others. */
static void
add_column(struct maker *maker)
{
	buf_printf(&maker->text,
	    TABLE " class=\"pg\" width=\"100%%\" lang=\"%.*s\" dir=\"%s\"",
	    SPAN_ARG(maker->language), maker->is_rtl ? "rtl" : "ltr");
	bgcolor(maker, STYLE_PAGE_BACK);
	begin_style(maker);
	color(maker, "background-color", STYLE_PAGE_BACK);
	buf_printf(&maker->text,
	    "\"><tr><td class=\"ar\" align=\"center\" style=\"padding:%dpx "
	    "%dpx\">\n"
	    "<!--[if mso]>" TABLE " width=\"%d\"><tr><td><![endif]-->\n",
	    number(maker, STYLE_PAGE_SPACE),
	    number(maker, STYLE_PAGE_SPACE) / 2,
	    number(maker, STYLE_PAGE_WIDTH));
}

static void
add_width(struct maker *maker)
{
	buf_printf(&maker->text, "width:100%%;max-width:%dpx;",
	    number(maker, STYLE_PAGE_WIDTH));
}

static void
add_card(struct maker *maker)
{
	say(maker, TABLE " class=\"cd\" width=\"100%\"");
	bgcolor(maker, STYLE_CARD_BACK);
	begin_style(maker);
	add_width(maker);
	color(maker, "background-color", STYLE_CARD_BACK);
	if (number(maker, STYLE_CARD_BORDER) >= 0)
		color(
		    maker, "border:1px solid;border-color", STYLE_CARD_BORDER);
	border(maker, "top", STYLE_CARD_TOP, STYLE_CARD_TOP_COLOR);
	radius(maker, STYLE_CARD_RADIUS);
	say(maker, "border-spacing:0\">");
}

static void
add_band(struct maker *maker)
{
	int corner = number(maker, STYLE_CARD_TOP) > 0
			 ? 0
			 : number(maker, STYLE_CARD_RADIUS);

	buf_printf(&maker->text, "<tr><td class=\"bd\" align=\"%s\"",
	    side(maker, STYLE_BAND_ALIGN));
	bgcolor(maker, STYLE_BAND_BACK);
	begin_style(maker);
	buf_printf(&maker->text, "padding:%dpx %dpx;",
	    number(maker, STYLE_BAND_SPACE), number(maker, STYLE_CARD_SPACE));
	font(maker, STYLE_BAND_FONT);
	pixels(maker, "font-size", STYLE_BAND_SIZE);
	say(maker, "line-height:1.4;");
	weight(maker, STYLE_BAND_WEIGHT);
	if (number(maker, STYLE_BAND_SPACING) > 0)
		pixels(maker, "letter-spacing", STYLE_BAND_SPACING);
	color(maker, "color", STYLE_BAND_COLOR);
	color(maker, "background-color", STYLE_BAND_BACK);
	border(maker, "bottom", STYLE_BAND_LINE, STYLE_BAND_LINE_COLOR);
	buf_printf(&maker->text,
	    "border-radius:%dpx %dpx 0 0;word-break:break-word\">", corner,
	    corner);
}

/* Long words and addresses are broken where they would widen the page. */
static void
add_text_cell(struct maker *maker)
{
	int space = number(maker, STYLE_CARD_SPACE);

	buf_printf(&maker->text, "<tr><td class=\"tx\" align=\"%s\"",
	    side(maker, STYLE_TEXT_ALIGN));
	begin_style(maker);
	buf_printf(&maker->text, "padding:%dpx %dpx;", space, space);
	font(maker, STYLE_TEXT_FONT);
	pixels(maker, "font-size", STYLE_TEXT_SIZE);
	buf_printf(&maker->text, "line-height:%d.%02d;",
	    number(maker, STYLE_TEXT_LINE) / 100,
	    number(maker, STYLE_TEXT_LINE) % 100);
	color(maker, "color", STYLE_TEXT_COLOR);
	say(maker, BROKEN "\">\n");
}

static void
make_card(struct maker *maker)
{
	add_column(maker);
	add_card(maker);
	maker->theme->has_band = number(maker, STYLE_BAND_SHOW) != CHOICE_NONE;
	if (maker->theme->has_band) {
		add_band(maker);
		keep_piece(maker, PIECE_CARD);
		say(maker, "</td></tr>\n");
		add_text_cell(maker);
		keep_piece(maker, PIECE_TEXT);
		return;
	}
	add_text_cell(maker);
	keep_piece(maker, PIECE_CARD);
}

static void
make_footer(struct maker *maker)
{
	bool on_page = number(maker, STYLE_FOOTER_PLACE) == PLACE_PAGE;
	int space = number(maker, STYLE_CARD_SPACE);

	say(maker, "</td></tr>");
	if (on_page) {
		say(maker, "</table>\n" TABLE " width=\"100%\"");
		begin_style(maker);
		add_width(maker);
		say(maker, "\">");
	}
	if (!on_page && number(maker, STYLE_FOOTER_LINE) > 0) {
		buf_printf(&maker->text,
		    "\n<tr><td style=\"padding:0 %dpx\"><div class=\"fl\" "
		    "style=\"",
		    space);
		border(
		    maker, "top", STYLE_FOOTER_LINE, STYLE_FOOTER_LINE_COLOR);
		say(maker,
		    "font-size:0;line-height:0\">&nbsp;</div></td></tr>");
	}
	buf_printf(&maker->text, "\n<tr><td class=\"ft\" align=\"%s\"",
	    side(maker, STYLE_FOOTER_ALIGN));
	bgcolor(maker, STYLE_FOOTER_BACK);
	begin_style(maker);
	buf_printf(&maker->text, "padding:16px %dpx %dpx;", space,
	    space > 20 ? space : 20);
	font(maker, STYLE_TEXT_FONT);
	pixels(maker, "font-size", STYLE_FOOTER_SIZE);
	say(maker, "line-height:1.7;");
	color(maker, "color", STYLE_FOOTER_COLOR);
	color(maker, "background-color", STYLE_FOOTER_BACK);
	if (!on_page && number(maker, STYLE_CARD_RADIUS) > 0)
		buf_printf(&maker->text, "border-radius:0 0 %dpx %dpx;",
		    number(maker, STYLE_CARD_RADIUS),
		    number(maker, STYLE_CARD_RADIUS));
	say(maker, BROKEN "\">\n");
	keep_piece(maker, PIECE_FOOTER);
}

/* A cell with the colour and a link with the room: Outlook does not know
 * padding of links, so the cell has it for Outlook alone. */
static void
make_button(struct maker *maker)
{
	bool wide = number(maker, STYLE_BUTTON_WIDE) == CHOICE_YES;

	say(maker, TABLE);
	if (wide)
		say(maker, " width=\"100%\"");
	else if (number(maker, STYLE_BUTTON_ALIGN) == ALIGN_CENTER)
		say(maker, " align=\"center\"");
	begin_style(maker);
	if (number(maker, STYLE_BUTTON_ALIGN) == ALIGN_CENTER)
		say(maker, "margin:8px auto 24px");
	else
		say(maker, "margin:8px 0 24px");
	say(maker, "\"><tr><td class=\"bt\" align=\"center\"");
	bgcolor(maker, STYLE_BUTTON_BACK);
	begin_style(maker);
	color(maker, "background-color", STYLE_BUTTON_BACK);
	radius(maker, STYLE_BUTTON_RADIUS);
	say(maker, "mso-padding-alt:12px 28px\"><a href=\"");
	keep_piece(maker, PIECE_BUTTON);
	buf_char(&maker->text, '"');
	begin_style(maker);
	buf_printf(&maker->text, "display:%s;padding:12px 28px;",
	    wide ? "block" : "inline-block");
	color(maker, "color", STYLE_BUTTON_COLOR);
	say(maker, "font-weight:bold;line-height:1.5;text-align:center;"
		   "text-decoration:none\">");
	keep_piece(maker, PIECE_BUTTON_LABEL);
}

/* ---- Languages --------------------------------------------------------- */

const char *
mailtheme_language(struct span text)
{
	static const struct {
		uint32_t first, last;
		const char *language;
	} scripts[] = {
	    {0x0370, 0x03ff, "el"},
	    {0x0590, 0x05ff, "he"},
	    {0x0600, 0x06ff, "ar"},
	    {0x0e00, 0x0e7f, "th"},
	    {0x3040, 0x30ff, "ja"},
	    {0x4e00, 0x9fff, "ja"},
	    {0xac00, 0xd7a3, "ko"},
	};
	enum { COUNT = sizeof scripts / sizeof *scripts };
	size_t seen[COUNT] = {0}, latin = 0, best = 0;
	const char *language = "en";
	uint32_t cp;

	while (utf8_next(&text, &cp) != UTF8_END) {
		latin += (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z';
		for (size_t i = 0; cp >= 0x370 && i < COUNT; i++)
			seen[i] +=
			    cp >= scripts[i].first && cp <= scripts[i].last;
	}
	/* any kana make it Japanese, and web addresses are all Latin */
	if (seen[4] > 0)
		return "ja";
	for (size_t i = 0; i < COUNT; i++) {
		if (seen[i] <= best || seen[i] * 4 < latin)
			continue;
		best = seen[i];
		language = scripts[i].language;
	}
	return language;
}

static bool
is_tag(struct span language)
{
	if (language.len == 0 || language.len > 35)
		return false;
	for (size_t i = 0; i < language.len; i++) {
		char c = language.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

/* Written from right to left: by the script when the tag names one, else by
 * the language. */
static bool
is_rtl(struct span tag)
{
	static const char *const words[] = {
	    "ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"};
	static const char *const scripts[] = {
	    "Arab", "Hebr", "Thaa", "Syrc", "Nkoo"};
	struct span first = span_cut(&tag, '-'), script = span_cut(&tag, '-');

	for (size_t i = 0;
	    script.len == 4 && i < sizeof scripts / sizeof *scripts; i++) {
		if (span_equal_nocase(script, span_of(scripts[i])))
			return true;
	}
	for (size_t i = 0; script.len != 4 && i < sizeof words / sizeof *words;
	    i++) {
		if (span_equal_nocase(first, span_of(words[i])))
			return true;
	}
	return false;
}

/* ---- Front door -------------------------------------------------------- */

int
mailtheme_parse(struct span text, struct span language, struct arena *arena,
    const struct mailtheme **out, struct err *err)
{
	struct mailstyle style;
	struct maker maker = {.style = &style, .arena = arena};

	if (mailstyle_read(text, &style, err) < 0)
		return -1;
	maker.text = BUF_INIT;
	maker.language = is_tag(language) ? language : SPAN("en");
	maker.is_rtl = is_rtl(maker.language);
	maker.is_ja =
	    span_equal_nocase(span_slice(maker.language, 0, 2), SPAN("ja"));
	maker.start = maker.is_rtl ? "right" : "left";
	maker.end = maker.is_rtl ? "left" : "right";
	maker.theme = arena_take(arena, sizeof *maker.theme);
	make_elements(&maker);
	make_head(&maker);
	make_card(&maker);
	make_footer(&maker);
	make_button(&maker);
	buf_done(&maker.text);
	*out = maker.theme;
	return 0;
}

const struct mailtheme *
mailtheme_builtin(struct arena *arena)
{
	const struct mailtheme *theme = NULL;

	mailtheme_parse(SPAN(""), SPAN("ja"), arena, &theme, NULL);
	return theme;
}

struct span
mailtheme_attr(const struct mailtheme *theme, enum mail_element element)
{
	return theme->attr[element];
}

/* ---- Writing ----------------------------------------------------------- */

static void
raw(struct merge_text *html, const char *text)
{
	merge_text_raw(html, span_of(text));
}

/* A list of mail shows the preheader behind the subject and then goes on with
 * the text, unless something unseen fills the line. */
static void
add_preheader(const struct mailtheme_frame *frame, struct merge_text *html)
{
	enum { FILL_COLUMNS = 150 };

	if (frame->preheader.len == 0)
		return;
	raw(html,
	    "<div style=\"display:none;max-height:0;max-width:0;opacity:0;"
	    "overflow:hidden;font-size:1px;line-height:1px;mso-hide:all\">");
	merge_text_add(
	    html, frame->set, frame->preheader, MERGE_HTML, MERGE_HTML);
	for (int columns = utf8_width(frame->preheader); columns < FILL_COLUMNS;
	    columns += 3)
		raw(html, "&#847;&zwnj;&nbsp;");
	raw(html, "</div>\n");
}

void
mailtheme_begin(const struct mailtheme *theme,
    const struct mailtheme_frame *frame, struct merge_text *html)
{
	struct buf sender = BUF_INIT;

	merge_text_raw(html, theme->piece[PIECE_TOP]);
	/* written.c puts another name there where the message has one */
	raw(html, "<meta http-equiv=\"Content-Type\" "
		  "content=\"text/html; charset=UTF-8\">\n");
	merge_text_raw(html, theme->piece[PIECE_HEAD]);
	merge_text_add(html, frame->set, frame->title, MERGE_HTML, MERGE_HTML);
	merge_text_raw(html, theme->piece[PIECE_BODY]);
	add_preheader(frame, html);
	merge_text_raw(html, theme->piece[PIECE_CARD]);
	if (!theme->has_band)
		return;
	merge_escape(MERGE_HTML, frame->sender, &sender);
	merge_text_raw(html, buf_span(&sender));
	merge_text_raw(html, theme->piece[PIECE_TEXT]);
	buf_done(&sender);
}

void
mailtheme_footer(const struct mailtheme *theme, struct merge_text *html)
{
	merge_text_raw(html, theme->piece[PIECE_FOOTER]);
}

void
mailtheme_end(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "</td></tr></table>\n"
		  "<!--[if mso]></td></tr></table><![endif]-->\n"
		  "</td></tr></table>\n</body>\n</html>\n");
}

void
mailtheme_button_open(const struct mailtheme *theme, struct merge_text *html)
{
	merge_text_raw(html, theme->piece[PIECE_BUTTON]);
}

void
mailtheme_button_label(const struct mailtheme *theme, struct merge_text *html)
{
	merge_text_raw(html, theme->piece[PIECE_BUTTON_LABEL]);
}

void
mailtheme_button_close(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "</a></td></tr></table>\n");
}
