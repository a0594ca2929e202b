/* One session's turns.  The order within a turn is what keeps the promises:
 * results are written down before anything new starts, and a message's step to
 * HANDED is on the disk before its first octet leaves.  Where the relay takes
 * BDAT, rows are marked as far as the window goes and leave whole once that is
 * durable, while the replies to others are awaited.  Elsewhere the next envelope
 * is submitted while the mark is being written, so that it travels with the end
 * of the message before it. */
#include "core/deliver/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "core/base/mem.h"
#include "core/deliver/lane.h"

enum {
	IDLE_MAX_MS = 30 * 1000,
	AGE_MAX_MS = 300 * 1000,
	AHEAD_MAX = 1024 * 1024 /* octets marked and not submitted */
};

static struct run *
run_of(const struct session *session)
{
	return session->lane->run;
}

/* ---- Parcels ------------------------------------------------------------- */

static struct parcel *
free_parcel(struct session *session)
{
	for (int i = 0; i < SMTP_WINDOW; i++) {
		if (!session->parcel[i].claim)
			return &session->parcel[i];
	}
	return NULL;
}

/* Tags count from 1. */
static struct parcel *
parcel_of(struct session *session, uint64_t tag)
{
	return tag >= 1 && tag <= SMTP_WINDOW ? &session->parcel[tag - 1]
					      : NULL;
}

bool
session_is_idle(const struct session *session)
{
	for (int i = 0; i < SMTP_WINDOW; i++) {
		if (session->parcel[i].claim)
			return false;
	}
	return true;
}

static void
keep(struct buf *to, struct span bytes)
{
	buf_clear(to);
	buf_add(to, bytes);
}

static void
pack(struct parcel *parcel, const struct message *message)
{
	parcel->data = message->bytes;
	keep(&parcel->sender, message->mail_from);
	keep(&parcel->recipient, message->rcpt_to);
	keep(&parcel->envid, message->envid);
	parcel->report = message->report;
	parcel->ticket = 0;
	parcel->left_ms = 0;
	parcel->submitted = false;
}

/* Octets of the messages that wait to be submitted. */
static size_t
octets_ahead(const struct session *session)
{
	size_t sum = 0;

	for (int i = 0; i < SMTP_WINDOW; i++) {
		const struct parcel *parcel = &session->parcel[i];

		if (parcel->claim && !parcel->submitted)
			sum += parcel->data.len;
	}
	return sum;
}

/* Messages of this connection: under way, gone, or about to go. */
static int
messages_of(const struct session *session)
{
	int sum = session->submitted;

	for (int i = 0; i < SMTP_WINDOW; i++)
		sum +=
		    session->parcel[i].claim && !session->parcel[i].submitted;
	return sum;
}

/* ---- Writing down ---------------------------------------------------------- */

/* The number under which the ledger knows this connection. */
static int64_t
connection_of(struct session *session)
{
	struct run *run = run_of(session);
	struct ledger_connection facts = {
	    .relay = session->route->relay,
	    .at_ms = clock_now_ms(run->world->clock),
	};

	if (session->connection)
		return session->connection;
	facts.tls = *exchange_tls(session->exchange);
	facts.resumed = facts.tls.resumed;
	exchange_local(session->exchange, facts.local, sizeof facts.local);
	span_text(facts.peer, sizeof facts.peer,
	    span_of(exchange_peer(session->exchange)));
	span_text(
	    facts.host, sizeof facts.host, span_of(session->hop->target.host));
	/* a connection in the clear has no record of what was asked for */
	span_text(facts.policy, sizeof facts.policy,
	    span_of(*facts.tls.policy ? facts.tls.policy
				      : session->hop->target.policy));
	session->connection = scribe_connection(run->scribe, &facts);
	return session->connection;
}

