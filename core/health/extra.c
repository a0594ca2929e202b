/* What a domain may have besides: nothing of it is demanded by receivers, so a
 * lack is a note and only what is broken a warning. */
#include "core/health/examine.h"
#include "core/net/dane.h"
#include "core/net/mx.h"
#include "core/net/sts.h"
#include "core/net/tls.h"
#include "core/net/txt.h"

struct extra {
	struct patient *patient;
	struct span domain;
	char name[DNS_NAME_MAX + 1];
};

static struct doctor_finding *
add(struct extra *extra, enum doctor_code code)
{
	return report_add(
	    &extra->patient->part, DOCTOR_EXTRA, code, extra->domain);
}

static void
add_why(struct extra *extra, enum doctor_code code, struct span why,
    const struct dns_answer *answer)
{
	struct doctor_report *part = &extra->patient->part;
	struct doctor_finding *finding = add(extra, code);

	finding_fact(part, finding, "why", why);
	finding_txt(part, finding, answer);
}

/* Asks for TXT at prefix.DOMAIN. */
static int
ask_txt(struct extra *extra, const char *prefix, struct buf *name,
    struct dns_answer *out, struct err *err)
{
	buf_printf(name, "%s.%s", prefix, extra->name);
	return patient_ask(extra->patient, name->ptr, DNS_TXT, out, err);
}

/* ---- MTA-STS --------------------------------------------------------------------- */

static void
judge_policy(struct extra *extra, const struct buf *text,
    const struct dns_answer *answer)
{
	struct sts_policy policy;
	struct err why = {.code = E_NONE};

	if (sts_policy_read(buf_span(text), &policy, &why) < 0)
		add_why(extra, DOCTOR_STS_BROKEN,
		    span_of(err_find(&why, "why")), answer);
	else
		add(extra, policy.mode == STS_ENFORCE   ? DOCTOR_STS_ENFORCE
			   : policy.mode == STS_TESTING ? DOCTOR_STS_TESTING
							: DOCTOR_STS_NONE);
}

static int
fetch_policy(
    struct extra *extra, const struct dns_answer *answer, struct err *err)
{
	struct world *world = extra->patient->how->world;
	struct sts_fetch fetch = {
	    .dialler = world->dialler,
	    .resolver = world->resolver,
	    .domain = extra->name,
	    .cancel = extra->patient->how->cancel,
	};
	struct err why = {.code = E_NONE};
	struct buf text = BUF_INIT;
	int rc = 0;

	if (!world->dialler || tls_context_new(NULL, &fetch.tls, NULL) < 0) {
		add(extra, DOCTOR_STS_ANNOUNCED);
		return 0;
	}
	if (sts_fetch(&fetch, &text, &why) == 0)
		judge_policy(extra, &text, answer);
	else if (why.code == E_CANCELLED)
		rc = err_set(err, E_CANCELLED);
	else
		add_why(extra, DOCTOR_STS_BROKEN,
		    span_of(err_find(&why, "why")), answer);
	tls_context_free(&fetch.tls);
	buf_done(&text);
	return rc;
}

static int
look_at_sts(struct extra *extra, struct err *err)
{
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT, id = BUF_INIT;
	int rc = ask_txt(extra, "_mta-sts", &name, &answer, err);

	if (rc == 0 && !patient_no_answer(extra->patient, DOCTOR_EXTRA,
			   extra->domain, &answer)) {
		size_t count = txt_count(&answer, SPAN("STSv1"), NULL);

		if (!count)
			add(extra, DOCTOR_STS_NONE);
		else if (!sts_announced(&answer, &id))
			add_why(extra, DOCTOR_STS_BROKEN,
			    count > 1 ? SPAN("several") : SPAN("id"), &answer);
		else
			rc = fetch_policy(extra, &answer, err);
	}
	dns_answer_done(&answer);
	buf_done(&name);
	buf_done(&id);
	return rc;
}

/* ---- TLS reporting, BIMI ------------------------------------------------------------ */

