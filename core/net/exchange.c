/* One session: moves octets between the machine and the stream, and keeps the
 * time.  Decided here: clear text stays on loopback, replies are read even
 * after a write failed (a relay often says why before it hangs up), and a
 * relay that drips its reply does not gain time by it. */
#include "core/net/exchange.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/net/stream.h"

enum { READ_ROOM = 4096 };

enum step { STEP_CONNECT, STEP_TLS, STEP_TALK };

/* What must change for a stage's time to begin anew. */
struct mark {
	enum step step;
	enum smtp_stage stage;
	unsigned turns;
	uint64_t body;
};

struct exchange {
	const struct exchange_target *target; /* borrowed */
	struct tls_context *tls;              /* borrowed, may be NULL */
	struct stream *stream;
	struct smtp *smtp;
	enum step step;
	unsigned events;
	struct mark mark;
	uint64_t written;
	int64_t deadline_ms;
	struct tls_record record;
	char peer[EXCHANGE_TEXT_MAX + 1];
	char read[READ_ROOM];
};

int
exchange_new(struct dialler *dialler, const struct exchange_target *target,
    struct tls_context *tls, enum smtp_pipelining pipelining, int64_t now_ms,
    struct exchange **out, struct err *err)
{
	const char *to = target->address ? target->address : target->host;
	struct exchange *exchange;
	int fd = -1;

	if (!tls && target->tls != TLS_LEVEL_NONE) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("exchange_new"));
	}
	if (dialler->dial(dialler, to, target->port, &fd, err) < 0)
		return -1;
	exchange = mem_new(sizeof *exchange);
	exchange->target = target;
	exchange->tls = tls;
	exchange->stream = stream_new(&fd, target->host, target->port);
	exchange->smtp = smtp_new(target, pipelining);
	exchange->events = POLLOUT;
	exchange->deadline_ms =
	    now_ms + smtp_timeout_ms(target->timeouts, SMTP_STAGE_CONNECT);
	*out = exchange;
	return 0;
}

int
exchange_fd(const struct exchange *exchange)
{
	return stream_fd(exchange->stream);
}

unsigned
exchange_events(const struct exchange *exchange)
{
	return exchange->events;
}

int64_t
exchange_deadline_ms(const struct exchange *exchange)
{
	return exchange->deadline_ms;
}

struct smtp *
exchange_smtp(struct exchange *exchange)
{
	return exchange->smtp;
}

const struct tls_record *
exchange_tls(const struct exchange *exchange)
{
	return &exchange->record;
}

const char *
exchange_peer(const struct exchange *exchange)
{
	return exchange->peer;
}

void
exchange_local(const struct exchange *exchange, char *out, size_t room)
{
	struct buf text = BUF_INIT;

	if (exchange->stream)
		stream_local(exchange->stream, &text);
	span_text(out, room, buf_span(&text));
	buf_done(&text);
}

static bool
is_closed(const struct exchange *exchange)
{
	enum smtp_wish wish = smtp_wish(exchange->smtp);

	return wish == SMTP_CLOSED ||
	       (wish == SMTP_WAIT_RESULT &&
		   smtp_error(exchange->smtp)->code != E_NONE);
}

enum smtp_stage
exchange_stage(const struct exchange *exchange)
{
	if (exchange->step == STEP_CONNECT)
		return SMTP_STAGE_CONNECT;
	if (exchange->step == STEP_TLS)
		return SMTP_STAGE_TLS;
	return smtp_stage(exchange->smtp);
}

static void
fail_clear(struct exchange *exchange)
{
	struct err why = {0};

	err_set(&why, E_NET_CLEAR);
	err_fact(&why, "host", span_of(exchange->target->host));
	smtp_lost(exchange->smtp, &why);
}

static void
step_connect(struct exchange *exchange)
{
	struct buf peer = BUF_INIT;
	struct err why = {0};

	switch (stream_connected(exchange->stream, &why)) {
	case STREAM_DONE:
		break;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE:
		exchange->events = POLLOUT;
		return;
	case STREAM_CLOSED:
	case STREAM_FAILED:
		smtp_lost(exchange->smtp, &why);
		return;
	}
	stream_peer(exchange->stream, &peer);
	snprintf(exchange->peer, sizeof exchange->peer, "%s",
	    peer.ptr ? peer.ptr : "");
	buf_done(&peer);
	exchange->step =
	    exchange->target->tls == TLS_LEVEL_IMPLICIT ? STEP_TLS : STEP_TALK;
	exchange->events = POLLIN;
	if (exchange->target->tls == TLS_LEVEL_NONE &&
	    !stream_is_loopback(exchange->stream))
		fail_clear(exchange);
}

/* A relay that spoke TLS 1.3 before does not fall back to 1.2 by itself. */
static int
check_version(const struct exchange *exchange, struct err *why)
{
	if (strcmp(exchange->record.version, "TLSv1.3") == 0)
		return 0;
	return target_allows_less(exchange->target, TARGET_SEEN_TLS13, why);
}

static void
bind_channel(struct exchange *exchange)
{
	unsigned char data[TLS_BINDING_MAX];
	enum tls_binding kind = TLS_BINDING_EXPORTER;
	size_t len;

	if (!exchange->target->user)
		return;
	len = stream_binding(exchange->stream, &kind, data);
	smtp_bind(exchange->smtp,
	    kind == TLS_BINDING_EXPORTER ? SCRAM_BIND_EXPORTER
					 : SCRAM_BIND_END_POINT,
	    span_make(data, len));
}