static struct run_end
end_of(struct session *session, struct parcel *parcel, int64_t now_ms)
{
	struct clock *clock = run_of(session)->world->clock;

	return (struct run_end){
	    .end =
		{
		    .attempt = parcel->claim->attempt,
		    .at_ms = clock_now_ms(clock),
		    .connection = connection_of(session),
		    .octets = (int64_t)parcel->data.len,
		    .took_ms =
			parcel->left_ms ? (int)(now_ms - parcel->left_ms) : 0,
		},
	    .route = session->route,
	    .group = run_group_of(session->route, parcel->claim),
	    .now_ms = now_ms,
	};
}

static void
settle(
    struct session *session, struct parcel *parcel, const struct run_end *end)
{
	run_settle(run_of(session), &parcel->claim, end);
	session->idle_since_ms = end->now_ms;
}

/* A row that never went to the relay; class is the error's name. */
static void
settle_unsent(struct session *session, struct parcel *parcel,
    enum ledger_state to, const struct err *why, int64_t now_ms)
{
	struct run_end end = end_of(session, parcel, now_ms);

	end.end.to = to;
	end.end.class = err_name(why->code);
	settle(session, parcel, &end);
}

/* ---- Results --------------------------------------------------------------- */

/* What a refusal makes of the row: the rule's action, unless tries or time
 * have run out. */
static void
defer_or_fail(struct session *session, struct run_end *end)
{
	struct run *run = run_of(session);
	const struct outcome_rule *rule = end->rule;
	struct ledger_end *note = &end->end;
	uint32_t dice;

	note->to = LEDGER_DEFERRED;
	note->next_ms = note->at_ms;
	if (rule && rule->action == OUTCOME_REQUEUE &&
	    note->at_ms < run->give_up_ms)
		return;
	if (!rule || rule->action != OUTCOME_THROTTLE)
		note->attempt++;
	if (rule && rule->action == OUTCOME_FAIL) {
		note->to = LEDGER_FAILED;
		note->next_ms = 0;
		return;
	}
	crypt_random(&dice, sizeof dice);
	if (rule)
		note->next_ms +=
		    outcome_delay_ms(rule->schedule, note->attempt, dice);
	if (note->attempt < run->max_attempts &&
	    note->next_ms < run->give_up_ms)
		return;
	note->to = LEDGER_FAILED;
	note->next_ms = 0;
	if (rule)
		note->class = outcome_class_name(OUTCOME_X);
}

/* Nothing was said about this message, or nothing that counts: it was lost
 * behind others, or refused only for how it was sent. */
static bool
is_untried(const struct smtp_result *result, const struct err *lost)
{
	return result->suspect ||
	       (!result->reply.code && (lost->code == E_CANCELLED ||
					   result->stage <= SMTP_STAGE_MAIL));
}

static void
take_refusal(struct session *session, const struct smtp_result *result,
    struct run_end *end)
{
	const struct smtp_reply *reply = &result->reply;
	const struct err *lost = smtp_error(exchange_smtp(session->exchange));
	const struct route *route = session->route;
	struct outcome_reply said = {
	    .stage = result->stage,
	    .group = (enum group)end->group,
	    .peer = route->kind == ROUTE_DESTINATION ? WHO_REMOTE : WHO_RELAY,
	    .code = reply->code,
	    .enhanced = reply->enhanced,
	    .raw = reply->raw,
	};

	if (is_untried(result, lost)) {
		end->end.to = LEDGER_PLANNED;
		end->attempted = false;
		return;
	}
	if (reply->code)
		end->rule = outcome_book_classify(run_of(session)->book, &said);
	end->end.class = end->rule ? outcome_class_name(end->rule->class)
				   : err_name(lost->code);
	defer_or_fail(session, end);
}

static void
take_result(
    struct session *session, const struct smtp_result *result, int64_t now_ms)
{
	struct parcel *parcel = parcel_of(session, result->tag);
	struct run_end end = end_of(session, parcel, now_ms);
	struct ledger_end *note = &end.end;

