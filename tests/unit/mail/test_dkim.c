/* DKIM: canonical forms of RFC 6376, a signed message of RFC 8463, our own
 * signatures through our own verifier and through python3-dkim, and what must
 * not verify. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/mail/dkim.h"
#include "core/mail/encode.h"
#include "core/mail/header.h"
#include "core/mail/mime.h"
#include "core/mail/parse.h"
#include "tests/unit/unit.h"

enum { NOW = 1795000000 };

static struct secret *key;
static struct buf public_key = {0};
static struct buf record = {0};
static struct dkim_signer *signer;

static int
setup(void **state)
{
	struct err err = {0};

	(void)state;
	if (dkim_key_make(DKIM_BITS, &key, &public_key, &err) < 0)
		return -1;
	dkim_record(buf_span(&public_key), &record);
	return dkim_signer_new(
	    key, SPAN("example.jp"), SPAN("s2026"), &signer, &err);
}

static int
teardown(void **state)
{
	(void)state;
	dkim_signer_free(&signer);
	secret_free(&key);
	buf_done(&public_key);
	buf_done(&record);
	return 0;
}

/* A message as the program makes them. */
static void
make_message(
    struct buf *out, const char *subject, const char *plain, const char *html)
{
	struct header_mailbox from = {
	    SPAN("\xe4\xbe\x8b\xe7\xa4\xba"), SPAN("info@example.jp")};
	struct header_mailbox to = {SPAN(""), SPAN("taro@example.net")};
	struct mime_tree mime = {
	    .token = SPAN("AbCdEfGhIjKlMnOpQrStUv-_"),
	    .plain = {span_of(plain), MIME_UTF_8},
	    .html = {span_of(html), MIME_UTF_8},
	};
	struct err err = {0};

	assert_ok(header_mailbox(out, "From", &from, &err), &err);
	assert_ok(header_mailbox(out, "To", &to, &err), &err);
	assert_ok(header_text(out, "Subject", span_of(subject), &err), &err);
	buf_text(out, "Date: Sat, 21 Nov 2026 19:00:00 +0900\r\n");
	buf_text(out, "Message-ID: <c.1.2.3@example.jp>\r\n");
	buf_text(out, "MIME-Version: 1.0\r\n");
	assert_ok(header_list_unsubscribe(out, SPAN("https://u.example.jp/u/T"),
		      SPAN("mailto:u+T@bounce.example.jp"), &err),
	    &err);
	assert_ok(mime_entity(out, &mime, NULL, &err), &err);
}

/* The message with its signature in front. */
static void
sign(struct span message, int64_t now_s, struct buf *out)
{
	struct err err = {0};

	assert_ok(dkim_sign(signer, message, now_s, out, &err), &err);
	buf_add(out, message);
}

