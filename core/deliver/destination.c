/* Which rows are looked up, which wait for whom, and which wait for better
 * times in the ledger.  Memory is bounded by the limits of the header: a row
 * that finds its destination's queue full, or its hosts out of reach, goes back
 * to the ledger as deferred, so that one that is slow or dead never stands
 * before the others.  That is also the retry queue: there is no other. */
#include "core/deliver/destination.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/finder.h"
#include "core/deliver/policies.h"

enum {
	FINDERS = 12,
	TICK_MS = 20,
	TAKE_MAX = 64, /* rows of a group in one round */
	BUCKETS = 4096,
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	SHUN_MS = 15 * MINUTE_MS, /* a destination that could not be used */
	SOON_MS = 30 * 1000       /* its queue is full */
};

/* What the ledger says about a row that was not sent. */
struct verdict {
	const char *class, *enhanced;
	bool final;
};

/* A destination: a route, and until when it is let alone. */
struct destination {
	struct destination *next;
	struct digest key;
	struct route *route;    /* of the run */
	int64_t shunned_ms;     /* steady: nothing is queued before */
	struct verdict verdict; /* on rows that meet it then */
	int64_t used_ms;        /* steady: when a row last came */
	int64_t slot_ms;        /* steady: when the last postponed one comes */
};

enum domain_state { DOMAIN_ASKED, DOMAIN_FOUND, DOMAIN_REFUSED, DOMAIN_LATER };

struct domain {
	struct domain *next; /* in its bucket */
	enum domain_state state;
	int64_t until_ms;       /* steady: then it is looked up again */
	struct destination *to; /* FOUND, or as it was before it was asked */
	enum err_code why;      /* REFUSED, LATER */
	struct claim *wait, **wait_tail; /* ASKED: held rows */
	char name[];
};

struct destinations {
	struct run *run;      /* borrowed */
	struct route *direct; /* borrowed */
	struct tls_context *tls;
	struct sts_shelf *shelf;
	struct finder *finder;
	struct domain *bucket[BUCKETS];
	struct destination *first;
	int domains, count;
	atomic_bool stop;
	pthread_t thread;
	bool started;
};

static int64_t
steady_ms(const struct destinations *it)
{
	return clock_steady_ms(it->run->world->clock);
}

/* ---- Back to the ledger ------------------------------------------------------ */

static struct verdict
verdict_of(enum err_code why)
{
	switch (why) {
	case E_DNS_NONE:
		return (struct verdict){"H2", "5.1.2", true};
	case E_MX_NULL:
		return (struct verdict){"H2", "5.1.10", true};
	case E_MX_UNUSABLE:
		return (struct verdict){"H2", "5.4.4", true};
	case E_STS_HOSTS:
	case E_TLS_VERIFY:
	case E_TLS_HANDSHAKE:
	case E_TLS_MISSING:
	case E_TLS_INJECT:
		return (struct verdict){"T", "4.7.10", false};
	case E_DNS_LATER:
	case E_DNS_BOGUS:
		return (struct verdict){"S4", "4.4.3", false};
	case E_MX_LOOP:
		return (struct verdict){"S4", "4.4.6", false};
	default:
		return (struct verdict){err_name(why), "", false};
	}
}

/* What a host said instead of a greeting is classified like any reply. */
static struct verdict
verdict_on_route(const struct destinations *it, const struct route *route)
{
	const struct outcome_rule *rule;
	struct outcome_reply said;

	if (!route_refusal(route, &route->why, &said))
		return verdict_of(route->why.code);
	rule = outcome_book_classify(it->run->book, &said);
	return (struct verdict){.class = outcome_class_name(rule->class)};
}

