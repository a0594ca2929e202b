/* How many messages one core assembles and signs a second, and where the time
 * goes.  Processor time of one thread, so that a busy machine does not falsify
 * it; medians of five.  --unsigned leaves the signatures out. */
#include "core/compose/template.h"
#include "core/compose/token.h"
#include "core/mail/address.h"
#include "core/mail/dkim.h"
#include "core/mail/header.h"
#include "core/mail/mime.h"
#include "tests/bench/bench.h"
#include "tests/fake/tempstore.h"

static const char *const settings[][2] = {
    {"legal.name", "株式会社例示"},
    {"legal.postal", "〒100-0001 東京都千代田区千代田1-1"},
    {"legal.contact", "お問合せ 03-0000-0000"},
    {"unsubscribe.base_url", "https://u.example.jp/u"},
    {"unsubscribe.mailto", "u@bounce.example.jp"},
};

/* About 30 marks in Japanese and English. */
static const char paragraph[] =
    "## {{name|お客}}様へのお知らせ\n\n"
    "いつもご利用ありがとうございます。{{name|お客}}様のために、**今月の"
    "特集**をご用意しました。詳しくは次のページをご覧ください。\n\n"
    "- [冬のキャンペーン](https://www.example.jp/winter?id={{address}})\n"
    "- [よくある質問](https://www.example.jp/faq?n={{name|x}})\n\n"
    "Dear {{name|customer}}, this message was sent to {{address}} because "
    "you asked for our newsletter. Thank you for reading it.\n\n";

static void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_assemble: %s: %s\n", what, err_name(err->code));
	exit(1);
}

struct bench {
	struct store *store;
	struct db *db;
	struct campaign campaign;
	struct template *template;
	struct err err;
};

static void
begin(struct bench *bench)
{
	struct campaign *campaign = &bench->campaign;

	*campaign = CAMPAIGN_INIT;
	bench->store = tempstore_open(clock_real());
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (setting_write(bench->store, settings[i][0],
			span_of(settings[i][1]), &bench->err) < 0)
			die(settings[i][0], &bench->err);
	}
	if (dkim_create(bench->store, SPAN("example.jp"), SPAN("s2026"),
		&bench->err) < 0 ||
	    store_reader_open(bench->store, &bench->db, &bench->err) < 0)
		die("store", &bench->err);
	campaign->id.v = 7;
	buf_text(&campaign->from_name, "例示ニュース");
	buf_text(&campaign->from_address, "news@example.jp");
	buf_text(&campaign->subject, "{{name|お客}}様 11月のお知らせ");
	for (int i = 0; i < 5; i++)
		buf_text(&campaign->body, paragraph);
}

static void
compile(struct bench *bench)
{
	if (template_compile(bench->store, bench->db, &bench->campaign,
		&bench->template, &bench->err) < 0)
		die("compile", &bench->err);
}

/* Messages a second of processor time; *octets gets the size of one. */
static double
run_once(struct bench *bench, enum assemble_how how, int count, size_t *octets)
{
	struct assembler *assembler;
	char address[64], name[64];
	struct message message;
	double from;

	if (assembler_new(bench->store, bench->db, bench->template, how,
		&assembler, &bench->err) < 0)
		die("assembler", &bench->err);
	from = bench_cpu_s();
	for (int i = 0; i < count; i++) {
		snprintf(address, sizeof address, "user%d@example.net", i);
		snprintf(name, sizeof name, "山田 太郎 %d", i);
		struct recipient to = {
		    i, span_of(address), span_of(name), SPAN("{}")};
		if (assemble_message(assembler, &to, INT64_C(1795000000000) + i,
			&message, &bench->err) < 0)
			die("assemble", &bench->err);
	}
	*octets = message.bytes.len;
	from = bench_cpu_s() - from;
	assembler_free(&assembler);
	return count / from;
}

