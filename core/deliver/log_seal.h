/* The daily seal of the audit log: the chain is checked, its end is sealed into
 * the file that the settings name, and sent to a staff address when one is set.
 * Part of deliver.h, because the mail goes the way of alerts. */
#ifndef CORE_DELIVER_LOG_SEAL_H
#define CORE_DELIVER_LOG_SEAL_H

#include "core/base/err.h"
#include "core/base/world.h"
#include "core/store/store.h"

enum { LOG_SEAL_DAY_MS = 24 * 60 * 60 * 1000 };

/* Checks the chain against all seals, then seals its end; reads the whole log
 * and may wait for a relay: for a worker.  A log with a fault is not sealed:
 * whoever gets alerts is told, and the fault is the error.  After a seal whose
 * mail did not go out *sealed is true and the mail's error is returned.  Errors
 * of audit_check(), audit_seal(), alert_tell(); E_ALERT_NOWHERE when the address
 * is not one of the staff or no relay is set. */
int log_seal_daily(struct store *store, struct world *world, int cancel_fd,
    bool *sealed, struct err *err);

/* Seals the end without checking: for leaving, after a chain that was whole. */
int log_seal_leaving(struct store *store, struct err *err);

#endif
