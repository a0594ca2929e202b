/* "sekisho demo": a whole campaign in a throw-away store, with a PAM folder
 * and a practice relay of its own.  Only the demo program links this. */
#ifndef TUI_DEMO_DEMO_H
#define TUI_DEMO_DEMO_H

#include "core/store/store.h"
#include "tui/canvas.h"
#include "tui/verbs.h"

struct practice;
struct resolver;

/* What a visitor types; shown on the sign-in screens. */
extern const char demo_user[], demo_password[], demo_passphrase[];

/* Sets everything up in a new temporary folder, runs the full screen, removes
 * the folder.  Without a terminal, or with the word "--play", plays a script
 * of keys on a pty instead and prints its screens.  An exit status. */
int demo_run(struct options *options, struct buf *out);

/* "sekisho drill": practice in a sandbox with planted faults.  Words: "--result
 * FILE" (an empty file of ours, for what came of it), "--seed NUMBER" (the faults
 * that it draws).  An exit status. */
int drill_run(struct options *options, struct buf *out);

/* The hidden verb "demo-check": pam_exec runs it with the password on standard
 * input.  0 when it is the demo's. */
int demo_check(struct options *options, struct buf *out);

/* Plays the campaign with the program on a pty and prints each screen to
 * standard output.  An exit status. */
int demo_play(struct options *options, struct buf *out);

/* While a player listens (SEKISHO_SHOW names its descriptor): sends it the
 * screen, once nothing is pending. */
void demo_show(const struct canvas *canvas, unsigned long keys);

/* Fills the new store: settings, key, an empty list, a draft, and the address
 * of the practice relay.  Errors of the calls it makes. */
int demo_fill(
    struct store *store, const struct practice *practice, struct err *err);

/* Points the store at the practice relay.  Errors as relay_set_practice(). */
int demo_relay(
    struct store *store, const struct practice *practice, struct err *err);

/* Writes the demo's part of DNS, with the store's DKIM keys, as a file for
 * libunbound.  Errors of the calls it makes. */
int demo_names_write(struct store *store, const char *path, struct err *err);

/* A resolver that knows this file and asks nobody; the caller frees it with
 * resolver_free(). */
struct resolver *demo_names_open(const char *path);

/* The 300 contacts, tui/demo/contacts.csv, as they are in the program. */
extern const unsigned char demo_contacts[];
extern const size_t demo_contacts_len;

#endif
