/* The keys of the played demo. */
#ifndef TUI_DEMO_SCRIPT_H
#define TUI_DEMO_SCRIPT_H

#include <stdbool.h>

/* Once wait is on the screen, prints it under caption (NULL: does not), then
 * types keys.  All texts but keys are untranslated. */
struct play_step {
	const char *wait; /* NULL: the end */
	const char *caption;
	const char *keep; /* the number behind this text is kept */
	bool type_kept;   /* types it before keys */
	const char *keys;
};

/* The script, ended by a step without wait; static. */
const struct play_step *play_script(void);

#endif
