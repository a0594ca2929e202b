/* Everything a review depends on besides the recipients: read once, hashed,
 * compared later. */
#ifndef CORE_REVIEW_INPUTS_H
#define CORE_REVIEW_INPUTS_H

#include "core/compose/compose.h"
#include "core/health/health.h"
#include "core/review/review.h"

struct inputs {
	struct campaign campaign;
	struct template *template;
	struct relay_config *relay; /* all that are enabled, by id */
	size_t relays;
	struct digest settings; /* of what messages are made of */
	struct digest segment;  /* of its filter, when it is for a segment */
};

/* Reads and compiles.  End with inputs_done() also after a failure.
 * E_CAMPAIGN_*, errors of template_compile(), E_RELAY_MISSING. */
int inputs_read(struct store *store, struct db *db, struct campaign_id id,
    struct inputs *out, struct err *err);

/* Frees what inputs hold. */
void inputs_done(struct inputs *inputs);

/* Appends the inputs and the root of the proof as lines of text.  While it
 * stays the same, answers stay valid. */
void inputs_text(const struct inputs *inputs, const struct digest *root,
    int64_t recipients, struct buf *out);

/* SHA-256 of inputs_text(). */
void inputs_digest(const struct inputs *inputs, const struct digest *root,
    int64_t recipients, struct digest *out);

/* SHA-256 over the settings that messages are made of (sender, legal,
 * unsubscribe, message, ehlo) or that say what is examined (egress, blocklist,
 * personal, expected). */
int inputs_settings(struct db *db, struct digest *out, struct err *err);

#endif
