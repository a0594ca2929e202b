/* Word diff.  Words become numbers; what both ends have in common is cut off;
 * the rest is Myers' O(ND) algorithm in linear space ("An O(ND) Difference
 * Algorithm and Its Variations", 1986), which stops after a number of steps.
 * Then words that stand once in each text are held on to (patience), and
 * between them it is tried again; where there is none, all is replaced. */
#include "core/base/diff.h"

#include <limits.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/words.h"

enum {
	WORDS_MAX = 200000, /* of both texts; above: lines */
	LINES_MAX = 400000, /* above: everything between equal ends */
	STEPS_MAX = 1000,   /* of one search for a middle */
	DEPTH_MAX = 200,
	SLIDE_MAX = 500, /* words */
	WEAK_OCTETS = 6  /* between changes: not worth to be shown as kept */
};

struct token {
	struct span text;
	int id;
};

struct side {
	struct token *token;
	int count, room;
	unsigned char *changed;
};

/* Where to look: tokens from..to of each side. */
struct box {
	int a, a_to, b, b_to;
};

struct work {
	struct side a, b;
	int *slot; /* of the hash table: number of a token + 1 */
	size_t slots;
	int ids;
	int *forward, *backward; /* by diagonal; point into kept */
	int *kept;
	int *once_a, *once_b; /* by id: where it stands once; -1 no, -2 often */
};

/* ---- Words become numbers ------------------------------------------------- */

enum cut { CUT_WORDS, CUT_LINES };

static struct span
next_token(struct span *rest, enum cut cut)
{
	struct span all = *rest;
	size_t len;

	if (cut == CUT_WORDS)
		return word_next(rest, NULL);
	len = span_index(all, '\n');
	*rest = span_slice(all, len + 1, all.len);
	return span_slice(all, 0, len + 1);
}

/* False when there are more tokens than max. */
static bool
cut_side(struct side *side, struct span text, enum cut cut, int max)
{
	side->count = 0;
	while (text.len > 0) {
		if (side->count == max)
			return false;
		if (side->count == side->room) {
			side->room = side->room ? side->room * 2 : 256;
			side->token = mem_grow(side->token,
			    (size_t)side->room * sizeof *side->token);
		}
		side->token[side->count++].text = next_token(&text, cut);
	}
	return true;
}

static size_t
hash_of(struct span s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.len; i++)
		hash =
		    (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 29);
}

static struct token *
token_number(struct work *work, int number)
{
	return number < work->a.count ? &work->a.token[number]
				      : &work->b.token[number - work->a.count];
}

/* Equal words get equal numbers. */
static void
number_tokens(struct work *work)
{
	int all = work->a.count + work->b.count;

	work->slots = 64;
	while (work->slots < (size_t)all * 2)
		work->slots *= 2;
	work->slot = mem_array(work->slots, sizeof *work->slot);
	for (int i = 0; i < all; i++) {
		struct token *token = token_number(work, i);
		size_t at = hash_of(token->text) & (work->slots - 1);

		while (work->slot[at] &&
		       !span_equal(token_number(work, work->slot[at] - 1)->text,
			   token->text))
			at = (at + 1) & (work->slots - 1);
		if (!work->slot[at]) {
			work->slot[at] = i + 1;
			token->id = work->ids++;
		} else {
			token->id = token_number(work, work->slot[at] - 1)->id;
		}
	}
}

static bool
same(const struct work *work, int a, int b)
{
	return work->a.token[a].id == work->b.token[b].id;
}

/* ---- Myers ---------------------------------------------------------------- */

/* Cuts off what both ends of the box have in common. */
static void
shrink(const struct work *work, struct box *box)
{
	while (box->a < box->a_to && box->b < box->b_to &&
	       same(work, box->a, box->b)) {
		box->a++;
		box->b++;
	}
	while (box->a < box->a_to && box->b < box->b_to &&
	       same(work, box->a_to - 1, box->b_to - 1)) {
		box->a_to--;
		box->b_to--;
	}
}

/* The diagonals reached so far, from one corner. */
struct front {
	int *at; /* furthest place by diagonal */
	int low, high;
};

