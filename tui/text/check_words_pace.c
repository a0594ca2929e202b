/* What the checks say that are about: volume, duration and stops. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct check_words words[] = {
    {"PC-01", N_("the volume grows slowly"), NULL, NULL},
    {"PC-02", N_("the relay's quota is enough"), NULL, NULL},
    {"PC-03", N_("it ends in time, and outside quiet hours"), NULL, NULL},
    {"PC-04", N_("nobody gets too much mail"), NULL, NULL},
    {"PC-05", N_("the stops are armed"), NULL, NULL},
};

const struct check_chapter check_pace = {
    N_("Pace"), words, sizeof words / sizeof *words, NULL, 0};
