/* The detector and what follows it: pieces do not change the verdict, a charset
 * that was found from the whole can be decoded to the end, and no text confuses
 * the search for destroyed cells. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/utf8.h"
#include "core/import/destroyed.h"
#include "core/import/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code
detect(struct span in, size_t step, struct encoding *found)
{
	struct detector *detector = detector_new();
	struct err err = {.code = E_NONE};

	/* the first piece decides about marks and NULs: always the same */
	if (detector_feed(detector, span_slice(in, 0, 16))) {
		in = span_slice(in, 16, in.len);
		while (
		    in.len && detector_feed(detector, span_slice(in, 0, step)))
			in = span_slice(in, step, in.len);
	}
	if (detector_finish(detector, DETECTOR_WHOLE, found, &err) < 0 &&
	    err.code == E_NONE)
		abort();
	detector_free(&detector);
	return err.code;
}

static void
look_for_destroyed(struct span text)
{
	while (text.len) {
		struct span cell = span_cut(&text, ',');
		struct err err = {.code = E_NONE};
		enum destroyed kind = destroyed_cell(cell, CELL_TEXT);

		if (kind >= DESTROYED_COUNT ||
		    destroyed_cell(cell, CELL_NAME) >= DESTROYED_COUNT)
			abort();
		destroyed_fail(kind, 1, cell, &err);
	}
}

static void
decode(struct span in, const struct encoding *found, bool must)
{
	struct decoder *decoder = NULL;
	struct buf text = BUF_INIT;
	char before = '\n';
	int rc;

	if (decoder_new(found->charset, &decoder, NULL) < 0)
		abort();
	decoder_allow_cuts(decoder);
	rc = decoder_feed(
	    decoder, span_slice(in, found->mark, in.len), &text, NULL);
	if (rc == 0)
		rc = decoder_finish(decoder, NULL);
	if (rc < 0 && must)
		abort();
	encoding_drop_marks(&text, &before);
	if (!utf8_is_valid(buf_span(&text)))
		abort();
	look_for_destroyed(buf_span(&text));
	decoder_free(&decoder);
	buf_done(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct encoding whole = {0}, pieces = {0};
	enum err_code code = detect(in, size + 1, &whole);
	bool wide;

	if (code != detect(in, 1 + size % 7, &pieces) ||
	    (code == E_NONE &&
		(whole.charset != pieces.charset || whole.mark != pieces.mark)))
		abort();
	if (code != E_NONE)
		return 0;
	/* what its beginning decides has not been read to the end */
	wide = whole.charset == CHARSET_UTF16LE ||
	       whole.charset == CHARSET_UTF16BE;
	decode(in, &whole, whole.mark == 0 && !wide);
	return 0;
}
