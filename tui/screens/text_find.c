/* Finding and replacing: two rows below the text.  The words are looked for
 * while they are typed; replacing goes from place to place and asks at each,
 * so that nobody replaces everywhere by a slip. */
#include <stdlib.h>

#include "tui/screens/text.h"
#include "tui/text/i18n.h"

enum { LABEL_COLS = 16, NEEDLE_MAX = 400, COUNT_COLS = 22 };

void
find_free(struct text_find *find)
{
	line_free(&find->what);
	line_free(&find->with);
}

static void
count(struct text *self)
{
	self->find.places = editor_count(self->editor, &self->find.number);
}

static void
tell(struct text *self, enum editor_found found)
{
	struct app *app = self->base.app;

	if (found == EDITOR_NOT_FOUND)
		app_say(app, SAY_INFO, _("That is not in the text."));
	else if (found == EDITOR_WENT_ROUND)
		app_say(app, SAY_INFO,
		    _("Past the end: gone on at the other one."));
}

static void
go(struct text *self, enum editor_way way)
{
	if (line_span(self->find.what).len == 0)
		return;
	editor_seek(self->editor, line_span(self->find.what));
	tell(self, editor_find(self->editor, way));
	self->find.began = editor_at(self->editor);
	count(self);
}

void
find_open(struct text *self, enum find_stage stage)
{
	struct text_find *find = &self->find;
	struct span marked = editor_marked(self->editor);
	bool in_marked = stage == FIND_WITH && marked.len > 0;

	if (!find->what) {
		find->what = line_new(LINE_TEXT, NEEDLE_MAX);
		find->with = line_new(LINE_TEXT, NEEDLE_MAX);
	}
	if (find->stage == FIND_OFF) {
		/* a word that is marked is what is looked for */
		if (!in_marked && marked.len > 0 && marked.len <= NEEDLE_MAX &&
		    span_index(marked, '\n') == marked.len)
			line_set(find->what, marked);
		find->began = editor_at(self->editor);
	}
	find->stage = stage == FIND_WITH && line_span(find->what).len == 0
			  ? FIND_WHAT
			  : stage;
	editor_seek(self->editor, line_span(find->what));
	count(self);
}

void
find_close(struct text *self)
{
	self->find.stage = FIND_OFF;
	editor_seek(self->editor, SPAN(""));
}

/* The first place is gone to as soon as it is known, from where it began. */
static void
typed(struct text *self)
{
	editor_seek(self->editor, line_span(self->find.what));
	editor_at_set(self->editor, self->find.began);
	if (line_span(self->find.what).len > 0)
		editor_find(self->editor, EDITOR_HERE);
	count(self);
}

static void
replaced_all(struct text *self)
{
	struct app *app = self->base.app;
	size_t places;

	if (!editor_replace_all(
		self->editor, line_span(self->find.with), &places)) {
		app_say(app, SAY_ERROR,
		    _("The text would become too long; nothing was replaced."));
		return;
	}
	app_sayf(app, SAY_OK,
	    P_("%zu place was replaced; ^_ undoes it.",
		"%zu places were replaced; ^_ undoes it.", places),
	    places);
	find_close(self);
}

static void
begin_asking(struct text *self)
{
	enum editor_found found;

	if (line_span(self->find.what).len == 0) {
		self->find.stage = FIND_WHAT;
		return;
	}
	found = editor_find(self->editor, EDITOR_HERE);
	count(self);
	if (found == EDITOR_NOT_FOUND)
		tell(self, found);
	else
		self->find.stage = FIND_ASKING;
}

static void
ask_next(struct text *self, enum editor_way way)
{
	enum editor_found found = editor_find(self->editor, way);

	count(self);
	if (found == EDITOR_NOT_FOUND) {
		app_say(self->base.app, SAY_OK, _("That was the last one."));
		find_close(self);
		return;
	}
	tell(self, found);
}

static void
replace_one(struct text *self)
{
	if (!editor_replace_here(self->editor, line_span(self->find.with)))
		app_say(self->base.app, SAY_ERROR,
		    _("The text would become too long; nothing was replaced."));
	ask_next(self, EDITOR_HERE);
}

