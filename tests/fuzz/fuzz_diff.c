/* Word diff: whatever two texts hold, the runs give both of them again, runs of
 * one kind do not follow each other, and equal texts have no changes.  The two
 * texts are the halves of the input, cut at its first NUL. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct span from, struct span to)
{
	struct buf old = BUF_INIT, new = BUF_INIT;
	struct diff diff;

	diff_words(from, to, &diff);
	for (size_t i = 0; i < diff.count; i++) {
		if (i > 0 && diff.run[i].kind == diff.run[i - 1].kind)
			abort();
		if (diff.run[i].text.len == 0)
			abort();
		if (diff.run[i].kind != DIFF_NEW)
			buf_add(&old, diff.run[i].text);
		if (diff.run[i].kind != DIFF_GONE)
			buf_add(&new, diff.run[i].text);
	}
	if (!span_equal(buf_span(&old), from) ||
	    !span_equal(buf_span(&new), to) ||
	    span_equal(from, to) != (diff.changes == 0))
		abort();
	diff_done(&diff);
	buf_done(&old);
	buf_done(&new);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span to = span_make(data, size);
	struct span from = span_cut(&to, '\0');

	check(from, to);
	check(to, from);
	return 0;
}
