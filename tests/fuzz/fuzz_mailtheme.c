/* Any bytes as a mail theme: an error with a place, or HTML in which nothing of
 * the file stands but checked values. */
#include <stdlib.h>

#include "core/compose/compose.h"
#include "core/compose/mailtheme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What our own formats write into attributes. */
static void
check_attr(struct span attr)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    " =\"-:;#.%,'";

	for (size_t i = 0; i < attr.len; i++) {
		if (!strchr(allowed, attr.ptr[i]) || attr.ptr[i] == '\0')
			abort();
	}
}

static void
check_page(const struct mailtheme *theme, struct merge_set *set)
{
	struct mailtheme_frame frame = {.set = set, .sender = SPAN("sender")};
	struct merge_text html = MERGE_TEXT_INIT;
	struct buf text = BUF_INIT;

	mailtheme_begin(theme, &frame, &html);
	merge_text_raw(&html, SPAN("text"));
	mailtheme_footer(theme, &html);
	merge_text_raw(&html, SPAN("footer"));
	mailtheme_end(theme, &html);
	if (html_to_text(buf_span(&html.literal), &text, NULL) < 0)
		abort();
	if (!span_ends(buf_span(&text), SPAN("footer\n")) ||
	    span_search(buf_span(&text), SPAN("text\n")) == text.len)
		abort();
	merge_text_done(&html);
	buf_done(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size);
	struct arena *arena = arena_new();
	const struct mailtheme *theme = NULL;
	struct mail_theme said;
	struct merge_set set;
	struct err err = {.code = E_NONE};

	mail_theme_is(text);
	if (mailtheme_parse(text, SPAN("ja"), arena, &theme, &err) < 0) {
		if (err.code != E_MAIL_THEME && err.code != E_FILE_SIZE)
			abort();
		goto out;
	}
	if (mail_theme_check(text, &said, &err) < 0 &&
	    err.code != E_MAIL_THEME_CONTRAST)
		abort();
	for (int i = 0; i < MAIL_ELEMENTS; i++)
		check_attr(mailtheme_attr(theme, (enum mail_element)i));
	merge_set_init(&set, arena, NULL, 0);
	check_page(theme, &set);
	merge_set_done(&set);
out:
	arena_free(&arena);
	return 0;
}
