/* The record of a campaign.  Decides which text it may hold, who wins when two
 * save at once (the first; the second is told), and which steps exist.  What
 * was launched is never changed again. */
#include "core/campaign/campaign.h"

#include <assert.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/campaign/attached.h"
#include "core/campaign/record.h"

static const char *const state_names[] = {
    [CAMPAIGN_DRAFT] = "draft",
    [CAMPAIGN_SEALED] = "sealed",
    [CAMPAIGN_RUNNING] = "running",
    [CAMPAIGN_DONE] = "done",
    [CAMPAIGN_STOPPED] = "stopped",
    [CAMPAIGN_TEMPLATE] = "template",
};
static_assert(sizeof state_names / sizeof *state_names == CAMPAIGN_STATES,
    "name every state");

static const char *const class_names[] = {
    [CLASS_AD] = "ad",
    [CLASS_TX] = "tx",
    [CLASS_NOTICE] = "notice",
    [CLASS_TEST] = "test",
};
static_assert(sizeof class_names / sizeof *class_names == CLASS_COUNT,
    "name every class");

/* The only steps there are. */
static const struct {
	enum campaign_state from, to;
} steps[] = {
    {CAMPAIGN_DRAFT, CAMPAIGN_SEALED},    /* signoff_give() */
    {CAMPAIGN_SEALED, CAMPAIGN_DRAFT},    /* an edit */
    {CAMPAIGN_SEALED, CAMPAIGN_RUNNING},  /* run_start() */
    {CAMPAIGN_RUNNING, CAMPAIGN_DONE},    /* every recipient final */
    {CAMPAIGN_RUNNING, CAMPAIGN_STOPPED}, /* run_stop() */
    {CAMPAIGN_DONE, CAMPAIGN_RUNNING},    /* ledger_send_again() */
};

const char *
campaign_state_name(enum campaign_state state)
{
	return state_names[state];
}

bool
campaign_may_step(enum campaign_state from, enum campaign_state to)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (steps[i].from == from && steps[i].to == to)
			return true;
	}
	return false;
}

const char *campaign_class_name(enum campaign_class class)
{
	return class_names[class];
}

bool
campaign_is_editable(enum campaign_state state)
{
	return state == CAMPAIGN_DRAFT || state == CAMPAIGN_SEALED ||
	       state == CAMPAIGN_TEMPLATE;
}

bool
campaign_hides_count(const struct campaign *campaign)
{
	return campaign->state == CAMPAIGN_DRAFT && campaign->expected <= 0;
}

void
campaign_done(struct campaign *campaign)
{
	buf_done(&campaign->name);
	buf_done(&campaign->from_name);
	buf_done(&campaign->from_address);
	buf_done(&campaign->reply_to);
	buf_done(&campaign->subject);
	buf_done(&campaign->body);
	buf_done(&campaign->preheader);
	buf_done(&campaign->theme);
	buf_done(&campaign->theme_text);
	buf_done(&campaign->language);
	buf_done(&campaign->changed_by);
	*campaign = CAMPAIGN_INIT;
}

static void
set_text(struct buf *to, struct span from)
{
	buf_clear(to);
	buf_add(to, from);
}

void
campaign_assign(struct campaign *to, const struct campaign *from)
{
	campaign_done(to);
	to->id = from->id;
	to->class = from->class;
	to->state = from->state;
	to->list = from->list;
	to->segment = from->segment;
	to->charset = from->charset;
	to->smime = from->smime;
	to->encrypt = from->encrypt;
	to->confidential = from->confidential;
	to->meant_for = from->meant_for;
	to->expected = from->expected;
	to->send_at_ms = from->send_at_ms;
	to->send_until_ms = from->send_until_ms;
	to->revision = from->revision;
	to->changed_ms = from->changed_ms;
	buf_add(&to->name, buf_span(&from->name));
	buf_add(&to->from_name, buf_span(&from->from_name));
	buf_add(&to->from_address, buf_span(&from->from_address));
	buf_add(&to->reply_to, buf_span(&from->reply_to));
	buf_add(&to->subject, buf_span(&from->subject));
	buf_add(&to->body, buf_span(&from->body));
	buf_add(&to->preheader, buf_span(&from->preheader));
	buf_add(&to->theme, buf_span(&from->theme));
	buf_add(&to->theme_text, buf_span(&from->theme_text));
	buf_add(&to->language, buf_span(&from->language));
	buf_add(&to->changed_by, buf_span(&from->changed_by));
}