static void
report(struct bench *bench, const char *what, enum assemble_how how, int count)
{
	double rate[BENCH_RUNS];
	size_t octets;

	for (int i = 0; i < BENCH_RUNS; i++)
		rate[i] = run_once(bench, how, count, &octets);
	double median = bench_median(rate, BENCH_RUNS);
	printf("%-28s %9.0f/s %8.1f us  (%zu octets)\n", what, median,
	    1e6 / median, octets);
}

/* The signature alone, over a message of the usual size. */
static void
report_sign(struct bench *bench, int count)
{
	double rate[BENCH_RUNS];
	struct assembler *assembler;
	struct dkim_signer *signer;
	struct secret *key;
	struct message message;
	struct recipient to = {
	    1, SPAN("user@example.net"), SPAN("山田"), SPAN("{}")};
	struct buf public = BUF_INIT, out = BUF_INIT;

	if (assembler_new(bench->store, bench->db, bench->template,
		ASSEMBLE_UNSIGNED, &assembler, &bench->err) < 0 ||
	    assemble_message(assembler, &to, 0, &message, &bench->err) < 0 ||
	    dkim_key_make(DKIM_BITS, &key, &public, &bench->err) < 0 ||
	    dkim_signer_new(key, SPAN("example.jp"), SPAN("s2026"), &signer,
		&bench->err) < 0)
		die("signer", &bench->err);
	for (int run = 0; run < BENCH_RUNS; run++) {
		double from = bench_cpu_s();
		for (int i = 0; i < count; i++) {
			buf_clear(&out);
			if (dkim_sign(signer, message.bytes, 1795000000 + i,
				&out, &bench->err) < 0)
				die("sign", &bench->err);
		}
		rate[run] = count / (bench_cpu_s() - from);
	}
	double median = bench_median(rate, BENCH_RUNS);
	printf("%-28s %9.0f/s %8.1f us\n", "DKIM signature, RSA-2048", median,
	    1e6 / median);
	buf_done(&public);
	buf_done(&out);
	secret_free(&key);
	dkim_signer_free(&signer);
	assembler_free(&assembler);
}

/* ---- Stages ------------------------------------------------------------ */

/* What one stage works on: a message in its intermediate forms. */
struct work {
	struct template *template;
	struct arena *arena;
	struct merge_data *data;
	struct merge_person person;
	struct token_maker *maker;
	struct crypt_hash *hash;
	struct buf filled, html, text, out;
	struct span bytes;
	int64_t seq;
	struct digest digest;
	struct err err;
};

static void
stage_address(struct work *work)
{
	struct address address;

	arena_reset(work->arena);
	if (address_parse(
		work->person.address, work->arena, &address, &work->err) < 0)
		die("address", &work->err);
}

static void
stage_check(struct work *work)
{
	int fallbacks;

	if (merge_data_read(work->data, &work->person, &work->err) < 0 ||
	    merge_check(work->data, NULL, &fallbacks, &work->err) < 0)
		die("check", &work->err);
}

static void
stage_tokens(struct work *work)
{
	const struct token_stop stop = {7, 1, work->seq, work->person.address};
	struct token_base base;

	buf_clear(&work->out);
	token_base(work->maker, 7, work->seq, &base);
	token_message(work->maker, 7, base.ref, &work->out);
	crypt_base64url(
	    &work->out, span_make(base.boundary, sizeof base.boundary));
	token_unsubscribe(work->maker, &stop, &work->out);
}

static void
stage_merge(struct work *work)
{
	const struct template *template = work->template;
	struct span token = SPAN("abcdefghijklmnopqrstuvwxyz");

	buf_clear(&work->filled);
	buf_clear(&work->html);
	merge_fill(&template->html, work->data, token, &work->html);
	merge_fill(&template->plain, work->data, token, &work->filled);
}

static void
stage_wrap(struct work *work)
{
	buf_clear(&work->text);
	plain_wrap(buf_span(&work->filled), &work->text);
}

