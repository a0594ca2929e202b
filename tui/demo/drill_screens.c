/* What a drill adds to every screen of the sandbox: its four actions, the count
 * of marks in the title bar, and the question before somebody leaves. */
#include "tui/demo/drill_screens.h"

#include "tui/app.h"
#include "tui/drill.h"
#include "tui/screens/drill_result.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum leave { LEAVE_NOT, LEAVE_END, LEAVE_AWAY };

static void
end_drill(struct app *app, enum drill_end end)
{
	struct session *session = app_session(app);
	struct err err = {.code = E_NONE};

	if (drill_end(session, end, &err) < 0) {
		app_say_err(app, &err);
		return;
	}
	drill_result_open(app, &drill_of(session)->result, DRILL_RESULT_LAST);
}

static enum drill_end
end_of(struct session *session)
{
	return drill_is_delivered(session) ? DRILL_SENT : DRILL_STOPPED;
}

static void
end_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		end_drill(owner->app, end_of(app_session(owner->app)));
}

static void
add_count(struct app *app, struct buf *out)
{
	size_t count = drill_of(app_session(app))->marks.count;

	buf_printf(out,
	    P_("You have marked %zu fault.", "You have marked %zu faults.",
		count),
	    count);
	buf_char(out, ' ');
}

void
drill_ask_end(struct app *app)
{
	struct buf text = BUF_INIT;

	add_count(app, &text);
	buf_text(&text, _("What is neither marked nor repaired counts as "
			  "missed. Nothing can be marked afterwards."));
	dialog_confirm(app_top(app),
	    &(struct dialog){.title = _("End the drill"),
		.text = text.ptr,
		.done = end_answered},
	    _("End it and see the result"));
	buf_done(&text);
}

/* ---- Leaving ----------------------------------------------------------------- */

static void
leave_answered(struct screen *owner, int answer, struct span text)
{
	struct app *app = owner->app;
	struct err err = {.code = E_NONE};

	(void)text;
	if (answer == LEAVE_END) {
		end_drill(app, end_of(app_session(app)));
	} else if (answer == LEAVE_AWAY) {
		if (drill_end(app_session(app), DRILL_LEFT, &err) < 0)
			app_say_err(app, &err);
		else
			app_end(app, 0);
	}
}

static void
ask_leave(struct app *app)
{
	static const char letters[] = {'e', 'l'};
	const struct dialog_choice choices[] = {
	    {letters[0], _("End it and see the result")},
	    {letters[1], _("Leave now")},
	};
	struct buf text = BUF_INIT;

	if (drill_of(app_session(app))->is_over) {
		app_end(app, 0);
		return;
	}
	add_count(app, &text);
	buf_text(&text, _("The drill is not over. Who leaves now is judged by "
			  "what is marked or repaired so far."));
	dialog_choose(app_top(app),
	    &(struct dialog){.title = _("Leave the drill"),
		.text = text.ptr,
		.done = leave_answered},
	    choices, sizeof choices / sizeof *choices);
	buf_done(&text);
}

/* ---- On every screen ------------------------------------------------------------ */

static void
begin(struct drill_seat *seat, struct app *app)
{
	struct drill *drill = (struct drill *)seat;

	if (!drill->began_ms)
		drill->began_ms = app_steady_ms(app);
	drill_briefing_open(app);
}

static bool
is_marking(struct app *app)
{
	return !strcmp(app_base(app)->ops->name, "drill-mark");
}

static void
act(struct drill_seat *seat, struct app *app, enum action action)
{
	(void)seat;
	if (is_marking(app) && action != ACT_QUIT) {
		app_say(app, SAY_INFO, _("^S keeps this mark, Esc leaves it."));
		return;
	}
	if (action == ACT_DRILL_MARK)
		drill_mark_open(app, NULL);
	else if (action == ACT_DRILL_MARKS)
		drill_marks_open(app);
	else if (action == ACT_DRILL_BRIEFING)
		drill_briefing_open(app);
	else if (action == ACT_DRILL_END)
		drill_ask_end(app);
	else if (action == ACT_QUIT)
		ask_leave(app);
}

static void
status(struct drill_seat *seat, struct buf *out)
{
	const struct drill *drill = (const struct drill *)seat;
	size_t count = drill->marks.count;

	if (drill->is_over)
		buf_text(out, _("over"));
	else
		buf_printf(out, P_("%zu marked", "%zu marked", count), count);
}

const struct drill_seat drill_screens = {
    .begin = begin,
    .act = act,
    .status = status,
};
