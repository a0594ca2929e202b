/* The head of a campaign: who writes what to whom.  Letters are commands here;
 * Enter opens a field, and what it takes is saved at once, so there is nothing
 * to lose.  A launched campaign can only be read, and editing a sealed one asks
 * first, because its seal is gone then. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/compose/compose.h"
#include "tui/mailthemes.h"
#include "tui/screens/campaign_pick.h"
#include "tui/screens/campaign_summary.h"
#include "tui/screens/campaign_work.h"
#include "tui/screens/screens.h"
#include "tui/screens/seal_question.h"
#include "tui/text/errors.h"
#include "tui/text/format.h"
#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/moment.h"
#include "tui/text/state_text.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/form.h"

enum {
	NAME,
	CLASS,
	FROM_NAME,
	FROM_ADDRESS,
	REPLY_TO,
	LIST,
	MEANT_FOR,
	EXPECTED,
	SUBJECT,
	PREHEADER,
	THEME,
	LANGUAGE,
	CHARSET,
	SMIME,
	ENCRYPT,
	CONFIDENTIAL,
	SEND_AT,
	FIELDS
};

struct head {
	struct screen base;
	struct campaign_id id;
	struct campaign campaign;
	bool loaded;
	struct form *form;
	bool editing;
	char *before; /* text of the field when editing began */
	struct audience_choice *lists;
	size_t list_count;
	struct themes themes;
	char take[THEME_NAME_MAX + 1]; /* the theme to take when saving */
	struct arena *arena;           /* of identities */
	struct smime_info *identity;
	size_t identity_count;
	struct summary summary;
	bool asked_kept, may_break_seal;
	enum action pending; /* after the question about the seal */
	bool saving, save_again;
	struct job *load; /* the last one */
};

static const char *const classes[] = {
    [CLASS_AD] = N_("advertisement"),
    [CLASS_TX] = N_("transaction"),
    [CLASS_NOTICE] = N_("mandated notice"),
    [CLASS_TEST] = N_("test"),
    NULL,
};

static const char *const charsets[] = {
    [CHARSET_UTF_8] = "UTF-8",
    [CHARSET_ISO_2022_JP] = N_("ISO-2022-JP, else UTF-8"),
    NULL,
};

/* As circle_text() says them. */
static const char *const circles[] = {
    [CIRCLE_UNSAID] = N_("not said"),
    [CIRCLE_STAFF] = N_("staff"),
    [CIRCLE_PARTNERS] = N_("partners"),
    [CIRCLE_CUSTOMERS] = N_("customers"),
    NULL,
};

static const char *const confidences[] = {
    N_("no"),
    N_("yes: only by relays that pass it on encrypted"),
    NULL,
};

static const char *const encryptions[] = {
    [ENCRYPT_NEVER] = N_("never"),
    [ENCRYPT_KNOWN] = N_("where a certificate is known"),
    [ENCRYPT_ALWAYS] = N_("always, or it is not sent"),
    NULL,
};

