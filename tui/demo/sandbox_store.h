/* What planting shares with filling: the sandbox from inside. */
#ifndef TUI_DEMO_SANDBOX_STORE_H
#define TUI_DEMO_SANDBOX_STORE_H

#include "tui/demo/sandbox.h"

/* The text of a campaign that a field names. */
struct buf *sandbox_field(struct campaign *campaign, enum sandbox_field field);

/* Takes lines "address,name,number" into the list, with a basis (a
 * note of it, unless there is none), by way of a file in folder.  Errors of the import. */
int sandbox_add_people(struct store *store, const struct sandbox *sandbox,
    const char *folder, enum consent_basis basis, struct span rows,
    struct err *err);

/* Gives the campaign a file with this name and text, for all. */
int sandbox_attach(struct store *store, const struct sandbox *sandbox,
    const char *folder, const char *name, const char *text, struct err *err);

#endif
