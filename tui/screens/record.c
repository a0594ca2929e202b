/* The record of a contact: address, name, on what basis it may be mailed,
 * whether it is on the stop list, and every field. */
#include "tui/screens/record.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/export.h"
#include "core/mail/address.h"
#include "tui/app.h"
#include "tui/screens/consent.h"
#include "tui/screens/record_tabs.h"
#include "tui/screens/record_work.h"
#include "tui/screens/screens.h"
#include "tui/screens/smime_text.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/pager.h"

enum { LABEL_CELLS = 14 };

struct record {
	struct screen base;
	struct screen *owner; /* below us */
	void (*chosen)(struct screen *owner, enum action action);
	struct pager *pager;
	struct list_id list;
	struct arena *arena; /* of row, as it was given */
	struct contact_row row;
	struct record_work *facts; /* NULL: not read yet */
	struct job *reading;       /* NULL: none under way */
	bool again;                /* and then once more */
	struct arena *open_arena;  /* of open; NULL: masked */
	struct contact_row open;   /* the row as it is */
	int64_t until_ms;          /* steady: masked again */
	struct job *unmasking;     /* NULL: none under way */
};

const char *
basis_word(enum consent_basis basis)
{
	static const char *const words[BASIS_COUNT] = {
	    [BASIS_NONE] = N_("none"),
	    [BASIS_CONSENT] = N_("consent"),
	    [BASIS_CARD] = N_("card"),
	    [BASIS_BUSINESS] = N_("business"),
	    [BASIS_PUBLISHED] = N_("published"),
	};

	return _(words[basis]);
}

