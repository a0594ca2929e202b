/* Every function of core that takes a permission, called as every role: who
 * has the permission hears nothing of E_ROLE, everybody else hears nothing
 * else.  The screens' greying is not in the way here.  guarded.def is the
 * list; a function in it without a call below does not compile. */
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/attach/attach.h"
#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/deliver/alert.h"
#include "core/deliver/replies.h"
#include "core/deliver/schedule.h"
#include "core/export/export.h"
#include "core/import/import.h"
#include "core/report/report.h"
#include "core/review/looking.h"
#include "core/review/testmail.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { RECIPIENTS = 3, TRY_MS = 2000 };

struct kit {
	struct stage stage;
	struct store *store;
	struct db *db;
	struct campaign_id campaign;
	struct list_id list;
	struct review *review;
	struct run *run;
	struct import *import;
	char *csv;  /* of the import */
	char *file; /* where files would be written */
};

#define CALL(name) static int call_##name(struct kit *kit, struct err *err)

/* ---- Lists ------------------------------------------------------------------------ */

CALL(list_create)
{
	struct list_id list;

	return list_create(kit->store, SPAN("Fresh"), &list, err);
}

CALL(list_rename)
{
	return list_rename(kit->store, kit->list, SPAN("Other"), err);
}

CALL(list_color_set)
{
	return list_color_set(kit->store, kit->list, CIRCLE_STAFF, err);
}

CALL(list_copy)
{
	struct list_id list;

	return list_copy(
	    kit->store, (struct list_id){99}, SPAN("Other"), &list, err);
}

CALL(list_unite)
{
	return list_unite(
	    kit->store, (struct list_id){98}, (struct list_id){99}, NULL, err);
}

CALL(list_delete)
{
	return list_delete(kit->store, (struct list_id){99}, NULL, err);
}

CALL(contact_save)
{
	struct contact_draft draft = {
	    .id.v = 99, .address = SPAN("a@example.jp")};

	return contact_save(kit->store, &draft, err);
}

CALL(contact_create)
{
	struct contact_draft draft = {.address = SPAN("a@example.jp")};
	struct contact_ground ground = {.basis = BASIS_CARD};

	return contact_create(
	    kit->store, (struct list_id){99}, &draft, &ground, NULL, err);
}

CALL(contact_remark)
{
	return contact_remark(
	    kit->store, (struct contact_id){99}, SPAN("x"), err);
}

CALL(contact_delete)
{
	return contact_delete(
	    kit->store, &(struct contact_id){99}, 1, NULL, err);
}

CALL(member_remove)
{
	return member_remove(
	    kit->store, kit->list, &(struct contact_id){99}, 1, NULL, err);
}

CALL(trash_restore)
{
	struct trash_back back;

	return trash_restore(
	    kit->store, (struct trash_id){99}, SPAN(""), &back, err);
}

CALL(trash_undo)
{
	struct trash_back back;

	return trash_undo(kit->store, &back, err);
}

CALL(trash_empty)
{
	return (int)trash_empty(kit->store, err);
}

CALL(trash_all)
{
	struct trash_item *item = NULL;
	size_t count;
	int rc = trash_all(kit->store, kit->db, &item, &count, err);

	free(item);
	return rc;
}

CALL(merge_commit)
{
	struct merge merge = {.id = {{98}, {99}}};

	return merge_commit(kit->store, &merge, NULL, err);
}

CALL(segment_create)
{
	int64_t id;

	return segment_create(kit->store, kit->list, SPAN("Few"),
	    SPAN("status:active"), &id, err);
}

CALL(segment_change)
{
	return segment_change(
	    kit->store, 99, SPAN("Few"), SPAN("status:active"), err);
}

CALL(people_delete)
{
	return people_delete(kit->store, &(struct several){NULL}, NULL, err);
}

CALL(people_leave)
{
	return people_leave(kit->store, (struct list_id){99},
	    &(struct several){NULL}, NULL, err);
}

CALL(people_stop)
{
	return people_stop(kit->store, (struct list_id){99},
	    &(struct several){NULL}, SPAN("asked for it"), NULL, err);
}

CALL(list_view_keep)
{
	return list_view_keep(
	    kit->store, kit->list, &(struct list_view){.order = 0}, err);
}

