/* One contact, all of it, over the screen that lists it. */
#ifndef TUI_SCREENS_RECORD_H
#define TUI_SCREENS_RECORD_H

#include "core/contacts/contacts.h"
#include "tui/screen.h"

/* Shows row of a list, which is copied and read anew whenever the record is
 * shown.  Stop and allow close it and are handed to chosen(owner, action). */
void record_open(struct screen *owner, struct list_id list,
    const struct contact_row *row,
    void (*chosen)(struct screen *owner, enum action action));

/* Draws the same beside a list, with what else is known of the person. */
void record_draw(struct area a, const struct contact_row *row,
    const struct contact_summary *summary);

/* The word for a basis, translated. */
const char *basis_word(enum consent_basis basis);

/* Adds when something happened to a contact, what, and where, on one line. */
void moment_line(const struct moment *moment, struct buf *out);

#endif
