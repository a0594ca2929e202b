/* Messages in ISO-2022-JP: which of them are, and what python3's email package
 * reads in them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "core/base/jis.h"
#include "core/mail/parse.h"
#include "tests/unit/compose/compose_case.h"

/* Reads what is wanted and then a message from standard input; its exit status
 * says whether both are the same. */
static const char reader[] =
    "import sys, email, email.policy\n"
    "def take():\n"
    "    return sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))\n"
    "charset, subject, name, plain, html, raw = [take() for _ in range(6)]\n"
    "m = email.message_from_bytes(raw, policy=email.policy.SMTP)\n"
    "p, h = m.get_body(('plain',)), m.get_body(('html',))\n"
    "assert all(len(l) <= 998 for l in raw.split(b'\\r\\n'))\n"
    "assert max(raw) < 128\n"
    "assert m['subject'] == subject.decode(), m['subject']\n"
    "assert m['to'].addresses[0].display_name == name.decode(), m['to']\n"
    "assert m['from'].addresses[0].display_name == '例示ニュース'\n"
    "for part, want in (p, plain), (h, html):\n"
    "    assert part.get_content_charset() == charset.decode().lower()\n"
    "    got = part.get_content().replace('\\r\\n', '\\n')\n"
    "    assert got == want.decode(), (got, want.decode())\n"
    "assert not m.defects and not p.defects and not h.defects\n"
    "assert b'charset=' + charset in h.get_content().encode()\n";

static void
give(FILE *to, struct span text)
{
	fprintf(to, "%zu\n", text.len);
	fwrite(text.ptr, 1, text.len, to);
}

/* text as it reads after being in ISO-2022-JP and back. */
static struct buf
folded(struct span text, enum campaign_charset charset)
{
	struct buf jis = BUF_INIT, out = BUF_INIT;
	size_t at = span_search(text, SPAN("charset=UTF-8"));

	if (charset == CHARSET_UTF_8) {
		buf_add(&out, text);
		return out;
	}
	assert_true(jis_encode(text, JIS_REFERENCE, &jis));
	assert_true(jis_decode(buf_span(&jis), &out));
	if (at < text.len) {
		buf_clear(&jis);
		at = span_search(buf_span(&out), SPAN("charset=UTF-8"));
		buf_add(&jis, span_slice(buf_span(&out), 0, at));
		buf_text(&jis, "charset=ISO-2022-JP");
		buf_add(&jis, span_slice(buf_span(&out),
				  at + sizeof "charset=UTF-8" - 1, out.len));
		buf_clear(&out);
		buf_add(&out, buf_span(&jis));
	}
	buf_done(&jis);
	return out;
}

static void
assert_python_reads(const struct message *message, struct span name)
{
	struct buf subject = folded(message->subject, message->charset);
	struct buf to = folded(name, message->charset);
	struct buf plain = folded(message->text, message->charset);
	struct buf html = folded(message->html, message->charset);
	struct buf command = BUF_INIT;
	int status;

	buf_printf(&command,
	    "PYTHONUTF8=1 exec /usr/bin/python3 -W ignore -c \"%s\"", reader);
	FILE *python = popen(command.ptr, "w");
	assert_non_null(python);
	give(python, message->charset == CHARSET_UTF_8 ? SPAN("UTF-8")
						       : SPAN("ISO-2022-JP"));
	give(python, buf_span(&subject));
	give(python, buf_span(&to));
	give(python, buf_span(&plain));
	give(python, buf_span(&html));
	give(python, message->bytes);
	status = pclose(python);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	buf_done(&command);
	buf_done(&subject);
	buf_done(&to);
	buf_done(&plain);
	buf_done(&html);
}

static const char body[] =
    "# お知らせ\n\n{{name|お客}} 様\n\nいつもご利用ありがとうございます。"
    "料金は¥1,200－、期間は10～20日です。\n\n- "
    "[詳しく](https://www.example.jp/a)\n"
    "- 半角ｶﾞｷﾞも\n\n"
    "From the first line and . at the start of a line\n.\n";

