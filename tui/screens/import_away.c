/* An import that is being stored does not need to be looked at: its wizard may
 * be left, lives on with its job, and is found again where imports begin.
 * Stopping is asked, since it can mean two things. */
#include "core/base/mem.h"
#include "tui/screens/import_wizard.h"
#include "tui/screens/screens.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

static struct wizard *
find(struct app *app)
{
	return (struct wizard *)app_find(app, "import");
}

bool
wizard_lives_on(struct screen *screen)
{
	struct wizard *self = (struct wizard *)screen;

	if (self->busy != WORK_COMMIT)
		return false;
	job_listens(self->job);
	app_say(screen->app, SAY_INFO,
	    _("The import goes on. To see it again: i on Lists."));
	return true;
}

bool
import_goes_on(struct app *app)
{
	const struct wizard *wizard = find(app);

	return wizard && wizard->busy == WORK_COMMIT;
}

void
import_add_status(struct app *app, struct buf *out)
{
	const struct wizard *wizard = find(app);
	struct import_counts counts;

	if (!wizard || wizard->busy != WORK_COMMIT)
		return;
	import_progress(wizard->held->import, &counts);
	buf_text(out, _("storing"));
	buf_char(out, ' ');
	format_percent(out, counts.octets, import_size(wizard->held->import));
}

bool
import_resume(struct app *app)
{
	struct wizard *wizard = find(app);

	if (!wizard || !app_is_kept(app, &wizard->base))
		return false;
	app_resume(app, &wizard->base);
	return true;
}

/* ---- Its end ---------------------------------------------------------------- */

static const char *
file_name(const struct wizard *self)
{
	const char *slash = strrchr(self->path, '/');

	return slash ? slash + 1 : self->path;
}

static bool
is_seen(const struct wizard *self)
{
	return app_base(self->base.app) == &self->base &&
	       !app_is_locked(self->base.app);
}

void
wizard_say_done(const struct wizard *self)
{
	struct buf count = BUF_INIT;

	if (is_seen(self)) {
		app_say(self->base.app, SAY_OK, _("The import is done."));
		return;
	}
	format_count(&count, self->counts.fresh);
	app_sayf(self->base.app, SAY_OK,
	    _("The import of %s is done: %s new. Its result: i on Lists."),
	    file_name(self), count.ptr);
	buf_done(&count);
}

void
wizard_say_failed(const struct wizard *self)
{
	app_sayf(self->base.app, SAY_ERROR,
	    _("Nothing of %s was stored: %s To see it again: i on Lists."),
	    file_name(self), self->fault.ptr);
}

bool
wizard_is_seen(const struct wizard *self)
{
	return is_seen(self);
}

/* ---- Stopping --------------------------------------------------------------- */

void
wizard_stop(struct wizard *self)
{
	if (self->job)
		job_cancel(self->job);
}

static void
stop_answered(struct screen *owner, int answer, struct span text)
{
	struct wizard *self = (struct wizard *)owner;

	(void)text;
	if (answer == 0)
		return;
	if (self->busy != WORK_COMMIT)
		app_say(owner->app, SAY_WARN,
		    _("It had ended before you answered: see above."));
	else if (answer == 2)
		import_enough(self->held->import);
	else
		wizard_stop(self);
}

/* Nobody has to answer fast: what was not stopped yet goes on. */
void
wizard_ask_stop(struct wizard *self)
{
	const struct dialog_choice choices[] = {
	    {'n', _("Stop; nothing of the file is stored")},
	    {'k', _("Stop; keep what was read so far")},
	};

	dialog_choose(&self->base,
	    &(struct dialog){.title = _("Stop the import?"),
		.text = _("It goes on while you decide."),
		.done = stop_answered},
	    choices, 2);
}
