/* From a domain to addresses.  Where several policies speak, DANE comes before
 * MTA-STS before opportunistic TLS; a host that no policy allows is left out,
 * and when none is left the mail waits: it is never sent with less. */
#include "core/net/lookup.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/net/dane.h"

enum { TTL_MIN_S = 60, TTL_MAX_S = 3600, LATER_TTL_S = 60 };

/* One lookup under way. */
struct search {
	const struct lookup_how *how;
	const char *domain;
	struct lookup *out;
	struct mx_list list;
	struct buf policy_text;
	struct sts_policy policy;
	struct err sts_why;
	int64_t started_ms;
	/* why there are no targets: the worst that was met */
	struct err later, refused, forbidden;
};

static int
ask(const struct search *search, const char *name, enum dns_type type,
    struct dns_answer *out, struct err *err)
{
	struct resolver *resolver = search->how->resolver;

	return resolver->ask(resolver,
	    &(struct dns_question){name, type, search->how->cancel}, out, err);
}

static void
use_ttl(struct search *search, uint32_t ttl_s)
{
	if (ttl_s < search->out->ttl_s)
		search->out->ttl_s = ttl_s;
}

/* ---- DANE ------------------------------------------------------------------- */

/* What a host's TLSA records demand; base is the name they were found at. */
struct demand {
	struct dane_set set;
	const char *base;
};

/* Copies the records into the lookup, which outlives the answer. */
static void
copy_records(struct search *search, struct dane_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		set->record[i].data =
		    arena_copy(search->out->arena, set->record[i].data);
}

static int
ask_tlsa(struct search *search, const char *base, struct demand *out,
    struct err *err)
{
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT;
	int rc;

	dane_name(base, &name);
	rc = ask(search, name.ptr, DNS_TLSA, &answer, err);
	if (rc == 0) {
		dane_read(&answer, &out->set);
		copy_records(search, &out->set);
		out->base = arena_copy(search->out->arena, span_of(base)).ptr;
		use_ttl(search, answer.ttl_s);
		if (out->set.state == DANE_LATER) {
			err_set(&search->later, answer.status == DNS_BOGUS
						    ? E_DNS_BOGUS
						    : E_DNS_LATER);
			err_fact(&search->later, "name", buf_span(&name));
			err_fact(&search->later, "status",
			    span_of(dns_status_name(answer.status)));
		}
	}
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

/* RFC 7672 section 2.2.3: at the end of a secure chain of CNAMEs first, then
 * at the name itself. */
static int
ask_dane(struct search *search, const char *host, const char *canon,
    struct demand *out, struct err *err)
{
	if (ask_tlsa(search, canon, out, err) < 0)
		return -1;
	if (out->set.state != DANE_NONE || strcmp(canon, host) == 0)
		return 0;
	return ask_tlsa(search, host, out, err);
}

/* ---- Targets ---------------------------------------------------------------- */

/* Chooses what the TLS with a host must achieve; false when nothing allows the
 * host. */
static bool
choose(struct search *search, const char *host, const struct demand *demand,
    struct lookup_target *out)
{
	const struct sts_policy *policy = &search->policy;

	out->host = demand->base;
	switch (demand->set.state) {
	case DANE_LATER:
		return false;
	case DANE_MATCH:
		out->tls = TLS_LEVEL_DANE;
		out->policy = "dane";
		out->also = search->domain;
		return true;
	case DANE_ENCRYPTED:
		out->tls = TLS_LEVEL_REQUIRED;
		out->policy = "dane-unusable";
		return true;
	case DANE_NONE:
		break;
	}
	out->host = host;
	out->tls = TLS_LEVEL_OPPORTUNISTIC;
	out->policy =
	    policy->mode == STS_TESTING ? "mta-sts-testing" : "opportunistic";
	if (policy->mode != STS_ENFORCE)
		return true;
	out->tls = TLS_LEVEL_VERIFY;
	out->policy = "mta-sts";
	if (sts_allows(policy, host))
		return true;
	err_set(&search->forbidden, E_STS_HOSTS);
	err_fact(&search->forbidden, "domain", span_of(search->domain));
	return false;
}

static void
add_targets(struct search *search, const struct lookup_target *like,
    const struct demand *demand, const struct mx_addresses *addresses)
{
	struct lookup *out = search->out;
	struct tls_tlsa *tlsa = NULL;
	size_t count = like->tls == TLS_LEVEL_DANE ? demand->set.count : 0;

	if (count) {
		tlsa = arena_take(out->arena, count * sizeof *tlsa);
		memcpy(tlsa, demand->set.record, count * sizeof *tlsa);
	}
	for (size_t i = 0; i < addresses->count; i++) {
		struct lookup_target *target = &out->target[out->count];

		if (out->count == LOOKUP_TARGETS_MAX)
			return;
		*target = *like;
		target->tlsa = tlsa;
		target->tlsa_count = count;
		memcpy(target->address, addresses->address[i].text,
		    sizeof target->address);
		out->count++;
	}
}

/* DANE needs a validated way from the domain to the address. */
static bool
is_secure(const struct search *search, const struct dns_answer *v6,
    const struct dns_answer *v4)
{
	return search->list.secure &&
	       ((v6->status == DNS_FOUND && v6->secure) ||
		   (v4->status == DNS_FOUND && v4->secure));
}

static int
find_host(struct search *search, const struct mx_host *mx,
    struct dns_answer *v6, struct dns_answer *v4, struct err *err)
{
	struct lookup_target target = {.preference = mx->preference};
	const char *host =
	    arena_copy(search->out->arena, span_of(mx->name)).ptr;
	struct demand demand = {.base = host};
	struct mx_addresses addresses;
	struct err why = {0};

