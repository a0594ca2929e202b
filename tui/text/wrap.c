/* Line breaking.  A small part of UAX 14 with the Japanese rules that readers
 * miss most: no closing mark, small kana or prolonged sound mark at the start
 * of a row, no opening bracket at its end. */
#include "tui/text/wrap.h"

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "tui/text/gate.h"

static const char not_first[] =
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〗〙〟’”»‐゠–〜～"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "｡｣､･ｰﾞﾟｧｨｩｪｫｬｭｮｯ"
    ")]}>,.:;!?%";
static const char not_last[] = "（〔［｛〈《「『【〘〖〝‘“«｢([{<";

static bool
is_one_of(const char *set, struct span cluster)
{
	struct span rest = span_of(set);
	uint32_t cp, wanted;

	if (!utf8_next(&cluster, &wanted))
		return false;
	while (utf8_next(&rest, &cp)) {
		if (cp == wanted)
			return true;
	}
	return false;
}

static bool
is_blank(struct span cluster)
{
	return span_equal(cluster, SPAN(" ")) ||
	       span_equal(cluster, SPAN("\xe3\x80\x80"));
}

struct last {
	struct span cluster;
	int width;
};

/* True when a row may end behind one cluster and the next begin with other. */
static bool
may_break(const struct last *last, struct span next, int next_width)
{
	if (is_blank(last->cluster))
		return true;
	if (last->width < 2 && next_width < 2)
		return false;
	return !is_one_of(not_first, next) &&
	       !is_one_of(not_last, last->cluster);
}

/* As they are drawn: joiners inside a cluster show as marks. */
static int
cells_of(struct span cluster)
{
	return cluster.len == 1 && cluster.ptr[0] >= ' ' ? 1
							 : ui_width(cluster);
}

struct span
wrap_next(struct span *rest, int cols)
{
	struct span all = *rest, walk = *rest, cluster;
	struct last last = {{NULL, 0}, 0};
	size_t at = 0, break_at = 0;
	int used = 0, width;

	while (walk.len > 0) {
		at = (size_t)(walk.ptr - all.ptr);
		cluster = grapheme_next(&walk);
		width = cells_of(cluster);
		if (at > 0 && !is_blank(cluster) &&
		    may_break(&last, cluster, width))
			break_at = at;
		if (used + width > cols && at > 0 && !is_blank(cluster)) {
			at = break_at ? break_at : at;
			*rest = span_slice(all, at, all.len);
			return span_slice(all, 0, at);
		}
		used += width;
		last = (struct last){cluster, width};
	}
	*rest = span_slice(all, all.len, all.len);
	return all;
}