CALL(tag_give)
{
	struct tag_done done = {0};
	int rc = tag_give(kit->store, &(struct tag_ref){.id = 99},
	    &(struct several){NULL}, &done, err);

	tag_done_free(&done);
	return rc;
}

CALL(tag_take)
{
	struct tag_done done = {0};
	int rc = tag_take(kit->store, &(struct tag_ref){.id = 99},
	    &(struct several){NULL}, &done, err);

	tag_done_free(&done);
	return rc;
}

CALL(tag_rename)
{
	return tag_rename(kit->store, 99, SPAN("other"), err);
}

CALL(tag_delete)
{
	return tag_delete(kit->store, 99, err);
}

CALL(segment_delete)
{
	return segment_delete(kit->store, 99, err);
}

CALL(canary_add)
{
	return canary_add(
	    kit->store, kit->list, SPAN("canary@example.jp"), err);
}

CALL(canary_remove)
{
	return canary_remove(kit->store, 99, err);
}

CALL(suppress_add)
{
	return suppress_add(kit->store, SPAN("gone@example.jp"), kit->list,
	    SUPPRESS_HAND, SPAN("test"), err);
}

CALL(suppress_enter)
{
	return suppress_enter(kit->store, SPAN("gone@example.jp"),
	    &(struct suppress_entry){.list = kit->list, .cause = SUPPRESS_HAND},
	    err);
}

CALL(suppress_take_off)
{
	return suppress_take_off(kit->store, &(struct suppress_id){{{0}}, {0}},
	    SPAN(""), SPAN("a good reason"), err);
}

CALL(consent_set)
{
	return consent_set(kit->store, kit->list, (struct contact_id){99},
	    &(struct consent_evidence){.basis = BASIS_CARD},
	    SPAN("a good reason"), err);
}

CALL(consent_fill)
{
	int64_t changed;

	return consent_fill(kit->store, kit->list, CONSENT_HOW_WEB, 1,
	    SPAN("a good reason"), &changed, err);
}

CALL(wording_add)
{
	int64_t id;

	return wording_add(kit->store, SPAN("Form"), SPAN("Yes."), &id, err);
}

CALL(contact_erase)
{
	struct erased erased;

	return contact_erase(kit->store, (struct contact_id){99},
	    SPAN("a@example.jp"), SPAN("asked for it"), &erased, err);
}

CALL(suppress_remove)
{
	return suppress_remove(kit->store, SPAN("gone@example.jp"), kit->list,
	    SPAN("a mistake of ours"), err);
}

CALL(smime_drop)
{
	return smime_drop(kit->store, 1, err);
}

CALL(smime_take)
{
	struct smime_intake intake;

	return smime_take(kit->store, kit->csv, 0, &intake, err);
}

static const struct import_plan plan = {
    .list = {1}, .basis = BASIS_CONSENT, .basis_note = {"form", 4}};

CALL(import_check)
{
	struct import_counts counts;

	return import_check(kit->import, kit->store, &plan, &counts, err);
}

CALL(import_try)
{
	struct import_tried tried;

	return import_try(
	    kit->import, kit->store, (struct list_id){0}, NULL, &tried, err);
}

CALL(import_commit)
{
	struct import_counts counts;

	return import_commit(kit->import, kit->store, &plan, &counts, err);
}

CALL(import_preset_save)
{
	const struct import_column column = {.target = IMPORT_ADDRESS};

	return import_preset_save(kit->store, SPAN("Shop"), &column, 1, err);
}

CALL(import_preset_delete)
{
	return import_preset_delete(kit->store, 1, err);
}

CALL(import_choice_remember)
{
	const struct import_origin origin = {0};

	return import_choice_remember(kit->store, &origin, IMPORT_EUC, err);
}

CALL(import_undo_check)
{
	struct import_undo done;

	return import_undo_check(kit->store, 1, &done, err);
}

CALL(import_undo)
{
	static const struct import_undo_plan wrong = {
	    .reason = {"wrong file", 10}};
	struct import_undo done;

	return import_undo(kit->store, 1, &wrong, &done, err);
}

/* Everybody of the kit's list. */
static struct export_order
order_of(const struct kit *kit)
{
	struct export_order order = EXPORT_ORDER_INIT;

	order.list = kit->list;
	buf_text(&order.reason, "the auditor has asked");
	return order;
}

CALL(export_check)
{
	struct export_order order = order_of(kit);
	struct export_facts facts = {.loss = NULL};
	int rc;

	rc = export_check(kit->store, &order, NULL, &facts, err);
	export_facts_done(&facts);
	export_order_done(&order);
	return rc;
}

