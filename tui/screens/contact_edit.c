/* A contact as a form.  A field that is emptied goes; one that holds several
 * lines is shown and stays as it is. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screens/screens.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"

enum { ADDRESS, NAME, TAGS, GROUND, NOTE, FIXED };

struct edit {
	struct screen base;
	struct contact_id contact; /* 0: somebody new */
	struct list_id list;       /* whom that one joins */
	struct arena *arena;       /* of draft */
	struct contact_draft draft;
	struct field_spec *spec; /* owned */
	struct form *form;
	bool loaded;
};

static const char *const grounds[] = {N_("none: is not mailed"), N_("consent"),
    N_("business card"), N_("business relation"), N_("published address"),
    NULL};

static const struct field_spec fixed[FIXED] = {
    [ADDRESS] = {N_("Address"), FIELD_TEXT, .max = 320},
    [NAME] = {N_("Name"), FIELD_TEXT, .max = CONTACT_NAME_MAX},
    [TAGS] = {N_("Tags"), FIELD_TEXT, .max = LINE_MAX,
	.hint = N_("With commas between them.")},
    [GROUND] = {N_("On what ground"), FIELD_CHOICE, .choices = grounds},
    [NOTE] = {N_("How given"), FIELD_TEXT, .max = CONTACT_REMARK_MAX,
	.hint = N_("For consent: when and how it was given.")},
};

/* ---- Form and draft --------------------------------------------------------- */

static int
first_field(const struct edit *self)
{
	return self->contact.v ? GROUND : FIXED;
}

static bool
is_one_line(struct span value)
{
	return value.len <= LINE_MAX && text_check_line(value) == TEXT_FINE;
}

static void
join_tags(const struct contact_draft *draft, struct buf *out)
{
	for (size_t i = 0; i < draft->tags; i++) {
		if (i)
			buf_text(out, ", ");
		buf_add(out, draft->tag[i]);
	}
}

/* Makes the form anew for the fields that the draft has now. */
static void
make_form(struct edit *self)
{
	const struct contact_draft *draft = &self->draft;
	int first = first_field(self);
	size_t count = (size_t)first + draft->fields;
	struct buf tags = BUF_INIT;

	form_free(&self->form);
	free(self->spec);
	self->spec = mem_array(count, sizeof *self->spec);
	memcpy(self->spec, fixed, (size_t)first * sizeof *fixed);
	for (size_t i = 0; i < draft->fields; i++)
		self->spec[(size_t)first + i] = (struct field_spec){
		    .label = draft->field[i].name.ptr,
		    .kind = is_one_line(draft->field[i].value) ? FIELD_TEXT
							       : FIELD_SHOWN,
		    .max = LINE_MAX,
		    .hint = N_("Emptied, the field goes.")};
	self->form = form_new(self->spec, count);
	join_tags(draft, &tags);
	form_set(self->form, ADDRESS, draft->address);
	form_set(self->form, NAME, draft->name);
	form_set(self->form, TAGS, buf_span(&tags));
	for (size_t i = 0; i < draft->fields; i++)
		form_set(self->form, first + (int)i, draft->field[i].value);
	form_set_saved(self->form);
	buf_done(&tags);
}

static void
take_tags(struct edit *self)
{
	struct span rest = form_text(self->form, TAGS);
	struct span *tag = NULL;
	size_t count = 0;

	while (rest.len) {
		struct span one = text_trim(span_cut(&rest, ','));

		if (one.len == 0)
			continue;
		tag = mem_more(tag, count, sizeof *tag);
		tag[count++] = arena_copy(self->arena, one);
	}
	self->draft.tag = arena_take(self->arena, (count + 1) * sizeof *tag);
	if (count)
		memcpy(self->draft.tag, tag, count * sizeof *tag);
	self->draft.tags = count;
	free(tag);
}