static int
look_at_tlsrpt(struct extra *extra, struct err *err)
{
	struct doctor_report *part = &extra->patient->part;
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT, value = BUF_INIT;
	struct tlsrpt_record record;
	struct err why = {.code = E_NONE};
	struct span text;
	int rc = ask_txt(extra, "_smtp._tls", &name, &answer, err);

	if (rc == 0 && !patient_no_answer(extra->patient, DOCTOR_EXTRA,
			   extra->domain, &answer)) {
		size_t count = txt_count(&answer, SPAN("TLSRPTv1"), &text);

		buf_printf(&value, "v=TLSRPTv1; rua=mailto:tls-reports@%s",
		    extra->name);
		if (!count)
			finding_record(part, add(extra, DOCTOR_TLSRPT_NONE),
			    buf_span(&name), "TXT", buf_span(&value));
		else if (count > 1)
			add_why(extra, DOCTOR_TLSRPT_BROKEN, SPAN("several"),
			    &answer);
		else if (tlsrpt_parse(text, &record, &why) < 0)
			add_why(extra, DOCTOR_TLSRPT_BROKEN,
			    span_of(err_find(&why, "why")), &answer);
		else
			add(extra, DOCTOR_TLSRPT_GOOD);
	}
	dns_answer_done(&answer);
	buf_done(&name);
	buf_done(&value);
	return rc;
}

static int
look_at_bimi(struct extra *extra, struct err *err)
{
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT;
	struct bimi_record record;
	struct err why = {.code = E_NONE};
	struct span text;
	int rc = ask_txt(extra, "default._bimi", &name, &answer, err);

	if (rc == 0 && !patient_no_answer(extra->patient, DOCTOR_EXTRA,
			   extra->domain, &answer)) {
		size_t count = txt_count(&answer, SPAN("BIMI1"), &text);

		if (!count)
			add(extra, DOCTOR_BIMI_NONE);
		else if (count > 1)
			add_why(extra, DOCTOR_BIMI_BROKEN, SPAN("several"),
			    &answer);
		else if (bimi_parse(text, &record, &why) < 0)
			add_why(extra, DOCTOR_BIMI_BROKEN,
			    span_of(err_find(&why, "why")), &answer);
		else
			add(extra, record.declined ? DOCTOR_BIMI_NONE
						   : DOCTOR_BIMI_GOOD);
	}
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

/* ---- DNSSEC and DANE ------------------------------------------------------------------ */

static int
ask_tlsa(struct extra *extra, const char *host, struct err *err)
{
	static const enum doctor_code codes[] = {
	    [DANE_NONE] = DOCTOR_DANE_NONE,
	    [DANE_MATCH] = DOCTOR_DANE_GOOD,
	    [DANE_ENCRYPTED] = DOCTOR_DANE_UNUSABLE,
	};
	struct patient *patient = extra->patient;
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT;
	struct dane_set set;
	int rc;

	dane_name(host, &name);
	rc = patient_ask(patient, name.ptr, DNS_TLSA, &answer, err);
	if (rc == 0 &&
	    !patient_no_answer(patient, DOCTOR_EXTRA, extra->domain, &answer)) {
		dane_read(&answer, &set);
		if (set.state != DANE_LATER)
			finding_fact(&patient->part,
			    add(extra, codes[set.state]), "host",
			    span_of(host));
	}
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

static int
look_at_mx(struct extra *extra, struct err *err)
{
	struct mx_question question = {.domain = extra->name, .self = ""};
	struct dns_answer answer = {0};
	struct mx_list list = {.count = 0};
	int rc = patient_ask(extra->patient, extra->name, DNS_MX, &answer, err);

	if (rc == 0 && !patient_no_answer(extra->patient, DOCTOR_EXTRA,
			   extra->domain, &answer)) {
		add(extra,
		    answer.secure ? DOCTOR_DNSSEC_SIGNED : DOCTOR_DNSSEC_NONE);
		if (answer.status == DNS_FOUND)
			mx_read(&question, &answer, &list, &(struct err){0});
		if (list.kind == MX_HOSTS && list.count)
			rc = ask_tlsa(extra, list.host[0].name, err);
	}
	dns_answer_done(&answer);
	return rc;
}

int
examine_extra(struct patient *patient, size_t number, struct err *err)
{
	const struct house_domain *domain = &patient->house->domain[number];
	struct extra extra = {.patient = patient, .domain = domain->name};

	if (!(domain->roles & HOUSE_FROM))
		return 0;
	span_text(extra.name, sizeof extra.name, domain->name);
	if (look_at_mx(&extra, err) < 0 || look_at_sts(&extra, err) < 0 ||
	    look_at_tlsrpt(&extra, err) < 0)
		return -1;
	return look_at_bimi(&extra, err);
}
