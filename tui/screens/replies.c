/* Replies that no rule knows, and the rules that the user has made of them.  A
 * decision is about a kind of reply: its words with a star for what differs
 * from one reply to the next. */
#include <stddef.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/outcome_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum task { TASK_READ, TASK_SAVE, TASK_REMOVE };

/* What a job reads or writes. */
struct work {
	enum task task;
	struct store *store;    /* borrowed */
	struct reply_rule rule; /* SAVE; REMOVE: its id */
	struct reply_kind *kind;
	struct reply_rule *own;
	size_t kinds, owns;
};

struct replies {
	struct screen base;
	struct work *work; /* the last that was read; NULL before */
	struct list_source source;
	struct list *list;
	struct buf cell[3];
	struct reply_rule rule; /* being made or changed */
	bool busy;
};

/* ---- Jobs --------------------------------------------------------------------- */

static void
work_free(void *data)
{
	struct work *work = data;

	free(work->kind);
	free(work->own);
	free(work);
}

static int
work_read(struct work *work, struct err *err)
{
	struct db *db = NULL;
	int rc = store_view_open(work->store, &db, err);

	if (rc == 0)
		rc = reply_kind_all(db, &work->kind, &work->kinds, err);
	if (rc == 0)
		rc = reply_rule_all(db, &work->own, &work->owns, err);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *work = data;

	(void)job;
	if (work->task == TASK_SAVE &&
	    reply_rule_save(work->store, &work->rule, err) < 0)
		return -1;
	if (work->task == TASK_REMOVE &&
	    reply_rule_remove(work->store, work->rule.id, err) < 0)
		return -1;
	return work_read(work, err);
}

static const struct job_ops work_job = {.run = work_run, .free = work_free};

static void
start(struct replies *self, enum task task)
{
	struct work *work = mem_new(sizeof *work);
	struct err err = {0};

	work->task = task;
	work->store = app_store(self->base.app);
	work->rule = self->rule;
	if (app_job(self->base.app, &self->base, &work_job, work, NULL, &err) <
	    0)
		app_say_err(self->base.app, &err);
	else
		self->busy = true;
}

