/* What one message costs in core/mail, as microseconds of processor time and
 * calls a second: medians of several runs.
 *
 *	bench_mail [runs]
 *
 * The message is Japanese, 2.9 KB of plain text and 4.6 KB of HTML. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>

#include "core/mail/address.h"
#include "core/mail/dkim.h"
#include "core/mail/header.h"
#include "core/mail/mime.h"
#include "core/mail/parse.h"

enum { RUNS = 5, RUNS_MAX = 99, PLAIN = 2900, HTML = 4600, NOW = 1795000000 };

/* What the calls work on. */
struct bench {
	struct buf plain, html, body, message, out;
	struct dkim_signer *signer;
	struct arena *arena;
};

static void
need(int rc, const struct err *err)
{
	if (rc < 0) {
		fprintf(stderr, "bench_mail: %s\n", err_name(err->code));
		exit(1);
	}
}

static void
read_address(struct bench *b)
{
	struct address address;
	struct err err = {0};

	arena_reset(b->arena);
	need(address_parse(
		 SPAN("taro.yamada@example.co.jp"), b->arena, &address, &err),
	    &err);
}

static void
write_mime(struct bench *b)
{
	struct mime_tree mime = {
	    .token = SPAN("AbCdEfGhIjKlMnOpQrStUv-_"),
	    .plain = {buf_span(&b->plain), MIME_UTF_8},
	    .html = {buf_span(&b->html), MIME_UTF_8},
	};
	struct err err = {0};

	buf_clear(&b->body);
	need(mime_entity(&b->body, &mime, NULL, &err), &err);
}

static void
write_message(struct bench *b)
{
	struct header_mailbox from = {
	    SPAN("株式会社例示"), SPAN("info@example.jp")};
	struct header_mailbox to = {SPAN(""), SPAN("taro@example.net")};
	struct err err = {0};

	write_mime(b);
	buf_clear(&b->message);
	need(header_mailbox(&b->message, "From", &from, &err), &err);
	need(header_mailbox(&b->message, "To", &to, &err), &err);
	need(header_text(&b->message, "Subject", SPAN("秋のご案内"), &err),
	    &err);
	need(header_list_unsubscribe(&b->message,
		 SPAN("https://u.example.jp/u/T"),
		 SPAN("mailto:u+T@bounce.example.jp"), &err),
	    &err);
	buf_add(&b->message, buf_span(&b->body));
}

static void
sign(struct bench *b)
{
	struct err err = {0};

	buf_clear(&b->out);
	need(dkim_sign(b->signer, buf_span(&b->message), NOW, &b->out, &err),
	    &err);
}

static void
read_message(struct bench *b)
{
	struct parse_message message;
	struct err err = {0};

	arena_reset(b->arena);
	need(parse_message(buf_span(&b->message), b->arena, &message, &err),
	    &err);
}

static const struct work {
	const char *name;
	void (*call)(struct bench *b);
	int count;
} works[] = {
    {"read an address", read_address, 100000},
    {"write headers and MIME", write_message, 3000},
    {"sign (RSA-2048)", sign, 500},
    {"read it back", read_message, 3000},
};

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median_us(const struct work *work, struct bench *b, int runs)
{
	double took[RUNS_MAX];

	for (int run = 0; run < runs; run++) {
		double start = cpu_us();

		for (int i = 0; i < work->count; i++)
			work->call(b);
		took[run] = (cpu_us() - start) / work->count;
	}
	qsort(took, (size_t)runs, sizeof *took, compare);
	return took[runs / 2];
}

static void
prepare(struct bench *b)
{
	struct secret *key = NULL;
	struct buf public = BUF_INIT;
	struct err err = {0};

	while (b->plain.len < PLAIN)
		buf_text(&b->plain, "山田太郎様、秋のご案内です。https://"
				    "example.jp/a?b=c\n");
	while (b->html.len < HTML)
		buf_text(&b->html, "<p style=\"color:#333\">山田太郎様、"
				   "秋のご案内です。</p>\n");
	need(dkim_key_make(DKIM_BITS, &key, &public, &err), &err);
	need(dkim_signer_new(
		 key, SPAN("example.jp"), SPAN("s"), &b->signer, &err),
	    &err);
	b->arena = arena_new();
	write_message(b);
	secret_free(&key);
	buf_done(&public);
}

int
main(int argc, char **argv)
{
	struct bench b = {0};
	struct utsname host;
	long runs = argc > 1 ? strtol(argv[1], NULL, 10) : RUNS;

	if (runs < 1 || runs > RUNS_MAX || uname(&host) < 0) {
		fprintf(stderr, "usage: bench_mail [runs]\n");
		return 2;
	}
	prepare(&b);
	printf("bench_mail on %s (%s %s), median of %ld runs, message of %zu "
	       "octets\n",
	    host.nodename, host.sysname, host.machine, runs, b.message.len);
	for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
		double us = median_us(&works[i], &b, (int)runs);

		printf(
		    "  %-24s %9.2f us %12.0f/s\n", works[i].name, us, 1e6 / us);
	}
	dkim_signer_free(&b.signer);
	arena_free(&b.arena);
	buf_done(&b.plain);
	buf_done(&b.html);
	buf_done(&b.body);
	buf_done(&b.message);
	buf_done(&b.out);
	return 0;
}
