/* What the import wizard asks on its way: encodings, members of archives, where
 * columns go, who wrote the file, why a guard is wrong, where rejects go. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/import_path.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { PATH_OCTETS = 4000, SAMPLE_COLS = 12, EXPORTERS_MAX = 64 };

/* ---- Encodings and archives ---------------------------------------------- */

static void
unsure_answered(struct screen *owner, int answer, struct span text)
{
	struct wizard *self = (struct wizard *)owner;

	(void)text;
	if (answer == 0)
		return;
	self->form.charset = self->candidate[answer - 1];
	self->choosing = true;
	wizard_work(self, WORK_OPEN);
}

/* "CP932: 山田 | 佐藤" */
static void
add_candidate(const struct import_candidate *one, struct buf *out)
{
	buf_printf(out, "%s:", _(wizard_charsets[one->charset]));
	for (size_t i = 0; i < IMPORT_SAMPLES && one->sample[i][0]; i++) {
		buf_text(out, i > 0 ? " | " : " ");
		ui_cut_end(out, span_of(one->sample[i]), SAMPLE_COLS);
	}
}

/* Nobody guesses: the same cells as each encoding shows them. */
void
wizard_ask_charset(struct wizard *self, const struct work *work)
{
	struct buf label[IMPORT_CANDIDATES] = {BUF_INIT}, text = BUF_INIT;
	struct dialog_choice choices[IMPORT_CANDIDATES];

	self->origin = work->origin;
	buf_text(&text,
	    _("The file can be read in more than one encoding. In which one "
	      "are these words right?"));
	for (size_t i = 0; i < work->candidate_count; i++) {
		self->candidate[i] = work->candidate[i].charset;
		add_candidate(&work->candidate[i], &label[i]);
		choices[i] =
		    (struct dialog_choice){(char)('a' + (int)i), label[i].ptr};
	}
	if (work->was_chosen)
		buf_printf(&text, _("\nThe last time %s chose %s."),
		    work->chosen.by, _(wizard_charsets[work->chosen.charset]));
	dialog_choose(&self->base,
	    &(struct dialog){.title = _("Which encoding?"),
		.text = text.ptr,
		.done = unsure_answered},
	    choices, work->candidate_count);
	for (size_t i = 0; i < IMPORT_CANDIDATES; i++)
		buf_done(&label[i]);
	buf_done(&text);
}

static void
member_answered(struct screen *owner, int answer, struct span text)
{
	struct wizard *self = (struct wizard *)owner;

	(void)text;
	if (answer == 0)
		return;
	self->form.member = (size_t)answer;
	wizard_work(self, WORK_OPEN);
}

/* The members of an archive by name, in its order. */
void
wizard_ask_member(struct wizard *self, const struct import_members *members)
{
	const char **names = mem_array(members->count + 1, sizeof *names);
	size_t start = 0;

	for (size_t i = members->count; i-- > 0;) {
		names[i] = members->member[i].name;
		if (members->member[i].kind == IMPORT_MEMBER_LIST)
			start = i;
	}
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Which file of the archive?"),
		.text = _("Each is imported by itself."),
		.done = member_answered},
	    names, members->count, start);
	free(names);
}

/* ---- Guards ---------------------------------------------------------------- */

static void
check_overrule(struct span text, struct buf *why)
{
	size_t count = utf8_count(span_trim(text));

	if (count < IMPORT_REASON_MIN)
		buf_text(why, _("At least 10 characters."));
	else if (count > IMPORT_REASON_MAX)
		buf_text(why, _("That is too long."));
}

static void
overrule_answered(struct screen *owner, int answer, struct span text)
{
	struct wizard *self = (struct wizard *)owner;

	if (!answer)
		return;
	self->guards |= self->raised;
	buf_clear(&self->reason);
	buf_add(&self->reason, span_trim(text));
	wizard_work(self, WORK_CHECK);
}

void
wizard_ask_overrule(struct wizard *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Go on with this file?"),
		.text = _("It looks as if a column had moved against the "
			  "others: everybody would get somebody else's data. "
			  "Write why the file is right all the same; it is "
			  "kept in the log."),
		.done = overrule_answered},
	    LINE_TEXT, SPAN(""), check_overrule);
}

/* ---- Targets of columns --------------------------------------------------- */

struct import_column *
wizard_column(struct wizard *self)
{
	int64_t index = list_cursor_index(self->columns);
	size_t count;

	if (index < 0 || !self->held || !self->held->import)
		return NULL;
	return &import_columns(self->held->import, &count)[index];
}

static void
field_answered(struct screen *owner, int answer, struct span text)
{
	struct import_column *column = wizard_column((struct wizard *)owner);
	struct span name = span_trim(text);

	if (!answer || !column)
		return;
	column->target = IMPORT_FIELD;
	memcpy(column->field, name.ptr, name.len);
	column->field[name.len] = '\0';
	wizard_try((struct wizard *)owner);
}

static void
check_field(struct span text, struct buf *why)
{
	struct span name = span_trim(text);

	if (name.len == 0)
		buf_text(why, _("It needs a name."));
	else if (name.len >= sizeof((struct import_column *)NULL)->field)
		buf_text(why, _("That is too long."));
	else if (span_index(name, '{') < name.len ||
		 span_index(name, '}') < name.len ||
		 span_index(name, '|') < name.len)
		buf_text(why, _("The characters { } | cannot be in it."));
}

