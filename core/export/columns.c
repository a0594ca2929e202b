/* Address, name and fields have the names that they have in texts; what is ours
 * begins with sekisho_, so that no field is taken for it.  core/import knows
 * these headers (exporters.def). */
#include "core/export/columns.h"

#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/import/import.h"

enum kind {
	ADDRESS,
	NAME,
	STATUS,
	TAGS,
	BASIS,
	AGREED,
	CONFIRMED,
	HOW,
	NOTE,
	WORDING,
	IP,
	PAPER,
	KINDS
};

static const struct {
	const char *header;
	unsigned part; /* 0: always */
} kinds[KINDS] = {
    [ADDRESS] = {"address", 0},
    [NAME] = {"name", EXPORT_NAME},
    [STATUS] = {"sekisho_status", 0},
    [TAGS] = {"sekisho_tags", EXPORT_TAGS},
    [BASIS] = {"sekisho_basis", EXPORT_EVIDENCE},
    [AGREED] = {"sekisho_agreed", EXPORT_EVIDENCE},
    [CONFIRMED] = {"sekisho_confirmed", EXPORT_EVIDENCE},
    [HOW] = {"sekisho_how", EXPORT_EVIDENCE},
    [NOTE] = {"sekisho_note", EXPORT_EVIDENCE},
    [WORDING] = {"sekisho_wording", EXPORT_EVIDENCE},
    [IP] = {"sekisho_ip", EXPORT_EVIDENCE},
    [PAPER] = {"sekisho_paper", EXPORT_EVIDENCE},
};

struct columns {
	unsigned parts;
	char **field;
	size_t fields;
	struct span *value; /* of each field, in text */
	size_t *from, *len; /* places in text while it grows */
	struct buf text, time;
};

static int
refuse(const char *why, struct err *err)
{
	err_set(err, E_EXPORT_FIELD);
	err_fact(err, "field", SPAN("fields"));
	return err_fact(err, "why", span_of(why));
}

/* The names of an order, each once. */
static void
take_names(struct columns *self, struct span names)
{
	while (names.len) {
		struct span name = span_cut(&names, '\n');
		size_t at = 0;

		while (at < self->fields &&
		       !span_equal(name, span_of(self->field[at])))
			at++;
		if (at < self->fields || name.len == 0)
			continue;
		self->field =
		    mem_more(self->field, self->fields, sizeof *self->field);
		self->field[self->fields++] = mem_text(name);
	}
}

int
columns_new(struct db *db, const struct export_order *order,
    struct columns **out, struct err *err)
{
	struct columns *self = mem_new(sizeof *self);
	struct span names = buf_span(&order->fields);
	int rc = 0;

	self->parts = order->parts;
	if (names.len > EXPORT_NAMES_MAX)
		rc = refuse("length", err);
	else if (!(self->parts & EXPORT_FIELDS))
		rc = 0;
	else if (names.len)
		take_names(self, names);
	else
		rc = field_names(
		    db, order->list, &self->field, &self->fields, err);
	if (rc == 0 && self->fields > EXPORT_FIELDS_MAX)
		rc = refuse("count", err);
	if (rc < 0) {
		columns_free(&self);
		return -1;
	}
	self->value = mem_array(self->fields + 1, sizeof *self->value);
	self->from = mem_array(self->fields + 1, sizeof *self->from);
	self->len = mem_array(self->fields + 1, sizeof *self->len);
	*out = self;
	return 0;
}

static bool
is_wanted(const struct columns *self, enum kind kind)
{
	return !kinds[kind].part || (self->parts & kinds[kind].part);
}

void
columns_name(const struct columns *columns, struct sheet *sheet)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; kind == STATUS && i < columns->fields; i++)
			sheet_column(sheet, span_of(columns->field[i]));
		if (is_wanted(columns, kind))
			sheet_column(sheet, span_of(kinds[kind].header));
	}
	sheet_column(sheet, SPAN(OWN_MARK));
}

/* ---- Cells ------------------------------------------------------------- */

/* hint: where it stood in the row before, usually right. */
static size_t
find_field(const struct columns *self, struct span key, size_t hint)
{
	size_t i = 0;

	if (hint < self->fields && json_is(key, span_of(self->field[hint])))
		return hint;
	while (i < self->fields && !json_is(key, span_of(self->field[i])))
		i++;
	return i;
}

static void
read_values(struct columns *self, struct span fields)
{
	struct json_walk walk;
	struct span key, value;
	size_t hint = 0;

	buf_clear(&self->text);
	memset(self->len, 0, (self->fields + 1) * sizeof *self->len);
	json_begin(&walk, fields);
	while (json_next(&walk, &key, &value) == 1) {
		size_t at = find_field(self, key, hint);

		if (at == self->fields)
			continue;
		hint = at + 1;
		self->from[at] = self->text.len;
		json_show(walk.type, value, &self->text);
		self->len[at] = self->text.len - self->from[at];
	}
	for (size_t i = 0; i < self->fields; i++)
		self->value[i] = self->len[i]
				     ? span_make(self->text.ptr + self->from[i],
					   self->len[i])
				     : SPAN("");
}

static struct span
time_of(struct columns *self, int64_t ms)
{
	buf_clear(&self->time);
	if (ms)
		clock_rfc3339(&self->time, ms);
	return buf_span(&self->time);
}

static struct span
cell_of(struct columns *self, const struct person_row *person, enum kind kind)
{
	const struct consent_evidence *evidence = &person->evidence;

	switch (kind) {
	case ADDRESS:
		return person->address;
	case NAME:
		return person->name;
	case STATUS:
		return span_of(people_status_name(person->status));
	case TAGS:
		return person->tags;
	case BASIS:
		return span_of(people_basis_name(evidence->basis));
	case AGREED:
		return time_of(self, evidence->at_ms);
	case CONFIRMED:
		return time_of(self, evidence->confirmed_ms);
	case HOW:
		return evidence->how ? span_of(consent_how_name(evidence->how))
				     : SPAN("");
	case NOTE:
		return evidence->note;
	case WORDING:
		return person->wording;
	case IP:
		return evidence->ip;
	case PAPER:
		return evidence->paper;
	case KINDS:
		break;
	}
	return SPAN("");
}

void
columns_put(struct columns *columns, const struct person_row *person,
    struct sheet *sheet)
{
	read_values(columns, person->fields);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; kind == STATUS && i < columns->fields; i++)
			sheet_cell(sheet, columns->value[i]);
		if (is_wanted(columns, kind))
			sheet_cell(sheet, cell_of(columns, person, kind));
	}
}

void
columns_free(struct columns **columns)
{
	struct columns *self = *columns;

	if (!self)
		return;
	field_names_free(&self->field, self->fields);
	free(self->value);
	free(self->from);
	free(self->len);
	buf_wipe(&self->text);
	buf_done(&self->text);
	buf_done(&self->time);
	free(self);
	*columns = NULL;
}
