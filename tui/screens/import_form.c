/* How the file is read, where what was found out is wrong: encoding, separator,
 * quotes, and where in it the table stands. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/text/i18n.h"

enum {
	FORM_CHARSET,
	FORM_DELIMITER,
	FORM_QUOTE,
	FORM_HEADER,
	FORM_FIRST,
	FORM_LAST,
	FORM_FIELDS
};

struct shape {
	struct screen base;
	struct wizard *wizard; /* the screen below */
	struct form *form;
};

const char *const wizard_charsets[] = {
    [IMPORT_AUTO] = N_("find out"),
    [IMPORT_UTF8] = "UTF-8",
    [IMPORT_CP932] = "CP932 (Shift_JIS)",
    [IMPORT_EUC] = "EUC-JP",
    [IMPORT_JIS] = "ISO-2022-JP",
    [IMPORT_UTF16LE] = "UTF-16LE",
    [IMPORT_UTF16BE] = "UTF-16BE",
    NULL,
};
_Static_assert(
    sizeof wizard_charsets / sizeof *wizard_charsets == IMPORT_CHARSETS + 1,
    "name every charset");

static const char delimiters[] = {'\0', ',', ';', '\t', '|', IMPORT_TOUTEN};

static const char *const delimiter_names[] = {N_("find out"), N_("comma"),
    N_("semicolon"), N_("TAB"), N_("vertical bar"), N_("ideographic comma"),
    NULL};

static const char *const quotes[] = {
    [IMPORT_QUOTE_FIND] = N_("find out"),
    [IMPORT_QUOTE_DOUBLE] = N_("\"..\", doubled inside"),
    [IMPORT_QUOTE_BACKSLASH] = N_("\"..\", backslash inside"),
    [IMPORT_QUOTE_NONE] = N_("none: a quote is a letter"),
    NULL,
};

static const char *const headers[] = {
    [IMPORT_HEADER_FIND] = N_("find out"),
    [IMPORT_HEADER_YES] = N_("there are headers"),
    [IMPORT_HEADER_NO] = N_("there are none"),
    NULL,
};

static void
check_line(struct span text, struct buf *why)
{
	int64_t line;

	text = span_trim(text);
	if (text.len > 0 && (!span_int(text, &line) || line < 1))
		buf_text(why, _("A line number, or nothing."));
}

static const struct field_spec fields[FORM_FIELDS] = {
    [FORM_CHARSET] = {.label = N_("Encoding"),
	.kind = FIELD_CHOICE,
	.cols = 32,
	.choices = wizard_charsets,
	.hint = N_("Space and the arrows choose.")},
    [FORM_DELIMITER] = {.label = N_("Separator"),
	.kind = FIELD_CHOICE,
	.cols = 32,
	.choices = delimiter_names},
    [FORM_QUOTE] = {.label = N_("Quotes"),
	.kind = FIELD_CHOICE,
	.cols = 32,
	.choices = quotes},
    [FORM_HEADER] = {.label = N_("Headers"),
	.kind = FIELD_CHOICE,
	.cols = 32,
	.choices = headers},
    [FORM_FIRST] = {.label = N_("Table from line"),
	.kind = FIELD_TEXT,
	.cols = 12,
	.max = 12,
	.check = check_line,
	.hint = N_("Where its headers stand, or its first row; lines above "
		   "are left out.")},
    [FORM_LAST] = {.label = N_("Table to line"),
	.kind = FIELD_TEXT,
	.cols = 12,
	.max = 12,
	.check = check_line,
	.hint = N_("Empty: to the end of the file.")},
};

static void
set_line(struct form *form, int field, int64_t line)
{
	struct buf text = BUF_INIT;

	if (line > 0)
		buf_printf(&text, "%lld", (long long)line);
	form_set(form, field, buf_span(&text));
	buf_done(&text);
}

static int64_t
line_of(const struct form *form, int field)
{
	int64_t line;

	return span_int(span_trim(form_text(form, field)), &line) ? line : 0;
}

static void
fill(struct shape *self)
{
	const struct import_form *now = &self->wizard->form;
	int at = 0;

	for (int i = 0; i < (int)sizeof delimiters; i++) {
		if (delimiters[i] == now->delimiter)
			at = i;
	}
	form_set_choice(self->form, FORM_CHARSET, now->charset);
	form_set_choice(self->form, FORM_DELIMITER, at);
	form_set_choice(self->form, FORM_QUOTE, now->quote);
	form_set_choice(self->form, FORM_HEADER, now->header);
	set_line(self->form, FORM_FIRST, now->first_line);
	set_line(self->form, FORM_LAST, now->last_line);
}

/* Reads the file again, and goes back to its columns. */
static void
apply(struct shape *self)
{
	struct import_form *form = &self->wizard->form;
	struct wizard *wizard = self->wizard;

	if (form_check(self->form) >= 0)
		return;
	form->charset =
	    (enum import_charset)form_choice(self->form, FORM_CHARSET);
	form->delimiter = delimiters[form_choice(self->form, FORM_DELIMITER)];
	form->quote = (enum import_quote)form_choice(self->form, FORM_QUOTE);
	form->header = (enum import_header)form_choice(self->form, FORM_HEADER);
	form->first_line = line_of(self->form, FORM_FIRST);
	form->last_line = line_of(self->form, FORM_LAST);
	app_pop(self->base.app, &self->base);
	wizard_work(wizard, WORK_OPEN);
}

/* ---- The screen ------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Format"));
}

static void
draw(struct screen *screen, struct area body)
{
	draw_str(body, 0, 1, ROLE_TEXT, _("How is the file to be read?"));
	form_draw(
	    ((struct shape *)screen)->form, area_rows(body, 2, -1), FOCUS_ON);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_IMPORT_REREAD, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct shape *self = (struct shape *)screen;
	enum form_did did = form_key(self->form, key);

	if (did == FORM_PRESSED)
		apply(self);
	return did == FORM_UNUSED ? UNUSED : USED;
}

static enum used
act(struct screen *screen, enum action action)
{
	if (action != ACT_IMPORT_REREAD)
		return wizard_page_act(screen, action);
	apply((struct shape *)screen);
	return USED;
}

static void
close_shape(struct screen *screen)
{
	struct shape *self = (struct shape *)screen;

	form_free(&self->form);
	free(self);
}

static const struct screen_ops shape_ops = {
    .name = "import-form",
    .section = 2,
    .title = title,
    .tabs = wizard_page_tabs,
    .draw = draw,
    .footer = footer,
    .key = key,
    .act = act,
    .close = close_shape,
};

void
import_form_open(struct wizard *wizard)
{
	struct shape *self = mem_new(sizeof *self);

	self->base.ops = &shape_ops;
	self->wizard = wizard;
	self->form = form_new(fields, FORM_FIELDS);
	fill(self);
	app_push(wizard->base.app, &self->base);
}

void
wizard_form_text(const struct wizard *self, struct buf *out)
{
	const struct import_form *form = &self->form;
	const struct import_table *table = &self->table;
	const char *delimiter = delimiter_names[0];

	for (size_t i = 0; i < sizeof delimiters; i++) {
		if (delimiters[i] == form->delimiter)
			delimiter = delimiter_names[i];
	}
	buf_printf(out, _("Encoding: %s"), _(wizard_charsets[form->charset]));
	buf_printf(out, "  %s  %s  ", _(delimiter), _(quotes[form->quote]));
	if (table->header_rows > 0)
		buf_printf(out, _("headers in line %lld"),
		    (long long)table->header_line[0]);
	else
		buf_text(out, _("no headers"));
}
