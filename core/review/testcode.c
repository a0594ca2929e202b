/* Codes are a keyed hash over what the test was made of: not in the store, not
 * to be computed without its key, other ones for another text and for each
 * test.  32 signs, five bits each: two codes are sixty bits, asked for five
 * times a minute. */
#include "core/review/testcode.h"

#include <stdio.h>

#include "core/base/utf8.h"

enum { DIGITS = 2 * TEST_CODE_LEN };

void
test_code(struct store *store, const struct test_seed *seed,
    enum test_part part, char out[TEST_CODE_LEN + 1])
{
	static const char signs[32] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	struct buf all = BUF_INIT;
	struct digest mac;

	buf_printf(&all, "test code %d %lld %lld %lld %lld\n", (int)part,
	    (long long)seed->test, (long long)seed->campaign,
	    (long long)seed->at_ms, (long long)seed->number);
	buf_add(&all, span_make(seed->content.bytes, SHA256_LEN));
	buf_add(&all, span_make(seed->nonce, TEST_NONCE_LEN));
	crypt_hmac(store_key(store, STORE_KEY_SEAL), buf_span(&all), &mac);
	for (int i = 0; i < TEST_CODE_LEN; i++)
		out[i] = signs[mac.bytes[i] & 31];
	out[TEST_CODE_LEN] = '\0';
	buf_done(&all);
}

/* ---- What was typed -------------------------------------------------------- */

/* Full-width letters and digits, as an input method leaves them. */
static uint32_t
narrow(uint32_t cp)
{
	return cp >= 0xff01 && cp <= 0xff5e ? cp - 0xfee0 : cp;
}

/* Letters and digits in capitals; false when there are not DIGITS of them. */
static bool
read_typed(struct span typed, char out[DIGITS])
{
	size_t len = 0;
	uint32_t cp;

	while (typed.len) {
		if (utf8_next(&typed, &cp) != UTF8_GOOD)
			return false;
		cp = narrow(cp);
		if (cp >= 'a' && cp <= 'z')
			cp -= 'a' - 'A';
		if (!(cp >= 'A' && cp <= 'Z') && !(cp >= '0' && cp <= '9'))
			continue;
		if (len == DIGITS)
			return false;
		out[len++] = (char)cp;
	}
	return len == DIGITS;
}

/* The time this takes says nothing. */
static bool
same(const char *a, const char *b)
{
	unsigned diff = 0;

	for (int i = 0; i < TEST_CODE_LEN; i++)
		diff |= (unsigned char)a[i] ^ (unsigned char)b[i];
	return diff == 0;
}

static bool
fits(struct store *store, const struct test_seed *seed, const char *typed)
{
	char text[TEST_CODE_LEN + 1], html[TEST_CODE_LEN + 1];
	const char *second = typed + TEST_CODE_LEN;

	test_code(store, seed, TEST_PART_TEXT, text);
	test_code(store, seed, TEST_PART_HTML, html);
	return (same(typed, text) && same(second, html)) ||
	       (same(typed, html) && same(second, text));
}

/* ---- Tests there are ------------------------------------------------------- */

static void
read_seed(struct stmt *stmt, struct test_seed *out)
{
	struct span content = stmt_col_blob(stmt, 4);
	struct span nonce = stmt_col_blob(stmt, 5);

	*out = (struct test_seed){.test = stmt_col_int(stmt, 0),
	    .campaign = stmt_col_int(stmt, 1),
	    .at_ms = stmt_col_int(stmt, 2),
	    .number = stmt_col_int(stmt, 3)};
	if (content.len == SHA256_LEN)
		memcpy(out->content.bytes, content.ptr, SHA256_LEN);
	if (nonce.len == TEST_NONCE_LEN)
		memcpy(out->nonce, nonce.ptr, TEST_NONCE_LEN);
}

int
test_seed_read(struct db *db, struct campaign_id campaign,
    struct test_seed *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT id, campaign, at_ms, recipient, content, nonce"
	    " FROM test_mail WHERE campaign = ?1 ORDER BY id DESC LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign.v);
	got = stmt_step(stmt, err);
	if (got == 1)
		read_seed(stmt, out);
	stmt_reset(stmt);
	return got;
}

