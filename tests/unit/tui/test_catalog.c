/* Catalogues as msgfmt writes them, and everything that is not one.  The
 * samples are the corpus of the fuzz target. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "tui/text/catalog.h"
#include "tui/text/i18n.h"

#define CORPUS "tests/fuzz/corpus/catalog/"

static void
sentences_are_found(void **state)
{
	struct catalog *catalog = catalog_open(CORPUS "good");

	(void)state;
	assert_non_null(catalog);
	assert_string_equal(catalog_find(catalog, "Home"), "ホーム");
	assert_string_equal(catalog_find(catalog, "%d row"), "%d 行");
	assert_null(catalog_find(catalog, "%d rows"));
	assert_null(catalog_find(catalog, "Hom"));
	assert_null(catalog_find(catalog, "Homes"));
	assert_null(catalog_find(catalog, "zzz"));
	assert_null(catalog_find(NULL, "Home"));
	catalog_free(&catalog);
	assert_null(catalog);
}

static void
damaged_ones_are_refused(void **state)
{
	static const char *const names[] = {"cut", "head-only", "empty",
	    "two-forms", "unsorted", "other-end", "revision", "count",
	    "table-outside", "length", "offset", "no such file"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf path = BUF_INIT;
		struct catalog *catalog;

		buf_printf(&path, CORPUS "%s", names[i]);
		catalog = catalog_open(path.ptr);
		if (catalog)
			fail_msg("%s was taken", names[i]);
		buf_done(&path);
	}
}

/* Whatever the locale: nothing but C.UTF-8 may be there. */
static void
japanese_needs_no_locale(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	i18n_start(BUILD_DIR "/locale", LANGUAGE_JA);
	assert_true(i18n_is_japanese());
	assert_string_equal(_("Home"), "ホーム");
	assert_string_equal(_("not in the catalogue"), "not in the catalogue");
	assert_string_equal(_(""), "");
	assert_string_not_equal(
	    P_("%d relay in use", "%d relays in use", 1), "%d relay in use");
	i18n_use(LANGUAGE_AUTO);
	assert_string_equal(_("Home"), "ホーム");
	assert_string_equal(getenv("LANGUAGE"), "ja");

	i18n_use(LANGUAGE_EN);
	assert_false(i18n_is_japanese());
	assert_string_equal(_("Home"), "Home");
	assert_string_equal(
	    P_("%d relay in use", "%d relays in use", 1), "%d relay in use");
	assert_string_equal(
	    P_("%d relay in use", "%d relays in use", 0), "%d relays in use");
	assert_string_equal(getenv("LANGUAGE"), "en");
}

static void
the_environment_chooses(void **state)
{
	static const struct {
		const char *language, *lc_all;
		int japanese;
	} cases[] = {
	    {"ja", "C", 1},
	    {"ja_JP:en", "", 1},
	    {"", "ja_JP.UTF-8", 1},
	    {"en", "ja_JP.UTF-8", 0},
	    {"", "C.UTF-8", 0},
	    {"de", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		setenv("LANGUAGE", cases[i].language, 1);
		setenv("LC_ALL", cases[i].lc_all, 1);
		i18n_start(BUILD_DIR "/locale", LANGUAGE_AUTO);
		if (i18n_is_japanese() != cases[i].japanese)
			fail_msg("case %zu", i);
	}
	/* Without a catalogue everything stays English and works. */
	i18n_start("/nonexistent", LANGUAGE_JA);
	assert_string_equal(_("Home"), "Home");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sentences_are_found),
	    cmocka_unit_test(damaged_ones_are_refused),
	    cmocka_unit_test(japanese_needs_no_locale),
	    cmocka_unit_test(the_environment_chooses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
