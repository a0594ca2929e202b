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
    {"LG-05", N_("the sender is registered and takes mail"),
	N_("Answers and complaints must reach you. A mailbox that is refused: "
	   "mend it, or name another one. One that could not be asked from "
	   "here: send it a message, see it arrive, and say so. An unknown "
	   "domain must be set up first."),
	NULL},
    {"LG-06", N_("the footer can be read, the kind is plausible"),
	N_("The footer must be as readable as the text; a mail that advertises "
	   "is an advertisement; people in the EU need a link to the privacy "
	   "notice. Correct it, or say why it is right so."),
	NULL},
};

static const struct check_finding findings[] = {
    {"setting_empty", N_("not filled in in Setup")},
    {"notice_plain",
	N_("nothing near the link says what it is for, in the plain part")},
    {"notice_html",
	N_("nothing near the link says what it is for, in the HTML part")},
    {"from_other", N_("no domain of ours")},
    {"return_path_other", N_("bounces go to a domain that is not ours")},
    {"mailbox_refused", N_("its own server takes no mail for it")},
    {"mailbox_unknown", N_("its own server could not be asked")},
    {"footer_hidden", N_("the footer is hidden")},
    {"footer_small", N_("the footer is smaller than 10 pixels")},
    {"footer_pale", N_("the footer is too pale")},
    {"like_ad", N_("reads like an advertisement")},
    {"privacy", N_("no link to a privacy notice for")},
};

const struct check_chapter check_legal = {N_("Legal"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
