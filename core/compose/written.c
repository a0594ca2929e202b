/* In which charset a message leaves.  One character that is not in ISO-2022-JP
 * makes the whole message UTF-8: a message in two charsets, or with another
 * character in a name, would be worse than one that an old reader shows
 * badly. */
#include "core/compose/written.h"

#include "core/base/jis.h"

enum { META_WITHIN = 1024 }; /* octets: HTML wants it there */

static bool
write_html(struct span html, struct buf *out)
{
	static const struct span meta = {
	    "charset=UTF-8", sizeof "charset=UTF-8" - 1};
	size_t at = span_search(span_slice(html, 0, META_WITHIN), meta);

	if (at + meta.len > html.len || at == META_WITHIN)
		return jis_encode(html, JIS_REFERENCE, out);
	if (!jis_encode(span_slice(html, 0, at), JIS_REFERENCE, out))
		return false;
	buf_text(out, "charset=ISO-2022-JP");
	return jis_encode(
	    span_slice(html, at + meta.len, html.len), JIS_REFERENCE, out);
}

/* True when all is in *written then.  The plain part first: what is missing
 * is most often there. */
static bool
write_jis(struct written *written, const struct written_source *source)
{
	buf_clear(&written->jis_plain);
	buf_clear(&written->jis_html);
	return jis_encode(source->plain, JIS_STOP, &written->jis_plain) &&
	       jis_can(source->subject) && jis_can(source->to) &&
	       jis_can(source->from) &&
	       write_html(source->html, &written->jis_html);
}

void
written_choose(struct written *written, enum campaign_charset wanted,
    const struct written_source *source)
{
	written->charset = CHARSET_UTF_8;
	written->plain = (struct mime_text){source->plain, MIME_UTF_8};
	written->html = (struct mime_text){source->html, MIME_UTF_8};
	if (wanted != CHARSET_ISO_2022_JP || !write_jis(written, source))
		return;
	written->charset = CHARSET_ISO_2022_JP;
	written->plain =
	    (struct mime_text){buf_span(&written->jis_plain), MIME_ISO_2022_JP};
	written->html =
	    (struct mime_text){buf_span(&written->jis_html), MIME_ISO_2022_JP};
}

enum encode_charset
written_words(const struct written *written)
{
	return written->charset == CHARSET_ISO_2022_JP ? ENCODE_ISO_2022_JP
						       : ENCODE_UTF8;
}

void
written_done(struct written *written)
{
	buf_done(&written->jis_plain);
	buf_done(&written->jis_html);
}