static void
ask_field(struct wizard *self, const struct import_column *column)
{
	const char *start = column->field[0] ? column->field : column->header;

	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Merge field"),
		.text = _("Name of the field, as it is written in texts: "
			  "{{name}}."),
		.done = field_answered},
	    LINE_TEXT,
	    span_slice(span_of(start), 0,
		sizeof((struct import_column *)NULL)->field - 1),
	    check_field);
}

static void
set_address(struct wizard *self, struct import_column *column)
{
	size_t count;
	struct import_column *all = import_columns(self->held->import, &count);

	for (size_t i = 0; i < count; i++) {
		if (all[i].target == IMPORT_ADDRESS)
			all[i].target = IMPORT_SKIP;
	}
	column->target = IMPORT_ADDRESS;
}

static void
target_answered(struct screen *owner, int answer, struct span text)
{
	struct wizard *self = (struct wizard *)owner;
	struct import_column *column = wizard_column(self);

	(void)text;
	if (!answer || !column)
		return;
	buf_clear(&self->fault);
	if (answer - 1 == IMPORT_ADDRESS)
		set_address(self, column);
	else if (answer - 1 == IMPORT_FIELD)
		ask_field(self, column);
	else
		column->target = (enum import_target)(answer - 1);
	wizard_try(self);
}

void
wizard_ask_target(struct wizard *self, const struct import_column *column)
{
	const char *const items[IMPORT_TARGETS] = {
	    [IMPORT_SKIP] = _("nowhere: leave it out"),
	    [IMPORT_ADDRESS] = _("the mail address"),
	    [IMPORT_NAME] = _("the name (several columns are joined)"),
	    [IMPORT_FIELD] = _("a merge field of its own"),
	    [IMPORT_STATE] = _("whether they may be mailed (v: values)"),
	    [IMPORT_AGREED] = _("whether they agreed (v: values)"),
	    [IMPORT_AGREED_AT] = _("when they agreed"),
	    [IMPORT_CONFIRMED_AT] = _("when they confirmed it"),
	    [IMPORT_AGREED_IP] = _("the IP address they agreed from"),
	    [IMPORT_AGREED_HOW] = _("how they agreed"),
	    [IMPORT_PAPER] = _("where the paper is kept"),
	    [IMPORT_STOPPED_AT] = _("when they were stopped"),
	    [IMPORT_TAGS] = _("tags"),
	    [IMPORT_JSON] = _("fields, as an object in JSON"),
	};

	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Where does this column go?"),
		.text = column->header[0] ? column->header : _("(no header)"),
		.done = target_answered},
	    items, IMPORT_TARGETS, column->target);
}

/* ---- Exporters ------------------------------------------------------------ */

void
wizard_take_exporter(
    struct wizard *self, const struct import_exporter *exporter)
{
	const struct import_recognised *found =
	    import_recognised(self->held->import);
	bool same = found && found->exporter == exporter;

	if (self->pending != exporter &&
	    import_exporter_form(self->held->import, exporter, &self->form)) {
		self->pending = exporter;
		wizard_work(self, WORK_OPEN);
		return;
	}
	import_take_exporter(self->held->import, exporter);
	form_set_choice(self->rules, RULES_STATE,
	    (int)(same ? found->state : IMPORT_STATE_UNSAID));
	list_refresh(self->columns);
	wizard_try(self);
	app_sayf(self->base.app, SAY_OK,
	    _("The columns are taken as %s writes them."), exporter->label);
}

static void
exporter_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		wizard_take_exporter((struct wizard *)owner,
		    import_exporter_at((size_t)answer - 1));
}

/* One key for what was recognised, a choice for what was not. */
void
wizard_map_exporter(struct wizard *self)
{
	const struct import_recognised *found =
	    import_recognised(self->held->import);
	const char *names[EXPORTERS_MAX];
	size_t count = 0;

	if (found) {
		wizard_take_exporter(self, found->exporter);
		return;
	}
	while (count < EXPORTERS_MAX && import_exporter_at(count)) {
		names[count] = import_exporter_at(count)->label;
		count++;
	}
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Which program has written it?"),
		.text = _("Its columns and states are taken as that program "
			  "means them."),
		.done = exporter_answered},
	    names, count, 0);
}

/* ---- Rejects --------------------------------------------------------------- */

static void
check_target(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("Type the name of a file."));
	else if (span_trim(text).len > PATH_OCTETS)
		buf_text(why, _("That is too long."));
}

static void
target_given(struct screen *owner, int answer, struct span text)
{
	struct wizard *self = (struct wizard *)owner;

	if (!answer)
		return;
	buf_clear(&self->target);
	path_expand(span_trim(text), &self->target);
	wizard_work(self, WORK_WRITE);
}

/* Beside the file: "customers.csv" has "customers.rejects.csv". */
void
wizard_ask_rejects(struct wizard *self)
{
	struct span path = span_of(self->path);
	size_t end = path.len;
	struct buf start = BUF_INIT;

	while (end > 0 && path.ptr[end - 1] != '.' && path.ptr[end - 1] != '/')
		end--;
	if (end == 0 || path.ptr[end - 1] == '/')
		end = path.len + 1;
	buf_add(&start, span_slice(path, 0, end - 1));
	buf_text(&start, ".rejects.csv");
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Write the rejects"),
		.text = _("All rows that were left out, with the reason in "
			  "front. Correct them there, and import that file."),
		.done = target_given},
	    LINE_TEXT, buf_span(&start), check_target);
	buf_done(&start);
}