static const struct field_spec fields[FIELDS] = {
    [NAME] = {.label = N_("Name"),
	.kind = FIELD_TEXT,
	.max = 800,
	.hint = N_("Only you see it.")},
    [CLASS] = {.label = N_("Kind"),
	.kind = FIELD_CHOICE,
	.cols = 24,
	.choices = classes,
	.hint = N_("Decides the footer and who may be mailed.")},
    [FROM_NAME] = {.label = N_("From, name"), .kind = FIELD_TEXT, .max = 500},
    [FROM_ADDRESS] = {.label = N_("From, address"), .kind = FIELD_TEXT},
    [REPLY_TO] = {.label = N_("Reply-To"),
	.kind = FIELD_TEXT,
	.hint = N_("Empty: answers go to the sender.")},
    [LIST] = {.label = N_("To"), .kind = FIELD_CHOICE, .cols = 48},
    [MEANT_FOR] = {.label = N_("Meant for"),
	.kind = FIELD_CHOICE,
	.cols = 24,
	.choices = circles,
	.hint = N_("A list of others stops the checklist.")},
    [EXPECTED] = {.label = N_("Expected"),
	.kind = FIELD_NUMBER,
	.cols = 12,
	.max = 11,
	.hint = N_("How many will get it? Say it before you look.")},
    [SUBJECT] = {.label = N_("Subject"),
	.kind = FIELD_TEXT,
	.max = SUBJECT_MAX,
	.hint = N_("{{field|default}} puts a merge field in.")},
    [PREHEADER] = {.label = N_("Preheader"),
	.kind = FIELD_TEXT,
	.max = PREHEADER_MAX,
	.hint = N_("What lists of mail show behind the subject.")},
    [THEME] = {.label = N_("Mail theme"), .kind = FIELD_CHOICE, .cols = 32},
    [LANGUAGE] = {.label = N_("Language"),
	.kind = FIELD_TEXT,
	.cols = 20,
	.hint = N_("ja, en, zh-Hant, ar ... Empty: told by the text.")},
    [CHARSET] = {.label = N_("Encoding"),
	.kind = FIELD_CHOICE,
	.cols = 40,
	.choices = charsets,
	.hint = N_("A copy that it cannot hold leaves as UTF-8.")},
    [SMIME] = {.label = N_("Sign"),
	.kind = FIELD_CHOICE,
	.cols = 40,
	.hint = N_("An S/MIME certificate of the sender's address.")},
    [ENCRYPT] = {.label = N_("Encrypt"),
	.kind = FIELD_CHOICE,
	.cols = 40,
	.choices = encryptions,
	.hint = N_("With S/MIME; the subject stays readable.")},
    [CONFIDENTIAL] = {.label = N_("Confidential"),
	.kind = FIELD_CHOICE,
	.cols = 48,
	.choices = confidences,
	.hint = N_("Every relay must offer REQUIRETLS.")},
    [SEND_AT] = {.label = N_("Send at"),
	.kind = FIELD_TEXT,
	.cols = 40,
	.max = 40,
	.check = campaign_check_moment,
	.hint = N_("2026-11-23 09:00 - 12:00 in local time; after the second "
		   "it never starts. Empty: by hand.")},
};

static bool
is_read_only(const struct head *self)
{
	return !campaign_is_editable(self->campaign.state);
}

/* ---- Jobs ----------------------------------------------------------------- */

static void
run(struct head *self, struct head_task *task)
{
	struct job **out = task->kind == HEAD_LOAD ? &self->load : NULL;
	struct err err = {.code = E_NONE};

	task->store = app_store(self->base.app);
	task->places = app_theme_places(self->base.app);
	if (app_job(self->base.app, &self->base, &head_job, task, out, &err) <
	    0)
		app_say_err(self->base.app, &err);
}

static void
start(struct head *self, enum head_deed kind)
{
	struct head_task *task = mem_new(sizeof *task);

	task->kind = kind;
	task->arena = arena_new();
	task->campaign = CAMPAIGN_INIT;
	task->campaign.id = self->id;
	run(self, task);
}

static void
copy(struct buf *to, struct span text)
{
	buf_clear(to);
	buf_add(to, text);
}

/* The audience chosen; NULL: none yet. */
static const struct audience_choice *
chosen_list(const struct head *self)
{
	int choice = form_choice(self->form, LIST);

	if (choice < 1 || (size_t)choice > self->list_count)
		return NULL;
	return &self->lists[choice - 1];
}

static bool
is_audience(
    const struct audience_choice *choice, const struct campaign *campaign)
{
	return choice && choice->list == campaign->list &&
	       choice->segment == campaign->segment;
}

/* The number is of one list: with another one it is to be said anew. */
static int64_t
expected(const struct head *self)
{
	int64_t number = 0;

	if (!is_audience(chosen_list(self), &self->campaign) ||
	    !span_int(form_text(self->form, EXPECTED), &number))
		return 0;
	return number;
}

/* An identity that is not in the store any more stays chosen until another one
 * is. */
static int64_t
chosen_identity(const struct head *self)
{
	int choice = form_choice(self->form, SMIME);

	if (choice < 1)
		return 0;
	if ((size_t)choice > self->identity_count)
		return self->campaign.smime;
	return self->identity[choice - 1].id;
}

/* What is no moment changes nothing. */
static void
take_moment(const struct head *self, struct campaign *campaign)
{
	int64_t at_ms, until_ms;

	if (!moment_span_parse(
		form_text(self->form, SEND_AT), &at_ms, &until_ms))
		return;
	campaign->send_at_ms = at_ms;
	campaign->send_until_ms = until_ms;
}

