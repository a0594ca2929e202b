/* A drill started out of the program, and the drill under way in the sandbox.
 * What comes home is a text in a file in memory that only we may read; it is
 * read as if a stranger had written it. */
#include "tui/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tui/app.h"
#include "tui/armed.h"
#include "tui/away.h"
#include "tui/screens/external.h"
#include "tui/text/i18n.h"
#include "tui/variant.h"
#include "tui/verbs.h"

/* ---- Outside --------------------------------------------------------------------- */

const char *
drill_start_why_not(struct app *app)
{
	struct session *session = app_session(app);

	if (!session->store)
		return _("Sign in first.");
	if (session->drill || session->demo)
		return _("This is the demo; a drill is started in your own "
			 "Sekisho.");
	if (away_has_run(session->away))
		return _("A delivery is under way; it needs somebody who "
			 "looks.");
	if (armed_waits(session))
		return _("A campaign waits for its time; it would not start.");
	if (away_has_approver(session->away))
		return _("An approver is here; let them finish first.");
	if (!app_port(app))
		return _("There is no terminal.");
	return NULL;
}

/* The file that the result comes home in, and its folder. */
struct home {
	struct buf folder, path;
	int fd;
};

static void
leave_home(struct home *home)
{
	if (home->fd >= 0)
		close(home->fd);
	if (home->path.len)
		unlink(home->path.ptr);
	if (home->folder.len)
		rmdir(home->folder.ptr);
	buf_done(&home->folder);
	buf_done(&home->path);
}

static int
make_home(struct home *home, struct err *err)
{
	struct external_places places;

	external_places(&places);
	for (int i = 0; i < 4 && places.dir[i] && !home->path.len; i++) {
		if (!external_is_memory(places.dir[i]))
			continue;
		buf_clear(&home->folder);
		buf_printf(
		    &home->folder, "%s/sekisho-drill-XXXXXX", places.dir[i]);
		if (mkdtemp(home->folder.ptr))
			buf_printf(&home->path, "%s/result", home->folder.ptr);
	}
	if (!home->path.len) {
		buf_clear(&home->folder);
		return err_set(err, E_EDITOR_MEMORY);
	}
	home->fd =
	    open(home->path.ptr, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (home->fd >= 0)
		return 0;
	err_sys(err, E_FILE_OPEN, errno);
	return err_fact(err, "path", buf_span(&home->path));
}

/* A plan that the catalogue does not draw is no result of a drill. */
static int
check_drawn(const struct drill_result *result, struct err *err)
{
	struct drill_plan plan;

	drill_draw(result->seed, &plan);
	for (int i = 0; i < DRILL_PLANTED; i++) {
		if (plan.fault[i] == result->fault[i].kind)
			continue;
		err_set(err, E_DRILL_RESULT);
		err_fact_int(err, "line", 6 + i);
		return err_fact(err, "why", SPAN("kind"));
	}
	return 0;
}

int
drill_result_fetch(int fd, struct drill_result *out, struct err *err)
{
	static const size_t room = DRILL_TEXT_MAX + 1;
	char *text = mem_array(room, 1);
	size_t len = 0;
	ssize_t got = 0;
	int rc = -1;

	/* it may be in the middle of a disk that is full, never in a pipe */
	while (len < room &&
	       ((got = pread(fd, text + len, room - len, (off_t)len)) > 0 ||
		   (got < 0 && errno == EINTR)))
		len += got > 0 ? (size_t)got : 0;
	if (got < 0)
		err_sys(err, E_FILE_READ, errno);
	else if (len == 0)
		rc = 0;
	else if (drill_result_parse(span_make(text, len), out, err) == 0 &&
		 check_drawn(out, err) == 0)
		rc = 1;
	free(text);
	return rc;
}

int
drill_start(struct app *app, struct drill_result *out, struct err *err)
{
	char language[] = "--lang=en", plain[] = "--no-color";
	char verb[] = "drill", result[] = "--result";
	const struct options *options = app_session(app)->options;
	char *program = mem_text(span_of(options->demo));
	struct home home = {.fd = -1};
	char *argv[8] = {NULL};
	int argc = 0, rc = -1;

	if (make_home(&home, err) < 0)
		goto out;
	if (i18n_is_japanese())
		memcpy(language + sizeof language - 3, "ja", 2);
	argv[argc++] = program;
	argv[argc++] = language;
	if (options->colors == TERM_COLORS_OFF)
		argv[argc++] = plain;
	argv[argc++] = verb;
	argv[argc++] = result;
	argv[argc++] = home.path.ptr;
	if (app_run(app, argv, err) == 0)
		rc = drill_result_fetch(home.fd, out, err);
out:
	leave_home(&home);
	free(program);
	return rc;
}

struct keeping {
	struct store *store; /* borrowed */
	struct drill_result result;
};

static int
keep(struct job *job, void *data, struct err *err)
{
	struct keeping *it = data;

	(void)job;
	return training_keep(it->store, &it->result, NULL, err);
}

int
drill_keep(struct app *app, struct screen *owner,
    const struct drill_result *result, struct err *err)
{
	static const struct job_ops ops = {.run = keep, .free = free};
	struct keeping *it = mem_new(sizeof *it);

	*it = (struct keeping){app_store(app), *result};
	return app_job(app, owner, &ops, it, NULL, err);
}

/* ---- Inside ---------------------------------------------------------------------- */

struct drill *
drill_of(struct session *session)
{
	/* the seat is its first member */
	return (struct drill *)session->drill;
}

bool
drill_is_delivered(struct session *session)
{
	struct drill *drill = drill_of(session);
	struct run_progress *now;
	bool is_over;

	if (!session->run || session->running.v != drill->campaign.v)
		return false;
	now = mem_new(sizeof *now);
	run_progress(session->run, now);
	is_over = now->state == RUN_DONE || now->state == RUN_STOPPED;
	free(now);
	return is_over;
}

/* How many the practice relay has got, or may have got. */
static int
count_sent(
    struct store *store, struct campaign_id id, int64_t *sent, struct err *err)
{
	int64_t count[LEDGER_STATES] = {0};
	struct db *db = NULL;
	int rc = -1;

	if (store_view_open(store, &db, err) == 0)
		rc = ledger_count(db, id, count, err);
	store_reader_close(&db);
	*sent = count[LEDGER_ACCEPTED] + count[LEDGER_IN_DOUBT];
	return rc;
}

int
drill_end(struct session *session, enum drill_end end, struct err *err)
{
	struct drill *drill = drill_of(session);
	struct drill_deed deed = {
	    .plan = &drill->plan, .marks = &drill->marks, .end = end};

	if (drill->is_over)
		return 0;
	if (drill->repaired(session->store, drill, deed.repaired, err) < 0 ||
	    count_sent(session->store, drill->campaign, &deed.sent, err) < 0)
		return -1;
	if (end == DRILL_SENT && deed.sent == 0)
		deed.end = DRILL_STOPPED;
	deed.seconds =
	    (clock_steady_ms(session->world->clock) - drill->began_ms) / 1000;
	drill_evaluate(&deed, &drill->result);
	drill->is_over = true;
	return 0;
}
