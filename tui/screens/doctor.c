/* Domain health: what the DNS doctor found last, what to do about it, the
 * record to publish, and when what has turned.  Looking counts as having seen
 * the news. */
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/health/health.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/text/doctor_text.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum { ROWS_MAX = 400, TICK_MS = 500 };

enum page { PAGE_NOW, PAGE_HISTORY, PAGES };

/* An examination under way. */
struct doctoring {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	_Atomic int64_t done, total;
	bool nobody; /* no domain to examine */
};

struct doctor {
	struct screen base;
	struct list_source source;
	struct list *list;
	enum page page;
	struct doctor_report report;
	struct doctor_news news;
	struct arena *arena; /* of turns */
	struct doctor_turn *turn;
	size_t turns;
	/* findings in the order of headings; -1 - topic: a heading */
	int row[ROWS_MAX];
	int rows;
	struct buf cell[3];
	struct job *job;
	struct doctoring *doctoring; /* of job */
	struct job *seeing;
};

static const struct list_column columns[] = {
    {"", 1, 0, 0, FIT_END},
    {"", 30, 0, 0, FIT_MIDDLE},
    {"", 0, 20, 0, FIT_END},
};

static const enum role roles[DOCTOR_SIGNS] = {
    [DOCTOR_GOOD] = ROLE_OK,
    [DOCTOR_NOTE] = ROLE_TEXT,
    [DOCTOR_UNKNOWN] = ROLE_WARN,
    [DOCTOR_WARN] = ROLE_WARN,
    [DOCTOR_BAD] = ROLE_ERR,
};

static struct doctor *
of_source(struct list_source *source)
{
	return (
	    struct doctor *)((char *)source - offsetof(struct doctor, source));
}

/* ---- Rows --------------------------------------------------------------------------- */

static void
set(struct buf *cell, struct span text)
{
	buf_clear(cell);
	buf_add(cell, text);
}

static void
row_of_finding(struct doctor *self, int number, struct list_row *out)
{
	const struct doctor_finding *finding = &self->report.finding[number];

	set(&self->cell[0], span_of(doctor_sign_text(finding->sign)));
	set(&self->cell[1],
	    doctor_subject_text(finding->topic, finding->subject));
	set(&self->cell[2], span_of(doctor_code_text(finding->code)));
	out->cell_role[0] = roles[finding->sign];
}

static void
add_codes(struct buf *out, struct span codes)
{
	bool first = true;

	while (codes.len) {
		enum doctor_code code = doctor_code_of(span_cut(&codes, ' '));

		buf_text(out, first ? "" : "; ");
		buf_text(out, doctor_code_text(code));
		first = false;
	}
}

static void
row_of_turn(
    struct doctor *self, const struct doctor_turn *turn, struct list_row *out)
{
	bool gone = !turn->after.len;

	set(&self->cell[0], span_of(gone ? "-" : doctor_sign_text(turn->sign)));
	buf_clear(&self->cell[1]);
	format_minute(&self->cell[1], turn->at_ms);
	buf_clear(&self->cell[2]);
	buf_add(
	    &self->cell[2], doctor_subject_text(turn->topic, turn->subject));
	buf_text(&self->cell[2], ": ");
	if (gone)
		buf_text(&self->cell[2], _("no longer examined"));
	else
		add_codes(&self->cell[2], turn->after);
	out->cell_role[0] = gone ? ROLE_DIM : roles[turn->sign];
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct doctor *self = of_source(source);
	int number = self->row[index];

	out->key = index;
	if (number < 0) {
		out->heading = true;
		out->role = ROLE_HEAD;
		out->cell[0] = span_of(
		    doctor_topic_text((enum doctor_topic)(-1 - number)));
		return true;
	}
	if (self->page == PAGE_NOW)
		row_of_finding(self, number, out);
	else
		row_of_turn(self, &self->turn[number], out);
	for (int i = 0; i < 3; i++)
		out->cell[i] = buf_span(&self->cell[i]);
	return true;
}

static int64_t
count(struct list_source *source)
{
	return of_source(source)->rows;
}

static void
fill_findings(struct doctor *self)
{
	const char *heading = "";

	for (size_t i = 0; i < self->report.count; i++) {
		enum doctor_topic topic = self->report.finding[i].topic;

		if (self->rows > ROWS_MAX - 2)
			return;
		if (strcmp(heading, doctor_topic_text(topic)) != 0) {
			heading = doctor_topic_text(topic);
			self->row[self->rows++] = -1 - (int)topic;
		}
		self->row[self->rows++] = (int)i;
	}
}

