/* Links that are tried: that every page is there (LK-03), and that the way out
 * works when somebody asks for it and not before (LK-05).  Nothing of a
 * recipient leaves: only links that are the same for all are asked for, and the
 * way out with a token of nobody. */
#include "core/review/jobs.h"

#include <stdlib.h>

#include "core/base/crew.h"
#include "core/net/fetch.h"
#include "core/net/tls.h"
#include "core/review/extract.h"
#include "core/review/lint.h"

enum { LINKS_TRIED = 200, AT_ONCE = 8 };

/* What became of one address. */
enum tried { TRIED_NOT, TRIED_GOOD, TRIED_STATUS, TRIED_TLS, TRIED_AWAY };

struct link_try {
	char *url;
	enum tried came;
	int status;
	char why[120];
};

struct round {
	struct check_run *run;
	struct tls_context *tls;
	struct link_try *link;
	size_t count;
	int64_t left;     /* that are not tried: too many */
	int64_t personal; /* nor these: opening one would act for a recipient */
	struct buf written;
};

static int
take_link(void *payload, const struct extract_item *item)
{
	struct round *round = payload;

	if (item->kind != EXTRACT_LINK)
		return 0;
	if (!item->text.len || item->text.len >= EXTRACT_TEXT_MAX ||
	    round->count == LINKS_TRIED) {
		round->left++;
		return 0;
	}
	if (item->messages < round->run->review->recipients &&
	    !lint_is_written(buf_span(&round->written), item->text)) {
		round->personal++;
		return 0;
	}
	round->link = mem_more(round->link, round->count, sizeof *round->link);
	round->link[round->count++] =
	    (struct link_try){.url = mem_text(item->text)};
	return 0;
}

/* What could not be reached at all says nothing about the page: there may be
 * no way out of here. */
static enum tried
how_it_failed(const struct err *why)
{
	static const char *const away[] = {"connection", "loopback", "time"};

	for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
		if (!strcmp(err_find(why, "why"), away[i]))
			return TRIED_AWAY;
	}
	return TRIED_TLS;
}

static bool
is_good(int status)
{
	return status >= 200 && status < 400;
}

/* HEAD first; a server that does not like it is asked with GET. */
static int
try_link(void *payload, size_t item, struct err *err)
{
	struct round *round = payload;
	struct link_try *link = &round->link[item];
	struct fetch how = {
	    .dialler = round->run->review->world->dialler,
	    .tls = round->tls,
	    .cancel = &round->run->review->cancel,
	    .url = span_of(link->url),
	};

	for (int method = FETCH_HEAD; method <= FETCH_GET; method++) {
		struct fetch_answer answer;
		struct err why = {0};

		how.method = (enum fetch_method)method;
		if (fetch(&how, &answer, &why) < 0) {
			fetch_done(&answer);
			if (why.code == E_CANCELLED)
				return err_set(err, E_CANCELLED);
			link->came = how_it_failed(&why);
			span_text(link->why, sizeof link->why,
			    span_of(err_find(&why, "why")));
			continue;
		}
		link->status = answer.status;
		link->came = is_good(answer.status) ? TRIED_GOOD : TRIED_STATUS;
		fetch_done(&answer);
		if (link->came == TRIED_GOOD)
			break;
	}
	return 0;
}

static void
say_bad(struct check_run *run, const struct link_try *link)
{
	struct buf value = BUF_INIT;

	if (link->came == TRIED_STATUS)
		buf_printf(&value, "%d %s", link->status, link->url);
	else
		buf_printf(&value, "%s (%s)", link->url, link->why);
	result_why(run->review, LK_03,
	    link->came == TRIED_STATUS ? "link_status"
	    : link->came == TRIED_TLS  ? "link_tls"
				       : "link_away",
	    buf_span(&value));
	buf_done(&value);
}

static void
judge_links(struct round *round)
{
	struct review *review = round->run->review;
	const struct link_try *bad = NULL, *away = NULL;
	int64_t good = 0, wrong = 0, unreached = 0;

	for (size_t i = 0; i < round->count; i++) {
		const struct link_try *link = &round->link[i];

		good += link->came == TRIED_GOOD;
		unreached += link->came == TRIED_AWAY;
		wrong += link->came == TRIED_STATUS || link->came == TRIED_TLS;
		if (!bad &&
		    (link->came == TRIED_STATUS || link->came == TRIED_TLS))
			bad = link;
		if (!away && link->came == TRIED_AWAY)
			away = link;
	}
	result_fact(review, LK_03,
	    "good=%lld bad=%lld away=%lld left=%lld personal=%lld",
	    (long long)good, (long long)wrong, (long long)unreached,
	    (long long)round->left, (long long)round->personal);
	if (!bad && !away && !round->left && !round->personal) {
		result_set(review, LK_03, CHECK_PASS, 0);
		return;
	}
	if (bad || (away && good)) {
		result_set(review, LK_03, CHECK_FAIL, wrong + unreached);
		say_bad(round->run, bad ? bad : away);
		return;
	}
	result_set(review, LK_03, CHECK_NOT_EVALUATED, 0);
	if (away)
		say_bad(round->run, away);
	else
		result_why(review, LK_03,
		    round->left ? "link_left" : "link_personal", SPAN(""));
}

