/* The jobs of the text editor: each works on a copy, so that typing goes on. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "tui/screens/text.h"

static int
load(struct text_task *task, struct db *db, struct err *err)
{
	struct campaign_id id = task->campaign.id;
	struct buf external = BUF_INIT;
	int got;

	if (campaign_read(db, id, &task->campaign, err) < 0)
		return -1;
	if (setting_read(db, "editor.external", &external, err) == 0)
		task->external_off =
		    span_equal(buf_span(&external), SPAN("off"));
	buf_done(&external);
	if (task->kind == TEXT_THEIRS)
		return 0;
	got = campaign_find_unsaved(
	    db, id, &task->kept_subject, &task->kept_body, &task->kept_ms, err);
	task->has_kept = got > 0 && !span_equal(buf_span(&task->kept_body),
					buf_span(&task->campaign.body));
	return got < 0 ? -1 : 0;
}

static void
keep_member(struct text_task *task, const struct audience_member *member)
{
	task->key = member->key;
	task->position = member->position;
	task->total = member->total;
	buf_clear(&task->address);
	buf_add(&task->address, member->address);
}

/* The mail of one recipient, unsigned: it is only looked at. */
static int
make_mail(struct text_task *task, struct db *db,
    const struct template *template, struct err *err)
{
	struct arena *arena = arena_new();
	struct assembler *assembler = NULL;
	struct audience_member member;
	struct message message;
	int rc = -1, got;

	got = audience_step(
	    db, &task->campaign, task->step, task->from, arena, &member, err);
	if (got == 0 && task->step != AUDIENCE_FIRST)
		got = audience_step(db, &task->campaign, AUDIENCE_FIRST, 0,
		    arena, &member, err);
	rc = got < 0 ? -1 : 0;
	if (got <= 0)
		goto out;
	keep_member(task, &member);
	rc = assembler_new(
	    task->store, db, template, ASSEMBLE_UNSIGNED, &assembler, err);
	if (rc == 0)
		rc = assemble_message(assembler,
		    &(struct recipient){
			member.seq, member.address, member.name, member.fields},
		    task->at_ms, &message, err);
	if (rc == 0)
		buf_add(&task->html, message.html);
out:
	assembler_free(&assembler);
	arena_free(&arena);
	return rc;
}

/* A fault is a result like another: the screen shows it. */
static int
compile(struct text_task *task, struct db *db)
{
	struct template *template = NULL;
	struct err err = {.code = E_NONE};

	if (template_compile(
		task->store, db, &task->campaign, &template, &err) < 0 ||
	    (task->campaign.list && make_mail(task, db, template, &err) < 0))
		task->fault = err;
	template_free(&template);
	return 0;
}

static int
fields(struct text_task *task, struct db *db, struct err *err)
{
	struct list_id list = {task->campaign.list};

	if (field_names(db, list, &task->name, &task->count, err) < 0)
		return -1;
	task->percent = mem_array(task->count + 1, sizeof *task->percent);
	return field_fill(db, list, (const char *const *)task->name,
	    task->count, task->percent, err);
}

static int
read_only(struct text_task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) < 0)
		return -1;
	if (task->kind == TEXT_FIELDS)
		rc = fields(task, db, err);
	else if (task->kind == TEXT_COMPILE)
		rc = compile(task, db);
	else
		rc = load(task, db, err);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct text_task *task = data;
	struct campaign *campaign = &task->campaign;

	(void)job;
	switch (task->kind) {
	case TEXT_SAVE:
		return campaign_save(task->store, campaign, err);
	case TEXT_KEEP:
		return campaign_keep_unsaved(task->store, campaign->id,
		    buf_span(&campaign->subject), buf_span(&campaign->body),
		    err);
	case TEXT_DROP:
		return campaign_drop_unsaved(task->store, campaign->id, err);
	case TEXT_LOAD:
	case TEXT_FIELDS:
	case TEXT_COMPILE:
	case TEXT_THEIRS:
		break;
	}
	return read_only(task, err);
}

static void
task_free(void *data)
{
	struct text_task *task = data;

	campaign_done(&task->campaign);
	buf_done(&task->kept_subject);
	buf_done(&task->kept_body);
	field_names_free(&task->name, task->count);
	free(task->percent);
	buf_wipe(&task->address);
	buf_wipe(&task->html);
	free(task);
}

void
text_task_start(struct text *self, enum text_kind kind)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct text_task *task = mem_new(sizeof *task);
	struct app *app = self->base.app;
	struct err err = {.code = E_NONE};

	task->kind = kind;
	task->store = app_store(app);
	task->revision = editor_revision(self->editor);
	campaign_assign(&task->campaign, &self->campaign);
	task->campaign.id = self->id;
	buf_clear(&task->campaign.body);
	editor_text(self->editor, &task->campaign.body);
	task->step = self->pane.step;
	task->from = self->pane.step == AUDIENCE_AT ? self->pane.position
						    : self->pane.key;
	task->at_ms = app_now_ms(app);
	task->fault.code = E_NONE;
	self->saving |= kind == TEXT_SAVE;
	self->keeping |= kind == TEXT_KEEP;
	self->compiling |= kind == TEXT_COMPILE;
	if (app_job(app, &self->base, &ops, task, NULL, &err) == 0)
		return;
	self->saving &= kind != TEXT_SAVE;
	self->keeping &= kind != TEXT_KEEP;
	self->compiling &= kind != TEXT_COMPILE;
	app_say_err(app, &err);
}

bool
text_is_changed(const struct text *self)
{
	return self->loaded && editor_revision(self->editor) != self->saved;
}

void
text_keep_now(struct text *self)
{
	struct buf body = BUF_INIT;

	if (!text_is_changed(self) || self->thrown_away ||
	    editor_revision(self->editor) == self->kept)
		return;
	editor_text(self->editor, &body);
	campaign_keep_unsaved(app_store(self->base.app), self->id,
	    buf_span(&self->campaign.subject), buf_span(&body), NULL);
	buf_done(&body);
}
