/* Replies are foreign words: the rules in outcome.def decide what they mean for
 * the recipient and for the run.  A storm of refusals must not slow the lanes
 * down, so a reply is folded once and the trigrams in it are noted: most
 * tokens of most rules are ruled out by two bits of that. */
#include "core/deliver/outcome.h"

#include <assert.h>
#include <string.h>

#include "core/deliver/outcome_rules.h"

/* ---- Classes ----------------------------------------------------------- */

static const struct outcome_class_info {
	const char *name;
	enum outcome_action action;
	enum outcome_schedule schedule;
	enum outcome_effect effect;
	int minutes;
} classes[] = {
    [OUTCOME_NONE] = {.name = ""},
#define CLASS(class, name, action, schedule, effect, minutes)                  \
	[OUTCOME_##class] = {name, action, schedule, effect, minutes},
#define RULE(...)
#include "core/deliver/outcome.def"
#undef CLASS
#undef RULE
};
static_assert(
    sizeof classes / sizeof *classes == OUTCOME_CLASSES, "every class");

const char *outcome_class_name(enum outcome_class class)
{
	return classes[class].name;
}

enum outcome_class
outcome_class_find(struct span name)
{
	for (int i = OUTCOME_H1; i < OUTCOME_CLASSES; i++) {
		if (span_equal(name, span_of(classes[i].name)))
			return (enum outcome_class)i;
	}
	return OUTCOME_NONE;
}

void
outcome_rule_as(struct outcome_rule *rule, enum outcome_class class)
{
	rule->class = class;
	rule->action = classes[class].action;
	rule->schedule = classes[class].schedule;
	rule->effect = classes[class].effect;
	rule->minutes = classes[class].minutes;
}

/* ---- Rules ------------------------------------------------------------- */

/* The words of the table. */
#define AT(stage) (1u << SMTP_STAGE_##stage)
#define OF(name)  (1u << GROUP_##name)
enum {
	ANY = 0,
	SENDER = AT(MAIL),
	RCPT = AT(RCPT),
	ADDRESS = AT(RCPT) | AT(DATA) | AT(BODY) | AT(EOD),
	CONTENT = AT(DATA) | AT(BODY) | AT(EOD),
	MICROSOFT = OF(OUTLOOK) | OF(OTHER),
	CARRIERS = OF(DOCOMO) | OF(AU) | OF(SOFTBANK),
};

/* What a class does, as constants for the rules of it. */
enum {
#define CLASS(class, name, action, schedule, effect, minutes)                  \
	ACTION_##class = action, SCHEDULE_OF_##class = schedule,               \
	EFFECT_OF_##class = effect, MINUTES_OF_##class = minutes,
#define RULE(...)
#include "core/deliver/outcome.def"
#undef CLASS
#undef RULE
};

static const struct outcome_rule rules[] = {
#define CLASS(...)
#define RULE(name, kind, whose, whom, where, from, to, codes, tokens, wait,    \
    group, stage, line)                                                        \
	{                                                                      \
	    .id = name,                                                        \
	    .class = OUTCOME_##kind,                                           \
	    .who = WHO_##whose,                                                \
	    .groups = whom,                                                    \
	    .stages = where,                                                   \
	    .code_from = from,                                                 \
	    .code_to = to,                                                     \
	    .enhanced = codes,                                                 \
	    .text = tokens,                                                    \
	    .action = (enum outcome_action)ACTION_##kind,                      \
	    .schedule = (enum outcome_schedule)SCHEDULE_OF_##kind,             \
	    .effect = (enum outcome_effect)EFFECT_OF_##kind,                   \
	    .minutes = (wait) ? (wait) : MINUTES_OF_##kind,                    \
	    .example_group = GROUP_##group,                                    \
	    .example_stage = SMTP_STAGE_##stage,                               \
	    .example = line,                                                   \
	},
#include "core/deliver/outcome.def"
#undef CLASS
#undef RULE
};
enum { RULES = sizeof rules / sizeof *rules };

