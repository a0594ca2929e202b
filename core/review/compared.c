/* Differences as text and back.  Each stands on one or three lines; a value
 * keeps its line whatever octets it has. */
#include "core/review/compared.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/review/gate.h"

static bool
is_people(enum consequence_kind kind)
{
	return kind == CONSEQUENCE_JOINED || kind == CONSEQUENCE_LEFT;
}

/* ---- Writing ---------------------------------------------------------------- */

static const char *const likeness_names[] = {
    [LIKE_CLASS] = "same-class",
    [LIKE_LIST] = "same-list",
    [LIKE_SEGMENT] = "same-segment",
};

static bool
read_likeness(struct span word, enum likeness *out)
{
	for (int i = LIKE_CLASS; i <= LIKE_SEGMENT; i++) {
		*out = (enum likeness)i;
		if (span_equal(word, span_of(likeness_names[i])))
			return true;
	}
	return false;
}

static void
write_base(const struct consequences_base *base, struct buf *out)
{
	buf_printf(out, "compared-with %lld", (long long)base->campaign.v);
	if (base->campaign.v) {
		buf_printf(out, " %s ", likeness_names[base->like]);
		clock_rfc3339(out, base->started_ms);
		buf_printf(out, " recipients %lld both %lld ",
		    (long long)base->before, (long long)base->both);
	}
	manifest_line(out, base->name);
}

void
compared_write(const struct consequences *found, struct buf *out)
{
	size_t count;
	const struct consequence *all = consequences_all(found, &count);

	write_base(consequences_base(found), out);
	for (size_t i = 0; i < count && i < COMPARED_MAX; i++) {
		buf_printf(out, "differs %s", consequence_name(all[i].kind));
		if (is_people(all[i].kind)) {
			buf_printf(out, " %lld\n", (long long)all[i].count);
			continue;
		}
		buf_text(out, "\n  before ");
		manifest_line(out, all[i].before);
		buf_text(out, "  now ");
		manifest_line(out, all[i].now);
	}
}

/* ---- Reading ---------------------------------------------------------------- */

static bool
cut_number(struct span *rest, int64_t *out)
{
	return span_int(span_cut(rest, ' '), out) && *out >= 0;
}

static bool
read_base(struct span line, struct compared *out)
{
	if (!cut_number(&line, &out->campaign))
		return false;
	if (!out->campaign)
		return line.len == 0;
	if (!read_likeness(span_cut(&line, ' '), &out->like))
		return false;
	out->at = span_cut(&line, ' ');
	if (!span_equal(span_cut(&line, ' '), SPAN("recipients")) ||
	    !cut_number(&line, &out->recipients) ||
	    !span_equal(span_cut(&line, ' '), SPAN("both")) ||
	    !cut_number(&line, &out->both))
		return false;
	out->name = line;
	return true;
}

static bool
cut_value(struct span *rest, struct span label, struct span *out)
{
	struct span line = span_cut(rest, '\n');

	if (!span_starts(line, label))
		return false;
	*out = span_slice(line, label.len, line.len);
	return true;
}

static bool
read_one(struct span line, struct span *rest, struct compared *out)
{
	struct compared_item *one = &out->all[out->count];
	struct span word = span_cut(&line, ' ');
	int kind = 0;

	if (out->count == COMPARED_MAX)
		return false;
	while (kind < CONSEQUENCE_KINDS &&
	       !span_equal(word, span_of(consequence_name(kind))))
		kind++;
	if (kind == CONSEQUENCE_KINDS)
		return false;
	*one = (struct compared_item){.kind = (enum consequence_kind)kind};
	out->count++;
	if (is_people(one->kind))
		return cut_number(&line, &one->count) && line.len == 0;
	return line.len == 0 &&
	       cut_value(rest, SPAN("  before "), &one->before) &&
	       cut_value(rest, SPAN("  now "), &one->now);
}

static bool
take_word(struct span *line, struct span word)
{
	if (!span_starts(*line, word))
		return false;
	*line = span_slice(*line, word.len, line->len);
	return true;
}

/* They stand before the first line of the checklist: what people have written
 * comes behind it. */
bool
compared_read(struct span manifest, struct compared *out)
{
	memset(out, 0, sizeof *out);
	while (manifest.len) {
		struct span line = span_cut(&manifest, '\n');

		if (span_starts(line, SPAN("check ")))
			return true;
		if (take_word(&line, SPAN("compared-with "))) {
			if (out->is_there || !read_base(line, out))
				return false;
			out->is_there = true;
		} else if (take_word(&line, SPAN("differs "))) {
			if (!out->is_there || !read_one(line, &manifest, out))
				return false;
		}
	}
	return true;
}
