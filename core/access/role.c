/* The matrix: which role holds which permission.  Nothing else in the program
 * decides this; what has no role here is refused to everybody. */
#include "core/access/role.h"

#include <assert.h>

enum {
	ADMIN = PERSON_ADMINISTRATOR,
	OPERATOR = PERSON_OPERATOR,
	APPROVER = PERSON_APPROVER,
	VIEWER = PERSON_VIEWER,
	AUDITOR = PERSON_AUDITOR,
	ALL = ADMIN | OPERATOR | APPROVER | VIEWER | AUDITOR
};

/* The store knows two of our roles: who makes one, and who changes settings. */
static_assert(
    (int)STORE_FIRST_ROLES == (int)(ADMIN | OPERATOR), "who makes a store");
static_assert((int)STORE_PERSONAL_ROLES == (int)(OPERATOR | APPROVER),
    "who sees personal data");
static_assert((int)STORE_SETTING_ROLES == (int)ADMIN, "who changes settings");

static const struct {
	const char *name;
	unsigned roles;
} matrix[MAY_COUNT] = {
    [MAY_CAMPAIGN_WRITE] = {"campaign.write", OPERATOR},
    [MAY_CAMPAIGN_DELETE] = {"campaign.delete", OPERATOR},
    [MAY_LIST_WRITE] = {"list.write", OPERATOR},
    [MAY_LIST_IMPORT] = {"list.import", OPERATOR},
    [MAY_LIST_EXPORT] = {"list.export", OPERATOR},
    [MAY_LIST_DELETE] = {"list.delete", OPERATOR},
    [MAY_TEST_SEND] = {"test.send", OPERATOR},
    [MAY_STAFF_WRITE] = {"staff.write", ADMIN | OPERATOR},
    [MAY_CHECK] = {"check", OPERATOR},
    [MAY_SEAL] = {"seal", OPERATOR},
    [MAY_APPROVE] = {"approve", APPROVER},
    [MAY_LAUNCH] = {"launch", OPERATOR},
    [MAY_STOP] = {"stop", ALL},
    [MAY_SETTINGS_WRITE] = {"settings.write", ADMIN},
    [MAY_POLICY_WRITE] = {"policy.write", ADMIN},
    [MAY_PEOPLE_WRITE] = {"people.write", ADMIN},
    [MAY_RELAY_WRITE] = {"relay.write", ADMIN},
    [MAY_KEY_WRITE] = {"key.write", ADMIN},
    [MAY_STORE_KEY] = {"store.key", ADMIN},
    [MAY_LOG_READ] = {"log.read", ADMIN | OPERATOR | AUDITOR},
    [MAY_LOG_REVIEW] = {"log.review", AUDITOR},
    [MAY_EVIDENCE_MAKE] = {"evidence.make", ADMIN | OPERATOR | AUDITOR},
    [MAY_VIEW] = {"view", ALL},
    [MAY_MAIL_VIEW] = {"mail.view", OPERATOR | APPROVER},
    [MAY_PERSONAL_VIEW] = {"personal.view", OPERATOR | APPROVER},
    [MAY_PERSONAL_UNMASK] = {"personal.unmask", OPERATOR | APPROVER | AUDITOR},
};

static const char *const role_names[PERSON_ROLES] = {
    "administrator", "operator", "approver", "viewer", "auditor"};

const char *
person_role_name(enum person_role role)
{
	for (int i = 0; i < PERSON_ROLES; i++) {
		if (role == (enum person_role)(1 << i))
			return role_names[i];
	}
	return "";
}

const char *
permission_name(enum permission permission)
{
	return matrix[permission].name;
}

unsigned
permission_roles(enum permission permission)
{
	return matrix[permission].roles;
}

bool
person_may(const struct person *person, enum permission permission)
{
	if (!person || person->disabled || permission >= MAY_COUNT)
		return false;
	if (person->masked && permission == MAY_PERSONAL_VIEW)
		return false;
	return person->roles & matrix[permission].roles;
}

int
person_require(struct store *store, struct db *db, enum permission permission,
    struct err *err)
{
	struct db *own = NULL;
	unsigned roles;
	int rc = -1;

	if (!db && store_reader_open(store, &own, err) < 0)
		return -1;
	if (store_roles(store, db ? db : own, &roles, err) < 0)
		goto out;
	if (roles & matrix[permission].roles) {
		rc = 0;
		goto out;
	}
	err_set(err, E_ROLE);
	err_fact(err, "permission", span_of(matrix[permission].name));
	err_fact(err, "login", span_of(store_user(store)));
out:
	store_reader_close(&own);
	return rc;
}

int
person_require_either(struct store *store, struct db *db, enum permission one,
    enum permission other, struct err *err)
{
	if (person_require(store, db, one, NULL) == 0)
		return 0;
	return person_require(store, db, other, err);
}

int
person_reader_open(struct store *store, enum permission permission,
    struct db **out, struct err *err)
{
	struct db *db = NULL;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	if (person_require(store, db, permission, err) < 0) {
		store_reader_close(&db);
		return -1;
	}
	*out = db;
	return 0;
}
