/* What a mailbox would show of a test mail: subject, both parts.  Read with the
 * independent reader out of the octets that came over the wire. */
#include "tui/screens/testmail_show.h"

#include <stdlib.h>

#include "core/base/jis.h"
#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/mail/parse.h"
#include "tui/session.h"
#include "tui/text/i18n.h"
#include "tui/widgets/pager.h"

struct shown_mail {
	struct screen base;
	struct pager *pager;
};

static void
add_field(struct pager *pager, const struct parse_header *header,
    const char *name, const char *label)
{
	const struct parse_field *field = parse_find(header, name);
	struct buf text = BUF_INIT;

	if (field)
		parse_words(field->value, &text);
	pager_add_str(pager, ROLE_HEAD, label);
	pager_add_str(pager, ROLE_HEAD, " ");
	buf_char(&text, '\n');
	pager_add(pager, ROLE_TEXT, buf_span(&text));
	buf_done(&text);
}

/* Line ends as the pager wants them. */
static void
add_lines(struct pager *pager, struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');

		if (span_ends(line, SPAN("\r")))
			line.len--;
		pager_add(pager, ROLE_TEXT, line);
		pager_add_str(pager, ROLE_TEXT, "\n");
	}
}

/* Reads a part as UTF-8: a mail of ours is in UTF-8 or ISO-2022-JP. */
static void
read_part(const struct parse_part *part, struct buf *out)
{
	const struct parse_field *type =
	    parse_find(&part->header, "Content-Type");
	struct buf bytes = BUF_INIT, charset = BUF_INIT;

	if (parse_body(part, &bytes, NULL) < 0)
		buf_clear(&bytes);
	if (!type || !parse_parameter(type->value, "charset", &charset) ||
	    !span_equal_nocase(buf_span(&charset), SPAN("iso-2022-jp")) ||
	    !jis_decode(buf_span(&bytes), out))
		buf_add(out, buf_span(&bytes));
	buf_done(&charset);
	buf_done(&bytes);
}

static void
add_part(struct pager *pager, const struct parse_message *message,
    const char *type, const char *label)
{
	struct buf body = BUF_INIT, text = BUF_INIT;
	bool html = !strcmp(type, "text/html");

	for (size_t i = 0; i < message->part_count && !body.len; i++) {
		if (span_equal_nocase(message->part[i].type, span_of(type)))
			read_part(&message->part[i], &body);
	}
	if (html && html_to_text(buf_span(&body), &text, NULL) < 0)
		buf_clear(&text);
	pager_add_str(pager, ROLE_TEXT, "\n");
	pager_add_str(pager, ROLE_MD_HEADING, label);
	pager_add_str(pager, ROLE_TEXT, "\n\n");
	add_lines(pager, html ? buf_span(&text) : buf_span(&body));
	buf_done(&body);
	buf_done(&text);
}

static void
fill(struct pager *pager, struct span bytes)
{
	struct arena *arena = arena_new();
	struct parse_message message;

	if (parse_message(bytes, arena, &message, NULL) == 0) {
		const struct parse_header *header = &message.part[0].header;

		add_field(pager, header, "From", _("From:"));
		add_field(pager, header, "To", _("To:"));
		add_field(pager, header, "Subject", _("Subject:"));
		add_part(pager, &message, "text/plain", _("Plain text part"));
		add_part(pager, &message, "text/html", _("HTML part"));
	} else {
		add_lines(pager, bytes);
	}
	arena_free(&arena);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Practice mailbox"));
}

static void
draw(struct screen *screen, struct area body)
{
	pager_draw(((struct shown_mail *)screen)->pager, area_cols(body, 1, -2),
	    FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Note both codes: one at the top of each part."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return pager_key(((struct shown_mail *)screen)->pager, key);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_shown(struct screen *screen)
{
	struct shown_mail *self = (struct shown_mail *)screen;

	pager_free(&self->pager);
	free(self);
}

static const struct screen_ops shown_ops = {
    .name = "testmail-show",
    .section = 3,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .footer = footer,
    .close = close_shown,
};

void
testmail_show_open(struct app *app)
{
	const struct demo_hints *demo = app_session(app)->demo;
	struct buf bytes = BUF_INIT;
	struct shown_mail *self;

	if (!demo->test_mail(demo->relay, 0, &bytes)) {
		app_say(app, SAY_INFO,
		    _("The practice relay has taken no test mail yet."));
	} else {
		self = mem_new(sizeof *self);
		self->base.ops = &shown_ops;
		self->pager = pager_new(PAGER_WRAP, GATE_RAW);
		fill(self->pager, buf_span(&bytes));
		app_hush(app); /* the hint says what to look for */
		app_push(app, &self->base);
	}
	buf_done(&bytes);
}
