/* LG-05: who we say we are.  The register of our own names is what an
 * administrator has set up: the sender's settings, and the domains that have a
 * DKIM key here. */
#include "core/review/jobs.h"

#include "core/review/link.h"

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

int
check_identity(struct check_run *run, struct err *err)
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
	} else if (ours > 0 && returns > 0) {
		/* that somebody reads the mailbox is for a person to say */
		result_fact(run->review, LG_05, "mailbox=not_asked");
		result_set(run->review, LG_05, CHECK_NOT_EVALUATED, 0);
	}
	buf_done(&bounce);
	return ours < 0 || returns < 0 ? -1 : 0;
}