/* ---- Checking ---------------------------------------------------------- */

enum { HEADER_TEXT_MAX = 320, THEME_NAME_MAX = 64, LANGUAGE_MAX = 35 };

static int
fail_field(struct err *err, const char *field, const char *why)
{
	err_set(err, E_CAMPAIGN_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

static int
check_name(struct span name, struct err *err)
{
	const char *why = record_fault(name, CAMPAIGN_NAME_MAX * 4, ONE_LINE);

	if (!why && utf8_count(name) > CAMPAIGN_NAME_MAX)
		why = "length";
	if (!why && span_trim(name).len == 0)
		why = "empty";
	return why ? fail_field(err, "name", why) : 0;
}

static int
check_text(struct span subject, struct span body, struct err *err)
{
	const char *why = record_fault(subject, SUBJECT_MAX, ONE_LINE);

	if (why)
		return fail_field(err, "subject", why);
	why = record_fault(body, BODY_MAX, MANY_LINES);
	return why ? fail_field(err, "body", why) : 0;
}

/* Letters, digits and '-', as in all tags of BCP 47. */
static bool
is_language(struct span tag)
{
	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static int
check_campaign(const struct campaign *campaign, struct err *err)
{
	const struct {
		const char *field;
		struct span value;
		size_t max;
		enum lines lines;
	} text[] = {
	    {"from_name", buf_span(&campaign->from_name), HEADER_TEXT_MAX,
		ONE_LINE},
	    {"from_address", buf_span(&campaign->from_address), HEADER_TEXT_MAX,
		ONE_LINE},
	    {"reply_to", buf_span(&campaign->reply_to), HEADER_TEXT_MAX,
		ONE_LINE},
	    {"preheader", buf_span(&campaign->preheader), PREHEADER_MAX,
		ONE_LINE},
	    {"theme", buf_span(&campaign->theme), THEME_NAME_MAX, ONE_LINE},
	    {"theme_text", buf_span(&campaign->theme_text), THEME_TEXT_MAX,
		MANY_LINES},
	    {"language", buf_span(&campaign->language), LANGUAGE_MAX, ONE_LINE},
	};

	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		const char *why =
		    record_fault(text[i].value, text[i].max, text[i].lines);
		if (why)
			return fail_field(err, text[i].field, why);
	}
	if (!is_language(buf_span(&campaign->language)))
		return fail_field(err, "language", "character");
	if ((unsigned)campaign->class >= CLASS_COUNT)
		return fail_field(err, "class", "range");
	if ((unsigned)campaign->charset >= CAMPAIGN_CHARSETS)
		return fail_field(err, "charset", "range");
	if ((unsigned)campaign->encrypt >= ENCRYPT_COUNT)
		return fail_field(err, "encrypt", "range");
	if ((unsigned)campaign->meant_for >= CIRCLE_COUNT)
		return fail_field(err, "meant_for", "range");
	if (campaign->expected < 0)
		return fail_field(err, "expected", "range");
	if (campaign->send_at_ms < 0)
		return fail_field(err, "send_at", "range");
	if (campaign->send_until_ms < 0 ||
	    (campaign->send_until_ms &&
		campaign->send_until_ms <= campaign->send_at_ms))
		return fail_field(err, "send_until", "range");
	if (check_name(buf_span(&campaign->name), err) < 0)
		return -1;
	return check_text(
	    buf_span(&campaign->subject), buf_span(&campaign->body), err);
}

/* ---- Logging ----------------------------------------------------------- */

static int
log_deed(struct store *store, struct db *db, const char *what, int64_t id,
    const char *facts, struct err *err)
{
	const struct record_deed deed = {what, "campaign", id, facts};

	return record_log(store, db, &deed, err);
}

/* ---- Creating ---------------------------------------------------------- */

/* Everything that an editor of the record may change, as ?2 to ?21 and ?25; ?22
 * and ?23 say when and who. */
static void
bind(struct stmt *stmt, const struct store *store,
    const struct campaign *campaign, int64_t now)
{
	stmt_text(stmt, 2, buf_span(&campaign->name));
	stmt_int(stmt, 3, campaign->class);
	stmt_int(stmt, 4, campaign->list);
	stmt_text(stmt, 5, buf_span(&campaign->from_name));
	stmt_text(stmt, 6, buf_span(&campaign->from_address));
	stmt_text(stmt, 7, buf_span(&campaign->reply_to));
	stmt_text(stmt, 8, buf_span(&campaign->subject));
	stmt_text(stmt, 9, buf_span(&campaign->body));
	stmt_text(stmt, 10, buf_span(&campaign->preheader));
	stmt_text(stmt, 11, buf_span(&campaign->theme));
	stmt_text(stmt, 12, buf_span(&campaign->theme_text));
	stmt_text(stmt, 13, buf_span(&campaign->language));
	stmt_int(stmt, 14, campaign->charset);
	stmt_int(stmt, 15, campaign->smime);
	stmt_int(stmt, 16, campaign->encrypt);
	stmt_int(stmt, 17, campaign->confidential);
	stmt_int(stmt, 18, campaign->meant_for);
	stmt_int(stmt, 19, campaign->expected);
	stmt_int(stmt, 20, campaign->send_at_ms);
	stmt_int(stmt, 21, campaign->send_until_ms);
	stmt_int(stmt, 22, now);
	stmt_text(stmt, 23, span_of(store_user(store)));
	stmt_int(stmt, 25, campaign->segment);
}

/* Writes a new row with the fields of campaign; its id into *id. */
static int
insert(struct store *store, struct db *db, const struct campaign *campaign,
    int64_t *id, struct err *err)
{
	struct stmt *stmt;

	stmt = db_stmt(db,
	    "INSERT INTO campaign(name, class, state, list, from_name,"
	    " from_address, reply_to, subject, body, preheader, theme,"
	    " theme_text, language, charset, smime, encrypt, confidential,"
	    " meant_for, expected, send_at_ms, send_until_ms, segment,"
	    " revision, created_ms, created_by, changed_ms, changed_by)"
	    " VALUES(?2, ?3, ?24, nullif(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	    " ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?25, 1, ?22,"
	    " ?23, ?22, ?23)",
	    err);
	if (!stmt)
		return -1;
	bind(stmt, store, campaign, clock_now_ms(store_clock(store)));
	stmt_int(stmt, 24, campaign->state);
	if (stmt_run(stmt, err) < 0)
		return -1;
	*id = db_last_id(db);
	return 0;
}

int
campaign_create(struct store *store, struct span name,
    enum campaign_class class, struct campaign_id *out, struct err *err)
{
	struct campaign fresh = CAMPAIGN_INIT;
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int64_t id;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	fresh.class = class;
	buf_add(&fresh.name, name);
	if (check_campaign(&fresh, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "campaign", &db, err) < 0 ||
	    setting_read(db, "sender.name", &fresh.from_name, err) < 0 ||
	    setting_read(db, "sender.address", &fresh.from_address, err) < 0 ||
	    setting_read(db, "sender.reply_to", &fresh.reply_to, err) < 0 ||
	    insert(store, db, &fresh, &id, err) < 0)
		goto out;
	buf_printf(&facts, "class=%s", class_names[class]);
	if (log_deed(store, db, "campaign.create", id, facts.ptr, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		goto out;
	out->v = id;
	rc = 0;
out:
	store_rollback(store, &db);
	campaign_done(&fresh);
	buf_done(&facts);
	return rc;
}

int
campaign_copy(struct store *store, struct campaign_id from, struct span name,
    enum campaign_state as, struct campaign_id *out, struct err *err)
{
	struct campaign copy = CAMPAIGN_INIT;
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int64_t id;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (check_name(name, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "campaign", &db, err) < 0 ||
	    campaign_read(db, from, &copy, err) < 0)
		goto out;
	set_text(&copy.name, name);
	copy.state = as == CAMPAIGN_TEMPLATE ? as : CAMPAIGN_DRAFT;
	copy.expected = copy.send_at_ms = copy.send_until_ms = 0;
	if (insert(store, db, &copy, &id, err) < 0 ||
	    attached_copy(db, from, (struct campaign_id){id}, err) < 0)
		goto out;
	buf_printf(&facts, "from=%lld as=%s", (long long)from.v,
	    state_names[copy.state]);
	if (log_deed(store, db, "campaign.copy", id, facts.ptr, err) < 0 ||
	    store_commit(store, &db, err) < 0)
		goto out;
	out->v = id;
	rc = 0;
out:
	store_rollback(store, &db);
	campaign_done(&copy);
	buf_done(&facts);
	return rc;
}

/* ---- Reading ----------------------------------------------------------- */

static int
missing(struct err *err, struct campaign_id id)
{
	err_set(err, E_CAMPAIGN_MISSING);
	return err_fact_int(err, "id", id.v);
}

int
campaign_read(
    struct db *db, struct campaign_id id, struct campaign *out, struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(db,
	    "SELECT name, class, state, list, from_name, from_address,"
	    " reply_to, subject, body, revision, changed_ms, changed_by,"
	    " preheader, theme, theme_text, language, charset, smime, encrypt,"
	    " confidential, meant_for, expected, send_at_ms, send_until_ms,"
	    " segment FROM campaign WHERE id = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got <= 0)
		return got < 0 ? -1 : missing(err, id);
	out->id = id;
	set_text(&out->name, stmt_col_text(stmt, 0));
	out->class = (enum campaign_class)stmt_col_int(stmt, 1);
	out->state = (enum campaign_state)stmt_col_int(stmt, 2);
	out->list = stmt_col_int(stmt, 3);
	set_text(&out->from_name, stmt_col_text(stmt, 4));
	set_text(&out->from_address, stmt_col_text(stmt, 5));
	set_text(&out->reply_to, stmt_col_text(stmt, 6));
	set_text(&out->subject, stmt_col_text(stmt, 7));
	set_text(&out->body, stmt_col_text(stmt, 8));
	out->revision = stmt_col_int(stmt, 9);
	out->changed_ms = stmt_col_int(stmt, 10);
	set_text(&out->changed_by, stmt_col_text(stmt, 11));
	set_text(&out->preheader, stmt_col_text(stmt, 12));
	set_text(&out->theme, stmt_col_text(stmt, 13));
	set_text(&out->theme_text, stmt_col_text(stmt, 14));
	set_text(&out->language, stmt_col_text(stmt, 15));
	out->charset = (enum campaign_charset)stmt_col_int(stmt, 16);
	out->smime = stmt_col_int(stmt, 17);
	out->encrypt = (enum campaign_encrypt)stmt_col_int(stmt, 18);
	out->confidential = stmt_col_int(stmt, 19) != 0;
	out->meant_for = (enum circle)stmt_col_int(stmt, 20);
	out->expected = stmt_col_int(stmt, 21);
	out->send_at_ms = stmt_col_int(stmt, 22);
	out->send_until_ms = stmt_col_int(stmt, 23);
	out->segment = stmt_col_int(stmt, 24);
	stmt_reset(stmt);
	return 0;
}

/* ---- Saving ------------------------------------------------------------ */

static int
fail_state(struct err *err, int64_t state, enum campaign_state wanted)
{
	bool known = state >= 0 && state < CAMPAIGN_STATES;

	err_set(err, E_CAMPAIGN_STATE);
	err_fact(err, "state", span_of(known ? state_names[state] : ""));
	return err_fact(err, "wanted", span_of(state_names[wanted]));
}

static int
read_state(struct db *db, struct campaign_id id, int64_t *state,
    int64_t *revision, struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(
	    db, "SELECT state, revision FROM campaign WHERE id = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got <= 0)
		return got < 0 ? -1 : missing(err, id);
	*state = stmt_col_int(stmt, 0);
	*revision = stmt_col_int(stmt, 1);
	stmt_reset(stmt);
	return 0;
}

int
campaign_unseal(struct store *store, struct db *db, struct campaign_id id,
    const char *why, struct err *err)
{
	struct buf facts = BUF_INIT;
	int64_t state, revision;
	struct stmt *stmt;
	int rc;

	if (read_state(db, id, &state, &revision, err) < 0)
		return -1;
	if (state == CAMPAIGN_DRAFT || state == CAMPAIGN_TEMPLATE)
		return 0;
	if (state != CAMPAIGN_SEALED)
		return fail_state(err, state, CAMPAIGN_DRAFT);
	if (campaign_step(db, id, CAMPAIGN_SEALED, CAMPAIGN_DRAFT, err) < 0)
		return -1;
	stmt = db_stmt(db,
	    "UPDATE review SET digest = NULL, seal = NULL, sealed_ms = NULL,"
	    " sealed_by = NULL WHERE campaign = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	if (stmt_run(stmt, err) < 0)
		return -1;
	buf_printf(&facts, "why=%s", why);
	rc = log_deed(store, db, "campaign.unseal", id.v, facts.ptr, err);
	buf_done(&facts);
	return rc;
}

static int
check_editable(struct store *store, struct db *db,
    const struct campaign *campaign, struct err *err)
{
	int64_t state, revision;

	if (read_state(db, campaign->id, &state, &revision, err) < 0)
		return -1;
	if (!campaign_is_editable((enum campaign_state)state))
		return fail_state(err, state, CAMPAIGN_DRAFT);
	if (revision != campaign->revision) {
		err_set(err, E_CAMPAIGN_CONFLICT);
		err_fact_int(err, "revision", campaign->revision);
		return err_fact_int(err, "found", revision);
	}
	if (state == CAMPAIGN_SEALED)
		return campaign_unseal(store, db, campaign->id, "edit", err);
	return 0;
}

/* A segment of another list would be an audience that nobody has chosen. */
static int
check_segment(struct db *db, const struct campaign *campaign, struct err *err)
{
	struct stmt *stmt;
	int got;

	if (campaign->segment == 0)
		return 0;
	stmt = db_stmt(
	    db, "SELECT 1 FROM segment WHERE id = ?1 AND list = ?2", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->segment);
	stmt_int(stmt, 2, campaign->list);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	if (got == 0)
		return fail_field(err, "segment", "list");
	return got < 0 ? -1 : 0;
}

static int
update(struct store *store, struct db *db, const struct campaign *campaign,
    int64_t now, struct err *err)
{
	struct stmt *stmt;

	stmt = db_stmt(db,
	    "UPDATE campaign SET name = ?2, class = ?3, list = nullif(?4, 0),"
	    " from_name = ?5, from_address = ?6, reply_to = ?7, subject = ?8,"
	    " body = ?9, preheader = ?10, theme = ?11, theme_text = ?12,"
	    " language = ?13, charset = ?14, smime = ?15, encrypt = ?16,"
	    " confidential = ?17, meant_for = ?18, expected = ?19,"
	    " send_at_ms = ?20, send_until_ms = ?21, segment = ?25,"
	    " revision = revision + 1, changed_ms = ?22, changed_by = ?23"
	    " WHERE id = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	bind(stmt, store, campaign, now);
	return stmt_run(stmt, err);
}

/* The saved text as a version unless it is the last one's, and no unsaved text
 * any more. */
static int
keep_version(struct store *store, struct db *db,
    const struct campaign *campaign, int64_t now, struct err *err)
{
	struct stmt *stmt;

	stmt = db_stmt(db,
	    "INSERT INTO draft_version(campaign, revision, at_ms, by, subject,"
	    " body) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS("
	    "SELECT 1 FROM draft_version WHERE campaign = ?1 AND revision ="
	    " (SELECT max(revision) FROM draft_version WHERE campaign = ?1)"
	    " AND subject = ?5 AND body = ?6)",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	stmt_int(stmt, 2, campaign->revision + 1);
	stmt_int(stmt, 3, now);
	stmt_text(stmt, 4, span_of(store_user(store)));
	stmt_text(stmt, 5, buf_span(&campaign->subject));
	stmt_text(stmt, 6, buf_span(&campaign->body));
	if (stmt_run(stmt, err) < 0)
		return -1;
	stmt =
	    db_stmt(db, "DELETE FROM draft_unsaved WHERE campaign = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign->id.v);
	return stmt_run(stmt, err);
}

int
campaign_save(struct store *store, struct campaign *campaign, struct err *err)
{
	int64_t now = clock_now_ms(store_clock(store));
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_WRITE, err) < 0)
		return -1;
	if (check_campaign(campaign, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "campaign", &db, err) < 0 ||
	    check_editable(store, db, campaign, err) < 0 ||
	    check_segment(db, campaign, err) < 0 ||
	    update(store, db, campaign, now, err) < 0 ||
	    keep_version(store, db, campaign, now, err) < 0)
		goto out;
	buf_printf(&facts, "revision=%lld list=%lld class=%s",
	    (long long)campaign->revision + 1, (long long)campaign->list,
	    class_names[campaign->class]);
	if (campaign->segment)
		audit_fact_int(&facts, "segment", campaign->segment);
	if (log_deed(store, db, "campaign.save", campaign->id.v, facts.ptr,
		err) < 0 ||
	    store_commit(store, &db, err) < 0)
		goto out;
	campaign->revision++;
	if (campaign->state == CAMPAIGN_SEALED)
		campaign->state = CAMPAIGN_DRAFT;
	campaign->changed_ms = now;
	set_text(&campaign->changed_by, span_of(store_user(store)));
	rc = 0;
out:
	store_rollback(store, &db);
	buf_done(&facts);
	return rc;
}

/* ---- Deleting ---------------------------------------------------------- */

static int
delete_rows(struct db *db, struct campaign_id id, struct err *err)
{
	static const char *const sql[] = {
	    "DELETE FROM draft_version WHERE campaign = ?1",
	    "DELETE FROM draft_unsaved WHERE campaign = ?1",
	    "DELETE FROM audience_profile WHERE campaign = ?1",
	    "DELETE FROM audience_column WHERE campaign = ?1",
	    "DELETE FROM review_extract WHERE campaign = ?1",
	    "DELETE FROM review_look WHERE campaign = ?1",
	    "DELETE FROM review_word WHERE campaign = ?1",
	    "DELETE FROM review_result WHERE campaign = ?1",
	    "DELETE FROM review WHERE campaign = ?1",
	    "DELETE FROM outbox WHERE campaign = ?1",
	    ("DELETE FROM test_send WHERE test IN"
	     " (SELECT id FROM test_mail WHERE campaign = ?1)"),
	    "DELETE FROM test_mail WHERE campaign = ?1",
	    "DELETE FROM approval WHERE campaign = ?1",
	    "DELETE FROM approval_miss WHERE campaign = ?1",
	    "DELETE FROM armed WHERE campaign = ?1",
	    "DELETE FROM campaign WHERE id = ?1",
	};

	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		struct stmt *stmt = db_stmt(db, sql[i], err);

		if (!stmt)
			return -1;
		stmt_int(stmt, 1, id.v);
		if (stmt_run(stmt, err) < 0)
			return -1;
	}
	return 0;
}

int
campaign_delete(struct store *store, struct campaign_id id, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_CAMPAIGN_DELETE, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "campaign", &db, err) < 0 ||
	    campaign_read(db, id, &campaign, err) < 0)
		goto out;
	if (campaign.state != CAMPAIGN_DRAFT &&
	    campaign.state != CAMPAIGN_TEMPLATE) {
		fail_state(err, campaign.state, CAMPAIGN_DRAFT);
		goto out;
	}
	buf_printf(&facts, "as=%s revision=%lld", state_names[campaign.state],
	    (long long)campaign.revision);
	if (attached_delete(db, id, err) < 0 || delete_rows(db, id, err) < 0 ||
	    log_deed(store, db, "campaign.delete", id.v, facts.ptr, err) < 0)
		goto out;
	rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	campaign_done(&campaign);
	buf_done(&facts);
	return rc;
}

/* ---- Unsaved text ------------------------------------------------------ */

/* Not logged: it happens every few seconds while somebody types. */
int
campaign_keep_unsaved(struct store *store, struct campaign_id id,
    struct span subject, struct span body, struct err *err)
{
	int64_t state, revision;
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (check_text(subject, body, err) < 0 ||
	    store_begin(store, STORE_WAIT_SHORT, "autosave", &db, err) < 0 ||
	    person_require(store, db, MAY_CAMPAIGN_WRITE, err) < 0 ||
	    read_state(db, id, &state, &revision, err) < 0)
		goto out;
	if (!campaign_is_editable((enum campaign_state)state)) {
		fail_state(err, state, CAMPAIGN_DRAFT);
		goto out;
	}
	stmt = db_stmt(db,
	    "INSERT INTO draft_unsaved(campaign, at_ms, subject, body)"
	    " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(campaign) DO UPDATE SET"
	    " at_ms = ?2, subject = ?3, body = ?4",
	    err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 3, subject);
	stmt_text(stmt, 4, body);
	if (stmt_run(stmt, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	return rc;
}

int
campaign_find_unsaved(struct db *db, struct campaign_id id, struct buf *subject,
    struct buf *body, int64_t *at_ms, struct err *err)
{
	struct stmt *stmt;
	int got;

	stmt = db_stmt(db,
	    "SELECT subject, body, at_ms FROM draft_unsaved"
	    " WHERE campaign = ?1",
	    err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	got = stmt_step(stmt, err);
	if (got > 0) {
		set_text(subject, stmt_col_text(stmt, 0));
		set_text(body, stmt_col_text(stmt, 1));
		*at_ms = stmt_col_int(stmt, 2);
		stmt_reset(stmt);
	}
	return got;
}

int
campaign_drop_unsaved(
    struct store *store, struct campaign_id id, struct err *err)
{
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (store_begin(store, STORE_WAIT_SHORT, "campaign", &db, err) < 0)
		return -1;
	if (person_require(store, db, MAY_CAMPAIGN_WRITE, err) < 0)
		goto out;
	stmt =
	    db_stmt(db, "DELETE FROM draft_unsaved WHERE campaign = ?1", err);
	if (stmt) {
		stmt_int(stmt, 1, id.v);
		if (stmt_run(stmt, err) == 0)
			rc = store_commit(store, &db, err);
	}
out:
	store_rollback(store, &db);
	return rc;
}

/* ---- Steps ------------------------------------------------------------- */

int
campaign_step(struct db *db, struct campaign_id id, enum campaign_state from,
    enum campaign_state to, struct err *err)
{
	int64_t state, revision;
	struct stmt *stmt;

	if (read_state(db, id, &state, &revision, err) < 0)
		return -1;
	if (state != (int64_t)from || !campaign_may_step(from, to))
		return fail_state(err, state, to);
	stmt = db_stmt(db, "UPDATE campaign SET state = ?2 WHERE id = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id.v);
	stmt_int(stmt, 2, to);
	return stmt_run(stmt, err);
}