static void
take_audience(const struct head *self, struct campaign *campaign)
{
	const struct audience_choice *choice = chosen_list(self);

	campaign->list = choice ? choice->list : 0;
	campaign->segment = choice ? choice->segment : 0;
}

/* Saves what the fields hold; one at a time. */
static void
save(struct head *self)
{
	struct head_task *task;

	if (self->saving) {
		self->save_again = true;
		return;
	}
	self->saving = true;
	task = mem_new(sizeof *task);
	task->kind = HEAD_SAVE;
	campaign_assign(&task->campaign, &self->campaign);
	task->campaign.class =
	    (enum campaign_class)form_choice(self->form, CLASS);
	take_audience(self, &task->campaign);
	task->campaign.meant_for =
	    (enum circle)form_choice(self->form, MEANT_FOR);
	task->campaign.expected = expected(self);
	task->campaign.charset =
	    (enum campaign_charset)form_choice(self->form, CHARSET);
	task->campaign.smime = chosen_identity(self);
	task->campaign.encrypt =
	    (enum campaign_encrypt)form_choice(self->form, ENCRYPT);
	task->campaign.confidential = form_choice(self->form, CONFIDENTIAL);
	take_moment(self, &task->campaign);
	copy(&task->campaign.name, form_text(self->form, NAME));
	copy(&task->campaign.from_name, form_text(self->form, FROM_NAME));
	copy(&task->campaign.from_address, form_text(self->form, FROM_ADDRESS));
	copy(&task->campaign.reply_to, form_text(self->form, REPLY_TO));
	copy(&task->campaign.subject, form_text(self->form, SUBJECT));
	copy(&task->campaign.preheader, form_text(self->form, PREHEADER));
	copy(&task->campaign.language,
	    span_trim(form_text(self->form, LANGUAGE)));
	memcpy(task->take, self->take, sizeof task->take);
	self->take[0] = '\0';
	run(self, task);
}

/* ---- Ends of jobs --------------------------------------------------------- */

static void
fill_lists(struct head *self)
{
	char **names =
	    audience_names(self->lists, self->list_count, COUNTS_HIDDEN);
	int chosen = 0;

	for (size_t i = 0; i < self->list_count; i++) {
		if (is_audience(&self->lists[i], &self->campaign))
			chosen = (int)i + 1;
	}
	form_set_choices(
	    self->form, LIST, (const char *const *)names, self->list_count + 1);
	form_set_choice(self->form, LIST, chosen);
	audience_names_free(&names, self->list_count);
}

static void
fill_expected(struct head *self)
{
	struct buf number = BUF_INIT;

	if (self->campaign.expected > 0)
		buf_printf(&number, "%lld", (long long)self->campaign.expected);
	form_set(self->form, EXPECTED, buf_span(&number));
	buf_done(&number);
}

/* The themes there are; one that the campaign has and whose file is gone
 * stands behind them by its name alone. */
static void
fill_themes(struct head *self)
{
	struct span own = buf_span(&self->campaign.theme);
	const char **names = mem_array(self->themes.count + 1, sizeof *names);
	size_t count = self->themes.count;
	int chosen = own.len > 0 ? (int)count : 0;

	for (size_t i = 0; i < count; i++) {
		names[i] = mailthemes_name(&self->themes.entry[i]);
		if (span_equal(span_of(self->themes.entry[i].id), own))
			chosen = (int)i;
	}
	if (chosen == (int)count)
		names[count++] = self->campaign.theme.ptr;
	form_set_choices(self->form, THEME, names, count);
	form_set_choice(self->form, THEME, chosen);
	free(names);
}

static const char *
identity_name(const struct smime_info *info)
{
	const struct smime_certificate *certificate = &info->certificate;

	/* spans of an arena end with a NUL */
	return certificate->address_count ? certificate->address[0].ptr
					  : certificate->subject.ptr;
}

static void
fill_identities(struct head *self)
{
	size_t count = self->identity_count;
	const char **names = mem_array(count + 2, sizeof *names);
	int chosen = 0;
	bool missing = self->campaign.smime != 0;

	names[0] = _("(nobody)");
	for (size_t i = 0; i < count; i++) {
		names[i + 1] = identity_name(&self->identity[i]);
		if (self->identity[i].id != self->campaign.smime)
			continue;
		chosen = (int)i + 1;
		missing = false;
	}
	if (missing) {
		names[++count] = _("! a certificate that was removed");
		chosen = (int)count;
	}
	form_set_choices(self->form, SMIME, names, count + 1);
	form_set_choice(self->form, SMIME, chosen);
	free(names);
}

