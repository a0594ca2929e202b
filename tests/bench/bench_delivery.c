/* Messages a second from a sealed campaign to an SMTP server on loopback: the
 * real review, the real engine, the real ledger.  Medians of several runs by
 * the wall clock; the server shares the machine.
 *
 *	bench_delivery [--host H] [--port P] [--tls L] [--ca FILE] [--dkim D]
 *	    [--count N] [--connections C] [--runs R] [--latency MS]
 *
 *	--host         a loopback name or address; default 127.0.0.1
 *	--port         default: a sink of its own in this process
 *	--tls          none, verify or implicit; default none, then verify
 *	--ca           PEM file of the server's authority
 *	--dkim         on (RSA-2048) or off; default off, then on
 *	--count        messages a run; default 3000
 *	--connections  default 10
 *	--runs         default 3
 *	--latency      of the own sink, before each batch of replies; default 0
 *
 * Any other host is refused. */
#include <getopt.h>
#include <sys/resource.h>

#include "core/deliver/deliver.h"
#include "core/deliver/practice.h"
#include "core/net/dial.h"
#include "tests/bench/bench.h"
#include "tests/fake/sealed.h"
#include "tests/fake/tempstore.h"

enum { RUNS_MAX = 25 };

struct options {
	const char *host, *tls, *ca, *dkim;
	int port, count, connections, runs, latency;
};

/* What one line of the output is about. */
struct setting_of_run {
	enum relay_tls tls;
	enum sealed_dkim dkim;
	const char *name;
};

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

/* Processor time of the whole process, own sink included. */
static double
cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* About 10 KiB on the wire, Japanese and English, some 30 marks. */
static char *
letter(void)
{
	static const char paragraph[] =
	    "こんにちは {{name|お客様}}、いつもご利用いただきありがとうござい"
	    "ます。12月の催しをご案内します。詳しくは [案内](https://www."
	    "example.jp/event) をご覧ください。\n\n"
	    "Dear {{name|customer}}, this letter goes to {{address}} and "
	    "tells you about the events of December.\n\n";
	struct buf text = BUF_INIT;

	for (int i = 0; i < 10; i++)
		buf_text(&text, paragraph);
	return text.ptr;
}

static struct practice *
start_sink(const struct options *options, const char *folder)
{
	struct practice_config config = {
	    .folder = folder,
	    .manners = PRACTICE_PLAIN,
	    .latency_ms = (unsigned)options->latency,
	    .discard = 1,
	};
	struct practice *sink = NULL;
	struct err err = {0};

	if (practice_start(&config, &sink, &err) < 0)
		die("sink", &err);
	return sink;
}

/* Delivers what is sealed; messages a second, and *cpu_us a message. */
static double
deliver(struct store *store, struct world *world, struct campaign_id id,
    int count, double *cpu_us)
{
	struct clearance *clearance = sealed_clearance(store, world, id);
	struct run_progress *now = calloc(1, sizeof *now);
	struct run *run = NULL;
	struct err err = {0};
	double wall = wall_s(), cpu = cpu_s();

	if (!now || run_start(&clearance, world, store, NULL, &run, &err) < 0)
		die("run_start", &err);
	run_wait(run, -1);
	wall = wall_s() - wall;
	cpu = cpu_s() - cpu;
	run_progress(run, now);
	if (now->count[LEDGER_ACCEPTED] != count)
		die("not all were accepted", &now->why);
	run_free(&run);
	free(now);
	*cpu_us = cpu * 1e6 / count;
	return count / wall;
}

static double
run_once(const struct options *options, const struct setting_of_run *setting,
    double *cpu_us)
{
	struct world world = {clock_real(), dialler_loopback_only()};
	struct store *store = tempstore_open(clock_real());
	char *folder = tempdir_new(), *body = letter();
	struct practice *sink =
	    options->port ? NULL : start_sink(options, folder);
	struct sealed_plan plan = {
	    .recipients = options->count,
	    .class = setting->dkim == SEALED_DKIM ? CLASS_AD : CLASS_NOTICE,
	    .dkim = setting->dkim,
	    .host = options->host,
	    .port = sink ? practice_port(sink) : options->port,
	    .tls = setting->tls,
	    .ca_file = sink ? practice_ca_file(sink) : options->ca,
	    .sessions = options->connections,
	    .per_session = 10000,
	    .body = body,
	};
	struct campaign_id id = sealed_campaign(store, &world, &plan);
	double rate = deliver(store, &world, id, options->count, cpu_us);

	practice_stop(&sink);
	tempstore_close(&store);
	tempdir_remove(&folder);
	free(body);
	return rate;
}

