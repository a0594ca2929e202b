/* Every link of every message: its form (LK-01), where it leads (LK-02), the
 * way out (LK-05), and that nobody is followed (LK-06). */
#include "core/mail/parse.h"
#include "core/review/link.h"
#include "core/review/lint.h"

enum { TOKEN_MIN = 16 /* characters of base32: 80 bits */ };

/* Scheme and authority: what decides about a link, but for marks in its path. */
static struct span
head_of(struct span url)
{
	size_t at = span_search(url, SPAN("://"));

	if (at == url.len)
		return span_slice(url, 0, span_index(url, ':') + 1);
	for (at += 3; at < url.len && !strchr("/?#\\", url.ptr[at]);)
		at++;
	return span_slice(url, 0, at);
}

/* The verdict on a head: words of LK-01 and LK-02 or "-", "own" or the host
 * where it is not ours, each on a line. */
static void
judge(const struct lint_rules *rules, struct span url, struct buf *out)
{
	const char *fault = link_fault(url), *trap = link_trap(url);
	struct link link;
	bool ours = !link_read(url, &link) || !link.host.len ||
		    link_is_below(link.host, buf_span(&rules->from_domain)) ||
		    link_is_listed(link.host, buf_span(&rules->hosts));
	struct link base;

	if (!ours && link_read(buf_span(&rules->base_url), &base))
		ours = link_same_host(link.host, base.host);
	if (trap && !strcmp(trap, "empty"))
		fault = NULL;
	buf_clear(out);
	buf_text(out, fault ? fault : "-");
	buf_char(out, '\n');
	buf_text(out, trap ? trap : "-");
	buf_char(out, '\n');
	if (!ours)
		buf_add(out, link.host);
	buf_char(out, '\n');
}

/* The word of a finding. */
static const char *
word_of(struct span word)
{
	static const char *const words[] = {"link_scheme", "link_user",
	    "link_ip", "link_script", "link_host", "link_empty", "link_local",
	    "link_example", "link_staging", "link_token"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_equal(word, span_of(words[i] + strlen("link_"))))
			return words[i];
	}
	return "link_host";
}

static bool
is_web(struct span url)
{
	return url.len > 4 &&
	       span_equal_nocase(span_slice(url, 0, 4), SPAN("http"));
}

static void
check_url(struct lint *lint, struct span url)
{
	struct span head = is_web(url) ? head_of(url) : url, lines, word;
	struct buf *out = &lint->tools->second;

	if (!lint_memo_find(lint->tools->link_memo, head, &lines)) {
		judge(lint->rules, head, out);
		lint_memo_keep(lint->tools->link_memo, head, buf_span(out));
		lines = buf_span(out);
	}
	word = span_cut(&lines, '\n');
	if (!span_equal(word, SPAN("-")))
		lint_add(lint, LK_01, word_of(word), url);
	word = span_cut(&lines, '\n');
	if (!span_equal(word, SPAN("-")))
		lint_add(lint, LK_02, word_of(word), url);
	else if (head.len < url.len && link_has_token(url))
		lint_add(lint, LK_02, "link_token", url);
	word = span_cut(&lines, '\n');
	if (word.len) {
		extracts_add(lint->tools->found, EXTRACT_HOST, word, lint->seq);
		lint_add(lint, LK_02W, "foreign_host", word);
	}
}

/* ---- The text of a link ---------------------------------------------------------- */

/* Where a word of a link's text says that the link leads.  Among other words
 * "Node.js" is a name; only what cannot be one counts there. */
static bool
promises_host(struct span word, size_t words, struct span *host)
{
	struct link link;

	if (!link_text_host(word, host))
		return false;
	return words == 1 || (link_read(word, &link) && link.is_web) ||
	       (word.len > 4 &&
		   span_equal_nocase(span_slice(word, 0, 4), SPAN("www.")));
}

static void
check_word(struct lint *lint, struct span word, size_t words, struct span shown,
    struct span target)
{
	struct span host;
	struct link link;

	if (!promises_host(word, words, &host))
		return;
	if (!link_read(target, &link) || !link.is_web ||
	    !link_same_host(host, link.host))
		lint_add(lint, LK_01, "link_text", shown);
}

/* The next word of text, without the brackets and stops around it; empty after
 * the last one. */
static struct span
next_word(struct span *text)
{
	struct span word;

	do
		word = span_cut(text, ' ');
	while (!word.len && text->len);
	while (word.len && strchr("(<[\"'", *word.ptr))
		word = span_slice(word, 1, word.len);
	while (word.len && strchr(")>]\"',.;:!?", word.ptr[word.len - 1]))
		word = span_slice(word, 0, word.len - 1);
	return word;
}

static void
check_promise(struct lint *lint, struct span shown, struct span target)
{
	struct span at, rest;
	struct link link;
	size_t words = 0;

	shown = span_trim(shown);
	if (span_index(shown, '.') == shown.len || span_equal(shown, target))
		return;
	if (span_index(shown, '@') < shown.len && link_read(target, &link) &&
	    span_equal_nocase(link.scheme, SPAN("mailto"))) {
		at = link.rest;
		at = span_cut(&at, '?');
		if (!span_equal_nocase(at, shown) &&
		    span_index(shown, ' ') == shown.len)
			lint_add(lint, LK_01, "link_text", shown);
		return;
	}
	for (rest = shown; rest.len; span_cut(&rest, ' '))
		words++;
	for (rest = shown; rest.len;)
		check_word(lint, next_word(&rest), words, shown, target);
}

