/* The files of a campaign: what goes along, how large a message gets, and
 * whether everybody has a file who should.  Adding begins with the question for
 * whom the file is, because that is what goes wrong. */
#include "tui/screens/attachments.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_path.h"
#include "tui/screens/screens.h"
#include "tui/screens/seal_question.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { DETAIL_ROWS = 5, DIGEST_SHOWN = 4 };

/* For whom; the answers of the first question. */
enum whom { FOR_ALL = 1, IN_TEXT, BY_NAME, BY_LIST };

struct attachments {
	struct screen base;
	struct campaign_id id;
	struct list_source source;
	struct list *list;
	struct attach_state state; /* as loaded */
	bool loaded, may_break_seal;
	enum action pending;        /* after the question about the seal */
	struct job *cover, *add;    /* the last ones */
	struct attach_task *adding; /* of add: its counters may be read */
	enum whom whom;             /* of what is being added */
	struct buf folder;
	struct buf kind, size, digest; /* of a row */
};

static const struct list_column columns[] = {
    {N_("Name"), 0, 20, 0, FIT_END},
    {N_("Sent to"), 16, 0, 0, FIT_END},
    {N_("Type"), 8, 0, 2, FIT_END},
    {N_("Size"), 9, 0, 0, FIT_END},
    {N_("SHA-256"), 8, 0, 1, FIT_END},
};

static const char *const kinds[ATTACH_KINDS] = {
    [ATTACH_ALL] = N_("all"),
    [ATTACH_INLINE] = N_("the text"),
    [ATTACH_EACH] = N_("each one"),
};

/* ---- The list ------------------------------------------------------------- */

static struct attachments *
of_source(struct list_source *source)
{
	return (struct attachments *)((char *)source -
				      offsetof(struct attachments, source));
}

static int64_t
row_count(struct list_source *source)
{
	return (int64_t)of_source(source)->state.count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct attachments *self = of_source(source);
	const struct attach_row *file = &self->state.row[index];

	buf_clear(&self->kind);
	buf_clear(&self->size);
	buf_clear(&self->digest);
	buf_text(&self->kind, _(kinds[file->kind]));
	if (file->kind == ATTACH_EACH) {
		buf_text(&self->kind, ": ");
		format_count(&self->kind, file->files);
	}
	format_size(&self->size, file->octets);
	crypt_hex(&self->digest, span_make(file->digest.bytes, DIGEST_SHOWN));
	out->key = file->id;
	out->cell[0] = span_of(file->name);
	out->cell[1] = buf_span(&self->kind);
	out->cell[2] = span_of(file->kind == ATTACH_EACH ? "-" : file->look);
	out->cell[3] = buf_span(&self->size);
	out->cell[4] = buf_span(&self->digest);
	if (file->verdict != ATTACH_GOOD)
		out->cell_role[2] = ROLE_WARN;
	return true;
}

static int64_t
selected(const struct attachments *self)
{
	int64_t index = list_cursor_index(self->list);

	return index < (int64_t)self->state.count ? index : -1;
}

/* ---- Jobs ----------------------------------------------------------------- */

static struct job *
start(struct attachments *self, struct attach_task *task)
{
	struct err err = {.code = E_NONE};
	struct job *job = NULL;

	task->store = app_store(self->base.app);
	task->id = self->id;
	if (app_job(
		self->base.app, &self->base, &attach_job, task, &job, &err) < 0)
		app_say_err(self->base.app, &err);
	return job;
}

static void
shown(struct screen *screen)
{
	start((struct attachments *)screen, attach_task_new(ATTACH_LOAD));
}

static void
loaded(struct attachments *self, struct attach_task *task)
{
	bool has_set = false;

	attach_state_done(&self->state);
	self->state = task->state;
	task->state = (struct attach_state){.count = 0};
	self->loaded = true;
	list_refresh(self->list);
	for (size_t i = 0; i < self->state.count; i++)
		has_set |= self->state.row[i].kind == ATTACH_EACH;
	if (self->cover)
		job_cancel(self->cover);
	self->cover = NULL;
	if (has_set && self->state.campaign.list)
		self->cover = start(self, attach_task_new(ATTACH_COVER));
}

static void
covered(struct attachments *self, struct attach_task *task)
{
	free(self->state.cover);
	self->state.cover = NULL;
	if (task->state.count == self->state.count) {
		self->state.cover = task->state.cover;
		task->state.cover = NULL;
	}
}

