/* A campaign sent by core alone. */
#include "tests/fake/sending.h"

#include "core/net/dial.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { WAIT_MS = 60 * 1000 };

void
sending_open_alone(struct sending *it)
{
	struct err err = {0};

	*it = (struct sending){.run = NULL};
	fake_clock_init(&it->clock);
	it->world = (struct world){
	    .clock = &it->clock.base, .dialler = dialler_loopback_only()};
	it->store = tempstore_open(&it->clock.base);
	assert_ok(store_reader_open(it->store, &it->db, &err), &err);
}

void
sending_open(struct sending *it, enum practice_manners manners)
{
	struct practice_config config = {.discard = 1, .manners = manners};
	struct err err = {0};

	sending_open_alone(it);
	it->folder = tempdir_new();
	config.folder = it->folder;
	assert_ok(practice_start(&config, &it->practice, &err), &err);
}

void
sending_close(struct sending *it)
{
	run_free(&it->run);
	practice_stop(&it->practice);
	store_reader_close(&it->db);
	tempstore_close(&it->store);
	if (it->folder)
		tempdir_remove(&it->folder);
}

struct sealed_plan
sending_plan(
    const struct sending *it, int recipients, enum campaign_class class)
{
	return (struct sealed_plan){
	    .recipients = recipients,
	    .class = class,
	    .tls = RELAY_TLS_VERIFY,
	    .port = practice_port(it->practice),
	    .ca_file = practice_ca_file(it->practice),
	};
}

void
sending_seal(struct sending *it, const struct sealed_plan *plan)
{
	it->id = sealed_campaign(it->store, &it->world, plan);
}

void
sending_start(struct sending *it)
{
	struct clearance *clearance =
	    sealed_clearance(it->store, &it->world, it->id);
	struct err err = {0};

	assert_ok(
	    run_start(&clearance, &it->world, it->store, NULL, &it->run, &err),
	    &err);
}

void
sending_rest(struct sending *it)
{
	assert_int_equal(run_wait(it->run, WAIT_MS), 1);
	run_progress(it->run, &it->now);
}

void
sending_set(struct sending *it, const char *name, const char *value)
{
	struct err err = {0};

	assert_ok(setting_write(it->store, name, span_of(value), &err), &err);
}

int64_t
sending_logged(struct sending *it, const char *what)
{
	struct err err = {0};
	struct stmt *stmt =
	    db_stmt(it->db, "SELECT count(*) FROM audit WHERE what = ?1", &err);
	int64_t count;

	assert_non_null(stmt);
	stmt_text(stmt, 1, span_of(what));
	assert_int_equal(stmt_step(stmt, &err), 1);
	count = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return count;
}
