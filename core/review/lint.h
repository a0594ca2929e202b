/* What is checked on every single message of the proof. */
#ifndef CORE_REVIEW_LINT_H
#define CORE_REVIEW_LINT_H

#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/review/checklist.h"

/* What all messages of a campaign must show; read once, shared by workers. */
struct lint_rules {
	enum campaign_class class;
	enum campaign_charset charset;
	struct buf from_address;
	struct buf legal_name, legal_postal, legal_contact; /* without blanks */
	struct buf base_url;
	struct personal *personal; /* NULL: nobody's values are looked for */
};

/* Reads the rules from campaign and settings.  Ended with
 * lint_rules_done(). */
int lint_rules_read(struct db *db, const struct campaign *campaign,
    struct lint_rules *out, struct err *err);

/* Frees what the rules hold. */
void lint_rules_done(struct lint_rules *rules);

/* Working memory of one worker; caller's storage, zero-initialised except
 * arena, ended with lint_tools_done(). */
struct lint_tools {
	struct arena *arena;
	struct buf plain, html, first, second;
	struct personal_tools personal;
};

/* Frees the working memory. */
void lint_tools_done(struct lint_tools *tools);

/* Checks one assembled message: CM-01 to 04, 07, 08, LG-01 to 04 (class ad),
 * HD-01 02 05 06, and notes its size. */
void lint_message(const struct lint_rules *rules,
    const struct recipient *recipient, const struct message *message,
    struct lint_tools *tools, struct tally *tally);

/* Checks the source of a campaign for draft markers (CM-05) and risky
 * characters (CM-07W). */
void lint_source(const struct campaign *campaign, struct tally *tally);

#endif
