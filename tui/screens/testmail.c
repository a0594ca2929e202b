/* Test mail (S12): who of the staff gets it, as which recipient, and what
 * became of it and of the tests before.  The codes in it are shown nowhere. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tui/screens/crumb.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/screens/testmail_show.h"
#include "tui/screens/testmail_work.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum { HEAD_ROWS = 2, LIST_MIN = 4 };

struct testmail {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct pager *pager; /* the tests so far */
	struct campaign_id campaign;
	int64_t number;
	struct test_work now; /* what is shown; nothing of it is borrowed */
	struct job *job;      /* NULL: none */
	bool sending;
	int cancel_fd;
	int language; /* in which the pager was filled */
	bool left;    /* for another screen: read again when back */
};

/* ---- Jobs ---------------------------------------------------------------------- */

static void
take_back_cancel(struct testmail *self)
{
	uint64_t count;

	while (read(self->cancel_fd, &count, sizeof count) > 0)
		continue;
}

static void
cancel(struct testmail *self)
{
	static const uint64_t one = 1;

	/* a full counter is readable as well */
	if (write(self->cancel_fd, &one, sizeof one) < 0)
		return;
}

static void
start(struct testmail *self, const struct test_order *order)
{
	struct test_work *work = mem_new(sizeof *work);
	struct err err = {.code = E_NONE};

	take_back_cancel(self);
	*work = (struct test_work){
	    .store = app_store(self->base.app),
	    .world = app_world(self->base.app),
	    .order = *order,
	    .cancel_fd = fcntl(self->cancel_fd, F_DUPFD_CLOEXEC, 0),
	};
	self->sending = order->count > 0;
	if (app_job(self->base.app, &self->base, &test_work_ops, work,
		&self->job, &err) < 0) {
		self->job = NULL;
		self->sending = false;
		app_say_err(self->base.app, &err);
	}
}

static void
reload(struct testmail *self)
{
	start(self, &(struct test_order){.campaign = self->campaign});
}

static void
send_to_marked(struct testmail *self)
{
	struct test_order order = {
	    .campaign = self->campaign, .number = self->number};

	for (size_t i = 0; i < self->now.staff_count; i++) {
		if (!list_is_marked(self->list, self->now.staff[i].id))
			continue;
		if (order.count == TEST_TO_MAX)
			return;
		order.staff[order.count++] = self->now.staff[i].id;
	}
	start(self, &order);
}

static void fill(struct testmail *self);

static void
say_sent(struct testmail *self)
{
	int good = 0, all = 0;

	for (size_t i = 0; i < self->now.records; i++) {
		if (self->now.record[i].test != self->now.record[0].test)
			break;
		all++;
		good += self->now.record[i].state == TEST_ACCEPTED;
	}
	if (good == all)
		app_say(self->base.app, SAY_OK,
		    _("Sent. Open the mail; the checklist asks for the code "
		      "of each part."));
	else
		app_sayf(self->base.app, SAY_WARN,
		    _("%d of %d were taken; see the replies below."), good,
		    all);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct testmail *self = (struct testmail *)screen;
	struct test_work *work = data;
	bool sent = self->sending;

	(void)job;
	self->job = NULL;
	self->sending = false;
	if (work->is_read) {
		test_work_drop(&self->now);
		self->now = *work;
		self->now.cancel_fd = -1;
		work->staff = NULL;
		work->record = NULL;
		work->name = BUF_INIT;
		fill(self);
		list_refresh(self->list);
	}
	if (rc < 0)
		app_say_err(screen->app, err);
	else if (sent)
		say_sent(self);
}

/* ---- The list ------------------------------------------------------------------ */

static const struct list_column columns[] = {
    {N_("Address"), 0, 30, 0, FIT_MIDDLE},
    {N_("Name"), 26, 0, 0, FIT_END},
};

