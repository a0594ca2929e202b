/* One thing done with many people of a list: whom, which tag or why, how many,
 * and then one transaction, which can be watched and stopped.  What cannot be
 * taken for a slip any more, because it is about many, has its number typed. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/contacts_impl.h"
#include "tui/screens/tags.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { TYPED_FROM = 100 }; /* people */

/* ---- Jobs ------------------------------------------------------------------- */

struct many_task {
	struct store *store; /* borrowed */
	struct job *job;     /* for progress; this one */
	enum action action;  /* ACT_NONE: reads the tags */
	struct list_id list;
	struct contact_id *id; /* owned */
	size_t count;
	int64_t tag_id;
	struct buf text;
	bool undo; /* of a tag */
	struct tag_done done;
	int64_t stopped;
	struct tag_use *tag; /* owned; ACT_NONE */
	size_t tags;
};

static void
tell(void *data, int64_t done, int64_t total)
{
	struct many_task *task = data;

	job_progress(task->job, done, total);
	job_wake(task->job);
}

static int
read_tags(struct many_task *task, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(task->store, &db, err) == 0)
		rc = tag_all(db, &task->tag, &task->tags, err);
	store_reader_close(&db);
	return rc;
}

static int
many_run(struct job *job, void *data, struct err *err)
{
	struct many_task *task = data;
	struct several people = {.id = task->id,
	    .count = task->count,
	    .stop = job_cancel_flag(job),
	    .progress = tell,
	    .data = task};
	struct tag_ref tag = {task->tag_id, buf_span(&task->text)};

	task->job = job;
	switch (task->action) {
	case ACT_CONTACTS_TAG:
		return tag_give(task->store, &tag, &people, &task->done, err);
	case ACT_CONTACTS_UNTAG:
		return tag_take(task->store, &tag, &people, &task->done, err);
	case ACT_CONTACT_LEAVE:
		return people_leave(
		    task->store, task->list, &people, NULL, err);
	case ACT_CONTACT_DELETE:
		return people_delete(task->store, &people, NULL, err);
	case ACT_CONTACT_STOP:
		return people_stop(task->store, (struct list_id){0}, &people,
		    buf_span(&task->text), &task->stopped, err);
	default:
		return read_tags(task, err);
	}
}

static void
many_free(void *data)
{
	struct many_task *task = data;

	free(task->id);
	free(task->tag);
	buf_done(&task->text);
	tag_done_free(&task->done);
	free(task);
}

/* The task is consumed. */
static void
start(struct contacts *self, struct many_task *task)
{
	static const struct job_ops ops = {.run = many_run, .free = many_free};
	struct err err = {.code = E_NONE};

	task->store = app_store(self->base.app);
	task->list = self->rows.list;
	if (app_job(self->base.app, &self->base, &ops, task, &self->many.job,
		&err) < 0) {
		self->many.job = NULL;
		app_say_err(self->base.app, &err);
	}
}

/* Does what was asked with whom it was asked about. */
static void
go(struct contacts *self)
{
	struct many *many = &self->many;
	struct many_task *task = mem_new(sizeof *task);

	task->action = many->action;
	task->id = many->id;
	task->count = many->count;
	many->id = NULL;
	many->count = 0;
	task->tag_id = many->tag_id;
	buf_add(&task->text, buf_span(&many->text));
	start(self, task);
}

bool
many_undo(struct contacts *self)
{
	struct many *many = &self->many;
	struct many_task *task;

	if (many->done.count == 0)
		return false;
	task = mem_new(sizeof *task);
	task->action = many->given ? ACT_CONTACTS_UNTAG : ACT_CONTACTS_TAG;
	task->undo = true;
	task->tag_id = many->done.tag;
	task->id = many->done.id;
	task->count = many->done.count;
	many->done = (struct tag_done){.tag = 0};
	start(self, task);
	return true;
}

/* ---- How many --------------------------------------------------------------- */

static void
confirmed(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		go((struct contacts *)owner);
}

static const char *
title_of(enum action action)
{
	switch (action) {
	case ACT_CONTACTS_TAG:
		return _("Put a tag on people");
	case ACT_CONTACTS_UNTAG:
		return _("Take a tag off people");
	case ACT_CONTACT_LEAVE:
		return _("Take people off this list");
	case ACT_CONTACT_STOP:
		return _("Put people on the stop list");
	default:
		return _("Move people to the trash");
	}
}

