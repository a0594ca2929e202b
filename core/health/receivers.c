/* What receivers will make of mail from a From domain: what each of them
 * demands, held against the findings.  The demands are a table, because they
 * change without notice; docs/dns.md says where they are taken from. */
#include "core/health/examine.h"

enum demand {
	WANT_SPF = 1 << 0,     /* of the return path */
	WANT_DKIM = 1 << 1,    /* a signature of any domain */
	WANT_DMARC = 1 << 2,   /* a record */
	WANT_ALIGNED = 1 << 3, /* DMARC would pass */
	WANT_PTR = 1 << 4,
	WANT_SPF_FROM = 1 << 5, /* SPF of the From domain as well */
	WANT_MAIL = 1 << 6,     /* the From domain takes mail */
};
enum { DEMANDS = 7 };

static const char *const words[DEMANDS] = {
    "spf", "dkim", "dmarc", "aligned", "ptr", "spf-from", "mail"};

static const struct receiver {
	const char *name; /* stable: subject of the finding */
	unsigned wants;
	enum doctor_code lacking;
} receivers[] = {
    {"gmail", WANT_SPF | WANT_DKIM | WANT_DMARC | WANT_ALIGNED | WANT_PTR,
	DOCTOR_RECEIVER_REFUSES},
    {"yahoo", WANT_SPF | WANT_DKIM | WANT_DMARC | WANT_ALIGNED | WANT_PTR,
	DOCTOR_RECEIVER_REFUSES},
    {"microsoft", WANT_SPF | WANT_DKIM | WANT_DMARC | WANT_ALIGNED,
	DOCTOR_RECEIVER_REFUSES},
    {"docomo",
	WANT_DKIM | WANT_DMARC | WANT_ALIGNED | WANT_SPF_FROM | WANT_MAIL,
	DOCTOR_RECEIVER_DOUBTS},
    {"au", WANT_SPF, DOCTOR_RECEIVER_DOUBTS},
    {"softbank", 0, DOCTOR_RECEIVER_DOUBTS},
};

/* What is known of one From domain (bits of enum demand). */
struct state {
	unsigned has, unsure;
};

static void
note(struct state *state, enum demand demand, enum doctor_sign sign)
{
	if (sign == DOCTOR_UNKNOWN)
		state->unsure |= demand;
	else if (sign <= DOCTOR_NOTE)
		state->has |= demand;
}

/* Findings of an SPF topic are mild for a domain that is no return path, and
 * still faults. */
static enum doctor_sign
sign_of_spf(const struct doctor_report *report, struct span domain)
{
	enum doctor_sign worst = doctor_worst(report, DOCTOR_SPF, domain, NULL);

	return worst == DOCTOR_WARN ? DOCTOR_BAD : worst;
}

/* A short key, and one that is old, still signs. */
static enum doctor_sign
sign_of_dkim(const struct house *house, const struct doctor_report *report,
    struct span domain)
{
	enum doctor_sign worst = DOCTOR_BAD;

	for (size_t i = 0; i < house->keys; i++) {
		struct buf name = BUF_INIT;

		if (!span_equal(house->key[i].domain, domain))
			continue;
		buf_add(&name, house->key[i].selector);
		buf_text(&name, "._domainkey.");
		buf_add(&name, domain);
		worst =
		    doctor_worst(report, DOCTOR_DKIM, buf_span(&name), NULL);
		buf_done(&name);
	}
	return worst == DOCTOR_WARN ? DOCTOR_GOOD : worst;
}

static bool
has_code(const struct doctor_report *report, enum doctor_code code,
    struct span subject)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->finding[i].code == code &&
		    span_equal(report->finding[i].subject, subject))
			return true;
	}
	return false;
}

