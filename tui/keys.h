/* Keys and the one table of actions.  tui/keys.def lists every action with
 * its keys, footer word, help sentence and screens; key line, help overlay,
 * palette and manual are made of it. */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum key_code {
	K_NONE,
	K_CHAR, /* cp: a character, or a control code 1..31 for ^A..^_ */
	K_ENTER,
	K_TAB,
	K_BACKTAB,
	K_ESC,
	K_BACKSPACE,
	K_DELETE,
	K_INSERT,
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_F1,
	K_F12 = K_F1 + 11,
	K_PASTE, /* paste: the pasted bytes, foreign */
	K_RESIZE,
	K_CODE_COUNT
};

/* The control code of a letter: K_CTRL('S') is ^S. */
#define K_CTRL(letter) ((uint32_t)(letter) & 0x1f)

struct key {
	enum key_code code;
	uint32_t cp;       /* K_CHAR */
	bool alt;          /* Esc came just before it */
	bool shift, ctrl;  /* held, with keys that are no characters */
	struct span paste; /* K_PASTE; lives during the call */
};

/* True when key is this character and nothing else. */
bool key_is(const struct key *key, uint32_t cp);

/* True for a character that can be typed into a text (no control, no Alt). */
bool key_is_text(const struct key *key);

/* Reads a name like "x", "^S", "Enter", "PgDn", "Space", "M-e", "F2", and
 * "C-Left", "S-Up" for keys that are no characters.
 * False when it is none. */
bool key_of(struct span name, struct key *out);

/* Adds the name of a key, in the spelling key_of() reads. */
void key_spell(const struct key *key, struct buf *out);

/* The key for a character as a terminal sends it. */
struct key key_of_input(uint32_t cp);

/* Full-width ASCII and the ideographic space become ASCII, so that commands
 * work while an input method is on. */
struct key key_folded(const struct key *key);

enum action {
	ACT_NONE,
#define X(action, id, keys, label, help, words, screens) action,
#include "tui/keys.def"
#undef X
	ACT_COUNT
};

struct action_info {
	const char *id;      /* stable, for the palette and the manual */
	const char *keys;    /* names separated by blanks; may be empty */
	const char *label;   /* footer word, untranslated */
	const char *help;    /* one sentence, untranslated */
	const char *words;   /* more words to find it by, any language */
	const char *screens; /* names separated by blanks, "*" or "*drill" */
};

/* The table row of an action. */
const struct action_info *action_info(enum action action);

/* True when the action belongs to a screen of this name ("*" and "*drill"
 * belong to all). */
bool action_is_on(enum action action, const char *screen);

/* True when the action belongs to all screens of a drill and to no others. */
bool action_is_of_drill(enum action action);

/* True when the action belongs to all screens, of a drill or of all. */
bool action_is_common(enum action action);

/* The action that a key means on a screen: its own rows first, then those
 * for all screens; ACT_NONE when there is none. */
enum action action_for_key(const struct key *key, const char *screen);

/* Adds the first key of an action as shown to people; nothing when it has
 * none. */
void action_key(enum action action, struct buf *out);

/* Adds the first key of an action that is no letter, where letters are text;
 * the first one when all are. */
void action_key_untyped(enum action action, struct buf *out);

#endif
