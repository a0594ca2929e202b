/* Turning the pages of a record. */
#include "tui/screens/record_tabs.h"

#include "tui/app.h"
#include "tui/text/i18n.h"

void
record_tabs(enum record_tab now, struct tabs *out)
{
	*out = (struct tabs){.count = RECORD_TABS,
	    .current = (int)now,
	    .label = {_("Fields"), _("Consent"), _("History"),
		_("Headers of the last mail")}};
}

enum used
record_tab_key(
    struct screen *screen, struct screen *record, const struct key *key)
{
	enum record_tab to;

	if (key->code != K_CHAR || key->cp < '1' ||
	    key->cp >= '1' + RECORD_TABS)
		return UNUSED;
	to = (enum record_tab)(key->cp - '1');
	if (screen != record)
		app_pop(screen->app, screen);
	if (to != RECORD_FIELDS)
		record_turn(record, to);
	return USED;
}
