/* The reader's language: gettext's tools and files, but a reader of our own,
 * which needs no locale.  _() translates, N_() only marks. */
#ifndef TUI_TEXT_I18N_H
#define TUI_TEXT_I18N_H

#include <stddef.h>

#define _(msgid)  i18n_text(msgid)
#define N_(msgid) msgid
/* Forms by number: P_("%s row", "%s rows", n). */
#define P_(one, many, n) i18n_count((one), (many), (unsigned long)(n))

enum language { LANGUAGE_AUTO, LANGUAGE_EN, LANGUAGE_JA };

/* Sets the locale (UTF-8 in any case), reads the catalogues below localedir
 * and takes the language.  Once, before threads. */
void i18n_start(const char *localedir, enum language language);

/* Changes the language of what is drawn from now on, and of programs that are
 * started; on the screen thread.  LANGUAGE_AUTO leaves it as it is. */
void i18n_use(enum language language);

/* True when the reader's language is Japanese. */
int i18n_is_japanese(void);

/* "auto", "en" or "ja"; another name is LANGUAGE_AUTO. */
enum language i18n_language_of(const char *name);

/* The sentence in the reader's language, or msgid itself; lives for ever. */
__attribute__((format_arg(1))) const char *i18n_text(const char *msgid);

/* The same for a sentence with a number in it. */
__attribute__((format_arg(1), format_arg(2))) const char *i18n_count(
    const char *one, const char *many, unsigned long n);

#endif