static void
fill_moment(struct head *self)
{
	struct buf text = BUF_INIT;

	moment_span_text(
	    &text, self->campaign.send_at_ms, self->campaign.send_until_ms);
	form_set(self->form, SEND_AT, buf_span(&text));
	buf_done(&text);
}

static void
fill(struct head *self)
{
	const struct campaign *campaign = &self->campaign;

	form_set(self->form, NAME, buf_span(&campaign->name));
	form_set_choice(self->form, CLASS, (int)campaign->class);
	form_set(self->form, FROM_NAME, buf_span(&campaign->from_name));
	form_set(self->form, FROM_ADDRESS, buf_span(&campaign->from_address));
	form_set(self->form, REPLY_TO, buf_span(&campaign->reply_to));
	form_set(self->form, SUBJECT, buf_span(&campaign->subject));
	form_set(self->form, PREHEADER, buf_span(&campaign->preheader));
	form_set(self->form, LANGUAGE, buf_span(&campaign->language));
	fill_lists(self);
	form_set_choice(self->form, MEANT_FOR, (int)campaign->meant_for);
	fill_expected(self);
	fill_themes(self);
	form_set_choice(self->form, CHARSET, (int)campaign->charset);
	fill_identities(self);
	form_set_choice(self->form, ENCRYPT, (int)campaign->encrypt);
	form_set_choice(self->form, CONFIDENTIAL, campaign->confidential);
	fill_moment(self);
}

static void
kept_answered(struct screen *owner, int answer, struct span text)
{
	struct head *self = (struct head *)owner;

	(void)text;
	if (answer == 1)
		text_open(owner->app, self->id, EDITOR_START_KEPT);
	if (answer != 2)
		return;
	self->summary.kept_ms = 0;
	start(self, HEAD_DROP);
}

static void
ask_kept(struct head *self)
{
	const struct dialog_choice choices[] = {
	    {'r', _("Restore it")},
	    {'d', _("Throw it away")},
	};
	struct buf text = BUF_INIT, at = BUF_INIT;

	self->asked_kept = true;
	format_minute(&at, self->summary.kept_ms);
	buf_printf(&text,
	    _("Text that nobody saved was kept at %s: the program ended while "
	      "it was being written. Restored, it can still be undone."),
	    at.ptr);
	dialog_choose(&self->base,
	    &(struct dialog){.title = _("Unsaved text was kept"),
		.text = text.ptr,
		.done = kept_answered},
	    choices, 2);
	buf_done(&text);
	buf_done(&at);
}

static void
loaded(struct head *self, struct head_task *task)
{
	campaign_done(&self->campaign);
	self->campaign = task->campaign;
	task->campaign = CAMPAIGN_INIT;
	free(self->lists);
	self->lists = task->lists;
	self->list_count = task->list_count;
	task->lists = NULL;
	free(self->themes.entry);
	self->themes = task->themes;
	task->themes.entry = NULL;
	arena_free(&self->arena);
	self->arena = task->arena;
	task->arena = NULL;
	self->identity = task->identity;
	self->identity_count = task->identity_count;
	buf_done(&self->summary.fields);
	self->summary = task->summary;
	task->summary.fields = BUF_INIT;
	self->loaded = true;
	if (!self->editing)
		fill(self);
	/* Of a sealed one the editor asks, after the question about the seal. */
	if (self->summary.kept_ms && !self->asked_kept &&
	    app_top(self->base.app) == &self->base && !is_read_only(self) &&
	    self->campaign.state != CAMPAIGN_SEALED)
		ask_kept(self);
}

