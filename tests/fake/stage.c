/* A stage for whole paths. */
#include "tests/fake/stage.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/compose/compose.h"
#include "core/health/health.h"
#include "core/net/dial.h"
#include "tests/fake/answers.h"
#include "tests/fake/tempstore.h"

/* Fails loudly: a test without its stage proves nothing. */
static void
must(int rc, const struct err *err, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "stage: %s: %s", what, err_name(err->code));
	for (unsigned i = 0; i < err->fact_count; i++)
		fprintf(
		    stderr, " %s=%s", err->fact[i].name, err->fact[i].value);
	fputc('\n', stderr);
	abort();
}

static const char *const settings[][2] = {
    {"sender.name", "株式会社例示"}, {"sender.address", "news@example.jp"},
    {"legal.name", "株式会社例示"},
    {"legal.postal", "〒100-0001 東京都千代田区千代田1-1"},
    {"legal.contact", "お問合せ 03-0000-0000"},
    {"unsubscribe.base_url", "https://u.example.jp/u"},
    {"unsubscribe.mailto", "u@bounce.example.jp"},
    {"ehlo.name", "mail.example.jp"},
    {"pace.warm_floor", "10000000"}, /* the house is known everywhere */
    {"approval.when", "never"},      /* but for tests about approvals */
};

static void
set_up_store(struct stage *stage)
{
	struct err err = {0};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		must(setting_write(stage->store, settings[i][0],
			 span_of(settings[i][1]), &err),
		    &err, settings[i][0]);
	}
	must(dkim_create(stage->store, SPAN("example.jp"), SPAN("s2026"), &err),
	    &err, "dkim_create");
}

static void
add_contact(struct stage *stage, struct db *db, const char *prefix, int number)
{
	struct err err = {0};
	struct stmt *contact = db_stmt(db,
	    "INSERT INTO contact(id, address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES(?1, ?2, ?2, ?3, ?4, 1, 1)",
	    &err);
	struct stmt *member;
	char address[40], name[40], fields[60];

	must(contact ? 0 : -1, &err, "contact");
	snprintf(address, sizeof address, "%s%05d@example.jp",
	    prefix ? prefix : "user", number);
	snprintf(name, sizeof name, "山田 太郎%d", number);
	snprintf(fields, sizeof fields, "{\"会員番号\":\"%05d\"}", number);
	stmt_int(contact, 1, number);
	stmt_text(contact, 2, span_of(address));
	stmt_text(contact, 3, span_of(name));
	stmt_text(contact, 4, span_of(fields));
	must(stmt_run(contact, &err), &err, "contact");
	member = db_stmt(db,
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note,"
	    " how, wording) VALUES(?1, ?2, ?3, 1, 'web form', 1, 1)",
	    &err);
	must(member ? 0 : -1, &err, "member");
	stmt_int(member, 1, stage->list.v);
	stmt_int(member, 2, number);
	stmt_int(member, 3, BASIS_CONSENT);
	must(stmt_run(member, &err), &err, "member");
}

static void
add_list(struct stage *stage, const struct stage_params *params)
{
	struct db *db = NULL;
	struct err err = {0};
	int64_t wording;

	must(list_create(stage->store, SPAN("Newsletter"), &stage->list, &err),
	    &err, "list_create");
	must(wording_add(stage->store, SPAN("Sign-up form"),
		 SPAN("Send me the newsletter."), &wording, &err),
	    &err, "wording_add");
	assert(wording == 1);
	must(store_begin(stage->store, STORE_WAIT_LONG, "stage", &db, &err),
	    &err, "store_begin");
	for (int i = 1; i <= params->recipients; i++)
		add_contact(stage, db, params->prefix, i);
	must(store_commit(stage->store, &db, &err), &err, "store_commit");
}

static void
add_campaign(struct stage *stage, const struct stage_params *params)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	struct err err = {0};

	must(campaign_create(stage->store, SPAN("Autumn"), params->class,
		 &stage->campaign, &err),
	    &err, "campaign_create");
	must(store_reader_open(stage->store, &db, &err), &err, "reader");
	must(campaign_read(db, stage->campaign, &campaign, &err), &err,
	    "campaign_read");
	store_reader_close(&db);
	campaign.send_at_ms = params->send_at_ms;
	campaign.list = stage->list.v;
	buf_clear(&campaign.subject);
	buf_text(&campaign.subject,
	    params->subject ? params->subject : "{{name|お客}}様 秋のご案内");
	buf_clear(&campaign.body);
	buf_text(&campaign.body,
	    params->body ? params->body
			 : "# 秋のご案内\n\n{{name|お客}}様\n\nいつもご利用"
			   "ありがとうございます。会員番号は"
			   "{{会員番号|未登録}}です。\n\n"
			   "[詳しくはこちら](https://www.example.jp/a)\n");
	must(campaign_save(stage->store, &campaign, &err), &err,
	    "campaign_save");
	campaign_done(&campaign);
}

