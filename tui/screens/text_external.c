/* The text at $EDITOR.  Whatever happens there, nothing is lost: what came
 * back well is taken over and shown as changes that u takes back; what did not
 * stays in its file until the user has said what to do with it. */
#include <stdlib.h>

#include "tui/screens/changes.h"
#include "tui/screens/text.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

static void come_back(struct text *self);

static void
undo_taken(struct screen *owner)
{
	struct text *self = (struct text *)owner;

	editor_undo(self->editor);
	app_say(owner->app, SAY_INFO, _("The text is as it was before."));
	text_changed(self);
}

static void
take(struct text *self, struct span text)
{
	struct app *app = self->base.app;

	if (!editor_set(self->editor, text)) {
		app_say(app, SAY_ERROR, _("The text is too long to be taken."));
		return;
	}
	external_end(&self->out);
	text_changed(self);
	/* at once: the file is gone */
	text_keep(self);
	changes_open(&self->base, &(struct changes){.kind = CHANGES_TAKEN,
				      .title = _("Changes"),
				      .from_body = buf_span(&self->out_before),
				      .to_body = editor_span(self->editor),
				      .act = undo_taken});
}

static void
take_anyway(struct text *self)
{
	struct buf text = BUF_INIT;
	struct err err = {.code = E_NONE};
	bool changed;

	if (external_read(self->out, &text, &changed, &err) == 0 ||
	    err.code == E_EDITOR_BYTES)
		take(self, buf_span(&text));
	else
		app_say_err(self->base.app, &err);
	buf_wipe(&text);
}

static void
fault_answered(struct screen *owner, int answer, struct span text)
{
	struct text *self = (struct text *)owner;
	struct err err = {.code = E_NONE};

	(void)text;
	if (!self->out)
		return;
	if (answer == 1) {
		if (external_run(owner->app, self->out, &err) < 0)
			app_say_err(owner->app, &err);
		come_back(self);
	} else if (answer == 2) {
		take_anyway(self);
	} else {
		external_end(&self->out);
		app_say(owner->app, SAY_INFO,
		    _("The text stays as it was before."));
	}
}

/* The editor failed, or what it left cannot be taken as it is. */
static void
ask_fault(struct text *self, const struct err *err)
{
	struct dialog_choice choices[] = {
	    {'e', _("Edit it again")},
	    {'t', err->code == E_EDITOR_BYTES
		      ? _("Take it, with U+FFFD for what cannot be read")
		      : _("Take what was written")},
	};
	struct buf text = BUF_INIT;

	err_text(err, &text);
	buf_char(&text, ' ');
	buf_text(&text, _("What was written is still there; without an answer "
			  "here it is thrown away and the text stays as it "
			  "was."));
	dialog_choose(&self->base,
	    &(struct dialog){.title = _("From your editor"),
		.text = text.ptr,
		.done = fault_answered},
	    choices, err->code == E_FILE_SIZE ? 1 : 2);
	buf_done(&text);
}

static void
settle(struct text *self, struct span text, bool changed, const struct err *ran,
    const struct err *got)
{
	struct app *app = self->base.app;

	if (got->code != E_NONE) {
		ask_fault(self, got);
	} else if (!changed) {
		external_end(&self->out);
		if (ran->code != E_NONE)
			app_say_err(app, ran);
		else
			app_say(
			    app, SAY_INFO, _("The text came back unchanged."));
	} else if (ran->code != E_NONE) {
		ask_fault(self, ran);
	} else {
		take(self, text);
	}
}

static void
come_back_after(struct text *self, const struct err *ran)
{
	struct buf text = BUF_INIT;
	struct err got = {.code = E_NONE};
	bool changed = false;

	if (external_read(self->out, &text, &changed, &got) == 0)
		got.code = E_NONE;
	settle(self, buf_span(&text), changed, ran, &got);
	buf_wipe(&text);
}

static void
come_back(struct text *self)
{
	come_back_after(self, &(struct err){.code = E_NONE});
}

void
external_go(struct text *self)
{
	struct app *app = self->base.app;
	struct external_places places;
	struct err err = {.code = E_NONE};

	text_keep(self);
	buf_clear(&self->out_before);
	editor_text(self->editor, &self->out_before);
	external_places(&places);
	if (external_begin(&places, app_store(app), self->id,
		buf_span(&self->out_before), &self->out, &err) < 0) {
		app_say_err(app, &err);
		return;
	}
	if (external_run(app, self->out, &err) == 0)
		err.code = E_NONE;
	come_back_after(self, &err);
}
