/* PLAIN and LOGIN.  Nothing here knows whether the line is encrypted: the SMTP
 * machine refuses to start a dialogue outside TLS. */
#include "core/net/sasl.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { PLAIN_MAX = SASL_USER_MAX + SASL_SECRET_MAX + 2 };

const char *
sasl_name(enum sasl_mech mech)
{
	switch (mech) {
	case SASL_PLAIN:
		return "PLAIN";
	case SASL_LOGIN:
		return "LOGIN";
	case SASL_NONE:
		break;
	}
	return "";
}

unsigned
sasl_offered(struct span words)
{
	unsigned offered = SASL_NONE;

	while (words.len) {
		struct span word = span_trim(span_cut(&words, ' '));

		if (span_equal_nocase(word, SPAN("PLAIN")))
			offered |= SASL_PLAIN;
		if (span_equal_nocase(word, SPAN("LOGIN")))
			offered |= SASL_LOGIN;
	}
	return offered;
}

int
sasl_init(struct sasl *sasl, unsigned offered, const char *user,
    const struct secret *secret, struct err *err)
{
	*sasl = (struct sasl){.user = user, .secret = secret};
	if (offered & SASL_PLAIN)
		sasl->mech = SASL_PLAIN;
	else if (offered & SASL_LOGIN)
		sasl->mech = SASL_LOGIN;
	if (sasl->mech == SASL_NONE || !secret ||
	    strlen(user) > SASL_USER_MAX || secret->len > SASL_SECRET_MAX ||
	    (secret->len && memchr(secret->bytes, '\0', secret->len)))
		return err_set(err, E_SMTP_AUTH_NONE);
	return 0;
}

/* Room is taken first, so that growth leaves no copy of the secret behind. */
static void
add_base64(struct buf *out, const unsigned char *bytes, size_t len)
{
	buf_reserve(out, len / 3 * 4 + 8);
	out->len += (size_t)EVP_EncodeBlock(
	    (unsigned char *)out->ptr + out->len, bytes, (int)len);
	buf_add(out, SPAN("\r\n"));
}

static void
add_plain(const struct sasl *sasl, struct buf *out)
{
	unsigned char text[PLAIN_MAX];
	size_t user = strlen(sasl->user), len = sasl->secret->len;

	text[0] = '\0';
	memcpy(text + 1, sasl->user, user);
	text[1 + user] = '\0';
	if (len)
		memcpy(text + 2 + user, sasl->secret->bytes, len);
	add_base64(out, text, 2 + user + len);
	OPENSSL_cleanse(text, sizeof text);
}

void
sasl_start(struct sasl *sasl, struct buf *out)
{
	buf_reserve(out, 2 * PLAIN_MAX);
	if (sasl->mech == SASL_PLAIN) {
		buf_add(out, SPAN("AUTH PLAIN "));
		add_plain(sasl, out);
		sasl->step = 2;
		return;
	}
	buf_add(out, SPAN("AUTH LOGIN\r\n"));
}

int
sasl_answer(struct sasl *sasl, struct buf *out, struct err *err)
{
	if (sasl->step >= 2)
		return err_set(err, E_SMTP_AUTH);
	buf_reserve(out, 2 * PLAIN_MAX);
	if (sasl->step++ == 0)
		add_base64(
		    out, (const unsigned char *)sasl->user, strlen(sasl->user));
	else
		add_base64(out, sasl->secret->bytes, sasl->secret->len);
	return 0;
}