const struct outcome_rule *
outcome_rules(size_t *count)
{
	*count = RULES;
	return rules;
}

/* ---- Folding ----------------------------------------------------------- */

static unsigned
trigram(const char *at)
{
	return ((unsigned char)at[0] * 961u + (unsigned char)at[1] * 31u +
		   (unsigned char)at[2]) %
	       OUTCOME_GRAMS;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Octets of "1.23.456" at the beginning of text, else 0 (RFC 3463). */
static size_t
enhanced_len(struct span text)
{
	size_t at = 0;

	for (int part = 0; part < 3; part++) {
		size_t from = at;

		while (at < text.len && at - from < 3 && is_digit(text.ptr[at]))
			at++;
		if (at == from)
			return 0;
		if (part < 2 && (at >= text.len || text.ptr[at++] != '.'))
			return 0;
	}
	return at;
}

/* Octets of "550-5.1.1 " at the beginning of a further line. */
static size_t
prefix_len(struct span line)
{
	size_t len = 4, more;

	if (line.len < 4 || !is_digit(line.ptr[0]) || !is_digit(line.ptr[1]) ||
	    !is_digit(line.ptr[2]) ||
	    (line.ptr[3] != '-' && line.ptr[3] != ' '))
		return 0;
	more = enhanced_len(span_slice(line, 4, line.len));
	return more ? len + more : len;
}

void
outcome_fold(struct span raw, struct outcome_text *out)
{
	size_t n = 0;

	memset(out->gram, 0, sizeof out->gram);
	for (size_t i = 0; i < raw.len && n < sizeof out->text; i++) {
		char c = raw.ptr[i];

		if (c == '\n')
			i += prefix_len(span_slice(raw, i + 1, raw.len));
		if (c == '\r' || c == '\n' || c == '\t')
			c = ' ';
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == ' ' && n && out->text[n - 1] == ' ')
			continue;
		out->text[n++] = c;
	}
	out->len = n;
	for (size_t i = 0; i + 2 < n; i++) {
		unsigned bit = trigram(out->text + i);

		out->gram[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

static bool
has_gram(const struct outcome_text *text, const char *at)
{
	unsigned bit = trigram(at);

	return text->gram[bit / 64] >> bit % 64 & 1;
}

/* One part of a token, as long as it is written. */
static bool
has_part(const struct outcome_text *text, const char *part, size_t len)
{
	if (len >= 3 &&
	    (!has_gram(text, part) || !has_gram(text, part + len - 3)))
		return false;
	return memmem(text->text, text->len, part, len) != NULL;
}

bool
outcome_has_token(const struct outcome_text *text, const char *tokens)
{
	const char *at = tokens;
	bool all = true; /* parts of this token so far */

	for (;;) {
		size_t len = strcspn(at, "|&");

		if (all && !has_part(text, at, len))
			all = false;
		at += len;
		if (*at != '&') {
			if (all)
				return true;
			all = true;
		}
		if (!*at)
			return false;
		at++;
	}
}

/* ---- Quoted replies ---------------------------------------------------- */

/* Where the code of a quoted reply begins behind mark, or len. */
static size_t
behind(struct span text, const char *mark, const char *before_code)
{
	const char *at = memmem(text.ptr, text.len, mark, strlen(mark));
	size_t need = strlen(before_code);
	struct span rest;

	if (!at)
		return text.len;
	rest =
	    span_slice(text, (size_t)(at - text.ptr) + strlen(mark), text.len);
	for (size_t i = 0; i + need + 4 <= rest.len; i++) {
		const char *code = rest.ptr + i + need;

		if (memcmp(rest.ptr + i, before_code, need) == 0 &&
		    (code[0] == '4' || code[0] == '5') && is_digit(code[1]) &&
		    is_digit(code[2]) && (code[3] == ' ' || code[3] == '-'))
			return (size_t)(code - text.ptr);
		if (!*before_code)
			break;
	}
	return text.len;
}

/* As Postfix, Exim, sendmail and Exchange put another server's words. */
static size_t
find_quoted(struct span text)
{
	static const struct {
		const char *mark, *before_code;
	} forms[] = {
	    {" said: ", ""},
	    {"error from remote mail server", ": "},
	    {"remote server returned '", ""},
	    {"<<< ", ""},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		size_t at = behind(text, forms[i].mark, forms[i].before_code);

		if (at < text.len)
			return at;
	}
	return text.len;
}

static enum smtp_stage
quoted_stage(struct span text)
{
	static const char *const content[] = {"in reply to end of data",
	    "after end of data", "after data", "in reply to data"};
	static const char *const sender[] = {
	    "in reply to mail from", "after mail from"};

	for (size_t i = 0; i < sizeof content / sizeof *content; i++) {
		if (memmem(text.ptr, text.len, content[i], strlen(content[i])))
			return SMTP_STAGE_EOD;
	}
	for (size_t i = 0; i < sizeof sender / sizeof *sender; i++) {
		if (memmem(text.ptr, text.len, sender[i], strlen(sender[i])))
			return SMTP_STAGE_MAIL;
	}
	return SMTP_STAGE_RCPT;
}

void
outcome_subject(const struct outcome_reply *reply, struct outcome_subject *out)
{
	struct span text;
	size_t at;

	out->who = reply->peer == WHO_REMOTE ? WHO_REMOTE : WHO_RELAY;
	out->group = reply->group;
	out->stage = reply->stage;
	out->code = reply->code;
	out->enhanced = span_of(reply->enhanced ? reply->enhanced : "");
	outcome_fold(reply->raw, &out->text);
	text = span_make(out->text.text, out->text.len);
	at = find_quoted(text);
	if (at == text.len)
		return;
	out->who = WHO_REMOTE;
	out->stage = quoted_stage(text);
	out->code = (text.ptr[at] - '0') * 100 + (text.ptr[at + 1] - '0') * 10 +
		    text.ptr[at + 2] - '0';
	text = span_slice(text, at + 4, text.len);
	out->enhanced = span_slice(text, 0, enhanced_len(text));
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

bool
outcome_fits(
    const struct outcome_rule *rule, const struct outcome_subject *subject)
{
	if (subject->code < rule->code_from || subject->code > rule->code_to)
		return false;
	if (rule->who && rule->who != subject->who)
		return false;
	if (rule->groups && !(rule->groups >> subject->group & 1))
		return false;
	if (rule->stages && !(rule->stages >> subject->stage & 1))
		return false;
	if (rule->enhanced && !has_word(rule->enhanced, subject->enhanced))
		return false;
	return !rule->text || outcome_has_token(&subject->text, rule->text);
}

const struct outcome_rule *
outcome_first(const struct outcome_subject *subject)
{
	const struct outcome_rule *rule = rules;

	while (rule < &rules[RULES - 1] && !outcome_fits(rule, subject))
		rule++;
	return rule;
}

const struct outcome_rule *
outcome_classify(const struct outcome_reply *reply)
{
	struct outcome_subject subject;

	outcome_subject(reply, &subject);
	return outcome_first(&subject);
}

/* ---- Schedule ---------------------------------------------------------- */

enum { STEPS = 5 };

/* Minutes after the first, second ... attempt; the last one repeats. */
static const int minutes_of[][STEPS] = {
    [SCHEDULE_SYSTEM] = {15, 30, 60, 120, 180},
    [SCHEDULE_GREYLIST] = {6, 15, 30, 30, 60},
    [SCHEDULE_FULL] = {30, 120, 240, 240, 240},
};

int64_t
outcome_delay_ms(enum outcome_schedule schedule, int attempt, uint32_t dice)
{
	int step = attempt < 1 ? 0 : attempt > STEPS ? STEPS - 1 : attempt - 1;
	int64_t ms = (int64_t)minutes_of[schedule][step] * 60 * 1000;

	return ms * 8 / 10 + ms * 4 / 10 * (int64_t)(dice % 1001) / 1000;
}