/* What will happen to how many. */
static void
add_consequence(const struct many *many, struct buf *out)
{
	struct buf number = BUF_INIT;

	format_count(&number, (int64_t)many->count);
	switch (many->action) {
	case ACT_CONTACTS_TAG:
		buf_printf(out,
		    _("People who get the tag \"%s\": %s. u takes "
		      "it back."),
		    many->text.ptr, number.ptr);
		break;
	case ACT_CONTACTS_UNTAG:
		buf_printf(out,
		    _("People who lose the tag \"%s\": %s. u gives "
		      "it back."),
		    many->text.ptr, number.ptr);
		break;
	case ACT_CONTACT_LEAVE:
		buf_printf(out,
		    _("People who leave this list: %s. The trash "
		      "keeps the evidence of consent, and u brings "
		      "them back."),
		    number.ptr);
		break;
	case ACT_CONTACT_STOP:
		buf_printf(out,
		    _("People who will get no mail from any list: "
		      "%s. They can only be taken off the stop "
		      "list one by one."),
		    number.ptr);
		break;
	default:
		buf_printf(out,
		    _("People who leave all lists and go to the "
		      "trash: %s. u brings them back. The stop "
		      "list stays."),
		    number.ptr);
		break;
	}
	buf_done(&number);
}

static bool
is_of_tags(enum action action)
{
	return action == ACT_CONTACTS_TAG || action == ACT_CONTACTS_UNTAG;
}

/* Asks whether to do it; a tag of one person is done at once. */
static void
confirm(struct contacts *self)
{
	struct many *many = &self->many;
	struct buf text = BUF_INIT;
	char number[24];
	struct dialog dialog = {
	    .title = title_of(many->action), .done = confirmed};

	if (many->whom == WHOM_ONE && is_of_tags(many->action)) {
		go(self);
		return;
	}
	add_consequence(many, &text);
	snprintf(number, sizeof number, "%zu", many->count);
	dialog.text = text.ptr;
	if (many->count >= TYPED_FROM && !is_of_tags(many->action))
		dialog_type(&self->base, &dialog, number);
	else
		dialog_confirm(&self->base, &dialog, _("Do it"));
	buf_done(&text);
}

/* ---- Which tag, and why ----------------------------------------------------- */

static void
check_reason(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("A reason is needed; it goes into the log."));
	else if (text.len > PEOPLE_REASON_MAX)
		buf_text(why, _("This is too long."));
}

static void
text_given(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (!answer)
		return;
	buf_clear(&self->many.text);
	buf_add(&self->many.text, span_trim(text));
	confirm(self);
}

static void
ask_reason(struct contacts *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = title_of(ACT_CONTACT_STOP),
		.text = _("They will get no mail from any list. Why? For "
			  "example: asked by telephone."),
		.done = text_given},
	    LINE_TEXT, SPAN(""), check_reason);
}

static void
ask_new_tag(struct contacts *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = title_of(ACT_CONTACTS_TAG),
		.text = _("How is the new tag called? A word or two."),
		.done = text_given},
	    LINE_TEXT, SPAN(""), tags_check_name);
}

static void
tag_picked(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;
	struct many *many = &self->many;
	size_t first = many->action == ACT_CONTACTS_TAG;
	size_t at = (size_t)answer - 1 - first;

	(void)text;
	many->tag_id = 0;
	if (answer == 1 && first) {
		ask_new_tag(self);
	} else if (answer && at < many->tags) {
		many->tag_id = many->tag[at].id;
		buf_clear(&many->text);
		buf_text(&many->text, many->tag[at].name);
		confirm(self);
	}
}

static void
add_tag_item(const struct tag_use *tag, struct buf *out)
{
	struct buf people = BUF_INIT;

	format_count(&people, tag->people);
	buf_printf(out, "%s  (%s)", tag->name, people.ptr);
	buf_done(&people);
}

static void
pick_tag(struct contacts *self)
{
	struct many *many = &self->many;
	size_t first = many->action == ACT_CONTACTS_TAG;
	struct buf *label = mem_array(many->tags + 1, sizeof *label);
	const char **items = mem_array(many->tags + 1, sizeof *items);

	items[0] = _("A new tag..");
	for (size_t i = 0; i < many->tags; i++) {
		add_tag_item(&many->tag[i], &label[i]);
		items[i + first] = label[i].ptr;
	}
	dialog_pick(&self->base,
	    &(struct dialog){.title = title_of(many->action),
		.text = _("Which tag?"),
		.done = tag_picked},
	    items, many->tags + first, 0);
	for (size_t i = 0; i < many->tags; i++)
		buf_done(&label[i]);
	free(label);
	free(items);
}

