/* The file.  The log and the table know of it before its first octet is
 * written, and it has its name only when they know what is in it. */
#include <stdlib.h>

#include "core/export/about.h"
#include "core/export/approval.h"
#include "core/export/columns.h"
#include "core/export/mark.h"
#include "core/import/import.h"

struct writing {
	struct store *store; /* borrowed, as the next three */
	const struct export_order *order;
	int64_t request;
	struct export_watch *watch;
	struct scope scope;
	struct record approved; /* of a request */
	struct pipe *pipe;
	struct sheet *sheet;
	struct marks *marks;
	struct export_made *made; /* borrowed */
};

struct secret *
export_passphrase_make(void)
{
	static const char signs[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char random[32];
	struct secret *out = secret_new(sizeof random + sizeof random / 4 - 1);
	size_t at = 0;

	_Static_assert(sizeof signs == 33, "five bits a sign");
	crypt_random(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++) {
		if (i && i % 4 == 0)
			out->bytes[at++] = '-';
		out->bytes[at++] = (unsigned char)signs[random[i] % 32];
	}
	explicit_bzero(random, sizeof random);
	return out;
}

/* ---- Before ------------------------------------------------------------ */

static int
check_need(struct writing *self, struct err *err)
{
	struct export_policy policy;
	int64_t recent;

	if (self->request)
		return approval_fits(self->store, &self->scope, self->request,
		    &self->approved, err);
	if (export_policy_read(self->scope.db, &policy, err) < 0 ||
	    scope_recent(self->store, self->scope.db, &recent, err) < 0)
		return -1;
	if (scope_need(&policy, self->scope.people, recent) == EXPORT_ALONE)
		return 0;
	err_set(err, E_EXPORT_NEEDED);
	err_fact_int(err, "people", self->scope.people + recent);
	return err_fact_int(err, "over", policy.over);
}

static void
add_facts(const struct writing *self, struct buf *out)
{
	const struct export_order *order = self->order;

	audit_fact(out, "scope", span_of(text_scope(order->scope)));
	if (order->scope == EXPORT_PERSON)
		audit_fact_int(out, "contact", order->contact.v);
	else
		audit_fact_int(out, "list", order->list.v);
	if (order->scope == EXPORT_SEGMENT)
		audit_fact_int(out, "segment", order->segment);
	audit_fact_int(out, "people", self->scope.people);
	if (self->request)
		audit_fact(out, "approver", span_of(self->approved.decided_by));
}

/* Takes an id, or uses up the request. */
static int
begin(struct writing *self, struct err *err)
{
	struct record record = RECORD_INIT;
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(self->store, STORE_WAIT_LONG, "export", &db, err) < 0)
		return -1;
	record.state = EXPORT_WRITING;
	record.people = self->scope.people;
	record.alone = true;
	if (self->request) {
		self->made->id = self->request;
		rc = exported_move(
		    db, self->request, EXPORT_APPROVED, EXPORT_WRITING, err);
	} else {
		rc = exported_add(self->store, db, &self->scope, &record,
		    &self->made->id, err);
	}
	add_facts(self, &facts);
	audit_fact(&facts, "reason", buf_span(&self->order->reason));
	if (rc == 0)
		rc = exported_log(self->store, db, "export.begin",
		    self->made->id, buf_span(&facts), err);
	if (rc == 0)
		rc = store_commit(self->store, &db, err);
	store_rollback(self->store, &db);
	exported_done(&record);
	buf_done(&facts);
	return rc;
}

/* ---- Rows -------------------------------------------------------------- */

