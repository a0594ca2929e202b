/* Asked once per message, so it is one statement, and memory holds nothing.  It
 * goes by the number and by the address: an address that somebody else has now
 * is not the one that was checked. */
#include "core/contacts/standing.h"

#include <assert.h>

int
standing_read(struct db *db, struct list_id list, struct contact_id contact,
    struct span canon, enum standing *out, struct err *err)
{
	/* members come in the order of messages, so their pages are at hand;
	 * the list is looked for only when its member is not there */
	static const char sql[] =
	    "SELECT CASE WHEN EXISTS (SELECT 1 FROM member WHERE list = ?1"
	    " AND contact = ?2) THEN 0 WHEN EXISTS (SELECT 1 FROM list"
	    " WHERE id = ?1) THEN 1 ELSE 3 END FROM contact WHERE id = ?2"
	    " AND canon = ?3";
	struct stmt *stmt = db_stmt(db, sql, err);
	int got;

	static_assert(
	    STANDING_MEMBER == 0 && STANDING_LEFT == 1 && STANDING_NO_LIST == 3,
	    "the numbers above");
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, contact.v);
	stmt_text_kept(stmt, 3, canon);
	got = stmt_step(stmt, err);
	*out = got == 1 ? (enum standing)stmt_col_int(stmt, 0) : STANDING_GONE;
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}
