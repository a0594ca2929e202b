/* The inside of a merge text, as those who write and fill it see it. */
#ifndef CORE_COMPOSE_MERGE_PIECE_H
#define CORE_COMPOSE_MERGE_PIECE_H

#include "core/compose/merge.h"

/* A mark in a text. */
struct merge_piece {
	size_t at; /* octets of the literal before it */
	unsigned mark;
	unsigned short kind;    /* enum merge_kind */
	unsigned short context; /* enum merge_context */
	unsigned partner; /* of a section the piece that closes it (while it is
			   * open: the section around it, + 1); of what closes
			   * it the mark that opened it */
};

#endif
