/* Checks on one message.  Everything here reads the finished bytes again with
 * the independent reader, or the merged parts; nothing trusts the writer.  A
 * part is walked through once, and what it holds is shared by the checks. */
#include "core/review/lint.h"

#include "core/base/utf8.h"
#include "core/review/characters.h"

enum {
	PLAIN_MIN = 20,     /* characters of a real plain part */
	SUBJECT_CELLS = 60, /* columns that lists of mail show */
	PHONE_CELLS = 30,   /* and those on a phone */
};

/* ---- Rules ---------------------------------------------------------------- */

/* The lines of the body's links with a field in them, up to the field: a URL
 * that begins so was made for each by the author. */
static void
find_merged(struct span body, struct buf *out)
{
	static const struct span scheme[] = {{"https://", 8}, {"http://", 7}};

	for (size_t i = 0; i < body.len; i++) {
		struct span url = span_slice(body, i, body.len);
		size_t end = 0;

		if (*url.ptr != 'h' || (!span_starts(url, scheme[0]) &&
					   !span_starts(url, scheme[1])))
			continue;
		while (end < url.len && (unsigned char)url.ptr[end] > ' ' &&
		       !strchr("<>\")", url.ptr[end]) &&
		       !span_starts(span_slice(url, end, url.len), SPAN("{{")))
			end++;
		if (!span_starts(span_slice(url, end, url.len), SPAN("{{")))
			continue;
		buf_add(out, span_slice(url, 0, end));
		buf_char(out, '\n');
	}
}

int
lint_rules_read(struct store *store, struct db *db,
    const struct campaign *campaign, int64_t at_ms, struct lint_rules *out,
    struct err *err)
{
	struct span domain = buf_span(&campaign->from_address);

	*out = (struct lint_rules){
	    .campaign = campaign->id.v,
	    .list = campaign->list,
	    .class = campaign->class,
	    .charset = campaign->charset,
	    .today = mention_today(
		campaign->send_at_ms ? campaign->send_at_ms : at_ms),
	    .store = store,
	};
	buf_add(&out->from_address, domain);
	span_cut(&domain, '@');
	buf_add(&out->from_domain, domain);
	find_merged(buf_span(&campaign->body), &out->merged);
	if (setting_read(db, "legal.name", &out->legal_name, err) < 0 ||
	    setting_read(db, "legal.postal", &out->legal_postal, err) < 0 ||
	    setting_read(db, "legal.contact", &out->legal_contact, err) < 0 ||
	    setting_read(db, "legal.notice", &out->legal_notice, err) < 0 ||
	    setting_read(db, "links.hosts", &out->hosts, err) < 0 ||
	    setting_read(db, "unsubscribe.base_url", &out->base_url, err) < 0) {
		lint_rules_done(out);
		return -1;
	}
	while (span_ends(buf_span(&out->base_url), SPAN("/")))
		out->base_url.len--;
	return 0;
}

void
lint_rules_done(struct lint_rules *rules)
{
	buf_done(&rules->from_address);
	buf_done(&rules->from_domain);
	buf_done(&rules->legal_name);
	buf_done(&rules->legal_postal);
	buf_done(&rules->legal_contact);
	buf_done(&rules->legal_notice);
	buf_done(&rules->base_url);
	buf_done(&rules->hosts);
	buf_done(&rules->merged);
	personal_free(&rules->personal);
}

/* ---- Tools ------------------------------------------------------------------ */

void
lint_tools_init(struct lint_tools *tools, const struct store *store)
{
	*tools = (struct lint_tools){.arena = arena_new()};
	tools->link_memo = lint_memo_new();
	tools->item_memo = lint_memo_new();
	tools->found = extracts_new();
	if (store)
		tools->tokens = token_maker_new(store);
}

