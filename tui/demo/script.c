/* The demo's campaign as keys: sign in, import, look, send a test,
 * check, answer, seal,
 * launch, watch, read the report and the log, leave. */
#include "tui/demo/script.h"

#include "tui/text/i18n.h"

#define CTRL_N "\016"

static const struct play_step script[] = {
    {.wait = N_("Demo: the password is"),
	.caption = N_("Signing in with PAM"),
	.keys = "sekisho\r"},
    {.wait = N_("Demo: the passphrase is"),
	.caption = N_("The store's passphrase"),
	.keys = "correct horse battery\r"},
    {.wait = N_("Needs you"), .caption = N_("Home"), .keys = "i"},
    {.wait = "contacts.csv", .caption = N_("Import: the file"), .keys = CTRL_N},
    {.wait = "CP932",
	.caption = N_("Import: what the columns are"),
	.keys = CTRL_N},
    {.wait = N_("What the file does"),
	.keys = " \r2026-04-01\rWeb form 2026-04, news wanted"},
    {.wait = "Web form",
	.caption = N_("Import: the basis of consent"),
	.keys = CTRL_N},
    {.wait = N_("This is what storing would do; nothing is stored yet:"),
	.caption = N_("Import: the dry run"),
	.keys = CTRL_N},
    {.wait = N_("Stored:"), .caption = N_("Import: done"), .keys = "l"},
    {.wait = "小林 修", .caption = N_("The contacts"), .keys = "3"},
    {.wait = "Autumn news", .caption = N_("Campaigns"), .keys = "\r"},
    {.wait = N_("Preheader"), .caption = N_("The campaign"), .keys = "v"},
    {.wait = N_("Raw MIME"),
	.caption = N_("Preview: with a real recipient"),
	.keys = "n"},
    {.wait = N_("Raw MIME"), .keys = "5"},
    {.wait = "DKIM-Signature:",
	.caption = N_("Preview: the message as it leaves"),
	.keys = "q"},
    {.wait = N_("Preheader"), .keys = "T"},
    {.wait = N_("No test of this campaign was sent yet."), .keys = " " CTRL_N},
    {.wait = N_("Sent. Open the mail; the checklist asks for the code of each "
		"part."),
	.caption = N_("A test mail to the staff"),
	.keys = "v"},
    {.wait = N_("Note both codes: one at the top of each part."),
	.caption = N_("The test mail as it arrived"),
	.keys = " "},
    {.wait = N_("Note both codes: one at the top of each part."), .keys = " "},
    {.wait = N_("Note both codes: one at the top of each part."), .keys = "q"},
    {.wait = N_("Tests so far"), .keys = "q"},
    {.wait = N_("Preheader"), .keys = CTRL_N},
    {.wait = N_("not run yet"), .keys = "R"},
    {.wait = N_("answer needed"),
	.caption = N_("The checklist"),
	.what = PLAY_CHECKLIST,
	.keys = ""},
    {.wait = N_("+ Everything is done. ^N seals the campaign."),
	.caption = N_("The checklist, answered"),
	.keys = CTRL_N},
    {.wait = N_("Type the number of mails to send:"), .keys = "293"},
    {.wait = N_("+ That is the number. ^N launches."),
	.caption = N_("The last page before the launch"),
	.keys = CTRL_N},
    {.wait = N_("Per s"), .caption = N_("Delivery"), .keys = "\t\t\t"},
    {.wait = N_("Replies as they come"),
	.caption = N_("Delivery: replies"),
	.keys = "\t"},
    {.wait = N_("next retry in %s"),
	.watch_ms = 9000,
	.caption = N_("Delivery: some are asked to come again"),
	.keys = "o"},
    {.wait = N_("in doubt"), .caption = N_("The report"), .keys = "7"},
    {.wait = "run.start", .caption = N_("The audit log"), .keys = "Q"},
    {.wait = N_("Leave Sekisho"), .keys = "y"},
    {.wait = NULL},
};

const struct play_step *
play_script(void)
{
	return script;
}
