/* The codes of a test mail.  Known to the one that makes the mail and to the
 * one that checks what was typed; tests/lint/gate.sh keeps everybody else
 * away. */
#ifndef CORE_REVIEW_TESTCODE_H
#define CORE_REVIEW_TESTCODE_H

#include "core/review/review.h"

enum {
	TEST_CODE_LEN = 6,
	TEST_NONCE_LEN = 16,
	TEST_VALID_MS = 24 * 60 * 60 * 1000
};

enum test_part { TEST_PART_TEXT, TEST_PART_HTML };

/* What a code is made of, apart from the store's seal key. */
struct test_seed {
	int64_t test, campaign, at_ms;
	int64_t number;        /* as recipient N */
	struct digest content; /* template_digest() */
	unsigned char nonce[TEST_NONCE_LEN];
};

/* The code of one part: capitals and digits without those that look alike. */
void test_code(struct store *store, const struct test_seed *seed,
    enum test_part part, char out[TEST_CODE_LEN + 1]);

/* Reads the seed of the newest test of a campaign: 1, 0 when there is none, -1
 * on error. */
int test_seed_read(struct db *db, struct campaign_id campaign,
    struct test_seed *out, struct err *err);

/* What typed codes came to. */
enum test_typed {
	TEST_TYPED_RIGHT,
	TEST_TYPED_WRONG,
	TEST_TYPED_NOT_CODES, /* not twice six letters and digits */
	TEST_TYPED_NO_TEST    /* nothing to compare with */
};

/* Compares both codes (in either order, in any case, with anything between
 * them) with those of the tests of this content that are not older than
 * TEST_VALID_MS; *found is the one that fits.  -1 on error. */
int test_code_check(struct store *store, struct db *db,
    const struct test_seed *like, struct span typed, enum test_typed *out,
    struct test_seed *found, struct err *err);

/* Compares the code of the HTML part alone, for who approves: as
 * test_code_check(). */
int test_code_check_html(struct store *store, struct db *db,
    const struct test_seed *like, struct span typed, enum test_typed *out,
    struct err *err);

/* The answer that PP-05 keeps: which test it was and when it was made. */
void test_answer_write(const struct test_seed *seed, char *out, size_t room);

/* True while an answer still counts at now_ms. */
bool test_answer_is_fresh(const char *answer, int64_t now_ms);

/* How many copies of tests of this content, not older than TEST_VALID_MS, the
 * relay took. */
int test_count(
    struct db *db, const struct test_seed *like, int64_t *out, struct err *err);

#endif
