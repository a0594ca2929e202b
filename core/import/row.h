/* From a row of a file to a person, or to the reason why not. */
#ifndef CORE_IMPORT_ROW_H
#define CORE_IMPORT_ROW_H

#include "core/import/csv.h"
#include "core/import/explode.h"
#include "core/import/import.h"
#include "core/mail/address.h"

/* The columns in the form that rows are read with. */
struct mapping {
	const struct import_column *column; /* borrowed */
	size_t count;
	size_t wanted; /* columns but for empty ones at the end */
	size_t address;
	const struct import_accept *accept; /* borrowed; NULL: no repairs */
	bool names;                         /* some column holds names */
	bool fields;                        /* some column holds a field */
	bool says;                          /* some column is for says_read() */
	size_t name_count;
	uint16_t name[IMPORT_COLUMNS_MAX]; /* in the order they are joined */
	/* Places in name of "First Name" and of "Last Name" behind it; a row
	 * in kanji or kana has them the other way round.  Equal: none. */
	size_t first, last;
};

/* Checks the targets: E_IMPORT_NO_ADDRESS, E_IMPORT_MAPPING (column, why:
 * address_twice, field_empty, field_character, field_reserved, field_twice). */
int mapping_init(struct mapping *out, const struct import_column *column,
    size_t count, struct err *err);

/* Adds the fact "column": the header of column at, or its number from 1 when it
 * has none; -1. */
int mapping_column_fact(
    const struct mapping *mapping, size_t at, struct err *err);

/* What a row says of how somebody has agreed; times are 0 and spans empty where
 * it says nothing. */
struct csv_evidence {
	int64_t at_ms;
	int64_t confirmed_ms;
	struct span ip; /* as inet_ntop() writes it */
	struct span how;
	struct span paper;
};

/* What a row says; spans live in the arena or as long as the row. */
struct csv_person {
	struct address address;
	struct span cell; /* that the address was read from */
	/* What the cell would be when it holds no address; of a person that was
	 * read all the same, how it was repaired. */
	struct import_offer offer;
	struct span name;
	enum import_state state; /* of this row alone */
	int64_t stopped_ms;      /* since when it is stopped; 0 = not said */
	struct csv_evidence evidence;
	const struct span *tag; /* each once, without blanks around it */
	size_t tags;
	const struct exploded *member; /* that become fields */
	size_t members;
	struct span fields; /* what person_fields() makes for somebody new;
			       * empty: not made */
	const struct csv_row *row; /* borrowed */
};

/* Reads a row: 1, 0 when it is empty, -1 with the reason: E_ROW_* or
 * E_ADDRESS_*, for a fault of the address with out->cell and out->offer.  The
 * address is repaired as far as mapping->accept allows, and only then. */
int row_person(const struct mapping *mapping, const struct csv_row *row,
    struct arena *arena, struct csv_person *out, struct err *err);

/* Sets code with the line of a row and the column; -1. */
int row_fault(const struct mapping *mapping, const struct csv_row *row,
    size_t at, enum err_code code, struct err *err);

/* Whether a cell may be kept as text: E_ROW_CONTROL, E_ROW_CHARACTER.  Line
 * breaks may stand in a field. */
int row_check_text(const struct mapping *mapping, const struct csv_row *row,
    size_t at, struct err *err);

/* Writes to out (cleared first) the fields object of old (may be empty) with
 * the row's fields laid over it: what is not in the file stays, and a column
 * comes before a member of an object of the same name. E_BUG when old
 * is no object. */
int person_fields(const struct mapping *mapping,
    const struct csv_person *person, struct span old, struct buf *out,
    struct err *err);

#endif