	note->code = result->reply.code;
	note->stage = (int)result->stage;
	note->enhanced = result->reply.enhanced;
	note->reply = result->reply.raw;
	end.attempted = result->verdict != SMTP_ABANDONED;
	end.over_tls = *exchange_tls(session->exchange)->version;
	switch (result->verdict) {
	case SMTP_ACCEPTED:
		note->to = LEDGER_ACCEPTED;
		note->attempt++;
		break;
	case SMTP_IN_DOUBT:
		note->to = LEDGER_IN_DOUBT;
		note->attempt++;
		note->class = err_name(
		    smtp_error(exchange_smtp(session->exchange))->code);
		break;
	case SMTP_DEFERRED:
	case SMTP_FAILED:
		take_refusal(session, result, &end);
		break;
	case SMTP_ABANDONED:
		note->to = LEDGER_PLANNED;
		break;
	}
	settle(session, parcel, &end);
}

static bool
take_results(struct session *session, int64_t now_ms)
{
	struct smtp_result result;
	bool any = false;

	while (smtp_result(exchange_smtp(session->exchange), &result)) {
		take_result(session, &result, now_ms);
		any = true;
	}
	return any;
}

/* ---- Submitting ------------------------------------------------------------ */

/* The machine refused the envelope: what is wrong with the message is final,
 * what is wrong with the relay or with us pauses the run. */
static void
refuse_envelope(struct session *session, struct parcel *parcel,
    const struct err *why, int64_t now_ms)
{
	bool ours = why->code != E_SMTP_SIZE && why->code != E_ADDRESS_SYNTAX;

	if (ours)
		run_guard(run_of(session), why);
	settle_unsent(session, parcel, ours ? LEDGER_PLANNED : LEDGER_FAILED,
	    why, now_ms);
}

/* Prepares a taken row; false when it was settled instead. */
static bool
prepare(struct session *session, struct parcel *parcel, int64_t now_ms)
{
	struct message message;
	struct err why = {0};
	int got = lane_prepare(session->lane, parcel->claim, &message, &why);

	if (got == 0) {
		/* looked at while it is warm, and not copied */
		assemble_give(session->lane->assembler, &parcel->bytes);
		pack(parcel, &message);
		if (smtp_look(parcel->data, &parcel->body, &why) == 0)
			return true;
		refuse_envelope(session, parcel, &why, now_ms);
		return false;
	}
	parcel->data = SPAN("");
	parcel->ticket = 0;
	parcel->left_ms = 0;
	if (got < 0)
		run_guard(run_of(session), &why);
	else if (why.code == E_WITHHELD_CHANGED)
		run_alarm(run_of(session), &why);
	settle_unsent(session, parcel,
	    got < 0 ? LEDGER_PLANNED : LEDGER_WITHHELD, &why, now_ms);
	return false;
}

static void
submit(struct session *session, struct parcel *parcel, int64_t now_ms)
{
	const bool reports = parcel->report == MESSAGE_REPORT_FAILURE;
	struct err why = {0};
	struct smtp_envelope envelope = {
	    .sender = buf_span(&parcel->sender),
	    .recipient = buf_span(&parcel->recipient),
	    .data = parcel->data,
	    .body = parcel->body,
	    .notify = reports ? SMTP_NOTIFY_FAILURE : 0,
	    .ret = reports ? SMTP_RET_HEADERS : SMTP_RET_DEFAULT,
	    .envid = reports ? buf_span(&parcel->envid) : SPAN(""),
	    .require = session->hop->relay.require_tls ? SMTP_REQUIRE_TLS
						       : SMTP_REQUIRE_NOTHING,
	    .tag = (uint64_t)(parcel - session->parcel) + 1,
	};

	if (smtp_submit(exchange_smtp(session->exchange), &envelope, &why) <
	    0) {
		refuse_envelope(session, parcel, &why, now_ms);
		return;
	}
	parcel->submitted = true;
	session->submitted++;
}

static bool
is_old(const struct session *session, int64_t now_ms)
{
	return now_ms - session->dialled_ms > AGE_MAX_MS;
}

/* Takes and prepares the next row; NULL when there is none, or when it was
 * settled instead, which *any tells. */
