/* The program that tests drive: like the demo, and it tells when it has done
 * everything that was asked: ESC ] 7717 ; keys BEL, which terminals ignore. */
#include "tui/variant.h"

#include <security/pam_appl.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"

static int
start(const char *service, const char *user, const struct pam_conv *conv,
    const char *dir, struct pam_handle **out)
{
	return dir ? pam_start_confdir(service, user, conv, dir, out)
		   : pam_start(service, user, conv, out);
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

static const char *
demo_path(void)
{
	return getenv("SEKISHO_DEMO");
}

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
    .kind = VARIANT_TEST,
    .pam_start = start,
    .share_dir = share_dir,
    .locale_dir = locale_dir,
    .pam_dir = pam_dir,
    .demo_path = demo_path,
    .idle_mark = idle_mark,
};