/* A record that can be used, of whatever policy. */
static enum doctor_sign
sign_of_dmarc(const struct doctor_report *report, struct span domain)
{
	static const enum doctor_code usable[] = {DOCTOR_DMARC_GOOD,
	    DOCTOR_DMARC_NONE, DOCTOR_DMARC_TESTING, DOCTOR_DMARC_SAVED};

	for (size_t i = 0; i < sizeof usable / sizeof *usable; i++) {
		if (has_code(report, usable[i], domain))
			return DOCTOR_GOOD;
	}
	return doctor_worst(report, DOCTOR_DMARC, domain, NULL);
}

/* One aligned proof that holds is enough. */
static enum doctor_sign
sign_of_alignment(const struct doctor_report *report, struct span domain,
    enum doctor_sign dkim, enum doctor_sign spf)
{
	bool by_dkim = has_code(report, DOCTOR_ALIGN_DKIM, domain);
	bool by_spf = has_code(report, DOCTOR_ALIGN_SPF, domain);

	if ((by_dkim && dkim <= DOCTOR_NOTE) || (by_spf && spf <= DOCTOR_NOTE))
		return DOCTOR_GOOD;
	if ((by_dkim && dkim == DOCTOR_UNKNOWN) ||
	    (by_spf && spf == DOCTOR_UNKNOWN) ||
	    doctor_worst(report, DOCTOR_ALIGN, domain, NULL) == DOCTOR_UNKNOWN)
		return DOCTOR_UNKNOWN;
	return DOCTOR_BAD;
}

static enum doctor_sign
sign_of_hosts(const struct doctor_report *report)
{
	enum doctor_sign worst =
	    doctor_worst(report, DOCTOR_HOST, SPAN(""), NULL);

	return worst == DOCTOR_WARN ? DOCTOR_BAD : worst;
}

static void
add_words(struct doctor_report *report, struct doctor_finding *finding,
    const char *name, unsigned demands)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < DEMANDS; i++) {
		if (!(demands & 1U << i))
			continue;
		buf_text(&text, text.len ? "," : "");
		buf_text(&text, words[i]);
	}
	if (text.len)
		finding_fact(report, finding, name, buf_span(&text));
	buf_done(&text);
}

static void
predict(struct doctor_report *report, const struct receiver *receiver,
    const struct state *state, struct span domain)
{
	unsigned unsure = receiver->wants & state->unsure;
	unsigned lacks = receiver->wants & ~state->has & ~unsure;
	struct doctor_finding *finding = report_add(report, DOCTOR_RECEIVER,
	    lacks    ? receiver->lacking
	    : unsure ? DOCTOR_RECEIVER_UNSURE
		     : DOCTOR_RECEIVER_FINE,
	    span_of(receiver->name));

	finding_fact(report, finding, "domain", domain);
	add_words(report, finding, "lacks", lacks);
	add_words(report, finding, "unsure", unsure);
}

static void
judge(
    const struct house *house, struct doctor_report *report, struct span domain)
{
	struct span back =
	    house->return_domain.len ? house->return_domain : domain;
	enum doctor_sign spf = sign_of_spf(report, back);
	enum doctor_sign dkim = sign_of_dkim(house, report, domain);
	struct state state = {0};

	note(&state, WANT_SPF, spf);
	note(&state, WANT_DKIM, dkim);
	note(&state, WANT_DMARC, sign_of_dmarc(report, domain));
	note(
	    &state, WANT_ALIGNED, sign_of_alignment(report, domain, dkim, spf));
	note(&state, WANT_PTR, sign_of_hosts(report));
	note(&state, WANT_SPF_FROM, sign_of_spf(report, domain));
	note(
	    &state, WANT_MAIL, doctor_worst(report, DOCTOR_MAIL, domain, NULL));
	for (size_t i = 0; i < sizeof receivers / sizeof *receivers; i++)
		predict(report, &receivers[i], &state, domain);
}

void
examine_receivers(const struct house *house, struct doctor_report *report)
{
	for (size_t i = 0; i < house->domains; i++) {
		if (house->domain[i].roles & HOUSE_FROM)
			judge(house, report, house->domain[i].name);
	}
}