static void
saved(struct head *self, struct head_task *task, int rc, const struct err *err)
{
	self->saving = false;
	if (rc < 0) {
		self->save_again = false;
		app_say_err(self->base.app, err);
		if (err->code == E_CAMPAIGN_FIELD)
			return;
	} else {
		campaign_done(&self->campaign);
		self->campaign = task->campaign;
		task->campaign = CAMPAIGN_INIT;
	}
	if (self->save_again) {
		self->save_again = false;
		save(self);
		return;
	}
	start(self, HEAD_LOAD);
}

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	struct head *self = (struct head *)screen;
	struct head_task *task = data;

	if (task->kind == HEAD_SAVE) {
		saved(self, task, rc, err);
	} else if (task->kind == HEAD_LOAD && job != self->load) {
		return;
	} else if (rc < 0) {
		app_say_err(screen->app, err);
	} else if (task->kind == HEAD_LOAD && !self->saving) {
		loaded(self, task);
	}
}

static void
shown(struct screen *screen)
{
	start((struct head *)screen, HEAD_LOAD);
}

/* ---- Fields --------------------------------------------------------------- */

static void
edit_begin(struct head *self)
{
	free(self->before);
	self->before = mem_text(form_text(self->form, form_focus(self->form)));
	self->editing = true;
}

static void
edit_accept(struct head *self)
{
	int field = form_focus(self->form);

	self->editing = false;
	if (field == NAME && span_trim(form_text(self->form, NAME)).len == 0) {
		form_set(self->form, NAME, span_of(self->before));
		app_say(self->base.app, SAY_WARN, _("It needs a name."));
	} else if (!span_equal(
		       form_text(self->form, field), span_of(self->before))) {
		save(self);
	}
}

static void
choice_answered(struct screen *owner, int answer, struct span text)
{
	struct head *self = (struct head *)owner;
	int field = form_focus(self->form);

	(void)text;
	if (!answer || answer - 1 == form_choice(self->form, field))
		return;
	form_set_choice(self->form, field, answer - 1);
	save(self);
}

/* Who has not said how many it will be must not read it here. */
static void
pick_list(struct head *self)
{
	bool said = self->campaign.expected > 0;
	char **items = audience_names(
	    self->lists, self->list_count, said ? COUNTS_SHOWN : COUNTS_HIDDEN);

	dialog_pick(&self->base,
	    &(struct dialog){.title = _("To which list?"),
		.text = said ? _("With the number of those who may be mailed.")
			     : _("Numbers are shown once you have said how "
				 "many you expect."),
		.done = choice_answered},
	    (const char *const *)items, self->list_count + 1,
	    (size_t)form_choice(self->form, LIST));
	audience_names_free(&items, self->list_count);
}

static void
theme_answered(struct screen *owner, int answer, struct span text)
{
	struct head *self = (struct head *)owner;

	(void)text;
	if (!answer || (size_t)answer > self->themes.count)
		return;
	memcpy(
	    self->take, self->themes.entry[answer - 1].id, sizeof self->take);
	save(self);
}

static void
pick_theme(struct head *self)
{
	size_t count = self->themes.count;
	char **items = mem_array(count + 1, sizeof *items);
	int chosen = form_choice(self->form, THEME);
	struct buf item = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		const struct mailtheme_entry *entry = &self->themes.entry[i];

		buf_clear(&item);
		buf_text(&item, mailthemes_name(entry));
		buf_printf(&item, "  %s", entry->id);
		if (!entry->good)
			buf_printf(&item, "  ! %s", _("has an error"));
		items[i] = mem_text(buf_span(&item));
	}
	dialog_pick(&self->base,
	    &(struct dialog){.title = _("Which mail theme?"),
		.text = _("The campaign keeps the theme as its file is now."),
		.done = theme_answered},
	    (const char *const *)items, count,
	    (size_t)chosen < count ? (size_t)chosen : 0);
	for (size_t i = 0; i < count; i++)
		free(items[i]);
	free(items);
	buf_done(&item);
}

static void
pick_identity(struct head *self)
{
	const char **items = mem_array(self->identity_count, sizeof *items);

	for (size_t i = 0; i < self->identity_count; i++)
		items[i] = identity_name(&self->identity[i]);
	campaign_pick_identity(&self->base, choice_answered, items,
	    self->identity_count, form_choice(self->form, SMIME));
	free(items);
}