static struct parcel *
take_next(struct session *session, int64_t now_ms, bool *any)
{
	struct parcel *parcel = free_parcel(session);

	*any = false;
	if (!parcel || messages_of(session) >= session->route->per_session ||
	    is_old(session, now_ms))
		return NULL;
	parcel->claim = run_take(run_of(session), session->route);
	session->hungry = !parcel->claim;
	if (!parcel->claim)
		return NULL;
	*any = true;
	return prepare(session, parcel, now_ms) ? parcel : NULL;
}

/* ---- Handing over after 354 ------------------------------------------------ */

/* Fills the room there is; true when something was done. */
static bool
fill(struct session *session, int64_t now_ms)
{
	struct parcel *parcel;
	bool any;

	if (!smtp_has_room(exchange_smtp(session->exchange)))
		return false;
	parcel = take_next(session, now_ms, &any);
	if (parcel)
		submit(session, parcel, now_ms);
	return any;
}

/* Queues the step to HANDED, then waits for it to be durable.  True when the
 * message may leave now. */
static bool
hand_over(struct session *session, int64_t now_ms)
{
	struct smtp *smtp = exchange_smtp(session->exchange);
	struct parcel *parcel = parcel_of(session, smtp_waiting(smtp));
	struct run *run = run_of(session);

	if (!parcel->ticket) {
		parcel->ticket = scribe_hand(
		    run->scribe, parcel->claim, connection_of(session));
		return false;
	}
	if (parcel->left_ms || !scribe_is_durable(run->scribe, parcel->ticket))
		return false;
	parcel->left_ms = now_ms;
	smtp_handed(smtp);
	return true;
}

/* ---- Handing over before BDAT ---------------------------------------------- */

/* Returns what was marked and did not leave. */
static void
give_back(struct session *session, int64_t now_ms)
{
	struct err why = {0};

	err_set(&why, E_CANCELLED);
	for (int i = 0; i < SMTP_WINDOW; i++) {
		struct parcel *parcel = &session->parcel[i];

		if (parcel->claim && !parcel->submitted)
			settle_unsent(
			    session, parcel, LEDGER_PLANNED, &why, now_ms);
	}
}

/* Lets the marked messages leave whose mark is on the disk.  A pause comes
 * before them: what has not left is not sent. */
static bool
submit_marked(struct session *session, int64_t now_ms)
{
	struct smtp *smtp = exchange_smtp(session->exchange);
	struct run *run = run_of(session);
	bool any = false;

	if (messages_of(session) == session->submitted)
		return false;
	if (run_order(run) != ORDER_GO ||
	    smtp_suspects(smtp) != SMTP_SUSPECT_NOTHING) {
		give_back(session, now_ms);
		return false;
	}
	for (int i = 0; i < SMTP_WINDOW && smtp_has_room(smtp); i++) {
		struct parcel *parcel = &session->parcel[i];

		if (!parcel->claim || parcel->submitted ||
		    !scribe_is_durable(run->scribe, parcel->ticket))
			continue;
		parcel->left_ms = now_ms;
		submit(session, parcel, now_ms);
		any = true;
	}
	return any;
}

/* Marks rows as far as the window goes. */
static void
mark_ahead(struct session *session, int64_t now_ms)
{
	bool any = smtp_suspects(exchange_smtp(session->exchange)) ==
		   SMTP_SUSPECT_NOTHING;

	while (any && octets_ahead(session) < AHEAD_MAX) {
		struct parcel *parcel = take_next(session, now_ms, &any);

		if (parcel)
			parcel->ticket = scribe_hand(run_of(session)->scribe,
			    parcel->claim, connection_of(session));
	}
}

/* True when another round may get on. */
static bool
send_on(struct session *session, enum smtp_wish wish, int64_t now_ms)
{
	bool again = false;

	if (!session->ready)
		return false;
	if (smtp_hands_first(exchange_smtp(session->exchange))) {
		again = submit_marked(session, now_ms);
		mark_ahead(session, now_ms);
		return again;
	}
	if (wish == SMTP_WAIT_HANDED)
		again = hand_over(session, now_ms);
	return fill(session, now_ms) || again;
}