static void
add(struct pager *pager, struct span label, enum role role, struct span value)
{
	struct buf text = BUF_INIT;
	int cells;

	ui_cut_end(&text, label, LABEL_CELLS);
	for (cells = ui_width(buf_span(&text)); cells < LABEL_CELLS + 2;
	    cells++)
		buf_char(&text, ' ');
	pager_add(pager, ROLE_HEAD, buf_span(&text));
	pager_add(pager, role, value.len ? value : SPAN("-"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	buf_done(&text);
}

static void
add_consent(struct pager *pager, const struct contact_row *row)
{
	struct buf text = BUF_INIT;

	buf_text(&text, basis_word(row->basis));
	if (row->basis_at_ms) {
		buf_text(&text, "  ");
		format_date(&text, row->basis_at_ms);
	}
	add(pager, span_of(_("Consent")),
	    row->basis == BASIS_NONE ? ROLE_WARN : ROLE_TEXT, buf_span(&text));
	if (row->basis_note.len > 0)
		add(pager, span_of(_("How given")), ROLE_TEXT, row->basis_note);
	buf_done(&text);
}

static void
add_summary(struct pager *pager, const struct contact_summary *summary)
{
	struct buf text = BUF_INIT, number = BUF_INIT;

	add(pager, span_of(_("Tags")), ROLE_TEXT, buf_span(&summary->tags));
	add(pager, span_of(_("Lists")), ROLE_TEXT, buf_span(&summary->lists));
	format_count(&number, summary->sent);
	buf_text(&text, number.ptr);
	if (summary->refused) {
		buf_clear(&number);
		format_count(&number, summary->refused);
		buf_text(&text, ", ");
		buf_printf(&text, _("refused %s"), number.ptr);
	}
	if (summary->last.at_ms) {
		buf_text(&text, ", ");
		format_date(&text, summary->last.at_ms);
	}
	add(pager, span_of(_("Mails sent")),
	    summary->refused ? ROLE_WARN : ROLE_TEXT, buf_span(&text));
	buf_done(&text);
	buf_done(&number);
}

static void
fill(struct pager *pager, const struct contact_row *row,
    const struct contact_summary *summary)
{
	struct buf name = BUF_INIT, value = BUF_INIT;

	pager_clear(pager);
	add(pager, span_of(_("Address")), ROLE_TITLE, row->address);
	add(pager, span_of(_("Name")), ROLE_TEXT, row->name);
	if (row->suppressed)
		add(pager, span_of(_("Status")), ROLE_WARN,
		    span_of(_("! on the stop list: is never mailed")));
	else if (row->basis == BASIS_NONE)
		add(pager, span_of(_("Status")), ROLE_WARN,
		    span_of(_("! no basis: is not mailed")));
	else
		add(pager, span_of(_("Status")), ROLE_OK,
		    span_of(_("+ may be mailed")));
	add_consent(pager, row);
	if (summary)
		add_summary(pager, summary);
	pager_add_str(pager, ROLE_TEXT, "\n");
	for (size_t i = 0; field_at(row->fields, i, &name, &value, NULL) == 1;
	    i++)
		add(pager, buf_span(&name), ROLE_TEXT, buf_span(&value));
	buf_done(&name);
	buf_done(&value);
}

void
record_draw(struct area a, const struct contact_row *row,
    const struct contact_summary *summary)
{
	struct pager *pager = pager_new(PAGER_WRAP, GATE_RAW);

	fill(pager, row, summary);
	pager_draw(pager, a, FOCUS_OFF);
	pager_free(&pager);
}

/* A domain has two spellings, of which one can look like another domain. */
static void
add_domain(struct pager *pager, struct span address)
{
	struct span domain =
	    span_slice(address, span_index(address, '@') + 1, address.len);
	struct arena *arena = arena_new();
	struct buf shown = BUF_INIT;
	struct span ascii;

	if (span_index(address, '@') < address.len &&
	    address_domain(domain, arena, &ascii, NULL) == 0 &&
	    address_domain_shown(ascii, &shown) &&
	    !span_equal(ascii, buf_span(&shown))) {
		buf_text(&shown, " = ");
		buf_add(&shown, ascii);
		add(pager, span_of(_("Domain")), ROLE_TEXT, buf_span(&shown));
	}
	arena_free(&arena);
	buf_done(&shown);
}

/* The certificate that messages are encrypted with, if there is one. */
static void
add_certificate(struct record *self)
{
	const struct smime_info *info = self->facts->certificate;
	struct buf text = BUF_INIT;

	if (!self->facts->certificates)
		return;
	format_date(&text, info[0].certificate.to_ms);
	buf_text(&text, "  ");
	buf_text(&text, info[0].certificate.key);
	buf_text(&text, "  ");
	buf_add(&text, smime_common_name(info[0].certificate.issuer));
	pager_add_str(self->pager, ROLE_TEXT, "\n");
	add(self->pager, span_of(_("Certificate")),
	    info[0].certificate.to_ms < app_now_ms(self->base.app) ? ROLE_WARN
								   : ROLE_TEXT,
	    buf_span(&text));
	buf_done(&text);
}

/* The newest of what happened; all of it has a page of its own. */
static void
add_moments(struct record *self)
{
	const struct timeline *timeline = &self->facts->timeline;
	struct buf text = BUF_INIT;

	if (timeline->count)
		pager_add_str(self->pager, ROLE_TEXT, "\n");
	for (size_t i = 0; i < timeline->count && i < RECORD_MOMENTS; i++) {
		buf_clear(&text);
		moment_line(&timeline->moment[i], &text);
		add(self->pager, i ? SPAN("") : span_of(_("History")),
		    ROLE_TEXT, buf_span(&text));
	}
	buf_done(&text);
}

static void
refill(struct record *self)
{
	const struct contact_row *row =
	    self->open_arena ? &self->open : &self->row;

	fill(self->pager, row, NULL);
	if (!self->facts)
		return;
	pager_add_str(self->pager, ROLE_TEXT, "\n");
	add_domain(self->pager, row->address);
	add(self->pager, span_of(_("Tags")), ROLE_TEXT, self->facts->tags);
	add_certificate(self);
	add_moments(self);
}

/* ---- Reading --------------------------------------------------------------- */

static void
read_again(struct record *self)
{
	struct err err = {.code = E_NONE};

	self->again = self->reading != NULL;
	if (self->again)
		return;
	if (app_job(self->base.app, &self->base, &record_job,
		record_work_new(
		    app_store(self->base.app), self->list, self->row.id),
		&self->reading, &err) < 0)
		app_say_err(self->base.app, &err);
}

/* What was read replaces what the list had; its texts stay behind in it. */
static void
take(struct record *self, struct record_work *work)
{
	struct record_work *fresh =
	    record_work_new(work->store, work->list, work->contact);
	struct record_work empty = *fresh;

	*fresh = *work;
	*work = empty;
	record_work_free(&self->facts);
	self->facts = fresh;
	self->row = fresh->row;
	refill(self);
}

static void
was_read(struct record *self, struct record_work *work, int rc,
    const struct err *err)
{
	self->reading = NULL;
	if (rc < 0)
		app_say_err(self->base.app, err);
	else if (work->is_there)
		take(self, work);
	if (self->again)
		read_again(self);
}

static void
mask_again(struct record *self)
{
	arena_free(&self->open_arena);
	self->until_ms = 0;
}

/* Whatever covered the record, it is masked when it is back. */
static void
shown(struct screen *screen)
{
	mask_again((struct record *)screen);
	refill((struct record *)screen);
	read_again((struct record *)screen);
}

/* ---- Unmasking ------------------------------------------------------------- */

struct unmasking {
	struct store *store; /* borrowed */
	struct contact_row row;
	struct arena *arena;
	struct buf reason;
	int64_t seconds;
};

static int
unmasking_run(struct job *job, void *data, struct err *err)
{
	struct unmasking *self = data;
	struct db *db = NULL;

	(void)job;
	if (store_view_open(self->store, &db, err) < 0)
		return -1;
	self->seconds = setting_int(db, "mask.seconds", err);
	store_reader_close(&db);
	if (self->seconds < 0)
		return -1;
	return contact_unmask(self->store, self->row.id,
	    buf_span(&self->reason), self->arena, &self->row, err);
}

static void
unmasking_free(void *data)
{
	struct unmasking *self = data;

	arena_free(&self->arena);
	buf_done(&self->reason);
	free(self);
}

static const struct job_ops unmasking_ops = {
    .run = unmasking_run, .free = unmasking_free};

static void
reason_given(struct screen *owner, int answer, struct span text)
{
	struct record *self = (struct record *)owner;
	struct unmasking *work;
	struct err err = {.code = E_NONE};

	if (answer != 1)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(owner->app);
	work->row = self->row;
	work->arena = arena_new();
	/* what is not unmasked is kept with the rest: the row is read anew */
	work->row.basis_note = arena_copy(work->arena, self->row.basis_note);
	buf_add(&work->reason, text);
	if (stepup_job(owner, STEPUP_UNMASK, &unmasking_ops, work,
		&self->unmasking, &err) < 0)
		app_say_err(owner->app, &err);
}

static void
ask_reason(struct record *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Show this record"),
		.text = _("Why do you need to see it? The log keeps the "
			  "reason; the record is masked again after a while."),
		.done = reason_given,
	    },
	    LINE_TEXT, SPAN(""), NULL);
}

