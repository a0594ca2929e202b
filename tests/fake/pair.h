/* Two people with user ids of their own: hanako, who operates Sekisho (under the
 * login of the stage's store), and jiro, who approves, at two terminals.  The
 * users are made in a mount namespace of the test's own. */
#ifndef TESTS_FAKE_PAIR_H
#define TESTS_FAKE_PAIR_H

#include <sys/types.h>

#include "tests/fake/approving.h"
#include "tests/fake/desk.h"
#include "tests/fake/testcodes.h"

enum {
	PAIR_HANAKO = 45001,
	PAIR_JIRO = 45002,
	PAIR_STRANGER = 45003,
	PAIR_GROUP = 46000
};
#define PAIR_PASSPHRASE "maple staple battery" /* of jiro's key */

struct pair {
	struct stage stage;
	struct desk hanako, jiro;
	char *folder; /* of the store */
	char codes[TESTCODES_ROOM];
};

/* Makes the users, once for a process; why they cannot be made, or NULL. */
const char *pair_missing(void);

/* A sealed campaign to 12 people in a store that hanako may open and jiro may
 * call; neither program runs.  The caller ends it with pair_close(). */
void pair_open(struct pair *pair, const char *language);
void pair_close(struct pair *pair);

/* Gives a folder and all in it to a user. */
void pair_give(const char *path, uid_t uid, gid_t gid);

/* jiro makes a key; hanako's program runs. */
void pair_make_key(struct pair *pair);

/* hanako, as administrator, confirms it, out of Setup. */
void pair_confirm_key(struct pair *pair);

/* jiro starts "sekisho approve" and gives the password. */
void pair_come_to_approve(struct pair *pair);

#endif
