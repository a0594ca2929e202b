/* The text editor's state, shared by its files: text.c is the screen,
 * text_work.c its jobs, text_marks.c colours and completes merge marks,
 * text_find.c finds and replaces, text_pane.c shows the mail beside the text,
 * text_external.c hands the text to $EDITOR, text_snippet.c takes blocks of text
 * in and notes them. */
#ifndef TUI_SCREENS_TEXT_H
#define TUI_SCREENS_TEXT_H

#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/contacts/contacts.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/screens/external.h"
#include "tui/screens/screens.h"
#include "tui/widgets/editor.h"
#include "tui/widgets/list.h"
#include "tui/widgets/styled.h"

/* ---- Merge marks ---------------------------------------------------------- */

enum marks_menu {
	MENU_NONE,
	MENU_FIELD,   /* behind {{ */
	MENU_SECTION, /* behind {{# and {{^ */
	MENU_CLOSE,   /* behind {{/: the section that is open */
	MENU_FORMAT   /* behind {{field: */
};

/* The merge fields that a text may use, and the marks in it. */
struct marks {
	char **name; /* owned; of the list, besides name and address */
	size_t count;
	int *percent; /* owned; filled, of each and of the name; or NULL */
	bool known;   /* name is there: unknown fields can be told */
	struct list_source source;
	enum marks_menu menu;
	struct list *list; /* of matching; NULL: no menu is open */
	size_t *matching;  /* owned; numbers of names or formats */
	size_t matching_count;
	struct buf partial; /* what is typed already */
	struct buf open;    /* the section to be closed */
	struct buf fill;
	bool refused;           /* closed by Esc; until the braces are gone */
	struct mark_seen *seen; /* owned; of the text with this revision */
	size_t seen_count;
	uint64_t revision;
	bool has_seen;
	size_t fence_line; /* start of the line asked for last */
	bool in_fence;     /* whether code was open there */
};

/* Frees everything. */
void marks_done(struct marks *marks);

/* Takes names, and how many have them filled, over; they become NULL. */
void marks_take(
    struct marks *marks, char ***taken, size_t count, int **percent);

/* Opens, narrows or closes the menu for what stands before an offset. */
void marks_look(struct marks *marks, struct span text, size_t at);

/* What is to be inserted to complete with the chosen name: "ber}}". */
void marks_completion(const struct marks *marks, struct buf *out);

/* Finds the marks of a text anew when its revision is another one: before
 * marks_paint() is used. */
void marks_see(struct marks *marks, struct span text, uint64_t revision);

/* editor_paint for Markdown with merge marks; payload is struct marks. */
void marks_paint(
    void *payload, struct span text, size_t from, size_t to, uint8_t *roles);

/* ---- Finding -------------------------------------------------------------- */

enum find_stage {
	FIND_OFF,
	FIND_WHAT,  /* typing what is looked for */
	FIND_WITH,  /* typing what stands in its place */
	FIND_ASKING /* at each place: replace it? */
};

struct text_find {
	enum find_stage stage;
	struct line *what, *with; /* NULL until opened */
	size_t began;             /* where the cursor was */
	size_t places, number;
};

/* ---- The mail beside the text --------------------------------------------- */

struct text_pane {
	bool off;                /* the user wants none */
	struct styled *styled;   /* NULL: nothing was made yet */
	struct err fault;        /* of the last time; E_NONE: none */
	bool is_old;             /* what is shown is from before the fault */
	bool asked;              /* an answer has come */
	enum audience_step step; /* which recipient is wanted next */
	int64_t key, position, total;
	struct buf address;
	struct buf shown; /* the words it was scrolled to */
};

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
	bool save_wanted;       /* as soon as keeping has ended */
	enum text_then then;    /* after saving */
	bool thrown_away;       /* the user wants to lose what is not saved */
	int cols;               /* of the body as drawn last */
	bool external_off;      /* a setting forbids $EDITOR */
	struct err fault;       /* of the last compiling; E_NONE: none */
	struct buf kept_text;   /* what is asked about */
	struct campaign theirs; /* what somebody saved meanwhile */
	struct text_find find;
	struct text_pane pane;
	struct external *out;  /* at $EDITOR; NULL: not */
	struct buf out_before; /* the text as it was then */
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
	int *percent;
	bool external_off; /* TEXT_LOAD */
	/* TEXT_COMPILE: for whom, and the mail that was made */
	enum audience_step step;
	int64_t from, at_ms;
	int64_t key, position, total;
	struct buf address, html;
	struct err fault; /* of compiling or merging */
};

/* Starts a job on the campaign with the editor's text. */
void text_task_start(struct text *self, enum text_kind kind);

/* Keeps what is not saved at once, waiting for the disk: for the very end. */
void text_keep_now(struct text *self);

/* True when there is something to save. */
bool text_is_changed(const struct text *self);

/* After any change of the text: what is due is planned. */
void text_changed(struct text *self);

/* Starts keeping what is not saved, when it is not kept yet. */
void text_keep(struct text *self);

/* ---- text_find.c ---------------------------------------------------------- */

/* Opens the two lines, or goes to another stage. */
void find_open(struct text *self, enum find_stage stage);

/* Closes them; what was found is shown no more. */
void find_close(struct text *self);

/* Frees the lines. */
void find_free(struct text_find *find);

/* A key while it is open; UNUSED when no line has used it. */
enum used find_key(struct text *self, const struct key *key);

/* What such a key means then; ACT_NONE: nothing. */
enum action find_action(const struct text *self, const struct key *key);

/* Does it. */
enum used find_act(struct text *self, enum action action);

/* The key line of the stage. */
const enum action *find_footer(const struct text *self);

/* Draws two rows. */
enum { FIND_ROWS = 2 };
void find_draw(struct text *self, struct area a);

/* ---- text_pane.c ---------------------------------------------------------- */

/* True where there is room for it; and when it is shown. */
bool pane_fits(const struct text *self);
bool pane_is_shown(const struct text *self);

/* Takes what a job has made. */
void pane_take(struct text *self, struct text_task *task);

/* Draws it, at the place that the cursor is at. */
void pane_draw(struct text *self, struct area a);

/* Frees what it holds. */
void pane_free(struct text_pane *pane);

/* ---- text_snippet.c ------------------------------------------------------- */

/* Lets one of the snippets be chosen and puts it in at the cursor. */
void snippet_insert(struct text *self);

/* Makes a snippet of the marked text, after asking for its name. */
void snippet_keep(struct text *self);

/* ---- text_external.c ------------------------------------------------------ */

/* Puts the text out to $EDITOR and takes it back. */
void external_go(struct text *self);

#endif
