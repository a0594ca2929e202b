/* What the checks say that are about: what stands in DNS about the sender. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct check_words words[] = {
    {"DN-01", N_("SPF lets our addresses send"), NULL, NULL},
    {"DN-02", N_("SPF for docomo, by the From domain"), NULL, NULL},
    {"DN-02W", N_("SPF stands at the From domain as well"), NULL, NULL},
    {"DN-03", N_("the DKIM record is our key"), NULL, NULL},
    {"DN-03W", N_("the DKIM key is long enough"), NULL, NULL},
    {"DN-04", N_("a signed message verifies through DNS"), NULL, NULL},
    {"DN-05", N_("DMARC: DKIM is aligned"), NULL, NULL},
    {"DN-05W", N_("DMARC: SPF is aligned as well"), NULL, NULL},
    {"DN-06", N_("there is one DMARC record"), NULL, NULL},
    {"DN-06W", N_("DMARC has a policy and reports"), NULL, NULL},
    {"DN-07", N_("the reports' target has agreed to them"), NULL, NULL},
    {"DN-08", N_("our addresses have names that lead back"), NULL, NULL},
    {"DN-08W", N_("the relay's addresses have names"), NULL, NULL},
    {"DN-09", N_("the DKIM key is not too old"), NULL, NULL},
    {"DN-10", N_("MTA-STS, TLSRPT, DANE, DNSSEC, BIMI"), NULL, NULL},
};

const struct check_chapter check_dns = {
    N_("Authentication"), words, sizeof words / sizeof *words, NULL, 0};
