/* The live probe of a relay: how far do we get without mailing anybody. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/exchange.h"

enum probe_step { PROBE_SENDER, PROBE_RESET, PROBE_QUIT, PROBE_DONE };

struct probe {
	const struct exchange_probe_how *how;
	struct exchange *exchange;
	enum probe_step step;
	bool refused;
	struct err why; /* of a refusal */
};

static void
fill_reply(struct exchange_probe *out, const struct smtp_reply *reply)
{
	out->code = reply->code;
	memcpy(out->enhanced, reply->enhanced, sizeof out->enhanced);
	snprintf(out->reply, sizeof out->reply, "%.*s",
	    SPAN_ARG(span_trim(reply->raw)));
}

/* The sender, or the mailbox, was answered: a refusal is an error, but QUIT is
 * said first. */
static void
take_answer(struct probe *probe, struct exchange_probe *out)
{
	struct smtp_result result;

	if (!smtp_result(exchange_smtp(probe->exchange), &result) ||
	    result.verdict == SMTP_ACCEPTED || result.reply.code == 0)
		return;
	probe->refused = true;
	out->stage = result.stage;
	fill_reply(out, &result.reply);
	err_set(&probe->why, E_SMTP_REPLY);
	err_fact(&probe->why, "host", span_of(probe->how->target->host));
	err_fact(&probe->why, "stage", span_of(smtp_stage_name(result.stage)));
	err_fact(&probe->why, "reply", span_trim(result.reply.raw));
	err_fact_int(&probe->why, "code", result.reply.code);
}

/* Something to say; -1 when the address cannot be said. */
static int
next_step(struct probe *probe, struct exchange_probe *out, struct err *err)
{
	struct smtp *smtp = exchange_smtp(probe->exchange);

	switch (probe->step++) {
	case PROBE_SENDER:
		out->authenticated = probe->how->target->user != NULL;
		if (probe->how->rcpt_to)
			return smtp_try_recipient(
			    smtp, span_of(probe->how->rcpt_to), err);
		return smtp_try_sender(
		    smtp, span_of(probe->how->mail_from), err);
	case PROBE_RESET:
		smtp_reset(smtp);
		return 0;
	case PROBE_QUIT:
	case PROBE_DONE:
		break;
	}
	probe->step = PROBE_DONE;
	smtp_quit(smtp);
	return 0;
}

/* Waits for the socket, the cancel descriptor or the deadline. */
static int
wait_for(
    struct probe *probe, int64_t until_ms, unsigned *events, struct err *err)
{
	struct pollfd fds[2] = {
	    {.fd = exchange_fd(probe->exchange),
		.events = (short)exchange_events(probe->exchange)},
	    {.fd = probe->how->cancel_fd, .events = POLLIN},
	};
	int64_t deadline = exchange_deadline_ms(probe->exchange);
	int64_t now = clock_steady_ms(clock_real());

	if (deadline > until_ms)
		deadline = until_ms;
	if (deadline > now + 60000)
		deadline = now + 60000;
	if (poll(fds, 2, deadline > now ? (int)(deadline - now) : 0) < 0 &&
	    errno != EINTR)
		return err_sys(err, E_NET_IO, errno);
	if (fds[1].revents)
		return err_set(err, E_CANCELLED);
	if (clock_steady_ms(clock_real()) >= until_ms) {
		err_set(err, E_NET_TIMEOUT);
		err_fact(err, "host", span_of(probe->how->target->host));
		err_fact(err, "stage",
		    span_of(smtp_stage_name(exchange_stage(probe->exchange))));
		return err_fact_int(
		    err, "seconds", probe->how->limit_ms / 1000);
	}
	*events = (unsigned)fds[0].revents;
	return 0;
}

static int
run(struct probe *probe, int64_t until_ms, struct exchange_probe *out,
    struct err *err)
{
	struct smtp *smtp = exchange_smtp(probe->exchange);
	enum smtp_wish wish = SMTP_WAIT_IO;
	unsigned events = 0;

	while (wish != SMTP_CLOSED) {
		wish = exchange_ready(
		    probe->exchange, events, clock_steady_ms(clock_real()));
		events = 0;
		if (wish == SMTP_WAIT_RESULT)
			take_answer(probe, out);
		else if (wish == SMTP_WAIT_MESSAGE &&
			 next_step(probe, out, err) < 0)
			return -1;
		else if (wish == SMTP_WAIT_IO &&
			 wait_for(probe, until_ms, &events, err) < 0)
			return -1;
	}
	if (probe->refused || smtp_error(smtp)->code != E_NONE) {
		if (err)
			*err = probe->refused ? probe->why : *smtp_error(smtp);
		return -1;
	}
	return 0;
}

static void
fill(struct probe *probe, struct exchange_probe *out)
{
	struct smtp_reply reply;

	if (!probe->refused) {
		smtp_last_reply(exchange_smtp(probe->exchange), &reply);
		fill_reply(out, &reply);
		out->stage = exchange_stage(probe->exchange);
	}
	out->caps = *smtp_caps(exchange_smtp(probe->exchange));
	out->tls = *exchange_tls(probe->exchange);
	snprintf(
	    out->peer, sizeof out->peer, "%s", exchange_peer(probe->exchange));
}

/* A dialler that hands over a socket which is there already. */
struct handed {
	struct dialler base;
	int fd;
};

static int
hand(struct dialler *dialler, const char *host, uint16_t port, int *fd_out,
    struct err *err)
{
	struct handed *handed = (struct handed *)dialler;

	(void)host, (void)port, (void)err;
	*fd_out = handed->fd;
	handed->fd = -1;
	return 0;
}

/* A lookup cannot be called off, so it is done on a thread that is left alone
 * when nobody wants to wait any more. */
static int
dial(const struct exchange_probe_how *how, struct handed *out, struct err *err)
{
	const struct exchange_target *target = how->target;

	out->base.dial = hand;
	return dial_unless(how->dialler,
	    target->address ? target->address : target->host, target->port,
	    how->cancel_fd, &out->fd, err);
}

int
exchange_probe(const struct exchange_probe_how *how, struct exchange_probe *out,
    struct err *err)
{
	int64_t start = clock_steady_ms(clock_real());
	int64_t until = how->limit_ms ? start + how->limit_ms : INT64_MAX;
	struct probe probe = {.how = how};
	struct handed handed = {.fd = -1};
	struct tls_context *tls = NULL;
	int rc = -1;

	*out = (struct exchange_probe){.stage = SMTP_STAGE_CONNECT};
	if (how->target->tls != TLS_LEVEL_NONE &&
	    tls_context_new(how->target->ca_file, &tls, err) < 0)
		goto out;
	if (dial(how, &handed, err) < 0 ||
	    exchange_new(&handed.base, how->target, tls, SMTP_PIPELINE_OFFERED,
		start, &probe.exchange, err) < 0)
		goto out;
	smtp_record(exchange_smtp(probe.exchange), how->transcript);
	rc = run(&probe, until, out, err);
	fill(&probe, out);
out:
	if (handed.fd >= 0)
		close(handed.fd);
	exchange_free(&probe.exchange);
	tls_context_free(&tls);
	out->took_ms = clock_steady_ms(clock_real()) - start;
	return rc;
}
