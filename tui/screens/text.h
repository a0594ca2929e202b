/* The text editor's state, shared by its files: text.c is the screen,
 * text_work.c its jobs, text_marks.c colours and completes merge fields. */
#ifndef TUI_SCREENS_TEXT_H
#define TUI_SCREENS_TEXT_H

#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "tui/app.h"
#include "tui/screens/screens.h"
#include "tui/widgets/editor.h"
#include "tui/widgets/list.h"

/* The merge fields that a text may use. */
struct marks {
	char **name; /* owned; of the list, besides name and address */
	size_t count;
	bool known; /* name is there: unknown fields can be told */
	struct list_source source;
	struct list *list; /* of matching; NULL: no menu is open */
	size_t *matching;  /* owned; numbers for marks_name() */
	size_t matching_count;
	struct buf partial; /* what is typed behind the braces */
	bool refused;       /* closed by Esc; until the braces are gone */
};

/* Frees everything. */
void marks_done(struct marks *marks);

/* Takes names over; *taken becomes NULL. */
void marks_take(struct marks *marks, char ***taken, size_t count);

/* Opens, narrows or closes the menu for what stands before the cursor. */
void marks_look(struct marks *marks, struct span before);

/* What is to be inserted to complete with the chosen name: "ber}}". */
void marks_completion(const struct marks *marks, struct buf *out);

/* editor_paint for Markdown with merge fields; payload is struct marks. */
void marks_paint(
    void *payload, struct span text, size_t from, size_t to, uint8_t *roles);

enum text_then { THEN_STAY, THEN_LEAVE, THEN_PREVIEW };

struct text {
	struct screen base;
	enum editor_start start;
	struct campaign_id id;
	struct campaign campaign; /* as stored; its body is what was saved */
	bool loaded;
	struct editor *editor;
	struct marks marks;
	uint64_t saved, kept, compiled; /* revisions of the editor */
	int64_t keep_due, compile_due;  /* steady; 0: nothing to do */
	int64_t compile_began, compile_wait;
	bool saving, keeping, compiling;
	bool save_wanted;    /* as soon as keeping has ended */
	enum text_then then; /* after saving */
	bool thrown_away;    /* the user wants to lose what is not saved */
	struct err fault;    /* of the last compiling; E_NONE: none */
	struct buf needle;
	struct campaign theirs; /* what somebody saved meanwhile */
};

enum text_kind {
	TEXT_LOAD,
	TEXT_FIELDS,
	TEXT_COMPILE,
	TEXT_KEEP,
	TEXT_SAVE,
	TEXT_DROP,
	TEXT_THEIRS, /* reads what is stored, after a conflict */
};

/* A job's data. */
struct text_task {
	enum text_kind kind;
	struct store *store;
	struct campaign campaign; /* with the editor's text as body */
	uint64_t revision;        /* of the editor */
	bool has_kept;
	struct buf kept_subject, kept_body;
	int64_t kept_ms;
	char **name; /* TEXT_FIELDS */
	size_t count;
};

/* Starts a job on the campaign with the editor's text. */
void text_task_start(struct text *self, enum text_kind kind);

/* Keeps what is not saved at once, waiting for the disk: for the very end. */
void text_keep_now(struct text *self);

/* True when there is something to save. */
bool text_is_changed(const struct text *self);

#endif
