/* A campaign at the practice relay, sent by core alone on a clock that is moved
 * by hand. */
#ifndef TESTS_FAKE_SENDING_H
#define TESTS_FAKE_SENDING_H

#include "core/base/world.h"
#include "core/deliver/deliver.h"
#include "core/deliver/practice.h"
#include "tests/fake/clock.h"
#include "tests/fake/sealed.h"

struct sending {
	struct fake_clock clock;
	struct world world;
	struct store *store;
	struct db *db;             /* a reader */
	char *folder;              /* the relay's */
	struct practice *practice; /* NULL: none, nor a folder */
	struct campaign_id id;
	struct run *run; /* NULL: none */
	struct run_progress now;
};

/* Makes the store; whom to send to is the test's own, by it->world. */
void sending_open_alone(struct sending *it);

/* Starts the relay (which keeps nothing) as well. */
void sending_open(struct sending *it, enum practice_manners manners);

/* Ends the run, closes and removes everything. */
void sending_close(struct sending *it);

/* A plan to the relay. */
struct sealed_plan sending_plan(
    const struct sending *it, int recipients, enum campaign_class class);

/* Seals what the plan says. */
void sending_seal(struct sending *it, const struct sealed_plan *plan);

/* Launches it, or goes on with it. */
void sending_start(struct sending *it);

/* Waits until the run rests, and takes its figures. */
void sending_rest(struct sending *it);

/* Sets a setting. */
void sending_set(struct sending *it, const char *name, const char *value);

/* How many entries the log has of a kind. */
int64_t sending_logged(struct sending *it, const char *what);

#endif
