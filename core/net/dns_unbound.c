/* The real resolver.  Validation is done here, in our own process, by
 * libunbound: what a forwarder on the way says about DNSSEC is never believed.
 * It asks the authoritative servers itself, unless the configuration file names
 * a forwarder.  Its thread does the work, ours ("dns") carries answers to
 * whoever waits. */
#include "core/net/dns.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unbound.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { PUMP_MS = 200, WAIT_MS = 100, SERVFAIL_TTL_S = 60 };

/* Without a network no question is ever answered.  While nothing has been heard
 * for HEARD_MS a question waits DEAF_MS only, and when that has passed in silence
 * for DEAF_QUESTIONS the ones after them do not wait at all for SILENT_MS. */
enum {
	HEARD_MS = 5 * 60 * 1000,
	DEAF_MS = 8000,
	DEAF_QUESTIONS = 3,
	SILENT_MS = 60 * 1000
};

/* Kept up to date by Debian's dns-root-data. */
static const char anchor_file[] = "/usr/share/dns/root.key";

/* The root's keys of 2017 and 2024, for systems without that file. */
static const char *const anchors[] = {
    ". IN DS 20326 8 2 "
    "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 "
    "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

struct unbound {
	struct resolver port;
	char *config, *anchor, *stub, *zones; /* owned, may be NULL */
	pthread_mutex_t lock;                 /* all below, and questions */
	pthread_cond_t answered;
	struct ub_ctx *ub;       /* NULL before the first question */
	int64_t heard_ms;        /* when the last answer came; 0: none */
	int64_t silent_until_ms; /* nobody answers: do not wait till then */
	int unanswered;          /* since then */
	pthread_t pump;
	atomic_bool stop;
};

/* A question under way; held by the one who waits and by libunbound. */
struct pending {
	struct unbound *owner; /* borrowed */
	int holders;
	bool done;
	int failed;               /* of libunbound; 0: result is there */
	struct ub_result *result; /* owned */
};

/* ---- Setting up ------------------------------------------------------------ */

static int
setup_failed(const char *what, int why, struct err *err)
{
	err_set(err, E_DNS_SETUP);
	err_fact(err, "what", span_of(what));
	return err_fact(err, "why", span_of(ub_strerror(why)));
}

static int
add_anchors(struct unbound *it)
{
	const char *file = it->anchor ? it->anchor : anchor_file;
	int failed = 0;

	if (it->anchor || access(file, R_OK) == 0)
		return ub_ctx_add_ta_file(it->ub, file);
	for (size_t i = 0; !failed && i < sizeof anchors / sizeof *anchors; i++)
		failed = ub_ctx_add_ta(it->ub, anchors[i]);
	return failed;
}

typedef int zone_deed(struct unbound *it, const char *zone);

static int
stub_zone(struct unbound *it, const char *zone)
{
	return ub_ctx_set_stub(it->ub, zone, it->stub, 0);
}

static int
ask_zone(struct unbound *it, const char *zone)
{
	return ub_ctx_zone_add(it->ub, zone, "transparent");
}

static int
each_zone(struct unbound *it, zone_deed *deed)
{
	struct span rest = span_of(it->zones);
	int failed = 0;

	while (!failed && rest.len) {
		char *zone = mem_text(span_cut(&rest, ' '));

		if (*zone)
			failed = deed(it, zone);
		free(zone);
	}
	return failed;
}

/* With a server of its own zones, nothing else is asked anywhere.  Zones come
 * last: after them libunbound takes no options. */
static int
add_stubs(struct unbound *it)
{
	int failed;

	if (!it->stub)
		return 0;
	failed = ub_ctx_set_option(it->ub, "do-not-query-localhost:", "no");
	if (!failed)
		failed = each_zone(it, stub_zone);
	if (!failed)
		failed = ub_ctx_zone_add(it->ub, ".", "refuse");
	return failed ? failed : each_zone(it, ask_zone);
}

/* Little memory, and no second guess about what we connect to. */
static int
set_options(struct ub_ctx *ub)
{
	static const char *const option[][2] = {
	    {"msg-cache-size:", "4m"},
	    {"rrset-cache-size:", "8m"},
	    {"key-cache-size:", "2m"},
	    {"neg-cache-size:", "1m"},
	    {"outgoing-range:", "512"},
	    {"num-queries-per-thread:", "256"},
	    {"edns-buffer-size:", "1232"},
	    {"harden-below-nxdomain:", "yes"},
	    {"qname-minimisation:", "yes"},
	};
	int failed = 0;

	for (size_t i = 0; !failed && i < sizeof option / sizeof *option; i++)
		failed = ub_ctx_set_option(ub, option[i][0], option[i][1]);
	return failed;
}

static int
configure(struct unbound *it, struct err *err)
{
	int failed = set_options(it->ub);

	if (failed)
		return setup_failed("options", failed, err);
	failed = add_anchors(it);
	if (failed)
		return setup_failed("anchor", failed, err);
	if (it->config && access(it->config, F_OK) == 0)
		failed = ub_ctx_config(it->ub, it->config);
	if (failed)
		return setup_failed(it->config, failed, err);
	failed = ub_ctx_async(it->ub, 1);
	if (!failed)
		failed = add_stubs(it);
	return failed ? setup_failed("stub", failed, err) : 0;
}

static void *
pump_main(void *arg)
{
	struct unbound *it = arg;
	struct pollfd fd = {.fd = ub_fd(it->ub), .events = POLLIN};

	while (!atomic_load(&it->stop)) {
		if (poll(&fd, 1, PUMP_MS) > 0)
			ub_process(it->ub);
	}
	return NULL;
}

/* The context, made at the first question; locked. */
static int
need_context(struct unbound *it, struct err *err)
{
	int failed = 0;

	if (it->ub)
		return 0;
	it->ub = ub_ctx_create();
	if (!it->ub)
		return setup_failed("context", UB_NOMEM, err);
	/* it would write to the terminal otherwise */
	ub_ctx_debugout(it->ub, NULL);
	if (configure(it, err) < 0)
		goto fail;
	failed = pthread_create(&it->pump, NULL, pump_main, it);
	if (failed) {
		err_sys(err, E_THREAD, failed);
		goto fail;
	}
	pthread_setname_np(it->pump, "dns");
	return 0;
fail:
	ub_ctx_delete(it->ub);
	it->ub = NULL;
	return -1;
}

/* ---- Asking ---------------------------------------------------------------- */

/* So many holders less; locked. */
static void
let_go(struct pending *pending, int holders)
{
	pending->holders -= holders;
	if (pending->holders)
		return;
	ub_resolve_free(pending->result);
	free(pending);
}

static int64_t
real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* On the pump's thread. */
static void
on_answer(void *arg, int failed, struct ub_result *result)
{
	struct pending *pending = arg;
	struct unbound *it = pending->owner;

	pthread_mutex_lock(&it->lock);
	pending->failed = failed;
	pending->result = failed ? NULL : result;
	pending->done = true;
	it->heard_ms = real_ms();
	it->silent_until_ms = 0;
	it->unanswered = 0;
	let_go(pending, 1);
	pthread_cond_broadcast(&it->answered);
	pthread_mutex_unlock(&it->lock);
}

static bool
is_cancelled(const struct dns_question *what)
{
	return what->cancel && atomic_load(what->cancel);
}

/* How long a question may wait now; locked. */
static int64_t
patience_ms(const struct unbound *it, int64_t now_ms)
{
	if (now_ms < it->silent_until_ms)
		return 0;
	if (it->heard_ms && now_ms - it->heard_ms < HEARD_MS)
		return DNS_LIMIT_MS;
	return DEAF_MS;
}

/* Waits for the answer, the limit or the order to stop; locked. */
static void
wait_for(struct pending *pending, const struct dns_question *what)
{
	struct unbound *it = pending->owner;
	int64_t began_ms = real_ms(), next_ms;
	struct timespec next;

	while (!pending->done && !is_cancelled(what) &&
	       real_ms() < began_ms + patience_ms(it, began_ms)) {
		next_ms = real_ms() + WAIT_MS;
		next.tv_sec = next_ms / 1000;
		next.tv_nsec = (long)(next_ms % 1000) * 1000000L;
		pthread_cond_timedwait(&it->answered, &it->lock, &next);
	}
	if (pending->done || is_cancelled(what) ||
	    real_ms() < it->silent_until_ms ||
	    patience_ms(it, began_ms) != DEAF_MS)
		return;
	if (++it->unanswered >= DEAF_QUESTIONS)
		it->silent_until_ms = real_ms() + SILENT_MS;
}

static enum dns_status
status_of(const struct ub_result *result)
{
	if (result->bogus)
		return DNS_BOGUS;
	if (result->havedata)
		return DNS_FOUND;
	if (result->nxdomain)
		return DNS_NXDOMAIN;
	return result->rcode == 0 ? DNS_NODATA : DNS_SERVFAIL;
}

static void
fill(const struct ub_result *result, const struct dns_question *what,
    struct dns_answer *out)
{
	struct span canon =
	    span_of(result->canonname ? result->canonname : what->name);

	if (canon.len && canon.ptr[canon.len - 1] == '.')
		canon.len--;
	dns_answer_init(out, status_of(result), canon);
	out->secure = result->secure && !result->bogus;
	out->ttl_s = result->ttl > 0 ? (uint32_t)result->ttl : 0;
	if (out->status != DNS_FOUND)
		return;
	for (int i = 0; result->data[i]; i++)
		dns_answer_add(out, what->type,
		    span_make(result->data[i], (size_t)result->len[i]));
	/* there are records, and none that can be read */
	if (!out->count)
		out->status = DNS_SERVFAIL;
}

/* A name as libunbound reads it: what it takes for an escape is escaped. */
static char *
escaped(const char *name)
{
	struct buf text = BUF_INIT;
	char *out;

	for (; *name; name++) {
		if (*name == '\\')
			buf_char(&text, '\\');
		buf_char(&text, *name);
	}
	out = mem_text(buf_span(&text));
	buf_done(&text);
	return out;
}

static int
ask(struct resolver *resolver, const struct dns_question *what,
    struct dns_answer *out, struct err *err)
{
	struct unbound *it = (struct unbound *)resolver;
	struct pending *pending;
	char *name = escaped(what->name);
	int id = 0, rc = 0, failed, ours = 1;

	dns_answer_init(out, DNS_SERVFAIL, span_of(what->name));
	out->ttl_s = SERVFAIL_TTL_S;
	pthread_mutex_lock(&it->lock);
	if (need_context(it, err) < 0) {
		pthread_mutex_unlock(&it->lock);
		free(name);
		return -1;
	}
	pending = mem_new(sizeof *pending);
	pending->owner = it;
	pending->holders = 2;
	failed = ub_resolve_async(
	    it->ub, name, what->type, 1, pending, on_answer, &id);
	if (!failed)
		wait_for(pending, what);
	if (pending->result)
		fill(pending->result, what, out);
	else if (failed)
		rc = setup_failed("start", failed, err);
	else if (is_cancelled(what))
		rc = err_set(err, E_CANCELLED);
	/* else an answer may be on its way to on_answer(), which lets go */
	if (failed || (!pending->done && ub_cancel(it->ub, id) == 0))
		ours = 2;
	let_go(pending, ours);
	pthread_mutex_unlock(&it->lock);
	free(name);
	return rc;
}

/* ---- The object ------------------------------------------------------------ */

static char *
copy(const char *text)
{
	return text ? mem_text(span_of(text)) : NULL;
}

struct resolver *
resolver_unbound(const struct dns_options *options)
{
	struct unbound *it = mem_new(sizeof *it);
	pthread_condattr_t attr;

	it->port.ask = ask;
	it->config = copy(options->config);
	it->anchor = copy(options->anchor);
	it->stub = copy(options->stub);
	it->zones = copy(options->zones);
	pthread_mutex_init(&it->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&it->answered, &attr);
	pthread_condattr_destroy(&attr);
	return &it->port;
}

void
resolver_free(struct resolver **resolver)
{
	struct unbound *it = (struct unbound *)*resolver;

	if (!it)
		return;
	if (it->ub) {
		atomic_store(&it->stop, true);
		pthread_join(it->pump, NULL);
		ub_ctx_delete(it->ub);
	}
	pthread_cond_destroy(&it->answered);
	pthread_mutex_destroy(&it->lock);
	free(it->config);
	free(it->anchor);
	free(it->stub);
	free(it->zones);
	free(it);
	*resolver = NULL;
}
