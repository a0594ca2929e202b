/* SPF of a domain of the house: is the record in itself in order, and does
 * every address that mail leaves from pass.  Both are asked, because a record
 * with a fault behind the term that matches passes today and fails with the
 * next change. */
#include "core/health/examine.h"
#include "core/net/spf.h"

struct spf_look {
	struct patient *patient;
	const struct house_domain *domain;
	struct spf_question question;
	struct buf sender;
	struct dns_answer there; /* TXT records of the domain */
};

static struct doctor_finding *
add(struct spf_look *look, enum doctor_code code)
{
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    report_add(part, DOCTOR_SPF, code, look->domain->name);

	/* where no bounces come back, SPF is asked of some receivers only */
	if (!(look->domain->roles & HOUSE_RETURN))
		finding_mild(finding);
	return finding;
}

static void
add_fact(struct spf_look *look, struct doctor_finding *finding,
    const char *name, struct span value)
{
	finding_fact(&look->patient->part, finding, name, value);
}

/* The records that are there, and the one that ought to be. */
static void
add_records(struct spf_look *look, struct doctor_finding *finding)
{
	struct doctor_report *part = &look->patient->part;
	struct buf there = BUF_INIT, record = BUF_INIT;

	for (size_t i = 0; i < look->there.count; i++) {
		struct span text = look->there.record[i].data;

		if (!spf_is_record(text))
			continue;
		finding_found(part, finding, text);
		buf_add(&there, text);
		buf_char(&there, '\n');
	}
	record_spf(look->patient->house, buf_span(&there), &record);
	if (record.len &&
	    !span_equal(buf_span(&record), span_trim(buf_span(&there))))
		finding_record(part, finding, look->domain->name, "TXT",
		    buf_span(&record));
	buf_done(&there);
	buf_done(&record);
}

static void
add_fault(struct spf_look *look, enum doctor_code code)
{
	add_records(look, add(look, code));
}

/* Writes down why a record cannot be used. */
static void
add_error(struct spf_look *look, const struct err *why)
{
	struct span word = span_of(err_find(why, "why"));
	struct doctor_finding *finding;

	if (span_equal(word, SPAN("lookups")) ||
	    span_equal(word, SPAN("voids"))) {
		finding = add(look,
		    *word.ptr == 'l' ? DOCTOR_SPF_LOOKUPS : DOCTOR_SPF_VOIDS);
		add_fact(
		    look, finding, "domain", span_of(err_find(why, "domain")));
		add_records(look, finding);
		return;
	}
	finding =
	    add(look, span_equal(word, SPAN("records")) ? DOCTOR_SPF_SEVERAL
							: DOCTOR_SPF_SYNTAX);
	add_fact(look, finding, "why", word);
	add_fact(look, finding, "term", span_of(err_find(why, "term")));
	add_fact(look, finding, "domain", span_of(err_find(why, "domain")));
	add_records(look, finding);
}

static void
add_counts(struct spf_look *look, struct doctor_finding *finding, int lookups,
    int voids)
{
	finding_int(&look->patient->part, finding, "lookups", lookups);
	finding_int(&look->patient->part, finding, "voids", voids);
}

/* The record without regard to who sends; true when it is worth asking about
 * addresses. */