static void
fill(struct doctor *self)
{
	self->rows = 0;
	if (self->page == PAGE_NOW)
		fill_findings(self);
	else
		for (size_t i = 0; i < self->turns && i < ROWS_MAX; i++)
			self->row[self->rows++] = (int)i;
	list_refresh(self->list);
}

static const struct doctor_finding *
selected(struct doctor *self)
{
	int64_t index = list_cursor_index(self->list);

	if (self->page != PAGE_NOW || index < 0 || index >= self->rows ||
	    self->row[index] < 0)
		return NULL;
	return &self->report.finding[self->row[index]];
}

/* ---- Reading, seeing ----------------------------------------------------------------- */

static int
seeing_run(struct job *job, void *data, struct err *err)
{
	(void)job;
	return doctor_seen(*(struct store **)data, err);
}

static const struct job_ops seeing_ops = {.run = seeing_run, .free = free};

static void
start_seeing(struct doctor *self)
{
	struct store **store;

	if (self->seeing || (!self->news.worse && !self->news.better) ||
	    (!app_may(self->base.app, MAY_CHECK) &&
		!app_may(self->base.app, MAY_RELAY_WRITE)))
		return;
	store = mem_new(sizeof *store);
	*store = app_store(self->base.app);
	app_job(self->base.app, &self->base, &seeing_ops, store, &self->seeing,
	    NULL);
}

static void
shown(struct screen *screen)
{
	struct doctor *self = (struct doctor *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	doctor_report_done(&self->report);
	arena_free(&self->arena);
	self->arena = arena_new();
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    doctor_last(db, &self->report, &err) < 0 ||
	    doctor_news(db, &self->news, &err) < 0 ||
	    doctor_turns(db, self->arena, &self->turn, &self->turns, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	fill(self);
	start_seeing(self);
}

/* ---- Examining ----------------------------------------------------------------------- */

static int
doctoring_run(struct job *job, void *data, struct err *err)
{
	struct doctoring *self = data;
	struct doctor_how how = {
	    .world = self->world,
	    .parts = DOCTOR_PART_ALL,
	    .cancel = job_cancel_flag(job),
	    .done = &self->done,
	    .total = &self->total,
	};
	struct house_sender sender = {.from = SPAN("")};
	struct doctor_report report = {.count = 0};
	struct house house = {.domains = 0};
	struct db *db = NULL;
	int rc = store_view_open(self->store, &db, err);

	if (rc == 0)
		rc = house_read(db, &sender, &house, err);
	store_reader_close(&db);
	self->nobody = rc == 0 && !house.domains;
	if (rc == 0 && house.domains)
		rc = doctor_examine(&how, &house, &report, err);
	if (rc == 0 && house.domains)
		rc = doctor_keep(self->store, &report, NULL, err);
	doctor_report_done(&report);
	house_done(&house);
	return rc;
}

static const struct job_ops doctoring_ops = {
    .run = doctoring_run, .free = free};

static void
start_doctoring(struct doctor *self)
{
	struct err err = {.code = E_NONE};

	self->doctoring = mem_new(sizeof *self->doctoring);
	self->doctoring->store = app_store(self->base.app);
	self->doctoring->world = app_world(self->base.app);
	if (app_job(self->base.app, &self->base, &doctoring_ops,
		self->doctoring, &self->job, &err) < 0) {
		self->doctoring = NULL;
		app_say_err(self->base.app, &err);
	}
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct doctor *self = (struct doctor *)screen;

	if (job == self->seeing) {
		self->seeing = NULL;
		return;
	}
	if (job != self->job)
		return;
	self->job = NULL;
	self->doctoring = NULL;
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (((struct doctoring *)data)->nobody)
		app_say(screen->app, SAY_WARN,
		    _("There is no sender yet: Setup > Sender and legal."));
	else
		app_say(screen->app, SAY_OK, _("Examined."));
	shown(screen);
}

/* ---- One finding, its record ------------------------------------------------------------ */

/* A copy of it: an examination may end while it is read. */
struct leaf {
	struct screen base;
	struct pager *pager;
	const char *title; /* untranslated */
	void (*fill)(struct leaf *leaf);
	struct arena *arena;
	struct doctor_finding finding;
};

static void
leaf_title(struct screen *screen, struct buf *out)
{
	buf_text(out, _(((struct leaf *)screen)->title));
}

static void
leaf_draw(struct screen *screen, struct area body)
{
	pager_draw(
	    ((struct leaf *)screen)->pager, area_cols(body, 1, -2), FOCUS_ON);
}

static enum used
leaf_key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct leaf *)screen)->pager, key);
}

static const enum action *
leaf_footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
leaf_close(struct screen *screen)
{
	struct leaf *self = (struct leaf *)screen;

	pager_free(&self->pager);
	arena_free(&self->arena);
	free(self);
}

