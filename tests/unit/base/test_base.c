/* Spans, buffers, arenas, files, time and the crypto verbs. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/crypt.h"
#include "core/base/file.h"
#include "core/base/mem.h"

static void
hexadecimal_is_read(void **state)
{
	static const struct {
		struct span text;
		size_t at;
		int octet;
	} octets[] = {
	    {SPAN("00"), 0, 0},
	    {SPAN("fF"), 0, 255},
	    {SPAN("x4a"), 1, 0x4a},
	    {SPAN("4"), 0, -1},
	    {SPAN("4a"), 1, -1},
	    {SPAN("4a"), SIZE_MAX, -1},
	    {SPAN("4g"), 0, -1},
	    {SPAN("/0"), 0, -1},
	    {SPAN("\0000"), 0, -1},
	};
	struct digest digest, back;
	struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof octets / sizeof *octets; i++)
		assert_int_equal(span_hex_octet(octets[i].text, octets[i].at),
		    octets[i].octet);
	crypt_sha256(SPAN("abc"), &digest);
	crypt_hex(&text, span_make(digest.bytes, SHA256_LEN));
	assert_true(digest_of_hex(buf_span(&text), &back));
	assert_true(digest_equal(&digest, &back));
	assert_false(digest_of_hex(span_make(text.ptr, text.len - 1), &back));
	text.ptr[0] = 'B';
	assert_false(digest_of_hex(buf_span(&text), &back));
	text.ptr[0] = 'g';
	assert_false(digest_of_hex(buf_span(&text), &back));
	buf_done(&text);
}

static void
spans_cut_and_search(void **state)
{
	struct span rest = SPAN("a=1,b,,c");
	char text[4];
	int64_t n = 7;

	(void)state;
	span_text(text, sizeof text, SPAN("abcd"));
	assert_string_equal(text, "abc");
	span_text(text, sizeof text, span_make(NULL, 0));
	assert_string_equal(text, "");
	assert_span_equal(span_cut(&rest, ','), "a=1");
	assert_span_equal(span_cut(&rest, ','), "b");
	assert_int_equal(span_cut(&rest, ',').len, 0);
	assert_span_equal(span_cut(&rest, ','), "c");
	assert_int_equal(rest.len, 0);
	assert_int_equal(span_search(SPAN("abcabd"), SPAN("abd")), 3);
	assert_int_equal(span_search(SPAN("ab"), SPAN("abd")), 2);
	assert_span_equal(span_trim(SPAN(" \t x y\r\n")), "x y");
	assert_true(span_starts(SPAN("250-OK"), SPAN("250")));
	assert_false(span_starts(SPAN("25"), SPAN("250")));
	assert_true(span_ends(SPAN("a.jp"), SPAN(".jp")));
	assert_true(span_equal_nocase(SPAN("StartTLS"), SPAN("STARTTLS")));
	assert_true(span_int(SPAN("9223372036854775807"), &n));
	assert_true(n == INT64_MAX);
	assert_false(span_int(SPAN("9223372036854775808"), &n));
	assert_false(span_int(SPAN(""), &n));
	assert_false(span_int(SPAN("-1"), &n));
	assert_int_equal(span_slice(SPAN("abc"), 5, 9).len, 0);
}

static void
buffers_grow(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	assert_null(buf_span(&buf).ptr);
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%d,", i);
	assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(buf.ptr[buf.len], '\0');
	buf_drop(&buf, 4);
	assert_true(span_starts(buf_span(&buf), SPAN("2,3,")));
	buf_drop(&buf, 1 << 20);
	assert_int_equal(buf.len, 0);
	buf_int(&buf, -5);
	assert_span_equal(buf_span(&buf), "-5");
	buf_done(&buf);
}

static void
arenas_reset(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t size = 1; size < 40000; size = size * 3 + 1) {
			unsigned char *p = arena_take(arena, size);

			assert_int_equal((uintptr_t)p % sizeof(void *), 0);
			assert_int_equal(p[0] | p[size - 1], 0);
			memset(p, 0xff, size);
		}
		assert_span_equal(arena_copy(arena, SPAN("kept")), "kept");
		arena_reset(arena);
	}
	arena_free(&arena);
	assert_null(arena);
}

static void
files_are_replaced_whole(void **state)
{
	char dir[] = "/tmp/sekisho-base-XXXXXX";
	struct buf path = BUF_INIT, got = BUF_INIT;
	struct err err = {0};
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	buf_printf(&path, "%s/a/b", dir);
	assert_ok(file_mkdirs(path.ptr, 0700, &err), &err);
	buf_text(&path, "/file");
	assert_int_equal(file_read(path.ptr, 10, &got, &err), -1);
	assert_int_equal(err.code, E_FILE_OPEN);
	assert_string_equal(err_find(&err, "path"), path.ptr);
	assert_ok(file_replace(path.ptr, SPAN("first"), 0600, &err), &err);
	assert_ok(file_replace(path.ptr, SPAN("second"), 0600, &err), &err);
	assert_int_equal(stat(path.ptr, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(file_read(path.ptr, 6, &got, &err), &err);
	assert_span_equal(buf_span(&got), "second");
	assert_int_equal(file_read(path.ptr, 5, &got, &err), -1);
	assert_int_equal(err.code, E_FILE_SIZE);
	assert_span_equal(buf_span(&got), "second");
	unlink(path.ptr);
	buf_done(&got);
	buf_done(&path);
}

/* RFC 4231 test case 2, RFC 5869 test case 3 shape, RFC 4648 section 10. */
static void
crypt_matches_known_answers(void **state)
{
	struct secret *key = secret_of("Jefe", 4), *sub, *again;
	struct digest mac;
	struct buf text = BUF_INIT;

	(void)state;
	crypt_hmac(key, SPAN("what do ya want for nothing?"), &mac);
	crypt_hex(&text, span_make(mac.bytes, SHA256_LEN));
	assert_span_equal(buf_span(&text), "5bdcc146bf60754e6a042426089575c7"
					   "5a003f089d2739839dec58b964ec3843");
	buf_clear(&text);
	crypt_base32(&text, SPAN("foobar"));
	assert_span_equal(buf_span(&text), "mzxw6ytboi");
	buf_clear(&text);
	crypt_base64url(&text, SPAN("\xfb\xff\xfe\x01"));
	assert_span_equal(buf_span(&text), "-__-AQ");
	sub = crypt_subkey(key, "a");
	again = crypt_subkey(key, "a");
	assert_true(secret_equal(sub, again));
	secret_free(&again);
	again = crypt_subkey(key, "b");
	assert_false(secret_equal(sub, again));
	secret_free(&again);
	secret_free(&sub);
	secret_free(&key);
	assert_null(key);
	buf_done(&text);
}

