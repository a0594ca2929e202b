/* A screen test on a real store: golden app, store on its clock, sections. */
#ifndef TESTS_FAKE_SCENE_H
#define TESTS_FAKE_SCENE_H

#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "tests/fake/golden.h"

struct scene {
	struct golden golden;
	struct store *store;
	char *dir; /* for files of the test */
};

/* Starts an app with an empty store whose sections do nothing; ends the
 * process when that fails. */
void scene_start(struct scene *scene);
void scene_end(struct scene *scene);

/* The same as a test's set-up and teardown; *state is the scene. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* scene_start() with a terminal for external programs. */
void scene_start_with(struct scene *scene, struct app_port *port);

/* scene_start() with a session, borrowed, that the test fills in. */
void scene_start_session(struct scene *scene, struct session *session);

/* The program ends and begins again on the same store. */
void scene_restart(struct scene *scene);

/* Changes the store behind the program's back: a string literal of SQL. */
void scene_do(struct scene *scene, const char *sql);

/* A list with members user00001@example.jp and so on, with consent and the
 * field 会員番号. */
struct list_id scene_list(struct scene *scene, const char *name, int members);

/* A draft to a list. */
struct campaign_id scene_campaign(struct scene *scene, const char *name,
    struct list_id list, const char *subject, const char *body);

/* Writes a file into the scene's folder; the caller frees its path. */
char *scene_file(struct scene *scene, const char *name, struct span bytes);

/* One number from the store: the first column of the first row. */
int64_t scene_number(struct scene *scene, const char *sql);

/* Moves the clock and lets timers and their jobs work. */
void scene_wait(struct scene *scene, int ms);

#endif
