/* What arrived in a Maildir, read with the reader that shares nothing with the
 * writer, and checked by a verifier that shares nothing with us. */
#ifndef TESTS_FAKE_ARRIVED_H
#define TESTS_FAKE_ARRIVED_H

#include "core/base/mem.h"
#include "core/store/store.h"

/* Texts are decoded; a missing field or part is "". */
struct arrived_mail {
	struct span message_id; /* as in the header, with < > */
	struct span to, subject, plain, html, unsubscribe;
};

struct arrived {
	struct arena *arena;
	struct arrived_mail *mail;
	size_t count;
};

/* Reads all messages of a folder; fails the test when one is not a message.
 * Ended with arrived_done(). */
void arrived_read(struct arrived *arrived, const char *folder);
void arrived_done(struct arrived *arrived);

/* The mail with a Message-ID, given with or without < >; *times, which may be
 * NULL, is how often it came.  NULL when it did not. */
const struct arrived_mail *arrived_find(
    const struct arrived *arrived, struct span message_id, size_t *times);

/* Lets dkimpy verify every message of a folder with the DNS record of the
 * store's only DKIM key; fails the test unless all count signatures are good.
 * dir is for files of its own. */
void arrived_verify(
    struct store *store, const char *folder, const char *dir, int count);

enum { ARRIVED_CODES_ROOM = 20 };

/* What a person reads in a test mail and types for PP-05: the code of the plain
 * part, a blank, the code of the HTML part.  False when it has none. */
bool arrived_codes(
    const struct arrived_mail *mail, char out[ARRIVED_CODES_ROOM]);

/* The last test mail to an address, or NULL; its codes tell it from others. */
const struct arrived_mail *arrived_test(
    const struct arrived *arrived, const char *address);

#endif