/* Writes how a held row ended; the verdict NULL puts it back untouched. */
static void
end_row(struct destinations *it, struct claim **taken,
    const struct verdict *verdict, bool tried, int64_t wait_ms)
{
	struct run *run = it->run;
	struct ledger_end end = {
	    .to = LEDGER_PLANNED,
	    .attempt = (*taken)->attempt + tried,
	    .at_ms = clock_now_ms(run->world->clock),
	};

	if (verdict) {
		end.class = verdict->class;
		end.enhanced = verdict->enhanced;
		end.next_ms = end.at_ms + wait_ms;
		end.to = verdict->final || end.attempt >= run->max_attempts ||
				 end.next_ms >= run->give_up_ms
			     ? LEDGER_FAILED
			     : LEDGER_DEFERRED;
	}
	if (end.to != LEDGER_DEFERRED)
		end.next_ms = 0;
	if (end.to == LEDGER_FAILED && !*end.class)
		end.class = outcome_class_name(OUTCOME_X);
	run_return(run, it->direct, taken, &end);
}

/* The domain or its hosts were tried in vain. */
static void
fail_row(struct destinations *it, struct claim **taken,
    const struct verdict *verdict)
{
	uint32_t dice;

	crypt_random(&dice, sizeof dice);
	end_row(it, taken, verdict, true,
	    outcome_delay_ms(SCHEDULE_SYSTEM, (*taken)->attempt + 1, dice));
}

/* Nothing was tried: the row comes again after about ms. */
static void
postpone_row(struct destinations *it, struct claim **taken,
    const struct verdict *verdict, int64_t ms)
{
	uint32_t dice;

	crypt_random(&dice, sizeof dice);
	end_row(it, taken, verdict, false, ms + ms * (dice % 100) / 500);
}

/* ---- Destinations ------------------------------------------------------------ */

static int
by_host(const void *a, const void *b)
{
	const struct lookup_target *const *x = a, *const *y = b;
	int order = strcmp((*x)->host, (*y)->host);

	return order ? order : (*x)->preference - (*y)->preference;
}

static void
add_to_key(const struct lookup_target *target, struct buf *text)
{
	buf_printf(text, "%u %s %s %s", target->preference, target->host,
	    target->policy, target->also ? target->also : "");
	for (size_t i = 0; i < target->tlsa_count; i++) {
		buf_printf(text, " %u%u%u", target->tlsa[i].usage,
		    target->tlsa[i].selector, target->tlsa[i].matching);
		buf_add(text, target->tlsa[i].data);
	}
	buf_char(text, '\n');
}

/* What makes two domains share their sessions: the same hosts in the same
 * preference with the same demands; which of equal ones came first, and their
 * addresses, do not matter. */
static void
key_of(const struct lookup *lookup, struct digest *out)
{
	const struct lookup_target *sorted[LOOKUP_TARGETS_MAX];
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < lookup->count; i++)
		sorted[i] = &lookup->target[i];
	qsort(sorted, lookup->count, sizeof *sorted, by_host);
	for (size_t i = 0; i < lookup->count; i++) {
		if (!i || by_host(&sorted[i - 1], &sorted[i]) != 0)
			add_to_key(sorted[i], &text);
	}
	crypt_sha256(buf_span(&text), out);
	buf_done(&text);
}

static struct route *
new_route(struct destinations *it, const struct lookup *lookup)
{
	struct relay_config *relay = &it->direct->hop[0]->relay;
	const char *host = lookup->target[0].host;
	enum group group = group_of_mx(span_of(host));
	const struct group_limits *limits = group_limits(group);
	struct route_plan plan = {
	    .kind = ROUTE_DESTINATION,
	    .parent = it->direct,
	    .relay = relay->id,
	    .name = host,
	    .group = group,
	    .share = 1,
	    .sessions = limits->sessions,
	    .per_session = limits->per_session < relay->per_session
			       ? limits->per_session
			       : relay->per_session,
	    .day_left = -1,
	};
	struct route *route = route_new(&plan, steady_ms(it));

	if (group == GROUP_OTHER)
		route_limit(
		    route, limits->rate, limits->rate_cap, steady_ms(it));
	return route;
}

