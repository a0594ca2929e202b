/* The result of a drill as text.  It comes home from another program and is kept
 * for years: what is read must be, octet for octet, what would be written. */
#include "core/review/drill.h"

#include <assert.h>

enum { SECONDS_MAX = 400 * 24 * 3600, SENT_MAX = 100 * 1000 * 1000 };

static const char *const ends[] = {"stopped", "sent", "left"};
static const char *const cames[] = {"missed", "marked", "repaired"};
static_assert(sizeof ends / sizeof *ends == DRILL_ENDS, "how it ended");
static_assert(sizeof cames / sizeof *cames == DRILL_CAMES, "what came of it");

static const char title[] = "sekisho drill 1";

void
drill_result_write(const struct drill_result *result, struct buf *out)
{
	buf_printf(out, "%s\nseed %016llx\nended %s\nseconds %lld\nsent %lld\n",
	    title, (unsigned long long)result->seed, ends[result->end],
	    (long long)result->seconds, (long long)result->sent);
	for (int i = 0; i < DRILL_PLANTED; i++)
		buf_printf(out, "fault %s %s\n",
		    drill_fault(result->fault[i].kind)->name,
		    cames[result->fault[i].came]);
	for (size_t i = 0; i < result->alarm.count; i++) {
		const struct drill_mark *mark = &result->alarm.mark[i];

		buf_printf(out, "alarm %s %s%s%s\n",
		    drill_fault(mark->kind)->name,
		    drill_where_name(mark->where), *mark->note ? " " : "",
		    mark->note);
	}
	buf_text(out, "end\n");
}

/* ---- Reading ------------------------------------------------------------------- */

struct reading {
	struct span rest;
	int64_t line; /* that was taken last */
	const char *why;
};

static bool
wrong(struct reading *reading, const char *why)
{
	reading->why = why;
	return false;
}

/* The next line without its end; a last one without an end is none. */
static bool
take_line(struct reading *reading, struct span *line)
{
	reading->line++;
	if (span_index(reading->rest, '\n') == reading->rest.len)
		return wrong(reading, "end");
	*line = span_cut(&reading->rest, '\n');
	return true;
}

/* The value of a line "name value". */
static bool
take_value(struct reading *reading, const char *name, struct span *value)
{
	struct span line;

	if (!take_line(reading, &line))
		return false;
	if (!span_equal(span_cut(&line, ' '), span_of(name)))
		return wrong(reading, "form");
	*value = line;
	return true;
}

static bool
take_number(
    struct reading *reading, const char *name, int64_t max, int64_t *out)
{
	struct span value;

	if (!take_value(reading, name, &value))
		return false;
	if (!span_int(value, out) || *out < 0 || *out > max)
		return wrong(reading, "number");
	return true;
}

static bool
take_seed(struct reading *reading, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";
	struct span value;
	uint64_t seed = 0;

	if (!take_value(reading, "seed", &value))
		return false;
	if (value.len != 16)
		return wrong(reading, "number");
	for (size_t i = 0; i < value.len; i++) {
		const char *digit = memchr(digits, value.ptr[i], 16);

		if (!digit)
			return wrong(reading, "number");
		seed = seed << 4 | (uint64_t)(digit - digits);
	}
	*out = seed;
	return true;
}

/* The index of a word in a table; -1. */
static int
index_of(struct span word, const char *const *table, int count)
{
	for (int i = 0; i < count; i++) {
		if (span_equal(word, span_of(table[i])))
			return i;
	}
	return -1;
}

static bool
take_head(struct reading *reading, struct drill_result *out)
{
	struct span line, value;
	int end;

	if (!take_line(reading, &line))
		return false;
	if (!span_equal(line, span_of(title)))
		return wrong(reading, "form");
	if (!take_seed(reading, &out->seed) ||
	    !take_value(reading, "ended", &value))
		return false;
	end = index_of(value, ends, DRILL_ENDS);
	if (end < 0)
		return wrong(reading, "form");
	out->end = (enum drill_end)end;
	return take_number(reading, "seconds", SECONDS_MAX, &out->seconds) &&
	       take_number(reading, "sent", SENT_MAX, &out->sent);
}

