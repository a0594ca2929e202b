/* Forms: one field per line, label left, value right, a line for errors. */
#ifndef TUI_WIDGETS_FORM_H
#define TUI_WIDGETS_FORM_H

#include "core/base/crypt.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/screen.h"
#include "tui/widgets/line.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_SECRET,
	FIELD_CHOICE, /* one of choices: Left, Right, Space, first letter */
	FIELD_BUTTON, /* Enter gives FORM_PRESSED */
	FIELD_SHOWN,  /* value can be read only; skipped by Tab */
	FIELD_GAP,    /* an empty line, or a heading when it has a label */
};

struct field_spec {
	const char *label; /* untranslated */
	enum field_kind kind;
	int cols;   /* cells of the value; 0: to the right edge */
	size_t max; /* octets; 0: 255 */
	const char *const *choices; /* untranslated, ended by NULL */
	const char *hint; /* untranslated; shown below while focused */
	/* Adds a translated sentence to why when text is not right yet; NULL:
	 * anything goes. */
	void (*check)(struct span text, struct buf *why);
	enum line_paste paste;
};

enum form_did {
	FORM_UNUSED,
	FORM_USED,    /* moved or nothing to tell */
	FORM_CHANGED, /* a value has changed */
	FORM_PRESSED, /* Enter on a button, or behind the last field */
};

struct form;

/* A form over a static table.  The caller frees it. */
struct form *form_new(const struct field_spec *fields, size_t count);
void form_free(struct form **form);

/* Values by field number.  Spans live until the form changes. */
struct span form_text(const struct form *form, int field);
void form_set(struct form *form, int field, struct span text);
int form_choice(const struct form *form, int field);
void form_set_choice(struct form *form, int field, int choice);
struct secret *form_secret(const struct form *form, int field); /* yours */

/* Replaces the choices of a field: translated or foreign texts, copied. */
void form_set_choices(
    struct form *form, int field, const char *const *choices, size_t count);

/* A hidden field is not drawn, checked or gone to; its value stays. */
enum field_seen { FIELD_SEEN, FIELD_HIDDEN };
void form_set_seen(struct form *form, int field, enum field_seen seen);

/* Shows an error under a field until its value changes; NULL takes it away. */
void form_set_error(struct form *form, int field, const char *text);

/* The first field whose check fails, or -1; its error is then shown and it has
 * the focus. */
int form_check(struct form *form);

/* Changed since form_new() or form_set_saved(). */
bool form_is_changed(const struct form *form);
void form_set_saved(struct form *form);
/* A value was set for the user, who has not saved it yet. */
void form_set_changed(struct form *form);

/* True when the last form_draw() had no room for the fields at the end. */
bool form_has_more(const struct form *form);

/* The field that has the focus; -1 when none can. */
int form_focus(const struct form *form);
/* Gives the focus to a field, or to the next one that can have it. */
void form_set_focus(struct form *form, int field);

enum form_did form_key(struct form *form, const struct key *key);

/* Draws, scrolled so that the focused field can be seen. */
void form_draw(struct form *form, struct area a, enum focus focus);

#endif
