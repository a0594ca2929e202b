/* Reading an SPF record.  It is read to its end before anything is evaluated:
 * an error anywhere spoils the whole of it (RFC 7208 section 4.6). */
#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/net/spf.h"
#include "core/net/spf_macro.h"

enum { ADDRESS_TEXT = 46 };

/* What may stand behind a mechanism. */
enum argument {
	ARG_NONE,
	ARG_DOMAIN,      /* must be there */
	ARG_MAY_DOMAIN,  /* may */
	ARG_DOMAIN_CIDR, /* may, with one or two prefix lengths */
	ARG_IP4,
	ARG_IP6
};

static const struct {
	const char *name;
	enum spf_kind kind;
	enum argument argument;
} mechanisms[] = {
    {"all", SPF_ALL, ARG_NONE},
    {"include", SPF_INCLUDE, ARG_DOMAIN},
    {"a", SPF_A, ARG_DOMAIN_CIDR},
    {"mx", SPF_MX, ARG_DOMAIN_CIDR},
    {"ptr", SPF_PTR, ARG_MAY_DOMAIN},
    {"ip4", SPF_IP4, ARG_IP4},
    {"ip6", SPF_IP6, ARG_IP6},
    {"exists", SPF_EXISTS, ARG_DOMAIN},
};

static const char *const results[] = {
    [SPF_NONE] = "none",
    [SPF_NEUTRAL] = "neutral",
    [SPF_PASS] = "pass",
    [SPF_FAIL] = "fail",
    [SPF_SOFTFAIL] = "softfail",
    [SPF_TEMPERROR] = "temperror",
    [SPF_PERMERROR] = "permerror",
};
static_assert(
    sizeof results / sizeof *results == SPF_PERMERROR + 1, "name every result");

const char *
spf_result_name(enum spf_result result)
{
	return (size_t)result < sizeof results / sizeof *results
		   ? results[result]
		   : "";
}

bool
spf_asks(enum spf_kind kind)
{
	return kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX ||
	       kind == SPF_PTR || kind == SPF_EXISTS || kind == SPF_REDIRECT;
}

bool
spf_is_record(struct span text)
{
	struct span version = SPAN("v=spf1");

	return span_equal_nocase(span_slice(text, 0, version.len), version) &&
	       (text.len == version.len || text.ptr[version.len] == ' ');
}

/* ---- Arguments -------------------------------------------------------------- */

/* A prefix length without leading zeros; false when it is none or too long. */
static bool
read_prefix(struct span digits, int most, int *out)
{
	int64_t value;

	if (!span_int(digits, &value) || value > most ||
	    (digits.len > 1 && *digits.ptr == '0'))
		return false;
	*out = (int)value;
	return true;
}

/* Cuts "/" and digits off the end of *text. */
static bool
cut_slash(struct span *text, struct span *digits)
{
	size_t from = text->len;

	while (from && text->ptr[from - 1] >= '0' && text->ptr[from - 1] <= '9')
		from--;
	if (!from || from == text->len || text->ptr[from - 1] != '/')
		return false;
	*digits = span_slice(*text, from, text->len);
	text->len = from - 1;
	return true;
}

/* One or two prefix lengths off the end: "/24", "//64", "/24//64". */
static bool
take_dual(struct span *text, struct spf_term *out)
{
	struct span digits;

	if (!cut_slash(text, &digits))
		return true;
	if (!text->len || text->ptr[text->len - 1] != '/')
		return read_prefix(digits, 32, &out->prefix4);
	text->len--;
	if (!read_prefix(digits, 128, &out->prefix6))
		return false;
	return !cut_slash(text, &digits) ||
	       read_prefix(digits, 32, &out->prefix4);
}

/* An address and its prefix length. */
static const char *
read_network(struct span text, int family, struct spf_term *out)
{
	int *prefix = family == AF_INET ? &out->prefix4 : &out->prefix6;
	struct span address = span_cut(&text, '/');
	bool slash = text.ptr != address.ptr + address.len;
	char name[ADDRESS_TEXT];

	if (slash && !read_prefix(text, family == AF_INET ? 32 : 128, prefix))
		return "prefix";
	if (address.len >= sizeof name)
		return "address";
	span_text(name, sizeof name, address);
	return inet_pton(family, name, out->ip) == 1 ? NULL : "address";
}

/* What stands behind ":". */
static const char *
read_domain(struct span text, struct spf_term *out)
{
	if (!text.len)
		return "argument";
	if (!spf_domain_valid(text))
		return "domain";
	out->domain = text;
	return NULL;
}

