/* Blocks of text from the list of snippets, and back into it. */
#include "tui/screens/text.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

static void
chosen(struct screen *owner, struct span body)
{
	struct text *self = (struct text *)owner;

	if (!editor_insert(self->editor, body))
		app_say(owner->app, SAY_WARN,
		    _("The text would be too long; nothing was put in."));
}

void
snippet_insert(struct text *self)
{
	snippets_choose(&self->base, chosen);
}

static void
check_name(struct span text, struct buf *why)
{
	if (span_trim(text).len == 0)
		buf_text(why, _("It needs a name."));
}

static void
named(struct screen *owner, int answer, struct span text)
{
	struct text *self = (struct text *)owner;
	struct snippet fresh = {.id = 0};

	if (!answer)
		return;
	buf_add(&fresh.name, text);
	buf_add(&fresh.body, editor_marked(self->editor));
	snippet_open(owner->app, &fresh);
	snippet_done(&fresh);
}

void
snippet_keep(struct text *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("New snippet"),
		.text = _("How is the snippet called?"),
		.done = named},
	    LINE_TEXT, SPAN(""), check_name);
}
