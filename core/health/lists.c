/* The house on block lists.  A list is asked about us only after it has
 * answered rightly about its test entries: one that is dead lists everybody or
 * nobody, and both would be believed. */
#include <sys/socket.h>

#include "core/health/dnsbl.h"
#include "core/health/examine.h"

/* The test entries of RFC 5782 section 5. */
static const char *const test_v4[] = {"127.0.0.2", "127.0.0.1"};
static const char *const test_v6[] = {"::ffff:127.0.0.2", "::ffff:127.0.0.1"};

struct listing {
	struct patient *patient;
	struct span zone;
	char zone_text[DNS_NAME_MAX + 1];
};

static struct doctor_finding *
add(struct listing *listing, enum doctor_code code, struct span subject)
{
	struct doctor_report *part = &listing->patient->part;
	struct doctor_finding *finding =
	    report_add(part, DOCTOR_LIST, code, subject);

	finding_fact(part, finding, "zone", listing->zone);
	return finding;
}

static int
ask(struct listing *listing, const char *name, enum dnsbl_says *says,
    char *value, size_t room, struct err *err)
{
	struct dns_answer answer = {0};
	int rc = patient_ask(listing->patient, name, DNS_A, &answer, err);

	if (rc == 0)
		*says = dnsbl_read(&answer, value, room);
	dns_answer_done(&answer);
	return rc;
}

/* ---- The list itself ------------------------------------------------------------ */

/* Asks about the two test entries; names are whole. */
static int
self_test(struct listing *listing, const char *must, const char *must_not,
    enum dnsbl_test *test, char *value, size_t room, struct err *err)
{
	enum dnsbl_says there = DNSBL_LATER, not_there = DNSBL_LATER;
	char other[16];

	if (ask(listing, must, &there, value, room, err) < 0 ||
	    ask(listing, must_not, &not_there, other, sizeof other, err) < 0)
		return -1;
	*test = dnsbl_judge(there, not_there);
	return 0;
}

static int
self_test_family(struct listing *listing, const char *const *entry,
    enum dnsbl_test *test, char *value, size_t room, struct err *err)
{
	struct buf must = BUF_INIT, must_not = BUF_INIT;
	int rc;

	reverse_name(entry[0], listing->zone_text, &must);
	reverse_name(entry[1], listing->zone_text, &must_not);
	rc = self_test(listing, must.ptr, must_not.ptr, test, value, room, err);
	buf_done(&must);
	buf_done(&must_not);
	return rc;
}

/* Writes down what is wrong with the list; false when it may be asked. */
static bool
is_unfit(struct listing *listing, enum dnsbl_test test, const char *value)
{
	static const char *const why[] = {
	    [DNSBL_DEAD_ALL] = "all",
	    [DNSBL_DEAD_SILENT] = "silent",
	    [DNSBL_DEAD_FOREIGN] = "foreign",
	};
	struct doctor_report *part = &listing->patient->part;

	switch (test) {
	case DNSBL_WORKS:
		return false;
	case DNSBL_TEST_LATER:
		add(listing, DOCTOR_LIST_LATER, listing->zone);
		break;
	case DNSBL_TEST_REFUSED:
		finding_fact(part,
		    add(listing, DOCTOR_LIST_REFUSED, listing->zone), "value",
		    span_of(value));
		break;
	case DNSBL_DEAD_ALL:
	case DNSBL_DEAD_SILENT:
	case DNSBL_DEAD_FOREIGN:
		finding_fact(part,
		    add(listing, DOCTOR_LIST_DEAD, listing->zone), "why",
		    span_of(why[test]));
		break;
	}
	return true;
}

/* ---- Entries ---------------------------------------------------------------------- */

/* Lists say in TXT why somebody is on them. */
static int
add_reason(struct listing *listing, const char *name,
    struct doctor_finding *finding, struct err *err)
{
	struct dns_answer answer = {0};
	int rc = patient_ask(listing->patient, name, DNS_TXT, &answer, err);

	if (rc == 0)
		finding_txt(&listing->patient->part, finding, &answer);
	dns_answer_done(&answer);
	return rc;
}

static int
ask_about(struct listing *listing, struct span subject, const char *name,
    enum dnsbl_says *out, struct err *err)
{
	struct doctor_report *part = &listing->patient->part;
	enum dnsbl_says says = DNSBL_LATER;
	struct doctor_finding *finding;
	char value[16] = "";

	if (ask(listing, name, &says, value, sizeof value, err) < 0)
		return -1;
	*out = says;
	switch (says) {
	case DNSBL_CLEAN:
		break; /* which the caller writes down */
	case DNSBL_LATER:
		add(listing, DOCTOR_LIST_LATER, subject);
		break;
	case DNSBL_REFUSED:
	case DNSBL_FOREIGN:
		finding = add(listing, DOCTOR_LIST_REFUSED, subject);
		finding_fact(part, finding, "value", span_of(value));
		break;
	case DNSBL_LISTED:
		finding = add(listing, DOCTOR_LIST_LISTED, subject);
		finding_fact(part, finding, "value", span_of(value));
		return add_reason(listing, name, finding, err);
	}
	return 0;
}

