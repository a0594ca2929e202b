/* Whether an order may be carried out at all, and who is meant by it, in one
 * snapshot. */
#ifndef CORE_EXPORT_SCOPE_H
#define CORE_EXPORT_SCOPE_H

#include "core/export/export.h"

/* A pinned snapshot and who is meant in it.  Zeroed, ended with
 * scope_done(). */
struct scope {
	struct db *db; /* owned reader, inside a transaction */
	const struct export_order *order;
	struct filter *filter; /* owned; NULL: everybody */
	char list[257], segment[257];
	char address[321]; /* EXPORT_PERSON */
	int64_t people;
};

/* Opens it: permission, policy, the order's own limits, its list, segment,
 * filter, certificate; and counts.  Errors of export_check(). */
int scope_open(struct store *store, const struct export_order *order,
    struct export_watch *watch, struct scope *out, struct err *err);

/* Accepts what is zeroed; may be done twice. */
void scope_done(struct scope *scope);

/* Permission alone: list.export, and that nothing is masked.  E_ROLE. */
int scope_require(struct store *store, struct db *db, struct err *err);

/* What is exported, in a line: "News", "News: Tokyo". */
void scope_what(const struct scope *scope, struct buf *out);

/* People of other exports that a user has made alone within a day. */
int scope_recent(
    struct store *store, struct db *db, int64_t *out, struct err *err);

/* What policy wants for so many. */
enum export_need scope_need(
    const struct export_policy *policy, int64_t people, int64_t recent);

/* The fingerprint of an order's certificate, and appends its subject to out (may
 * be NULL).  E_EXPORT_FIELD. */
int scope_certificate(struct span certificate, int64_t now_ms,
    struct digest *fingerprint, struct buf *out, struct err *err);

#endif