static void
change_field(struct head *self)
{
	int field = form_focus(self->form);
	int now = form_choice(self->form, field);

	switch (field) {
	case CLASS:
		campaign_pick_class(&self->base, choice_answered, now);
		break;
	case LIST:
		pick_list(self);
		break;
	case MEANT_FOR:
		campaign_pick_circle(&self->base, choice_answered, now);
		break;
	case THEME:
		pick_theme(self);
		break;
	case CHARSET:
		campaign_pick_charset(&self->base, choice_answered, now);
		break;
	case SMIME:
		pick_identity(self);
		break;
	case ENCRYPT:
		campaign_pick_encryption(&self->base, choice_answered, now);
		break;
	case CONFIDENTIAL:
		campaign_pick_confidence(&self->base, choice_answered, now);
		break;
	default:
		edit_begin(self);
		break;
	}
}

/* ---- Actions -------------------------------------------------------------- */

static bool
edits(enum action action)
{
	return action == ACT_CAMPAIGN_FIELD || action == ACT_CAMPAIGN_TEXT ||
	       action == ACT_CAMPAIGN_EXTERNAL || action == ACT_CAMPAIGN_THEME;
}

/* Takes the file of the chosen theme once more. */
static void
theme_again(struct head *self)
{
	span_text(
	    self->take, sizeof self->take, buf_span(&self->campaign.theme));
	save(self);
}

static void
act_edit(struct head *self, enum action action)
{
	struct app *app = self->base.app;

	if (action == ACT_CAMPAIGN_FIELD)
		change_field(self);
	else if (action == ACT_CAMPAIGN_TEXT)
		text_open(app, self->id, EDITOR_START);
	else if (action == ACT_CAMPAIGN_EXTERNAL)
		text_open(app, self->id, EDITOR_START_EXTERNAL);
	else
		theme_again(self);
}

static void
seal_answered(struct screen *owner, int answer, struct span text)
{
	struct head *self = (struct head *)owner;

	(void)text;
	if (!answer)
		return;
	self->may_break_seal = true;
	act_edit(self, self->pending);
}

static void
ask_seal(struct head *self, enum action action)
{
	self->pending = action;
	seal_question_ask(&self->base, seal_answered);
}

static const char *
why_not(struct screen *screen, enum action action)
{
	struct head *self = (struct head *)screen;

	if (action < ACT_CAMPAIGN_FIELD || action > ACT_CAMPAIGN_CHECK)
		return NULL;
	if (!self->loaded)
		return _("The campaign is being read.");
	if (edits(action) && is_read_only(self))
		return _("It was launched and can only be read; y in the list "
			 "copies it.");
	if (action == ACT_CAMPAIGN_THEME && !self->summary.theme_changed)
		return _("The theme is as its file is.");
	if (action == ACT_CAMPAIGN_CHECK &&
	    self->campaign.state == CAMPAIGN_TEMPLATE)
		return _("A template is never sent; n in the list makes a "
			 "campaign of it.");
	if (action == ACT_CAMPAIGN_PREVIEW && !self->campaign.list)
		return _("Choose a list first: a preview is for its members.");
	return NULL;
}

static enum used
act(struct screen *screen, enum action action)
{
	struct head *self = (struct head *)screen;
	bool sealed = self->campaign.state == CAMPAIGN_SEALED;

	if (action == ACT_TEXT_SAVE) {
		if (self->editing)
			edit_accept(self);
		app_say(screen->app, SAY_OK, _("Everything is saved."));
	} else if (edits(action) && sealed && !self->may_break_seal) {
		ask_seal(self, action);
	} else if (edits(action)) {
		act_edit(self, action);
	} else if (action == ACT_CAMPAIGN_PREVIEW) {
		preview_open(screen->app, self->id);
	} else if (action == ACT_TEXT_VERSIONS) {
		versions_open(screen->app, self->id, NULL);
	} else if (action == ACT_TESTMAIL) {
		testmail_open(screen->app, self->id, 1);
	} else if (action == ACT_CAMPAIGN_FILES) {
		attachments_open(screen->app, self->id);
	} else if (action == ACT_CAMPAIGN_CHECK) {
		checklist_open(screen->app, self->id);
	} else {
		return UNUSED;
	}
	return USED;
}

