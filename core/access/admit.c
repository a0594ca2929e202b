/* The last door: the password was right and the passphrase, too; now the
 * register of people and the networks of the policy are asked. */
#include "core/access/admit.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { GROUPS_MAX = 256, NAME_ROOM = 64 * 1024 };

/* ---- Unix groups --------------------------------------------------------------- */

/* The groups of a login; 0 when the system knows no such login. */
static int
groups_of(const char *login, gid_t out[GROUPS_MAX])
{
	char *room = mem_new(NAME_ROOM);
	struct passwd entry, *found = NULL;
	int count = GROUPS_MAX;

	if (getpwnam_r(login, &entry, room, NAME_ROOM, &found) != 0 || !found)
		count = 0;
	else if (getgrouplist(login, entry.pw_gid, out, &count) < 0)
		count = GROUPS_MAX; /* there are more: the first ones count */
	free(room);
	return count;
}

static bool
is_member(const char *name, const gid_t *groups, int count)
{
	char *room = mem_new(NAME_ROOM);
	struct group entry, *found = NULL;
	bool member = false;

	if (getgrnam_r(name, &entry, room, NAME_ROOM, &found) == 0 && found) {
		for (int i = 0; i < count; i++)
			member |= groups[i] == found->gr_gid;
	}
	free(room);
	return member;
}

struct gathering {
	gid_t groups[GROUPS_MAX];
	int count;
	struct person person; /* what the groups give together */
	int rows;
};

/* Of several groups the roles add up; masked by one is masked. */
static void
gather(void *arg, const struct person *row)
{
	struct gathering *self = arg;

	if (row->login[0] != '@' || row->disabled ||
	    !is_member(row->login + 1, self->groups, self->count))
		return;
	self->rows++;
	self->person.roles |= row->roles;
	if (row->masked)
		self->person.roles &= ~(unsigned)STORE_PERSONAL_ROLES;
	if (row->networks[0])
		memcpy(
		    self->person.networks, row->networks, sizeof row->networks);
}

static int
ask_groups(
    struct store *store, struct db *db, struct person *out, struct err *err)
{
	struct gathering *self = mem_new(sizeof *self);
	int rc;

	self->count = groups_of(store_user(store), self->groups);
	rc = person_each(db, gather, self, err);
	if (rc >= 0)
		rc = self->rows > 0 ? 1 : 0;
	*out = self->person;
	free(self);
	return rc;
}

/* ---- Networks ------------------------------------------------------------------- */

/* 1 inside the networks of the policy and of the person, 0 outside. */
static int
is_inside(struct db *db, const struct origin *origin,
    const struct person *person, struct err *err)
{
	struct buf networks = BUF_INIT, console = BUF_INIT;
	enum console_rule rule;
	int rc = -1;

	if (setting_read(db, "access.networks", &networks, err) < 0 ||
	    setting_read(db, "access.console", &console, err) < 0)
		goto out;
	rule = span_equal(buf_span(&console), SPAN("on")) ? CONSOLE_INSIDE
							  : CONSOLE_OUTSIDE;
	rc = origin_is_in(origin, buf_span(&networks), rule) &&
	     origin_is_in(origin, span_of(person->networks), rule);
out:
	buf_done(&networks);
	buf_done(&console);
	return rc;
}

static int
fail(enum err_code code, const char *login, struct err *err)
{
	err_set(err, code);
	return err_fact(err, "login", span_of(login));
}

static int
judge(struct store *store, struct db *db, const struct origin *origin,
    struct err *err)
{
	const char *login = store_user(store);
	struct person person = {.roles = 0};
	int got = person_read(db, span_of(login), &person, err), inside;

	if (got == 0) {
		got = ask_groups(store, db, &person, err);
		if (got == 1)
			store_admit(store, person.roles);
	}
	if (got < 0)
		return -1;
	if (got == 0)
		return fail(E_PERSON_UNKNOWN, login, err);
	/* without a role there is nothing to come in for */
	if (person.disabled || person.roles == 0)
		return fail(E_PERSON_DISABLED, login, err);
	inside = is_inside(db, origin, &person, err);
	if (inside != 0)
		return inside < 0 ? -1 : 0;
	if (origin->kind == ORIGIN_UNKNOWN)
		return fail(E_ORIGIN_NONE, login, err);
	fail(E_ORIGIN_REFUSED, login, err);
	return err_fact(err, "origin", span_of(origin_text(origin)));
}

static void
log_refused(struct store *store, const struct origin *origin, enum err_code why)
{
	struct buf facts = BUF_INIT;

	buf_printf(
	    &facts, "why=%s origin=%s", err_name(why), origin_text(origin));
	audit_add(store,
	    &(struct audit_event){
		.what = "login.refused",
		.object = span_of(store_user(store)),
		.facts = buf_span(&facts),
	    },
	    NULL);
	buf_done(&facts);
}

int
access_admit(struct store *store, const struct origin *origin, struct err *err)
{
	struct err local = {.code = E_NONE};
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	rc = judge(store, db, origin, &local);
	store_reader_close(&db);
	if (rc == 0)
		return 0;
	log_refused(store, origin, local.code);
	if (err)
		*err = local;
	return -1;
}

int
origin_check_self(struct store *store, struct db *db,
    const struct origin *origin, struct err *err)
{
	struct person person = {.roles = 0};
	int inside;

	if (person_read(db, span_of(store_user(store)), &person, err) < 0)
		return -1;
	inside = is_inside(db, origin, &person, err);
	if (inside != 0)
		return inside < 0 ? -1 : 0;
	err_set(err, origin->kind == ORIGIN_UNKNOWN ? E_ORIGIN_SELF_NONE
						    : E_ORIGIN_SELF);
	return err_fact(err, "origin", span_of(origin_text(origin)));
}