/* The delivery under way uses the rules as they are now. */
static void
tell_run(struct replies *self)
{
	struct session *session = app_session(self->base.app);
	struct err err = {0};

	if (session && session->run && run_reload_rules(session->run, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct replies *self = (struct replies *)screen;
	struct work *work = data;

	(void)job;
	self->busy = false;
	if (rc < 0) {
		app_say_err(screen->app, err);
		return;
	}
	if (work->task == TASK_SAVE)
		app_say(screen->app, SAY_OK,
		    _("The rule holds from the next reply on."));
	if (work->task == TASK_REMOVE)
		app_say(screen->app, SAY_OK,
		    _("The rule is gone; such replies are unknown again."));
	if (work->task != TASK_READ)
		tell_run(self);
	if (self->work)
		work_free(self->work);
	self->work = mem_new(sizeof *work);
	*self->work = *work;
	*work = (struct work){.task = TASK_READ};
	list_refresh(self->list);
}

/* ---- Rows ---------------------------------------------------------------------- */

/* Rows: a heading, the kinds, a heading, the own rules. */
static const struct reply_kind *
kind_at(const struct replies *self, int64_t index)
{
	const struct work *work = self->work;

	if (!work || index < 1 || index > (int64_t)work->kinds)
		return NULL;
	return &work->kind[index - 1];
}

static const struct reply_rule *
own_at(const struct replies *self, int64_t index)
{
	const struct work *work = self->work;

	if (work)
		index -= (int64_t)work->kinds + 2;
	if (!work || index < 0 || index >= (int64_t)work->owns)
		return NULL;
	return &work->own[index];
}

static struct replies *
of_source(struct list_source *source)
{
	return (struct replies *)((char *)source -
				  offsetof(struct replies, source));
}

static int64_t
source_count(struct list_source *source)
{
	const struct work *work = of_source(source)->work;

	if (!work || !(work->kinds + work->owns))
		return 0;
	return (int64_t)(work->kinds + work->owns) + 2;
}

static void
fill_kind(
    struct replies *self, const struct reply_kind *kind, struct list_row *out)
{
	format_count(&self->cell[0], kind->count);
	buf_int(&self->cell[1], kind->code);
	out->cell[0] = buf_span(&self->cell[0]);
	out->cell[1] = buf_span(&self->cell[1]);
	out->cell[2] = span_of(_("to be decided"));
	out->cell_role[2] = ROLE_WARN;
	out->cell[3] = span_of(kind->text);
}

static void
fill_own(
    struct replies *self, const struct reply_rule *rule, struct list_row *out)
{
	if (rule->code)
		buf_int(&self->cell[1], rule->code);
	buf_printf(&self->cell[2], "%s %s", outcome_class_name(rule->class),
	    outcome_text(rule->class));
	out->cell[1] = buf_span(&self->cell[1]);
	out->cell[2] = buf_span(&self->cell[2]);
	out->cell[3] = span_of(rule->text);
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct replies *self = of_source(source);
	const struct reply_kind *kind = kind_at(self, index);
	const struct reply_rule *own = own_at(self, index);

	if (index < 0 || index >= source_count(source))
		return false;
	for (size_t i = 0; i < sizeof self->cell / sizeof *self->cell; i++)
		buf_clear(&self->cell[i]);
	out->key = index;
	if (kind) {
		fill_kind(self, kind, out);
	} else if (own) {
		fill_own(self, own, out);
	} else {
		out->heading = true;
		out->cell[0] = span_of(
		    index ? _("Your rules") : _("Replies that no rule knows"));
	}
	return true;
}

static const struct list_column columns[] = {
    {N_("Times"), 7, 7, 0, FIT_RIGHT},
    {N_("Code"), 4, 4, 0, FIT_RIGHT},
    {N_("Meaning"), 28, 12, 0, FIT_END},
    {N_("What they have in common"), 0, 20, 0, FIT_END},
};

/* ---- Deciding ------------------------------------------------------------------- */

static void
check_words(struct span text, struct buf *why)
{
	if (text.len > REPLY_TEXT_MAX)
		buf_text(why, _("That is too long."));
	else if (text.len < REPLY_TEXT_MIN)
		buf_text(why, _("Four letters in a row must be in it."));
}

static void
words_given(struct screen *owner, int answer, struct span text)
{
	struct replies *self = (struct replies *)owner;

	if (!answer)
		return;
	span_text(self->rule.text, sizeof self->rule.text, text);
	start(self, TASK_SAVE);
}

/* The classes that may be chosen, in the order of the list shown. */
static size_t choices(enum outcome_class class[OUTCOME_CLASSES])
{
	size_t count = 0;

	for (int i = OUTCOME_H1; i < OUTCOME_CLASSES; i++) {
		if (reply_class_is_choice((enum outcome_class)i))
			class[count++] = (enum outcome_class)i;
	}
	return count;
}

static void
class_given(struct screen *owner, int answer, struct span text)
{
	struct replies *self = (struct replies *)owner;
	enum outcome_class class[OUTCOME_CLASSES];
	struct dialog dialog = {
	    .title = _("Which words?"),
	    .text = _("Every reply with these words is meant, capitals or not. "
		      "A star stands for anything."),
	    .done = words_given,
	};

	(void)text;
	if (!answer || (size_t)answer > choices(class))
		return;
	self->rule.class = class[answer - 1];
	dialog_ask(
	    owner, &dialog, LINE_TEXT, span_of(self->rule.text), check_words);
}

static void
ask_class(struct replies *self, const char *example)
{
	struct dialog dialog = {
	    .title = _("What does this reply mean?"),
	    .text = example,
	    .done = class_given,
	};
	enum outcome_class class[OUTCOME_CLASSES];
	struct buf text[OUTCOME_CLASSES] = {{NULL, 0, 0}};
	const char *item[OUTCOME_CLASSES];
	size_t count = choices(class), at = 0;

	for (size_t i = 0; i < count; i++) {
		buf_printf(&text[i], "%s  %s", outcome_class_name(class[i]),
		    outcome_text(class[i]));
		item[i] = text[i].ptr;
		if (class[i] == self->rule.class)
			at = i;
	}
	dialog_pick(&self->base, &dialog, item, count, at);
	for (size_t i = 0; i < count; i++)
		buf_done(&text[i]);
}

/* A new rule holds for the code it was made from. */
static void
open_row(struct replies *self)
{
	int64_t index = list_cursor_index(self->list);
	const struct reply_kind *kind = kind_at(self, index);
	const struct reply_rule *own = own_at(self, index);

	if (kind) {
		self->rule = (struct reply_rule){.code = kind->code};
		span_text(self->rule.text, sizeof self->rule.text,
		    span_of(kind->text));
		ask_class(self, kind->example);
	} else if (own) {
		self->rule = *own;
		ask_class(self, own->text);
	}
}

static void
removed(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer)
		start((struct replies *)owner, TASK_REMOVE);
}

static void
ask_remove(struct replies *self)
{
	const struct reply_rule *own =
	    own_at(self, list_cursor_index(self->list));
	struct dialog dialog = {
	    .title = _("Remove this rule?"), .done = removed};

	if (!own)
		return;
	self->rule = *own;
	dialog.text = self->rule.text;
	dialog_confirm(&self->base, &dialog, _("Remove"));
}

/* ---- Screen ---------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Unknown replies"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct replies *self = (struct replies *)screen;

	if (!self->work)
		draw_str(body, 1, 2, ROLE_DIM, _("Reading the ledger .."));
	else
		list_draw(self->list, body, FOCUS_ON);
}

/* One of them as it came: the columns show what they have in common. */
static void
hint(struct screen *screen, struct buf *out)
{
	struct replies *self = (struct replies *)screen;
	const struct reply_kind *kind =
	    kind_at(self, list_cursor_index(self->list));
	const struct reply_rule *own =
	    own_at(self, list_cursor_index(self->list));

	if (kind) {
		buf_text(out, kind->example);
	} else if (own) {
		format_minute(out, own->changed_ms);
		buf_printf(out, "  %s", own->changed_by);
	}
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct replies *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct replies *self = (struct replies *)screen;

	if (action == ACT_OPEN)
		open_row(self);
	else if (action == ACT_REPLY_REMOVE)
		ask_remove(self);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct replies *self = (struct replies *)screen;
	int64_t index = list_cursor_index(self->list);

	if ((action == ACT_OPEN || action == ACT_REPLY_REMOVE) && self->busy)
		return _("One moment: the ledger is being read.");
	if (action == ACT_REPLY_REMOVE && !own_at(self, index))
		return _("Choose one of your own rules first.");
	return NULL;
}

static void
shown(struct screen *screen)
{
	start((struct replies *)screen, TASK_READ);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_OPEN, ACT_REPLY_REMOVE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_replies(struct screen *screen)
{
	struct replies *self = (struct replies *)screen;

	if (self->work)
		work_free(self->work);
	list_free(&self->list);
	for (size_t i = 0; i < sizeof self->cell / sizeof *self->cell; i++)
		buf_done(&self->cell[i]);
	free(self);
}

static const struct screen_ops replies_ops = {
    .name = "replies",
    .section = 5,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .close = close_replies,
};

void
replies_open(struct app *app)
{
	struct replies *self = mem_new(sizeof *self);

	self->base.ops = &replies_ops;
	self->source.count = source_count;
	self->source.row = source_row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No rule lacks: every reply so far was understood."));
	app_push(app, &self->base);
}
