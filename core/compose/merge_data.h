/* The values of one recipient, as those see them who check and fill. */
#ifndef CORE_COMPOSE_MERGE_DATA_H
#define CORE_COMPOSE_MERGE_DATA_H

#include "core/base/json.h"
#include "core/compose/merge.h"

enum { MERGE_NO_NODE = 0xffffffff, MERGE_NO_PART = 0xffffffff };

/* A value and what is in it: its members or elements follow it. */
struct merge_node {
	enum json_type type;
	unsigned part;    /* of its name; MERGE_NO_PART in a list */
	unsigned end;     /* the node behind all that is in it */
	struct span text; /* what can be shown; ptr NULL: nothing */
};

/* What stands for a use. */
struct merge_value {
	struct span text;
	struct buf room;
	bool blank;
	uint64_t turn; /* for which recipient it was found */
};

/* A value escaped for a context. */
struct merge_slot {
	struct buf escaped;
	uint64_t turn;
};

struct merge_data {
	const struct merge_set *set;
	struct merge_node *node; /* first the fixed ones */
	size_t count, room;
	unsigned root;
	unsigned *member;                /* of the root, by part */
	struct buf plain;                /* texts that had to be changed */
	unsigned frame[MERGE_DEPTH_MAX]; /* open sections: their values */
	unsigned depth;
	unsigned objects;          /* frames that have members */
	struct merge_value *value; /* by use */
	struct merge_slot *slot;   /* by use, then context */
	struct merge_value item;   /* in a list */
	uint64_t turn;             /* counts recipients */
};

/* What a section runs over: nothing, a value once, or the elements of a
 * list. */
struct merge_run {
	unsigned node, end; /* node == end: nothing */
	bool list;
};

/* Finds out what a section with this field runs over now. */
struct merge_run merge_run(struct merge_data *data, unsigned field);

/* The node behind one of a run; run.end is reached at last. */
unsigned merge_run_next(
    const struct merge_data *data, const struct merge_run *run, unsigned node);

/* Opens a section over a value; closes it. */
void merge_enter(struct merge_data *data, unsigned node);
void merge_leave(struct merge_data *data);

/* Finds and formats what stands for the use of a mark now: in the cache, or in
 * data->item, where it stays until the next call.  NULL with E_MERGE_VALUE or
 * E_MERGE_BYTES. */
const struct merge_value *merge_evaluate(
    struct merge_data *data, const struct merge_mark *mark, struct err *err);

#endif
