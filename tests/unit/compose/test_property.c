/* Any contact gives a message that is well-formed and theirs: one To, no bare
 * line ends, no line above 998 octets, texts that decode to what was merged,
 * and no value of the contact before. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/mail/parse.h"
#include "tests/unit/compose/compose_case.h"

/* Sanitizers make it some thirty times slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CONTACTS = 3000 };
#else
enum { CONTACTS = 100000 };
#endif

static const char body[] =
    "# {{name|お客}} 様\n\n**{{code}}** のお知らせ: {{note|なし}}\n\n"
    "- [詳しく](https://www.example.jp/p?c={{code}}&n={{note|x}})\n\n"
    "    {{code}}\n\n> From {{note|.}}\n";

/* A generator of its own, so that a failure can be repeated. */
static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A character that a contact may hold: everyday, wide, rare, hostile. */
static uint32_t
any_character(uint64_t *seed)
{
	static const char hostile[] = "<>&\"'=?._-{}[]()*#|\\%+~`@:;, ";
	uint64_t r = next(seed);

	switch (r % 6) {
	case 0:
		return 'a' + (uint32_t)(r >> 8) % 26;
	case 1:
		return (uint32_t)hostile[(r >> 8) % (sizeof hostile - 1)];
	case 2:
		return 0x3041 + (uint32_t)(r >> 8) % 0x55;
	case 3:
		return 0x4e00 + (uint32_t)(r >> 8) % 0x5000;
	case 4:
		return 0x1f300 + (uint32_t)(r >> 8) % 0x100;
	default:
		return 0xc0 + (uint32_t)(r >> 8) % 0x100;
	}
}

static void
any_text(uint64_t *seed, size_t most, struct buf *out)
{
	/* most are short, some are very long */
	size_t length = next(seed) % (next(seed) % 50 == 0 ? most : 12);

	buf_clear(out);
	for (size_t i = 0; i < length; i++)
		buf_utf8(out, any_character(seed));
}

/* The fields as JSON; the values need no escape but for two characters. */
static void
add_field(struct buf *json, const char *name, struct span value)
{
	buf_printf(json, "%s\"%s\":\"", json->len > 1 ? "," : "", name);
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] == '"' || value.ptr[i] == '\\')
			buf_char(json, '\\');
		buf_char(json, value.ptr[i]);
	}
	buf_char(json, '"');
}

static void
check_scan(int number, struct span bytes)
{
	struct parse_scan scan;

	parse_scan(bytes, &scan);
	if (scan.longest_line > 998 || scan.bare_cr || scan.bare_lf ||
	    scan.nul || scan.high_in_header || scan.high_in_body)
		fail_msg("contact %d: line %zu cr %zu lf %zu nul %zu 8bit %zu",
		    number, scan.longest_line, scan.bare_cr, scan.bare_lf,
		    scan.nul, scan.high_in_header + scan.high_in_body);
}

/* The decoded part with LF ends is the text that was merged. */
static void
check_part(int number, const struct parse_part *part, struct span want,
    struct buf *room)
{
	struct err err = {0};
	size_t to = 0;

	buf_clear(room);
	assert_ok(parse_body(part, room, &err), &err);
	for (size_t i = 0; i < room->len; i++) {
		if (room->ptr[i] != '\r')
			room->ptr[to++] = room->ptr[i];
	}
	room->len = to;
	if (!span_equal(buf_span(room), want))
		fail_msg(
		    "contact %d: a part decodes to something else", number);
}

static void
check_message(int number, const struct message *message, struct span address,
    struct span before, struct arena *arena, struct buf *room)
{
	struct parse_message parsed;
	struct parse_mailbox *to;
	struct err err = {0};
	size_t count;

	check_scan(number, message->bytes);
	arena_reset(arena);
	assert_ok(parse_message(message->bytes, arena, &parsed, &err), &err);
	assert_int_equal(parsed.part_count, 3);
	assert_int_equal(parse_count(&parsed.part[0].header, "To"), 1);
	assert_int_equal(parse_count(&parsed.part[0].header, "Cc"), 0);
	assert_ok(
	    parse_mailboxes(parse_find(&parsed.part[0].header, "To")->value,
		arena, &to, &count, &err),
	    &err);
	assert_int_equal(count, 1);
	assert_true(span_equal(to[0].address, address));
	check_part(number, &parsed.part[1], message->text, room);
	check_part(number, &parsed.part[2], message->html, room);
	buf_clear(room);
	parse_words(parse_find(&parsed.part[0].header, "Subject")->value, room);
	if (!span_equal(buf_span(room), message->subject))
		fail_msg("contact %d: another subject", number);
	if (before.len > 0 &&
	    (span_search(message->text, before) < message->text.len ||
		span_search(message->html, before) < message->html.len ||
		span_search(message->bytes, before) < message->bytes.len))
		fail_msg("contact %d has a value of the one before", number);
}

/* The fields that the text names are those of a list with one member. */
static void
make_fields(struct compose_case *it)
{
	static const char *const sql[] = {
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 't')",
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(1, 'a@x.jp', 'a@x.jp', '',"
	    " '{\"code\":\"1\",\"note\":\"2\"}', 1, 1)",
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, 1, 1, 0, '')",
	};
	struct db *db = NULL;

	assert_ok(
	    store_begin(it->store, STORE_WAIT_LONG, "test", &db, &it->err),
	    &it->err);
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		struct stmt *stmt = db_stmt(db, sql[i], &it->err);

		assert_non_null(stmt);
		assert_ok(stmt_run(stmt, &it->err), &it->err);
	}
	assert_ok(store_commit(it->store, &db, &it->err), &it->err);
	it->campaign.list = 1;
}

static void
any_contact(void **state)
{
	struct buf name = BUF_INIT, note = BUF_INIT, fields = BUF_INIT;
	struct buf room = BUF_INIT;
	char address[64], code[40], before[40] = "";
	struct arena *arena = arena_new();
	uint64_t seed = 88172645463325252;
	struct compose_case it;

	(void)state;
	if (CONTACTS < 100000)
		print_message(
		    "only %d contacts: this build is slow\n", CONTACTS);
	case_begin(&it, CLASS_AD, "{{code}} {{name|お客}}様へ", body);
	make_fields(&it);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	for (int i = 0; i < CONTACTS; i++) {
		struct recipient to = {.seq = i + 1};
		struct message message;

		snprintf(
		    address, sizeof address, "u%d@d%d.example.jp", i, i % 97);
		/* nothing else can hold this word */
		snprintf(
		    code, sizeof code, "K%08xZ%dQ", (unsigned)next(&seed), i);
		any_text(&seed, 120, &name);
		any_text(&seed, 3000, &note);
		buf_clear(&fields);
		buf_char(&fields, '{');
		add_field(&fields, "code", span_of(code));
		add_field(&fields, "note", buf_span(&note));
		buf_char(&fields, '}');
		to.address = span_of(address);
		to.name = buf_span(&name);
		to.fields = buf_span(&fields);
		if (assemble_message(it.assembler, &to, INT64_C(1795000000000),
			&message, &it.err) < 0)
			fail_msg("contact %d: %s %s", i, err_name(it.err.code),
			    it.err.fact[0].value);
		check_message(
		    i, &message, to.address, span_of(before), arena, &room);
		memcpy(before, code, sizeof before);
	}
	buf_done(&name);
	buf_done(&note);
	buf_done(&fields);
	buf_done(&room);
	arena_free(&arena);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