static void
tags_read(struct contacts *self, struct many_task *task)
{
	struct many *many = &self->many;

	free(many->tag);
	many->tag = task->tag;
	many->tags = task->tags;
	task->tag = NULL;
	if (many->tags == 0 && many->action == ACT_CONTACTS_UNTAG)
		app_say(self->base.app, SAY_INFO, _("There are no tags."));
	else if (many->tags == 0)
		ask_new_tag(self);
	else
		pick_tag(self);
}

/* ---- Whom ------------------------------------------------------------------- */

static void
take_people(struct contacts *self, enum whom whom)
{
	struct many *many = &self->many;
	const struct ids *ids = rows_ids(&self->rows);
	const struct contact_row *contact = contacts_selected(self);
	const int64_t *marks;
	size_t count = 0;

	free(many->id);
	many->id = NULL;
	many->whom = whom;
	if (whom == WHOM_MARKED) {
		marks = list_marks(self->list, &count);
		many->id = mem_array(count + 1, sizeof *many->id);
		for (size_t i = 0; i < count; i++)
			many->id[i].v = marks[i];
	} else if (whom == WHOM_SHOWN) {
		count = ids->count;
		many->id = mem_array(count + 1, sizeof *many->id);
		if (count)
			memcpy(many->id, ids->rising ? ids->rising : ids->id,
			    count * sizeof *many->id);
	} else if (contact) {
		count = 1;
		many->id = mem_array(1, sizeof *many->id);
		many->id[0] = contact->id;
	}
	many->count = count;
}

static void
people_chosen(struct contacts *self, enum whom whom)
{
	struct many *many = &self->many;

	take_people(self, whom);
	if (many->count == 0)
		return;
	if (is_of_tags(many->action))
		start(self, mem_new(sizeof(struct many_task)));
	else if (many->action == ACT_CONTACT_STOP)
		ask_reason(self);
	else
		confirm(self);
}

static void
whom_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;
	enum whom whom;

	(void)text;
	if (answer < 1)
		return;
	whom = self->many.choice[answer - 1];
	if (whom == WHOM_ONE && !is_of_tags(self->many.action))
		self->many.one(self, self->many.action);
	else
		people_chosen(self, whom);
}

static void
add_choice(struct many *many, struct dialog_choice *choice, struct buf *label,
    size_t *count, enum whom whom)
{
	static const char keys[] = {
	    [WHOM_ONE] = 'o', [WHOM_MARKED] = 'm', [WHOM_SHOWN] = 'a'};

	many->choice[*count] = whom;
	choice[*count] = (struct dialog_choice){keys[whom], label[whom].ptr};
	++*count;
}

