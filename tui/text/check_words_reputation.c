/* What the checks say that are about: what receivers think of the sender. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct check_words words[] = {
    {"RP-01", N_("our addresses are on no block list"), NULL, NULL},
    {"RP-02", N_("our domains are on no block list"), NULL, NULL},
    {"RP-03", N_("few complaints and bounces lately"), NULL, NULL},
    {"RP-03W", N_("hardly any complaints and bounces lately"), NULL, NULL},
    {"RP-04", N_("no provider refuses us now"), NULL, NULL},
};

const struct check_chapter check_reputation = {
    N_("Reputation"), words, sizeof words / sizeof *words, NULL, 0};