void
stage_relay(struct stage *stage, struct relay_config *relay)
{
	struct relay_config *all = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;

	must(store_reader_open(stage->store, &db, &err), &err, "reader");
	must(relay_all(db, &all, &count, &err), &err, "relay_all");
	store_reader_close(&db);
	if (count) {
		relay->id = all[0].id;
		if (!relay->sessions)
			relay->sessions = all[0].sessions;
	}
	free(all);
	snprintf(relay->name, sizeof relay->name, "practice");
	relay->per_session = relay->per_session ? relay->per_session : 1000;
	relay->enabled = true;
	must(relay_save(stage->store, relay, &err), &err, "relay_save");
	relay_config_done(relay);
}

void
stage_relay_port(
    struct stage *stage, uint16_t port, enum relay_tls tls, const char *ca_file)
{
	struct relay_config relay = {
	    .host = "127.0.0.1", .port = port, .tls = tls};

	snprintf(
	    relay.ca_file, sizeof relay.ca_file, "%s", ca_file ? ca_file : "");
	stage_relay(stage, &relay);
}

static void
start_relay(struct stage *stage, const struct stage_params *params)
{
	struct practice_config config = {.folder = stage->dir,
	    .manners = params->manners,
	    .latency_ms = params->latency_ms,
	    .discard = params->discard};
	struct relay_config relay = {.name = "practice",
	    .host = "127.0.0.1",
	    .tls = RELAY_TLS_VERIFY,
	    .per_session = 1000,
	    .enabled = true,
	    .sessions = params->sessions ? params->sessions : 2};
	struct err err = {0};

	must(practice_start(&config, &stage->practice, &err), &err,
	    "practice_start");
	relay.port = practice_port(stage->practice);
	snprintf(relay.ca_file, sizeof relay.ca_file, "%s",
	    practice_ca_file(stage->practice));
	must(relay_save(stage->store, &relay, &err), &err, "relay_save");
}

void
stage_open(struct stage *stage, const struct stage_params *params)
{
	memset(stage, 0, sizeof *stage);
	fake_clock_init(&stage->clock);
	stage->world.clock = params->clock == STAGE_CLOCK_FAKE
				 ? &stage->clock.base
				 : clock_real();
	stage->world.dialler = dialler_loopback_only();
	stage->store = tempstore_open(stage->world.clock);
	stage->dir = tempdir_new();
	set_up_store(stage);
	add_list(stage, params);
	add_campaign(stage, params);
	start_relay(stage, params);
}

void
stage_seal(struct stage *stage)
{
	struct review *review = NULL;
	struct err err = {0};

	must(review_open(
		 stage->store, &stage->world, stage->campaign, &review, &err),
	    &err, "review_open");
	must(checklist_run(review, &err), &err, "checklist_run");
	answers_give(stage->store, &stage->world, stage->campaign, review);
	must(signoff_give(review, &err), &err, "signoff_give");
	review_free(&review);
}

struct clearance *
stage_clearance(struct stage *stage)
{
	struct clearance *clearance = NULL;
	struct err err = {0};

	must(clearance_grant(stage->store, &stage->world, stage->campaign,
		 &clearance, &err),
	    &err, "clearance_grant");
	return clearance;
}

void
stage_smime(struct stage *stage, const struct certs *certs, const char *file)
{
	struct secret *passphrase = secret_of("himitsu", 7);
	struct buf bytes = BUF_INIT, sql = BUF_INIT;
	struct err err = {0};
	int64_t id;

	certs_read(certs, file, &bytes);
	must(smime_add(stage->store, buf_span(&bytes), passphrase, &id, &err),
	    &err, "smime_add");
	buf_printf(&sql, "UPDATE campaign SET smime = %lld", (long long)id);
	stage_sql(stage, sql.ptr);
	secret_free(&passphrase);
	buf_done(&bytes);
	buf_done(&sql);
}

void
stage_sql(struct stage *stage, const char *sql)
{
	struct db *db = NULL;
	struct stmt *stmt;
	struct err err = {0};

	must(store_begin(stage->store, STORE_WAIT_LONG, "stage", &db, &err),
	    &err, "store_begin");
	stmt = db_stmt(db, sql, &err);
	must(stmt ? stmt_run(stmt, &err) : -1, &err, sql);
	must(store_commit(stage->store, &db, &err), &err, "store_commit");
}

int64_t
stage_number(struct stage *stage, const char *sql)
{
	return tempstore_number(stage->store, sql);
}

void
stage_close(struct stage *stage)
{
	practice_stop(&stage->practice);
	tempstore_close(&stage->store);
	tempdir_remove(&stage->dir);
}
