/* One mailbox address.  This file decides what we are willing to mail to: the
 * grammar of RFC 5321 section 4.1.2 with three bends (docs/deviations.md):
 * old carrier addresses may break the dot rule, literals and dotless domains
 * are refused, and full-width forms are an error with an offer, because a
 * reader cannot see the difference and a silent repair could mail a stranger. */
#include "core/mail/address.h"

#include <idn2.h>

#include "core/base/utf8.h"

/* What has been found out about one address while reading it. */
struct reading {
	struct span text;    /* trimmed input */
	struct arena *arena; /* borrowed */
	struct err *err;
	struct span local;  /* quotes removed */
	struct span domain; /* as typed */
};

static int
refuse(const struct reading *r, enum err_code code, const char *why)
{
	err_set(r->err, code);
	err_fact(r->err, "address", r->text);
	return why ? err_fact(r->err, "why", span_of(why)) : -1;
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* atext of RFC 5322 section 3.2.3. */
static bool
is_atext(char c)
{
	return is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
is_atoms_and_dots(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_atext(s.ptr[i]) && s.ptr[i] != '.')
			return false;
	}
	return s.len > 0;
}

static bool
has_stray_dot(struct span s)
{
	return s.len == 0 || s.ptr[0] == '.' || s.ptr[s.len - 1] == '.' ||
	       span_search(s, SPAN("..")) < s.len;
}

bool
address_is_carrier(struct span domain)
{
	/* NTT docomo, KDDI, and SoftBank with the regional names it inherited
	 * from J-PHONE and Vodafone. */
	static const char *const whole[] = {
	    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp"};
	static const char regions[] = "dhtckrnsq";

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		if (span_equal(domain, span_of(whole[i])))
			return true;
	}
	if (domain.len == sizeof "x.vodafone.ne.jp" - 1 &&
	    span_ends(domain, SPAN(".vodafone.ne.jp")))
		return strchr(regions, domain.ptr[0]) && domain.ptr[0];
	if (domain.len == sizeof "jp-x.ne.jp" - 1 &&
	    span_starts(domain, SPAN("jp-")) &&
	    span_ends(domain, SPAN(".ne.jp")))
		return strchr(regions, domain.ptr[3]) && domain.ptr[3];
	return false;
}

/* Blanks that are not U+0020. */
static bool
is_other_blank(uint32_t cp)
{
	return cp == 0x3000 || cp == 0xa0 || cp == 0x202f || cp == 0x205f ||
	       (cp >= 0x2000 && cp <= 0x200a);
}

