/* "sekisho drill": the sandbox with its faults, the full screen on it, and what
 * came of it.  Started in a shell the result is printed and not kept; started by
 * the program it goes into the file that --result names, which is there and is
 * nobody else's. */
#include "tui/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "tui/demo/demo.h"
#include "tui/demo/drill_screens.h"
#include "tui/demo/sandbox.h"
#include "tui/demo/stage.h"
#include "tui/program.h"
#include "tui/text/drill_text.h"

struct drill_stage {
	struct demo demo; /* must be first */
	struct drill drill;
	struct sandbox sandbox;
};

/* What the words behind the verb ask for. */
struct wish {
	const char *result; /* NULL: printed */
	bool has_seed;
	uint64_t seed; /* for those who teach, and for tests */
};

static bool
read_wish(const struct options *options, struct wish *out)
{
	for (int i = 1; i < options->argc; i++) {
		const char *word = options->argv[i];
		int64_t seed;

		if (i + 1 == options->argc)
			return false;
		if (!strcmp(word, "--result")) {
			out->result = options->argv[++i];
		} else if (!strcmp(word, "--seed") &&
			   span_int(span_of(options->argv[i + 1]), &seed)) {
			out->has_seed = true;
			out->seed = (uint64_t)seed;
			i++;
		} else {
			return false;
		}
	}
	return true;
}

static int
fill(struct demo *demo, struct store *store, struct err *err)
{
	struct drill_stage *self = (struct drill_stage *)demo;

	if (sandbox_fill(store, &self->sandbox, demo->practice, demo->dir.ptr,
		&self->drill.plan, err) < 0)
		return -1;
	self->drill.campaign = self->sandbox.campaign;
	return 0;
}

static int
look(struct store *store, const struct drill *drill,
    bool repaired[DRILL_PLANTED], struct err *err)
{
	const struct drill_stage *self =
	    (const struct drill_stage *)((const char *)drill -
					 offsetof(struct drill_stage, drill));
	struct db *db = NULL;
	int has = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	for (int i = 0; i < DRILL_PLANTED; i++) {
		has = sandbox_has(
		    store, db, &self->sandbox, drill->plan.fault[i], err);
		if (has < 0)
			break;
		repaired[i] = has == 0;
	}
	store_reader_close(&db);
	return has < 0 ? -1 : 0;
}

/* Who leaves without an end is judged as well; who never signed in is not. */
static void
sat(struct demo *demo, struct session *session)
{
	struct drill_stage *self = (struct drill_stage *)demo;

	if (session->store && self->drill.began_ms)
		drill_end(session,
		    drill_is_delivered(session) ? DRILL_SENT : DRILL_LEFT,
		    NULL);
}

/* Into a file that is there, is ours and is no link. */
static int
write_result(
    const char *path, const struct drill_result *result, struct err *err)
{
	struct buf text = BUF_INIT;
	struct stat st;
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = -1;

	drill_result_write(result, &text);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && file_write_all(fd, buf_span(&text)) == 0)
		rc = 0;
	if (rc < 0) {
		err_sys(err, E_FILE_WRITE, errno);
		err_fact(err, "path", span_of(path));
	}
	if (fd >= 0)
		close(fd);
	buf_done(&text);
	return rc;
}

static int
hand_in(const struct drill *drill, const struct wish *wish, struct buf *out,
    struct err *err)
{
	if (!drill->is_over)
		return 0;
	if (wish->result)
		return write_result(wish->result, &drill->result, err);
	drill_report_text(&drill->result, out);
	buf_printf(out, "\n%s\n",
	    _("This drill was not recorded: a training record is kept when it "
	      "is started inside Sekisho."));
	return 0;
}

int
drill_run(struct options *options, struct buf *out)
{
	struct drill_stage self = {
	    .demo = {.fill = fill, .sat = sat},
	    .drill = {.seat = drill_screens, .repaired = look},
	    .sandbox = {.words = i18n_is_japanese() ? &sandbox_ja : &sandbox_en,
		.today = sandbox_today(clock_now_ms(clock_real()))},
	};
	struct wish wish = {.result = NULL};
	struct err err = {.code = E_NONE};
	int status = 1;

	if (!read_wish(options, &wish)) {
		verbs_usage(out);
		return 2;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&err, E_TERM_NONE);
		return program_complain(out, &err);
	}
	program_harden();
	if (wish.has_seed)
		drill_draw(wish.seed, &self.drill.plan);
	else
		drill_draw_any(&self.drill.plan);
	self.demo.drill = &self.drill.seat;
	if (demo_set_up(&self.demo, &err) == 0) {
		status = demo_sit(&self.demo, options, out);
		if (hand_in(&self.drill, &wish, out, &err) < 0)
			status = program_complain(out, &err);
	} else {
		program_complain(out, &err);
	}
	demo_tear_down(&self.demo);
	return status;
}
