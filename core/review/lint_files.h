/* The files of messages, read back and held against whose they are. */
#ifndef CORE_REVIEW_LINT_FILES_H
#define CORE_REVIEW_LINT_FILES_H

#include "core/attach/attach.h"
#include "core/compose/compose.h"
#include "core/review/checklist.h"

struct review;
struct inputs;
struct personal;

/* What one worker needs; NULL where a campaign has no files. */
struct lint_files;

/* Tools for a campaign, with a reader of their own.  personal (borrowed; NULL:
 * nothing is looked for) is ready to be searched.  The caller frees *out. */
int lint_files_new(struct store *store, struct campaign_id campaign,
    const struct personal *personal, struct lint_files **out, struct err *err);

/* Frees them; accepts NULL, sets *files to NULL. */
void lint_files_free(struct lint_files **files);

/* Reads the parts of a message again and hashes what they hold: a recipient's
 * own file must be the one that the rule gives for this recipient, and there
 * must be no other (CM-10).  Files of text (UTF-8, CP932) must not show what
 * belongs to somebody else (CM-03); those of one recipient that are no text
 * are counted in tally->closed_files.  Files for all are looked at once per
 * worker. */
void lint_files(struct lint_files *files, const struct recipient *recipient,
    const struct message *message, struct tally *tally);

#endif
