/* Crumbs of the screens that belong to one campaign. */
#ifndef TUI_SCREENS_CRUMB_H
#define TUI_SCREENS_CRUMB_H

#include "tui/screen.h"

/* Adds "NAME > page", without the name when a screen below (the campaign's
 * own page) already shows it, or when it is not known yet. */
void crumb_add(struct screen *screen, struct span campaign, const char *page,
    struct buf *out);

#endif
