/* The operator's own rules in the store, and the replies that still wait for
 * one: unknown replies are told apart by what they have in common, so that a
 * thousand of them with a thousand addresses are one line to decide on. */
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/deliver/deliver.h"
#include "core/deliver/outcome_rules.h"

/* ---- Own rules ----------------------------------------------------------- */

bool reply_class_is_choice(enum outcome_class class)
{
	static const enum outcome_class choice[] = {OUTCOME_H1, OUTCOME_H2,
	    OUTCOME_H3, OUTCOME_H4, OUTCOME_S1, OUTCOME_S3, OUTCOME_S4,
	    OUTCOME_P1, OUTCOME_P2, OUTCOME_P3, OUTCOME_A2, OUTCOME_F2};

	for (size_t i = 0; i < sizeof choice / sizeof *choice; i++) {
		if (class == choice[i])
			return true;
	}
	return false;
}

int
reply_rule_all(
    struct db *db, struct reply_rule **out, size_t *count, struct err *err)
{
	static const char sql[] = "SELECT id, class, code, text, changed_ms,"
				  " changed_by FROM reply_rule ORDER BY id";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct reply_rule *list = NULL;
	size_t n = 0;
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) > 0) {
		struct reply_rule *rule;

		list = mem_grow(list, (n + 1) * sizeof *list);
		rule = &list[n++];
		*rule = (struct reply_rule){
		    .id = stmt_col_int(stmt, 0),
		    .class = outcome_class_find(stmt_col_text(stmt, 1)),
		    .code = (int)stmt_col_int(stmt, 2),
		    .changed_ms = stmt_col_int(stmt, 4),
		};
		span_text(
		    rule->text, sizeof rule->text, stmt_col_text(stmt, 3));
		span_text(rule->changed_by, sizeof rule->changed_by,
		    stmt_col_text(stmt, 5));
	}
	if (got < 0) {
		free(list);
		return -1;
	}
	*out = list;
	*count = n;
	return 0;
}

static int
refuse_rule(const char *field, const char *why, struct err *err)
{
	err_set(err, E_REPLY_RULE);
	err_fact(err, "field", span_of(field));
	return err_fact(err, "why", span_of(why));
}

/* The longest part of the text that will be looked for. */
static size_t
longest_part(struct span text)
{
	size_t longest = 0;

	while (text.len) {
		size_t len = span_trim(span_cut(&text, '*')).len;

		longest = len > longest ? len : longest;
	}
	return longest;
}

static bool
has_control(struct span text)
{
	uint32_t cp;

	while (text.len) {
		if (utf8_next(&text, &cp) != UTF8_GOOD || cp < 0x20 ||
		    (cp >= 0x7f && cp < 0xa0))
			return true;
	}
	return false;
}

static int
check_rule(const struct reply_rule *rule, struct err *err)
{
	struct span text = span_of(rule->text);

	if (!reply_class_is_choice(rule->class))
		return refuse_rule("class", "range", err);
	if (rule->code && (rule->code < 400 || rule->code > 599))
		return refuse_rule("code", "range", err);
	if (has_control(text))
		return refuse_rule("text", "control", err);
	if (longest_part(text) < REPLY_TEXT_MIN)
		return refuse_rule("text", "short", err);
	return 0;
}

