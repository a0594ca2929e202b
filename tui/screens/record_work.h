/* Reading what the record of a contact shows. */
#ifndef TUI_SCREENS_RECORD_WORK_H
#define TUI_SCREENS_RECORD_WORK_H

#include "core/compose/compose.h"
#include "core/contacts/contacts.h"
#include "tui/app.h"

/* How many of the newest moments stand below the fields. */
enum { RECORD_MOMENTS = 3 };

/* A job's data; what was read may be taken out of it. */
struct record_work {
	struct store *store; /* borrowed */
	struct list_id list;
	struct contact_id contact;
	struct arena *arena;    /* of all of the following */
	bool is_there;          /* still on the list */
	struct contact_row row; /* as it is now */
	struct span tags;       /* with ", " between */
	struct smime_info *certificate;
	size_t certificates;
	struct timeline timeline;
};

extern const struct job_ops record_job;

/* An empty one; the job frees it. */
struct record_work *record_work_new(
    struct store *store, struct list_id list, struct contact_id contact);

/* Frees it; accepts NULL, sets *work to NULL. */
void record_work_free(struct record_work **work);

#endif
