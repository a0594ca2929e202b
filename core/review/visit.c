/* What an approver's process asks over the socket, one question after the
 * other.  Its words are foreign: the kernel alone says who it is. */
#include "core/review/visit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/export/export.h"
#include "core/review/approval.h"
#include "core/review/dossier.h"

enum { LOOK_MS = 500, LISTED_MAX = 20, PIECE_OCTETS = 60 * 1024 };

struct visit {
	struct store *store; /* borrowed */
	struct clock *clock; /* borrowed */
	struct socket_line line;
	struct socket_peer peer;
	struct buf welcome;
	struct buf dossier; /* made last */
	pthread_t thread;
	atomic_bool cancel, over;
};

static int64_t
now_of(const struct visit *self)
{
	return clock_now_ms(self->clock);
}

/* ---- Answers ------------------------------------------------------------------- */

static int
refuse(struct visit *self, const struct err *why)
{
	struct buf body = BUF_INIT;
	int rc;

	socket_put_err(&body, why);
	rc = socket_say(&self->line, SOCKET_REFUSED, buf_span(&body), NULL);
	buf_done(&body);
	return rc;
}

/* Refusals of what matters are in the log, whatever the approver's process
 * does with them. */
static void
note_refusal(struct visit *self, const char *what, const struct err *why)
{
	struct buf facts = BUF_INIT;

	buf_printf(&facts, "user=%s uid=%lu why=%s", self->peer.name,
	    (unsigned long)self->peer.uid, err_name(why->code));
	audit_add(self->store,
	    &(struct audit_event){
		what, span_of(self->peer.name), buf_span(&facts)},
	    NULL);
	buf_done(&facts);
}

static int
done(struct visit *self, const char *what)
{
	struct buf body = BUF_INIT;
	int rc;

	fact_add(&body, "order", span_of(what));
	fact_add(&body, "state", SPAN("taken"));
	rc = socket_say(&self->line, SOCKET_DONE, buf_span(&body), NULL);
	buf_done(&body);
	return rc;
}

/* Names of campaigns are for approvers.  The operator of this process is told
 * why not when they ask for one. */
static int
is_approver(struct visit *self, struct db *db, struct err *err)
{
	struct person person = {.roles = 0};

	if (self->peer.uid == geteuid())
		return 0;
	if (person_read(db, span_of(self->peer.name), &person, err) < 0)
		return -1;
	if (person_may(&person, MAY_APPROVE))
		return 0;
	err_set(err, E_APPROVAL_WHO);
	err_fact(err, "login", span_of(self->peer.name));
	return err_fact(err, "why", SPAN("role"));
}

