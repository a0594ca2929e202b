/* What an action takes: which permission of the person who sits here. */
#ifndef TUI_PERMIT_H
#define TUI_PERMIT_H

#include "core/access/access.h"
#include "tui/keys.h"

/* The permission that an action on a screen (its name) takes; MAY_VIEW when
 * looking is all it does. */
enum permission permit_of(enum action action, const char *screen);

#endif