CALL(export_write)
{
	struct export_order order = order_of(kit);
	struct export_made made;
	int rc;

	rc = export_write(
	    kit->store, &order, 0, kit->file, NULL, NULL, &made, err);
	remove(kit->file);
	export_order_done(&order);
	return rc;
}

CALL(export_ask)
{
	struct export_order order = order_of(kit);
	int64_t id;
	int rc = export_ask(kit->store, &order, NULL, &id, err);

	export_order_done(&order);
	return rc;
}

CALL(export_withdraw)
{
	return export_withdraw(kit->store, 1, err);
}

CALL(export_order_read)
{
	struct export_order order = EXPORT_ORDER_INIT;
	int rc = export_order_read(kit->store, 1, &order, err);

	export_order_done(&order);
	return rc;
}

CALL(contact_unmask)
{
	struct arena *arena = arena_new();
	struct contact_row row;
	int rc = contact_unmask(kit->store, (struct contact_id){1},
	    SPAN("they are on the telephone"), arena, &row, err);

	arena_free(&arena);
	return rc;
}

/* ---- Campaigns -------------------------------------------------------------------- */

CALL(campaign_create)
{
	struct campaign_id id;

	return campaign_create(
	    kit->store, SPAN("Fresh"), CLASS_NOTICE, &id, err);
}

CALL(campaign_save)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_read(kit->db, kit->campaign, &campaign, err);

	if (rc == 0)
		rc = campaign_save(kit->store, &campaign, err);
	campaign_done(&campaign);
	return rc;
}

CALL(campaign_keep_unsaved)
{
	return campaign_keep_unsaved(
	    kit->store, kit->campaign, SPAN("S"), SPAN("B"), err);
}

CALL(campaign_drop_unsaved)
{
	return campaign_drop_unsaved(kit->store, kit->campaign, err);
}

CALL(campaign_restore)
{
	struct campaign campaign = CAMPAIGN_INIT;
	int rc = campaign_restore(kit->store, kit->campaign, 1, &campaign, err);

	campaign_done(&campaign);
	return rc;
}

CALL(campaign_copy)
{
	struct campaign_id id;

	return campaign_copy(
	    kit->store, kit->campaign, SPAN("Copy"), CAMPAIGN_DRAFT, &id, err);
}

CALL(campaign_delete)
{
	return campaign_delete(kit->store, (struct campaign_id){99}, err);
}

CALL(snippet_save)
{
	struct snippet snippet = {.id = 0};
	int rc;

	buf_text(&snippet.name, "greeting");
	buf_text(&snippet.body, "Hello");
	rc = snippet_save(kit->store, &snippet, err);
	snippet_done(&snippet);
	return rc;
}

CALL(snippet_delete)
{
	return snippet_delete(kit->store, 99, err);
}

CALL(attach_add)
{
	return attach_add(kit->store, kit->campaign, kit->csv, ATTACH_ALL, err);
}

CALL(attach_add_set)
{
	struct attach_source source = {
	    .folder = kit->stage.dir, .pattern = SPAN("{{会員番号}}.pdf")};
	atomic_bool cancel = false;
	struct attach_progress progress = {.cancel = &cancel};

	return attach_add_set(
	    kit->store, kit->campaign, &source, &progress, err);
}

CALL(attach_remove)
{
	return attach_remove(kit->store, kit->campaign, 99, err);
}

CALL(correction_draft_make)
{
	struct selection selection = {.campaign = kit->campaign};
	struct correction_draft draft = {
	    .name = SPAN("Sorry"), .list_name = SPAN("Those")};

	return correction_draft_make(kit->store, &selection, &draft, err);
}

/* ---- The checklist ---------------------------------------------------------------- */

CALL(checklist_run)
{
	return checklist_run(kit->review, err);
}

CALL(review_answer)
{
	return review_answer(
	    kit->review, "PP-01", SPAN("I have looked at it."), err);
}

CALL(look_plan)
{
	return look_plan(kit->review, NULL, err);
}

CALL(look_judge)
{
	enum look_came came;

	return look_judge(
	    kit->review, 99, TRY_MS, LOOK_RIGHT, SPAN(""), &came, err);
}

