/* The reader's language: gettext with our own way of starting it, which needs
 * no generated locale.  _() translates, N_() only marks. */
#ifndef TUI_TEXT_I18N_H
#define TUI_TEXT_I18N_H

#include <libintl.h>

#define _(msgid)  gettext(msgid)
#define N_(msgid) msgid
/* Forms by number: P_("%s row", "%s rows", n). */
#define P_(one, many, n) ngettext((one), (many), (unsigned long)(n))

enum language { LANGUAGE_AUTO, LANGUAGE_EN, LANGUAGE_JA };

/* Sets the locale (UTF-8 in any case), binds the catalogue in localedir and
 * takes the language.  Once, before threads. */
void i18n_start(const char *localedir, enum language language);

/* Changes the language of what is drawn from now on. */
void i18n_use(enum language language);

/* True when the reader's language is Japanese. */
int i18n_is_japanese(void);

/* "auto", "en" or "ja"; another name is LANGUAGE_AUTO. */
enum language i18n_language_of(const char *name);

#endif
