/* DKIM keys: which there are, making one, and the record that has to stand in
 * the DNS before anybody can check a signature. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"

enum { STRING_OCTETS = 60 }; /* of a zone file line; 255 are allowed */

struct keys {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct dkim_info *key;
	size_t count;
	struct buf made;   /* of the row last read */
	struct buf domain; /* of the key being made */
};

static const struct list_column columns[] = {
    {N_("Domain"), 0, 24, 0, FIT_MIDDLE},
    {N_("Selector"), 16, 0, 0, FIT_END},
    {N_("Made"), 12, 0, 0, FIT_END},
    {N_("State"), 18, 0, 0, FIT_END},
};

static struct keys *
of_source(struct list_source *source)
{
	return (struct keys *)((char *)source - offsetof(struct keys, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct keys *self = of_source(source);
	const struct dkim_info *key = &self->key[index];

	buf_clear(&self->made);
	format_date(&self->made, key->created_ms);
	out->key = key->id;
	out->role = key->active ? ROLE_TEXT : ROLE_DIM;
	out->cell[0] = span_of(key->domain);
	out->cell[1] = span_of(key->selector);
	out->cell[2] = buf_span(&self->made);
	out->cell[3] =
	    span_of(key->active ? _("+ signs") : _("replaced, keep record"));
	return true;
}

static void
shown(struct screen *screen)
{
	struct keys *self = (struct keys *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	free(self->key);
	self->key = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    dkim_all(db, &self->key, &self->count, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Making ------------------------------------------------------------------------- */

struct making {
	struct store *store; /* borrowed */
	struct buf domain, selector;
};

static int
making_run(struct job *job, void *data, struct err *err)
{
	struct making *self = data;

	(void)job;
	return dkim_create(self->store, buf_span(&self->domain),
	    buf_span(&self->selector), err);
}

static void
making_free(void *data)
{
	struct making *self = data;

	buf_done(&self->domain);
	buf_done(&self->selector);
	free(self);
}

static const struct job_ops making_ops = {
    .run = making_run, .free = making_free};

static void
check_domain(struct span text, struct buf *why)
{
	if (text.len == 0)
		buf_text(why, _("This is needed."));
	else
		setup_check("ehlo.name", text, why);
}

static void
check_selector(struct span text, struct buf *why)
{
	bool good = text.len > 0 && text.len <= 63;

	for (size_t i = 0; good && i < text.len; i++)
		good = (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') ||
		       (text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
		       (text.ptr[i] == '-' && i > 0 && i + 1 < text.len);
	if (!good)
		buf_text(why, _("Small letters, digits and hyphens."));
}

static void
selector_given(struct screen *owner, int answer, struct span text)
{
	struct keys *self = (struct keys *)owner;
	struct err err = {.code = E_NONE};
	struct making *making;

	if (answer != 1)
		return;
	making = mem_new(sizeof *making);
	making->store = app_store(owner->app);
	buf_add(&making->domain, buf_span(&self->domain));
	buf_add(&making->selector, text);
	app_say(owner->app, SAY_INFO, _("Making the key .."));
	if (stepup_job(owner, STEPUP_SETUP, &making_ops, making, NULL, &err) <
	    0)
		app_say_err(owner->app, &err);
}

/* "s2026": the year tells the age of a key wherever it is seen. */
static void
domain_given(struct screen *owner, int answer, struct span text)
{
	struct keys *self = (struct keys *)owner;
	time_t now = (time_t)(app_now_ms(owner->app) / 1000);
	char start[16];
	struct tm tm;

	if (answer != 1)
		return;
	buf_clear(&self->domain);
	buf_add(&self->domain, text);
	localtime_r(&now, &tm);
	snprintf(start, sizeof start, "s%d", tm.tm_year + 1900);
	dialog_ask(owner,
	    &(struct dialog){
		.title = _("A new DKIM key: selector"),
		.text = _("The selector is the key's name in the DNS. A new "
			  "name for each key keeps older mail verifiable."),
		.done = selector_given,
	    },
	    LINE_TEXT, span_of(start), check_selector);
}

static void
ask_domain(struct keys *self)
{
	struct buf address = BUF_INIT;
	struct span domain = SPAN("");
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, NULL) == 0 &&
	    setting_read(db, "sender.address", &address, NULL) == 0) {
		domain = buf_span(&address);
		span_cut(&domain, '@');
	}
	store_reader_close(&db);
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("A new DKIM key: domain"),
		.text = _("The domain of the sender's address. The key signs "
			  "at once; another key of the domain stops signing."),
		.done = domain_given,
	    },
	    LINE_TEXT, domain, check_domain);
	buf_done(&address);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	(void)data;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK,
		    _("The key is made. Enter shows the record to put into "
		      "the DNS."));
	shown(screen);
}

/* ---- The record ------------------------------------------------------------------------ */

struct record {
	struct screen base;
	struct pager *pager;
};

static void
record_title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("DNS record"));
}