void
lint_tools_done(struct lint_tools *tools)
{
	arena_free(&tools->arena);
	page_done(&tools->page);
	buf_done(&tools->plain_urls);
	buf_done(&tools->html_urls);
	buf_done(&tools->first);
	buf_done(&tools->second);
	buf_done(&tools->list_id);
	buf_done(&tools->feedback_id);
	token_maker_free(&tools->tokens);
	extracts_free(&tools->found);
	lint_memo_free(&tools->link_memo);
	lint_memo_free(&tools->item_memo);
	personal_tools_done(&tools->personal);
	fresh_done(&tools->text);
	fresh_done(&tools->html);
	fresh_done(&tools->seen);
}

/* ---- CM-06: the subject in lists -------------------------------------------- */

/* The end of what stands in brackets at the beginning: 【お知らせ】, [News]. */
static size_t
label_end(struct span subject)
{
	static const struct {
		const char *open, *close;
	} pairs[] = {{"【", "】"}, {"[", "]"}, {"［", "］"}, {"〔", "〕"},
	    {"(", ")"}, {"（", "）"}};
	size_t end = 0;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct span rest = span_slice(subject, end, subject.len);
		size_t at = span_search(rest, span_of(pairs[i].close));

		if (!span_starts(rest, span_of(pairs[i].open)) ||
		    at == rest.len)
			continue;
		end += at + strlen(pairs[i].close);
		i = (size_t)-1;
	}
	return end;
}

/* A date or price that a phone cuts off. */
static void
note_late(void *payload, const struct mention *mention)
{
	struct buf *late = payload;

	if (mention->kind != EXTRACT_PHONE && !late->len)
		buf_add(late, mention->text);
}

static void
check_subject(struct lint *lint)
{
	struct span subject = lint->message->subject, tail;
	int cells = utf8_width(subject);
	struct buf *late = &lint->tools->first;
	struct span head;

	if (cells > SUBJECT_CELLS) {
		lint_add(lint, CM_06, "wide", subject);
		return;
	}
	if (cells <= PHONE_CELLS)
		return;
	head = utf8_fit(subject, PHONE_CELLS);
	if (label_end(subject) >= head.len) {
		lint_add(lint, CM_06, "label", subject);
		return;
	}
	tail = span_slice(subject, head.len, subject.len);
	buf_clear(late);
	mentions_find(tail, lint->rules->today, note_late, late);
	if (late->len)
		lint_add(lint, CM_06, "late", buf_span(late));
}

/* ---- CM-03: what belongs to somebody else ---------------------------------- */

