/* Which policy holds: the one we know, unless a newer one can be had.  A policy
 * outlives the DNS and the web server that published it (RFC 8461 section
 * 5.1), so neither can be made to take it back. */
#include "core/base/buf.h"
#include "core/net/lookup.h"

/* What is known and what is announced. */
struct notice {
	struct sts_kept kept;
	struct buf text; /* of kept */
	struct buf id;   /* announced; empty: none */
	bool valid;      /* kept may be used */
};

static int
read_policy(const char *domain, const struct buf *text, struct sts_policy *out,
    struct err *why)
{
	if (sts_policy_read(buf_span(text), out, why) == 0)
		return 0;
	return err_fact(why, "domain", span_of(domain));
}

/* Asks for the announcement; *bogus tells whether the answer was forged. */
static int
ask_announcement(const struct lookup_how *how, const char *domain,
    struct notice *notice, struct err *why, struct err *err)
{
	struct dns_answer answer = {0};
	struct buf name = BUF_INIT;
	int rc;

	buf_printf(&name, "_mta-sts.%s", domain);
	rc = how->resolver->ask(how->resolver,
	    &(struct dns_question){name.ptr, DNS_TXT, how->cancel}, &answer,
	    err);
	if (rc == 0 && answer.status == DNS_BOGUS) {
		err_set(why, E_DNS_BOGUS);
		err_fact(why, "name", buf_span(&name));
	} else if (rc == 0) {
		sts_announced(&answer, &notice->id);
	}
	dns_answer_done(&answer);
	buf_done(&name);
	return rc;
}

/* True when what is kept is as good as what could be fetched now. */
static bool
is_fresh(const struct notice *notice, int64_t now_ms)
{
	const struct sts_kept *kept = &notice->kept;
	int64_t half_ms = (kept->expires_ms - kept->fetched_ms) / 2;

	return notice->valid &&
	       span_equal(buf_span(&notice->id), span_of(kept->id)) &&
	       now_ms < kept->fetched_ms + half_ms;
}

/* Fetches and keeps; -1 with why when there is nothing to be had. */
static int
fetch(const struct lookup_how *how, const char *domain,
    const struct notice *notice, struct buf *text, struct sts_policy *out,
    struct err *why)
{
	struct sts_kept fresh = {.fetched_ms = how->now_ms, .policy = text};
	struct sts_fetch fetch = {
	    .dialler = how->dialler,
	    .resolver = how->resolver,
	    .tls = how->tls,
	    .domain = domain,
	    .cancel = how->cancel,
	};

	if (sts_fetch(&fetch, text, why) < 0 ||
	    read_policy(domain, text, out, why) < 0)
		return -1;
	span_text(fresh.id, sizeof fresh.id, buf_span(&notice->id));
	fresh.expires_ms = how->now_ms + out->max_age_s * 1000;
	how->shelf->keep(how->shelf, domain, &fresh);
	return 0;
}

static int
decide(const struct lookup_how *how, const char *domain, struct notice *notice,
    struct buf *text, struct sts_policy *out, struct err *why)
{
	struct err failed = {0};

	if (notice->id.len && !is_fresh(notice, how->now_ms)) {
		if (fetch(how, domain, notice, text, out, &failed) == 0)
			return 0;
		if (failed.code == E_CANCELLED)
			return -1;
	}
	memset(out, 0, sizeof *out);
	buf_clear(text);
	if (!notice->valid) {
		if (failed.code != E_NONE)
			*why = failed;
		return 0;
	}
	*why = (struct err){0};
	buf_add(text, buf_span(&notice->text));
	return read_policy(domain, text, out, why);
}

int
lookup_sts(const struct lookup_how *how, const char *domain, struct buf *text,
    struct sts_policy *out, struct err *why, struct err *err)
{
	struct notice notice = {0};
	struct sts_policy known;
	int rc;

	*why = (struct err){0};
	notice.kept.policy = &notice.text;
	notice.valid = how->shelf->find(how->shelf, domain, &notice.kept) > 0 &&
		       how->now_ms < notice.kept.expires_ms &&
		       read_policy(domain, &notice.text, &known, NULL) == 0;
	rc = ask_announcement(how, domain, &notice, why, err);
	if (rc == 0 && decide(how, domain, &notice, text, out, why) < 0)
		rc = err_set(err, E_CANCELLED);
	buf_done(&notice.text);
	buf_done(&notice.id);
	return rc;
}