/* Widens the front by one on each side, or narrows it at the box's edges;
 * beyond is what never counts as reached. */
static void
widen(struct front *front, int lowest, int highest, int beyond)
{
	if (front->low > lowest)
		front->at[--front->low - 1] = beyond;
	else
		front->low++;
	if (front->high < highest)
		front->at[++front->high + 1] = beyond;
	else
		front->high--;
}

static bool
covers(const struct front *front, int diagonal)
{
	return diagonal >= front->low && diagonal <= front->high;
}

/* One step from the upper left; true with *a, *b when it meets the other. */
static bool
step_forward(const struct work *work, const struct box *box,
    struct front *front, const struct front *other, int *a, int *b)
{
	for (int d = front->high; d >= front->low; d -= 2) {
		int i = front->at[d - 1] >= front->at[d + 1]
			    ? front->at[d - 1] + 1
			    : front->at[d + 1];

		while (
		    i < box->a_to && i - d < box->b_to && same(work, i, i - d))
			i++;
		front->at[d] = i;
		if (other && covers(other, d) && other->at[d] <= i) {
			*a = i;
			*b = i - d;
			return true;
		}
	}
	return false;
}

static bool
step_backward(const struct work *work, const struct box *box,
    struct front *front, const struct front *other, int *a, int *b)
{
	for (int d = front->high; d >= front->low; d -= 2) {
		int i = front->at[d - 1] < front->at[d + 1]
			    ? front->at[d - 1]
			    : front->at[d + 1] - 1;

		while (i > box->a && i - d > box->b &&
		       same(work, i - 1, i - d - 1))
			i--;
		front->at[d] = i;
		if (other && covers(other, d) && i <= other->at[d]) {
			*a = i;
			*b = i - d;
			return true;
		}
	}
	return false;
}

/* A place on a shortest way through the box; false after too many steps. */
static bool
find_middle(struct work *work, const struct box *box, int *a, int *b)
{
	int lowest = box->a - box->b_to, highest = box->a_to - box->b;
	int start = box->a - box->b, end = box->a_to - box->b_to;
	bool odd = (start - end) & 1;
	struct front forward = {work->forward, start, start};
	struct front backward = {work->backward, end, end};

	forward.at[start] = box->a;
	backward.at[end] = box->a_to;
	for (int step = 0; step < STEPS_MAX; step++) {
		widen(&forward, lowest, highest, -1);
		if (step_forward(
			work, box, &forward, odd ? &backward : NULL, a, b))
			return true;
		widen(&backward, lowest, highest, INT_MAX);
		if (step_backward(
			work, box, &backward, odd ? NULL : &forward, a, b))
			return true;
	}
	return false;
}

static void
replace(struct work *work, const struct box *box)
{
	memset(work->a.changed + box->a, 1, (size_t)(box->a_to - box->a));
	memset(work->b.changed + box->b, 1, (size_t)(box->b_to - box->b));
}

/* ---- Patience ------------------------------------------------------------- */

static void
note_once(int *where, const struct side *side, int from, int to)
{
	for (int i = from; i < to; i++)
		where[side->token[i].id] = -1;
}

static void
count_once(int *where, const struct side *side, int from, int to)
{
	for (int i = from; i < to; i++) {
		int *at = &where[side->token[i].id];

		*at = *at == -1 ? i : -2;
	}
}

struct anchor {
	int a, b;
	int before; /* index of the anchor that leads here, or -1 */
};

/* The words that stand once on each side, in the order of the first. */
static int
find_anchors(struct work *work, const struct box *box, struct anchor *anchor)
{
	int count = 0;

	note_once(work->once_a, &work->a, box->a, box->a_to);
	note_once(work->once_a, &work->b, box->b, box->b_to);
	note_once(work->once_b, &work->a, box->a, box->a_to);
	note_once(work->once_b, &work->b, box->b, box->b_to);
	count_once(work->once_a, &work->a, box->a, box->a_to);
	count_once(work->once_b, &work->b, box->b, box->b_to);
	for (int i = box->a; i < box->a_to; i++) {
		int id = work->a.token[i].id;

		if (work->once_a[id] >= 0 && work->once_b[id] >= 0)
			anchor[count++] =
			    (struct anchor){i, work->once_b[id], -1};
	}
	return count;
}

