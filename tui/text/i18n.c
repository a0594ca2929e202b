/* Which language, and its sentences.  Debian without generated locales has only
 * C, C.UTF-8 and POSIX, in which the C library translates nothing; ours are
 * translated all the same, so no locale is ever required.  Our own setting wins
 * over the environment. */
#include "tui/text/i18n.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "tui/text/catalog.h"

/* The language is one for the whole process, as a locale is: sentences are made
 * in too many places to hand it through. */
static struct {
	struct catalog *japanese;
	enum language language;
} reader = {NULL, LANGUAGE_EN};

/* Only messages take the user's locale: numbers and dates are our own. */
static const char *
environment_language(void)
{
	static const char *const names[] = {
	    "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "";
}

void
i18n_start(const char *localedir, enum language language)
{
	struct buf path = BUF_INIT;
	const char *codeset;

	if (language == LANGUAGE_AUTO)
		language = strncmp(environment_language(), "ja", 2) == 0
			       ? LANGUAGE_JA
			       : LANGUAGE_EN;
	if (!setlocale(LC_CTYPE, "") ||
	    (codeset = nl_langinfo(CODESET), strcmp(codeset, "UTF-8") != 0))
		setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_MESSAGES, "C.UTF-8");
	buf_printf(&path, "%s/ja/LC_MESSAGES/sekisho.mo", localedir);
	catalog_free(&reader.japanese);
	reader.japanese = catalog_open(path.ptr);
	buf_done(&path);
	i18n_use(language);
}

void
i18n_use(enum language language)
{
	if (language == LANGUAGE_AUTO)
		return;
	reader.language = language;
	setenv("LANGUAGE", language == LANGUAGE_JA ? "ja" : "en", 1);
}

int
i18n_is_japanese(void)
{
	return reader.language == LANGUAGE_JA;
}

const char *
i18n_text(const char *msgid)
{
	const char *text = NULL;

	/* The empty source names the head of the catalogue. */
	if (reader.language == LANGUAGE_JA && *msgid)
		text = catalog_find(reader.japanese, msgid);
	return text && *text ? text : msgid;
}

const char *
i18n_count(const char *one, const char *many, unsigned long n)
{
	const char *text = i18n_text(one);

	return text != one ? text : n == 1 ? one : many;
}

enum language
i18n_language_of(const char *name)
{
	if (name && !strcmp(name, "en"))
		return LANGUAGE_EN;
	if (name && !strcmp(name, "ja"))
		return LANGUAGE_JA;
	return LANGUAGE_AUTO;
}
