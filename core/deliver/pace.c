/* Manners towards a relay.  A wrong secret is never tried twice (accounts get
 * locked), an unreachable relay is asked by one session in growing intervals,
 * and one that complains about the number of sessions gets half of them. */
#include "core/deliver/pace.h"

#include "core/base/span.h"

enum { TOKEN = 1000 };

static const int back_off_s[PACE_FAILURES_MAX] = {1, 2, 5, 10, 30, 60};

void
pace_init(struct relay_pace *pace, int sessions, int rate_per_s, int64_t now_ms)
{
	*pace = (struct relay_pace){
	    .rate_per_s = rate_per_s,
	    .tokens = TOKEN,
	    .filled_ms = now_ms,
	    .sessions = sessions,
	    .cap = sessions,
	    .dial_after_ms = now_ms,
	};
}

/* A tenth of a second's worth may gather, at least one message. */
static void
refill(struct relay_pace *pace, int64_t now_ms)
{
	int64_t most = (int64_t)pace->rate_per_s * TOKEN / 10;

	if (most < TOKEN)
		most = TOKEN;
	pace->tokens += (now_ms - pace->filled_ms) * pace->rate_per_s;
	if (pace->tokens > most)
		pace->tokens = most;
	pace->filled_ms = now_ms;
}

bool
pace_spend(struct relay_pace *pace, int64_t now_ms)
{
	if (!pace->rate_per_s)
		return true;
	refill(pace, now_ms);
	if (pace->tokens < TOKEN)
		return false;
	pace->tokens -= TOKEN;
	return true;
}

void
pace_refund(struct relay_pace *pace)
{
	if (pace->rate_per_s)
		pace->tokens += TOKEN;
}

bool
pace_may_dial(struct relay_pace *pace, int number, int64_t now_ms)
{
	if (now_ms < pace->dial_after_ms || number >= pace->cap)
		return false;
	if (pace->proven)
		return true;
	if (pace->probing)
		return false;
	pace->probing = true;
	return true;
}

void
pace_proven(struct relay_pace *pace)
{
	pace->proven = true;
	pace->probing = false;
}

void
pace_answered(struct relay_pace *pace)
{
	pace->failures = 0;
}

void
pace_accepted(struct relay_pace *pace)
{
	pace->failures = 0;
	if (pace->cap == pace->sessions || ++pace->clean < PACE_RECOVER)
		return;
	pace->clean = 0;
	pace->cap++;
}

void
pace_throttle(struct relay_pace *pace)
{
	pace->clean = 0;
	if (pace->cap > 1)
		pace->cap /= 2;
}

bool
pace_failed(struct relay_pace *pace, unsigned epoch, int64_t now_ms)
{
	if (epoch != pace->epoch)
		return false;
	pace->epoch++;
	pace->proven = false;
	pace->probing = false;
	pace->dial_after_ms =
	    now_ms + (int64_t)back_off_s[pace->failures] * 1000;
	if (++pace->failures < PACE_FAILURES_MAX)
		return false;
	pace->failures = 0;
	return true;
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
	    E_SMTP_AUTH_NONE, E_NET_CLEAR, E_NET_DIAL_LOOPBACK, E_BUG};

	if (why->code == E_SMTP_AUTH)
		return !is_passing(why);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (why->code == codes[i])
			return true;
	}
	return false;
}
