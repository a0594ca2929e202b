/* Manners towards a relay and a receiver.  A wrong secret is never tried twice
 * (accounts get locked), an unreachable relay is asked by one session in
 * growing intervals, and whoever complains about rate or number of sessions
 * gets half of both and is given more again only slowly. */
#include "core/deliver/pace.h"

#include <stddef.h>

#include "core/base/span.h"

enum { TOKEN = 1000 * 1000 };

/* ---- Token bucket ---------------------------------------------------------- */

void
bucket_init(struct bucket *bucket, int64_t rate, int64_t now_ms)
{
	*bucket = (struct bucket){
	    .rate = rate,
	    .tokens = TOKEN,
	    .filled_ms = now_ms,
	};
}

static void
refill(struct bucket *bucket, int64_t now_ms)
{
	int64_t most = bucket->rate * 100;
	int64_t took_ms = now_ms - bucket->filled_ms;

	if (most < TOKEN)
		most = TOKEN;
	/* a day's worth is far above what may gather */
	if (took_ms > 24 * 3600 * 1000)
		took_ms = 24 * 3600 * 1000;
	if (took_ms > 0)
		bucket->tokens += took_ms * bucket->rate;
	if (bucket->tokens > most)
		bucket->tokens = most;
	bucket->filled_ms = now_ms;
}

void
bucket_set(struct bucket *bucket, int64_t rate, int64_t now_ms)
{
	if (bucket->rate)
		refill(bucket, now_ms);
	bucket->filled_ms = now_ms;
	bucket->rate = rate;
}

int
bucket_take(struct bucket *bucket, int wish, int64_t now_ms)
{
	int64_t most;

	if (!bucket->rate)
		return wish;
	refill(bucket, now_ms);
	most = bucket->tokens / TOKEN;
	if (wish > most)
		wish = most > 0 ? (int)most : 0;
	bucket->tokens -= (int64_t)wish * TOKEN;
	return wish;
}

void
bucket_refund(struct bucket *bucket, int count)
{
	if (bucket->rate)
		bucket->tokens += (int64_t)count * TOKEN;
}

/* ---- Slowing down ---------------------------------------------------------- */

void
slow_init(struct slow *slow, int sessions, int64_t rate_start, int64_t rate_max,
    int64_t now_ms)
{
	*slow = (struct slow){
	    .sessions_max = sessions,
	    .sessions = sessions,
	    .rate_max = rate_max,
	    .rate = rate_start ? rate_start : rate_max,
	    .moved_ms = now_ms,
	    .throttled_ms = now_ms - SLOW_DEAF_MS,
	};
}

bool
slow_throttle(struct slow *slow, int64_t measured, int64_t now_ms)
{
	int64_t from = slow->rate ? slow->rate : measured;

	if (now_ms - slow->throttled_ms < SLOW_DEAF_MS)
		return false;
	slow->throttled_ms = slow->moved_ms = now_ms;
	slow->slowed = true;
	if (!slow->rate)
		slow->goal = measured > PACE_MILLI ? measured : PACE_MILLI;
	/* one message in ten seconds is slow enough for anybody */
	slow->rate = from / 2 > PACE_MILLI / 10 ? from / 2 : PACE_MILLI / 10;
	if (slow->sessions > 1)
		slow->sessions /= 2;
	return true;
}

static int64_t
tenth_more(int64_t value, int64_t step)
{
	int64_t more = value / 10;

	return value + (more > step ? more : step);
}