/* Gives a route that nobody uses the hops of a lookup. */
static void
aim(struct destinations *it, struct route *route, const struct lookup *lookup)
{
	const struct hop *us = it->direct->hop[0];

	for (size_t i = 0; i < lookup->count; i++) {
		struct hop *hop = hop_direct(&lookup->target[i], us->target.tls,
		    us->target.ehlo, it->tls);

		hop->relay.require_tls = us->relay.require_tls;
		route_add_hop(route, &hop);
	}
}

static struct destination *
find_destination(const struct destinations *it, const struct digest *key)
{
	struct destination *found = it->first;

	while (found && !digest_equal(&found->key, key))
		found = found->next;
	return found;
}

/* Of the destinations without rows and sessions the one that was used least
 * recently; NULL when there is none. */
static struct destination *
find_idle(struct destinations *it)
{
	struct destination *found = NULL;

	pthread_mutex_lock(&it->run->lock);
	for (struct destination *to = it->first; to; to = to->next) {
		if (!to->route->open && !to->route->queued &&
		    (!found || to->used_ms < found->used_ms))
			found = to;
	}
	pthread_mutex_unlock(&it->run->lock);
	return found;
}

/* Domains that led to a destination are looked up again when they come. */
static void
detach(struct destinations *it, const struct destination *to)
{
	for (int i = 0; i < BUCKETS; i++) {
		for (struct domain *d = it->bucket[i]; d; d = d->next) {
			if (d->to != to)
				continue;
			d->to = NULL;
			if (d->state == DOMAIN_FOUND)
				d->until_ms = 0;
		}
	}
}

/* Makes a destination, or gives an idle one another meaning; NULL when there
 * are too many. */
static struct destination *
make_destination(struct destinations *it, const struct lookup *lookup)
{
	struct route *route = new_route(it, lookup);
	struct destination *made = NULL;

	aim(it, route, lookup);
	if (it->count < DESTINATIONS_MAX) {
		made = mem_new(sizeof *made);
		made->used_ms = steady_ms(it);
		made->route = run_add_route(it->run, &route);
		made->next = it->first;
		it->first = made;
		it->count++;
		return made;
	}
	made = find_idle(it);
	if (made) {
		detach(it, made);
		pthread_mutex_lock(&it->run->lock);
		route_swap(made->route, route);
		pthread_mutex_unlock(&it->run->lock);
		made->shunned_ms = made->slot_ms = 0;
		made->used_ms = steady_ms(it);
	}
	route_free(&route);
	return made;
}

/* The destination of a lookup, new or known; NULL when there are too many. */
static struct destination *
need_destination(struct destinations *it, struct lookup *lookup)
{
	struct destination *found;
	struct digest key;

	key_of(lookup, &key);
	found = find_destination(it, &key);
	if (!found) {
		found = make_destination(it, lookup);
		if (found)
			found->key = key;
	}
	return found;
}

/* What keeps a destination from being used, and until when; 0: nothing.  A
 * route that was stopped or suspended gets its time here and is then tried
 * anew, as after any other failure. */
static int64_t
shunned_until(struct destinations *it, struct destination *to, int64_t now_ms)
{
	struct route *route = to->route;
	int64_t until_ms = 0;

	pthread_mutex_lock(&it->run->lock);
	if (route->state == RUN_PART_RESTING)
		until_ms = route->pace.dial_after_ms;
	else if (route->state == RUN_PART_SUSPENDED && route->until_ms)
		until_ms = route->until_ms;
	else if (route->state > RUN_PART_RESTING && !to->shunned_ms)
		until_ms = to->shunned_ms = now_ms + SHUN_MS;
	if (route->state != RUN_PART_UP)
		to->verdict = verdict_on_route(it, route);
	if (to->shunned_ms && now_ms >= to->shunned_ms) {
		route_use(route, now_ms);
		to->shunned_ms = 0;
	}
	pthread_mutex_unlock(&it->run->lock);
	if (to->shunned_ms > until_ms)
		until_ms = to->shunned_ms;
	return until_ms > now_ms ? until_ms : 0;
}

