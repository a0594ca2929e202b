/* Records as they stand in an answer become data here.  Nothing of them is
 * trusted: lengths are checked, names that are no host names come out empty,
 * what does not fit is left out rather than cut. */
#include "core/net/dns.h"

#include <assert.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { LABEL_MAX = 63 };

static const char *const names[] = {
    [DNS_FOUND] = "found",
    [DNS_NODATA] = "nodata",
    [DNS_NXDOMAIN] = "nxdomain",
    [DNS_SERVFAIL] = "servfail",
    [DNS_BOGUS] = "bogus",
};
static_assert(
    sizeof names / sizeof *names == DNS_BOGUS + 1, "name every status");

const char *
dns_status_name(enum dns_status status)
{
	return (size_t)status < sizeof names / sizeof *names ? names[status]
							     : "";
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_host_char(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

void
dns_answer_init(
    struct dns_answer *out, enum dns_status status, struct span name)
{
	memset(out, 0, sizeof *out);
	out->status = status;
	span_text(out->canon, sizeof out->canon, name);
	for (char *p = out->canon; *p; p++)
		*p = lower(*p);
}

void
dns_answer_done(struct dns_answer *answer)
{
	arena_free(&answer->bytes);
	answer->count = 0;
}

/* What a label is. */
enum label {
	LABEL_BAD = -1, /* the octets end too early */
	LABEL_ROOT,
	LABEL_HOST,
	LABEL_ODD,    /* no host name has it */
	LABEL_UNTOLD, /* it cannot be written as text */
};

/* Takes one label off rest into out. */
static enum label
take_label(struct span *rest, struct buf *out)
{
	size_t len = rest->len ? (unsigned char)*rest->ptr : LABEL_MAX + 1;
	enum label got = LABEL_HOST;

	if (len > LABEL_MAX || len + 1 > rest->len)
		return LABEL_BAD;
	for (size_t i = 1; i <= len; i++) {
		char c = rest->ptr[i];

		if (c == '.' || !c)
			got = LABEL_UNTOLD;
		else if (!is_host_char(c) && got == LABEL_HOST)
			got = LABEL_ODD;
		buf_char(out, lower(c));
	}
	*rest = span_slice(*rest, len + 1, rest->len);
	return len ? got : LABEL_ROOT;
}

/* A name that fills rest; false when it is malformed.  worst is the oddest of
 * its labels. */
static bool
read_name(struct span rest, struct buf *out, enum label *worst)
{
	enum label got;

	*worst = LABEL_HOST;
	while ((got = take_label(&rest, out)) > LABEL_ROOT) {
		*worst = got > *worst ? got : *worst;
		buf_char(out, '.');
	}
	if (got == LABEL_BAD || rest.len || out->len > DNS_NAME_MAX + 1)
		return false;
	if (*worst == LABEL_UNTOLD)
		buf_clear(out);
	else if (out->len)
		out->len--; /* the last dot */
	else
		buf_char(out, '.');
	return true;
}

/* The strings of a TXT record, joined. */
static bool
read_strings(struct span rest, struct buf *out)
{
	while (rest.len) {
		size_t len = (unsigned char)*rest.ptr;

		if (len + 1 > rest.len)
			return false;
		buf_add(out, span_slice(rest, 1, len + 1));
		rest = span_slice(rest, len + 1, rest.len);
	}
	return true;
}

static bool
read_mx(struct span rdata, struct dns_record *record, struct buf *out,
    enum label *worst)
{
	const unsigned char *octet = (const unsigned char *)rdata.ptr;

	if (rdata.len < 3)
		return false;
	record->preference = (uint16_t)(octet[0] << 8 | octet[1]);
	return read_name(span_slice(rdata, 2, rdata.len), out, worst);
}

static bool
read_tlsa(struct span rdata, struct dns_record *record, struct buf *out)
{
	const unsigned char *octet = (const unsigned char *)rdata.ptr;

	if (rdata.len < 3)
		return false;
	record->usage = octet[0];
	record->selector = octet[1];
	record->match = octet[2];
	buf_add(out, span_slice(rdata, 3, rdata.len));
	return true;
}

static bool
read_record(enum dns_type type, struct span rdata, struct dns_record *record,
    struct buf *out, enum label *worst)
{
	switch (type) {
	case DNS_A:
		buf_add(out, rdata);
		return rdata.len == 4;
	case DNS_AAAA:
		buf_add(out, rdata);
		return rdata.len == 16;
	case DNS_MX:
		return read_mx(rdata, record, out, worst);
	case DNS_CNAME:
	case DNS_PTR:
		return read_name(rdata, out, worst);
	case DNS_TXT:
		return read_strings(rdata, out);
	case DNS_TLSA:
		return read_tlsa(rdata, record, out);
	}
	return false;
}

bool
dns_answer_add(struct dns_answer *out, enum dns_type type, struct span rdata)
{
	struct dns_record record = {0};
	struct buf data = BUF_INIT;
	enum label worst = LABEL_ROOT; /* stays when it is no name */
	bool ok = out->count < DNS_RECORDS_MAX &&
		  read_record(type, rdata, &record, &data, &worst);

	if (ok) {
		if (!out->bytes)
			out->bytes = arena_new();
		record.data = arena_copy(out->bytes, buf_span(&data));
		if (worst != LABEL_ROOT)
			record.raw = record.data;
		if (worst > LABEL_HOST)
			record.data.len = 0;
		out->record[out->count++] = record;
		out->status = DNS_FOUND;
	}
	buf_done(&data);
	return ok;
}

bool
dns_is_host(struct span name)
{
	bool letter = false;
	int labels = 0;

	if (!name.len || name.len > DNS_NAME_MAX ||
	    name.ptr[name.len - 1] == '.')
		return false;
	while (name.len) {
		struct span label = span_cut(&name, '.');

		if (!label.len || label.len > LABEL_MAX)
			return false;
		letter = false;
		for (size_t i = 0; i < label.len; i++) {
			if (!is_host_char(label.ptr[i]))
				return false;
			letter =
			    letter || label.ptr[i] < '0' || label.ptr[i] > '9';
		}
		labels++;
	}
	/* a last label of digits alone is an address (RFC 3696 section 2) */
	return labels > 1 && letter;
}