static void
leaf_shown(struct screen *screen)
{
	struct leaf *self = (struct leaf *)screen;

	pager_clear(self->pager);
	self->fill(self);
}

static const struct screen_ops leaf_ops = {
    .name = "doctor-finding",
    .section = 8,
    .title = leaf_title,
    .draw = leaf_draw,
    .key = leaf_key,
    .footer = leaf_footer,
    .shown = leaf_shown,
    .close = leaf_close,
};

static void
leaf_open(struct doctor *self, const struct doctor_finding *finding,
    const char *title, void (*fill_leaf)(struct leaf *leaf))
{
	struct leaf *leaf = mem_new(sizeof *leaf);
	struct doctor_finding *copy = &leaf->finding;

	leaf->base.ops = &leaf_ops;
	leaf->title = title;
	leaf->fill = fill_leaf;
	leaf->pager = pager_new(PAGER_WRAP, GATE_RAW);
	leaf->arena = arena_new();
	*copy = *finding;
	copy->subject = arena_copy(leaf->arena, finding->subject);
	copy->facts = arena_copy(leaf->arena, finding->facts);
	copy->found = arena_copy(leaf->arena, finding->found);
	copy->record.name = arena_copy(leaf->arena, finding->record.name);
	copy->record.type = arena_copy(leaf->arena, finding->record.type);
	copy->record.value = arena_copy(leaf->arena, finding->record.value);
	app_push(self->base.app, &leaf->base);
}

