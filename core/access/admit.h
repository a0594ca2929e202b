/* Whether who has opened a store may come in: registered, not disabled, from an
 * address that policy allows. */
#ifndef CORE_ACCESS_ADMIT_H
#define CORE_ACCESS_ADMIT_H

#include "core/access/role.h"

/* Where somebody sits, by the login record of their terminal. */
enum origin_kind {
	ORIGIN_UNKNOWN, /* no record, or one that holds no address */
	ORIGIN_CONSOLE, /* a terminal of this host itself */
	ORIGIN_ADDRESS, /* a record that holds an address */
};

enum { ORIGIN_ADDRESS_MAX = 63 };

struct origin {
	enum origin_kind kind;
	char address[ORIGIN_ADDRESS_MAX + 1]; /* ORIGIN_ADDRESS: as text */
	char tty[33];                         /* "pts/3"; "" none */
};

/* Reads the login record of the terminal on standard input: utmp, which the
 * login program writes as root, else systemd-logind's.  Never the environment,
 * which is the user's. */
void origin_read(struct origin *out);

/* The same for a terminal by its name ("/dev/pts/3"). */
void origin_of_tty(struct span tty, struct origin *out);

/* What systemd-logind's record of a session says of *out, whose tty is set: a
 * record of another terminal says nothing. */
void origin_of_session(struct origin *out, struct span record);

/* The address, else the terminal, else "?"; lives as long as origin. */
const char *origin_text(const struct origin *origin);

/* Whether the console of this host counts as inside the networks. */
enum console_rule { CONSOLE_OUTSIDE, CONSOLE_INSIDE };

/* True when networks (one a line) are none, or hold the origin; who is nowhere
 * is not in any. */
bool origin_is_in(const struct origin *origin, struct span networks,
    enum console_rule console);

/* Lets the store's user in, or not and logs "login.refused".  Without a row for
 * the login its Unix groups are asked, and the store is told their roles.
 * E_PERSON_UNKNOWN (login), E_PERSON_DISABLED (login; also without any role), E_ORIGIN_REFUSED
 * (origin, login), E_ORIGIN_NONE (login) for a terminal without a record. */
int access_admit(
    struct store *store, const struct origin *origin, struct err *err);

/* E_ORIGIN_SELF (origin) when the networks of the policy or of the store's user,
 * as they stand in db, would refuse origin, E_ORIGIN_SELF_NONE when nothing is known of it: asked in the transaction that
 * changes them, so that nobody keeps themselves out. */
int origin_check_self(struct store *store, struct db *db,
    const struct origin *origin, struct err *err);

#endif
