/* The lines of the checklist as the screen shows them: sign, note, and the
 * whole explanation. */
#include "tui/screens/check_text.h"

#include "core/base/utf8.h"
#include "tui/text/check_words.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

void
check_sentence(struct span text, struct buf *why)
{
	if (utf8_count(span_trim(text)) < ANSWER_MIN)
		buf_printf(why,
		    _("At least %d characters: somebody will read it later."),
		    ANSWER_MIN);
	else if (text.len > ANSWER_MAX)
		buf_text(why, _("That is too long for the record."));
}

const char *
check_title(const char *id, const struct check_result *result)
{
	if (result && result->state == CHECK_NOT_EVALUATED &&
	    !strcmp(id, "PP-01"))
		return _("the policy asks for no second person");
	if (result && result->state == CHECK_PASS && !strcmp(id, "PP-01") &&
	    span_equal(check_fact(result, "approval"), SPAN("follows")))
		return _("a second person approves after the seal");
	return _(check_words_of(id, NULL)->title);
}

const char *
check_group(const char *id)
{
	const struct check_chapter *chapter;

	check_words_of(id, &chapter);
	return chapter->heading;
}

static enum check_state
state_of(const struct check_result *result)
{
	return result ? result->state : CHECK_PENDING;
}

/* Not evaluated, but answered for by a person: never green. */
static bool
is_attested(const struct check_result *result)
{
	return result && result->cleared && result->state != CHECK_PASS;
}

const char *
check_sign(const struct check_result *result)
{
	static const char *const signs[CHECK_STATES] = {
	    [CHECK_PENDING] = "-",
	    [CHECK_RUNNING] = "-",
	    [CHECK_PASS] = "✓",
	    [CHECK_FAIL] = "✗",
	    [CHECK_NOT_EVALUATED] = "?",
	    [CHECK_STALE] = "-",
	};

	return is_attested(result) ? "▪" : signs[state_of(result)];
}

enum role
check_role(const struct check_result *result)
{
	static const enum role roles[CHECK_STATES] = {
	    [CHECK_PENDING] = ROLE_DIM,
	    [CHECK_RUNNING] = ROLE_DIM,
	    [CHECK_PASS] = ROLE_OK,
	    [CHECK_FAIL] = ROLE_ERR,
	    [CHECK_NOT_EVALUATED] = ROLE_WARN,
	    [CHECK_STALE] = ROLE_DIM,
	};

	return is_attested(result) ? ROLE_INFO : roles[state_of(result)];
}

/* Of the network and the history, not of messages. */
static bool
is_outside(const struct check_result *result)
{
	const char *heading = check_group(result->check->id);

	return heading == check_dns.heading ||
	       heading == check_transport.heading ||
	       heading == check_reputation.heading ||
	       heading == check_pace.heading ||
	       heading == check_tripwires.heading;
}

/* How many messages fail; not the number that PP-03 asks for. */
static void
note_fail(const struct check_result *result, int64_t total, struct buf *out)
{
	struct buf count = BUF_INIT;

	if (is_outside(result)) {
		buf_text(out, _("not passed"));
	} else if (result->count >= total) {
		buf_text(out, _("in every message"));
	} else {
		format_count(&count, result->count);
		buf_printf(
		    out, P_("%s found", "%s found", result->count), count.ptr);
	}
	buf_done(&count);
}

void
check_note(const struct check_result *result, enum check_when when,
    int64_t total, struct buf *out)
{
	switch (state_of(result)) {
	case CHECK_PENDING:
		buf_text(out, when == CHECK_BUSY ? ".." : _("not run yet"));
		break;
	case CHECK_RUNNING:
		buf_text(out, "..");
		break;
	case CHECK_PASS:
		buf_text(out, _("ok"));
		break;
	case CHECK_FAIL:
		if (result->cleared)
			buf_text(out, _("attested"));
		else
			note_fail(result, total, out);
		break;
	case CHECK_NOT_EVALUATED:
		buf_text(
		    out, result->cleared ? _("attested") : _("answer needed"));
		break;
	case CHECK_STALE:
		buf_text(out, _("run again"));
		break;
	case CHECK_STATES:
		break;
	}
}

static void
explain_fault(const struct check_result *result, struct buf *out)
{
	const char *seq = err_find(&result->why, "seq");

	if (result->why.code == E_REVIEW_FINDING) {
		buf_text(
		    out, check_finding_text(err_find(&result->why, "what")));
		if (*err_find(&result->why, "value"))
			buf_printf(
			    out, ": %s", err_find(&result->why, "value"));
		buf_char(out, '\n');
	} else if (result->why.code != E_NONE) {
		err_text(&result->why, out);
		buf_char(out, '\n');
	}
	if (*seq && strcmp(seq, "0")) {
		buf_printf(out, _("The first is recipient number %s."), seq);
		buf_char(out, '\n');
	}
}

/* Nobody could tell: somebody has to answer for it. */
static void
explain_missing(const struct check_result *result, struct buf *out)
{
	struct span source = check_fact(result, "source");

	if (result->check->answer != ANSWER_NONE)
		return;
	if (source.len)
		buf_printf(out, _("Not evaluated: %.*s."), SPAN_ARG(source));
	else
		explain_fault(result, out);
	if (check_takes_sentence(result))
		buf_printf(out, "\n%s\n",
		    _("Find out yourself, then say in a sentence what you "
		      "know: at least 10 characters, kept with your name."));
	else
		buf_char(out, '\n');
}

static void
explain_state(const struct check_result *result, struct buf *out)
{
	const struct check_words *words =
	    check_words_of(result->check->id, NULL);
	const char *repair = words->repair ? _(words->repair) : "";

	switch (result->state) {
	case CHECK_FAIL:
		explain_fault(result, out);
		buf_printf(out, "\n%s\n", repair);
		break;
	case CHECK_NOT_EVALUATED:
		explain_missing(result, out);
		buf_printf(out, "%s\n", repair);
		break;
	case CHECK_PENDING:
	case CHECK_STALE:
		buf_printf(out, "%s\n",
		    _("This line has no result for the present content. R "
		      "runs the checks."));
		break;
	case CHECK_PASS:
		if (result->check->answer == ANSWER_COUNT)
			buf_printf(out, "%s\n", _("You typed the number."));
		else if (result->check->answer == ANSWER_CODES)
			buf_printf(out, "%s\n", _("Both codes were typed."));
		else if (is_outside(result))
			buf_printf(out, "%s\n", _("Checked just now."));
		else
			buf_printf(
			    out, "%s\n", _("Checked over every message."));
		break;
	case CHECK_RUNNING:
	case CHECK_STATES:
		break;
	}
}

void
check_explain(const struct check_result *result, struct buf *out)
{
	const struct check_words *words;
	size_t before;

	explain_state(result, out);
	buf_char(out, '\n');
	before = out->len;
	words = check_words_of(result->check->id, NULL);
	if (words->say && *result->facts)
		words->say(result, out);
	if (out->len > before)
		buf_char(out, '\n');
	if (*result->answer && result->check->answer == ANSWER_NONE) {
		buf_printf(out, _("Answered by %s:"), result->answered_by);
		buf_printf(out, "\n%s\n\n", result->answer);
	}
	buf_printf(out, _("Check %s"), result->check->id);
}
