/* One person's consent and its history. */
#ifndef TUI_SCREENS_CONSENT_H
#define TUI_SCREENS_CONSENT_H

#include "core/contacts/contacts.h"

struct screen;

/* Opens it over owner; from there evidence is set by hand and the person is
 * erased.  Then erased(owner) is called, which takes owner off. */
void consent_open(struct screen *owner, struct contact_id contact,
    void (*erased)(struct screen *owner));

#endif
