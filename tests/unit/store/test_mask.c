/* Masked connections: what stands in the place of personal data, that no query
 * gets behind it, and that every column of the schema is decided about. */
#include "core/store/mask.h"

#include <stdio.h>

#include "core/store/db.h"
#include "core/store/schema.h"
#include "core/store/state.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

enum { VIEWER = 8, OPERATOR = 2 };

struct kit {
	struct fake_clock clock;
	struct store *store;
	struct err err;
};

static void
run(struct kit *kit, const char *sql)
{
	struct db *db = NULL;

	assert_ok(
	    store_begin(kit->store, STORE_WAIT_LONG, "test", &db, &kit->err),
	    &kit->err);
	assert_ok(db_exec(db, sql, &kit->err), &kit->err);
	assert_ok(store_commit(kit->store, &db, &kit->err), &kit->err);
}

static int
setup(void **state)
{
	static struct kit kit;

	kit = (struct kit){.store = NULL};
	fake_clock_init(&kit.clock);
	kit.store = tempstore_open(&kit.clock.base);
	run(&kit,
	    "INSERT INTO contact(address, canon, name, fields, created_ms,"
	    " changed_ms) VALUES('taro.yamada@example.jp',"
	    " 'taro.yamada@example.jp', '山田太郎',"
	    " '{\"会員番号\":\"A-1234\",\"city\":\"Kyoto\",\"none\":\"\"}', 1,"
	    " 1);"
	    "INSERT INTO audit VALUES(1000, 1, 'x', 'y', 'z',"
	    " 'taro.yamada@example.jp', 'to=taro.yamada@example.jp n=1',"
	    " x'', x'')");
	*state = &kit;
	return 0;
}

static int
teardown(void **state)
{
	struct kit *kit = *state;

	tempstore_close(&kit->store);
	return 0;
}

/* The first column of the first row. */
static void
value(struct kit *kit, struct db *db, const char *sql, char out[256])
{
	struct stmt *stmt = db_stmt(db, sql, &kit->err);

	out[0] = '\0';
	if (!stmt)
		fail_msg("%s: %s %s", sql, err_name(kit->err.code),
		    err_find(&kit->err, "what"));
	if (stmt_step(stmt, &kit->err) == 1)
		span_text(out, 256, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
}

static const struct {
	enum mask_kind kind;
	const char *in, *out;
} values[] = {
    {MASK_ADDRESS, "taro.yamada@example.jp", "ta***@example.jp"},
    {MASK_ADDRESS, "taro@example.jp", "t***@example.jp"},
    {MASK_ADDRESS, "ab@example.jp", "***@example.jp"},
    {MASK_ADDRESS, "a@example.jp", "***@example.jp"},
    {MASK_ADDRESS, "\"a@b c\"@example.jp", "\"a***@example.jp"},
    {MASK_ADDRESS, "花子さん太郎@example.jp", "花子***@example.jp"},
    {MASK_ADDRESS, "nothing", "no***"},
    {MASK_ADDRESS, "", ""},
    {MASK_NAME, "山田 太郎", "山*"},
    {MASK_NAME, "X", "X"},
    {MASK_NAME, "", ""},
    {MASK_FIELDS, "{\"a\":\"b\",\"n\":5,\"e\":\"\",\"z\":null}",
	"{\"a\":\"***\",\"n\":\"***\",\"e\":\"\",\"z\":\"\"}"},
    {MASK_FIELDS, "{}", "{}"},
    {MASK_FIELDS, "not json", "{}"},
    {MASK_TEXT, "550 <taro.yamada@example.jp>: unknown",
	"550 <ta***@example.jp>: unknown"},
    {MASK_TEXT, "a=b@c.example d=long.name@d.example,e",
	"a=***@c.example d=lo***@d.example,e"},
    {MASK_TEXT, "x@y@z.example", "***@y***@z.example"},
    {MASK_TEXT, "@", "***@"},
    {MASK_TEXT, "nothing", "nothing"},
    {MASK_HIDDEN, "secret", "***"},
    {MASK_HIDDEN, "", ""},
    {MASK_BYTES, "octets", ""},
};

static void
test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct buf out = BUF_INIT;

		mask_value(values[i].kind, span_of(values[i].in), &out);
		if (!span_equal(buf_span(&out), span_of(values[i].out)))
			fail_msg("%s gives %s", values[i].in,
			    out.ptr ? out.ptr : "");
		buf_done(&out);
	}
}

