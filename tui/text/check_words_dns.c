/* What the checks say that are about: what stands in DNS about the sender. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

#define LOOK                                                                   \
	N_("Setup > Domain health shows what is there and the record to be "   \
	   "published. What cannot be evaluated, find out yourself.")

static const struct check_words words[] = {
    {"DN-01", N_("SPF lets our addresses send"), LOOK, NULL},
    {"DN-02", N_("SPF for docomo, by the From domain"), LOOK, NULL},
    {"DN-02W", N_("SPF stands at the From domain as well"), LOOK, NULL},
    {"DN-03", N_("the DKIM record is our key"), LOOK, NULL},
    {"DN-03W", N_("the DKIM key is long enough"), LOOK, NULL},
    {"DN-04", N_("a signed message verifies through DNS"), LOOK, NULL},
    {"DN-05", N_("DMARC: DKIM is aligned"), LOOK, NULL},
    {"DN-05W", N_("DMARC: SPF is aligned as well"), LOOK, NULL},
    {"DN-06", N_("there is one DMARC record"), LOOK, NULL},
    {"DN-06W", N_("DMARC has a policy and reports"), LOOK, NULL},
    {"DN-07", N_("the reports' target has agreed to them"), LOOK, NULL},
    {"DN-08", N_("our addresses have names that lead back"), LOOK, NULL},
    {"DN-08W", N_("the relay's addresses have names"), LOOK, NULL},
    {"DN-09", N_("the DKIM key is not too old"), LOOK, NULL},
    {"DN-10", N_("MTA-STS, TLSRPT, DANE, DNSSEC, BIMI"), LOOK, NULL},
};

/* Of other chapters as well; those of the doctor have words of their own. */
static const struct check_finding findings[] = {
    {"shortener", N_("a link goes through a shortener")},
    {"no_mail", N_("too many are at domains that take no mail")},
    {"no_answer", N_("DNS did not answer about domains of recipients")},
    {"hop_stuck", N_("what it demands of TLS cannot be met; its mail would "
		     "wait")},
    {"hop_unknown", N_("behind the relay nobody can see whether mail is "
		       "protected")},
};

const struct check_chapter check_dns = {N_("Authentication"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
