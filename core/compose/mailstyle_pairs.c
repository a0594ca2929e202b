/* Which colour of a mail theme is read on which: what stands in another thing
 * is read on that thing's paper. */
#include "core/compose/mailstyle.h"

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

size_t
mailstyle_pairs(
    const struct mailstyle *style, struct style_pair out[STYLE_PAIRS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (pairs[i].paper == STYLE_BAND_BACK &&
		    style->value[STYLE_BAND_SHOW].light == CHOICE_NONE)
			continue;
		out[count++] = (struct style_pair){
		    .name = pairs[i].name,
		    .ink = style->value[pairs[i].ink],
		    .paper = paper(style, pairs[i].paper),
		};
	}
	return count;
}
