/* The stop list.  An entry's key is an HMAC of the canonical address, so that
 * somebody whose data was erased stays on it; the address itself is there only
 * while the store may know it.  Upper and lower case are one in the key, also
 * before the @: two people who differ in that alone are rarer than one person
 * who is written both ways, and stopping one too many harms nobody.  Entries
 * made before that was so have the key of their exact spelling, which is asked
 * for as well until a sweep gives them the other (stops.c).  Invariant: an entry for a contact of the store has its address,
 * unless the person was erased. */
#include "core/contacts/contacts.h"

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/contacts/consent_rows.h"
#include "core/contacts/stop_key.h"
#include "core/mail/address.h"

const char *
suppress_cause_name(enum suppress_cause cause)
{
	static const char *const names[SUPPRESS_COUNT] = {
	    [SUPPRESS_UNSUBSCRIBED] = "unsubscribed",
	    [SUPPRESS_BOUNCED] = "bounced",
	    [SUPPRESS_COMPLAINT] = "complaint",
	    [SUPPRESS_HAND] = "hand",
	    [SUPPRESS_SOFT] = "soft",
	    [SUPPRESS_ERASED] = "erased",
	    [SUPPRESS_DOMAIN] = "domain",
	    [SUPPRESS_IMPORT] = "import",
	};

	return cause < SUPPRESS_COUNT ? names[cause] : "unknown";
}

/* Which of two causes is kept. */
static int
weight(enum suppress_cause cause)
{
	static const int weights[SUPPRESS_COUNT] = {
	    [SUPPRESS_SOFT] = 1,
	    [SUPPRESS_IMPORT] = 2,
	    [SUPPRESS_HAND] = 3,
	    [SUPPRESS_DOMAIN] = 3,
	    [SUPPRESS_BOUNCED] = 4,
	    [SUPPRESS_UNSUBSCRIBED] = 5,
	    [SUPPRESS_COMPLAINT] = 6,
	    [SUPPRESS_ERASED] = 7,
	};

	return cause < SUPPRESS_COUNT ? weights[cause] : 0;
}

static struct span
key_span(const struct digest *key)
{
	return span_make(key->bytes, sizeof key->bytes);
}

static int64_t
now_of(const struct store *store)
{
	return clock_now_ms(store_clock(store));
}

/* ---- Keys ------------------------------------------------------------------ */

struct span
stop_domain(struct span canon)
{
	size_t at = canon.len;

	while (at > 0 && canon.ptr[at - 1] != '@')
		at--;
	return at ? span_slice(canon, at - 1, canon.len) : SPAN("");
}

bool
stop_fold(struct span canon, char out[STOP_CANON_MAX])
{
	bool changed = false;

	for (size_t i = 0; i < canon.len && i < STOP_CANON_MAX; i++) {
		char c = canon.ptr[i];

		out[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
		changed |= out[i] != c;
	}
	return changed;
}

void
suppress_key(const struct store *store, struct span canon, struct digest *out)
{
	char folded[STOP_CANON_MAX];

	if (canon.len <= sizeof folded && stop_fold(canon, folded))
		canon = span_make(folded, canon.len);
	crypt_hmac(store_key(store, STORE_KEY_SUPPRESS), canon, out);
}

/* The key of an entry from when case was not folded. */
static void
exact_key(const struct store *store, struct span canon, struct digest *out)
{
	crypt_hmac(store_key(store, STORE_KEY_SUPPRESS), canon, out);
}

/* ---- Asking ---------------------------------------------------------------- */

int
stop_find(struct db *db, const struct digest *key, struct list_id list,
    int64_t now_ms, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT 1 FROM suppression WHERE key = ?1 AND list IN (0, ?2)"
	    " AND (until_ms = 0 OR until_ms > ?3)",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(key));
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, now_ms);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

