/* The client's half of the dialogue as text.  Everything that could let one
 * message or address run into the next command is refused here: control
 * octets in addresses, and line ends that two servers may read differently. */
#include "core/net/smtp_text.h"

#include "core/base/utf8.h"

/* True when the address needs SMTPUTF8 (RFC 6531). */
static bool
is_international(struct span address)
{
	for (size_t i = 0; i < address.len; i++) {
		if ((unsigned char)address.ptr[i] >= 0x80)
			return true;
	}
	return false;
}

/* Where the address could end or extend a command, else its length. */
static size_t
find_break(struct span address, bool *quoted)
{
	size_t i;

	*quoted = false;
	for (i = 0; i < address.len; i++) {
		unsigned char c = (unsigned char)address.ptr[i];

		if (c < ' ' || c == 0x7f)
			return i;
		if (c == '"')
			*quoted = !*quoted;
		if (*quoted && c == '\\' && i + 1 < address.len &&
		    address.ptr[i + 1] >= ' ')
			i++;
		else if (!*quoted && (c == ' ' || c == '<' || c == '>'))
			return i;
	}
	return address.len;
}

int
smtp_check_address(struct span address, struct err *err)
{
	bool quoted;

	if (find_break(address, &quoted) == address.len && !quoted &&
	    address.len <= SMTP_PATH_MAX &&
	    (!is_international(address) || utf8_is_valid(address)))
		return 0;
	err_set(err, E_ADDRESS_SYNTAX);
	return err_fact(err, "address", address);
}

static int
bad_body(struct err *err, const char *why, size_t offset)
{
	err_set(err, E_SMTP_BODY);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "offset", (int64_t)offset);
}

/* Bare CR or LF is how one message is smuggled in another: the next server
 * may see an end of data where this one saw text.  Says where it is. */
static int
find_bad_line(struct span data, struct err *err)
{
	size_t at = 0, end, cr;

	while (at < data.len) {
		struct span rest = span_slice(data, at, data.len);

		end = span_index(rest, '\n');
		cr = span_index(span_slice(rest, 0, end), '\r');
		if (end == rest.len && cr == end)
			return 0;
		if (cr + 1 < end || end == rest.len)
			return bad_body(err, "bare CR", at + cr);
		if (cr == end)
			return bad_body(err, "bare LF", at + end);
		at += end + 1;
	}
	return 0;
}

/* What a message is made of, found in one pass. */
struct look {
	size_t cr, lf, crlf; /* crlf: LF behind CR */
	bool nul, high;
};

typedef unsigned char octets __attribute__((vector_size(16)));
typedef unsigned long long halves __attribute__((vector_size(16)));

/* The sum of the sixteen counters, at most 255 each. */
static size_t
sum_of(octets counters)
{
	size_t sum = 0;

	for (int i = 0; i < 16; i++)
		sum += counters[i];
	return sum;
}

static bool
any_in(octets bits)
{
	halves half = (halves)bits;

	return (half[0] | half[1]) != 0;
}

/* count blocks of 16 octets at p, at most 255; p[-1] can be read. */
static void
look_at_blocks(const char *p, size_t count, struct look *look)
{
	octets cr = {0}, lf = {0}, crlf = {0}, nul = {0}, high = {0};

	for (size_t i = 0; i < count; i++, p += 16) {
		octets now, before;

		memcpy(&now, p, sizeof now);
		memcpy(&before, p - 1, sizeof before);
		cr -= (octets)(now == '\r');
		lf -= (octets)(now == '\n');
		crlf -= (octets)((now == '\n') & (before == '\r'));
		nul |= (octets)(now == 0);
		high |= now;
	}
	look->cr += sum_of(cr);
	look->lf += sum_of(lf);
	look->crlf += sum_of(crlf);
	look->nul |= any_in(nul);
	look->high |= any_in(high & 0x80);
}

static void
look_at_octet(char before, char now, struct look *look)
{
	look->cr += now == '\r';
	look->lf += now == '\n';
	look->crlf += now == '\n' && before == '\r';
	look->nul |= now == '\0';
	look->high |= (now & 0x80) != 0;
}

static struct look
look_at(struct span data)
{
	struct look look = {0};
	size_t at = 0;

	if (data.len)
		look_at_octet(' ', data.ptr[at++], &look);
	while (data.len - at >= 16) {
		size_t blocks = (data.len - at) / 16;

		if (blocks > 255)
			blocks = 255;
		look_at_blocks(data.ptr + at, blocks, &look);
		at += blocks * 16;
	}
	for (; at < data.len; at++)
		look_at_octet(data.ptr[at - 1], data.ptr[at], &look);
	return look;
}

int
smtp_look(struct span data, enum smtp_body *out, struct err *err)
{
	struct look look = look_at(data);

	if ((look.cr != look.crlf || look.lf != look.crlf) &&
	    find_bad_line(data, err) < 0)
		return -1;
	if (look.nul)
		return bad_body(err, "NUL", span_index(data, '\0'));
	*out = look.high ? SMTP_BODY_8BIT : SMTP_BODY_7BIT;
	return 0;
}

static bool
needs_utf8(const struct smtp_envelope *envelope)
{
	return envelope->header == SMTP_HEADER_UTF8 ||
	       is_international(envelope->sender) ||
	       is_international(envelope->recipient);
}

/* What the message needs and the relay does not offer. */
static int
check_offer(const struct smtp_envelope *envelope, unsigned offered,
    const char *host, struct err *err)
{
	const struct {
		bool needed;
		enum smtp_cap cap;
		enum err_code code;
	} table[] = {
	    {envelope->body == SMTP_BODY_8BIT, SMTP_CAP_8BITMIME, E_SMTP_8BIT},
	    {needs_utf8(envelope), SMTP_CAP_SMTPUTF8, E_SMTP_UTF8},
	    {envelope->require == SMTP_REQUIRE_TLS, SMTP_CAP_REQUIRETLS,
		E_SMTP_REQUIRETLS},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (!table[i].needed || (offered & table[i].cap))
			continue;
		err_set(err, table[i].code);
		return err_fact(err, "host", span_of(host));
	}
	return 0;
}