static bool
take_fault(struct reading *reading, struct drill_result *out, int i)
{
	struct span value;
	enum drill_kind kind;
	int came;

	if (!take_value(reading, "fault", &value))
		return false;
	kind = drill_kind_of(span_cut(&value, ' '));
	if (kind == DRILL_KINDS)
		return wrong(reading, "kind");
	came = index_of(value, cames, DRILL_CAMES);
	if (came < 0)
		return wrong(reading, "form");
	if (i > 0 && out->fault[i - 1].kind >= kind)
		return wrong(reading, "order");
	out->fault[i].kind = kind;
	out->fault[i].came = (enum drill_came)came;
	out->found += came != DRILL_MISSED;
	return true;
}

static int
where_of(struct span word)
{
	for (int i = 0; i < DRILL_WHERES; i++) {
		if (span_equal(
			word, span_of(drill_where_name((enum drill_where)i))))
			return i;
	}
	return -1;
}

/* A mark for the kind that stands there already, or was found, is no alarm. */
static bool
may_alarm(const struct drill_result *result, enum drill_kind kind)
{
	for (size_t i = 0; i < result->alarm.count; i++) {
		if (result->alarm.mark[i].kind == kind)
			return false;
	}
	for (int i = 0; i < DRILL_PLANTED; i++) {
		if (result->fault[i].kind == kind &&
		    result->fault[i].came != DRILL_MISSED)
			return false;
	}
	return true;
}

/* "KIND WHERE" or "KIND WHERE NOTE". */
static bool
take_alarm(struct reading *reading, struct span value, struct drill_result *out)
{
	enum drill_kind kind = drill_kind_of(span_cut(&value, ' '));
	bool has_note = span_index(value, ' ') < value.len;
	int where = where_of(span_cut(&value, ' '));

	if (kind == DRILL_KINDS || where < 0)
		return wrong(reading, "kind");
	if (!may_alarm(out, kind))
		return wrong(reading, "order");
	if (has_note != (value.len > 0) ||
	    drill_mark(
		&out->alarm, kind, (enum drill_where)where, value, NULL) < 0)
		return wrong(reading, "note");
	return true;
}

static bool
take_alarms(struct reading *reading, struct drill_result *out)
{
	struct span line;

	for (;;) {
		if (!take_line(reading, &line))
			return false;
		if (span_equal(line, SPAN("end")))
			break;
		if (!span_starts(line, SPAN("alarm ")))
			return wrong(reading, "form");
		if (!take_alarm(reading, span_slice(line, 6, line.len), out))
			return false;
	}
	return reading->rest.len == 0 || wrong(reading, "end");
}

/* There is one way to write a result: 007 is no number, and a sent one has
 * gone to somebody. */
static bool
is_canonical(struct reading *reading, struct span text,
    const struct drill_result *result)
{
	struct buf again = BUF_INIT;
	bool same;

	drill_result_write(result, &again);
	same = span_equal(buf_span(&again), text);
	buf_done(&again);
	if (!same)
		return wrong(reading, "form");
	return (result->end == DRILL_SENT) <= (result->sent > 0) ||
	       wrong(reading, "number");
}

static bool
read_all(struct reading *reading, struct span text, struct drill_result *out)
{
	if (text.len > DRILL_TEXT_MAX)
		return wrong(reading, "length");
	if (!take_head(reading, out))
		return false;
	for (int i = 0; i < DRILL_PLANTED; i++) {
		if (!take_fault(reading, out, i))
			return false;
	}
	return take_alarms(reading, out) && is_canonical(reading, text, out);
}

int
drill_result_parse(struct span text, struct drill_result *out, struct err *err)
{
	struct reading reading = {.rest = text};
	struct drill_result result = {.found = 0};

	if (!read_all(&reading, text, &result)) {
		err_set(err, E_DRILL_RESULT);
		err_fact_int(err, "line", reading.line);
		return err_fact(err, "why", span_of(reading.why));
	}
	*out = result;
	return 0;
}
