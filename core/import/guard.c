/* What the guards look at: the name and each field are a lane of their own,
 * and all of them together are one more, because somebody else's whole row is
 * hardly ever a coincidence.  When the address column has moved all lanes show
 * it, when another one has, it does alone.
 *
 * Sorting one column gives nearly everybody another value at once.  For names
 * more than half is enough to stop.  A field may be new for everybody (points,
 * date of the last order): there the values must be the same as before beside
 * other people, and mostly different from each other. */
#include "core/import/guard.h"

#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/import/commit.h"
#include "core/import/lane.h"

enum {
	SORTED_KNOWN = 10, /* people, from which on shares mean something */
	SORTED_FEW = 3,    /* below that at least so many, and all of them */
	SORTED_ALIKE = 75  /* percent of the values that are the old ones */
};

/* What guard.number holds of a column that does more than number its rows;
 * otherwise it is the number in the row before. */
enum { NO_COUNT = -1 };

struct guard {
	const struct mapping *mapping; /* borrowed */
	struct lane *lane;             /* the last one: all columns together */
	size_t *column;                /* of each but the last */
	size_t lanes;                  /* without the last */
	int64_t *number;               /* of each but the last: see NO_COUNT */
	uint64_t *now, *before;        /* of one row */
	struct lane_row row[LANE_RING];
	int64_t rows;             /* with an address */
	int64_t known_rows;       /* of them known */
	int64_t quiet;            /* unknown ones since the last known */
	bool known;               /* the one that comes next */
	enum guard_values values; /* of it */
	struct lane_row next;     /* what is known of it before it comes */
	struct import_shift weak; /* the weaker signs */
	struct buf text;
};

/* Where the lane of all columns stands. */
static bool
has_total(const struct guard *guard)
{
	return guard->lanes > 1;
}

struct guard *
guard_new(const struct mapping *mapping)
{
	struct guard *guard = mem_new(sizeof *guard);
	size_t room = mapping->wanted + 2;
	bool named = false;

	guard->mapping = mapping;
	guard->column = mem_array(room, sizeof *guard->column);
	guard->now = mem_array(room, sizeof *guard->now);
	guard->before = mem_array(room, sizeof *guard->before);
	guard->number = mem_array(room, sizeof *guard->number);
	for (size_t i = 0; i < mapping->wanted; i++) {
		enum import_target target = mapping->column[i].target;

		if (target == IMPORT_FIELD ||
		    (target == IMPORT_NAME && !named)) {
			guard->number[guard->lanes] =
			    target == IMPORT_NAME ? NO_COUNT : 0;
			guard->column[guard->lanes++] = i;
		}
		named |= target == IMPORT_NAME;
	}
	guard->lane = mem_array(guard->lanes + 1, sizeof *guard->lane);
	return guard;
}

void
guard_free(struct guard **guard)
{
	if (!*guard)
		return;
	free((*guard)->lane);
	free((*guard)->column);
	free((*guard)->now);
	free((*guard)->before);
	free((*guard)->number);
	buf_done(&(*guard)->text);
	free(*guard);
	*guard = NULL;
}

/* ---- Values ------------------------------------------------------------ */

static uint64_t
mix(uint64_t hash)
{
	hash = (hash ^ hash >> 32) * UINT64_C(0x9fb21c651e98df25);
	hash ^= hash >> 29;
	return hash + (hash == 0);
}

/* Of a text without its blanks, which people change without meaning it; 0 when
 * nothing else is there. */
static uint64_t
hash(struct span text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	bool any = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= ' ')
			continue;
		if (c == 0xe3 && span_starts(span_slice(text, i, text.len),
				     SPAN("\xe3\x80\x80"))) {
			i += 2;
			continue;
		}
		hash = (hash ^ c) * UINT64_C(0x100000001b3);
		any = true;
	}
	return any ? mix(hash) : 0;
}

static uint64_t
hash_all(const uint64_t *value, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325), any = 0;

	for (size_t i = 0; i < count; i++) {
		hash = mix((hash ^ value[i]) * UINT64_C(0x100000001b3));
		any |= value[i];
	}
	return any ? hash : 0;
}

static bool
is_name(const struct guard *guard, size_t lane)
{
	return guard->mapping->column[guard->column[lane]].target ==
	       IMPORT_NAME;
}

void
guard_known(struct guard *guard, enum guard_values how, struct span name,
    struct span fields)
{
	struct json_walk walk;
	struct span key, value;

	guard->known = true;
	guard->values = how;
	if (how == GUARD_SAME)
		return;
	memset(guard->before, 0, (guard->lanes + 1) * sizeof *guard->before);
	for (size_t i = 0; i < guard->lanes; i++) {
		if (is_name(guard, i))
			guard->before[i] = hash(name);
	}
	json_begin(&walk, fields);
	while (json_next(&walk, &key, &value) == 1) {
		size_t i = 0;

		while (i < guard->lanes &&
		       (is_name(guard, i) ||
			   !json_is(key,
			       span_of(guard->mapping->column[guard->column[i]]
				       .field))))
			i++;
		if (i == guard->lanes)
			continue;
		buf_clear(&guard->text);
		json_show(walk.type, value, &guard->text);
		guard->before[i] = hash(buf_span(&guard->text));
	}
	for (size_t i = 0; i < guard->lanes; i++) {
		if (guard->number[i] != NO_COUNT)
			guard->before[i] = 0;
	}
	guard->before[guard->lanes] = hash_all(guard->before, guard->lanes);
}

