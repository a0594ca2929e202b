/* The DKIM record of a selector that signs, held against our own key: whatever
 * stands there, a receiver verifies with it and not with what we meant. */
#include "core/health/examine.h"

#include "core/mail/dkim.h"

enum { OLD_DAYS = 365, DAY_MS = 86400000 };

struct dkim_look {
	struct patient *patient;
	const struct house_key *key;
	struct buf name; /* of the record */
	struct dns_answer answer;
};

static struct doctor_finding *
add(struct dkim_look *look, enum doctor_code code)
{
	struct doctor_report *part = &look->patient->part;
	struct doctor_finding *finding =
	    report_add(part, DOCTOR_DKIM, code, buf_span(&look->name));

	if (strcmp(look->answer.canon, look->name.ptr) != 0)
		finding_fact(
		    part, finding, "cname", span_of(look->answer.canon));
	finding_txt(part, finding, &look->answer);
	return finding;
}

/* A fault that our own record mends; behind a CNAME it has to stand at the
 * name that the CNAME leads to. */
static struct doctor_finding *
add_fault(struct dkim_look *look, enum doctor_code code)
{
	struct doctor_finding *finding = add(look, code);
	struct buf record = BUF_INIT;

	dkim_record(look->key->public, &record);
	finding_record(&look->patient->part, finding,
	    span_of(look->answer.canon), "TXT", buf_span(&record));
	buf_done(&record);
	return finding;
}

static void
judge_size(struct dkim_look *look, const struct dkim_key_record *record)
{
	struct doctor_finding *finding;

	if (record->type == DKIM_KEY_RSA && record->bits < DKIM_BITS_MIN)
		finding = add(look, DOCTOR_DKIM_WEAK);
	else if (record->type == DKIM_KEY_RSA && record->bits < DKIM_BITS)
		finding = add(look, DOCTOR_DKIM_SHORT);
	else
		finding = add(look, DOCTOR_DKIM_GOOD);
	finding_int(&look->patient->part, finding, "bits", record->bits);
}

static void
judge_record(struct dkim_look *look, const struct dkim_key_record *record)
{
	struct doctor_report *part = &look->patient->part;
	bool whole = true;

	if (record->revoked) {
		add_fault(look, DOCTOR_DKIM_REVOKED);
		return;
	}
	if (!dkim_key_record_is(record, look->key->public)) {
		finding_int(part, add_fault(look, DOCTOR_DKIM_DIFFERS), "bits",
		    record->bits);
		return;
	}
	if (record->testing) {
		add_fault(look, DOCTOR_DKIM_TESTING);
		whole = false;
	}
	if (!record->sha256 || !record->email) {
		finding_fact(part, add_fault(look, DOCTOR_DKIM_LIMITED), "why",
		    record->sha256 ? SPAN("service") : SPAN("hash"));
		whole = false;
	}
	if (whole || record->bits < DKIM_BITS)
		judge_size(look, record);
}

static void
judge_text(struct dkim_look *look)
{
	struct dkim_key_record record;
	struct err why = {.code = E_NONE};

	if (dkim_key_record_read(look->answer.record[0].data, &record, &why) <
	    0)
		finding_fact(&look->patient->part,
		    add_fault(look, DOCTOR_DKIM_SYNTAX), "why",
		    span_of(err_find(&why, "why")));
	else
		judge_record(look, &record);
	dkim_key_record_done(&record);
}

static void
judge(struct dkim_look *look)
{
	struct doctor_report *part = &look->patient->part;

	if (patient_no_answer(look->patient, DOCTOR_DKIM, buf_span(&look->name),
		&look->answer))
		return;
	if (look->answer.status != DNS_FOUND)
		finding_fact(part, add_fault(look, DOCTOR_DKIM_MISSING),
		    "status", span_of(dns_status_name(look->answer.status)));
	else if (look->answer.count > 1)
		finding_int(part, add_fault(look, DOCTOR_DKIM_SEVERAL), "count",
		    (int64_t)look->answer.count);
	else
		judge_text(look);
}

static void
judge_age(struct dkim_look *look)
{
	struct doctor_report *part = &look->patient->part;
	int64_t now_ms = clock_now_ms(look->patient->how->world->clock);
	int64_t days = (now_ms - look->key->created_ms) / DAY_MS;
	struct doctor_finding *finding = report_add(part, DOCTOR_KEY,
	    days > OLD_DAYS ? DOCTOR_KEY_OLD : DOCTOR_KEY_YOUNG,
	    buf_span(&look->name));

	finding_int(part, finding, "days", days);
	finding_int(part, finding, "limit", OLD_DAYS);
}

int
examine_dkim(struct patient *patient, size_t number, struct err *err)
{
	struct dkim_look look = {
	    .patient = patient, .key = &patient->house->key[number]};
	int rc;

	buf_add(&look.name, look.key->selector);
	buf_text(&look.name, "._domainkey.");
	buf_add(&look.name, look.key->domain);
	rc = patient_ask(patient, look.name.ptr, DNS_TXT, &look.answer, err);
	if (rc == 0) {
		judge(&look);
		judge_age(&look);
	}
	dns_answer_done(&look.answer);
	buf_done(&look.name);
	return rc;
}