/* Keeps the longest rising row of them, in order; returns how many. */
static int
keep_rising(struct anchor *anchor, int count)
{
	int *pile = mem_array((size_t)count + 1, sizeof *pile);
	int piles = 0, at, left;

	for (int i = 0; i < count; i++) {
		int low = 0, high = piles;

		while (low < high) {
			int middle = low + (high - low) / 2;

			if (anchor[pile[middle]].b < anchor[i].b)
				low = middle + 1;
			else
				high = middle;
		}
		anchor[i].before = low > 0 ? pile[low - 1] : -1;
		pile[low] = i;
		if (low == piles)
			piles++;
	}
	/* backwards into the numbers of the row, then in place */
	at = piles > 0 ? pile[piles - 1] : -1;
	for (left = piles; at >= 0; at = anchor[at].before)
		pile[--left] = at;
	for (int i = 0; i < piles; i++)
		anchor[i] = anchor[pile[i]];
	free(pile);
	return piles;
}

/* ---- The whole ------------------------------------------------------------ */

static void compare(struct work *work, struct box box, int depth);

static void
compare_by_anchors(struct work *work, struct box box, int depth)
{
	struct anchor *anchor =
	    mem_array((size_t)(box.a_to - box.a) + 1, sizeof *anchor);
	int count = keep_rising(anchor, find_anchors(work, &box, anchor));

	if (count == 0)
		replace(work, &box);
	for (int i = 0; i < count; i++) {
		compare(work,
		    (struct box){box.a, anchor[i].a, box.b, anchor[i].b},
		    depth + 1);
		box.a = anchor[i].a + 1;
		box.b = anchor[i].b + 1;
	}
	if (count > 0)
		compare(work, box, depth + 1);
	free(anchor);
}

/* Depth is bounded by the number of words; the limit is for odd texts. */
static void
compare(struct work *work, struct box box, int depth)
{
	int a = 0, b = 0;

	shrink(work, &box);
	if (box.a == box.a_to || box.b == box.b_to || depth > DEPTH_MAX) {
		replace(work, &box);
	} else if (find_middle(work, &box, &a, &b)) {
		compare(work, (struct box){box.a, a, box.b, b}, depth + 1);
		compare(
		    work, (struct box){a, box.a_to, b, box.b_to}, depth + 1);
	} else {
		compare_by_anchors(work, box, depth);
	}
}

static void
add_run(struct diff *out, enum diff_kind kind, const struct side *side,
    int from, int to)
{
	const char *start, *end;

	if (from == to)
		return;
	start = side->token[from].text.ptr;
	end = side->token[to - 1].text.ptr + side->token[to - 1].text.len;
	if (kind != DIFF_SAME &&
	    (out->count == 0 || out->run[out->count - 1].kind == DIFF_SAME))
		out->changes++;
	if (out->count % 64 == 0)
		out->run =
		    mem_grow(out->run, (out->count + 64) * sizeof *out->run);
	out->run[out->count++] =
	    (struct diff_run){kind, span_make(start, (size_t)(end - start))};
}

/* Short rests between two changes ("の", a comma) are part of the change. */
static void
drop_weak(struct work *work)
{
	int a = 0, b = 0, a_to, b_to;

	while (a < work->a.count && b < work->b.count) {
		size_t octets = 0;
		bool begins = a > 0 || b > 0, line = false;

		while (a < work->a.count && work->a.changed[a])
			a++;
		while (b < work->b.count && work->b.changed[b])
			b++;
		for (a_to = a, b_to = b;
		    a_to < work->a.count && !work->a.changed[a_to] &&
		    b_to < work->b.count && !work->b.changed[b_to];
		    a_to++, b_to++) {
			octets += work->a.token[a_to].text.len;
			line |= span_ends(work->a.token[a_to].text, SPAN("\n"));
		}
		begins |= a > 0 || b > 0;
		if (begins && octets <= WEAK_OCTETS && !line &&
		    a_to < work->a.count && b_to < work->b.count)
			replace(work, &(struct box){a, a_to, b, b_to});
		a = a_to;
		b = b_to;
	}
}

