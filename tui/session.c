/* Opening and closing a sitting: which folder, whose store, what is logged at
 * both ends.  sitting_open() runs on a worker and touches no session. */
#include "tui/session.h"

#include <poll.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/contacts/contacts.h"
#include "core/health/health.h"
#include "core/import/import.h"
#include "tui/armed.h"
#include "tui/away.h"
#include "tui/verbs.h"

/* --store, else $XDG_DATA_HOME/sekisho, else ~/.local/share/sekisho. */
char *
session_folder(const struct options *options)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	struct buf path = BUF_INIT;

	if (options->store)
		buf_text(&path, options->store);
	else if (data && data[0] == '/')
		buf_printf(&path, "%s/sekisho", data);
	else
		buf_printf(&path, "%s/.local/share/sekisho", home ? home : "");
	return path.ptr;
}

int
session_begin(struct session *session, struct world *world,
    const struct options *options, const char *user, struct err *err)
{
	*session = (struct session){
	    .world = world,
	    .options = options,
	    .program = "/proc/self/exe",
	    .dir = session_folder(options),
	    .user = user ? mem_text(span_of(user)) : access_user(),
	    .origin = access_origin(),
	    .kind = STORE_REAL,
	};
	origin_read(&session->place);
	if (!session->user) {
		err_set(err, E_PAM_USER);
		err_fact(err, "user", SPAN("?"));
		return err_fact(err, "found", SPAN(""));
	}
	return file_mkdirs(session->dir, 0700, err);
}

static void
log_end(struct store *store, const char *what, struct span facts)
{
	audit_add(store,
	    &(struct audit_event){
		.what = what,
		.object = span_of(store_user(store)),
		.facts = facts,
	    },
	    NULL);
}

void
session_end(struct session *session)
{
	doctor_watch_stop(&session->doctor);
	away_shut(session->away);
	run_free(&session->run);
	samples_free(&session->samples);
	away_close(&session->away);
	if (session->store)
		log_end(session->store, "session.close", SPAN(""));
	if (session->store && session->chain == CHAIN_WHOLE)
		log_seal_leaving(session->store, NULL);
	store_close(&session->store);
	free(session->dir);
	free(session->user);
	free(session->origin);
	*session = (struct session){.dir = NULL};
}

void
session_take_store(struct session *session, struct sitting *sitting)
{
	session->store = sitting->store;
	sitting->store = NULL;
	session->history = sitting->history;
	session->chain = sitting->chain;
	session->log = sitting->log;
	session->chain_fault = sitting->chain_fault;
	armed_refresh(session);
	session->away = away_open(session, &session->away_fault);
	away_set_place(session->away, session->origin);
	/* one that cannot start is no reason not to work: the page says when
	 * it looked last */
	if (!store_is_demo(session->store))
		doctor_watch_start(
		    session->store, session->world, &session->doctor, NULL);
}

void
session_take_check(struct session *session, const struct audit_seen *seen,
    const struct err *fault)
{
	session->chain = fault ? CHAIN_BROKEN : CHAIN_WHOLE;
	if (fault)
		session->chain_fault = *fault;
	else
		session->log = *seen;
}

int
session_may_deliver(const struct session *session, struct err *err)
{
	struct run_progress progress;

	if (!session->run)
		return 0;
	run_progress(session->run, &progress);
	if (progress.state == RUN_DONE || progress.state == RUN_STOPPED)
		return 0;
	err_set(err, E_RUN_ACTIVE);
	return err_fact_int(err, "campaign", session->running.v);
}

void
session_take_run(
    struct session *session, struct run **taken, struct campaign_id campaign)
{
	away_set_run(session->away, NULL, campaign);
	run_free(&session->run);
	session->run = *taken;
	*taken = NULL;
	session->running = campaign;
	away_set_run(session->away, session->run, campaign);
}

/* ---- Opening --------------------------------------------------------------- */

/* A Sekisho whose terminal has just gone may still be closing the store. */
static int
open_patiently(const struct sitting *self, const struct store_params *params,
    struct store **out, struct err *err)
{
	enum { STEP_MS = 100, STEPS = 30 };
	int rc = -1;

	for (int i = 0; i < STEPS; i++) {
		rc = store_open(params, self->passphrase, out, err);
		if (rc == 0 || !err || err->code != E_STORE_IN_USE)
			break;
		poll(NULL, 0, STEP_MS);
	}
	return rc;
}

static int
open_store(struct sitting *self, struct err *err)
{
	struct store_params params = {
	    .dir = self->dir,
	    .user = self->user,
	    .origin = self->origin,
	    .clock = self->clock,
	    .kind = self->kind,
	    .kdf_log2_n = self->kdf_log2_n,
	};

	if (self->how == SITTING_CREATE)
		return store_create(
		    &params, self->passphrase, &self->store, err);
	if (self->how == SITTING_OPEN_RESTORED)
		return store_open_restored(
		    &params, self->passphrase, &self->store, err);
	return open_patiently(self, &params, &self->store, err);
}

/* A broken log does not keep anybody out: it is shown until it is explained,
 * and reading the rest is how one explains it. */
static void
check_chain(struct sitting *self, struct db *db)
{
	struct err fault = {.code = E_NONE};
	char *seals = seal_file(self->store, db, &fault);

	if (seals && audit_check(self->store, db, seals, NULL, &self->log,
			 &fault) == 0) {
		self->chain = CHAIN_WHOLE;
	} else {
		self->chain_fault = fault;
		self->chain = CHAIN_BROKEN;
	}
	free(seals);
}

/* What has been kept for its time.  A sweep that fails is done the next time:
 * nobody is kept out by it. */
static void
sweep(struct store *store)
{
	struct err err = {.code = E_NONE};
	int64_t swept;

	consent_sweep(store, &swept, &err);
	stop_sweep(store, &err);
	import_sweep(store, &err);
	trash_sweep(store, &err);
}

int
sitting_open(struct sitting *self, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (open_store(self, err) < 0) {
		if (err->code == E_KEYRING_PASSPHRASE)
			lockout_record(self->dir, self->user, self->origin,
			    LOGIN_FAILED, clock_now_ms(self->clock), NULL);
		return -1;
	}
	if (access_admit(self->store, &self->place, err) < 0 ||
	    (self->second_factor && person_note_second(self->store, err) < 0) ||
	    lockout_record(self->dir, self->user, self->origin, LOGIN_OK,
		clock_now_ms(self->clock), err) < 0 ||
	    lockout_transfer(self->store, err) < 0 ||
	    store_reader_open(self->store, &db, err) < 0)
		goto out;
	check_chain(self, db);
	sweep(self->store);
	if (login_history(db, self->user, &self->history, err) < 0)
		goto out;
	log_end(self->store, "session.open",
	    self->chain == CHAIN_BROKEN ? SPAN("audit=broken") : SPAN(""));
	rc = 0;
out:
	store_reader_close(&db);
	if (rc < 0)
		store_close(&self->store);
	return rc;
}

void
sitting_done(struct sitting *self)
{
	store_close(&self->store);
	secret_free(&self->passphrase);
}