/* Who, when, why: the row that is nobody's. */
static int
write_remark(struct writing *self, struct err *err)
{
	struct buf text = BUF_INIT, mark = BUF_INIT;
	char id[STORE_ID_LEN + 1];
	int rc;

	store_id(self->store, id);
	buf_text(&text, "sekisho");
	audit_fact_int(&text, "export", self->made->id);
	audit_fact(&text, "by", span_of(store_user(self->store)));
	buf_text(&text, " at=");
	clock_rfc3339(&text, clock_now_ms(store_clock(self->store)));
	audit_fact_int(&text, "people", self->scope.people);
	audit_fact(&text, "store", span_of(id));
	if (self->request)
		audit_fact(
		    &text, "approver", span_of(self->approved.decided_by));
	audit_fact(&text, "reason", buf_span(&self->order->reason));
	buf_text(&mark, OWN_WATERMARK);
	buf_add(&mark, marks_of(self->marks, buf_span(&text)));
	rc = sheet_remark(self->sheet, buf_span(&text), buf_span(&mark), err);
	buf_done(&text);
	buf_done(&mark);
	return rc;
}

static int
write_people(struct writing *self, struct err *err)
{
	struct columns *columns = NULL;
	struct people *people = NULL;
	struct person_row person;
	int got = -1;

	if (columns_new(self->scope.db, self->order, &columns, err) < 0 ||
	    people_open(self->store, self->scope.db, self->order,
		self->scope.filter, self->order->parts, self->watch, &people,
		err) < 0)
		goto out;
	columns_name(columns, self->sheet);
	if (sheet_headers(self->sheet, err) < 0 || write_remark(self, err) < 0)
		goto out;
	while ((got = people_next(people, &person, err)) == 1) {
		columns_put(columns, &person, self->sheet);
		if (sheet_row(self->sheet,
			marks_of(self->marks, person.address), err) < 0) {
			got = -1;
			break;
		}
		self->made->people++;
	}
out:
	people_close(&people);
	columns_free(&columns);
	return got < 0 ? -1 : 0;
}

static int
write_about(struct writing *self, struct err *err)
{
	struct span mark = marks_of(self->marks, span_of(self->scope.address));
	struct buf copy = BUF_INIT;
	int64_t rows = -1;

	buf_add(&copy, mark);
	about_name(self->sheet);
	if (sheet_headers(self->sheet, err) == 0 &&
	    write_remark(self, err) == 0)
		rows = about_write(self->store, self->scope.db,
		    self->order->contact, self->sheet, buf_span(&copy), err);
	self->made->people = 1;
	buf_done(&copy);
	return rows < 0 ? -1 : 0;
}

static int
write_rows(struct writing *self, struct err *err)
{
	int rc;

	if (sheet_new(self->order->charset, self->pipe, &self->sheet, err) < 0)
		return -1;
	self->marks = marks_new(self->store, self->made->id);
	rc = self->order->scope == EXPORT_PERSON ? write_about(self, err)
						 : write_people(self, err);
	if (rc < 0)
		return -1;
	if (sheet_lost(self->sheet) > self->order->lost) {
		err_set(err, E_EXPORT_LOSS);
		return err_fact_int(err, "cells", sheet_lost(self->sheet));
	}
	return pipe_end(
	    self->pipe, &self->made->octets, &self->made->sha256, err);
}

/* ---- After ------------------------------------------------------------- */

static void
add_what(const struct writing *self, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct digest digest;

	audit_fact_int(out, "columns", (int64_t)sheet_columns(self->sheet));
	audit_fact(out, "charset", span_of(text_charset(self->order->charset)));
	audit_fact_int(out, "lost", sheet_lost(self->sheet));
	if (text_seal(self->order, clock_now_ms(store_clock(self->store)),
		&text, NULL) == 0) {
		struct span rest = buf_span(&text);
		struct span word = span_cut(&rest, ' ');

		/* not whose it is: its fingerprint */
		audit_fact(out, "encryption", word);
		if (rest.len)
			audit_fact(out, "certificate", span_cut(&rest, ' '));
	}
	if (self->order->scope == EXPORT_FILTER) {
		crypt_sha256(buf_span(&self->order->filter), &digest);
		buf_clear(&text);
		crypt_hex(&text, span_make(digest.bytes, SHA256_LEN));
		audit_fact(out, "filter_sha256", buf_span(&text));
	}
	audit_fact_int(out, "octets", self->made->octets);
	buf_clear(&text);
	crypt_hex(&text, span_make(self->made->sha256.bytes, SHA256_LEN));
	audit_fact(out, "sha256", buf_span(&text));
	buf_done(&text);
}

