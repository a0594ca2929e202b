/* The demo's campaign as keys: sign in, import, look, check, answer, launch,
 * watch, read the report, leave. */
#include "tui/demo/script.h"

#include "tui/text/i18n.h"

static const struct play_step script[] = {
    {.wait = N_("Demo: the password is"),
	.caption = N_("Signing in with PAM"),
	.keys = "sekisho\r"},
    {.wait = N_("Passphrase of the store"),
	.caption = N_("The store's passphrase"),
	.keys = "correct horse battery\r"},
    {.wait = N_("Needs you"), .caption = N_("Home"), .keys = "8"},
    {.wait = N_("Sender and legal"), .caption = N_("Settings"), .keys = "7"},
    {.wait = N_("chain checked"),
	.caption = N_("The audit log"),
	.keys = "Q"},
    {.wait = N_("Leave Sekisho"), .keys = "y"},
    {.wait = NULL},
};

const struct play_step *
play_script(void)
{
	return script;
}
