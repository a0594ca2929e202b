/* CSV by RFC 4180: commas, CRLF, quotes where they are needed, the same number
 * of cells in every row. */
#include "core/export/sheet.h"

#include <stdlib.h>

#include "core/base/cell.h"
#include "core/base/encoder.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct sheet {
	struct pipe *out; /* borrowed */
	struct encoder *encoder;
	char **header;
	size_t columns;
	struct export_loss *loss; /* of each column */
	int64_t lost, row;        /* row: the one under way, from 1 */
	size_t at;                /* its cells so far */
	struct buf cell, line, what;
};

int
sheet_new(enum export_charset charset, struct pipe *out, struct sheet **sheet,
    struct err *err)
{
	struct sheet *self = mem_new(sizeof *self);

	self->out = out;
	self->row = 1;
	if (encoder_new(charset == EXPORT_CP932 ? CHARSET_CP932 : CHARSET_UTF8,
		&self->encoder, err) < 0) {
		sheet_free(&self);
		return -1;
	}
	if (charset == EXPORT_UTF8)
		buf_text(&self->line, "\xef\xbb\xbf");
	*sheet = self;
	return 0;
}

void
sheet_column(struct sheet *sheet, struct span header)
{
	struct export_loss *loss;

	sheet->header =
	    mem_more(sheet->header, sheet->columns, sizeof *sheet->header);
	sheet->loss = mem_more(sheet->loss, sheet->columns, sizeof *loss);
	loss = &sheet->loss[sheet->columns];
	*loss = (struct export_loss){.cells = 0};
	text_cut(loss->column, sizeof loss->column, header);
	sheet->header[sheet->columns++] = mem_text(header);
}

size_t
sheet_columns(const struct sheet *sheet)
{
	return sheet->columns;
}

struct span
sheet_header(const struct sheet *sheet, size_t column)
{
	return span_of(sheet->header[column]);
}

static void
note_loss(struct sheet *sheet)
{
	struct export_loss *loss = &sheet->loss[sheet->at];
	int i = loss->rows;

	sheet->lost++;
	loss->cells++;
	if (i == EXPORT_LOSS_ROWS)
		return;
	loss->row[i] = sheet->row;
	text_cut(loss->what[i], sizeof loss->what[i], buf_span(&sheet->what));
	loss->rows++;
}

/* How many characters it has lost. */
static size_t
put(struct sheet *sheet, struct span text)
{
	if (sheet->at)
		buf_char(&sheet->line, ',');
	buf_clear(&sheet->cell);
	buf_clear(&sheet->what);
	cell_put(&sheet->cell, ',', text);
	return encoder_put_lossy(
	    sheet->encoder, buf_span(&sheet->cell), &sheet->line, &sheet->what);
}

void
sheet_cell(struct sheet *sheet, struct span text)
{
	if (put(sheet, text) > 0)
		note_loss(sheet);
	sheet->at++;
}

int
sheet_row(struct sheet *sheet, struct span mark, struct err *err)
{
	int rc = 0;

	while (sheet->at + 1 < sheet->columns)
		sheet_cell(sheet, SPAN(""));
	sheet_cell(sheet, mark);
	buf_text(&sheet->line, "\r\n");
	if (sheet->out)
		rc = pipe_put(sheet->out, buf_span(&sheet->line), err);
	buf_clear(&sheet->line);
	sheet->at = 0;
	sheet->row++;
	return rc;
}

int
sheet_remark(
    struct sheet *sheet, struct span text, struct span mark, struct err *err)
{
	put(sheet, text);
	sheet->at++;
	return sheet_row(sheet, mark, err);
}

int
sheet_headers(struct sheet *sheet, struct err *err)
{
	for (size_t i = 0; i + 1 < sheet->columns; i++)
		sheet_cell(sheet, span_of(sheet->header[i]));
	return sheet_row(
	    sheet, span_of(sheet->header[sheet->columns - 1]), err);
}

int64_t
sheet_lost(const struct sheet *sheet)
{
	return sheet->lost;
}

struct export_loss *
sheet_losses(const struct sheet *sheet, size_t *count)
{
	struct export_loss *out = mem_array(sheet->columns + 1, sizeof *out);

	*count = 0;
	for (size_t i = 0; i < sheet->columns; i++) {
		if (sheet->loss[i].cells)
			out[(*count)++] = sheet->loss[i];
	}
	return out;
}

void
sheet_free(struct sheet **sheet)
{
	struct sheet *self = *sheet;

	if (!self)
		return;
	for (size_t i = 0; i < self->columns; i++)
		free(self->header[i]);
	free(self->header);
	free(self->loss);
	encoder_free(&self->encoder);
	buf_wipe(&self->cell);
	buf_wipe(&self->line);
	buf_done(&self->cell);
	buf_done(&self->line);
	buf_done(&self->what);
	free(self);
	*sheet = NULL;
}