/* Select, search, order, group, subquery, CTE: masked or nothing. */
static void
test_queries(void **state)
{
	static const struct {
		const char *sql, *viewer, *operator;
	} cases[] = {
	    {"SELECT address FROM contact", "ta***@example.jp",
		"taro.yamada@example.jp"},
	    {"SELECT canon FROM contact", "ta***@example.jp",
		"taro.yamada@example.jp"},
	    {"SELECT name FROM contact", "山*", "山田太郎"},
	    {"SELECT json_extract(fields, '$.city') FROM contact", "***",
		"Kyoto"},
	    {"SELECT json_extract(fields, '$.none') FROM contact", "", ""},
	    {"SELECT count(*) FROM contact WHERE canon ="
	     " 'taro.yamada@example.jp'",
		"0", "1"},
	    {"SELECT count(*) FROM contact WHERE address LIKE 'taro%'", "0",
		"1"},
	    {"SELECT count(*) FROM contact WHERE substr(address, 3, 1) = 'r'",
		"0", "1"},
	    {"SELECT count(*) FROM contact WHERE fields LIKE '%Kyoto%'", "0",
		"1"},
	    {"SELECT max(name) FROM contact GROUP BY canon", "山*", "山田太郎"},
	    {"SELECT (SELECT address FROM contact)", "ta***@example.jp",
		"taro.yamada@example.jp"},
	    {"WITH c AS (SELECT address FROM contact) SELECT address FROM c",
		"ta***@example.jp", "taro.yamada@example.jp"},
	    {"SELECT facts FROM audit WHERE seq = 1000",
		"to=ta***@example.jp n=1", "to=taro.yamada@example.jp n=1"},
	    {"SELECT count(*) FROM contact", "1", "1"},
	};
	struct kit *kit = *state;
	char got[256];

	for (int round = 0; round < 2; round++) {
		struct db *db = NULL;

		tempstore_roles(kit->store, round ? OPERATOR : VIEWER);
		assert_ok(
		    store_view_open(kit->store, &db, &kit->err), &kit->err);
		assert_int_equal(db_is_masked(db), !round);
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			value(kit, db, cases[i].sql, got);
			assert_string_equal(got,
			    round ? cases[i].operator : cases[i].viewer);
		}
		store_reader_close(&db);
	}
}

/* The table behind the view is refused, whatever stands around it. */
static void
test_behind_the_view(void **state)
{
	static const char *const tries[] = {
	    "SELECT address FROM main.contact",
	    "SELECT name FROM main.contact WHERE id = 1",
	    "SELECT 1 FROM main.contact WHERE canon = 'x'",
	    "SELECT id FROM main.contact ORDER BY name",
	    "SELECT (SELECT fields FROM main.contact)",
	    "SELECT x.address FROM (SELECT address FROM main.contact) AS x",
	    "SELECT o.address FROM main.outbox o",
	    "SELECT facts FROM main.audit",
	};
	struct kit *kit = *state;
	struct db *db = NULL;

	tempstore_roles(kit->store, VIEWER);
	assert_ok(store_view_open(kit->store, &db, &kit->err), &kit->err);
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		if (db_stmt(db, tries[i], &kit->err))
			fail_msg("allowed: %s", tries[i]);
		assert_int_equal(kit->err.code, E_STORE_DENIED);
	}
	assert_null(db_stmt(db, "DROP VIEW temp.contact", &kit->err));
	assert_null(db_stmt(db, "CREATE TEMP VIEW x AS SELECT 1", &kit->err));
	store_reader_close(&db);
}