static void
measure(const struct options *options, const struct setting_of_run *setting)
{
	double rate[RUNS_MAX], cpu[RUNS_MAX];

	for (int i = 0; i < options->runs; i++)
		rate[i] = run_once(options, setting, &cpu[i]);
	printf("%-18s %8.0f messages/s  %6.0f us CPU a message%s\n",
	    setting->name, bench_median(rate, (size_t)options->runs),
	    bench_median(cpu, (size_t)options->runs),
	    options->port ? "" : " (with the sink)");
	fflush(stdout);
}

static int
number(const char *text, int least, int most, const char *what)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < least || value > most)
		die(what, NULL);
	return (int)value;
}

static void
read_options(int argc, char **argv, struct options *out)
{
	static const struct option known[] = {
	    {"host", required_argument, NULL, 'h'},
	    {"port", required_argument, NULL, 'p'},
	    {"tls", required_argument, NULL, 't'},
	    {"ca", required_argument, NULL, 'a'},
	    {"dkim", required_argument, NULL, 'd'},
	    {"count", required_argument, NULL, 'n'},
	    {"connections", required_argument, NULL, 'c'},
	    {"runs", required_argument, NULL, 'r'},
	    {"latency", required_argument, NULL, 'l'},
	    {NULL, 0, NULL, 0},
	};
	int got;

	while ((got = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (got == 'h')
			out->host = optarg;
		else if (got == 'p')
			out->port = number(optarg, 1, 65535, "port");
		else if (got == 't')
			out->tls = optarg;
		else if (got == 'a')
			out->ca = optarg;
		else if (got == 'd')
			out->dkim = optarg;
		else if (got == 'n')
			out->count = number(optarg, 1, 1000000, "count");
		else if (got == 'c')
			out->connections =
			    number(optarg, 1, 100, "connections");
		else if (got == 'r')
			out->runs = number(optarg, 1, RUNS_MAX, "runs");
		else if (got == 'l')
			out->latency = number(optarg, 0, 10000, "latency");
		else
			exit(2);
	}
}

/* Before anything is dialled; the dialler would refuse it as well. */
static void
check_host(const char *host)
{
	if (strcmp(host, "localhost") != 0 && strcmp(host, "::1") != 0 &&
	    strncmp(host, "127.", 4) != 0)
		die("only loopback hosts are measured", NULL);
}

static bool
is_wanted(const struct options *options, const struct setting_of_run *setting)
{
	const char *dkim = setting->dkim == SEALED_DKIM ? "on" : "off";

	if (options->dkim && strcmp(options->dkim, dkim) != 0)
		return false;
	if (options->tls)
		return strcmp(options->tls, relay_tls_name(setting->tls)) == 0;
	return setting->tls != RELAY_TLS_IMPLICIT;
}

int
main(int argc, char **argv)
{
	static const struct setting_of_run settings[] = {
	    {RELAY_TLS_NONE, SEALED_NO_DKIM, "plain"},
	    {RELAY_TLS_VERIFY, SEALED_NO_DKIM, "STARTTLS"},
	    {RELAY_TLS_NONE, SEALED_DKIM, "DKIM"},
	    {RELAY_TLS_VERIFY, SEALED_DKIM, "STARTTLS, DKIM"},
	    {RELAY_TLS_IMPLICIT, SEALED_NO_DKIM, "TLS"},
	    {RELAY_TLS_IMPLICIT, SEALED_DKIM, "TLS, DKIM"},
	};
	struct options options = {
	    .host = "127.0.0.1",
	    .count = 3000,
	    .connections = 10,
	    .runs = 3,
	};
	int measured = 0;

	read_options(argc, argv, &options);
	check_host(options.host);
	bench_machine();
	printf("%d messages a run, %d connections, medians of %d runs, %s\n",
	    options.count, options.connections, options.runs,
	    options.port ? "to the server given" : "to a sink in this process");
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (!is_wanted(&options, &settings[i]))
			continue;
		measure(&options, &settings[i]);
		measured++;
	}
	if (!measured)
		die("nothing fits these options", NULL);
	return 0;
}
