/* Messages a second from a sealed campaign to an SMTP server on loopback: the
 * real review, the real engine, the real ledger.  The sink (sink.c) is a
 * process of its own on the same machine, so the time of each is known; it
 * also finds out what was lost, doubled or broken.
 *
 *	bench_delivery                 the table, medians of several runs
 *	bench_delivery OPTIONS         one setting, one line of JSON
 *
 *	--host H           a loopback name or address; default 127.0.0.1
 *	--port P           default: the sink
 *	--tls L            none, starttls or implicit; default none
 *	--ca FILE          PEM file of the server's authority
 *	--user U           AUTH, with --password-file FILE (first line)
 *	--dkim D           none or rsa (2048 bits); default none
 *	--count N          messages; default 20000
 *	--connections N    default 10
 *	--threads N        processors to use; default all
 *	--size KIB         of a message, about; default 10
 *	--latency MS       of the sink, before each batch of replies
 *	--chunking on|off  of the sink
 *	--runs N           the one with the median time is printed; default 1
 *
 * Any other host is refused. */
#include <getopt.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sched.h>
#include <sys/resource.h>

#include "core/deliver/deliver.h"
#include "core/net/dial.h"
#include "tests/bench/bench.h"
#include "tests/fake/sealed.h"
#include "tests/fake/sink.h"
#include "tests/fake/tempstore.h"

enum { RUNS_MAX = 25, SIGNATURES = 400 };

/* One setting to measure. */
struct setting_of_run {
	const char *name;
	const char *host, *ca, *user, *password_file;
	int port; /* 0: the sink */
	enum relay_tls tls;
	enum sealed_dkim dkim;
	int count, connections, threads, size, latency, runs;
	const char *chunking;
};

/* What one run came to. */
struct outcome_of_run {
	double wall_s, user_s, sys_s;
	long peak_kib;
	int64_t accepted, in_doubt;
	long long sink_us; /* 0: not our sink */
	char sink[SINK_JSON_MAX];
};

static const char *const tls_names[] = {[RELAY_TLS_NONE] = "none",
    [RELAY_TLS_VERIFY] = "starttls",
    [RELAY_TLS_IMPLICIT] = "implicit"};

static void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_delivery: %s: %s %s\n", what,
	    err ? err_name(err->code) : "", err ? err->fact[0].value : "");
	exit(1);
}

static double
wall_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Microseconds of processor time that one RSA-2048 signature takes here. */
static double
signature_us(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	EVP_PKEY_CTX *signer = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	unsigned char digest[32] = "what a signature costs", out[256];
	double from;

	if (!signer || EVP_PKEY_sign_init(signer) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(signer, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(signer, EVP_sha256()) != 1)
		die("RSA", NULL);
	from = bench_cpu_s();
	for (int i = 0; i < SIGNATURES; i++) {
		size_t len = sizeof out;

		digest[31] = (unsigned char)i;
		if (EVP_PKEY_sign(signer, out, &len, digest, 32) != 1)
			die("RSA", NULL);
	}
	from = (bench_cpu_s() - from) * 1e6 / SIGNATURES;
	EVP_PKEY_CTX_free(signer);
	EVP_PKEY_free(key);
	return from;
}

/* Holds what the run says against what the sink saw. */
static void
compare(const struct outcome_of_run *out)
{
	if (sink_number(out->sink, "distinct") == out->accepted &&
	    sink_number(out->sink, "repeated") == 0 &&
	    sink_number(out->sink, "lint") == 0)
		return;
	fprintf(stderr, "accepted %lld, the sink saw %s\n",
	    (long long)out->accepted, out->sink);
	exit(1);
}

/* ---- One run --------------------------------------------------------------- */

/* About 1 KiB a paragraph on the wire, Japanese and English, three marks. */
static char *
letter(int size)
{
	static const char paragraph[] =
	    "こんにちは {{name|お客様}}、いつもご利用いただきありがとうござい"
	    "ます。12月の催しをご案内します。詳しくは [案内](https://www."
	    "example.jp/event) をご覧ください。\n\n"
	    "Dear {{name|customer}}, this letter goes to {{address}} and "
	    "tells you about the events of December.\n\n";
	struct buf text = BUF_INIT;

	for (int i = 0; i < size * 3 / 4 + 1; i++)
		buf_text(&text, paragraph);
	return text.ptr;
}

/* Forgets the highest memory so far. */
static void
reset_peak(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "w");

	if (file) {
		fputs("5", file);
		fclose(file);
	}
}

