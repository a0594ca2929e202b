/* Whether who has opened a store may come in, decided at its first sight of
 * them: registered, not disabled, from an address that policy allows. */
#ifndef CORE_ACCESS_ADMIT_H
#define CORE_ACCESS_ADMIT_H

#include "core/access/role.h"

/* Where somebody sits, by the login record of their terminal. */
enum origin_kind {
	ORIGIN_CONSOLE, /* a terminal of this host, without a record of a host */
	ORIGIN_ADDRESS, /* a record that holds an address */
	ORIGIN_UNKNOWN, /* no record, or one that names a host without one */
};

enum { ORIGIN_ADDRESS_MAX = 63 };

struct origin {
	enum origin_kind kind;
	char address[ORIGIN_ADDRESS_MAX + 1]; /* ORIGIN_ADDRESS: as text */
	char tty[33];                         /* "pts/3"; "" none */
};

/* Reads the login record (utmp) of the terminal on standard input: what the
 * login program wrote as root, never the environment, which is the user's. */
void origin_read(struct origin *out);

/* Lets the store's user in or not, and says so to the store: roles from Unix
 * groups when the login has no row.  E_PERSON_UNKNOWN, E_PERSON_DISABLED
 * (login), E_ORIGIN_REFUSED (origin, login).  A refusal is logged. */
int access_admit(
    struct store *store, const struct origin *origin, struct err *err);

/* 0 when networks (those of the policy, and of the person) let somebody in from
 * origin, else E_ORIGIN_SELF (origin): asked before a rule is changed, so that
 * nobody keeps themselves out. */
int origin_check_self(const struct origin *origin, struct span policy,
    struct span person, bool console, struct err *err);

#endif
