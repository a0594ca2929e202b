/* What the words in a column of states or agreements mean. */
#ifndef CORE_IMPORT_VALUE_H
#define CORE_IMPORT_VALUE_H

#include <stdbool.h>

#include "core/base/span.h"
#include "core/import/column.h"

/* What a cell of such a column means by the words in use, whole words only
 * ("inactive" is not "active"), width and case set aside.  An unknown word
 * means stop: IMPORT_STATE_UNSUBSCRIBED.  Nothing at all means no in a column
 * that says who may be mailed, and says nothing in one that says who is
 * stopped. */
enum import_state value_state(
    enum import_target target, enum import_sense sense, struct span cell);

/* True when the words in use know this one; then a wizard need not ask. */
bool value_is_known(struct span cell);

/* True for a word that in every column means that somebody must not be mailed:
 * "unsubscribed", "bounced", 退会, not a mere no. */
bool value_is_stop(struct span cell);

/* Sets the states of a column's values anew, after its target or its sense has
 * changed. */
void import_values_guess(struct import_column *column);

/* What a cell of the column means: as the operator has it, else by the words
 * in use; a value that was not among those shown, in a column where the
 * operator has changed one, means stop. */
enum import_state column_state(
    const struct import_column *column, struct span cell);

/* The word that a number stands for in a column of codes; empty when it is
 * none of them. */
struct span code_word(enum import_codes codes, struct span cell);

/* The stable word of a state ("subscribed", "bounced" ...); static. */
const char *import_state_name(enum import_state state);

/* The state of that name; IMPORT_STATES for none. */
enum import_state import_state_of(struct span name);

#endif
