/* The rules of the house as a table: rule, value, since when, by whom.  One row
 * of rules[] is one setting; Enter changes it, after its owner has signed in
 * again (stepup.policy), and the log holds what it was and is. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "tui/screens/setup.h"
#include "tui/screens/stepup.h"
#include "tui/session.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/dialog.h"
#include "tui/widgets/list.h"

enum { CHOICES_MAX = 5 };

struct rule {
	const char *setting;
	const char *label, *help;
	/* SETTING_CHOICE: the stored words, and what is shown for each. */
	const char *word[CHOICES_MAX], *shown[CHOICES_MAX];
	const char *unit; /* SETTING_INT: a format with %s */
	const char *zero; /* shown for 0 */
	const char *none; /* shown for an empty value */
};

#define SWITCH .word = {"on", "off"}, .shown = {N_("yes"), N_("no")}
#define STEPUP                                                                 \
	.word = {"never", "password", "second"},                               \
	.shown = {                                                             \
	    N_("no"), N_("once more"), N_("once more, with two factors")}

/* Add rows here; the page and the manual need nothing else. */
static const struct rule rules[] = {
    {.setting = "approval.when",
	.label = N_("A second person approves"),
	.help = N_("Whoever wrote, sealed or launches a campaign cannot "
		   "approve it."),
	.word = {"never", "ads", "always"},
	.shown = {N_("only overrides"), N_("advertisements"),
	    N_("every campaign")}},
    {.setting = "approval.over",
	.label = N_(".. of more recipients than"),
	.help = N_("Counts for advertisements; every campaign means all."),
	.unit = "%s"},
    {.setting = "approval.hours",
	.label = N_(".. and is valid for"),
	.help = N_("After these hours the campaign must be approved again."),
	.unit = N_("%s hours")},
    {.setting = "approval.seconds",
	.label = N_(".. each mail read for"),
	.help = N_("So long an approver must look at every mail that is shown, "
		   "at least."),
	.unit = N_("%s s")},
    {.setting = "stepup.launch",
	.label = N_("Sign-in before a launch"),
	.help = N_("Who launches proves once more who sits here."),
	STEPUP},
    {.setting = "stepup.approve",
	.label = N_("Sign-in before an approval"),
	.help = N_("Who approves proves once more who they are."),
	STEPUP},
    {.setting = "stepup.policy",
	.label = N_("Sign-in before a rule changes"),
	.help = N_("Counts for this page and for people."),
	STEPUP},
    {.setting = "stepup.setup",
	.label = N_("Sign-in before the set-up changes"),
	.help = N_("Counts for relays, keys, approvers' keys, sign-in, alerts "
		   "and the log's seals."),
	STEPUP},
    {.setting = "stepup.export",
	.label = N_("Sign-in before an export"),
	.help = N_("Counts for files that hold personal data."),
	STEPUP},
    {.setting = "export.allowed",
	.label = N_("People may be exported"),
	.help = N_("Lists, segments and records, into a file, by who holds "
		   "the right."),
	SWITCH},
    {.setting = "export.over",
	.label = N_(".. a second person, above"),
	.help = N_("Of more people a second person must approve; what one has "
		   "exported alone within a day counts. 0: always."),
	.unit = N_("%s people"),
	.zero = N_("always")},
    {.setting = "export.minutes",
	.label = N_(".. who has approved for"),
	.help = N_("So long the file can be written, once."),
	.unit = N_("%s minutes")},
    {.setting = "export.plain",
	.label = N_(".. as plain text, too"),
	.help = N_("Whether a file may be written that is not encrypted."),
	SWITCH},
    {.setting = "stepup.unmask",
	.label = N_("Sign-in before unmasking"),
	.help = N_("Who shows a masked record proves once more who they are."),
	STEPUP},
    {.setting = "trash.days",
	.label = N_("What is deleted is kept for"),
	.help = N_("So long people and lists can be restored from the trash."),
	.unit = N_("%s days")},
    {.setting = "drill.seconds",
	.label = N_("A sample is shown for"),
	.help = N_("No verdict on a sample is taken before."),
	.unit = N_("%s s")},
    {.setting = "drill.planted",
	.label = N_("A planted sample, one in"),
	.help = N_("In one of so many reviews a faulty sample is mixed in that "
		   "is never sent; who takes it for right reads all again. 0: "
		   "never."),
	.unit = N_("%s reviews"),
	.zero = N_("never")},
    {.setting = "drill.every_days",
	.label = N_("Everybody does a drill every"),
	.help = N_("Home asks for it in time; t in People and roles shows who "
		   "did. 0: nobody is asked."),
	.unit = N_("%s days"),
	.zero = N_("never")},
    {.setting = "launch.countdown",
	.label = N_("Countdown of a launch"),
	.help = N_("So long any key stops it."),
	.unit = N_("%s s")},
    {.setting = "pilot.percent",
	.label = N_("A pilot goes first"),
	.help = N_("The rest waits for its replies; 0: no pilot."),
	.unit = N_("%s in 100"),
	.zero = N_("never")},
    {.setting = "pilot.size",
	.label = N_(".. of at most"),
	.help = N_("Messages, whatever the percentage gives."),
	.unit = N_("%s mails")},
    {.setting = "pilot.bounces",
	.label = N_(".. pauses when refused over"),
	.help = N_("Refused for good, in 100 of the pilot."),
	.unit = N_("%s in 100")},
    {.setting = "pilot.burst",
	.label = N_(".. or refused in a row"),
	.help = N_("So many refusals one behind the other are enough."),
	.unit = N_("%s mails")},
    {.setting = "pilot.after",
	.label = N_("After a good pilot"),
	.help = N_("Whether the rest follows by itself."),
	.word = {"go-on", "wait"},
	.shown = {N_("the rest follows"), N_("somebody must look")}},
    {.setting = "schedule.reboot",
	.label = N_("An armed start after a reboot"),
	.help = N_("A clone of the machine has been booted too."),
	.word = {"confirm", "go-on"},
	.shown = {N_("is to be armed again"), N_("stays armed")}},
    {.setting = "mask.operators",
	.label = N_("Mask data for operators"),
	.help = N_("They then see addresses after m, with a reason that is "
		   "logged; mails are merged as ever."),
	SWITCH},
    {.setting = "mask.seconds",
	.label = N_("Unmasked data are shown"),
	.help = N_("After these seconds a record is masked again."),
	.unit = N_("%s s")},
    {.setting = "stops.take_off",
	.label = N_("Stopped people may come back"),
	.help = N_("Whether who unsubscribed, complained or was erased may be "
		   "taken off the stop list, by typing the address."),
	SWITCH},
    {.setting = "consent.retention_years",
	.label = N_("Evidence of consent is kept"),
	.help = N_("After somebody has left, and after the last mail; then it "
		   "is swept when the store is opened."),
	.unit = N_("%s years")},
    {.setting = "access.networks",
	.label = N_("Sign-in from networks"),
	.help = N_("Several with blanks between them, such as 192.0.2.0/24 "
		   "2001:db8::/32; empty: from anywhere. Your own must be "
		   "one of them."),
	.none = N_("from anywhere")},
    {.setting = "access.console",
	.label = N_("Sign-in at the console"),
	.help = N_("Whether the console of this host counts as inside."),
	SWITCH},
    {.setting = "expected.percent",
	.label = N_("Audience may differ by"),
	.help = N_("From the number its author typed; more asks for an "
		   "override."),
	.unit = N_("%s percent")},
    {.setting = "sender.domains",
	.label = N_("Domains of our own"),
	.help = N_("Several with commas between them; that of the sender "
		   "counts by itself, and all below them."),
	.none = N_("the sender's")},
    {.setting = "personal.columns",
	.label = N_("Personal columns"),
	.help = N_("Parts of their names with commas between them. What "
		   "stands in them must not stand in another one's mail."),
	.none = N_("by usual names")},
    {.setting = "personal.allow",
	.label = N_("May stand in every mail"),
	.help = N_("Such as a desk's telephone or address, though somebody "
		   "on a list has it."),
	.none = N_("none")},
    {.setting = "pace.warm_floor",
	.label = N_("Mails on a first day"),
	.help = N_("Without a history; with one, twice its best day of two "
		   "weeks."),
	.unit = "%s"},
    {.setting = "pace.quota_hour",
	.label = N_("Relays grant in an hour"),
	.help = N_("What your contract says; 0: not said."),
	.unit = "%s",
	.zero = N_("not said")},
    {.setting = "pace.quota_day",
	.label = N_("Relays grant in a day"),
	.help = N_("What your contract says; 0: not said."),
	.unit = "%s",
	.zero = N_("not said")},
    {.setting = "reputation.complaints",
	.label = N_("Complaints"),
	.help = N_("Of 100,000 mails, as the providers' pages for senders "
		   "tell: 20 is 0.02 percent."),
	.unit = N_("%s of 100,000")},
    {.setting = "reputation.complaints_on",
	.label = N_(".. read on"),
	.help = N_("A day such as 2026-11-22; it counts for a month."),
	.none = N_("never")},
};

