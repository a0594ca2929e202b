/* Key names and the action table.  What a key does is decided in keys.def and
 * nowhere else; this file only reads it. */
#include "tui/keys.h"

#include <assert.h>
#include <stdio.h>

#include "core/base/utf8.h"
#include "tui/text/i18n.h"

static const struct action_info table[] = {
    [ACT_NONE] = {"", "", "", "", "", ""},
#define X(action, id, keys, label, help, words, screens)                       \
	[action] = {id, keys, label, help, words, screens},
#include "tui/keys.def"
#undef X
};
static_assert(
    sizeof table / sizeof *table == ACT_COUNT, "describe every action");

static const struct {
	enum key_code code;
	const char *name;
} names[] = {
    {K_ENTER, "Enter"},
    {K_TAB, "Tab"},
    {K_BACKTAB, "BTab"},
    {K_ESC, "Esc"},
    {K_BACKSPACE, "Backspace"},
    {K_DELETE, "Del"},
    {K_INSERT, "Ins"},
    {K_UP, "Up"},
    {K_DOWN, "Down"},
    {K_LEFT, "Left"},
    {K_RIGHT, "Right"},
    {K_HOME, "Home"},
    {K_END, "End"},
    {K_PAGE_UP, "PgUp"},
    {K_PAGE_DOWN, "PgDn"},
};
enum { NAME_COUNT = sizeof names / sizeof *names };

bool
key_is(const struct key *key, uint32_t cp)
{
	return key->code == K_CHAR && key->cp == cp && !key->alt;
}

bool
key_is_text(const struct key *key)
{
	return key->code == K_CHAR && !key->alt && key->cp >= 0x20 &&
	       !(key->cp >= 0x7f && key->cp < 0xa0);
}

static bool
plain_key_of(struct span name, struct key *out)
{
	struct span number = span_slice(name, 1, name.len);
	int64_t value;

	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (span_equal(name, span_of(names[i].name))) {
			out->code = names[i].code;
			return true;
		}
	}
	if (span_starts(name, SPAN("F")) && span_int(number, &value) &&
	    value >= 1 && value <= 12) {
		out->code = (enum key_code)(K_F1 + value - 1);
		return true;
	}
	out->code = K_CHAR;
	if (span_equal(name, SPAN("Space"))) {
		out->cp = ' ';
		return true;
	}
	if (name.len == 2 && name.ptr[0] == '^' && name.ptr[1] >= '@' &&
	    name.ptr[1] <= '_') {
		out->cp = K_CTRL(name.ptr[1]);
		return true;
	}
	return utf8_next(&name, &out->cp) == UTF8_GOOD && name.len == 0 &&
	       out->cp > 0x20;
}

bool
key_of(struct span name, struct key *out)
{
	*out = (struct key){.code = K_NONE};
	while (name.len > 2 && name.ptr[1] == '-') {
		out->alt |= name.ptr[0] == 'M';
		out->ctrl |= name.ptr[0] == 'C';
		out->shift |= name.ptr[0] == 'S';
		name = span_slice(name, 2, name.len);
	}
	return plain_key_of(name, out);
}

void
key_spell(const struct key *key, struct buf *out)
{
	if (key->alt)
		buf_text(out, "M-");
	if (key->ctrl)
		buf_text(out, "C-");
	if (key->shift)
		buf_text(out, "S-");
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (names[i].code == key->code)
			buf_text(out, names[i].name);
	}
	if (key->code >= K_F1 && key->code <= K_F12)
		buf_printf(out, "F%d", (int)(key->code - K_F1) + 1);
	if (key->code != K_CHAR)
		return;
	if (key->cp == ' ') {
		buf_text(out, "Space");
	} else if (key->cp < 0x20) {
		buf_char(out, '^');
		buf_char(out, (char)(key->cp + 0x40));
	} else {
		buf_utf8(out, key->cp);
	}
}

struct key
key_of_input(uint32_t cp)
{
	switch (cp) {
	case '\r':
	case '\n':
		return (struct key){.code = K_ENTER};
	case '\t':
		return (struct key){.code = K_TAB};
	case 0x1b:
		return (struct key){.code = K_ESC};
	case 0x08:
	case 0x7f:
		return (struct key){.code = K_BACKSPACE};
	default:
		return (struct key){.code = K_CHAR, .cp = cp};
	}
}

struct key
key_folded(const struct key *key)
{
	struct key folded = *key;

	if (key->code != K_CHAR)
		return folded;
	if (key->cp >= 0xff01 && key->cp <= 0xff5e)
		folded.cp = key->cp - 0xff01 + '!';
	if (key->cp == 0x3000)
		folded.cp = ' ';
	return folded;
}

const struct action_info *
action_info(enum action action)
{
	return &table[(unsigned)action < ACT_COUNT ? action : ACT_NONE];
}

/* True when word is one of the words of list, which blanks separate. */
static bool
has_word(const char *list, struct span word)
{
	struct span rest = span_of(list);

	while (rest.len > 0) {
		if (span_equal(span_cut(&rest, ' '), word))
			return true;
	}
	return false;
}

bool
action_is_of_drill(enum action action)
{
	return !strcmp(action_info(action)->screens, "*drill");
}

bool
action_is_common(enum action action)
{
	return action_info(action)->screens[0] == '*';
}

bool
action_is_on(enum action action, const char *screen)
{
	return action_is_common(action) ||
	       has_word(action_info(action)->screens, span_of(screen));
}

static bool
has_key(const struct action_info *info, const struct key *key)
{
	struct span rest = span_of(info->keys);
	struct key wanted;

	while (rest.len > 0) {
		if (key_of(span_cut(&rest, ' '), &wanted) &&
		    wanted.code == key->code && wanted.cp == key->cp &&
		    wanted.alt == key->alt)
			return true;
	}
	return false;
}

enum action
action_for_key(const struct key *key, const char *screen)
{
	enum action common = ACT_NONE;

	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		if (!has_key(&table[i], key))
			continue;
		if (action_is_common((enum action)i))
			common = common ? common : (enum action)i;
		else if (has_word(table[i].screens, span_of(screen)))
			return (enum action)i;
	}
	return common;
}

void
action_key(enum action action, struct buf *out)
{
	struct span keys = span_of(action_info(action)->keys);

	buf_add(out, span_cut(&keys, ' '));
}

void
action_key_untyped(enum action action, struct buf *out)
{
	struct span keys = span_of(action_info(action)->keys), key;

	while (keys.len > 0) {
		key = span_cut(&keys, ' ');
		if (key.len > 1) {
			buf_add(out, key);
			return;
		}
	}
	action_key(action, out);
}
