/* The pages of one mail besides the styled one.  Everything in them is foreign:
 * it goes through the pager's gate, which spells what cannot be seen. */
#include "core/base/diff.h"
#include "core/mail/parse.h"
#include "tui/screens/preview.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"

static void
add(struct pager *pager, enum role role, const char *text)
{
	pager_add_str(pager, role, text);
}

static void
add_line(struct pager *pager, enum role role, struct span text)
{
	pager_add(pager, role, text);
	add(pager, ROLE_TEXT, "\n");
}

static void
add_heading(struct pager *pager, const char *text)
{
	add(pager, ROLE_HEAD, text);
	add(pager, ROLE_TEXT, "\n");
}

/* Headers and raw bytes have CR LF; the pager shows a CR as a control. */
static void
add_without_cr(
    struct pager *pager, enum role role, const char *before, struct span bytes)
{
	while (bytes.len > 0) {
		struct span line = span_cut(&bytes, '\n');

		if (span_ends(line, SPAN("\r")))
			line.len--;
		add(pager, role, before);
		add_line(pager, role, line);
	}
}

/* ---- HTML source ------------------------------------------------------------ */

static void
show_source(struct pager *pager, struct span html)
{
	while (html.len > 0) {
		size_t at = span_index(html, '<'), end;

		pager_add(pager, ROLE_TEXT, span_slice(html, 0, at));
		html = span_slice(html, at, html.len);
		end = span_index(html, '>') + 1;
		pager_add(pager, ROLE_DIM, span_slice(html, 0, end));
		html = span_slice(html, end, html.len);
	}
}

/* ---- Headers ------------------------------------------------------------------ */

static const struct {
	char tag[4];
	const char *means;
} dkim_tags[] = {
    {"v", N_("version of DKIM")},
    {"a", N_("how it is signed")},
    {"c", N_("what changes of blanks are borne: header/body")},
    {"d", N_("the domain that answers for the mail")},
    {"s", N_("selector: the key is at SELECTOR._domainkey.DOMAIN")},
    {"t", N_("signed at")},
    {"x", N_("not valid after")},
    {"h", N_("fields that are signed; one more than there are cannot be "
	     "added")},
    {"bh", N_("hash of the body")},
    {"b", N_("the signature")},
    {"i", N_("identity within the domain")},
    {"l", N_("signed octets of the body")},
    {"q", N_("how the key is asked for")},
};

static const char *
tag_means(struct span tag)
{
	for (size_t i = 0; i < sizeof dkim_tags / sizeof *dkim_tags; i++) {
		if (span_equal(tag, span_of(dkim_tags[i].tag)))
			return _(dkim_tags[i].means);
	}
	return "";
}

/* Folding blanks mean nothing in a tag's value. */
static void
add_tag_value(struct pager *pager, struct span tag, struct span value)
{
	bool is_time = span_equal(tag, SPAN("t")) || span_equal(tag, SPAN("x"));
	struct buf bare = BUF_INIT;
	int64_t seconds;

	for (size_t i = 0; i < value.len; i++) {
		if (!strchr(" \t\r\n", value.ptr[i]))
			buf_char(&bare, value.ptr[i]);
	}
	if (is_time && span_int(buf_span(&bare), &seconds)) {
		buf_text(&bare, "  ");
		format_minute(&bare, seconds * 1000);
	}
	add_line(pager, ROLE_TEXT, buf_span(&bare));
	buf_done(&bare);
}

static void
show_dkim(struct pager *pager, struct span value)
{
	add(pager, ROLE_TEXT, "\n");
	while (value.len > 0) {
		struct span rest = span_trim(span_cut(&value, ';'));
		struct span tag = span_trim(span_cut(&rest, '='));

		if (tag.len == 0)
			continue;
		add(pager, ROLE_TEXT, "  ");
		pager_add(pager, ROLE_MD_CODE, tag);
		add(pager, ROLE_TEXT, "  ");
		add(pager, ROLE_DIM, tag_means(tag));
		add(pager, ROLE_TEXT, "\n     ");
		add_tag_value(pager, tag, rest);
	}
}

