/* The second person at the operator's terminal.  Who sits there is asked by su
 * and then by Sekisho; this process sees neither password nor passphrase. */
#include "tui/screens/here.h"

#include <unistd.h>

#include "tui/app.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"

enum { PATH_ROOM = 4096 };

static void
add_approver(void *arg, const struct person *person)
{
	struct buf *out = arg;

	if (person->login[0] == '@' || !person_may(person, MAY_APPROVE))
		return;
	if (out->len)
		buf_text(out, ", ");
	buf_text(out, person->login);
}

int
here_approvers(struct db *db, struct buf *out, struct err *err)
{
	return person_each(db, add_approver, out, err);
}

/* A word for the shell that su starts. */
static void
add_quoted(struct buf *out, const char *word)
{
	buf_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_text(out, "'\\''");
		else
			buf_char(out, *word);
	}
	buf_text(out, "' ");
}

static void
add_command(struct screen *owner, const char *words, struct buf *out)
{
	char path[PATH_ROOM];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

	path[len > 0 ? len : 0] = '\0';
	add_quoted(out, len > 0 ? path : "sekisho");
	buf_text(out, "--store ");
	add_quoted(out, store_dir(app_store(owner->app)));
	buf_printf(
	    out, "--lang %s %s", i18n_is_japanese() ? "ja" : "en", words);
}

/* What su or Sekisho said went by on the terminal. */
static void
say_nobody(struct app *app, const struct err *err)
{
	if (err->code == E_TERM_PROGRAM && *err_find(err, "status"))
		app_say(app, SAY_ERROR,
		    _("Nobody was let in here. Check login name and password; "
		      "this host may also forbid su."));
	else
		app_say_err(app, err);
}

void
here_run(struct screen *owner, struct span login, const char *words)
{
	struct buf command = BUF_INIT, name = BUF_INIT;
	struct err err = {.code = E_NONE};
	char su[] = "su", dash[] = "-", c[] = "-c";

	buf_add(&name, span_trim(login));
	add_command(owner, words, &command);
	if (name.len && name.ptr[0] != '-') {
		char *argv[] = {su, dash, name.ptr, c, command.ptr, NULL};

		if (app_run(owner->app, argv, &err) < 0)
			say_nobody(owner->app, &err);
	}
	buf_done(&command);
	buf_done(&name);
}

void
here_ask(struct screen *owner, struct span approvers,
    void (*typed)(struct screen *owner, int answer, struct span text))
{
	dialog_ask(owner,
	    &(struct dialog){
		.title = _("Approve here, now"),
		.text = _("Login name of the approver, who signs in on this "
			  "terminal and looks at everything by themselves."),
		.done = typed,
	    },
	    LINE_TEXT, span_cut(&approvers, ','), NULL);
}