/* ---- The connection -------------------------------------------------------- */

/* Tells the run that the connection is over. */
static void
tell_closed(struct session *session, const struct err *why)
{
	struct run_closed closed = {
	    .route = session->route,
	    .hop = session->hop,
	    .epoch = session->epoch,
	    .end = session->ready ? ROUTE_END_LATE : ROUTE_END_EARLY,
	    .leaving = session->leaving,
	    .why = why,
	};

	run_closed(run_of(session), &closed);
}

/* Where the relay wants a token, the connection signs in with a copy of the
 * one there is now. */
static enum token_got
aim(struct session *session, struct err *why)
{
	struct token *token = session->hop->token;
	enum token_got got = TOKEN_READY;

	session->target = session->hop->target;
	if (!token)
		return TOKEN_READY;
	got = token_ask(token, why);
	if (got != TOKEN_READY)
		return got;
	session->token = token_take(token);
	session->target.secret = session->token;
	return session->token ? TOKEN_READY : TOKEN_WAITING;
}

bool
session_open(struct session *session, int64_t now_ms)
{
	struct run *run = run_of(session);
	struct epoll_event event = {.data = {.ptr = session}};
	struct err why = {0};
	enum token_got got;
	struct hop *hop;

	session->route = run_dial(run, now_ms, &hop, &session->epoch);
	if (!session->route)
		return false;
	session->hop = hop;
	session->submitted = 0;
	session->connection = 0;
	session->ready = session->hungry = session->leaving = false;
	session->idle_since_ms = session->dialled_ms = now_ms;
	got = aim(session, &why);
	if (got != TOKEN_READY) {
		tell_closed(session, got == TOKEN_FAILED ? &why : NULL);
		return false;
	}
	if (exchange_new(run->world->dialler, &session->target, hop->tls,
		run_manners(run, session->route, now_ms), now_ms,
		&session->exchange, &why) < 0) {
		secret_free(&session->token);
		tell_closed(session, &why);
		return true;
	}
	session->watched = exchange_events(session->exchange);
	event.events = session->watched;
	if (epoll_ctl(session->lane->epoll_fd, EPOLL_CTL_ADD,
		exchange_fd(session->exchange), &event) < 0) {
		err_set(&why, E_THREAD);
		smtp_lost(exchange_smtp(session->exchange), &why);
	}
	return true;
}

/* The oldest mark that is waited for; 0: none. */
static uint64_t
marked(const struct session *session)
{
	uint64_t first = 0;

	for (int i = 0; i < SMTP_WINDOW; i++) {
		const struct parcel *parcel = &session->parcel[i];

		if (parcel->claim && parcel->ticket && !parcel->left_ms &&
		    (!first || parcel->ticket < first))
			first = parcel->ticket;
	}
	return first;
}

bool
session_waits(const struct session *session)
{
	return session->exchange && (session->hungry || marked(session));
}

bool
session_has_news(const struct session *session)
{
	uint64_t ticket;

	if (!session->exchange)
		return false;
	ticket = marked(session);
	return session->hungry ||
	       (ticket && scribe_is_durable(run_of(session)->scribe, ticket));
}

/* True when the relay refused a token that may just have expired: the next
 * connection asks for a new one. */
static bool
has_old_token(struct session *session, const struct err *why)
{
	return session->token && why->code == E_SMTP_AUTH &&
	       *err_find(why, "code") == '5' &&
	       token_refused(session->hop->token, session->token) ==
		   TOKEN_WAITING;
}

/* The connection is over and its results are taken. */
static void
close_session(struct session *session, int64_t now_ms)
{
	const struct err *why = smtp_error(exchange_smtp(session->exchange));
	struct err kept = *why;
	/* relays hang up on idle clients; that is no failure */
	bool quiet = kept.code == E_NONE || kept.code == E_CANCELLED ||
		     (session->ready && session->submitted == 0) ||
		     has_old_token(session, &kept);

	give_back(session, now_ms);
	run_learn(run_of(session), session->route,
	    exchange_smtp(session->exchange), session->dialled_ms, now_ms);
	/* A child that was just forked may still hold the socket; closing it
	 * here would then not take it out of the set. */
	epoll_ctl(session->lane->epoll_fd, EPOLL_CTL_DEL,
	    exchange_fd(session->exchange), NULL);
	exchange_free(&session->exchange);
	secret_free(&session->token);
	tell_closed(session, quiet ? NULL : &kept);
}

