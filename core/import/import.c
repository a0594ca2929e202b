/* Import: one reading of the file to look, one to count, one to store.  Memory
 * does not grow with the file but for eight octets a row, which tell the
 * second occurrence of an address from the first. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/import/commit.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/import/ahead.h"
#include "core/import/destroyed.h"
#include "core/import/findings.h"
#include "core/import/guard.h"
#include "core/import/guess.h"
#include "core/import/rejects_file.h"
#include "core/import/row.h"
#include "core/import/seen.h"
#include "core/import/source.h"
#include "core/import/survey.h"
#include "core/import/tally.h"

enum {
	NOTE_MAX = 2000, /* octets of a basis note */
	ROW_OCTETS = 64, /* of a file whose rows nobody has counted */
	SAMPLE_ROWS = IMPORT_SAMPLES
};

static_assert(IMPORT_CHARSETS == CHARSET_COUNT + 1 &&
		  IMPORT_UTF16BE == CHARSET_UTF16BE + 1,
    "the same order");

struct import {
	struct source source;
	struct import_column *column;
	size_t columns;
	bool is_recognised;
	struct import_recognised recognised;
	struct table_left left; /* by the last reading */
	struct rejects *rejects;
	struct findings *findings;
	struct import_findings found; /* by the last check or commit */
	struct import_shift shift;    /* seen by it */
	_Atomic(enum ahead_stop) stop;
	atomic_bool cancelled; /* stop is AHEAD_CANCEL */
	int64_t may_be_new;    /* rows, as the last check says; -1: none */
	pthread_mutex_t mutex; /* guards shown */
	struct import_counts shown;
	struct list_id list; /* of the last commit */
	int64_t id;
};

/* ---- Opening ----------------------------------------------------------- */

static void
take_headers(struct import *import)
{
	const struct table *table = &import->source.table;

	import->columns = table->at.columns;
	import->column = mem_array(import->columns, sizeof *import->column);
	for (size_t i = 0; i < import->columns; i++) {
		text_cut(import->column[i].header,
		    sizeof import->column[i].header, table->name[i]);
	}
}

/* Keeps what a reading has left out. */
static void
take_left(struct import *import, const struct rows *rows)
{
	const struct table_left *left = rows_left(rows);

	import->left.count = left->count;
	if (!left->kept)
		return;
	if (!import->left.kept)
		import->left.kept =
		    mem_array(IMPORT_LEFT_KEPT, sizeof *import->left.kept);
	memcpy(import->left.kept, left->kept,
	    IMPORT_LEFT_KEPT * sizeof *left->kept);
}

static void
take_sample(struct import *import, const struct csv_row *row, int which)
{
	survey_row(import->column, import->columns, row->cell, row->count);
	for (size_t i = 0; i < row->count && i < import->columns; i++) {
		text_cut(import->column[i].sample[which],
		    sizeof import->column[i].sample[which], row->cell[i]);
	}
}

static bool
row_is_empty(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (!text_is_blank(row->cell[i]))
			return false;
	}
	return true;
}

/* The next row that holds something: as rows_next(). */
static int
next_full(struct rows *rows, struct csv_row *row, struct err *err)
{
	int got;

	do
		got = rows_next(rows, row, err);
	while (got == 1 && row_is_empty(row));
	return got;
}

/* Looks at more rows behind those that are shown.  A fault there is for the
 * reading of all rows to report, with its line. */
static void
survey(struct import *import, struct rows *rows, int done)
{
	struct csv_row row;

	while (done < IMPORT_SURVEYED && next_full(rows, &row, NULL) == 1) {
		survey_row(
		    import->column, import->columns, row.cell, row.count);
		done++;
	}
}

/* The last part of a path. */
static struct span
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_of(slash ? slash + 1 : path);
}

