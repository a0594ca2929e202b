/* The work behind the screen of a list: reading whom it shows, and what is done
 * with one person. */
#ifndef TUI_SCREENS_CONTACTS_TASK_H
#define TUI_SCREENS_CONTACTS_TASK_H

#include "core/contacts/contacts.h"
#include "tui/app.h"

/* People in the order in which they are shown. */
struct ids {
	struct contact_id *id;     /* owned */
	struct contact_id *rising; /* owned; NULL: id rises itself */
	size_t count;
};

enum contacts_task_kind {
	TASK_NAME,
	TASK_SEARCH,
	TASK_ROSTER,
	TASK_FIELDS,
	TASK_VIEW,
	TASK_SAVE,
	TASK_STOP,
	TASK_ALLOW,
	TASK_DELETE,
	TASK_LEAVE
};

struct contacts_task {
	enum contacts_task_kind kind;
	struct store *store;
	struct list_id list;
	struct list_info info; /* TASK_NAME */
	char
	    *text; /* owned; TASK_SEARCH, TASK_SAVE: filter; else the address */
	char *reason;          /* owned; TASK_SAVE: the name */
	struct contact_id who; /* TASK_DELETE, TASK_LEAVE */
	int64_t generation;
	struct ids found;
	struct ids first; /* the screen's once it has been woken */
	atomic_llong so_far;
	atomic_bool sorting;
	struct list_view view; /* TASK_SEARCH: the order; TASK_VIEW; owned */
	char **name;           /* TASK_FIELDS: owned */
	size_t names;
	struct roster *roster; /* held, may be NULL; TASK_ROSTER: the result */
};

/* job_ops of a task: the job's data is one. */
int contacts_task_run(struct job *job, void *data, struct err *err);
void contacts_task_free(void *data);

#endif
