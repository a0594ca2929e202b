/* Any DMARC, TLS reporting or BIMI record. */
#include <stdint.h>
#include <stdlib.h>

#include "core/net/dmarc.h"
#include "core/net/txt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_inside(struct span part, struct span whole)
{
	return !part.len || (part.ptr >= whole.ptr &&
				part.ptr + part.len <= whole.ptr + whole.len);
}

static void
read_dmarc(struct span text)
{
	struct dmarc_record record;
	struct err err = {0};

	if (dmarc_parse(text, &record, &err) < 0) {
		must(err.code == E_DMARC_RECORD);
		return;
	}
	must(dmarc_is_record(text));
	must(!(record.tags & record.bad & ~(unsigned)DMARC_TAG_SIZE));
	must(!record.saved || (record.rua.count && record.p == DMARC_NONE));
	must(record.saved || record.tags & DMARC_TAG_P);
	for (size_t i = 0; i < record.rua.count && i < DMARC_URIS_MAX; i++) {
		must(is_inside(record.rua.uri[i], text));
		must(is_inside(dmarc_uri_domain(record.rua.uri[i]), text));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size);
	struct tlsrpt_record tlsrpt;
	struct bimi_record bimi;

	read_dmarc(text);
	must(tlsrpt_parse(text, &tlsrpt, NULL) < 0 || tlsrpt.count);
	must(bimi_parse(text, &bimi, NULL) < 0 || is_inside(bimi.logo, text));
	dmarc_uri_domain(text);
	return 0;
}
