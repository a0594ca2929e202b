/* What is looked at once and then passed over: a worker that remembers must find
 * what one finds that has seen nothing before, in messages that differ wherever
 * messages can. */
#include "core/review/fresh.h"

#include <stdio.h>

#include "core/review/lint.h"
#include "tests/unit/unit.h"

/* ---- Two texts ------------------------------------------------------------- */

static const struct {
	const char *seen, *text;
	const char *new; /* gaps, parted by "|" */
} pairs[] = {
    {"", "anything", "anything"},
    {"Dear Taro, the same text for everybody.",
	"Dear Taro, the same text for everybody.", ""},
    {"Dear Taro, the same text for everybody on the list.",
	"Dear Hanako, the same text for everybody on the list.", "Hanak"},
    {"Dear Taro, the same text for everybody on the list.",
	"Dear , the same text for everybody on the list.", "||"},
    {"Dear Taro, the same text for everybody.", "Dear Taro, the same", "||"},
    {"Dear Taro, the same", "Dear Taro, the same text", " text"},
    {"no word of it", "something else again", "something else again"},
};

/* The gaps as they are written above; "||" says that there is an empty one. */
static void
write_gaps(const struct fresh *fresh, struct span text, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < fresh->gaps; i++) {
		const struct fresh_gap *gap = &fresh->gap[i];

		if (gap->from == gap->to)
			buf_text(out, "||");
		buf_add(out, span_slice(text, gap->from, gap->to));
		if (i + 1 < fresh->gaps)
			buf_char(out, '|');
	}
	buf_char(out, '\0');
}

static void
differences_are_found(void **state)
{
	struct buf got = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct fresh fresh = {.gaps = 0};

		fresh_keep(&fresh, span_of(pairs[i].seen));
		fresh_compare(&fresh, span_of(pairs[i].text));
		write_gaps(&fresh, span_of(pairs[i].text), &got);
		assert_string_equal(got.ptr, pairs[i].new);
		fresh_done(&fresh);
	}
	buf_done(&got);
}

static void
what_is_hidden_is_new_again(void **state)
{
	const struct span text = SPAN("write to taro@example.jp, or call");
	struct fresh fresh = {.gaps = 0};

	(void)state;
	fresh_compare(&fresh, text);
	fresh_hide(&fresh, 9, 24);
	fresh_keep(&fresh, text);
	fresh_compare(&fresh, text);
	assert_int_equal(fresh.gaps, 1);
	assert_int_equal(fresh.gap[0].from, 9);
	assert_int_equal(fresh.gap[0].to, 24);
	/* and an octet that hides is never taken for what was hidden */
	fresh_compare(&fresh, SPAN("write to \0, or call"));
	assert_int_equal(fresh.gaps, 1);
	assert_int_equal(fresh.gap[0].from, 0);
	fresh_done(&fresh);
}

/* ---- Chance ---------------------------------------------------------------- */

/* The same numbers on every machine. */
static unsigned
draw(uint64_t *state, unsigned below)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (unsigned)(*state >> 33) % below;
}

/* A text in which much repeats itself, so that it can be laid beside another
 * one in many ways. */
static void
write_pattern(uint64_t *state, struct buf *out)
{
	unsigned length = draw(state, 900), letters = 1 + draw(state, 4);

	buf_clear(out);
	while (out->len < length)
		buf_char(out, (char)('a' + draw(state, letters)));
}

/* Cuts something out of a text, or puts something in, now and then. */
static void
vary(uint64_t *state, struct span text, struct buf *out)
{
	unsigned often = 2 + draw(state, 200);

	buf_clear(out);
	for (size_t i = 0; i < text.len; i++) {
		if (draw(state, often) > 0)
			buf_char(out, text.ptr[i]);
		else if (draw(state, 3) > 0)
			i += draw(state, 40);
		for (unsigned n = draw(state, often) ? 0 : draw(state, 40);
		    n > 0; n--)
			buf_char(out, (char)('a' + draw(state, 4)));
	}
}

/* Takes what lies between two gaps off seen.  The first begins where seen does,
 * the last one ends where it does. */
