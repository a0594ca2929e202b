/* An object (JSON, RFC 8259) inside a cell, taken apart into fields. */
#ifndef CORE_IMPORT_EXPLODE_H
#define CORE_IMPORT_EXPLODE_H

#include "core/base/err.h"
#include "core/base/mem.h"

enum { EXPLODE_MAX = 256, EXPLODE_NAME_MAX = 63 };

/* A member that is no object itself; NUL-terminated texts in the arena. */
struct exploded {
	struct span path;  /* as written, nesting with dots: "shop.city" */
	struct span field; /* a merge field name of it: "shop_city"; of a
			    * reserved name "name_2" */
	struct span value; /* a string as it reads, an array as JSON, null as
			    * nothing, all else as written */
};

struct explosion {
	size_t count;
	struct exploded *member; /* in the arena, in the order of the text */
};

/* Takes the object in cell apart; an empty cell has no members.  out lives as
 * long as the arena.  Fails with E_ROW_JSON (column: the path, why: syntax,
 * members above EXPLODE_MAX, name that is empty, unfit or above
 * EXPLODE_NAME_MAX octets, twice for two members with one field name), or for
 * a value that no field may hold E_ROW_CONTROL, E_ROW_CHARACTER (column); the
 * line is the caller's to add. */
int explode(struct span cell, struct arena *arena, struct explosion *out,
    struct err *err);

#endif