/* The ways of a List-Unsubscribe field, one on a line. */
static void
show_ways(struct pager *pager, struct span value)
{
	add(pager, ROLE_TEXT, "\n");
	while (value.len > 0) {
		struct span way = span_trim(span_cut(&value, ','));

		add(pager, ROLE_TEXT, "  ");
		pager_add(pager, ROLE_MD_LINK, way);
		add(pager, ROLE_TEXT, "\n    ");
		add_line(pager, ROLE_DIM,
		    span_of(span_starts(way, SPAN("<https:"))
				? _("one click in the mail program stops "
				    "further mail")
				: _("a mail to this address stops further "
				    "mail")));
	}
}

/* What a field says, and as it is written when that is something else. */
static void
show_decoded(struct pager *pager, const struct parse_field *field)
{
	struct buf words = BUF_INIT, plain = BUF_INIT;

	parse_words(field->value, &words);
	parse_unfold(field->value, &plain);
	add(pager, ROLE_TEXT, " ");
	add_line(pager, ROLE_TEXT, buf_span(&words));
	if (!span_equal(buf_span(&words), buf_span(&plain)))
		add_without_cr(pager, ROLE_DIM, "    ", field->value);
	buf_done(&words);
	buf_done(&plain);
}

static void
show_headers(struct pager *pager, struct span block)
{
	struct arena *arena = arena_new();
	struct parse_header header = {.count = 0};
	struct span body;

	if (parse_header(block, arena, &header, &body, NULL) < 0)
		add_without_cr(pager, ROLE_TEXT, "", block);
	for (size_t i = 0; i < header.count; i++) {
		const struct parse_field *field = &header.field[i];

		pager_add(pager, ROLE_HEAD, field->name);
		add(pager, ROLE_HEAD, ":");
		if (span_equal_nocase(field->name, SPAN("DKIM-Signature")))
			show_dkim(pager, field->value);
		else if (span_equal_nocase(
			     field->name, SPAN("List-Unsubscribe")))
			show_ways(pager, field->value);
		else
			show_decoded(pager, field);
	}
	arena_free(&arena);
}

/* ---- Parts -------------------------------------------------------------------- */

static void
show_parts(struct pager *pager, const struct mail *mail)
{
	struct buf size = BUF_INIT;

	for (size_t i = 0; i < mail->parts; i++) {
		const struct mail_part *part = &mail->part[i];

		for (int depth = 0; depth <= part->depth; depth++)
			add(pager, ROLE_TEXT, "  ");
		pager_add(pager, part->is_multipart ? ROLE_DIM : ROLE_TEXT,
		    part->type);
		buf_clear(&size);
		format_size(&size, (int64_t)part->octets);
		add(pager, ROLE_DIM, "  ");
		pager_add(pager, ROLE_DIM, buf_span(&size));
		if (part->file.len) {
			add(pager, ROLE_TEXT, "  ");
			pager_add(pager, ROLE_INFO, part->file);
		}
		add(pager, ROLE_TEXT, "\n");
	}
	buf_done(&size);
}

static void
show_raw(struct pager *pager, const struct mail *mail)
{
	add_heading(pager, _("Parts"));
	show_parts(pager, mail);
	add(pager, ROLE_TEXT, "\n");
	add_heading(pager, _("Octets as they are sent"));
	add_without_cr(pager, ROLE_TEXT, "", mail->copy.bytes);
}

/* ---- Differences ---------------------------------------------------------------- */

/* A mail as one text: whom it goes to, what it says, where its links lead. */
static void
add_whole(const struct mail_copy *copy, struct buf *out)
{
	buf_text(out, _("To:"));
	buf_char(out, ' ');
	buf_add(out, copy->address);
	buf_char(out, '\n');
	buf_text(out, _("Subject:"));
	buf_char(out, ' ');
	buf_add(out, copy->subject);
	buf_text(out, "\n\n");
	buf_add(out, copy->text);
	buf_text(out, "\n");
	buf_text(out, _("Links of the HTML part"));
	buf_char(out, '\n');
	part_urls(copy->html, out);
}