static bool
take_run(struct span *seen, struct span run, bool is_first, bool is_last)
{
	size_t at;

	if (is_first && !span_starts(*seen, run))
		return false;
	if (is_last)
		return span_ends(*seen, run) &&
		       (!is_first || seen->len == run.len);
	at = is_first ? 0 : span_search(*seen, run);
	if (run.len && at == seen->len)
		return false;
	*seen = span_slice(*seen, at + run.len, seen->len);
	return true;
}

/* What fresh_compare() promises: the octets outside the gaps are those of the
 * other text, in its order, side by side as they are there. */
static bool
is_promise_kept(const struct fresh *fresh, struct span seen, struct span text)
{
	size_t at = 0;

	for (size_t i = 0; i < fresh->gaps; i++) {
		const struct fresh_gap *gap = &fresh->gap[i];

		if ((i > 0 && gap->from <= at) || gap->to < gap->from ||
		    gap->to > text.len ||
		    !take_run(
			&seen, span_slice(text, at, gap->from), i == 0, false))
			return false;
		at = gap->to;
	}
	return take_run(
	    &seen, span_slice(text, at, text.len), fresh->gaps == 0, true);
}

static void
what_is_no_gap_was_there(void **state)
{
	struct buf seen = BUF_INIT, text = BUF_INIT;
	struct fresh fresh = {.gaps = 0};
	uint64_t chance = 11;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		write_pattern(&chance, &seen);
		if (draw(&chance, 10) > 0)
			vary(&chance, buf_span(&seen), &text);
		else
			write_pattern(&chance, &text);
		fresh_keep(&fresh, buf_span(&seen));
		fresh_compare(&fresh, buf_span(&text));
		if (!is_promise_kept(&fresh, buf_span(&seen), buf_span(&text)))
			fail_msg("round %d: %.*s, %.*s", i,
			    SPAN_ARG(buf_span(&seen)),
			    SPAN_ARG(buf_span(&text)));
	}
	fresh_done(&fresh);
	buf_done(&seen);
	buf_done(&text);
}

/* What text is made of: harmless, faulty, and halves of what is faulty. */
static const char *const pieces[] = {"いつもご利用ありがとうございます。",
    "Thank you for reading this letter to the end.\n",
    "詳しくは次のページをご覧ください。", " ", "\n", "　", "様", "山田 太郎",
    "お客", "様々なご案内", "御中", ", ", "Dear", "Dear Mr.", "Hello ", "{",
    "{{", "na", "name}}", "}}", "%%", "#", "姓", "[[x", "]]", "$", "{user}",
    "100%", "\xe2\x80\xae", "\xc2\x85", "\xe2", "\x80\xae", "\x01",
    "\xef\xbf\xbd", "「", "」", "<b>", "</b>", "<br>", "taro@", "example.jp",
    "M-1000", "12", "090-1111", "-2222", "%40", "ｔａｒｏ＠", "東京都千代田区",
    "丸の内1-2-3", ".", "-", "@",
    "<a href=\"https://www.example.jp/?m=", "\">x</a>"};

enum {
	PIECES = sizeof pieces / sizeof *pieces,
	LENGTH = 40,
	PEOPLE = 6,
	TEMPLATES = 60,
	MESSAGES = 60,
};

struct someone {
	const char *address, *name, *fields;
};

static const struct someone people[PEOPLE] = {
    {"taro@example.jp", "山田 太郎", "{\"会員番号\":\"M-100012\"}"},
    {"hanako@example.com", "山田 花子", "{\"電話\":\"090-1111-2222\"}"},
    {"j.smith@mail.example.net", "John Smith", "{}"},
    {"x12@d3.example.org", "", "{\"住所\":\"東京都千代田区丸の内1-2-3\"}"},
    {"M-100012@example.net", "様", "{\"a\":\"hanako@example.com\"}"},
    {"so.long.a.name.that.nobody.types@of.a.long.domain.example", "李", "{}"},
};

