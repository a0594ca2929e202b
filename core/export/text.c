/* A text for a person with a printout and for a machine that compares octets:
 * one fact a line, and no name can begin another line. */
#include "core/export/text.h"

#include "core/base/text.h"
#include "core/export/about.h"
#include "core/export/columns.h"

static void
line(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, "%s: ", name);
	text_one_line(out, value, value.len);
	buf_char(out, '\n');
}

static void
line_int(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, "%s: %lld\n", name, (long long)value);
}

static void
line_time(struct buf *out, const char *name, const char *ms_name, int64_t ms)
{
	buf_printf(out, "%s: ", name);
	statement_time(ms, out);
	buf_char(out, '\n');
	line_int(out, ms_name, ms);
}

const char *
text_scope(enum export_scope scope)
{
	static const char *const words[EXPORT_SCOPES] = {
	    [EXPORT_LIST] = "list",
	    [EXPORT_SEGMENT] = "segment",
	    [EXPORT_FILTER] = "filter",
	    [EXPORT_PERSON] = "person",
	};

	return scope < EXPORT_SCOPES ? words[scope] : "";
}

const char *
text_charset(enum export_charset charset)
{
	return charset == EXPORT_CP932 ? "CP932" : "UTF-8";
}

int
text_seal(const struct export_order *order, int64_t now_ms, struct buf *out,
    struct err *err)
{
	struct digest fingerprint;
	struct buf subject = BUF_INIT;
	int rc = 0;

	if (order->seal == EXPORT_PLAIN) {
		buf_text(out, "none");
	} else if (order->seal == EXPORT_BY_PASSPHRASE) {
		buf_text(out, "passphrase");
	} else {
		rc = scope_certificate(buf_span(&order->certificate), now_ms,
		    &fingerprint, &subject, err);
		if (rc == 0) {
			buf_text(out, "certificate ");
			crypt_hex(
			    out, span_make(fingerprint.bytes, SHA256_LEN));
			buf_char(out, ' ');
			text_one_line(out, buf_span(&subject), subject.len);
		}
	}
	buf_done(&subject);
	return rc;
}

/* The headers, which are what leaves. */
static int
add_columns(const struct scope *scope, struct buf *out, struct err *err)
{
	struct columns *columns = NULL;
	struct sheet *sheet = NULL;
	int rc = -1;

	if (sheet_new(EXPORT_UTF8, NULL, &sheet, err) < 0)
		return -1;
	if (scope->order->scope == EXPORT_PERSON) {
		about_name(sheet);
	} else {
		if (columns_new(scope->db, scope->order, &columns, err) < 0)
			goto out;
		columns_name(columns, sheet);
	}
	for (size_t i = 0; i + 1 < sheet_columns(sheet); i++)
		line(out, "column", sheet_header(sheet, i));
	rc = 0;
out:
	columns_free(&columns);
	sheet_free(&sheet);
	return rc;
}

static void
add_scope(const struct scope *scope, struct buf *out)
{
	const struct export_order *order = scope->order;
	struct buf name = BUF_INIT;

	line(out, "scope", span_of(text_scope(order->scope)));
	if (order->scope == EXPORT_PERSON) {
		line_int(out, "contact", order->contact.v);
		line(out, "address", span_of(scope->address));
		return;
	}
	buf_printf(&name, "%lld %s", (long long)order->list.v, scope->list);
	line(out, "list", buf_span(&name));
	if (order->scope == EXPORT_SEGMENT) {
		buf_clear(&name);
		buf_printf(&name, "%lld %s", (long long)order->segment,
		    scope->segment);
		line(out, "segment", buf_span(&name));
	}
	buf_done(&name);
}

/* A segment is what its filter says now. */
static int
add_filter(const struct scope *scope, struct buf *out, struct err *err)
{
	const struct export_order *order = scope->order;
	struct segment segment;

	if (order->scope == EXPORT_FILTER)
		line(out, "filter", buf_span(&order->filter));
	if (order->scope != EXPORT_SEGMENT)
		return 0;
	if (segment_find(scope->db, order->segment, &segment, err) < 0)
		return -1;
	line(out, "filter", span_of(segment.filter));
	return 0;
}

int
text_subject(struct store *store, const struct scope *scope,
    const struct request_facts *facts, struct buf *out, struct err *err)
{
	const struct export_order *order = scope->order;
	char id[STORE_ID_LEN + 1];

	store_id(store, id);
	buf_text(out,
	    "sekisho-export 1\n"
	    "I have looked at this request and approve that these people leave "
	    "the store in one file.\n");
	line(out, "store", span_of(id));
	line_int(out, "export", facts->id);
	add_scope(scope, out);
	if (add_filter(scope, out, err) < 0)
		return -1;
	line_int(out, "people", facts->people);
	if (add_columns(scope, out, err) < 0)
		return -1;
	line(out, "charset", span_of(text_charset(order->charset)));
	line_int(out, "cells-with-losses", order->lost);
	buf_text(out, "encryption: ");
	if (text_seal(order, facts->asked_ms, out, err) < 0)
		return -1;
	buf_char(out, '\n');
	line(out, "reason", buf_span(&order->reason));
	line(out, "requester", facts->asked_by);
	line_int(out, "requester-uid", facts->asked_uid);
	line_time(out, "asked", "asked-ms", facts->asked_ms);
	return 0;
}

struct span
export_subject_line(struct span subject, const char *name)
{
	while (subject.len) {
		struct span value = span_cut(&subject, '\n');
		struct span found = span_cut(&value, ':');

		if (span_equal(found, span_of(name)))
			return span_trim(value);
	}
	return SPAN("");
}

void
export_statement(
    struct span subject, const struct export_signer *signer, struct buf *out)
{
	buf_add(out, subject);
	line(out, "note", signer->note);
	line(out, "approver", signer->login);
	line_int(out, "approver-uid", signer->uid);
	buf_text(out, "key-sha256: ");
	crypt_hex(out, span_make(signer->key.bytes, SHA256_LEN));
	buf_char(out, '\n');
	line(out, "authenticated", signer->authenticated);
	line_time(out, "approved", "approved-ms", signer->at_ms);
	line_time(out, "expires", "expires-ms", signer->expires_ms);
}
