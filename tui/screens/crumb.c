/* A campaign's name stands once in the title bar, however one came here. */
#include "tui/screens/crumb.h"

#include "tui/text/gate.h"
#include "tui/text/state_text.h"

enum { NAME_CELLS = 24 };

static bool
is_named_below(const struct screen *screen)
{
	static const char *const naming[] = {
	    "campaign", "checklist", "preview", "launch", "delivery"};

	for (screen = screen->below; screen; screen = screen->below) {
		for (size_t i = 0; i < sizeof naming / sizeof *naming; i++) {
			if (!strcmp(screen->ops->name, naming[i]))
				return true;
		}
	}
	return false;
}

void
crumb_add(struct screen *screen, struct span campaign, const char *page,
    struct buf *out)
{
	if (campaign.len && !is_named_below(screen)) {
		ui_cut_end(out, campaign, NAME_CELLS);
		buf_text(out, " > ");
	}
	buf_text(out, page);
}

void
crumb_circle(enum circle circle, struct buf *out)
{
	if (circle != CIRCLE_UNSAID)
		buf_printf(out, "[%s]", circle_text(circle));
}
