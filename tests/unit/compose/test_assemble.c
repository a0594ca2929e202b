/* The finished message: form, repeatability, leaf, signature, refusals.  What
 * is written is read back by the reader that shares no code with the writer,
 * and the signature is checked by python3-dkim. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "core/mail/dkim.h"
#include "core/mail/parse.h"
#include "tests/unit/compose/compose_case.h"

static const char body[] =
    "# 11月のお知らせ\n\n{{name|お客}} 様\n\n"
    "いつもご利用ありがとうございます。**今月の特集**はこちらです。\n\n"
    "- [冬のキャンペーン](https://www.example.jp/winter?id={{会員番号}})\n"
    "- [よくある質問](https://www.example.jp/faq)\n";

static const struct recipient taro = {
    .seq = 3,
    .address = SPAN("taro@example.net"),
    .name = SPAN("山田 太郎"),
    .fields = SPAN("{\"会員番号\":\"A 1&2\"}"),
};

static void
begin(struct compose_case *it, const char *subject, const char *text)
{
	struct db *db = NULL;
	struct stmt *stmt;

	case_begin(it, CLASS_AD, subject, text);
	/* one member, so that the field 会員番号 is known */
	it->campaign.list = 1;
	assert_ok(
	    store_begin(it->store, STORE_WAIT_SHORT, "test", &db, &it->err),
	    &it->err);
	static const char *const sql[] = {
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'all', 0, 0, 'tester')",
	    "INSERT INTO contact(id, address, canon, fields, created_ms,"
	    " changed_ms) VALUES(1, 'a@b.jp', 'a@b.jp',"
	    " '{\"会員番号\":\"1\"}', 0, 0)",
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note)"
	    " VALUES(1, 1, 1, 0, '')",
	};
	for (size_t i = 0; i < 3; i++) {
		stmt = db_stmt(db, sql[i], &it->err);
		assert_non_null(stmt);
		assert_ok(stmt_run(stmt, &it->err), &it->err);
	}
	assert_ok(store_commit(it->store, &db, &it->err), &it->err);
}

static void
assemble(struct compose_case *it, const struct recipient *to, int64_t at_ms,
    struct message *out)
{
	assert_ok(assemble_message(it->assembler, to, at_ms, out, &it->err),
	    &it->err);
}

static struct buf
copy_of(struct span bytes)
{
	struct buf copy = BUF_INIT;

	buf_add(&copy, bytes);
	return copy;
}

static void
test_header_order(void **state)
{
	static const char *const wanted[] = {"From", "To", "Reply-To",
	    "Subject", "Date", "Message-ID", "MIME-Version", "List-Id",
	    "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence",
	    "X-Auto-Response-Suppress", "Content-Type"};
	struct arena *arena = arena_new();
	struct parse_message read;
	struct compose_case it;
	struct message message;

	(void)state;
	begin(&it, "{{name}}様 11月のお知らせ", body);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_ok(parse_message(message.bytes, arena, &read, &it.err), &it.err);
	assert_true(read.part[0].header.count >= 13);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		assert_span_equal(read.part[0].header.field[i].name, wanted[i]);
	struct buf subject = BUF_INIT, to = BUF_INIT;
	assert_int_equal(
	    parse_words(read.part[0].header.field[3].value, &subject), 0);
	assert_span_equal(buf_span(&subject), "山田 太郎様 11月のお知らせ");
	assert_span_equal(message.subject, "山田 太郎様 11月のお知らせ");
	parse_words(read.part[0].header.field[1].value, &to);
	assert_span_equal(buf_span(&to), "山田 太郎 <taro@example.net>");
	assert_span_equal(message.rcpt_to, "taro@example.net");
	assert_span_equal(message.mail_from, "news@example.jp");
	assert_true(span_starts(message.bytes, message.header));
	assert_true(span_ends(message.header, SPAN("\r\n")));
	buf_done(&subject);
	buf_done(&to);
	arena_free(&arena);
	case_end(&it);
}

/* The fields for complaints stand between those for leaving a list and those
 * against automatic answers. */