/* The form's values into the draft, which keeps empty fields. */
static void
take_form(struct edit *self)
{
	struct contact_draft *draft = &self->draft;
	int first = first_field(self);

	draft->address =
	    arena_copy(self->arena, form_text(self->form, ADDRESS));
	draft->name = arena_copy(self->arena, form_text(self->form, NAME));
	take_tags(self);
	for (size_t i = 0; i < draft->fields; i++) {
		if (self->spec[(size_t)first + i].kind == FIELD_TEXT)
			draft->field[i].value = arena_copy(
			    self->arena, form_text(self->form, first + (int)i));
	}
}

/* ---- Jobs -------------------------------------------------------------------- */

enum task_kind { READ, SAVE };

struct task {
	enum task_kind kind;
	struct store *store;
	struct arena *arena; /* of draft and note */
	struct contact_draft draft;
	struct list_id list;
	struct contact_ground ground;
};

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct task *task = data;
	struct db *db = NULL;
	int rc = -1;

	(void)job;
	if (task->kind == SAVE)
		return task->draft.id.v
			   ? contact_save(task->store, &task->draft, err)
			   : contact_create(task->store, task->list,
				 &task->draft, &task->ground, NULL, err);
	if (store_view_open(task->store, &db, err) == 0)
		rc = contact_read(
		    db, task->draft.id, task->arena, &task->draft, err);
	store_reader_close(&db);
	return rc;
}

static void
task_free(void *data)
{
	arena_free(&((struct task *)data)->arena);
	free(data);
}

static struct task *
task_new(struct edit *self, enum task_kind kind)
{
	struct task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->store = app_store(self->base.app);
	task->arena = arena_new();
	task->draft.id = self->contact;
	task->list = self->list;
	return task;
}

