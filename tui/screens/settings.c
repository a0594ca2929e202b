/* Settings: the pages there are and, beside each, whether it is in order, so
 * that a new user sees what is missing before a launch does. */
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/health/health.h"
#include "tui/screens/screens.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/errors.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum page {
	PAGE_SENDER,
	PAGE_RELAYS,
	PAGE_KEYS,
	PAGE_SMIME,
	PAGE_PACE,
	PAGE_ACCESS,
	PAGE_ALERTS,
	PAGE_LOOK,
	PAGE_STAFF,
	PAGE_APPROVERS,
	PAGE_OVERSIGHT,
	PAGE_POLICY,
	PAGE_DOCTOR,
	PAGE_PEOPLE,
	PAGE_WORDINGS,
	PAGE_COUNT
};

struct settings {
	struct screen base;
	struct list_source source; /* found again by its place */
	struct list *list;
	struct buf state[PAGE_COUNT];
	enum role role[PAGE_COUNT];
};

static const struct {
	const char *name;
	void (*open)(struct app *app);
} pages[PAGE_COUNT] = {
    [PAGE_SENDER] = {N_("Sender and legal"), setup_sender_open},
    [PAGE_RELAYS] = {N_("Relays"), setup_relays_open},
    [PAGE_KEYS] = {N_("DKIM keys"), setup_keys_open},
    [PAGE_SMIME] = {"S/MIME", setup_smime_open},
    [PAGE_PACE] = {N_("Pace"), setup_pace_open},
    [PAGE_ACCESS] = {N_("Sign-in and lock"), setup_access_open},
    [PAGE_ALERTS] = {N_("Away and alerts"), setup_alerts_open},
    [PAGE_LOOK] = {N_("Look and language"), setup_look_open},
    [PAGE_STAFF] = {N_("Staff for test mail"), setup_staff_open},
    [PAGE_APPROVERS] = {N_("Approvers' keys"), setup_approvers_open},
    [PAGE_OVERSIGHT] = {N_("Log and reviews"), setup_oversight_open},
    [PAGE_POLICY] = {N_("Policy"), setup_policy_open},
    [PAGE_DOCTOR] = {N_("Domain health"), doctor_open},
    [PAGE_PEOPLE] = {N_("People and roles"), setup_people_open},
    [PAGE_WORDINGS] = {N_("Wordings"), setup_wordings_open},
};

static const struct list_column columns[] = {
    {N_("Page"), 26, 0, 0, FIT_END},
    {N_("State"), 0, 20, 0, FIT_END},
};

static struct settings *
of_source(struct list_source *source)
{
	return (struct settings *)((char *)source -
				   offsetof(struct settings, source));
}

static int64_t
count(struct list_source *source)
{
	(void)source;
	return PAGE_COUNT;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct settings *self = of_source(source);

	out->key = index;
	out->cell[0] = span_of(_(pages[index].name));
	out->cell[1] = buf_span(&self->state[index]);
	out->cell_role[1] = self->role[index];
	return true;
}

/* ---- What is in order ----------------------------------------------------------- */

static const char *const wanted[] = {"sender.name", "sender.address",
    "legal.name", "legal.postal", "legal.contact", "unsubscribe.base_url"};
enum { WANTED_COUNT = sizeof wanted / sizeof *wanted };

static void
set_state(
    struct settings *self, enum page page, enum role role, const char *text)
{
	buf_clear(&self->state[page]);
	buf_printf(&self->state[page], "%s %s",
	    role == ROLE_OK     ? "+"
	    : role == ROLE_WARN ? "!"
				: " ",
	    text);
	self->role[page] = role;
}

static int
look_at_sender(struct settings *self, struct db *db, struct err *err)
{
	struct buf value = BUF_INIT, text = BUF_INIT;
	int missing = 0, rc = 0;

	for (int i = 0; i < WANTED_COUNT && rc == 0; i++) {
		buf_clear(&value);
		rc = setting_read(db, wanted[i], &value, err);
		missing += value.len == 0;
	}
	buf_printf(&text,
	    P_("%d thing that every mail needs is missing",
		"%d things that every mail needs are missing", missing),
	    missing);
	set_state(self, PAGE_SENDER, missing ? ROLE_WARN : ROLE_OK,
	    missing ? text.ptr : _("complete"));
	buf_done(&value);
	buf_done(&text);
	return rc;
}