/* What is new of a part; true when nobody else's value is in it. */
static bool
is_private(struct lint *lint, struct span part, struct fresh *fresh)
{
	const struct personal_owner owner = {
	    lint->recipient->address, lint->recipient->fields};
	struct span found;

	if (!lint->rules->personal)
		return true;
	found = personal_search(
	    lint->rules->personal, &owner, part, fresh, &lint->tools->personal);
	if (found.len && !lint->foreign)
		lint_add(lint, CM_03, "foreign", found);
	lint->foreign |= found.len > 0;
	return found.len == 0;
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

/* Reads both parts once: what is seen, and where it leads.  An address that
 * stands in the HTML part as text is there to be read, though it is no link. */
static void
read_parts(struct lint *lint)
{
	struct lint_tools *tools = lint->tools;
	struct buf *html = &tools->html_urls, *seen = &tools->second;
	struct span urls, url;

	page_read(lint->message->html, &tools->page);
	buf_clear(&tools->plain_urls);
	text_urls(lint->message->text, &tools->plain_urls);
	buf_clear(html);
	buf_add(html, buf_span(&tools->page.targets));
	buf_clear(seen);
	text_urls(buf_span(&tools->page.text), seen);
	urls = buf_span(seen);
	while (urls.len) {
		url = span_cut(&urls, '\n');
		if (has_line(buf_span(html), url))
			continue;
		buf_add(html, url);
		buf_char(html, '\n');
	}
}

static void
check_parts(struct lint *lint)
{
	struct span text = lint->message->text, missing;
	struct span plain = buf_span(&lint->tools->plain_urls);
	struct span html = buf_span(&lint->tools->html_urls);
	size_t characters = 0;

	for (size_t i = 0; i < text.len && characters < PLAIN_MIN; i++)
		characters += (text.ptr[i] & 0xc0) != 0x80;
	if (characters < PLAIN_MIN)
		lint_add(lint, CM_08, "plain_short", SPAN(""));
	missing = first_missing(html, plain);
	if (missing.len)
		lint_add(lint, CM_08, "plain_lacks_url", missing);
	lint->tools->same_urls = !missing.len;
	missing = first_missing(plain, html);
	if (missing.len)
		lint_add(lint, CM_08, "html_lacks_url", missing);
	lint->tools->same_urls &= !missing.len;
}

/* ---- CM-10: what HTML of mail must not hold --------------------------------- */

static void
check_page(struct lint *lint)
{
	const struct page *page = &lint->tools->page;

	if (page->active)
		lint_add(lint, CM_10, page->active, SPAN(""));
	if (page->bare_images)
		lint_add(lint, CM_10W, "alt", SPAN(""));
}

/* ---- One message ------------------------------------------------------------ */

/* What can be wrong with words in a text that is read, where it is not what the
 * message before had.  What is clean is kept for the next one. */
static void
check_text(struct lint *lint, struct span text, struct fresh *fresh, bool whole)
{
	bool clean;

	fresh_compare(fresh, text);
	clean = characters_check_part(text, fresh, lint->seq, lint->tally);
	clean &= lint_marks(lint, text, fresh);
	clean &= lint_honorifics(lint, text, fresh);
	if (whole)
		clean &= is_private(lint, text, fresh);
	if (clean)
		fresh_keep(fresh, text);
}

static void
check_words(struct lint *lint)
{
	const struct message *message = lint->message;
	struct lint_tools *tools = lint->tools;
	const struct page *page = &tools->page;

	characters_check(
	    lint->rules->charset, lint->recipient, message, lint->tally);
	lint_marks(lint, message->subject, NULL);
	lint_honorifics(lint, message->subject, NULL);
	(void)is_private(lint, message->subject, NULL);
	check_text(lint, message->text, &tools->text, true);
	check_text(lint, buf_span(&page->text), &tools->seen, false);
	lint_marks(lint, buf_span(&page->hidden), NULL);
	fresh_compare(&tools->html, message->html);
	if (is_private(lint, message->html, &tools->html))
		fresh_keep(&tools->html, message->html);
	lint_items(lint, message->subject, SPAN("\n"));
	lint_items(lint, message->text, SPAN("\n\n"));
	lint_items(lint, buf_span(&page->text), SPAN("\n"));
	if (!span_trim(message->subject).len)
		lint_add(lint, CM_05, "subject_empty", SPAN(""));
	if (span_index(message->subject, '\n') < message->subject.len ||
	    span_index(message->subject, '\r') < message->subject.len)
		lint_add(lint, CM_05, "subject_lines", SPAN(""));
}

void
lint_message(const struct lint_rules *rules, const struct recipient *recipient,
    const struct message *message, struct lint_tools *tools,
    struct tally *tally)
{
	struct lint lint = {
	    .rules = rules,
	    .recipient = recipient,
	    .message = message,
	    .tools = tools,
	    .tally = tally,
	    .seq = recipient->seq,
	};

	arena_reset(tools->arena);
	tools->messages++;
	tally->fallbacks += message->fallbacks;
	tally->encrypted += message->is_encrypted;
	read_parts(&lint);
	check_words(&lint);
	check_subject(&lint);
	check_parts(&lint);
	check_page(&lint);
	lint_links(&lint);
	lint_law(&lint);
	lint_header(&lint);
	lint_round_trip(&lint);
}
