/* What is signed about a request, and what stands in the file's first row. */
#ifndef CORE_EXPORT_TEXT_H
#define CORE_EXPORT_TEXT_H

#include "core/export/scope.h"

/* What is known of a request beside its order; borrowed. */
struct request_facts {
	int64_t id, people;
	struct span asked_by;
	int64_t asked_uid, asked_ms;
};

/* Appends the subject (request.h): the same facts, the same octets.  Reads the
 * columns of the list.  Errors of columns_new(), scope_certificate(). */
int text_subject(struct store *store, const struct scope *scope,
    const struct request_facts *facts, struct buf *out, struct err *err);

/* Appends how an order is written and for whom: "passphrase", "certificate 3f..",
 * "none". */
int text_seal(const struct export_order *order, int64_t now_ms, struct buf *out,
    struct err *err);

/* Stable words. */
const char *text_scope(enum export_scope scope);
const char *text_charset(enum export_charset charset);

#endif
