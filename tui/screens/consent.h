/* One person's consent and its history. */
#ifndef TUI_SCREENS_CONSENT_H
#define TUI_SCREENS_CONSENT_H

#include "core/contacts/contacts.h"

struct app;

/* Opens it; from there evidence is set by hand and the person is erased. */
void consent_open(struct app *app, struct contact_id contact);

#endif