/* Which program seems to have made the file. */
static void
recognise(struct import *import)
{
	const struct source *source = &import->source;
	bool windows = source->charset != CHARSET_UTF8 || source->start > 0;
	size_t members;
	const char *name =
	    source->zip
		? zip_members(source->zip, &members)[source->member].name
		: source->path;
	const struct exporter_file file = {.name = base_name(name),
	    .from = windows ? EXPORTER_WINDOWS : EXPORTER_PLAIN};

	import->is_recognised = exporter_recognise(
	    import->column, import->columns, &file, &import->recognised);
}

/* The two columns that we have put before the others say nothing; about an
 * export of ours nothing has to be asked. */
static void
guess(struct import *import)
{
	guess_columns(import->column, import->columns);
	if (import->source.table.own == OWN_EXPORT && import->is_recognised)
		exporter_apply(import->recognised.exporter, import->column,
		    import->columns);
	if (import->source.table.own != OWN_REJECTS)
		return;
	for (size_t i = 0; i < OWN_REJECTS_COLUMNS; i++)
		import->column[i].target = IMPORT_SKIP;
}

/* Headers and the first values. */
static int
look(struct import *import, const struct import_form *form, struct err *err)
{
	struct rows *rows = NULL;
	struct csv_row row;
	int got = 1, which = 0;

	if (source_find_table(&import->source, form, err) < 0 ||
	    rows_open(&import->source, &rows, err) < 0)
		return -1;
	take_headers(import);
	while (which < SAMPLE_ROWS && (got = next_full(rows, &row, err)) == 1) {
		take_sample(import, &row, which++);
	}
	if (got < 0)
		goto out;
	if (got == 1)
		survey(import, rows, which);
	survey_end(import->column, import->columns);
	recognise(import);
	guess(import);
	take_left(import, rows);
out:
	rows_close(&rows);
	return got < 0 ? -1 : 0;
}

int
import_open(const char *path, const struct import_form *form,
    struct import **out, struct err *err)
{
	struct import *import = mem_new(sizeof *import);
	enum import_charset charset = form ? form->charset : IMPORT_AUTO;

	pthread_mutex_init(&import->mutex, NULL);
	import->may_be_new = -1;
	import->rejects = rejects_new();
	if (charset != IMPORT_AUTO)
		import->source.charset = (enum charset)(charset - 1);
	if (source_init(&import->source, path,
		charset == IMPORT_AUTO ? SOURCE_FIND : SOURCE_GIVEN, form,
		err) < 0 ||
	    look(import, form, err) < 0 ||
	    destroyed_look(
		&import->source, import->column, import->columns, err) < 0) {
		import_close(&import);
		return -1;
	}
	*out = import;
	return 0;
}

void
import_close(struct import **import)
{
	if (!*import)
		return;
	source_done(&(*import)->source);
	pthread_mutex_destroy(&(*import)->mutex);
	free((*import)->column);
	free((*import)->left.kept);
	rejects_free(&(*import)->rejects);
	findings_free(&(*import)->findings);
	free(*import);
	*import = NULL;
}

const struct import_recognised *
import_recognised(const struct import *import)
{
	return import->is_recognised ? &import->recognised : NULL;
}

void
import_take_exporter(
    struct import *import, const struct import_exporter *exporter)
{
	if (exporter)
		exporter_apply(exporter, import->column, import->columns);
	else
		guess(import);
}

struct import_column *
import_columns(struct import *import, size_t *count)
{
	*count = import->columns;
	return import->column;
}

enum import_charset
import_charset_used(const struct import *import)
{
	return (enum import_charset)(import->source.charset + 1);
}

int64_t
import_size(const struct import *import)
{
	return import->source.size;
}

/* ---- One row ----------------------------------------------------------- */

static struct span
join_tags(const struct csv_person *person, struct arena *arena)
{
	struct buf all = BUF_INIT;
	struct span joined;

	for (size_t i = 0; i < person->tags; i++) {
		if (i > 0)
			buf_text(&all, ", ");
		buf_add(&all, person->tag[i]);
	}
	joined = arena_copy(arena, buf_span(&all));
	buf_done(&all);
	return joined;
}

