/* Sealing the log once a day: nothing is sealed over a fault, and what is
 * sealed is worth most where this computer cannot reach it, so that a copy goes
 * out by mail when somebody wants it. */
#include "core/deliver/log_seal.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/deliver/alert.h"
#include "core/review/review.h"

/* Whoever gets alerts learns that the log does not fit; the first error
 * stays. */
static void
cry(struct store *store, struct world *world, enum err_code why, int cancel_fd)
{
	struct alert alert = {
	    .kind = ALERT_LOG, .at_ms = clock_now_ms(world->clock), .why = why};

	alert_tell(store, world, &alert, 1, cancel_fd, NULL);
}

static bool
is_fault(enum err_code code)
{
	return code == E_AUDIT_CHAIN || code == E_AUDIT_HEAD ||
	       code == E_AUDIT_SEALED || code == E_AUDIT_LINE ||
	       code == E_AUDIT_SEALS;
}

/* True when the address is one of those registered for test mail. */
static int
is_staff(struct db *db, struct span address, bool *is, struct err *err)
{
	struct staff *all = NULL;
	size_t count = 0;
	int rc = staff_all(db, &all, &count, err);

	*is = false;
	for (size_t i = 0; rc == 0 && i < count; i++)
		*is |= span_equal_nocase(span_of(all[i].address), address);
	free(all);
	return rc;
}

/* Where a seal goes. */
struct ways {
	char *path;
	struct buf to; /* empty: no mail */
	bool is_staff; /* to */
};

static int
read_and_check(struct store *store, struct ways *ways, struct err *err)
{
	struct audit_seen seen;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	ways->path = seal_file(store, db, err);
	if (ways->path &&
	    setting_read(db, "audit.seal_to", &ways->to, err) == 0 &&
	    is_staff(db, buf_span(&ways->to), &ways->is_staff, err) == 0)
		rc = audit_check(store, db, ways->path, NULL, &seen, err);
	store_reader_close(&db);
	return rc;
}

static int
post(struct store *store, struct world *world, const struct ways *ways,
    struct span line, int cancel_fd, struct err *err)
{
	if (ways->to.len == 0)
		return 0;
	if (!ways->is_staff)
		return err_set(err, E_ALERT_NOWHERE);
	return alert_tell_seal(
	    store, world, buf_span(&ways->to), line, cancel_fd, err);
}

int
log_seal_daily(struct store *store, struct world *world, int cancel_fd,
    bool *sealed, struct err *err)
{
	struct ways ways = {.path = NULL};
	struct buf line = BUF_INIT;
	struct err why = {.code = E_NONE};
	int rc = read_and_check(store, &ways, &why);

	if (rc < 0 && is_fault(why.code))
		cry(store, world, why.code, cancel_fd);
	if (rc == 0)
		rc = audit_seal(store, ways.path, &line, &why);
	*sealed = rc == 0;
	if (*sealed)
		rc =
		    post(store, world, &ways, buf_span(&line), cancel_fd, &why);
	if (rc < 0 && err)
		*err = why;
	buf_done(&ways.to);
	buf_done(&line);
	free(ways.path);
	return rc;
}

int
log_seal_leaving(struct store *store, struct err *err)
{
	struct db *db = NULL;
	char *path = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	path = seal_file(store, db, err);
	store_reader_close(&db);
	if (path)
		rc = audit_seal(store, path, NULL, err);
	free(path);
	return rc;
}