static const char *
value_of(uint64_t *state, const struct someone *person)
{
	switch (draw(state, 3)) {
	case 0:
		return person->address;
	case 1:
		return person->name;
	default:
		return person == &people[3] ? "東京都千代田区丸の内1-2-3"
					    : "M-100012";
	}
}

/* A message of a template: most of it is the template's, some is somebody's. */
static void
write_text(uint64_t *state, const unsigned *template,
    const struct someone *person, unsigned faults, struct buf *out)
{
	buf_clear(out);
	for (int i = 0; i < LENGTH; i++) {
		if (draw(state, 100) >= faults)
			buf_text(out, pieces[template[i]]);
		else if (draw(state, 3) == 0)
			buf_text(out, pieces[draw(state, PIECES)]);
		else if (draw(state, 8) == 0)
			buf_text(
			    out, value_of(state, &people[draw(state, PEOPLE)]));
		else
			buf_text(out, value_of(state, person));
	}
}

static void
rules_fill(struct lint_rules *rules)
{
	*rules = (struct lint_rules){
	    .class = CLASS_NOTICE, .list = 1, .today = {2026, 11, 22}};
	buf_text(&rules->from_address, "news@example.jp");
	buf_text(&rules->from_domain, "example.jp");
	rules->personal = personal_new();
	for (int i = 0; i < PEOPLE; i++)
		personal_add(rules->personal, PERSONAL_ADDRESS,
		    span_of(people[i].address));
	personal_add(rules->personal, PERSONAL_COLUMN, SPAN("M-100012"));
	personal_add(rules->personal, PERSONAL_COLUMN, SPAN("090-1111-2222"));
	personal_add(rules->personal, PERSONAL_COLUMN,
	    SPAN("東京都千代田区丸の内1-2-3"));
	personal_ready(rules->personal);
}

/* ---- Two workers ----------------------------------------------------------- */

/* One remembers; the other is new for every message. */
struct pair {
	struct lint_rules rules;
	struct lint_tools old;
	int64_t faults[CHECK_COUNT];
	struct buf text, html;
};

static void
same_findings(struct pair *pair, const struct tally *a, const struct tally *b)
{
	size_t all;

	for (int i = 0; i < CHECK_COUNT; i++) {
		static const char *const facts[] = {"what", "seq", "value"};

		if (a->count[i] != b->count[i])
			fail_msg("%s: %lld and %lld in\n%s",
			    check_all(&all)[i].id, (long long)a->count[i],
			    (long long)b->count[i], pair->html.ptr);
		pair->faults[i] += a->count[i];
		if (!a->count[i])
			continue;
		for (size_t k = 0; k < sizeof facts / sizeof *facts; k++)
			assert_string_equal(err_find(&a->first[i], facts[k]),
			    err_find(&b->first[i], facts[k]));
	}
}

static void
both_read(struct pair *pair, const struct someone *person, int64_t seq)
{
	static struct tally a, b;
	const struct recipient recipient = {.seq = seq,
	    .address = span_of(person->address),
	    .name = span_of(person->name),
	    .fields = span_of(person->fields)};
	const struct message message = {
	    .bytes = SPAN("From: <news@example.jp>\r\nTo: <a@example.jp>\r\n"
			  "Subject: x\r\nDate: x\r\nMessage-ID: <1@a.jp>\r\n"
			  "List-Id: <l.example.jp>\r\n\r\nx\r\n"),
	    .text = buf_span(&pair->text),
	    .html = buf_span(&pair->html),
	    .subject = SPAN("News"),
	    .rcpt_to = recipient.address};
	struct lint_tools fresh;

	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	lint_tools_init(&fresh, NULL);
	lint_message(&pair->rules, &recipient, &message, &fresh, &a);
	lint_message(&pair->rules, &recipient, &message, &pair->old, &b);
	lint_tools_done(&fresh);
	same_findings(pair, &a, &b);
}

