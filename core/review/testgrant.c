/* The permission to send a test, and the only file in which one is made.  The
 * messages are finished here, addressed from the table of staff, so that who
 * sends them can neither change them nor send them to anybody else. */
#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/mail/address.h"
#include "core/review/testcode.h"

struct test_clearance {
	struct store *store; /* borrowed */
	struct world *world; /* borrowed */
	struct arena *arena; /* of the letters */
	struct test_order order;
	struct test_seed seed;
	int64_t revision;
	int64_t granted_ms; /* steady */
	bool used;
	struct test_letter letter[TEST_TO_MAX];
};

/* What a test is made from, read once. */
struct making {
	struct test_clearance *it;
	struct db *db; /* reader */
	struct campaign campaign;
	struct template *template;
	struct assembler *assembler;
	struct audience_member member;
	struct staff staff[TEST_TO_MAX];
};

static int
refuse(struct err *err, const char *why)
{
	err_set(err, E_TEST_CLEARANCE);
	return err_fact(err, "why", span_of(why));
}

/* ---- What it is made from --------------------------------------------------- */

static int
bad_staff(struct err *err, const char *why)
{
	err_set(err, E_TEST_STAFF);
	err_fact(err, "why", span_of(why));
	return err_fact_int(err, "limit", TEST_TO_MAX);
}

static int
check_order(const struct test_order *order, struct err *err)
{
	if (order->count == 0)
		return bad_staff(err, "none");
	if (order->count > TEST_TO_MAX)
		return bad_staff(err, "many");
	for (size_t i = 0; i < order->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (order->staff[k] == order->staff[i])
				return bad_staff(err, "twice");
		}
	}
	return 0;
}

