/* The program people work with: the system's PAM configuration, installed
 * folders, no marks. */
#include "tui/variant.h"

#include <security/pam_appl.h>

#include "core/base/clock.h"

static int
start(const char *service, const char *user, const struct pam_conv *conv,
    const char *dir, struct pam_handle **out)
{
	return dir ? PAM_ABORT : pam_start(service, user, conv, out);
}

static const char *
no_override(void)
{
	return NULL;
}

const struct variant variant = {
    .kind = VARIANT_PRODUCT,
    .pam_start = start,
    .share_dir = no_override,
    .locale_dir = no_override,
    .clock = clock_real,
    .pam_dir = no_override,
    .demo_path = no_override,
    .idle_mark = NULL,
};
