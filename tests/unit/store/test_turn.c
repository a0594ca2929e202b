/* Writers take turns. */
#include <pthread.h>
#include <sched.h>

#include "tests/unit/store/life.h"

/* ---- Writers ----------------------------------------------------------- */

static void
busy_writer(void **state)
{
	struct fixture *f = *state;
	struct db *db = NULL, *second = NULL;

	create(f);
	assert_ok(
	    store_begin(f->store, STORE_WAIT_LONG, "import", &db, &f->err),
	    &f->err);
	assert_int_equal(
	    store_begin(f->store, STORE_WAIT_SHORT, "screen", &second, &f->err),
	    -1);
	assert_int_equal(f->err.code, E_STORE_BUSY);
	assert_string_equal(err_find(&f->err, "what"), "import");
	store_rollback(f->store, &db);
	assert_null(db);
	assert_ok(add_list(f->store, "free again", &f->err), &f->err);
}

enum { WORKERS = 4, COMMITS = 40 };

static void *
commit_many(void *arg)
{
	struct store *store = arg;
	struct audit_event event = {.what = "test.commit"};
	struct err err = {0};

	for (int i = 0; i < COMMITS; i++) {
		struct db *db = NULL;
		struct stmt *stmt;

		if (store_begin(store, STORE_WAIT_LONG, "worker", &db, &err) <
		    0)
			return store;
		stmt = db_stmt(db,
		    "INSERT INTO list(name, created_ms, changed_ms,"
		    " changed_by) VALUES(hex(randomblob(8)), 0, 0, '')",
		    &err);
		if (!stmt || stmt_run(stmt, &err) < 0 ||
		    audit_add_in(store, db, &event, &err) < 0) {
			store_rollback(store, &db);
			return store;
		}
		if (i % 10 == 9)
			store_rollback(store, &db);
		else if (store_commit(store, &db, &err) < 0)
			return store;
	}
	return NULL;
}

static void
many_writers(void **state)
{
	enum { WANT = WORKERS * COMMITS * 9 / 10 };
	struct fixture *f = *state;
	pthread_t thread[WORKERS];
	struct db *db = NULL;
	int64_t count = 0;
	void *failed;

	create(f);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, commit_many, f->store), 0);
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(thread[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(number(f->store, "SELECT count(*) FROM list"), WANT);
	assert_ok(store_reader_open(f->store, &db, &f->err), &f->err);
	assert_ok(audit_verify(f->store, db, &count, &f->err), &f->err);
	assert_int_equal(count, WANT + 1);
	store_reader_close(&db);
}

struct queue {
	struct turn turn;
	int order[WORKERS];
	int served;
};

struct queuer {
	struct queue *queue;
	int number;
};

static void *
queue_up(void *arg)
{
	struct queuer *self = arg;
	struct queue *queue = self->queue;

	if (turn_take(&queue->turn, -1, "queuer", NULL) < 0)
		return self;
	queue->order[queue->served++] = self->number;
	turn_give(&queue->turn);
	return NULL;
}

static bool
has_waiters(struct turn *turn, struct waiter *last)
{
	bool has;

	pthread_mutex_lock(&turn->mutex);
	has = turn->last != last;
	pthread_mutex_unlock(&turn->mutex);
	return has;
}

static void
first_come_first_served(void **state)
{
	struct queue queue = {0};
	struct queuer queuer[WORKERS];
	pthread_t thread[WORKERS];

	(void)state;
	turn_init(&queue.turn);
	assert_int_equal(turn_take(&queue.turn, 0, "first", NULL), 0);
	for (int i = 0; i < WORKERS; i++) {
		struct waiter *last = queue.turn.last;

		queuer[i] = (struct queuer){&queue, i};
		assert_int_equal(
		    pthread_create(&thread[i], NULL, queue_up, &queuer[i]), 0);
		while (!has_waiters(&queue.turn, last))
			sched_yield();
	}
	turn_give(&queue.turn);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(queue.order[i], i);
	turn_done(&queue.turn);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(busy_writer),
	    CASE(many_writers),
	    CASE(first_come_first_served),
	};

	secret_heap_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
