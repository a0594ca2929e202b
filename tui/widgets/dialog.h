/* Questions, by what is at stake.  The key that opened a dialog never answers
 * it: for 400 ms after it appeared, and as long as a key repeats itself,
 * nothing is taken.  Pastes never confirm. */
#ifndef TUI_WIDGETS_DIALOG_H
#define TUI_WIDGETS_DIALOG_H

#include "core/base/crypt.h"
#include "tui/app.h"
#include "tui/screen.h"
#include "tui/widgets/line.h"

enum { DIALOG_CHOICES_MAX = 6 };

/* What is asked.  All texts are translated; foreign parts pass the gate. */
struct dialog {
	const char *title;
	const char *text; /* object, number and consequence; may have LF */
	/* Called once, on the screen thread, when it is answered or closed:
	 * answer is 0 for cancelled, else what the kind says.  text is what was
	 * typed.  owner is still on the stack. */
	void (*done)(struct screen *owner, int answer, struct span text);
};

/* T1, a draft or a setting would be lost: focus on Cancel, 'y' (answer 1)
 * does it, Enter cancels. */
void dialog_confirm(
    struct screen *owner, const struct dialog *dialog, const char *yes);

/* T2, cannot be undone: word must be typed exactly, then Enter (answer 1). */
void dialog_type(
    struct screen *owner, const struct dialog *dialog, const char *word);

struct dialog_choice {
	char key; /* a letter */
	const char *label;
};

/* One of several ways to go on; answer is 1 for the first choice, and so on;
 * Esc and Enter cancel. */
void dialog_choose(struct screen *owner, const struct dialog *dialog,
    const struct dialog_choice *choices, size_t count);

/* A line of text (a name) or a number, which must be typed and not pasted;
 * answer 1 with text.  check, which may be NULL, adds why a text is not right
 * yet. */
void dialog_ask(struct screen *owner, const struct dialog *dialog,
    enum line_kind kind, struct span start,
    void (*check)(struct span text, struct buf *why));

/* A list to choose from; answer is 1 for the first item; items are copied. */
void dialog_pick(struct screen *owner, const struct dialog *dialog,
    const char *const *items, size_t count, size_t start);

/* Something to know, closed by Enter or Esc (done may be NULL). */
void dialog_tell(struct screen *owner, const struct dialog *dialog);

#endif
