/* What is personal, and how it is masked.  Enough is left to tell people apart
 * on a screen, too little to write to anybody: of an address its domain and one
 * or two characters, of a name its first character, of fields their names. */
#include "core/store/mask.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

enum { SHOWN_LONG = 2, LONG_LOCAL = 5 };

static const struct mask_column columns[] = {
    {"attachment", "name", MASK_TEXT},
    {"attachment_file", "key", MASK_HIDDEN},
    {"attachment_file", "name", MASK_HIDDEN},
    {"approval", "note", MASK_TEXT},
    {"audit", "object", MASK_TEXT},
    {"audit", "facts", MASK_TEXT},
    {"blob", "bytes", MASK_BYTES},
    {"canary", "address", MASK_ADDRESS},
    {"canary", "canon", MASK_ADDRESS},
    {"consent_event", "reason", MASK_TEXT},
    {"consent_event", "basis_note", MASK_HIDDEN},
    {"consent_event", "ip", MASK_HIDDEN},
    {"consent_event", "paper", MASK_HIDDEN},
    {"contact", "address", MASK_ADDRESS},
    {"contact", "canon", MASK_ADDRESS},
    {"contact", "name", MASK_NAME},
    {"contact", "fields", MASK_FIELDS},
    {"contact_alias", "canon", MASK_ADDRESS},
    {"contact_certificate", "certificate", MASK_BYTES},
    {"contact_event", "fact", MASK_HIDDEN},
    {"export", "filter", MASK_HIDDEN},
    {"export", "certificate", MASK_BYTES},
    {"export", "reason", MASK_TEXT},
    {"export", "words", MASK_TEXT},
    {"export", "statement", MASK_BYTES},
    {"import", "file", MASK_TEXT},
    {"import", "reason", MASK_TEXT},
    {"import_before", "name", MASK_HIDDEN},
    {"import_before", "fields", MASK_HIDDEN},
    {"import_before", "basis_note", MASK_HIDDEN},
    {"import_before", "ip", MASK_HIDDEN},
    {"import_before", "paper", MASK_HIDDEN},
    {"import_reject", "detail", MASK_HIDDEN},
    {"import_reject", "raw", MASK_HIDDEN},
    {"ledger", "reply", MASK_TEXT},
    {"ledger_old_id", "message_id", MASK_HIDDEN},
    {"member", "basis_note", MASK_HIDDEN},
    {"member", "ip", MASK_HIDDEN},
    {"member", "paper", MASK_HIDDEN},
    {"outbox", "address", MASK_ADDRESS},
    {"outbox", "canon", MASK_ADDRESS},
    {"outbox", "name", MASK_NAME},
    {"outbox", "fields", MASK_FIELDS},
    {"resolution", "evidence", MASK_TEXT},
    {"review_extract", "text", MASK_HIDDEN},
    {"review_result", "facts", MASK_TEXT},
    {"review_result", "answer", MASK_TEXT},
    {"review_result", "why", MASK_BYTES},
    {"review_word", "text", MASK_TEXT},
    {"segment", "filter", MASK_HIDDEN},
    {"staff_address", "address", MASK_ADDRESS},
    {"staff_address", "canon", MASK_ADDRESS},
    {"staff_address", "name", MASK_NAME},
    {"suppression", "evidence", MASK_TEXT},
    {"suppression", "source", MASK_TEXT},
    {"suppression", "address", MASK_ADDRESS},
    {"tag", "name", MASK_TEXT},
    {"test_send", "address", MASK_ADDRESS},
    {"test_send", "name", MASK_NAME},
    {"test_send", "reply", MASK_TEXT},
    {"trash_canary", "address", MASK_HIDDEN},
    {"trash_canary", "canon", MASK_HIDDEN},
    {"trash_certificate", "certificate", MASK_BYTES},
    {"trash_contact", "address", MASK_HIDDEN},
    {"trash_contact", "canon", MASK_HIDDEN},
    {"trash_contact", "name", MASK_HIDDEN},
    {"trash_contact", "fields", MASK_HIDDEN},
    {"trash_member", "basis_note", MASK_HIDDEN},
    {"trash_member", "ip", MASK_HIDDEN},
    {"trash_member", "paper", MASK_HIDDEN},
    {"trash_segment", "filter", MASK_HIDDEN},
    {NULL, NULL, MASK_KINDS},
};