/* Which campaigns wait, as facts: one line each. */
static int
list_waiting(struct visit *self, struct buf *out, struct err *err)
{
	struct campaign_id id[LISTED_MAX];
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	size_t count = 0;
	int rc = -1;

	if (store_reader_open(self->store, &db, err) < 0)
		return -1;
	if (is_approver(self, db, err) < 0 ||
	    approval_waiting(
		self->store, db, now_of(self), id, LISTED_MAX, &count, err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		char name[24];

		if (campaign_read(db, id[i], &campaign, err) < 0)
			goto out;
		snprintf(name, sizeof name, "%lld", (long long)id[i].v);
		fact_add(out, name, buf_span(&campaign.name));
	}
	rc = 0;
out:
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

/* What a person who has come for something else may approve, as
 * list_waiting(); key: why their key does not count, when something waits that
 * they could approve with one. */
static int
offer_waiting(struct visit *self, struct buf *out, struct err *err)
{
	struct buf all = BUF_INIT;
	struct db *db = NULL;
	struct span rest;
	struct err why;
	int rc = list_waiting(self, &all, err);

	if (rc == 0)
		rc = store_reader_open(self->store, &db, err);
	rest = buf_span(&all);
	while (rc == 0 && rest.len) {
		struct span line = span_cut(&rest, '\n'), value = line;
		struct campaign_id campaign = {0};

		span_int(span_cut(&value, '='), &campaign.v);
		why = (struct err){.code = E_NONE};
		if (approval_may(self->store, db, campaign, self->peer.name,
			self->peer.uid, &why) == 0) {
			buf_add(out, line);
			buf_char(out, '\n');
		} else if (why.code == E_APPROVER_KEY &&
			   !fact_find(buf_span(out), "key").len) {
			fact_add(out, "key", span_of(err_find(&why, "why")));
		}
	}
	store_reader_close(&db);
	buf_done(&all);
	return rc;
}

/* Which exports wait: as list_waiting(). */
static int
list_exports(struct visit *self, struct buf *out, struct err *err)
{
	struct export_record waiting[LISTED_MAX];
	struct db *db = NULL;
	size_t count = 0;
	int rc = -1;

	if (store_reader_open(self->store, &db, err) < 0)
		return -1;
	if (is_approver(self, db, err) == 0)
		rc = export_waiting(
		    db, now_of(self), waiting, LISTED_MAX, &count, err);
	store_reader_close(&db);
	for (size_t i = 0; i < count; i++) {
		char name[24];

		snprintf(name, sizeof name, "%lld", (long long)waiting[i].id);
		fact_add(out, name, span_of(waiting[i].what));
	}
	return rc;
}

/* What there is to sign about one, behind how it can be signed. */
static int
show_export(struct visit *self, int64_t id, struct buf *out, struct err *err)
{
	struct export_policy policy;
	enum statement_login wants;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(self->store, &db, err) < 0)
		return -1;
	if (export_may(self->store, db, id, self->peer.name, self->peer.uid,
		err) < 0) {
		note_refusal(self, "export.refused", err);
	} else if (export_policy_read(db, &policy, err) == 0 &&
		   statement_login_wanted(db, &wants, err) == 0) {
		fact_add_int(out, "minutes", policy.minutes);
		fact_add(out, "wants", statement_login_word(wants));
		buf_char(out, '\n');
		rc = export_subject(self->store, db, id, out, err);
	}
	store_reader_close(&db);
	return rc;
}

static int
may(struct visit *self, struct campaign_id campaign, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (store_reader_open(self->store, &db, err) < 0)
		return -1;
	rc = approval_may(
	    self->store, db, campaign, self->peer.name, self->peer.uid, err);
	store_reader_close(&db);
	return rc;
}

static int
make_dossier(struct visit *self, int64_t id, struct err *err)
{
	struct dossier_watch watch = {.cancel = &self->cancel};
	struct campaign_id campaign = {id};

	buf_clear(&self->dossier);
	if (may(self, campaign, err) < 0) {
		note_refusal(self, "approval.refused", err);
		return -1;
	}
	if (dossier_make(self->store, campaign, now_of(self), &watch,
		&self->dossier, err) < 0)
		return -1;
	if (self->dossier.len > DOSSIER_MAX)
		return err_set(err, E_APPROVAL_DOSSIER);
	return 0;
}

static int
hear_ask(struct visit *self, struct span facts)
{
	struct span what = fact_find(facts, "what");
	struct err why = {.code = E_NONE};
	struct buf body = BUF_INIT;
	int64_t from = fact_int(facts, "from", DOSSIER_MAX, 0);
	int rc = 0;

	if (span_equal(what, SPAN("list"))) {
		rc = list_waiting(self, &body, &why);
	} else if (span_equal(what, SPAN("offer"))) {
		rc = offer_waiting(self, &body, &why);
	} else if (span_equal(what, SPAN("dossier"))) {
		rc = make_dossier(
		    self, fact_int(facts, "campaign", INT64_MAX, 0), &why);
		fact_add_int(&body, "total", (int64_t)self->dossier.len);
	} else if (span_equal(what, SPAN("exports"))) {
		rc = list_exports(self, &body, &why);
	} else if (span_equal(what, SPAN("export"))) {
		rc = show_export(
		    self, fact_int(facts, "export", INT64_MAX, 0), &body, &why);
	} else if (span_equal(what, SPAN("piece")) && from >= 0) {
		buf_add(&body, span_slice(buf_span(&self->dossier),
				   (size_t)from, (size_t)from + PIECE_OCTETS));
	} else {
		rc = err_set(&why, E_SOCKET_FRAME);
	}
	if (rc < 0)
		rc = refuse(self, &why);
	else
		rc = socket_say(
		    &self->line, SOCKET_PIECE, buf_span(&body), NULL);
	buf_done(&body);
	return rc;
}

/* ---- Decisions ------------------------------------------------------------------ */

static bool
read_hex(struct span text, unsigned char *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char pair[3] = "";
		char *end;

		if (text.len != 2 * len)
			return false;
		memcpy(pair, text.ptr + 2 * i, 2);
		out[i] = (unsigned char)strtoul(pair, &end, 16);
		if (*end || pair[0] == '-' || pair[0] == '+' || pair[0] == ' ')
			return false;
	}
	return true;
}

