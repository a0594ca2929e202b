/* One conversation with a relay.  A failure is a failure: what was not taken
 * is told, with the reply, and left to whoever asked. */
#include "core/deliver/post.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/base/clock.h"

struct post {
	const struct post_how *how;
	struct exchange *exchange;
	struct post_item *item;
	size_t count, next;
	int64_t until_ms;
	bool ready;
};

static int64_t
now_ms(void)
{
	return clock_steady_ms(clock_real());
}

/* The connection ends here, for this reason. */
static void
give_up(struct post *post, const struct err *why)
{
	struct smtp *smtp = exchange_smtp(post->exchange);

	if (smtp_wish(smtp) == SMTP_WAIT_HANDED)
		smtp_abandon(smtp);
	smtp_lost(smtp, why);
}

static bool
lacks_requiretls(struct post *post)
{
	struct smtp *smtp = exchange_smtp(post->exchange);
	struct err why = {0};

	if (post->how->require != SMTP_REQUIRE_TLS ||
	    (smtp_caps(smtp)->bits & SMTP_CAP_REQUIRETLS))
		return false;
	err_set(&why, E_SMTP_REQUIRETLS);
	err_fact(&why, "host", span_of(post->how->target->host));
	give_up(post, &why);
	return true;
}

/* The next message that the machine takes, or goodbye. */
static void
submit_next(struct post *post)
{
	struct smtp *smtp = exchange_smtp(post->exchange);

	if (!post->ready && lacks_requiretls(post))
		return;
	post->ready = true;
	while (post->next < post->count) {
		struct post_item *item = &post->item[post->next++];

		item->envelope.tag = post->next;
		item->envelope.require = post->how->require;
		if (smtp_submit(smtp, &item->envelope, &item->why) == 0)
			return;
	}
	smtp_quit(smtp);
}

static enum post_end
end_of(const struct smtp_result *result)
{
	switch (result->verdict) {
	case SMTP_ACCEPTED:
		return POST_ACCEPTED;
	case SMTP_IN_DOUBT:
		return POST_IN_DOUBT;
	case SMTP_DEFERRED:
	case SMTP_FAILED:
		return result->reply.code ? POST_REFUSED : POST_UNSENT;
	case SMTP_ABANDONED:
		break;
	}
	return POST_UNSENT;
}

static void
take_result(struct post *post, const struct smtp_result *result)
{
	struct post_item *item;

	if (result->tag < 1 || result->tag > post->count)
		return;
	item = &post->item[result->tag - 1];
	item->end = end_of(result);
	item->stage = result->stage;
	item->code = result->reply.code;
	memcpy(item->enhanced, result->reply.enhanced, sizeof item->enhanced);
	span_text(
	    item->reply, sizeof item->reply, span_trim(result->reply.raw));
	if (item->end != POST_REFUSED)
		return;
	err_set(&item->why, E_SMTP_REPLY);
	err_fact(&item->why, "host", span_of(post->how->target->host));
	err_fact(&item->why, "stage", span_of(smtp_stage_name(result->stage)));
	err_fact(&item->why, "reply", span_of(item->reply));
}

static void
take_results(struct post *post)
{
	struct smtp_result result;

	while (smtp_result(exchange_smtp(post->exchange), &result))
		take_result(post, &result);
}

static void
say_timeout(const struct post *post, struct err *why)
{
	err_set(why, E_NET_TIMEOUT);
	err_fact(why, "host", span_of(post->how->target->host));
	err_fact(why, "stage",
	    span_of(smtp_stage_name(exchange_stage(post->exchange))));
	err_fact_int(why, "seconds", post->how->limit_ms / 1000);
}

/* Waits for the relay, the order to stop or the end of time; the latter two
 * end the connection. */
static unsigned
wait_for(struct post *post)
{
	struct pollfd fds[2] = {
	    {.fd = exchange_fd(post->exchange),
		.events = (short)exchange_events(post->exchange)},
	    {.fd = post->how->cancel_fd, .events = POLLIN},
	};
	int64_t until = exchange_deadline_ms(post->exchange), now = now_ms();
	struct err why = {0};

	if (until > post->until_ms)
		until = post->until_ms;
	if (poll(fds, 2, until > now ? (int)(until - now) : 0) < 0 &&
	    errno != EINTR)
		err_sys(&why, E_NET_IO, errno);
	else if (fds[1].revents)
		err_set(&why, E_CANCELLED);
	else if (now_ms() >= post->until_ms)
		say_timeout(post, &why);
	if (why.code != E_NONE)
		give_up(post, &why);
	return why.code == E_NONE ? (unsigned)fds[0].revents : 0;
}

static void
converse(struct post *post)
{
	struct smtp *smtp = exchange_smtp(post->exchange);
	unsigned events = 0;
	enum smtp_wish wish;

	do {
		wish = exchange_ready(post->exchange, events, now_ms());
		events = 0;
		take_results(post);
		if (wish == SMTP_WAIT_MESSAGE)
			submit_next(post);
		else if (wish == SMTP_WAIT_HANDED)
			smtp_handed(smtp);
		else if (wish == SMTP_WAIT_IO)
			events = wait_for(post);
	} while (wish != SMTP_CLOSED);
}

/* What ended the connection is why the rest did not go. */
static void
explain(struct post *post)
{
	const struct err *why = smtp_error(exchange_smtp(post->exchange));

	for (size_t i = 0; i < post->count; i++) {
		struct post_item *item = &post->item[i];

		if (item->end != POST_ACCEPTED && item->why.code == E_NONE)
			item->why = *why;
	}
}

static void
forget(struct post_item *item)
{
	const struct smtp_envelope envelope = item->envelope;

	*item = (struct post_item){.envelope = envelope};
}

int
post_send(const struct post_how *how, struct post_item *item, size_t count,
    struct post_line *line, struct err *err)
{
	struct post post = {.how = how,
	    .item = item,
	    .count = count,
	    .until_ms = now_ms() + how->limit_ms};

	memset(line, 0, sizeof *line);
	for (size_t i = 0; i < count; i++)
		forget(&item[i]);
	if (exchange_new(how->dialler, how->target, how->tls,
		SMTP_PIPELINE_NEVER, now_ms(), &post.exchange, err) < 0)
		return -1;
	converse(&post);
	explain(&post);
	line->tls = *exchange_tls(post.exchange);
	span_text(line->peer, sizeof line->peer,
	    span_of(exchange_peer(post.exchange)));
	if (!post.ready && err)
		*err = *smtp_error(exchange_smtp(post.exchange));
	exchange_free(&post.exchange);
	return post.ready ? 0 : -1;
}