const struct mask_column *
mask_columns(void)
{
	return columns;
}

bool
mask_has(const char *table, const char *column)
{
	for (const struct mask_column *at = columns; at->table; at++) {
		if (!strcmp(at->table, table) && !strcmp(at->column, column))
			return true;
	}
	return false;
}

/* The octets of the first count characters of text. */
static size_t
octets_of(struct span text, int count)
{
	struct span rest = text;
	uint32_t cp;

	while (count-- > 0 && utf8_next(&rest, &cp) != UTF8_END)
		;
	return text.len - rest.len;
}

void
mask_address(struct span address, struct buf *out)
{
	size_t at = address.len;
	struct span local;
	int shown = 0;

	if (address.len == 0)
		return;
	while (at > 0 && address.ptr[at - 1] != '@')
		at--;
	local = span_slice(address, 0, at ? at - 1 : address.len);
	/* Of a short one even the first character would tell too much. */
	if (octets_of(local, LONG_LOCAL) < local.len)
		shown = SHOWN_LONG;
	else if (octets_of(local, 2) < local.len)
		shown = 1;
	buf_add(out, span_slice(local, 0, octets_of(local, shown)));
	buf_text(out, "***");
	if (at)
		buf_add(out, span_slice(address, at - 1, address.len));
}

void
mask_name(struct span name, struct buf *out)
{
	size_t first = octets_of(name, 1);

	buf_add(out, span_slice(name, 0, first));
	if (first < name.len)
		buf_char(out, '*');
}

void
mask_fields(struct span fields, struct buf *out)
{
	struct json_walk walk;
	struct span key, value;
	const char *comma = "";
	int got;

	buf_char(out, '{');
	json_begin(&walk, fields);
	while ((got = json_next(&walk, &key, &value)) == 1) {
		buf_printf(out, "%s\"", comma);
		buf_add(out, key);
		buf_text(out, value.len && walk.type != JSON_NULL ? "\":\"***\""
								  : "\":\"\"");
		comma = ",";
	}
	buf_char(out, '}');
}

/* What may stand in an address that is part of a text: more than RFC 5321
 * allows, because what is masked too much harms nobody. */
static bool
is_address_octet(char c)
{
	unsigned char u = (unsigned char)c;

	return u > ' ' && u != 0x7f && !strchr("<>()[]{},;:\"'=|@", c);
}

void
mask_text(struct span text, struct buf *out)
{
	size_t done = 0;

	for (size_t at = 0; at < text.len; at++) {
		size_t from = at, to = at + 1;

		if (text.ptr[at] != '@')
			continue;
		while (from > done && is_address_octet(text.ptr[from - 1]))
			from--;
		while (to < text.len && is_address_octet(text.ptr[to]))
			to++;
		buf_add(out, span_slice(text, done, from));
		mask_address(span_slice(text, from, to), out);
		done = to;
		at = to - 1;
	}
	buf_add(out, span_slice(text, done, text.len));
}

void
mask_value(enum mask_kind kind, struct span value, struct buf *out)
{
	switch (kind) {
	case MASK_ADDRESS:
		mask_address(value, out);
		break;
	case MASK_NAME:
		mask_name(value, out);
		break;
	case MASK_FIELDS:
		mask_fields(value, out);
		break;
	case MASK_TEXT:
		mask_text(value, out);
		break;
	case MASK_HIDDEN:
		if (value.len)
			buf_text(out, "***");
		break;
	case MASK_BYTES:
	case MASK_KINDS:
		break;
	}
}