/* Who is masked: by role, by row, by policy; nobody without a row is not. */
static void
test_who(void **state)
{
	static const struct {
		unsigned roles;
		int row;
		const char *policy;
		int masked;
	} cases[] = {
	    {0, 0, "off", 1},
	    {1, 0, "off", 1},
	    {2, 0, "off", 0},
	    {4, 0, "off", 0},
	    {8, 0, "off", 1},
	    {16, 0, "off", 1},
	    {8 | 16 | 1, 0, "off", 1},
	    {2, 1, "off", 1},
	    {2, 0, "on", 1},
	    {31, 0, "on", 1},
	};
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct db *db = NULL;

		tempstore_roles(kit->store, 1);
		run(kit, cases[i].row ? "UPDATE person SET masked = 1"
				      : "UPDATE person SET masked = 0");
		assert_ok(setting_write(kit->store, "mask.operators",
			      span_of(cases[i].policy), &kit->err),
		    &kit->err);
		tempstore_roles(kit->store, cases[i].roles);
		assert_ok(
		    store_view_open(kit->store, &db, &kit->err), &kit->err);
		if (db_is_masked(db) != cases[i].masked)
			fail_msg("case %zu", i);
		store_reader_close(&db);
	}
	run(kit, "UPDATE person SET disabled = 1, roles = 31");
	assert_int_equal(
	    store_masks(kit->store, kit->store->writer, &kit->err), 1);
}

/* The chain can be followed on a masked connection: hashes are over what is
 * behind the views. */
static void
test_chain(void **state)
{
	struct kit *kit = *state;
	struct db *db = NULL;
	int64_t count = 0;

	run(kit, "DELETE FROM audit WHERE seq = 1000");
	assert_ok(audit_add(kit->store,
		      &(struct audit_event){
			  .what = "test", .facts = SPAN("to=taro@example.jp")},
		      &kit->err),
	    &kit->err);
	tempstore_roles(kit->store, VIEWER);
	assert_ok(store_view_open(kit->store, &db, &kit->err), &kit->err);
	assert_ok(audit_verify(kit->store, db, &count, &kit->err), &kit->err);
	assert_int_equal(count, 2);
	store_reader_close(&db);
}

/* Columns of text or octets that hold nothing personal of contacts and staff:
 * who decides about a new column writes it here or into mask.c. */