static void
added(struct attachments *self, const struct attach_task *task)
{
	if (task->progress.skipped > 0)
		app_sayf(self->base.app, SAY_WARN,
		    _("Attached; %lld other names in the folder do not fit "
		      "the rule."),
		    (long long)task->progress.skipped);
	else
		app_say(self->base.app, SAY_OK, _("Attached."));
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct attachments *self = (struct attachments *)screen;
	struct attach_task *task = data;

	if (job == self->add) {
		self->add = NULL;
		self->adding = NULL;
	}
	if (task->kind == ATTACH_COVER && job != self->cover)
		return;
	if (task->kind == ATTACH_COVER)
		self->cover = NULL;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	switch (task->kind) {
	case ATTACH_LOAD:
		loaded(self, task);
		return;
	case ATTACH_COVER:
		covered(self, task);
		return;
	case ATTACH_WHOSE:
		dialog_tell(
		    screen, &(struct dialog){.title = _("Files of a recipient"),
				.text = task->told.ptr});
		return;
	case ATTACH_ADD:
		added(self, task);
		break;
	case ATTACH_REMOVE:
		app_say(screen->app, SAY_OK, _("Removed."));
		break;
	}
	shown(screen);
}

/* ---- Adding --------------------------------------------------------------- */

static void
begin_add(struct attachments *self, struct span first, struct span second)
{
	struct attach_task *task = attach_task_new(ATTACH_ADD);

	task->whom = self->whom == IN_TEXT   ? ATTACH_INLINE
		     : self->whom == FOR_ALL ? ATTACH_ALL
					     : ATTACH_EACH;
	path_expand(first, &task->path);
	if (self->whom == BY_NAME)
		buf_add(&task->pattern, span_trim(second));
	if (self->whom == BY_LIST)
		path_expand(second, &task->manifest);
	self->add = start(self, task);
	self->adding = self->add ? task : NULL;
}

static void
needs_text(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("Type its path."));
}

static void
needs_rule(struct span text, struct buf *why)
{
	struct attach_pattern *pattern = NULL;
	struct err err = {.code = E_NONE};

	if (attach_pattern_read(span_trim(text), &pattern, &err) < 0)
		err_text(&err, why);
	attach_pattern_free(&pattern);
}

static void
second_answered(struct screen *owner, int answer, struct span text)
{
	struct attachments *self = (struct attachments *)owner;

	if (answer)
		begin_add(self, buf_span(&self->folder), text);
}

static void
path_answered(struct screen *owner, int answer, struct span text)
{
	struct attachments *self = (struct attachments *)owner;

	if (!answer)
		return;
	if (self->whom == FOR_ALL || self->whom == IN_TEXT) {
		begin_add(self, text, SPAN(""));
		return;
	}
	buf_clear(&self->folder);
	buf_add(&self->folder, text);
	if (self->whom == BY_NAME)
		dialog_ask(owner,
		    &(struct dialog){.title = _("How are the files named?"),
			.text = _("With the fields of the recipients, as "
				  "invoice-{{id}}.pdf. The whole name must "
				  "fit."),
			.done = second_answered},
		    LINE_TEXT, SPAN(""), needs_rule);
	else
		dialog_ask(owner,
		    &(struct dialog){.title = _("Which list?"),
			.text = _("A CSV file with three columns: address (or "
				  "another field), file, sha256."),
			.done = second_answered},
		    LINE_TEXT, SPAN(""), needs_text);
}

static void
whom_answered(struct screen *owner, int answer, struct span text)
{
	struct attachments *self = (struct attachments *)owner;

	(void)text;
	if (!answer)
		return;
	self->whom = (enum whom)answer;
	if (self->whom == FOR_ALL || self->whom == IN_TEXT)
		dialog_ask(owner,
		    &(struct dialog){.title = _("Which file?"),
			.text = _("It is copied into the store; the file "
				  "itself is not needed any more."),
			.done = path_answered},
		    LINE_TEXT, SPAN(""), needs_text);
	else
		dialog_ask(owner,
		    &(struct dialog){.title = _("Which folder?"),
			.text = _("Its files are copied into the store; "
				  "folders in it are not looked into."),
			.done = path_answered},
		    LINE_TEXT, SPAN(""), needs_text);
}

static void
ask_whom(struct attachments *self)
{
	const char *const items[] = {
	    _("one file for all recipients"),
	    _("an image that the text shows"),
	    _("a folder: each recipient's file by its name"),
	    _("a folder and a list of whose file is which"),
	};

	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Attach"),
		.text = _("What is to go along?"),
		.done = whom_answered},
	    items, sizeof items / sizeof *items, 0);
}

/* ---- Removing, asking ----------------------------------------------------- */