static bool
judge_record(struct spf_look *look, const struct spf_survey *survey)
{
	struct doctor_finding *finding;

	if (survey->result == SPF_TEMPERROR) {
		patient_no_way(look->patient, DOCTOR_SPF, look->domain->name,
		    &survey->why);
		return false;
	}
	if (survey->result == SPF_NONE) {
		add_fault(look, survey->why.code == E_DNS_NONE
				    ? DOCTOR_SPF_NXDOMAIN
				    : DOCTOR_SPF_MISSING);
		return false;
	}
	if (survey->records > 1) {
		finding = add(look, DOCTOR_SPF_SEVERAL);
		finding_int(&look->patient->part, finding, "count",
		    (int64_t)survey->records);
		add_records(look, finding);
		return false;
	}
	if (survey->lookups > SPF_LOOKUPS_MAX) {
		finding = add(look, DOCTOR_SPF_LOOKUPS);
		add_counts(look, finding, survey->lookups, survey->voids);
		finding_int(
		    &look->patient->part, finding, "limit", SPF_LOOKUPS_MAX);
		add_records(look, finding);
	} else if (survey->voids > SPF_VOIDS_MAX) {
		finding = add(look, DOCTOR_SPF_VOIDS);
		add_counts(look, finding, survey->lookups, survey->voids);
		finding_int(
		    &look->patient->part, finding, "limit", SPF_VOIDS_MAX);
		add_records(look, finding);
	} else if (survey->result == SPF_PERMERROR) {
		add_error(look, &survey->why);
	}
	if (survey->plus_all)
		add_fault(look, DOCTOR_SPF_PLUS_ALL);
	if (survey->ptr)
		add_fault(look, DOCTOR_SPF_PTR);
	return survey->result != SPF_PERMERROR;
}

static void
judge_address(
    struct spf_look *look, const char *address, const struct spf_answer *answer)
{
	struct doctor_finding *finding;

	if (answer->result == SPF_TEMPERROR) {
		patient_no_way(look->patient, DOCTOR_SPF, look->domain->name,
		    &answer->why);
		return;
	}
	if (answer->result == SPF_PERMERROR) {
		add_error(look, &answer->why);
		return;
	}
	finding = add(look,
	    answer->result == SPF_PASS ? DOCTOR_SPF_PASS : DOCTOR_SPF_DENIED);
	add_fact(look, finding, "address", span_of(address));
	add_fact(look, finding, "term", span_of(answer->term));
	add_counts(look, finding, answer->lookups, answer->voids);
	if (answer->result == SPF_PASS) {
		finding_found(&look->patient->part, finding, answer->text);
		return;
	}
	add_fact(
	    look, finding, "result", span_of(spf_result_name(answer->result)));
	add_records(look, finding);
}

static int
ask_addresses(struct spf_look *look, struct err *err)
{
	const struct house *house = look->patient->house;
	int rc = 0;

	for (size_t i = 0; i < house->addresses && rc == 0; i++) {
		struct spf_answer answer;

		look->question.ip = house->address[i];
		rc = spf_check(&look->question, &answer, err);
		if (rc == 0)
			judge_address(look, house->address[i], &answer);
		spf_answer_done(&answer);
	}
	return rc;
}

static int
look_at(struct spf_look *look, struct err *err)
{
	const struct house *house = look->patient->house;
	struct doctor_finding *finding;
	struct spf_survey survey;

	if (spf_survey(&look->question, &survey, err) < 0)
		return -1;
	if (!judge_record(look, &survey))
		return 0;
	if (house->addresses)
		return ask_addresses(look, err);
	finding = add(look, DOCTOR_SPF_READ);
	add_counts(look, finding, survey.lookups, survey.voids);
	add(look, DOCTOR_NO_EGRESS);
	return 0;
}

int
examine_spf(struct patient *patient, size_t number, struct err *err)
{
	const struct house_domain *domain = &patient->house->domain[number];
	struct spf_look look = {.patient = patient, .domain = domain};
	char name[DNS_NAME_MAX + 1];
	int rc;

	if (!(domain->roles & (HOUSE_FROM | HOUSE_RETURN)))
		return 0;
	span_text(name, sizeof name, domain->name);
	buf_printf(&look.sender, "postmaster@%s", name);
	look.question = (struct spf_question){
	    .resolver = patient->how->world->resolver,
	    .ip = patient->house->addresses ? patient->house->address[0]
					    : "192.0.2.1",
	    .sender = buf_span(&look.sender),
	    .ehlo = patient->house->ehlo,
	    .now_s = clock_now_ms(patient->how->world->clock) / 1000,
	    .cancel = patient->how->cancel,
	};
	rc = patient_ask(patient, name, DNS_TXT, &look.there, err);
	if (rc == 0)
		rc = look_at(&look, err);
	dns_answer_done(&look.there);
	buf_done(&look.sender);
	return rc;
}