static void
record_draw(struct screen *screen, struct area body)
{
	pager_draw(
	    ((struct record *)screen)->pager, area_cols(body, 1, -2), FOCUS_ON);
}

static enum used
record_key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct record *)screen)->pager, key);
}

static const enum action *
record_footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
record_close(struct screen *screen)
{
	struct record *self = (struct record *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops record_ops = {
    .name = "setup-record",
    .section = 8,
    .title = record_title,
    .draw = record_draw,
    .key = record_key,
    .footer = record_footer,
    .close = record_close,
};

/* The form that zone files take: strings short enough to be pasted. */
static void
add_zone_lines(struct pager *pager, struct span value)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < value.len; i += STRING_OCTETS) {
		buf_clear(&line);
		buf_text(&line, "    \"");
		buf_add(&line, span_slice(value, i, i + STRING_OCTETS));
		buf_text(
		    &line, i + STRING_OCTETS < value.len ? "\"\n" : "\" )\n");
		pager_add(pager, ROLE_TEXT, buf_span(&line));
	}
	buf_done(&line);
}

static void
fill_record(struct pager *pager, struct span name, struct span value)
{
	pager_add_str(pager, ROLE_HEAD, _("Name"));
	pager_add_str(pager, ROLE_TEXT, "\n    ");
	pager_add(pager, ROLE_TEXT, name);
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_HEAD, _("Type"));
	pager_add_str(pager, ROLE_TEXT, "\n    TXT\n");
	pager_add_str(pager, ROLE_HEAD,
	    _("Value, where a form asks for it: one line without breaks"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add(pager, ROLE_TEXT, value);
	pager_add_str(pager, ROLE_TEXT, "\n\n");
	pager_add_str(pager, ROLE_HEAD, _("The same for a zone file"));
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add(pager, ROLE_TEXT, name);
	pager_add_str(pager, ROLE_TEXT, ". IN TXT (\n");
	add_zone_lines(pager, value);
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_DIM,
	    _("It may take some hours until every name server knows it."));
}

static void
record_open(struct app *app, int64_t id)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct record *self;
	struct db *db = NULL;

	if (store_view_open(app_store(app), &db, &err) < 0 ||
	    dkim_dns_record(db, id, &name, &value, &err) < 0) {
		app_say_err(app, &err);
		goto out;
	}
	self = mem_new(sizeof *self);
	self->base.ops = &record_ops;
	self->pager = pager_new(PAGER_WRAP, GATE_RAW);
	fill_record(self->pager, buf_span(&name), buf_span(&value));
	app_push(app, &self->base);
out:
	buf_done(&name);
	buf_done(&value);
	store_reader_close(&db);
}

/* ---- The screen ------------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("DKIM keys"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct keys *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Private keys never leave the encrypted store."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct keys *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct keys *self = (struct keys *)screen;
	int64_t id;

	if (action == ACT_SETUP_NEW) {
		ask_domain(self);
		return USED;
	}
	if (action == ACT_SETUP_OPEN && list_cursor(self->list, &id)) {
		record_open(screen->app, id);
		return USED;
	}
	return UNUSED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct keys *self = (struct keys *)screen;

	if (action == ACT_SETUP_OPEN && !self->count)
		return _("There is no key yet; n makes one.");
	if (action == ACT_SETUP_NEW && app_has_job(screen->app, screen))
		return _("A key is being made.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_OPEN, ACT_SETUP_NEW, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_keys(struct screen *screen)
{
	struct keys *self = (struct keys *)screen;

	list_free(&self->list);
	free(self->key);
	buf_done(&self->made);
	buf_done(&self->domain);
	free(self);
}

static const struct screen_ops keys_ops = {
    .name = "setup-keys",
    .section = 8,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_keys,
};

void
setup_keys_open(struct app *app)
{
	struct keys *self = mem_new(sizeof *self);

	self->base.ops = &keys_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No key yet. Press n: the key is made here, and you get the "
	       "record for your DNS."));
	app_push(app, &self->base);
}
