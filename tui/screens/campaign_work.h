/* The jobs of a campaign's head: each works on a copy of the record. */
#ifndef TUI_SCREENS_CAMPAIGN_WORK_H
#define TUI_SCREENS_CAMPAIGN_WORK_H

#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/contacts/contacts.h"
#include "tui/app.h"
#include "tui/mailthemes.h"
#include "tui/screens/campaign_summary.h"

enum head_deed {
	HEAD_LOAD, /* reads all that the head shows */
	HEAD_SAVE,
	HEAD_DROP, /* forgets unsaved text */
};

/* The mail themes there are. */
struct themes {
	struct mailtheme_entry *entry;
	size_t count;
};

/* A job's data; what was found may be taken out of it. */
struct head_task {
	enum head_deed kind;
	struct store *store;
	struct campaign campaign;
	struct list_info *lists;
	size_t list_count;
	const struct theme_places *places;
	struct themes themes;
	char take[THEME_NAME_MAX + 1];
	struct arena *arena; /* of identities */
	struct smime_info *identity;
	size_t identity_count;
	struct summary summary;
};

/* Runs and frees a struct head_task. */
extern const struct job_ops head_job;

#endif
