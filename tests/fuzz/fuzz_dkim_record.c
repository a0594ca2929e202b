/* Any DKIM key record. */
#include <stdint.h>
#include <stdlib.h>

#include "core/mail/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dkim_key_record record;
	struct err err = {0};
	int rc = dkim_key_record_read(span_make(data, size), &record, &err);

	must(rc == 0 || err.code == E_DKIM_RECORD);
	if (rc == 0) {
		must(record.revoked == (record.p.len == 0));
		must((record.key != NULL) == (record.bits > 0));
		must(dkim_key_record_is(&record, record.p) ==
			 (record.key != NULL && record.type == DKIM_KEY_RSA) ||
		     record.type == DKIM_KEY_ED25519);
	}
	dkim_key_record_done(&record);
	return 0;
}