static int
queued(struct destinations *it, const struct route *route)
{
	int rows;

	pthread_mutex_lock(&it->run->lock);
	rows = route->queued;
	pthread_mutex_unlock(&it->run->lock);
	return rows;
}

static const struct verdict full = {"", "", false};

/* How long a row stays away whose destination has its queue full.  Each gets a
 * time of its own, at twice the pace at which they are sent, so that the ledger
 * is not written for nothing and a pace that grows finds enough rows. */
static int64_t
stay_away_ms(struct destinations *it, struct destination *to, int64_t now_ms)
{
	const struct route *route = to->route;
	int64_t rate = group_limits((enum group)route->group)->rate;

	pthread_mutex_lock(&it->run->lock);
	if (route->pace.slow.rate)
		rate = route->pace.slow.rate / PACE_MILLI;
	pthread_mutex_unlock(&it->run->lock);
	if (to->slot_ms < now_ms + SOON_MS)
		to->slot_ms = now_ms + SOON_MS;
	if (to->slot_ms < now_ms + HOUR_MS)
		to->slot_ms += 1000 / (2 * (rate > 0 ? rate : 1)) + 1;
	return to->slot_ms - now_ms;
}

/* Puts a held row where it belongs. */
static void
queue_row(struct destinations *it, struct destination *to, struct claim **taken,
    int64_t now_ms)
{
	int64_t until_ms = shunned_until(it, to, now_ms);

	to->used_ms = now_ms;
	if (until_ms && until_ms < now_ms + MINUTE_MS)
		until_ms = now_ms + MINUTE_MS;
	if (until_ms)
		postpone_row(it, taken, &to->verdict, until_ms - now_ms);
	else if (queued(it, to->route) >= DESTINATION_QUEUE)
		postpone_row(it, taken, &full, stay_away_ms(it, to, now_ms));
	else
		run_queue(it->run, to->route, taken);
}

/* Rows that wait for a destination which has failed since go back. */
static void
sweep_destinations(struct destinations *it, int64_t now_ms)
{
	for (struct destination *to = it->first; to; to = to->next) {
		struct claim *claim;

		if (!queued(it, to->route) || !shunned_until(it, to, now_ms))
			continue;
		while ((claim = run_unqueue(it->run, to->route)) != NULL)
			fail_row(it, &claim, &to->verdict);
	}
}

/* ---- Domains ----------------------------------------------------------------- */

static struct domain **
bucket_of(struct destinations *it, struct span name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.ptr[i]) * 16777619u;
	return &it->bucket[hash % BUCKETS];
}

static struct domain *
find_domain(struct destinations *it, struct span name)
{
	struct domain *found = *bucket_of(it, name);

	while (found && !span_equal(span_of(found->name), name))
		found = found->next;
	return found;
}

/* Forgets domains that are out of date and that nobody waits for. */
static void
forget_domains(struct destinations *it, int64_t now_ms)
{
	for (int i = 0; i < BUCKETS; i++) {
		struct domain **at = &it->bucket[i];

		while (*at) {
			struct domain *domain = *at;

			if (domain->state == DOMAIN_ASKED ||
			    now_ms < domain->until_ms) {
				at = &domain->next;
				continue;
			}
			*at = domain->next;
			free(domain);
			it->domains--;
		}
	}
}

/* The domain, known or to be asked about; NULL when there are too many. */
static struct domain *
need_domain(struct destinations *it, struct span name, int64_t now_ms)
{
	struct domain *domain = find_domain(it, name), **bucket;

	if (domain)
		return domain;
	if (it->domains >= DESTINATION_DOMAINS)
		forget_domains(it, now_ms);
	if (it->domains >= DESTINATION_DOMAINS)
		return NULL;
	domain = mem_new(sizeof *domain + name.len + 1);
	span_text(domain->name, name.len + 1, name);
	domain->state = DOMAIN_LATER;
	domain->until_ms = now_ms;
	domain->wait_tail = &domain->wait;
	bucket = bucket_of(it, name);
	domain->next = *bucket;
	*bucket = domain;
	it->domains++;
	return domain;
}

