/* TLSA answers to demands.  Fail closed is the rule of RFC 7672 section 2.2: an
 * answer that failed or is bogus makes the host unusable for now, because an
 * attacker who can drop it would else get clear text. */
#include "core/net/dane.h"

#include <assert.h>

#include "core/base/buf.h"

enum { USAGE_TA = 2, USAGE_EE = 3, SHA256 = 1, SHA512 = 2 };

static const char *const names[] = {
    [DANE_NONE] = "none",
    [DANE_MATCH] = "match",
    [DANE_ENCRYPTED] = "encrypted",
    [DANE_LATER] = "later",
};
static_assert(
    sizeof names / sizeof *names == DANE_LATER + 1, "name every state");

const char *
dane_state_name(enum dane_state state)
{
	return (size_t)state < sizeof names / sizeof *names ? names[state] : "";
}

void
dane_name(const char *host, struct buf *out)
{
	buf_text(out, "_25._tcp.");
	buf_text(out, host);
}

static bool
is_usable(const struct dns_record *record)
{
	if (record->usage != USAGE_TA && record->usage != USAGE_EE)
		return false;
	if (record->selector > 1)
		return false;
	switch (record->match) {
	case 0:
		return record->data.len && record->data.len <= DANE_DATA_MAX;
	case SHA256:
		return record->data.len == 32;
	case SHA512:
		return record->data.len == 64;
	default:
		return false;
	}
}

void
dane_read(const struct dns_answer *answer, struct dane_set *out)
{
	memset(out, 0, sizeof *out);
	if (answer->status == DNS_SERVFAIL || answer->status == DNS_BOGUS)
		out->state = DANE_LATER;
	if (answer->status != DNS_FOUND || !answer->secure)
		return;
	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->record[i];

		if (!is_usable(record) || out->count == DANE_RECORDS_MAX)
			continue;
		out->record[out->count++] = (struct tls_tlsa){
		    .usage = record->usage,
		    .selector = record->selector,
		    .matching = record->match,
		    .data = record->data,
		};
	}
	out->state = out->count ? DANE_MATCH : DANE_ENCRYPTED;
}