static long
peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (file && fgets(line, sizeof line, file)) {
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	}
	if (file)
		fclose(file);
	return kib;
}

/* Delivers what is sealed. */
static void
deliver(struct store *store, struct world *world, struct campaign_id id,
    struct outcome_of_run *out)
{
	struct clearance *clearance = sealed_clearance(store, world, id);
	struct run_progress *now = calloc(1, sizeof *now);
	struct run *run = NULL;
	struct err err = {0};
	struct rusage before, after;

	reset_peak();
	getrusage(RUSAGE_SELF, &before);
	out->wall_s = wall_s();
	if (!now || run_start(&clearance, world, store, NULL, &run, &err) < 0)
		die("run_start", &err);
	run_wait(run, -1);
	out->wall_s = wall_s() - out->wall_s;
	getrusage(RUSAGE_SELF, &after);
	out->user_s = seconds(after.ru_utime) - seconds(before.ru_utime);
	out->sys_s = seconds(after.ru_stime) - seconds(before.ru_stime);
	out->peak_kib = peak_kib();
	run_progress(run, now);
	out->accepted = now->count[LEDGER_ACCEPTED];
	out->in_doubt = now->count[LEDGER_IN_DOUBT];
	if (out->accepted + out->in_doubt != now->total)
		die("not all were sent", &now->why);
	run_free(&run);
	free(now);
}

