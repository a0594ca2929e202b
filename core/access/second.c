/* Who a second person cannot be. */
#include "core/access/second.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/access/role.h"
#include "core/base/mem.h"

enum { PASSWD_ROOM = 65536 };

static int
not_them(struct err *err, const char *login, const char *why)
{
	err_set(err, E_APPROVAL_WHO);
	err_fact(err, "login", span_of(login));
	return err_fact(err, "why", span_of(why));
}

/* True when the login names a user with this number: two names of one person
 * are one person. */
static bool
has_uid(const char *login, uid_t uid)
{
	struct passwd entry, *found = NULL;
	char *room = mem_new(PASSWD_ROOM);
	bool same;

	same = getpwnam_r(login, &entry, room, PASSWD_ROOM, &found) == 0 &&
	       found && found->pw_uid == uid;
	free(room);
	return same;
}

int
second_differs(const char *login, uid_t uid, const char *other, const char *why,
    struct err *err)
{
	if (!strcmp(login, other))
		return not_them(err, login, why);
	return has_uid(other, uid) ? not_them(err, login, "uid") : 0;
}

/* Approvers are people with a row of their own: a role out of a group is
 * somebody's whom no administrator has looked at. */
static int
has_role(struct db *db, const char *login, struct err *err)
{
	struct person person;
	int got = person_read(db, span_of(login), &person, err);

	if (got < 0)
		return -1;
	if (got == 0 || !person_may(&person, MAY_APPROVE))
		return not_them(err, login, "role");
	return 0;
}

/* Neither the login that holds the store nor the uid of this process. */
static int
not_the_operator(
    struct store *store, const char *login, uid_t uid, struct err *err)
{
	if (!strcmp(login, store_user(store)))
		return not_them(err, login, "operator");
	return uid == geteuid() ? not_them(err, login, "uid") : 0;
}

int
second_check(struct store *store, struct db *db, const char *login, uid_t uid,
    struct err *err)
{
	return not_the_operator(store, login, uid, err) < 0 ||
		       has_role(db, login, err) < 0
		   ? -1
		   : 0;
}