/* Tests of the content of like that are young enough at like->at_ms; a test of
 * the future is none. */
static struct stmt *
young_tests(struct db *db, const char *sql, const struct test_seed *like,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return NULL;
	stmt_int(stmt, 1, like->campaign);
	stmt_blob(stmt, 2, span_make(like->content.bytes, SHA256_LEN));
	stmt_int(stmt, 3, like->at_ms - TEST_VALID_MS);
	stmt_int(stmt, 4, like->at_ms);
	return stmt;
}

int
test_code_check(struct store *store, struct db *db,
    const struct test_seed *like, struct span typed, enum test_typed *out,
    struct test_seed *found, struct err *err)
{
	struct stmt *stmt = young_tests(db,
	    "SELECT id, campaign, at_ms, recipient, content, nonce"
	    " FROM test_mail WHERE campaign = ?1 AND content = ?2"
	    " AND at_ms > ?3 AND at_ms <= ?4 ORDER BY id DESC",
	    like, err);
	char digits[DIGITS];
	int got = -1, tests = 0;
	bool right = false, readable = read_typed(typed, digits);

	while (stmt && !right && (got = stmt_step(stmt, err)) == 1) {
		read_seed(stmt, found);
		tests++;
		right = readable && fits(store, found, digits);
	}
	stmt_reset(stmt);
	if (got < 0)
		return -1;
	*out = right       ? TEST_TYPED_RIGHT
	       : !tests    ? TEST_TYPED_NO_TEST
	       : !readable ? TEST_TYPED_NOT_CODES
			   : TEST_TYPED_WRONG;
	return 0;
}

int
test_code_check_html(struct store *store, struct db *db,
    const struct test_seed *like, struct span typed, enum test_typed *out,
    struct err *err)
{
	struct stmt *stmt = young_tests(db,
	    "SELECT id, campaign, at_ms, recipient, content, nonce"
	    " FROM test_mail WHERE campaign = ?1 AND content = ?2"
	    " AND at_ms > ?3 AND at_ms <= ?4 ORDER BY id DESC",
	    like, err);
	char html[TEST_CODE_LEN + 1], digits[DIGITS];
	struct test_seed found;
	struct buf twice = BUF_INIT;
	bool right = false, readable;
	int got = -1, tests = 0;

	/* read_typed() wants two codes */
	buf_printf(&twice, "%.*s %.*s", SPAN_ARG(typed), SPAN_ARG(typed));
	readable = read_typed(buf_span(&twice), digits);
	while (stmt && !right && (got = stmt_step(stmt, err)) == 1) {
		read_seed(stmt, &found);
		tests++;
		test_code(store, &found, TEST_PART_HTML, html);
		right = readable && same(digits, html);
	}
	stmt_reset(stmt);
	buf_done(&twice);
	if (got < 0)
		return -1;
	*out = right    ? TEST_TYPED_RIGHT
	       : !tests ? TEST_TYPED_NO_TEST
			: TEST_TYPED_WRONG;
	return 0;
}

int
test_count(
    struct db *db, const struct test_seed *like, int64_t *out, struct err *err)
{
	struct stmt *stmt = young_tests(db,
	    "SELECT count(*) FROM test_mail m JOIN test_send s"
	    " ON s.test = m.id AND s.state = 1 WHERE m.campaign = ?1"
	    " AND m.content = ?2 AND m.at_ms > ?3 AND m.at_ms <= ?4",
	    like, err);
	int got;

	if (!stmt)
		return -1;
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

/* ---- The answer ------------------------------------------------------------ */

void
test_answer_write(const struct test_seed *seed, char *out, size_t room)
{
	snprintf(out, room, "test=%lld made_ms=%lld", (long long)seed->test,
	    (long long)seed->at_ms);
}

bool
test_answer_is_fresh(const char *answer, int64_t now_ms)
{
	struct span rest = span_of(answer);
	int64_t at_ms;

	span_cut(&rest, ' ');
	span_cut(&rest, '=');
	return span_int(rest, &at_ms) && at_ms <= now_ms &&
	       now_ms - at_ms < TEST_VALID_MS;
}
