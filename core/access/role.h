/* Who may do what: people, their roles, and the one table that says which role
 * holds which permission.  What is not in the table is refused.
 *
 * The roles of a sitting are those of the row with its login; without such a
 * row, those of the rows "@group" of the Unix groups it is a member of, but
 * never administrator.  A row that is disabled has none, whatever groups say.
 * docs/roles.md shows the table. */
#ifndef CORE_ACCESS_ROLE_H
#define CORE_ACCESS_ROLE_H

#include "core/store/store.h"

/* A person has a set of these. */
enum person_role {
	PERSON_ADMINISTRATOR = 1 << 0, /* settings, policy, people, relays */
	PERSON_OPERATOR = 1 << 1,      /* lists, campaigns, seal, launch */
	PERSON_APPROVER = 1 << 2,      /* approves what somebody else sealed */
	PERSON_VIEWER = 1 << 3,        /* sees all, personal data masked */
	PERSON_AUDITOR = 1 << 4,       /* the log, its review, evidence */
};
enum { PERSON_ROLES = 5 };

enum permission {
	/* operations */
	MAY_CAMPAIGN_WRITE,
	MAY_CAMPAIGN_DELETE,
	MAY_LIST_WRITE,
	MAY_LIST_IMPORT,
	MAY_LIST_EXPORT, /* personal data into a file */
	MAY_LIST_DELETE,
	MAY_TEST_SEND,
	MAY_STAFF_WRITE, /* who may get test mail */
	MAY_CHECK,       /* run the checks, answer them */
	MAY_SEAL,
	MAY_APPROVE,
	MAY_LAUNCH, /* also to resume, retry, quicken */
	MAY_STOP,   /* pause and stop: everybody */
	MAY_SETTINGS_WRITE,
	MAY_POLICY_WRITE,
	MAY_PEOPLE_WRITE,
	MAY_RELAY_WRITE,
	MAY_KEY_WRITE, /* DKIM and S/MIME keys */
	MAY_STORE_KEY, /* the raw key of the store */
	MAY_LOG_READ,
	MAY_LOG_REVIEW, /* sign an anomaly or access review */
	MAY_EVIDENCE_MAKE,
	/* views */
	MAY_VIEW,            /* lists, campaigns, reports, settings: masked */
	MAY_MAIL_VIEW,       /* mails merged with somebody's data */
	MAY_PERSONAL_VIEW,   /* addresses, names, fields unmasked */
	MAY_PERSONAL_UNMASK, /* one record, for a reason that is logged */
	MAY_COUNT
};

enum {
	PERSON_LOGIN_MAX = 64,     /* octets */
	PERSON_NETWORKS_MAX = 1000 /* octets */
};

/* A row of the table of people. */
struct person {
	char login[PERSON_LOGIN_MAX + 1]; /* "@name": a Unix group */
	unsigned roles;                   /* enum person_role, or'ed */
	bool masked;   /* sees personal data only after unmasking it */
	bool disabled; /* cannot come in */
	/* Where from, one CIDR block a line; "": from wherever the policy
	 * allows. */
	char networks[PERSON_NETWORKS_MAX + 1];
	int64_t added_ms, changed_ms;
	char changed_by[PERSON_LOGIN_MAX + 1];
	int64_t second_ms; /* when PAM last asked for a second factor; 0 */
};

/* Stable names: "administrator", "campaign.write"; static strings. */
const char *person_role_name(enum person_role role);
const char *permission_name(enum permission permission);

/* Roles that hold a permission, or'ed. */
unsigned permission_roles(enum permission permission);

/* True when one of the person's roles holds the permission and the row is not
 * disabled; a NULL person may nothing.  A masked person never holds
 * MAY_PERSONAL_VIEW. */
bool person_may(const struct person *person, enum permission permission);

/* The row of a login (or "@group"): 1 with *out filled, 0 when there is none,
 * -1 on error. */
int person_read(
    struct db *db, struct span login, struct person *out, struct err *err);

/* All rows by login; the person lives until each() returns.  Their number or
 * -1. */
int person_each(struct db *db,
    void (*each)(void *arg, const struct person *person), void *arg,
    struct err *err);

/* Who has opened the store, with the roles of this sitting (from groups, too);
 * without any, *out has the login and no roles.  0 or -1. */
int person_current(
    struct store *store, struct db *db, struct person *out, struct err *err);

/* 0 when who has opened the store may do this, else E_ROLE (permission, login).
 * db: any connection to the store, or NULL to use one of its own. */
int person_require(struct store *store, struct db *db,
    enum permission permission, struct err *err);

/* 0 when one of two permissions is held; else E_ROLE naming the second. */
int person_require_either(struct store *store, struct db *db,
    enum permission one, enum permission other, struct err *err);

/* A connection that reads everything unmasked, for who holds the permission;
 * ended by store_reader_close().  E_ROLE as person_require().  What screens
 * read goes through this or through store_view_open(). */
int person_reader_open(struct store *store, enum permission permission,
    struct db **out, struct err *err);

struct origin;

/* Adds or changes the row of person->login and logs it; login, roles, masked,
 * disabled and networks are taken.  origin is where the store's user sits, or
 * NULL.  E_ROLE without MAY_PEOPLE_WRITE; E_PERSON_FIELD (field, why);
 * E_NETWORK; E_PERSON_LAST when nobody would be left who is an administrator
 * and may come in; E_ORIGIN_SELF when the user would be kept out. */
int person_save(struct store *store, const struct person *person,
    const struct origin *origin, struct err *err);

/* Notes that the store's user has signed in with a second factor. */
int person_note_second(struct store *store, struct err *err);

/* Takes the row of somebody else away, and logs it.  Errors as person_save();
 * E_PERSON_UNKNOWN (login), E_PERSON_SELF (login). */
int person_remove(struct store *store, struct span login, struct err *err);

#endif
