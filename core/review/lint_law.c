/* What the law wants to see (LG-01 to LG-04), that both parts have it (CM-08),
 * and that it can be read (LG-06). */
#include <stdlib.h>

#include "core/base/color.h"
#include "core/base/utf8.h"
#include "core/mail/html.h"
#include "core/review/lint.h"

enum {
	NEAR = 200,    /* characters from the way out to its notice */
	FONT_MIN = 10, /* px */
	CONTRAST_MIN = 450,
	DEPTH_MAX = 64
};

static bool
contains(struct span text, struct span part)
{
	return span_search(text, part) < text.len;
}

/* Adds text without any white space, so that folding cannot hide a match.  The
 * blanks are told by their octets, which no other character holds. */
static void
squeeze(struct span text, struct buf *out)
{
	char *to;

	buf_reserve(out, text.len);
	to = out->ptr + out->len;
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char *at = (const unsigned char *)text.ptr + i;
		size_t left = text.len - i;

		if (*at <= 0x20)
			continue;
		if (left > 2 && at[0] == 0xe3 && at[1] == 0x80 && at[2] == 0x80)
			i += 2;
		else if (left > 1 && at[0] == 0xc2 && at[1] == 0xa0)
			i += 1;
		else
			*to++ = (char)*at;
	}
	out->len = (size_t)(to - out->ptr);
	*to = '\0';
}

/* Whether a part shows all lines of a setting: nearly always each as it is. */
static bool
shows(struct lint *lint, struct span part, struct span wanted)
{
	struct buf *all = &lint->tools->first, *one = &lint->tools->second;
	struct span rest = wanted;
	bool each = true;

	while (each && rest.len)
		each = contains(part, span_trim(span_cut(&rest, '\n')));
	if (each)
		return true;
	buf_clear(all);
	buf_clear(one);
	squeeze(part, all);
	squeeze(wanted, one);
	return contains(buf_span(all), buf_span(one));
}

/* CM-08: what one part has of the footer the other has too; and for
 * advertisements both must have it. */
static void
check_shown(struct lint *lint, const struct buf *setting, enum check_id check)
{
	struct span wanted = buf_span(setting);
	bool ad = lint->rules->class == CLASS_AD, plain, html;

	if (!wanted.len) {
		if (ad)
			lint_add(lint, check, "setting_empty", SPAN(""));
		return;
	}
	plain = shows(lint, lint->message->text, wanted);
	html = shows(lint, buf_span(&lint->tools->page.text), wanted);
	if (ad && !plain)
		lint_add(lint, check, "plain", wanted);
	else if (ad && !html)
		lint_add(lint, check, "html", wanted);
	if (plain != html)
		lint_add(lint, CM_08,
		    plain ? "html_lacks_footer" : "plain_lacks_footer", wanted);
}

/* ---- LG-02 ---------------------------------------------------------------------- */

/* Up to NEAR characters at the end, or at the beginning, of text. */
static struct span
near_end(struct span text)
{
	size_t from = text.len;

	for (int i = 0; i < NEAR && from > 0; i++) {
		from--;
		while (from > 0 && (text.ptr[from] & 0xc0) == 0x80)
			from--;
	}
	return span_slice(text, from, text.len);
}

static struct span
near_start(struct span text)
{
	size_t to = 0;

	for (int i = 0; i < NEAR && to < text.len; i++) {
		to++;
		while (to < text.len && (text.ptr[to] & 0xc0) == 0x80)
			to++;
	}
	return span_slice(text, 0, to);
}

/* Words that say that one may stop it. */
static bool
is_notice(const struct lint_rules *rules, struct span text)
{
	static const char *const words[] = {"配信停止", "配信の停止",
	    "配信を停止", "配信解除", "配信の解除", "配信を希望", "購読解除",
	    "購読を解除", "購読停止", "登録解除", "受信拒否", "受信を拒否",
	    "停止", "解除", "unsubscribe", "Unsubscribe", "opt out", "opt-out",
	    "Opt out", "stop receiving"};
	struct span notice = buf_span(&rules->legal_notice);

	if (notice.len && contains(text, notice))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (contains(text, span_of(words[i])))
			return true;
	}
	return false;
}

