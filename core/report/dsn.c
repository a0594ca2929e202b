/* Delivery reports as they come: RFC 3464 wants a multipart with fields for
 * machines, many gateways send something near it.  The fields are looked for
 * line by line, wherever they stand; which message is meant is told by the
 * envelope id, or by the Message-ID of what is returned. */
#include "core/base/buf.h"
#include "core/report/evidence.h"

enum { IDS_MAX = 8 };

/* What was seen so far. */
struct dsn {
	struct span id[IDS_MAX];
	int ids;
	bool id_follows; /* its field was folded behind the name */
	struct span action, status, diagnostic, recipient;
	bool is_report;
};

/* The value of "Name: value" when line is that field. */
static bool
field(struct span line, struct span name, struct span *out)
{
	if (line.len <= name.len || line.ptr[name.len] != ':' ||
	    !span_equal_nocase(span_slice(line, 0, name.len), name))
		return false;
	*out = span_trim(span_slice(line, name.len + 1, line.len));
	return true;
}

static void
add_id(struct dsn *dsn, struct span id)
{
	dsn->id_follows = !id.len;
	if (id.len && dsn->ids < IDS_MAX)
		dsn->id[dsn->ids++] = id;
}

/* The first of each: a report of ours is about one recipient. */
static void
keep(struct span *to, struct span value)
{
	if (!to->len)
		*to = value;
}

static void
take_line(struct dsn *dsn, struct span line)
{
	struct span value;

	if (dsn->id_follows && line.len)
		add_id(dsn, line);
	else if (field(line, SPAN("Original-Envelope-Id"), &value) ||
		 field(line, SPAN("Message-ID"), &value))
		add_id(dsn, value);
	else if (field(line, SPAN("Action"), &value))
		keep(&dsn->action, value);
	else if (field(line, SPAN("Status"), &value))
		keep(&dsn->status, value);
	else if (field(line, SPAN("Diagnostic-Code"), &value))
		keep(&dsn->diagnostic, value);
	else if (field(line, SPAN("Original-Recipient"), &value) ||
		 field(line, SPAN("Final-Recipient"), &value))
		keep(&dsn->recipient, value);
	else if (span_search(line, SPAN("message/delivery-status")) < line.len)
		dsn->is_report = true;
}

/* "rfc822; a@example.jp" */
static struct span
address_of(struct span value)
{
	struct span rest = value;

	span_cut(&rest, ';');
	return span_trim(rest.len ? rest : value);
}

static bool
find_verdict(const struct dsn *dsn, enum evidence_says *out)
{
	static const struct {
		struct span action;
		enum evidence_says says;
	} known[] = {
	    {SPAN("failed"), EVIDENCE_FAILED},
	    {SPAN("delivered"), EVIDENCE_ACCEPTED},
	    {SPAN("relayed"), EVIDENCE_ACCEPTED},
	    {SPAN("expanded"), EVIDENCE_ACCEPTED},
	    {SPAN("delayed"), EVIDENCE_ACCEPTED},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct span word =
		    span_slice(dsn->action, 0, known[i].action.len);

		if (dsn->action.len &&
		    span_equal_nocase(word, known[i].action)) {
			*out = known[i].says;
			return true;
		}
	}
	return false;
}

bool
dsn_read(struct span message, const struct evidence_sink *sink)
{
	struct dsn dsn = {.ids = 0};
	struct evidence evidence;
	struct span rest = span_slice(message, 0, EVIDENCE_MESSAGE_MAX);

	while (rest.len)
		take_line(&dsn, span_trim(span_cut(&rest, '\n')));
	if (!dsn.is_report || !find_verdict(&dsn, &evidence.says))
		return false;
	evidence.address = address_of(dsn.recipient);
	evidence.line = dsn.diagnostic.len ? dsn.diagnostic : dsn.status;
	for (int i = 0; i < dsn.ids; i++) {
		evidence.id = dsn.id[i];
		if (sink->wants(sink->arg, dsn.id[i]))
			sink->found(sink->arg, &evidence);
	}
	return true;
}
