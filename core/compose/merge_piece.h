/* The inside of a merge text, as those who write and fill it see it. */
#ifndef CORE_COMPOSE_MERGE_PIECE_H
#define CORE_COMPOSE_MERGE_PIECE_H

#include "core/compose/merge.h"

/* Instead of a mark: what opens and closes a shell (merge_text_open_shell). */
enum { MERGE_SHELL = 0xfffffffd };

/* A mark in a text. */
struct merge_piece {
	size_t at; /* octets of the literal before it */
	unsigned mark;
	unsigned short kind;    /* enum merge_kind */
	unsigned short context; /* enum merge_context */
	unsigned partner; /* of a section the piece that closes it (while it is
			   * open: the section around it, + 1); of what closes
			   * it the mark that opened it */
	unsigned shell;   /* octets before it, or behind what closes it, that
			    * go when nothing is between */
};

#endif