static bool
has_notice(const struct lint_rules *rules, struct span part)
{
	struct span base = buf_span(&rules->base_url), rest = part;
	size_t at;

	while ((at = span_search(rest, base)) < rest.len) {
		size_t from = part.len - rest.len + at;

		rest = span_slice(rest, at + base.len, rest.len);
		if (is_notice(rules, near_end(span_slice(part, 0, from))) ||
		    is_notice(rules, near_start(rest)))
			return true;
	}
	return false;
}

static void
check_way_out(struct lint *lint)
{
	struct span base = buf_span(&lint->rules->base_url);
	struct span plain = lint->message->text;
	struct span html = buf_span(&lint->tools->page.text);
	bool linked = contains(buf_span(&lint->tools->page.targets), base);

	if (!base.len)
		lint_add(lint, LG_02, "setting_empty", SPAN(""));
	else if (!contains(plain, base))
		lint_add(lint, LG_02, "plain", base);
	else if (!contains(html, base) && !linked)
		lint_add(lint, LG_02, "html", base);
	else if (!has_notice(lint->rules, plain))
		lint_add(lint, LG_02, "notice_plain", base);
	else if (contains(html, base) ? !has_notice(lint->rules, html)
				      : !is_notice(lint->rules, html))
		lint_add(lint, LG_02, "notice_html", base);
}

/* ---- LG-06: how it looks ------------------------------------------------------------ */

struct look {
	double px;
	unsigned color, ground;
	bool hidden;
	struct span name; /* of the element */
};

/* "#333", "#333333", and the few names that mail uses. */
static bool
read_color(struct span word, unsigned *out)
{
	static const struct {
		const char *name;
		unsigned rgb;
	} names[] = {{"black", 0}, {"white", 0xffffff}, {"gray", 0x808080},
	    {"grey", 0x808080}, {"silver", 0xc0c0c0}, {"red", 0xff0000},
	    {"blue", 0xff}, {"lightgray", 0xd3d3d3}};
	char full[8] = "#";

	word = span_trim(word);
	word = span_slice(word, 0, span_index(word, ' '));
	if (word.len == 4 && *word.ptr == '#') {
		for (size_t i = 0; i < 3; i++)
			full[1 + 2 * i] = full[2 + 2 * i] = word.ptr[i + 1];
		word = span_make(full, 7);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (span_equal_nocase(word, span_of(names[i].name))) {
			*out = names[i].rgb;
			return true;
		}
	}
	return color_read(word, out);
}

static void
take_size(struct span value, struct look *look)
{
	char text[16], *end;
	double number;

	value = span_trim(value);
	span_text(text, sizeof text, value);
	number = strtod(text, &end);
	if (end == text)
		return;
	if (!strncmp(end, "px", 2))
		look->px = number;
	else if (!strncmp(end, "pt", 2))
		look->px = number * 4 / 3;
	else if (!strncmp(end, "em", 2))
		look->px *= number;
	else if (!strncmp(end, "rem", 3))
		look->px = 16 * number;
	else if (*end == '%')
		look->px *= number / 100;
	else if (number == 0)
		look->px = 0;
}

static void
take_style(struct span style, struct look *look)
{
	while (style.len) {
		struct span value = span_cut(&style, ';');
		struct span name = span_trim(span_cut(&value, ':'));

		if (span_equal_nocase(name, SPAN("font-size")))
			take_size(value, look);
		else if (span_equal_nocase(name, SPAN("color")))
			read_color(value, &look->color);
		else if (span_equal_nocase(name, SPAN("background-color")) ||
			 span_equal_nocase(name, SPAN("background")))
			read_color(value, &look->ground);
		else if (span_equal_nocase(name, SPAN("display")))
			look->hidden |= contains(value, SPAN("none"));
		else if (span_equal_nocase(name, SPAN("visibility")))
			look->hidden |= contains(value, SPAN("hidden"));
		else if (span_equal_nocase(name, SPAN("opacity")))
			look->hidden |=
			    span_starts(span_trim(value), SPAN("0")) &&
			    span_trim(value).len < 4;
	}
}