static const char *const plain[] = {
    "approval.digest",
    "approval.key",
    "approval.login",
    "approval.overrides",
    "approval.signature",
    "approval.statement",
    "approval_miss.login",
    "approval_miss.seal",
    "approver_key.decided_by",
    "approver_key.key",
    "approver_key.login",
    "approver_key.mac",
    "armed.by",
    "armed.digest",
    "armed.host",
    "armed.mac",
    "armed.nonce",
    "armed.why",
    "attachment.added_by",
    "attachment.digest",
    "attachment.look",
    "attachment.type",
    "attachment.why",
    "attachment_file.digest",
    "attachment_file.type",
    "attachment_file.why",
    "audience_column.name",
    "audience_profile.domains",
    "audit.hash",
    "audit.origin",
    "audit.prev",
    "audit.what",
    "audit.who",
    "blob.digest",
    "campaign.body",
    "campaign.changed_by",
    "campaign.created_by",
    "campaign.from_address",
    "campaign.from_name",
    "campaign.language",
    "campaign.name",
    "campaign.preheader",
    "campaign.reply_to",
    "campaign.subject",
    "campaign.theme",
    "campaign.theme_text",
    "canary.added_by",
    "census.domain",
    "connection.cert",
    "connection.host",
    "connection.local",
    "connection.peer",
    "connection.policy",
    "connection.tls_cipher",
    "connection.tls_version",
    "connection.tls_why",
    "consent_event.by",
    "consent_event.key",
    "contact_certificate.fingerprint",
    "contact_event.by",
    "dkim_key.domain",
    "dkim_key.private",
    "dkim_key.public",
    "dkim_key.selector",
    "doctor_finding.code",
    "doctor_finding.facts",
    "doctor_finding.found",
    "doctor_finding.record_name",
    "doctor_finding.record_type",
    "doctor_finding.record_value",
    "doctor_finding.subject",
    "doctor_finding.topic",
    "doctor_history.after",
    "doctor_history.before",
    "doctor_history.subject",
    "doctor_history.topic",
    "draft_unsaved.body",
    "draft_unsaved.subject",
    "draft_version.body",
    "draft_version.by",
    "draft_version.subject",
    "export.asked_by",
    "export.decided_by",
    "export.fields",
    "export.sha256",
    "export.signature",
    "export.what",
    "handed.rows",
    "import.by",
    "import.charset",
    "import.undone_by",
    "import_choice.by",
    "import_choice.charset",
    "import_choice.origin",
    "import_preset.by",
    "import_preset.headers",
    "import_preset.mapping",
    "import_preset.name",
    "import_reject.reason",
    "import_tally.what",
    "ledger.class",
    "ledger.enhanced",
    "list.changed_by",
    "list.name",
    "list_view.columns",
    "list_view.login",
    "login_attempt.origin",
    "login_attempt.user",
    "outbox.leaf",
    "oversight.by",
    "oversight.signature",
    "oversight.statement",
    "person.changed_by",
    "person.login",
    "person.networks",
    "relay.ca_file",
    "relay.host",
    "relay.name",
    "relay.pins",
    "relay.preset",
    "relay.secret",
    "relay.token_command",
    "relay.user",
    "reply_rule.changed_by",
    "reply_rule.class",
    "reply_rule.text",
    "resolution.who",
    "review.by",
    "review.differences",
    "review.digest",
    "review.inputs",
    "review.inputs_text",
    "review.root",
    "review.seal",
    "review.sealed_by",
    "review.tripwires",
    "review_look.by",
    "review_look.what",
    "review_result.answered_by",
    "review_result.item",
    "review_word.by",
    "review_word.item",
    "run.by",
    "run.digest",
    "run.message_domain",
    "run.why",
    "segment.changed_by",
    "segment.name",
    "setback.class",
    "setback.key",
    "setting.changed_by",
    "setting.name",
    "setting.value",
    "smime_identity.added_by",
    "smime_identity.certificate",
    "smime_identity.chain",
    "smime_identity.fingerprint",
    "smime_identity.private",
    "snippet.body",
    "snippet.changed_by",
    "snippet.name",
    "staff_address.added_by",
    "sts_policy.domain",
    "sts_policy.id",
    "sts_policy.policy",
    "suppression.by",
    "suppression.key",
    "test_mail.by",
    "test_mail.content",
    "test_mail.nonce",
    "test_send.class",
    "test_send.enhanced",
    "test_send.host",
    "test_send.message_id",
    "test_send.peer",
    "test_send.policy",
    "test_send.relay",
    "test_send.tls_cipher",
    "test_send.tls_version",
    "training.login",
    "training.result",
    "trash.by",
    "trash.name",
    "trash_canary.added_by",
    "trash_certificate.fingerprint",
    "trash_list.changed_by",
    "trash_list.name",
    "trash_segment.changed_by",
    "trash_segment.name",
    "trash_stop.key",
    "wording.by",
    "wording.name",
    "wording.sha256",
    "wording.text",
};

static bool
is_plain(const char *name)
{
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		if (!strcmp(plain[i], name))
			return true;
	}
	return false;
}

static void
test_every_column(void **state)
{
	struct kit *kit = *state;
	struct stmt *stmt = db_stmt_open(kit->store->writer,
	    "SELECT t.name, c.name FROM sqlite_schema t,"
	    " pragma_table_info(t.name) c WHERE t.type = 'table' AND c.type"
	    " IN ('TEXT', 'BLOB', 'ANY', '') ORDER BY 1, 2",
	    &kit->err);
	int missing = 0, known = 0;

	assert_non_null(stmt);
	while (stmt_step(stmt, &kit->err) == 1) {
		char table[64], column[64], name[130];

		span_text(table, sizeof table, stmt_col_text(stmt, 0));
		span_text(column, sizeof column, stmt_col_text(stmt, 1));
		snprintf(name, sizeof name, "%s.%s", table, column);
		known += mask_has(table, column);
		if (mask_has(table, column) == is_plain(name)) {
			print_error("decide: \"%s\",\n", name);
			missing++;
		}
	}
	stmt_reset(stmt);
	assert_int_equal(missing, 0);
	/* and every column of the mask exists */
	for (const struct mask_column *at = mask_columns(); at->table; at++)
		known--;
	assert_int_equal(known, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test_setup_teardown(test_queries, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_behind_the_view, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_who, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_every_column, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
