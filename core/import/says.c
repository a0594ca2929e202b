/* State, evidence, tags and objects.  Of several columns with the same target
 * the first that says something counts, but the gravest state does: whoever is
 * stopped in one of them is stopped. */
#include "core/import/says.h"

#include "core/base/text.h"
#include "core/import/date.h"
#include "core/import/value.h"

static void
take_state(struct csv_person *out, enum import_state state)
{
	if (state > out->state)
		out->state = state;
}

static int
read_time(const struct mapping *mapping, const struct csv_row *row, size_t at,
    int64_t *out_ms, struct err *err)
{
	static const char *const whys[] = {[DATE_ORDER] = "order",
	    [DATE_SERIAL] = "serial",
	    [DATE_BAD] = "date"};
	int64_t at_ms = 0;
	enum date_got got =
	    date_read(row->cell[at], mapping->column[at].order, &at_ms);

	if (got > DATE_GOOD) {
		row_fault(mapping, row, at, E_ROW_DATE, err);
		return err_fact(err, "why", span_of(whys[got]));
	}
	if (got == DATE_GOOD && *out_ms == 0)
		*out_ms = at_ms;
	return 0;
}

static void
read_stop(const struct mapping *mapping, const struct csv_row *row, size_t at,
    struct csv_person *out)
{
	int64_t at_ms = 0;
	enum date_got got =
	    date_read(row->cell[at], mapping->column[at].order, &at_ms);

	if (got == DATE_EMPTY)
		return;
	take_state(out, IMPORT_STATE_UNSUBSCRIBED);
	if (got == DATE_GOOD && out->stopped_ms == 0)
		out->stopped_ms = at_ms;
}

static int
read_ip(const struct mapping *mapping, const struct csv_row *row, size_t at,
    struct arena *arena, struct span *out, struct err *err)
{
	struct span ip;

	if (text_is_blank(row->cell[at]))
		return 0;
	if (!ip_read(row->cell[at], arena, &ip))
		return row_fault(mapping, row, at, E_ROW_IP, err);
	if (out->len == 0)
		*out = ip;
	return 0;
}

static int
read_text(const struct mapping *mapping, const struct csv_row *row, size_t at,
    size_t limit, struct span *out, struct err *err)
{
	struct span text = text_trim(row->cell[at]);

	if (row_check_text(mapping, row, at, err) < 0)
		return -1;
	if (text.len > limit) {
		row_fault(mapping, row, at, E_ROW_TEXT, err);
		return err_fact_int(err, "limit", (int64_t)limit);
	}
	if (out->len == 0)
		*out = text;
	return 0;
}

/* ---- Tags --------------------------------------------------------------- */

/* Octets of a separator at the beginning of s, or 0; Google's is ":::". */
static size_t
separator_len(struct span s)
{
	if (span_starts(s, SPAN(":::")))
		return 3;
	if (span_starts(s, SPAN("\xe3\x80\x81")))
		return 3;
	return s.len && (s.ptr[0] == ',' || s.ptr[0] == ';') ? 1 : 0;
}

/* Octets of s before its first separator. */
static size_t
before_separator(struct span s)
{
	size_t at = 0;

	while (at < s.len && !separator_len(span_slice(s, at, s.len)))
		at++;
	return at;
}

/* The next tag of a cell, without blanks and quotation marks around it; what
 * stands between a closing mark and the separator is no part of it. */
static struct span
next_tag(struct span *rest)
{
	struct span tag = text_trim(*rest), behind;

	if (tag.len && tag.ptr[0] == '"') {
		struct span inner = span_slice(tag, 1, tag.len);
		size_t end = span_index(inner, '"');

		tag = span_slice(inner, 0, end);
		behind = span_slice(inner, end + 1, inner.len);
		behind =
		    span_slice(behind, before_separator(behind), behind.len);
	} else {
		size_t end = before_separator(tag);

		behind = span_slice(tag, end, tag.len);
		tag = span_slice(tag, 0, end);
	}
	*rest = span_slice(behind, separator_len(behind), behind.len);
	return text_trim(tag);
}

static bool
has_tag(const struct span *tag, size_t count, struct span wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (span_equal(tag[i], wanted))
			return true;
	}
	return false;
}