/* Facts, an empty line, the statement. */
static int
read_offer(struct visit *self, struct span body, struct approval_offer *out,
    struct err *err)
{
	size_t head = span_search(body, SPAN("\n\n"));
	struct span facts = span_slice(body, 0, head + 1);

	*out = (struct approval_offer){.login = self->peer.name,
	    .uid = self->peer.uid,
	    .campaign = {fact_int(facts, "campaign", INT64_MAX, 0)},
	    .note = fact_find(facts, "note"),
	    .authenticated = fact_find(facts, "authenticated"),
	    .at_ms = fact_int(facts, "at_ms", INT64_MAX / 4, 0),
	    .expires_ms = fact_int(facts, "expires_ms", INT64_MAX / 4, 0),
	    .html_code = fact_find(facts, "code"),
	    .statement = span_slice(body, head + 2, body.len)};
	while (out->reasons < STATEMENT_OVERRIDES_MAX) {
		char name[16];

		snprintf(name, sizeof name, "reason%zu", out->reasons);
		out->reason[out->reasons] = fact_find(facts, name);
		if (out->reason[out->reasons].len == 0)
			break;
		out->reasons++;
	}
	if (!read_hex(
		fact_find(facts, "manifest"), out->manifest.bytes, SHA256_LEN))
		return err_set(err, E_SOCKET_FRAME);
	return 0;
}

static int
refuse_decision(struct visit *self, const char *what, const struct err *why)
{
	note_refusal(self, what, why);
	return refuse(self, why);
}

/* A decision about an export: the same frames, with its id. */
static void
read_export_offer(
    struct visit *self, struct span body, struct export_offer *out)
{
	size_t head = span_search(body, SPAN("\n\n"));
	struct span facts = span_slice(body, 0, head + 1);

	*out =
	    (struct export_offer){.id = fact_int(facts, "export", INT64_MAX, 0),
		.login = self->peer.name,
		.uid = self->peer.uid,
		.note = fact_find(facts, "note"),
		.authenticated = fact_find(facts, "authenticated"),
		.at_ms = fact_int(facts, "at_ms", INT64_MAX / 4, 0),
		.expires_ms = fact_int(facts, "expires_ms", INT64_MAX / 4, 0),
		.statement = span_slice(body, head + 2, body.len)};
}

static bool
is_about_export(struct span body)
{
	size_t head = span_search(body, SPAN("\n\n"));

	return fact_find(span_slice(body, 0, head + 1), "export").len > 0;
}

static int
approve_export(struct visit *self, struct span body)
{
	struct err why = {.code = E_NONE};
	struct export_offer offer;
	size_t head = span_search(body, SPAN("\n\n"));
	int rc = 0;

	read_export_offer(self, body, &offer);
	if (!read_hex(fact_find(span_slice(body, 0, head + 1), "signature"),
		offer.signature.bytes, ED25519_SIGNATURE_LEN))
		rc = err_set(&why, E_SOCKET_FRAME);
	if (rc == 0)
		rc = export_take(self->store, &offer, now_of(self), &why);
	if (rc < 0)
		return refuse_decision(self, "export.refused", &why);
	return done(self, "approve");
}

static int
reject_export(struct visit *self, struct span body)
{
	struct err why = {.code = E_NONE};
	struct export_offer offer;

	read_export_offer(self, body, &offer);
	if (export_reject(self->store, &offer, fact_find(body, "reason"),
		now_of(self), &why) < 0)
		return refuse_decision(self, "export.refused", &why);
	return done(self, "reject");
}

static int
hear_approve(struct visit *self, struct span body)
{
	struct approval_offer offer;
	struct err why = {.code = E_NONE};
	size_t head = span_search(body, SPAN("\n\n"));
	struct span facts = span_slice(body, 0, head + 1);
	int rc = read_offer(self, body, &offer, &why);

	if (rc == 0 && !read_hex(fact_find(facts, "signature"),
			   offer.signature.bytes, ED25519_SIGNATURE_LEN))
		rc = err_set(&why, E_SOCKET_FRAME);
	if (rc == 0)
		rc = approval_take(self->store, &offer, now_of(self), &why);
	if (rc < 0)
		return refuse_decision(self, "approval.refused", &why);
	return done(self, "approve");
}

