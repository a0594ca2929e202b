/* S/MIME: the certificates that campaigns can sign with, and the import of
 * those to encrypt for.  Keys and passphrases are read by a job, and only into
 * secrets. */
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "tui/screens/setup.h"
#include "tui/screens/smime_text.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

struct page {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct arena *arena; /* of info */
	struct smime_info *info;
	size_t count;
	struct buf until; /* of the row last read */
	char *path;       /* of the file being imported */
};

static const struct list_column columns[] = {
    {N_("Address"), 0, 24, 0, FIT_MIDDLE},
    {N_("Issued by"), 22, 0, 0, FIT_END},
    {N_("Key"), 14, 0, 0, FIT_END},
    {N_("Until"), 14, 0, 0, FIT_END},
};

static struct page *
of_source(struct list_source *source)
{
	return (struct page *)((char *)source - offsetof(struct page, source));
}

static int64_t
count(struct list_source *source)
{
	return (int64_t)of_source(source)->count;
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct page *self = of_source(source);
	const struct smime_certificate *certificate =
	    &self->info[index].certificate;
	int64_t now = app_now_ms(self->base.app);

	buf_clear(&self->until);
	buf_text(&self->until, now > certificate->to_ms ? "! " : "");
	format_date(&self->until, certificate->to_ms);
	out->key = self->info[index].id;
	out->cell[0] = certificate->address_count ? certificate->address[0]
						  : certificate->subject;
	out->cell[1] = smime_common_name(certificate->issuer);
	out->cell[2] = span_of(certificate->key);
	out->cell[3] = buf_span(&self->until);
	if (now > certificate->to_ms)
		out->cell_role[3] = ROLE_WARN;
	return true;
}

