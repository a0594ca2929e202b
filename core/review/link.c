/* Links lead people.  What is refused here is what a letter of an organisation
 * never needs: numbers for hosts, names within URLs, alphabets mixed to look
 * like another name, addresses of machines that only the author can reach. */
#include "core/review/link.h"

#include <string.h>

#include "core/base/utf8.h"
#include "core/mail/address.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
link_read(struct span url, struct link *out)
{
	size_t colon = span_index(url, ':'), end = 0;
	struct span authority;

	*out = (struct link){.scheme = span_slice(url, 0, colon)};
	if (colon == url.len || colon == 0 || !is_letter(*url.ptr))
		return false;
	for (size_t i = 0; i < colon; i++) {
		char c = url.ptr[i];

		if (!is_letter(c) && !is_digit(c) && !strchr("+-.", c))
			return false;
	}
	url = span_slice(url, colon + 1, url.len);
	out->is_web = span_equal_nocase(out->scheme, SPAN("https")) ||
		      span_equal_nocase(out->scheme, SPAN("http"));
	out->rest = url;
	if (!out->is_web || !span_starts(url, SPAN("//")))
		return true;
	url = span_slice(url, 2, url.len);
	while (end < url.len && !strchr("/?#\\", url.ptr[end]))
		end++;
	authority = span_slice(url, 0, end);
	out->rest = span_slice(url, end, url.len);
	for (size_t i = authority.len; i > 0; i--) {
		if (authority.ptr[i - 1] != '@')
			continue;
		out->user = span_slice(authority, 0, i);
		authority = span_slice(authority, i, authority.len);
		break;
	}
	end = span_index(authority, ']');
	if (!span_starts(authority, SPAN("[")) || end == authority.len) {
		out->host = span_cut(&authority, ':');
		out->port = authority;
		return true;
	}
	out->host = span_slice(authority, 0, end + 1);
	authority = span_slice(authority, end + 1, authority.len);
	if (span_starts(authority, SPAN(":")))
		out->port = span_slice(authority, 1, authority.len);
	return true;
}

static struct span
last_label(struct span host)
{
	size_t at = host.len;

	while (at > 0 && host.ptr[at - 1] != '.')
		at--;
	return span_slice(host, at, host.len);
}

/* Programs read "0x7f.1" and "2130706433" as addresses, too (WHATWG URL): a
 * host whose last label is a number is one. */
static bool
is_number(struct span host)
{
	struct span last = last_label(host);
	bool digits = last.len > 0;

	if (span_starts(host, SPAN("[")))
		return true;
	for (size_t i = 0; i < last.len; i++)
		digits &= is_digit(last.ptr[i]);
	return digits || (last.len > 1 && last.ptr[0] == '0' &&
			     (last.ptr[1] == 'x' || last.ptr[1] == 'X'));
}

/* ---- Alphabets ------------------------------------------------------------------- */

enum script {
	SCRIPT_COMMON,
	SCRIPT_LATIN = 1,
	SCRIPT_GREEK = 2,
	SCRIPT_CYRILLIC = 4,
	SCRIPT_KANA = 8,
	SCRIPT_HAN = 16,
	SCRIPT_HANGUL = 32,
	SCRIPT_BOPOMOFO = 64,
	SCRIPT_OTHER = 128
};

static const struct {
	uint32_t from, to;
	enum script script;
} scripts[] = {
    {'A', 'Z', SCRIPT_LATIN},
    {'a', 'z', SCRIPT_LATIN},
    {0, 0xbf, SCRIPT_COMMON},
    {0xc0, 0x24f, SCRIPT_LATIN},
    {0x250, 0x2af, SCRIPT_OTHER},
    {0x2b0, 0x36f, SCRIPT_COMMON},
    {0x370, 0x3ff, SCRIPT_GREEK},
    {0x400, 0x52f, SCRIPT_CYRILLIC},
    {0x1e00, 0x1eff, SCRIPT_LATIN},
    {0x1f00, 0x1fff, SCRIPT_GREEK},
    {0x3005, 0x3007, SCRIPT_HAN},
    {0x3040, 0x30ff, SCRIPT_KANA},
    {0x3100, 0x312f, SCRIPT_BOPOMOFO},
    {0x3130, 0x318f, SCRIPT_HANGUL},
    {0x31f0, 0x31ff, SCRIPT_KANA},
    {0x3400, 0x9fff, SCRIPT_HAN},
    {0xac00, 0xd7af, SCRIPT_HANGUL},
    {0xf900, 0xfaff, SCRIPT_HAN},
    {0x20000, 0x3ffff, SCRIPT_HAN},
};

static unsigned
script_of(uint32_t cp)
{
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		if (cp >= scripts[i].from && cp <= scripts[i].to)
			return scripts[i].script;
	}
	return SCRIPT_OTHER;
}

