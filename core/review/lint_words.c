/* Words that must not be in finished mail: marks that were not filled,
 * honorifics without a name, what is left of a draft. */
#include "core/base/utf8.h"
#include "core/review/characters.h"
#include "core/review/lint.h"

static bool
contains(struct span text, struct span part)
{
	return span_search(text, part) < text.len;
}

static bool
is_blank(uint32_t cp)
{
	return cp <= 0x20 || cp == 0xa0 || cp == 0x3000;
}

/* ---- CM-01: marks that were not filled ----------------------------------- */

/* A pair of marks with something short between them on one line. */
struct mark {
	const char *open, *close;
	bool word; /* no blank between: "100%% sure" */
};

static const struct mark marks[] = {
    {"{{", "}}", false},
    {"[[", "]]", false},
    {"%%", "%%", true},
    {"${", "}", false},
    {"#", "#", true},
};

enum { MARK_INSIDE_MAX = 64 };

/* Between the marks of a word: letters of any script, digits, "_", ".", "-". */
static bool
is_word(struct span inside)
{
	bool letter = false;

	for (size_t i = 0; i < inside.len; i++) {
		unsigned char c = (unsigned char)inside.ptr[i];

		letter |= c >= 0x80 || (c | 0x20) >= 'a';
		if (c < 0x80 && c != '_' && c != '.' && c != '-' &&
		    !(c >= '0' && c <= '9') &&
		    !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			return false;
	}
	/* a full-width blank or mark is no part of a name */
	return letter && !contains(inside, SPAN("　")) &&
	       !contains(inside, SPAN("、")) && !contains(inside, SPAN("。"));
}

/* The mark that begins text, or the empty span. */
static struct span
mark_at(struct span text, const struct mark *mark)
{
	struct span open = span_of(mark->open), inside;
	size_t end;

	if (!span_starts(text, open))
		return span_make(NULL, 0);
	inside = span_slice(text, open.len, open.len + MARK_INSIDE_MAX);
	end = span_search(inside, span_of(mark->close));
	if (end == 0 || end == inside.len ||
	    span_index(span_slice(inside, 0, end), '\n') != end ||
	    (mark->word && !is_word(span_slice(inside, 0, end))))
		return span_make(NULL, 0);
	return span_slice(text, 0, open.len + end + strlen(mark->close));
}

static const struct mark *
mark_of(char c)
{
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (*marks[i].open == c)
			return &marks[i];
	}
	return NULL;
}

/* The first mark that begins at from..to, or the empty span. */
static struct span
first_mark(struct span text, size_t from, size_t to)
{
	static const bool opens[256] = {['{'] = true,
	    ['['] = true,
	    ['%'] = true,
	    ['$'] = true,
	    ['#'] = true};
	struct span found;

	for (size_t i = from; i < to; i++) {
		if (!opens[(unsigned char)text.ptr[i]])
			continue;
		found = mark_at(
		    span_slice(text, i, text.len), mark_of(text.ptr[i]));
		if (found.len)
			return found;
	}
	return span_make(NULL, 0);
}

bool
lint_marks(struct lint *lint, struct span text, const struct fresh *fresh)
{
	struct fresh_walk walk = {
	    .fresh = fresh, .text = text, .ahead = MARK_INSIDE_MAX + 4};

	while (fresh_next(&walk)) {
		struct span found = first_mark(text, walk.from, walk.to);

		if (!found.len)
			continue;
		lint_add(lint, CM_01, "mark", found);
		return false;
	}
	return true;
}

/* ---- CM-02: honorifics without a name ------------------------------------ */

static const char sama[] = "様";

/* True where a word may end: 様々 and 様式 are words, 様 before these is an
 * honorific. */
static bool
ends_word(struct span rest)
{
	uint32_t cp;

	if (!rest.len)
		return true;
	utf8_next(&rest, &cp);
	return is_blank(cp) || cp == 0x3001 || cp == 0x3002 || cp == 0xff0c ||
	       cp == 0xff01 || cp == ',' || cp == '.' || cp == ':' ||
	       cp == 0xff1a || cp == 0x300d || cp == '!';
}

/* After these, and a blank, a name would have to stand. */
static bool
is_opening(uint32_t cp)
{
	static const uint32_t marks_before[] = {0x300c, 0x300e, 0x3010, 0xff08,
	    '(', '[', '<', '>', '"', '*', 0x3001, 0x3002, 0xff0c, ',', '.', ':',
	    0xff1a, '!', 0xff01, 0x30fb, '|', '-'};

	for (size_t i = 0; i < sizeof marks_before / sizeof *marks_before;
	    i++) {
		if (marks_before[i] == cp)
			return true;
	}
	return false;
}