static void
unmasked(
    struct record *self, struct unmasking *work, int rc, const struct err *err)
{
	self->unmasking = NULL;
	if (rc < 0) {
		app_say_err(self->base.app, err);
		return;
	}
	self->open = work->row;
	self->open_arena = work->arena;
	work->arena = NULL;
	self->until_ms = app_steady_ms(self->base.app) + work->seconds * 1000;
	refill(self);
}

static int
tick_ms(struct screen *screen)
{
	enum { SECOND = 1000 };

	return ((struct record *)screen)->open_arena ? SECOND : 0;
}

static void
tick(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	if (self->open_arena && app_steady_ms(screen->app) >= self->until_ms) {
		mask_again(self);
		refill(self);
	}
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct record *self = (struct record *)screen;
	int64_t left = self->until_ms - app_steady_ms(screen->app);

	if (self->open_arena)
		buf_printf(out,
		    P_("Shown as it is for %d more second; the log says why.",
			"Shown as it is for %d more seconds; the log says why.",
			left / 1000),
		    (int)(left > 0 ? (left + 999) / 1000 : 0));
}

/* ---- Certificates ---------------------------------------------------------- */

/* path NULL: all of the contact's are removed; remark: one is written. */
struct work {
	struct store *store; /* borrowed */
	int64_t contact;
	char *path;
	char *remark;
	struct smime_intake counts;
};

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *self = data;

	(void)job;
	if (self->remark)
		return contact_remark(self->store,
		    (struct contact_id){self->contact}, span_of(self->remark),
		    err);
	if (!self->path)
		return smime_drop(self->store, self->contact, err);
	return smime_take(
	    self->store, self->path, self->contact, &self->counts, err);
}

static void
work_free(void *data)
{
	free(((struct work *)data)->path);
	free(((struct work *)data)->remark);
	free(data);
}

