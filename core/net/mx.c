/* Which hosts, in which order, and when there are none: whether that is for
 * good (the domain is dead) or for now (DNS).  The difference decides whether
 * somebody's address is given up, so nothing that could be a fault of DNS
 * counts as an answer. */
#include "core/net/mx.h"

#include <arpa/inet.h>

/* The next of a sequence of random numbers; xorshift, never 0. */
static uint32_t
roll(uint32_t *dice)
{
	uint32_t x = *dice ? *dice : 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *dice = x;
}

static enum mx_kind
refuse(enum err_code code, const char *domain, struct err *why)
{
	err_set(why, code);
	err_fact(why, "domain", span_of(domain));
	return MX_REFUSED;
}

static enum mx_kind
later(enum dns_status status, const char *name, struct err *why)
{
	err_set(why, status == DNS_BOGUS ? E_DNS_BOGUS : E_DNS_LATER);
	err_fact(why, "name", span_of(name));
	err_fact(why, "status", span_of(dns_status_name(status)));
	return MX_LATER;
}

/* ---- Hosts ----------------------------------------------------------------- */

static bool
is_null(const struct dns_answer *answer)
{
	return answer->count == 1 &&
	       span_equal(answer->record[0].data, SPAN("."));
}

/* True when host a comes before b. */
static bool
is_better(const struct dns_record *a, const struct dns_record *b)
{
	return a->preference < b->preference;
}

/* Shuffles, then sorts by preference without moving equals. */
static size_t
sort_hosts(const struct dns_answer *answer, uint32_t dice,
    const struct dns_record *sorted[DNS_RECORDS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->record[i];

		if (dns_is_host(record->data))
			sorted[count++] = record;
	}
	for (size_t i = count; i > 1; i--) {
		size_t j = roll(&dice) % i;
		const struct dns_record *kept = sorted[i - 1];

		sorted[i - 1] = sorted[j];
		sorted[j] = kept;
	}
	for (size_t i = 1; i < count; i++) {
		const struct dns_record *record = sorted[i];
		size_t at = i;

		for (; at && is_better(record, sorted[at - 1]); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = record;
	}
	return count;
}

static bool
is_listed(const struct mx_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (span_equal_nocase(span_of(list->host[i].name), name))
			return true;
	}
	return false;
}

/* The preference from which on hosts are left out (RFC 5321 section 5.1: not
 * to ourselves, nor to those behind us). */
static unsigned
own_preference(const struct dns_answer *answer, const char *self)
{
	unsigned limit = UINT16_MAX + 1u;

	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->record[i];

		if (record->preference < limit &&
		    span_equal_nocase(record->data, span_of(self)))
			limit = record->preference;
	}
	return limit;
}

static enum mx_kind
take_hosts(const struct mx_question *question, const struct dns_answer *answer,
    struct mx_list *out, struct err *why)
{
	const struct dns_record *sorted[DNS_RECORDS_MAX];
	unsigned limit = own_preference(answer, question->self);
	size_t count = sort_hosts(answer, question->dice, sorted);

	for (size_t i = 0; i < count && out->count < MX_HOSTS_MAX; i++) {
		struct mx_host *host = &out->host[out->count];

		if (sorted[i]->preference >= limit ||
		    is_listed(out, sorted[i]->data))
			continue;
		host->preference = sorted[i]->preference;
		span_text(host->name, sizeof host->name, sorted[i]->data);
		out->count++;
	}
	if (out->count)
		return MX_HOSTS;
	if (limit > UINT16_MAX)
		return refuse(E_MX_UNUSABLE, question->domain, why);
	err_set(why, E_MX_LOOP);
	err_fact(why, "domain", span_of(question->domain));
	err_fact(why, "host", span_of(question->self));
	return MX_LATER;
}

void
mx_read(const struct mx_question *question, const struct dns_answer *answer,
    struct mx_list *out, struct err *why)
{
	memset(out, 0, sizeof *out);
	if (why)
		*why = (struct err){0};
	out->secure = answer->secure;
	out->ttl_s = answer->ttl_s;
	switch (answer->status) {
	case DNS_FOUND:
		out->kind = is_null(answer)
				? refuse(E_MX_NULL, question->domain, why)
				: take_hosts(question, answer, out, why);
		return;
	case DNS_NODATA:
		out->kind = MX_IMPLICIT;
		out->count = 1;
		span_text(out->host[0].name, sizeof out->host[0].name,
		    span_of(question->domain));
		return;
	case DNS_NXDOMAIN:
		out->kind = refuse(E_DNS_NONE, question->domain, why);
		return;
	case DNS_SERVFAIL:
	case DNS_BOGUS:
		break;
	}
	out->kind = later(answer->status, question->domain, why);
}

/* ---- Addresses ------------------------------------------------------------- */

static void
add_address(struct mx_addresses *out, const struct dns_answer *answer, size_t i,
    int family)
{
	struct mx_address *address = &out->address[out->count++];

	inet_ntop(family, answer->record[i].data.ptr, address->text,
	    sizeof address->text);
	address->secure = answer->secure;
}

static bool
is_known(const struct dns_answer *answer)
{
	return answer->status != DNS_SERVFAIL && answer->status != DNS_BOGUS;
}

/* One answer that failed is enough to say "later" when there is no address,
 * and a forged one always. */
static enum mx_kind
why_none(const char *name, const struct dns_answer *v6,
    const struct dns_answer *v4, struct err *why)
{
	if (v4->status == DNS_BOGUS || !is_known(v4))
		return later(v4->status, name, why);
	if (!is_known(v6))
		return later(v6->status, name, why);
	return refuse(E_MX_UNUSABLE, name, why);
}

void
mx_addresses(const char *name, const struct dns_answer *v6,
    const struct dns_answer *v4, uint32_t dice, struct mx_addresses *out,
    struct err *why)
{
	size_t from6, from4;

	memset(out, 0, sizeof *out);
	if (why)
		*why = (struct err){0};
	if (v6->status == DNS_BOGUS || v4->status == DNS_BOGUS) {
		out->kind = later(DNS_BOGUS, name, why);
		return;
	}
	from6 = v6->count ? roll(&dice) % v6->count : 0;
	from4 = v4->count ? roll(&dice) % v4->count : 0;
	for (size_t i = 0; i < v6->count || i < v4->count; i++) {
		if (i < v6->count && out->count < MX_ADDRESSES_MAX)
			add_address(out, v6, (from6 + i) % v6->count, AF_INET6);
		if (i < v4->count && out->count < MX_ADDRESSES_MAX)
			add_address(out, v4, (from4 + i) % v4->count, AF_INET);
	}
	out->kind = out->count ? MX_HOSTS : why_none(name, v6, v4, why);
}