/* "御中様", "様様", "さん様": one honorific is enough. */
static bool
is_doubled(struct span before, struct span rest)
{
	static const char *const behind[] = {
	    "様", "御中", "さま", "さん", "殿様", "各位"};
	struct span near = before;

	while (near.len && near.ptr[near.len - 1] == ' ')
		near.len--;
	while (span_ends(near, SPAN("　")))
		near.len -= 3;
	if (near.len < before.len && !ends_word(rest))
		return false;
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		if (span_ends(near, span_of(behind[i])))
			return true;
	}
	return false;
}

/* True when nobody is named before an honorific. */
static bool
lacks_name(struct span before, struct span rest)
{
	struct span left = before;
	uint32_t cp = '\n';
	bool blank = false;

	if (!ends_word(rest))
		return false;
	while (left.len) {
		utf8_last(&left, &cp);
		if (!is_blank(cp) || cp == '\n')
			break;
		blank = true;
		cp = '\n';
	}
	return cp == '\n' || (blank && is_opening(cp));
}

static struct span
line_around(struct span text, size_t at)
{
	size_t from = at;

	while (from > 0 && text.ptr[from - 1] != '\n')
		from--;
	text = span_slice(text, from, text.len);
	return span_slice(text, 0, span_index(text, '\n'));
}

/* The salutation before a comma: "Dear ,", "Hi Mr. ,", "Dear," on a line of
 * its own. */
static bool
greets_nobody(struct span before)
{
	static const char *const words[] = {"Dear", "Hello", "Hi", "Mr.", "Ms.",
	    "Mrs.", "Dr.", "Mr", "Ms", "Mrs"};
	struct span word = before, left;
	bool blank;

	while (word.len && word.ptr[word.len - 1] == ' ')
		word.len--;
	if (!word.len || !strchr("roi.s", word.ptr[word.len - 1]))
		return false;
	blank = word.len < before.len;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct span wanted = span_of(words[i]);

		if (!span_ends(word, wanted))
			continue;
		left = span_slice(word, 0, word.len - wanted.len);
		if (left.len && (left.ptr[left.len - 1] | 0x20) >= 'a' &&
		    (left.ptr[left.len - 1] | 0x20) <= 'z')
			continue;
		return blank || (i == 0 && (!left.len ||
					       left.ptr[left.len - 1] == '\n'));
	}
	return false;
}

/* Where the next 様 stands: its second octet is rarer than the first. */
static size_t
find_sama(struct span text)
{
	size_t from = 1;

	while (from < text.len) {
		size_t at = from + span_index(span_slice(text, from, text.len),
				       sama[1]);

		if (at + 1 < text.len && text.ptr[at - 1] == sama[0] &&
		    text.ptr[at + 1] == sama[2])
			return at - 1;
		from = at + 1;
	}
	return text.len;
}

/* At an honorific: the word for what is wrong, or NULL. */
static const char *
sama_fault(struct span before, struct span rest)
{
	if (is_doubled(before, rest))
		return "doubled";
	return lacks_name(before, rest) ? "no_name" : NULL;
}

static const char *
comma_fault(struct span before, struct span rest)
{
	(void)rest;
	return greets_nobody(before) ? "no_name" : NULL;
}

static size_t
find_comma(struct span text)
{
	return span_index(text, ',');
}

/* What is asked at each place that find finds, len octets of text. */
struct asked {
	size_t (*find)(struct span text);
	size_t len;
	const char *(*fault)(struct span before, struct span rest);
};

static bool
ask_all(struct lint *lint, struct span text, const struct fresh *fresh,
    const struct asked *asked)
{
	struct fresh_walk walk = {
	    .fresh = fresh, .text = text, .ahead = 8, .behind = 12};

	while (fresh_next(&walk)) {
		struct span near = span_slice(text, walk.from, walk.to);
		size_t at;

		while ((at = asked->find(near)) < near.len) {
			size_t from = (size_t)(near.ptr - text.ptr) + at;
			struct span rest =
			    span_slice(text, from + asked->len, text.len);
			const char *fault =
			    asked->fault(span_make(text.ptr, from), rest);

			near = span_slice(near, at + asked->len, near.len);
			if (!fault)
				continue;
			lint_add(lint, CM_02, fault, line_around(text, from));
			return false;
		}
	}
	return true;
}

bool
lint_honorifics(struct lint *lint, struct span text, const struct fresh *fresh)
{
	static const struct asked sama_asked = {
	    find_sama, sizeof sama - 1, sama_fault};
	static const struct asked comma_asked = {find_comma, 1, comma_fault};

	return ask_all(lint, text, fresh, &sama_asked) &&
	       ask_all(lint, text, fresh, &comma_asked);
}

/* ---- CM-05: draft markers in the source ---------------------------------- */

