/* Checks on one message.  Everything here reads the finished bytes again with
 * the independent reader, or the merged parts; nothing trusts the writer. */
#include "core/review/lint.h"

#include "core/base/utf8.h"
#include "core/mail/parse.h"
#include "core/review/characters.h"

enum {
	LINE_MAX_OCTETS = 998,     /* RFC 5322 section 2.1.1 */
	HEADER_MAX_OCTETS = 12288, /* old carriers refuse more */
	HEADER_MAX_LINES = 100,
	PLAIN_MIN = 20, /* characters of a real plain part */
};

static bool
is_blank(uint32_t cp)
{
	return cp <= 0x20 || cp == 0xa0 || cp == 0x3000;
}

/* Adds text without any white space, so that folding cannot hide a match.  The
 * blanks are told by their octets, which no other character holds. */
static void
squeeze(struct span text, struct buf *out)
{
	char *to;

	buf_reserve(out, text.len);
	to = out->ptr + out->len;
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char *at = (const unsigned char *)text.ptr + i;
		size_t left = text.len - i;

		if (*at <= 0x20)
			continue;
		if (left > 2 && at[0] == 0xe3 && at[1] == 0x80 && at[2] == 0x80)
			i += 2;
		else if (left > 1 && at[0] == 0xc2 && at[1] == 0xa0)
			i += 1;
		else
			*to++ = (char)*at;
	}
	out->len = (size_t)(to - out->ptr);
	*to = '\0';
}

static int
read_squeezed(
    struct db *db, const char *setting, struct buf *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = setting_read(db, setting, &value, err);

	if (rc == 0)
		squeeze(buf_span(&value), out);
	buf_done(&value);
	return rc;
}

int
lint_rules_read(struct db *db, const struct campaign *campaign,
    struct lint_rules *out, struct err *err)
{
	*out = (struct lint_rules){
	    .class = campaign->class, .charset = campaign->charset};
	buf_add(&out->from_address, buf_span(&campaign->from_address));
	if (read_squeezed(db, "legal.name", &out->legal_name, err) < 0 ||
	    read_squeezed(db, "legal.postal", &out->legal_postal, err) < 0 ||
	    read_squeezed(db, "legal.contact", &out->legal_contact, err) < 0 ||
	    setting_read(db, "unsubscribe.base_url", &out->base_url, err) < 0) {
		lint_rules_done(out);
		return -1;
	}
	return 0;
}

void
lint_rules_done(struct lint_rules *rules)
{
	buf_done(&rules->from_address);
	buf_done(&rules->legal_name);
	buf_done(&rules->legal_postal);
	buf_done(&rules->legal_contact);
	buf_done(&rules->base_url);
	personal_free(&rules->personal);
}

void
lint_tools_done(struct lint_tools *tools)
{
	arena_free(&tools->arena);
	buf_done(&tools->plain);
	buf_done(&tools->html);
	buf_done(&tools->first);
	buf_done(&tools->second);
	personal_tools_done(&tools->personal);
}

static bool
contains(struct span text, struct span part)
{
	return span_search(text, part) < text.len;
}

/* ---- CM-01: marks that were not filled ----------------------------------- */

/* A pair of marks with something short between them on one line. */
struct mark {
	const char *open, *close;
};

static const struct mark marks[] = {
    {"{{", "}}"},
    {"[[", "]]"},
    {"%%", "%%"},
    {"${", "}"},
};

enum { MARK_INSIDE_MAX = 64 };

static struct span
find_mark(struct span text, const struct mark *mark)
{
	struct span open = span_of(mark->open), inside;
	size_t at, end;

	/* one character is found much faster than two */
	while ((at = span_index(text, *open.ptr)) < text.len) {
		text = span_slice(text, at, text.len);
		if (!span_starts(text, open)) {
			text = span_slice(text, 1, text.len);
			continue;
		}
		inside = span_slice(text, open.len, open.len + MARK_INSIDE_MAX);
		end = span_search(inside, span_of(mark->close));
		if (end > 0 && end < inside.len &&
		    span_index(span_slice(inside, 0, end), '\n') == end)
			return span_slice(text, 0, open.len + end + 2);
		text = span_slice(text, open.len, text.len);
	}
	return span_make(NULL, 0);
}

static void
check_marks(struct span part, int64_t seq, struct tally *tally)
{
	struct span found;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		found = find_mark(part, &marks[i]);
		if (found.len) {
			tally_add(tally, CM_01, seq, "mark", found);
			return;
		}
	}
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
	       cp == 0xff1a;
}