static bool
is_footer(const struct lint_rules *rules, struct span text)
{
	struct span name = buf_span(&rules->legal_name);
	struct span contact = buf_span(&rules->legal_contact);
	struct span base = buf_span(&rules->base_url);

	return (name.len && contains(text, name)) ||
	       (contact.len && contains(text, contact)) ||
	       (base.len && contains(text, base));
}

static const char *
look_fault(const struct look *look)
{
	if (look->hidden)
		return "footer_hidden";
	if (look->px < FONT_MIN)
		return "footer_small";
	if (color_contrast(look->color, look->ground) < CONTRAST_MIN)
		return "footer_pale";
	return NULL;
}

static bool
is_void(struct span name)
{
	static const char *const names[] = {"br", "hr", "img", "meta", "link",
	    "input", "wbr", "!doctype", "base"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (span_equal_nocase(name, span_of(names[i])))
			return true;
	}
	return false;
}

/* Follows a tag in the pile of open elements; returns the new height. */
static size_t
follow(const struct html_tag *tag, struct look *pile, size_t height,
    struct buf *style)
{
	if (!tag->name.len || is_void(tag->name))
		return height;
	if (tag->closes) {
		for (size_t i = height; i > 1; i--) {
			if (html_tag_is(tag, pile[i - 1].name))
				return i - 1;
		}
		return height;
	}
	if (height == DEPTH_MAX)
		return height;
	pile[height] = pile[height - 1];
	pile[height].name = tag->name;
	buf_clear(style);
	if (html_attribute(tag, "bgcolor", style))
		read_color(buf_span(style), &pile[height].ground);
	buf_clear(style);
	if (html_attribute(tag, "style", style))
		take_style(buf_span(style), &pile[height]);
	return height + 1;
}

static void
check_look(struct lint *lint)
{
	struct look pile[DEPTH_MAX] = {
	    {.px = 16, .color = 0, .ground = 0xffffff}};
	struct span html = lint->message->html;
	size_t height = 1;
	struct buf style = BUF_INIT, text = BUF_INIT;
	struct html_tag tag;
	const char *fault;

	while (html.len) {
		buf_clear(&text);
		html_collapse(span_cut(&html, '<'), &text);
		fault = is_footer(lint->rules, buf_span(&text))
			    ? look_fault(&pile[height - 1])
			    : NULL;
		if (fault)
			lint_add(lint, LG_06, fault, buf_span(&text));
		if (!html_tag_take(&html, &tag))
			continue;
		height = follow(&tag, pile, height, &style);
		html_skip_unseen(&tag, &html);
	}
	buf_done(&style);
	buf_done(&text);
}

/* People in the Union are told who has their data and where to read about
 * it. */
static void
check_privacy(struct lint *lint)
{
	static const char ends[] =
	    " at be bg cy cz de dk ee es eu fi fr gr hr hu ie is it li lt lu lv"
	    " mt nl no pl pt ro se si sk ";
	static const char *const words[] = {"privacy", "Privacy",
	    "プライバシー", "個人情報", "datenschutz", "Datenschutz",
	    "confidentialit", "privacidad"};
	struct span to = lint->message->rcpt_to;
	char word[5] = {' ', 0, 0, ' ', 0};

	if (to.len < 4 || to.ptr[to.len - 3] != '.')
		return;
	word[1] = (char)(to.ptr[to.len - 2] | 0x20);
	word[2] = (char)(to.ptr[to.len - 1] | 0x20);
	if (!strstr(ends, word))
		return;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (contains(buf_span(&lint->tools->page.targets),
			span_of(words[i])) ||
		    contains(
			buf_span(&lint->tools->page.text), span_of(words[i])))
			return;
	}
	lint_add(lint, LG_06, "privacy", span_make(word + 1, 2));
}

void
lint_law(struct lint *lint)
{
	const struct lint_rules *rules = lint->rules;

	check_shown(lint, &rules->legal_name, LG_01);
	check_shown(lint, &rules->legal_postal, LG_03);
	check_shown(lint, &rules->legal_contact, LG_04);
	if (rules->class != CLASS_AD)
		return;
	check_way_out(lint);
	check_privacy(lint);
	/* no value of a recipient is in the footer: some messages say it */
	if (lint->seq % 100 == 1)
		check_look(lint);
}
