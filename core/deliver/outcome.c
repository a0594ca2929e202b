/* Replies are foreign words: this file decides what they mean for the
 * recipient and for the run, as data.  Order matters: our own troubles with the
 * relay come before the recipient's, narrow rules before wide ones.  A new rule
 * is a row with an example; the test asks every example of the table. */
#include "core/deliver/outcome.h"

#include <stdbool.h>
#include <string.h>

#define AT(stage) (1u << SMTP_STAGE_##stage)
enum {
	ANY = 0,
	RCPT = AT(RCPT),
	SENDER = AT(MAIL),
	CONTENT = AT(DATA) | AT(BODY) | AT(EOD),
};

#define NO_GUARD {0, 0}
#define AT_ONCE  {1, 0}

static const struct outcome_rule rules[] = {
    /* A: our standing with the relay. */
    {"A1", ANY, 530, 535, NULL, NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_MAIL, "530 5.7.0 Authentication required"},
    {"A1", ANY, 538, 538, NULL, NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_AUTH, "538 5.7.11 Encryption required"},
    {"A1", ANY, 400, 499, NULL, "too many login|login denied", OUTCOME_REQUEUE,
	AT_ONCE, 0, SMTP_STAGE_MAIL, "454 4.7.0 Too many login attempts"},
    {"A2", ANY, 400, 599, "5.4.5", NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_EOD, "550 5.4.5 Daily user sending limit exceeded"},
    {"A2", ANY, 400, 599, NULL,
	"sending limit|sending quota|daily limit|hourly limit", OUTCOME_REQUEUE,
	AT_ONCE, 0, SMTP_STAGE_MAIL, "452 4.7.0 Sending quota reached"},
    {"A3", ANY, 500, 599, "5.7.64", NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_RCPT, "550 5.7.64 TenantAttribution"},
    {"A3", ANY, 500, 599, NULL,
	"relay access denied|relaying denied|relay not permitted|"
	"sender address rejected: not owned|not allowed to send as",
	OUTCOME_REQUEUE, AT_ONCE, 0, SMTP_STAGE_RCPT,
	"554 5.7.1 <x@example.net>: Relay access denied"},

    /* P3: receivers refuse what we sign or publish. */
    {"P3", ANY, 500, 599,
	"5.7.9 5.7.20 5.7.21 5.7.22 5.7.23 5.7.24 5.7.25 5.7.26 5.7.27 5.7.29 "
	"5.7.30 5.7.509 5.7.515",
	NULL, OUTCOME_REQUEUE, AT_ONCE, 0, SMTP_STAGE_EOD,
	"550 5.7.26 This mail is unauthenticated"},
    {"P3", ANY, 500, 599, NULL, "dmarc|spf check|spf fail|dkim",
	OUTCOME_REQUEUE, AT_ONCE, 0, SMTP_STAGE_EOD,
	"550 5.7.1 rejected by DMARC policy of example.jp"},
    {"P3", ANY, 400, 499, "4.7.23 4.7.26 4.7.27 4.7.30 4.7.32", NULL,
	OUTCOME_RETRY, {3, 0}, SCHEDULE_SYSTEM, SMTP_STAGE_EOD,
	"421 4.7.30 Gmail requires DKIM"},

    /* P1: our reputation, not the recipient. */
    {"P1", ANY, 500, 599,
	"5.7.606 5.7.607 5.7.608 5.7.609 5.7.61* 5.7.62* 5.7.63*", NULL,
	OUTCOME_REQUEUE, AT_ONCE, 0, SMTP_STAGE_RCPT,
	"550 5.7.606 Access denied, banned sending IP"},
    {"P1", ANY, 500, 599, NULL,
	"block list|blocklist|blacklist|spamhaus|banned sending ip|[bl0|[tss09|"
	"[tss11|vs98|no smtp service",
	OUTCOME_REQUEUE, AT_ONCE, 0, SMTP_STAGE_RCPT,
	"554 5.7.1 Service unavailable; blocked using zen.spamhaus.org"},

    /* The session ended or never began. */
    {"S3", ANY, 400, 499, "4.7.28 4.7.500 4.7.650 4.3.2", NULL,
	OUTCOME_THROTTLE, NO_GUARD, SCHEDULE_GREYLIST, SMTP_STAGE_MAIL,
	"421 4.7.28 Our system has detected an unusual rate"},
    {"S3", ANY, 400, 499, NULL,
	"too quickly|too many connections|too many messages|too many "
	"recipients|rate limit|server busy|[ts0|[tss0|[ipts0|[hcm1|throttl",
	OUTCOME_THROTTLE, NO_GUARD, SCHEDULE_GREYLIST, SMTP_STAGE_RCPT,
	"450 4.2.1 The user is receiving mail too quickly"},
    {"S3", ANY, 421, 421, NULL, NULL, OUTCOME_THROTTLE, NO_GUARD,
	SCHEDULE_GREYLIST, SMTP_STAGE_MAIL,
	"421 mail.example.jp closing transmission channel"},

    /* The message itself. */
    {"F2", ANY, 500, 599, "5.3.4 5.2.3", NULL, OUTCOME_FAIL, NO_GUARD, 0,
	SMTP_STAGE_MAIL, "552 5.3.4 Message size exceeds fixed limit"},
    {"F2", ANY, 552, 552, NULL, "size limit|too large|maximum size",
	OUTCOME_FAIL, NO_GUARD, 0, SMTP_STAGE_EOD,
	"552 message exceeds maximum size"},
    {"P2", CONTENT, 500, 599, NULL,
	"spam|unsolicited|virus|malware|content rejected|phish", OUTCOME_FAIL,
	{3, 100}, 0, SMTP_STAGE_EOD, "550 5.7.1 Message is likely unsolicited"},
    {"F1", ANY, 500, 599, "5.5.* 5.6.*", NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_EOD, "550 5.6.0 Header is not RFC 5322 compliant"},
    {"A3", ANY, 503, 503, NULL, NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_RCPT, "503 bad sequence"},
    {"F1", ANY, 500, 504, NULL, NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_DATA, "502 command not implemented"},
    {"F1", ANY, 500, 599, NULL, "bare lf|bare newline|line too long",
	OUTCOME_REQUEUE, AT_ONCE, 0, SMTP_STAGE_EOD, "554 bare LF not allowed"},
    {"A3", SENDER, 500, 599, NULL, NULL, OUTCOME_REQUEUE, AT_ONCE, 0,
	SMTP_STAGE_MAIL, "550 5.1.8 Sender refused"},

    /* S1: full, before the unknown ones (552 is both). */
    {"S1", ANY, 400, 599, "4.2.2 5.2.2", NULL, OUTCOME_RETRY, NO_GUARD,
	SCHEDULE_FULL, SMTP_STAGE_RCPT, "452 4.2.2 Mailbox full"},
    {"S1", ANY, 400, 599, NULL,
	"mailbox full|mailbox is full|over quota|quota exceeded|too much mail "
	"data|temporarily over",
	OUTCOME_RETRY, NO_GUARD, SCHEDULE_FULL, SMTP_STAGE_EOD,
	"552 too much mail data"},

    /* H4: refused by what the recipient set, said like unknown. */
    {"H4", CONTENT, 550, 550, NULL, "user unknown|unknown user", OUTCOME_FAIL,
	NO_GUARD, 0, SMTP_STAGE_EOD, "550 Unknown user taro@docomo.example"},
    {"H4", ANY, 500, 599, "5.7.133 5.7.134 5.7.135 5.7.136", NULL, OUTCOME_FAIL,
	NO_GUARD, 0, SMTP_STAGE_RCPT,
	"550 5.7.133 sender not authenticated for group"},

    /* H: the address. */
    {"H3", ANY, 500, 599, NULL,
	"mailbox is disabled|account is disabled|account disabled|mailbox "
	"disabled|inactive|suspended",
	OUTCOME_FAIL, NO_GUARD, 0, SMTP_STAGE_RCPT,
	"550 5.2.1 The mailbox is disabled"},
    {"H1", ANY, 500, 599, "5.1.1 5.1.6", NULL, OUTCOME_FAIL, {26, 500}, 0,
	SMTP_STAGE_RCPT, "550 5.1.1 <x@example.jp>: no mailbox here"},
    {"H1", ANY, 500, 599, NULL,
	"user unknown|unknown user|no such user|no such recipient|mailbox not "
	"found|invalid recipient|recipnotfound|does not exist|doesn't have|"
	"unknown or illegal alias|mailbox unavailable|recipient address "
	"rejected: access denied",
	OUTCOME_FAIL, {26, 500}, 0, SMTP_STAGE_RCPT, "550 No such user here"},
    {"H2", ANY, 500, 599, "5.1.2 5.4.4 5.1.10", NULL, OUTCOME_FAIL, NO_GUARD, 0,
	SMTP_STAGE_RCPT, "550 5.1.2 Bad destination system"},
    {"H2", ANY, 500, 599, NULL,
	"host unknown|domain not found|unrouteable|unroutable|null mx",
	OUTCOME_FAIL, NO_GUARD, 0, SMTP_STAGE_RCPT, "550 Unrouteable address"},
    {"H2", ANY, 556, 556, NULL, NULL, OUTCOME_FAIL, NO_GUARD, 0,
	SMTP_STAGE_RCPT, "556 domain takes no mail"},
    {"H3", ANY, 500, 599, "5.2.1", NULL, OUTCOME_FAIL, NO_GUARD, 0,
	SMTP_STAGE_RCPT, "550 5.2.1 closed"},
    {"H1", RCPT, 550, 553, NULL, NULL, OUTCOME_FAIL, {26, 500}, 0,
	SMTP_STAGE_RCPT, "551 moved"},

    /* S: later. */
    {"S2", ANY, 450, 451, NULL, "greylist|graylist|grey list|try again",
	OUTCOME_RETRY, NO_GUARD, SCHEDULE_GREYLIST, SMTP_STAGE_RCPT,
	"451 4.7.1 Greylisted, please try again"},
    {"S4", ANY, 400, 499, NULL, NULL, OUTCOME_RETRY, NO_GUARD, SCHEDULE_SYSTEM,
	SMTP_STAGE_EOD, "451 4.3.0 queue file write error"},
    {"U", ANY, 0, 999, NULL, NULL, OUTCOME_FAIL, {10, 500}, 0, SMTP_STAGE_EOD,
	"554 transaction failed"},
};

