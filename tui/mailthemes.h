/* Where the files of mail themes are: the folder "mail" in every place of the
 * terminal's themes. */
#ifndef TUI_MAILTHEMES_H
#define TUI_MAILTHEMES_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "tui/theme.h"

/* A mail theme that can be chosen. */
struct mailtheme_entry {
	char id[THEME_NAME_MAX + 1]; /* the file's name */
	char name[THEME_NAME_MAX + 1];
	char name_ja[THEME_NAME_MAX + 1]; /* may be empty */
	bool good; /* reads without an error and is readable */
};

/* All of them by id, "letter" first, which needs no file; *out has *count
 * entries, the caller frees it.  Reads files. */
void mailthemes_find(const struct theme_places *places,
    struct mailtheme_entry **out, size_t *count);

/* Appends the file of the theme to out; nothing for a "letter" without one.
 * E_THEME_MISSING, E_FILE_READ, E_FILE_SIZE. */
int mailthemes_read(const struct theme_places *places, const char *id,
    struct buf *out, struct err *err);

/* The name in the reader's language. */
const char *mailthemes_name(const struct mailtheme_entry *entry);

#endif
