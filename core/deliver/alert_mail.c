/* The alert's own small sender.  It can send this one form and nothing else:
 * it takes a kind, which it names itself, and lines "name=value" of printable
 * ASCII, and it knows neither campaigns nor contacts nor the ledger
 * (tests/lint/gate.sh).  A failure is a failure: nothing is tried again, and
 * no other relay is asked. */
#include "core/deliver/alert_mail.h"

#include <errno.h>
#include <poll.h>

#include "core/base/clock.h"
#include "core/net/exchange.h"

struct post {
	const struct alert_ways *ways;
	const struct exchange_target *target;
	struct exchange *exchange;
	struct buf message;
	int next; /* of the addresses */
	bool refused;
	struct err why;
};

/* Printable ASCII in lines, each a name and a value: no room for a text. */
static bool
is_facts(struct span facts)
{
	if (facts.len == 0 || facts.len > ALERT_MAIL_MAX)
		return false;
	while (facts.len) {
		struct span line = span_cut(&facts, '\n');

		if (line.len && span_index(line, '=') == line.len)
			return false;
		for (size_t i = 0; i < line.len; i++) {
			if (line.ptr[i] < ' ' || line.ptr[i] > '~')
				return false;
		}
	}
	return true;
}

static void
add_to(const struct alert_ways *ways, struct buf *out)
{
	const char *before = "To: ";

	for (int i = 0; i < ALERT_TO_MAX; i++) {
		if (!ways->to[i].len)
			continue;
		buf_printf(
		    out, "%s<%.*s>", before, SPAN_ARG(buf_span(&ways->to[i])));
		before = ",\r\n ";
	}
	buf_text(out, "\r\n");
}

/* RFC 5322; RFC 3834 for the mark that no machine shall answer. */
static void
write_message(struct post *post, struct world *world, enum alert_kind kind,
    struct span facts)
{
	struct span from = buf_span(&post->ways->from), domain = from;
	struct buf *out = &post->message;
	int64_t now_ms = clock_now_ms(world->clock);

	span_cut(&domain, '@');
	buf_text(out, "Date: ");
	clock_rfc5322(out, now_ms);
	buf_printf(out,
	    "\r\nFrom: Sekisho <%.*s>\r\n"
	    "Subject: [Sekisho] alert: %s\r\n"
	    "Message-ID: <alert.%lld.%llx@%.*s>\r\n",
	    SPAN_ARG(from), alert_name(kind), (long long)now_ms,
	    (unsigned long long)clock_steady_ms(world->clock),
	    SPAN_ARG(domain));
	add_to(post->ways, out);
	buf_text(out, "Auto-Submitted: auto-generated\r\n"
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
	while (facts.len) {
		buf_add(out, span_cut(&facts, '\n'));
		buf_text(out, "\r\n");
	}
}

/* The next address, or goodbye. */
static int
submit_next(struct post *post, struct err *err)
{
	struct smtp *smtp = exchange_smtp(post->exchange);
	struct smtp_envelope envelope = {
	    .sender = buf_span(&post->ways->from),
	    .data = buf_span(&post->message),
	    .body = SMTP_BODY_7BIT,
	};

	while (post->next < ALERT_TO_MAX && !post->ways->to[post->next].len)
		post->next++;
	if (post->next == ALERT_TO_MAX) {
		smtp_quit(smtp);
		return 0;
	}
	envelope.recipient = buf_span(&post->ways->to[post->next++]);
	return smtp_submit(smtp, &envelope, err);
}

static void
take_result(struct post *post)
{
	struct smtp_result result;

	if (!smtp_result(exchange_smtp(post->exchange), &result) ||
	    result.verdict == SMTP_ACCEPTED || post->refused)
		return;
	post->refused = true;
	err_set(&post->why, E_SMTP_REPLY);
	err_fact(&post->why, "host", span_of(post->target->host));
	err_fact(&post->why, "stage", span_of(smtp_stage_name(result.stage)));
	err_fact(&post->why, "reply", span_trim(result.reply.raw));
}

static int
wait_for(struct post *post, int64_t until_ms, int cancel_fd, unsigned *events,
    struct err *err)
{
	struct pollfd fds[2] = {
	    {.fd = exchange_fd(post->exchange),
		.events = (short)exchange_events(post->exchange)},
	    {.fd = cancel_fd, .events = POLLIN},
	};
	int64_t now = clock_steady_ms(clock_real());
	int64_t until = exchange_deadline_ms(post->exchange);

	if (until > until_ms)
		until = until_ms;
	if (poll(fds, 2, until > now ? (int)(until - now) : 0) < 0 &&
	    errno != EINTR)
		return err_sys(err, E_NET_IO, errno);
	if (fds[1].revents)
		return err_set(err, E_CANCELLED);
	if (clock_steady_ms(clock_real()) >= until_ms) {
		err_set(err, E_NET_TIMEOUT);
		err_fact(err, "host", span_of(post->target->host));
		err_fact(err, "stage",
		    span_of(smtp_stage_name(exchange_stage(post->exchange))));
		return err_fact_int(err, "seconds", ALERT_LIMIT_MS / 1000);
	}
	*events = (unsigned)fds[0].revents;
	return 0;
}

static int
converse(struct post *post, int cancel_fd, struct err *err)
{
	int64_t until_ms = clock_steady_ms(clock_real()) + ALERT_LIMIT_MS;
	struct smtp *smtp = exchange_smtp(post->exchange);
	enum smtp_wish wish = SMTP_WAIT_IO;
	unsigned events = 0;

	while (wish != SMTP_CLOSED) {
		wish = exchange_ready(
		    post->exchange, events, clock_steady_ms(clock_real()));
		events = 0;
		if (wish == SMTP_WAIT_MESSAGE && submit_next(post, err) < 0)
			return -1;
		if (wish == SMTP_WAIT_HANDED)
			smtp_handed(smtp);
		if (wish == SMTP_WAIT_RESULT)
			take_result(post);
		if (wish == SMTP_WAIT_IO &&
		    wait_for(post, until_ms, cancel_fd, &events, err) < 0)
			return -1;
	}
	if (post->refused || post->next == ALERT_TO_MAX) {
		if (post->refused && err)
			*err = post->why;
		return post->refused ? -1 : 0;
	}
	if (err)
		*err = *smtp_error(smtp);
	return -1;
}

int
alert_mail(const struct alert_ways *ways, const struct relay_config *relay,
    struct world *world, enum alert_kind kind, struct span facts, int cancel_fd,
    struct err *err)
{
	struct exchange_target target;
	struct post post = {.ways = ways, .target = &target};
	struct tls_context *tls = NULL;
	struct secret *token = NULL;
	int rc = -1;

	if (!is_facts(facts))
		return err_set(err, E_ALERT_FACTS);
	relay_aim(relay, ways->ehlo.ptr, &target);
	if (*relay->token_command &&
	    relay_ask_token(relay, cancel_fd, &token, err) < 0)
		goto out;
	if (token)
		target.secret = token;
	write_message(&post, world, kind, facts);
	if (target.tls != TLS_LEVEL_NONE &&
	    tls_context_new(target.ca_file, &tls, err) < 0)
		goto out;
	if (exchange_new(world->dialler, &target, tls, SMTP_PIPELINE_NEVER,
		clock_steady_ms(clock_real()), &post.exchange, err) < 0)
		goto out;
	rc = converse(&post, cancel_fd, err);
out:
	exchange_free(&post.exchange);
	tls_context_free(&tls);
	secret_free(&token);
	buf_done(&post.message);
	return rc;
}
