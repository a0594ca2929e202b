/* An examination as its files share it: steps that each ask DNS on a thread of
 * their own and write down what they find. */
#ifndef CORE_HEALTH_EXAMINE_H
#define CORE_HEALTH_EXAMINE_H

#include "core/base/buf.h"
#include "core/health/doctor.h"

/* What one step works with; its findings are its own until all are put
 * together. */
struct patient {
	const struct doctor_how *how;
	const struct house *house;
	struct doctor_report part;
};

/* A step; number says which domain, key, address or list.  E_DNS_SETUP,
 * E_CANCELLED. */
typedef int examine_step(
    struct patient *patient, size_t number, struct err *err);

examine_step examine_spf;    /* of house->domain[number] */
examine_step examine_dkim;   /* of house->key[number] */
examine_step examine_dmarc;  /* of house->domain[number] */
examine_step examine_mail;   /* of house->domain[number] */
examine_step examine_host;   /* of house->address[number] */
examine_step examine_ehlo;   /* number is 0 */
examine_step examine_extra;  /* of house->domain[number] */
examine_step examine_listed; /* house->address_list[number], all addresses */
examine_step examine_named;  /* house->name_list[number], all names */

/* Adds what each receiver will make of the From domains to a whole report. */
void examine_receivers(const struct house *house, struct doctor_report *report);

/* ---- Writing down ------------------------------------------------------------- */

/* A new finding with the sign of its code; lives until the next one. */
struct doctor_finding *report_add(struct doctor_report *report,
    enum doctor_topic topic, enum doctor_code code, struct span subject);

/* Adds a fact; line breaks in foreign values become blanks. */
void finding_fact(struct doctor_report *report, struct doctor_finding *finding,
    const char *name, struct span value);
void finding_int(struct doctor_report *report, struct doctor_finding *finding,
    const char *name, int64_t value);

/* Adds a line of what is there. */
void finding_found(struct doctor_report *report, struct doctor_finding *finding,
    struct span text);

/* Sets the record to publish. */
void finding_record(struct doctor_report *report,
    struct doctor_finding *finding, struct span name, const char *type,
    struct span value);

/* A fault that hurts less here: BAD becomes WARN. */
void finding_mild(struct doctor_finding *finding);

/* Adds all TXT records of an answer as what is there. */
void finding_txt(struct doctor_report *report, struct doctor_finding *finding,
    const struct dns_answer *answer);

/* ---- Asking --------------------------------------------------------------------- */

/* One question; out begins anew, dns_answer_done() ends it, also after an
 * error. */
int patient_ask(struct patient *patient, const char *name, enum dns_type type,
    struct dns_answer *out, struct err *err);

/* Writes down DOCTOR_DNS_LATER or DOCTOR_DNS_BOGUS when that was the answer;
 * true when it was. */
bool patient_no_answer(struct patient *patient, enum doctor_topic topic,
    struct span subject, const struct dns_answer *answer);

/* The same for an error of core/net (E_DNS_LATER, E_DNS_BOGUS). */
bool patient_no_way(struct patient *patient, enum doctor_topic topic,
    struct span subject, const struct err *why);

/* Whether an address is among those of a host; *exists (or NULL) tells
 * whether it has any, *failed is DNS_SERVFAIL or DNS_BOGUS when a question was
 * not answered, else DNS_FOUND. */
int patient_leads_to(struct patient *patient, const char *host,
    const char *address, bool *leads, bool *exists, enum dns_status *failed,
    struct err *err);

/* Appends the name under which an address stands in in-addr.arpa, ip6.arpa
 * (zone NULL) or a block list.  False when it is no address. */
bool reverse_name(const char *address, const char *zone, struct buf *out);

/* ---- Records ---------------------------------------------------------------------- */

/* Appends an SPF record that lets every address of the house pass, and nobody
 * who did not: made of the records that are there (their texts, a line each;
 * empty: none). */
void record_spf(const struct house *house, struct span there, struct buf *out);

/* Appends a DMARC record: text with tag set to value (added behind the others
 * when it is not there), without tags that are gone, "v=DMARC1" first. */
void record_dmarc(
    struct span text, const char *tag, struct span value, struct buf *out);

#endif
