/* Hosts and domains: does a domain of ours take mail, have the addresses that
 * mail leaves from a name that leads back to them, and does the name we say in
 * EHLO exist. */
#include "core/health/examine.h"
#include "core/net/mx.h"

/* ---- Whether a domain takes mail ---------------------------------------------- */

static struct doctor_finding *
add_mail(struct patient *patient, size_t number, enum doctor_code code)
{
	return report_add(&patient->part, DOCTOR_MAIL, code,
	    patient->house->domain[number].name);
}

/* Without MX the domain's own addresses count (RFC 5321 section 5.1). */
static int
judge_implicit(struct patient *patient, size_t number, const char *name,
    enum dns_status mx, struct err *err)
{
	struct doctor_finding *finding;
	bool leads, exists;
	enum dns_status failed;

	if (mx == DNS_NXDOMAIN) {
		add_mail(patient, number, DOCTOR_MAIL_NXDOMAIN);
		return 0;
	}
	if (patient_leads_to(
		patient, name, "0.0.0.0", &leads, &exists, &failed, err) < 0)
		return -1;
	if (exists) {
		add_mail(patient, number, DOCTOR_MAIL_ADDRESS);
		return 0;
	}
	finding = add_mail(patient, number,
	    failed == DNS_BOGUS      ? DOCTOR_DNS_BOGUS
	    : failed == DNS_SERVFAIL ? DOCTOR_DNS_LATER
				     : DOCTOR_MAIL_NONE);
	if (failed != DNS_FOUND)
		finding_fact(&patient->part, finding, "name", span_of(name));
	return 0;
}

/* At least one of the hosts must have an address. */
static int
judge_exchangers(struct patient *patient, size_t number,
    const struct mx_list *list, struct err *err)
{
	struct doctor_report *part = &patient->part;
	enum dns_status worst = DNS_FOUND;
	struct doctor_finding *finding;
	bool exists = false, leads;

	for (size_t i = 0; i < list->count && !exists; i++) {
		enum dns_status failed;

		if (patient_leads_to(patient, list->host[i].name, "0.0.0.0",
			&leads, &exists, &failed, err) < 0)
			return -1;
		if (failed != DNS_FOUND)
			worst = failed;
	}
	finding = add_mail(patient, number,
	    exists                  ? DOCTOR_MAIL_MX
	    : worst == DNS_BOGUS    ? DOCTOR_DNS_BOGUS
	    : worst == DNS_SERVFAIL ? DOCTOR_DNS_LATER
				    : DOCTOR_MAIL_UNUSABLE);
	finding_fact(part, finding, "host", span_of(list->host[0].name));
	finding_int(part, finding, "count", (int64_t)list->count);
	if (!exists && worst != DNS_FOUND)
		finding_fact(
		    part, finding, "name", span_of(list->host[0].name));
	return 0;
}

static int
judge_mail(struct patient *patient, size_t number, const char *name,
    const struct dns_answer *answer, struct err *err)
{
	struct mx_question question = {.domain = name, .self = ""};
	struct err why = {.code = E_NONE};
	struct mx_list list;

	if (patient_no_answer(patient, DOCTOR_MAIL,
		patient->house->domain[number].name, answer))
		return 0;
	if (answer->status != DNS_FOUND)
		return judge_implicit(
		    patient, number, name, answer->status, err);
	mx_read(&question, answer, &list, &why);
	if (list.kind == MX_HOSTS && list.count)
		return judge_exchangers(patient, number, &list, err);
	add_mail(patient, number,
	    why.code == E_MX_NULL ? DOCTOR_MAIL_NULL : DOCTOR_MAIL_UNUSABLE);
	return 0;
}

int
examine_mail(struct patient *patient, size_t number, struct err *err)
{
	const struct house_domain *domain = &patient->house->domain[number];
	struct dns_answer answer = {0};
	char name[DNS_NAME_MAX + 1];
	int rc;

	if (!(domain->roles & (HOUSE_FROM | HOUSE_RETURN | HOUSE_REPLY_TO)))
		return 0;
	span_text(name, sizeof name, domain->name);
	rc = patient_ask(patient, name, DNS_MX, &answer, err);
	if (rc == 0)
		rc = judge_mail(patient, number, name, &answer, err);
	dns_answer_done(&answer);
	return rc;
}

/* ---- The name of an address ----------------------------------------------------- */

/* What others run, we can only tell. */
static struct doctor_finding *
add_own(struct patient *patient, enum doctor_topic topic, enum doctor_code code,
    struct span subject)
{
	struct doctor_finding *finding =
	    report_add(&patient->part, topic, code, subject);

	if (patient->house->egress == HOUSE_FOREIGN)
		finding_mild(finding);
	return finding;
}

static void
record_ptr(struct patient *patient, struct doctor_finding *finding,
    const char *reverse)
{
	struct buf value = BUF_INIT;

	if (!patient->house->ehlo.len)
		return;
	buf_add(&value, patient->house->ehlo);
	buf_char(&value, '.');
	finding_record(
	    &patient->part, finding, span_of(reverse), "PTR", buf_span(&value));
	buf_done(&value);
}

