/* The pages of the settings and what they share. */
#ifndef TUI_SCREENS_SETUP_H
#define TUI_SCREENS_SETUP_H

#include "core/health/health.h"
#include "tui/app.h"

/* Who sends and what the law wants in every mail. */
void setup_sender_open(struct app *app);

/* The relays; a form for one (id 0: a new one). */
void setup_relays_open(struct app *app);
void setup_relay_open(struct app *app, int64_t id);

/* A level of protection in a few words; untranslated. */
const char *setup_tls_text(enum relay_tls tls);

/* DKIM keys and the DNS record of each. */
void setup_keys_open(struct app *app);

/* Theme and language. */
void setup_look_open(struct app *app);

/* Settings to be written by a job; names are static, values are copied. */
enum { SETUP_CHANGES_MAX = 20 };
struct setup_changes {
	struct store *store; /* borrowed */
	int count;
	const char *name[SETUP_CHANGES_MAX];
	struct buf value[SETUP_CHANGES_MAX];
};

/* An empty set of changes of the app's store, for setup_save(). */
struct setup_changes *setup_changes_new(struct app *app);
void setup_change(
    struct setup_changes *changes, const char *name, struct span value);

/* Starts a job that writes them; consumes *taken.  Its result comes to the
 * screen's job_done(); errors as setting_write(). */
int setup_save(
    struct screen *screen, struct setup_changes **taken, struct err *err);

/* Adds a translated sentence when a value is none for the setting: what the
 * check of a form's field says. */
void setup_check(const char *name, struct span value, struct buf *why);

#endif