static int
show_person(const struct mapping *mapping, const struct csv_person *person,
    struct arena *arena, struct import_shown *out, struct err *err)
{
	struct buf fields = BUF_INIT;
	int rc = person_fields(mapping, person, SPAN(""), &fields, err);

	out->address = arena_copy(arena, person->address.address);
	out->name = arena_copy(arena, person->name);
	out->fields = arena_copy(arena, buf_span(&fields));
	out->tags = join_tags(person, arena);
	out->state = person->state;
	out->repaired = person->offer.kinds != 0;
	out->agreed_ms = person->evidence.at_ms;
	out->confirmed_ms = person->evidence.confirmed_ms;
	out->stopped_ms = person->stopped_ms;
	out->ip = arena_copy(arena, person->evidence.ip);
	out->how = arena_copy(arena, person->evidence.how);
	out->paper = arena_copy(arena, person->evidence.paper);
	buf_done(&fields);
	return rc;
}

int
import_show(struct import *import, const struct import_accept *accept,
    size_t index, struct arena *arena, struct import_shown *out,
    struct err *err)
{
	struct csv_person person = {0};
	struct rows *rows = NULL;
	struct mapping mapping;
	struct csv_row row;
	int got = -1;

	*out = (struct import_shown){.line = 0};
	if (index >= IMPORT_SHOWN_MAX)
		return 0;
	if (mapping_init(&mapping, import->column, import->columns, err) < 0 ||
	    rows_open(&import->source, &rows, err) < 0)
		return -1;
	mapping.accept = accept;
	do
		got = next_full(rows, &row, err);
	while (got == 1 && index-- > 0);
	if (got != 1)
		goto out;
	out->line = row.line;
	out->raw = arena_copy(arena, row.raw);
	if (row_person(&mapping, &row, arena, &person, &out->why) == 1 &&
	    show_person(&mapping, &person, arena, out, err) < 0)
		got = -1;
	out->repairs = person.offer.kinds;
out:
	rows_close(&rows);
	return got;
}

/* ---- Between threads --------------------------------------------------- */

static void
show(struct import *import, const struct import_counts *counts)
{
	pthread_mutex_lock(&import->mutex);
	import->shown = *counts;
	pthread_mutex_unlock(&import->mutex);
}

void
import_progress(struct import *import, struct import_counts *out)
{
	pthread_mutex_lock(&import->mutex);
	*out = import->shown;
	pthread_mutex_unlock(&import->mutex);
}

void
import_cancel(struct import *import)
{
	atomic_store(&import->stop, AHEAD_CANCEL);
	atomic_store(&import->cancelled, true);
}

void
import_enough(struct import *import)
{
	enum ahead_stop none = AHEAD_GO;

	/* Whoever has cancelled meant it. */
	atomic_compare_exchange_strong(&import->stop, &none, AHEAD_ENOUGH);
}

size_t
import_reasons(struct import *import, struct import_reason *out, size_t room)
{
	return rejects_reasons(import->rejects, out, room);
}

/* ---- Reading all rows -------------------------------------------------- */

/* One pass over the file. */
struct pass {
	struct import *import; /* borrowed */
	struct mapping mapping;
	struct commit commit;
	struct rows *rows;
	struct seen *seen;
	struct guard *guard;
	struct ahead *ahead;
	struct buf file; /* its name on one line */
	struct import_counts counts;
};

static int
pass_reject(struct pass *pass, const struct csv_row *row, const struct err *why,
    struct err *err)
{
	const struct import_reject *reject =
	    rejects_add(pass->import->rejects, row, why);

	pass->counts.rejected++;
	if (pass->commit.mode == COMMIT_COUNT || !reject)
		return 0;
	return commit_reject(&pass->commit, reject, row->raw, err);
}