static enum used
edit_key(struct head *self, const struct key *key)
{
	enum form_did did;

	if (key->code == K_ESC || key_is(key, K_CTRL('G'))) {
		form_set(
		    self->form, form_focus(self->form), span_of(self->before));
		self->editing = false;
		return USED;
	}
	if (key->code == K_ENTER) {
		edit_accept(self);
		return USED;
	}
	if (key->code == K_TAB || key->code == K_DOWN ||
	    key->code == K_BACKTAB || key->code == K_UP) {
		edit_accept(self);
		form_key(self->form, key);
		return USED;
	}
	did = form_key(self->form, key);
	return did == FORM_UNUSED && key->code == K_CHAR && key->cp < 0x20
		   ? UNUSED
		   : USED;
}

static enum used
key(struct screen *screen, const struct key *key)
{
	struct head *self = (struct head *)screen;
	struct key move = key_folded(key);

	if (self->editing)
		return edit_key(self, key);
	if (key_is(&move, 'j'))
		move = (struct key){.code = K_DOWN};
	else if (key_is(&move, 'k'))
		move = (struct key){.code = K_UP};
	if (move.code != K_DOWN && move.code != K_UP && move.code != K_TAB &&
	    move.code != K_BACKTAB)
		return UNUSED;
	form_key(self->form, &move);
	return USED;
}

/* ---- The screen ----------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	struct head *self = (struct head *)screen;

	if (self->loaded)
		buf_add(out, buf_span(&self->campaign.name));
	else
		buf_text(out, "..");
}

static void
subtitle(struct screen *screen, struct buf *out)
{
	struct head *self = (struct head *)screen;
	struct buf at = BUF_INIT;

	if (!self->loaded)
		return;
	buf_text(out, campaign_state_text(self->campaign.state));
	buf_text(out, "  ");
	format_clock(&at, self->campaign.changed_ms);
	buf_printf(out, self->saving ? _("saving..") : _("saved %s"), at.ptr);
	buf_done(&at);
}

static void
draw(struct screen *screen, struct area body)
{
	struct head *self = (struct head *)screen;

	if (!self->loaded) {
		draw_str(body, 1, 3, ROLE_DIM, _("Reading.."));
		return;
	}
	form_draw(self->form, area_rows(body, 0, FIELDS + 1), FOCUS_ON);
	if (!self->editing)
		canvas_no_caret(body.canvas);
	summary_draw(
	    &self->summary, form_text(self->form, SUBJECT), body, FIELDS + 1);
}

static void
hint(struct screen *screen, struct buf *out)
{
	struct head *self = (struct head *)screen;

	if (self->editing)
		buf_text(out, _("Enter takes it, Esc leaves it as it was."));
	else if (self->loaded && is_read_only(self))
		buf_text(out, _("It was launched and can only be read."));
	else if (self->loaded)
		buf_text(out, _("Enter changes a field; e writes the text; a "
				"attaches files."));
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action head[] = {ACT_CAMPAIGN_FIELD,
	    ACT_CAMPAIGN_TEXT, ACT_CAMPAIGN_PREVIEW, ACT_TESTMAIL,
	    ACT_CAMPAIGN_CHECK, ACT_BACK, ACT_NONE};
	static const enum action field[] = {ACT_TEXT_SAVE, ACT_NONE};

	return ((struct head *)screen)->editing ? field : head;
}

static bool
may_leave(struct screen *screen)
{
	struct head *self = (struct head *)screen;

	if (self->editing)
		edit_accept(self);
	if (!self->saving)
		return true;
	app_say(screen->app, SAY_INFO, _("One moment: it is being saved."));
	return false;
}

static void
close_head(struct screen *screen)
{
	struct head *self = (struct head *)screen;

	campaign_done(&self->campaign);
	form_free(&self->form);
	free(self->before);
	free(self->lists);
	free(self->themes.entry);
	arena_free(&self->arena);
	buf_done(&self->summary.fields);
	free(self);
}

static const struct screen_ops head_ops = {
    .name = "campaign",
    .section = 3,
    .title = title,
    .subtitle = subtitle,
    .draw = draw,
    .hint = hint,
    .footer = footer,
    .key = key,
    .act = act,
    .why_not = why_not,
    .shown = shown,
    .job_done = job_done,
    .may_leave = may_leave,
    .close = close_head,
};

void
campaign_open(struct app *app, struct campaign_id campaign)
{
	struct head *self = mem_new(sizeof *self);

	self->base.ops = &head_ops;
	self->id = campaign;
	self->campaign = CAMPAIGN_INIT;
	self->form = form_new(fields, FIELDS);
	app_push(app, &self->base);
}