static void
test_feedback_order(void **state)
{
	static const char *const wanted[] = {"List-Unsubscribe-Post",
	    "CFBL-Feedback-ID", "Feedback-ID", "CFBL-Address", "Precedence"};
	struct arena *arena = arena_new();
	struct parse_message read;
	struct compose_case it;
	struct message message;

	(void)state;
	begin(&it, "{{name}}様 11月のお知らせ", body);
	assert_ok(setting_write(it.store, "message.feedback_id",
		      SPAN("exampleco"), &it.err),
	    &it.err);
	assert_ok(setting_write(it.store, "message.cfbl_address",
		      SPAN("fbl@example.jp"), &it.err),
	    &it.err);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_ok(parse_message(message.bytes, arena, &read, &it.err), &it.err);
	assert_true(read.part[0].header.count >= 16);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		assert_span_equal(
		    read.part[0].header.field[9 + i].name, wanted[i]);
	arena_free(&arena);
	case_end(&it);
}

/* The reader finds plain before HTML, and in them what was handed out. */
static void
test_parts_round_trip(void **state)
{
	struct arena *arena = arena_new();
	struct parse_message read;
	struct parse_scan scan;
	struct compose_case it;
	struct message message;

	(void)state;
	begin(&it, "件名", body);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_ok(parse_message(message.bytes, arena, &read, &it.err), &it.err);
	assert_int_equal(read.part_count, 3);
	assert_span_equal(read.part[0].type, "multipart/alternative");
	assert_span_equal(read.part[1].type, "text/plain");
	assert_span_equal(read.part[2].type, "text/html");
	for (int i = 1; i <= 2; i++) {
		struct span given = i == 1 ? message.text : message.html;
		struct buf decoded = BUF_INIT, lf = BUF_INIT;
		assert_ok(
		    parse_body(&read.part[i], &decoded, &it.err), &it.err);
		for (size_t n = 0; n < decoded.len; n++) {
			if (decoded.ptr[n] != '\r')
				buf_char(&lf, decoded.ptr[n]);
		}
		assert_true(
		    span_equal(span_trim(buf_span(&lf)), span_trim(given)));
		buf_done(&decoded);
		buf_done(&lf);
	}
	parse_scan(message.bytes, &scan);
	/* a URI cannot be folded; all else keeps to 76 columns */
	assert_true(scan.longest_line <= 78);
	assert_int_equal(scan.bare_cr + scan.bare_lf + scan.nul, 0);
	assert_int_equal(scan.high_in_header + scan.high_in_body, 0);
	arena_free(&arena);
	case_end(&it);
}

static void
test_text(void **state)
{
	struct compose_case it;
	struct message message;
	struct buf urls[2] = {BUF_INIT, BUF_INIT};

	(void)state;
	begin(&it, "件名", body);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_true(span_starts(message.text,
	    span_of("11月のお知らせ\n==============\n\n山田 太郎 様\n\n"
		    "いつもご利用ありがとうございます。今月の特集はこちらです。"
		    "\n\n - 冬のキャンペーン [1]\n - よくある質問 [2]\n\n"
		    "[1] https://www.example.jp/winter?id=A%201%262\n"
		    "[2] https://www.example.jp/faq\n\n---")));
	part_urls(message.text, &urls[0]);
	part_urls(message.html, &urls[1]);
	assert_true(span_equal(buf_span(&urls[0]), buf_span(&urls[1])));
	assert_int_equal(message.fallbacks, 0);
	buf_done(&urls[0]);
	buf_done(&urls[1]);
	case_end(&it);
}

/* Two assemblers, other recipients between: the same bytes. */
static void
test_repeatable(void **state)
{
	struct recipient other = taro;
	struct compose_case it;
	struct message first, again;

	(void)state;
	begin(&it, "件名 {{name}}", body);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &first);
	struct buf bytes = copy_of(first.bytes);
	struct buf id = copy_of(first.message_id);
	other.seq = 4;
	assemble(&it, &other, it.clock.now, &again);
	assert_false(span_equal(again.message_id, buf_span(&id)));
	assert_false(digest_equal(&again.leaf, &first.leaf));
	assemble(&it, &taro, it.clock.now, &again);
	assert_true(span_equal(buf_span(&bytes), again.bytes));
	struct digest leaf = again.leaf;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now + 86400000, &again);
	assert_true(digest_equal(&again.leaf, &leaf));
	assert_false(span_equal(buf_span(&bytes), again.bytes));
	buf_done(&bytes);
	buf_done(&id);
	case_end(&it);
}

