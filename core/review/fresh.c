/* Two texts side by side.  Both are walked from the beginning; where they part,
 * a few octets from a little further on are looked for in the other one, first
 * near, then farther.  How the texts are laid side by side decides only how
 * much is looked at: what is taken for known is always compared. */
#include "core/review/fresh.h"

#include <stdlib.h>

#include "core/base/mem.h"

enum {
	ANCHOR = 24,   /* octets that must be found again */
	NEAREST = 16,  /* from where they parted */
	FARTHEST = 600 /* and no more than so far */
};

void
fresh_done(struct fresh *fresh)
{
	buf_done(&fresh->seen);
	free(fresh->gap);
	free(fresh->hidden);
	*fresh = (struct fresh){.gaps = 0};
}

static void
put(struct fresh_gap **gap, size_t *count, size_t *room, size_t from, size_t to)
{
	if (*count == *room) {
		*room = *room ? *room * 2 : 64;
		*gap = mem_grow(*gap, *room * sizeof **gap);
	}
	(*gap)[(*count)++] = (struct fresh_gap){from, to};
}

static void
add_gap(struct fresh *fresh, size_t from, size_t to)
{
	if (fresh->gaps && fresh->gap[fresh->gaps - 1].to == from)
		fresh->gap[fresh->gaps - 1].to = to;
	else
		put(&fresh->gap, &fresh->gaps, &fresh->room, from, to);
}

/* How many octets a and b have in common at their beginnings. */
static size_t
common(struct span a, struct span b)
{
	enum { BLOCK = 128 };
	size_t max = a.len < b.len ? a.len : b.len, at = 0;
	uint64_t x, y;

	while (at + BLOCK <= max && !memcmp(a.ptr + at, b.ptr + at, BLOCK))
		at += BLOCK;
	for (; at + sizeof x <= max; at += sizeof x) {
		memcpy(&x, a.ptr + at, sizeof x);
		memcpy(&y, b.ptr + at, sizeof y);
		if (x != y)
			break;
	}
	while (at < max && a.ptr[at] == b.ptr[at])
		at++;
	return at;
}

/* And at their ends. */
static size_t
common_end(struct span a, struct span b)
{
	size_t max = a.len < b.len ? a.len : b.len, count = 0;

	while (
	    count < max && a.ptr[a.len - count - 1] == b.ptr[b.len - count - 1])
		count++;
	return count;
}

/* Where anchor stands in seen, which is most often where it would be if what
 * was filled in had the same length or nearly so. */
static size_t
find_anchor(struct span seen, struct span anchor, size_t far)
{
	static const size_t nearly[] = {0, 1, 2, 3};

	for (size_t i = 0; i < sizeof nearly / sizeof *nearly; i++) {
		size_t less = far - nearly[i], more = far + nearly[i];

		if (span_starts(span_slice(seen, less, seen.len), anchor))
			return less;
		if (span_starts(span_slice(seen, more, seen.len), anchor))
			return more;
	}
	return span_search(span_slice(seen, 0, far * 4 + 64), anchor);
}

/* The octets of both that are passed over before they agree again. */
static void
find_again(struct span seen, struct span text, size_t *in_seen, size_t *in_text)
{
	size_t same;

	for (size_t far = NEAREST; far < FARTHEST; far = far * 2 + NEAREST) {
		struct span anchor = span_slice(text, far, far + ANCHOR);
		size_t at;

		*in_text = far;
		if (anchor.len < ANCHOR)
			break;
		at = find_anchor(seen, anchor, far);
		if (!span_starts(span_slice(seen, at, seen.len), anchor))
			continue;
		same = common_end(
		    span_slice(seen, 0, at), span_slice(text, 0, far));
		*in_seen = at - same;
		*in_text = far - same;
		return;
	}
	*in_seen = 0;
	if (*in_text + ANCHOR < text.len)
		return;
	same = common_end(seen, text);
	*in_seen = seen.len - same;
	*in_text = text.len - same;
}

void
fresh_compare(struct fresh *fresh, struct span text)
{
	struct span seen = buf_span(&fresh->seen), rest = text;
	size_t same, in_seen, in_text;

	fresh->gaps = fresh->hiddens = 0;
	if (!seen.len || span_index(text, '\0') < text.len) {
		add_gap(fresh, 0, text.len);
		return;
	}
	for (;;) {
		size_t at;

		same = common(seen, rest);
		seen = span_slice(seen, same, seen.len);
		rest = span_slice(rest, same, rest.len);
		at = text.len - rest.len;
		if (!rest.len) {
			if (seen.len)
				add_gap(fresh, at, at);
			return;
		}
		find_again(seen, rest, &in_seen, &in_text);
		seen = span_slice(seen, in_seen, seen.len);
		rest = span_slice(rest, in_text, rest.len);
		add_gap(fresh, at, at + in_text);
	}
}

void
fresh_hide(struct fresh *fresh, size_t from, size_t to)
{
	put(&fresh->hidden, &fresh->hiddens, &fresh->hidden_room, from, to);
}

void
fresh_keep(struct fresh *fresh, struct span text)
{
	if (span_index(text, '\0') < text.len)
		return;
	buf_clear(&fresh->seen);
	buf_add(&fresh->seen, text);
	for (size_t i = 0; i < fresh->hiddens; i++) {
		const struct fresh_gap *it = &fresh->hidden[i];

		memset(fresh->seen.ptr + it->from, 0, it->to - it->from);
	}
}

/* ---- Walking --------------------------------------------------------------- */

static bool
is_inside(struct span text, size_t at)
{
	return at > 0 && at < text.len && (text.ptr[at] & 0xc0) == 0x80;
}

/* An octet of a blank, or one that can be part of a wide one. */
static bool
is_blank(char c)
{
	unsigned char octet = (unsigned char)c;

	return octet <= 0x20 || octet == 0xc2 || octet == 0xa0 ||
	       octet == 0xe3 || octet == 0x80;
}

/* The places of one gap: what begins there reaches into it, or has it right
 * before itself. */
static struct fresh_gap
places_of(const struct fresh_walk *walk, const struct fresh_gap *gap)
{
	struct fresh_gap out = {
	    gap->from > walk->ahead ? gap->from - walk->ahead : 0,
	    gap->to + walk->behind};

	while (is_inside(walk->text, out.from))
		out.from--;
	while (walk->behind && out.to < walk->text.len &&
	       is_blank(walk->text.ptr[out.to]))
		out.to++;
	if (out.to > gap->to)
		out.to++;
	while (is_inside(walk->text, out.to))
		out.to++;
	if (out.to > walk->text.len)
		out.to = walk->text.len;
	return out;
}

bool
fresh_next(struct fresh_walk *walk)
{
	const struct fresh *fresh = walk->fresh;
	struct fresh_gap out;

	if (!fresh) {
		walk->from = 0;
		walk->to = walk->text.len;
		return walk->next++ == 0;
	}
	if (walk->next == fresh->gaps)
		return false;
	out = places_of(walk, &fresh->gap[walk->next++]);
	while (walk->next < fresh->gaps) {
		struct fresh_gap more =
		    places_of(walk, &fresh->gap[walk->next]);

		if (more.from > out.to)
			break;
		out.to = more.to > out.to ? more.to : out.to;
		walk->next++;
	}
	walk->from = out.from;
	walk->to = out.to;
	return true;
}
