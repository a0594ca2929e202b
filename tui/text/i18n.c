/* Starting gettext.  Debian without generated locales has only C, C.UTF-8 and
 * POSIX: C.UTF-8 with LANGUAGE set gives translations all the same, so no
 * locale is ever required.  Our own setting wins over the environment. */
#include "tui/text/i18n.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "sekisho"

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
	const char *codeset;

	if (language == LANGUAGE_AUTO)
		language = strncmp(environment_language(), "ja", 2) == 0
			       ? LANGUAGE_JA
			       : LANGUAGE_EN;
	if (!setlocale(LC_CTYPE, "") ||
	    (codeset = nl_langinfo(CODESET), strcmp(codeset, "UTF-8") != 0))
		setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_MESSAGES, "C.UTF-8");
	bindtextdomain(DOMAIN, localedir);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
	i18n_use(language);
}

void
i18n_use(enum language language)
{
	extern int _nl_msg_cat_cntr; /* gettext's: what it has cached is old */

	if (language != LANGUAGE_AUTO)
		setenv("LANGUAGE", language == LANGUAGE_JA ? "ja" : "en", 1);
	_nl_msg_cat_cntr++;
}

int
i18n_is_japanese(void)
{
	return strncmp(environment_language(), "ja", 2) == 0;
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
