/* The screen while a delivery runs at full speed: how long a key takes until
 * it is painted, and how many octets a second the terminal has to carry when
 * nobody touches it.  The real program on a pseudo terminal, the real engine,
 * the counting relay. */
#include <signal.h>
#include <time.h>

#include "core/net/dial.h"
#include "tests/bench/bench.h"
#include "tests/fake/desk.h"
#include "tests/fake/sealed.h"
#include "tests/fake/sink.h"
#include "tests/unit/unit.h"

enum { PEOPLE = 200000, KEYS = 300, QUIET_S = 4 };

static double
wall_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
come_to_delivery(struct desk *desk)
{
	char number[16];

	desk_start(desk, NULL);
	desk_sign_in(desk);
	desk_wait(desk, "Passphrase of the store");
	desk_enter(desk, DESK_PASSPHRASE);
	desk_wait(desk, "Home");
	pty_keys(desk->pty, "3 Enter ^N ^N");
	desk_wait(desk, "Type the number of mails to send:");
	snprintf(number, sizeof number, "%d", PEOPLE);
	pty_type(desk->pty, number);
	pty_keys(desk->pty, "^N");
	pty_wait_text(desk->pty, "RUNNING");
}

/* Octets a second while nobody types. */
static double
quiet_octets(struct desk *desk)
{
	size_t before = pty_output(desk->pty).len;
	double from = wall_s();

	pty_watch(desk->pty, QUIET_S * 1000);
	return (double)(pty_output(desk->pty).len - before) / (wall_s() - from);
}

/* The time of the slowest key in a hundred, ms. */
static double
slow_key_ms(struct desk *desk, double *median)
{
	static double took[KEYS];

	for (int i = 0; i < KEYS; i++) {
		double from = wall_s();

		pty_keys(desk->pty, i % 2 ? "k" : "j");
		took[i] = (wall_s() - from) * 1e3;
	}
	*median = bench_median(took, KEYS);
	return took[KEYS * 99 / 100];
}

int
main(void)
{
	struct world world = {
	    .clock = clock_real(), .dialler = dialler_loopback_only()};
	const char *missing = desk_missing();
	char json[SINK_JSON_MAX];
	struct sealed_plan plan = {.recipients = PEOPLE,
	    .class = CLASS_NOTICE,
	    .dkim = SEALED_NO_DKIM,
	    .tls = RELAY_TLS_VERIFY,
	    .sessions = 10,
	    .per_session = 10000};
	struct store *store;
	struct sink sink;
	struct desk desk;
	double median, slow, octets;

	if (missing) {
		printf("SKIP the screen at full speed: %s\n", missing);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	bench_machine();
	desk_open(&desk, "en");
	sink_start(&sink, &(struct sink_params){"starttls", "on", 0}, desk.dir);
	plan.port = sink.port;
	plan.ca_file = sink.ca;
	store = desk_make_store(&desk);
	sealed_campaign(store, &world, &plan);
	store_close(&store);
	come_to_delivery(&desk);
	octets = quiet_octets(&desk);
	slow = slow_key_ms(&desk, &median);
	if (!pty_shows(desk.pty, "RUNNING")) {
		fprintf(stderr, "bench_screen: the delivery ended before the "
				"measuring did\n");
		return 1;
	}
	printf("delivery screen 80x24 at full speed: %.0f octets/s, key to "
	       "idle median %.1f ms, 99 of 100 within %.1f ms\n",
	    octets, median, slow);
	desk_kill(&desk);
	sink_stop(&sink, json);
	desk_close(&desk);
	return 0;
}
