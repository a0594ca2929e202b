/* What was written, and how it is opened.  The passphrase is here and nowhere
 * else: it is gone with this page, so leaving asks first. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/export.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { LEFT = 2, LABEL_CELLS = 16 };

struct made {
	struct screen base;
	struct export_made made;
	enum export_seal seal;
	struct buf path;
	struct secret *passphrase; /* NULL: none */
	bool is_noted;
};

static struct made *
made_of(struct screen *screen)
{
	return (struct made *)screen;
}

/* ---- Drawing ---------------------------------------------------------------- */

static int
line(struct area a, int row, const char *label, enum role role, enum fit fit,
    struct span value)
{
	draw_fit(a, row, LEFT, LABEL_CELLS, ROLE_DIM, FIT_END, span_of(label));
	draw_fit(a, row, LEFT + LABEL_CELLS, a.cols - LABEL_CELLS - 4, role,
	    fit, value);
	return row + 1;
}

static int
draw_file(struct made *self, struct area body, int row)
{
	struct buf text = BUF_INIT, hex = BUF_INIT;

	format_count(&text, self->made.people);
	row =
	    line(body, row, _("Persons"), ROLE_TEXT, FIT_END, buf_span(&text));
	row = line(
	    body, row, _("File"), ROLE_TEXT, FIT_MIDDLE, buf_span(&self->path));
	buf_clear(&text);
	format_size(&text, self->made.octets);
	row = line(body, row, _("Size"), ROLE_TEXT, FIT_END, buf_span(&text));
	crypt_hex(&hex, span_make(self->made.sha256.bytes, SHA256_LEN));
	row = line(body, row, "SHA-256", ROLE_TEXT, FIT_END,
	    span_slice(buf_span(&hex), 0, SHA256_LEN));
	row = line(body, row, "", ROLE_TEXT, FIT_END,
	    span_slice(buf_span(&hex), SHA256_LEN, hex.len));
	buf_done(&text);
	buf_done(&hex);
	return row + 1;
}

static int
draw_passphrase(struct made *self, struct area body, int row)
{
	if (!self->passphrase)
		return row;
	draw_str(body, row, LEFT, ROLE_DIM, _("Passphrase"));
	draw_text(body, row, LEFT + LABEL_CELLS, ROLE_TITLE,
	    span_make(self->passphrase->bytes, self->passphrase->len));
	return draw_wrapped(area_cols(body, 0, -2), row + 1, LEFT, ROLE_WARN,
		   span_of(_("! It is shown this once and kept nowhere. Note "
			     "it, and give it on another way than the "
			     "file."))) +
	       1;
}

static struct span
file_name(const struct made *self)
{
	struct span name = buf_span(&self->path);
	size_t from = name.len;

	while (from > 0 && name.ptr[from - 1] != '/')
		from--;
	return span_slice(name, from, name.len);
}

/* A word for a shell. */
static void
add_quoted(struct buf *out, struct span word)
{
	buf_char(out, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '\'')
			buf_text(out, "'\\''");
		else
			buf_char(out, word.ptr[i]);
	}
	buf_char(out, '\'');
}

static void
draw_command(struct made *self, struct area body, int row)
{
	struct span name = file_name(self);
	struct buf text = BUF_INIT;

	row = draw_wrapped(area_cols(body, 0, -2), row, LEFT, ROLE_TEXT,
	    span_of(self->seal == EXPORT_BY_PASSPHRASE
			? _("Whoever gets it opens it with OpenSSL and the "
			    "passphrase:")
			: _("Whoever gets it opens it with OpenSSL and their "
			    "private key:")));
	draw_str(body, row++, LEFT, ROLE_MD_CODE,
	    "  openssl cms -decrypt -binary -inform DER \\");
	buf_text(&text, "    -in ");
	add_quoted(&text, name);
	buf_text(&text, " -out export.csv \\");
	row = draw_wrapped(body, row, LEFT, ROLE_MD_CODE, buf_span(&text));
	draw_str(body, row, LEFT, ROLE_MD_CODE,
	    self->seal == EXPORT_BY_PASSPHRASE ? "    -pwri_password PASSPHRASE"
					       : "    -inkey KEY.pem");
	buf_done(&text);
}

static void
draw(struct screen *screen, struct area body)
{
	struct made *self = made_of(screen);
	int row = 1;

	draw_str(body, row, LEFT, ROLE_OK,
	    _("✓ Written, readable by you alone; the log holds it as an "
	      "export."));
	row = draw_file(self, body, row + 2);
	row = draw_passphrase(self, body, row);
	if (self->seal == EXPORT_PLAIN)
		draw_wrapped(area_cols(body, 0, -2), row, LEFT, ROLE_WARN,
		    span_of(_("! It is plain text: whoever gets it can read "
			      "it. Delete it when it is no longer needed.")));
	else
		draw_command(self, body, row);
}

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Exported"));
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("x Actions, Exports lists what was exported."));
}

/* ---- Leaving ---------------------------------------------------------------- */

static void
noted(struct screen *owner, int answer, struct span text)
{
	(void)text;
	if (answer != 1)
		return;
	made_of(owner)->is_noted = true;
	app_pop(owner->app, owner);
}

static bool
may_leave(struct screen *screen)
{
	struct made *self = made_of(screen);

	if (!self->passphrase || self->is_noted)
		return true;
	dialog_confirm(screen,
	    &(struct dialog){.title = _("Leave the passphrase"),
		.text = _("It cannot be shown again, and without it nobody "
			  "opens the file. Is it noted?"),
		.done = noted},
	    _("It is noted"));
	return false;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_made(struct screen *screen)
{
	struct made *self = made_of(screen);

	secret_free(&self->passphrase);
	buf_done(&self->path);
	free(self);
}

static const struct screen_ops made_ops = {
    .name = "export-made",
    .section = 2,
    .title = title,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .may_leave = may_leave,
    .close = close_made,
};

void
export_made_open(struct app *app, const struct export_plan *plan,
    const struct export_made *made, struct secret **passphrase)
{
	struct made *self = mem_new(sizeof *self);

	self->base.ops = &made_ops;
	self->made = *made;
	self->seal = plan->order.seal;
	buf_add(&self->path, buf_span(&plan->path));
	self->passphrase = *passphrase;
	*passphrase = NULL;
	app_push(app, &self->base);
}
