/* Core's words in sentences: told as people say them, else as they are. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/deliver/deliver.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"
#include "tui/text/words.h"

static const struct {
	enum err_code code;
	const char *fact, *value, *wanted; /* NULL: stands for itself */
} cases[] = {
    {E_ADDRESS_SYNTAX, "why", "at", "it needs exactly one @"},
    {E_ADDRESS_SYNTAX, "why", "name", "a name stands around it"},
    {E_MERGE_SYNTAX, "why", "name", "the name is not right"},
    {E_LIST_NAME, "why", "length", "it is too long"},
    {E_LIST_NAME, "name", "length", NULL},
    {E_CAMPAIGN_FIELD, "field", "body", "Text"},
    {E_MERGE_EMPTY, "field", "body", NULL},
    {E_NET_RESOLVE, "why", "Name or service not known", NULL},
};

static void
words_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = err_word(
		    cases[i].code, span_of(cases[i].fact), cases[i].value);

		if (!cases[i].wanted)
			assert_null(got);
		else
			assert_string_equal(got, cases[i].wanted);
	}
}

static void
sentences_hold_them(void **state)
{
	struct err err = {.code = E_NONE};
	struct buf out = BUF_INIT;

	(void)state;
	err_set(&err, E_LIST_NAME);
	err_fact(&err, "name", SPAN("taken"));
	err_fact(&err, "why", SPAN("taken"));
	err_text(&err, &out);
	assert_non_null(strstr(out.ptr, "called taken: another list has"));
	buf_done(&out);
}

/* Whatever pauses a run is told as more than two letters. */
static void
every_class_of_replies_is_told(void **state)
{
	(void)state;
	for (int i = OUTCOME_H1; i < OUTCOME_CLASSES; i++) {
		const char *name = outcome_class_name((enum outcome_class)i);
		const char *told = err_word(E_RUN_GUARD, SPAN("class"), name);

		if (!told || !strstr(told, name))
			fail_msg("class %s", name);
	}
	assert_non_null(err_word(E_RUN_GUARD, SPAN("class"), "burst"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_class_of_replies_is_told),
	    cmocka_unit_test(words_are_told),
	    cmocka_unit_test(sentences_hold_them),
	};

	i18n_start(BUILD_DIR "/locale", LANGUAGE_EN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