/* A campaign whose text is more or less at fault. */
static void
read_campaign(struct pair *pair, uint64_t *state)
{
	unsigned template[LENGTH], faults = 1 + draw(state, 20);
	unsigned kinds = draw(state, 2) ? PIECES : 15;
	struct buf part = BUF_INIT;

	for (int i = 0; i < LENGTH; i++)
		template[i] = draw(state, kinds);
	for (int64_t seq = 1; seq <= MESSAGES; seq++) {
		const struct someone *person = &people[draw(state, PEOPLE)];

		write_text(state, template, person, faults, &pair->text);
		write_text(state, template, person, faults, &part);
		buf_clear(&pair->html);
		buf_text(&pair->html, "<p>");
		buf_add(&pair->html, buf_span(&part));
		buf_text(&pair->html, "</p>\n");
		both_read(pair, person, seq);
	}
	buf_done(&part);
}

static void
who_remembers_finds_the_same(void **state)
{
	static const enum check_id looked_for[] = {CM_01, CM_02, CM_03, CM_07};
	struct pair pair = {.text = BUF_INIT};
	uint64_t chance = 20261122;

	(void)state;
	rules_fill(&pair.rules);
	for (int i = 0; i < TEMPLATES; i++) {
		lint_tools_init(&pair.old, NULL);
		read_campaign(&pair, &chance);
		lint_tools_done(&pair.old);
	}
	/* none of it would mean much if there were nothing to find, or always
	 * something */
	for (size_t i = 0; i < sizeof looked_for / sizeof *looked_for; i++) {
		assert_in_range(pair.faults[looked_for[i]],
		    TEMPLATES * MESSAGES / 20, 2 * TEMPLATES * MESSAGES);
	}
	lint_rules_done(&pair.rules);
	buf_done(&pair.text);
	buf_done(&pair.html);
}

/* The template itself has what is one person's own: allowed in that one's
 * message, it is told of in the next one. */
static void
what_one_may_have_the_next_may_not(void **state)
{
	struct pair pair = {.text = BUF_INIT};

	(void)state;
	rules_fill(&pair.rules);
	lint_tools_init(&pair.old, NULL);
	buf_text(&pair.text, "Your number is M-100012, as always.\n");
	buf_text(&pair.html, "<p>Your number is M-100012, as always.</p>\n");
	both_read(&pair, &people[0], 1);
	assert_int_equal(pair.faults[CM_03], 0);
	both_read(&pair, &people[1], 2);
	assert_int_equal(pair.faults[CM_03], 1);
	both_read(&pair, &people[0], 3);
	assert_int_equal(pair.faults[CM_03], 1);
	lint_tools_done(&pair.old);
	lint_rules_done(&pair.rules);
	buf_done(&pair.text);
	buf_done(&pair.html);
}

/* The difference is in the last octet that decides about a character, or about
 * what stands beside somebody's value. */