static void
wait_for_domain(struct domain *domain, struct claim **taken)
{
	(*taken)->next = NULL;
	*domain->wait_tail = *taken;
	domain->wait_tail = &(*taken)->next;
	*taken = NULL;
}

/* Does with a row what is known about its domain. */
static void
place_row(struct destinations *it, struct domain *domain, struct claim **taken,
    int64_t now_ms)
{
	struct verdict verdict = verdict_of(domain->why);

	switch (domain->state) {
	case DOMAIN_ASKED:
		wait_for_domain(domain, taken);
		break;
	case DOMAIN_FOUND:
		queue_row(it, domain->to, taken, now_ms);
		break;
	case DOMAIN_REFUSED:
	case DOMAIN_LATER:
		/* without a reason there was merely no room for it */
		if (domain->why == E_NONE)
			postpone_row(it, taken, &full, SOON_MS);
		else
			fail_row(it, taken, &verdict);
		break;
	}
}

static void
sort_row(struct destinations *it, struct claim **taken, int64_t now_ms)
{
	struct span name = (*taken)->canon;
	struct domain *domain;

	name = span_slice(name, span_index(name, '@') + 1, name.len);
	domain = need_domain(it, name, now_ms);
	if (!domain) {
		end_row(it, taken, NULL, false, 0);
		return;
	}
	if (domain->state != DOMAIN_ASKED && now_ms >= domain->until_ms) {
		domain->state = DOMAIN_ASKED;
		finder_ask(it->finder, name);
	}
	place_row(it, domain, taken, now_ms);
}

/* ---- Findings ---------------------------------------------------------------- */

static void
learn(struct destinations *it, struct domain *domain, struct finding *finding,
    int64_t now_ms)
{
	struct lookup *lookup = &finding->lookup;
	struct destination *to = NULL;

	domain->until_ms = now_ms + (int64_t)lookup->ttl_s * 1000;
	domain->why = lookup->why.code;
	domain->state =
	    lookup->kind == MX_REFUSED ? DOMAIN_REFUSED : DOMAIN_LATER;
	if (finding->failed)
		domain->why = finding->err.code;
	else if (lookup->kind <= MX_IMPLICIT)
		to = need_destination(it, lookup);
	if (to)
		domain->state = DOMAIN_FOUND;
	else if (domain->why == E_NONE)
		domain->until_ms = now_ms + SOON_MS;
	domain->to = to;
}

/* Takes what the finder has found; true when there was something. */
static bool
take_findings(struct destinations *it, int64_t now_ms)
{
	struct finding *found = finder_take(it->finder);
	bool any = found != NULL;

	for (struct finding *f = found; f; f = f->next) {
		struct domain *domain = find_domain(it, span_of(f->domain));
		struct claim *wait = domain->wait;

		domain->wait = NULL;
		domain->wait_tail = &domain->wait;
		if (f->failed && f->err.code == E_DNS_SETUP)
			run_guard(it->run, &f->err);
		learn(it, domain, f, now_ms);
		while (wait) {
			struct claim *claim = wait;

			wait = claim->next;
			claim->next = NULL;
			place_row(it, domain, &claim, now_ms);
		}
	}
	finding_free(&found);
	return any;
}

/* ---- The thread -------------------------------------------------------------- */

/* How many rows of a group may be taken now. */
static int
room(struct destinations *it, int group)
{
	struct run *run = it->run;
	int all, own;

	pthread_mutex_lock(&run->lock);
	all = DESTINATION_ROWS - run->held;
	own = DESTINATION_GROUP_ROWS - run->held_of[group];
	pthread_mutex_unlock(&run->lock);
	if (group == GROUP_OTHER || all < own)
		return all;
	return own;
}

