/* The small records of a mail domain.  They are read as strictly as a receiver
 * may: one that cannot be used is told, not guessed at. */
#include "core/net/txt.h"

#include "core/mail/taglist.h"

size_t
txt_count(
    const struct dns_answer *answer, struct span version, struct span *first)
{
	struct span text = {0};
	size_t count = 0;

	if (answer->status == DNS_FOUND) {
		for (size_t i = 0; i < answer->count; i++) {
			if (!taglist_is(answer->record[i].data, version))
				continue;
			if (!count++)
				text = answer->record[i].data;
		}
	}
	if (first)
		*first = text;
	return count;
}

static int
invalid(const char *what, const char *why, struct err *err)
{
	err_set(err, E_TXT_RECORD);
	err_fact(err, "what", span_of(what));
	return err_fact(err, "why", span_of(why));
}

/* The version holds and all that follows is a list. */
static const char *
check(struct span text, struct span version)
{
	struct tag tag;
	int got;

	if (!taglist_is(text, version))
		return "version";
	while ((got = taglist_next(&text, &tag)) > 0)
		;
	return got < 0 ? "syntax" : NULL;
}

static bool
is_https(struct span uri)
{
	return span_equal_nocase(span_slice(uri, 0, 8), SPAN("https://")) &&
	       uri.len > 8;
}

static bool
is_mailto(struct span uri)
{
	return span_equal_nocase(span_slice(uri, 0, 7), SPAN("mailto:")) &&
	       span_index(uri, '@') < uri.len;
}

int
tlsrpt_parse(struct span text, struct tlsrpt_record *out, struct err *err)
{
	const char *why = check(text, SPAN("TLSRPTv1"));
	struct span rua = {0};

	*out = (struct tlsrpt_record){0};
	if (why)
		return invalid("tlsrpt", why, err);
	taglist_find(text, "rua", &rua);
	while (rua.len) {
		struct span uri = span_trim(span_cut(&rua, ','));

		if (!is_https(uri) && !is_mailto(uri))
			return invalid("tlsrpt", "rua", err);
		if (out->count < TXT_URIS_MAX)
			out->uri[out->count++] = uri;
	}
	return out->count ? 0 : invalid("tlsrpt", "rua", err);
}

int
bimi_parse(struct span text, struct bimi_record *out, struct err *err)
{
	const char *why = check(text, SPAN("BIMI1"));

	*out = (struct bimi_record){0};
	if (!why && !taglist_find(text, "l", &out->logo))
		why = "logo";
	if (why)
		return invalid("bimi", why, err);
	taglist_find(text, "a", &out->authority);
	if (out->logo.len && !is_https(out->logo))
		return invalid("bimi", "logo", err);
	if (out->authority.len && !is_https(out->authority))
		return invalid("bimi", "authority", err);
	out->declined = !out->logo.len && !out->authority.len;
	return 0;
}
