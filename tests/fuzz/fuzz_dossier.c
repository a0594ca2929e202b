/* Any octets as the dossier that an approver is sent. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/review/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dossier *dossier = NULL;
	struct vetting vetting = {.ticked = 0};
	struct buf text = BUF_INIT;

	if (dossier_read(span_make(data, size), &dossier, NULL) == 0) {
		/* what is signed has one line for each fact */
		statement_write(&dossier->subject, &text);
		for (size_t i = 0; i < text.len; i++) {
			unsigned char c = (unsigned char)text.ptr[i];

			if ((c < 0x20 && c != '\n') || c == 0x7f)
				abort();
		}
		if (text.len > STATEMENT_MAX * 8 ||
		    !vetting_missing(&vetting, dossier))
			abort();
	}
	dossier_free(&dossier);
	buf_done(&text);
	return 0;
}
