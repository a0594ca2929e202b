/* Certificates in words: the same on the page of the identities and on a
 * contact's. */
#include "tui/screens/smime_text.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

struct span
smime_common_name(struct span name)
{
	struct span rest = name, part;

	while (rest.len) {
		part = span_cut(&rest, ',');
		if (span_starts(part, SPAN("CN=")))
			return span_slice(part, 3, part.len);
	}
	return name;
}

static void
add_line(struct buf *out, const char *label, struct span value)
{
	buf_text(out, label);
	buf_text(out, ": ");
	buf_add(out, value.len ? value : SPAN("-"));
	buf_char(out, '\n');
}

/* In groups of four, two lines of eight, to be read out on the telephone. */
static void
add_fingerprint(struct buf *out, const struct digest *fingerprint)
{
	struct buf hex = BUF_INIT;

	crypt_hex(&hex, span_make(fingerprint->bytes, SHA256_LEN));
	buf_text(out, "SHA-256:");
	for (size_t i = 0; i < hex.len; i += 4) {
		buf_text(out, i % 32 ? " " : "\n  ");
		buf_add(out, span_slice(buf_span(&hex), i, i + 4));
	}
	buf_char(out, '\n');
	buf_done(&hex);
}

void
smime_describe(const struct smime_certificate *certificate, struct buf *out)
{
	struct buf dates = BUF_INIT;

	for (size_t i = 0; i < certificate->address_count; i++)
		add_line(out, _("Address"), certificate->address[i]);
	add_line(out, _("Made out to"), certificate->subject);
	add_line(out, _("Issued by"), certificate->issuer);
	add_line(out, _("Key"), span_of(certificate->key));
	format_date(&dates, certificate->from_ms);
	buf_text(&dates, " - ");
	format_date(&dates, certificate->to_ms);
	add_line(out, _("Valid"), buf_span(&dates));
	add_fingerprint(out, &certificate->fingerprint);
	buf_done(&dates);
}

void
smime_say_intake(const struct smime_intake *counts, struct buf *out)
{
	buf_printf(out,
	    _("%lld new, %lld known already; left out: %lld of nobody here, "
	      "%lld not valid, %lld other files."),
	    (long long)counts->added, (long long)counts->known,
	    (long long)counts->nobody, (long long)counts->refused,
	    (long long)counts->files);
}