static void
what_reaches_over_is_found(void **state)
{
	static const struct {
		enum check_id check;
		const char *first, *second;
	} cases[] = {
	    {CM_07, "\xe2\x80\xa6 and so on", "\xe2\x80 and so on"},
	    {CM_07, "\xe2\x80\xa6 and so on", "\xe2\x80"},
	    {CM_07, "\xe2\x80\xaf and so on", "\xe2\x80\xae and so on"},
	    {CM_07, "\xf3\x9f\xbf\xbf so on", "\xf3\xb0\x80\x80 so on"},
	    {CM_03, "No. ｍ－１０００１９", "No. ｍ－１０００１２"},
	    {CM_03, "No. ｎ－１０００１２", "No. ｍ－１０００１２"},
	    {CM_03, "No. ｍ－１０００１２３", "No. ｍ－１０００１２"},
	    {CM_03, "No. １ｍ－１０００１２", "No. ！ｍ－１０００１２"},
	    {CM_03, "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ．ｊｐ",
		"ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ．！ｊ"},
	    {CM_03, "．ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ",
		"：ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ"},
	    {CM_03, "hanako%41example.com", "hanako%40example.com"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pair pair = {.text = BUF_INIT};

		rules_fill(&pair.rules);
		lint_tools_init(&pair.old, NULL);
		buf_printf(&pair.text, "%s", cases[i].first);
		buf_printf(&pair.html, "<p>%s</p>", cases[i].first);
		both_read(&pair, &people[4], 1);
		if (pair.faults[cases[i].check])
			fail_msg("%zu: the first is at fault", i);
		buf_clear(&pair.text);
		buf_printf(&pair.text, "%s", cases[i].second);
		buf_clear(&pair.html);
		buf_printf(&pair.html, "<p>%s</p>", cases[i].second);
		both_read(&pair, &people[5], 2);
		if (!pair.faults[cases[i].check])
			fail_msg("%zu: the second is not at fault", i);
		lint_tools_done(&pair.old);
		lint_rules_done(&pair.rules);
		buf_done(&pair.text);
		buf_done(&pair.html);
	}
}

/* A value in full-width letters is three times as long as it is kept, and has
 * blanks at which a search might begin or end too early. */
static void
a_wide_value_is_found_whole(void **state)
{
	static const struct {
		const char *first, *second;
	} cases[] = {
	    {"ｎｏ ａｂｃ ｄｅｆ ｇｈｉ ｊｋｌ ｍｎｐ", /* its end */
		"ｎｏ ａｂｃ ｄｅｆ ｇｈｉ ｊｋｌ ｍｎｏ"},
	    {"ｎｏ ｂｂｃ ｄｅｆ ｇｈｉ ｊｋｌ ｍｎｏ", /* its beginning */
		"ｎｏ ａｂｃ ｄｅｆ ｇｈｉ ｊｋｌ ｍｎｏ"},
	    {"ｎｏ ａｂｃ ｄｅｆ ｇｈｉ ｊｋｌ ｍｎｏｐ", /* what is behind it */
		"ｎｏ ａｂｃ ｄｅｆ ｇｈｉ ｊｋｌ ｍｎｏ！"},
	};
	const struct personal_owner owner = {
	    SPAN("x12@d3.example.org"), SPAN("{}")};
	struct personal *personal = personal_new();

	(void)state;
	personal_add(personal, PERSONAL_COLUMN, SPAN("abc def ghi jkl mno"));
	personal_ready(personal);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span first = span_of(cases[i].first);
		struct span second = span_of(cases[i].second);
		struct personal_tools tools = {.text = BUF_INIT};
		struct fresh fresh = {.gaps = 0};

		assert_int_equal(
		    personal_search(personal, &owner, first, NULL, &tools).len,
		    0);
		fresh_keep(&fresh, first);
		fresh_compare(&fresh, second);
		assert_span_equal(
		    personal_search(personal, &owner, second, &fresh, &tools),
		    "abc def ghi jkl mno");
		personal_tools_done(&tools);
		fresh_done(&fresh);
	}
	personal_free(&personal);
}

/* A paragraph that is also a link is remembered as both. */
static void
memories_do_not_mix(void **state)
{
	struct pair pair = {.text = BUF_INIT};

	(void)state;
	rules_fill(&pair.rules);
	lint_tools_init(&pair.old, NULL);
	buf_text(&pair.text, "We are glad to hear from you.\n\n"
			     "tel:03-1234-5678\n\ntel:03-1234-5678");
	buf_text(&pair.html, "<p>We are glad to hear from you.</p>"
			     "<p><a href=\"tel:03-1234-5678\">"
			     "tel:03-1234-5678</a></p>");
	for (int seq = 1; seq <= 2; seq++)
		both_read(&pair, &people[0], seq);
	assert_int_equal(pair.faults[LK_01], 0);
	assert_int_equal(pair.faults[LK_02], 0);
	lint_tools_done(&pair.old);
	lint_rules_done(&pair.rules);
	buf_done(&pair.text);
	buf_done(&pair.html);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(differences_are_found),
	    cmocka_unit_test(what_is_hidden_is_new_again),
	    cmocka_unit_test(what_is_no_gap_was_there),
	    cmocka_unit_test(who_remembers_finds_the_same),
	    cmocka_unit_test(what_reaches_over_is_found),
	    cmocka_unit_test(a_wide_value_is_found_whole),
	    cmocka_unit_test(what_one_may_have_the_next_may_not),
	    cmocka_unit_test(memories_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