static bool
ends_line(const struct side *side, int number)
{
	return number < 0 || span_ends(side->token[number].text, SPAN("\n"));
}

/* How far a group of changed words from..to may move, step 1 or -1 at a time,
 * to become whole lines; 0: not at all. */
static int
way_to_lines(const struct side *side, int from, int to, int step)
{
	for (int way = 0; way < SLIDE_MAX && way > -SLIDE_MAX; way += step) {
		int gone = step > 0 ? from + way : to + way - 1;
		int come = step > 0 ? to + way : from + way - 1;

		if (ends_line(side, from + way - 1) &&
		    ends_line(side, to + way - 1))
			return way;
		if (come < 0 || come >= side->count || side->changed[come] ||
		    side->token[gone].id != side->token[come].id)
			return 0;
	}
	return 0;
}

/* The same change can often be told in several ways: a reader wants whole
 * lines. */
static void
slide_to_lines(struct side *side)
{
	int from, to, way;

	for (from = 0; from < side->count; from = to) {
		while (from < side->count && !side->changed[from])
			from++;
		for (to = from; to < side->count && side->changed[to];)
			to++;
		if (from == to)
			break;
		way = way_to_lines(side, from, to, 1);
		if (way == 0)
			way = way_to_lines(side, from, to, -1);
		memset(side->changed + from, 0, (size_t)(to - from));
		memset(side->changed + from + way, 1, (size_t)(to - from));
		if (way > 0)
			to += way;
	}
}

static void
make_runs(const struct work *work, struct diff *out)
{
	int a = 0, b = 0, start;

	while (a < work->a.count || b < work->b.count) {
		for (start = a; a < work->a.count && work->a.changed[a];)
			a++;
		add_run(out, DIFF_GONE, &work->a, start, a);
		for (start = b; b < work->b.count && work->b.changed[b];)
			b++;
		add_run(out, DIFF_NEW, &work->b, start, b);
		for (start = b; b < work->b.count && !work->b.changed[b] &&
				a < work->a.count && !work->a.changed[a];) {
			a++;
			b++;
		}
		add_run(out, DIFF_SAME, &work->b, start, b);
	}
}

static void
compare_sides(struct work *work, struct diff *out)
{
	int n = work->a.count, m = work->b.count;

	number_tokens(work);
	work->a.changed = mem_array((size_t)n + 1, 1);
	work->b.changed = mem_array((size_t)m + 1, 1);
	work->kept = mem_array((size_t)(n + m + 3) * 2, sizeof *work->kept);
	work->forward = work->kept + m + 1;
	work->backward = work->forward + n + m + 3;
	work->once_a = mem_array((size_t)work->ids + 1, sizeof(int));
	work->once_b = mem_array((size_t)work->ids + 1, sizeof(int));
	compare(work, (struct box){0, n, 0, m}, 0);
	drop_weak(work);
	slide_to_lines(&work->a);
	slide_to_lines(&work->b);
	make_runs(work, out);
}

/* One token each: the texts are too much for anything finer. */
static void
one_token(struct side *side, struct span text)
{
	side->count = 0;
	if (text.len == 0)
		return;
	if (!side->token)
		side->token = mem_new(sizeof *side->token);
	side->token[side->count++].text = text;
}

void
diff_words(struct span from, struct span to, struct diff *out)
{
	struct work work = {.ids = 0};

	*out = DIFF_INIT;
	if ((!cut_side(&work.a, from, CUT_WORDS, WORDS_MAX) ||
		!cut_side(&work.b, to, CUT_WORDS, WORDS_MAX)) &&
	    (!cut_side(&work.a, from, CUT_LINES, LINES_MAX) ||
		!cut_side(&work.b, to, CUT_LINES, LINES_MAX))) {
		one_token(&work.a, from);
		one_token(&work.b, to);
	}
	compare_sides(&work, out);
	free(work.a.token);
	free(work.b.token);
	free(work.a.changed);
	free(work.b.changed);
	free(work.slot);
	free(work.kept);
	free(work.once_a);
	free(work.once_b);
}

void
diff_done(struct diff *diff)
{
	free(diff->run);
	*diff = DIFF_INIT;
}