int
smtp_check(struct smtp_envelope *envelope, const struct smtp_caps *caps,
    const char *host, struct err *err)
{
	struct span data = envelope->data;

	if (smtp_check_address(envelope->sender, err) < 0)
		return -1;
	if (envelope->recipient.len == 0) {
		err_set(err, E_ADDRESS_SYNTAX);
		return err_fact(err, "address", envelope->recipient);
	}
	if (smtp_check_address(envelope->recipient, err) < 0)
		return -1;
	if (envelope->body == SMTP_BODY_UNSEEN &&
	    smtp_look(data, &envelope->body, err) < 0)
		return -1;
	if (check_offer(envelope, caps->bits, host, err) < 0)
		return -1;
	if (caps->size_max > 0 && (int64_t)data.len > caps->size_max) {
		err_set(err, E_SMTP_SIZE);
		err_fact(err, "host", span_of(host));
		err_fact_int(err, "size", (int64_t)data.len);
		return err_fact_int(err, "limit", caps->size_max);
	}
	return 0;
}

/* RFC 3461 section 4: "+" and "=" and all but visible ASCII as +XX. */
static void
write_xtext(struct buf *out, struct span text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= '!' && c <= '~' && c != '+' && c != '=') {
			buf_char(out, (char)c);
			continue;
		}
		buf_char(out, '+');
		buf_char(out, hex[c >> 4]);
		buf_char(out, hex[c & 15]);
	}
}

static void
write_size(struct buf *out, size_t value)
{
	char digits[24];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	buf_add(out, span_make(digits + at, sizeof digits - at));
}

static void
write_ret(struct buf *out, const struct smtp_envelope *envelope)
{
	if (envelope->ret != SMTP_RET_DEFAULT)
		buf_add(out, envelope->ret == SMTP_RET_FULL
				 ? SPAN(" RET=FULL")
				 : SPAN(" RET=HDRS"));
	if (envelope->envid.len) {
		buf_add(out, SPAN(" ENVID="));
		write_xtext(out, envelope->envid);
	}
}

void
smtp_write_mail(struct buf *out, const struct smtp_envelope *envelope,
    const struct smtp_caps *caps)
{
	buf_add(out, SPAN("MAIL FROM:<"));
	buf_add(out, envelope->sender);
	buf_char(out, '>');
	if ((caps->bits & SMTP_CAP_SIZE) && envelope->data.len) {
		buf_add(out, SPAN(" SIZE="));
		write_size(out, envelope->data.len);
	}
	if (envelope->body == SMTP_BODY_8BIT)
		buf_add(out, SPAN(" BODY=8BITMIME"));
	if (needs_utf8(envelope))
		buf_add(out, SPAN(" SMTPUTF8"));
	if (envelope->require == SMTP_REQUIRE_TLS)
		buf_add(out, SPAN(" REQUIRETLS"));
	if (caps->bits & SMTP_CAP_DSN)
		write_ret(out, envelope);
	buf_add(out, SPAN("\r\n"));
}

static void
write_notify(struct buf *out, unsigned notify)
{
	static const struct {
		enum smtp_notify bit;
		struct span word;
	} words[] = {
	    {SMTP_NOTIFY_FAILURE, {"FAILURE", 7}},
	    {SMTP_NOTIFY_DELAY, {"DELAY", 5}},
	    {SMTP_NOTIFY_SUCCESS, {"SUCCESS", 7}},
	};
	char before = '=';

	buf_add(out, SPAN(" NOTIFY"));
	if (notify & SMTP_NOTIFY_NEVER) {
		buf_add(out, SPAN("=NEVER"));
		return;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!(notify & words[i].bit))
			continue;
		buf_char(out, before);
		buf_add(out, words[i].word);
		before = ',';
	}
}

/* An international address has an ORCPT type of its own (RFC 6533) that few
 * relays read, so it goes without one. */
void
smtp_write_rcpt(struct buf *out, const struct smtp_envelope *envelope,
    const struct smtp_caps *caps)
{
	buf_add(out, SPAN("RCPT TO:<"));
	buf_add(out, envelope->recipient);
	buf_char(out, '>');
	if ((caps->bits & SMTP_CAP_DSN) && envelope->notify) {
		write_notify(out, envelope->notify);
		if (!is_international(envelope->recipient)) {
			buf_add(out, SPAN(" ORCPT=rfc822;"));
			write_xtext(out, envelope->recipient);
		}
	}
	buf_add(out, SPAN("\r\n"));
}

void
smtp_write_bdat(struct buf *out, size_t size)
{
	buf_add(out, SPAN("BDAT "));
	write_size(out, size);
	buf_add(out, SPAN(" LAST\r\n"));
	buf_reserve(out, size);
}

void
smtp_write_data(struct buf *out, struct span data)
{
	size_t from = 0, at = 0;

	buf_reserve(out, data.len + 16);
	while (at < data.len) {
		if (data.ptr[at] == '.') {
			buf_add(out, span_slice(data, from, at + 1));
			from = at;
		}
		at += span_index(span_slice(data, at, data.len), '\n') + 1;
	}
	buf_add(out, span_slice(data, from, data.len));
	if (out->len == 0 || out->ptr[out->len - 1] != '\n')
		buf_add(out, SPAN("\r\n"));
	buf_add(out, SPAN(".\r\n"));
}