static void
remove_answered(struct screen *owner, int answer, struct span text)
{
	struct attachments *self = (struct attachments *)owner;
	int64_t index = selected(self);
	struct attach_task *task;

	(void)text;
	if (!answer || index < 0)
		return;
	task = attach_task_new(ATTACH_REMOVE);
	task->row = self->state.row[index].id;
	start(self, task);
}

static void
ask_remove(struct attachments *self)
{
	const struct attach_row *file = &self->state.row[selected(self)];
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    _("%s is taken off this campaign. The text is not changed."),
	    file->name);
	dialog_confirm(&self->base,
	    &(struct dialog){.title = _("Remove"),
		.text = text.ptr,
		.done = remove_answered},
	    _("Remove it"));
	buf_done(&text);
}

static void
whose_answered(struct screen *owner, int answer, struct span text)
{
	struct attach_task *task;

	if (!answer)
		return;
	task = attach_task_new(ATTACH_WHOSE);
	buf_add(&task->path, span_trim(text));
	start((struct attachments *)owner, task);
}

static void
ask_whose(struct attachments *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Files of a recipient"),
		.text = _("Whose? Type the mail address."),
		.done = whose_answered},
	    LINE_TEXT, SPAN(""), NULL);
}

/* ---- Drawing -------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Attachments"));
}

static void
draw_total(struct attachments *self, struct area body, int at)
{
	const struct attach_state *state = &self->state;
	struct buf text = BUF_INIT, limit = BUF_INIT;
	int64_t octets = 0;

	for (size_t i = 0; i < state->count; i++)
		octets += attach_encoded(state->row[i].octets);
	format_size(&text, octets);
	format_size(&limit, state->message_max);
	draw_printf(body, at, 1,
	    octets > state->message_max ? ROLE_ERR : ROLE_TEXT,
	    _("Files in the largest message: %s; a message may have %s."),
	    text.ptr, limit.ptr);
	buf_done(&text);
	buf_done(&limit);
}

/* Who has a file.  Who has not said how many people it will be must not read
 * it here (TW-01). */
static int
draw_share(const struct attach_cover *cover, const struct campaign *campaign,
    struct area body, int at)
{
	enum role role = cover->first_without ? ROLE_ERR : ROLE_OK;
	struct buf with = BUF_INIT, all = BUF_INIT;

	if (campaign->state == CAMPAIGN_DRAFT && campaign->expected <= 0) {
		format_percent(&with, cover->with_file, cover->recipients);
		draw_printf(body, at++, 1, role,
		    _("%s of the recipients have a file."), with.ptr);
		if (cover->first_without)
			draw_printf(body, at++, 1, role,
			    _("The first without one: %s"),
			    cover->without_address);
		buf_done(&with);
		return at;
	}
	format_count(&with, cover->with_file);
	format_count(&all, cover->recipients);
	draw_printf(body, at++, 1, role, _("%s of %s recipients have a file."),
	    with.ptr, all.ptr);
	if (cover->first_without)
		draw_printf(body, at++, 1, role,
		    _("The first without one: number %lld, %s"),
		    (long long)cover->first_without, cover->without_address);
	buf_done(&with);
	buf_done(&all);
	return at;
}

static int
draw_cover(const struct attach_cover *cover, const struct campaign *campaign,
    struct area body, int at)
{
	struct buf more = BUF_INIT;

	at = draw_share(cover, campaign, body, at);
	if (cover->unused) {
		format_count(&more, cover->unused);
		draw_printf(body, at++, 1, ROLE_WARN,
		    _("Files that nobody gets: %s, the first %s"), more.ptr,
		    cover->first_unused);
	}
	if (cover->shared) {
		buf_clear(&more);
		format_count(&more, cover->shared);
		draw_printf(body, at++, 1, ROLE_WARN,
		    _("Files that more than one gets: %s"), more.ptr);
	}
	buf_done(&more);
	return at;
}

static void
draw_detail(struct attachments *self, struct area body, int at)
{
	int64_t index = selected(self);
	const struct attach_row *file;

	if (index < 0)
		return;
	file = &self->state.row[index];
	if (file->kind == ATTACH_INLINE)
		draw_printf(body, at++, 1, ROLE_TEXT,
		    _("In the text: ![what it shows](image:%s)"), file->name);
	if (file->verdict != ATTACH_GOOD)
		draw_printf(
		    body, at++, 1, ROLE_WARN, "%s", attach_doubt(file->why));
	if (file->kind != ATTACH_EACH)
		return;
	if (self->state.cover)
		draw_cover(
		    &self->state.cover[index], &self->state.campaign, body, at);
	else
		draw_str(body, at, 1, ROLE_DIM,
		    self->state.campaign.list
			? _("Counting who has a file..")
			: _("Choose a list on the campaign's page first."));
}

