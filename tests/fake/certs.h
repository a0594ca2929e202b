/* A certificate authority in a folder of its own, made with the stock openssl
 * program, for the tests of S/MIME. */
#ifndef TESTS_FAKE_CERTS_H
#define TESTS_FAKE_CERTS_H

#include "core/base/buf.h"
#include "core/base/span.h"

/* The folder holds root.pem and mid.pem (authorities), and by name:
 * NAME.key, NAME.pem, NAME.der and NAME.p12 (passphrase "himitsu") with the
 * chain; news (RSA, news@example.jp), taro (RSA, taro@example.net), hana (EC,
 * hana@example.net), sign (RSA, sign@example.net, may not encrypt), web (RSA,
 * web@example.net, for servers only), and news-old.p12, encrypted with RC2. */
struct certs {
	char dir[64];
};

/* Makes the folder; fails the test when openssl does. */
void certs_begin(struct certs *certs);

/* Removes it. */
void certs_end(struct certs *certs);

/* Appends a file of the folder. */
void certs_read(const struct certs *certs, const char *file, struct buf *out);

/* Writes a file into the folder. */
void certs_write(
    const struct certs *certs, const char *file, struct span bytes);

/* Runs a shell command in the folder; its exit status. */
int certs_run(const struct certs *certs, const char *command);

#endif
