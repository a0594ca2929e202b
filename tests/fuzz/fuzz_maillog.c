/* Any bytes as a relay's log: what is told lies in the line it was told by. */
#include <stdint.h>
#include <stdlib.h>

#include "core/report/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

static bool
wants(void *arg, struct span id)
{
	(void)arg;
	return id.len % 3 != 0;
}

static void
found(void *arg, const struct evidence *evidence)
{
	struct span line = *(struct span *)arg;

	expect(evidence->id.len > 0 && evidence->id.len % 3 != 0);
	expect(evidence->line.ptr == line.ptr &&
	       evidence->line.len <= line.len &&
	       evidence->line.len <= EVIDENCE_LINE_MAX);
	expect(!evidence->address.len ||
	       (evidence->address.ptr >= line.ptr &&
		   evidence->address.ptr + evidence->address.len <=
		       line.ptr + line.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make(data, size), line;
	struct evidence_sink sink = {&line, wants, found};
	struct maillog *log = maillog_new(&sink);

	while (rest.len) {
		line = span_cut(&rest, '\n');
		maillog_line(log, line);
	}
	maillog_free(&log);
	return 0;
}
