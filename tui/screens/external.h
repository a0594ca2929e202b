/* The user's own editor on a text of ours. */
#ifndef TUI_SCREENS_EXTERNAL_H
#define TUI_SCREENS_EXTERNAL_H

#include "core/base/buf.h"
#include "core/campaign/campaign.h"
#include "tui/app.h"

enum { EXTERNAL_MAX = 1024 * 1024 };

/* A text that is out: a file that only we may read, in a folder in memory. */
struct external;

/* Where such folders may be; NULL ends the list. */
struct external_places {
	const char *dir[4];
	char own[64]; /* /run/user/UID */
};

/* $XDG_RUNTIME_DIR, /run/user/UID, /dev/shm. */
void external_places(struct external_places *out);

/* True when path is a folder of ours on a file system in memory. */
bool external_is_memory(const char *path);

/* Puts the text of a campaign out.  The caller ends it with external_end().
 * E_EDITOR_MEMORY when no place is in memory, E_FILE_OPEN, E_FILE_WRITE. */
int external_begin(const struct external_places *places, struct store *store,
    struct campaign_id campaign, struct span text, struct external **out,
    struct err *err);

/* The folder that the text is in; lives as long as it. */
const char *external_folder(const struct external *external);

/* Has $VISUAL or $EDITOR change it.  E_TERM_PROGRAM, E_TERM_NONE. */
int external_run(struct app *app, struct external *external, struct err *err);

/* Adds what is in the file now; *changed tells whether it is another text than
 * was put out.  E_FILE_OPEN, E_FILE_READ, E_FILE_SIZE; E_EDITOR_BYTES (line)
 * when it is not UTF-8 or holds controls: the text is added all the same. */
int external_read(
    struct external *external, struct buf *out, bool *changed, struct err *err);

/* Wipes and removes the file and what the editor left beside it.  Accepts
 * NULL, sets *external to NULL. */
void external_end(struct external **external);

/* Ends what a program that died has left: a text that was changed is kept in
 * the store as unsaved text of its campaign, then all is wiped.  Texts of
 * programs that live, and of other stores, are left alone.  Returns how many
 * were kept. */
int external_sweep(const struct external_places *places, struct store *store);

/* external_sweep() in a job of a screen, whose job_done() passes what it got
 * for this job on to external_swept(). */
struct job *external_sweep_start(struct screen *owner);
void external_swept(struct screen *owner, const void *data);

#endif
