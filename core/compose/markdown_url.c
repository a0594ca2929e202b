/* Decides which addresses a mail may lead to, and writes them so that every
 * mail program takes them for the same: what no URI may hold is
 * percent-encoded, a foreign host name becomes A-labels. */
#include "core/compose/markdown.h"
#include "core/mail/address.h"

static bool
starts_nocase(struct span s, const char *prefix)
{
	struct span wanted = span_of(prefix);

	return s.len >= wanted.len &&
	       span_equal_nocase(span_slice(s, 0, wanted.len), wanted);
}

/* RFC 3986 appendix A: what may stand in a URI as it is, '%' included. */
static bool
is_uri_char(unsigned char c)
{
	return c > 0x20 && c < 0x7f && !strchr("\"<>[\\]^`{|}", c);
}

static void
add_uri(struct span part, struct buf *out)
{
	for (size_t i = 0; i < part.len; i++) {
		unsigned char c = (unsigned char)part.ptr[i];
		if (is_uri_char(c))
			buf_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* A host may be an IPv6 address in brackets. */
static void
add_host(struct span host, struct buf *out)
{
	bool ip = host.len > 2 && span_starts(host, SPAN("[")) &&
		  span_ends(host, SPAN("]"));

	if (ip)
		buf_char(out, '[');
	add_uri(ip ? span_slice(host, 1, host.len - 1) : host, out);
	if (ip)
		buf_char(out, ']');
}

/* Cuts the host off *authority, of which the port is left. */
static struct span
take_host(struct span *authority)
{
	struct span host = *authority;
	size_t end = span_index(host, ']');

	if (!span_starts(host, SPAN("[")) || end == host.len)
		return span_cut(authority, ':');
	*authority = span_slice(host, end + 1, host.len);
	if (span_starts(*authority, SPAN(":")))
		*authority = span_slice(*authority, 1, authority->len);
	return span_slice(host, 0, end + 1);
}

/* The authority of an http URL: no marks, a foreign host in A-labels. */
static int
add_authority(struct span authority, const struct merge_set *set,
    struct buf *out, enum err_code *why)
{
	struct span port = authority, host;
	struct arena *arena = NULL;
	int rc = -1;

	*why = E_URL_MARK;
	if (merge_find(set, authority) < authority.len)
		return -1;
	*why = E_URL_HOST;
	host = take_host(&port);
	if (host.len == 0)
		return -1;
	arena = arena_new();
	for (size_t i = 0; i < host.len; i++) {
		if ((unsigned char)host.ptr[i] < 0x80)
			continue;
		if (address_domain(host, arena, &host, NULL) < 0)
			goto out;
		break;
	}
	add_host(host, out);
	if (port.len > 0) {
		buf_char(out, ':');
		add_uri(port, out);
	}
	rc = 0;
out:
	arena_free(&arena);
	return rc;
}

int
markdown_url(struct span url, const struct merge_set *set, struct buf *out,
    enum err_code *why)
{
	static const char *const web[] = {"https://", "http://"};
	static const char *const other[] = {"mailto:", "tel:"};

	for (size_t i = 0; i < 2; i++) {
		struct span scheme = span_of(web[i]);
		if (!starts_nocase(url, web[i]))
			continue;
		url = span_slice(url, scheme.len, url.len);
		size_t end = 0;
		while (end < url.len && !strchr("/?#\\", url.ptr[end]))
			end++;
		buf_add(out, scheme);
		if (add_authority(span_slice(url, 0, end), set, out, why) < 0)
			return -1;
		add_uri(span_slice(url, end, url.len), out);
		return 0;
	}
	for (size_t i = 0; i < 2; i++) {
		struct span scheme = span_of(other[i]);
		if (!starts_nocase(url, other[i]) || url.len == scheme.len)
			continue;
		buf_add(out, scheme);
		add_uri(span_slice(url, scheme.len, url.len), out);
		return 0;
	}
	*why = E_URL_SCHEME;
	return -1;
}