/* The leaf as anybody would compute it from the message. */
static void
test_leaf(void **state)
{
	struct compose_case it;
	struct message message;
	struct buf data = BUF_INIT;
	struct digest leaf, hash;

	(void)state;
	begin(&it, "件名", body);
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err),
	    &it.err);
	assert_ok(case_compile(&it, ASSEMBLE_SIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_true(span_starts(message.bytes, SPAN("DKIM-Signature:")));
	size_t from = span_search(message.bytes, SPAN("\r\nFrom: ")) + 2;
	size_t date = span_search(message.bytes, SPAN("\r\nDate: ")) + 2;
	size_t id = span_search(message.bytes, SPAN("\r\nMessage-ID: ")) + 2;
	buf_add(&data, message.rcpt_to);
	buf_char(&data, '\n');
	buf_add(&data, span_slice(message.bytes, from, date));
	size_t text = span_search(message.bytes, SPAN("\r\n\r\n")) + 4;
	buf_add(&data, span_slice(message.bytes, id, text));
	crypt_sha256(span_slice(message.bytes, text, message.bytes.len), &hash);
	buf_add(&data, span_make(hash.bytes, sizeof hash.bytes));
	crypt_sha256(buf_span(&data), &leaf);
	assert_true(digest_equal(&leaf, &message.leaf));
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_true(digest_equal(&leaf, &message.leaf));
	buf_done(&data);
	case_end(&it);
}

static const char python_check[] =
    "import sys,dkim\n"
    "record,message=sys.stdin.buffer.read().split(b'\\n',1)\n"
    "d=dkim.DKIM(message,minkey=2048)\n"
    "ok=d.verify(dnsfunc=lambda name,timeout=5:record)\n"
    "h=[x.strip().lower() for x in d.signature_fields[b'h'].split(b':')]\n"
    "need=[b'from',b'to',b'subject',b'date',b'message-id',b'reply-to',\n"
    "b'list-unsubscribe',b'list-unsubscribe-post',b'list-id']\n"
    "sys.exit(0 if ok and all(n in h for n in need) else 7)\n";

static void
test_signed(void **state)
{
	int64_t now_ms = (int64_t)time(NULL) * 1000;
	struct compose_case it;
	struct dkim_info *keys;
	struct message message;
	struct buf name = BUF_INIT, record = BUF_INIT, command = BUF_INIT;
	size_t count;

	(void)state;
	begin(&it, "{{name}}様 お知らせ", body);
	assert_int_equal(case_compile(&it, ASSEMBLE_SIGNED), -1);
	assert_int_equal(it.err.code, E_DKIM_MISSING);
	assert_string_equal(err_find(&it.err, "domain"), "example.jp");
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s1"), &it.err),
	    &it.err);
	assert_ok(case_compile(&it, ASSEMBLE_SIGNED), &it.err);
	assert_ok(dkim_all(it.db, &keys, &count, &it.err), &it.err);
	assert_ok(dkim_dns_record(it.db, keys[0].id, &name, &record, &it.err),
	    &it.err);
	assemble(&it, &taro, now_ms, &message);
	assert_ok(dkim_verify_with_key(
		      message.bytes, buf_span(&record), now_ms / 1000, &it.err),
	    &it.err);
	buf_printf(&command, "/usr/bin/python3 -c \"%s\"", python_check);
	FILE *python = popen(command.ptr, "w");
	assert_non_null(python);
	fwrite(record.ptr, 1, record.len, python);
	fputc('\n', python);
	fwrite(message.bytes.ptr, 1, message.bytes.len, python);
	int status = pclose(python);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* A template is signed with the key it was compiled with, or not. */
	assembler_free(&it.assembler);
	assert_ok(
	    dkim_create(it.store, SPAN("example.jp"), SPAN("s2"), &it.err),
	    &it.err);
	assert_int_equal(assembler_new(it.store, it.db, it.template,
			     ASSEMBLE_SIGNED, &it.assembler, &it.err),
	    -1);
	assert_int_equal(it.err.code, E_DKIM_KEY);
	free(keys);
	buf_done(&name);
	buf_done(&record);
	buf_done(&command);
	case_end(&it);
}

