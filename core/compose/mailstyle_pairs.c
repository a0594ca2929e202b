/* Which colour of a mail theme is read on which: what stands in another thing
 * is read on that thing's paper.  A theme with a pair that cannot be read well
 * is refused, in the dark as in the light scheme. */
#include "core/compose/mailstyle.h"

#include <assert.h>
#include <stdio.h>

#include "core/base/color.h"
#include "core/base/ini.h"
#include "core/compose/compose.h"

static const struct {
	const char *name;
	enum style_key ink, paper;
} pairs[] = {
    {"text", STYLE_TEXT_COLOR, STYLE_CARD_BACK},
    {"link", STYLE_LINK_COLOR, STYLE_CARD_BACK},
    {"heading.1", STYLE_HEAD_COLOR1, STYLE_HEAD_BACK1},
    {"heading.2", STYLE_HEAD_COLOR2, STYLE_HEAD_BACK2},
    {"heading.3", STYLE_HEAD_COLOR3, STYLE_HEAD_BACK3},
    {"heading.4", STYLE_HEAD_COLOR4, STYLE_HEAD_BACK4},
    {"heading.5", STYLE_HEAD_COLOR5, STYLE_HEAD_BACK5},
    {"heading.6", STYLE_HEAD_COLOR6, STYLE_HEAD_BACK6},
    {"link, heading.1", STYLE_LINK_COLOR, STYLE_HEAD_BACK1},
    {"link, heading.2", STYLE_LINK_COLOR, STYLE_HEAD_BACK2},
    {"link, heading.3", STYLE_LINK_COLOR, STYLE_HEAD_BACK3},
    {"link, heading.4", STYLE_LINK_COLOR, STYLE_HEAD_BACK4},
    {"link, heading.5", STYLE_LINK_COLOR, STYLE_HEAD_BACK5},
    {"link, heading.6", STYLE_LINK_COLOR, STYLE_HEAD_BACK6},
    {"quote", STYLE_QUOTE_COLOR, STYLE_QUOTE_BACK},
    {"link, quote", STYLE_LINK_COLOR, STYLE_QUOTE_BACK},
    {"code", STYLE_CODE_COLOR, STYLE_CODE_BACK},
    {"table.header", STYLE_TABLE_HEAD_COLOR, STYLE_TABLE_HEAD_BACK},
    {"link, table.header", STYLE_LINK_COLOR, STYLE_TABLE_HEAD_BACK},
    {"button", STYLE_BUTTON_COLOR, STYLE_BUTTON_BACK},
    {"band", STYLE_BAND_COLOR, STYLE_BAND_BACK},
    {"footer", STYLE_FOOTER_COLOR, STYLE_FOOTER_BACK},
    {"footer.link", STYLE_FOOTER_LINK, STYLE_FOOTER_BACK},
};

static_assert((int)STYLE_PAIRS_MAX == MAIL_THEME_PAIRS_MAX,
    "the front door has room for all pairs");
static_assert(sizeof pairs / sizeof *pairs <= STYLE_PAIRS_MAX, "room");

static struct style_value
paper(const struct mailstyle *style, enum style_key key)
{
	struct style_value own = style->value[key], below;
	bool on_page = key == STYLE_FOOTER_BACK &&
		       style->value[STYLE_FOOTER_PLACE].light == PLACE_PAGE;

	below = style->value[on_page ? STYLE_PAGE_BACK : STYLE_CARD_BACK];
	return (struct style_value){
	    own.light == NONE ? below.light : own.light,
	    own.dark == NONE ? below.dark : own.dark,
	};
}

/* A link on what has no paper of its own is read as any link. */
static bool
is_same_as_card(
    const struct mailstyle *style, enum style_key ink, enum style_key key)
{
	const struct style_value *value = &style->value[key];

	return ink == STYLE_LINK_COLOR && key != STYLE_CARD_BACK &&
	       value->light == NONE && value->dark == NONE;
}

size_t
mailstyle_pairs(
    const struct mailstyle *style, struct style_pair out[STYLE_PAIRS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (pairs[i].paper == STYLE_BAND_BACK &&
		    style->value[STYLE_BAND_SHOW].light == CHOICE_NONE)
			continue;
		if (is_same_as_card(style, pairs[i].ink, pairs[i].paper))
			continue;
		out[count++] = (struct style_pair){
		    .name = pairs[i].name,
		    .ink = style->value[pairs[i].ink],
		    .paper = paper(style, pairs[i].paper),
		};
	}
	return count;
}

bool
mail_theme_is(struct span text)
{
	struct ini ini;
	struct span name, value;
	enum ini_got got;

	ini_init(&ini, text);
	while ((got = ini_next(&ini, &name, &value)) != INI_END) {
		if (got == INI_VALUE && span_equal(name, SPAN("kind")))
			return span_equal(value, SPAN("mail"));
	}
	return false;
}

static int
fail(const char *pair, const char *scheme, int contrast, struct err *err)
{
	char shown[16];

	snprintf(
	    shown, sizeof shown, "%d.%02d", contrast / 100, contrast % 100);
	err_set(err, E_MAIL_THEME_CONTRAST);
	err_fact(err, "pair", span_of(pair));
	err_fact(err, "scheme", span_of(scheme));
	return err_fact(err, "contrast", span_of(shown));
}

int
mail_theme_check(struct span text, struct mail_theme *out, struct err *err)
{
	struct style_pair pair[STYLE_PAIRS_MAX];
	struct mailstyle style;
	int rc = 0;

	if (mailstyle_read(text, &style, err) < 0)
		return -1;
	memset(out, 0, sizeof *out);
	span_text(out->name, sizeof out->name, span_of(style.name));
	span_text(out->name_ja, sizeof out->name_ja, span_of(style.name_ja));
	out->pairs = mailstyle_pairs(&style, pair);
	for (size_t i = 0; i < out->pairs; i++) {
		int light = color_contrast(
		    (unsigned)pair[i].ink.light, (unsigned)pair[i].paper.light);
		int dark = color_contrast(
		    (unsigned)pair[i].ink.dark, (unsigned)pair[i].paper.dark);

		out->pair[i].name = pair[i].name;
		out->pair[i].light = light;
		out->pair[i].dark = dark;
		if (rc == 0 && light < STYLE_CONTRAST)
			rc = fail(pair[i].name, "light", light, err);
		else if (rc == 0 && dark < STYLE_CONTRAST)
			rc = fail(pair[i].name, "dark", dark, err);
	}
	return rc;
}
