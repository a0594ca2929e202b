/* Counting what is odd about addresses without slowing a million good ones
 * down: a domain is judged once and remembered, and only addresses that are
 * not in their plainest spelling are kept for the search for twins. */
#include "core/import/findings.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/mail/doubtful.h"

enum {
	JUDGED = 4096,       /* domains remembered, a power of two */
	DOMAIN_KEPT = 64,    /* octets; nothing longer is a slip of anything */
	SLIPS_COUNTED = 1024 /* different suspicious domains of a file */
};

/* What a domain is, found out once. */
struct judged {
	char domain[DOMAIN_KEPT]; /* not a string */
	size_t len;               /* 0: free */
	struct span meant;        /* static; empty: no slip */
	bool disposable;
};

struct findings {
	const struct import_accept *accept; /* borrowed */
	struct import_findings told;        /* all but slips */
	struct judged *judged;
	struct import_slip *slip;
	size_t slips;
	struct import_repaired *repaired;
	size_t repaired_rows;
	struct seen *odd; /* the plainest spelling of those that have another */
	int64_t odds;
};

struct findings *
findings_new(const struct import_accept *accept)
{
	struct findings *findings = mem_new(sizeof *findings);

	findings->accept = accept;
	findings->judged = mem_array(JUDGED, sizeof *findings->judged);
	findings->odd = seen_new();
	return findings;
}

void
findings_free(struct findings **findings)
{
	if (!*findings)
		return;
	free((*findings)->judged);
	free((*findings)->slip);
	free((*findings)->repaired);
	seen_free(&(*findings)->odd);
	free(*findings);
	*findings = NULL;
}

/* ---- Repairs ----------------------------------------------------------- */

static void
describe(const struct csv_person *person, struct span address, unsigned kinds,
    struct import_repaired *out)
{
	*out =
	    (struct import_repaired){.line = person->row->line, .kinds = kinds};
	text_cut(out->was, sizeof out->was, person->cell);
	text_cut(out->address, sizeof out->address, address);
	text_cut(out->rest, sizeof out->rest, person->offer.rest);
}

static void
count_offer(struct findings *findings, const struct csv_person *person)
{
	const struct import_offer *offer = &person->offer;

	findings->told.repairable++;
	for (int i = 0; i < IMPORT_REPAIR_KINDS; i++) {
		struct import_repair_count *count = &findings->told.repair[i];

		if (!(offer->kinds & 1u << i))
			continue;
		count->rows++;
		count->alone += offer->kinds == 1u << i;
		if (count->samples < IMPORT_REPAIR_SAMPLES) {
			describe(person, offer->address, offer->kinds,
			    &count->sample[count->samples++]);
		}
	}
}

static void
count_repaired(struct findings *findings, unsigned kinds)
{
	findings->told.repaired += kinds != 0;
	for (int i = 0; i < IMPORT_REPAIR_KINDS; i++)
		findings->told.repair[i].taken += (kinds & 1u << i) != 0;
}

static void
keep_repaired(
    struct findings *findings, const struct csv_person *person, unsigned kinds)
{
	if (findings->repaired_rows == IMPORT_REPAIRED_KEPT)
		return;
	findings->repaired = mem_more(findings->repaired,
	    findings->repaired_rows, sizeof *findings->repaired);
	describe(person, person->address.address, kinds,
	    &findings->repaired[findings->repaired_rows++]);
}

/* ---- Domains ----------------------------------------------------------- */

static uint64_t
hash(struct span text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) *
		       UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

/* NULL for a domain that is too long to be anything known. */
static const struct judged *
judge(struct findings *findings, struct span domain)
{
	struct judged *judged = &findings->judged[hash(domain) & (JUDGED - 1)];

	if (domain.len >= DOMAIN_KEPT)
		return NULL;
	if (span_equal(span_make(judged->domain, judged->len), domain))
		return judged;
	memcpy(judged->domain, domain.ptr, domain.len);
	judged->len = domain.len;
	judged->meant = doubtful_domain(domain);
	judged->disposable = doubtful_disposable(domain);
	return judged;
}

/* The row of a suspicious domain, made at its first address; NULL when there
 * are too many. */
static struct import_slip *
slip_of(struct findings *findings, const struct csv_person *person,
    struct span meant)
{
	struct span domain = person->address.domain;
	struct import_slip *slip;

	for (size_t i = 0; i < findings->slips; i++) {
		if (span_equal(span_of(findings->slip[i].domain), domain))
			return &findings->slip[i];
	}
	if (findings->slips == SLIPS_COUNTED)
		return NULL;
	findings->slip =
	    mem_more(findings->slip, findings->slips, sizeof *findings->slip);
	slip = &findings->slip[findings->slips++];
	*slip = (struct import_slip){.line = person->row->line};
	span_text(slip->domain, sizeof slip->domain, domain);
	span_text(slip->meant, sizeof slip->meant, meant);
	text_cut(slip->sample, sizeof slip->sample, person->address.address);
	return slip;
}

static bool
pair_is_accepted(
    const struct import_accept *accept, struct span slip, struct span meant)
{
	for (size_t i = 0; i < accept->pairs; i++) {
		if (span_equal(accept->pair[i].slip, slip) &&
		    span_equal(accept->pair[i].meant, meant))
			return true;
	}
	return false;
}