enum { RULE_COUNT = sizeof rules / sizeof *rules };

struct policy {
	struct screen base;
	struct list_source source;
	struct list *list;
	struct buf value[RULE_COUNT], since[RULE_COUNT], by[RULE_COUNT];
	int changing;     /* rule */
	struct buf fresh; /* its new value */
};

static const struct list_column columns[] = {
    {N_("Rule"), 30, 0, 0, FIT_END},
    {N_("Value"), 0, 20, 0, FIT_END},
    {N_("Changed"), 11, 0, 0, FIT_END},
    {N_("By"), 12, 0, 1, FIT_END},
};

static const struct setting *
setting_of(const struct rule *rule)
{
	size_t count;
	const struct setting *all = setting_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].name, rule->setting))
			return &all[i];
	}
	return NULL;
}

const char *
setup_policy_setting(size_t index)
{
	return index < RULE_COUNT ? rules[index].setting : NULL;
}

/* ---- The table ------------------------------------------------------------------- */

static struct policy *
of_source(struct list_source *source)
{
	return (
	    struct policy *)((char *)source - offsetof(struct policy, source));
}

static int64_t
count(struct list_source *source)
{
	(void)source;
	return RULE_COUNT;
}

/* The stored value in words. */
static void
add_value(struct buf *out, const struct rule *rule, struct span value)
{
	for (int i = 0; i < CHOICES_MAX && rule->word[i]; i++) {
		if (span_equal(value, span_of(rule->word[i]))) {
			buf_text(out, _(rule->shown[i]));
			return;
		}
	}
	if (value.len == 0 && rule->none) {
		buf_text(out, _(rule->none));
		return;
	}
	if (rule->zero && span_equal(value, SPAN("0"))) {
		buf_text(out, _(rule->zero));
		return;
	}
	if (rule->unit) {
		struct buf number = BUF_INIT;
		const char *format = *rule->unit == '%' && !rule->unit[2]
					 ? rule->unit
					 : _(rule->unit);
		struct span before, rest = span_of(format);

		buf_add(&number, value);
		before = span_slice(rest, 0, span_search(rest, SPAN("%s")));
		buf_add(out, before);
		buf_add(out, buf_span(&number));
		buf_add(out, span_slice(rest, before.len + 2, rest.len));
		buf_done(&number);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		buf_char(out, value.ptr[i] == '\n' ? ' ' : value.ptr[i]);
}

static bool
row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct policy *self = of_source(source);

	out->key = index;
	out->cell[0] = span_of(_(rules[index].label));
	out->cell[1] = buf_span(&self->value[index]);
	out->cell[2] = buf_span(&self->since[index]);
	out->cell[3] = buf_span(&self->by[index]);
	return true;
}

