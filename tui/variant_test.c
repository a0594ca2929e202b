/* The program that tests drive: like the demo, it tells when it has done
 * everything that was asked (ESC ] 7717 ; keys BEL, which terminals ignore),
 * and its clock can be moved from outside. */
#include "tui/variant.h"

#include <fcntl.h>
#include <security/pam_appl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
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

/* What a test adds to the two clocks, in a page that it shares with us. */
struct shift {
	_Atomic int64_t now_ms, steady_ms;
};

struct moved_clock {
	struct clock base;
	const struct shift *shift;
};

static int64_t
moved_now(struct clock *clock)
{
	return clock_now_ms(clock_real()) +
	       ((struct moved_clock *)clock)->shift->now_ms;
}

static int64_t
moved_steady(struct clock *clock)
{
	return clock_steady_ms(clock_real()) +
	       ((struct moved_clock *)clock)->shift->steady_ms;
}

static struct clock *
test_clock(void)
{
	static struct moved_clock moved = {
	    .base = {.now_ms = moved_now, .steady_ms = moved_steady}};
	const char *path = getenv("SEKISHO_CLOCK");
	void *page = MAP_FAILED;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return clock_real();
	page = mmap(NULL, sizeof(struct shift), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		abort();
	moved.shift = page;
	return &moved.base;
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
    .clock = test_clock,
    .idle_mark = idle_mark,
};
