/* What is asked about one person of a list before it is done, and what a filter
 * is called that is kept. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/contacts_impl.h"
#include "tui/screens/screens.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

/* ---- Segments --------------------------------------------------------------- */

static void
name_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (answer)
		contacts_start(
		    self, TASK_SAVE, filter_field_span(&self->filter), text);
}

void
one_ask_segment(struct contacts *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("Save the filter as a segment"),
		.text = _("How is it called? Who belongs to it is found anew "
			  "whenever it is used."),
		.done = name_answered},
	    LINE_TEXT, SPAN(""), NULL);
}

/* ---- Stop list -------------------------------------------------------------- */

static void
check_reason(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("A reason is needed; it goes into the log."));
}

static void
stop_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (answer)
		contacts_start(self, TASK_STOP, span_of(self->chosen), text);
}

static void
allow_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	if (answer)
		contacts_start(self, TASK_ALLOW, span_of(self->chosen), text);
}

static void
ask_reason(struct contacts *self, enum action action, struct span address)
{
	bool stop = action == ACT_CONTACT_STOP;
	struct buf text = BUF_INIT;

	free(self->chosen);
	self->chosen = mem_text(address);
	buf_printf(&text,
	    stop ? _("%s will get no mail from any list. Why? For example: "
		     "asked by telephone.")
		 : _("%s will be mailed again. Only do this when the person "
		     "has asked for it. Why?"),
	    self->chosen);
	dialog_ask(&self->base,
	    &(struct dialog){.title = stop ? _("Put on the stop list")
					   : _("Take off the stop list"),
		.text = text.ptr,
		.done = stop ? stop_answered : allow_answered},
	    LINE_TEXT, SPAN(""), check_reason);
	buf_done(&text);
}

/* ---- Trash ------------------------------------------------------------------ */

static void
delete_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	(void)text;
	if (answer)
		contacts_start(
		    self, TASK_DELETE, span_of(self->chosen), SPAN(""));
}

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	struct contacts *self = (struct contacts *)owner;

	(void)text;
	if (answer)
		contacts_start(
		    self, TASK_LEAVE, span_of(self->chosen), SPAN(""));
}

static void
ask_delete(struct contacts *self, enum action action,
    const struct contact_row *contact)
{
	bool leave = action == ACT_CONTACT_LEAVE;
	struct buf text = BUF_INIT;

	free(self->chosen);
	self->chosen = mem_text(contact->address);
	self->about = contact->id;
	buf_printf(&text,
	    leave ? _("%s leaves this list. The trash keeps the evidence of "
		      "consent, and u brings it back.")
		  : _("%s leaves all lists and goes to the trash, with the "
		      "evidence of consent; u brings it back. The stop list "
		      "stays."),
	    self->chosen);
	dialog_confirm(&self->base,
	    &(struct dialog){.title = leave ? _("Take off this list")
					    : _("Delete the contact"),
		.text = text.ptr,
		.done = leave ? leave_answered : delete_answered},
	    leave ? _("Take off") : _("Delete"));
	buf_done(&text);
}

void
one_ask(struct contacts *self, enum action action)
{
	const struct contact_row *contact = contacts_selected(self);

	if (!contact)
		return;
	if (action == ACT_CONTACT_ERASE) {
		self->stale = true;
	} else if (action == ACT_CONTACT_EDIT) {
		self->stale = true;
		contact_edit_open(self->base.app, contact->id);
	} else if (action == ACT_CONTACT_DELETE ||
		   action == ACT_CONTACT_LEAVE) {
		ask_delete(self, action, contact);
	} else {
		ask_reason(self, action, contact->address);
	}
}

const char *
one_why_not(struct contacts *self, enum action action)
{
	const struct contact_row *contact = contacts_selected(self);
	struct app *app = self->base.app;

	if (!contact)
		return _("There is no contact here; i imports some.");
	if (action != ACT_CONTACT_STOP && action != ACT_CONTACT_ALLOW)
		return NULL;
	if (app_is_masked(app))
		return _("This needs the whole address, and it is masked for "
			 "you.");
	if (action == ACT_CONTACT_STOP && contact->suppressed)
		return _("This address is on the stop list already.");
	if (action == ACT_CONTACT_ALLOW && !contact->suppressed)
		return _("This address is not on the stop list.");
	return NULL;
}