/* The address with another domain; false when it would be none. */
static bool
correct_domain(
    struct csv_person *person, struct span meant, struct arena *arena)
{
	struct span wire = person->address.wire;
	size_t local = wire.len - person->address.domain.len;
	char *text = arena_take(arena, local + meant.len);
	struct address corrected;

	memcpy(text, wire.ptr, local);
	memcpy(text + local, meant.ptr, meant.len);
	if (address_parse(span_make(text, local + meant.len), arena, &corrected,
		NULL) < 0)
		return false;
	person->address = corrected;
	return true;
}

/* True when the address got another domain. */
static bool
look_at_slip(struct findings *findings, struct csv_person *person,
    struct span meant, struct arena *arena)
{
	struct import_slip *slip = slip_of(findings, person, meant);

	findings->told.slip_rows++;
	if (slip)
		slip->rows++;
	if (!pair_is_accepted(
		findings->accept, person->address.domain, meant) ||
	    !correct_domain(person, meant, arena))
		return false;
	if (slip)
		slip->accepted = true;
	findings->told.corrected++;
	return true;
}

static void
doubt(struct import_doubt *doubt, const struct csv_person *person)
{
	if (doubt->rows++)
		return;
	doubt->line = person->row->line;
	text_cut(doubt->sample, sizeof doubt->sample, person->address.address);
}

void
findings_person(struct findings *findings, enum findings_row how,
    struct csv_person *person, struct arena *arena)
{
	const struct judged *judged;
	unsigned kinds = person->offer.kinds;
	bool corrected = false;

	if (kinds)
		count_offer(findings, person);
	if (how == FINDINGS_REJECTED)
		return;
	count_repaired(findings, kinds);
	judged = judge(findings, person->address.domain);
	if (judged && judged->disposable)
		doubt(&findings->told.disposable, person);
	if (doubtful_role(person->address.local))
		doubt(&findings->told.role, person);
	if (judged && judged->meant.len)
		corrected =
		    look_at_slip(findings, person, judged->meant, arena);
	if (person->address.quirk == ADDRESS_CARRIER_DOTS)
		doubt(&findings->told.carrier, person);
	if (kinds || corrected)
		keep_repaired(findings, person, kinds);
}

/* ---- Twins ------------------------------------------------------------- */

/* The plainest spelling of an address, that of its twins too: lower case, and
 * at Google one domain and no dots.  False when it is its own. */
static bool
plainest(const struct address *address, char *out, size_t room, size_t *len)
{
	struct span canon = address->canon;
	size_t at = canon.len - address->domain.len - 1, used = 0;
	bool google = span_equal(address->domain, SPAN("gmail.com")) ||
		      span_equal(address->domain, SPAN("googlemail.com"));

	if (canon.len + sizeof "gmail.com" > room)
		return false;
	for (size_t i = 0; i < canon.len; i++) {
		char c = canon.ptr[i];

		if (google && i > at)
			break;
		if (google && c == '.')
			continue;
		out[used++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	if (google) {
		memcpy(out + used, "gmail.com", sizeof "gmail.com" - 1);
		used += sizeof "gmail.com" - 1;
	}
	*len = used;
	return !span_equal(span_make(out, used), canon);
}

void
findings_twin(struct findings *findings, struct seen *seen,
    const struct csv_person *person)
{
	struct span canon = person->address.canon;
	struct import_findings *told = &findings->told;
	char plain[2 * ADDRESS_PATH_MAX];
	bool twin;
	size_t len;

	if (plainest(&person->address, plain, sizeof plain, &len)) {
		struct span spelling = span_make(plain, len);

		twin = !seen_add(findings->odd, spelling) ||
		       seen_has(seen, spelling);
		findings->odds++;
	} else {
		twin = findings->odds > 0 && seen_has(findings->odd, canon);
	}
	if (!twin)
		return;
	if (told->twins < IMPORT_REPAIR_SAMPLES) {
		struct import_twin *sample = &told->twin[told->twins];

		sample->line = person->row->line;
		text_cut(sample->address, sizeof sample->address,
		    person->address.address);
	}
	told->twins++;
}

/* ---- Telling ----------------------------------------------------------- */

static int
more_rows(const void *a, const void *b)
{
	const struct import_slip *x = a, *y = b;

	if (x->rows != y->rows)
		return x->rows < y->rows ? 1 : -1;
	return strcmp(x->domain, y->domain);
}

void
findings_tell(const struct findings *findings, struct import_findings *out)
{
	*out = findings->told;
	if (findings->slips)
		qsort(findings->slip, findings->slips, sizeof *findings->slip,
		    more_rows);
	out->slips = findings->slips < IMPORT_SLIPS_KEPT ? findings->slips
							 : IMPORT_SLIPS_KEPT;
	for (size_t i = 0; i < out->slips; i++)
		out->slip[i] = findings->slip[i];
}

const struct import_repaired *
findings_repaired(const struct findings *findings, size_t i)
{
	return i < findings->repaired_rows ? &findings->repaired[i] : NULL;
}