/* The gravest cause of an entry: as stop_find(). */
static int
find_cause(struct db *db, const struct digest *key, struct list_id list,
    int64_t now_ms, enum suppress_cause *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT cause FROM suppression WHERE key = ?1 AND list IN (0, ?2)"
	    " AND (until_ms = 0 OR until_ms > ?3) ORDER BY CASE cause"
	    " WHEN ?4 THEN 0 WHEN ?5 THEN 1 WHEN ?6 THEN 2 ELSE 3 END LIMIT 1",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(key));
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, now_ms);
	stmt_int(stmt, 4, SUPPRESS_COMPLAINT);
	stmt_int(stmt, 5, SUPPRESS_UNSUBSCRIBED);
	stmt_int(stmt, 6, SUPPRESS_BOUNCED);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = (enum suppress_cause)stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

/* Under one key; cause may be NULL. */
static int
ask_key(struct db *db, const struct digest *key, struct list_id list,
    int64_t now_ms, enum suppress_cause *cause, struct err *err)
{
	return cause ? find_cause(db, key, list, now_ms, cause, err)
		     : stop_find(db, key, list, now_ms, err);
}

/* As it is spelled in a key now, as it was once, and by its domain. */
static int
ask(struct store *store, struct db *db, struct span canon, struct list_id list,
    enum suppress_cause *cause, struct err *err)
{
	int64_t now_ms = now_of(store);
	char folded[STOP_CANON_MAX];
	struct digest key;
	int got;

	suppress_key(store, canon, &key);
	got = ask_key(db, &key, list, now_ms, cause, err);
	if (got == 0 && canon.len <= sizeof folded &&
	    stop_fold(canon, folded)) {
		exact_key(store, canon, &key);
		got = ask_key(db, &key, list, now_ms, cause, err);
	}
	if (got == 0) {
		suppress_key(store, stop_domain(canon), &key);
		got = ask_key(db, &key, list, now_ms, cause, err);
	}
	return got;
}

int
suppress_cause_find(struct store *store, struct db *db, struct span canon,
    struct list_id list, enum suppress_cause *out, struct err *err)
{
	return ask(store, db, canon, list, out, err);
}

int
suppress_check(struct store *store, struct db *db, struct span canon,
    struct list_id list, struct err *err)
{
	return ask(store, db, canon, list, NULL, err);
}

int
suppress_is_erased(
    struct store *store, struct db *db, struct span canon, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT 1 FROM suppression WHERE key = ?1 AND cause = ?2", err);
	struct digest key;
	int got;

	if (!stmt)
		return -1;
	suppress_key(store, canon, &key);
	stmt_blob(stmt, 1, key_span(&key));
	stmt_int(stmt, 2, SUPPRESS_ERASED);
	got = stmt_step(stmt, err);
	stmt_reset(stmt);
	return got;
}

int
suppress_any(struct db *db, struct list_id list, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT EXISTS(SELECT 1 FROM suppression WHERE list IN (0, ?1))",
	    err);
	int got = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list.v);
	if (stmt_step(stmt, err) == 1)
		got = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return got;
}

int
suppress_adopt(
    struct store *store, struct db *db, struct span canon, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE suppression SET address = ?2"
	    " WHERE key = ?1 AND address = '' AND cause <> ?3",
	    err);
	struct digest key;

	if (!stmt)
		return -1;
	suppress_key(store, canon, &key);
	stmt_blob(stmt, 1, key_span(&key));
	stmt_text(stmt, 2, canon);
	stmt_int(stmt, 3, SUPPRESS_ERASED);
	return stmt_run(stmt, err);
}

/* ---- Entering -------------------------------------------------------------- */

/* An entry that is there already. */
struct there {
	enum suppress_cause cause;
	int64_t until_ms;
};

/* 1 with *out, 0 when there is none, -1. */
static int
read_there(struct db *db, const struct digest *key, struct list_id list,
    struct there *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT cause, until_ms FROM suppression"
	    " WHERE key = ?1 AND list = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(key));
	stmt_int(stmt, 2, list.v);
	got = stmt_step(stmt, err);
	if (got == 1) {
		out->cause = (enum suppress_cause)stmt_col_int(stmt, 0);
		out->until_ms = stmt_col_int(stmt, 1);
	}
	stmt_reset(stmt);
	return got;
}

static int
prolong(struct db *db, const struct digest *key, struct list_id list,
    int64_t until_ms, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "UPDATE suppression SET until_ms = ?3"
	    " WHERE key = ?1 AND list = ?2",
	    err);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1, key_span(key));
	stmt_int(stmt, 2, list.v);
	stmt_int(stmt, 3, until_ms);
	return stmt_run(stmt, err);
}