/* ---- Numbers of rows ---------------------------------------------------- */

/* The number in a cell, or NO_COUNT; "12." is one as well.  Nobody numbers rows
 * with zeros before: "0012" is somebody's. */
static int64_t
number_of(struct span cell)
{
	int64_t number = 0;

	cell = text_trim(cell);
	if (cell.len > 1 && cell.ptr[cell.len - 1] == '.')
		cell.len--;
	if (cell.len == 0 || cell.len > 9 || *cell.ptr == '0')
		return NO_COUNT;
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] < '0' || cell.ptr[i] > '9')
			return NO_COUNT;
		number = number * 10 + (cell.ptr[i] - '0');
	}
	return number;
}

void
guard_count(struct guard *guard, const struct csv_row *row)
{
	for (size_t i = 0; i < guard->lanes; i++) {
		int64_t number;

		if (guard->number[i] == NO_COUNT)
			continue;
		number = guard->column[i] < row->count
			     ? number_of(row->cell[guard->column[i]])
			     : NO_COUNT;
		if (number != 1 && number != guard->number[i] + 1)
			number = NO_COUNT;
		guard->number[i] = number;
	}
}

/* ---- Rows -------------------------------------------------------------- */

static void
note_name(struct guard *guard, const struct csv_person *person)
{
	if (!guard->mapping->names || person->name.len)
		return;
	if (guard->weak.nameless++ == 0)
		guard->weak.nameless_line = person->row->line;
}

/* Among people whom nobody knows there is nothing to compare. */
static void
skip_row(struct guard *guard)
{
	for (size_t i = 0; i < guard->lanes + has_total(guard); i++)
		lane_skip(&guard->lane[i], guard->rows);
	guard->rows++;
}

void
guard_row(struct guard *guard, const struct csv_person *person)
{
	struct lane_row *row = &guard->row[guard->rows & (LANE_RING - 1)];
	const struct span *cell = person->row->cell;
	size_t last = guard->lanes;
	uint64_t *before =
	    guard->values == GUARD_SAME ? guard->now : guard->before;

	note_name(guard, person);
	guard->weak.tail_rows = 0;
	*row = guard->next;
	row->line = person->row->line;
	row->known = guard->known;
	guard->next = (struct lane_row){0};
	if (guard->known)
		guard->quiet = 0;
	else if (++guard->quiet > LANE_RING) {
		skip_row(guard);
		return;
	}
	for (size_t i = 0; i < last; i++) {
		guard->now[i] = guard->number[i] != NO_COUNT ? 0
				: is_name(guard, i)
				    ? hash(person->name)
				    : hash(cell[guard->column[i]]);
	}
	guard->now[last] = hash_all(guard->now, last);
	for (size_t i = 0; i < last + has_total(guard); i++) {
		lane_row(&guard->lane[i], guard->row, guard->rows,
		    guard->now[i], guard->known ? before[i] : 0);
	}
	guard->known_rows += guard->known;
	guard->rows++;
	guard->known = false;
}

void
guard_rejected(
    struct guard *guard, const struct csv_row *row, enum err_code why)
{
	struct lane_row *next = &guard->next;

	guard->known = false;
	if (why != E_ROW_NO_ADDRESS)
		return;
	if (guard->weak.tail_rows++ == 0)
		guard->weak.tail_line = row->line;
	if (next->skipped == LANE_REACH)
		memmove(next->skipped_line, next->skipped_line + 1,
		    (LANE_REACH - 1) * sizeof *next->skipped_line);
	else
		next->skipped++;
	next->skipped_line[next->skipped - 1] = row->line;
}

/* ---- Telling ----------------------------------------------------------- */

/* The column that has moved: the addresses, when no other has stayed beside
 * them. */
static void
name_column(struct guard *guard, const struct lane_verdict *verdict,
    struct import_shift *out)
{
	const struct lane_verdict *moved = NULL;
	struct lane_verdict own, first;
	bool stayed = false;

	out->column = guard->mapping->address;
	out->offset = -verdict->offset;
	for (size_t i = 0; i < guard->lanes; i++) {
		lane_judge(&guard->lane[i], guard->known_rows, &own);
		if (own.rows == 0) {
			stayed |= lane_could_tell(
			    &guard->lane[i], guard->known_rows, verdict);
		} else if (!moved) {
			first = own;
			moved = &first;
			out->column = guard->column[i];
		}
	}
	if (stayed && moved)
		out->offset = moved->offset;
	else
		out->column = guard->mapping->address;
}