const struct outcome_rule *
outcome_rules(size_t *count)
{
	*count = sizeof rules / sizeof *rules;
	return rules;
}

/* ---- Matching ---------------------------------------------------------- */

static bool
has_word(const char *words, struct span enhanced)
{
	struct span rest = span_of(words);

	while (rest.len && enhanced.len) {
		struct span word = span_cut(&rest, ' ');

		if (span_ends(word, SPAN("*"))) {
			word.len--;
			if (span_starts(enhanced, word))
				return true;
		} else if (span_equal(enhanced, word)) {
			return true;
		}
	}
	return false;
}

static bool
occurs(struct span token, struct span text)
{
	for (size_t i = 0; i + token.len <= text.len; i++) {
		struct span part = span_slice(text, i, i + token.len);

		if (span_equal_nocase(part, token))
			return true;
	}
	return false;
}

static bool
has_token(const char *tokens, struct span text)
{
	struct span rest = span_of(tokens);

	while (rest.len) {
		if (occurs(span_cut(&rest, '|'), text))
			return true;
	}
	return false;
}

const struct outcome_rule *
outcome_classify(
    enum smtp_stage stage, int code, const char *enhanced, struct span raw)
{
	const struct outcome_rule *rule = rules;

	for (;; rule++) {
		if (rule == &rules[sizeof rules / sizeof *rules - 1])
			return rule;
		if (rule->stages && !(rule->stages & (1u << stage)))
			continue;
		if (code < rule->code_from || code > rule->code_to)
			continue;
		if (rule->enhanced &&
		    !has_word(rule->enhanced, span_of(enhanced)))
			continue;
		if (rule->text && !has_token(rule->text, raw))
			continue;
		return rule;
	}
}

