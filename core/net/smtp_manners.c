/* A relay is suspected only by what it did on a connection that never had a
 * success, and believed again by the first one: an overload or a restart must
 * not cost a day of speed. */
#include "core/net/smtp_manners.h"

enum smtp_pipelining
smtp_manners(const struct smtp_manners *manners, int64_t now_ms)
{
	return now_ms < manners->until_ms ? manners->use
					  : SMTP_PIPELINE_OFFERED;
}

void
smtp_manners_learn(struct smtp_manners *manners, const struct smtp *smtp,
    int64_t dialled_ms, int64_t now_ms)
{
	enum smtp_suspect what = smtp_suspects(smtp);

	if (smtp_is_proven(smtp))
		manners->strikes = 0;
	if (what == SMTP_SUSPECT_NOTHING ||
	    (manners->strikes && dialled_ms < manners->struck_ms))
		return;
	manners->struck_ms = now_ms;
	if (++manners->strikes < SMTP_STRIKES)
		return;
	manners->strikes = 0;
	manners->use = what == SMTP_SUSPECT_CHUNKING ? SMTP_PIPELINE_DATA
						     : SMTP_PIPELINE_NEVER;
	manners->until_ms = now_ms + (int64_t)SMTP_PLAIN_HOURS * 3600 * 1000;
}
