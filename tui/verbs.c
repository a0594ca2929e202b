/* Verbs as a table, options as another.  Verbs that need no terminal add their
 * text to a buffer; the full screen is the one without a name. */
#include "tui/verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/access/access.h"
#include "tui/approve.h"
#include "tui/attach.h"
#include "tui/program.h"
#include "tui/text/errors.h"
#include "tui/variant.h"
#include "tui/verbs_checks.h"
#include "tui/verbs_evidence.h"
#include "tui/verbs_store.h"
#include "tui/verbs_theme.h"

struct verb {
	const char *name;
	const char *usage; /* NULL: not shown */
	int (*run)(struct options *options, struct buf *out);
};

static int
run_version(struct options *options, struct buf *out)
{
	buf_printf(out, "sekisho %s\n", options->version);
	return 0;
}

static int
run_help(struct options *options, struct buf *out)
{
	(void)options;
	verbs_usage(out);
	return 0;
}

/* The child of a sign-in: one conversation over descriptors 3 and 4. */
static int
run_agent(struct options *options, struct buf *out)
{
	struct pam_agent agent = {
	    .start = variant.pam_start,
	    .dir = variant.pam_dir(),
	    .service = "sekisho",
	};

	if (options->argc != 3) {
		verbs_usage(out);
		return 2;
	}
	agent.trust = agent.dir ? PAM_TRUST_CALLER : PAM_TRUST_ROOT;
	agent.user = options->argv[1];
	agent.tty = options->argv[2];
	return pam_agent_run(&agent);
}

/* The demo is a program of its own, so that nothing of it is in this one. */
static int
hand_over(struct options *options, struct buf *out)
{
	struct err err = {.code = E_NONE};

	execv(options->demo, options->all);
	err_sys(&err, E_TERM_PROGRAM, errno);
	err_fact(&err, "path", span_of(options->demo));
	return program_complain(out, &err);
}

static int
run_demo(struct options *options, struct buf *out)
{
	return variant.demo ? variant.demo(options, out)
			    : hand_over(options, out);
}

static int
run_drill(struct options *options, struct buf *out)
{
	return variant.drill ? variant.drill(options, out)
			     : hand_over(options, out);
}

static int
run_demo_check(struct options *options, struct buf *out)
{
	if (variant.demo_check)
		return variant.demo_check(options, out);
	verbs_usage(out);
	return 2;
}

static const struct verb verbs[] = {
    {"", N_("the full screen"), program_run},
    {"attach", N_("this terminal for the Sekisho that runs"), verb_attach},
    {"watch", N_("the delivery that runs, with a STOP key"), verb_watch},
    {"approve", N_("a campaign or export as second person; --make-key"),
	verb_approve},
    {"screen", NULL, program_try},
    {"store", N_("key: the raw key; verify: read everything"), verb_store},
    {"evidence", N_("CAMPAIGN: its evidence pack; --verify FILE: checks one"),
	verb_evidence},
    {"theme", N_("check NAME or FILE: errors and contrasts"), verb_theme},
    {"checks", N_("every line of the checklist, as a table"), verb_checks},
    {"demo", N_("a whole campaign in a throw-away store"), run_demo},
    {"drill", N_("practice: find eight faults before the mail goes out"),
	run_drill},
    {"demo-check", NULL, run_demo_check},
    {"pam-agent", NULL, run_agent},
    {"version", N_("the version"), run_version},
    {"help", N_("this list"), run_help},
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

void
verbs_usage(struct buf *out)
{
	buf_text(out,
	    "sekisho [--store DIR] [--lang en|ja] [--theme NAME] [--no-color]"
	    " [VERB ...]\n");
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (verbs[i].usage)
			buf_printf(out, "  %-9s %s\n", verbs[i].name,
			    _(verbs[i].usage));
	}
}

/* The value of option --name in argv[i] ("--name=value" or the next word);
 * NULL when argv[i] is another option. */
static const char *
value_of(const char *name, int argc, char *argv[], int *i)
{
	struct span word = span_of(argv[*i]), wanted = span_of(name);

	if (!span_starts(word, wanted))
		return NULL;
	if (word.len > wanted.len && word.ptr[wanted.len] == '=')
		return word.ptr + wanted.len + 1;
	if (word.len == wanted.len && *i + 1 < argc)
		return argv[++*i];
	return NULL;
}

/* "--version" and "--help" are verbs too. */
static bool
is_verb(const char *word)
{
	return word[0] != '-' || !strcmp(word, "--version") ||
	       !strcmp(word, "--help");
}

bool
options_read(int argc, char *argv[], struct options *out, struct buf *why)
{
	const char *value;
	int i;

	for (i = 1; i < argc && !is_verb(argv[i]); i++) {
		if ((value = value_of("--store", argc, argv, &i))) {
			out->store = value;
		} else if ((value = value_of("--lang", argc, argv, &i))) {
			out->language = i18n_language_of(value);
		} else if ((value = value_of("--theme", argc, argv, &i))) {
			out->theme = value;
		} else if (!strcmp(argv[i], "--no-color")) {
			out->colors = TERM_COLORS_OFF;
		} else {
			buf_printf(why, "sekisho: %s ?\n", argv[i]);
			verbs_usage(why);
			return false;
		}
	}
	out->all = argv;
	out->argc = argc - i;
	out->argv = argv + i;
	return true;
}

/* Who starts the demo names the folder that its PAM reads: it opens no store but
 * its own, and calls no program that has one open. */
static bool
is_here(const char *name)
{
	static const char *const harmless[] = {"demo", "drill", "demo-check",
	    "pam-agent", "screen", "theme", "checks", "version", "help"};

	if (variant.kind != VARIANT_DEMO)
		return true;
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
		if (!strcmp(name, harmless[i]))
			return true;
	}
	return false;
}

static int
run_named(struct options *options, struct buf *out)
{
	const char *name = options->argc > 0 ? options->argv[0] : "";

	if (span_starts(span_of(name), SPAN("--")))
		name += 2;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (!strcmp(name, verbs[i].name) && is_here(name))
			return verbs[i].run(options, out);
	}
	verbs_usage(out);
	return 2;
}

int
verb_run(struct options *options, struct buf *out)
{
	struct buf locale = BUF_INIT, demo = BUF_INIT;
	const char *dir = variant.locale_dir();
	int status;

	buf_printf(&locale, "%s/share/locale", options->prefix);
	i18n_start(dir ? dir : locale.ptr, options->language);
	buf_done(&locale);
	buf_printf(&demo, "%s/libexec/sekisho/demo", options->prefix);
	options->demo = variant.demo_path();
	if (!options->demo)
		options->demo = demo.ptr;
	status = run_named(options, out);
	buf_done(&demo);
	return status;
}

void
theme_paths_init(struct theme_paths *paths, const struct options *options)
{
	const char *share = variant.share_dir();
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	size_t n = 0;

	*paths = (struct theme_paths){.own = BUF_INIT};
	if (config && *config)
		buf_printf(&paths->own, "%s/sekisho/themes", config);
	else if (home && *home)
		buf_printf(&paths->own, "%s/.config/sekisho/themes", home);
	if (share)
		buf_printf(&paths->installed, "%s/themes", share);
	else
		buf_printf(&paths->installed, "%s/share/sekisho/themes",
		    options->prefix);
	if (paths->own.len > 0)
		paths->places.dir[n++] = paths->own.ptr;
	paths->places.dir[n] = paths->installed.ptr;
}

void
theme_paths_done(struct theme_paths *paths)
{
	buf_done(&paths->own);
	buf_done(&paths->installed);
}