static int
read_rule(struct policy *self, int index, struct db *db, struct err *err)
{
	const struct rule *rule = &rules[index];
	struct buf value = BUF_INIT;
	int64_t at_ms = 0;
	int rc;

	buf_clear(&self->value[index]);
	buf_clear(&self->since[index]);
	buf_clear(&self->by[index]);
	rc = setting_read(db, rule->setting, &value, err);
	if (rc == 0)
		rc = setting_since(
		    db, rule->setting, &at_ms, &self->by[index], err);
	add_value(&self->value[index], rule, buf_span(&value));
	if (at_ms)
		format_date(&self->since[index], at_ms);
	else
		buf_text(&self->since[index], _("default"));
	buf_done(&value);
	return rc;
}

static void
shown(struct screen *screen)
{
	struct policy *self = (struct policy *)screen;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;
	int rc = store_view_open(app_store(screen->app), &db, &err);

	for (int i = 0; i < RULE_COUNT && rc == 0; i++)
		rc = read_rule(self, i, db, &err);
	if (rc < 0)
		app_say_err(screen->app, &err);
	store_reader_close(&db);
	list_refresh(self->list);
}

/* ---- Changing a rule --------------------------------------------------------------- */

static void
job_done(struct screen *screen, struct job *job, void *data, int rc,
    const struct err *err)
{
	(void)job;
	(void)data;
	if (rc < 0)
		app_say_err(screen->app, err);
	else
		app_say(screen->app, SAY_OK, _("Saved."));
	app_person_read(screen->app);
	shown(screen);
}

static void
signed_in(struct screen *owner, enum stepup_end end)
{
	struct policy *self = (struct policy *)owner;
	struct setup_changes *changes;
	struct err err = {.code = E_NONE};

	if (end != STEPUP_GRANTED) {
		app_say(owner->app, SAY_INFO, _("Nothing was changed."));
		return;
	}
	changes = setup_changes_new(owner->app);
	setup_change(
	    changes, rules[self->changing].setting, buf_span(&self->fresh));
	if (setup_save(owner, &changes, &err) < 0)
		app_say_err(owner->app, &err);
}

static void
change_to(struct policy *self, struct span value)
{
	buf_clear(&self->fresh);
	buf_add(&self->fresh, value);
	stepup_open(&self->base, STEPUP_POLICY, signed_in);
}

static void
picked(struct screen *owner, int answer, struct span text)
{
	struct policy *self = (struct policy *)owner;

	(void)text;
	if (answer > 0)
		change_to(
		    self, span_of(rules[self->changing].word[answer - 1]));
}

