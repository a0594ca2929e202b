/* What the checks say that are about: links and tracking. */
#include "tui/text/check_words.h"

#include "tui/text/format.h"
#include "tui/text/i18n.h"

static const struct check_words words[] = {
    {"LK-01", N_("links are what they look like"),
	N_("Only https, mailto and tel; a host with a name, without numbers, "
	   "user names or mixed alphabets; and where the text shows an "
	   "address, the link must lead there."),
	NULL},
    {"LK-02", N_("links lead to public hosts"),
	N_("A link leads to nothing, to a test server or to a network that "
	   "recipients cannot reach. Correct it in the text."),
	NULL},
    {"LK-02W", N_("links lead to hosts of ours"),
	N_("A link leads to a host that is not on the list of ours (Setup, "
	   "links.hosts). Each such host is ticked among the statements "
	   "(PP-06); say here why they are right, or add them in Setup."),
	NULL},
    {"LK-03", N_("every link answers"),
	N_("A page does not answer, or its certificate is not good. Open it in "
	   "a browser and correct the link or the server."),
	NULL},
    {"LK-04", N_("no link is on a block list"),
	N_("A block list names a host that a link leads to, and servers refuse "
	   "such mail. Remove the link, or have the host taken off the list. "
	   "No list is asked unless you choose one in Setup > Domain health."),
	NULL},
    {"LK-04W", N_("no link goes through a shortener"),
	N_("Recipients cannot see where a short link leads, and filters "
	   "distrust it. Write the whole address, or say why it is short."),
	NULL},
    {"LK-05", N_("unsubscribing works, and not by itself"),
	N_("The page for unsubscribing must show something when it is opened, "
	   "and unsubscribe only on POST, which it answers with 2xx and "
	   "without a redirect."),
	NULL},
    {"LK-06", N_("nobody is tracked without consent"),
	N_("An image that nobody sees, or links that differ from person to "
	   "person, tell who has read the mail. Remove them; only fields that "
	   "you put into a link yourself may differ."),
	NULL},
};

static const struct check_finding findings[] = {
    {"link_scheme", N_("not https, mailto or tel")},
    {"link_user", N_("a user name in the address")},
    {"link_ip", N_("a number in place of a host name")},
    {"link_script", N_("letters that look like others")},
    {"link_host", N_("no host name")},
    {"link_text", N_("the text shows another address")},
    {"link_empty", N_("leads nowhere")},
    {"link_local", N_("not reachable from outside")},
    {"link_example", N_("a host for examples")},
    {"link_staging", N_("a test server")},
    {"link_token", N_("a mark that was not filled")},
    {"foreign_host", N_("not one of our hosts")},
    {"link_status", N_("the page answers")},
    {"link_tls", N_("no valid certificate")},
    {"link_away", N_("not reached from here")},
    {"link_left", N_("more links than are tried")},
    {"link_personal", N_("a link of one recipient, which is not opened")},
    {"link_differs", N_("differs from person to person")},
    {"link_many", N_("more than 500 links that differ")},
    {"pixel_size", N_("an image of one pixel")},
    {"pixel_hidden", N_("an image that is hidden")},
    {"way_none", N_("no link to unsubscribe")},
    {"way_address", N_("an address in the link to unsubscribe")},
    {"way_form", N_("the token is too short or of another form")},
    {"way_recipient", N_("the token is not this recipient's")},
    {"way_get", N_("the page does not open")},
    {"way_page", N_("the page is empty")},
    {"way_redirect", N_("POST is redirected")},
    {"way_post", N_("POST is refused")},
    {"way_same", N_("opening the page and POST give the same")},
};

const struct check_chapter check_links = {N_("Links"), words,
    sizeof words / sizeof *words, findings, sizeof findings / sizeof *findings};
