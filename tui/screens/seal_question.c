/* A seal is hours of checking: Enter keeps it. */
#include "tui/screens/seal_question.h"

#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

void
seal_question_ask(struct screen *owner,
    void (*done)(struct screen *owner, int answer, struct span text))
{
	dialog_confirm(owner,
	    &(struct dialog){.title = _("This campaign is sealed"),
		.text = _("It was checked and approved as it is. The first "
			  "change opens the seal: the whole check must then be "
			  "done again before it can be sent."),
		.done = done},
	    _("Edit it and lose the seal"));
}