static void
canonical_forms_of_rfc6376(void **state)
{
	static const struct {
		const char *field, *relaxed;
	} fields[] = {
	    {"A: X\r\n", "a:X\r\n"},
	    {"B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
	    {"SubJect:a  b\r\n", "subject:a b\r\n"},
	    {"X:\r\n", "x:\r\n"},
	    {"X: \r\n\t \r\n", "x:\r\n"},
	};
	static const struct {
		const char *body, *simple, *relaxed;
	} bodies[] = {
	    {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
	    {"", "\r\n", ""},
	    {"\r\n\r\n", "\r\n", ""},
	    {"a", "a\r\n", "a\r\n"},
	    {"a \t", "a \t\r\n", "a\r\n"},
	    {" \r\n", " \r\n", ""},
	    {"a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		buf_clear(&out);
		dkim_canon_field(span_of(fields[i].field), DKIM_RELAXED, &out);
		assert_span_equal(buf_span(&out), fields[i].relaxed);
		buf_clear(&out);
		dkim_canon_field(span_of(fields[i].field), DKIM_SIMPLE, &out);
		assert_span_equal(buf_span(&out), fields[i].field);
	}
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		buf_clear(&out);
		dkim_canon_body(span_of(bodies[i].body), DKIM_SIMPLE, &out);
		assert_span_equal(buf_span(&out), bodies[i].simple);
		buf_clear(&out);
		dkim_canon_body(span_of(bodies[i].body), DKIM_RELAXED, &out);
		assert_span_equal(buf_span(&out), bodies[i].relaxed);
	}
	buf_done(&out);
}

/* RFC 8463 appendix A: made by other software, with a key of 1,024 bits. */
static const char rfc8463_record[] =
    "v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08"
    "a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1"
    "Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QID"
    "AQAB";
static const char rfc8463_message[] =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game.  Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n";

static void
foreign_signature_verifies(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(dkim_verify_with_key(span_of(rfc8463_message),
		      span_of(rfc8463_record), NOW, &err),
	    &err);
}

static const struct sample {
	const char *subject, *plain, *html;
} samples[] = {
    {"Hello", "Hello\n", "<p>Hello</p>\n"},
    {"", "", ""},
    {"\xe7\xa7\x8b\xe3\x81\xae\xe3\x81\x94\xe6\xa1\x88\xe5\x86\x85",
	"\xe5\xb1\xb1\xe7\x94\xb0\n", "<p>\xe5\xb1\xb1\xe7\x94\xb0</p>\n"},
    {"two  blanks   in the subject, which is long enough to be folded "
     "once at the least",
	"blanks  at   the end   \n\n\n\n", "\t<p>\t</p>\t\n \n"},
};

static void
own_verifier_agrees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct buf message = BUF_INIT, all = BUF_INIT;
		struct parse_scan scan;
		struct err err = {0};

		make_message(&message, samples[i].subject, samples[i].plain,
		    samples[i].html);
		sign(buf_span(&message), NOW, &all);
		assert_ok(dkim_verify_with_key(
			      buf_span(&all), buf_span(&record), NOW, &err),
		    &err);
		parse_scan(buf_span(&all), &scan);
		assert_true(scan.longest_line <= ENCODE_LINE_MAX);
		assert_int_equal(scan.bare_lf + scan.bare_cr, 0);
		buf_done(&message);
		buf_done(&all);
	}
}

static const char python_check[] =
    "import sys,dkim\n"
    "record,message=sys.stdin.buffer.read().split(b'\\n',1)\n"
    "def dns(name,timeout=5):\n"
    "    name=name if isinstance(name,bytes) else name.encode()\n"
    "    return record if name==b's2026._domainkey.example.jp.' else None\n"
    "sys.exit(0 if dkim.verify(message,dnsfunc=dns,minkey=2048) else 7)\n";

