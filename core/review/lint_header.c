/* The header block, read back by the reader that shares nothing with the
 * writer. */
#include "core/review/lint.h"

enum {
	LINE_MAX_OCTETS = 998,     /* RFC 5322 section 2.1.1 */
	HEADER_MAX_OCTETS = 12288, /* old carriers refuse more */
	HEADER_MAX_LINES = 100,
	SENDER_ID_MIN = 5, /* what Gmail wants of a Feedback-ID */
	SENDER_ID_MAX = 15,
};

static bool
contains(struct span text, struct span part)
{
	return span_search(text, part) < text.len;
}

static const char *const at_most_once[] = {"Date", "From", "Sender", "Reply-To",
    "To", "Cc", "Subject", "Message-ID", "MIME-Version", "List-Unsubscribe",
    "List-Unsubscribe-Post", "List-Id", "Feedback-ID"};
static const char *const exactly_once[] = {
    "Date", "From", "To", "Message-ID", "Subject"};
static const char *const never[] = {"Cc", "Bcc", "Sender", "Return-Path"};

static void
check_counts(struct lint *lint, const struct parse_header *header)
{
	for (size_t i = 0; i < sizeof at_most_once / sizeof *at_most_once;
	    i++) {
		if (parse_count(header, at_most_once[i]) > 1)
			lint_add(
			    lint, HD_02, "twice", span_of(at_most_once[i]));
	}
	for (size_t i = 0; i < sizeof exactly_once / sizeof *exactly_once;
	    i++) {
		if (parse_count(header, exactly_once[i]) == 0)
			lint_add(
			    lint, HD_02, "missing", span_of(exactly_once[i]));
	}
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		if (parse_count(header, never[i]) > 0)
			lint_add(lint, CM_04, "field", span_of(never[i]));
	}
	for (size_t i = 0; i < header->count; i++) {
		struct span name = header->field[i].name;

		if (name.len < 8 || !span_equal_nocase(span_slice(name, 0, 8),
					SPAN("Content-")))
			continue;
		for (size_t k = 0; k < i; k++) {
			if (span_equal_nocase(header->field[k].name, name))
				lint_add(lint, HD_02, "twice", name);
		}
	}
}

/* ---- HD-01 ------------------------------------------------------------------------ */

/* The one mailbox of a field; false when there is not exactly one. */
static bool
only_mailbox(const struct parse_header *header, const char *name,
    struct arena *arena, struct parse_mailbox *out)
{
	const struct parse_field *field = parse_find(header, name);
	struct parse_mailbox *list = NULL;
	size_t count = 0;

	if (!field ||
	    parse_mailboxes(field->value, arena, &list, &count, NULL) < 0 ||
	    count != 1)
		return false;
	*out = list[0];
	return true;
}

static void
check_name(struct lint *lint, struct span name)
{
	if (contains(name, SPAN("@")) || contains(name, SPAN("＠")) ||
	    contains(name, SPAN("://")) || contains(name, SPAN("www.")))
		lint_add(lint, HD_01, "name", name);
	else if (contains(name, SPAN("=?")))
		lint_add(lint, HD_01, "encoded", name);
}

static void
check_mailboxes(struct lint *lint, const struct parse_header *header)
{
	struct arena *arena = lint->tools->arena;
	struct parse_mailbox from, to;

	if (!only_mailbox(header, "From", arena, &from)) {
		lint_add(lint, HD_01, "mailboxes", SPAN("From"));
	} else {
		if (!span_equal(
			from.address, buf_span(&lint->rules->from_address)))
			lint_add(lint, HD_01, "address", from.address);
		check_name(lint, from.name);
	}
	if (!only_mailbox(header, "To", arena, &to)) {
		lint_add(lint, CM_04, "recipients", SPAN("To"));
		return;
	}
	if (!span_equal(to.address, lint->message->rcpt_to))
		lint_add(lint, CM_04, "other_address", SPAN("To"));
	if (to.name.len)
		lint_marks(lint, to.name, NULL);
}

/* ---- HD-03, HD-06, HD-07 --------------------------------------------------------------- */

static void
check_id(struct lint *lint, const struct parse_header *header)
{
	const struct parse_field *field = parse_find(header, "Message-ID");
	struct span id = field ? span_trim(field->value) : SPAN("");
	size_t at = span_index(id, '@');

	if (!field)
		return;
	if (!span_starts(id, SPAN("<")) || !span_ends(id, SPAN(">")) ||
	    at == id.len || at + 2 >= id.len ||
	    span_index(span_slice(id, at, id.len), '.') == id.len - at)
		lint_add(lint, HD_03, "id_form", id);
}