static void
read_password(const char *path, char *into, size_t room)
{
	FILE *file = path ? fopen(path, "r") : NULL;

	if (path && (!file || !fgets(into, (int)room, file)))
		die(path, NULL);
	into[strcspn(into, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void
run_once(const struct setting_of_run *setting, struct outcome_of_run *out)
{
	struct world world = {
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	struct store *store = tempstore_open(clock_real());
	char *folder = tempdir_new(), *body = letter(setting->size);
	char password[256] = "";
	struct sink sink = {0};
	struct sealed_plan plan = {
	    .recipients = setting->count,
	    .class = setting->dkim == SEALED_DKIM ? CLASS_AD : CLASS_NOTICE,
	    .dkim = setting->dkim,
	    .host = setting->host,
	    .port = setting->port,
	    .tls = setting->tls,
	    .ca_file = setting->ca,
	    .user = setting->user,
	    .secret = password,
	    .sessions = setting->connections,
	    .per_session = 10000,
	    .body = body,
	};
	struct campaign_id id;

	read_password(setting->password_file, password, sizeof password);
	if (!setting->port) {
		sink_start(&sink,
		    &(struct sink_params){tls_names[setting->tls],
			setting->chunking, setting->latency},
		    folder);
		plan.port = sink.port;
		plan.ca_file = setting->tls == RELAY_TLS_NONE ? NULL : sink.ca;
	}
	id = sealed_campaign(store, &world, &plan);
	deliver(store, &world, id, out);
	if (!setting->port) {
		sink_stop(&sink, out->sink);
		out->sink_us = sink_number(out->sink, "cpu_us");
		compare(out);
	}
	tempstore_close(&store);
	tempdir_remove(&folder);
	free(body);
}

static int
by_wall(const void *a, const void *b)
{
	double left = ((const struct outcome_of_run *)a)->wall_s;
	double right = ((const struct outcome_of_run *)b)->wall_s;

	return left < right ? -1 : left > right;
}

/* The run with the median time of setting->runs; on so many processors. */
static void
measure(const struct setting_of_run *setting, struct outcome_of_run *out)
{
	struct outcome_of_run all[RUNS_MAX];
	cpu_set_t before, some;

	CPU_ZERO(&some);
	sched_getaffinity(0, sizeof before, &before);
	for (int i = 0; i < setting->threads; i++)
		CPU_SET((size_t)i, &some);
	if (setting->threads)
		sched_setaffinity(0, sizeof some, &some);
	for (int i = 0; i < setting->runs; i++) {
		memset(&all[i], 0, sizeof all[i]);
		run_once(setting, &all[i]);
	}
	sched_setaffinity(0, sizeof before, &before);
	qsort(all, (size_t)setting->runs, sizeof *all, by_wall);
	*out = all[setting->runs / 2];
}

/* ---- The table ------------------------------------------------------------- */

static double
sender_us(
    const struct setting_of_run *setting, const struct outcome_of_run *out)
{
	return (out->user_s + out->sys_s) * 1e6 / setting->count;
}

static void
print_row(const struct setting_of_run *setting, double rsa_us)
{
	struct outcome_of_run out;
	double us;

	measure(setting, &out);
	us = sender_us(setting, &out);
	printf("%-34s %7.0f/s  sender %6.1f us  sink %5.1f us  %5ld KiB",
	    setting->name, setting->count / out.wall_s, us,
	    (double)out.sink_us / setting->count, out.peak_kib);
	if (setting->dkim == SEALED_DKIM)
		printf("  %.2f x RSA", us / rsa_us);
	printf("\n");
	fflush(stdout);
}

#define COMMON .host = "127.0.0.1", .size = 10, .runs = 3, .chunking = "on"

static void
print_table(void)
{
	static const struct setting_of_run rows[] = {
	    {.name = "plain", COMMON, .count = 20000, .connections = 10},
	    {.name = "STARTTLS",
		COMMON,
		.tls = RELAY_TLS_VERIFY,
		.count = 20000,
		.connections = 10},
	    {.name = "STARTTLS, DKIM",
		COMMON,
		.tls = RELAY_TLS_VERIFY,
		.dkim = SEALED_DKIM,
		.count = 8000,
		.connections = 10},
	    {.name = "STARTTLS, DKIM, all on one core",
		COMMON,
		.tls = RELAY_TLS_VERIFY,
		.dkim = SEALED_DKIM,
		.threads = 1,
		.count = 4000,
		.connections = 10},
	    {.name = "DATA, answers after 10 ms",
		.host = "127.0.0.1",
		.size = 10,
		.runs = 3,
		.chunking = "off",
		.latency = 10,
		.count = 3000,
		.connections = 10},
	    {.name = "BDAT, answers after 10 ms",
		COMMON,
		.latency = 10,
		.count = 10000,
		.connections = 10},
	    {.name = "STARTTLS, 20 connections, 1,000",
		COMMON,
		.tls = RELAY_TLS_VERIFY,
		.count = 1000,
		.connections = 20},
	    {.name = "STARTTLS, 20 connections, 50,000",
		COMMON,
		.tls = RELAY_TLS_VERIFY,
		.count = 50000,
		.connections = 20},
	};
	double rsa_us;

	bench_machine();
	rsa_us = signature_us();
	printf("RSA-2048 signature %.1f us; medians of 3 runs; sender and sink "
	       "share the machine\n",
	    rsa_us);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct setting_of_run row = rows[i];

		if (row.dkim != SEALED_DKIM)
			row.dkim = SEALED_NO_DKIM;
		print_row(&row, rsa_us);
	}
}

/* ---- One setting ----------------------------------------------------------- */

static int
number(const char *text, int least, int most, const char *what)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < least || value > most)
		die(what, NULL);
	return (int)value;
}

static enum relay_tls
tls_of(const char *name)
{
	if (strcmp(name, "none") == 0)
		return RELAY_TLS_NONE;
	if (strcmp(name, "implicit") == 0)
		return RELAY_TLS_IMPLICIT;
	if (strcmp(name, "starttls") != 0)
		die("--tls none, starttls or implicit", NULL);
	return RELAY_TLS_VERIFY;
}

static enum sealed_dkim
dkim_of(const char *name)
{
	if (strcmp(name, "rsa") == 0)
		return SEALED_DKIM;
	if (strcmp(name, "none") != 0)
		die("--dkim none or rsa", NULL);
	return SEALED_NO_DKIM;
}

static void
take_option(struct setting_of_run *out, int option)
{
	switch (option) {
	case 'h':
		out->host = optarg;
		break;
	case 'p':
		out->port = number(optarg, 1, 65535, "port");
		break;
	case 't':
		out->tls = tls_of(optarg);
		break;
	case 'a':
		out->ca = optarg;
		break;
	case 'u':
		out->user = optarg;
		break;
	case 'w':
		out->password_file = optarg;
		break;
	case 'd':
		out->dkim = dkim_of(optarg);
		break;
	case 'n':
		out->count = number(optarg, 1, 1000000, "count");
		break;
	case 'c':
		out->connections = number(optarg, 1, 100, "connections");
		break;
	case 'j':
		out->threads = number(optarg, 1, CPU_SETSIZE, "threads");
		break;
	case 's':
		out->size = number(optarg, 1, 1000, "size");
		break;
	case 'r':
		out->runs = number(optarg, 1, RUNS_MAX, "runs");
		break;
	case 'l':
		out->latency = number(optarg, 0, 10000, "latency");
		break;
	case 'k':
		out->chunking = optarg;
		break;
	default:
		exit(2);
	}
}

static void
read_options(int argc, char **argv, struct setting_of_run *out)
{
	static const struct option known[] = {
	    {"host", required_argument, NULL, 'h'},
	    {"port", required_argument, NULL, 'p'},
	    {"tls", required_argument, NULL, 't'},
	    {"ca", required_argument, NULL, 'a'},
	    {"user", required_argument, NULL, 'u'},
	    {"password-file", required_argument, NULL, 'w'},
	    {"dkim", required_argument, NULL, 'd'},
	    {"count", required_argument, NULL, 'n'},
	    {"connections", required_argument, NULL, 'c'},
	    {"threads", required_argument, NULL, 'j'},
	    {"size", required_argument, NULL, 's'},
	    {"runs", required_argument, NULL, 'r'},
	    {"latency", required_argument, NULL, 'l'},
	    {"chunking", required_argument, NULL, 'k'},
	    {NULL, 0, NULL, 0},
	};
	int got;

	while ((got = getopt_long(argc, argv, "", known, NULL)) != -1)
		take_option(out, got);
}

/* Before anything is dialled; the dialler would refuse it as well. */
static void
check_host(const char *host)
{
	if (strcmp(host, "localhost") != 0 && strcmp(host, "::1") != 0 &&
	    strncmp(host, "127.", 4) != 0)
		die("only loopback hosts are measured", NULL);
}

static void
print_json(const struct setting_of_run *setting)
{
	struct outcome_of_run out;

	measure(setting, &out);
	printf("{\"messages\":%d,\"wall_s\":%.3f,\"user_s\":%.3f,"
	       "\"sys_s\":%.3f,\"sender_us\":%.1f,\"rsa_us\":%.1f,"
	       "\"peak_kib\":%ld,\"in_doubt\":%lld,\"sink\":%s}\n",
	    setting->count, out.wall_s, out.user_s, out.sys_s,
	    sender_us(setting, &out), signature_us(), out.peak_kib,
	    (long long)out.in_doubt, *out.sink ? out.sink : "null");
}

int
main(int argc, char **argv)
{
	struct setting_of_run one = {
	    .host = "127.0.0.1",
	    .dkim = SEALED_NO_DKIM,
	    .count = 20000,
	    .connections = 10,
	    .size = 10,
	    .runs = 1,
	    .chunking = "on",
	};

	if (argc < 2) {
		print_table();
		return 0;
	}
	read_options(argc, argv, &one);
	check_host(one.host);
	print_json(&one);
	return 0;
}