/* ---- LK-05: the way out ------------------------------------------------------------- */

/* What stands behind the base URL, or the empty span. */
static struct span
token_of(const struct lint_rules *rules, struct span url)
{
	struct span base = buf_span(&rules->base_url);

	if (!base.len || !span_starts(url, base) || url.len <= base.len ||
	    url.ptr[base.len] != '/')
		return span_make(NULL, 0);
	return span_slice(url, base.len + 1, url.len);
}

static bool
is_token(struct span token)
{
	for (size_t i = 0; i < token.len; i++) {
		char c = token.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7'))
			return false;
	}
	return token.len >= TOKEN_MIN;
}

static void
check_token(struct lint *lint, struct span token)
{
	const struct token_stop stop = {lint->rules->campaign,
	    lint->rules->list, lint->seq, lint->message->rcpt_to};
	struct buf *out = &lint->tools->second;

	lint->tools->opt_out = lint_hash(token);
	if (span_index(token, '@') < token.len ||
	    span_search(token, SPAN("%40")) < token.len) {
		lint_add(lint, LK_05, "way_address", SPAN(""));
		return;
	}
	if (!is_token(token)) {
		lint_add(lint, LK_05, "way_form", SPAN(""));
		return;
	}
	if (!lint->tools->tokens)
		return;
	buf_clear(out);
	token_unsubscribe(lint->tools->tokens, &stop, out);
	if (!span_equal(buf_span(out), token))
		lint_add(lint, LK_05, "way_recipient", SPAN(""));
}

/* ---- LK-06: nobody is followed -------------------------------------------------------- */

static bool
is_merged(const struct lint_rules *rules, struct span url)
{
	struct span lines = buf_span(&rules->merged);

	while (lines.len) {
		if (span_starts(url, span_cut(&lines, '\n')))
			return true;
	}
	return false;
}

static void
check_images(struct lint *lint)
{
	const struct page *page = &lint->tools->page;
	struct span images = buf_span(&page->images), url;

	if (page->pixel)
		lint_add(lint, LK_06, page->pixel,
		    span_slice(images, 0, span_index(images, '\n')));
	while (images.len) {
		url = span_cut(&images, '\n');
		check_url(lint, url);
		if (!is_merged(lint->rules, url))
			extracts_add(
			    lint->tools->found, EXTRACT_LINK, url, lint->seq);
	}
}

/* Takes the URLs of a part; true when the way out is among them. */
static bool
take_urls(struct lint *lint, struct span urls)
{
	bool way_out = false;
	struct span url, token;

	while (urls.len) {
		url = span_cut(&urls, '\n');
		token = token_of(lint->rules, url);
		if (token.len) {
			way_out = true;
			check_token(lint, token);
			continue;
		}
		check_url(lint, url);
		if (is_web(url) && !is_merged(lint->rules, url))
			extracts_add(
			    lint->tools->found, EXTRACT_LINK, url, lint->seq);
	}
	return way_out;
}

void
lint_links(struct lint *lint)
{
	struct lint_tools *tools = lint->tools;
	const struct page *page = &tools->page;
	bool way_out;

	tools->opt_out = 0;
	for (size_t i = 0; i < page->links; i++)
		check_promise(lint, page_shown(page, i), page_target(page, i));
	if (!tools->same_urls)
		take_urls(lint, buf_span(&tools->plain_urls));
	way_out = take_urls(lint, buf_span(&tools->html_urls));
	if (!way_out && lint->rules->class == CLASS_AD)
		lint_add(lint, LK_05, "way_none", SPAN(""));
	check_images(lint);
}

/* ---- After all messages ------------------------------------------------------------------ */

void
lint_written(const struct campaign *campaign, struct buf *out)
{
	parse_percent(buf_span(&campaign->body), out);
	parse_percent(buf_span(&campaign->theme_text), out);
}

bool
lint_is_written(struct span written, struct span url)
{
	struct buf plain = BUF_INIT;
	struct link link;
	struct span rest;
	bool found;

	rest = link_read(url, &link) ? link.rest : url;
	parse_percent(rest.len > 1 ? rest : link.host, &plain);
	found = span_search(written, buf_span(&plain)) < written.len;
	buf_done(&plain);
	return found;
}

struct tracking {
	struct span source; /* decoded */
	int64_t recipients;
	struct tally *tally;
};

/* What the author wrote is the author's; what differs from message to message
 * and was not written is there to follow people. */
static int
look(void *payload, const struct extract_item *item)
{
	struct tracking *tracking = payload;

	if (item->kind != EXTRACT_LINK)
		return 0;
	if (!item->text.len) {
		tally_add(tracking->tally, LK_06, item->first_seq, "link_many",
		    SPAN(""));
		return 0;
	}
	if (item->messages >= tracking->recipients)
		return 0;
	if (!lint_is_written(tracking->source, item->text))
		tally_add(tracking->tally, LK_06, item->first_seq,
		    "link_differs", item->text);
	return 0;
}

void
lint_tracking(const struct campaign *campaign, const struct extracts *found,
    int64_t recipients, struct tally *tally)
{
	struct buf source = BUF_INIT;
	struct tracking tracking = {.recipients = recipients, .tally = tally};

	lint_written(campaign, &source);
	tracking.source = buf_span(&source);
	(void)extracts_each(found, look, &tracking);
	buf_done(&source);
}
