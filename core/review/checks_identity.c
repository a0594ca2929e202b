/* LG-05: who we say we are, and whether answers reach us.  The register of our
 * own names is what an administrator has set up: the sender's settings, and the
 * domains that have a DKIM key here.  The mailboxes are those that the mail
 * names; their own exchangers are asked. */
#include "core/review/jobs.h"

#include <stdlib.h>

#include "core/base/crew.h"
#include "core/review/link.h"

enum { MAILBOXES_MAX = 4, VALUE_SHOWN = 300 };

/* ---- The register --------------------------------------------------------------- */

static int
is_keyed(struct db *db, struct span domain, struct err *err)
{
	struct stmt *stmt = db_stmt(db, "SELECT domain FROM dkim_key", err);
	int got = -1;
	bool found = false;

	while (stmt && (got = stmt_step(stmt, err)) == 1)
		found |= link_is_below(domain, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got < 0 ? -1 : found;
}

/* 1 when a domain is registered as ours, or is below one that is. */
static int
is_ours(struct db *db, struct span domain, struct err *err)
{
	struct buf sender = BUF_INIT;
	struct span own;
	int rc = setting_read(db, "sender.address", &sender, err);

	own = buf_span(&sender);
	span_cut(&own, '@');
	if (rc == 0)
		rc = link_is_below(domain, own) ? 1 : is_keyed(db, domain, err);
	buf_done(&sender);
	return rc;
}

/* 1 when From and return path are ours; else 0, and the line says so. */
static int
is_registered(struct check_run *run, struct err *err)
{
	struct span from = buf_span(&run->inputs->campaign.from_address);
	struct buf bounce = BUF_INIT;
	struct span back;
	int ours, returns = -1;

	span_cut(&from, '@');
	ours = is_ours(run->db, from, err);
	if (ours >= 0 &&
	    setting_read(run->db, "message.bounce_domain", &bounce, err) == 0) {
		back = bounce.len ? buf_span(&bounce) : from;
		returns = is_ours(run->db, back, err);
	}
	if (ours == 0 || returns == 0) {
		result_set(run->review, LG_05, CHECK_FAIL, 1);
		result_why(run->review, LG_05,
		    ours ? "return_path_other" : "from_other",
		    ours ? buf_span(&bounce) : from);
	}
	buf_done(&bounce);
	return ours < 0 || returns < 0 ? -1 : ours && returns;
}

/* ---- The mailboxes ---------------------------------------------------------------- */

struct asking {
	struct check_run *run;
	struct mailbox_how how;
	struct buf mailbox[MAILBOXES_MAX];
	struct mailbox_answer answer[MAILBOXES_MAX];
	size_t count;
};

static void
add_mailbox(struct asking *asking, struct span address)
{
	for (size_t i = 0; i < asking->count; i++) {
		if (span_equal_nocase(buf_span(&asking->mailbox[i]), address))
			return;
	}
	if (address.len && asking->count < MAILBOXES_MAX)
		buf_add(&asking->mailbox[asking->count++], address);
}

static bool
is_in_address(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(".-_+=@", c));
}

/* The first mail address in what Setup says of the contact, which may be a
 * number or a page as well. */
static struct span
address_in(struct span text)
{
	size_t at = span_index(text, '@'), from = at, to = at;

	if (at == text.len)
		return SPAN("");
	while (from && is_in_address(text.ptr[from - 1]))
		from--;
	while (to < text.len && is_in_address(text.ptr[to]))
		to++;
	while (to > at && text.ptr[to - 1] == '.')
		to--;
	return span_slice(text, from, to);
}

static int
add_setting(struct asking *asking, const char *name, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = setting_read(asking->run->db, name, &value, err);

	if (rc == 0)
		add_mailbox(asking, address_in(buf_span(&value)));
	buf_done(&value);
	return rc;
}

/* Where people answer, complain and leave. */
static int
read_mailboxes(struct asking *asking, struct err *err)
{
	const struct campaign *campaign = &asking->run->inputs->campaign;

	add_mailbox(asking, buf_span(&campaign->from_address));
	add_mailbox(asking, address_in(buf_span(&campaign->reply_to)));
	if (add_setting(asking, "legal.contact", err) < 0)
		return -1;
	return add_setting(asking, "unsubscribe.mailto", err);
}

static int
ask_one(void *payload, size_t item, struct err *err)
{
	struct asking *asking = payload;

	return mailbox_ask(&asking->how, buf_span(&asking->mailbox[item]),
	    &asking->answer[item], err);
}

static void
name_mailbox(struct asking *asking, size_t i, const char *what)
{
	const struct mailbox_answer *answer = &asking->answer[i];
	struct buf value = BUF_INIT;

	buf_add(&value, buf_span(&asking->mailbox[i]));
	if (*answer->host)
		buf_printf(&value, " (%s)", answer->host);
	if (*answer->reply)
		buf_printf(&value, ": %s", answer->reply);
	result_why(asking->run->review, LG_05, what,
	    span_slice(buf_span(&value), 0,
		value.len < VALUE_SHOWN ? value.len : VALUE_SHOWN));
	buf_done(&value);
}

static void
judge(struct asking *asking)
{
	struct review *review = asking->run->review;
	size_t sum[MAILBOX_UNKNOWN + 1] = {0};
	size_t first[MAILBOX_UNKNOWN + 1] = {0};

	for (size_t i = 0; i < asking->count; i++) {
		enum mailbox_state state = asking->answer[i].state;

		if (!sum[state]++)
			first[state] = i;
	}
	result_fact(review, LG_05, "accepted=%zu refused=%zu unknown=%zu",
	    sum[MAILBOX_ACCEPTED], sum[MAILBOX_REFUSED], sum[MAILBOX_UNKNOWN]);
	if (sum[MAILBOX_REFUSED]) {
		result_set(
		    review, LG_05, CHECK_FAIL, (int64_t)sum[MAILBOX_REFUSED]);
		name_mailbox(asking, first[MAILBOX_REFUSED], "mailbox_refused");
	} else if (sum[MAILBOX_UNKNOWN]) {
		result_set(review, LG_05, CHECK_NOT_EVALUATED, 0);
		name_mailbox(asking, first[MAILBOX_UNKNOWN], "mailbox_unknown");
	} else {
		result_set(review, LG_05, CHECK_PASS, 0);
	}
}

static int
ask_mailboxes(struct check_run *run, struct err *err)
{
	struct review *review = run->review;
	struct buf ehlo = BUF_INIT;
	struct asking asking = {.run = run,
	    .how = {.world = review->world,
		.cancel = &review->cancel,
		.cancel_fd = review->cancel_fd}};
	int rc = read_mailboxes(&asking, err);

	if (rc == 0)
		rc = relay_ehlo_name(run->db,
		    buf_span(&run->inputs->campaign.from_address), &ehlo, err);
	asking.how.ehlo = ehlo.ptr;
	if (rc == 0)
		rc = crew_each(MAILBOXES_MAX, asking.count, ask_one, &asking,
		    &review->cancel, err);
	if (rc == 0)
		judge(&asking);
	for (size_t i = 0; i < asking.count; i++)
		buf_done(&asking.mailbox[i]);
	buf_done(&ehlo);
	return rc;
}

int
check_identity(struct check_run *run, struct err *err)
{
	int ours = is_registered(run, err);

	return ours > 0 ? ask_mailboxes(run, err) : ours;
}
