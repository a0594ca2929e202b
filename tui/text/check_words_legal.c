/* What the checks say that are about: what the law wants in a message. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct check_words words[] = {
    {"LG-01", N_("the sender's legal name is shown"),
	N_("Fill in the legal name in Setup."), NULL},
    {"LG-02", N_("how to unsubscribe is shown"),
	N_("Fill in the unsubscribe address in Setup."), NULL},
    {"LG-03", N_("the postal address is shown"),
	N_("Fill in the postal address in Setup."), NULL},
    {"LG-04", N_("a contact for questions is shown"),
	N_("Fill in the contact in Setup."), NULL},
    {"LG-05", N_("the sender is registered and takes mail"), NULL, NULL},
    {"LG-06", N_("the footer can be read, the class is plausible"), NULL, NULL},
};

static const struct check_finding findings[] = {
    {"setting_empty", N_("not filled in in Setup")},
};

const struct check_chapter check_legal = {N_("Legal"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
