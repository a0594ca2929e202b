/* The records that ought to be published.  What is there is changed as little
 * as it can be: somebody else's terms stay as they are and in their order,
 * because they let mail pass that we know nothing of. */
#include "core/health/examine.h"

#include "core/mail/taglist.h"
#include "core/net/spf.h"

/* ---- SPF ------------------------------------------------------------------------- */

enum { TERMS_MAX = 200 };

struct mending {
	struct span term[TERMS_MAX]; /* of all records, each once */
	size_t count;
	struct span redirect, end; /* the strictest "all" */
	int strictness;
};

static int
strictness_of(struct span all)
{
	switch (*all.ptr) {
	case '-':
		return 3;
	case '~':
		return 2;
	default:
		return 1; /* "?all" and "+all" let everybody pass */
	}
}

static bool
is_known(const struct mending *mending, struct span term)
{
	for (size_t i = 0; i < mending->count; i++) {
		if (span_equal_nocase(mending->term[i], term))
			return true;
	}
	return false;
}

static bool
is_all(struct span term)
{
	if (term.len && strchr("+-~?", *term.ptr))
		term = span_slice(term, 1, term.len);
	return span_equal_nocase(term, SPAN("all"));
}

static bool
is_ptr(struct span term)
{
	if (term.len && strchr("+-~?", *term.ptr))
		term = span_slice(term, 1, term.len);
	return span_equal_nocase(
	    span_slice(term, 0, span_index(term, ':')), SPAN("ptr"));
}

static bool
is_redirect(struct span term)
{
	return span_equal_nocase(span_slice(term, 0, 9), SPAN("redirect="));
}

static void
take_term(struct mending *mending, struct span term)
{
	if (!term.len || is_ptr(term))
		return;
	if (is_all(term)) {
		if (strictness_of(term) > mending->strictness) {
			mending->strictness = strictness_of(term);
			mending->end = term;
		}
	} else if (is_redirect(term)) {
		mending->redirect = term;
	} else if (mending->count < TERMS_MAX && !is_known(mending, term)) {
		mending->term[mending->count++] = term;
	}
}

static void
take_records(struct mending *mending, struct span there)
{
	while (there.len) {
		struct span record = span_cut(&there, '\n');

		span_cut(&record, ' '); /* "v=spf1" */
		while (record.len)
			take_term(mending, span_cut(&record, ' '));
	}
}

/* An address may be within a term already ("ip4:192.0.2.0/24", "a"): adding it
 * again is harmless, and what asks DNS is not followed here. */
static void
add_addresses(
    const struct house *house, const struct mending *mending, struct buf *out)
{
	for (size_t i = 0; i < house->addresses; i++) {
		const char *address = house->address[i];
		struct buf term = BUF_INIT;

		buf_printf(&term, "%s:%s", strchr(address, ':') ? "ip6" : "ip4",
		    address);
		if (!is_known(mending, buf_span(&term)))
			buf_printf(out, " %s", term.ptr);
		buf_done(&term);
	}
}

void
record_spf(const struct house *house, struct span there, struct buf *out)
{
	struct mending mending = {.count = 0};
	bool mechanism;

	take_records(&mending, there);
	/* who sends is not known, and a record that lets nobody pass is worse
	 * than none */
	if (!house->addresses && !mending.count && !mending.redirect.len)
		return;
	buf_text(out, "v=spf1");
	add_addresses(house, &mending, out);
	for (size_t i = 0; i < mending.count; i++) {
		buf_char(out, ' ');
		buf_add(out, mending.term[i]);
	}
	mechanism = mending.strictness > 1;
	if (mechanism) {
		buf_char(out, ' ');
		buf_add(out, mending.end);
	} else if (mending.redirect.len && !mending.end.len) {
		buf_char(out, ' ');
		buf_add(out, mending.redirect);
	} else {
		buf_text(out, there.len ? " ~all" : " -all");
	}
}

/* ---- DMARC -------------------------------------------------------------------------- */

static bool
is_gone(struct span name)
{
	return span_equal_nocase(name, SPAN("pct")) ||
	       span_equal_nocase(name, SPAN("rf")) ||
	       span_equal_nocase(name, SPAN("ri"));
}

static void
add_tag(struct span name, struct span value, struct buf *out)
{
	buf_text(out, "; ");
	buf_add(out, name);
	buf_char(out, '=');
	buf_add(out, value);
}

void
record_dmarc(
    struct span text, const char *tag, struct span value, struct buf *out)
{
	struct span rest = text;
	struct tag one;
	bool done = false;
	int got;

	buf_text(out, "v=DMARC1");
	/* the policy comes first among the rest: old readers want it there */
	if (!strcmp(tag, "p")) {
		add_tag(span_of(tag), value, out);
		done = true;
	}
	while ((got = taglist_next(&rest, &one)) != 0) {
		if (got < 0 || span_equal_nocase(one.name, SPAN("v")) ||
		    is_gone(one.name))
			continue;
		if (!span_equal_nocase(one.name, span_of(tag))) {
			add_tag(one.name, one.value, out);
		} else if (!done) {
			add_tag(one.name, value, out);
			done = true;
		}
	}
	if (!done)
		add_tag(span_of(tag), value, out);
}
