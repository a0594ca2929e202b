/* A second person in memory. */
#include "tests/fake/approving.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/fake/testcodes.h"

enum { DAY_MS = 24 * 3600 * 1000, TYPED_ROOM = TESTCODES_ROOM };

static void
must(int rc, const struct err *err, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "approving: %s: %s %s=%s\n", what, err_name(err->code),
	    err->fact[0].name, err->fact[0].value);
	abort();
}

/* The last eight digits, as their owner reads them out. */
static void
confirm(struct approving *self, struct store *store)
{
	char print[FINGERPRINT_TEXT + 1];
	struct approver_key *all = NULL;
	struct err err = {0};
	struct db *db = NULL;
	size_t count = 0;

	must(store_reader_open(store, &db, &err), &err, "reader");
	must(approver_all(store, db, &all, &count, &err), &err, "all");
	store_reader_close(&db);
	signer_fingerprint(&self->key, print);
	must(approver_confirm(
		 store, all[0].id, span_of(print + FINGERPRINT_TEXT - 9), &err),
	    &err, "confirm");
	free(all);
}

void
approving_open(
    struct approving *self, struct store *store, const char *login, uid_t uid)
{
	struct person person = {.roles = PERSON_APPROVER};
	struct digest seed; /* the same in every run: screens show the key */
	struct err err = {0};

	*self = (struct approving){.login = login,
	    .uid = uid,
	    .seed = secret_new(ED25519_KEY_LEN),
	    .arena = arena_new()};
	crypt_sha256(span_of(login), &seed);
	memcpy(self->seed->bytes, seed.bytes, self->seed->len);
	ed25519_public(self->seed, &self->key);
	span_text(person.login, sizeof person.login, span_of(login));
	must(person_save(store, &person, NULL, &err), &err, "person");
	must(approver_ask(store, login, uid, &self->key, &err), &err, "ask");
	confirm(self, store);
}

void
approving_close(struct approving *self)
{
	secret_free(&self->seed);
	arena_free(&self->arena);
	buf_done(&self->text);
}

void
approving_sign(struct approving *self)
{
	buf_clear(&self->text);
	statement_write(&self->statement, &self->text);
	ed25519_sign(self->seed, buf_span(&self->text), &self->offer.signature);
	self->offer.statement = buf_span(&self->text);
}

void
approving_offer(struct approving *self, struct stage *stage)
{
	char codes[TESTCODES_ROOM];
	struct err err = {0};
	struct db *db = NULL;
	int64_t now = clock_now_ms(stage->world.clock);
	struct span html;

	must(store_reader_open(stage->store, &db, &err), &err, "reader");
	must(approval_subject(stage->store, db, stage->campaign, self->arena,
		 &self->statement, &err),
	    &err, "subject");
	store_reader_close(&db);
	testcodes_read(stage->store, stage->campaign, codes);
	html = span_of(codes);
	span_cut(&html, ' ');
	self->statement.note = SPAN("read on paper");
	self->statement.login = span_of(self->login);
	self->statement.uid = self->uid;
	ed25519_fingerprint(&self->key, &self->statement.key);
	self->statement.authenticated = SPAN("pam");
	self->statement.at_ms = now;
	self->statement.expires_ms = now + DAY_MS;
	self->offer = (struct approval_offer){.campaign = stage->campaign,
	    .login = self->login,
	    .uid = self->uid,
	    .manifest = self->statement.manifest,
	    .reasons = self->statement.overrides,
	    .note = self->statement.note,
	    .authenticated = self->statement.authenticated,
	    .at_ms = now,
	    .expires_ms = now + DAY_MS,
	    .html_code = arena_copy(self->arena, html)};
	for (size_t i = 0; i < self->statement.overrides; i++) {
		self->statement.override[i].reason =
		    SPAN("The relay's owner has confirmed it by phone.");
		self->offer.reason[i] = self->statement.override[i].reason;
	}
	approving_sign(self);
}

void
approving_approve(struct approving *self, struct stage *stage)
{
	struct err err = {0};

	approving_offer(self, stage);
	must(approval_take(stage->store, &self->offer,
		 clock_now_ms(stage->world.clock), &err),
	    &err, "approval_take");
}