static void
start(struct edit *self, struct task *task)
{
	static const struct job_ops ops = {.run = task_run, .free = task_free};
	struct err err = {.code = E_NONE};

	if (app_job(self->base.app, &self->base, &ops, task, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

/* A copy of the draft without the fields that were emptied. */
static void
copy_draft(const struct contact_draft *from, struct task *task)
{
	struct contact_draft *to = &task->draft;

	*to = *from;
	to->address = arena_copy(task->arena, from->address);
	to->name = arena_copy(task->arena, from->name);
	to->field =
	    arena_take(task->arena, (from->fields + 1) * sizeof *to->field);
	to->fields = 0;
	for (size_t i = 0; i < from->fields; i++) {
		if (from->field[i].value.len == 0)
			continue;
		to->field[to->fields++] = (struct contact_value){
		    arena_copy(task->arena, from->field[i].name),
		    arena_copy(task->arena, from->field[i].value)};
	}
	to->tag = arena_take(task->arena, (from->tags + 1) * sizeof *to->tag);
	for (size_t i = 0; i < from->tags; i++)
		to->tag[i] = arena_copy(task->arena, from->tag[i]);
}

static void
save(struct edit *self)
{
	struct task *task = task_new(self, SAVE);

	take_form(self);
	copy_draft(&self->draft, task);
	task->draft.id = self->contact;
	if (!self->contact.v) {
		task->ground.basis =
		    (enum consent_basis)form_choice(self->form, GROUND);
		task->ground.at_ms = app_now_ms(self->base.app);
		task->ground.note = arena_copy(
		    task->arena, span_trim(form_text(self->form, NOTE)));
	}
	start(self, task);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct edit *self = (struct edit *)screen;
	struct task *task = data;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
		if (task->kind == READ)
			app_pop(screen->app, screen);
		return;
	}
	if (task->kind == SAVE) {
		app_say(screen->app, SAY_OK, _("The contact is stored."));
		app_pop(screen->app, screen);
		return;
	}
	arena_free(&self->arena);
	self->arena = task->arena;
	task->arena = NULL;
	self->draft = task->draft;
	self->loaded = true;
	make_form(self);
}

/* ---- The screen ---------------------------------------------------------------- */

static void
check_name(struct span text, struct buf *why)
{
	const char *fault = contact_field_fault(span_trim(text));

	if (fault)
		buf_text(why,
		    _("A field is called by letters, digits, - and _, and not "
		      "name or address."));
}

static void
field_named(struct screen *owner, int answer, struct span text)
{
	struct edit *self = (struct edit *)owner;
	struct contact_draft *draft = &self->draft;
	struct contact_value *field;

	if (!answer)
		return;
	take_form(self);
	field =
	    arena_take(self->arena, (draft->fields + 1) * sizeof *draft->field);
	if (draft->fields)
		memcpy(
		    field, draft->field, draft->fields * sizeof *draft->field);
	field[draft->fields].name = arena_copy(self->arena, span_trim(text));
	field[draft->fields].value = SPAN("");
	draft->field = field;
	draft->fields++;
	make_form(self);
	form_set_focus(self->form, first_field(self) + (int)draft->fields - 1);
	form_set_changed(self->form);
}

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		app_pop(owner->app, owner);
}

static void
leave(struct edit *self)
{
	if (!self->form || !form_is_changed(self->form)) {
		app_pop(self->base.app, &self->base);
		return;
	}
	dialog_confirm(&self->base,
	    &(struct dialog){.title = _("Not saved"),
		.text = _("What you changed is not stored yet."),
		.done = leave_answered},
	    _("Leave it"));
}

static void
title(struct screen *screen, struct buf *out)
{
	buf_text(out, ((struct edit *)screen)->contact.v ? _("Edit the contact")
							 : _("New contact"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct edit *self = (struct edit *)screen;

	if (self->loaded)
		form_draw(self->form, area_rows(area_cols(body, 2, -1), 1, -1),
		    FOCUS_ON);
	else
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_EDIT_SAVE, ACT_EDIT_FIELD, ACT_EDIT_DONE, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct edit *self = (struct edit *)screen;

	if (!self->loaded || key->code == K_ESC)
		return UNUSED;
	return form_key(self->form, key) == FORM_UNUSED ? UNUSED : USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct edit *self = (struct edit *)screen;

	if ((action == ACT_EDIT_SAVE || action == ACT_EDIT_FIELD) &&
	    (!self->loaded || app_has_job(screen->app, screen)))
		return _("The contact is being read or stored.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct edit *self = (struct edit *)screen;

	if (action == ACT_EDIT_SAVE)
		save(self);
	else if (action == ACT_EDIT_FIELD)
		dialog_ask(screen,
		    &(struct dialog){.title = _("New field"),
			.text = _("How is it called?"),
			.done = field_named},
		    LINE_TEXT, SPAN(""), check_name);
	else if (action == ACT_EDIT_DONE)
		leave(self);
	else
		return UNUSED;
	return USED;
}

static void
shown(struct screen *screen)
{
	struct edit *self = (struct edit *)screen;

	if (!self->loaded && !app_has_job(screen->app, screen))
		start(self, task_new(self, READ));
}

static void
close_edit(struct screen *screen)
{
	struct edit *self = (struct edit *)screen;

	form_free(&self->form);
	free(self->spec);
	arena_free(&self->arena);
	free(self);
}

static const struct screen_ops edit_ops = {
    .name = "contact-edit",
    .section = 2,
    .title = title,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_edit,
};

static void
open_with(struct app *app, struct contact_id contact, struct list_id list)
{
	struct edit *self = mem_new(sizeof *self);

	self->base.ops = &edit_ops;
	self->contact = contact;
	self->list = list;
	self->arena = arena_new();
	if (!contact.v) {
		self->loaded = true;
		make_form(self);
	}
	app_push(app, &self->base);
}

void
contact_edit_open(struct app *app, struct contact_id contact)
{
	open_with(app, contact, (struct list_id){0});
}

void
contact_new_open(struct app *app, struct list_id list)
{
	open_with(app, (struct contact_id){0}, list);
}
