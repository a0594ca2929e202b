/* The pages of the settings and what they share. */
#ifndef TUI_SCREENS_SETUP_H
#define TUI_SCREENS_SETUP_H

#include "core/access/access.h"
#include "core/contacts/contacts.h"
#include "core/health/health.h"
#include "tui/app.h"
#include "tui/widgets/form.h"

/* Who sends and what the law wants in every mail. */
void setup_sender_open(struct app *app);

/* The relays; a form for one (id 0: a new one). */
void setup_relays_open(struct app *app);
void setup_relay_open(struct app *app, int64_t id);

/* A level of protection in a few words; untranslated. */
const char *setup_tls_text(enum relay_tls tls);

/* DKIM keys and the DNS record of each. */
void setup_keys_open(struct app *app);

/* Certificates to sign with, and those of contacts. */
void setup_smime_open(struct app *app);

/* Hours for sending, frequency cap, times to wait. */
void setup_pace_open(struct app *app);

/* Idle lock and the pause after failed sign-ins. */
void setup_access_open(struct app *app);

/* A delivery without a terminal, and who is told about it. */
void setup_alerts_open(struct app *app);

/* Who may get test mail. */
void setup_staff_open(struct app *app);

/* What people were shown when they agreed. */
void setup_wordings_open(struct app *app);

/* How somebody agreed, translated. */
const char *consent_how_text(enum consent_how how);

/* Whose keys may sign approvals. */
void setup_approvers_open(struct app *app);

/* Head seals of the log, its review, the review of the people. */
void setup_oversight_open(struct app *app);
/* Who is registered, with which roles. */
void setup_people_open(struct app *app);

/* The rules of the house: approval, step-up, masking, networks .. */
void setup_policy_open(struct app *app);

/* The setting of a rule on that page by its row, or NULL behind the last;
 * static. */
const char *setup_policy_setting(size_t index);

/* What the DNS doctor is to know. */
void setup_doctor_open(struct app *app);

/* Theme and language. */
void setup_look_open(struct app *app);

/* Settings to be written by a job; names are static, values are copied. */
enum { SETUP_CHANGES_MAX = 20 };
struct setup_changes {
	struct store *store; /* borrowed */
	struct origin place; /* where the user sits: nobody keeps oneself out */
	bool has_login;      /* the job's: the file of the lockout needs them */
	int count;
	const char *name[SETUP_CHANGES_MAX];
	struct buf value[SETUP_CHANGES_MAX];
};

/* An empty set of changes of the app's store, for setup_save(). */
struct setup_changes *setup_changes_new(struct app *app);
void setup_change(
    struct setup_changes *changes, const char *name, struct span value);

/* A field of a form and the setting that it shows. */
struct setup_field {
	int field;
	const char *name; /* NULL behind the last one */
};
extern const struct setup_field setup_sender_fields[];
extern const struct setup_field setup_access_fields[];
extern const struct setup_field setup_pace_fields[];
extern const struct setup_field setup_alerts_fields[];
extern const struct setup_field setup_doctor_fields[];
extern const struct setup_field setup_oversight_fields[];

/* Reads settings into a form, which then counts as saved; errors are said. */
void setup_load(
    struct screen *screen, struct form *form, const struct setup_field *fields);
void setup_change_fields(struct setup_changes *changes, const struct form *form,
    const struct setup_field *fields);

/* For may_leave(): asks when the form is not saved. */
bool setup_may_leave(struct screen *screen, struct form *form);

/* Starts a job that writes those whose value is another than in the store, all
 * or none; consumes *taken.  Its result comes with the changes to the screen's
 * job_done(); errors as setting_write(). */
int setup_save(
    struct screen *screen, struct setup_changes **taken, struct err *err);

/* Adds a translated sentence when a value is none for the setting: what the
 * check of a form's field says. */
void setup_check(const char *name, struct span value, struct buf *why);

#endif
