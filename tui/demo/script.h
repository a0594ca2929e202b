/* The keys of the played demo. */
#ifndef TUI_DEMO_SCRIPT_H
#define TUI_DEMO_SCRIPT_H

/* Once wait is on the screen, prints it under caption (NULL: does not), then
 * types keys.  All texts but keys are untranslated. */
struct play_step {
	const char *wait; /* NULL: the end */
	const char *caption;
	int watch_ms; /* looks on for this long before printing */
	const char *keys;
	/* before keys, answers every line of the checklist */
	enum { PLAY_KEYS, PLAY_CHECKLIST } what;
};

/* The script, ended by a step without wait; static. */
const struct play_step *play_script(void);

#endif