static void
start_with(struct record *self, char *path, char *remark)
{
	static const struct job_ops ops = {.run = work_run, .free = work_free};
	struct work *work = mem_new(sizeof *work);
	struct err err = {.code = E_NONE};

	work->store = app_store(self->base.app);
	work->contact = self->row.id.v;
	work->path = path;
	work->remark = remark;
	if (app_job(self->base.app, &self->base, &ops, work, NULL, &err) < 0)
		app_say_err(self->base.app, &err);
}

static void
start(struct record *self, char *path)
{
	start_with(self, path, NULL);
}

static void
remark_given(struct screen *owner, int answer, struct span text)
{
	if (answer == 1 && span_trim(text).len)
		start_with((struct record *)owner, NULL, mem_text(text));
}

static void
ask_remark(struct record *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){.title = _("A remark"),
		.text = _("What is to be remembered about this person? It "
			  "stands in the history."),
		.done = remark_given},
	    LINE_TEXT, SPAN(""), NULL);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	const struct work *work = data;
	struct buf text = BUF_INIT;

	if (job == ((struct record *)screen)->unmasking) {
		unmasked((struct record *)screen, data, rc, err);
		return;
	}
	if (job == ((struct record *)screen)->reading) {
		was_read((struct record *)screen, data, rc, err);
		return;
	}
	if (rc < 0) {
		app_say_err(screen->app, err);
	} else if (work->remark) {
		app_say(screen->app, SAY_OK,
		    _("The remark stands in the history (h)."));
	} else if (!work->path) {
		app_say(screen->app, SAY_OK, _("The certificate is removed."));
	} else {
		smime_say_intake(&work->counts, &text);
		app_say(screen->app, work->counts.added ? SAY_OK : SAY_WARN,
		    text.ptr);
	}
	buf_done(&text);
	read_again((struct record *)screen);
}

static void
path_given(struct screen *owner, int answer, struct span text)
{
	if (answer == 1 && span_trim(text).len)
		start((struct record *)owner, mem_text(span_trim(text)));
}

static void
ask_path(struct record *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("A certificate to encrypt with"),
		.text = _("A file on this computer (PEM, DER, P7B). It must "
			  "be made out to this address."),
		.done = path_given,
	    },
	    LINE_TEXT, SPAN(""), NULL);
}

static void
certificate_answered(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		ask_path((struct record *)owner);
	if (answer == 2)
		start((struct record *)owner, NULL);
}

static void
certificate(struct record *self)
{
	const struct dialog_choice choices[] = {
	    {'i', _("Import another one")},
	    {'r', _("Remove it")},
	};

	if (!self->facts || !self->facts->certificates)
		ask_path(self);
	else
		dialog_choose(&self->base,
		    &(struct dialog){.title = _("Certificate"),
			.text = _("Mail to this address can be encrypted."),
			.done = certificate_answered},
		    choices, 2);
}

static void
draw(struct screen *screen, struct area body)
{
	struct record *self = (struct record *)screen;

	draw_fill(body, ROLE_TEXT);
	pager_draw(
	    self->pager, area_rows(area_cols(body, 2, -3), 1, -2), FOCUS_ON);
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct record *self = (struct record *)screen;

	if (record_tab_key(screen, screen, key) == USED)
		return USED;
	return pager_key(self->pager, key);
}

static void
title(struct screen *screen, struct buf *out)
{
	struct record *self = (struct record *)screen;

	buf_add(out, self->open_arena ? self->open.address : self->row.address);
}