/* rest begins with ":" or "/" or is empty; NULL, or what is wrong. */
static const char *
read_argument(enum argument what, struct span rest, struct spf_term *out)
{
	bool colon;

	if (what == ARG_DOMAIN_CIDR && !take_dual(&rest, out))
		return "prefix";
	colon = rest.len && *rest.ptr == ':';
	if (rest.len && !colon)
		return "argument";
	rest = span_slice(rest, colon, rest.len);
	switch (what) {
	case ARG_NONE:
		return colon ? "argument" : NULL;
	case ARG_IP4:
		return read_network(rest, AF_INET, out);
	case ARG_IP6:
		return read_network(rest, AF_INET6, out);
	case ARG_DOMAIN:
		return read_domain(rest, out);
	case ARG_MAY_DOMAIN:
	case ARG_DOMAIN_CIDR:
		return colon ? read_domain(rest, out) : NULL;
	}
	return "argument";
}

/* ---- Terms ------------------------------------------------------------------- */

/* Takes "+", "-", "?" or "~" off. */
static enum spf_result
take_qualifier(struct span *text)
{
	static const enum spf_result means[] = {
	    SPF_PASS, SPF_FAIL, SPF_NEUTRAL, SPF_SOFTFAIL};
	size_t i = text->len ? span_index(SPAN("+-?~"), *text->ptr) : 4;

	if (i == 4)
		return SPF_PASS;
	*text = span_slice(*text, 1, text->len);
	return means[i];
}

static const char *
read_mechanism(struct span text, struct spf_term *out)
{
	struct span name;
	size_t end = 0;

	out->result = take_qualifier(&text);
	while (end < text.len && text.ptr[end] != ':' && text.ptr[end] != '/')
		end++;
	name = span_slice(text, 0, end);
	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		if (!span_equal_nocase(name, span_of(mechanisms[i].name)))
			continue;
		out->kind = mechanisms[i].kind;
		return read_argument(mechanisms[i].argument,
		    span_slice(text, end, text.len), out);
	}
	return "mechanism";
}

static bool
is_modifier_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i], low = (char)(c | 0x20);
		bool letter = low >= 'a' && low <= 'z';

		if (!letter && (!i || !((c >= '0' && c <= '9') || c == '-' ||
					  c == '_' || c == '.')))
			return false;
	}
	return name.len;
}

static const char *
read_modifier(struct span text, struct spf_term *out)
{
	struct span name = span_cut(&text, '=');

	if (!is_modifier_name(name))
		return "modifier";
	out->kind = SPF_OTHER;
	if (span_equal_nocase(name, SPAN("redirect")))
		out->kind = SPF_REDIRECT;
	else if (span_equal_nocase(name, SPAN("exp")))
		out->kind = SPF_EXP;
	if (out->kind != SPF_OTHER)
		return read_domain(text, out);
	return spf_macro_valid(text, SPF_IN_RECORD) ? NULL : "macro";
}

/* A "=" before any ":" or "/" makes a modifier. */
static const char *
read_term(struct span text, struct spf_term *out)
{
	size_t end = 0;

	*out = (struct spf_term){.text = text, .prefix4 = 32, .prefix6 = 128};
	while (end < text.len && span_index(SPAN(":/="), text.ptr[end]) == 3)
		end++;
	return end < text.len && text.ptr[end] == '='
		   ? read_modifier(text, out)
		   : read_mechanism(text, out);
}

static bool
is_twice(const struct spf_record *record, enum spf_kind kind)
{
	if (kind != SPF_REDIRECT && kind != SPF_EXP)
		return false;
	for (size_t i = 0; i < record->count; i++) {
		if (record->term[i].kind == kind)
			return true;
	}
	return false;
}

/* ---- The record -------------------------------------------------------------- */

static int
invalid(const char *why, struct span term, struct err *err)
{
	err_set(err, E_SPF_RECORD);
	err_fact(err, "why", span_of(why));
	return err_fact(err, "term", term);
}

static bool
is_visible(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < ' ' || text.ptr[i] > '~')
			return false;
	}
	return true;
}

static int
add_term(struct span text, struct spf_record *out, struct err *err)
{
	struct spf_term term;
	const char *why;

	if (!is_visible(text))
		return invalid("characters", text, err);
	if (out->count == SPF_TERMS_MAX)
		return invalid("terms", text, err);
	why = read_term(text, &term);
	if (!why && is_twice(out, term.kind))
		why = "twice";
	if (why)
		return invalid(why, text, err);
	out->term = mem_more(out->term, out->count, sizeof *out->term);
	out->term[out->count++] = term;
	return 0;
}

int
spf_parse(struct span text, struct spf_record *out, struct err *err)
{
	struct span rest = text;

	*out = (struct spf_record){.text = text};
	if (!spf_is_record(text))
		return invalid("version", span_slice(text, 0, 6), err);
	span_cut(&rest, ' ');
	while (rest.len) {
		struct span term = span_cut(&rest, ' ');

		if (term.len && add_term(term, out, err) < 0)
			return -1;
	}
	return 0;
}

void
spf_record_done(struct spf_record *record)
{
	free(record->term);
	*record = (struct spf_record){0};
}
