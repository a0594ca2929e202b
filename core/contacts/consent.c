/* Evidence that somebody may be mailed.  The row of a member says what is known
 * now; before it says something else, what it said goes into consent_event, and
 * when the person leaves everything goes there, under the key of the address.
 * So an import of a million people writes no history, and nothing that was ever
 * evidence is overwritten. */
#include "core/contacts/consent.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/contacts/consent_rows.h"
#include "core/contacts/contacts.h"

const char *
consent_how_name(enum consent_how how)
{
	static const char *const names[CONSENT_HOW_COUNT] = {
	    [CONSENT_HOW_UNSAID] = "unsaid",
	    [CONSENT_HOW_WEB] = "web",
	    [CONSENT_HOW_PAPER] = "paper",
	    [CONSENT_HOW_MAIL] = "mail",
	    [CONSENT_HOW_ORAL] = "oral",
	};

	return how < CONSENT_HOW_COUNT ? names[how] : "unsaid";
}

bool
consent_is_complete(const struct consent_evidence *evidence, bool has_wording)
{
	bool says_how = evidence->how != CONSENT_HOW_UNSAID ||
			span_trim(evidence->note).len > 0;
	bool shows_what = has_wording || span_trim(evidence->paper).len > 0;

	return evidence->at_ms > 0 && says_how && shows_what;
}

static int
refuse(const char *field, const char *why, struct err *err)
{
	err_set(err, E_CONSENT_FIELD);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

static int
check_text(const char *field, struct span text, size_t limit, struct err *err)
{
	if (text.len > limit)
		return refuse(field, "length", err);
	if (!utf8_is_valid(text))
		return refuse(field, "utf8", err);
	if (text_check_line(text) != TEXT_FINE)
		return refuse(field, "control", err);
	return 0;
}

/* Digits, letters of hexadecimal, dots and colons: what it is is evidence, and
 * not ours to judge. */
static bool
is_ip(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!text.ptr[i] ||
		    !strchr("0123456789abcdefABCDEF.:", text.ptr[i]))
			return false;
	}
	return true;
}

int
consent_check(const struct consent_evidence *evidence, struct err *err)
{
	if (check_text("note", evidence->note, CONSENT_NOTE_MAX, err) < 0 ||
	    check_text("ip", evidence->ip, CONSENT_IP_MAX, err) < 0 ||
	    check_text("paper", evidence->paper, CONSENT_PAPER_MAX, err) < 0)
		return -1;
	return is_ip(evidence->ip) ? 0 : refuse("ip", "form", err);
}

static int
check_reason(struct span reason, struct err *err)
{
	if (span_trim(reason).len < CONSENT_REASON_MIN)
		return refuse("reason", "length", err);
	return check_text("reason", reason, CONSENT_REASON_MAX, err);
}

/* ---- Replacing -------------------------------------------------------------- */

static int
update_member(struct db *db, struct list_id list, struct contact_id contact,
    const struct consent_evidence *evidence, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE member SET basis = ?3, basis_at_ms = ?4, basis_note = ?5,"
	    " how = ?6, wording = ?7, ip = ?8, paper = ?9, confirmed_ms = ?10"
	    " WHERE list = ?1 AND contact = ?2",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, contact.v);
	stmt_int(stmt, 3, evidence->basis);
	stmt_int(stmt, 4, evidence->at_ms);
	stmt_text(stmt, 5, evidence->note);
	stmt_int(stmt, 6, evidence->how);
	stmt_int(stmt, 7, evidence->wording);
	stmt_text(stmt, 8, evidence->ip);
	stmt_text(stmt, 9, evidence->paper);
	stmt_int(stmt, 10, evidence->confirmed_ms);
	if (stmt_run(stmt, err) < 0)
		return -1;
	return db_changes(db) > 0 ? 0 : err_set(err, E_CONTACT_MISSING);
}

int
consent_set_in(struct store *store, struct db *db, struct list_id list,
    struct contact_id contact, const struct consent_evidence *evidence,
    struct span reason, struct err *err)
{
	if (consent_keep_in(store, db,
		&(struct consent_keeping){.list = list,
		    .contact = contact,
		    .what = CONSENT_REPLACED,
		    .reason = reason},
		err) < 0)
		return -1;
	return update_member(db, list, contact, evidence, err);
}

static int
log_set(struct store *store, struct db *db, struct list_id list,
    struct contact_id contact, const struct consent_evidence *evidence,
    struct span reason, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "consent.set"};
	int rc;

	buf_printf(&object, "list %lld contact %lld", (long long)list.v,
	    (long long)contact.v);
	buf_printf(&facts, "basis=%d how=%s wording=%lld confirmed=%d ",
	    (int)evidence->basis, consent_how_name(evidence->how),
	    (long long)evidence->wording, evidence->confirmed_ms != 0);
	audit_fact(&facts, "reason", reason);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
consent_set(struct store *store, struct list_id list, struct contact_id contact,
    const struct consent_evidence *evidence, struct span reason,
    struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	reason = span_trim(reason);
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    check_reason(reason, err) < 0 || consent_check(evidence, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "consent", &db, err) < 0)
		return -1;
	if ((!evidence->wording ||
		wording_need(db, evidence->wording, err) == 0) &&
	    consent_set_in(store, db, list, contact, evidence, reason, err) ==
		0 &&
	    list_touch(store, db, list, err) == 0 &&
	    log_set(store, db, list, contact, evidence, reason, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

/* ---- A whole list ----------------------------------------------------------- */

/* Whoever has a way already keeps it; nothing that was known is replaced, so
 * there is nothing to put into the history. */
static int
fill_members(struct db *db, struct list_id list, enum consent_how how,
    int64_t wording, int64_t *changed, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE member SET wording = ?3,"
	    " how = CASE WHEN how = 0 THEN ?2 ELSE how END"
	    " WHERE list = ?1 AND basis = ?4 AND wording = 0 AND paper = ''",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, how);
	stmt_int(stmt, 3, wording);
	stmt_int(stmt, 4, BASIS_CONSENT);
	if (stmt_run(stmt, err) < 0)
		return -1;
	*changed = db_changes(db);
	return 0;
}

static int
log_fill(struct store *store, struct db *db, struct list_id list,
    enum consent_how how, int64_t wording, int64_t changed, struct span reason,
    struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = "consent.fill"};
	int rc;

	buf_printf(&object, "list %lld", (long long)list.v);
	buf_printf(&facts, "wording=%lld how=%s members=%lld ",
	    (long long)wording, consent_how_name(how), (long long)changed);
	audit_fact(&facts, "reason", reason);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

int
consent_fill(struct store *store, struct list_id list, enum consent_how how,
    int64_t wording, struct span reason, int64_t *changed, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	*changed = 0;
	reason = span_trim(reason);
	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    check_reason(reason, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "consent", &db, err) < 0)
		return -1;
	if (list_need(db, list, err) == 0 &&
	    wording_need(db, wording, err) == 0 &&
	    fill_members(db, list, how, wording, changed, err) == 0 &&
	    list_touch(store, db, list, err) == 0 &&
	    log_fill(store, db, list, how, wording, *changed, reason, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}
