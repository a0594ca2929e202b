/* The relays as a list; what is done to one is in setup_relay.c. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/health/health.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct relays {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct relay_config *relay; /* without secrets */
	size_t count;
	struct buf where, part;
};

static const struct list_column columns[] = {
    {N_("Name"), 14, 0, 0, FIT_END},
    {N_("Host and port"), 0, 24, 0, FIT_MIDDLE},
    {N_("Protection"), 22, 0, 0, FIT_END},
    {N_("User"), 16, 0, 1, FIT_END},
    {N_("Part"), 10, 0, 0, FIT_END},
};

const char *
setup_tls_text(enum relay_tls tls)
{
	switch (tls) {
	case RELAY_TLS_NONE:
		return N_("none (this machine only)");
	case RELAY_TLS_OPPORTUNISTIC:
		return N_("TLS when offered");
	case RELAY_TLS_REQUIRED:
		return N_("TLS, unverified");
	case RELAY_TLS_VERIFY:
		return N_("STARTTLS, verified");
	case RELAY_TLS_IMPLICIT:
		return N_("TLS at once, verified");
	case RELAY_TLS_PIN:
		return N_("STARTTLS, pinned key");
	case RELAY_TLS_COUNT:
		break;
	}
	return "";
}

static struct relays *
of_source(struct list_source *source)
{
	return (
	    struct relays *)((char *)source - offsetof(struct relays, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

/* What a relay gets of a delivery. */
static void
write_part(struct buf *out, const struct relay_config *relay)
{
	buf_clear(out);
	if (!relay->enabled)
		buf_text(out, _("not used"));
	else if (relay->share == 0)
		buf_text(out, _("stand-by"));
	else
		buf_printf(out, _("share %d"), relay->share);
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct relays *self = of_source(source);
	const struct relay_config *relay = &self->relay[index];

	buf_clear(&self->where);
	if (relay->kind == RELAY_KIND_DIRECT)
		buf_text(&self->where, _("straight to MX"));
	else
		buf_printf(&self->where, "%s:%d", relay->host, relay->port);
	write_part(&self->part, relay);
	out->key = relay->id;
	out->role = relay->enabled ? ROLE_TEXT : ROLE_DIM;
	out->cell[0] = span_of(relay->name);
	out->cell[1] = buf_span(&self->where);
	out->cell[2] = span_of(_(setup_tls_text(relay->tls)));
	out->cell[3] = *relay->user ? span_of(relay->user) : SPAN("-");
	out->cell[4] = buf_span(&self->part);
	return true;
}

static void
shown(struct screen *screen)
{
	struct relays *self = (struct relays *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	free(self->relay);
	self->relay = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    relay_all(db, &self->relay, &self->count, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Removing ---------------------------------------------------------------------- */

struct removal {
	struct store *store; /* borrowed */
	int64_t id;
};

static int
removal_run(struct job *job, void *data, struct err *err)
{
	struct removal *self = data;

	(void)job;
	return relay_delete(self->store, self->id, err);
}

static const struct job_ops removal_ops = {.run = removal_run, .free = free};

static const struct relay_config *
selected(struct relays *self)
{
	int64_t index = list_cursor_index(self->list);

	return index < 0 ? NULL : &self->relay[index];
}

static void
remove_answered(struct screen *owner, int answer, struct span text)
{
	struct relays *self = (struct relays *)owner;
	const struct relay_config *relay = selected(self);
	struct err err = {.code = E_NONE};
	struct removal *removal;

	(void)text;
	if (answer != 1 || !relay)
		return;
	removal = mem_new(sizeof *removal);
	removal->store = app_store(owner->app);
	removal->id = relay->id;
	if (stepup_job(owner, STEPUP_SETUP, &removal_ops, removal, NULL, &err) <
	    0)
		app_say_err(owner->app, &err);
}

static void
ask_removal(struct relays *self, const struct relay_config *relay)
{
	struct buf text = BUF_INIT;

	buf_printf(&text,
	    _("Relay %s (%s) and its password are removed. Campaigns sealed "
	      "with it must be checked again."),
	    relay->name, relay->host);
	dialog_type(&self->base,
	    &(struct dialog){
		.title = _("Remove a relay"),
		.text = text.ptr,
		.done = remove_answered,
	    },
	    relay->name);
	buf_done(&text);
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
		app_say(screen->app, SAY_OK, _("The relay was removed."));
	shown(screen);
}

/* ---- The screen ---------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Relays"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct relays *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out,
	    _("A delivery goes through all relays in use, by their shares."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct relays *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct relays *self = (struct relays *)screen;
	const struct relay_config *relay = selected(self);

	if (action == ACT_SETUP_NEW)
		setup_relay_open(screen->app, 0);
	else if (action == ACT_SETUP_OPEN && relay)
		setup_relay_open(screen->app, relay->id);
	else if (action == ACT_SETUP_REMOVE && relay)
		ask_removal(self, relay);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct relays *self = (struct relays *)screen;

	if ((action == ACT_SETUP_OPEN || action == ACT_SETUP_REMOVE) &&
	    !selected(self))
		return _("There is no relay yet; n makes one.");
	if (action == ACT_SETUP_NEW && self->count &&
	    store_is_demo(app_store(screen->app)))
		return _("The demo has its practice relay and no other.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_SETUP_OPEN, ACT_SETUP_NEW,
	    ACT_SETUP_REMOVE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_relays(struct screen *screen)
{
	struct relays *self = (struct relays *)screen;

	list_free(&self->list);
	free(self->relay);
	buf_done(&self->where);
	buf_done(&self->part);
	free(self);
}

static const struct screen_ops relays_ops = {
    .name = "setup-relays",
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
    .close = close_relays,
};

void
setup_relays_open(struct app *app)
{
	struct relays *self = mem_new(sizeof *self);

	self->base.ops = &relays_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No relay yet. Mail leaves through one: press n, and have its "
	       "host, user and password at hand."));
	app_push(app, &self->base);
}