/* A line that begins with the honorific: the name before it is missing. */
static bool
lacks_name(struct span line)
{
	struct span rest = line;
	uint32_t cp;

	while (rest.len) {
		line = rest;
		utf8_next(&rest, &cp);
		if (!is_blank(cp))
			break;
	}
	return span_starts(line, span_of(sama)) &&
	       ends_word(span_slice(line, sizeof sama - 1, line.len));
}

static const char *const doubled[] = {"様様", "御中様", "御中 様", "御中　様",
    "Dear ,", "Dear  ,", "Hello ,", "Hi ,", "Dear Mr. ,", "Dear Ms. ,"};

/* False when none of the doubled ones can be in text: all end in an honorific
 * behind one of three characters, or in a blank and a comma. */
static bool
may_be_doubled(struct span text)
{
	struct span rest = text;
	size_t at, from;

	for (from = 0; (at = span_index(rest, ',')) < rest.len;
	    from += at + 1) {
		if (from + at > 0 && text.ptr[from + at - 1] == ' ')
			return true;
		rest = span_slice(rest, at + 1, rest.len);
	}
	rest = text;
	for (from = 0; (at = span_search(rest, SPAN(sama))) < rest.len;
	    from += at + sizeof sama - 1) {
		struct span before = span_slice(text, 0, from + at);

		if (span_ends(before, SPAN(sama)) ||
		    span_ends(before, SPAN("中")) ||
		    span_ends(before, SPAN(" ")) ||
		    span_ends(before, SPAN("　")))
			return true;
		rest = span_slice(rest, at + sizeof sama - 1, rest.len);
	}
	return false;
}

static void
check_honorifics(struct span text, int64_t seq, struct tally *tally)
{
	struct span rest = text, line;
	bool doubtful = may_be_doubled(text);

	for (size_t i = 0; doubtful && i < sizeof doubled / sizeof *doubled;
	    i++) {
		if (contains(text, span_of(doubled[i]))) {
			tally_add(
			    tally, CM_02, seq, "doubled", span_of(doubled[i]));
			return;
		}
	}
	while (rest.len) {
		line = span_cut(&rest, '\n');
		if (lacks_name(line)) {
			tally_add(tally, CM_02, seq, "no_name", line);
			return;
		}
	}
}

/* ---- CM-03: what belongs to somebody else ---------------------------------- */

static void
check_personal(const struct lint_rules *rules,
    const struct recipient *recipient, const struct message *message,
    struct lint_tools *tools, struct tally *tally)
{
	const struct personal_owner owner = {
	    recipient->address, recipient->fields};
	const struct span parts[] = {
	    message->subject, message->text, message->html};

	if (!rules->personal)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct span found = personal_search(
		    rules->personal, &owner, parts[i], &tools->personal);

		if (!found.len)
			continue;
		tally_add(tally, CM_03, recipient->seq, "foreign", found);
		return;
	}
}

/* ---- CM-05: draft markers in the source ---------------------------------- */

static const char *const anywhere[] = {"【テスト】", "[テスト]", "(テスト)",
    "（テスト）", "テスト送信", "テスト配信", "テストメール", "【下書き】",
    "[下書き]", "（下書き）", "○○", "〇〇", "●●", "◯◯", "××", "lorem ipsum",
    "Lorem ipsum", "TODO", "FIXME", "xxxx", "XXXX", "コピー 〜", "[test]",
    "[TEST]", "(test)", "[draft]", "[DRAFT]"};

static const char *const subject_start[] = {"テスト", "下書き", "test ",
    "Test ", "TEST ", "draft ", "Draft ", "DRAFT ", "Copy of ", "コピー"};

void
lint_source(const struct campaign *campaign, struct tally *tally)
{
	struct span subject = buf_span(&campaign->subject);
	struct span body = buf_span(&campaign->body);

	characters_check_source(campaign, tally);
	if (!span_trim(subject).len)
		tally_add(tally, CM_05, 0, "subject_empty", SPAN(""));
	if (campaign->class == CLASS_TEST)
		return;
	for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++) {
		struct span word = span_of(anywhere[i]);

		if (contains(subject, word))
			tally_add(tally, CM_05, 0, "subject", word);
		if (contains(body, word))
			tally_add(tally, CM_05, 0, "body", word);
	}
	for (size_t i = 0; i < sizeof subject_start / sizeof *subject_start;
	    i++) {
		if (span_starts(subject, span_of(subject_start[i]))) {
			tally_add(tally, CM_05, 0, "subject",
			    span_of(subject_start[i]));
		}
	}
}