/* Letters of other alphabets that nobody tells from Latin ones. */
static bool
looks_latin(uint32_t cp)
{
	static const uint32_t alike[] = {0x430, 0x435, 0x43e, 0x440, 0x441,
	    0x443, 0x445, 0x455, 0x456, 0x458, 0x4bb, 0x501, 0x51b, 0x51d,
	    0x4cf, 0x4af, 0x3bf, 0x3b1, 0x3bd, 0x3c1, 0x3c5, 0x3b9, 0x3ba};

	for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
		if (alike[i] == cp)
			return true;
	}
	return false;
}

/* Unicode TS 39, "highly restrictive": one alphabet, or Latin with those of
 * Japanese, Chinese or Korean; and no word that is Latin only to the eye. */
static bool
is_deceiving(struct span label)
{
	static const unsigned together[] = {
	    SCRIPT_LATIN | SCRIPT_KANA | SCRIPT_HAN,
	    SCRIPT_LATIN | SCRIPT_BOPOMOFO | SCRIPT_HAN,
	    SCRIPT_LATIN | SCRIPT_HANGUL | SCRIPT_HAN,
	    SCRIPT_GREEK,
	    SCRIPT_CYRILLIC,
	    SCRIPT_OTHER,
	};
	unsigned seen = 0;
	bool alike = true;
	uint32_t cp;

	while (utf8_next(&label, &cp) != UTF8_END) {
		unsigned script = script_of(cp);

		seen |= script;
		if (script != SCRIPT_COMMON)
			alike &= looks_latin(cp);
	}
	if (seen && alike)
		return true;
	for (size_t i = 0; i < sizeof together / sizeof *together; i++) {
		if (!(seen & ~together[i]))
			return false;
	}
	return true;
}

static const char *
host_fault(struct span host)
{
	struct buf shown = BUF_INIT;
	struct span rest, label;
	const char *fault = NULL;

	if (is_number(host))
		return "ip";
	if (!address_domain_shown(host, &shown)) {
		buf_done(&shown);
		return "host";
	}
	rest = buf_span(&shown);
	while (!fault && rest.len) {
		label = span_cut(&rest, '.');
		if (is_deceiving(label))
			fault = "script";
	}
	buf_done(&shown);
	return fault;
}

const char *
link_fault(struct span url)
{
	struct link link;

	if (!link_read(url, &link))
		return "scheme";
	if (!link.is_web) {
		return span_equal_nocase(link.scheme, SPAN("mailto")) ||
			       span_equal_nocase(link.scheme, SPAN("tel"))
			   ? NULL
			   : "scheme";
	}
	if (span_equal_nocase(link.scheme, SPAN("http")))
		return "scheme";
	if (link.user.len)
		return "user";
	return link.host.len ? host_fault(link.host) : "host";
}

/* ---- Traps --------------------------------------------------------------------------- */

bool
link_is_below(struct span host, struct span domain)
{
	size_t from;

	if (!domain.len || host.len < domain.len)
		return false;
	from = host.len - domain.len;
	return span_equal_nocase(span_slice(host, from, host.len), domain) &&
	       (from == 0 || host.ptr[from - 1] == '.');
}

bool
link_is_listed(struct span host, struct span list)
{
	while (list.len) {
		size_t end = 0;
		struct span name;

		while (end < list.len && !strchr(" ,;\t\r\n", list.ptr[end]))
			end++;
		name = span_slice(list, 0, end);
		list = span_slice(list, end + 1, list.len);
		if (span_starts(name, SPAN("*.")))
			name = span_slice(name, 2, name.len);
		if (link_is_below(host, name))
			return true;
	}
	return false;
}

static bool
is_private(struct span host)
{
	static const char *const names[] = {"localhost", "local", "localdomain",
	    "internal", "intranet", "lan", "home.arpa", "test", "invalid",
	    "onion"};
	int64_t second;
	struct span rest = host;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (link_is_below(host, span_of(names[i])))
			return true;
	}
	if (span_index(host, '.') == host.len && !is_number(host))
		return true;
	if (!is_number(host) || span_starts(host, SPAN("[")))
		return is_number(host);
	if (span_starts(host, SPAN("10.")) || span_starts(host, SPAN("127.")) ||
	    span_starts(host, SPAN("0.")) ||
	    span_starts(host, SPAN("192.168.")) ||
	    span_starts(host, SPAN("169.254.")))
		return true;
	if (!span_starts(host, SPAN("172.")))
		return false;
	span_cut(&rest, '.');
	return span_int(span_cut(&rest, '.'), &second) && second >= 16 &&
	       second <= 31;
}

/* A word of a label: "stg-www2" has "stg" and "www". */
static bool
is_staging_word(struct span word)
{
	static const char *const words[] = {"stg", "stage", "staging", "dev",
	    "devel", "develop", "development", "test", "testing", "qa", "uat",
	    "preprod", "preview", "sandbox"};

	while (word.len && is_digit(word.ptr[word.len - 1]))
		word.len--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_equal_nocase(word, span_of(words[i])))
			return true;
	}
	return false;
}