/* Marks that take no room: soft hyphen, joiners, directions. */
static bool
is_invisible(uint32_t cp)
{
	return cp == 0xad || cp == 0x2060 || cp == 0xfeff ||
	       (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

uint32_t
address_plain_form(uint32_t cp)
{
	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xfee0;
	if (is_other_blank(cp))
		return ' ';
	if (cp == 0x3002 || cp == 0xff61)
		return '.';
	if (cp == 0xfe6b)
		return '@';
	return is_invisible(cp) ? 0 : cp;
}

/* Bytes first: what no address may hold anywhere. */
static int
check_bytes(const struct reading *r, struct span text)
{
	enum utf8_got got;
	uint32_t cp;

	while ((got = utf8_next(&text, &cp)) != UTF8_END) {
		if (got == UTF8_BAD)
			return refuse(r, E_ADDRESS_SYNTAX, "encoding");
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return refuse(r, E_ADDRESS_SYNTAX, "control");
		if (address_plain_form(cp) != cp)
			return refuse(r, E_ADDRESS_WIDTH, NULL);
	}
	return 0;
}

static size_t
count_of(struct span s, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++)
		count += s.ptr[i] == c;
	return count;
}

static bool
holds_any(struct span s, const char *set)
{
	for (const char *c = set; *c; c++) {
		if (span_index(s, *c) < s.len)
			return true;
	}
	return false;
}

/* Names the usual things that are more than one bare address; the grammar
 * would refuse them too, but less helpfully. */
static int
check_shape(const struct reading *r)
{
	struct span text = r->text;
	char last = text.ptr[text.len - 1];

	if (span_index(text, '<') < text.len ||
	    span_index(text, '>') < text.len)
		return refuse(r, E_ADDRESS_SYNTAX, "name");
	if (span_equal_nocase(span_slice(text, 0, 7), SPAN("mailto:")))
		return refuse(r, E_ADDRESS_SYNTAX, "mailto");
	if (last == ';' || last == ',' || last == '.')
		return refuse(r, E_ADDRESS_SYNTAX, "tail");
	if (count_of(text, '@') > 1 && holds_any(text, ";, /"))
		return refuse(r, E_ADDRESS_SYNTAX, "two");
	return 0;
}

/* Reads a quoted local part into r->local; the rest is the domain. */
static int
split_quoted(struct reading *r)
{
	struct span text = r->text;
	char *local = arena_take(r->arena, text.len);
	size_t len = 0, i = 1;

	for (; i < text.len && text.ptr[i] != '"'; i++) {
		if (text.ptr[i] == '\\' && ++i == text.len)
			return refuse(r, E_ADDRESS_SYNTAX, "quote");
		if ((unsigned char)text.ptr[i] >= 0x80)
			return refuse(r, E_ADDRESS_UTF8, NULL);
		local[len++] = text.ptr[i];
	}
	if (i + 1 >= text.len || text.ptr[i + 1] != '@')
		return refuse(r, E_ADDRESS_SYNTAX, "quote");
	if (len == 0)
		return refuse(r, E_ADDRESS_SYNTAX, "local");
	r->local = span_make(local, len);
	r->domain = span_slice(text, i + 2, text.len);
	return 0;
}

static int
split_plain(struct reading *r)
{
	size_t at = span_index(r->text, '@');

	if (check_shape(r) < 0)
		return -1;
	if (count_of(r->text, '@') != 1)
		return refuse(r, E_ADDRESS_SYNTAX, "at");
	r->local = span_slice(r->text, 0, at);
	r->domain = span_slice(r->text, at + 1, r->text.len);
	if (r->local.len == 0)
		return refuse(r, E_ADDRESS_SYNTAX, "local");
	if (!is_ascii(r->local))
		return refuse(r, E_ADDRESS_UTF8, NULL);
	if (holds_any(r->text, " "))
		return refuse(r, E_ADDRESS_SYNTAX, "space");
	if (!is_atoms_and_dots(r->local))
		return refuse(r, E_ADDRESS_SYNTAX, "local");
	return 0;
}

static int
check_label(const struct reading *r, struct span label)
{
	if (label.len == 0)
		return refuse(r, E_ADDRESS_DOMAIN, "empty");
	if (label.len > ADDRESS_LABEL_MAX)
		return refuse(r, E_ADDRESS_DOMAIN, "length");
	for (size_t i = 0; i < label.len; i++) {
		if (!is_alnum(label.ptr[i]) && label.ptr[i] != '-')
			return refuse(r, E_ADDRESS_DOMAIN, "label");
	}
	if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return refuse(r, E_ADDRESS_DOMAIN, "label");
	return 0;
}

static int
check_labels(const struct reading *r, struct span domain)
{
	struct span rest = domain, label = domain;
	int64_t number;

	if (domain.len > ADDRESS_DOMAIN_MAX)
		return refuse(r, E_ADDRESS_DOMAIN, "length");
	if (span_index(domain, '.') == domain.len)
		return refuse(r, E_ADDRESS_DOMAIN, "single");
	if (domain.ptr[domain.len - 1] == '.')
		return refuse(r, E_ADDRESS_DOMAIN, "empty");
	while (rest.len) {
		label = span_cut(&rest, '.');
		if (check_label(r, label) < 0)
			return -1;
	}
	/* A name that ends in a number is an IPv4 address in disguise. */
	if (span_int(label, &number))
		return refuse(r, E_ADDRESS_DOMAIN, "numeric");
	return 0;
}

static struct span
lower_copy(struct arena *arena, struct span s)
{
	char *copy = arena_take(arena, s.len);

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		copy[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return span_make(copy, s.len);
}

/* True when a label claims to be an A-label, which libidn2 must confirm. */
static bool
has_a_label(struct span lower)
{
	return span_starts(lower, SPAN("xn--")) ||
	       span_search(lower, SPAN(".xn--")) < lower.len;
}

/* r->domain to lower-case A-labels.  Plain ASCII does not trouble libidn2. */
static int
convert_domain(const struct reading *r, struct span *out)
{
	struct span lower;
	uint8_t *ascii = NULL;
	int rc;

	if (r->domain.len == 0)
		return refuse(r, E_ADDRESS_DOMAIN, "empty");
	if (r->domain.ptr[0] == '[')
		return refuse(r, E_ADDRESS_SYNTAX, "literal");
	if (r->domain.len > ADDRESS_DOMAIN_MAX * UTF8_MAX)
		return refuse(r, E_ADDRESS_DOMAIN, "length");
	lower = lower_copy(r->arena, r->domain);
	if (is_ascii(lower) && check_labels(r, lower) < 0)
		return -1;
	if (is_ascii(lower) && !has_a_label(lower)) {
		*out = lower;
		return 0;
	}
	lower = arena_copy(r->arena, lower);
	rc = idn2_lookup_u8((const uint8_t *)lower.ptr, &ascii,
	    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return refuse(r, E_ADDRESS_DOMAIN, "idna");
	*out = lower_copy(r->arena, span_of((const char *)ascii));
	idn2_free(ascii);
	return check_labels(r, *out);
}

bool
address_domain_shown(struct span domain, struct buf *out)
{
	struct arena *arena = arena_new();
	uint8_t *shown = NULL;
	struct span ascii;
	bool good = address_domain(domain, arena, &ascii, NULL) == 0;

	if (good && has_a_label(ascii)) {
		good = idn2_to_unicode_8z8z(ascii.ptr, (char **)&shown, 0) ==
		       IDN2_OK;
		if (good)
			buf_text(out, (const char *)shown);
		idn2_free(shown);
	} else if (good) {
		buf_add(out, ascii);
	}
	arena_free(&arena);
	return good;
}

static struct span
join(struct arena *arena, struct span local, struct span domain)
{
	char *text = arena_take(arena, local.len + 1 + domain.len);

	memcpy(text, local.ptr, local.len);
	text[local.len] = '@';
	memcpy(text + local.len + 1, domain.ptr, domain.len);
	return span_make(text, local.len + 1 + domain.len);
}

static struct span
quote(struct arena *arena, struct span local)
{
	char *text = arena_take(arena, 2 * local.len + 2);
	size_t len = 0;

	text[len++] = '"';
	for (size_t i = 0; i < local.len; i++) {
		if (local.ptr[i] == '"' || local.ptr[i] == '\\')
			text[len++] = '\\';
		text[len++] = local.ptr[i];
	}
	text[len++] = '"';
	return span_make(text, len);
}

static int
refuse_length(const struct reading *r, int limit)
{
	refuse(r, E_ADDRESS_LENGTH, NULL);
	return err_fact_int(r->err, "limit", limit);
}

/* Puts together the forms of an address whose halves are known. */
static int
compose_forms(const struct reading *r, struct address *out)
{
	bool typed_quoted = r->text.ptr[0] == '"';
	bool atoms = is_atoms_and_dots(out->local);
	bool stray = atoms && has_stray_dot(out->local);
	struct span plain = out->local, wire = out->local;

	if (stray && address_is_carrier(out->domain) &&
	    count_of(out->local, '.') < out->local.len)
		out->quirk = ADDRESS_CARRIER_DOTS;
	else if (stray && !typed_quoted)
		return refuse(r, E_ADDRESS_SYNTAX, "dots");
	if (!atoms || stray)
		wire = quote(r->arena, out->local);
	if (out->quirk != ADDRESS_CARRIER_DOTS)
		plain = wire;
	if (wire.len > ADDRESS_LOCAL_MAX)
		return refuse_length(r, ADDRESS_LOCAL_MAX);
	if (wire.len + 1 + out->domain.len + 2 > ADDRESS_PATH_MAX)
		return refuse_length(r, ADDRESS_PATH_MAX);
	out->wire = join(r->arena, wire, out->domain);
	out->canon = join(r->arena, plain, out->domain);
	out->address = join(
	    r->arena, plain, is_ascii(r->domain) ? r->domain : out->domain);
	return 0;
}

static int
parse_strict(
    struct span text, struct arena *arena, struct address *out, struct err *err)
{
	struct reading r = {.text = text, .arena = arena, .err = err};
	int rc;

	*out = (struct address){.quirk = ADDRESS_PLAIN};
	if (text.len == 0)
		return refuse(&r, E_ADDRESS_SYNTAX, "empty");
	/* Nothing valid is longer even when every octet is escaped. */
	if (text.len > ADDRESS_PATH_MAX * UTF8_MAX)
		return refuse_length(&r, ADDRESS_PATH_MAX);
	if (check_bytes(&r, text) < 0)
		return -1;
	rc = text.ptr[0] == '"' ? split_quoted(&r) : split_plain(&r);
	if (rc < 0)
		return -1;
	out->local = arena_copy(arena, r.local);
	if (convert_domain(&r, &out->domain) < 0)
		return -1;
	return compose_forms(&r, out);
}

static struct span
trim_blanks(struct span s)
{
	while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = span_slice(s, 1, s.len);
	while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Takes off what people paste around an address. */
static struct span
unwrap(struct span s)
{
	struct span inner;
	size_t open = span_index(s, '<');

	s = trim_blanks(s);
	if (open < s.len) {
		inner = span_slice(s, open + 1, s.len);
		s = span_slice(inner, 0, span_index(inner, '>'));
	}
	if (span_equal_nocase(span_slice(s, 0, 7), SPAN("mailto:")))
		s = span_slice(s, 7, s.len);
	s = trim_blanks(s);
	while (s.len && strchr(".;,", s.ptr[s.len - 1]))
		s = trim_blanks(span_slice(s, 0, s.len - 1));
	return s;
}

/* Adds the fact "fix" to err when the harmless change of folding look-alikes
 * and unwrapping gives a good address. */
static void
offer_fix(struct span text, struct arena *arena, struct err *err)
{
	struct buf folded = BUF_INIT;
	struct address fixed;
	struct span fix;
	uint32_t cp;

	/* Two addresses in one text: which is meant is not ours to guess. */
	if (!err || text.len > ADDRESS_PATH_MAX * UTF8_MAX ||
	    count_of(text, '@') > 1)
		return;
	while (utf8_next(&text, &cp)) {
		if (address_plain_form(cp))
			buf_utf8(&folded, address_plain_form(cp));
	}
	fix = unwrap(buf_span(&folded));
	if (parse_strict(fix, arena, &fixed, NULL) == 0)
		err_fact(err, "fix", fixed.address);
	buf_done(&folded);
}

int
address_parse(
    struct span text, struct arena *arena, struct address *out, struct err *err)
{
	struct span bare = trim_blanks(text);

	if (parse_strict(bare, arena, out, err) == 0)
		return 0;
	offer_fix(bare, arena, err);
	return -1;
}

int
address_domain(
    struct span text, struct arena *arena, struct span *out, struct err *err)
{
	struct reading r = {
	    .text = text, .arena = arena, .err = err, .domain = text};

	if (check_bytes(&r, text) < 0)
		return -1;
	if (convert_domain(&r, out) < 0)
		return -1;
	return 0;
}