static int
read_tags(const struct mapping *mapping, const struct csv_row *row, size_t at,
    struct arena *arena, struct csv_person *out, struct err *err)
{
	struct span rest = row->cell[at];
	struct span *tags;

	if (row_check_text(mapping, row, at, err) < 0)
		return -1;
	if (text_is_blank(rest))
		return 0;
	tags = arena_take(arena, SAYS_TAGS_MAX * sizeof *tags);
	if (out->tags)
		memcpy(tags, out->tag, out->tags * sizeof *tags);
	out->tag = tags;
	while (rest.len > 0) {
		struct span tag = next_tag(&rest);

		/* "* myContacts" is how Google marks a group of its own. */
		if (tag.len == 0 || span_starts(tag, SPAN("* ")) ||
		    has_tag(tags, out->tags, tag))
			continue;
		if (tag.len > SAYS_TAG_MAX) {
			row_fault(mapping, row, at, E_ROW_TEXT, err);
			return err_fact_int(err, "limit", SAYS_TAG_MAX);
		}
		if (out->tags == SAYS_TAGS_MAX) {
			row_fault(mapping, row, at, E_ROW_TAGS, err);
			return err_fact_int(err, "limit", SAYS_TAGS_MAX);
		}
		tags[out->tags++] = tag;
	}
	return 0;
}

/* ---- Objects ------------------------------------------------------------ */

static bool
has_member(const struct csv_person *person, struct span field)
{
	for (size_t i = 0; i < person->members; i++) {
		if (span_equal(person->member[i].field, field))
			return true;
	}
	return false;
}

/* Of two objects in a row the first has a name to itself. */
static int
read_object(const struct csv_row *row, size_t at, struct arena *arena,
    struct csv_person *out, struct err *err)
{
	struct explosion found = {0};
	struct exploded *both;

	if (explode(row->cell[at], arena, &found, err) < 0)
		return err_fact_int(err, "line", row->line);
	if (out->members == 0) {
		out->member = found.member;
		out->members = found.count;
		return 0;
	}
	both = arena_take(arena, (out->members + found.count) * sizeof *both);
	memcpy(both, out->member, out->members * sizeof *both);
	out->member = both;
	for (size_t i = 0; i < found.count; i++) {
		if (!has_member(out, found.member[i].field))
			both[out->members++] = found.member[i];
	}
	return 0;
}

/* ---- All ---------------------------------------------------------------- */

static int
read_one(const struct mapping *mapping, const struct csv_row *row, size_t at,
    struct arena *arena, struct csv_person *out, struct err *err)
{
	switch (mapping->column[at].target) {
	case IMPORT_STATE:
	case IMPORT_AGREED:
		take_state(
		    out, column_state(&mapping->column[at], row->cell[at]));
		return 0;
	case IMPORT_AGREED_AT:
		return read_time(mapping, row, at, &out->evidence.at_ms, err);
	case IMPORT_CONFIRMED_AT:
		return read_time(
		    mapping, row, at, &out->evidence.confirmed_ms, err);
	case IMPORT_STOPPED_AT:
		read_stop(mapping, row, at, out);
		return 0;
	case IMPORT_AGREED_IP:
		return read_ip(mapping, row, at, arena, &out->evidence.ip, err);
	case IMPORT_AGREED_HOW:
		return read_text(
		    mapping, row, at, SAYS_HOW_MAX, &out->evidence.how, err);
	case IMPORT_PAPER:
		return read_text(mapping, row, at, SAYS_PAPER_MAX,
		    &out->evidence.paper, err);
	case IMPORT_TAGS:
		return read_tags(mapping, row, at, arena, out, err);
	case IMPORT_JSON:
		return read_object(row, at, arena, out, err);
	case IMPORT_SKIP:
	case IMPORT_ADDRESS:
	case IMPORT_NAME:
	case IMPORT_FIELD:
	case IMPORT_TARGETS:
		break;
	}
	return 0;
}

int
says_read(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct csv_person *out, struct err *err)
{
	for (size_t i = 0; i < mapping->wanted; i++) {
		if (read_one(mapping, row, i, arena, out, err) < 0)
			return -1;
	}
	return 0;
}
