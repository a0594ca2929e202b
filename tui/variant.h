/* What differs between the three programs made of the same objects: product,
 * demo and test.  Each is one file, variant_*.c, that fills in one table; the
 * product's object holds neither the private PAM folder nor the test mark
 * (tests/lint/symbols.sh). */
#ifndef TUI_VARIANT_H
#define TUI_VARIANT_H

#include <stddef.h>

struct buf;
struct canvas;
struct clock;
struct options;
struct pam_conv;
struct pam_handle;

enum variant_kind { VARIANT_PRODUCT, VARIANT_DEMO, VARIANT_TEST };

struct variant {
	enum variant_kind kind;
	/* pam_start() of Linux-PAM.  Product: dir must be NULL and the system's
	 * configuration is used.  Others: dir is the folder of the service
	 * file (pam_start_confdir). */
	int (*pam_start)(const char *service, const char *user,
	    const struct pam_conv *conv, const char *dir,
	    struct pam_handle **out);
	/* Folder overrides from the environment: SEKISHO_SHARE (holds themes/),
	 * SEKISHO_LOCALE and SEKISHO_PAM (holds the service file); NULL when
	 * there is none.  The product never looks at them. */
	const char *(*share_dir)(void);
	const char *(*locale_dir)(void);
	const char *(*pam_dir)(void);
	/* The clock.  Tests move theirs (SEKISHO_CLOCK names a file with two
	 * numbers of milliseconds, int64_t: what is added to the wall clock and
	 * to the steady one); everybody else has the system's. */
	struct clock *(*clock)(void);
	/* The demo program: NULL for the installed one, which is the only one
	 * that the product knows; SEKISHO_DEMO in the environment. */
	const char *(*demo_path)(void);
	/* "sekisho demo", "sekisho drill" and the verb that their PAM folder
	 * calls; NULL but in the demo. */
	int (*demo)(struct options *options, struct buf *out);
	int (*drill)(struct options *options, struct buf *out);
	int (*demo_check)(struct options *options, struct buf *out);
	/* Shows the screen to whoever plays the demo on a pty, once nothing is
	 * pending; NULL but in the demo. */
	void (*show)(const struct canvas *canvas, unsigned long keys);
	/* Tells a test that nothing is pending: writes OSC 7717 with the number
	 * of keys taken.  NULL in the product. */
	void (*idle_mark)(int fd, unsigned long keys);
};

extern const struct variant variant;

#endif