/* Kept contexts give what the single verbs give, message after message. */
static void
kept_contexts_do_not_remember(void **state)
{
	struct secret *key = secret_of("Jefe", 4);
	struct crypt_mac *mac = crypt_mac_new(key);
	struct crypt_hash *hash = crypt_hash_new();
	struct span data = SPAN("what do ya want for nothing?");
	struct digest once, kept;

	(void)state;
	for (size_t len = 0; len <= data.len; len++) {
		struct span part = span_slice(data, 0, len);

		crypt_hmac(key, part, &once);
		crypt_mac(mac, part, &kept);
		assert_true(digest_equal(&once, &kept));
		crypt_sha256(part, &once);
		crypt_hash_begin(hash);
		crypt_hash_add(hash, span_slice(part, 0, len / 2));
		crypt_hash_add(hash, span_slice(part, len / 2, len));
		crypt_hash_end(hash, &kept);
		assert_true(digest_equal(&once, &kept));
	}
	crypt_mac_free(&mac);
	crypt_mac_free(&mac);
	crypt_hash_free(&hash);
	crypt_hash_free(&hash);
	secret_free(&key);
}

static void
numbers_are_decimal(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	buf_int(&text, 0);
	buf_char(&text, ' ');
	buf_int(&text, INT64_MAX);
	buf_char(&text, ' ');
	buf_int(&text, INT64_MIN);
	assert_span_equal(
	    buf_span(&text), "0 9223372036854775807 -9223372036854775808");
	buf_done(&text);
}

static void
dates_are_english(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	setenv("TZ", "JST-9", 1);
	clock_rfc5322(&text, 1795239291000);
	assert_span_equal(buf_span(&text), "Sat, 21 Nov 2026 14:34:51 +0900");
	buf_clear(&text);
	clock_stamp(&text, 1795239291000);
	assert_span_equal(buf_span(&text), "2026-11-21 14:34:51");
	buf_done(&text);
}

static void
arrays_grow_by_one(void **state)
{
	int *array = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		array = mem_more(array, (size_t)i, sizeof *array);
		array[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	/* between powers of two nothing moves, whatever realloc() does */
	for (size_t i = 1001; i < 1024; i++)
		assert_ptr_equal(mem_more(array, i, sizeof *array), array);
	free(array);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hexadecimal_is_read),
	    cmocka_unit_test(spans_cut_and_search),
	    cmocka_unit_test(buffers_grow),
	    cmocka_unit_test(arenas_reset),
	    cmocka_unit_test(arrays_grow_by_one),
	    cmocka_unit_test(files_are_replaced_whole),
	    cmocka_unit_test(crypt_matches_known_answers),
	    cmocka_unit_test(kept_contexts_do_not_remember),
	    cmocka_unit_test(numbers_are_decimal),
	    cmocka_unit_test(dates_are_english),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