static int64_t
later_end(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return 0;
	return a > b ? a : b;
}

static int
write_entry(struct store *store, struct db *db, const struct digest *key,
    struct span address, const struct suppress_entry *entry, struct err *err)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO suppression(key, list, cause, at_ms,"
	    " source, address, until_ms, evidence, by)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct buf source = BUF_INIT, evidence = BUF_INIT;
	int rc;

	if (!stmt)
		return -1;
	text_one_line(&source, entry->source, SUPPRESS_SOURCE_MAX);
	text_one_line(&evidence, entry->evidence, SUPPRESS_EVIDENCE_MAX);
	stmt_blob(stmt, 1, key_span(key));
	stmt_int(stmt, 2, entry->list.v);
	stmt_int(stmt, 3, entry->cause);
	stmt_int(stmt, 4, now_of(store));
	stmt_text(stmt, 5, buf_span(&source));
	stmt_text(stmt, 6, address);
	stmt_int(stmt, 7, entry->until_ms);
	stmt_text(stmt, 8, buf_span(&evidence));
	stmt_text(stmt, 9, span_of(store_user(store)));
	rc = stmt_run(stmt, err);
	buf_done(&source);
	buf_done(&evidence);
	return rc;
}

/* Somebody erased keeps that, and no address. */
static int
put(struct store *store, struct db *db, struct span canon,
    const struct suppress_entry *entry, struct err *err)
{
	struct suppress_entry wanted = *entry;
	struct digest key;
	struct there there = {SUPPRESS_HAND, 0};
	int64_t end;
	int got;

	suppress_key(store, canon, &key);
	got = read_there(db, &key, entry->list, &there, err);
	if (got < 0)
		return -1;
	if (!got || (there.until_ms && there.until_ms <= now_of(store)))
		return write_entry(store, db, &key, canon, entry, err);
	end = later_end(there.until_ms, entry->until_ms);
	if (weight(entry->cause) > weight(there.cause)) {
		wanted.until_ms = end;
		return write_entry(store, db, &key, canon, &wanted, err);
	}
	if (end != there.until_ms &&
	    prolong(db, &key, entry->list, end, err) < 0)
		return -1;
	return suppress_adopt(store, db, canon, err);
}

/* Whoever says no takes back what was agreed to. */
static int
withdraw(struct store *store, struct db *db, struct span canon,
    const struct suppress_entry *entry, struct err *err)
{
	if (entry->cause != SUPPRESS_UNSUBSCRIBED &&
	    entry->cause != SUPPRESS_COMPLAINT)
		return 0;
	if (!entry->later)
		return consent_withdrawn_in(
		    store, db, canon, entry->list, entry->source, err);
	buf_int(entry->later, entry->list.v);
	buf_char(entry->later, ' ');
	buf_add(entry->later, canon);
	buf_char(entry->later, '\n');
	return 0;
}

int
suppress_settle_in(struct store *store, struct db *db, struct span later,
    struct span source, struct err *err)
{
	while (later.len) {
		struct span canon = span_cut(&later, '\n');
		struct list_id list = {0};

		if (!span_int(span_cut(&canon, ' '), &list.v))
			return err_set(err, E_BUG);
		if (consent_withdrawn_in(store, db, canon, list, source, err) <
		    0)
			return -1;
	}
	return 0;
}

int
suppress_enter_in(struct store *store, struct db *db, struct span canon,
    const struct suppress_entry *entry, struct err *err)
{
	int known = suppress_check(store, db, canon, entry->list, err);
	int erased =
	    known > 0 ? suppress_is_erased(store, db, canon, err) : known;

	if (known < 0 || erased < 0)
		return -1;
	if (erased)
		return 0;
	if (put(store, db, canon, entry, err) < 0)
		return -1;
	if (!known && withdraw(store, db, canon, entry, err) < 0)
		return -1;
	return !known;
}

int
suppress_add_in(struct store *store, struct db *db, struct span canon,
    struct list_id list, enum suppress_cause cause, struct span source,
    struct err *err)
{
	return suppress_enter_in(store, db, canon,
	    &(struct suppress_entry){
		.list = list, .cause = cause, .source = source},
	    err);
}