/* The person's own timeline has it, too. */
static int
note_person(struct writing *self, struct db *db, struct err *err)
{
	struct buf fact = BUF_INIT;
	int rc;

	if (self->order->scope != EXPORT_PERSON)
		return 0;
	buf_printf(&fact, "%lld", (long long)self->made->id);
	rc = contact_note_in(self->store, db, self->order->contact,
	    EVENT_EXPORTED, buf_span(&fact), err);
	buf_done(&fact);
	return rc;
}

static int
finish(struct writing *self, struct err *err)
{
	int64_t now_ms = clock_now_ms(store_clock(self->store));
	struct buf facts = BUF_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_begin(self->store, STORE_WAIT_LONG, "export", &db, err) < 0)
		return -1;
	add_facts(self, &facts);
	add_what(self, &facts);
	if (exported_made(db, self->made, now_ms, err) == 0 &&
	    note_person(self, db, err) == 0 &&
	    exported_log(self->store, db, "export.write", self->made->id,
		buf_span(&facts), err) == 0)
		rc = store_commit(self->store, &db, err);
	store_rollback(self->store, &db);
	buf_done(&facts);
	return rc;
}

/* Nothing was written after all: an approval is as good as before. */
static void
undo(struct writing *self, enum export_state from, const struct err *why)
{
	enum export_state to = self->request ? EXPORT_APPROVED : EXPORT_FAILED;
	struct buf facts = BUF_INIT;
	struct db *db = NULL;

	audit_fact(&facts, "why", span_of(err_name(why->code)));
	if (store_begin(self->store, STORE_WAIT_LONG, "export", &db, NULL) < 0)
		goto out;
	if (exported_move(db, self->made->id, from, to, NULL) == 0 &&
	    exported_log(self->store, db, "export.failed", self->made->id,
		buf_span(&facts), NULL) == 0)
		store_commit(self->store, &db, NULL);
out:
	store_rollback(self->store, &db);
	buf_done(&facts);
}

static int
write_file(struct writing *self, struct err *err)
{
	struct err why = {.code = E_NONE};

	if (begin(self, err) < 0)
		return -1;
	if (write_rows(self, &why) < 0 || finish(self, &why) < 0) {
		undo(self, EXPORT_WRITING, &why);
	} else if (pipe_name(self->pipe, &why) < 0) {
		undo(self, EXPORT_MADE, &why);
	} else {
		return 0;
	}
	if (err)
		*err = why;
	return -1;
}

int
export_write(struct store *store, const struct export_order *order,
    int64_t request, const char *path, const struct secret *passphrase,
    struct export_watch *watch, struct export_made *out, struct err *err)
{
	struct writing self = {.store = store,
	    .order = order,
	    .request = request,
	    .watch = watch,
	    .approved = RECORD_INIT,
	    .made = out};
	int rc = -1;

	*out = (struct export_made){.id = 0};
	if (person_require(store, NULL, MAY_LIST_EXPORT, err) == 0 &&
	    export_reason_check(buf_span(&order->reason), err) == 0 &&
	    scope_open(store, order, watch, &self.scope, err) == 0 &&
	    check_need(&self, err) == 0 &&
	    pipe_open(order, passphrase, path, &self.pipe, err) == 0 &&
	    stepup_require(store, NULL, STEPUP_EXPORT, err) == 0)
		rc = write_file(&self, err);
	marks_free(&self.marks);
	sheet_free(&self.sheet);
	pipe_free(&self.pipe);
	exported_done(&self.approved);
	scope_done(&self.scope);
	return rc;
}