static void
stage_header(struct work *work)
{
	const struct header_mailbox to = {
	    work->person.name, work->person.address};

	buf_clear(&work->out);
	if (header_mailbox(&work->out, "To", &to, &work->err) < 0 ||
	    header_text(&work->out, "Subject",
		SPAN("山田 太郎 1様 11月のお知らせ"), &work->err) < 0)
		die("header", &work->err);
}

static void
stage_mime(struct work *work)
{
	const struct mime_tree mime = {
	    .token = SPAN("0123456789abcdefghijklmn"),
	    .plain = {buf_span(&work->text), MIME_UTF_8},
	    .html = {buf_span(&work->html), MIME_UTF_8},
	    .known = MIME_UTF8,
	};

	buf_clear(&work->out);
	if (mime_entity(&work->out, &mime, NULL, &work->err) < 0)
		die("mime", &work->err);
}

static void
stage_hash(struct work *work)
{
	crypt_hash_begin(work->hash);
	crypt_hash_add(work->hash, work->bytes);
	crypt_hash_end(work->hash, &work->digest);
}

static const struct {
	const char *name;
	void (*run)(struct work *work);
} stages[] = {
    {"address", stage_address},
    {"read and check values", stage_check},
    {"tokens (3 HMAC)", stage_tokens},
    {"merge", stage_merge},
    {"wrap plain text", stage_wrap},
    {"To and Subject", stage_header},
    {"MIME and encoding", stage_mime},
    {"SHA-256", stage_hash},
};

/* Each stage alone, over the message that the others see. */
static void
report_stages(struct bench *bench, int count)
{
	const struct span values[] = {
	    SPAN("山田 太郎 1"), SPAN("u1@example.net")};
	struct work work = {
	    .template = bench->template,
	    .arena = arena_new(),
	    .data = merge_data_new(&bench->template->set),
	    .person = {values[0], values[1], SPAN("{}")},
	    .maker = token_maker_new(bench->store),
	    .hash = crypt_hash_new(),
	};
	struct recipient to = {1, values[1], values[0], SPAN("{}")};
	struct assembler *assembler;
	struct message message;

	if (assembler_new(bench->store, bench->db, bench->template,
		ASSEMBLE_UNSIGNED, &assembler, &bench->err) < 0 ||
	    assemble_message(assembler, &to, 0, &message, &bench->err) < 0)
		die("stages", &bench->err);
	work.bytes = message.bytes;
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
		double us[BENCH_RUNS];

		for (int run = 0; run < BENCH_RUNS; run++) {
			double from = bench_cpu_s();

			for (work.seq = 0; work.seq < count; work.seq++)
				stages[i].run(&work);
			us[run] = (bench_cpu_s() - from) * 1e6 / count;
		}
		printf("  %-26s %20.2f us\n", stages[i].name,
		    bench_median(us, BENCH_RUNS));
	}
	assembler_free(&assembler);
	token_maker_free(&work.maker);
	merge_data_free(&work.data);
	crypt_hash_free(&work.hash);
	arena_free(&work.arena);
	buf_done(&work.filled);
	buf_done(&work.html);
	buf_done(&work.text);
	buf_done(&work.out);
}

int
main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	struct bench bench = {0};

	begin(&bench);
	printf("bench_assemble: one core, median of %d runs\n", BENCH_RUNS);
	bench_machine();
	compile(&bench);
	report(&bench, "assembled, unsigned", ASSEMBLE_UNSIGNED, 5000);
	report_stages(&bench, 2000);
	if (strcmp(only, "--unsigned") != 0) {
		report_sign(&bench, 1000);
		report(&bench, "assembled and signed", ASSEMBLE_SIGNED, 1000);
	}
	campaign_done(&bench.campaign);
	template_free(&bench.template);
	store_reader_close(&bench.db);
	tempstore_close(&bench.store);
	return 0;
}
