/* Addresses inside foreign text that was kept, in whatever spelling. */
#ifndef CORE_CONTACTS_TRACES_H
#define CORE_CONTACTS_TRACES_H

#include "core/base/err.h"
#include "core/base/span.h"
#include "core/store/store.h"

/* Told of one address: 0 to go on, 1 when it is the one looked for, -1. */
typedef int traces_told(void *payload, struct span canon, struct err *err);

/* Tells the canonical form of every address in text that the stop list would
 * understand: of any width, in brackets, behind "mailto:", several in a cell.
 * One that can be read in two ways is told in both; what looks like none is
 * passed over.  0 behind the last one, or what told()
 * gave otherwise. */
int traces_walk(
    struct span text, traces_told *told, void *payload, struct err *err);

/* 1 when text names somebody who was erased (suppress_is_erased()): then it
 * must not be kept.  0 when not, -1. */
int traces_of_erased(
    struct store *store, struct db *db, struct span text, struct err *err);

#endif