/* Each name, and whether its copy can be in ISO-2022-JP. */
static const struct {
	const char *name, *read;
	enum campaign_charset charset;
} rows[] = {
    {"山田 太郎", "山田 太郎", CHARSET_ISO_2022_JP},
    {"Taro Yamada", "Taro Yamada", CHARSET_ISO_2022_JP},
    {"ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ", CHARSET_ISO_2022_JP},
    {"髙﨑 花子", "髙﨑 花子", CHARSET_UTF_8},
    {"𠮷田", "𠮷田", CHARSET_UTF_8},
    {"Zoë", "Zoë", CHARSET_UTF_8},
};

static void
each_message_is_decided_as_a_whole(void **state)
{
	struct compose_case it;
	struct message message;

	(void)state;
	case_begin(&it, CLASS_AD, "{{name|お客}}様へ", body);
	it.campaign.charset = CHARSET_ISO_2022_JP;
	assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct recipient to = {.seq = (int64_t)i + 1,
		    .address = SPAN("taro@example.net"),
		    .name = span_of(rows[i].name),
		    .fields = SPAN("{}")};

		assert_ok(assemble_message(it.assembler, &to, it.clock.now,
			      &message, &it.err),
		    &it.err);
		assert_int_equal(message.charset, rows[i].charset);
		assert_true(span_search(message.bytes,
				span_of(rows[i].charset == CHARSET_UTF_8
					    ? "ISO-2022-JP"
					    : "UTF-8")) == message.bytes.len);
		assert_python_reads(&message, span_of(rows[i].read));
	}
	case_end(&it);
}

/* The leaf of a message tells the charset, and repeats. */
static void
leaf_tells_the_charset(void **state)
{
	const struct recipient to = {.seq = 1,
	    .address = SPAN("taro@example.net"),
	    .name = SPAN("山田"),
	    .fields = SPAN("{}")};
	struct digest leaf[3], template[2];
	struct compose_case it;
	struct message message;

	(void)state;
	case_begin(&it, CLASS_NOTICE, "件名", "本文のお知らせです。\n");
	for (int i = 0; i < 3; i++) {
		it.campaign.charset = i ? CHARSET_ISO_2022_JP : CHARSET_UTF_8;
		assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
		template_digest(it.template, &template[i > 0]);
		assert_ok(assemble_message(it.assembler, &to, it.clock.now,
			      &message, &it.err),
		    &it.err);
		leaf[i] = message.leaf;
	}
	assert_false(digest_equal(&leaf[0], &leaf[1]));
	assert_true(digest_equal(&leaf[1], &leaf[2]));
	assert_false(digest_equal(&template[0], &template[1]));
	case_end(&it);
}

/* What is the same for all decides for all: the sender's name, the subject. */
static void
one_sign_in_the_template_makes_all_utf8(void **state)
{
	static const char *const places[] = {"from", "subject", "body"};
	const struct recipient to = {.seq = 1,
	    .address = SPAN("taro@example.net"),
	    .name = SPAN("山田"),
	    .fields = SPAN("{}")};
	struct compose_case it;
	struct message message;

	(void)state;
	for (int i = 0; i < 3; i++) {
		case_begin(&it, CLASS_NOTICE, "件名", "本文のお知らせです。\n");
		it.campaign.charset = CHARSET_ISO_2022_JP;
		buf_text(*places[i] == 'f'   ? &it.campaign.from_name
			 : *places[i] == 's' ? &it.campaign.subject
					     : &it.campaign.body,
		    "㈱");
		assert_ok(case_compile(&it, ASSEMBLE_UNSIGNED), &it.err);
		assert_ok(assemble_message(it.assembler, &to, it.clock.now,
			      &message, &it.err),
		    &it.err);
		assert_int_equal(message.charset, CHARSET_UTF_8);
		case_end(&it);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_message_is_decided_as_a_whole),
	    cmocka_unit_test(leaf_tells_the_charset),
	    cmocka_unit_test(one_sign_in_the_template_makes_all_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
