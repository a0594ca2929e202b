/* The inside of the audit chain; the public half is in store.h. */
#ifndef CORE_STORE_AUDIT_H
#define CORE_STORE_AUDIT_H

#include "core/store/store.h"

/* The end of a chain: number of entries and the last one's hash (zeros when
 * there are none). */
struct audit_head {
	int64_t seq;
	struct digest hash;
};

/* Reads the last entry's number and hash as they stand in the table. */
int audit_head_read(struct db *db, struct audit_head *out, struct err *err);

/* Checks that entry known->seq still has known->hash and that everything after
 * it fits the chain; *out is then the end.  E_AUDIT_HEAD, E_AUDIT_CHAIN. */
int audit_check_tail(struct store *store, struct db *db,
    const struct audit_head *known, struct audit_head *out, struct err *err);

/* A head that the chain must have had. */
struct audit_mark {
	struct audit_head head;
	int64_t line; /* of the file of head seals; 0: this process knows it */
	char at[24];  /* when the line was written */
};

/* Marks by rising number of entry; mark is the caller's to free(). */
struct audit_marks {
	struct audit_mark *mark;
	size_t count;
};

/* Reads the lines of this store from a file of head seals; one that is not
 * there has none.  E_AUDIT_LINE, E_FILE_*. */
int audit_marks_read(const struct store *store, const char *path,
    struct audit_marks *out, struct err *err);

#endif
