/* The one mail that leaves without a clearance: an alert. */
#ifndef CORE_DELIVER_ALERT_MAIL_H
#define CORE_DELIVER_ALERT_MAIL_H

#include "core/deliver/alert.h"
#include "core/health/health.h"

/* Sends facts (ASCII lines of ours, at most ALERT_MAIL_MAX octets) under a
 * subject that names kind to the addresses of ways through relay.  Blocks up to
 * ALERT_LIMIT_MS or until cancel_fd (-1: none) is readable.  E_ALERT_FACTS,
 * E_SMTP_REPLY, errors of the dialler, the machine and the token helper. */
enum { ALERT_MAIL_MAX = 8 * 1024 };
int alert_mail(const struct alert_ways *ways, const struct relay_config *relay,
    struct world *world, enum alert_kind kind, struct span facts, int cancel_fd,
    struct err *err);

#endif
