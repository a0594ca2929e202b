/* The catalogue of a drill, the lot and the judgement: nothing here reads or
 * writes anything. */
#include "core/review/drill.h"

#include <assert.h>

#include "core/base/crypt.h"
#include "core/base/utf8.h"

enum place {
	PLACE_LIST,
	PLACE_ADDRESS,
	PLACE_CANARY,
	PLACE_NUMBER,
	PLACE_FROM,
	PLACE_NAME,
	PLACE_REPLY,
	PLACE_LAW,
	PLACE_PREHEADER,
	PLACE_GREETING,
	PLACE_OPENING,
	PLACE_SEASON,
	PLACE_COMPANY,
	PLACE_EVENT,
	PLACE_TIME,
	PLACE_DEADLINE,
	PLACE_PRICE,
	PLACE_PHONE,
	PLACE_CLOSING,
	PLACE_LINK,
	PLACE_MAP,
	PLACE_FILE,
	PLACES
};

#define AT(id) (1U << DRILL_AT_##id)

static const struct drill_fault faults[] = {
#define X(id, name, how, check, place, where, look)                            \
	{name, DRILL_##how, check, PLACE_##place, where, DRILL_SEE_##look},
#include "core/review/drill.def"
#undef X
};
static_assert(sizeof faults / sizeof *faults == DRILL_KINDS, "the catalogue");

static const char *const wheres[] = {"subject", "sender", "recipients", "text",
    "link", "attachment", "footer", "number"};
static_assert(sizeof wheres / sizeof *wheres == DRILL_WHERES, "the places");

const struct drill_fault *
drill_fault(enum drill_kind kind)
{
	return &faults[kind];
}

enum drill_kind
drill_kind_of(struct span name)
{
	for (int i = 0; i < DRILL_KINDS; i++) {
		if (span_equal(name, span_of(faults[i].name)))
			return (enum drill_kind)i;
	}
	return DRILL_KINDS;
}

const char *
drill_where_name(enum drill_where where)
{
	return wheres[where];
}

/* ---- The lot ----------------------------------------------------------------- */

/* The next number of a sequence that its start alone decides (SplitMix64). */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
shuffle(uint64_t seed, enum drill_kind order[DRILL_KINDS])
{
	for (int i = 0; i < DRILL_KINDS; i++)
		order[i] = (enum drill_kind)i;
	for (int i = DRILL_KINDS - 1; i > 0; i--) {
		int with = (int)(next(&seed) % (uint64_t)(i + 1));
		enum drill_kind held = order[i];

		order[i] = order[with];
		order[with] = held;
	}
}

struct lot {
	enum drill_kind order[DRILL_KINDS];
	bool taken[DRILL_KINDS], full[PLACES];
	int count;
};

/* Takes up to wanted faults of the sorts whose bits are set in hows. */
static void
take(struct lot *lot, unsigned hows, int wanted)
{
	for (int i = 0; i < DRILL_KINDS && wanted > 0; i++) {
		enum drill_kind kind = lot->order[i];
		const struct drill_fault *fault = &faults[kind];

		if (lot->taken[kind] || lot->full[fault->place] ||
		    !(hows & 1U << fault->how))
			continue;
		lot->taken[kind] = lot->full[fault->place] = true;
		lot->count++;
		wanted--;
	}
}

void
drill_draw(uint64_t seed, struct drill_plan *out)
{
	struct lot lot = {.count = 0};
	int at = 0;

	shuffle(seed, lot.order);
	take(&lot, 1U << DRILL_MACHINE, DRILL_LEAST);
	take(&lot, 1U << DRILL_LOOK, DRILL_LEAST);
	take(&lot, 1U << DRILL_MACHINE | 1U << DRILL_LOOK,
	    DRILL_PLANTED - 2 * DRILL_LEAST);
	assert(lot.count == DRILL_PLANTED);
	*out = (struct drill_plan){.seed = seed};
	for (int i = 0; i < DRILL_KINDS && at < DRILL_PLANTED; i++) {
		if (lot.taken[i])
			out->fault[at++] = (enum drill_kind)i;
	}
}

void
drill_draw_any(struct drill_plan *out)
{
	uint64_t seed;

	crypt_random(&seed, sizeof seed);
	drill_draw(seed, out);
}

/* ---- Marks --------------------------------------------------------------------- */

static const char *
note_fault(struct span note)
{
	enum utf8_got got;
	uint32_t cp;

	if (note.len > DRILL_NOTE_MAX)
		return "length";
	while ((got = utf8_next(&note, &cp)) != UTF8_END) {
		if (got == UTF8_BAD)
			return "utf8";
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return "control";
	}
	return NULL;
}

static size_t
find_mark(const struct drill_marks *marks, enum drill_kind kind)
{
	size_t at = 0;

	while (at < marks->count && marks->mark[at].kind != kind)
		at++;
	return at;
}

int
drill_mark(struct drill_marks *marks, enum drill_kind kind,
    enum drill_where where, struct span note, struct err *err)
{
	const char *fault = note_fault(note);
	size_t at = find_mark(marks, kind);

	if (fault) {
		err_set(err, E_DRILL_NOTE);
		return err_fact(err, "why", span_of(fault));
	}
	marks->mark[at] = (struct drill_mark){.kind = kind, .where = where};
	span_text(marks->mark[at].note, sizeof marks->mark[at].note, note);
	if (at == marks->count)
		marks->count++;
	return 0;
}

void
drill_unmark(struct drill_marks *marks, enum drill_kind kind)
{
	size_t at = find_mark(marks, kind);

	if (at == marks->count)
		return;
	marks->count--;
	for (; at < marks->count; at++)
		marks->mark[at] = marks->mark[at + 1];
}

/* ---- The judgement -------------------------------------------------------------- */

static enum drill_came
judge(const struct drill_deed *deed, int i)
{
	enum drill_kind kind = deed->plan->fault[i];
	size_t at = find_mark(deed->marks, kind);

	if (at < deed->marks->count &&
	    faults[kind].where & 1U << deed->marks->mark[at].where)
		return DRILL_MARKED;
	return deed->repaired[i] ? DRILL_REPAIRED : DRILL_MISSED;
}

/* What was found can have no false alarm, wherever the mark is. */
static bool
is_found(const struct drill_result *result, enum drill_kind kind)
{
	for (int i = 0; i < DRILL_PLANTED; i++) {
		if (result->fault[i].kind == kind)
			return result->fault[i].came != DRILL_MISSED;
	}
	return false;
}

void
drill_evaluate(const struct drill_deed *deed, struct drill_result *out)
{
	*out = (struct drill_result){
	    .seed = deed->plan->seed,
	    .end = deed->end,
	    .seconds = deed->seconds,
	    .sent = deed->sent,
	};
	for (int i = 0; i < DRILL_PLANTED; i++) {
		out->fault[i].kind = deed->plan->fault[i];
		out->fault[i].came = judge(deed, i);
		out->found += out->fault[i].came != DRILL_MISSED;
	}
	for (size_t i = 0; i < deed->marks->count; i++) {
		const struct drill_mark *mark = &deed->marks->mark[i];

		if (!is_found(out, mark->kind))
			out->alarm.mark[out->alarm.count++] = *mark;
	}
}