CALL(tick_give)
{
	return tick_give(kit->review, EXTRACT_DATE, SPAN("1 April"), err);
}

CALL(statement_give)
{
	return statement_give(
	    kit->review, "none", SPAN("I have read all of it."), err);
}

CALL(samples_find)
{
	struct samples_watch watch = {.cancel = NULL};
	struct samples *samples = NULL;
	int rc =
	    samples_find(kit->store, kit->campaign, 0, &watch, &samples, err);

	samples_free(&samples);
	return rc;
}

CALL(sample_write)
{
	struct sample_file file = {.campaign = kit->campaign,
	    .position = 1,
	    .path = span_of(kit->file),
	    .purpose = SPAN("test"),
	    .bytes = SPAN("x")};
	int rc = sample_write(kit->store, &file, err);

	remove(kit->file);
	return rc;
}

CALL(test_grant)
{
	struct test_order order = {.campaign = kit->campaign, .count = 0};
	struct test_clearance *clearance = NULL;
	int rc =
	    test_grant(kit->store, &kit->stage.world, &order, &clearance, err);

	test_clearance_free(&clearance);
	return rc;
}

CALL(staff_add)
{
	return staff_add(
	    kit->store, SPAN("staff@example.jp"), SPAN("Staff"), err);
}

CALL(staff_remove)
{
	return staff_remove(kit->store, 99, err);
}

CALL(signoff_give)
{
	return signoff_give(kit->review, err);
}

CALL(doctor_seen)
{
	return doctor_seen(kit->store, err);
}

/* ---- Delivery --------------------------------------------------------------------- */

CALL(clearance_grant)
{
	struct clearance *clearance = NULL;
	int rc = clearance_grant(
	    kit->store, &kit->stage.world, kit->campaign, &clearance, err);

	clearance_free(&clearance);
	return rc;
}

CALL(schedule_arm)
{
	return schedule_arm(kit->store, &kit->stage.world, kit->campaign, err);
}

CALL(run_resume)
{
	return run_resume(kit->run, err);
}

CALL(run_retry_now)
{
	return run_retry_now(kit->run, err);
}

CALL(run_set_rate)
{
	return run_set_rate(kit->run, 10, err);
}

CALL(run_rest_relay)
{
	return run_rest_relay(kit->run, 1, err);
}

CALL(run_use_relay)
{
	return run_use_relay(kit->run, 1, err);
}

CALL(run_hold_group)
{
	return run_hold_group(kit->run, 0, err);
}

CALL(run_release_group)
{
	return run_release_group(kit->run, 0, err);
}

CALL(ledger_send_again)
{
	int64_t changed;

	return ledger_send_again(
	    kit->store, kit->campaign, NULL, 0, &changed, err);
}

CALL(reply_rule_save)
{
	struct reply_rule rule = {.code = 550, .text = "unknown"};

	return reply_rule_save(kit->store, &rule, err);
}

CALL(reply_rule_remove)
{
	return reply_rule_remove(kit->store, 99, err);
}

CALL(reconcile_read)
{
	struct reconcile found;
	int rc = reconcile_read(
	    kit->store, kit->db, kit->campaign, kit->csv, NULL, &found, err);

	reconcile_done(&found);
	return rc;
}

CALL(reconcile_apply)
{
	struct reconcile found = {.campaign = kit->campaign};

	return reconcile_apply(kit->store, &found, err);
}

/* ---- Files ------------------------------------------------------------------------ */

CALL(report_write_csv)
{
	return report_write_csv(
	    kit->store, kit->db, kit->campaign, kit->file, err);
}

CALL(selection_write_csv)
{
	struct selection selection = {.campaign = kit->campaign};
	int64_t rows;

	return selection_write_csv(
	    kit->store, kit->db, &selection, kit->file, &rows, err);
}

CALL(correction_write_sheet)
{
	return correction_write_sheet(
	    kit->store, kit->campaign, kit->file, SPAN("x"), err);
}

CALL(log_write)
{
	struct log_filter filter = {.words = 0};
	int64_t rows;

	return log_write(
	    kit->store, kit->db, &filter, LOG_CSV, kit->file, &rows, err);
}

CALL(pack_make)
{
	struct pack_params params = {
	    .campaign = kit->campaign, .path = kit->file};
	struct pack_facts facts;

	return pack_make(kit->store, &params, &facts, err);
}

/* ---- Relays, keys, settings, people ------------------------------------------------ */