static void
add_facts(struct pager *pager, struct span facts)
{
	struct buf line = BUF_INIT;

	while (facts.len) {
		struct span value = span_cut(&facts, '\n');
		const char *name = doctor_fact_text(span_cut(&value, '='));

		if (!*name || !value.len)
			continue;
		buf_clear(&line);
		buf_printf(&line, "  %s: ", name);
		pager_add(pager, ROLE_DIM, buf_span(&line));
		pager_add(pager, ROLE_TEXT, value);
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	buf_done(&line);
}

static void
add_lines(struct pager *pager, struct span lines)
{
	while (lines.len) {
		pager_add_str(pager, ROLE_TEXT, "    ");
		pager_add(pager, ROLE_TEXT, span_cut(&lines, '\n'));
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
}

static void
add_record(struct pager *pager, const struct doctor_record *record)
{
	struct buf text = BUF_INIT;

	if (!record->name.len)
		return;
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_HEAD, _("To be published: name"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	add_lines(pager, record->name);
	pager_add_str(pager, ROLE_HEAD, _("Type"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	add_lines(pager, record->type);
	pager_add_str(pager, ROLE_HEAD,
	    _("Value, where a form asks for it: one line without breaks"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	add_lines(pager, record->value);
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_HEAD, _("The same for a zone file"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	doctor_record_text(record, &text);
	pager_add(pager, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

static void
fill_finding(struct leaf *leaf)
{
	const struct doctor_finding *finding = &leaf->finding;
	struct pager *pager = leaf->pager;

	pager_add_str(
	    pager, roles[finding->sign], doctor_sign_text(finding->sign));
	pager_add_str(pager, ROLE_TEXT, " ");
	pager_add(pager, ROLE_HEAD,
	    doctor_subject_text(finding->topic, finding->subject));
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_TEXT, doctor_code_text(finding->code));
	pager_add_str(pager, ROLE_TEXT, "\n");
	add_facts(pager, finding->facts);
	if (finding->found.len) {
		pager_add_str(pager, ROLE_TEXT, "\n");
		pager_add_str(pager, ROLE_HEAD, _("What is there"));
		pager_add_str(pager, ROLE_TEXT, "\n");
		add_lines(pager, finding->found);
	}
	if (*doctor_advice(finding->code)) {
		pager_add_str(pager, ROLE_TEXT, "\n");
		pager_add_str(pager, ROLE_TEXT, doctor_advice(finding->code));
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
	add_record(pager, &finding->record);
}

static void
fill_record(struct leaf *leaf)
{
	struct pager *pager = leaf->pager;

	add_record(pager, &leaf->finding.record);
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_DIM,
	    _("It may take some hours until every name server knows it. When "
	      "it is there, home says so."));
}

/* ---- Records into a file ------------------------------------------------------------------ */

static bool
has_records(const struct doctor *self)
{
	for (size_t i = 0; i < self->report.count; i++) {
		if (self->report.finding[i].record.name.len)
			return true;
	}
	return false;
}

static void
path_given(struct screen *owner, int answer, struct span text)
{
	struct doctor *self = (struct doctor *)owner;
	struct err err = {.code = E_NONE};
	struct buf all = BUF_INIT;
	char *path;

	if (answer != 1)
		return;
	for (size_t i = 0; i < self->report.count; i++) {
		const struct doctor_finding *finding = &self->report.finding[i];

		if (!finding->record.name.len)
			continue;
		buf_printf(&all, "; %s\n", doctor_code_text(finding->code));
		doctor_record_text(&finding->record, &all);
	}
	path = mem_text(text);
	if (file_replace(path, buf_span(&all), 0600, &err) < 0)
		app_say_err(owner->app, &err);
	else
		app_sayf(owner->app, SAY_OK, _("Written: %s"), path);
	free(path);
	buf_done(&all);
}

static void
check_path(struct span text, struct buf *why)
{
	if (!text.len || *text.ptr != '/')
		buf_text(why, _("A whole path, please: it begins with /."));
}

static void
ask_path(struct doctor *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Write the records"),
		.text = _("Every record to be published, as a zone file takes "
			  "it. A file that is there is replaced. Path:"),
		.done = path_given,
	    },
	    LINE_TEXT, SPAN(""), check_path);
}

/* ---- The screen ------------------------------------------------------------------------------ */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Domain health"));
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct doctor *self = (struct doctor *)screen;

	if (!self->news.checked_ms)
		return;
	buf_text(out, _("examined "));
	format_minute(out, self->news.checked_ms);
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	out->count = PAGES;
	out->current = (int)((struct doctor *)screen)->page;
	out->label[PAGE_NOW] = _("Now");
	out->label[PAGE_HISTORY] = _("History");
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct doctor *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct doctor *self = (struct doctor *)screen;

	if (self->doctoring) {
		buf_printf(out, _("Asking DNS .. %d of %d; ^C stops it."),
		    (int)atomic_load(&self->doctoring->done),
		    (int)atomic_load(&self->doctoring->total));
	} else if (self->news.next_ms) {
		buf_text(out, _("It looks again by itself at "));
		format_minute(out, self->news.next_ms);
	} else {
		buf_text(out, _("r examines now; s says how often it looks by "
				"itself."));
	}
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct doctor *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct doctor *self = (struct doctor *)screen;
	const struct doctor_finding *finding = selected(self);

	if (action == ACT_DOCTOR_OPEN && finding) {
		leaf_open(self, finding, N_("Finding"), fill_finding);
	} else if (action == ACT_DOCTOR_RECORD && finding) {
		leaf_open(self, finding, N_("Record to paste"), fill_record);
	} else if (action == ACT_DOCTOR_CHECK) {
		start_doctoring(self);
	} else if (action == ACT_DOCTOR_WRITE) {
		ask_path(self);
	} else if (action == ACT_DOCTOR_PAGE) {
		self->page = (self->page + 1) % PAGES;
		fill(self);
		list_cursor_index_set(self->list, 0);
	} else if (action == ACT_DOCTOR_SETTINGS) {
		setup_doctor_open(screen->app);
	} else if (action == ACT_CANCEL && self->job) {
		job_cancel(self->job);
	} else {
		return UNUSED;
	}
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct doctor *self = (struct doctor *)screen;
	const struct doctor_finding *finding = selected(self);

	if (action == ACT_DOCTOR_CHECK && self->job)
		return _("It is being examined.");
	if (action == ACT_DOCTOR_OPEN && !finding)
		return _("There is nothing selected.");
	if (action == ACT_DOCTOR_RECORD &&
	    (!finding || !finding->record.name.len))
		return _("Nothing is to be published for this line.");
	if (action == ACT_DOCTOR_WRITE && !has_records(self))
		return _("Nothing is to be published.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_DOCTOR_OPEN, ACT_DOCTOR_CHECK,
	    ACT_DOCTOR_RECORD, ACT_DOCTOR_PAGE, ACT_DOCTOR_SETTINGS, ACT_NONE};

	(void)screen;
	return actions;
}

static int
tick_ms(struct screen *screen)
{
	return ((struct doctor *)screen)->job ? TICK_MS : 0;
}

static void
close_doctor(struct screen *screen)
{
	struct doctor *self = (struct doctor *)screen;

	for (int i = 0; i < 3; i++)
		buf_done(&self->cell[i]);
	list_free(&self->list);
	doctor_report_done(&self->report);
	arena_free(&self->arena);
	free(self);
}

static const struct screen_ops doctor_ops = {
    .name = "doctor",
    .section = 8,
    .title = title,
    .subtitle = subtitle,
    .tabs = tabs,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .tick_ms = tick_ms,
    .job_done = job_done,
    .close = close_doctor,
};

void
doctor_open(struct app *app)
{
	struct doctor *self = mem_new(sizeof *self);

	self->base.ops = &doctor_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nothing was examined yet. Press r: what receivers find in DNS "
	       "about your sender is looked up."));
	app_push(app, &self->base);
}
