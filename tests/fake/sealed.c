/* From an empty store to a sealed campaign.  Contacts are written with SQL
 * (the import has its own tests), everything else by the front doors. */
#include "tests/fake/sealed.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/compose/compose.h"
#include "tests/fake/answers.h"

static void
must(int rc, const char *what, const struct err *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "sealed campaign: %s: %s", what, err_name(err->code));
	for (unsigned i = 0; i < err->fact_count; i++)
		fprintf(
		    stderr, " %s=%s", err->fact[i].name, err->fact[i].value);
	fputc('\n', stderr);
	exit(1);
}

static void
run_sql(struct db *db, const char *sql, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);

	must(stmt ? stmt_run(stmt, err) : -1, sql, err);
}

static void
add_contact(
    struct db *db, const struct sealed_plan *plan, int number, struct err *err)
{
	static const char contact[] =
	    "INSERT INTO contact(id, address, canon, name, created_ms,"
	    " changed_ms) VALUES(?1, ?2, ?2, ?3, 1, 1)";
	static const char member[] =
	    "INSERT INTO member(list, contact, basis, basis_at_ms, basis_note,"
	    " how, paper) VALUES(1, ?1, 1, 1, 'web form', 2, 'folder 7')";
	char address[64], name[64];
	struct stmt *stmt = db_stmt(db, contact, err);

	if (plan->addresses)
		snprintf(
		    address, sizeof address, "%s", plan->addresses[number - 1]);
	else
		snprintf(address, sizeof address, "%s%d@example.jp",
		    plan->prefix ? plan->prefix : "a", number);
	snprintf(name, sizeof name, "山田 %d", number);
	must(stmt ? 0 : -1, "contact", err);
	stmt_int(stmt, 1, number);
	stmt_text(stmt, 2, span_of(address));
	stmt_text(stmt, 3, span_of(name));
	must(stmt_run(stmt, err), "contact", err);
	stmt = db_stmt(db, member, err);
	must(stmt ? 0 : -1, "member", err);
	stmt_int(stmt, 1, number);
	must(stmt_run(stmt, err), "member", err);
}

static void
add_people(struct store *store, const struct sealed_plan *plan, struct err *err)
{
	struct db *db = NULL;

	must(store_begin(store, STORE_WAIT_LONG, "test", &db, err), "begin",
	    err);
	run_sql(db,
	    "INSERT INTO list(id, name, created_ms, changed_ms, changed_by)"
	    " VALUES(1, 'readers', 1, 1, 'tester')",
	    err);
	for (int i = 1; i <= plan->recipients; i++)
		add_contact(db, plan, i, err);
	must(store_commit(store, &db, err), "commit", err);
}

static void
set_up_sender(
    struct store *store, const struct sealed_plan *plan, struct err *err)
{
	static const struct {
		const char *name, *value;
	} settings[] = {
	    {"sender.name", "Example City"},
	    {"sender.address", "news@example.jp"},
	    {"legal.name", "Example City Office"},
	    {"legal.postal", "1-1 Chuo, Example, 100-0001"},
	    {"legal.contact", "help@example.jp"},
	    {"unsubscribe.base_url", "https://www.example.jp/u"},
	    {"unsubscribe.mailto", "unsubscribe@example.jp"},
	    {"ehlo.name", "host.example.jp"}, {"approval.when", "never"},
	    {"pace.warm_floor", "10000000"}, /* known everywhere */
	};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		must(setting_write(store, settings[i].name,
			 span_of(settings[i].value), err),
		    settings[i].name, err);
	if (plan->ehlo)
		must(
		    setting_write(store, "ehlo.name", span_of(plan->ehlo), err),
		    "ehlo.name", err);
}

static void
set_up_relay(
    struct store *store, const struct sealed_plan *plan, struct err *err)
{
	struct relay_config relay = {
	    .name = "test",
	    .port = plan->kind == RELAY_KIND_DIRECT ? 25 : plan->port,
	    .kind = plan->kind,
	    .tls = plan->tls,
	    .sessions = plan->sessions ? plan->sessions : 4,
	    .per_session = plan->per_session ? plan->per_session : 1000,
	    .enabled = true,
	};

	snprintf(relay.host, sizeof relay.host, "%s",
	    plan->host ? plan->host : "127.0.0.1");
	snprintf(relay.ca_file, sizeof relay.ca_file, "%s",
	    plan->ca_file ? plan->ca_file : "");
	relay.require_tls = plan->require == SEALED_REQUIRETLS;
	if (plan->user) {
		snprintf(relay.user, sizeof relay.user, "%s", plan->user);
		if (plan->secret)
			relay.secret =
			    secret_of(plan->secret, strlen(plan->secret));
		if (plan->token_command)
			snprintf(relay.token_command,
			    sizeof relay.token_command, "%s",
			    plan->token_command);
	}
	must(relay_save(store, &relay, err), "relay_save", err);
	relay_config_done(&relay);
}

static struct campaign_id
write_campaign(
    struct store *store, const struct sealed_plan *plan, struct err *err)
{
	static const char letter[] =
	    "こんにちは {{name|お客様}}\n\n"
	    "The *park* opens on 1 December, see\n"
	    "[our page](https://www.example.jp/park).\n";
	struct campaign campaign = CAMPAIGN_INIT;
	struct campaign_id id;
	struct db *db = NULL;

	must(campaign_create(
		 store, SPAN("December letter"), plan->class, &id, err),
	    "campaign_create", err);
	must(store_reader_open(store, &db, err), "reader", err);
	must(campaign_read(db, id, &campaign, err), "campaign_read", err);
	store_reader_close(&db);
	campaign.list = 1;
	buf_clear(&campaign.from_address);
	buf_text(&campaign.from_address, "news@example.jp");
	buf_clear(&campaign.from_name);
	buf_text(&campaign.from_name, "Example City");
	buf_clear(&campaign.subject);
	buf_text(&campaign.subject, "お知らせ for {{name|you}}");
	buf_clear(&campaign.body);
	buf_text(&campaign.body, plan->body ? plan->body : letter);
	campaign.send_at_ms = plan->send_at_ms;
	campaign.send_until_ms = plan->send_until_ms;
	must(campaign_save(store, &campaign, err), "campaign_save", err);
	campaign_done(&campaign);
	return id;
}

struct campaign_id
sealed_campaign(
    struct store *store, struct world *world, const struct sealed_plan *plan)
{
	struct review *review = NULL;
	struct campaign_id id;
	struct err err = {0};

	add_people(store, plan, &err);
	set_up_sender(store, plan, &err);
	set_up_relay(store, plan, &err);
	if (plan->dkim == SEALED_DKIM)
		must(dkim_create(store, SPAN("example.jp"), SPAN("test"), &err),
		    "dkim_create", &err);
	id = write_campaign(store, plan, &err);
	must(review_open(store, world, id, &review, &err), "review_open", &err);
	must(checklist_run(review, &err), "checklist_run", &err);
	answers_give(store, world, id, review);
	must(signoff_give(review, &err), "signoff_give", &err);
	review_free(&review);
	return id;
}

struct clearance *
sealed_clearance(
    struct store *store, struct world *world, struct campaign_id campaign)
{
	struct clearance *clearance = NULL;
	struct err err = {0};

	must(clearance_grant(store, world, campaign, &clearance, &err),
	    "clearance_grant", &err);
	return clearance;
}
