/* The test's way out.  It takes finished messages out of a clearance that the
 * review made and can neither address nor write one; relays are read as for a
 * run, with their TLS, pins and secrets, so that a test goes the way the mail
 * will go. */
#include "core/deliver/test_send.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/deliver/finder.h"
#include "core/deliver/hop.h"
#include "core/deliver/policies.h"
#include "core/deliver/post.h"

enum { LOOK_MS = 200 };

struct sending {
	struct world *world;
	struct store *store;
	int cancel_fd;
	int64_t test;
	const struct test_letter *letter;
	size_t count;
	bool noted[TEST_TO_MAX]; /* it has come to its end */
	struct err last;         /* why the last hop was none */
	struct err why;          /* of the first copy without a reply */
	struct hop *pool;
};

static bool
is_cancelled(const struct sending *sending)
{
	struct pollfd fd = {.fd = sending->cancel_fd, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* ---- Writing down ------------------------------------------------------------ */

static enum test_state
state_of(enum post_end end)
{
	static const enum test_state states[] = {
	    [POST_UNSENT] = TEST_UNSENT,
	    [POST_ACCEPTED] = TEST_ACCEPTED,
	    [POST_REFUSED] = TEST_REFUSED,
	    [POST_IN_DOUBT] = TEST_IN_DOUBT,
	};

	return states[end];
}

static int
note(struct sending *sending, size_t i, const struct hop *hop,
    const struct post_item *item, const struct post_line *line, struct err *err)
{
	const struct test_result result = {
	    .state = state_of(item->end),
	    .code = item->code,
	    .enhanced = item->enhanced,
	    .reply = span_of(item->reply),
	    .class = item->why.code == E_NONE ? "" : err_name(item->why.code),
	    .relay = hop ? hop->relay.name : "",
	    .host = hop ? hop->target.host : "",
	    .peer = line->peer,
	    .policy = *line->tls.policy           ? line->tls.policy
		      : hop && hop->target.policy ? hop->target.policy
						  : "",
	    .tls = &line->tls,
	};

	sending->noted[i] = true;
	if ((item->end == POST_UNSENT || item->end == POST_IN_DOUBT) &&
	    sending->why.code == E_NONE)
		sending->why = item->why;
	return test_note(sending->store, sending->world, sending->test,
	    sending->letter[i].item, &result, err);
}

/* Nobody took what is left. */
static int
note_rest(struct sending *sending, const struct hop *hop,
    const struct post_line *line, struct err *err)
{
	struct post_item item = {.end = POST_UNSENT, .why = sending->last};

	for (size_t i = 0; i < sending->count; i++) {
		if (!sending->noted[i] &&
		    note(sending, i, hop, &item, line, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- One hop ----------------------------------------------------------------- */

static void
fill_item(const struct test_letter *letter, struct post_item *item)
{
	const bool reports = letter->report == MESSAGE_REPORT_FAILURE;

	*item = (struct post_item){
	    .envelope = {
		.sender = letter->mail_from,
		.recipient = letter->rcpt_to,
		.data = letter->bytes,
		.notify = reports ? SMTP_NOTIFY_FAILURE : 0,
		.ret = reports ? SMTP_RET_HEADERS : SMTP_RET_DEFAULT,
		.envid = reports ? letter->envid : SPAN(""),
	    }};
}

/* Sends letters first.. through one hop and writes down how they went: 1, 0
 * when it never was ready (line and sending->last tell), -1 when the store
 * fails. */
static int
try_hop(struct sending *sending, const struct hop *hop, size_t first,
    size_t count, struct post_line *line, struct err *err)
{
	struct exchange_target target = hop->target;
	struct post_how how = {.dialler = sending->world->dialler,
	    .target = &target,
	    .tls = hop->tls,
	    .cancel_fd = sending->cancel_fd,
	    .limit_ms = TEST_SEND_LIMIT_MS,
	    .require = hop->relay.require_tls ? SMTP_REQUIRE_TLS
					      : SMTP_REQUIRE_NOTHING};
	struct post_item item[TEST_TO_MAX];
	struct secret *token = NULL;
	struct err why = {0};
	int rc = 0;

	memset(line, 0, sizeof *line);
	for (size_t i = 0; i < count; i++)
		fill_item(&sending->letter[first + i], &item[i]);
	if (*hop->relay.token_command &&
	    relay_ask_token(&hop->relay, sending->cancel_fd, &token, &why) < 0)
		goto out;
	if (token)
		target.secret = token;
	if (post_send(&how, item, count, line, &why) < 0)
		goto out;
	rc = 1;
	for (size_t i = 0; i < count && rc > 0; i++) {
		if (note(sending, first + i, hop, &item[i], line, err) < 0)
			rc = -1;
	}
out:
	if (rc == 0)
		sending->last = why;
	secret_free(&token);
	return rc;
}

/* ---- Without a relay --------------------------------------------------------- */

/* What was found out about a domain, or NULL when somebody gave up. */
static struct finding *
look_up(
    const struct sending *sending, struct finder *finder, struct span domain)
{
	struct finding *found = NULL;

	finder_ask(finder, domain);
	while (!found && !is_cancelled(sending)) {
		finder_wait(finder, LOOK_MS);
		found = finder_take(finder);
	}
	return found;
}

static void
explain_domain(struct sending *sending, const struct finding *found)
{
	struct err why = {0};

	if (!found)
		err_set(&why, E_CANCELLED);
	else
		why = found->failed ? found->err : found->lookup.why;
	sending->last = why;
}

/* Tries the exchangers of one address in their order: as try_hop(). */
static int
try_domain(struct sending *sending, const struct hop *direct,
    struct tls_context *tls, struct finder *finder, size_t i, struct err *err)
{
	struct finding *found =
	    look_up(sending, finder, sending->letter[i].domain);
	bool usable =
	    found && !found->failed && found->lookup.kind <= MX_IMPLICIT;
	struct post_line line;
	int got = 0;

	explain_domain(sending, found);
	for (size_t k = 0; usable && k < found->lookup.count && got == 0; k++) {
		struct hop *hop = hop_direct(&found->lookup.target[k],
		    direct->target.tls, direct->target.ehlo, tls);

		got = is_cancelled(sending)
			  ? 0
			  : try_hop(sending, hop, i, 1, &line, err);
		hop_free(&hop);
	}
	finding_free(&found);
	return got;
}

static int
try_direct(struct sending *sending, const struct hop *direct, struct err *err)
{
	struct sts_shelf *shelf = policies_new(sending->store);
	struct finder *finder = NULL;
	struct tls_context *tls = NULL;
	struct finder_params params = {
	    .resolver = sending->world->resolver,
	    .dialler = sending->world->dialler,
	    .shelf = shelf,
	    .clock = sending->world->clock,
	    .self = direct->target.ehlo,
	    .threads = 1,
	};
	struct post_line line = {.peer = ""};
	int rc = -1;

	if (!sending->world->resolver) {
		err_set(err, E_DNS_SETUP);
		err_fact(err, "what", SPAN("resolver"));
		goto out;
	}
	if (tls_context_new(direct->target.ca_file, &tls, err) < 0)
		goto out;
	params.tls = tls;
	if (finder_new(&params, &finder, err) < 0)
		goto out;
	rc = 1;
	for (size_t i = 0; i < sending->count && rc >= 0; i++) {
		rc = try_domain(sending, direct, tls, finder, i, err);
		if (rc == 0)
			rc = note(sending, i, NULL,
			    &(struct post_item){.why = sending->last}, &line,
			    err);
	}
	rc = rc < 0 ? -1 : 1;
out:
	finder_free(&finder);
	tls_context_free(&tls);
	policies_free(&shelf);
	return rc;
}

/* ---- The pool ---------------------------------------------------------------- */

static int
try_one(struct sending *sending, const struct hop *hop, struct post_line *line,
    struct err *err)
{
	if (hop->relay.kind == RELAY_KIND_DIRECT)
		return try_direct(sending, hop, err);
	return try_hop(sending, hop, 0, sending->count, line, err);
}

/* Goes through the relays, those that only stand by after the others. */
static int
try_pool(struct sending *sending, struct err *err)
{
	struct post_line line = {.peer = ""};
	const struct hop *last = NULL;

	for (int round = 0; round < 2; round++) {
		for (const struct hop *hop = sending->pool; hop;
		    hop = hop->older) {
			int got;

			if ((hop->relay.share == 0) != (round == 1))
				continue;
			if (is_cancelled(sending))
				err_set(&sending->last, E_CANCELLED);
			else if ((got = try_one(sending, hop, &line, err)) != 0)
				return got;
			last = hop;
		}
	}
	return note_rest(sending, last, &line, err);
}

static int
read_pool(struct sending *sending, struct campaign_id campaign, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(sending->store, &db, err) < 0)
		return -1;
	rc = hop_read_pool(sending->store, db, campaign, &sending->pool, err);
	store_reader_close(&db);
	return rc;
}

int
test_send(struct test_clearance **taken, struct world *world,
    struct store *store, int cancel_fd, struct err *err)
{
	struct test_clearance *clearance = *taken;
	struct sending sending = {
	    .world = world, .store = store, .cancel_fd = cancel_fd};
	int rc = -1;

	*taken = NULL;
	if (!clearance) {
		err_set(err, E_TEST_CLEARANCE);
		return err_fact(err, "why", SPAN("used"));
	}
	sending.test = test_clearance_test(clearance);
	if (read_pool(&sending, test_clearance_campaign(clearance), err) < 0 ||
	    test_clearance_use(
		clearance, &sending.letter, &sending.count, err) < 0 ||
	    try_pool(&sending, err) < 0)
		goto out;
	rc = sending.why.code == E_NONE ? 0 : -1;
	if (rc < 0 && err)
		*err = sending.why;
out:
	hop_free(&sending.pool);
	test_clearance_free(&clearance);
	return rc;
}
