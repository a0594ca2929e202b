/* A DMARC record as receivers take it: what cannot be read is noted and stands
 * for its default, as RFC 9989 section 4.7 wants. */
#include "core/net/dmarc.h"

#include <assert.h>

#include "core/mail/taglist.h"

static const char *const policies[] = {
    [DMARC_NONE] = "none",
    [DMARC_QUARANTINE] = "quarantine",
    [DMARC_REJECT] = "reject",
};
static_assert(sizeof policies / sizeof *policies == DMARC_REJECT + 1,
    "name every policy");

const char *
dmarc_policy_name(enum dmarc_policy policy)
{
	return (size_t)policy <= DMARC_REJECT ? policies[policy] : "";
}

const char *
dmarc_mode_name(enum dmarc_mode mode)
{
	return mode == DMARC_STRICT ? "strict" : "relaxed";
}

/* ---- Values ------------------------------------------------------------------ */

static bool
read_policy(struct span value, enum dmarc_policy *out)
{
	for (size_t i = 0; i <= DMARC_REJECT; i++) {
		if (!span_equal_nocase(value, span_of(policies[i])))
			continue;
		*out = (enum dmarc_policy)i;
		return true;
	}
	return false;
}

/* One of the letters, in any case: its place among them, or -1. */
static int
read_letter(struct span value, const char *letters)
{
	const char *hit;

	if (value.len != 1)
		return -1;
	hit = strchr(letters, *value.ptr | 0x20);
	return *value.ptr && hit ? (int)(hit - letters) : -1;
}

static bool
read_mode(struct span value, enum dmarc_mode *out)
{
	int got = read_letter(value, "rs");

	*out = got == 1 ? DMARC_STRICT : DMARC_RELAXED;
	return got >= 0;
}

static bool
read_psd(struct span value, enum dmarc_psd *out)
{
	int got = read_letter(value, "uny");

	*out = got > 0 ? (enum dmarc_psd)got : DMARC_PSD_UNKNOWN;
	return got >= 0;
}

static bool
read_testing(struct span value, bool *out)
{
	int got = read_letter(value, "ny");

	*out = got == 1;
	return got >= 0;
}

static bool
read_fo(struct span value, struct span *out)
{
	struct span rest = value;

	while (rest.len) {
		struct span one = span_trim(span_cut(&rest, ':'));

		if (read_letter(one, "01ds") < 0)
			return false;
	}
	if (value.len)
		*out = value;
	return value.len;
}

/* ---- Addresses --------------------------------------------------------------- */

/* Takes "!10m" off the end (RFC 7489). */
static bool
cut_size(struct span *uri)
{
	size_t mark = span_index(*uri, '!'), end = uri->len;
	int64_t number;

	if (mark == uri->len)
		return false;
	if (end > mark + 1 &&
	    span_index(SPAN("kmgtKMGT"), uri->ptr[end - 1]) < 8)
		end--;
	if (!span_int(span_slice(*uri, mark + 1, end), &number))
		return false;
	uri->len = mark;
	return true;
}

static bool
is_scheme(struct span scheme)
{
	for (size_t i = 0; i < scheme.len; i++) {
		char low = (char)(scheme.ptr[i] | 0x20);
		bool other = (scheme.ptr[i] >= '0' && scheme.ptr[i] <= '9') ||
			     span_index(SPAN("+-."), scheme.ptr[i]) < 3;

		if (!(low >= 'a' && low <= 'z') && !(i && other))
			return false;
	}
	return scheme.len;
}

/* Printable ASCII without blanks behind a scheme; a mailto has a domain. */
static bool
is_uri(struct span uri)
{
	struct span rest = uri, scheme = span_cut(&rest, ':');

	if (!is_scheme(scheme) || !rest.len)
		return false;
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] <= ' ' || rest.ptr[i] > '~' ||
		    rest.ptr[i] == '!')
			return false;
	}
	return !span_equal_nocase(scheme, SPAN("mailto")) ||
	       dns_is_host(dmarc_uri_domain(uri));
}

/* A list of addresses; false when one of them is none. */
static bool
read_uris(
    struct span value, struct dmarc_uris *out, struct dmarc_record *record)
{
	bool good = true;

	while (value.len) {
		struct span uri = span_trim(span_cut(&value, ','));

		if (cut_size(&uri))
			record->tags |= DMARC_TAG_SIZE;
		if (!is_uri(uri)) {
			good = false;
			continue;
		}
		if (out->count < DMARC_URIS_MAX)
			out->uri[out->count] = uri;
		out->count++;
	}
	return good && out->count;
}

