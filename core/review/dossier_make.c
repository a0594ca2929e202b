/* What an approver has to look at, out of the store: the machine chooses the
 * mails, worst cases first, then some by chance. */
#include "core/review/dossier.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/review/approval.h"
#include "core/review/gate.h"

enum { LEAST = 5, BY_CHANCE = 3 };

struct making {
	struct store *store;
	struct db *db;
	struct campaign campaign;
	struct template *template;
	struct assembler *assembler;
	struct arena *arena;
	int64_t now_ms;
	int64_t key[DOSSIER_SAMPLES_MAX]; /* whose mails are in it */
	size_t samples;
	struct buf *out;
};

static void
entry_int(struct buf *out, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)value);
	dossier_entry(out, name, span_of(text));
}

static void
entry_digest(struct buf *out, const char *name, const struct digest *digest)
{
	struct buf hex = BUF_INIT;

	crypt_hex(&hex, span_make(digest->bytes, SHA256_LEN));
	dossier_entry(out, name, buf_span(&hex));
	buf_done(&hex);
}

static int
add_head(struct making *self, struct err *err)
{
	struct buf *out = self->out;
	struct approval_text subject;
	struct seal_info seal;
	struct buf body = BUF_INIT;
	int64_t hours = setting_int(self->db, "approval.hours", err);
	int64_t seconds = setting_int(self->db, "approval.seconds", err);
	enum statement_login wants;

	if (hours < 0 || seconds < 0 ||
	    statement_login_wanted(self->db, &wants, err) < 0 ||
	    approval_subject(self->store, self->db, self->campaign.id,
		self->arena, &subject, err) < 0 ||
	    seal_read(self->db, self->campaign.id, &seal, err) < 0)
		return -1;
	dossier_entry(out, "store", subject.store);
	entry_int(out, "campaign", subject.campaign);
	dossier_entry(out, "name", subject.name);
	dossier_entry(out, "class", subject.class);
	dossier_entry(out, "subject", subject.subject);
	dossier_entry(out, "from", subject.from);
	entry_int(out, "recipients", subject.recipients);
	entry_digest(out, "root", &subject.root);
	entry_digest(out, "digest", &subject.manifest);
	entry_int(out, "first-ms", subject.first_ms);
	entry_int(out, "hours", hours);
	entry_int(out, "seconds", seconds);
	entry_int(out, "stepup", wants);
	dossier_entry(out, "sealed-by", span_of(seal.by));
	if (review_manifest(self->db, self->campaign.id, &body, err) < 0) {
		buf_done(&body);
		return -1;
	}
	dossier_entry(out, "manifest", buf_span(&body));
	for (size_t i = 0; i < subject.overrides; i++) {
		buf_clear(&body);
		buf_printf(
		    &body, "%.*s\n", SPAN_ARG(subject.override[i].check));
		buf_add(&body, subject.override[i].asked);
		dossier_entry(out, "override", buf_span(&body));
	}
	buf_done(&body);
	return 0;
}

static int64_t
severity_of(struct span item)
{
	size_t count;
	const struct check *all = check_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (span_equal(span_of(all[i].id), item))
			return all[i].severity;
	}
	return CHECK_INFO;
}

static int
add_checks(struct making *self, struct err *err)
{
	struct stmt *stmt = db_stmt(self->db,
	    "SELECT item, state, count, facts, answer, answered_by"
	    " FROM review_result WHERE campaign = ?1 ORDER BY item",
	    err);
	struct buf body = BUF_INIT;
	int got = -1;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, self->campaign.id.v);
	while ((got = stmt_step(stmt, err)) == 1) {
		buf_clear(&body);
		fact_add(&body, "id", stmt_col_text(stmt, 0));
		fact_add_int(
		    &body, "severity", severity_of(stmt_col_text(stmt, 0)));
		fact_add_int(&body, "state", stmt_col_int(stmt, 1));
		fact_add_int(&body, "count", stmt_col_int(stmt, 2));
		fact_add(&body, "facts", stmt_col_text(stmt, 3));
		fact_add(&body, "answer", stmt_col_text(stmt, 4));
		fact_add(&body, "by", stmt_col_text(stmt, 5));
		dossier_entry(self->out, "check", buf_span(&body));
	}
	buf_done(&body);
	return got;
}

struct facts {
	struct making *making;
	size_t count;
};

static int
add_fact(void *payload, const struct extract_item *item)
{
	struct facts *facts = payload;
	struct buf body = BUF_INIT;

	if (item->kind > EXTRACT_HOST || facts->count == DOSSIER_FACTS_MAX)
		return 0;
	facts->count++;
	fact_add_int(&body, "kind", item->kind);
	fact_add(&body, "text", item->text);
	fact_add_int(&body, "messages", item->messages);
	dossier_entry(facts->making->out, "fact", buf_span(&body));
	buf_done(&body);
	return 0;
}

/* ---- Mails ---------------------------------------------------------------------- */

