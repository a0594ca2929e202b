/* The demo: signs in against a PAM folder of its own, so that it touches no
 * account, and finds themes and translations in a build tree. */
#include "tui/variant.h"

#include <security/pam_appl.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "tui/demo/demo.h"

static int
start(const char *service, const char *user, const struct pam_conv *conv,
    const char *dir, struct pam_handle **out)
{
	return dir ? pam_start_confdir(service, user, conv, dir, out)
		   : PAM_ABORT;
}

static const char *
share_dir(void)
{
	return getenv("SEKISHO_SHARE");
}

static const char *
locale_dir(void)
{
	return getenv("SEKISHO_LOCALE");
}

static const char *
pam_dir(void)
{
	return getenv("SEKISHO_PAM");
}

/* It is the demo. */
static const char *
demo_path(void)
{
	return NULL;
}

const struct variant variant = {
    .kind = VARIANT_DEMO,
    .pam_start = start,
    .share_dir = share_dir,
    .locale_dir = locale_dir,
    .clock = clock_real,
    .pam_dir = pam_dir,
    .demo_path = demo_path,
    .demo = demo_run,
    .drill = drill_run,
    .demo_check = demo_check,
    .show = demo_show,
    .idle_mark = NULL,
};