enum { SAME_LINES = 3 }; /* around a change */

static size_t
count_lines(struct span text)
{
	size_t lines = 0;

	for (; text.len > 0; lines++)
		span_cut(&text, '\n');
	return lines;
}

/* The first lines of *rest, with their line ends. */
static struct span
take_lines(struct span *rest, size_t lines)
{
	struct span all = *rest;

	while (lines-- > 0)
		span_cut(rest, '\n');
	return span_slice(all, 0, all.len - rest->len);
}

/* What is the same on both sides, shortened in its middle. */
static void
show_same(struct pager *pager, struct span text, bool first, bool last)
{
	size_t lines = count_lines(text), head = first ? 0 : SAME_LINES + 1;
	size_t tail = last ? 0 : SAME_LINES + 1;

	if (lines <= head + tail + 1) {
		pager_add(pager, ROLE_TEXT, text);
		return;
	}
	struct buf note = BUF_INIT;

	pager_add(pager, ROLE_TEXT, take_lines(&text, head));
	buf_printf(&note,
	    P_("  .. %zu line is the same", "  .. %zu lines are the same",
		(int)(lines - head - tail)),
	    lines - head - tail);
	add_line(pager, ROLE_DIM, buf_span(&note));
	take_lines(&text, lines - head - tail);
	pager_add(pager, ROLE_TEXT, text);
	buf_done(&note);
}

static void
show_runs(struct pager *pager, const struct diff *diff)
{
	for (size_t i = 0; i < diff->count; i++) {
		const struct diff_run *run = &diff->run[i];

		switch (run->kind) {
		case DIFF_SAME:
			show_same(
			    pager, run->text, i == 0, i + 1 == diff->count);
			break;
		case DIFF_GONE:
			add(pager, ROLE_DIFF_DEL, "[-");
			pager_add(pager, ROLE_DIFF_DEL, run->text);
			add(pager, ROLE_DIFF_DEL, "-]");
			break;
		case DIFF_NEW:
			add(pager, ROLE_DIFF_ADD, "{+");
			pager_add(pager, ROLE_DIFF_ADD, run->text);
			add(pager, ROLE_DIFF_ADD, "+}");
			break;
		}
	}
	add(pager, ROLE_TEXT, "\n");
}

static void
say_compared(struct pager *pager, const struct mail *mail, size_t changes)
{
	struct buf line = BUF_INIT, number = BUF_INIT;

	format_count(&number, mail->other.position);
	buf_printf(&line,
	    mail->other.position < mail->copy.position
		? _("Against the mail of the recipient before (%s)")
		: _("Against the mail of the next recipient (%s)"),
	    number.ptr);
	buf_text(&line, ": ");
	buf_printf(&line,
	    P_("%zu place differs.", "%zu places differ.", (int)changes),
	    changes);
	add_line(pager, ROLE_HEAD, buf_span(&line));
	add(pager, ROLE_DIM,
	    _("[-only there-] {+only here+}  Names and addresses must change "
	      "together."));
	add(pager, ROLE_TEXT, "\n");
	if (mail->leak.len > 0) {
		add(pager, ROLE_ERR,
		    _("✗ What belongs to the other recipient stands in this "
		      "mail: "));
		pager_add(pager, ROLE_ERR, mail->leak);
		add(pager, ROLE_TEXT, "\n");
	}
	add(pager, ROLE_TEXT, "\n");
	buf_done(&line);
	buf_done(&number);
}

static void
show_changes(struct pager *pager, const struct mail *mail)
{
	struct buf there = BUF_INIT, here = BUF_INIT;
	struct diff diff = DIFF_INIT;

	if (mail->other.position == 0) {
		add(pager, ROLE_DIM,
		    _("There is nobody else to compare with."));
		return;
	}
	if (mail->other.fault.code != E_NONE) {
		add(pager, ROLE_WARN,
		    _("! The recipient beside has no mail to compare with."));
		return;
	}
	add_whole(&mail->other, &there);
	add_whole(&mail->copy, &here);
	diff_words(buf_span(&there), buf_span(&here), &diff);
	say_compared(pager, mail, diff.changes);
	show_runs(pager, &diff);
	diff_done(&diff);
	buf_wipe(&there);
	buf_wipe(&here);
}