/* How many labels at the end belong to an owner: two, or three below a
 * registry's own second level ("co.jp"). */
static size_t
owned_labels(struct span host)
{
	static const char *const seconds[] = {"co", "ne", "or", "go", "ac",
	    "ad", "ed", "gr", "lg", "com", "net", "org", "gov", "edu"};
	struct span last = last_label(host), second;

	if (last.len != 2 || host.len <= 3)
		return 2;
	second = last_label(span_slice(host, 0, host.len - 3));
	for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
		if (span_equal_nocase(second, span_of(seconds[i])))
			return 3;
	}
	return 2;
}

static bool
is_staging(struct span host)
{
	size_t labels = 1, owned = owned_labels(host);

	for (size_t i = 0; i < host.len; i++)
		labels += host.ptr[i] == '.';
	while (labels-- > owned) {
		struct span label = span_cut(&host, '.');

		while (label.len) {
			if (is_staging_word(span_cut(&label, '-')))
				return true;
		}
	}
	return false;
}

/* "{{", "[[", "%%" or "${" as they are written. */
static bool
is_mark(const char *at)
{
	return (at[0] == at[1] &&
		   (at[0] == '{' || at[0] == '[' || at[0] == '%')) ||
	       (at[0] == '$' && at[1] == '{');
}

/* "%7B", "%5b" */
static bool
is_encoded(const char *at)
{
	return at[0] == '%' && (at[1] == '7' || at[1] == '5') &&
	       (at[2] | 0x20) == 'b';
}

bool
link_has_token(struct span url)
{
	for (size_t i = 0; i + 1 < url.len; i++) {
		const char *at = url.ptr + i;
		size_t left = url.len - i;

		if (is_mark(at) ||
		    (left >= 4 && at[0] == '$' && is_encoded(at + 1)) ||
		    (left >= 6 && is_encoded(at) && is_encoded(at + 3)))
			return true;
	}
	return false;
}

const char *
link_trap(struct span url)
{
	struct link link;

	url = span_trim(url);
	if (!url.len || span_starts(url, SPAN("#")))
		return "empty";
	if (link_has_token(url))
		return "token";
	if (!link_read(url, &link))
		return NULL;
	if (!link.is_web)
		return link.rest.len ? NULL : "empty";
	if (!link.host.len)
		return "empty";
	if (span_ends(link.host, SPAN(".")))
		link.host.len--;
	if (is_private(link.host))
		return "local";
	if (link_is_below(link.host, SPAN("example.com")) ||
	    link_is_below(link.host, SPAN("example.net")) ||
	    link_is_below(link.host, SPAN("example.org")) ||
	    link_is_below(link.host, SPAN("example")))
		return "example";
	return is_staging(link.host) ? "staging" : NULL;
}

/* ---- Text that pretends ----------------------------------------------------------------- */

/* Names of files look like hosts. */
static bool
is_file_end(struct span label)
{
	static const char *const ends[] = {"pdf", "js", "html", "htm", "txt",
	    "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "csv", "png",
	    "jpg", "jpeg", "gif", "svg", "md", "xml", "json", "ics", "mp3",
	    "mp4", "php", "exe"};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (span_equal_nocase(label, span_of(ends[i])))
			return true;
	}
	return false;
}

bool
link_text_host(struct span text, struct span *host)
{
	struct link link;
	struct span last;
	size_t dots = 0;

	text = span_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] <= ' ')
			return false;
	}
	if (link_read(text, &link) && link.is_web) {
		*host = link.host;
		return host->len > 0;
	}
	*host = span_make(text.ptr, 0);
	while (host->len < text.len && !strchr("/?#:", text.ptr[host->len]))
		host->len++;
	for (size_t i = 0; i < host->len; i++) {
		char c = host->ptr[i];

		dots += c == '.';
		if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' &&
		    !(c & 0x80))
			return false;
	}
	last = last_label(*host);
	if (!dots || last.len < 2 || is_file_end(last) || *host->ptr == '.')
		return false;
	for (size_t i = 0; i < last.len; i++) {
		if (!is_letter(last.ptr[i]))
			return false;
	}
	return true;
}

static struct span
without_www(struct span host)
{
	return host.len > 4 &&
		       span_equal_nocase(span_slice(host, 0, 4), SPAN("www."))
		   ? span_slice(host, 4, host.len)
		   : host;
}

bool
link_same_host(struct span a, struct span b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	a = without_www(a);
	b = without_www(b);
	if (span_equal_nocase(a, b))
		return true;
	same = address_domain_shown(a, &x) && address_domain_shown(b, &y) &&
	       span_equal_nocase(buf_span(&x), buf_span(&y));
	buf_done(&x);
	buf_done(&y);
	return same;
}