/* ---- CM-08: the two parts say the same ----------------------------------- */

static bool
has_line(struct span lines, struct span wanted)
{
	while (lines.len) {
		if (span_equal(span_cut(&lines, '\n'), wanted))
			return true;
	}
	return false;
}

/* The first line of a that b lacks, or the empty span. */
static struct span
first_missing(struct span a, struct span b)
{
	while (a.len) {
		struct span line = span_cut(&a, '\n');

		if (line.len && !has_line(b, line))
			return line;
	}
	return span_make(NULL, 0);
}

/* An address that stands in the HTML part as text (a contact page in the
 * footer) is there to be read, though it is no link. */
static void
add_written_urls(struct span html, struct lint_tools *tools)
{
	buf_clear(&tools->plain);
	if (html_to_text(html, &tools->plain, NULL) == 0)
		part_urls(buf_span(&tools->plain), &tools->second);
}

static void
check_parts(const struct message *message, struct lint_tools *tools,
    int64_t seq, struct tally *tally)
{
	struct span missing;
	size_t characters = 0;

	for (size_t i = 0; i < message->text.len; i++)
		characters += (message->text.ptr[i] & 0xc0) != 0x80;
	if (characters < PLAIN_MIN)
		tally_add(tally, CM_08, seq, "plain_short", SPAN(""));
	buf_clear(&tools->first);
	buf_clear(&tools->second);
	part_urls(message->text, &tools->first);
	part_urls(message->html, &tools->second);
	missing =
	    first_missing(buf_span(&tools->second), buf_span(&tools->first));
	if (missing.len)
		tally_add(tally, CM_08, seq, "plain_lacks_url", missing);
	missing =
	    first_missing(buf_span(&tools->first), buf_span(&tools->second));
	if (missing.len) {
		add_written_urls(message->html, tools);
		missing = first_missing(
		    buf_span(&tools->first), buf_span(&tools->second));
	}
	if (missing.len)
		tally_add(tally, CM_08, seq, "html_lacks_url", missing);
}

/* ---- LG: what the law wants to see in both parts -------------------------- */

static void
check_shown(struct lint_tools *tools, const struct buf *wanted,
    enum check_id check, int64_t seq, struct tally *tally)
{
	struct span text = buf_span(wanted);

	if (!text.len)
		tally_add(tally, check, seq, "setting_empty", SPAN(""));
	else if (!contains(buf_span(&tools->plain), text))
		tally_add(tally, check, seq, "plain", text);
	else if (!contains(buf_span(&tools->html), text))
		tally_add(tally, check, seq, "html", text);
}

static void
check_law(const struct lint_rules *rules, const struct message *message,
    struct lint_tools *tools, int64_t seq, struct tally *tally)
{
	if (rules->class != CLASS_AD)
		return;
	buf_clear(&tools->plain);
	buf_clear(&tools->html);
	buf_clear(&tools->first);
	squeeze(message->text, &tools->plain);
	if (html_to_text(message->html, &tools->first, NULL) == 0)
		squeeze(buf_span(&tools->first), &tools->html);
	check_shown(tools, &rules->legal_name, LG_01, seq, tally);
	check_shown(tools, &rules->base_url, LG_02, seq, tally);
	check_shown(tools, &rules->legal_postal, LG_03, seq, tally);
	check_shown(tools, &rules->legal_contact, LG_04, seq, tally);
}

/* ---- HD: the header block, read back -------------------------------------- */

static const char *const at_most_once[] = {"Date", "From", "Sender", "Reply-To",
    "To", "Cc", "Subject", "Message-ID", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post"};
static const char *const exactly_once[] = {
    "Date", "From", "To", "Message-ID", "Subject"};
static const char *const never[] = {"Cc", "Bcc", "Sender", "Return-Path"};

static void
check_counts(
    const struct parse_header *header, int64_t seq, struct tally *tally)
{
	for (size_t i = 0; i < sizeof at_most_once / sizeof *at_most_once;
	    i++) {
		if (parse_count(header, at_most_once[i]) > 1) {
			tally_add(tally, HD_02, seq, "twice",
			    span_of(at_most_once[i]));
		}
	}
	for (size_t i = 0; i < sizeof exactly_once / sizeof *exactly_once;
	    i++) {
		if (parse_count(header, exactly_once[i]) == 0) {
			tally_add(tally, HD_02, seq, "missing",
			    span_of(exactly_once[i]));
		}
	}
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		if (parse_count(header, never[i]) > 0) {
			tally_add(
			    tally, CM_04, seq, "field", span_of(never[i]));
		}
	}
}