void
mail_show(const struct mail *mail, enum mail_view view, struct pager *pager)
{
	switch (view) {
	case VIEW_PLAIN:
		pager_add(pager, ROLE_TEXT, mail->copy.text);
		break;
	case VIEW_HTML:
		show_source(pager, mail->copy.html);
		break;
	case VIEW_HEADERS:
		show_headers(pager, mail->copy.header);
		break;
	case VIEW_RAW:
		show_raw(pager, mail);
		break;
	case VIEW_CHANGES:
		show_changes(pager, mail);
		break;
	case VIEW_STYLED:
	case VIEWS:
		break;
	}
}

/* ---- Facts -------------------------------------------------------------------- */

static void
show_values(struct pager *pager, const struct mail *mail)
{
	add_heading(pager, _("Merged for this one"));
	for (size_t i = 0; i < mail->values; i++) {
		const struct mail_value *value = &mail->value[i];

		add(pager, ROLE_TEXT, "  ");
		pager_add(pager, ROLE_DIM, value->name);
		add(pager, ROLE_TEXT, "  ");
		if (!value->is_missing)
			add_line(pager, ROLE_TEXT, value->value);
		else if (value->is_section)
			add_line(pager, ROLE_DIM,
			    span_of(_("(empty: its section is not shown)")));
		else if (value->has_fallback)
			add_line(pager, ROLE_WARN,
			    span_of(_("! empty: the fallback stands there")));
		else
			add_line(pager, ROLE_ERR, span_of(_("✗ empty")));
	}
	if (mail->values == 0)
		add_line(pager, ROLE_DIM,
		    span_of(_("  nothing: all get the same words")));
}

static void
show_message(struct pager *pager, const struct mail *mail)
{
	struct buf size = BUF_INIT;

	format_size(&size, (int64_t)mail->copy.bytes.len);
	add_heading(pager, _("Message"));
	add(pager, ROLE_TEXT, "  ");
	pager_add(pager, ROLE_TEXT, buf_span(&size));
	add(pager, ROLE_TEXT,
	    mail->charset == CHARSET_ISO_2022_JP ? "  ISO-2022-JP\n"
						 : "  UTF-8\n");
	if (mail->charset != mail->wanted_charset) {
		add(pager, ROLE_WARN, "  ! ");
		pager_add(pager, ROLE_WARN, mail->lacks);
		add_line(
		    pager, ROLE_WARN, span_of(_(" is not in ISO-2022-JP")));
	}
	if (mail->is_signed)
		add_line(pager, ROLE_INFO, span_of(_("  signed (S/MIME)")));
	if (mail->is_encrypted)
		add_line(pager, ROLE_INFO,
		    span_of(_("  encrypted (S/MIME): only the recipient can "
			      "read the parts")));
	show_parts(pager, mail);
	buf_done(&size);
}

static void
show_links(struct pager *pager, const struct mail *mail)
{
	if (mail->links == 0)
		return;
	add_heading(pager, _("Links"));
	for (size_t i = 0; i < mail->links; i++) {
		const struct mail_link *link = &mail->link[i];

		add(pager, ROLE_TEXT, "  ");
		add_line(pager, ROLE_MD_LINK, link->url);
		if (link->is_personal)
			add_line(pager, ROLE_WARN,
			    span_of(_("    ! carries the recipient's data")));
	}
}

void
mail_show_facts(const struct mail *mail, struct pager *pager)
{
	show_values(pager, mail);
	if (mail->copy.fault.code != E_NONE)
		return;
	add(pager, ROLE_TEXT, "\n");
	show_message(pager, mail);
	add(pager, ROLE_TEXT, "\n");
	show_links(pager, mail);
}
