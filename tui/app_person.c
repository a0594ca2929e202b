/* Who sits here, as far as screens ask: read once from the store, so that
 * greying out costs nothing.  Core asks again when something is done. */
#include "tui/app_impl.h"
#include "tui/text/i18n.h"

void
app_person_read(struct app *app)
{
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	app->person = (struct person){.roles = 0};
	app->masked = true;
	if (!app->store)
		return;
	if (store_reader_open(app->store, &db, &err) < 0 ||
	    person_current(app->store, db, &app->person, &err) < 0)
		app_say_err(app, &err);
	else
		app->masked = store_masks(app->store, db, &err) != 0;
	store_reader_close(&db);
}

bool
app_is_masked(struct app *app)
{
	return app->masked;
}

void
app_set_store(struct app *app, struct store *store)
{
	app->store = store;
	app_person_read(app);
}

const struct person *
app_person(struct app *app)
{
	return app->store ? &app->person : NULL;
}

bool
app_may(struct app *app, enum permission permission)
{
	return person_may(app_person(app), permission);
}

const char *
app_may_why_not(struct app *app, enum permission permission)
{
	return app_may(app, permission)
		   ? NULL
		   : _("Your roles do not allow this; an administrator gives "
		       "roles in Setup, People.");
}
