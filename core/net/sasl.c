/* The mechanisms of AUTH.  Nothing here knows whether the line is encrypted:
 * the SMTP machine refuses to start a dialogue outside TLS. */
#include "core/net/sasl.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { LINE_MAX_OCTETS = 512, NONCE_OCTETS = 18, CHALLENGE_MAX = 4096 };

/* In the order of preference. */
static const struct {
	const char *name;
	enum sasl_mech mech;
} mechs[] = {
    {"SCRAM-SHA-256-PLUS", SASL_SCRAM_PLUS},
    {"SCRAM-SHA-256", SASL_SCRAM},
    {"OAUTHBEARER", SASL_OAUTHBEARER},
    {"XOAUTH2", SASL_XOAUTH2},
    {"PLAIN", SASL_PLAIN},
    {"LOGIN", SASL_LOGIN},
};

enum { MECHS = sizeof mechs / sizeof *mechs };

const char *
sasl_name(enum sasl_mech mech)
{
	for (size_t i = 0; i < MECHS; i++) {
		if (mechs[i].mech == mech)
			return mechs[i].name;
	}
	return "";
}

unsigned
sasl_offered(struct span words)
{
	unsigned offered = SASL_NONE;

	while (words.len) {
		struct span word = span_trim(span_cut(&words, ' '));

		for (size_t i = 0; i < MECHS; i++) {
			if (span_equal_nocase(word, span_of(mechs[i].name)))
				offered |= mechs[i].mech;
		}
	}
	return offered;
}

/* Tokens are of b64token characters (RFC 6750), and nothing that would end
 * their field. */
static bool
is_token(const struct secret *secret)
{
	for (size_t i = 0; i < secret->len; i++) {
		if (secret->bytes[i] < 0x21 || secret->bytes[i] > 0x7e)
			return false;
	}
	return secret->len && secret->len <= SASL_TOKEN_MAX;
}

static bool
fits(const struct sasl_how *how, enum sasl_mech mech)
{
	const struct secret *secret = how->secret;

	if (!secret || strlen(how->user) > SASL_USER_MAX)
		return false;
	if (mech & SASL_TOKEN)
		return is_token(secret) && strchr(how->user, '\1') == NULL;
	return secret->len <= SASL_SECRET_MAX &&
	       (secret->len == 0 || !memchr(secret->bytes, '\0', secret->len));
}

/* With "y" the server learns that we could have bound the channel: when it did
 * offer that, somebody has taken it out of the list on the way. */
static enum scram_bind
bind_of(const struct sasl *sasl)
{
	if (sasl->mech == SASL_SCRAM_PLUS)
		return sasl->how.bind;
	if (sasl->how.bind == SCRAM_BIND_NONE ||
	    (sasl->how.offered & SASL_SCRAM_PLUS))
		return SCRAM_BIND_NONE;
	return SCRAM_BIND_UNOFFERED;
}

static int
begin_scram(struct sasl *sasl, struct err *err)
{
	unsigned char random[NONCE_OCTETS];
	char nonce[NONCE_OCTETS / 3 * 4 + 1];
	struct scram_how how = {
	    .user = span_of(sasl->how.user),
	    .bind = bind_of(sasl),
	    .binding = sasl->how.binding,
	    .nonce = nonce,
	};

	crypt_random(random, sizeof random);
	EVP_EncodeBlock((unsigned char *)nonce, random, sizeof random);
	return scram_begin(&sasl->scram, &how, err);
}

int
sasl_init(struct sasl *sasl, const struct sasl_how *how, struct err *err)
{
	unsigned usable =
	    how->offered & (how->allowed ? how->allowed : SASL_PASSWORD);

	*sasl = (struct sasl){.how = *how};
	if (how->bind < SCRAM_BIND_EXPORTER)
		usable &= ~(unsigned)SASL_SCRAM_PLUS;
	for (size_t i = 0; i < MECHS && !sasl->mech; i++) {
		if (usable & mechs[i].mech)
			sasl->mech = mechs[i].mech;
	}
	if (!sasl->mech || !fits(how, sasl->mech))
		return err_set(err, E_SMTP_AUTH_NONE);
	if (sasl->mech & (SASL_SCRAM | SASL_SCRAM_PLUS))
		return begin_scram(sasl, err);
	return 0;
}

/* Room is taken first, so that growth leaves no copy of the secret behind. */
static void
add_base64(struct buf *out, struct span bytes)
{
	buf_reserve(out, bytes.len / 3 * 4 + 8);
	out->len +=
	    (size_t)EVP_EncodeBlock((unsigned char *)out->ptr + out->len,
		(const unsigned char *)bytes.ptr, (int)bytes.len);
	buf_add(out, SPAN("\r\n"));
}

