/* Line breaking.  A small part of UAX 14 with the Japanese rules that readers
 * miss most: no closing mark, small kana or prolonged sound mark at the start
 * of a row, no opening bracket at its end. */
#include "tui/text/wrap.h"

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "tui/text/gate.h"

/* Closing marks, iteration and prolonged sound marks, small kana; rising:
 * 、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〗〙〟’”»‐゠–〜～ ぁ..ゖ ァ..ヶ
 * ｡｣､･ｰﾞﾟ ｧ..ｯ )]}>,.:;!?% */
static const uint16_t not_first[] = {0x0021, 0x0025, 0x0029, 0x002c, 0x002e,
    0x003a, 0x003b, 0x003e, 0x003f, 0x005d, 0x007d, 0x00bb, 0x2010, 0x2013,
    0x2019, 0x201d, 0x3001, 0x3002, 0x3005, 0x3009, 0x300b, 0x300d, 0x300f,
    0x3011, 0x3015, 0x3017, 0x3019, 0x301c, 0x301f, 0x3041, 0x3043, 0x3045,
    0x3047, 0x3049, 0x3063, 0x3083, 0x3085, 0x3087, 0x308e, 0x3095, 0x3096,
    0x309b, 0x309c, 0x309d, 0x309e, 0x30a0, 0x30a1, 0x30a3, 0x30a5, 0x30a7,
    0x30a9, 0x30c3, 0x30e3, 0x30e5, 0x30e7, 0x30ee, 0x30f5, 0x30f6, 0x30fb,
    0x30fc, 0x30fd, 0x30fe, 0xff01, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b,
    0xff1f, 0xff3d, 0xff5d, 0xff5e, 0xff61, 0xff63, 0xff64, 0xff65, 0xff67,
    0xff68, 0xff69, 0xff6a, 0xff6b, 0xff6c, 0xff6d, 0xff6e, 0xff6f, 0xff70,
    0xff9e, 0xff9f};
/* Opening marks; rising: （〔［｛〈《「『【〘〖〝‘“«｢([{< */
static const uint16_t not_last[] = {0x0028, 0x003c, 0x005b, 0x007b, 0x00ab,
    0x2018, 0x201c, 0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x3016,
    0x3018, 0x301d, 0xff08, 0xff3b, 0xff5b, 0xff62};

static bool
is_one_of(const uint16_t *set, size_t count, struct span cluster)
{
	size_t low = 0, high = count;
	uint32_t cp;

	if (!utf8_next(&cluster, &cp))
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set[middle] == cp)
			return true;
		if (set[middle] < cp)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

#define IS_ONE_OF(set, cluster)                                                \
	is_one_of((set), sizeof(set) / sizeof *(set), (cluster))

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
	return !IS_ONE_OF(not_first, next) &&
	       !IS_ONE_OF(not_last, last->cluster);
}

/* As they are drawn: joiners inside a cluster show as marks. */
static int
cells_of(struct span cluster)
{
	return cluster.len == 1 && cluster.ptr[0] >= ' ' &&
		       cluster.ptr[0] < 0x7f
		   ? 1
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
