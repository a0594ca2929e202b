/* The demo: signs in against a PAM folder of its own, so that it touches no
 * account, and finds themes and translations in a build tree. */
#include "tui/variant.h"

#include <security/pam_appl.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
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

/* For tests that go through a drill. */
static void
idle_mark(int fd, unsigned long keys)
{
	struct buf mark = BUF_INIT;

	if (getenv("SEKISHO_TEST")) {
		buf_printf(&mark, "\033]7717;%lu\a", keys);
		file_write_all(fd, buf_span(&mark));
	}
	buf_done(&mark);
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
    .idle_mark = idle_mark,
};
