/* The examination: steps that do not depend on each other run side by side,
 * because each mostly waits, and their findings are put together in the order
 * of topics, so that two examinations can be compared. */
#include "core/health/doctor.h"

#include <stdlib.h>

#include "core/base/crew.h"
#include "core/health/examine.h"

enum { STEPS_MAX = 200, THREADS = 16 };

struct examination {
	const struct doctor_how *how;
	const struct house *house;
	size_t count;
	struct {
		examine_step *run;
		size_t number;
		struct patient patient;
	} step[STEPS_MAX];
};

static void
plan(struct examination *it, examine_step *run, size_t count)
{
	for (size_t i = 0; i < count && it->count < STEPS_MAX; i++) {
		it->step[it->count].run = run;
		it->step[it->count].number = i;
		it->step[it->count].patient.how = it->how;
		it->step[it->count++].patient.house = it->house;
	}
}

static void
plan_all(struct examination *it)
{
	const struct house *house = it->house;
	unsigned parts = it->how->parts;

	if (parts & DOCTOR_PART_AUTH) {
		plan(it, examine_spf, house->domains);
		plan(it, examine_dkim, house->keys);
		plan(it, examine_dmarc, house->domains);
	}
	if (parts & DOCTOR_PART_MAIL)
		plan(it, examine_mail, house->domains);
	if (parts & DOCTOR_PART_HOSTS) {
		plan(it, examine_host, house->addresses);
		plan(it, examine_ehlo, 1);
	}
	if (parts & DOCTOR_PART_EXTRA)
		plan(it, examine_extra, house->domains);
	if (parts & DOCTOR_PART_LISTS) {
		plan(it, examine_listed, house->address_lists);
		plan(it, examine_named, house->name_lists);
	}
}

static int
run_step(void *payload, size_t item, struct err *err)
{
	struct examination *it = payload;
	int rc = it->step[item].run(
	    &it->step[item].patient, it->step[item].number, err);

	if (it->how->done)
		atomic_fetch_add(it->how->done, 1);
	return rc;
}

/* ---- Putting together ---------------------------------------------------------- */

static struct span
keep(struct doctor_report *report, struct span text)
{
	return arena_copy(report->bytes, text);
}

static void
copy_finding(struct doctor_report *report, const struct doctor_finding *finding)
{
	struct doctor_finding *copy =
	    report_add(report, finding->topic, finding->code, finding->subject);

	copy->sign = finding->sign;
	copy->facts = keep(report, finding->facts);
	copy->found = keep(report, finding->found);
	copy->record.name = keep(report, finding->record.name);
	copy->record.type = keep(report, finding->record.type);
	copy->record.value = keep(report, finding->record.value);
}

static void
gather(struct examination *it, struct doctor_report *report)
{
	for (int topic = 0; topic < DOCTOR_TOPICS; topic++) {
		for (size_t i = 0; i < it->count; i++) {
			const struct doctor_report *part =
			    &it->step[i].patient.part;

			for (size_t n = 0; n < part->count; n++) {
				if ((int)part->finding[n].topic == topic)
					copy_finding(report, &part->finding[n]);
			}
		}
	}
}

static bool
was_answered(const struct doctor_report *report, struct span subject)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];

		if (finding->topic == DOCTOR_LIST &&
		    finding->code != DOCTOR_LIST_OTHER &&
		    span_equal(finding->subject, subject))
			return true;
	}
	return false;
}

/* Whom no list has spoken about was not looked at. */
static void
add_unasked(const struct house *house, struct doctor_report *report)
{
	if (!house->address_lists)
		finding_fact(report,
		    report_add(report, DOCTOR_LIST, DOCTOR_LIST_UNSET,
			SPAN("addresses")),
		    "kind", SPAN("addresses"));
	if (!house->name_lists)
		finding_fact(report,
		    report_add(
			report, DOCTOR_LIST, DOCTOR_LIST_UNSET, SPAN("names")),
		    "kind", SPAN("names"));
	for (size_t i = 0; i < house->addresses && house->address_lists; i++) {
		struct span subject = span_of(house->address[i]);

		if (!was_answered(report, subject))
			report_add(
			    report, DOCTOR_LIST, DOCTOR_LIST_UNASKED, subject);
	}
	for (size_t i = 0; i < house->domains && house->name_lists; i++) {
		struct span subject = house->domain[i].name;

		if (!was_answered(report, subject))
			report_add(
			    report, DOCTOR_LIST, DOCTOR_LIST_UNASKED, subject);
	}
}

static void
report_begin(const struct doctor_how *how, struct doctor_report *out)
{
	*out = (struct doctor_report){
	    .at_ms = clock_now_ms(how->world->clock),
	    .bytes = arena_new(),
	};
}

/* Without a resolver one finding says so for all. */
static void
know_nothing(struct doctor_report *report)
{
	for (int topic = 0; topic < DOCTOR_RECEIVER; topic++)
		report_add(report, (enum doctor_topic)topic, DOCTOR_DNS_LATER,
		    SPAN(""));
}

int
doctor_examine(const struct doctor_how *how, const struct house *house,
    struct doctor_report *out, struct err *err)
{
	struct examination *it;
	int rc;

	report_begin(how, out);
	if (!how->world->resolver) {
		know_nothing(out);
		return 0;
	}
	it = mem_new(sizeof *it);
	it->how = how;
	it->house = house;
	plan_all(it);
	if (how->total)
		atomic_store(how->total, (int64_t)it->count);
	rc = crew_each(THREADS, it->count, run_step, it, how->cancel, err);
	if (rc == 0) {
		gather(it, out);
		if (how->parts & DOCTOR_PART_LISTS)
			add_unasked(house, out);
		if (how->parts == DOCTOR_PART_ALL)
			examine_receivers(house, out);
	} else {
		doctor_report_done(out);
	}
	for (size_t i = 0; i < it->count; i++)
		doctor_report_done(&it->step[i].patient.part);
	free(it);
	return rc;
}