	if (ask(search, host, DNS_AAAA, v6, err) < 0 ||
	    ask(search, host, DNS_A, v4, err) < 0)
		return -1;
	use_ttl(search, v6->ttl_s);
	use_ttl(search, v4->ttl_s);
	mx_addresses(host, v6, v4, search->how->dice + 1, &addresses, &why);
	if (addresses.kind != MX_HOSTS) {
		*(addresses.kind == MX_LATER ? &search->later
					     : &search->refused) = why;
		return 0;
	}
	if (is_secure(search, v6, v4) &&
	    ask_dane(search, host,
		v6->status == DNS_FOUND && v6->secure ? v6->canon : v4->canon,
		&demand, err) < 0)
		return -1;
	if (choose(search, host, &demand, &target))
		add_targets(search, &target, &demand, &addresses);
	return 0;
}

static int
find_hosts(struct search *search, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < search->list.count; i++) {
		struct dns_answer v6 = {0}, v4 = {0};

		if (search->out->count == LOOKUP_TARGETS_MAX ||
		    (search->out->count &&
			clock_steady_ms(clock_real()) - search->started_ms >
			    LOOKUP_PATIENCE_MS))
			break;
		rc = find_host(search, &search->list.host[i], &v6, &v4, err);
		dns_answer_done(&v6);
		dns_answer_done(&v4);
	}
	return rc;
}

/* ---- The whole -------------------------------------------------------------- */

static void
give_up(struct lookup *out, enum mx_kind kind, const struct err *why)
{
	out->kind = kind;
	out->why = *why;
	if (kind == MX_LATER && out->ttl_s > LATER_TTL_S)
		out->ttl_s = LATER_TTL_S;
}

/* No target: for good only when every host was refused for good. */
static void
sum_up(struct search *search)
{
	struct lookup *out = search->out;

	if (out->count)
		return;
	if (search->forbidden.code != E_NONE)
		give_up(out, MX_LATER, &search->forbidden);
	else if (search->later.code != E_NONE)
		give_up(out, MX_LATER, &search->later);
	else
		give_up(out, MX_REFUSED, &search->refused);
}

static int
find_mx(struct search *search, struct err *err)
{
	struct mx_question question = {
	    search->domain, search->how->self, search->how->dice};
	struct dns_answer answer = {0};
	int rc = ask(search, search->domain, DNS_MX, &answer, err);

	if (rc == 0) {
		mx_read(&question, &answer, &search->list, &search->out->why);
		search->out->kind = search->list.kind;
		use_ttl(search, answer.ttl_s);
	}
	dns_answer_done(&answer);
	return rc;
}

static int
find_policy(struct search *search, struct err *err)
{
	struct lookup *out = search->out;

	if (lookup_sts(search->how, search->domain, &search->policy_text,
		&search->policy, &search->sts_why, err) < 0)
		return -1;
	out->sts = search->policy.mode;
	if (search->sts_why.code == E_DNS_BOGUS)
		give_up(out, MX_LATER, &search->sts_why);
	return 0;
}

int
lookup_domain(const struct lookup_how *how, const char *domain,
    struct lookup *out, struct err *err)
{
	struct search *search = mem_new(sizeof *search);
	int rc;

	memset(out, 0, sizeof *out);
	out->arena = arena_new();
	out->ttl_s = TTL_MAX_S;
	search->how = how;
	search->out = out;
	search->domain = arena_copy(out->arena, span_of(domain)).ptr;
	search->started_ms = clock_steady_ms(clock_real());
	rc = find_mx(search, err);
	if (rc == 0 && out->kind <= MX_IMPLICIT)
		rc = find_policy(search, err);
	if (rc == 0 && out->kind <= MX_IMPLICIT) {
		rc = find_hosts(search, err);
		sum_up(search);
	}
	if (out->ttl_s < TTL_MIN_S)
		out->ttl_s = TTL_MIN_S;
	if (rc < 0)
		lookup_done(out);
	buf_done(&search->policy_text);
	free(search);
	return rc;
}

void
lookup_done(struct lookup *lookup)
{
	arena_free(&lookup->arena);
	lookup->count = 0;
}