/* The one mailbox of a field; false when there is not exactly one. */
static bool
only_mailbox(const struct parse_header *header, const char *name,
    struct arena *arena, struct parse_mailbox *out)
{
	const struct parse_field *field = parse_find(header, name);
	struct parse_mailbox *list = NULL;
	size_t count = 0;

	if (!field ||
	    parse_mailboxes(field->value, arena, &list, &count, NULL) < 0 ||
	    count != 1)
		return false;
	*out = list[0];
	return true;
}

static void
check_mailboxes(const struct lint_rules *rules, const struct message *message,
    const struct parse_header *header, struct arena *arena, int64_t seq,
    struct tally *tally)
{
	struct parse_mailbox from, to;

	if (!only_mailbox(header, "From", arena, &from)) {
		tally_add(tally, HD_01, seq, "mailboxes", SPAN("From"));
	} else {
		if (!span_equal(from.address, buf_span(&rules->from_address)))
			tally_add(tally, HD_01, seq, "address", from.address);
		if (contains(from.name, SPAN("@")) ||
		    contains(from.name, SPAN("://")))
			tally_add(tally, HD_01, seq, "name", from.name);
	}
	if (!only_mailbox(header, "To", arena, &to))
		tally_add(tally, CM_04, seq, "recipients", SPAN("To"));
	else if (!span_equal(to.address, message->rcpt_to))
		tally_add(tally, CM_04, seq, "other_address", SPAN("To"));
}

static void
check_unsubscribe(
    const struct parse_header *header, int64_t seq, struct tally *tally)
{
	const struct parse_field *list = parse_find(header, "List-Unsubscribe");
	const struct parse_field *post =
	    parse_find(header, "List-Unsubscribe-Post");

	if (!list || !contains(list->value, SPAN("<https://")))
		tally_add(tally, HD_06, seq, "https", SPAN(""));
	else if (!contains(list->value, SPAN("<mailto:")))
		tally_add(tally, HD_06, seq, "mailto", SPAN(""));
	if (!post ||
	    !span_equal(post->value, SPAN("List-Unsubscribe=One-Click")))
		tally_add(tally, HD_06, seq, "post", SPAN(""));
}

static void
check_form(const struct message *message, int64_t seq, struct tally *tally)
{
	struct parse_scan scan = {0};
	size_t octets;

	parse_scan(message->bytes, &scan);
	if (scan.longest_line > LINE_MAX_OCTETS)
		tally_add(tally, HD_05, seq, "line", SPAN(""));
	if (scan.bare_cr || scan.bare_lf || scan.nul)
		tally_add(tally, HD_05, seq, "line_end", SPAN(""));
	if (scan.high_in_header || scan.high_in_body)
		tally_add(tally, HD_05, seq, "eight_bit", SPAN(""));
	if (scan.header_octets > HEADER_MAX_OCTETS ||
	    scan.header_lines > HEADER_MAX_LINES)
		tally_add(tally, HD_05, seq, "header_size", SPAN(""));
	octets = scan.total_octets > message->octets ? scan.total_octets
						     : message->octets;
	if ((int64_t)octets > tally->octets_max)
		tally->octets_max = (int64_t)octets;
}

void
lint_message(const struct lint_rules *rules, const struct recipient *recipient,
    const struct message *message, struct lint_tools *tools,
    struct tally *tally)
{
	struct parse_header header;
	struct span body;
	struct err err = {0};
	int64_t seq = recipient->seq;

	arena_reset(tools->arena);
	tally->fallbacks += message->fallbacks;
	tally->encrypted += message->is_encrypted;
	characters_check(rules->charset, recipient, message, tally);
	check_marks(message->subject, seq, tally);
	check_marks(message->text, seq, tally);
	check_marks(message->html, seq, tally);
	check_honorifics(message->subject, seq, tally);
	check_honorifics(message->text, seq, tally);
	if (!span_trim(message->subject).len)
		tally_add(tally, CM_05, seq, "subject_empty", SPAN(""));
	check_personal(rules, recipient, message, tools, tally);
	check_parts(message, tools, seq, tally);
	check_law(rules, message, tools, seq, tally);
	check_form(message, seq, tally);
	if (parse_header(message->bytes, tools->arena, &header, &body, &err) <
	    0) {
		tally_err(tally, HD_02, seq, &err);
		return;
	}
	check_counts(&header, seq, tally);
	check_mailboxes(rules, message, &header, tools->arena, seq, tally);
	if (rules->class == CLASS_AD)
		check_unsubscribe(&header, seq, tally);
}
