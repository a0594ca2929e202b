/* Planted samples: a campaign changed in memory so that its message has a fault
 * that whoever reads it must see.  Nothing of it is ever stored, so it cannot be
 * sent. */
#include "core/review/looking.h"

#include "core/base/utf8.h"

/* Puts text in the place of octets from..to. */
static void
replace(struct buf *body, size_t from, size_t to, struct span text)
{
	struct buf all = BUF_INIT;

	buf_add(&all, span_slice(buf_span(body), 0, from));
	buf_add(&all, text);
	buf_add(&all, span_slice(buf_span(body), to, body->len));
	buf_done(body);
	*body = all;
}

/* Somebody whom no list has by chance at this place. */
static void
plant_name(struct buf *body)
{
	struct span text = buf_span(body);
	size_t from = span_search(text, SPAN("{{name"));
	size_t len = span_search(span_slice(text, from, text.len), SPAN("}}"));

	if (from < text.len && from + len + 2 <= text.len)
		replace(body, from, from + len + 2, SPAN("長曽我部 冨美江"));
}

static void
plant_weekday(struct buf *body)
{
	static const struct {
		const char *is, *becomes;
	} days[] = {
	    {"（月）", "（火）"},
	    {"（火）", "（水）"},
	    {"（水）", "（木）"},
	    {"（木）", "（金）"},
	    {"（金）", "（土）"},
	    {"（土）", "（日）"},
	    {"（日）", "（月）"},
	    {"(月)", "(火)"},
	    {"(火)", "(水)"},
	    {"(水)", "(木)"},
	    {"(木)", "(金)"},
	    {"(金)", "(土)"},
	    {"(土)", "(日)"},
	    {"(日)", "(月)"},
	    {"月曜日", "火曜日"},
	    {"火曜日", "水曜日"},
	    {"水曜日", "木曜日"},
	    {"木曜日", "金曜日"},
	    {"金曜日", "土曜日"},
	    {"土曜日", "日曜日"},
	    {"日曜日", "月曜日"},
	    {"Monday", "Tuesday"},
	    {"Tuesday", "Wednesday"},
	    {"Wednesday", "Thursday"},
	    {"Thursday", "Friday"},
	    {"Friday", "Saturday"},
	    {"Saturday", "Sunday"},
	    {"Sunday", "Monday"},
	};

	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		struct span day = span_of(days[i].is);
		size_t at = span_search(buf_span(body), day);

		if (at < body->len) {
			replace(
			    body, at, at + day.len, span_of(days[i].becomes));
			return;
		}
	}
}

/* Behind the first paragraph: where one reads before one skims. */
static void
plant_draft(struct buf *body)
{
	size_t at = span_search(buf_span(body), SPAN("\n\n"));

	if (at < body->len)
		replace(body, at, at,
		    SPAN("\n\n＊ここは差し替え (to be replaced)"));
}

void
look_plant(enum look_plant plant, struct campaign *campaign)
{
	if (plant == LOOK_PLANT_NAME)
		plant_name(&campaign->body);
	else if (plant == LOOK_PLANT_WEEKDAY)
		plant_weekday(&campaign->body);
	else if (plant == LOOK_PLANT_DRAFT)
		plant_draft(&campaign->body);
}