static void
check_unsubscribe(struct lint *lint, const struct parse_header *header)
{
	const struct parse_field *list = parse_find(header, "List-Unsubscribe");
	const struct parse_field *post =
	    parse_find(header, "List-Unsubscribe-Post");
	size_t at = list ? span_search(list->value, SPAN("<https://")) : 0;

	if (!list || at == list->value.len)
		lint_add(lint, HD_06, "https", SPAN(""));
	else if (contains(span_slice(list->value, at + 1, list->value.len),
		     SPAN("<http")))
		lint_add(lint, HD_06, "two_https", SPAN(""));
	else if (!contains(list->value, SPAN("<mailto:")))
		lint_add(lint, HD_06, "mailto", SPAN(""));
	if (!post ||
	    !span_equal(post->value, SPAN("List-Unsubscribe=One-Click")))
		lint_add(lint, HD_06, "post", SPAN(""));
}

/* The same in all messages: the first one's is kept. */
static bool
is_same(struct lint *lint, struct buf *first, struct span value)
{
	if (lint->tools->messages == 1) {
		buf_clear(first);
		buf_add(first, value);
	}
	return span_equal(buf_span(first), value);
}

/* "campaign:customer:kind:SenderId", of which the last is who we are. */
static const char *
feedback_fault(struct span value)
{
	size_t colons = 0, at = 0;
	struct span id;

	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] != ':')
			continue;
		colons++;
		at = i + 1;
	}
	id = span_trim(span_slice(value, at, value.len));
	if (colons != 3 || id.len < SENDER_ID_MIN || id.len > SENDER_ID_MAX)
		return "feedback_form";
	return span_index(value, '@') < value.len ? "feedback_personal" : NULL;
}

static void
check_manners(struct lint *lint, const struct parse_header *header)
{
	const struct parse_field *list = parse_find(header, "List-Id");
	const struct parse_field *feedback = parse_find(header, "Feedback-ID");
	enum campaign_class class = lint->rules->class;
	struct lint_tools *tools = lint->tools;
	const char *fault;

	if (!list && (class == CLASS_AD || class == CLASS_NOTICE) &&
	    lint->rules->list)
		lint_add(lint, HD_07, "list_id", SPAN(""));
	if (!is_same(lint, &tools->list_id, list ? list->value : SPAN("")))
		lint_add(lint, HD_07, "list_differs", list->value);
	if (!is_same(lint, &tools->feedback_id,
		feedback ? feedback->value : SPAN("")))
		lint_add(lint, HD_07, "feedback_differs", feedback->value);
	fault = feedback ? feedback_fault(feedback->value) : NULL;
	if (fault)
		lint_add(lint, HD_07, fault, feedback->value);
	if (!parse_find(header, "Auto-Submitted") &&
	    !parse_find(header, "Precedence") &&
	    !parse_find(header, "X-Auto-Response-Suppress"))
		lint_add(lint, HD_07, "auto_reply", SPAN(""));
}

/* ---- HD-05, CM-09W ------------------------------------------------------------------------ */

static void
check_form(struct lint *lint)
{
	enum { HTML_LARGE = 100 * 1024, LARGE = 1024 * 1024 };
	const struct message *message = lint->message;
	struct parse_scan scan = {0};
	size_t octets;

	parse_scan(message->bytes, &scan);
	if (scan.longest_line > LINE_MAX_OCTETS)
		lint_add(lint, HD_05, "line", SPAN(""));
	if (scan.bare_cr || scan.bare_lf || scan.nul)
		lint_add(lint, HD_05, "line_end", SPAN(""));
	if (scan.high_in_header || scan.high_in_body)
		lint_add(lint, HD_05, "eight_bit", SPAN(""));
	if (scan.header_octets > HEADER_MAX_OCTETS ||
	    scan.header_lines > HEADER_MAX_LINES)
		lint_add(lint, HD_05, "header_size", SPAN(""));
	octets = scan.total_octets > message->octets ? scan.total_octets
						     : message->octets;
	if ((int64_t)octets > lint->tally->octets_max)
		lint->tally->octets_max = (int64_t)octets;
	if (message->html.len > HTML_LARGE)
		lint_add(lint, CM_09W, "large_html", SPAN(""));
	else if (octets > LARGE)
		lint_add(lint, CM_09W, "large", SPAN(""));
}

void
lint_header(struct lint *lint)
{
	struct parse_header header;
	struct err err = {0};
	struct span body;

	check_form(lint);
	if (parse_header(lint->message->bytes, lint->tools->arena, &header,
		&body, &err) < 0) {
		tally_err(lint->tally, HD_02, lint->seq, &err);
		return;
	}
	check_counts(lint, &header);
	check_mailboxes(lint, &header);
	check_id(lint, &header);
	check_manners(lint, &header);
	if (lint->rules->class == CLASS_AD)
		check_unsubscribe(lint, &header);
}
