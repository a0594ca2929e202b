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

/* An audience that can be chosen: a list, or a segment of it. */
struct audience_choice {
	int64_t list, segment; /* segment 0: the whole list */
	char name[520];        /* of a segment behind that of its list */
	enum circle color;
	int64_t contacts; /* of a list */
	int64_t sendable; /* of these; -1: not counted */
};

/* A job's data; what was found may be taken out of it. */
struct head_task {
	enum head_deed kind;
	struct store *store;
	struct campaign campaign;
	struct audience_choice *lists; /* and their segments behind each */
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
