/* What the files of the screen of a list's people share. */
#ifndef TUI_SCREENS_CONTACTS_IMPL_H
#define TUI_SCREENS_CONTACTS_IMPL_H

#include "core/contacts/contacts.h"
#include "tui/app.h"
#include "tui/screens/contacts_task.h"
#include "tui/widgets/filter.h"
#include "tui/widgets/list.h"

enum {
	CACHE_ROWS = 128,
	COLUMNS_MAX = LIST_COLUMNS_MAX,
	COLUMN_OCTETS = CONTACT_FIELD_NAME_MAX + 1
};

/* ---- Columns (contacts_columns.c) ------------------------------------------ */

enum column_kind {
	COLUMN_ADDRESS, /* always the first */
	COLUMN_NAME,
	COLUMN_STATUS,
	COLUMN_CONSENT,
	COLUMN_SENT,
	COLUMN_TAGS,
	COLUMN_FIELD, /* one of the list's own */
	COLUMN_KINDS = COLUMN_FIELD
};

struct column {
	enum column_kind kind;
	char field[COLUMN_OCTETS]; /* of COLUMN_FIELD */
};

/* The columns of a screen, in their order. */
struct columns {
	struct column column[COLUMNS_MAX];
	size_t count;
};

/* Reads what columns_write() has written; what is not understood is passed
 * over, nothing at all: the usual ones. */
void columns_read(struct columns *columns, struct span text);

/* Adds the columns but for the first, a line each. */
void columns_write(const struct columns *columns, struct buf *out);

/* The title of a column, translated; a field's is its name. */
const char *column_title(const struct column *column);

/* Fills table, and title with what it points to, for a list in an order. */
void columns_lay_out(const struct columns *columns,
    const struct list_view *view, struct list_column *table, struct buf *title);

/* Opens the choice of columns over a screen; names are the list's own fields,
 * copied.  chosen is called when others were chosen. */
void columns_choose(struct screen *owner, const struct columns *now,
    char *const *names, size_t count,
    void (*chosen)(struct screen *owner, const struct columns *columns));

/* ---- Rows (contacts_rows.c) ------------------------------------------------ */

struct cached {
	int64_t index; /* -1: empty */
	struct contact_page page;
	struct contact_mail mail; /* the last one */
	struct buf tags;
};

/* What is shown of one screen's list. */
struct rows {
	struct list_source source; /* first */
	struct app *app;           /* borrowed */
	struct list_id list;
	struct db *db;         /* owned; NULL: not open yet */
	struct ids all, match; /* match: of the filter in force */
	bool filtered;         /* match is what is shown */
	struct cached cache[CACHE_ROWS];
	struct columns columns;
	struct list_column table[COLUMNS_MAX];
	struct buf title[COLUMNS_MAX], cell[COLUMNS_MAX];
};

/* An empty one, and the end of it. */
void rows_begin(struct rows *rows, struct app *app, struct list_id list);
void rows_end(struct rows *rows);

/* Whom the list shows now. */
const struct ids *rows_ids(const struct rows *rows);

/* The contact on a row; NULL when it is gone. */
const struct contact_row *rows_at(struct rows *rows, int64_t index);

/* What is on the rows may have changed. */
void rows_forget(struct rows *rows);

/* Ids in rising order as keys; the caller frees them. */
int64_t *rows_keys(const struct ids *ids);

/* Exchanges ids for what a job has found, which is emptied. */
void ids_take(struct ids *to, struct ids *taken);

/* ---- Many people (contacts_many.c) ----------------------------------------- */

/* Whom a question is about. */
enum whom { WHOM_ONE, WHOM_MARKED, WHOM_SHOWN };

struct contacts;

/* Does an action with the person under the cursor alone. */
typedef void many_one(struct contacts *self, enum action action);

struct many {
	enum action action; /* what is asked or done */
	many_one *one;
	enum whom whom;
	enum whom choice[3];   /* of the question */
	struct contact_id *id; /* owned */
	size_t count;
	struct tag_use *tag; /* owned; read for a question */
	size_t tags;
	int64_t tag_id;  /* chosen; 0: text is a new one's name */
	struct buf text; /* name of a tag, or the reason */
	struct job *job; /* NULL: nothing is under way */
	/* What u takes back before it looks into the trash. */
	struct tag_done done;
	bool given; /* else taken */
};

struct contacts {
	struct screen base;
	struct rows rows;
	struct list *list;
	struct list_info info; /* id 0 until it is read */
	bool loaded, searching;
	bool all_there; /* rows.all is complete and in order */
	bool stale;     /* the list may have changed behind us */
	struct filter_field filter;
	struct job *search; /* the last one started; NULL when it has ended */
	int64_t generation; /* of the search whose result is wanted */
	int64_t so_far;     /* found by it */
	bool sorting;       /* it has found everybody */
	struct buf fault;   /* what is wrong with the filter; empty: nothing */
	char *chosen;       /* address a question is about */
	struct contact_id about; /* whom it is of */
	struct job *undoing;     /* NULL: none */
	struct roster *roster;   /* held; of a long list, for its filters */
	bool reading;            /* it is being read */
	struct list_view view;
	bool has_view;            /* view was read */
	struct contact_id anchor; /* where a range begins; 0: none */
	struct contact_summary summary;
	struct contact_id summary_of; /* 0: nobody */
	struct many many;
};

/* Starts a task about the screen's list. */
struct job *contacts_start(struct contacts *self, enum contacts_task_kind kind,
    struct span text, struct span reason);

/* The list has changed: it is read again, with the filter as it is. */
void contacts_read_again(struct contacts *self);

/* The person under the cursor, or NULL. */
const struct contact_row *contacts_selected(struct contacts *self);

/* ---- One person (contacts_one.c) ------------------------------------------- */

/* Asks what an action with the person under the cursor needs, then does it;
 * also what the record hands over. */
void one_ask(struct contacts *self, enum action action);

/* Why that cannot be done (translated), or NULL. */
const char *one_why_not(struct contacts *self, enum action action);

/* Asks how the filter is called as a segment, and saves it. */
void one_ask_segment(struct contacts *self);

/* ---- Many ------------------------------------------------------------------ */

/* Asks whom an action is for, when there is a choice, and goes on with what it
 * needs; one person goes to one(). */
void many_ask(struct contacts *self, enum action action, many_one *one);

/* Why it cannot be done now (translated), or NULL. */
const char *many_why_not(const struct contacts *self);

/* A job of these has ended; false when it is none of these. */
bool many_done(struct contacts *self, struct job *job, void *data, int rc,
    const struct err *err);

/* Adds how far what is under way is; false when nothing is. */
bool many_hint(const struct contacts *self, struct buf *out);

/* Takes back the tag last given or taken here; false when there is none. */
bool many_undo(struct contacts *self);

/* Stops what is under way; false when nothing is. */
bool many_cancel(struct contacts *self);

/* Frees what it holds. */
void many_end(struct many *many);

#endif