static int
family_of(const char *address)
{
	return strchr(address, ':') ? AF_INET6 : AF_INET;
}

static int
ask_addresses(struct listing *listing, int family, struct err *err)
{
	const struct house *house = listing->patient->house;
	enum dnsbl_says says = DNSBL_LATER;
	int rc = 0;

	for (size_t i = 0; i < house->addresses && rc == 0; i++) {
		struct buf name = BUF_INIT;

		if (family_of(house->address[i]) != family)
			continue;
		reverse_name(house->address[i], listing->zone_text, &name);
		rc = ask_about(
		    listing, span_of(house->address[i]), name.ptr, &says, err);
		if (rc == 0 && says == DNSBL_CLEAN)
			add(listing, DOCTOR_LIST_CLEAN,
			    span_of(house->address[i]));
		buf_done(&name);
	}
	return rc;
}

static void
note_other(struct listing *listing)
{
	const struct house *house = listing->patient->house;

	for (size_t i = 0; i < house->addresses; i++) {
		if (family_of(house->address[i]) == AF_INET6)
			add(listing, DOCTOR_LIST_OTHER,
			    span_of(house->address[i]));
	}
}

static bool
has_v6(const struct house *house)
{
	for (size_t i = 0; i < house->addresses; i++) {
		if (family_of(house->address[i]) == AF_INET6)
			return true;
	}
	return false;
}

/* Few lists hold IPv6: one that works for IPv4 and does not know the entries
 * of IPv6 is not dead, it says nothing. */
static int
ask_v6(struct listing *listing, struct err *err)
{
	enum dnsbl_test test = DNSBL_TEST_LATER;
	char value[16] = "";

	if (!has_v6(listing->patient->house))
		return 0;
	if (self_test_family(
		listing, test_v6, &test, value, sizeof value, err) < 0)
		return -1;
	if (test == DNSBL_DEAD_SILENT) {
		note_other(listing);
		return 0;
	}
	if (is_unfit(listing, test, value))
		return 0;
	return ask_addresses(listing, AF_INET6, err);
}

static struct listing
listing_of(struct patient *patient, struct span zone)
{
	struct listing listing = {.patient = patient, .zone = zone};

	span_text(listing.zone_text, sizeof listing.zone_text, zone);
	return listing;
}

int
examine_listed(struct patient *patient, size_t number, struct err *err)
{
	struct listing listing =
	    listing_of(patient, patient->house->address_list[number]);
	enum dnsbl_test test = DNSBL_TEST_LATER;
	char value[16] = "";

	if (self_test_family(
		&listing, test_v4, &test, value, sizeof value, err) < 0)
		return -1;
	if (is_unfit(&listing, test, value))
		return 0;
	if (ask_addresses(&listing, AF_INET, err) < 0)
		return -1;
	return ask_v6(&listing, err);
}

/* Lists hold host names or the domains that were registered: both are asked,
 * a host's own name first. */
static int
ask_domain(struct listing *listing, struct span domain, struct err *err)
{
	enum { NAMES_MAX = 3 };
	enum dnsbl_says says = DNSBL_CLEAN;
	struct span rest = domain;
	int rc = 0;

	for (int i = 0; i < NAMES_MAX && rc == 0 && says == DNSBL_CLEAN; i++) {
		struct buf name = BUF_INIT;

		if (span_index(rest, '.') == rest.len)
			break;
		buf_add(&name, rest);
		buf_printf(&name, ".%s", listing->zone_text);
		rc = ask_about(listing, domain, name.ptr, &says, err);
		buf_done(&name);
		span_cut(&rest, '.');
	}
	if (rc == 0 && says == DNSBL_CLEAN)
		add(listing, DOCTOR_LIST_CLEAN, domain);
	return rc;
}

int
examine_named(struct patient *patient, size_t number, struct err *err)
{
	const struct house *house = patient->house;
	struct listing listing = listing_of(patient, house->name_list[number]);
	struct buf must = BUF_INIT, must_not = BUF_INIT;
	enum dnsbl_test test = DNSBL_TEST_LATER;
	char value[16] = "";
	int rc;

	buf_printf(&must, "test.%s", listing.zone_text);
	buf_printf(&must_not, "invalid.%s", listing.zone_text);
	rc = self_test(
	    &listing, must.ptr, must_not.ptr, &test, value, sizeof value, err);
	if (rc == 0 && !is_unfit(&listing, test, value)) {
		for (size_t i = 0; i < house->domains && rc == 0; i++)
			rc = ask_domain(&listing, house->domain[i].name, err);
	}
	buf_done(&must);
	buf_done(&must_not);
	return rc;
}