CALL(relay_save)
{
	struct relay_config relay = {
	    .name = "r", .host = "127.0.0.1", .port = 25};

	return relay_save(kit->store, &relay, err);
}

CALL(relay_delete)
{
	return relay_delete(kit->store, 99, err);
}

CALL(relay_accept_less)
{
	return relay_accept_less(kit->store, 99, err);
}

CALL(relay_set_practice)
{
	struct relay_config relay = {
	    .name = "r", .host = "127.0.0.1", .port = 25};

	return relay_set_practice(kit->store, &relay, err);
}

CALL(relay_probe)
{
	struct relay_config relay = {.kind = RELAY_KIND_DIRECT};
	struct relay_probe probe;

	return relay_probe(&kit->stage.world, kit->store, &relay,
	    SPAN("news@example.jp"), TRY_MS, -1, &probe, err);
}

CALL(dkim_create)
{
	return dkim_create(
	    kit->store, SPAN("other.example.jp"), SPAN("s2027"), err);
}

CALL(smime_add)
{
	struct secret *secret = secret_of("x", 1);
	int64_t id;
	int rc = smime_add(kit->store, SPAN("no pkcs12"), secret, &id, err);

	secret_free(&secret);
	return rc;
}

CALL(smime_remove)
{
	return smime_remove(kit->store, 99, err);
}

CALL(store_raw_key)
{
	struct buf key = BUF_INIT;
	int rc = store_raw_key(kit->store, &key, err);

	buf_wipe(&key);
	return rc;
}

CALL(setting_write)
{
	return setting_write(kit->store, "sender.name", SPAN("Us"), err);
}

CALL(setting_write_in)
{
	struct db *db = NULL;
	int rc = store_begin(kit->store, STORE_WAIT_LONG, "test", &db, err);

	if (rc == 0)
		rc = setting_write_in(
		    kit->store, db, "sender.name", SPAN("Us"), err);
	store_rollback(kit->store, &db);
	return rc;
}

/* The alert that a person sends to try it. */
CALL(alert_tell)
{
	struct alert alert = {.kind = ALERT_TEST};

	return alert_tell(kit->store, &kit->stage.world, &alert, 1, -1, err);
}

CALL(person_save)
{
	struct person jiro = {.login = "jiro", .roles = PERSON_VIEWER};

	return person_save(kit->store, &jiro, NULL, err);
}

CALL(person_remove)
{
	return person_remove(kit->store, SPAN("nobody"), err);
}

CALL(approver_confirm)
{
	return approver_confirm(kit->store, 99, SPAN("0000"), err);
}

CALL(approver_revoke)
{
	return approver_revoke(kit->store, 99, err);
}

CALL(oversight_sign_access)
{
	return oversight_sign_access(
	    kit->store, NULL, 0, "all well", "pam", err);
}

/* ---- The log, and unmasked reading -------------------------------------------------- */

static void
skip_entry(void *arg, const struct audit_entry *entry)
{
	(void)arg;
	(void)entry;
}

CALL(log_page)
{
	return log_page(kit->store, kit->db, 0, 5, skip_entry, NULL, err);
}

CALL(log_find)
{
	struct log_filter filter = {.words = 0};
	int64_t *seq = NULL;
	size_t count;
	int rc =
	    log_find(kit->store, kit->db, &filter, NULL, &seq, &count, err);

	free(seq);
	return rc;
}

CALL(oversight_sign_log)
{
	struct anomalies found = {.count = 0};
	struct log_review review = {.found = &found};

	return oversight_sign_log(kit->store, &review, "pam", err);
}

CALL(person_reader_open)
{
	struct db *db = NULL;
	int rc = person_reader_open(kit->store, MAY_MAIL_VIEW, &db, err);

	store_reader_close(&db);
	return rc;
}

/* ---- The table ---------------------------------------------------------------------- */

static const struct guarded {
	const char *name;
	int (*call)(struct kit *kit, struct err *err);
	enum permission one, other;
} guarded[] = {
#define GUARDED(name, one)       {#name, call_##name, one, one},
#define EITHER(name, one, other) {#name, call_##name, one, other},
#define OPEN(name, why)
#include "tests/unit/access/guarded.def"
#undef GUARDED
#undef EITHER
#undef OPEN
};

enum { GUARDED_COUNT = sizeof guarded / sizeof *guarded };