/* ---- Schedule ---------------------------------------------------------- */

enum { STEPS = 5 };

/* Minutes after the first, second ... attempt; the last one repeats. */
static const int minutes[][STEPS] = {
    [SCHEDULE_SYSTEM] = {15, 30, 60, 120, 180},
    [SCHEDULE_GREYLIST] = {6, 15, 30, 30, 60},
    [SCHEDULE_FULL] = {30, 120, 240, 240, 240},
};

int64_t
outcome_delay_ms(enum outcome_schedule schedule, int attempt, uint32_t dice)
{
	int step = attempt < 1 ? 0 : attempt > STEPS ? STEPS - 1 : attempt - 1;
	int64_t ms = (int64_t)minutes[schedule][step] * 60 * 1000;

	return ms * 8 / 10 + ms * 4 / 10 * (int64_t)(dice % 1001) / 1000;
}

/* ---- Guards ------------------------------------------------------------ */

static bool
same_class(const struct outcome_rule *a, const struct outcome_rule *b)
{
	return a && b && strcmp(a->class, b->class) == 0;
}

int
outcome_history_add(
    struct outcome_history *history, const struct outcome_rule *rule)
{
	int window, found = 0;

	history->last[history->at] = rule;
	history->at = (history->at + 1) % OUTCOME_WINDOW;
	if (!rule || !rule->guard.count)
		return 0;
	window = rule->guard.window ? rule->guard.window : OUTCOME_WINDOW;
	for (int i = 1; i <= window; i++) {
		size_t at =
		    (history->at + OUTCOME_WINDOW - (size_t)i) % OUTCOME_WINDOW;

		found += same_class(history->last[at], rule);
	}
	if (found < rule->guard.count)
		return 0;
	memset(history, 0, sizeof *history);
	return found;
}