static void
step_tls(struct exchange *exchange)
{
	struct err why = {0};
	struct tls_expect expect = target_expect(exchange->target);
	enum stream_got got =
	    stream_start_tls(exchange->stream, exchange->tls, &expect, &why);

	if (got == STREAM_WANT_READ || got == STREAM_WANT_WRITE) {
		exchange->events = got == STREAM_WANT_READ ? POLLIN : POLLOUT;
		return;
	}
	stream_tls_record(exchange->stream, &exchange->record);
	if (got != STREAM_DONE || check_version(exchange, &why) < 0) {
		smtp_lost(exchange->smtp, &why);
		return;
	}
	exchange->step = STEP_TALK;
	exchange->events = POLLIN;
	bind_channel(exchange);
	if (exchange->record.state == TLS_STATE_VERIFIED)
		smtp_trust(exchange->smtp);
	smtp_tls_done(exchange->smtp);
}

/* Writes what there is; -1 with why when the connection broke. */
static int
flush(struct exchange *exchange, struct err *why)
{
	enum stream_got got = STREAM_DONE;
	struct span out = smtp_output(exchange->smtp);
	size_t put;

	exchange->events = POLLIN;
	while (out.len && got == STREAM_DONE) {
		put = 0;
		got = stream_write(exchange->stream, out, &put, why);
		smtp_sent(exchange->smtp, put);
		exchange->written += put;
		out = smtp_output(exchange->smtp);
	}
	if (got == STREAM_WANT_WRITE)
		exchange->events = POLLIN | POLLOUT;
	if (got == STREAM_CLOSED)
		err_set(why, E_NET_CLOSED);
	return got == STREAM_CLOSED || got == STREAM_FAILED ? -1 : 0;
}

/* Reads all that is there, or until the machine wants something else. */
static enum stream_got
drain(struct exchange *exchange, struct err *why)
{
	char *bytes = exchange->read;
	enum stream_got got;
	size_t len;

	do {
		len = 0;
		got =
		    stream_read(exchange->stream, bytes, READ_ROOM, &len, why);
		smtp_input(exchange->smtp, span_make(bytes, len));
	} while (got == STREAM_DONE && !is_closed(exchange) &&
		 (len == READ_ROOM || stream_pending(exchange->stream)));
	return got;
}

static void
step_talk(struct exchange *exchange, bool readable)
{
	struct err broken = {0}, why = {0};
	int flushed = flush(exchange, &broken);
	enum stream_got got = STREAM_WANT_READ;

	if (readable || flushed < 0 || stream_pending(exchange->stream))
		got = drain(exchange, &why);
	if (flushed < 0) {
		smtp_lost(exchange->smtp,
		    broken.code == E_NET_CLOSED ? NULL : &broken);
		return;
	}
	if (got == STREAM_FAILED)
		smtp_lost(exchange->smtp, &why);
	else if (got == STREAM_CLOSED)
		smtp_lost(exchange->smtp, NULL);
	else if (smtp_wish(exchange->smtp) == SMTP_WAIT_TLS)
		exchange->step = STEP_TLS;
	else if (!is_closed(exchange) && flush(exchange, &broken) < 0)
		smtp_lost(exchange->smtp,
		    broken.code == E_NET_CLOSED ? NULL : &broken);
}

static void
expire(struct exchange *exchange)
{
	enum smtp_stage stage = exchange_stage(exchange);
	struct err why = {0};

	err_set(&why, E_NET_TIMEOUT);
	err_fact(&why, "host", span_of(exchange->target->host));
	err_fact(&why, "stage", span_of(smtp_stage_name(stage)));
	err_fact_int(&why, "seconds",
	    smtp_timeout_ms(exchange->target->timeouts, stage) / 1000);
	smtp_lost(exchange->smtp, &why);
}

static void
set_deadline(struct exchange *exchange, int64_t now_ms)
{
	enum smtp_stage stage = exchange_stage(exchange);
	struct mark mark = {exchange->step, stage, smtp_turns(exchange->smtp),
	    stage == SMTP_STAGE_BODY ? exchange->written : 0};
	int64_t limit = smtp_timeout_ms(exchange->target->timeouts, stage);

	if (mark.step == exchange->mark.step &&
	    mark.stage == exchange->mark.stage &&
	    mark.turns == exchange->mark.turns &&
	    mark.body == exchange->mark.body)
		return;
	exchange->mark = mark;
	exchange->deadline_ms = limit < 0 ? INT64_MAX : now_ms + limit;
}

enum smtp_wish
exchange_ready(struct exchange *exchange, unsigned events, int64_t now_ms)
{
	bool readable = events & (POLLIN | POLLHUP | POLLERR);

	if (exchange->step == STEP_CONNECT && !is_closed(exchange))
		step_connect(exchange);
	if (exchange->step == STEP_TLS && !is_closed(exchange))
		step_tls(exchange);
	if (exchange->step == STEP_TALK && !is_closed(exchange))
		step_talk(exchange, readable);
	/* a handshake may be over in one call: EHLO must leave then, too */
	if (exchange->step == STEP_TLS && !is_closed(exchange)) {
		step_tls(exchange);
		if (exchange->step == STEP_TALK && !is_closed(exchange))
			step_talk(exchange, false);
	}
	set_deadline(exchange, now_ms);
	if (now_ms >= exchange->deadline_ms && !is_closed(exchange))
		expire(exchange);
	if (is_closed(exchange)) {
		exchange->events = 0;
		exchange->deadline_ms = INT64_MAX;
	}
	return smtp_wish(exchange->smtp) == SMTP_WAIT_TLS
		   ? SMTP_WAIT_IO
		   : smtp_wish(exchange->smtp);
}

void
exchange_free(struct exchange **exchange)
{
	if (!*exchange)
		return;
	stream_free(&(*exchange)->stream);
	smtp_free(&(*exchange)->smtp);
	free(*exchange);
	*exchange = NULL;
}