static void
ask_whom(struct contacts *self, size_t marked)
{
	struct many *many = &self->many;
	const struct contact_row *contact = contacts_selected(self);
	struct dialog_choice choice[3];
	struct buf label[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
	struct buf number = BUF_INIT;
	size_t count = 0;

	format_count(&number, (int64_t)marked);
	buf_printf(
	    &label[WHOM_MARKED], _("All that are marked: %s"), number.ptr);
	buf_clear(&number);
	format_count(&number, (int64_t)rows_ids(&self->rows)->count);
	buf_printf(
	    &label[WHOM_SHOWN], _("All that the filter shows: %s"), number.ptr);
	if (contact)
		buf_printf(&label[WHOM_ONE], _("Only %.*s"),
		    (int)contact->address.len, contact->address.ptr);
	if (marked)
		add_choice(many, choice, label, &count, WHOM_MARKED);
	if (self->rows.filtered)
		add_choice(many, choice, label, &count, WHOM_SHOWN);
	if (contact)
		add_choice(many, choice, label, &count, WHOM_ONE);
	dialog_choose(&self->base,
	    &(struct dialog){.title = title_of(many->action),
		.text = _("Whom is this for?"),
		.done = whom_answered},
	    choice, count);
	for (int i = 0; i < 3; i++)
		buf_done(&label[i]);
	buf_done(&number);
}

void
many_ask(struct contacts *self, enum action action, many_one *one)
{
	size_t marked = list_mark_count(self->list);

	self->many.action = action;
	self->many.one = one;
	buf_clear(&self->many.text);
	self->many.tag_id = 0;
	if (marked || self->rows.filtered)
		ask_whom(self, marked);
	else if (is_of_tags(action))
		people_chosen(self, WHOM_ONE);
	else
		one(self, action);
}

const char *
many_why_not(const struct contacts *self)
{
	if (self->many.job)
		return _("Something is being done with people: wait for it, "
			 "or ^C stops it.");
	if (self->searching)
		return _("The filter is still looking: wait until it has "
			 "found everybody.");
	if (self->fault.len > 0)
		return _("The filter is not understood yet.");
	return NULL;
}

/* ---- What became of it ------------------------------------------------------ */

static void
say_tagged(struct contacts *self, const struct many_task *task)
{
	struct buf number = BUF_INIT;
	int64_t count = (int64_t)task->done.count;
	bool given = task->action == ACT_CONTACTS_TAG;

	format_count(&number, count);
	if (count == 0)
		app_say(self->base.app, SAY_INFO,
		    given ? _("All of them have the tag already.")
			  : _("Nobody of them has the tag."));
	else if (task->undo)
		app_sayf(self->base.app, SAY_OK,
		    _("The tag is as it was before: %s."), number.ptr);
	else
		app_sayf(self->base.app, SAY_OK,
		    given ? _("The tag is put on: %s. u takes it back.")
			  : _("The tag is taken off: %s. u gives it back."),
		    number.ptr);
	buf_done(&number);
}

static void
say_moved(struct contacts *self, const struct many_task *task)
{
	struct buf number = BUF_INIT;

	format_count(&number, task->action == ACT_CONTACT_STOP
				  ? task->stopped
				  : (int64_t)task->count);
	if (task->action == ACT_CONTACT_LEAVE)
		app_sayf(self->base.app, SAY_OK,
		    _("Off this list: %s. u takes that back."), number.ptr);
	else if (task->action == ACT_CONTACT_DELETE)
		app_sayf(self->base.app, SAY_OK,
		    _("In the trash: %s. u brings them back."), number.ptr);
	else
		app_sayf(self->base.app, SAY_OK,
		    _("New on the stop list: %s. The others were there."),
		    number.ptr);
	buf_done(&number);
}

static void
finish(struct contacts *self, struct many_task *task)
{
	struct many *many = &self->many;

	tag_done_free(&many->done);
	if (is_of_tags(task->action)) {
		say_tagged(self, task);
		if (!task->undo) {
			many->given = task->action == ACT_CONTACTS_TAG;
			many->done = task->done;
			task->done = (struct tag_done){.tag = 0};
		}
	} else {
		say_moved(self, task);
		if (task->action != ACT_CONTACT_STOP)
			list_marks_clear(self->list);
	}
	contacts_read_again(self);
}

bool
many_done(struct contacts *self, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct many_task *task = data;

	if (job != self->many.job)
		return false;
	self->many.job = NULL;
	if (rc < 0 && err->code == E_CANCELLED)
		app_say(
		    self->base.app, SAY_INFO, _("Stopped: nothing was done."));
	else if (rc < 0)
		app_say_err(self->base.app, err);
	else if (task->action == ACT_NONE)
		tags_read(self, task);
	else
		finish(self, task);
	return true;
}

bool
many_hint(const struct contacts *self, struct buf *out)
{
	struct buf now = BUF_INIT, all = BUF_INIT;
	int64_t done, total;

	if (!self->many.job)
		return false;
	job_progress_read(self->many.job, &done, &total);
	format_count(&now, done);
	format_count(&all, total);
	if (total > 0)
		buf_printf(
		    out, _("%s of %s done; ^C stops it."), now.ptr, all.ptr);
	else
		buf_text(out, _("Reading.."));
	buf_done(&now);
	buf_done(&all);
	return true;
}

bool
many_cancel(struct contacts *self)
{
	if (!self->many.job)
		return false;
	job_cancel(self->many.job);
	return true;
}

void
many_end(struct many *many)
{
	free(many->id);
	free(many->tag);
	buf_done(&many->text);
	tag_done_free(&many->done);
}