static void
tabs(struct screen *screen, struct tabs *out)
{
	(void)screen;
	record_tabs(RECORD_FIELDS, out);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action masked[] = {ACT_CONTACT_UNMASK,
	    ACT_CONTACT_CONSENT, ACT_CONTACT_HISTORY, ACT_BACK, ACT_NONE};
	static const enum action active[] = {ACT_CONTACT_EDIT,
	    ACT_CONTACT_CONSENT, ACT_CONTACT_HISTORY, ACT_CONTACT_STOP,
	    ACT_MENU, ACT_BACK, ACT_NONE};
	static const enum action stopped[] = {ACT_CONTACT_EDIT,
	    ACT_CONTACT_CONSENT, ACT_CONTACT_HISTORY, ACT_CONTACT_ALLOW,
	    ACT_MENU, ACT_BACK, ACT_NONE};

	if (app_is_masked(screen->app))
		return masked;
	return ((struct record *)screen)->row.suppressed ? stopped : active;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	bool stopped = ((struct record *)screen)->row.suppressed;

	if (action == ACT_CONTACT_UNMASK && !app_is_masked(screen->app))
		return _("Nothing is masked for you here.");
	if ((action == ACT_CONTACT_STOP || action == ACT_CONTACT_ALLOW ||
		action == ACT_CONTACT_CERTIFICATE ||
		action == ACT_CONTACT_EDIT || action == ACT_CONTACT_REMARK ||
		action == ACT_CONTACT_DELETE || action == ACT_CONTACT_LEAVE ||
		action == ACT_EXPORT) &&
	    app_is_masked(screen->app))
		return _("This needs the whole address, and it is masked for "
			 "you.");
	if (action == ACT_CONTACT_CERTIFICATE &&
	    app_has_job(screen->app, screen))
		return _("Certificates are being read.");
	if (action == ACT_CONTACT_STOP && stopped)
		return _("This address is on the stop list already.");
	if (action == ACT_CONTACT_ALLOW && !stopped)
		return _("This address is not on the stop list.");
	return NULL;
}

/* Nothing of the person may stay on the screen. */
static void
erased(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	self->chosen(self->owner, ACT_CONTACT_ERASE);
	app_pop(screen->app, screen);
}

void
record_turn(struct screen *record, enum record_tab tab)
{
	struct record *self = (struct record *)record;

	if (tab == RECORD_CONSENT)
		consent_open(record, self->row.id, erased);
	else if (tab == RECORD_HISTORY)
		timeline_open(record, self->row.id);
	else if (tab == RECORD_HEADERS)
		headers_open(record, self->row.id);
}

/* All that is known of the person, for the person. */
static void
export_person(struct record *self)
{
	struct export_order order = EXPORT_ORDER_INIT;

	order.scope = EXPORT_PERSON;
	order.contact = self->row.id;
	export_open(self->base.app, &order, self->row.address);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct record *self = (struct record *)screen;
	struct screen *owner = self->owner;

	if (action == ACT_CONTACT_CERTIFICATE) {
		certificate(self);
		return USED;
	}
	if (action == ACT_CONTACT_CONSENT) {
		record_turn(screen, RECORD_CONSENT);
		return USED;
	}
	if (action == ACT_EXPORT) {
		export_person(self);
		return USED;
	}
	if (action == ACT_CONTACT_UNMASK) {
		ask_reason(self);
		return USED;
	}
	if (action == ACT_CONTACT_HISTORY) {
		record_turn(screen, RECORD_HISTORY);
		return USED;
	}
	if (action == ACT_CONTACT_REMARK) {
		ask_remark(self);
		return USED;
	}
	if (action != ACT_CONTACT_STOP && action != ACT_CONTACT_ALLOW &&
	    action != ACT_CONTACT_EDIT && action != ACT_CONTACT_DELETE &&
	    action != ACT_CONTACT_LEAVE)
		return UNUSED;
	app_pop(screen->app, screen);
	self->chosen(owner, action);
	return USED;
}

static void
close_record(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	pager_free(&self->pager);
	record_work_free(&self->facts);
	arena_free(&self->arena);
	arena_free(&self->open_arena);
	free(self);
}

static const struct screen_ops record_ops = {
    .name = "contact",
    .section = 2,
    .title = title,
    .tabs = tabs,
    .draw = draw,
    .key = key,
    .footer = footer,
    .why_not = why_not,
    .act = act,
    .hint = hint,
    .shown = shown,
    .tick_ms = tick_ms,
    .tick = tick,
    .job_done = job_done,
    .close = close_record,
};

void
record_open(struct screen *owner, struct list_id list,
    const struct contact_row *row,
    void (*chosen)(struct screen *owner, enum action action))
{
	struct record *self = mem_new(sizeof *self);

	self->base.ops = &record_ops;
	self->owner = owner;
	self->chosen = chosen;
	self->list = list;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	self->arena = arena_new();
	self->row = *row;
	self->row.address = arena_copy(self->arena, row->address);
	self->row.name = arena_copy(self->arena, row->name);
	self->row.fields = arena_copy(self->arena, row->fields);
	self->row.basis_note = arena_copy(self->arena, row->basis_note);
	app_push(owner->app, &self->base);
}
