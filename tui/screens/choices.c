/* Actions as a list: key, word, sentence, and why not when they are not
 * possible now.  Words match anywhere in label, help, id and the extra words
 * of keys.def, in both languages; a label that begins with them comes first. */
#include "tui/screens/choices.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/text/i18n.h"

enum { ROWS_MAX = ACT_COUNT + 3, SENTENCE_ROWS = 2 };

struct choice {
	enum action action;  /* ACT_NONE: heading */
	const char *heading; /* untranslated */
	int score;
};

struct choices {
	struct list_source source; /* first: we are the list's source */
	struct app *app;
	struct screen *screen; /* whose actions; borrowed, below us */
	enum choices_common common;
	enum choices_order order;
	struct choice rows[ROWS_MAX];
	size_t count, matching;
	struct buf key, text; /* of the row last read */
	struct list *list;
};

static const struct list_column columns[] = {
    {"", 8, 0, 0, FIT_END},
    {"", 20, 0, 0, FIT_END},
    {"", 0, 20, 0, FIT_END},
};

static int64_t
count(struct list_source *source)
{
	return (int64_t)((struct choices *)source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct choices *self = (struct choices *)source;
	const struct choice *choice = &self->rows[index];
	const struct action_info *info = action_info(choice->action);
	const char *why;

	out->key = choice->action;
	if (choice->action == ACT_NONE) {
		out->heading = true;
		out->key = -1 - index;
		out->cell[0] = span_of(_(choice->heading));
		return true;
	}
	buf_clear(&self->key);
	buf_clear(&self->text);
	action_key(choice->action, &self->key);
	why = app_why_not(self->app, self->screen, choice->action);
	if (why)
		buf_printf(&self->text, _("not now: %s"), why);
	else
		buf_text(&self->text, _(info->help));
	out->role = why ? ROLE_OFF : ROLE_TEXT;
	out->cell[0] = buf_span(&self->key);
	out->cell_role[0] = why ? ROLE_OFF : ROLE_OVERLAY_KEY;
	out->cell[1] = span_of(_(info->label));
	out->cell[2] = buf_span(&self->text);
	return true;
}

/* Where needle is in text, ASCII case aside; text.len when it is not. */
static size_t
search(struct span text, struct span needle)
{
	for (size_t i = 0; i + needle.len <= text.len; i++) {
		if (span_equal_nocase(
			span_slice(text, i, i + needle.len), needle))
			return i;
	}
	return text.len;
}

static int
score_in(const char *text, struct span word, int at_start, int elsewhere)
{
	struct span s = span_of(text);
	size_t at = search(s, word);

	if (at == s.len)
		return 0;
	return at == 0 ? at_start : elsewhere;
}

/* 0 when one of the words is nowhere. */
static int
score_of(enum action action, struct span words)
{
	const struct action_info *info = action_info(action);
	struct span word;
	int total = 1, best, i;

	while (words.len > 0) {
		word = span_cut(&words, ' ');
		if (word.len == 0)
			continue;
		int scores[] = {
		    score_in(_(info->label), word, 50, 20),
		    score_in(info->label, word, 40, 15),
		    score_in(info->id, word, 40, 15),
		    score_in(info->words, word, 30, 12),
		    score_in(_(info->help), word, 8, 5),
		    score_in(info->help, word, 8, 5),
		};
		for (best = 0, i = 0; i < 6; i++)
			best = scores[i] > best ? scores[i] : best;
		if (!best)
			return 0;
		total += best;
	}
	return total;
}

static void
add(struct choices *self, enum action action, const char *heading, int score)
{
	size_t at = self->count++;

	if (self->order == CHOICES_BEST) {
		while (at > 0 && self->rows[at - 1].score < score) {
			self->rows[at] = self->rows[at - 1];
			at--;
		}
	}
	self->rows[at] = (struct choice){action, heading, score};
}

enum group { GROUP_SCREEN, GROUP_DRILL, GROUP_EVERYWHERE };

static enum group
group_of(enum action action)
{
	if (!action_is_common(action))
		return GROUP_SCREEN;
	return action_is_of_drill(action) ? GROUP_DRILL : GROUP_EVERYWHERE;
}

static void
add_group(struct choices *self, enum group group, const char *heading,
    struct span words)
{
	bool first = self->order == CHOICES_TABLE;
	const char *name = self->screen ? self->screen->ops->name : "";
	int score;

	for (int i = ACT_NONE + 1; i < ACT_COUNT; i++) {
		enum action action = (enum action)i;

		if (group_of(action) != group || !action_is_on(action, name) ||
		    !app_has_action(self->app, action))
			continue;
		score = score_of(action, words);
		if (!score)
			continue;
		if (first)
			add(self, ACT_NONE, heading, 0);
		first = false;
		add(self, action, NULL, score);
		self->matching++;
	}
}

void
choices_filter(struct choices *self, struct span words)
{
	self->count = self->matching = 0;
	add_group(self, GROUP_SCREEN, N_("On this screen"), words);
	if (self->common == CHOICES_COMMON) {
		add_group(self, GROUP_DRILL, N_("In this drill"), words);
		add_group(self, GROUP_EVERYWHERE, N_("Everywhere"), words);
	}
	list_cursor_index_set(self->list, 0);
}

struct choices *
choices_new(
    struct app *app, enum choices_common common, enum choices_order order)
{
	struct choices *self = mem_new(sizeof *self);

	self->source.count = count;
	self->source.row = row;
	self->app = app;
	self->screen = app_base(app);
	self->common = common;
	self->order = order;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list, N_("Nothing matches."));
	choices_filter(self, SPAN(""));
	return self;
}

void
choices_free(struct choices **choices)
{
	if (!*choices)
		return;
	list_free(&(*choices)->list);
	buf_done(&(*choices)->key);
	buf_done(&(*choices)->text);
	free(*choices);
	*choices = NULL;
}

enum used
choices_key(struct choices *choices, const struct key *key)
{
	return list_key(choices->list, key);
}

/* The sentence of the line under the cursor, whole. */
static void
draw_sentence(struct choices *choices, struct area a)
{
	enum action action = choices_chosen(choices);
	const char *why;

	if (action == ACT_NONE)
		return;
	why = app_why_not(choices->app, choices->screen, action);
	draw_wrapped(a, 0, 1, why ? ROLE_WARN : ROLE_TEXT,
	    span_of(why ? why : _(action_info(action)->help)));
}

void
choices_draw(struct choices *choices, struct area a)
{
	draw_sentence(choices, area_rows(a, a.rows - SENTENCE_ROWS, -1));
	list_draw(choices->list, area_rows(a, 0, -SENTENCE_ROWS - 2), FOCUS_ON);
}

enum action
choices_chosen(const struct choices *choices)
{
	int64_t key;

	return list_cursor(choices->list, &key) ? (enum action)key : ACT_NONE;
}

size_t
choices_count(const struct choices *choices)
{
	return choices->matching;
}