static void
draw_progress(struct attachments *self, struct area body, int at)
{
	struct buf done = BUF_INIT, total = BUF_INIT;
	int64_t all = atomic_load(&self->adding->progress.total);

	format_count(&done, atomic_load(&self->adding->progress.done));
	format_count(&total, all);
	if (all > 0)
		draw_printf(body, at, 1, ROLE_TEXT,
		    _("Reading files: %s of %s.  ^C stops."), done.ptr,
		    total.ptr);
	else
		draw_str(body, at, 1, ROLE_TEXT, _("Reading files.."));
	buf_done(&done);
	buf_done(&total);
}

static void
draw(struct screen *screen, struct area body)
{
	struct attachments *self = (struct attachments *)screen;
	int rows = body.rows - DETAIL_ROWS - 2;

	if (!self->loaded) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
		return;
	}
	list_draw(self->list, area_rows(body, 0, rows), FOCUS_ON);
	draw_total(self, body, rows + 1);
	if (self->add)
		draw_progress(self, body, rows + 2);
	else
		draw_detail(self, body, rows + 2);
}

/* ---- Actions -------------------------------------------------------------- */

static const enum action *
footer(struct screen *screen)
{
	static const enum action some[] = {ACT_ATTACH_ADD, ACT_ATTACH_REMOVE,
	    ACT_ATTACH_WHOSE, ACT_BACK, ACT_NONE};
	static const enum action none[] = {ACT_ATTACH_ADD, ACT_BACK, ACT_NONE};

	return ((struct attachments *)screen)->state.count ? some : none;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct attachments *)screen)->list, key);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct attachments *self = (struct attachments *)screen;
	bool changes = action == ACT_ATTACH_ADD || action == ACT_ATTACH_REMOVE;

	if (action == ACT_CANCEL && !self->add)
		return _("No file is being read.");
	if (!changes && action != ACT_ATTACH_WHOSE)
		return NULL;
	if (!self->loaded)
		return _("The campaign is being read.");
	if (changes && !campaign_is_editable(self->state.campaign.state))
		return _("It was launched and can only be read; y in the list "
			 "copies it.");
	if (changes && self->add)
		return _("Files are being read; ^C stops that.");
	if (action != ACT_ATTACH_ADD && selected(self) < 0)
		return _("Nothing is attached; n attaches a file.");
	return NULL;
}

static void
change(struct attachments *self, enum action action)
{
	if (action == ACT_ATTACH_ADD)
		ask_whom(self);
	else
		ask_remove(self);
}

static void
seal_answered(struct screen *owner, int answer, struct span text)
{
	struct attachments *self = (struct attachments *)owner;

	(void)text;
	if (!answer)
		return;
	self->may_break_seal = true;
	change(self, self->pending);
}

static void
ask_seal(struct attachments *self, enum action action)
{
	self->pending = action;
	seal_question_ask(&self->base, seal_answered);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct attachments *self = (struct attachments *)screen;
	bool sealed = self->state.campaign.state == CAMPAIGN_SEALED;

	switch (action) {
	case ACT_ATTACH_ADD:
	case ACT_ATTACH_REMOVE:
		if (sealed && !self->may_break_seal)
			ask_seal(self, action);
		else
			change(self, action);
		return USED;
	case ACT_ATTACH_WHOSE:
		ask_whose(self);
		return USED;
	case ACT_CANCEL:
		job_cancel(self->add);
		return USED;
	default:
		return UNUSED;
	}
}

static int
tick_ms(struct screen *screen)
{
	return ((struct attachments *)screen)->add ? 250 : 0;
}

static void
tick(struct screen *screen)
{
	(void)screen; /* the counters are read when it is painted */
}

static void
close_attachments(struct screen *screen)
{
	struct attachments *self = (struct attachments *)screen;

	list_free(&self->list);
	attach_state_done(&self->state);
	buf_done(&self->folder);
	buf_done(&self->kind);
	buf_done(&self->size);
	buf_done(&self->digest);
	free(self);
}

static const struct screen_ops attachments_ops = {
    .name = "attachments",
    .section = 3,
    .title = title,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_attachments,
};

void
attachments_open(struct app *app, struct campaign_id campaign)
{
	struct attachments *self = mem_new(sizeof *self);

	self->base.ops = &attachments_ops;
	self->id = campaign;
	self->source.count = row_count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("Nothing is attached. n attaches a file for all, an image, or "
	       "a file for each recipient."));
	app_push(app, &self->base);
}
