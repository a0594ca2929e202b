/* What a relay turned out to understand: two connections in a row that make
 * pipelining or CHUNKING suspicious, and it is done without for a day.  Plain
 * data, zero-initialised, one per relay; steady milliseconds. */
#ifndef CORE_NET_SMTP_MANNERS_H
#define CORE_NET_SMTP_MANNERS_H

#include "core/net/smtp.h"

enum { SMTP_STRIKES = 2, SMTP_PLAIN_HOURS = 24 };

struct smtp_manners {
	enum smtp_pipelining use; /* until until_ms */
	int strikes;
	int64_t struck_ms, until_ms;
};

/* How the next connection is to be used. */
enum smtp_pipelining smtp_manners(
    const struct smtp_manners *manners, int64_t now_ms);

/* What a closed connection teaches.  Connections that were dialled before the
 * last strike teach nothing new. */
void smtp_manners_learn(struct smtp_manners *manners, const struct smtp *smtp,
    int64_t dialled_ms, int64_t now_ms);

#endif