/* A verdict as the number that is kept with its address. */
static unsigned
note_of(const struct verdict *verdict)
{
	return (unsigned)verdict->effect + (verdict->said_no ? EFFECTS : 0);
}
_Static_assert(
    EFFECTS + EFFECT_SAME < SEEN_NOTES, "what said no is no more than same");

static struct verdict
verdict_of(unsigned note)
{
	return (struct verdict){
	    .effect = (enum effect)(note % EFFECTS),
	    .said_no = note >= EFFECTS,
	};
}

static int
pass_again(struct pass *pass, const struct csv_person *person, struct err *err)
{
	struct verdict verdict = verdict_of(seen_note(pass->seen));
	bool was_same = verdict.effect == EFFECT_SAME, suppressed;

	if (commit_again(&pass->commit, person, &verdict, &suppressed, err) < 0)
		return -1;
	/* A row that counts may have moved, the first of its address or not. */
	if (pass->commit.plan->wins == IMPORT_LAST)
		guard_row(pass->guard, person);
	if (was_same && verdict.effect == EFFECT_CHANGED) {
		pass->counts.same--;
		pass->counts.changed++;
	}
	pass->counts.suppressed += suppressed;
	pass->counts.stopped += suppressed;
	pass->counts.duplicate += !suppressed;
	seen_note_set(pass->seen, note_of(&verdict));
	return 0;
}

static int
pass_verdict(struct pass *pass, const struct csv_person *person,
    const struct verdict *verdict, struct err *err)
{
	struct err why = {0};

	pass->counts.stopped += verdict->stopped;
	switch (verdict->effect) {
	case EFFECT_FRESH:
		pass->counts.fresh++;
		pass->counts.bare +=
		    verdict->said_no || pass->commit.plan->basis == BASIS_NONE;
		break;
	case EFFECT_CHANGED:
		pass->counts.changed++;
		break;
	case EFFECT_SAME:
		pass->counts.same++;
		break;
	case EFFECT_SUPPRESSED:
		pass->counts.suppressed++;
		break;
	case EFFECT_REJECTED:
	case EFFECTS:
		err_set(&why, verdict->why);
		err_fact_int(&why, "line", person->row->line);
		return pass_reject(pass, person->row, &why, err);
	}
	return 0;
}

static int
pass_person(struct pass *pass, const struct csv_person *person, struct err *err)
{
	struct verdict verdict;

	if (!seen_add(pass->seen, person->address.canon))
		return pass_again(pass, person, err);
	findings_twin(pass->import->findings, pass->seen, person);
	if (commit_person(&pass->commit, person, &verdict, err) < 0)
		return -1;
	guard_row(pass->guard, person);
	seen_note_set(pass->seen, note_of(&verdict));
	return pass_verdict(pass, person, &verdict, err);
}

static int
pass_row(struct pass *pass, const struct ahead_row *row, struct err *err)
{
	pass->counts.read++;
	guard_count(pass->guard, &row->row);
	if (!row->why)
		return pass_person(pass, &row->person, err);
	guard_rejected(pass->guard, &row->row, row->why->code);
	return pass_reject(pass, &row->row, row->why, err);
}

/* Behind the last row: nothing is stored when a column has moved. */
static int
end_guards(struct pass *pass, struct err *err)
{
	struct import_shift *seen = &pass->import->shift;

	guard_tell(pass->guard, seen);
	return guard_stops(
	    &pass->mapping, seen, &pass->commit.plan->overrule, err);
}

static int
pass_lot(struct pass *pass, const struct ahead_lot *lot, struct err *err)
{
	for (size_t i = 0; i < lot->count; i++) {
		if (atomic_load(&pass->import->stop) == AHEAD_CANCEL)
			return err_set(err, E_CANCELLED);
		if (pass_row(pass, &lot->row[i], err) < 0)
			return -1;
	}
	if (seen_check(pass->seen, err) < 0 ||
	    commit_flush(&pass->commit, err) < 0)
		return -1;
	pass->counts.octets = lot->octets;
	show(pass->import, &pass->counts);
	return 0;
}