static void
test_refused_values(void **state)
{
	static const struct {
		const char *subject, *name, *fields;
		enum err_code code;
	} row[] = {
	    {"{{会員番号}}", "X", "{\"会員番号\":\"a\\r\\nBcc: x@y.jp\"}",
		E_MERGE_BYTES},
	    {"{{会員番号}}", "X", "{\"会員番号\":\"a\\nb\"}", E_MERGE_BYTES},
	    {"{{会員番号}}", "X", "{\"会員番号\":\"\\u001b[2J\"}",
		E_MERGE_BYTES},
	    {"{{会員番号}}", "X", "{}", E_MERGE_EMPTY},
	    {"{{会員番号}}", "X", "{\"会員番号\":\" \"}", E_MERGE_EMPTY},
	    {"s", "a\r\nBcc: x@y.jp", "{\"会員番号\":\"1\"}", E_HEADER_BYTES},
	    {"{{name}}", "a\nb", "{\"会員番号\":\"1\"}", E_MERGE_BYTES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct recipient to = taro;
		struct compose_case it;
		struct message message;
		begin(&it, row[i].subject, "text");
		to.name = span_of(row[i].name);
		to.fields = span_of(row[i].fields);
		assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
		if (assemble_message(it.assembler, &to, it.clock.now, &message,
			&it.err) == 0)
			fail_msg("row %zu: accepted", i);
		assert_int_equal(it.err.code, row[i].code);
		/* the next one is not harmed */
		if (strstr(row[i].subject, "会員番号"))
			assemble(&it, &taro, it.clock.now, &message);
		case_end(&it);
	}
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *address, *wire;
	} row[] = {
	    {"a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp"},
	    {".a@ezweb.ne.jp", "\".a\"@ezweb.ne.jp"},
	    {"Taro@EXAMPLE.net", "Taro@example.net"},
	    {"a@日本語.jp", "a@xn--wgv71a119e.jp"},
	    {"not an address", NULL},
	};
	struct compose_case it;

	(void)state;
	begin(&it, "s", "{{address}}");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct recipient to = taro;
		struct message message;
		to.address = span_of(row[i].address);
		if (!row[i].wire) {
			assert_int_equal(assemble_message(it.assembler, &to, 0,
					     &message, &it.err),
			    -1);
			assert_int_equal(it.err.code, E_ADDRESS_SYNTAX);
			continue;
		}
		assemble(&it, &to, it.clock.now, &message);
		assert_span_equal(message.rcpt_to, row[i].wire);
		assert_true(span_starts(message.text, to.address));
		assert_true(span_search(message.header, message.rcpt_to) <
			    message.header.len);
	}
	case_end(&it);
}

static void
test_fallbacks(void **state)
{
	struct recipient to = taro;
	struct compose_case it;
	struct message message;
	size_t count;

	(void)state;
	begin(&it, "{{name|お客}}様", "{{name|お客}}様 {{会員番号}}");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	to.name = SPAN("　");
	assemble(&it, &to, it.clock.now, &message);
	assert_int_equal(message.fallbacks, 2);
	assert_span_equal(message.subject, "お客様");
	assert_true(
	    span_search(message.header, SPAN("\r\nTo: taro@example.net\r\n")) <
		message.header.len ||
	    span_search(message.header,
		SPAN("\r\nTo: <taro@example.net>\r\n")) < message.header.len);
	const struct template_field *field =
	    template_fields(it.template, &count);
	assert_int_equal(count, 2);
	assert_span_equal(field[0].name, "name");
	assert_true(field[0].has_fallback && field[0].in_header);
	assert_span_equal(field[1].name, "会員番号");
	assert_false(field[1].has_fallback || field[1].in_header);
	case_end(&it);
}