/* Any of the names may lead back (RFC 8601 section 3, "iprev"). */
static int
judge_names(struct patient *patient, const char *address, const char *reverse,
    const struct dns_answer *answer, struct err *err)
{
	struct doctor_report *part = &patient->part;
	enum dns_status worst = DNS_FOUND;
	struct doctor_finding *finding;
	struct span host = SPAN("");
	bool leads = false;
	enum { NAMES_MAX = 10 };

	for (size_t i = 0; i < answer->count && i < NAMES_MAX && !leads; i++) {
		enum dns_status failed;

		host = answer->record[i].data;
		if (!dns_is_host(host))
			continue;
		if (patient_leads_to(patient, host.ptr, address, &leads, NULL,
			&failed, err) < 0)
			return -1;
		if (failed != DNS_FOUND)
			worst = failed;
	}
	if (leads || worst == DNS_FOUND)
		finding = add_own(patient, DOCTOR_HOST,
		    leads ? DOCTOR_PTR_GOOD : DOCTOR_PTR_FORWARD,
		    span_of(address));
	else
		finding = add_own(patient, DOCTOR_HOST,
		    worst == DNS_BOGUS ? DOCTOR_DNS_BOGUS : DOCTOR_DNS_LATER,
		    span_of(address));
	finding_fact(part, finding, "host", host);
	if (!leads && worst != DNS_FOUND)
		finding_fact(part, finding, "name", host);
	else if (!leads)
		record_ptr(patient, finding, reverse);
	for (size_t i = 0; i < answer->count; i++)
		finding_found(part, finding, answer->record[i].data);
	return 0;
}

int
examine_host(struct patient *patient, size_t number, struct err *err)
{
	const char *address = patient->house->address[number];
	struct dns_answer answer = {0};
	struct doctor_finding *finding;
	struct buf reverse = BUF_INIT;
	int rc;

	reverse_name(address, NULL, &reverse);
	rc = patient_ask(patient, reverse.ptr, DNS_PTR, &answer, err);
	if (rc == 0 && !patient_no_answer(
			   patient, DOCTOR_HOST, span_of(address), &answer)) {
		if (answer.status == DNS_FOUND) {
			rc = judge_names(
			    patient, address, reverse.ptr, &answer, err);
		} else {
			finding = add_own(patient, DOCTOR_HOST,
			    DOCTOR_PTR_MISSING, span_of(address));
			finding_fact(&patient->part, finding, "status",
			    span_of(dns_status_name(answer.status)));
			record_ptr(patient, finding, reverse.ptr);
		}
	}
	dns_answer_done(&answer);
	buf_done(&reverse);
	return rc;
}

/* ---- EHLO --------------------------------------------------------------------------- */

static void
record_host(struct patient *patient, struct doctor_finding *finding)
{
	const struct house *house = patient->house;

	if (house->addresses)
		finding_record(&patient->part, finding, house->ehlo,
		    strchr(house->address[0], ':') ? "AAAA" : "A",
		    span_of(house->address[0]));
}

static int
judge_ehlo(struct patient *patient, const char *name, struct err *err)
{
	const struct house *house = patient->house;
	bool leads = false, exists = false;
	enum dns_status failed = DNS_FOUND;
	struct doctor_finding *finding;
	size_t i = 0;

	do {
		const char *address =
		    house->addresses ? house->address[i] : "0.0.0.0";

		if (patient_leads_to(patient, name, address, &leads, &exists,
			&failed, err) < 0)
			return -1;
	} while (!leads && ++i < house->addresses);
	if (!exists && failed != DNS_FOUND) {
		finding = add_own(patient, DOCTOR_EHLO,
		    failed == DNS_BOGUS ? DOCTOR_DNS_BOGUS : DOCTOR_DNS_LATER,
		    house->ehlo);
		finding_fact(&patient->part, finding, "name", house->ehlo);
	} else if (!exists) {
		finding = add_own(
		    patient, DOCTOR_EHLO, DOCTOR_EHLO_MISSING, house->ehlo);
		record_host(patient, finding);
	} else {
		add_own(patient, DOCTOR_EHLO,
		    leads || !house->addresses ? DOCTOR_EHLO_GOOD
					       : DOCTOR_EHLO_OTHER,
		    house->ehlo);
	}
	return 0;
}

int
examine_ehlo(struct patient *patient, size_t number, struct err *err)
{
	const struct house *house = patient->house;
	char name[DNS_NAME_MAX + 1];

	(void)number;
	if (!house->addresses)
		report_add(
		    &patient->part, DOCTOR_HOST, DOCTOR_NO_EGRESS, SPAN(""));
	if (!dns_is_host(house->ehlo)) {
		add_own(patient, DOCTOR_EHLO, DOCTOR_EHLO_NAME, house->ehlo);
		return 0;
	}
	span_text(name, sizeof name, house->ehlo);
	return judge_ehlo(patient, name, err);
}