static void
watch(struct session *session)
{
	struct epoll_event event = {.data = {.ptr = session}};
	unsigned wanted = exchange_events(session->exchange);

	if (wanted == session->watched)
		return;
	event.events = session->watched = wanted;
	epoll_ctl(session->lane->epoll_fd, EPOLL_CTL_MOD,
	    exchange_fd(session->exchange), &event);
}

static bool
should_quit(struct session *session, int64_t now_ms)
{
	struct run *run = run_of(session);
	enum run_order order = run_order(run);

	if (order >= ORDER_CLOSE || order == ORDER_STOP ||
	    session->submitted >= session->route->per_session ||
	    is_old(session, now_ms) ||
	    smtp_suspects(exchange_smtp(session->exchange)) !=
		SMTP_SUSPECT_NOTHING ||
	    now_ms - session->idle_since_ms > IDLE_MAX_MS)
		return true;
	if (!session->leaving)
		session->leaving = run_must_leave(run, session->route);
	return session->leaving;
}

/* Without REQUIRETLS where it is asked for, nothing may leave; that is the
 * relay's fault and not any message's. */
static bool
lacks_requiretls(struct session *session)
{
	struct smtp *smtp = exchange_smtp(session->exchange);
	struct err why = {0};

	if (!session->hop->relay.require_tls ||
	    (smtp_caps(smtp)->bits & SMTP_CAP_REQUIRETLS))
		return false;
	err_set(&why, E_SMTP_REQUIRETLS);
	err_fact(&why, "host", span_of(session->target.host));
	smtp_lost(smtp, &why);
	return true;
}

/* One round of what the wish asks; true when another one may get on. */
static bool
round_once(struct session *session, enum smtp_wish wish, int64_t now_ms)
{
	bool again = take_results(session, now_ms);

	if (wish == SMTP_CLOSED)
		return false;
	if (wish == SMTP_WAIT_MESSAGE && !session->ready &&
	    lacks_requiretls(session))
		return true;
	if (wish == SMTP_WAIT_MESSAGE && !session->ready) {
		session->ready = true;
		if (session->token)
			token_accepted(session->hop->token);
		run_ready(run_of(session), session->route);
	}
	if (send_on(session, wish, now_ms))
		again = true;
	if (!again && wish == SMTP_WAIT_MESSAGE && session_is_idle(session) &&
	    should_quit(session, now_ms)) {
		smtp_quit(exchange_smtp(session->exchange));
		again = true;
	}
	return again;
}

void
session_turn(struct session *session, unsigned events, int64_t now_ms)
{
	enum smtp_wish wish;

	do {
		wish = exchange_ready(session->exchange, events, now_ms);
		events = 0;
	} while (round_once(session, wish, now_ms));
	if (wish == SMTP_CLOSED)
		close_session(session, now_ms);
	else
		watch(session);
}

void
session_cut(struct session *session, int64_t now_ms)
{
	struct smtp *smtp = exchange_smtp(session->exchange);
	struct err why = {0};

	err_set(&why, E_CANCELLED);
	if (smtp_wish(smtp) == SMTP_WAIT_HANDED)
		smtp_abandon(smtp);
	smtp_lost(smtp, &why);
	take_results(session, now_ms);
	close_session(session, now_ms);
}

void
session_done(struct session *session)
{
	for (int i = 0; i < SMTP_WINDOW; i++) {
		struct parcel *parcel = &session->parcel[i];

		buf_done(&parcel->bytes);
		buf_done(&parcel->sender);
		buf_done(&parcel->recipient);
		buf_done(&parcel->envid);
	}
}