/* 1 and *out for one of the registered, 0 when it is none. */
static int
staff_read(struct db *db, int64_t id, struct staff *out, struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT address, name FROM staff_address WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, id);
	got = stmt_step(stmt, err);
	if (got == 1) {
		*out = (struct staff){.id = id};
		span_text(
		    out->address, sizeof out->address, stmt_col_text(stmt, 0));
		span_text(out->name, sizeof out->name, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	return got;
}

static int
read_staff(struct making *making, struct err *err)
{
	const struct test_order *order = &making->it->order;

	for (size_t i = 0; i < order->count; i++) {
		int got = staff_read(
		    making->db, order->staff[i], &making->staff[i], err);

		if (got == 0) {
			err_set(err, E_STAFF_MISSING);
			err_fact_int(err, "id", order->staff[i]);
		}
		if (got != 1)
			return -1;
	}
	return 0;
}

static int
read_campaign(struct making *making, struct err *err)
{
	struct campaign *campaign = &making->campaign;
	const struct test_order *order = &making->it->order;
	int got;

	if (campaign_read(making->db, order->campaign, campaign, err) < 0)
		return -1;
	if (campaign->state != CAMPAIGN_DRAFT &&
	    campaign->state != CAMPAIGN_SEALED) {
		err_set(err, E_CAMPAIGN_STATE);
		err_fact(err, "state",
		    span_of(campaign_state_name(campaign->state)));
		return err_fact(err, "wanted", SPAN("draft"));
	}
	making->it->revision = campaign->revision;
	got = order->number < 1
		  ? 0
		  : audience_step(making->db, campaign, AUDIENCE_AT,
			order->number, making->it->arena, &making->member, err);
	if (got == 0) {
		err_set(err, E_TEST_RECIPIENT);
		err_fact_int(err, "number", order->number);
	}
	return got == 1 ? 0 : -1;
}

/* Signed where delivery would sign. */
static int
compile(struct making *making, struct err *err)
{
	struct test_clearance *it = making->it;
	struct err why = {0};

	if (template_compile(it->store, making->db, &making->campaign,
		&making->template, err) < 0)
		return -1;
	template_digest(making->template, &it->seed.content);
	if (assembler_new(it->store, making->db, making->template,
		ASSEMBLE_SIGNED, &making->assembler, &why) == 0)
		return 0;
	if (why.code == E_DKIM_MISSING)
		return assembler_new(it->store, making->db, making->template,
		    ASSEMBLE_UNSIGNED, &making->assembler, err);
	if (err)
		*err = why;
	return -1;
}

/* ---- The messages ----------------------------------------------------------- */

static int
keep_letter(struct making *making, size_t i, const struct message *message,
    struct err *err)
{
	struct arena *arena = making->it->arena;
	const struct staff *staff = &making->staff[i];
	struct address address;

	if (address_parse(span_of(staff->address), arena, &address, err) < 0)
		return -1;
	making->it->letter[i] = (struct test_letter){
	    .item = (int64_t)i + 1,
	    .address = address.address,
	    .name = arena_copy(arena, span_of(staff->name)),
	    .rcpt_to = address.wire,
	    .domain = address.domain,
	    .mail_from = arena_copy(arena, message->mail_from),
	    .envid = arena_copy(arena, message->envid),
	    .bytes = arena_copy(arena, message->bytes),
	    .report = message->report,
	};
	return 0;
}

/* Copy item of the test, as it is written down before it may leave. */
static int
insert_send(const struct making *making, struct db *db, size_t i,
    struct span message_id, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO test_send(test, item, address, name, message_id)"
	    " VALUES(?1, ?2, ?3, ?4, ?5)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, making->it->seed.test);
	stmt_int(stmt, 2, (int64_t)i + 1);
	stmt_text(stmt, 3, span_of(making->staff[i].address));
	stmt_text(stmt, 4, span_of(making->staff[i].name));
	stmt_text(stmt, 5, message_id);
	return stmt_run(stmt, err);
}

static int
make_letters(struct making *making, struct db *db, struct err *err)
{
	const struct test_seed *seed = &making->it->seed;
	const struct audience_member *member = &making->member;
	const struct recipient recipient = {
	    member->seq, member->address, member->name, member->fields};
	char text[TEST_CODE_LEN + 1], html[TEST_CODE_LEN + 1];
	struct message message;

	test_code(making->it->store, seed, TEST_PART_TEXT, text);
	test_code(making->it->store, seed, TEST_PART_HTML, html);
	for (size_t i = 0; i < making->it->order.count; i++) {
		struct test_mark mark = {
		    .test = seed->test,
		    .item = (int64_t)i + 1,
		    .number = seed->number,
		    .address = span_of(making->staff[i].address),
		    .name = span_of(making->staff[i].name),
		    .text_code = span_of(text),
		    .html_code = span_of(html),
		};

		if (assemble_test(making->assembler, &recipient, &mark,
			seed->at_ms, &message, err) < 0 ||
		    keep_letter(making, i, &message, err) < 0 ||
		    insert_send(making, db, i, message.message_id, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Writing down ----------------------------------------------------------- */

static int
insert_test(struct test_clearance *it, struct db *db, struct err *err)
{
	struct test_seed *seed = &it->seed;
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO test_mail(campaign, at_ms, by, recipient, content,"
	    " nonce) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, seed->campaign);
	stmt_int(stmt, 2, seed->at_ms);
	stmt_text(stmt, 3, span_of(store_user(it->store)));
	stmt_int(stmt, 4, seed->number);
	stmt_blob(stmt, 5, span_make(seed->content.bytes, SHA256_LEN));
	stmt_blob(stmt, 6, span_make(seed->nonce, TEST_NONCE_LEN));
	if (stmt_run(stmt, err) < 0)
		return -1;
	seed->test = db_last_id(db);
	return 0;
}

static int
log_test(struct test_clearance *it, struct db *db, struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "campaign %lld", (long long)it->seed.campaign);
	buf_printf(&facts,
	    "test=%lld recipient=%lld content=", (long long)it->seed.test,
	    (long long)it->seed.number);
	crypt_hex(&facts, span_make(it->seed.content.bytes, 4));
	buf_text(&facts, " staff=");
	for (size_t i = 0; i < it->order.count; i++)
		buf_printf(&facts, "%s%lld", i ? "," : "",
		    (long long)it->order.staff[i]);
	rc = audit_add_in(it->store, db,
	    &(struct audit_event){
		"test.make", buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

static int
write_down(struct making *making, struct err *err)
{
	struct test_clearance *it = making->it;
	struct db *db = NULL;

	if (store_begin(it->store, STORE_WAIT_LONG, "test mail", &db, err) < 0)
		return -1;
	if (insert_test(it, db, err) == 0 &&
	    make_letters(making, db, err) == 0 && log_test(it, db, err) == 0)
		return store_commit(it->store, &db, err);
	store_rollback(it->store, &db);
	return -1;
}

/* ---- The clearance ---------------------------------------------------------- */

static struct test_clearance *
clearance_new(
    struct store *store, struct world *world, const struct test_order *order)
{
	struct test_clearance *it = mem_new(sizeof *it);

	it->store = store;
	it->world = world;
	it->order = *order;
	it->arena = arena_new();
	it->granted_ms = clock_steady_ms(world->clock);
	it->seed.campaign = order->campaign.v;
	it->seed.number = order->number;
	it->seed.at_ms = clock_now_ms(world->clock);
	crypt_random(it->seed.nonce, sizeof it->seed.nonce);
	return it;
}

int
test_grant(struct store *store, struct world *world,
    const struct test_order *order, struct test_clearance **out,
    struct err *err)
{
	struct making making = {.campaign = CAMPAIGN_INIT};
	int rc = -1;

	if (person_require(store, NULL, MAY_TEST_SEND, err) < 0)
		return -1;
	if (check_order(order, err) < 0)
		return -1;
	making.it = clearance_new(store, world, order);
	if (store_reader_open(store, &making.db, err) < 0 ||
	    read_staff(&making, err) < 0 || read_campaign(&making, err) < 0 ||
	    compile(&making, err) < 0 || write_down(&making, err) < 0)
		goto out;
	*out = making.it;
	making.it = NULL;
	rc = 0;
out:
	assembler_free(&making.assembler);
	template_free(&making.template);
	campaign_done(&making.campaign);
	store_reader_close(&making.db);
	test_clearance_free(&making.it);
	return rc;
}

void
test_clearance_free(struct test_clearance **clearance)
{
	if (!*clearance)
		return;
	arena_free(&(*clearance)->arena);
	free(*clearance);
	*clearance = NULL;
}

int64_t
test_clearance_test(const struct test_clearance *clearance)
{
	return clearance->seed.test;
}

struct campaign_id
test_clearance_campaign(const struct test_clearance *clearance)
{
	return clearance->order.campaign;
}

/* Whether everybody it is for is still registered under that address. */
static int
staff_holds(
    const struct test_clearance *clearance, struct db *db, struct err *err)
{
	for (size_t i = 0; i < clearance->order.count; i++) {
		struct staff staff;
		int got =
		    staff_read(db, clearance->order.staff[i], &staff, err);

		if (got < 0)
			return -1;
		if (got == 0 || !span_equal(span_of(staff.address),
				    clearance->letter[i].address))
			return refuse(err, "staff");
	}
	return 0;
}

static int
still_holds(const struct test_clearance *clearance, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(clearance->store, &db, err) < 0)
		return -1;
	if (campaign_read(db, clearance->order.campaign, &campaign, err) == 0)
		rc = campaign.revision == clearance->revision
			 ? staff_holds(clearance, db, err)
			 : refuse(err, "content");
	campaign_done(&campaign);
	store_reader_close(&db);
	return rc;
}

int
test_clearance_use(struct test_clearance *clearance,
    const struct test_letter **out, size_t *count, struct err *err)
{
	int64_t age =
	    clock_steady_ms(clearance->world->clock) - clearance->granted_ms;

	if (clearance->used)
		return refuse(err, "used");
	clearance->used = true;
	if (age >= TEST_CLEARANCE_MS)
		return refuse(err, "late");
	if (still_holds(clearance, err) < 0)
		return -1;
	*out = clearance->letter;
	*count = clearance->order.count;
	return 0;
}