/* 0 when python3-dkim accepts the message, 7 when it does not. */
static int
ask_python(struct span message)
{
	struct buf command = BUF_INIT;
	FILE *python;
	int status;

	buf_printf(&command, "/usr/bin/python3 -c \"%s\"", python_check);
	python = popen(command.ptr, "w");
	assert_non_null(python);
	fwrite(record.ptr, 1, record.len, python);
	fputc('\n', python);
	fwrite(message.ptr, 1, message.len, python);
	status = pclose(python);
	buf_done(&command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
independent_verifier_agrees(void **state)
{
	/* It looks at the real clock to judge t= and x=. */
	int64_t now_s = (int64_t)time(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct buf message = BUF_INIT, all = BUF_INIT;

		make_message(&message, samples[i].subject, samples[i].plain,
		    samples[i].html);
		sign(buf_span(&message), now_s, &all);
		assert_int_equal(ask_python(buf_span(&all)), 0);
		all.ptr[all.len - 6] ^= 1;
		assert_int_equal(ask_python(buf_span(&all)), 7);
		buf_done(&message);
		buf_done(&all);
	}
}

static void
every_changed_octet_breaks_it(void **state)
{
	struct buf message = BUF_INIT, all = BUF_INIT;
	size_t held = 0, blanks = 0;

	(void)state;
	make_message(&message, "Hello", "Hello\n", "<p>Hello</p>\n");
	sign(buf_span(&message), NOW, &all);
	for (size_t i = 0; i < all.len; i++) {
		char old = all.ptr[i];
		struct err err = {0};

		/* Case in field and tag names and white space may change,
		 * and the bits of a base64 digit that padding leaves over. */
		if (strchr(" \r\n", old) || all.ptr[i + 1] == '=') {
			blanks++;
			continue;
		}
		all.ptr[i] = old == '7' ? '8' : '7';
		held += dkim_verify_with_key(
			    buf_span(&all), buf_span(&record), NOW, &err) == 0;
		all.ptr[i] = old;
	}
	assert_true(blanks > 10 && blanks < all.len / 4);
	assert_int_equal(held, 0);
	buf_done(&message);
	buf_done(&all);
}

static void
added_fields_break_it(void **state)
{
	static const char *const added[] = {"From: evil@example.net\r\n",
	    "To: x@y.jp\r\n", "Cc: x@y.jp\r\n", "Subject: other\r\n",
	    "Date: now\r\n", "Reply-To: x@y.jp\r\n", "Sender: x@y.jp\r\n",
	    "Message-ID: <x@y>\r\n", "MIME-Version: 1.0\r\n",
	    "Content-Type: text/html\r\n",
	    "Content-Transfer-Encoding: 7bit\r\n",
	    "List-Unsubscribe: <https://evil.example/>\r\n",
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"};
	struct buf message = BUF_INIT, all = BUF_INIT;
	struct err err = {0};

	(void)state;
	make_message(&message, "Hello", "Hello\n", "<p>Hello</p>\n");
	sign(buf_span(&message), NOW, &all);
	for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
		struct buf more = BUF_INIT;

		buf_text(&more, added[i]);
		buf_add(&more, buf_span(&all));
		assert_int_equal(dkim_verify_with_key(buf_span(&more),
				     buf_span(&record), NOW, &err),
		    -1);
		assert_string_equal(err_find(&err, "why"), "signature");
		buf_done(&more);
	}
	/* Trace fields may be added: every relay does. */
	struct buf traced = BUF_INIT;

	buf_text(&traced, "Received: from a by b; now\r\n");
	buf_add(&traced, buf_span(&all));
	assert_ok(dkim_verify_with_key(
		      buf_span(&traced), buf_span(&record), NOW, &err),
	    &err);
	buf_done(&traced);
	buf_done(&message);
	buf_done(&all);
}

static void
expires_and_repeats(void **state)
{
	struct buf message = BUF_INIT, all = BUF_INIT, twin = BUF_INIT;
	struct err err = {0};

	(void)state;
	make_message(&message, "Hello", "Hello\n", "<p>Hello</p>\n");
	sign(buf_span(&message), NOW, &all);
	sign(buf_span(&message), NOW, &twin);
	assert_true(span_equal(buf_span(&all), buf_span(&twin)));
	assert_ok(dkim_verify_with_key(buf_span(&all), buf_span(&record),
		      NOW + DKIM_LIFE_S, &err),
	    &err);
	assert_int_equal(dkim_verify_with_key(buf_span(&all), buf_span(&record),
			     NOW + DKIM_LIFE_S + 1, &err),
	    -1);
	assert_string_equal(err_find(&err, "why"), "expired");
	buf_done(&message);
	buf_done(&all);
	buf_done(&twin);
}

/* Replaces the first from in text by to. */
static void
replace(struct span text, const char *from, const char *to, struct buf *out)
{
	size_t at = span_search(text, span_of(from));

	assert_true(at < text.len);
	buf_add(out, span_slice(text, 0, at));
	buf_text(out, to);
	buf_add(out, span_slice(text, at + strlen(from), text.len));
}

static void
verifier_names_its_reason(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} changes[] = {
	    {"DKIM-Signature:", "X-Signature:", "missing"},
	    {"v=1;", "v=2;", "version"},
	    {"v=1;", "v=1; v=1;", "tags"},
	    {" t=1528637909;", " t=x;", "tags"},
	    {"rsa-sha256", "rsa-sha1", "algorithm"},
	    {"relaxed/relaxed", "relaxed/nofws", "canon"},
	    {" q=dns/txt;", " l=3;", "length"},
	    {"h=from : to", "h=x : to", "signature"},
	    {"h=from : to : subject :\r\n date : message-id : from", "h=to",
		"from"},
	    {"i=@football.example.com", "i=@other.example.com", "domain"},
	    {"i=@football.example.com", "i=@xfootball.example.com", "domain"},
	    {"Are you", "are you", "body"},
	    {"From: Joe", "From: Moe", "signature"},
	    {" b=F45d", " b=F45*", "signature"},
	    {" b=F45d", " b=F45e", "signature"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct buf text = BUF_INIT;
		struct err err = {0};

		print_message("%s\n", changes[i].to);
		replace(span_of(rfc8463_message), changes[i].from,
		    changes[i].to, &text);
		assert_int_equal(dkim_verify_with_key(buf_span(&text),
				     span_of(rfc8463_record), NOW, &err),
		    -1);
		assert_int_equal(err.code, E_DKIM_VERIFY);
		assert_string_equal(err_find(&err, "why"), changes[i].why);
		buf_done(&text);
	}
}

static void
verifier_reads_records(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} changes[] = {
	    {"v=DKIM1; ", "", ""},
	    {"k=rsa; ", "", ""},
	    {"k=rsa; ", "h=sha1:sha256; ", ""},
	    {"k=rsa; ", "h=sha1; ", "record"},
	    {"v=DKIM1", "v=DKIM2", "record"},
	    {"k=rsa", "k=ed25519", "record"},
	    {"p=MIG", "q=MIG", "record"},
	    {"p=MIG", "p=; q=MIG", "key"},
	    {"p=MIG", "p=AAA", "key"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct buf text = BUF_INIT;
		struct err err = {0};
		int rc;

		print_message("%s\n", changes[i].to);
		replace(span_of(rfc8463_record), changes[i].from, changes[i].to,
		    &text);
		rc = dkim_verify_with_key(
		    span_of(rfc8463_message), buf_span(&text), NOW, &err);
		assert_int_equal(rc, *changes[i].why ? -1 : 0);
		assert_string_equal(err_find(&err, "why"), changes[i].why);
		buf_done(&text);
	}
}

static void
refuses_to_sign_what_it_cannot(void **state)
{
	static const struct {
		const char *message, *why;
	} bad[] = {
	    {"", "header"},
	    {"From: a@x.jp\r\n", "header"},
	    {"From: a@x.jp\r\nno colon\r\n\r\n", "header"},
	    {"To: a@x.jp\r\n\r\nbody\r\n", "from"},
	    {"From: a@x.jp\r\nFrom: b@x.jp\r\n\r\n", "twice"},
	    {"From: a@x.jp\r\nSubject: 1\r\nsubject : 2\r\n\r\n", "twice"},
	    {"From: a@x.jp\r\n\r\nbare\nfeed\r\n", "bare_lf"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf out = BUF_INIT;
		struct err err = {0};

		assert_int_equal(
		    dkim_sign(signer, span_of(bad[i].message), NOW, &out, &err),
		    -1);
		assert_int_equal(err.code, E_DKIM_MESSAGE);
		assert_string_equal(err_find(&err, "why"), bad[i].why);
		assert_int_equal(out.len, 0);
	}
}

static void
keys_are_checked(void **state)
{
	struct secret *cut = secret_of(key->bytes, key->len - 1);
	struct secret *more = secret_new(key->len + 1);
	struct secret *none = NULL;
	struct dkim_signer *made = NULL;
	struct buf again = BUF_INIT;
	struct err err = {0};

	(void)state;
	memcpy(more->bytes, key->bytes, key->len);
	assert_ok(dkim_key_public(key, &again, &err), &err);
	assert_true(span_equal(buf_span(&again), buf_span(&public_key)));
	assert_int_equal(dkim_key_public(cut, &again, &err), -1);
	assert_string_equal(err_find(&err, "what"), "read");
	assert_int_equal(dkim_key_public(more, &again, &err), -1);
	assert_int_equal(dkim_key_make(1024, &none, &again, &err), -1);
	assert_string_equal(err_find(&err, "what"), "bits");
	assert_int_equal(
	    dkim_signer_new(key, SPAN("Example.jp"), SPAN("s"), &made, &err),
	    -1);
	assert_string_equal(err_find(&err, "what"), "domain");
	assert_int_equal(dkim_signer_new(key, SPAN("example.jp"),
			     SPAN("s; d=evil"), &made, &err),
	    -1);
	assert_string_equal(err_find(&err, "what"), "selector");
	assert_null(made);
	secret_free(&cut);
	secret_free(&more);
	buf_done(&again);
}

static void
record_as_zone_strings(void **state)
{
	struct buf out = BUF_INIT;
	struct span rest, piece;
	size_t total = 0;

	(void)state;
	assert_true(span_starts(
	    buf_span(&record), SPAN("v=DKIM1; k=rsa; p=MIIBIjANBg")));
	dkim_record_strings(buf_span(&record), &out);
	for (rest = buf_span(&out); rest.len;) {
		assert_int_equal(rest.ptr[0], '"');
		rest = span_slice(rest, 1, rest.len);
		piece = span_cut(&rest, '"');
		assert_true(piece.len <= DKIM_STRING_MAX);
		assert_true(span_equal(piece,
		    span_slice(buf_span(&record), total, total + piece.len)));
		total += piece.len;
		rest = span_trim(rest);
	}
	assert_int_equal(total, record.len);
	buf_done(&out);
}

/* What is said to be canonical is: no octet may differ, or a signature would
 * be over another body than the one sent. */
static void
relaxed_is_never_said_wrongly(void **state)
{
	static const char letters[] = "ab  \t\r\n=";
	static const struct {
		const char *body;
		bool relaxed;
	} exact[] = {
	    {"", true},
	    {"\r\n", false},
	    {"a", false},
	    {"a\r\n", true},
	    {"a\r\n\r\n", false},
	    {"a b\r\n\r\nc\r\n", true},
	    {"a  b\r\n", false},
	    {"a \r\n", false},
	    {"a\tb\r\n", false},
	    {"0123456789abcdef0123456789abcde \r\n", false},
	    {"0123456789abcdef0123456789abcdef\t\r\n", false},
	};
	struct buf body = BUF_INIT, canon = BUF_INIT;
	unsigned seed = 1;
	int said = 0;

	(void)state;
	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		assert_int_equal(
		    dkim_is_relaxed(span_of(exact[i].body)), exact[i].relaxed);
	for (int round = 0; round < 20000; round++) {
		buf_clear(&body);
		buf_clear(&canon);
		for (int i = round % 40; i > 0; i--) {
			seed = seed * 1103515245 + 12345;
			buf_char(
			    &body, i % 2 ? 'x' : letters[(seed >> 16) % 8]);
		}
		buf_text(&body, "\r\n");
		dkim_canon_body(buf_span(&body), DKIM_RELAXED, &canon);
		if (!dkim_is_relaxed(buf_span(&body)))
			continue;
		assert_true(span_equal(buf_span(&canon), buf_span(&body)));
		said++;
	}
	assert_true(said > 1000);
	buf_done(&body);
	buf_done(&canon);
}

/* A message in parts gets the signature that the whole gets. */
static void
parts_are_signed_like_the_whole(void **state)
{
	static const char header[] = "From: a@x.jp\r\nTo: b@y.jp\r\n";
	static const char *const bodies[] = {
	    "plain text\r\n", "blanks  here \r\n\r\n"};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf whole = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
		struct digest hash;
		const struct dkim_part part = {
		    SPAN(header), span_of(bodies[i]), &hash};

		crypt_sha256(span_of(bodies[i]), &hash);
		buf_printf(&whole, "%s\r\n%s", header, bodies[i]);
		assert_ok(
		    dkim_sign(signer, buf_span(&whole), NOW, &one, &err), &err);
		assert_ok(dkim_sign_part(signer, &part, NOW, &two, &err), &err);
		assert_true(span_equal(buf_span(&one), buf_span(&two)));
		buf_done(&whole);
		buf_done(&one);
		buf_done(&two);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(canonical_forms_of_rfc6376),
	    cmocka_unit_test(foreign_signature_verifies),
	    cmocka_unit_test(own_verifier_agrees),
	    cmocka_unit_test(independent_verifier_agrees),
	    cmocka_unit_test(every_changed_octet_breaks_it),
	    cmocka_unit_test(added_fields_break_it),
	    cmocka_unit_test(expires_and_repeats),
	    cmocka_unit_test(verifier_names_its_reason),
	    cmocka_unit_test(verifier_reads_records),
	    cmocka_unit_test(refuses_to_sign_what_it_cannot),
	    cmocka_unit_test(keys_are_checked),
	    cmocka_unit_test(record_as_zone_strings),
	    cmocka_unit_test(relaxed_is_never_said_wrongly),
	    cmocka_unit_test(parts_are_signed_like_the_whole),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