enum slow_turn
slow_grow(struct slow *slow, int64_t now_ms)
{
	int64_t top = slow->rate_max ? slow->rate_max : slow->goal;

	if (now_ms - slow->moved_ms < SLOW_CLEAN_MS ||
	    (slow->rate == slow->rate_max &&
		slow->sessions == slow->sessions_max))
		return SLOW_SAME;
	slow->moved_ms = now_ms;
	if (slow->sessions < slow->sessions_max)
		slow->sessions = (int)tenth_more(slow->sessions, 1);
	if (slow->sessions > slow->sessions_max)
		slow->sessions = slow->sessions_max;
	if (slow->rate)
		slow->rate = tenth_more(slow->rate, 1);
	if (slow->rate >= top)
		slow->rate = slow->rate_max;
	if (slow->rate != slow->rate_max ||
	    slow->sessions != slow->sessions_max || !slow->slowed)
		return SLOW_GREW;
	slow->slowed = false;
	return SLOW_RECOVERED;
}

/* ---- A relay --------------------------------------------------------------- */

static const int back_off_s[] = {1, 2, 5, 10, 30, 60, 120, 300};

void
pace_init(struct relay_pace *pace, int sessions, int rate_per_s, int64_t now_ms)
{
	int64_t rate = (int64_t)rate_per_s * PACE_MILLI;

	*pace = (struct relay_pace){.dial_after_ms = now_ms};
	bucket_init(&pace->bucket, rate, now_ms);
	slow_init(&pace->slow, sessions, 0, rate, now_ms);
}

bool
pace_may_dial(struct relay_pace *pace, int open, int64_t now_ms)
{
	if (now_ms < pace->dial_after_ms || open >= pace->slow.sessions)
		return false;
	if (pace->proven)
		return true;
	if (pace->probing)
		return false;
	pace->probing = true;
	return true;
}

bool
pace_proven(struct relay_pace *pace)
{
	bool first = !pace->proven;

	pace->proven = true;
	pace->probing = false;
	return first;
}

void
pace_answered(struct relay_pace *pace)
{
	pace->failures = 0;
}

bool
pace_throttle(struct relay_pace *pace, int64_t measured, int64_t now_ms)
{
	if (!slow_throttle(&pace->slow, measured, now_ms))
		return false;
	bucket_set(&pace->bucket, pace->slow.rate, now_ms);
	return true;
}

enum slow_turn
pace_grow(struct relay_pace *pace, int64_t now_ms)
{
	enum slow_turn turn = slow_grow(&pace->slow, now_ms);

	if (turn != SLOW_SAME)
		bucket_set(&pace->bucket, pace->slow.rate, now_ms);
	return turn;
}

bool
pace_failed(struct relay_pace *pace, unsigned epoch, int64_t now_ms)
{
	int last = (int)(sizeof back_off_s / sizeof *back_off_s) - 1;
	int step = pace->failures < last ? pace->failures : last;

	if (epoch != pace->epoch)
		return false;
	pace->epoch++;
	pace->proven = false;
	pace->probing = false;
	pace->dial_after_ms = now_ms + (int64_t)back_off_s[step] * 1000;
	pace->failures++;
	return true;
}

bool
pace_is_down(const struct relay_pace *pace)
{
	return pace->failures >= PACE_FAILURES_MAX;
}

void
pace_forgive(struct relay_pace *pace, int64_t now_ms)
{
	pace->failures = 0;
	pace->dial_after_ms = now_ms;
}

/* A relay may refuse a login for the moment with 4xx. */
static bool
is_passing(const struct err *why)
{
	return *err_find(why, "code") == '4';
}

bool
pace_is_hopeless(const struct err *why)
{
	static const enum err_code codes[] = {E_TLS_SETUP, E_TLS_VERIFY,
	    E_TLS_MISSING, E_TLS_INJECT, E_SMTP_AUTH_PLAINTEXT,
	    E_SMTP_AUTH_NONE, E_NET_CLEAR, E_NET_DIAL_LOOPBACK, E_TLS_PIN,
	    E_TLS_DOWNGRADE, E_SASL_SERVER, E_SMTP_AUTH_UNVERIFIED,
	    E_SMTP_REQUIRETLS, E_COMMAND_PATH, E_BUG};

	if (why->code == E_SMTP_AUTH)
		return !is_passing(why);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (why->code == codes[i])
			return true;
	}
	return false;
}
