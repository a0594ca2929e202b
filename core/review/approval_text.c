/* The text of an approval.  It is made for a person with a printout and for
 * sha256sum: plain lines, times in UTC, digests in lower-case hexadecimal. */
#include "core/review/approval_text.h"

static void
line(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s: ", name);
	buf_add(out, value);
	buf_char(out, '\n');
}

static void
line_int(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, "%s: %lld\n", name, (long long)value);
}

static void
line_digest(struct buf *out, const char *name, const struct digest *digest)
{
	buf_printf(out, "%s: ", name);
	crypt_hex(out, span_make(digest->bytes, SHA256_LEN));
	buf_char(out, '\n');
}

static void
line_time(struct buf *out, const char *name, int64_t ms)
{
	buf_printf(out, "%s: ", name);
	statement_time(ms, out);
	buf_char(out, '\n');
}

void
statement_write(const struct approval_text *self, struct buf *out)
{
	buf_text(out,
	    "sekisho-approval 1\n"
	    "I have looked at this campaign and approve that it is sent as it "
	    "was sealed.\n");
	line(out, "store", self->store);
	line_int(out, "campaign", self->campaign);
	line(out, "name", self->name);
	line(out, "class", self->class);
	line(out, "subject", self->subject);
	line(out, "from", self->from);
	line_int(out, "recipients", self->recipients);
	line_digest(out, "merkle-root", &self->root);
	line_digest(out, "manifest-sha256", &self->manifest);
	if (self->first_ms)
		line_time(out, "first-sending", self->first_ms);
	else
		line(out, "first-sending", SPAN("at the launch"));
	line_int(out, "overrides", (int64_t)self->overrides);
	for (size_t i = 0; i < self->overrides; i++) {
		line(out, "override", self->override[i].check);
		line(out, "  asked", self->override[i].asked);
		line(out, "  reason", self->override[i].reason);
	}
	line(out, "note", self->note);
	line(out, "approver", self->login);
	line_int(out, "uid", self->uid);
	line_digest(out, "key-sha256", &self->key);
	line(out, "authenticated", self->authenticated);
	line_time(out, "approved", self->at_ms);
	line_int(out, "approved-ms", self->at_ms);
	line_time(out, "expires", self->expires_ms);
	line_int(out, "expires-ms", self->expires_ms);
}