static void
try_as(struct kit *kit, const struct guarded *it, enum person_role role)
{
	unsigned roles =
	    permission_roles(it->one) | permission_roles(it->other);
	struct err err = {.code = E_NONE};
	int rc = it->call(kit, &err);
	bool refused = rc < 0 && err.code == E_ROLE;

	if (roles & role && refused)
		fail_msg("%s refuses the %s", it->name, person_role_name(role));
	if (!(roles & role) && !refused)
		fail_msg("%s as %s: %d %s", it->name, person_role_name(role),
		    rc, err_name(err.code));
	if (!refused)
		return;
	assert_string_equal(
	    err_find(&err, "permission"), permission_name(it->other));
	assert_string_equal(err_find(&err, "login"), "tester");
}

/* Each role alone. */
static void
every_function_as_every_role(void **state)
{
	struct kit *kit = *state;

	for (int role = 0; role < PERSON_ROLES; role++) {
		tempstore_roles(kit->store, 1u << role);
		for (size_t i = 0; i < GUARDED_COUNT; i++)
			try_as(kit, &guarded[i], (enum person_role)(1 << role));
	}
}

/* Without any role, and without a row: nothing at all. */
static void
nobody_may_anything(void **state)
{
	struct kit *kit = *state;

	for (int without_row = 0; without_row < 2; without_row++) {
		tempstore_roles(kit->store, 0);
		if (without_row)
			tempstore_forget_user(kit->store);
		for (size_t i = 0; i < GUARDED_COUNT; i++) {
			struct err err = {.code = E_NONE};

			if (guarded[i].call(kit, &err) >= 0 ||
			    err.code != E_ROLE)
				fail_msg("%s: %s", guarded[i].name,
				    err_name(err.code));
		}
	}
}

/* A permission that no function asks for protects nothing. */
static void
every_permission_is_asked_for(void **state)
{
	/* who approves is looked up by login (core/review/visit.c); stopping
	 * is everybody's */
	static const enum permission elsewhere[] = {
	    MAY_APPROVE, MAY_STOP, MAY_POLICY_WRITE};
	bool asked[MAY_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < GUARDED_COUNT; i++)
		asked[guarded[i].one] = asked[guarded[i].other] = true;
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
		assert_false(asked[elsewhere[i]]);
		asked[elsewhere[i]] = true;
	}
	for (int i = 0; i < MAY_COUNT; i++) {
		if (!asked[i])
			fail_msg("nothing asks for %s",
			    permission_name((enum permission)i));
	}
}

/* ---- Setting up ---------------------------------------------------------------------- */

static int
setup(void **state)
{
	static struct kit kit;
	struct stage_params params = {.recipients = RECIPIENTS, .discard = 1};
	struct run_plan pace = {.sessions = 1};
	struct clearance *clearance;
	struct buf path = BUF_INIT;
	struct err err = {0};

	kit = (struct kit){.store = NULL};
	stage_open(&kit.stage, &params);
	kit.store = kit.stage.store;
	kit.campaign = kit.stage.campaign;
	kit.list = kit.stage.list;
	stage_seal(&kit.stage);
	assert_ok(review_open(kit.store, &kit.stage.world, kit.campaign,
		      &kit.review, &err),
	    &err);
	clearance = stage_clearance(&kit.stage);
	assert_ok(run_start(&clearance, &kit.stage.world, kit.store, &pace,
		      &kit.run, &err),
	    &err);
	assert_ok(store_reader_open(kit.store, &kit.db, &err), &err);
	buf_printf(&path, "%s/people.csv", kit.stage.dir);
	kit.csv = mem_text(buf_span(&path));
	assert_ok(
	    file_replace(kit.csv, SPAN("mail\nx@example.jp\n"), 0600, &err),
	    &err);
	buf_clear(&path);
	buf_printf(&path, "%s/out", kit.stage.dir);
	kit.file = mem_text(buf_span(&path));
	buf_done(&path);
	assert_ok(import_open(kit.csv, NULL, &kit.import, &err), &err);
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	struct kit *kit = *state;

	run_free(&kit->run);
	import_close(&kit->import);
	review_free(&kit->review);
	store_reader_close(&kit->db);
	free(kit->csv);
	free(kit->file);
	stage_close(&kit->stage);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		every_function_as_every_role, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		nobody_may_anything, setup, teardown),
	    cmocka_unit_test(every_permission_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