static void
shown(struct screen *screen)
{
	struct page *self = (struct page *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	arena_reset(self->arena);
	self->info = NULL;
	self->count = 0;
	if (store_view_open(app_store(screen->app), &db, &err) < 0 ||
	    smime_all(db, self->arena, &self->info, &self->count, &err) < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Jobs ---------------------------------------------------------------- */

enum work_kind { IMPORT, REMOVE, TAKE };

struct work {
	enum work_kind kind;
	struct store *store; /* borrowed */
	char *path;
	struct secret *passphrase;
	int64_t id;
	struct smime_intake counts;
};

static int
import(struct work *self, struct err *err)
{
	struct buf bytes = BUF_INIT;
	int rc = -1;

	if (file_read(self->path, SMIME_FILE_MAX, &bytes, err) == 0)
		rc = smime_add(self->store, buf_span(&bytes), self->passphrase,
		    &self->id, err);
	buf_wipe(&bytes);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct work *self = data;

	(void)job;
	switch (self->kind) {
	case IMPORT:
		return import(self, err);
	case REMOVE:
		return smime_remove(self->store, self->id, err);
	case TAKE:
		return smime_take(
		    self->store, self->path, 0, &self->counts, err);
	}
	return -1;
}

static void
work_free(void *data)
{
	struct work *self = data;

	free(self->path);
	secret_free(&self->passphrase);
	free(self);
}

static const struct job_ops work_ops = {.run = work_run, .free = work_free};

static struct work *
work_new(struct page *self, enum work_kind kind)
{
	struct work *work = mem_new(sizeof *work);

	work->kind = kind;
	work->store = app_store(self->base.app);
	return work;
}

static void
start(struct page *self, struct work *work)
{
	struct err err = {.code = E_NONE};

	if ((work->kind == TAKE ? app_job(self->base.app, &self->base,
				      &work_ops, work, NULL, &err)
				: stepup_job(&self->base, STEPUP_SETUP,
				      &work_ops, work, NULL, &err)) < 0)
		app_say_err(self->base.app, &err);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	const struct work *work = data;
	struct buf text = BUF_INIT;

	(void)job;
	if (rc < 0) {
		app_say_err(screen->app, err);
	} else if (work->kind == IMPORT) {
		app_say(screen->app, SAY_OK,
		    _("The certificate is in the store. Campaigns choose it "
		      "on their page."));
	} else if (work->kind == REMOVE) {
		app_say(screen->app, SAY_OK,
		    _("The certificate and its key are removed."));
	} else {
		smime_say_intake(&work->counts, &text);
		app_say(screen->app, SAY_OK, text.ptr);
	}
	buf_done(&text);
	shown(screen);
}

/* ---- Questions ----------------------------------------------------------- */

static void
check_needed(struct span text, struct buf *why)
{
	if (text.len == 0)
		buf_text(why, _("This is needed."));
}

static void
passphrase_given(struct screen *owner, int answer, struct span text)
{
	struct page *self = (struct page *)owner;
	struct work *work;

	if (answer == 1) {
		work = work_new(self, IMPORT);
		work->path = mem_text(span_of(self->path));
		work->passphrase = secret_of(text.ptr, text.len);
		start(self, work);
	}
}

static void
file_given(struct screen *owner, int answer, struct span text)
{
	struct page *self = (struct page *)owner;

	if (answer != 1)
		return;
	free(self->path);
	self->path = mem_text(span_trim(text));
	dialog_ask(owner,
	    &(struct dialog){
		.title = _("Passphrase of the file"),
		.text = _("It is used once and not kept."),
		.done = passphrase_given,
	    },
	    LINE_SECRET, SPAN(""), NULL);
}

static void
ask_file(struct page *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("A certificate to sign with"),
		.text = _("A PKCS #12 file (.p12, .pfx) with key and "
			  "certificate, on this computer. Delete it there "
			  "afterwards."),
		.done = file_given,
	    },
	    LINE_TEXT, SPAN(""), check_needed);
}

static void
folder_given(struct screen *owner, int answer, struct span text)
{
	struct page *self = (struct page *)owner;
	struct work *work;

	if (answer != 1)
		return;
	work = work_new(self, TAKE);
	work->path = mem_text(span_trim(text));
	app_say(owner->app, SAY_INFO, _("Reading certificates .."));
	start(self, work);
}

static void
ask_folder(struct page *self)
{
	dialog_ask(&self->base,
	    &(struct dialog){
		.title = _("Certificates of contacts"),
		.text = _("A file or a folder (PEM, DER, P7B). Each "
			  "certificate goes to the contact whose address it "
			  "names; others are left out."),
		.done = folder_given,
	    },
	    LINE_TEXT, SPAN(""), check_needed);
}

static const struct smime_info *
chosen(const struct page *self)
{
	int64_t id;

	if (!list_cursor(self->list, &id))
		return NULL;
	for (size_t i = 0; i < self->count; i++) {
		if (self->info[i].id == id)
			return &self->info[i];
	}
	return NULL;
}

static void
remove_answered(struct screen *owner, int answer, struct span text)
{
	struct page *self = (struct page *)owner;
	const struct smime_info *info = chosen(self);
	struct work *work;

	(void)text;
	if (answer != 1 || !info)
		return;
	work = work_new(self, REMOVE);
	work->id = info->id;
	start(self, work);
}

static void
ask_remove(struct page *self, const struct smime_info *info)
{
	struct buf word = BUF_INIT;

	buf_add(&word, info->certificate.address_count
			   ? info->certificate.address[0]
			   : SPAN("S/MIME"));
	dialog_type(&self->base,
	    &(struct dialog){
		.title = _("Remove the certificate and its key?"),
		.text = _("Campaigns that sign with it must choose another "
			  "one. The key cannot be brought back from here."),
		.done = remove_answered,
	    },
	    word.ptr);
	buf_done(&word);
}

static void
tell(struct page *self, const struct smime_info *info)
{
	struct buf text = BUF_INIT;

	smime_describe(&info->certificate, &text);
	dialog_tell(&self->base,
	    &(struct dialog){.title = _("Certificate"), .text = text.ptr});
	buf_done(&text);
}

/* ---- The screen ---------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, "S/MIME");
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct page *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Private keys never leave the encrypted store."));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct page *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct page *self = (struct page *)screen;
	const struct smime_info *info = chosen(self);

	if (action == ACT_SETUP_NEW)
		ask_file(self);
	else if (action == ACT_SETUP_CERTIFICATES)
		ask_folder(self);
	else if (action == ACT_SETUP_OPEN && info)
		tell(self, info);
	else if (action == ACT_SETUP_REMOVE && info)
		ask_remove(self, info);
	else
		return UNUSED;
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct page *self = (struct page *)screen;

	if ((action == ACT_SETUP_OPEN || action == ACT_SETUP_REMOVE) &&
	    !self->count)
		return _("There is no certificate yet; n imports one.");
	if ((action == ACT_SETUP_NEW || action == ACT_SETUP_REMOVE ||
		action == ACT_SETUP_CERTIFICATES) &&
	    app_has_job(screen->app, screen))
		return _("Certificates are being read.");
	return NULL;
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {ACT_SETUP_OPEN, ACT_SETUP_NEW,
	    ACT_SETUP_CERTIFICATES, ACT_SETUP_REMOVE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_page(struct screen *screen)
{
	struct page *self = (struct page *)screen;

	list_free(&self->list);
	arena_free(&self->arena);
	buf_done(&self->until);
	free(self->path);
	free(self);
}

static const struct screen_ops page_ops = {
    .name = "setup-smime",
    .section = 8,
    .title = title,
    .draw = draw,
    .hint = hint,
    .key = key,
    .act = act,
    .why_not = why_not,
    .footer = footer,
    .shown = shown,
    .job_done = job_done,
    .close = close_page,
};

void
setup_smime_open(struct app *app)
{
	struct page *self = mem_new(sizeof *self);

	self->base.ops = &page_ops;
	self->arena = arena_new();
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(self->list,
	    N_("No certificate yet. Press n to import one that campaigns sign "
	       "with, c for those of contacts to encrypt for."));
	app_push(app, &self->base);
}
