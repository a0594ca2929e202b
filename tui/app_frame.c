/* The frame: title bar, section bar or pages, body, message line, key line
 * (tui/screen.h says which screen has which).  A message that needs more than
 * its line grows over the body's last rows until it is hushed.  On a terminal
 * too small for a body only one line is drawn. */
#include "tui/app_impl.h"

#include "tui/text/gate.h"
#include "tui/text/i18n.h"

enum {
	ROWS_LEAST = 16,
	COLS_LEAST = 60,
	MESSAGE_ROWS_TALL = 32,
	MESSAGE_ROWS_MAX = 5,
	CRUMBS_LEAST = 20,
	BEHIND_GAP = 2,
	CRUMBS_DROPPED = 5 /* cells of what stands for them */
};

static const char *const section_names[] = {N_("Home"), N_("Lists"),
    N_("Campaigns"), N_("Delivery"), N_("Reports"), N_("Stops"), N_("Log"),
    N_("Setup")};
enum { SECTION_COUNT = sizeof section_names / sizeof *section_names };

/* Crumbs from the lowest screen to this one. */
static void
add_crumbs(struct screen *screen, struct buf *out)
{
	if (screen->below && screen->ops->shape != SCREEN_SIGN_IN)
		add_crumbs(screen->below, out);
	if (!screen->ops->title || screen->ops->shape == SCREEN_OVERLAY)
		return;
	if (out->len > 0)
		buf_text(out, " > ");
	screen->ops->title(screen, out);
}

/* What stands behind the first crumb; empty when it is the last one. */
static struct span
crumbs_behind(struct span crumbs)
{
	struct span between = SPAN(" > ");

	for (size_t i = 0; i + between.len <= crumbs.len; i++) {
		size_t end = i + between.len;

		if (span_equal(span_slice(crumbs, i, end), between))
			return span_slice(crumbs, end, crumbs.len);
	}
	return SPAN("");
}

/* Crumbs that are too wide lose their beginnings: where one is stands in the
 * last of them. */
static void
cut_crumbs(struct span crumbs, int cols, struct buf *out)
{
	int dropped = 0;
	struct span behind;

	while (ui_width(crumbs) + dropped > cols) {
		behind = crumbs_behind(crumbs);
		if (behind.len == 0)
			break;
		crumbs = behind;
		dropped = CRUMBS_DROPPED;
	}
	if (dropped)
		buf_text(out, ".. > ");
	ui_cut_end(out, crumbs, cols - dropped);
}

/* Crumbs give way to what stands behind them, down to a few cells; returns the
 * column behind. */
static int
draw_crumbs(struct area a, int col, int room, struct buf *crumbs)
{
	struct buf cut = BUF_INIT;

	if (room < col + CRUMBS_LEAST)
		room = col + CRUMBS_LEAST;
	cut_crumbs(buf_span(crumbs), room - col, &cut);
	col = draw_text(a, 0, col, ROLE_BAR, buf_span(&cut));
	buf_done(&cut);
	return col;
}

/* The word that tells what only looks like the real thing. */
static int
draw_flag(struct app *app, struct area a, int col)
{
	const struct app_hooks *hooks = app->params.hooks;
	const char *flag = hooks->flag ? hooks->flag(app) : NULL;

	if (!flag)
		return col;
	col = draw_str(a, 0, col - 1, ROLE_BAR_ALERT, " ");
	col = draw_str(a, 0, col, ROLE_BAR_ALERT, flag);
	return draw_str(a, 0, col, ROLE_BAR_ALERT, " ") + 1;
}

/* What stands behind the crumbs, parted from them by two cells. */
static void
draw_behind(struct screen *screen, struct area a, struct buf *text)
{
	const struct screen_ops *ops = screen->ops;

	if (a.cols > BEHIND_GAP)
		draw_fit(a, 0, BEHIND_GAP, a.cols - BEHIND_GAP,
		    ops->subtitle_role ? ops->subtitle_role(screen) : ROLE_BAR,
		    FIT_END, buf_span(text));
}

