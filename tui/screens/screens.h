/* Every screen's opening function.  One block per writer of screens; a screen
 * that is a section is also named in tui/screens/sections.c. */
#ifndef TUI_SCREENS_SCREENS_H
#define TUI_SCREENS_SCREENS_H

#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "tui/app.h"

/* ---- Coming in, home, log, settings ---------------------------------------- */

/* The hooks of the program: sections, status, lock, leaving. */
extern const struct app_hooks session_hooks;

/* Signs the session's user in, opens the store, goes on to home_open(). */
void signin_open(struct app *app);

/* What needs the user, what runs, what was sent: section 1. */
void home_open(struct app *app);

/* The audit log: section 7. */
void log_open(struct app *app);

/* Settings: section 8. */
void settings_open(struct app *app);

/* Domain health: what the DNS doctor found, and what to publish. */
void doctor_open(struct app *app);

/* ---- Lists, contacts, import ------------------------------------------------ */

/* All lists with their counts: section 2. */
void lists_open(struct app *app);

/* The canaries of a list; its name is copied. */
void canaries_open(struct app *app, struct list_id list, const char *name);

/* What was deleted, and bringing it back. */
void trash_open(struct app *app);

/* Contacts of a list that may be one person; its name is copied. */
void twins_open(struct app *app, struct list_id list, const char *name);

/* Two contacts side by side, to make one of them. */
void merge_screen_open(
    struct app *app, struct contact_id stays, struct contact_id goes);

/* What happened to a contact, as a page over its record. */
void timeline_open(struct screen *record, struct contact_id contact);

/* The headers of the last mail to a contact, the same way. */
void headers_open(struct screen *record, struct contact_id contact);

/* A contact as a form, to change it. */
void contact_edit_open(struct app *app, struct contact_id contact);

/* The same for somebody who joins a list by hand. */
void contact_new_open(struct app *app, struct list_id list);

/* The members of a list. */
void contacts_open(struct app *app, struct list_id list);

/* The same with a filter in force. */
void contacts_open_filtered(
    struct app *app, struct list_id list, struct span filter);

/* The segments of a list with this name. */
void segments_open(struct app *app, struct list_id list, const char *name);

/* What was imported into a list (id 0: into all), to be taken back. */
void imports_open(struct app *app, struct list_id list);

/* The page of an export; order (scope and of whom) is copied, name is that of
 * the list or segment, or the person's address.  Says so where policy lets
 * nobody export. */
struct export_order;
void export_open(
    struct app *app, const struct export_order *order, struct span name);

/* What was exported, and what waits for a second person. */
void exports_open(struct app *app);

/* The import wizard; a list with id 0 leaves the choice open. */
void import_screen_open(struct app *app, struct list_id list);

/* One import that was stored. */
void import_record_open(struct app *app, int64_t id);

/* An import that is being stored goes on when its wizard is left; then
 * import_screen_open() shows that one again, and its result when it has
 * ended. */

/* True while an import is being stored, looked at or not. */
bool import_goes_on(struct app *app);

/* Adds "storing 41%" while one is. */
void import_add_status(struct app *app, struct buf *out);

/* Puts the wizard that was left on top; false when none was. */
bool import_resume(struct app *app);

/* ---- Campaigns, writing ------------------------------------------------------ */

/* All campaigns: section 3. */
void campaigns_open(struct app *app);

/* One campaign: its head, and the way to its text, preview and check. */
void campaign_open(struct app *app, struct campaign_id campaign);

enum editor_start {
	EDITOR_START,          /* asks when unsaved text was kept */
	EDITOR_START_KEPT,     /* takes unsaved text that was kept */
	EDITOR_START_EXTERNAL, /* goes on in $EDITOR at once */
};

/* The text of a campaign. */
void text_open(
    struct app *app, struct campaign_id campaign, enum editor_start start);

/* An editor that versions are shown over: its text as it is now, copied, and
 * what takes a restored version (the screen of versions is gone then). */
struct versions_editor {
	struct screen *owner;
	struct span subject, body;
	void (*restore)(struct screen *owner, struct span body);
};

/* The saved versions of a campaign's text; editor NULL: restoring saves. */
void versions_open(struct app *app, struct campaign_id campaign,
    const struct versions_editor *editor);

/* One version as a whole over the owner; the texts are copied. */
void version_open(struct screen *owner, const char *name, struct span subject,
    struct span body);

/* Blocks of text that are used again. */
void snippets_open(struct app *app);

/* The same over the owner, to choose one: chosen() gets its text. */
void snippets_choose(struct screen *owner,
    void (*chosen)(struct screen *owner, struct span body));

/* A block of text over the list of all: a new one (id 0) with a text to begin
 * with, or one of them; snippet is copied. */
void snippet_open(struct app *app, const struct snippet *snippet);

/* ---- Preview, checklist, launch, delivery, report --------------------------- */

/* The files of a campaign. */
void attachments_open(struct app *app, struct campaign_id campaign);

/* A campaign merged with real recipients. */
void preview_open(struct app *app, struct campaign_id campaign);

/* Test mail of a campaign to the staff, as recipient number (from 1). */
void testmail_open(
    struct app *app, struct campaign_id campaign, int64_t number);

/* Reading the samples of a campaign whose checks have run (PP-04). */
void look_open(struct app *app, struct campaign_id campaign);

/* Ticks and statements (PP-06). */
void attest_open(struct app *app, struct campaign_id campaign);

/* The checklist of a campaign, and its seal. */
void checklist_open(struct app *app, struct campaign_id campaign);

/* What a campaign does that the one before it did not. */
void differences_open(struct app *app, struct campaign_id campaign);

/* The second person's decision about a sealed campaign; goes on to the launch
 * at once where none is needed, or one has approved. */
void approval_open(struct app *app, struct campaign_id campaign);

/* The last page before a sealed campaign leaves. */
void launch_open(struct app *app, struct campaign_id campaign);

/* The delivery under way: section 4. */
void delivery_open(struct app *app);

/* The launched campaigns: section 5. */
void reports_open(struct app *app);

/* What servers answered to a campaign: the recipients of a provider group, or
 * of all (NULL); group is copied. */
void refusals_open(
    struct app *app, struct campaign_id campaign, const struct run_part *group);

/* The report of one of them. */
void report_open(struct app *app, struct campaign_id campaign);

/* After a mis-send: who got what, and what to do for them. */
void correction_open(struct app *app, struct campaign_id campaign);

/* The evidence pack of a campaign. */
void evidence_open(struct app *app, struct campaign_id campaign);

/* What stands out in the log since the last review. */
void logreview_open(struct app *app);

/* Who may do what, to be confirmed. */
void peoplereview_open(struct app *app);

/* What is in doubt, held against a file of somebody else. */
void reconcile_open(struct app *app, struct campaign_id campaign);

/* Replies that no rule knows, and the user's own rules. */
void replies_open(struct app *app);

/* The stop list. */
void stops_open(struct app *app);

#endif
