/* Going through the checklist by what is on the screen. */
#ifndef TUI_DEMO_ANSWERS_H
#define TUI_DEMO_ANSWERS_H

#include "core/base/buf.h"

enum { PLAY_CODE_LEN = 6 };

/* What the line asks for that was chosen last. */
enum play_asked { PLAY_ASKED_SENTENCE, PLAY_ASKED_COUNT, PLAY_ASKED_CODES };

/* Zero-initialise; line is the caller's to end with buf_done(). */
struct play_answers {
	enum play_asked asked;
	char code[2][PLAY_CODE_LEN + 1]; /* of the test mail that was shown */
	bool was_end;    /* of a sample, by the key typed last */
	struct buf line; /* that the cursor was on */
};

enum play_answer {
	PLAY_WAIT,    /* something is under way */
	PLAY_TYPE,    /* keys are to be typed */
	PLAY_ANSWERED /* every line is done */
};

/* What to do next on this screen; keys begins anew. */
enum play_answer play_answers_next(
    struct play_answers *self, struct span screen, struct buf *keys);

#endif
