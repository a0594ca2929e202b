/* The record of a campaign and the only table of steps it may take. */
#ifndef CORE_CAMPAIGN_CAMPAIGN_H
#define CORE_CAMPAIGN_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/store/store.h"

struct campaign_id {
	int64_t v;
};

/* Stored as numbers: never renumber. */
enum campaign_class {
	CLASS_AD,     /* advertisement (特定電子メール) */
	CLASS_TX,     /* transaction */
	CLASS_NOTICE, /* mandated notice */
	CLASS_TEST,
	CLASS_COUNT
};

/* Stored as numbers: never renumber. */
enum campaign_state {
	CAMPAIGN_DRAFT,   /* may be edited */
	CAMPAIGN_SEALED,  /* reviewed and sealed; an edit falls back to draft */
	CAMPAIGN_RUNNING, /* launched: read-only for ever */
	CAMPAIGN_DONE,    /* every recipient in a final state */
	CAMPAIGN_STOPPED, /* cancelled by the operator, the rest not sent */
	CAMPAIGN_TEMPLATE, /* to make campaigns of: no step leads from here */
	CAMPAIGN_STATES
};

/* Stored as numbers: never renumber. */
enum campaign_charset {
	CHARSET_UTF_8,
	CHARSET_ISO_2022_JP, /* where a message can be written in it */
	CAMPAIGN_CHARSETS
};

/* S/MIME encryption.  Stored as numbers: never renumber. */
enum campaign_encrypt {
	ENCRYPT_NEVER,
	ENCRYPT_KNOWN,  /* where the recipient's certificate is known */
	ENCRYPT_ALWAYS, /* who has none is refused */
	ENCRYPT_COUNT
};

/* Whom mail is meant for, and of whom a list is.  Stored as numbers: never
 * renumber. */
enum circle {
	CIRCLE_UNSAID, /* nobody has said */
	CIRCLE_STAFF,
	CIRCLE_PARTNERS,
	CIRCLE_CUSTOMERS,
	CIRCLE_COUNT
};

enum {
	SUBJECT_MAX = 900,
	PREHEADER_MAX = 900,
	THEME_TEXT_MAX = 64 * 1024,
	BODY_MAX = 1024 * 1024,
	CAMPAIGN_NAME_MAX = 200
};

/* A campaign; the strings are its own: end with campaign_done(). */
struct campaign {
	struct campaign_id id;
	enum campaign_class class;
	enum campaign_state state;
	int64_t list;    /* list id, 0 = none chosen */
	int64_t segment; /* of that list, 0 = all of it */
	struct buf name, from_name, from_address, reply_to, subject, body;
	struct buf preheader;  /* what lists of mail show behind the subject */
	struct buf theme;      /* name of the mail theme, empty = letter */
	struct buf theme_text; /* its file as it was when it was chosen */
	struct buf language;   /* BCP 47; empty = by the text */
	enum campaign_charset charset;
	int64_t smime; /* signing identity, 0 = none */
	enum campaign_encrypt encrypt;
	bool confidential; /* only by relays that offer REQUIRETLS */
	enum circle meant_for;
	int64_t expected;      /* recipients, as its author says; 0 = unsaid */
	int64_t send_at_ms;    /* starts by itself then; 0 = by hand */
	int64_t send_until_ms; /* never starts after it; 0 = no limit */
	int64_t revision;      /* grows with every saved change */
	int64_t changed_ms;
	struct buf changed_by;
};

#define CAMPAIGN_INIT ((struct campaign){.id = {0}})

/* Frees the strings. */
void campaign_done(struct campaign *campaign);

/* Makes to the same as from, with strings of its own. */
void campaign_assign(struct campaign *to, const struct campaign *from);

/* Makes a draft with this name; the sender comes from the settings.  Logged.
 * E_CAMPAIGN_FIELD. */
int campaign_create(struct store *store, struct span name,
    enum campaign_class class, struct campaign_id *out, struct err *err);

/* Reads a campaign into out (done first).  E_CAMPAIGN_MISSING. */
int campaign_read(struct db *db, struct campaign_id id, struct campaign *out,
    struct err *err);

/* Saves all editable fields when the stored revision is still
 * campaign->revision, which then grows by one.  A sealed campaign falls back
 * to draft and loses its seal.  Logged.  E_CAMPAIGN_CONFLICT when someone saved
 * meanwhile, E_CAMPAIGN_STATE when it was launched, E_CAMPAIGN_FIELD for text
 * that is too long, not UTF-8, or holds controls. */
int campaign_save(
    struct store *store, struct campaign *campaign, struct err *err);

/* Keeps what the editor holds unsaved (autosave); not a revision. */
int campaign_keep_unsaved(struct store *store, struct campaign_id id,
    struct span subject, struct span body, struct err *err);

/* Reads kept text: 1 and subject, body, *at_ms filled; 0 when none is kept. */
int campaign_find_unsaved(struct db *db, struct campaign_id id,
    struct buf *subject, struct buf *body, int64_t *at_ms, struct err *err);

/* Forgets kept text. */
int campaign_drop_unsaved(
    struct store *store, struct campaign_id id, struct err *err);

/* ---- Versions ---------------------------------------------------------- */

/* A saved text.  All versions stay as long as their campaign. */
struct campaign_version {
	int64_t revision;
	int64_t at_ms;
	int64_t characters; /* of the text */
	char by[64];
};

/* The versions of a campaign whose text differs from the one before, newest
 * first; *out has *count rows, the caller frees it. */
