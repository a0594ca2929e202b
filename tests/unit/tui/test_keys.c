/* Key names, folding, and the table of actions. */
#include "tests/unit/unit.h"

#include "tui/keys.h"

static void
names_come_back(void **state)
{
	static const char *const names[] = {"x", "?", "^S", "^_", "Enter",
	    "Tab", "BTab", "Esc", "Space", "PgUp", "PgDn", "Home", "End", "F1",
	    "F12", "M-e", "Del", "あ"};
	struct buf out = BUF_INIT;
	struct key key;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		buf_clear(&out);
		assert_true(key_of(span_of(names[i]), &key));
		key_spell(&key, &out);
		assert_span_equal(buf_span(&out), names[i]);
	}
	assert_false(key_of(SPAN("Entre"), &key));
	assert_false(key_of(SPAN("F13"), &key));
	assert_false(key_of(SPAN(""), &key));
	buf_done(&out);
}

static void
full_width_is_folded(void **state)
{
	struct key key = {.code = K_CHAR, .cp = 0xff4a};
	struct key folded = key_folded(&key);

	(void)state;
	assert_true(key_is(&folded, 'j'));
	key.cp = 0x3000;
	folded = key_folded(&key);
	assert_true(key_is(&folded, ' '));
	key.cp = 0x3042;
	folded = key_folded(&key);
	assert_int_equal(folded.cp, 0x3042);
}

static void
every_action_is_described(void **state)
{
	(void)state;
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);
		struct span keys = span_of(info->keys);
		struct key key;

		assert_true(strlen(info->id) > 0);
		assert_true(strlen(info->label) > 0);
		if (strlen(info->help) < 8 ||
		    info->help[strlen(info->help) - 1] != '.')
			fail_msg("%s has no help sentence", info->id);
		while (keys.len > 0) {
			if (!key_of(span_cut(&keys, ' '), &key))
				fail_msg(
				    "%s: a key has no such name", info->id);
		}
		for (int j = ACT_NONE + 1; j < i; j++) {
			if (!strcmp(info->id, action_info((enum action)j)->id))
				fail_msg("%s stands twice", info->id);
		}
	}
}

/* On one screen a key means one thing. */
static void
check_keys_of(struct span screen, int action)
{
	struct span keys = span_of(action_info((enum action)action)->keys);
	char name[64] = "";
	struct key key;

	assert_true(screen.len < sizeof name);
	memcpy(name, screen.ptr, screen.len);
	while (keys.len > 0) {
		struct span word = span_cut(&keys, ' ');

		assert_true(key_of(word, &key));
		if ((int)action_for_key(&key, name) != action)
			fail_msg("%s on %s: %.*s means another action",
			    action_info((enum action)action)->id, name,
			    SPAN_ARG(word));
	}
}

static void
no_key_means_two_things(void **state)
{
	(void)state;
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		struct span screens =
		    span_of(action_info((enum action)i)->screens);

		while (screens.len > 0)
			check_keys_of(span_cut(&screens, ' '), i);
	}
}

/* Whoever wants to lock or to leave must not do something else on one screen.
 * Where nobody is signed in both have rows of their own. */
static void
lock_and_leave_are_never_taken(void **state)
{
	static const enum action always[] = {ACT_LOCK, ACT_QUIT, ACT_HELP};

	(void)state;
	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);

		if (!strcmp(info->screens, "*") ||
		    !strcmp(info->screens, "signin") ||
		    !strcmp(info->screens, "lock"))
			continue;
		for (size_t k = 0; k < sizeof always / sizeof *always; k++) {
			struct span taken =
			    span_of(action_info(always[k])->keys);
			struct span first = span_cut(&taken, ' ');
			struct span keys = span_of(info->keys);

			while (keys.len > 0) {
				if (span_equal(span_cut(&keys, ' '), first))
					fail_msg("%s takes %.*s", info->id,
					    SPAN_ARG(first));
			}
		}
	}
}

static void
own_rows_win(void **state)
{
	struct key enter = {.code = K_ENTER};
	struct key esc = {.code = K_ESC};

	(void)state;
	assert_int_equal(action_for_key(&enter, "help"), ACT_RUN);
	assert_int_equal(action_for_key(&enter, "nowhere"), ACT_NONE);
	assert_int_equal(action_for_key(&esc, "palette"), ACT_CLOSE);
	assert_int_equal(action_for_key(&esc, "help"), ACT_BACK);
	enter.alt = true;
	assert_int_equal(action_for_key(&enter, "help"), ACT_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_come_back),
	    cmocka_unit_test(full_width_is_folded),
	    cmocka_unit_test(every_action_is_described),
	    cmocka_unit_test(no_key_means_two_things),
	    cmocka_unit_test(lock_and_leave_are_never_taken),
	    cmocka_unit_test(own_rows_win),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
