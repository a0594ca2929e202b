/* Crumbs of the screens that belong to one campaign. */
#ifndef TUI_SCREENS_CRUMB_H
#define TUI_SCREENS_CRUMB_H

#include "core/campaign/campaign.h"
#include "tui/screen.h"

/* Adds "NAME > page", without the name when a screen below (the campaign's
 * own page) already shows it, or when it is not known yet. */
void crumb_add(struct screen *screen, struct span campaign, const char *page,
    struct buf *out);

/* Adds whose list a campaign goes to, for behind the crumbs ("[customers]");
 * nothing while nobody has said so. */
void crumb_circle(enum circle circle, struct buf *out);

#endif