/* Reads an address, with what a reader cannot see repaired: the repair's own
 * faults are what is told. */
static int
read_address(
    struct span text, struct arena *arena, struct span *canon, struct err *err)
{
	struct address parsed;
	struct err why = {.code = E_NONE};
	struct span fix;

	if (address_parse(text, arena, &parsed, &why) == 0) {
		*canon = parsed.canon;
		return 0;
	}
	fix = span_of(err_find(&why, "fix"));
	if (why.code != E_ADDRESS_WIDTH || fix.len == 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (address_parse(arena_copy(arena, fix), arena, &parsed, err) < 0)
		return -1;
	*canon = parsed.canon;
	return 0;
}

int
stop_read(struct span text, struct arena *arena, struct span *canon,
    enum stop_what *what, struct err *err)
{
	struct span domain;
	char *whole;

	text = span_trim(text);
	*what = span_starts(text, SPAN("*@")) ? STOP_DOMAIN : STOP_ADDRESS;
	if (*what == STOP_ADDRESS)
		return read_address(text, arena, canon, err);
	if (address_domain(span_slice(text, 2, text.len), arena, &domain, err) <
	    0)
		return -1;
	whole = arena_take(arena, domain.len + 1);
	whole[0] = '@';
	memcpy(whole + 1, domain.ptr, domain.len);
	*canon = span_make(whole, domain.len + 1);
	return 0;
}

/* ---- The log --------------------------------------------------------------- */

int
stop_audit(struct store *store, struct db *db, const char *what,
    const struct suppress_id *id, struct span facts, struct err *err)
{
	struct buf object = BUF_INIT, all = BUF_INIT;
	struct audit_event event = {.what = what};
	int rc;

	if (id->list.v)
		buf_printf(&object, "list %lld", (long long)id->list.v);
	else
		buf_text(&object, "all lists");
	buf_text(&all, "key=");
	crypt_hex(&all, span_make(id->key.bytes, STOP_KEY_SHOWN));
	if (facts.len)
		buf_char(&all, ' ');
	buf_add(&all, facts);
	event.object = buf_span(&object);
	event.facts = buf_span(&all);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&all);
	return rc;
}

static int
enter_logged(struct store *store, struct db *db, struct span canon,
    const struct suppress_entry *entry, struct err *err)
{
	struct suppress_id id = {.list = entry->list};
	struct buf facts = BUF_INIT;
	int rc = -1;

	suppress_key(store, canon, &id.key);
	buf_printf(&facts, "cause=%s", suppress_cause_name(entry->cause));
	if (entry->until_ms)
		buf_printf(
		    &facts, " until_ms=%lld", (long long)entry->until_ms);
	if (suppress_enter_in(store, db, canon, entry, err) >= 0)
		rc = stop_audit(
		    store, db, "suppress.add", &id, buf_span(&facts), err);
	buf_done(&facts);
	return rc;
}

int
suppress_enter(struct store *store, struct span address,
    const struct suppress_entry *entry, struct err *err)
{
	struct suppress_entry wanted = *entry;
	struct arena *arena = arena_new();
	struct db *db = NULL;
	enum stop_what what;
	struct span canon;
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_WRITE, err) < 0 ||
	    stop_read(address, arena, &canon, &what, err) < 0)
		goto out;
	if (what == STOP_DOMAIN)
		wanted.cause = SUPPRESS_DOMAIN;
	if (store_begin(store, STORE_WAIT_LONG, "suppress", &db, err) < 0)
		goto out;
	if (enter_logged(store, db, canon, &wanted, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	arena_free(&arena);
	return rc;
}

int
suppress_read_check(struct span address, struct err *err)
{
	struct arena *arena = arena_new();
	struct span canon;
	enum stop_what what;
	int rc = stop_read(address, arena, &canon, &what, err);

	arena_free(&arena);
	return rc;
}

int
suppress_add(struct store *store, struct span address, struct list_id list,
    enum suppress_cause cause, struct span source, struct err *err)
{
	return suppress_enter(store, address,
	    &(struct suppress_entry){
		.list = list, .cause = cause, .source = source},
	    err);
}