static int
pass_rows(struct pass *pass, struct err *err)
{
	const struct ahead_plan plan = {
	    .rows = pass->rows,
	    .mapping = &pass->mapping,
	    .findings = pass->import->findings,
	    .stop = &pass->import->stop,
	    .fields = pass->commit.mode == COMMIT_STORE,
	};
	const struct ahead_lot *lot;
	int got;

	if (ahead_new(&plan, &pass->ahead, err) < 0)
		return -1;
	while ((got = ahead_next(pass->ahead, &lot, err)) == 1) {
		if (pass_lot(pass, lot, err) < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	if (atomic_load(&pass->import->stop) == AHEAD_CANCEL)
		return err_set(err, E_CANCELLED);
	pass->commit.cut = ahead_is_cut(pass->ahead);
	return end_guards(pass, err);
}

static int
check_plan(const struct import_plan *plan, struct err *err)
{
	bool known = plan->basis >= BASIS_NONE && plan->basis < BASIS_COUNT;

	if (plan->mode == IMPORT_REMOVE)
		return 0;
	if (!known || plan->basis_note.len > NOTE_MAX ||
	    text_check_lines(plan->basis_note) != TEXT_FINE ||
	    (plan->basis == BASIS_CONSENT && text_is_blank(plan->basis_note)))
		return err_set(err, E_IMPORT_BASIS);
	return 0;
}

/* What needs no store: the mapping, the plan, an empty set. */
static int
pass_init(struct pass *pass, struct import *import, struct store *store,
    const struct import_plan *plan, struct err *err)
{
	*pass = (struct pass){.import = import};
	pass->commit.store = store;
	pass->commit.plan = plan;
	pass->commit.mapping = &pass->mapping;
	rejects_clear(import->rejects);
	findings_free(&import->findings);
	import->findings = findings_new(&plan->accept);
	import->found = (struct import_findings){0};
	import->shift = (struct import_shift){0};
	show(import, &pass->counts);
	if (mapping_init(&pass->mapping, import->column, import->columns, err) <
	    0) {
		if (err && err->code == E_IMPORT_NO_ADDRESS)
			err_fact(err, "path", span_of(import->source.path));
		return -1;
	}
	pass->mapping.accept = &plan->accept;
	if (check_plan(plan, err) < 0 ||
	    guard_check_overrule(&plan->overrule, err) < 0 ||
	    rows_open(&import->source, &pass->rows, err) < 0)
		return -1;
	text_one_line(&pass->file, base_name(import->source.path), 255);
	pass->commit.file = buf_span(&pass->file);
	pass->seen = seen_new();
	seen_may_spill(pass->seen, store, SEEN_IN_MEMORY);
	pass->guard = guard_new(&pass->mapping);
	pass->commit.guard = pass->guard;
	return 0;
}

static void
pass_done(struct pass *pass)
{
	ahead_free(&pass->ahead);
	findings_tell(pass->import->findings, &pass->import->found);
	if (pass->rows)
		take_left(pass->import, pass->rows);
	rows_close(&pass->rows);
	seen_free(&pass->seen);
	guard_free(&pass->guard);
	commit_done(&pass->commit);
	buf_done(&pass->file);
	/* Whatever was asked for has been heard. */
	atomic_store(&pass->import->stop, AHEAD_GO);
	atomic_store(&pass->import->cancelled, false);
}

int
import_check(struct import *import, struct store *store,
    const struct import_plan *plan, struct import_counts *out, struct err *err)
{
	struct pass pass;
	struct db *db = NULL;
	int rc = -1;

	/* also without writing: it tells who is known */
	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0)
		return -1;
	if (pass_init(&pass, import, store, plan, err) < 0)
		goto out;
	if (store_reader_open(store, &db, err) < 0)
		goto out;
	pass.commit.mode = COMMIT_COUNT;
	pass.commit.db = db;
	if (commit_init(&pass.commit, err) < 0 || pass_rows(&pass, err) < 0)
		goto out;
	*out = pass.counts;
	import->may_be_new = pass.counts.fresh;
	rc = 0;
out:
	store_reader_close(&db);
	pass_done(&pass);
	return rc;
}

int
import_commit(struct import *import, struct store *store,
    const struct import_plan *plan, struct import_counts *out, struct err *err)
{
	struct pass pass;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0)
		return -1;
	if (pass_init(&pass, import, store, plan, err) < 0)
		goto out;
	if (store_begin(store, STORE_WAIT_LONG, "import", &db, err) < 0)
		goto out;
	db_cache(db, STORE_CACHE_BULK);
	pass.commit.mode = COMMIT_STORE;
	pass.commit.db = db;
	pass.commit.cancelled = &import->cancelled;
	pass.commit.expected = import->may_be_new >= 0
				   ? import->may_be_new
				   : import->source.size / ROW_OCTETS;
	if (commit_init(&pass.commit, err) < 0 || pass_rows(&pass, err) < 0 ||
	    guard_log(&pass.commit, &import->shift, err) < 0)
		goto out;
	findings_tell(import->findings, &import->found);
	if (tally_store(&pass.commit, import->rejects, &import->found, err) <
		0 ||
	    commit_finish(&pass.commit, &pass.counts,
		charset_name(import->source.charset), err) < 0)
		goto out;
	db_cache(db, STORE_CACHE_NORMAL);
	if (store_commit(store, &db, err) < 0)
		goto out;
	*out = pass.counts;
	import->list = pass.commit.list;
	import->id = pass.commit.import;
	rc = 0;
out:
	if (db)
		db_cache(db, STORE_CACHE_NORMAL);
	store_rollback(store, &db);
	pass_done(&pass);
	return rc;
}

