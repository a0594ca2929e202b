/* The questions about a segment. */
#include "tui/screens/segment_ask.h"

#include "core/contacts/contacts.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

static void
check_filter(struct span text, struct buf *why)
{
	struct err err = {.code = E_NONE};
	struct filter *filter = NULL;

	if (filter_parse(text, 0, &filter, &err) < 0)
		err_text(&err, why);
	filter_free(&filter);
}

void
segment_ask_filter(
    struct screen *owner, const char *filter, segment_answered *done)
{
	dialog_ask(owner,
	    &(struct dialog){.title = _("Change the filter"),
		.text = _("What was reviewed of campaigns for this segment is "
			  "void then."),
		.done = done},
	    LINE_TEXT, span_of(filter), check_filter);
}

void
segment_ask_name(struct screen *owner, const char *name, segment_answered *done)
{
	dialog_ask(owner,
	    &(struct dialog){.title = _("Rename the segment"),
		.text = _("Up to 64 characters."),
		.done = done},
	    LINE_TEXT, span_of(name), NULL);
}

void
segment_ask_delete(struct screen *owner, segment_answered *done)
{
	dialog_confirm(owner,
	    &(struct dialog){.title = _("Delete the segment"),
		.text = _("The people stay on the list. A segment that a "
			  "campaign is for cannot be deleted."),
		.done = done},
	    _("Delete"));
}