static void
draw_title(struct app *app, struct screen *screen, struct area a)
{
	struct buf left = BUF_INIT, right = BUF_INIT, behind = BUF_INIT;
	int col, gap, room = a.cols - 2;

	draw_blank(a, 0, 0, a.cols, ROLE_BAR);
	col = draw_str(a, 0, 1, ROLE_BAR_KEY, "Sekisho") + 2;
	col = draw_flag(app, a, col);
	if (screen->ops->shape != SCREEN_SIGN_IN && app->params.hooks->status)
		app->params.hooks->status(app, &right);
	if (right.len > 0) {
		room = a.cols - 2 - ui_width(buf_span(&right));
		draw_end(a, 0, 1, ROLE_BAR, buf_span(&right));
	}
	add_crumbs(screen, &left);
	if (screen->ops->subtitle)
		screen->ops->subtitle(screen, &behind);
	gap = behind.len ? BEHIND_GAP + ui_width(buf_span(&behind)) : 0;
	col = draw_crumbs(a, col, room - gap, &left);
	if (behind.len)
		draw_behind(screen, area_cols(a, col, room - col), &behind);
	buf_done(&left);
	buf_done(&behind);
	buf_done(&right);
}

static int
draw_entry(struct area a, int col, bool current, int number, const char *label)
{
	enum role role = current ? ROLE_SELECT : ROLE_BAR;

	col = draw_str(
	    a, 0, col, current ? ROLE_SELECT : ROLE_BAR, current ? ">" : " ");
	col = draw_printf(
	    a, 0, col, current ? ROLE_SELECT : ROLE_BAR_KEY, "%d", number);
	col = draw_str(a, 0, col, role, " ");
	col = draw_str(a, 0, col, role, label);
	return draw_str(a, 0, col, ROLE_BAR, " ");
}

static void
draw_sections(struct screen *screen, struct area a)
{
	struct tabs tabs = {.count = 0};
	int col = 0;

	if (screen->ops->tabs)
		screen->ops->tabs(screen, &tabs);
	draw_blank(a, 0, 0, a.cols, ROLE_BAR);
	if (tabs.count > 0) {
		for (int i = 0; i < tabs.count; i++)
			col = draw_entry(
			    a, col, i == tabs.current, i + 1, tabs.label[i]);
		return;
	}
	if (!screen->app->params.hooks->section)
		return;
	for (int i = 0; i < SECTION_COUNT; i++)
		col = draw_entry(a, col, i + 1 == screen->ops->section, i + 1,
		    _(section_names[i]));
}

/* Says text in the message rows; one that needs more grows over the body. */
static void
draw_said(struct area all, int rows, int indent, enum role role,
    const char *sign, struct span text)
{
	struct canvas *scratch = canvas_new(MESSAGE_ROWS_MAX + 1, all.cols);
	int need = draw_wrapped(canvas_area(scratch), 0, indent, role, text);
	struct area a;

	canvas_free(&scratch);
	if (need > MESSAGE_ROWS_MAX)
		need = MESSAGE_ROWS_MAX;
	if (need > rows)
		rows = need;
	a = area_rows(all, all.rows - 1 - rows, rows);
	draw_fill(a, ROLE_TEXT);
	draw_str(a, 0, 1, role, sign);
	draw_wrapped(a, 0, indent, role, text);
}

static void
draw_message(struct app *app, struct screen *screen, struct area all, int rows)
{
	static const struct {
		const char *sign;
		enum role role;
	} looks[] = {
	    [SAY_INFO] = {"i ", ROLE_INFO},
	    [SAY_OK] = {"+ ", ROLE_OK},
	    [SAY_WARN] = {"! ", ROLE_WARN},
	    [SAY_ERROR] = {"X ", ROLE_ERR},
	};
	const struct app_message *message = NULL;
	struct buf hint = BUF_INIT;

	/* What was said is for who has signed in. */
	if (screen->ops->shape != SCREEN_SIGN_IN && !app->locked)
		message = app_message(app, 0);
	if (message && app->message_shown) {
		draw_said(all, rows, 3, looks[message->say].role,
		    looks[message->say].sign, span_of(message->text));
	} else if (screen->ops->hint) {
		screen->ops->hint(screen, &hint);
		if (hint.len > 0)
			draw_said(all, rows, 1, ROLE_DIM, "", buf_span(&hint));
	}
	buf_done(&hint);
}

