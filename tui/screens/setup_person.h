/* One person's rights. */
#ifndef TUI_SCREENS_SETUP_PERSON_H
#define TUI_SCREENS_SETUP_PERSON_H

#include "core/access/access.h"
#include "tui/app.h"

/* A form for a person who is registered, or will be when it is saved; copied. */
void setup_person_open(struct app *app, const struct person *person);

/* What a role is called; translated. */
const char *setup_role_word(enum person_role role);

#endif
