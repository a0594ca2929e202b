/* The screens that every other screen can open. */
#ifndef TUI_SCREENS_FOUNDATION_H
#define TUI_SCREENS_FOUNDATION_H

#include "tui/app.h"

/* What works on the base screen, as an overlay: filter, Enter runs. */
void help_open(struct app *app);

enum palette_scope {
	PALETTE_ALL,    /* ':' - every action there is */
	PALETTE_SCREEN, /* 'x' - only those of this screen */
};

/* Finds and runs actions by words. */
void palette_open(struct app *app, enum palette_scope scope);

/* The messages of this session, newest first. */
void messages_open(struct app *app);

#endif