static const char *const anywhere[] = {"【テスト】", "[テスト]", "(テスト)",
    "（テスト）", "＜テスト＞", "テスト送信", "テスト配信", "テストメール",
    "【下書き】", "[下書き]", "(下書き)", "（下書き）", "○○", "〇〇", "●●",
    "◯◯", "××", "△△", "コピー 〜", "コピー ～", "コピー　〜", "コピー　～",
    "ダミーテキスト"};

/* In any case of letters. */
static const char *const anywhere_ascii[] = {
    "lorem ipsum", "fixme", "xxxx", "[test]", "(test)", "[draft]", "(draft)"};

/* Standing alone, without letters on either side. */
static const char *const alone[] = {
    "テスト", "下書き", "TODO", "lorem", "Lorem", "LOREM", "コピー"};

static const char *const subject_start[] = {"test ", "test:", "draft ",
    "draft:", "copy of ", "コピー", "テスト", "下書き"};

static size_t
search_nocase(struct span text, struct span needle)
{
	for (size_t i = 0; i + needle.len <= text.len; i++) {
		if (span_equal_nocase(
			span_slice(text, i, i + needle.len), needle))
			return i;
	}
	return text.len;
}

/* A letter of Japanese or Latin; marks and blanks end words. */
static bool
is_letter(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
	       (cp >= 'a' && cp <= 'z') || (cp >= 0xc0 && cp < 0x2000) ||
	       (cp >= 0x3041 && cp <= 0x30ff && cp != 0x30fb) ||
	       (cp >= 0x3400 && cp <= 0x9fff) || cp == 0x3005 ||
	       (cp >= 0xff10 && cp <= 0xff5a) || (cp >= 0xff66 && cp <= 0xff9f);
}

static bool
stands_alone(struct span text, struct span word)
{
	struct span rest = text, before, after;
	size_t at;
	uint32_t cp;

	while ((at = span_search(rest, word)) < rest.len) {
		before =
		    span_make(text.ptr, (size_t)(rest.ptr - text.ptr) + at);
		rest = span_slice(rest, at + word.len, rest.len);
		after = rest;
		if ((!utf8_last(&before, &cp) || !is_letter(cp)) &&
		    (!utf8_next(&after, &cp) || !is_letter(cp)))
			return true;
	}
	return false;
}

static void
check_drafts(struct span text, const char *where, struct tally *tally)
{
	for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++) {
		if (contains(text, span_of(anywhere[i])))
			tally_add(tally, CM_05, 0, where, span_of(anywhere[i]));
	}
	for (size_t i = 0; i < sizeof anywhere_ascii / sizeof *anywhere_ascii;
	    i++) {
		struct span word = span_of(anywhere_ascii[i]);

		if (search_nocase(text, word) < text.len)
			tally_add(tally, CM_05, 0, where, word);
	}
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
		if (stands_alone(text, span_of(alone[i])))
			tally_add(tally, CM_05, 0, where, span_of(alone[i]));
	}
}

/* LG-06: what is called something else and reads like an advertisement. */
static void
check_plausible(const struct campaign *campaign, struct tally *tally)
{
	static const char *const words[] = {"セール", "キャンペーン", "特価",
	    "割引", "クーポン", "％OFF", "%OFF", "％オフ", "%オフ", "% off",
	    "% OFF", "今だけ", "お買い得", "discount", "Discount", "coupon",
	    "Coupon", "on sale", "Sale!", "SALE", "special offer",
	    "Special offer"};
	static const char *const shops[] = {
	    "://shop.", "://store.", "/shop/", "/cart", "/store/"};
	struct span subject = buf_span(&campaign->subject);
	struct span body = buf_span(&campaign->body);

	if (campaign->class == CLASS_AD)
		return;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (contains(subject, span_of(words[i])) ||
		    contains(body, span_of(words[i])))
			tally_add(
			    tally, LG_06, 0, "like_ad", span_of(words[i]));
	}
	for (size_t i = 0; i < sizeof shops / sizeof *shops; i++) {
		if (contains(body, span_of(shops[i])))
			tally_add(
			    tally, LG_06, 0, "like_ad", span_of(shops[i]));
	}
}

void
lint_source(const struct campaign *campaign, struct tally *tally)
{
	struct span subject = buf_span(&campaign->subject);
	struct span body = buf_span(&campaign->body);

	characters_check_source(campaign, tally);
	check_plausible(campaign, tally);
	if (!span_trim(subject).len)
		tally_add(tally, CM_05, 0, "subject_empty", SPAN(""));
	if (campaign->class == CLASS_TEST)
		return;
	check_drafts(subject, "subject", tally);
	check_drafts(buf_span(&campaign->preheader), "preheader", tally);
	check_drafts(body, "body", tally);
	for (size_t i = 0; i < sizeof subject_start / sizeof *subject_start;
	    i++) {
		struct span word = span_of(subject_start[i]);

		if (span_equal_nocase(span_slice(subject, 0, word.len), word))
			tally_add(tally, CM_05, 0, "subject", word);
	}
}
