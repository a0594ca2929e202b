/* Restoring as a job, and the sentence about what came back. */
#include "tui/screens/trash_text.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static int
run(struct job *job, void *data, struct err *err)
{
	struct trash_job *self = data;

	(void)job;
	if (self->id.v == 0)
		return trash_undo(self->store, &self->back, err);
	return trash_restore(
	    self->store, self->id, span_of(self->name), &self->back, err);
}

static void
end(void *data)
{
	free(((struct trash_job *)data)->name);
	free(data);
}

struct job *
trash_job_start(struct screen *owner, struct trash_id id, struct span name)
{
	static const struct job_ops ops = {.run = run, .free = end};
	struct trash_job *self = mem_new(sizeof *self);
	struct err err = {.code = E_NONE};
	struct job *job = NULL;

	self->store = app_store(owner->app);
	self->id = id;
	self->name = mem_text(name);
	if (app_job(owner->app, owner, &ops, self, &job, &err) < 0) {
		app_say_err(owner->app, &err);
		return NULL;
	}
	return job;
}

void
trash_say_back(struct app *app, const struct trash_back *back)
{
	struct buf text = BUF_INIT, people = BUF_INIT, members = BUF_INIT;

	format_count(&people, back->people);
	format_count(&members, back->members);
	buf_printf(&text, _("Back: contacts %s, memberships %s."), people.ptr,
	    members.ptr);
	buf_char(&text, ' ');
	if (back->waiting)
		buf_text(&text,
		    _("Some come back with a list or contact that is in the "
		      "trash itself."));
	else if (back->joined)
		buf_text(&text,
		    _("Who was there again meanwhile was joined with it."));
	else if (back->kept)
		buf_text(&text, _("Values changed since then stay."));
	app_say(app, SAY_OK, text.ptr);
	buf_done(&text);
	buf_done(&people);
	buf_done(&members);
}