static struct testmail *
of_source(struct list_source *source)
{
	return (struct testmail *)((char *)source -
				   offsetof(struct testmail, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->now.staff_count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	const struct staff *one = &of_source(source)->now.staff[index];

	out->key = one->id;
	out->cell[0] = span_of(one->address);
	out->cell[1] = span_of(one->name);
	return true;
}

/* ---- The tests so far ---------------------------------------------------------- */

static const char *
state_text(const struct test_record *record)
{
	static const char *const texts[TEST_STATES] = {
	    [TEST_MADE] = N_("made, not sent"),
	    [TEST_ACCEPTED] = N_("taken"),
	    [TEST_REFUSED] = N_("refused"),
	    [TEST_UNSENT] = N_("not sent"),
	    [TEST_IN_DOUBT] = N_("in doubt"),
	};

	return _(texts[record->state]);
}

static enum role
state_role(const struct test_record *record)
{
	static const enum role roles[TEST_STATES] = {
	    [TEST_MADE] = ROLE_DIM,
	    [TEST_ACCEPTED] = ROLE_OK,
	    [TEST_REFUSED] = ROLE_ERR,
	    [TEST_UNSENT] = ROLE_ERR,
	    [TEST_IN_DOUBT] = ROLE_WARN,
	};

	return roles[record->state];
}

/* Who was reached and how; a connection that came to nothing has no TLS to
 * speak of. */
static void
add_tls(const struct test_record *record, struct buf *out)
{
	if (!*record->peer)
		return;
	if (record->tls != TLS_STATE_CLEAR)
		buf_printf(out, "%s %s, %s  ", record->tls_version,
		    record->tls_cipher,
		    record->tls == TLS_STATE_VERIFIED ? _("verified")
						      : _("not verified"));
	else if (record->state != TEST_UNSENT)
		buf_printf(out, "%s  ", _("without TLS"));
	buf_text(out, record->peer);
}

static void
add_heading(struct testmail *self, const struct test_record *record)
{
	struct buf text = BUF_INIT;

	format_minute(&text, record->made_ms);
	buf_text(&text, "  ");
	buf_printf(&text, _("as recipient %lld, by %s"),
	    (long long)record->number, record->by);
	buf_printf(&text, "  %s %.4s-%.4s", _("content"), record->content,
	    record->content + 4);
	if (record->is_present)
		buf_printf(&text, " %s", _("(as it is now)"));
	buf_char(&text, '\n');
	pager_add(self->pager, ROLE_HEAD, buf_span(&text));
	buf_done(&text);
}

/* The first line of a reply, or what kept it from coming. */
static struct span
reply_of(const struct test_record *record)
{
	struct span rest = span_of(record->reply);

	return rest.len ? span_trim(span_cut(&rest, '\n'))
			: span_of(record->class);
}

static void
add_record(struct testmail *self, const struct test_record *record)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "  %s", state_text(record));
	pager_add(self->pager, state_role(record), buf_span(&text));
	buf_clear(&text);
	buf_printf(&text, "  %s  ", record->address);
	buf_add(&text, reply_of(record));
	buf_char(&text, '\n');
	pager_add(self->pager, ROLE_TEXT, buf_span(&text));
	buf_clear(&text);
	add_tls(record, &text);
	if (text.len) {
		buf_char(&text, '\n');
		pager_add_str(self->pager, ROLE_DIM, "    ");
		pager_add(self->pager, ROLE_DIM, buf_span(&text));
	}
	buf_done(&text);
}

static void
fill(struct testmail *self)
{
	pager_clear(self->pager);
	self->language = i18n_is_japanese();
	if (!self->now.records)
		pager_add_str(self->pager, ROLE_DIM,
		    _("No test of this campaign was sent yet."));
	for (size_t i = 0; i < self->now.records; i++) {
		const struct test_record *record = &self->now.record[i];

		if (i == 0 || record->test != self->now.record[i - 1].test)
			add_heading(self, record);
		add_record(self, record);
	}
}

/* ---- Number -------------------------------------------------------------------- */

static void
number_typed(struct screen *owner, int answer, struct span text)
{
	struct testmail *self = (struct testmail *)owner;
	int64_t number;

	if (answer && span_int(text, &number) && number > 0)
		self->number = number;
}

static void
ask_number(struct testmail *self)
{
	struct dialog dialog = {.title = _("Test as a recipient"),
	    .text = _("The mail of which number shall be sent as a test?"),
	    .done = number_typed};

	dialog_ask(&self->base, &dialog, LINE_NUMBER, SPAN(""), NULL);
}

/* ---- Screen -------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct testmail *self = (struct testmail *)screen;

	crumb_add(screen, buf_span(&self->now.name), _("Test mail"), out);
}

static void
draw_head(const struct testmail *self, struct area a)
{
	struct buf text = BUF_INIT, number = BUF_INIT, total = BUF_INIT;

	format_count(&number, self->number);
	format_count(&total, self->now.total);
	if (self->now.hides_total)
		buf_printf(&text, _("As recipient %s"), number.ptr);
	else
		buf_printf(
		    &text, _("As recipient %s of %s"), number.ptr, total.ptr);
	draw_text(a, 0, 1, ROLE_TITLE, buf_span(&text));
	buf_clear(&text);
	if (*self->now.content)
		buf_printf(&text, "%s %.4s-%.4s", _("content"),
		    self->now.content, self->now.content + 4);
	else
		buf_text(&text, _("cannot be put together"));
	draw_end(a, 0, 1, *self->now.content ? ROLE_DIM : ROLE_WARN,
	    buf_span(&text));
	buf_done(&text);
	buf_done(&number);
	buf_done(&total);
}

/* The staff gets what it needs, at most half of the room. */
static int
list_rows(const struct testmail *self, int rows)
{
	int wanted = (int)self->now.staff_count + 1;

	if (wanted < LIST_MIN)
		wanted = LIST_MIN;
	return wanted > rows / 2 ? rows / 2 : wanted;
}