static int
look_at_relays(struct settings *self, struct db *db, struct err *err)
{
	struct relay_config *relays = NULL;
	struct buf text = BUF_INIT;
	size_t all = 0, on = 0;

	if (relay_all(db, &relays, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all; i++)
		on += relays[i].enabled;
	buf_printf(
	    &text, P_("%d relay in use", "%d relays in use", on), (int)on);
	set_state(self, PAGE_RELAYS, on ? ROLE_OK : ROLE_WARN,
	    on ? text.ptr : _("none yet: nothing can be sent"));
	buf_done(&text);
	free(relays);
	return 0;
}

static int
look_at_keys(struct settings *self, struct db *db, struct err *err)
{
	struct dkim_info *keys = NULL;
	size_t all = 0, active = 0;
	struct buf text = BUF_INIT;

	if (dkim_all(db, &keys, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all; i++) {
		if (!keys[i].active)
			continue;
		buf_text(&text, active++ ? ", " : "");
		buf_text(&text, keys[i].domain);
	}
	set_state(self, PAGE_KEYS, active ? ROLE_OK : ROLE_WARN,
	    active ? text.ptr : _("none yet: mail would leave unsigned"));
	buf_done(&text);
	free(keys);
	return 0;
}

static int
look_at_smime(struct settings *self, struct db *db, struct err *err)
{
	struct arena *arena = arena_new();
	int64_t now = app_now_ms(self->base.app);
	struct smime_info *info;
	struct buf text = BUF_INIT;
	size_t all = 0, expired = 0;
	int rc = smime_all(db, arena, &info, &all, err);

	for (size_t i = 0; i < all; i++)
		expired += info[i].certificate.to_ms < now;
	if (expired)
		buf_printf(&text,
		    P_("%d certificate has expired",
			"%d certificates have expired", expired),
		    (int)expired);
	else if (all)
		buf_printf(&text, P_("%d certificate", "%d certificates", all),
		    (int)all);
	else
		buf_text(&text, _("none: no campaign can be signed with it"));
	set_state(self, PAGE_SMIME,
	    expired ? ROLE_WARN
	    : all   ? ROLE_OK
		    : ROLE_TEXT,
	    text.ptr);
	buf_done(&text);
	arena_free(&arena);
	return rc;
}

static int
look_at_wordings(struct settings *self, struct db *db, struct err *err)
{
	struct wording *wording = NULL;
	struct buf text = BUF_INIT;
	size_t all = 0;

	if (wording_all(db, &wording, &all, err) < 0)
		return -1;
	buf_printf(&text, P_("%zu text", "%zu texts", all), all);
	set_state(self, PAGE_WORDINGS, all ? ROLE_OK : ROLE_WARN,
	    all ? text.ptr : _("none: no advertisement on consent can leave"));
	buf_done(&text);
	free(wording);
	return 0;
}

/* The hours are what surprises when a delivery does not begin. */
static int
look_at_staff(struct settings *self, struct db *db, struct err *err)
{
	struct staff *staff = NULL;
	struct buf text = BUF_INIT;
	size_t all = 0;

	if (staff_all(db, &staff, &all, err) < 0)
		return -1;
	buf_printf(&text, P_("%zu address", "%zu addresses", all), all);
	set_state(self, PAGE_STAFF, all ? ROLE_OK : ROLE_WARN,
	    all ? text.ptr : _("nobody yet: no test mail can be read"));
	buf_done(&text);
	free(staff);
	return 0;
}

static int
look_at_pace(struct settings *self, struct db *db, struct err *err)
{
	struct buf hours = BUF_INIT, quiet = BUF_INIT, text = BUF_INIT;
	int rc = -1;

	if (setting_read(db, "pace.hours", &hours, err) < 0 ||
	    setting_read(db, "pace.quiet", &quiet, err) < 0)
		goto out;
	if (hours.len)
		buf_printf(&text, _("mail leaves %s"), hours.ptr);
	if (quiet.len && text.len)
		buf_text(&text, ", ");
	if (quiet.len)
		buf_printf(&text, _("quiet %s"), quiet.ptr);
	set_state(self, PAGE_PACE, ROLE_TEXT,
	    text.len ? text.ptr : _("mail leaves at any time"));
	rc = 0;
out:
	buf_done(&hours);
	buf_done(&quiet);
	buf_done(&text);
	return rc;
}

static int
look_at_access(struct settings *self, struct db *db, struct err *err)
{
	int64_t minutes = setting_int(db, "lock.minutes", err);
	int64_t failures = setting_int(db, "login.max_failures", err);
	struct buf text = BUF_INIT;

	if (minutes < 0 || failures < 0)
		return -1;
	buf_printf(&text, _("lock after %d min, pause after %d failed tries"),
	    (int)minutes, (int)failures);
	set_state(self, PAGE_ACCESS, ROLE_TEXT, text.ptr);
	buf_done(&text);
	return 0;
}

static int
look_at_doctor(struct settings *self, struct db *db, struct err *err)
{
	struct doctor_news news;
	struct buf text = BUF_INIT;

	if (doctor_news(db, &news, err) < 0)
		return -1;
	if (!news.checked_ms)
		buf_text(&text, _("never examined"));
	else if (news.bad)
		buf_printf(&text, P_("%d fault", "%d faults", news.bad),
		    (int)news.bad);
	else if (news.warn)
		buf_printf(&text, P_("%d warning", "%d warnings", news.warn),
		    (int)news.warn);
	else
		buf_text(&text, _("no faults found"));
	set_state(self, PAGE_DOCTOR,
	    news.checked_ms && !news.bad && !news.warn ? ROLE_OK : ROLE_WARN,
	    text.ptr);
	buf_done(&text);
	return 0;
}

static int
look_at_alerts(struct settings *self, struct db *db, struct err *err)
{
	struct alert_ways ways;
	const char *text;

	if (alert_ways_read(db, &ways, err) < 0)
		return -1;
	if (!alert_has_way(&ways))
		text = _("nobody is told when something happens");
	else if (ways.command.len)
		text = _("a command is told");
	else
		text = _("told by mail");
	set_state(self, PAGE_ALERTS, ROLE_TEXT, text);
	alert_ways_done(&ways);
	return 0;
}

static int
look_at_oversight(struct settings *self, struct db *db, struct err *err)
{
	struct buf path = BUF_INIT, to = BUF_INIT, text = BUF_INIT;
	int rc = -1;

	if (setting_read(db, "audit.seals", &path, err) < 0 ||
	    setting_read(db, "audit.seal_to", &to, err) < 0)
		goto out;
	if (path.len)
		buf_text(&text,
		    to.len ? _("sealed into a file elsewhere, and by mail")
			   : _("sealed into a file elsewhere"));
	else
		buf_text(&text, to.len
				    ? _("sealed beside the store, and by mail")
				    : _("sealed beside the store only"));
	set_state(self, PAGE_OVERSIGHT,
	    path.len || to.len ? ROLE_OK : ROLE_TEXT, text.ptr);
	rc = 0;
out:
	buf_done(&path);
	buf_done(&to);
	buf_done(&text);
	return rc;
}

/* A request must not wait unseen. */
static int
look_at_approvers(struct settings *self, struct db *db, struct err *err)
{
	struct approver_key *key = NULL;
	struct buf text = BUF_INIT;
	size_t count = 0;
	int asked = 0, confirmed = 0;
	int rc = approver_all(app_store(self->base.app), db, &key, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		asked += key[i].state == APPROVER_ASKED;
		confirmed += key[i].state == APPROVER_CONFIRMED;
	}
	if (asked)
		buf_printf(&text,
		    P_("%d key waits to be confirmed",
			"%d keys wait to be confirmed", asked),
		    asked);
	else if (confirmed)
		buf_printf(&text,
		    P_("%d key is confirmed", "%d keys are confirmed",
			confirmed),
		    confirmed);
	else
		buf_text(&text, _("none"));
	set_state(self, PAGE_APPROVERS,
	    asked       ? ROLE_WARN
	    : confirmed ? ROLE_OK
			: ROLE_TEXT,
	    text.ptr);
	free(key);
	buf_done(&text);
	return rc;
}

static int
look_at_policy(struct settings *self, struct db *db, struct err *err)
{
	struct buf when = BUF_INIT;
	int rc = setting_read(db, "approval.when", &when, err);

	set_state(self, PAGE_POLICY, ROLE_TEXT,
	    span_equal(buf_span(&when), SPAN("never"))
		? _("nobody has to approve a campaign")
	    : span_equal(buf_span(&when), SPAN("always"))
		? _("a second person approves every campaign")
		: _("a second person approves advertisements"));
	buf_done(&when);
	return rc;
}

static void
count_person(void *arg, const struct person *person)
{
	*(int *)arg += !person->disabled;
}

static int
look_at_people(struct settings *self, struct db *db, struct err *err)
{
	struct buf text = BUF_INIT;
	int active = 0;

	if (person_each(db, count_person, &active, err) < 0)
		return -1;
	buf_printf(
	    &text, P_("%d may sign in", "%d may sign in", active), active);
	set_state(self, PAGE_PEOPLE, ROLE_TEXT, text.ptr);
	buf_done(&text);
	return 0;
}

static void
look_at_look(struct settings *self)
{
	const struct theme *theme = app_theme(self->base.app);
	const char *name = i18n_is_japanese() && *theme->name_ja
			       ? theme->name_ja
			       : theme->name;

	set_state(self, PAGE_LOOK, ROLE_TEXT, name);
}

static void
shown(struct screen *screen)
{
	struct settings *self = (struct settings *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    look_at_sender(self, db, &err) < 0 ||
	    look_at_relays(self, db, &err) < 0 ||
	    look_at_keys(self, db, &err) < 0 ||
	    look_at_staff(self, db, &err) < 0 ||
	    look_at_wordings(self, db, &err) < 0 ||
	    look_at_smime(self, db, &err) < 0 ||
	    look_at_pace(self, db, &err) < 0 ||
	    look_at_access(self, db, &err) < 0 ||
	    look_at_doctor(self, db, &err) < 0 ||
	    look_at_alerts(self, db, &err) < 0 ||
	    look_at_oversight(self, db, &err) < 0 ||
	    look_at_policy(self, db, &err) < 0 ||
	    look_at_people(self, db, &err) < 0 ||
	    look_at_approvers(self, db, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	look_at_look(self);
}

/* ---- The screen ------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Setup"));
}

static void
draw(struct screen *screen, struct area body)
{
	struct settings *self = (struct settings *)screen;

	list_draw(self->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Every change is written to the audit log."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct settings *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct settings *self = (struct settings *)screen;
	int64_t page;

	if (action == ACT_DOCTOR) {
		doctor_open(screen->app);
		return USED;
	}
	if (action != ACT_SETUP_OPEN || !list_cursor(self->list, &page))
		return UNUSED;
	pages[page].open(screen->app);
	return USED;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_OPEN, ACT_BACK, ACT_PALETTE, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_settings(struct screen *screen)
{
	struct settings *self = (struct settings *)screen;

	list_free(&self->list);
	for (int i = 0; i < PAGE_COUNT; i++)
		buf_done(&self->state[i]);
	free(self);
}

static const struct screen_ops settings_ops = {
    .name = "settings",
    .section = 8,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .footer = footer,
    .shown = shown,
    .close = close_settings,
};

void
settings_open(struct app *app)
{
	struct settings *self = mem_new(sizeof *self);

	self->base.ops = &settings_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_replace(app, &self->base);
}

/* ---- What the pages share ----------------------------------------------------------- */

struct setup_changes *
setup_changes_new(struct app *app)
{
	struct setup_changes *changes = mem_new(sizeof *changes);

	changes->store = app_store(app);
	changes->place = app_session(app)->place;
	return changes;
}

void
setup_change(struct setup_changes *changes, const char *name, struct span value)
{
	if (changes->count == SETUP_CHANGES_MAX)
		return;
	changes->name[changes->count] = name;
	buf_add(&changes->value[changes->count++], value);
}

void
setup_change_fields(struct setup_changes *changes, const struct form *form,
    const struct setup_field *fields)
{
	for (; fields->name; fields++)
		setup_change(changes, fields->name,
		    span_trim(form_text(form, fields->field)));
}

void
setup_load(
    struct screen *screen, struct form *form, const struct setup_field *fields)
{
	struct err err = {.code = E_NONE};
	struct buf value = BUF_INIT;
	struct db *db = NULL;
	int rc = store_view_open(app_store(screen->app), &db, &err);

	for (; fields->name && rc == 0; fields++) {
		buf_clear(&value);
		rc = setting_read(db, fields->name, &value, &err);
		form_set(form, fields->field, buf_span(&value));
	}
	form_set_saved(form);
	if (rc < 0)
		app_say_err(screen->app, &err);
	buf_done(&value);
	store_reader_close(&db);
}

/* Only what has changed is written: each write is a line in the log. */
static int
write_one(struct setup_changes *self, int index, struct db *db, struct err *err)
{
	const char *name = self->name[index];
	struct span value = buf_span(&self->value[index]);
	struct buf old = BUF_INIT;
	int rc = setting_read(db, name, &old, err);

	if (rc == 0 && !span_equal(buf_span(&old), value)) {
		rc = setting_write_in(self->store, db, name, value, err);
		self->has_login |= !strncmp(name, "login.", 6);
		if (rc == 0 && !strncmp(name, "access.", 7))
			rc = origin_check_self(
			    self->store, db, &self->place, err);
	}
	buf_done(&old);
	return rc;
}

static int
save_run(struct job *job, void *data, struct err *err)
{
	struct setup_changes *self = data;
	struct db *db = NULL;

	(void)job;
	if (store_begin(self->store, STORE_WAIT_SHORT, "settings", &db, err) <
	    0)
		return -1;
	for (int i = 0; i < self->count; i++) {
		if (write_one(self, i, db, err) < 0) {
			store_rollback(self->store, &db);
			return -1;
		}
	}
	if (store_commit(self->store, &db, err) < 0)
		return -1;
	return self->has_login ? lockout_transfer(self->store, err) : 0;
}

static void
save_free(void *data)
{
	struct setup_changes *self = data;

	for (int i = 0; i < self->count; i++)
		buf_done(&self->value[i]);
	free(self);
}

static const struct job_ops save_ops = {.run = save_run, .free = save_free};

int
setup_save(struct screen *screen, struct setup_changes **taken, struct err *err)
{
	struct setup_changes *changes = *taken;
	bool asks = false;

	*taken = NULL;
	for (int i = 0; i < changes->count; i++)
		asks |= stepup_of_setting(span_of(changes->name[i])) ==
			STEPUP_SETUP;
	if (!asks)
		return app_job(
		    screen->app, screen, &save_ops, changes, NULL, err);
	return stepup_job(screen, STEPUP_SETUP, &save_ops, changes, NULL, err);
}

static void
left(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer == 1)
		app_pop(owner->app, owner);
}

bool
setup_may_leave(struct screen *screen, struct form *form)
{
	if (!form_is_changed(form))
		return true;
	dialog_confirm(screen,
	    &(struct dialog){
		.title = _("Not saved"),
		.text = _("What you have typed here would be lost. ^S saves "
			  "it."),
		.done = left,
	    },
	    _("Leave without saving"));
	return false;
}

static void
add_limits(const char *name, struct buf *why)
{
	size_t count;
	const struct setting *all = setting_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].name, name))
			buf_printf(why, _("A number from %d to %d, please."),
			    (int)all[i].min, (int)all[i].max);
	}
}

void
setup_check(const char *name, struct span value, struct buf *why)
{
	static const struct {
		const char *why, *text;
	} texts[] = {
	    {"address", N_("This is no mail address.")},
	    {"url", N_("An https:// address is wanted here.")},
	    {"domain", N_("This is no domain name.")},
	    {"ip", N_("IP addresses are wanted here.")},
	    {"hours", N_("Hours are written as 09:00-18:00.")},
	    {"length", N_("This is too long.")},
	    {"utf8", N_("This is no valid UTF-8.")},
	    {"control", N_("Control characters are not allowed.")},
	};
	struct err err = {.code = E_NONE};
	const char *fault;

	if (setting_check(name, value, &err) == 0)
		return;
	fault = err_find(&err, "why");
	if (!strcmp(fault, "number") || !strcmp(fault, "range")) {
		add_limits(name, why);
		return;
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (!strcmp(fault, texts[i].why)) {
			buf_text(why, _(texts[i].text));
			return;
		}
	}
	err_text(&err, why);
}
