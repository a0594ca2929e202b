/* What is known of one relay beside its settings: pinned public keys (SHA-256
 * over the SubjectPublicKeyInfo), read in both ways that people copy them and
 * kept in one; and what it has shown before. */
#include "core/health/pins.h"

#include "core/access/access.h"

#include <openssl/evp.h>

enum { BASE64_LEN = 44, HEX_LEN = 2 * SHA256_LEN };

void
relay_pin_text(const struct digest *pin, struct buf *out)
{
	unsigned char text[BASE64_LEN + 1];

	EVP_EncodeBlock(text, pin->bytes, SHA256_LEN);
	buf_add(out, span_make(text, BASE64_LEN));
}

static bool
from_hex(const char *text, struct digest *out)
{
	for (size_t i = 0; i < SHA256_LEN; i++) {
		int octet = span_hex_octet(span_make(text, HEX_LEN), 2 * i);

		if (octet < 0)
			return false;
		out->bytes[i] = (unsigned char)octet;
	}
	return true;
}

/* 32 octets are 43 characters and one "=". */
static bool
from_base64(const char *text, struct digest *out)
{
	unsigned char bytes[BASE64_LEN / 4 * 3];

	if (text[BASE64_LEN - 1] != '=' || text[BASE64_LEN - 2] == '=' ||
	    EVP_DecodeBlock(bytes, (const unsigned char *)text, BASE64_LEN) !=
		BASE64_LEN / 4 * 3)
		return false;
	memcpy(out->bytes, bytes, SHA256_LEN);
	return true;
}

static bool
pin_of(struct span text, struct digest *out)
{
	char plain[HEX_LEN + 1];
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (memchr(" \t:", text.ptr[i], 3))
			continue;
		if (len == HEX_LEN)
			return false;
		plain[len++] = text.ptr[i];
	}
	plain[len] = '\0';
	return len == HEX_LEN      ? from_hex(plain, out)
	       : len == BASE64_LEN ? from_base64(plain, out)
				   : false;
}

int
relay_pin_add(struct relay_config *relay, struct span text, struct err *err)
{
	struct digest pin;
	const char *why = NULL;

	if (!pin_of(text, &pin))
		why = "syntax";
	else if (relay->pin_count >= RELAY_PINS)
		why = "count";
	if (why) {
		err_set(err, E_RELAY_FIELD);
		err_fact(err, "field", SPAN("pins"));
		return err_fact(err, "why", span_of(why));
	}
	relay->pins[relay->pin_count++] = pin;
	return 0;
}

void
pins_write(const struct relay_config *relay, struct buf *out)
{
	for (int i = 0; i < relay->pin_count && i < RELAY_PINS; i++) {
		if (i)
			buf_char(out, ' ');
		relay_pin_text(&relay->pins[i], out);
	}
}

void
pins_read(struct relay_config *out, struct span text)
{
	out->pin_count = 0;
	while (text.len)
		relay_pin_add(out, span_cut(&text, ' '), NULL);
}

int
relay_remember(struct store *store, const struct relay_config *relay,
    unsigned seen, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;

	if (store_begin(store, STORE_WAIT_SHORT, "relay", &db, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "UPDATE relay SET seen = seen | ?2 WHERE id = ?1 AND host = ?3"
	    " AND port = ?4",
	    err);
	if (!stmt)
		goto fail;
	stmt_int(stmt, 1, relay->id);
	stmt_int(stmt, 2, seen);
	stmt_text(stmt, 3, span_of(relay->host));
	stmt_int(stmt, 4, relay->port);
	if (stmt_run(stmt, err) < 0)
		goto fail;
	return store_commit(store, &db, err);
fail:
	store_rollback(store, &db);
	return -1;
}

int
relay_accept_less(struct store *store, int64_t id, struct err *err)
{
	struct buf object = BUF_INIT;
	struct audit_event event = {
	    .what = "relay.accept_less", .facts = SPAN("")};
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (person_require(store, NULL, MAY_RELAY_WRITE, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_SETUP, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "relay", &db, err) < 0)
		return -1;
	buf_printf(&object, "relay %lld", (long long)id);
	event.object = buf_span(&object);
	stmt = db_stmt(db,
	    "UPDATE relay SET seen = seen | (seen & 7) << 8 WHERE id = ?1",
	    err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) == 0 &&
	    audit_add_in(store, db, &event, err) == 0)
		rc = store_commit(store, &db, err);
out:
	if (rc < 0)
		store_rollback(store, &db);
	buf_done(&object);
	return rc;
}