/* Networks are typed with blanks between them and stored one a line. */
static void
typed(struct screen *owner, int answer, struct span text)
{
	struct policy *self = (struct policy *)owner;
	const struct setting *setting = setting_of(&rules[self->changing]);
	struct buf value = BUF_INIT;

	if (answer != 1)
		return;
	text = span_trim(text);
	for (size_t i = 0; i < text.len; i++)
		buf_char(&value,
		    setting->type == SETTING_NETWORKS && text.ptr[i] == ' '
			? '\n'
			: text.ptr[i]);
	change_to(self, buf_span(&value));
	buf_done(&value);
}

static void
check_networks(struct span text, struct buf *why)
{
	struct buf lines = BUF_INIT;

	for (size_t i = 0; i < text.len; i++)
		buf_char(&lines, text.ptr[i] == ' ' ? '\n' : text.ptr[i]);
	setup_check("access.networks", buf_span(&lines), why);
	buf_done(&lines);
}

static void
ask_text(struct policy *self, const struct dialog *dialog)
{
	const struct rule *rule = &rules[self->changing];
	const struct setting *setting = setting_of(rule);
	struct buf value = BUF_INIT;
	struct err err = {.code = E_NONE};
	struct db *db = NULL;

	if (store_view_open(app_store(self->base.app), &db, &err) < 0 ||
	    setting_read(db, rule->setting, &value, &err) < 0)
		app_say_err(self->base.app, &err);
	store_reader_close(&db);
	for (size_t i = 0; i < value.len; i++)
		value.ptr[i] = value.ptr[i] == '\n' ? ' ' : value.ptr[i];
	dialog_ask(&self->base, dialog,
	    setting->type == SETTING_INT ? LINE_NUMBER : LINE_TEXT,
	    buf_span(&value),
	    setting->type == SETTING_NETWORKS ? check_networks : NULL);
	buf_done(&value);
}

static void
ask(struct policy *self, int index)
{
	const struct rule *rule = &rules[index];
	const char *items[CHOICES_MAX];
	struct dialog dialog = {
	    .title = _(rule->label), .text = _(rule->help), .done = typed};
	size_t items_count = 0;

	self->changing = index;
	while (items_count < CHOICES_MAX && rule->word[items_count]) {
		items[items_count] = _(rule->shown[items_count]);
		items_count++;
	}
	if (items_count == 0) {
		ask_text(self, &dialog);
		return;
	}
	dialog.done = picked;
	dialog_pick(&self->base, &dialog, items, items_count, 0);
}

/* ---- The screen --------------------------------------------------------------------- */

static void
title(struct screen *screen, struct buf *out)
{
	(void)screen;
	buf_text(out, _("Policy"));
}

static void
draw(struct screen *screen, struct area body)
{
	list_draw(((struct policy *)screen)->list, body, FOCUS_ON);
}

static void
hint(struct screen *screen, struct buf *out)
{
	int64_t index = list_cursor_index(((struct policy *)screen)->list);

	if (index >= 0)
		buf_text(out, _(rules[index].help));
}

static enum used
key(struct screen *screen, const struct key *key)
{
	return list_key(((struct policy *)screen)->list, key);
}

static enum used
act(struct screen *screen, enum action action)
{
	struct policy *self = (struct policy *)screen;
	int64_t index;

	if (action != ACT_SETUP_CHANGE || !list_cursor(self->list, &index))
		return UNUSED;
	ask(self, (int)index);
	return USED;
}

static const char *
why_not(struct screen *screen, enum action action)
{
	if (action != ACT_SETUP_CHANGE)
		return NULL;
	if (app_has_job(screen->app, screen))
		return _("One moment: this is being read or written.");
	return app_may_why_not(screen->app, MAY_POLICY_WRITE);
}

static const enum action *
footer(struct screen *screen)
{
	static const enum action actions[] = {
	    ACT_SETUP_CHANGE, ACT_BACK, ACT_NONE};

	(void)screen;
	return actions;
}

static void
close_policy(struct screen *screen)
{
	struct policy *self = (struct policy *)screen;

	list_free(&self->list);
	for (int i = 0; i < RULE_COUNT; i++) {
		buf_done(&self->value[i]);
		buf_done(&self->since[i]);
		buf_done(&self->by[i]);
	}
	buf_done(&self->fresh);
	free(self);
}

static const struct screen_ops policy_ops = {
    .name = "setup-policy",
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
    .close = close_policy,
};

void
setup_policy_open(struct app *app)
{
	struct policy *self = mem_new(sizeof *self);

	self->base.ops = &policy_ops;
	self->source.count = count;
	self->source.row = row;
	self->list =
	    list_new(&self->source, columns, sizeof columns / sizeof *columns);
	app_push(app, &self->base);
}