/* Takes rows of each group in turn; true when there were any. */
static bool
take_rows(struct destinations *it, int64_t now_ms)
{
	struct scribe_figures figures;
	bool any = false;

	scribe_figures(it->run->scribe, &figures);
	for (int group = 0; figures.ready && group < GROUP_COUNT; group++) {
		int count = figures.group_ready[group];
		struct claim *claim;

		if (count && count > room(it, group))
			count = room(it, group);
		for (int i = 0; i < count && i < TAKE_MAX; i++) {
			claim = run_hold(it->run, it->direct, group);
			if (!claim)
				break;
			sort_row(it, &claim, now_ms);
			any = true;
		}
	}
	return any;
}

/* Gives back all rows that are held. */
static void
drain(struct destinations *it)
{
	struct claim *claim;

	for (struct destination *to = it->first; to; to = to->next) {
		while ((claim = run_unqueue(it->run, to->route)) != NULL)
			end_row(it, &claim, NULL, false, 0);
	}
	for (int i = 0; i < BUCKETS; i++) {
		for (struct domain *d = it->bucket[i]; d; d = d->next) {
			while ((claim = d->wait) != NULL) {
				d->wait = claim->next;
				claim->next = NULL;
				end_row(it, &claim, NULL, false, 0);
			}
			d->wait_tail = &d->wait;
		}
	}
}

static void *
sorter_main(void *arg)
{
	struct destinations *it = arg;
	int64_t now_ms;
	bool any;

	while (!atomic_load(&it->stop)) {
		now_ms = steady_ms(it);
		any = take_findings(it, now_ms);
		sweep_destinations(it, now_ms);
		if (run_order(it->run) >= ORDER_STOP)
			drain(it);
		else if (run_order(it->run) == ORDER_GO)
			any = take_rows(it, now_ms) || any;
		if (any)
			run_wake(it->run);
		else
			finder_wait(it->finder, TICK_MS);
	}
	return NULL;
}

/* ---- Beginning and end ------------------------------------------------------- */

int
destinations_new(struct run *run, struct route *direct,
    struct destinations **out, struct err *err)
{
	const struct exchange_target *us = &direct->hop[0]->target;
	struct destinations *it;

	if (!run->world->resolver) {
		err_set(err, E_DNS_SETUP);
		return err_fact(err, "what", SPAN("resolver"));
	}
	it = mem_new(sizeof *it);
	it->run = run;
	it->direct = direct;
	it->shelf = policies_new(run->store);
	if (tls_context_new(us->ca_file, &it->tls, err) < 0) {
		destinations_stop(&it);
		return -1;
	}
	*out = it;
	return 0;
}

int
destinations_start(struct destinations *it, struct err *err)
{
	struct finder_params params = {
	    .resolver = it->run->world->resolver,
	    .dialler = it->run->world->dialler,
	    .tls = it->tls,
	    .shelf = it->shelf,
	    .clock = it->run->world->clock,
	    .self = it->direct->hop[0]->target.ehlo,
	    .threads = FINDERS,
	};
	int failed;

	if (finder_new(&params, &it->finder, err) < 0)
		return -1;
	failed = pthread_create(&it->thread, NULL, sorter_main, it);
	if (failed)
		return err_sys(err, E_THREAD, failed);
	pthread_setname_np(it->thread, "sorter");
	it->started = true;
	return 0;
}

static void
free_tables(struct destinations *it)
{
	for (int i = 0; i < BUCKETS; i++) {
		while (it->bucket[i]) {
			struct domain *next = it->bucket[i]->next;

			free(it->bucket[i]);
			it->bucket[i] = next;
		}
	}
	while (it->first) {
		struct destination *next = it->first->next;

		free(it->first);
		it->first = next;
	}
}

void
destinations_stop(struct destinations **destinations)
{
	struct destinations *it = *destinations;

	if (!it)
		return;
	atomic_store(&it->stop, true);
	if (it->started)
		pthread_join(it->thread, NULL);
	finder_free(&it->finder);
	if (it->started)
		drain(it);
	free_tables(it);
	policies_free(&it->shelf);
	tls_context_free(&it->tls);
	free(it);
	*destinations = NULL;
}
