/* When the screen locks, what failed sign-ins lead to, whether other programs
 * may be started.  The pause works
 * before a store is open, from a file beside it: saving brings it up to date
 * (setup_save()). */
#include "tui/screens/setup_page.h"
#include "tui/text/i18n.h"

static void
check_lock(struct span text, struct buf *why)
{
	setup_check("lock.minutes", text, why);
}

static void
check_failures(struct span text, struct buf *why)
{
	setup_check("login.max_failures", text, why);
}

static void
check_window(struct span text, struct buf *why)
{
	setup_check("login.window_minutes", text, why);
}

static void
check_pause(struct span text, struct buf *why)
{
	setup_check("login.pause_minutes", text, why);
}

enum {
	F_HEAD_LOCK,
	F_LOCK,
	F_HEAD_LOGIN,
	F_FAILURES,
	F_WINDOW,
	F_PAUSE,
	F_HEAD_EDITOR,
	F_EDITOR,
	F_COUNT
};

static const char *const editors[] = {N_("allowed"), N_("forbidden"), NULL};
static const char *const editor_words[] = {"on", "off"};

#define NUMBER(name, words, tip, checker)                                      \
	[name] = {.label = (words),                                            \
	    .kind = FIELD_NUMBER,                                              \
	    .cols = 8,                                                         \
	    .max = 4,                                                          \
	    .hint = (tip),                                                     \
	    .check = (checker)}

static const struct field_spec fields[F_COUNT] = {
    [F_HEAD_LOCK] = {.label = N_("Lock"), .kind = FIELD_GAP},
    NUMBER(F_LOCK, N_("Minutes without a key"),
	N_("After them the screen locks. Valid at once."), check_lock),
    [F_HEAD_LOGIN] = {.label = N_("Failed sign-ins"), .kind = FIELD_GAP},
    NUMBER(F_FAILURES, N_("Tries before a pause"),
	N_("Wrong passwords and wrong passphrases count."), check_failures),
    NUMBER(F_WINDOW, N_("Counted within minutes"),
	N_("Older failed tries are forgotten."), check_window),
    NUMBER(F_PAUSE, N_("Minutes of pause"),
	N_("Nobody can sign in as this user meanwhile."), check_pause),
    [F_HEAD_EDITOR] = {.label = N_("Other programs"), .kind = FIELD_GAP},
    [F_EDITOR] = {.label = N_("$EDITOR for texts"),
	.kind = FIELD_CHOICE,
	.choices = editors,
	.hint = N_("An editor can run a shell; the built-in one cannot.")},
};

const struct setup_field setup_access_fields[] = {
    {F_LOCK, "lock.minutes"},
    {F_FAILURES, "login.max_failures"},
    {F_WINDOW, "login.window_minutes"},
    {F_PAUSE, "login.pause_minutes"},
    {0, NULL},
};

/* The job's own value: the field may have been typed in since. */
static void
use_lock(struct app *app, const struct setup_changes *changes)
{
	int64_t minutes;

	for (int i = 0; i < changes->count; i++) {
		if (!strcmp(changes->name[i], "lock.minutes") &&
		    span_int(buf_span(&changes->value[i]), &minutes))
			app_set_idle_lock(app, (int)minutes * 60000);
	}
}

/* After the other fields, which setup_load() has read. */
static void
load_editor(struct setup_page *self)
{
	struct err err = {.code = E_NONE};
	struct buf editor = BUF_INIT;
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
	    setting_read(db, "editor.external", &editor, &err) < 0)
		app_say_err(self->base.app, &err);
	form_set_choice(
	    self->form, F_EDITOR, span_equal(buf_span(&editor), SPAN("off")));
	form_set_saved(self->form);
	buf_done(&editor);
	store_reader_close(&db);
}

static void
change_editor(const struct form *form, struct setup_changes *changes)
{
	setup_change(changes, "editor.external",
	    span_of(editor_words[form_choice(form, F_EDITOR)]));
}

static const struct setup_page_kind access_kind = {
    .title = N_("Sign-in and lock"),
    .spec = fields,
    .count = F_COUNT,
    .fields = setup_access_fields,
    .load = load_editor,
    .change = change_editor,
    .saved = use_lock,
};
static const struct screen_ops access_ops = SETUP_PAGE_OPS("setup-access");

void
setup_access_open(struct app *app)
{
	setup_page_open(app, &access_ops, &access_kind);
}
