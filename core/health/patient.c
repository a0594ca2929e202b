/* Asking DNS for an examination.  No answer is a finding of its own: what is
 * not known is never taken for missing. */
#include "core/health/examine.h"

#include <arpa/inet.h>

/* A name made of foreign parts may be none that can be asked for. */
static bool
can_exist(struct span name)
{
	enum { LABEL_MAX = 63 };

	if (!name.len || name.len > DNS_NAME_MAX)
		return false;
	while (name.len) {
		struct span label = span_cut(&name, '.');

		if (!label.len || label.len > LABEL_MAX)
			return false;
	}
	return true;
}

int
patient_ask(struct patient *patient, const char *name, enum dns_type type,
    struct dns_answer *out, struct err *err)
{
	struct resolver *resolver = patient->how->world->resolver;

	if (!can_exist(span_of(name))) {
		dns_answer_init(out, DNS_NXDOMAIN, span_of(name));
		return 0;
	}
	return resolver->ask(resolver,
	    &(struct dns_question){name, type, patient->how->cancel}, out, err);
}

static void
add_unknown(struct patient *patient, enum doctor_topic topic,
    struct span subject, enum doctor_code code, struct span name)
{
	struct doctor_report *part = &patient->part;

	finding_fact(
	    part, report_add(part, topic, code, subject), "name", name);
}

bool
patient_no_answer(struct patient *patient, enum doctor_topic topic,
    struct span subject, const struct dns_answer *answer)
{
	if (answer->status != DNS_SERVFAIL && answer->status != DNS_BOGUS)
		return false;
	add_unknown(patient, topic, subject,
	    answer->status == DNS_BOGUS ? DOCTOR_DNS_BOGUS : DOCTOR_DNS_LATER,
	    span_of(answer->canon));
	return true;
}

bool
patient_no_way(struct patient *patient, enum doctor_topic topic,
    struct span subject, const struct err *why)
{
	if (why->code != E_DNS_LATER && why->code != E_DNS_BOGUS)
		return false;
	add_unknown(patient, topic, subject,
	    why->code == E_DNS_BOGUS ? DOCTOR_DNS_BOGUS : DOCTOR_DNS_LATER,
	    span_of(err_find(why, "name")));
	return true;
}

static bool
holds(const struct dns_answer *answer, const unsigned char *octets, size_t len)
{
	for (size_t i = 0; i < answer->count; i++) {
		if (span_equal(answer->record[i].data, span_make(octets, len)))
			return true;
	}
	return false;
}

int
patient_leads_to(struct patient *patient, const char *host, const char *address,
    bool *leads, bool *exists, enum dns_status *failed, struct err *err)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};
	unsigned char octets[16] = {0};
	size_t len = strchr(address, ':') ? 16 : 4;
	int rc = 0;

	inet_pton(len == 16 ? AF_INET6 : AF_INET, address, octets);
	*leads = false;
	*failed = DNS_FOUND;
	if (exists)
		*exists = false;
	for (int i = 0; i < 2 && rc == 0; i++) {
		struct dns_answer answer = {0};

		rc = patient_ask(patient, host, types[i], &answer, err);
		if (rc == 0 && answer.status == DNS_FOUND) {
			*leads = *leads || holds(&answer, octets, len);
			if (exists)
				*exists = true;
		} else if (answer.status == DNS_SERVFAIL ||
			   answer.status == DNS_BOGUS) {
			*failed = answer.status;
		}
		dns_answer_done(&answer);
	}
	return rc;
}

bool
reverse_name(const char *address, const char *zone, struct buf *out)
{
	unsigned char octets[16];

	if (inet_pton(AF_INET, address, octets) == 1) {
		buf_printf(out, "%u.%u.%u.%u.%s", octets[3], octets[2],
		    octets[1], octets[0], zone ? zone : "in-addr.arpa");
		return true;
	}
	if (inet_pton(AF_INET6, address, octets) != 1)
		return false;
	for (int i = 15; i >= 0; i--)
		buf_printf(out, "%x.%x.", octets[i] & 15, octets[i] >> 4);
	buf_text(out, zone ? zone : "ip6.arpa");
	return true;
}