static int
hear_reject(struct visit *self, struct span body)
{
	struct approval_offer offer;
	struct err why = {.code = E_NONE};
	int rc = read_offer(self, body, &offer, &why);

	if (rc == 0)
		rc = approval_reject(self->store, &offer,
		    fact_find(body, "reason"), now_of(self), &why);
	if (rc < 0)
		return refuse_decision(self, "approval.refused", &why);
	return done(self, "reject");
}

/* A key to be registered: only of one who is an approver already. */
static int
hear_key(struct visit *self, struct span pem)
{
	struct ed25519_public key;
	struct person person = {.roles = 0};
	struct err why = {.code = E_NONE};
	struct db *db = NULL;
	int rc = -1;

	if (!ed25519_pem_read(pem, &key)) {
		err_set(&why, E_SIGNER_KEY);
	} else if (store_reader_open(self->store, &db, &why) == 0) {
		rc = person_read(db, span_of(self->peer.name), &person, &why);
		if (rc >= 0 && !person_may(&person, MAY_APPROVE)) {
			err_set(&why, E_APPROVAL_WHO);
			err_fact(&why, "login", span_of(self->peer.name));
			rc = err_fact(&why, "why", SPAN("role"));
		}
	}
	store_reader_close(&db);
	if (rc >= 0)
		rc = approver_ask(
		    self->store, self->peer.name, self->peer.uid, &key, &why);
	if (rc < 0)
		return refuse_decision(self, "approver.refused", &why);
	return done(self, "key");
}

/* ---- The thread ------------------------------------------------------------------- */

static int
hear(struct visit *self, const struct socket_frame *frame)
{
	struct err why = {.code = E_NONE};

	switch ((int)frame->kind) {
	case SOCKET_ASK:
		return hear_ask(self, frame->body);
	case SOCKET_APPROVE:
		return is_about_export(frame->body)
			   ? approve_export(self, frame->body)
			   : hear_approve(self, frame->body);
	case SOCKET_REJECT:
		return is_about_export(frame->body)
			   ? reject_export(self, frame->body)
			   : hear_reject(self, frame->body);
	case SOCKET_KEY:
		return hear_key(self, frame->body);
	default:
		err_set(&why, E_SOCKET_FRAME);
		refuse(self, &why);
		return -1;
	}
}

static void *
serve(void *payload)
{
	struct visit *self = payload;
	struct socket_frame frame;
	int rc = socket_say(
	    &self->line, SOCKET_WELCOME, buf_span(&self->welcome), NULL);

	while (rc >= 0 && !atomic_load(&self->cancel)) {
		rc = socket_wait(&self->line, LOOK_MS, &frame, NULL);
		if (rc == 1)
			rc = hear(self, &frame);
	}
	shutdown(self->line.fd, SHUT_RDWR);
	atomic_store(&self->over, true);
	return NULL;
}

static void
visit_free(struct visit **visit)
{
	socket_line_done(&(*visit)->line);
	buf_done(&(*visit)->welcome);
	buf_wipe(&(*visit)->dossier);
	buf_done(&(*visit)->dossier);
	free(*visit);
	*visit = NULL;
}

int
visit_start(struct store *store, struct clock *clock, struct socket_line *line,
    const struct socket_peer *peer, struct span welcome, struct visit **out,
    struct err *err)
{
	struct visit *self = mem_new(sizeof *self);
	int sys;

	self->store = store;
	self->clock = clock;
	self->line = *line;
	*line = SOCKET_LINE_INIT;
	self->peer = *peer;
	buf_add(&self->welcome, welcome);
	sys = pthread_create(&self->thread, NULL, serve, self);
	if (sys) {
		visit_free(&self);
		return err_sys(err, E_THREAD, sys);
	}
	*out = self;
	return 0;
}

bool
visit_is_over(const struct visit *visit)
{
	return atomic_load(&visit->over);
}

void
visit_end(struct visit **visit)
{
	if (!*visit)
		return;
	atomic_store(&(*visit)->cancel, true);
	shutdown((*visit)->line.fd, SHUT_RDWR);
	pthread_join((*visit)->thread, NULL);
	visit_free(visit);
}