static void
test_compile_errors(void **state)
{
	static const struct {
		const char *subject, *body;
		enum err_code code;
		const char *part;
	} row[] = {
	    {"{{nobody}}", "x", E_MERGE_UNKNOWN, "subject"},
	    {"s", "x\n{{nobody}}", E_MERGE_UNKNOWN, "text"},
	    {"{{name", "x", E_MERGE_SYNTAX, "subject"},
	    {"s", "", E_BODY_EMPTY, ""},
	    {"s", " \n　\n", E_BODY_EMPTY, ""},
	    {"s", "[a](javascript:x)", E_URL_SCHEME, ""},
	    {"s", "<b>", E_MARKDOWN_HTML, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct compose_case it;
		begin(&it, row[i].subject, row[i].body);
		assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
		assert_int_equal(it.err.code, row[i].code);
		assert_string_equal(err_find(&it.err, "part"), row[i].part);
		case_end(&it);
	}
}

/* Every input of a message is in the digest. */
static void
test_digest(void **state)
{
	static const char *const setting[][2] = {
	    {"legal.name", "Other Ltd"},
	    {"legal.postal", "elsewhere"},
	    {"legal.contact", "nobody"},
	    {"legal.notice", "stop:"},
	    {"unsubscribe.base_url", "https://v.example.jp/u"},
	    {"unsubscribe.mailto", "v@bounce.example.jp"},
	    {"message.domain", "m.example.jp"},
	    {"message.bounce_domain", "b.example.jp"},
	};
	struct compose_case it;
	struct digest before, after;

	(void)state;
	begin(&it, "s", "text");
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	template_digest(it.template, &before);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	template_digest(it.template, &after);
	assert_true(digest_equal(&before, &after));
	struct buf *const text[] = {&it.campaign.subject, &it.campaign.body,
	    &it.campaign.from_name, &it.campaign.reply_to,
	    &it.campaign.from_address};
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		before = after;
		buf_char(text[i], 'x');
		assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
		template_digest(it.template, &after);
		assert_false(digest_equal(&before, &after));
	}
	for (size_t i = 0; i < sizeof setting / sizeof *setting; i++) {
		before = after;
		assert_ok(setting_write(it.store, setting[i][0],
			      span_of(setting[i][1]), &it.err),
		    &it.err);
		assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
		template_digest(it.template, &after);
		assert_false(digest_equal(&before, &after));
	}
	before = after;
	assert_ok(
	    dkim_create(it.store, SPAN("example.jpx"), SPAN("s1"), &it.err),
	    &it.err);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	template_digest(it.template, &after);
	assert_false(digest_equal(&before, &after));
	case_end(&it);
}

static void
test_return_path(void **state)
{
	struct compose_case it;
	struct message message;

	(void)state;
	begin(&it, "s", "text");
	assert_ok(setting_write(it.store, "message.bounce_domain",
		      SPAN("bounce.example.jp"), &it.err),
	    &it.err);
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	assemble(&it, &taro, it.clock.now, &message);
	assert_true(span_starts(message.mail_from, SPAN("b+11")));
	assert_true(span_ends(message.mail_from, SPAN("@bounce.example.jp")));
	assert_true(span_index(message.mail_from, '@') <= 40);
	struct digest leaf = message.leaf;
	struct buf old = copy_of(message.mail_from);
	assemble(&it, &taro, it.clock.now + 86400000, &message);
	assert_false(span_equal(buf_span(&old), message.mail_from));
	assert_true(digest_equal(&leaf, &message.leaf));
	buf_done(&old);
	case_end(&it);
}

static void
test_html_to_text(void **state)
{
	static const struct {
		const char *html, *text, *urls;
	} row[] = {
	    {"<p>a &amp; b</p><p>c</p>", "a & b\nc\n", ""},
	    {"<html><head><title>t</title><style>x</style></head>"
	     "<body>b<br>c</body></html>",
		"b\nc\n", ""},
	    {"<a href=\"https://e.jp/?a&amp;b\">t</a>",
		"t <https://e.jp/?a&b>\n", "https://e.jp/?a&b\n"},
	    {"<a href='https://e.jp/'>https://e.jp/</a>", "https://e.jp/\n",
		"https://e.jp/\n"},
	    {"<p>Call or see https://e.jp/a?b&amp;c.</p>",
		"Call or see https://e.jp/a?b&c.\n", "https://e.jp/a?b&c\n"},
	    {"<a href='https://e.jp/'>https://other.jp/</a>",
		"https://other.jp/ <https://e.jp/>\n",
		"https://e.jp/\nhttps://other.jp/\n"},
	    {"<A HREF=https://e.jp/>x</A>", "x <https://e.jp/>\n",
		"https://e.jp/\n"},
	    {"<b title=\"a>b\">x</b> < y", "x < y\n", ""},
	    {"<!-- <a href=\"https://x/\"> --><p>y", "y\n", ""},
	    {"&#x5c71;&#30000;&bogus;&", "山田&bogus;&\n", ""},
	    {"<script>alert('<a href=\"https://x/\">')</script>z", "z\n", NULL},
	    {"<p>x<", "x<\n", ""},
	    {"", "", ""},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf text = BUF_INIT, urls = BUF_INIT;
		assert_ok(
		    html_to_text(span_of(row[i].html), &text, &err), &err);
		if (!span_equal(buf_span(&text), span_of(row[i].text)))
			fail_msg("%s: %s", row[i].html, text.ptr);
		part_urls(span_of(row[i].html), &urls);
		if (row[i].urls &&
		    !span_equal(buf_span(&urls), span_of(row[i].urls)))
			fail_msg("%s: %s", row[i].html, urls.ptr);
		buf_done(&text);
		buf_done(&urls);
	}
	struct buf out = BUF_INIT;
	assert_int_equal(html_to_text(SPAN("<p>\xff"), &out, &err), -1);
	assert_int_equal(err.code, E_MIME_TEXT);
	buf_done(&out);
}