static bool
is_in(const struct making *self, int64_t key)
{
	for (size_t i = 0; i < self->samples; i++) {
		if (self->key[i] == key)
			return true;
	}
	return false;
}

static void
add_mail(struct making *self, int64_t reason, struct span what,
    const struct audience_member *member, const struct message *message)
{
	struct buf body = BUF_INIT, facts = BUF_INIT, read = BUF_INIT;

	html_to_text(message->html, &read, NULL);
	fact_add_int(&facts, "reason", reason);
	fact_add(&facts, "what", what);
	fact_add(&facts, "address", member->address);
	fact_add(&facts, "name", member->name);
	fact_add(&facts, "subject", message->subject);
	dossier_entry(&body, "facts", buf_span(&facts));
	dossier_entry(
	    &body, "text", span_slice(message->text, 0, DOSSIER_PART_MAX));
	dossier_entry(
	    &body, "html", span_slice(buf_span(&read), 0, DOSSIER_PART_MAX));
	dossier_entry(self->out, "sample", buf_span(&body));
	self->key[self->samples++] = member->key;
	buf_done(&body);
	buf_done(&facts);
	buf_done(&read);
}

static int
add_one(struct making *self, enum audience_step step, int64_t from,
    int64_t reason, struct span what, struct err *err)
{
	struct audience_member member;
	struct recipient recipient;
	struct message message;
	int got = audience_step(
	    self->db, &self->campaign, step, from, self->arena, &member, err);

	if (got <= 0 || is_in(self, member.key) ||
	    self->samples == DOSSIER_SAMPLES_MAX)
		return got < 0 ? -1 : 0;
	recipient = (struct recipient){
	    member.seq, member.address, member.name, member.fields};
	if (assemble_message(
		self->assembler, &recipient, self->now_ms, &message, err) < 0)
		return -1;
	add_mail(self, reason, what, &member, &message);
	return 0;
}

static int
add_worst(struct making *self, struct dossier_watch *watch, struct err *err)
{
	struct samples_watch look = {.cancel = watch->cancel};
	struct samples *samples = NULL;
	const struct sample *all;
	size_t count;
	int rc = 0;

	if (samples_search(self->store, self->campaign.id, self->now_ms, &look,
		&samples, err) < 0)
		return -1;
	all = samples_all(samples, &count);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = add_one(self, AUDIENCE_AT, all[i].position, all[i].reason,
		    all[i].what, err);
	samples_free(&samples);
	return rc;
}

/* At least as many as the rule wants: five, or the binary logarithm of the
 * number of recipients. */
static size_t
wanted(int64_t recipients)
{
	size_t n = 0;

	while (n < 30 && (int64_t)1 << n < recipients)
		n++;
	n = n < LEAST ? LEAST : n;
	return (int64_t)n < recipients ? n : (size_t)recipients;
}

static int
add_mails(struct making *self, struct dossier_watch *watch, struct err *err)
{
	int64_t recipients = 0;
	size_t least;
	struct sealed sealed;
	int rc;

	if (sealed_read(self->db, self->campaign.id, &sealed, err) < 0)
		return -1;
	recipients = sealed.recipients;
	rc = add_worst(self, watch, err);
	least = self->samples + BY_CHANCE;
	if (least < wanted(recipients))
		least = wanted(recipients);
	for (int i = 0; rc == 0 && i < 200 && self->samples < least; i++)
		rc = add_one(
		    self, AUDIENCE_RANDOM, 0, SAMPLE_REASONS, SPAN(""), err);
	return rc;
}

static int
open_making(struct making *self, struct campaign_id campaign, struct err *err)
{
	if (store_reader_open(self->store, &self->db, err) < 0 ||
	    campaign_read(self->db, campaign, &self->campaign, err) < 0 ||
	    template_compile(self->store, self->db, &self->campaign,
		&self->template, err) < 0)
		return -1;
	return assembler_new(self->store, self->db, self->template,
	    ASSEMBLE_PROOF, &self->assembler, err);
}

int
dossier_make(struct store *store, struct campaign_id campaign, int64_t now_ms,
    struct dossier_watch *watch, struct buf *out, struct err *err)
{
	struct making self = {.store = store,
	    .campaign = CAMPAIGN_INIT,
	    .arena = arena_new(),
	    .now_ms = now_ms,
	    .out = out};
	struct facts facts = {.making = &self};
	int rc = -1;

	buf_text(out, "sekisho-dossier 1\n");
	if (open_making(&self, campaign, err) == 0 &&
	    add_head(&self, err) == 0 && add_checks(&self, err) == 0 &&
	    extract_each(self.db, campaign, add_fact, &facts, err) == 0 &&
	    add_mails(&self, watch, err) == 0)
		rc = 0;
	assembler_free(&self.assembler);
	template_free(&self.template);
	campaign_done(&self.campaign);
	store_reader_close(&self.db);
	arena_free(&self.arena);
	return rc;
}
