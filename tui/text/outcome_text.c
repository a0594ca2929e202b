/* Classes of replies in a few words, for tables and lists to choose from. */
#include "tui/text/outcome_text.h"

#include "tui/text/i18n.h"

static const char *const words[OUTCOME_CLASSES] = {
    [OUTCOME_H1] = N_("unknown address"),
    [OUTCOME_H2] = N_("domain takes no mail"),
    [OUTCOME_H3] = N_("mailbox closed"),
    [OUTCOME_H4] = N_("refused by the recipient's settings"),
    [OUTCOME_S1] = N_("mailbox full"),
    [OUTCOME_S2] = N_("asks for a second try"),
    [OUTCOME_S3] = N_("too fast"),
    [OUTCOME_S3_RELAY] = N_("too fast"),
    [OUTCOME_S4] = N_("out of order for now"),
    [OUTCOME_P1] = N_("our reputation"),
    [OUTCOME_P2] = N_("our text"),
    [OUTCOME_P3] = N_("SPF, DKIM, DMARC, host name"),
    [OUTCOME_P3_SOFT] = N_("SPF, DKIM, DMARC, host name"),
    [OUTCOME_A1] = N_("our login at the relay"),
    [OUTCOME_A2] = N_("our quota at the relay"),
    [OUTCOME_A3] = N_("the relay does not allow it"),
    [OUTCOME_F1] = N_("our format"),
    [OUTCOME_F2] = N_("message too big"),
    [OUTCOME_T] = N_("no encryption to be had"),
    [OUTCOME_X] = N_("out of time or tries"),
    [OUTCOME_U] = N_("not known yet"),
};

const char *outcome_text(enum outcome_class class)
{
	if ((unsigned)class >= OUTCOME_CLASSES || !words[class])
		return "";
	return _(words[class]);
}