static void
test_text_urls(void **state)
{
	static const struct {
		const char *text, *urls;
	} row[] = {
	    {"See https://e.jp/a, or (http://e.jp/b).",
		"https://e.jp/a\nhttp://e.jp/b\n"},
	    {"[1] https://e.jp/a_(b)\n", "https://e.jp/a_(b)\n"},
	    {"https://e.jp/x.\r\n", "https://e.jp/x\n"},
	    {"詳細はhttps://e.jp/をご覧ください", "https://e.jp/\n"},
	    {"mailto:a@b.jp tel:+81", "mailto:a@b.jp\ntel:+81\n"},
	    {"hotel: xhttps://e.jp", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf urls = BUF_INIT;
		part_urls(span_of(row[i].text), &urls);
		if (!span_equal(buf_span(&urls), span_of(row[i].urls)))
			fail_msg("%s: %s", row[i].text, urls.ptr);
		buf_done(&urls);
	}
}

/* Fields for those who count complaints: only when they are set, only for our
 * own domain, never with anybody's name. */
static void
test_feedback_fields(void **state)
{
	static const struct {
		const char *id, *address, *feedback, *cfbl;
	} rows[] = {
	    {"", "", NULL, NULL},
	    {"exampleco", "", "c7:l1:ad:exampleco", NULL},
	    {"", "fbl@example.jp", NULL, "fbl@example.jp; report=arf"},
	    {"ex-co", "fbl@f.example.jp", "c7:l1:ad:ex-co",
		"fbl@f.example.jp; report=arf"},
	    {"", "fbl@notexample.jp", NULL, NULL},
	    {"", "fbl@example.com", NULL, NULL},
	};
	struct compose_case it;
	struct message message;

	(void)state;
	begin(&it, "件名", body);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct parse_header header;
		const struct parse_field *field;
		struct span rest;

		assert_ok(setting_write(it.store, "message.feedback_id",
			      span_of(rows[i].id), &it.err),
		    &it.err);
		assert_ok(setting_write(it.store, "message.cfbl_address",
			      span_of(rows[i].address), &it.err),
		    &it.err);
		assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
		assemble(&it, &taro, it.clock.now, &message);
		assert_ok(
		    parse_header(message.bytes, arena, &header, &rest, &it.err),
		    &it.err);
		field = parse_find(&header, "Feedback-ID");
		assert_int_equal(field != NULL, rows[i].feedback != NULL);
		if (field)
			assert_span_equal(field->value, rows[i].feedback);
		field = parse_find(&header, "CFBL-Address");
		assert_int_equal(field != NULL, rows[i].cfbl != NULL);
		if (field)
			assert_span_equal(field->value, rows[i].cfbl);
		field = parse_find(&header, "CFBL-Feedback-ID");
		assert_int_equal(field != NULL, rows[i].cfbl != NULL);
		if (field) {
			assert_true(span_starts(field->value, SPAN("c:7:")));
			assert_int_equal(
			    span_index(field->value, '.'), field->value.len);
		}
		arena_free(&arena);
	}
	assert_ok(setting_write(
		      it.store, "message.feedback_id", SPAN("a:b:c"), &it.err),
	    &it.err);
	assert_int_equal(case_compile(&it, ASSEMBLE_UNSIGNED), -1);
	assert_int_equal(it.err.code, E_SETTING_VALUE);
	case_end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_header_order),
	    cmocka_unit_test(test_feedback_order),
	    cmocka_unit_test(test_feedback_fields),
	    cmocka_unit_test(test_parts_round_trip),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_repeatable),
	    cmocka_unit_test(test_leaf),
	    cmocka_unit_test(test_signed),
	    cmocka_unit_test(test_refused_values),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_fallbacks),
	    cmocka_unit_test(test_compile_errors),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_return_path),
	    cmocka_unit_test(test_html_to_text),
	    cmocka_unit_test(test_text_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
