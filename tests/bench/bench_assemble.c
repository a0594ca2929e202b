/* How many messages one core assembles and signs a second.  Processor time of
 * one thread, so that a busy machine does not falsify it; medians of five. */
#include "core/compose/compose.h"
#include "core/mail/dkim.h"
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
	struct template *template;
	struct err err;
};

static void
begin(struct bench *bench)
{
	struct campaign campaign = CAMPAIGN_INIT;

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
	campaign.id.v = 7;
	buf_text(&campaign.from_name, "例示ニュース");
	buf_text(&campaign.from_address, "news@example.jp");
	buf_text(&campaign.subject, "{{name|お客}}様 11月のお知らせ");
	for (int i = 0; i < 5; i++)
		buf_text(&campaign.body, paragraph);
	if (template_compile(bench->store, bench->db, &campaign,
		&bench->template, &bench->err) < 0)
		die("compile", &bench->err);
	campaign_done(&campaign);
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

int
main(void)
{
	struct bench bench = {0};

	begin(&bench);
	printf("bench_assemble: one core, median of %d runs\n", BENCH_RUNS);
	bench_machine();
	report(&bench, "assembled, unsigned", ASSEMBLE_UNSIGNED, 5000);
	report_sign(&bench, 1000);
	report(&bench, "assembled and signed", ASSEMBLE_SIGNED, 1000);
	template_free(&bench.template);
	store_reader_close(&bench.db);
	tempstore_close(&bench.store);
	return 0;
}