enum used
find_key(struct text *self, const struct key *key)
{
	struct text_find *find = &self->find;
	struct line *line = find->stage == FIND_WITH ? find->with : find->what;

	if (find->stage == FIND_ASKING || key->code == K_ENTER ||
	    key->code == K_ESC || key_is(key, K_CTRL('G')))
		return UNUSED;
	if ((key->code == K_BACKTAB || key->code == K_TAB) &&
	    find->stage == FIND_WITH) {
		find->stage = FIND_WHAT;
		return USED;
	}
	if (line_key(line, key) == UNUSED)
		return UNUSED;
	if (find->stage == FIND_WHAT)
		typed(self);
	return USED;
}

enum used
find_act(struct text *self, enum action action)
{
	switch ((int)action) {
	case ACT_FIND_NEXT:
		go(self, EDITOR_FORWARD);
		return USED;
	case ACT_FIND_PREVIOUS:
		go(self, EDITOR_BACKWARD);
		return USED;
	case ACT_FIND_WITH:
		find_open(self,
		    self->find.stage == FIND_WITH ? FIND_WHAT : FIND_WITH);
		return USED;
	case ACT_FIND_ASK:
		begin_asking(self);
		return USED;
	case ACT_FIND_YES:
		replace_one(self);
		return USED;
	case ACT_FIND_NO:
		ask_next(self, EDITOR_FORWARD);
		return USED;
	case ACT_FIND_ALL:
		replaced_all(self);
		return USED;
	case ACT_FIND_CLOSE:
		find_close(self);
		return USED;
	default:
		return UNUSED;
	}
}

/* Each stage is a screen of its own in the table of actions. */
enum action
find_action(const struct text *self, const struct key *key)
{
	static const char *const names[] = {
	    [FIND_OFF] = "",
	    [FIND_WHAT] = "find",
	    [FIND_WITH] = "find-with",
	    [FIND_ASKING] = "find-ask",
	};
	struct key folded = key_folded(key);
	enum action action = action_for_key(&folded, names[self->find.stage]);

	return action >= ACT_FIND_NEXT && action <= ACT_FIND_CLOSE ? action
								   : ACT_NONE;
}

const enum action *
find_footer(const struct text *self)
{
	static const enum action what[] = {ACT_FIND_NEXT, ACT_FIND_PREVIOUS,
	    ACT_FIND_WITH, ACT_FIND_CLOSE, ACT_NONE};
	static const enum action with[] = {
	    ACT_FIND_ASK, ACT_FIND_CLOSE, ACT_NONE};
	static const enum action asking[] = {
	    ACT_FIND_YES, ACT_FIND_NO, ACT_FIND_ALL, ACT_FIND_CLOSE, ACT_NONE};

	if (self->find.stage == FIND_ASKING)
		return asking;
	return self->find.stage == FIND_WITH ? with : what;
}

void
find_draw(struct text *self, struct area a)
{
	struct text_find *find = &self->find;
	int cols = a.cols - LABEL_COLS - COUNT_COLS - 2;
	struct buf places = BUF_INIT;

	draw_fit(
	    a, 0, 1, LABEL_COLS - 2, ROLE_HEAD, FIT_END, span_of(_("Find")));
	line_draw(find->what, a, 0, LABEL_COLS, cols,
	    find->stage == FIND_WHAT ? FOCUS_ON : FOCUS_OFF);
	if (find->number > 0)
		buf_printf(
		    &places, _("%zu of %zu"), find->number, find->places);
	else if (line_span(find->what).len > 0)
		buf_printf(&places, P_("%zu place", "%zu places", find->places),
		    find->places);
	draw_end(
	    a, 0, 1, find->places ? ROLE_DIM : ROLE_WARN, buf_span(&places));
	draw_fit(a, 1, 1, LABEL_COLS - 2, ROLE_HEAD, FIT_END,
	    span_of(_("Replace with")));
	line_draw(find->with, a, 1, LABEL_COLS, cols,
	    find->stage == FIND_WITH ? FOCUS_ON : FOCUS_OFF);
	buf_done(&places);
}
