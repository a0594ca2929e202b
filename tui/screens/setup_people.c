/* Who is registered: roles, from where, last sign-in, second factor, key to
 * approve with.  Logins that begin with @ are Unix groups. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/drill.h"
#include "tui/screens/drill_result.h"
#include "tui/screens/setup.h"
#include "tui/screens/setup_person.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct entry {
	struct person person;
	int64_t last_ms; /* sign-in; 0 never */
	enum approver_state key;
	bool has_key;
};

struct people {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct entry *entry;
	size_t count;
	struct buf roles, last, key; /* of the row last read */
};

static const struct list_column columns[] = {
    {N_("Login"), 16, 0, 0, FIT_END},
    {N_("Roles"), 0, 24, 0, FIT_END},
    {N_("Last sign-in"), 14, 0, 0, FIT_END},
    {N_("2nd"), 6, 0, 1, FIT_END},
    {N_("Key"), 9, 0, 2, FIT_END},
};

static struct people *
of_source(struct list_source *source)
{
	return (
	    struct people *)((char *)source - offsetof(struct people, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static void
add_roles(struct buf *out, const struct person *person)
{
	const char *comma = "";

	if (person->disabled) {
		buf_text(out, _("disabled"));
		return;
	}
	for (int i = 0; i < PERSON_ROLES; i++) {
		if (!(person->roles >> i & 1))
			continue;
		buf_text(out, comma);
		buf_text(out, setup_role_word((enum person_role)(1 << i)));
		comma = ", ";
	}
	if (person->masked) {
		buf_text(out, comma);
		buf_text(out, _("masked"));
	}
}

static const char *
key_word(const struct entry *entry)
{
	static const char *const words[APPROVER_STATES] = {
	    [APPROVER_ASKED] = N_("asked for"),
	    [APPROVER_CONFIRMED] = N_("confirmed"),
	    [APPROVER_REFUSED] = N_("refused"),
	    [APPROVER_REVOKED] = N_("revoked"),
	};

	return entry->has_key ? _(words[entry->key]) : "-";
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct people *self = of_source(source);
	const struct entry *entry = &self->entry[index];

	buf_clear(&self->roles);
	buf_clear(&self->last);
	add_roles(&self->roles, &entry->person);
	if (entry->last_ms)
		format_date(&self->last, entry->last_ms);
	out->key = index;
	out->role = entry->person.disabled ? ROLE_DIM : ROLE_TEXT;
	out->cell[0] = span_of(entry->person.login);
	out->cell[1] = buf_span(&self->roles);
	out->cell[2] = self->last.len ? buf_span(&self->last) : SPAN("-");
	out->cell[3] = entry->person.second_ms ? SPAN("+") : SPAN("-");
	out->cell[4] = span_of(key_word(entry));
	return true;
}

/* ---- Reading --------------------------------------------------------------------- */

static void
take(void *arg, const struct person *person)
{
	struct people *self = arg;

	self->entry = mem_more(self->entry, self->count, sizeof *self->entry);
	self->entry[self->count++] = (struct entry){.person = *person};
}

static int
read_more(struct people *self, struct db *db, struct err *err)
{
	struct approver_key *keys = NULL;
	struct login_history history;
	size_t known = 0;

	for (size_t i = 0; i < self->count; i++) {
		if (login_history(
			db, self->entry[i].person.login, &history, err) < 0)
			return -1;
		self->entry[i].last_ms = history.last_ms;
	}
	if (approver_all(app_store(self->base.app), db, &keys, &known, err) < 0)
		return -1;
	/* requests first, then the newest: the first one of a login counts */
	for (size_t k = known; k-- > 0;) {
		for (size_t i = 0; i < self->count; i++) {
			if (strcmp(keys[k].login,
				self->entry[i].person.login) != 0)
				continue;
			self->entry[i].has_key = true;
			self->entry[i].key = keys[k].state;
		}
	}
	free(keys);
	return 0;
}

static void
shown(struct screen *screen)
{
	struct people *self = (struct people *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	free(self->entry);
	self->entry = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    person_each(db, take, self, &err) < 0 ||
	    read_more(self, db, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Removing -------------------------------------------------------------------- */

struct removal {
	struct store *store; /* borrowed */
	char login[PERSON_LOGIN_MAX + 1];
};

static int
removal_run(struct job *job, void *data, struct err *err)
{
	struct removal *self = data;

	(void)job;
	return person_remove(self->store, span_of(self->login), err);
}

static const struct job_ops removal_ops = {.run = removal_run, .free = free};

static const struct person *
selected(struct people *self)
{
	int64_t index;

	return list_cursor(self->list, &index) ? &self->entry[index].person
					       : NULL;
}

/* The login was typed, so it is that of the line still. */
static void
removal_answered(struct screen *owner, int answer, struct span text)
{
	struct people *self = (struct people *)owner;
	const struct person *person = selected(self);
	struct removal *removal;
	struct err err = {.code = E_NONE};

	(void)text;
	if (answer != 1 || !person)
		return;
	removal = mem_new(sizeof *removal);
	removal->store = app_store(owner->app);
	memcpy(removal->login, person->login, sizeof removal->login);
	if (stepup_job(
		owner, STEPUP_POLICY, &removal_ops, removal, NULL, &err) < 0)
		app_say_err(owner->app, &err);
}

static void
ask_removal(struct people *self, const struct person *person)
{
	dialog_type(&self->base,
	    &(struct dialog){
		.title = _("Remove a person"),
		.text = person->login[0] == '@'
			    ? _("Members of the group without a line of their "
				"own cannot sign in here any more. What they "
				"have done stays in the log. Type the group's "
				"name:")
			    : _("They cannot sign in here any more, unless a "
				"group gives them roles; \"Disabled\" keeps "
				"them out in any case. What they have done "
				"stays in the log. Type the login:"),
		.done = removal_answered,
	    },
	    person->login);
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
		app_say(screen->app, SAY_OK, _("Removed."));
	shown(screen);
}

/* ---- The screen --------------------------------------------------------------------- */

static void
login_given(struct screen *owner, int answer, struct span text)
{
	struct person person = {.roles = PERSON_VIEWER};

	if (answer != 1)
		return;
	span_text(person.login, sizeof person.login, span_trim(text));
	setup_person_open(owner->app, &person);
}

static void
ask_login(struct people *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("A new person"),
		.text = _("The login name on this host, as \"id\" shows it. "
			  "With @ before it: a Unix group, whose members then "
			  "have its roles when they are not registered "
			  "themselves."),
		.done = login_given,
	    },
	    LINE_TEXT, SPAN(""), NULL);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("People and roles"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct people *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Who is not registered cannot open this store, even "
			"with its passphrase."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct people *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct people *self = (struct people *)screen;
	int64_t index;

	if (action == ACT_SETUP_NEW)
		ask_login(self);
	else if (action == ACT_SETUP_CHANGE && list_cursor(self->list, &index))
		setup_person_open(screen->app, &self->entry[index].person);
	else if (action == ACT_SETUP_REMOVE && selected(self))
		ask_removal(self, selected(self));
	else if (action == ACT_TRAINING)
		training_open(screen->app);
	else if (action == ACT_DRILL_START)
		training_start(screen);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	const struct person *person = selected((struct people *)screen);

	if (action == ACT_SETUP_REMOVE && app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	if (action == ACT_SETUP_REMOVE && person &&
	    !strcmp(person->login, store_user(app_store(screen->app))))
		return _("Nobody removes oneself: another administrator can.");
	return action == ACT_DRILL_START ? drill_start_why_not(screen->app)
					 : NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_SETUP_CHANGE, ACT_SETUP_NEW,
	    ACT_SETUP_REMOVE, ACT_TRAINING, ACT_DRILL_START, ACT_BACK,
	    ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_people(struct screen *screen)
{
	struct people *self = (struct people *)screen;

	list_free(&self->list);
	free(self->entry);
	buf_done(&self->roles);
	buf_done(&self->last);
	buf_done(&self->key);
	free(self);
}

static const struct screen_ops people_ops = {
    .name = "setup-people",
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
    .close = close_people,
};

void
setup_people_open(struct app *app)
{
	struct people *self = mem_new(sizeof *self);

	self->base.ops = &people_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
}