static void
draw(struct screen *screen, struct area body)
{
	struct testmail *self = (struct testmail *)screen;
	struct area rest = area_rows(body, HEAD_ROWS, -1);
	int rows = list_rows(self, rest.rows);

	if (!self->now.is_read) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
		return;
	}
	draw_head(self, body);
	list_draw(self->list, area_rows(rest, 0, rows), FOCUS_ON);
	draw_str(rest, rows + 1, 1, ROLE_TITLE, _("Tests so far"));
	pager_draw(self->pager, area_cols(area_rows(rest, rows + 2, -1), 1, -2),
	    FOCUS_OFF);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct testmail *self = (struct testmail *)screen;
	size_t marked = list_mark_count(self->list);

	if (self->sending)
		buf_text(out, _("i Sending .. ^C stops it."));
	else if (!self->now.is_read)
		buf_text(out, self->job ? _("Reading ..") : "");
	else if (!self->now.staff_count)
		buf_text(out, _("! s registers who may get test mail."));
	else if (!marked)
		buf_printf(out, _("Space marks who gets it, at most %d."),
		    TEST_TO_MAX);
	else
		buf_printf(out,
		    P_("%zu address is marked; ^N sends the test.",
			"%zu addresses are marked; ^N sends the test.", marked),
		    marked);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct testmail *self = (struct testmail *)screen;

	if (key->code == K_PAGE_DOWN || key->code == K_PAGE_UP)
		return pager_key(self->pager, key);
	return list_key(self->list, key);
}

static bool
has_practice_mail(const struct testmail *self)
{
	const struct session *session = app_session(self->base.app);

	return session && session->demo && session->demo->test_mail;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct testmail *self = (struct testmail *)screen;
	size_t marked = list_mark_count(self->list);

	if (action == ACT_CANCEL)
		return self->sending ? NULL : _("Nothing is running here.");
	if (action == ACT_TEST_SHOW && !has_practice_mail(self))
		return _("Only the demo's relay keeps test mail; read it in "
			 "the mailbox.");
	if (action != ACT_TEST_SEND && action != ACT_TEST_NUMBER &&
	    action != ACT_TEST_STAFF)
		return NULL;
	if (self->job)
		return _("One moment: this is being read or written.");
	if (action != ACT_TEST_SEND)
		return NULL;
	if (!self->now.staff_count)
		return _("Nobody is registered to get test mail; s does it.");
	if (!marked)
		return _("Mark with Space who gets it.");
	if (marked > TEST_TO_MAX)
		return _("At most five can get a test; unmark some.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct testmail *self = (struct testmail *)screen;

	switch ((int)action) {
	case ACT_TEST_SEND:
		send_to_marked(self);
		return USED;
	case ACT_TEST_NUMBER:
		ask_number(self);
		return USED;
	case ACT_TEST_STAFF:
		self->left = true;
		setup_staff_open(screen->app);
		return USED;
	case ACT_TEST_SHOW:
		testmail_show_open(screen->app);
		return USED;
	case ACT_CANCEL:
		cancel(self);
		return USED;
	default:
		return UNUSED;
	}
}

static void
shown(struct screen *screen)
{
	struct testmail *self = (struct testmail *)screen;

	if (self->now.is_read && self->language != i18n_is_japanese())
		fill(self);
	if (!self->left || self->job)
		return;
	self->left = false;
	reload(self);
}

static bool
may_leave(struct screen *screen)
{
	if (!((struct testmail *)screen)->sending)
		return true;
	app_say(screen->app, SAY_WARN,
	    _("The test is being sent: stop it with ^C first."));
	return false;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action idle[] = {
	    ACT_TEST_SEND, ACT_TEST_NUMBER, ACT_TEST_STAFF, ACT_BACK, ACT_NONE};
	static const enum action practice[] = {ACT_TEST_SEND, ACT_TEST_NUMBER,
	    ACT_TEST_SHOW, ACT_TEST_STAFF, ACT_BACK, ACT_NONE};
	static const enum action sending[] = {ACT_CANCEL, ACT_NONE};
	struct testmail *self = (struct testmail *)screen;

	return self->sending             ? sending
	       : has_practice_mail(self) ? practice
					 : idle;
}

static void
close_testmail(struct screen *screen)
{
	struct testmail *self = (struct testmail *)screen;

	/* The job has its own number of the same counter. */
	cancel(self);
	close(self->cancel_fd);
	test_work_drop(&self->now);
	list_free(&self->list);
	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops testmail_ops = {
    .name = "testmail",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .may_leave = may_leave,
    .close = close_testmail,
};

void
testmail_open(struct app *app, struct campaign_id campaign, int64_t number)
{
	struct testmail *self = mem_new(sizeof *self);

	self->base.ops = &testmail_ops;
	self->campaign = campaign;
	self->number = number > 0 ? number : 1;
	self->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_marking(self->list, LIST_MARKS_ON);
	list_set_empty(self->list,
	    N_("Nobody is registered to get test mail. Press s, then n, and "
	       "register your own address."));
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	app_push(app, &self->base);
	reload(self);
}