int campaign_versions(struct db *db, struct campaign_id id,
    struct campaign_version **out, size_t *count, struct err *err);

/* Reads the text of one (into buffers that are emptied before).
 * E_CAMPAIGN_MISSING. */
int campaign_version_read(struct db *db, struct campaign_id id,
    int64_t revision, struct buf *subject, struct buf *body, struct err *err);

/* Saves subject and text of a version as a new revision; out is then the
 * campaign.  Errors as campaign_version_read(), campaign_save(). */
int campaign_restore(struct store *store, struct campaign_id id,
    int64_t revision, struct campaign *out, struct err *err);

/* ---- The list of campaigns --------------------------------------------- */

/* One line of the list of campaigns. */
struct campaign_row {
	struct campaign_id id;
	enum campaign_state state;
	enum campaign_class class;
	char name[CAMPAIGN_NAME_MAX * 4 + 1];
	char list_name[520]; /* and behind " > " that of its segment */
	char changed_by[64];
	int64_t changed_ms;
	int64_t recipients; /* of the run, or members of the list; -1: its
			     * author has not said yet how many it will be, or
			     * it is for a segment */
	int64_t final;      /* of these, in a final state; 0 without a run */
};

/* All campaigns but templates, last changed first; *out has *count rows, the
 * caller frees it. */
int campaign_all(
    struct db *db, struct campaign_row **out, size_t *count, struct err *err);

/* All templates, by name; *out has *count rows, the caller frees it. */
int campaign_templates(
    struct db *db, struct campaign_row **out, size_t *count, struct err *err);

/* Copies a campaign or template, whatever its state, into a new draft or
 * template (as) called name; when and to how many people it goes is to be said
 * anew.  Logged.  E_CAMPAIGN_MISSING, E_CAMPAIGN_FIELD. */
int campaign_copy(struct store *store, struct campaign_id from,
    struct span name, enum campaign_state as, struct campaign_id *out,
    struct err *err);

/* Deletes a draft or template with its versions and what was checked of it.
 * Logged.  E_CAMPAIGN_STATE for what is sealed or was launched. */
int campaign_delete(
    struct store *store, struct campaign_id id, struct err *err);

/* True when campaign_save() takes changes in this state. */
bool campaign_is_editable(enum campaign_state state);

/* True while its author has not said how many people they expect: no screen
 * tells the number before, or it would be copied (TW-01). */
bool campaign_hides_count(const struct campaign *campaign);

/* True when the step is in the table of allowed steps. */
bool campaign_may_step(enum campaign_state from, enum campaign_state to);

/* Moves the state inside the caller's transaction.  E_CAMPAIGN_STATE when the
 * stored state is not from, or the table does not allow the step. */
int campaign_step(struct db *db, struct campaign_id id,
    enum campaign_state from, enum campaign_state to, struct err *err);

/* Makes a sealed campaign a draft inside the caller's transaction: its seal is
 * gone, its results stay, to be judged again; why is one word for the log.
 * Does nothing to a draft.  Logged.  E_CAMPAIGN_STATE when it was launched. */
int campaign_unseal(struct store *store, struct db *db, struct campaign_id id,
    const char *why, struct err *err);

/* Makes room for a change of something that hangs on a campaign (its files),
 * inside the caller's transaction: its seal is gone, its revision one higher.
 * E_CAMPAIGN_MISSING, E_CAMPAIGN_STATE when it was launched. */
int campaign_touch(
    struct store *store, struct db *db, struct campaign_id id, struct err *err);

/* How many recipients of the frozen audience had as many advertisements as the
 * settings allow (pace.frequency), counted back from now_ms; 0 without a cap
 * and for mail that is no advertisement. */
int campaign_frequent(struct db *db, const struct campaign *campaign,
    int64_t now_ms, int64_t *count, struct err *err);

/* Makes their planned rows in the ledger WITHHELD, in the caller's transaction;
 * *count = how many. */
int campaign_withhold_frequent(struct db *db, const struct campaign *campaign,
    int64_t now_ms, int64_t *count, struct err *err);

/* Stable word of a class ("ad"); static. */
const char *campaign_class_name(enum campaign_class class);

/* Stable word of a state ("draft"); static. */
const char *campaign_state_name(enum campaign_state state);

/* ---- Snippets ------------------------------------------------------------ */

/* A block of Markdown to be put into texts; the strings are its own: end with
 * snippet_done(). */
struct snippet {
	int64_t id; /* 0: new */
	struct buf name, body;
	int64_t changed_ms;
	struct buf changed_by;
};

enum { SNIPPET_MAX = 64 * 1024 }; /* octets of a body */

/* Frees the strings. */
void snippet_done(struct snippet *snippet);

/* Reads all snippets, by name; *out has *count, ended with
 * snippets_free(). */
int snippet_all(
    struct db *db, struct snippet **out, size_t *count, struct err *err);

/* Ends and frees them; accepts NULL, sets *all to NULL. */
void snippets_free(struct snippet **all, size_t count);

/* Stores a snippet (id 0 makes one and sets id).  Logged.  E_SNIPPET_FIELD
 * (field, why: empty, length, utf8, control, taken), E_SNIPPET_MISSING. */
int snippet_save(struct store *store, struct snippet *snippet, struct err *err);

/* Deletes one; texts that took it in keep it.  Logged.  E_SNIPPET_MISSING. */
int snippet_delete(struct store *store, int64_t id, struct err *err);

#endif