static void
tell_shift(struct guard *guard, struct import_shift *out)
{
	struct lane_verdict best = {0}, verdict;

	for (size_t i = 0; i < guard->lanes + has_total(guard); i++) {
		lane_end(&guard->lane[i]);
		lane_judge(&guard->lane[i], guard->known_rows, &verdict);
		if (verdict.rows > best.rows)
			best = verdict;
	}
	if (best.rows == 0)
		return;
	out->raised |= IMPORT_GUARD_SHIFTED;
	/* a row may show two offsets at once */
	out->flagged =
	    best.rows < guard->known_rows ? best.rows : guard->known_rows;
	out->runs = best.runs;
	out->line = best.line;
	name_column(guard, &best, out);
}

static bool
is_sorted(const struct guard *guard, size_t at)
{
	const struct lane *lane = &guard->lane[at];

	if (lane->known < SORTED_KNOWN)
		return lane->known >= SORTED_FEW &&
		       lane->changed == lane->known &&
		       lane_permuted(lane) == 100;
	if (lane->changed * 2 <= lane->known)
		return false;
	return is_name(guard, at) ||
	       (lane_permuted(lane) >= SORTED_ALIKE &&
		   lane_distinct(lane) * 2 >= lane->changed);
}

/* True when a column has changed as much as it would with other addresses. */
static bool
has_left(const struct lane *lane)
{
	return lane->changed * 2 * lane->pairs >
	       lane->known * (lane->pairs - lane->alike);
}

static void
tell_sorting(const struct guard *guard, struct import_shift *out)
{
	const struct lane *worst = NULL;
	size_t left = 0;

	for (size_t i = 0; i < guard->lanes; i++) {
		const struct lane *lane = &guard->lane[i];

		left += has_left(lane);
		if (!is_sorted(guard, i) ||
		    (worst && lane->changed * worst->known <=
				  worst->changed * lane->known))
			continue;
		worst = lane;
		out->sorted_column = guard->column[i];
	}
	if (!worst)
		return;
	out->raised |= IMPORT_GUARD_SORTED;
	out->changed = worst->changed;
	out->changed_of = worst->known;
	if (left > 1 && left == guard->lanes)
		out->sorted_column = guard->mapping->address;
}

void
guard_tell(struct guard *guard, struct import_shift *out)
{
	*out = guard->weak;
	out->known = guard->known_rows;
	if (out->tail_rows == 0)
		out->tail_line = 0;
	if (out->nameless * 10 > guard->rows) {
		out->nameless = 0;
		out->nameless_line = 0;
	}
	tell_shift(guard, out);
	/* A shifted column has changed for everybody, too. */
	if (!(out->raised & IMPORT_GUARD_SHIFTED))
		tell_sorting(guard, out);
}

int
guard_stops(const struct mapping *mapping, const struct import_shift *seen,
    const struct import_overrule *overrule, struct err *err)
{
	unsigned stopping = seen->raised & ~overrule->guards;

	if (stopping & IMPORT_GUARD_SHIFTED) {
		err_set(err, E_IMPORT_SHIFTED);
		err_fact_int(err, "line", seen->line);
		mapping_column_fact(mapping, seen->column, err);
		err_fact_int(err, "flagged", seen->flagged);
		err_fact_int(err, "compared", seen->known);
		return err_fact_int(err, "offset", seen->offset);
	}
	if (stopping & IMPORT_GUARD_SORTED) {
		err_set(err, E_IMPORT_SORTED);
		mapping_column_fact(mapping, seen->sorted_column, err);
		err_fact_int(err, "changed", seen->changed);
		return err_fact_int(err, "known", seen->changed_of);
	}
	return 0;
}

int
guard_check_overrule(const struct import_overrule *overrule, struct err *err)
{
	size_t length = utf8_count(text_trim(overrule->reason));

	if (overrule->guards == 0)
		return 0;
	if (length >= IMPORT_REASON_MIN && length <= IMPORT_REASON_MAX &&
	    text_check_line(overrule->reason) == TEXT_FINE)
		return 0;
	err_set(err, E_IMPORT_OVERRULE);
	return err_fact_int(err, "min", IMPORT_REASON_MIN);
}

int
guard_log(const struct commit *commit, const struct import_shift *seen,
    struct err *err)
{
	const struct import_overrule *overrule = &commit->plan->overrule;
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "import.overrule"};
	int rc;

	if (!(seen->raised & overrule->guards))
		return 0;
	buf_printf(&object, "list %lld", (long long)commit->list.v);
	audit_fact_int(&facts, "import", commit->import);
	if (seen->raised & IMPORT_GUARD_SHIFTED) {
		audit_fact(&facts, "guard", SPAN("shifted"));
		audit_fact_int(&facts, "line", seen->line);
		audit_fact_int(&facts, "flagged", seen->flagged);
		audit_fact_int(&facts, "compared", seen->known);
	} else {
		audit_fact(&facts, "guard", SPAN("sorted"));
		audit_fact_int(&facts, "changed", seen->changed);
		audit_fact_int(&facts, "known", seen->changed_of);
	}
	audit_fact(&facts, "reason", text_trim(overrule->reason));
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(commit->store, commit->db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}
