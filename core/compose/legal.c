/* The part of a mail that the law writes: who sends it, where they are, whom
 * to ask, how to stop it (特定電子メール法 art. 4).  It comes from the
 * settings alone; nothing in the text of a campaign can move or hide it. */
#include "core/compose/template.h"

/* Neutral wording in both languages, for who has set none. */
static const char default_notice[] =
    "配信停止はこちらから行えます。 / You can unsubscribe here:";

static int
read_setting(struct db *db, const char *name, struct arena *arena,
    struct span *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc;

	rc = setting_read(db, name, &value, err);
	*out = arena_copy(arena, span_trim(buf_span(&value)));
	buf_done(&value);
	return rc;
}

static int
read_mailto(
    struct db *db, struct arena *arena, struct legal *out, struct err *err)
{
	struct span address;
	struct buf local = BUF_INIT;

	if (read_setting(db, "unsubscribe.mailto", arena, &address, err) < 0)
		return -1;
	merge_escape(MERGE_URL, span_cut(&address, '@'), &local);
	out->mail_local = arena_copy(arena, buf_span(&local));
	out->mail_domain = address;
	buf_done(&local);
	return 0;
}

/* An advertisement, and its test, must carry all of it. */
static bool has_opt_out(enum campaign_class class)
{
	return class == CLASS_AD || class == CLASS_TEST;
}

int
legal_read(struct db *db, enum campaign_class class, struct arena *arena,
    struct legal *out, struct err *err)
{
	struct {
		const char *setting;
		struct span *value;
		bool needed;
	} part[] = {
	    {"legal.name", &out->name, true},
	    {"legal.postal", &out->postal, true},
	    {"legal.contact", &out->contact, true},
	    {"legal.notice", &out->notice, false},
	    {"unsubscribe.base_url", &out->base_url, true},
	};

	*out = (struct legal){.opt_out = has_opt_out(class)};
	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		if (read_setting(
			db, part[i].setting, arena, part[i].value, err) < 0)
			return -1;
		if (!out->opt_out || !part[i].needed || part[i].value->len > 0)
			continue;
		err_set(err, E_SENDER_MISSING);
		return err_fact(err, "setting", span_of(part[i].setting));
	}
	while (span_ends(out->base_url, SPAN("/")))
		out->base_url.len--;
	if (out->notice.len == 0)
		out->notice = SPAN(default_notice);
	return read_mailto(db, arena, out, err);
}

/* ---- The footer -------------------------------------------------------- */

static void
html_lines(struct merge_text *html, struct span lines)
{
	struct buf escaped = BUF_INIT;

	merge_escape(MERGE_HTML, lines, &escaped);
	merge_text_raw(html, buf_span(&escaped));
	merge_text_raw(html, SPAN("<br>\n"));
	buf_done(&escaped);
}

static void
html_opt_out(const struct legal *legal, const struct mailtheme *theme,
    struct merge_text *html)
{
	html_lines(html, legal->notice);
	merge_text_raw(html, SPAN("<a href=\""));
	for (int place = 0; place < 2; place++) {
		struct buf url = BUF_INIT;
		merge_escape(MERGE_ATTR, legal->base_url, &url);
		merge_text_raw(html, buf_span(&url));
		merge_text_raw(html, SPAN("/"));
		merge_text_token(html);
		buf_done(&url);
		if (place > 0)
			continue;
		merge_text_raw(html, SPAN("\""));
		merge_text_raw(html, mailtheme_attr(theme, MAIL_FOOTER_LINK));
		merge_text_raw(html, SPAN(">"));
	}
	merge_text_raw(html, SPAN("</a>\n"));
}

/* Text of the settings is not searched for marks. */
static void
plain_lines(struct plain *plain, struct span lines)
{
	while (lines.len > 0) {
		struct span line = span_trim(span_cut(&lines, '\n'));
		merge_text_raw(&plain->text, SPAN("\001"));
		merge_text_raw(&plain->text, line);
		merge_text_raw(&plain->text, SPAN("\n"));
	}
}

static void
plain_opt_out(const struct legal *legal, struct plain *plain)
{
	plain_lines(plain, legal->notice);
	merge_text_raw(&plain->text, SPAN("\001"));
	merge_text_raw(&plain->text, legal->base_url);
	merge_text_raw(&plain->text, SPAN("/"));
	merge_text_token(&plain->text);
	merge_text_raw(&plain->text, SPAN("\n"));
}

void
legal_add(const struct legal *legal, const struct mailtheme *theme,
    struct merge_text *html, struct plain *plain)
{
	const struct span part[] = {legal->name, legal->postal, legal->contact};
	bool any = legal->opt_out;

	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		any = any || part[i].len > 0;
	if (!any)
		return;
	mailtheme_footer(theme, html);
	plain_gap(plain);
	plain_verbatim_line(
	    plain, SPAN("----------------------------------------"), "");
	plain->need_blank = true;
	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		if (part[i].len == 0)
			continue;
		html_lines(html, part[i]);
		plain_lines(plain, part[i]);
	}
	if (legal->opt_out) {
		html_opt_out(legal, theme, html);
		plain_opt_out(legal, plain);
	}
}

void
legal_uris(const struct legal *legal, struct span token, struct buf *https,
    struct buf *mailto)
{
	buf_add(https, legal->base_url);
	buf_char(https, '/');
	buf_add(https, token);
	if (legal->mail_domain.len == 0)
		return;
	buf_text(mailto, "mailto:");
	buf_add(mailto, legal->mail_local);
	buf_char(mailto, '+');
	buf_add(mailto, token);
	buf_char(mailto, '@');
	buf_add(mailto, legal->mail_domain);
	buf_text(mailto, "?subject=unsubscribe");
}
