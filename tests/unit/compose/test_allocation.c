/* What a message costs must not grow with their number: after the first few,
 * neither asking the stop list nor making, hashing and signing a message takes
 * memory from the heap.  What OpenSSL takes for itself inside one signature is
 * not counted; what is left over of it would show in the balance. */
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/unit/compose/compose_case.h"

enum { WARM = 100, COUNTED = 1000 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED

int
main(void)
{
	return 0; /* a sanitizer has its own heap */
}

#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *at);

static atomic_int taken;

void *
malloc(size_t size)
{
	atomic_fetch_add(&taken, 1);
	return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	atomic_fetch_add(&taken, 1);
	return __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	atomic_fetch_add(&taken, 1);
	return __libc_realloc(old, size);
}

static void *
openssl_malloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return __libc_malloc(size);
}

static void *
openssl_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return __libc_realloc(old, size);
}

static void
openssl_free(void *at, const char *file, int line)
{
	(void)file, (void)line;
	__libc_free(at);
}

static const char body[] =
    "# {{name|お客}}様\n\nいつも**ご利用**ありがとうございます。会員番号は"
    "{{会員番号}}です。\n\n"
    "- [次のページ](https://www.example.jp/winter?id={{address}})\n\n"
    "{{#明細}}\n- {{品名}}: {{価格:円}}\n{{/明細}}\n\n"
    "{{^明細}}\nご注文はありません。\n{{/明細}}\n\n"
    "{{name:宛名}} {{期日:日付 曜日}}\n";

/* Makes the messages from..to, asking the stop list for each as a lane does. */
static void
make(struct compose_case *it, struct suppress_set *stops, int from, int to)
{
	for (int i = from; i < to; i++) {
		char address[64], name[64], fields[256];
		struct message message;

		snprintf(address, sizeof address, "user%d@example.net", i);
		snprintf(name, sizeof name, "山田 太郎 %d", i % 100);
		snprintf(fields, sizeof fields,
		    "{\"会員番号\":\"%04d\",\"期日\":\"2026/11/%d\","
		    "\"明細\":[{\"品名\":\"\\u304a\\u8336\","
		    "\"価格\":%d},{\"品名\":\"B\",\"価格\":1}]}",
		    i, 10 + i % 20, 1000 + i % 100);
		const struct recipient recipient = {
		    i + 1, span_of(address), span_of(name), span_of(fields)};

		assert_int_equal(suppress_set_check(
				     stops, it->db, span_of(address), &it->err),
		    0);
		assert_ok(
		    assemble_message(it->assembler, &recipient,
			INT64_C(1795000000000) + i * 7, &message, &it->err),
		    &it->err);
	}
}

static void
begin(struct compose_case *it)
{
	static const char *const sql[] = {
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 'tester')",
	    "INSERT INTO contact(id, address, canon, fields, created_ms,"
	    " changed_ms) VALUES(1, 'a@b.jp', 'a@b.jp',"
	    " '{\"会員番号\":\"1\",\"期日\":\"\",\"明細\":[{\"品名\":1,"
	    "\"価格\":1}]}', 0, 0)",
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, 1, 1, 0, '')",
	};
	struct db *db = NULL;

	case_begin(it, CLASS_AD, "{{name}}様 お知らせ", body);
	it->campaign.list = 1;
	assert_ok(
	    store_begin(it->store, STORE_WAIT_SHORT, "test", &db, &it->err),
	    &it->err);
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		assert_ok(stmt_run(db_stmt(db, sql[i], &it->err), &it->err),
		    &it->err);
	assert_ok(store_commit(it->store, &db, &it->err), &it->err);
	assert_ok(
	    suppress_add(it->store, SPAN("gone@example.net"),
		(struct list_id){0}, SUPPRESS_HAND, SPAN("test"), &it->err),
	    &it->err);
	assert_ok(setting_write(it->store, "message.bounce_domain",
		      SPAN("bounce.example.jp"), &it->err),
	    &it->err);
}

static void
expect_none(struct compose_case *it, enum assemble_how how)
{
	struct suppress_set *stops =
	    suppress_set_new(it->store, (struct list_id){1});
	struct mallinfo2 before, after;
	int count;

	assert_ok(case_compile(it, how), &it->err);
	make(it, stops, 0, WARM);
	before = mallinfo2();
	count = taken;
	make(it, stops, WARM, WARM + COUNTED);
	count = taken - count;
	after = mallinfo2();
	assert_int_equal(count, 0);
	assert_true(taken > WARM); /* it does count */
	/* Less than an octet a message: the blinding of a signature is made
	 * anew now and then, of numbers that differ a little in length. */
	assert_true(after.uordblks < before.uordblks + COUNTED);
	suppress_set_free(&stops);
}

static void
messages_take_nothing_from_the_heap(void **state)
{
	struct compose_case it;

	(void)state;
	begin(&it);
	expect_none(&it, ASSEMBLE_UNSIGNED);
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err),
	    &it.err);
	expect_none(&it, ASSEMBLE_SIGNED);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_take_nothing_from_the_heap),
	};

	if (CRYPTO_set_mem_functions(
		openssl_malloc, openssl_realloc, openssl_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