struct span
dmarc_uri_domain(struct span uri)
{
	struct span rest = uri, scheme = span_cut(&rest, ':');
	size_t at;

	if (span_equal_nocase(scheme, SPAN("mailto"))) {
		rest = span_cut(&rest, '?');
		for (at = rest.len; at && rest.ptr[at - 1] != '@'; at--)
			;
		return at > 1 ? span_slice(rest, at, rest.len)
			      : (struct span){0};
	}
	if (!span_starts(rest, SPAN("//")))
		return (struct span){0};
	rest = span_slice(rest, 2, rest.len);
	rest = span_cut(&rest, '/');
	rest = span_cut(&rest, '?');
	at = span_index(rest, '@');
	if (at < rest.len)
		rest = span_slice(rest, at + 1, rest.len);
	return span_cut(&rest, ':');
}

/* ---- The record -------------------------------------------------------------- */

static const struct {
	const char *name;
	enum dmarc_tag tag;
} names[] = {
    {"p", DMARC_TAG_P},
    {"sp", DMARC_TAG_SP},
    {"np", DMARC_TAG_NP},
    {"adkim", DMARC_TAG_ADKIM},
    {"aspf", DMARC_TAG_ASPF},
    {"rua", DMARC_TAG_RUA},
    {"ruf", DMARC_TAG_RUF},
    {"fo", DMARC_TAG_FO},
    {"psd", DMARC_TAG_PSD},
    {"t", DMARC_TAG_T},
    {"pct", DMARC_TAG_PCT},
    {"rf", DMARC_TAG_RF},
    {"ri", DMARC_TAG_RI},
};

enum { REQUESTS = DMARC_TAG_P | DMARC_TAG_SP | DMARC_TAG_NP };

static bool
read_value(enum dmarc_tag tag, struct span value, struct dmarc_record *out)
{
	switch (tag) {
	case DMARC_TAG_P:
		return read_policy(value, &out->p);
	case DMARC_TAG_SP:
		return read_policy(value, &out->sp);
	case DMARC_TAG_NP:
		return read_policy(value, &out->np);
	case DMARC_TAG_ADKIM:
		return read_mode(value, &out->adkim);
	case DMARC_TAG_ASPF:
		return read_mode(value, &out->aspf);
	case DMARC_TAG_RUA:
		return read_uris(value, &out->rua, out);
	case DMARC_TAG_RUF:
		return read_uris(value, &out->ruf, out);
	case DMARC_TAG_FO:
		return read_fo(value, &out->fo);
	case DMARC_TAG_PSD:
		return read_psd(value, &out->psd);
	case DMARC_TAG_T:
		return read_testing(value, &out->testing);
	default:
		return true; /* nobody reads it any more */
	}
}

static void
take_tag(const struct tag *tag, struct dmarc_record *out)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		enum dmarc_tag bit = names[i].tag;

		if (!span_equal_nocase(tag->name, span_of(names[i].name)))
			continue;
		if ((out->tags | out->bad) & bit)
			out->twice |= bit;
		else if (read_value(bit, tag->value, out))
			out->tags |= bit;
		else
			out->bad |= bit;
		return;
	}
	out->unknown++;
}

bool
dmarc_is_record(struct span text)
{
	struct span first = span_cut(&text, ';');

	if (span_index(first, '=') == first.len)
		return false;
	return span_equal_nocase(span_trim(span_cut(&first, '=')), SPAN("v")) &&
	       span_equal(span_trim(first), SPAN("DMARC1"));
}

static int
invalid(const char *why, const char *tag, struct err *err)
{
	err_set(err, E_DMARC_RECORD);
	err_fact(err, "why", span_of(why));
	return err_fact(err, "tag", span_of(tag));
}

/* Without proper requests the record lives on as p=none when it names where
 * reports go (section 4.10.1). */
static int
settle(struct dmarc_record *out, struct err *err)
{
	const char *tag = out->bad & DMARC_TAG_SP   ? "sp"
			  : out->bad & DMARC_TAG_NP ? "np"
						    : "p";

	if (!(out->tags & DMARC_TAG_P) || (out->bad & REQUESTS)) {
		if (!out->rua.count)
			return invalid("policy", tag, err);
		out->saved = true;
		out->p = out->sp = out->np = DMARC_NONE;
		return 0;
	}
	if (!(out->tags & DMARC_TAG_SP))
		out->sp = out->p;
	if (!(out->tags & DMARC_TAG_NP))
		out->np = out->sp;
	return 0;
}

int
dmarc_parse(struct span text, struct dmarc_record *out, struct err *err)
{
	struct span rest = text;
	struct tag tag;
	int got;

	*out = (struct dmarc_record){.text = text, .fo = SPAN("0")};
	if (!dmarc_is_record(text))
		return invalid("version", "v", err);
	span_cut(&rest, ';');
	while ((got = taglist_next(&rest, &tag)) != 0) {
		if (got < 0)
			out->unknown++;
		else
			take_tag(&tag, out);
	}
	return settle(out, err);
}
