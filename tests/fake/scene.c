/* See scene.h. */
#include "tests/fake/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "tests/fake/tempstore.h"

static void
must(int rc, const struct err *err, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "scene: %s: %s %s\n", what, err_name(err->code),
	    err->fact[0].value);
	abort();
}

static void
section(struct app *app, int number)
{
	(void)app;
	(void)number;
}

static void
status(struct app *app, struct buf *out)
{
	(void)app;
	buf_text(out, "hanako");
}

static const struct app_hooks hooks = {.section = section, .status = status};

static const char *const settings[][2] = {
    {"sender.name", "株式会社例示"},
    {"sender.address", "news@example.jp"},
    {"legal.name", "株式会社例示"},
    {"legal.postal", "〒100-0001 東京都千代田区千代田1-1"},
    {"legal.contact", "お問合せ 03-0000-0000"},
    {"unsubscribe.base_url", "https://u.example.jp/u"},
    {"unsubscribe.mailto", "u@bounce.example.jp"},
    {"approval.when", "never"},
};

void
scene_start(struct scene *scene)
{
	scene_start_with(scene, NULL);
}

static void
begin(struct scene *scene, struct app_port *port, struct session *session)
{
	struct err err = {.code = E_NONE};

	*scene = (struct scene){
	    .golden.params = {
		.hooks = &hooks, .port = port, .session = session}};
	golden_start(&scene->golden);
	scene->store = tempstore_open(&scene->golden.clock.base);
	scene->dir = tempdir_new();
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		must(setting_write(scene->store, settings[i][0],
			 span_of(settings[i][1]), &err),
		    &err, settings[i][0]);
	app_set_store(scene->golden.app, scene->store);
}

void
scene_start_with(struct scene *scene, struct app_port *port)
{
	begin(scene, port, NULL);
}

void
scene_start_session(struct scene *scene, struct session *session)
{
	begin(scene, NULL, session);
}

void
scene_end(struct scene *scene)
{
	golden_end(&scene->golden);
	tempstore_close(&scene->store);
	tempdir_remove(&scene->dir);
}

void
scene_restart(struct scene *scene)
{
	golden_end(&scene->golden);
	tempstore_reopen(&scene->store);
	scene->golden.app = app_new(&scene->golden.params);
	app_set_store(scene->golden.app, scene->store);
}

void
scene_do(struct scene *scene, const char *sql)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {.code = E_NONE};

	must(store_begin(scene->store, STORE_WAIT_LONG, "scene", &db, &err),
	    &err, "begin");
	stmt = db_stmt(db, sql, &err);
	must(stmt ? stmt_run(stmt, &err) : -1, &err, sql);
	must(store_commit(scene->store, &db, &err), &err, "commit");
}

static void
add_member(struct db *db, struct list_id list, int number)
{
	char address[40], name[40], fields[60];
	struct err err = {.code = E_NONE};
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO contact(address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(?1, ?1, ?2, ?3, 1, 1)",
	    &err);

	must(stmt ? 0 : -1, &err, "contact");
	snprintf(address, sizeof address, "user%05d@example.jp", number);
	snprintf(name, sizeof name, "山田 太郎%d", number);
	snprintf(fields, sizeof fields, "{\"会員番号\":\"%05d\"}", number);
	stmt_text(stmt, 1, span_of(address));
	stmt_text(stmt, 2, span_of(name));
	stmt_text(stmt, 3, span_of(fields));
	must(stmt_run(stmt, &err), &err, "contact");
	stmt = db_stmt(db,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note,"
	    " how, paper) VALUES(?1, last_insert_rowid(), 1, 1775001600000,"
	    " 'web form', 2, 'folder 7')",
	    &err);
	must(stmt ? 0 : -1, &err, "member");
	stmt_int(stmt, 1, list.v);
	must(stmt_run(stmt, &err), &err, "member");
}

struct list_id
scene_list(struct scene *scene, const char *name, int members)
{
	struct err err = {.code = E_NONE};
	struct list_id list = {0};
	struct db *db = NULL;

	must(list_create(scene->store, span_of(name), &list, &err), &err, name);
	must(store_begin(scene->store, STORE_WAIT_LONG, "scene", &db, &err),
	    &err, "begin");
	for (int i = 1; i <= members; i++)
		add_member(db, list, i);
	must(store_commit(scene->store, &db, &err), &err, "commit");
	return list;
}

struct campaign_id
scene_campaign(struct scene *scene, const char *name, struct list_id list,
    const char *subject, const char *body)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct err err = {.code = E_NONE};
	struct campaign_id id = {0};
	struct db *db = NULL;

	must(campaign_create(scene->store, span_of(name), CLASS_AD, &id, &err),
	    &err, name);
	must(store_reader_open(scene->store, &db, &err), &err, "reader");
	must(campaign_read(db, id, &campaign, &err), &err, "read");
	store_reader_close(&db);
	campaign.list = list.v;
	buf_text(&campaign.subject, subject);
	buf_text(&campaign.body, body);
	must(campaign_save(scene->store, &campaign, &err), &err, "save");
	campaign_done(&campaign);
	return id;
}

char *
scene_file(struct scene *scene, const char *name, struct span bytes)
{
	struct err err = {.code = E_NONE};
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", scene->dir, name);
	must(file_replace(path.ptr, bytes, 0600, &err), &err, name);
	return path.ptr;
}

int64_t
scene_number(struct scene *scene, const char *sql)
{
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	struct stmt *stmt;
	int64_t value;

	must(store_reader_open(scene->store, &db, &err), &err, "reader");
	stmt = db_stmt(db, sql, &err);
	must(stmt ? 0 : -1, &err, sql);
	must(stmt_step(stmt, &err) == 1 ? 0 : -1, &err, sql);
	value = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	store_reader_close(&db);
	return value;
}

void
scene_wait(struct scene *scene, int ms)
{
	fake_clock_move(&scene->golden.clock, ms);
	app_timers(scene->golden.app);
	golden_settle(&scene->golden);
}

int
scene_setup(void **state)
{
	static struct scene scene;

	scene_start(&scene);
	*state = &scene;
	return 0;
}

int
scene_teardown(void **state)
{
	scene_end(*state);
	return 0;
}
