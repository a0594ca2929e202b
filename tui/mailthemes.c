/* Finding mail themes.  A file in the user's own folder hides an installed one
 * of the same name, as with the terminal's themes. */
#include "tui/mailthemes.h"

#include <dirent.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "tui/text/i18n.h"

enum { THEMES_MAX = 100 };

static const char letter[] = "letter";

static bool
is_id(struct span id)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	for (size_t i = 0; i < id.len; i++) {
		if (id.ptr[i] == '\0' || !strchr(allowed, id.ptr[i]))
			return false;
	}
	return id.len > 0 && id.len <= THEME_NAME_MAX;
}

int
mailthemes_read(const struct theme_places *places, const char *id,
    struct buf *out, struct err *err)
{
	struct err local = {.code = E_NONE};
	struct buf path = BUF_INIT;
	int rc = -1;

	for (size_t i = 0; is_id(span_of(id)) && places->dir[i]; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/mail/%s.theme", places->dir[i], id);
		rc = file_read(path.ptr, MAIL_THEME_MAX, out, &local);
		if (rc == 0 || local.code != E_FILE_OPEN)
			break;
	}
	if (rc < 0 && local.code != E_NONE && local.code != E_FILE_OPEN) {
		if (err)
			*err = local;
	} else if (rc < 0 && strcmp(id, letter) == 0) {
		rc = 0;
	} else if (rc < 0) {
		err_set(err, E_THEME_MISSING);
		err_fact(err, "theme", span_of(id));
	}
	buf_done(&path);
	return rc;
}

static void
add(const struct theme_places *places, struct span id,
    struct mailtheme_entry *all, size_t *count)
{
	struct mailtheme_entry *entry = &all[*count];
	struct mail_theme theme = {.pairs = 0};
	struct buf text = BUF_INIT;

	if (!is_id(id) || *count == THEMES_MAX)
		return;
	for (size_t i = 0; i < *count; i++) {
		if (span_equal(span_of(all[i].id), id))
			return;
	}
	*entry = (struct mailtheme_entry){.good = false};
	span_text(entry->id, sizeof entry->id, id);
	entry->good = mailthemes_read(places, entry->id, &text, NULL) == 0 &&
		      mail_theme_check(buf_span(&text), &theme, NULL) == 0;
	span_text(entry->name, sizeof entry->name,
	    span_of(theme.name[0] ? theme.name : entry->id));
	span_text(
	    entry->name_ja, sizeof entry->name_ja, span_of(theme.name_ja));
	++*count;
	buf_done(&text);
}

static void
add_folder(const struct theme_places *places, const char *folder,
    struct mailtheme_entry *all, size_t *count)
{
	struct buf path = BUF_INIT;
	struct dirent *entry;
	DIR *dir;

	buf_printf(&path, "%s/mail", folder);
	dir = opendir(path.ptr);
	while (dir && (entry = readdir(dir))) {
		struct span name = span_of(entry->d_name);

		if (span_ends(name, SPAN(".theme")))
			add(places, span_slice(name, 0, name.len - 6), all,
			    count);
	}
	if (dir)
		closedir(dir);
	buf_done(&path);
}

static int
by_id(const void *a, const void *b)
{
	const struct mailtheme_entry *first = a, *second = b;

	return strcmp(first->id, second->id);
}

void
mailthemes_find(const struct theme_places *places, struct mailtheme_entry **out,
    size_t *count)
{
	*out = mem_array(THEMES_MAX, sizeof **out);
	*count = 0;
	add(places, SPAN(letter), *out, count);
	for (size_t i = 0; places->dir[i]; i++)
		add_folder(places, places->dir[i], *out, count);
	qsort(*out + 1, *count - 1, sizeof **out, by_id);
}

const char *
mailthemes_name(const struct mailtheme_entry *entry)
{
	return i18n_is_japanese() && entry->name_ja[0] ? entry->name_ja
						       : entry->name;
}
