/* What the checks say that are about: links and tracking. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct check_words words[] = {
    {"LK-01", N_("links are what they look like"), NULL, NULL},
    {"LK-02", N_("links lead to public hosts"), NULL, NULL},
    {"LK-02W", N_("links lead to hosts of ours"), NULL, NULL},
    {"LK-03", N_("every link answers"), NULL, NULL},
    {"LK-04", N_("no link is on a block list"), NULL, NULL},
    {"LK-04W", N_("no link goes through a shortener"), NULL, NULL},
    {"LK-05", N_("unsubscribing works, and not by itself"), NULL, NULL},
    {"LK-06", N_("nobody is tracked without consent"), NULL, NULL},
};

const struct check_chapter check_links = {
    N_("Links"), words, sizeof words / sizeof *words, NULL, 0};