int
check_link_targets(struct check_run *run, struct err *err)
{
	struct round round = {.run = run};
	int rc = -1;

	lint_written(&run->inputs->campaign, &round.written);
	if (extract_each(
		run->db, run->review->campaign, take_link, &round, err) == 0 &&
	    tls_context_new(NULL, &round.tls, err) == 0)
		rc = crew_each(AT_ONCE, round.count, try_link, &round,
		    &run->review->cancel, err);
	if (rc == 0)
		judge_links(&round);
	tls_context_free(&round.tls);
	for (size_t i = 0; i < round.count; i++)
		free(round.link[i].url);
	free(round.link);
	buf_done(&round.written);
	return rc;
}

/* ---- LK-05: the way out ------------------------------------------------------------- */

/* Of the form of ours, and nobody's. */
static const char dummy[] = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/* Asks the way out; 0 with *out, 1 when nobody answers (not evaluated is set),
 * -1 when cancelled. */
static int
ask_way_out(struct check_run *run, struct fetch *how, struct fetch_answer *out,
    struct err *err)
{
	struct err why = {0};
	enum tried came;

	if (fetch(how, out, &why) == 0)
		return 0;
	if (why.code == E_CANCELLED)
		return err_set(err, E_CANCELLED);
	came = how_it_failed(&why);
	result_set(run->review, LK_05,
	    came == TRIED_AWAY ? CHECK_NOT_EVALUATED : CHECK_FAIL,
	    came == TRIED_AWAY ? 0 : 1);
	result_why(run->review, LK_05,
	    came == TRIED_AWAY ? "link_away" : "link_tls",
	    span_of(err_find(&why, "why")));
	return 1;
}

static const char *
judge_way_out(const struct fetch_answer *get, const struct fetch_answer *post)
{
	if (get->status < 200 || get->status > 299)
		return "way_get";
	if (!get->body.len)
		return "way_page";
	if (post->status >= 300 && post->status < 400)
		return "way_redirect";
	if (post->status < 200 || post->status > 299)
		return "way_post";
	/* who only looks and who asks get the same answer: then looking asks,
	 * or asking does nothing */
	if (post->body.len &&
	    span_equal(buf_span(&get->body), buf_span(&post->body)))
		return "way_same";
	return NULL;
}

static int
probe_way_out(struct check_run *run, struct span url, struct err *err)
{
	struct review *review = run->review;
	struct fetch_answer get = {0}, post = {0};
	struct fetch how = {.dialler = review->world->dialler,
	    .cancel = &review->cancel,
	    .url = url,
	    .form = SPAN("List-Unsubscribe=One-Click"),
	    .method = FETCH_GET};
	struct tls_context *tls = NULL;
	const char *fault;
	int rc;

	if (tls_context_new(NULL, &tls, err) < 0)
		return -1;
	how.tls = tls;
	rc = ask_way_out(run, &how, &get, err);
	how.method = FETCH_POST;
	if (rc == 0)
		rc = ask_way_out(run, &how, &post, err);
	if (rc == 0) {
		fault = judge_way_out(&get, &post);
		result_fact(
		    review, LK_05, "get=%d post=%d", get.status, post.status);
		result_set(
		    review, LK_05, fault ? CHECK_FAIL : CHECK_PASS, !!fault);
		if (fault)
			result_why(review, LK_05, fault, SPAN(""));
	}
	fetch_done(&get);
	fetch_done(&post);
	tls_context_free(&tls);
	return rc < 0 ? -1 : 0;
}

int
check_opt_out(struct check_run *run, struct err *err)
{
	enum campaign_class class = run->inputs->campaign.class;
	struct buf url = BUF_INIT;
	int rc = 0;

	/* faults of messages stand already */
	if (run->tally && run->tally->count[LK_05])
		return 0;
	if (setting_read(run->db, "unsubscribe.base_url", &url, err) < 0)
		return -1;
	while (span_ends(buf_span(&url), SPAN("/")))
		url.len--;
	if (!url.len || (class != CLASS_AD && class != CLASS_TEST)) {
		result_set(run->review, LK_05, CHECK_PASS, 0);
	} else {
		buf_char(&url, '/');
		buf_text(&url, dummy);
		rc = probe_way_out(run, buf_span(&url), err);
	}
	buf_done(&url);
	return rc;
}
