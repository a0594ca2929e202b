/* Exports are recognised by the columns only their program writes together.
 * Nothing is mapped by that: the operator is told, and takes it or not. */
#include "core/import/exporter.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/import/guess.h"
#include "core/import/header.h"
#include "core/import/value.h"

/* ---- The table ---------------------------------------------------------- */

enum which {
#define EXPORTER(id, key, label, order, quote, rest) WHICH_##id,
#define COLUMN(id, header, need, target)
#define STATE(id, header, need, sense)
#define CODES(id, header, need, codes)
#define RAW(id, header)
#define NAMED(id, name, state)
#define HEADED(id, header, state)
#include "core/import/exporters.def"
#undef EXPORTER
	WHICH_COUNT
};

static const struct import_exporter exporters[] = {
#define EXPORTER(id, key, label, order, quote, rest)                           \
	[WHICH_##id] = {key, label, IMPORT_ORDER_##order, IMPORT_QUOTE_##quote},
#include "core/import/exporters.def"
#undef EXPORTER
};

/* Where columns go that an exporter is not known for. */
static const enum import_target rests[] = {
#define EXPORTER(id, key, label, order, quote, rest)                           \
	[WHICH_##id] = IMPORT_##rest,
#include "core/import/exporters.def"
#undef EXPORTER
};

#define EXPORTER(id, key, label, order, quote, rest)
#undef COLUMN
#undef STATE
#undef CODES

/* HAND: never recognised, only chosen. */
enum need { NEED_MAY, NEED_ONE, NEED_MUST, NEED_HAND };

static const struct known {
	enum which which;
	const char *header;
	enum need need;
	enum import_target target;
	enum import_sense sense;
	enum import_codes codes;
} knowns[] = {
#define COLUMN(id, header, need, target)                                       \
	{WHICH_##id, header, NEED_##need, IMPORT_##target, 0, 0},
#define STATE(id, header, need, sense)                                         \
	{WHICH_##id, header, NEED_##need, IMPORT_STATE, IMPORT_SENSE_##sense,  \
	    0},
#define CODES(id, header, need, codes)                                         \
	{WHICH_##id, header, NEED_##need, IMPORT_FIELD, 0,                     \
	    IMPORT_CODES_##codes},
#include "core/import/exporters.def"
#undef COLUMN
#undef STATE
#undef CODES
};

#define COLUMN(id, header, need, target)
#define STATE(id, header, need, sense)
#define CODES(id, header, need, codes)
#undef RAW

static const struct {
	enum which which;
	const char *header;
} raws[] = {
#define RAW(id, header) {WHICH_##id, header},
#include "core/import/exporters.def"
#undef RAW
};

#define RAW(id, header)
#undef NAMED

static const struct {
	enum which which;
	const char *begin;
	enum import_state state;
} named[] = {
#define NAMED(id, begin, state) {WHICH_##id, begin, IMPORT_STATE_##state},
#include "core/import/exporters.def"
#undef NAMED
};

#define NAMED(id, begin, state)
#undef HEADED

static const struct {
	enum which which;
	const char *header;
	enum import_state state;
} headed[] = {
#define HEADED(id, header, state) {WHICH_##id, header, IMPORT_STATE_##state},
#include "core/import/exporters.def"
};

enum { KNOWNS = sizeof knowns / sizeof *knowns };

const struct import_exporter *
import_exporter_at(size_t i)
{
	return i < WHICH_COUNT ? &exporters[i] : NULL;
}

const struct import_exporter *
import_exporter_find(struct span key)
{
	for (size_t i = 0; i < WHICH_COUNT; i++) {
		if (span_equal(key, span_of(exporters[i].key)))
			return &exporters[i];
	}
	return NULL;
}

bool
exporter_heads_by_word(const struct import_exporter *exporter)
{
	return exporter == &exporters[WHICH_ARARA];
}

/* ---- Headers of a file -------------------------------------------------- */

/* The headers of a file, folded once. */
struct folded {
	const struct import_column *column; /* borrowed */
	size_t count;
	struct buf text;
	size_t *from; /* count + 1 places in text */
};

static void
fold_init(struct folded *out, const struct import_column *column, size_t count)
{
	*out = (struct folded){.column = column, .count = count};
	out->from = mem_array(count + 1, sizeof *out->from);
	for (size_t i = 0; i < count; i++) {
		header_fold(span_of(column[i].header), &out->text);
		out->from[i + 1] = out->text.len;
	}
}

static void
fold_done(struct folded *folded)
{
	buf_done(&folded->text);
	free(folded->from);
}

/* The first column with a folded header, or count. */
static size_t
fold_find(const struct folded *folded, const char *header)
{
	size_t i = 0;

	while (i < folded->count &&
	       !span_equal(span_slice(buf_span(&folded->text), folded->from[i],
			       folded->from[i + 1]),
		   span_of(header)))
		i++;
	return i;
}

static bool
has_raw(const struct folded *folded, const char *header)
{
	for (size_t i = 0; i < folded->count; i++) {
		if (!strcmp(folded->column[i].header, header))
			return true;
	}
	return false;
}

/* ---- Recognising -------------------------------------------------------- */

static bool
raws_fit(const struct folded *folded, enum which which)
{
	for (size_t i = 0; i < sizeof raws / sizeof *raws; i++) {
		if (raws[i].which == which && !has_raw(folded, raws[i].header))
			return false;
	}
	return true;
}

/* How many columns of the file an exporter is known for; 0 when it is not the
 * one that has made it. */
static size_t
score_of(const struct folded *folded, enum which which)
{
	bool must = false, ones = false, one = false;
	size_t score = 0;

	for (size_t i = 0; i < KNOWNS; i++) {
		bool there;

		if (knowns[i].which != which)
			continue;
		if (knowns[i].need == NEED_HAND)
			return 0;
		there = fold_find(folded, knowns[i].header) < folded->count;
		if (knowns[i].need == NEED_MUST && !there)
			return 0;
		must |= knowns[i].need == NEED_MUST;
		ones |= knowns[i].need == NEED_ONE;
		one |= knowns[i].need == NEED_ONE && there;
		score += there;
	}
	return must && one == ones && raws_fit(folded, which) ? score : 0;
}

static void
find_state(const struct folded *folded, enum which which,
    const struct exporter_file *file, struct import_recognised *out)
{
	for (size_t i = 0; i < sizeof headed / sizeof *headed; i++) {
		if (headed[i].which == which &&
		    fold_find(folded, headed[i].header) < folded->count)
			out->state = headed[i].state;
	}
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (named[i].which != which ||
		    !span_starts(file->name, span_of(named[i].begin)))
			continue;
		out->because = IMPORT_BECAUSE_NAME;
		if (named[i].state > out->state)
			out->state = named[i].state;
	}
}

static void
mark_known(const struct folded *folded, enum which which,
    struct import_recognised *out)
{
	for (size_t i = 0; i < KNOWNS; i++) {
		size_t at = fold_find(folded, knowns[i].header);

		if (knowns[i].which == which && at < folded->count &&
		    at < IMPORT_COLUMNS_MAX && !out->column[at]) {
			out->column[at] = true;
			out->known++;
		}
	}
}

/* A file of Windows with at least one header that is no ASCII. */
static bool
is_excel(const struct folded *folded, const struct exporter_file *file)
{
	for (size_t i = 0; i < folded->count; i++) {
		if ((unsigned char)folded->column[i].header[0] >= 0x80)
			return file->from == EXPORTER_WINDOWS;
	}
	return false;
}

bool
exporter_recognise(const struct import_column *column, size_t count,
    const struct exporter_file *file, struct import_recognised *out)
{
	enum which best = WHICH_COUNT;
	struct folded folded;
	size_t most = 0;

	*out = (struct import_recognised){0};
	fold_init(&folded, column, count);
	for (enum which which = 0; which < WHICH_COUNT; which++) {
		size_t score = score_of(&folded, which);

		if (score > most) {
			best = which;
			most = score;
		}
	}
	if (best < WHICH_COUNT) {
		find_state(&folded, best, file, out);
		mark_known(&folded, best, out);
	} else if (is_excel(&folded, file)) {
		best = WHICH_EXCEL_JA;
		out->because = IMPORT_BECAUSE_CHARSET;
	}
	fold_done(&folded);
	out->exporter = import_exporter_at(best);
	return out->exporter != NULL;
}

/* ---- Mapping ------------------------------------------------------------ */

static void
apply_known(const struct import_exporter *exporter, const struct known *known,
    struct import_column *column, size_t at)
{
	column[at].target = known->target;
	column[at].sense = known->sense;
	column[at].codes = known->codes;
	if (exporter->order != IMPORT_ORDER_UNKNOWN)
		column[at].order = exporter->order;
	if (known->target == IMPORT_FIELD)
		guess_field(column, at);
	import_values_guess(&column[at]);
}

/* A whole name makes its parts superfluous; Google writes both. */
static void
drop_parts(struct import_column *column, size_t count)
{
	struct header_word word;
	bool whole = false;

	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; i < count; i++) {
			if (column[i].target != IMPORT_NAME ||
			    !header_word(span_of(column[i].header), &word))
				continue;
			if (word.part == HEADER_WHOLE)
				whole = true;
			else if (whole && turn == 1)
				column[i].target = IMPORT_SKIP;
		}
	}
}

static bool
has_headers(const struct import_column *column, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (column[i].header[0])
			return true;
	}
	return false;
}