/* What the mechanism says first; out has room enough. */
static void
add_first(const struct sasl *sasl, struct buf *out)
{
	const struct sasl_how *how = &sasl->how;
	struct span secret = secret_span(how->secret);

	switch (sasl->mech) {
	case SASL_SCRAM_PLUS:
	case SASL_SCRAM:
		scram_first(&sasl->scram, out);
		break;
	case SASL_OAUTHBEARER:
		buf_text(out, "n,a=");
		for (const char *c = how->user; *c; c++) {
			if (*c == '=' || *c == ',')
				buf_text(out, *c == '=' ? "=3D" : "=2C");
			else
				buf_char(out, *c);
		}
		buf_printf(out, ",\1host=%s\1port=%u\1auth=Bearer ", how->host,
		    how->port);
		buf_add(out, secret);
		buf_text(out, "\1\1");
		break;
	case SASL_XOAUTH2:
		buf_printf(out, "user=%s\1auth=Bearer ", how->user);
		buf_add(out, secret);
		buf_text(out, "\1\1");
		break;
	case SASL_PLAIN:
		buf_char(out, '\0');
		buf_text(out, how->user);
		buf_char(out, '\0');
		buf_add(out, secret);
		break;
	case SASL_LOGIN:
		buf_text(out, how->user);
		break;
	case SASL_NONE:
		break;
	}
}

static void
say_first(const struct sasl *sasl, struct buf *out)
{
	struct buf first = BUF_INIT;

	buf_reserve(&first, SASL_ROOM);
	add_first(sasl, &first);
	add_base64(out, buf_span(&first));
	buf_wipe(&first);
}

void
sasl_start(struct sasl *sasl, struct buf *out)
{
	size_t at, begin;

	buf_reserve(out, SASL_ROOM);
	begin = out->len;
	buf_text(out, "AUTH ");
	buf_text(out, sasl_name(sasl->mech));
	at = out->len;
	if (sasl->mech != SASL_LOGIN) {
		buf_char(out, ' ');
		say_first(sasl, out);
		sasl->step = 1;
		if (out->len - begin <= LINE_MAX_OCTETS)
			return;
		OPENSSL_cleanse(out->ptr + at, out->len - at);
		out->len = at;
	}
	sasl->step = 0;
	buf_add(out, SPAN("\r\n"));
}

/* The text of a challenge; -1 when it is no base64. */
static int
decode(struct span challenge, struct buf *out)
{
	size_t pad = 0;
	int len;

	challenge = span_trim(challenge);
	if (challenge.len % 4 || challenge.len > CHALLENGE_MAX)
		return -1;
	if (challenge.len == 0)
		return 0;
	while (pad < 2 && challenge.ptr[challenge.len - 1 - pad] == '=')
		pad++;
	buf_reserve(out, challenge.len);
	len = EVP_DecodeBlock((unsigned char *)out->ptr + out->len,
	    (const unsigned char *)challenge.ptr, (int)challenge.len);
	if (len < 0)
		return -1;
	out->len += (size_t)len - pad;
	return 0;
}

static int
answer_scram(
    struct sasl *sasl, struct span challenge, struct buf *out, struct err *err)
{
	struct buf said = BUF_INIT, ours = BUF_INIT;
	int rc = -1;

	if (decode(challenge, &said) < 0) {
		err_set(err, E_SASL_SERVER);
		err_fact(err, "why", SPAN("syntax"));
	} else if (sasl->step == 2) {
		rc = scram_prove(&sasl->scram, sasl->how.secret,
		    buf_span(&said), &ours, err);
	} else {
		rc = scram_verify(&sasl->scram, buf_span(&said), err);
	}
	if (rc == 0)
		add_base64(out, buf_span(&ours));
	buf_done(&said);
	buf_done(&ours);
	return rc;
}

/* A challenge to a token is an error in JSON; it wants an empty answer before
 * it is told as a reply (RFC 7628 section 3.2.3). */
static void
answer_token_error(const struct sasl *sasl, struct buf *out)
{
	if (sasl->mech == SASL_OAUTHBEARER)
		buf_add(out, SPAN("AQ==\r\n"));
	else
		buf_add(out, SPAN("\r\n"));
}

int
sasl_answer(
    struct sasl *sasl, struct span challenge, struct buf *out, struct err *err)
{
	unsigned step = sasl->step++;

	buf_reserve(out, SASL_ROOM);
	if (step == 0) {
		say_first(sasl, out);
		return 0;
	}
	switch (sasl->mech) {
	case SASL_SCRAM_PLUS:
	case SASL_SCRAM:
		if (step <= 2)
			return answer_scram(sasl, challenge, out, err);
		break;
	case SASL_OAUTHBEARER:
	case SASL_XOAUTH2:
		if (step > 1)
			break;
		answer_token_error(sasl, out);
		return 0;
	case SASL_LOGIN:
		if (step > 1)
			break;
		add_base64(out, secret_span(sasl->how.secret));
		return 0;
	case SASL_PLAIN:
	case SASL_NONE:
		break;
	}
	return err_set(err, E_SMTP_AUTH);
}

int
sasl_accept(const struct sasl *sasl, struct err *err)
{
	if (!(sasl->mech & (SASL_SCRAM | SASL_SCRAM_PLUS)) ||
	    sasl->scram.step == SCRAM_DONE)
		return 0;
	err_set(err, E_SASL_SERVER);
	return err_fact(err, "why", SPAN("signature"));
}
