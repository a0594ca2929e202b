/* Dates, prices and telephone numbers of each message.  Most of a letter is the
 * same for all, and most of it has no number: a paragraph is read only when it
 * can hold one, and only once. */
#include "core/review/lint.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What may stand behind the last digit of a date, price or telephone number. */
static bool
may_follow(struct span rest)
{
	static const char words[][4] = {"月", "年", "日", "円", "万", "億",
	    "千", "ド", "ユ", "€", "－", "ー", "‐", "（", "−"};
	unsigned char c = (unsigned char)(rest.len ? *rest.ptr : 0);

	if (rest.len > 1 && strchr("/-.,()", (char)c) && is_digit(rest.ptr[1]))
		return true;
	if (c == ' ')
		return rest.len > 1 &&
		       (is_digit(rest.ptr[1]) ||
			   (unsigned char)rest.ptr[1] > 0x7f ||
			   strchr("ADFJMNOSUEGadeouy(", rest.ptr[1]));
	if (c == 's' || c == 'n' || c == 'r' || c == 't') /* 1st 2nd 3rd 4th */
		return true;
	if (c < 0x80)
		return c == '(' || c == ')';
	for (size_t i = 0; rest.len > 2 && i < sizeof words / sizeof *words;
	    i++) {
		if (!memcmp(rest.ptr, words[i], 3))
			return true;
	}
	return false;
}

static bool
may_precede(struct span before)
{
	/* last octets of these and of what is looked for below */
	static const bool ends[256] = {['$'] = true,
	    ['+'] = true,
	    ['('] = true,
	    [':'] = true,
	    ['.'] = true,
	    [' '] = true,
	    [0xa5] = true,
	    [0xac] = true,
	    [0xa3] = true,
	    [0xb1] = true,
	    [0xb7] = true,
	    [0x9a] = true,
	    [0x8e] = true};
	unsigned char c =
	    (unsigned char)(before.len ? before.ptr[before.len - 1] : 0);

	if (!ends[c])
		return false;
	if (c && strchr("$+(:.", (char)c))
		return true;
	if (c == ' ' && before.len > 1) {
		c = (unsigned char)before.ptr[before.len - 2];
		return c < 0x80 || span_ends(before, SPAN("話 ")) ||
		       span_ends(before, SPAN("号 "));
	}
	return span_ends(before, SPAN("¥")) || span_ends(before, SPAN("￥")) ||
	       span_ends(before, SPAN("€")) || span_ends(before, SPAN("£")) ||
	       span_ends(before, SPAN("話")) || span_ends(before, SPAN("号")) ||
	       span_ends(before, SPAN("：")) || span_ends(before, SPAN("☎"));
}

enum { BLOCK = 16 };

/* Nothing to be found begins in so many octets; written for a compiler that does
 * them at once. */
static bool
is_quiet(const char *at)
{
	const unsigned char *octet = (const unsigned char *)at;
	unsigned char any = 0;

	for (int i = 0; i < BLOCK; i++)
		any |= (unsigned char)(octet[i] - '0') < 10 || octet[i] == 0xef;
	return !any;
}

/* False only when there is certainly nothing to be found. */
static bool
may_hold_any(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		while (i + BLOCK < text.len && is_quiet(text.ptr + i))
			i += BLOCK;
		unsigned char c = (unsigned char)text.ptr[i];
		size_t end = i + 1;

		if (c == 0xef && i + 2 < text.len &&
		    (unsigned char)text.ptr[i + 1] == 0xbc &&
		    (unsigned char)text.ptr[i + 2] >= 0x90 &&
		    (unsigned char)text.ptr[i + 2] <= 0x99)
			return true;
		if (!is_digit((char)c))
			continue;
		while (end < text.len && is_digit(text.ptr[end]))
			end++;
		if ((end - i >= 10 && c == '0') ||
		    may_follow(span_slice(text, end, text.len)) ||
		    may_precede(span_slice(text, 0, i)))
			return true;
		i = end - 1;
	}
	return false;
}

/* What is kept of a mention: kind, faults, weekday, a text and a line end. */
static void
keep(void *payload, const struct mention *mention)
{
	struct buf *out = payload;

	buf_char(out, (char)('0' + mention->kind));
	buf_char(out, (char)('0' + mention->faults));
	buf_char(out, (char)('1' + mention->weekday));
	buf_add(out, mention->text);
	buf_char(out, '\n');
}

static void
tell(struct lint *lint, struct span line)
{
	/* what the calendar has */
	static const char *const days[] = {"weekday_sun", "weekday_mon",
	    "weekday_tue", "weekday_wed", "weekday_thu", "weekday_fri",
	    "weekday_sat"};
	enum extract_kind kind = (enum extract_kind)(line.ptr[0] - '0');
	unsigned faults = (unsigned)(line.ptr[1] - '0');
	int weekday = line.ptr[2] - '1';
	struct span text = span_slice(line, 3, line.len);

	extracts_add(lint->tools->found, kind, text, lint->seq);
	if (faults & MENTION_NO_DAY)
		lint_add(lint, CM_11, "no_day", text);
	else if (faults & MENTION_WEEKDAY)
		lint_add(lint, CM_11, days[weekday], text);
	if (faults & MENTION_PAST)
		lint_add(lint, CM_11W, "past", text);
}

static void
read_paragraph(struct lint *lint, struct span text)
{
	struct buf *out = &lint->tools->second;
	struct span lines;

	if (!may_hold_any(text))
		return;
	if (!lint_memo_find(lint->tools->item_memo, text, &lines)) {
		buf_clear(out);
		mentions_find(text, lint->rules->today, keep, out);
		lint_memo_keep(lint->tools->item_memo, text, buf_span(out));
		lines = buf_span(out);
	}
	while (lines.len)
		tell(lint, span_cut(&lines, '\n'));
}

/* Where c stands, and more behind it; as span_search(), for what is short and
 * begins with what is rare. */
static size_t
find_short(struct span text, char c, struct span more)
{
	size_t at = 0;

	for (;; at++) {
		at += span_index(span_slice(text, at, text.len), c);
		if (at == text.len ||
		    span_starts(span_slice(text, at + 1, text.len), more))
			return at;
	}
}

/* Up to the end of a paragraph, or around a line that has a link: that is often
 * the only one that differs from message to message. */
static struct span
take_unit(struct span *rest, struct span between)
{
	struct span unit = *rest;
	size_t end = find_short(
		   unit, *between.ptr, span_slice(between, 1, between.len)),
	       link, from, to;

	unit = span_slice(unit, 0, end);
	link = between.len > 1 ? find_short(unit, ':', SPAN("//")) : unit.len;
	if (link == unit.len) {
		*rest = span_slice(*rest, end + between.len, rest->len);
		return unit;
	}
	for (from = link; from > 0 && unit.ptr[from - 1] != '\n';)
		from--;
	to = link + span_index(span_slice(unit, link, unit.len), '\n');
	if (from == 0)
		from = to;
	*rest = span_slice(*rest, from, rest->len);
	while (span_starts(*rest, SPAN("\n")))
		*rest = span_slice(*rest, 1, rest->len);
	return span_slice(unit, 0, from);
}

void
lint_items(struct lint *lint, struct span text, struct span between)
{
	while (text.len)
		read_paragraph(lint, take_unit(&text, between));
}