/* The key that works here: in text, one that is no letter. */
static void
add_key(struct area a, enum action action, struct buf *out)
{
	if (canvas_is_typed_into(a.canvas))
		action_key_untyped(action, out);
	else
		action_key(action, out);
}

/* One "x Word" of the key line; 0 when it does not fit. */
static int
draw_key(struct app *app, struct screen *screen, struct area a, int col,
    int room, enum action action)
{
	bool off = app_why_not(app, screen, action) != NULL;
	const char *label = _(action_info(action)->label);
	struct buf key = BUF_INIT;
	int need;

	add_key(a, action, &key);
	need = 1 + ui_width(buf_span(&key)) + 1 + ui_width(span_of(label)) + 1;
	if (col + need > room) {
		buf_done(&key);
		return 0;
	}
	col = draw_text(
	    a, 0, col + 1, off ? ROLE_BAR : ROLE_BAR_KEY, buf_span(&key));
	col = draw_str(a, 0, col + 1, ROLE_BAR, label);
	if (off)
		draw_role(a, 0, col - need + 2, need - 2, ROLE_OFF);
	buf_done(&key);
	return col + 1;
}

static int
key_width(struct area a, enum action action)
{
	struct buf key = BUF_INIT;
	int width;

	add_key(a, action, &key);
	width = 3 + ui_width(buf_span(&key)) +
		ui_width(span_of(_(action_info(action)->label)));
	buf_done(&key);
	return width;
}

/* A question has no keys but those it shows itself. */
static void
draw_keys(struct app *app, struct screen *screen, struct area a)
{
	static const enum action none[] = {ACT_NONE};
	const enum action *actions = none;
	int room = a.cols - key_width(a, ACT_HELP), col = 0, next;

	draw_blank(a, 0, 0, a.cols, ROLE_BAR);
	if (screen->ops->footer)
		actions = screen->ops->footer(screen);
	else if (screen->ops->shape == SCREEN_OVERLAY)
		return;
	for (int i = 0; i < FOOTER_MAX && actions[i] != ACT_NONE; i++) {
		next = draw_key(app, screen, a, col, room, actions[i]);
		if (!next)
			break;
		col = next;
	}
	draw_key(app, screen, a, col, a.cols, ACT_HELP);
}

/* Message rows: one, on a tall terminal three. */
static int
message_rows(struct area all)
{
	return all.rows >= MESSAGE_ROWS_TALL ? 3 : 1;
}

static void
draw_screen(struct app *app, struct screen *screen, struct area all)
{
	int message = message_rows(all);
	struct area body = area_rows(all, 2, -1 - 1 - message);

	if (screen->ops->shape == SCREEN_OVERLAY && screen->below)
		draw_screen(app, screen->below, all);
	else
		draw_sections(screen, area_rows(all, 1, 1));
	if (screen->ops->shape == SCREEN_SIGN_IN ||
	    screen->ops->shape == SCREEN_ALONE)
		draw_fill(area_rows(all, 1, 1), ROLE_TEXT);
	canvas_no_caret(body.canvas);
	screen->ops->draw(screen, body);
}

static void
draw_too_small(struct app *app, struct area all)
{
	struct buf live = BUF_INIT;
	struct buf text = BUF_INIT;
	int row = all.rows / 2;

	buf_printf(
	    &text, _("80x24 is best; this is %dx%d"), all.cols, all.rows);
	draw_center(all, row, ROLE_TEXT, buf_span(&text));
	if (app->params.hooks->status)
		app->params.hooks->status(app, &live);
	draw_center(all, row + 1, ROLE_TEXT, buf_span(&live));
	buf_done(&text);
	buf_done(&live);
}

void
app_draw(struct app *app, struct canvas *canvas)
{
	struct area all = canvas_area(canvas);
	struct screen *screen = app->top;
	int message = message_rows(all);

	canvas_clear(canvas);
	if (!screen)
		return;
	if (all.rows < ROWS_LEAST || all.cols < COLS_LEAST) {
		draw_too_small(app, all);
		return;
	}
	draw_title(
	    app, app_base(app) ? app_base(app) : screen, area_rows(all, 0, 1));
	draw_screen(app, screen, all);
	draw_message(app, screen, all, message);
	draw_keys(app, screen, area_rows(all, all.rows - 1, 1));
}
