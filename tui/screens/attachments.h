/* What the screen of attachments has others do. */
#ifndef TUI_SCREENS_ATTACHMENTS_H
#define TUI_SCREENS_ATTACHMENTS_H

#include "core/attach/attach.h"
#include "tui/app.h"

enum attach_task_kind {
	ATTACH_LOAD,
	ATTACH_COVER,
	ATTACH_ADD,
	ATTACH_REMOVE,
	ATTACH_WHOSE
};

/* The campaign and its rows; starts from zeros. */
struct attach_state {
	struct campaign campaign;
	struct attach_row *row;
	struct attach_cover *cover; /* per row; NULL: not counted yet */
	size_t count;
	int64_t message_max; /* octets */
};

/* Frees what it holds. */
void attach_state_done(struct attach_state *state);

/* Work for attach_job. */
struct attach_task {
	enum attach_task_kind kind;
	struct store *store;
	struct campaign_id id;
	struct attach_state state; /* LOAD, COVER: what was found */
	enum attach_kind whom;     /* ADD */
	struct buf path;           /* ADD: file or folder; WHOSE: an address */
	struct buf pattern, manifest;
	struct attach_progress progress;
	int64_t row;     /* REMOVE */
	struct buf told; /* WHOSE: in words */
};

/* A task; app_job() takes it with attach_job. */
struct attach_task *attach_task_new(enum attach_task_kind kind);

extern const struct job_ops attach_job;

/* Why a file wants a look, in words; static. */
const char *attach_doubt(const char *why);

#endif
