/* The look of the HTML part.  Mail programs ignore style sheets, so a theme
 * gives every element a style attribute of its own, and a frame of tables that
 * the old ones lay out too. */
#include "core/compose/mailtheme.h"

struct mailtheme {
	struct span attr[MAIL_ELEMENTS];
};

#define HEADING(size)                                                          \
	SPAN(" style=\"margin:24px 0 12px;font-size:" size                     \
	     "px;line-height:1.4;font-weight:bold\"")
#define FONT                                                                   \
	"font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',"             \
	"'Hiragino Sans','Hiragino Kaku Gothic ProN','Yu Gothic',"             \
	"'Noto Sans CJK JP',Meiryo,Helvetica,Arial,sans-serif;"
#define CELL "padding:8px 10px;border:1px solid #cccccc;vertical-align:top"

static const struct mailtheme letter = {{
    [MAIL_P] = SPAN(" style=\"margin:0 0 16px\""),
    [MAIL_H1] = HEADING("24"),
    [MAIL_H2] = HEADING("20"),
    [MAIL_H3] = HEADING("18"),
    [MAIL_H4] = HEADING("16"),
    [MAIL_H5] = HEADING("16"),
    [MAIL_H6] = HEADING("16"),
    [MAIL_UL] = SPAN(" style=\"margin:0 0 16px;padding-left:28px\""),
    [MAIL_OL] = SPAN(" style=\"margin:0 0 16px;padding-left:28px\""),
    [MAIL_LI] = SPAN(" style=\"margin:0 0 4px\""),
    [MAIL_QUOTE] = SPAN(" style=\"margin:0 0 16px;padding:0 0 0 12px;"
			"border-left:3px solid #cccccc;color:#444444\""),
    [MAIL_PRE] = SPAN(" style=\"margin:0 0 16px;padding:12px;"
		      "background:#f3f3f3;font-family:Menlo,Consolas,monospace;"
		      "font-size:14px;white-space:pre-wrap\""),
    [MAIL_CODE] = SPAN(" style=\"font-family:Menlo,Consolas,monospace;"
		       "background:#f3f3f3;padding:0 4px\""),
    [MAIL_HR] = SPAN(" style=\"margin:24px 0;border:0;"
		     "border-top:1px solid #cccccc\""),
    [MAIL_LINK] = SPAN(" style=\"color:#0b57d0;text-decoration:underline\""),
    [MAIL_IMAGE] =
	SPAN(" style=\"max-width:100%;height:auto;border:0;display:block\""),
    [MAIL_TABLE] = SPAN(" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
			"border=\"0\" style=\"margin:0 0 16px;"
			"border-collapse:collapse\""),
    [MAIL_TH] = SPAN(" align=\"left\" style=\"" CELL "\""),
    [MAIL_TH_CENTER] = SPAN(" align=\"center\" style=\"" CELL "\""),
    [MAIL_TH_END] = SPAN(" align=\"right\" style=\"" CELL "\""),
    [MAIL_TD] = SPAN(" align=\"left\" style=\"" CELL "\""),
    [MAIL_TD_CENTER] = SPAN(" align=\"center\" style=\"" CELL "\""),
    [MAIL_TD_END] = SPAN(" align=\"right\" style=\"" CELL "\""),
    [MAIL_FOOTER_LINK] = SPAN(" style=\"color:#0b57d0\""),
}};

const struct mailtheme *
mailtheme_builtin(struct arena *arena)
{
	struct mailtheme *theme = arena_take(arena, sizeof *theme);

	*theme = letter;
	return theme;
}

struct span
mailtheme_attr(const struct mailtheme *theme, enum mail_element element)
{
	return theme->attr[element];
}

static void
raw(struct merge_text *html, const char *text)
{
	merge_text_raw(html, span_of(text));
}

static void
add_preheader(const struct mailtheme_frame *frame, struct merge_text *html)
{
	if (frame->preheader.len == 0)
		return;
	raw(html, "<div style=\"display:none;max-height:0;overflow:hidden\">");
	merge_text_add(
	    html, frame->set, frame->preheader, MERGE_HTML, MERGE_HTML);
	raw(html, "</div>\n");
}

void
mailtheme_begin(const struct mailtheme *theme,
    const struct mailtheme_frame *frame, struct merge_text *html)
{
	(void)theme;
	raw(html, "<!DOCTYPE html>\n<html lang=\"");
	merge_text_raw(html, frame->language);
	raw(html,
	    "\">\n<head>\n"
	    "<meta http-equiv=\"Content-Type\" "
	    "content=\"text/html; charset=UTF-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	merge_text_add(html, frame->set, frame->title, MERGE_HTML, MERGE_HTML);
	raw(html, "</title>\n</head>\n"
		  "<body style=\"margin:0;padding:0;background:#ffffff\">\n");
	add_preheader(frame, html);
	raw(html,
	    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" "
	    "cellspacing=\"0\" border=\"0\"><tr><td align=\"center\" "
	    "style=\"padding:16px\">\n"
	    "<table role=\"presentation\" width=\"600\" cellpadding=\"0\" "
	    "cellspacing=\"0\" border=\"0\" style=\"width:100%;"
	    "max-width:600px\"><tr><td align=\"left\" style=\"" FONT
	    "font-size:16px;line-height:1.7;color:#222222\">\n");
}

void
mailtheme_footer(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "<hr style=\"margin:32px 0 16px;border:0;"
		  "border-top:1px solid #cccccc\">\n"
		  "</td></tr>\n<tr><td align=\"left\" style=\"" FONT
		  "font-size:12px;line-height:1.6;color:#444444\">\n");
}

void
mailtheme_end(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n");
}

void
mailtheme_button_open(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "<table role=\"presentation\" cellpadding=\"0\" "
		  "cellspacing=\"0\" border=\"0\" style=\"margin:8px 0 24px\">"
		  "<tr><td align=\"center\" bgcolor=\"#0b57d0\" style=\""
		  "border-radius:6px;background:#0b57d0\"><a href=\"");
}

void
mailtheme_button_label(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "\" style=\"display:inline-block;padding:12px 24px;"
		  "color:#ffffff;font-weight:bold;text-decoration:none\">");
}

void
mailtheme_button_close(const struct mailtheme *theme, struct merge_text *html)
{
	(void)theme;
	raw(html, "</a></td></tr></table>\n");
}