int64_t
import_id(const struct import *import)
{
	return import->id;
}

struct list_id
import_list(const struct import *import)
{
	return import->list;
}

int
import_write_rejects(struct import *import, const char *path,
    void (*words)(const struct err *why, struct buf *out),
    struct import_written *out, struct err *err)
{
	struct mapping mapping;
	struct rejects_job job = {
	    .path = path,
	    .source = &import->source,
	    .rejects = import->rejects,
	    .mapping = &mapping,
	    .words = words,
	};
	enum charset charset;

	if (mapping_init(&mapping, import->column, import->columns, err) < 0 ||
	    rejects_write(&job, &charset, err) < 0)
		return -1;
	out->rows = (int64_t)rejects_count(import->rejects);
	out->charset = charset_name(charset);
	return 0;
}

const struct import_reject *
import_reject_at(const struct import *import, size_t i)
{
	return rejects_at(import->rejects, i);
}

const struct import_findings *
import_findings(const struct import *import)
{
	return &import->found;
}

const struct import_repaired *
import_repaired_at(const struct import *import, size_t i)
{
	return import->findings ? findings_repaired(import->findings, i) : NULL;
}

const struct source *
import_source(const struct import *import)
{
	return &import->source;
}

const struct import_shift *
import_shift_seen(const struct import *import)
{
	return &import->shift;
}

void
import_table(const struct import *import, struct import_form *form,
    struct import_table *out)
{
	const struct source *source = &import->source;

	*out = source->table.at;
	if (!form)
		return;
	*form = (struct import_form){.charset = import_charset_used(import),
	    .delimiter = source->dialect.delimiter,
	    .quote = source->dialect.quote,
	    .header = out->header_rows ? IMPORT_HEADER_YES : IMPORT_HEADER_NO,
	    .first_line =
		out->header_rows ? out->header_line[0] : out->first_line,
	    .last_line = out->last_line,
	    .member = source->zip ? source->member + 1 : 0};
}

const struct import_left *
import_left_at(const struct import *import, size_t i, size_t *count)
{
	*count = import->left.count;
	return i < import->left.count && i < IMPORT_LEFT_KEPT
		   ? &import->left.kept[i]
		   : NULL;
}