static int
log_rule(struct store *store, struct db *db, const char *what,
    const struct reply_rule *rule, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	struct audit_event event = {.what = what};
	int rc;

	buf_printf(&object, "reply rule %lld", (long long)rule->id);
	if (rule->class)
		buf_printf(&facts, "class=%s code=%d text=%s",
		    outcome_class_name(rule->class), rule->code, rule->text);
	event.object = buf_span(&object);
	event.facts = buf_span(&facts);
	rc = audit_add_in(store, db, &event, err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
write_rule(struct store *store, struct db *db, struct reply_rule *rule,
    struct err *err)
{
	static const char insert[] =
	    "INSERT INTO reply_rule(class, code, text, changed_ms, changed_by)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)";
	static const char update[] =
	    "UPDATE reply_rule SET class = ?1, code = ?2, text = ?3,"
	    " changed_ms = ?4, changed_by = ?5 WHERE id = ?6";
	struct stmt *stmt = db_stmt(db, rule->id ? update : insert, err);

	if (!stmt)
		return -1;
	rule->changed_ms = clock_now_ms(store_clock(store));
	span_text(rule->changed_by, sizeof rule->changed_by,
	    span_of(store_user(store)));
	stmt_text(stmt, 1, span_of(outcome_class_name(rule->class)));
	stmt_int(stmt, 2, rule->code);
	stmt_text(stmt, 3, span_of(rule->text));
	stmt_int(stmt, 4, rule->changed_ms);
	stmt_text(stmt, 5, span_of(rule->changed_by));
	if (rule->id)
		stmt_int(stmt, 6, rule->id);
	if (stmt_run(stmt, err) < 0)
		return -1;
	if (!rule->id)
		rule->id = db_last_id(db);
	return log_rule(store, db, "reply_rule.save", rule, err);
}

int
reply_rule_save(struct store *store, struct reply_rule *rule, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (person_require(store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	if (check_rule(rule, err) < 0 ||
	    store_begin(store, STORE_WAIT_LONG, "reply rule", &db, err) < 0)
		return -1;
	if (write_rule(store, db, rule, err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}

int
reply_rule_remove(struct store *store, int64_t id, struct err *err)
{
	struct reply_rule rule = {.id = id};
	struct db *db = NULL;
	struct stmt *stmt;
	int rc = -1;

	if (person_require(store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_LONG, "reply rule", &db, err) < 0)
		return -1;
	stmt = db_stmt(db, "DELETE FROM reply_rule WHERE id = ?1", err);
	if (!stmt)
		goto out;
	stmt_int(stmt, 1, id);
	if (stmt_run(stmt, err) == 0 &&
	    log_rule(store, db, "reply_rule.remove", &rule, err) == 0)
		rc = store_commit(store, &db, err);
out:
	store_rollback(store, &db);
	return rc;
}

/* ---- Unknown replies ----------------------------------------------------- */

/* Copies text as a string, cut at a character. */
static void
cut(char *out, size_t room, struct span text)
{
	struct span rest = text;
	size_t end = 0;
	uint32_t cp;

	while (utf8_next(&rest, &cp) != UTF8_END && text.len - rest.len < room)
		end = text.len - rest.len;
	span_text(out, room, span_slice(text, 0, end));
}

/* A word that differs from reply to reply: an address, a number, a mark with
 * digits in it.  Codes in front ("550 5.7.1") are not asked here. */
static bool
is_particular(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (c == '@' || (c >= '0' && c <= '9'))
			return true;
	}
	return false;
}

/* Folds a reply to what it has in common with others of its kind. */
static void
write_kind(struct span reply, char out[REPLY_TEXT_MAX + 1])
{
	struct outcome_text folded;
	struct buf kind = BUF_INIT;
	struct span rest;

	outcome_fold(reply, &folded);
	rest = span_trim(span_make(folded.text, folded.len));
	if (rest.len > 4 && is_particular(span_slice(rest, 0, 3)))
		rest = span_slice(rest, 4, rest.len);
	while (rest.len) {
		struct span word = span_cut(&rest, ' ');
		bool star = kind.len && kind.ptr[kind.len - 1] == '*';

		if (!word.len || (is_particular(word) && star))
			continue;
		if (kind.len)
			buf_char(&kind, ' ');
		buf_add(&kind, is_particular(word) ? SPAN("*") : word);
	}
	cut(out, REPLY_TEXT_MAX + 1, buf_span(&kind));
	buf_done(&kind);
}

struct kinds {
	struct outcome_book *book;
	struct reply_kind *list;
	int64_t *campaign; /* the last one counted, by kind */
	size_t count;
};

static struct reply_kind *
find_kind(struct kinds *kinds, int code, const char *text)
{
	struct reply_kind *kind;

	for (size_t i = 0; i < kinds->count; i++) {
		kind = &kinds->list[i];
		if (kind->code == code && strcmp(kind->text, text) == 0)
			return kind;
	}
	if (kinds->count == REPLY_KINDS_MAX)
		return NULL;
	kind = &kinds->list[kinds->count++];
	kind->code = code;
	memcpy(kind->text, text, sizeof kind->text);
	return kind;
}

static void
count_reply(struct kinds *kinds, struct stmt *row)
{
	struct span raw = stmt_col_text(row, 3), enhanced;
	char text[REPLY_TEXT_MAX + 1], words[16];
	struct outcome_reply reply = {
	    .stage = (enum smtp_stage)stmt_col_int(row, 2),
	    .peer = WHO_RELAY,
	    .code = (int)stmt_col_int(row, 1),
	    .raw = raw,
	};
	struct reply_kind *kind;
	int64_t campaign = stmt_col_int(row, 0);

	enhanced = stmt_col_text(row, 5);
	span_text(words, sizeof words, enhanced);
	reply.enhanced = words;
	if (outcome_book_classify(kinds->book, &reply)->class != OUTCOME_U)
		return;
	write_kind(raw, text);
	kind = find_kind(kinds, reply.code, text);
	if (!kind)
		return;
	kind->count++;
	if (kinds->campaign[kind - kinds->list] != campaign) {
		kinds->campaign[kind - kinds->list] = campaign;
		kind->campaigns++;
	}
	if (stmt_col_int(row, 4) >= kind->last_ms) {
		kind->last_ms = stmt_col_int(row, 4);
		cut(kind->example, sizeof kind->example, span_trim(raw));
	}
}

static int
compare_kinds(const void *a, const void *b)
{
	const struct reply_kind *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return strcmp(left->text, right->text);
}

int
reply_kind_all(
    struct db *db, struct reply_kind **out, size_t *count, struct err *err)
{
	static const char sql[] =
	    "SELECT campaign, code, stage, reply, at_ms, enhanced FROM ledger"
	    " WHERE state >= 4 AND state = ?1 AND class = 'U'"
	    " ORDER BY campaign";
	struct stmt *stmt = db_stmt(db, sql, err);
	struct kinds kinds = {.count = 0};
	int got = -1;

	if (!stmt || outcome_book_read(db, &kinds.book, err) < 0)
		return -1;
	kinds.list = mem_array(REPLY_KINDS_MAX, sizeof *kinds.list);
	kinds.campaign = mem_array(REPLY_KINDS_MAX, sizeof *kinds.campaign);
	stmt_int(stmt, 1, LEDGER_FAILED);
	while ((got = stmt_step(stmt, err)) > 0)
		count_reply(&kinds, stmt);
	outcome_book_free(&kinds.book);
	free(kinds.campaign);
	if (got < 0) {
		free(kinds.list);
		return -1;
	}
	qsort(kinds.list, kinds.count, sizeof *kinds.list, compare_kinds);
	*out = kinds.list;
	*count = kinds.count;
	return 0;
}