/* Mailwise writes no headers; its columns are known by their order. */
static void
apply_by_place(const struct import_exporter *exporter, enum which which,
    struct import_column *column, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < KNOWNS && at < count; i++) {
		if (knowns[i].which != which)
			continue;
		text_cut(column[at].header, sizeof column[at].header,
		    span_of(knowns[i].header));
		apply_known(exporter, &knowns[i], column, at);
		column[at++].header[0] = '\0';
	}
}

/* In a file of ours every column that is not one of ours is a field, whatever
 * its header means elsewhere. */
static void
apply_fields(const struct folded *folded, enum which which,
    struct import_column *column, size_t count)
{
	bool known[IMPORT_COLUMNS_MAX] = {false};

	for (size_t i = 0; i < KNOWNS; i++) {
		size_t at = fold_find(folded, knowns[i].header);

		if (knowns[i].which == which && at < IMPORT_COLUMNS_MAX)
			known[at] = true;
	}
	for (size_t i = 0; i < count && i < IMPORT_COLUMNS_MAX; i++) {
		if (!known[i])
			column[i].target = IMPORT_SKIP;
	}
	for (size_t i = 0; i < count && i < IMPORT_COLUMNS_MAX; i++) {
		if (known[i])
			continue;
		column[i].target = IMPORT_FIELD;
		column[i].codes = IMPORT_CODES_NONE;
		guess_field(column, i);
	}
}

void
exporter_apply(const struct import_exporter *exporter,
    struct import_column *column, size_t count)
{
	enum which which = (enum which)(exporter - exporters);
	bool any = false;
	struct folded folded;

	guess_columns(column, count);
	if (which == WHICH_CYBOZU && !has_headers(column, count)) {
		apply_by_place(exporter, which, column, count);
		return;
	}
	fold_init(&folded, column, count);
	for (size_t i = 0; i < KNOWNS; i++)
		any |= knowns[i].which == which &&
		       knowns[i].target == IMPORT_ADDRESS &&
		       fold_find(&folded, knowns[i].header) < count;
	for (size_t i = 0; i < count && any; i++) {
		if (column[i].target == IMPORT_ADDRESS ||
		    rests[which] == IMPORT_SKIP)
			column[i].target = IMPORT_SKIP;
	}
	for (size_t i = 0; i < KNOWNS && any; i++) {
		size_t at = fold_find(&folded, knowns[i].header);

		if (knowns[i].which == which && at < count)
			apply_known(exporter, &knowns[i], column, at);
	}
	if (which == WHICH_SEKISHO)
		apply_fields(&folded, which, column, count);
	fold_done(&folded);
	drop_parts(column, count);
}
