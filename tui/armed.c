/* Nobody watches an armed start, so whatever comes of it is told: on the
 * screen, in the log, to those who are away.  The worker has no screen; what it
 * brings is taken over when its data are freed, which happens on the screen
 * thread. */
#include "tui/armed.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/deliver/deliver.h"
#include "tui/app.h"
#include "tui/away.h"
#include "tui/session.h"
#include "tui/text/i18n.h"

struct firing {
	struct app *app; /* borrowed */
	struct store *store;
	struct world *world;
	struct campaign_id campaign;
	struct run *run; /* out */
	struct err err;
	int rc;
};

void
armed_refresh(struct session *session)
{
	struct db *db = NULL;
	int64_t next_ms = INT64_MAX;

	if (store_reader_open(session->store, &db, NULL) == 0)
		schedule_next_ms(db, &next_ms, NULL);
	store_reader_close(&db);
	session->armed_ms = next_ms < INT64_MAX ? next_ms : 0;
}

bool
armed_waits(const struct session *session)
{
	return session->store && (session->firing || session->armed_ms);
}

static int
fire(struct job *job, void *data, struct err *err)
{
	struct firing *it = data;

	(void)job;
	(void)err;
	it->rc = schedule_fire(
	    it->store, it->world, it->campaign, &it->run, &it->err);
	return it->rc;
}

static void
tell(struct firing *it, struct session *session)
{
	struct alert alert = {
	    .kind = it->rc < 0 ? ALERT_NOT_STARTED : ALERT_STARTED,
	    .at_ms = clock_now_ms(it->world->clock),
	    .campaign = it->campaign,
	    .why = it->rc < 0 ? it->err.code : E_NONE,
	};

	away_alert(session->away, &alert);
	if (it->rc < 0) {
		app_say_err(it->app, &it->err);
		app_say(it->app, SAY_ERROR,
		    _("An armed campaign was not started: see home."));
	} else {
		app_say(it->app, SAY_OK,
		    _("The armed campaign has started by itself."));
	}
}

static void
taken_over(void *data)
{
	struct firing *it = data;
	struct session *session = app_session(it->app);

	if (it->run)
		session_take_run(session, &it->run, it->campaign);
	session->firing = false;
	armed_refresh(session);
	tell(it, session);
	free(it);
}

static const struct job_ops firing_job = {.run = fire, .free = taken_over};

void
armed_tick(struct app *app)
{
	struct session *session = app_session(app);
	struct campaign_id due;
	struct firing *it;
	struct db *db = NULL;
	int64_t now_ms = app_now_ms(app);
	int got = 0;

	if (!session->store || session->firing || !session->armed_ms ||
	    session->armed_ms > now_ms ||
	    session_may_deliver(session, NULL) < 0)
		return;
	if (store_reader_open(session->store, &db, NULL) == 0)
		got = schedule_due(db, now_ms, &due, NULL);
	store_reader_close(&db);
	if (got <= 0)
		return;
	it = mem_new(sizeof *it);
	*it = (struct firing){.app = app,
	    .store = session->store,
	    .world = session->world,
	    .campaign = due,
	    .rc = -1};
	err_set(&it->err, E_THREAD);
	session->firing = true;
	app_job(app, NULL, &firing_job, it, NULL, NULL);
}
