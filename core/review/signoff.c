/* The seal and the clearance.  This is the only file in which a struct
 * clearance can be made; lint proves it by symbols. */
#include "core/review/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/review/jobs.h"
#include "core/review/proof.h"
#include "core/review/relays.h"
#include "core/review/tripwires.h"

struct clearance {
	struct campaign_id campaign;
	struct digest digest;
	struct digest relays, settings, template;
	int64_t recipients;
	int64_t revision;
};

static int
stale(struct err *err, const char *what)
{
	err_set(err, E_REVIEW_STALE);
	return err_fact(err, "what", span_of(what));
}

static int
broken(struct err *err, const char *what)
{
	err_set(err, E_REVIEW_SEAL);
	return err_fact(err, "what", span_of(what));
}

/* ---- Sealing --------------------------------------------------------------- */

static int
all_cleared(const struct review *review, struct err *err)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		const struct check_result *result = &review->result[i];

		if (result->cleared)
			continue;
		if (result->state == CHECK_PENDING ||
		    result->state == CHECK_STALE)
			return stale(err, result->check->id);
		if (result->state == CHECK_FAIL) {
			err_set(err, E_REVIEW_BLOCKED);
			err_fact(err, "check", span_of(result->check->id));
			return err_fact_int(err, "count", result->count);
		}
		err_set(err, E_REVIEW_UNANSWERED);
		return err_fact(err, "check", span_of(result->check->id));
	}
	return 0;
}

/* Inputs, leaves and results as they are now must be those of the run. */
static int
nothing_changed(struct review *review, struct err *err)
{
	struct inputs inputs;
	struct digest root, now;
	int64_t count = 0;
	int rc = inputs_read(
	    review->store, review->db, review->campaign, &inputs, err);

	if (rc == 0)
		rc = proof_root(
		    review->db, review->campaign, &root, &count, err);
	if (rc == 0) {
		inputs_digest(&inputs, &root, count, &now);
		if (!digest_equal(&now, &review->inputs))
			rc = stale(err, "content");
	}
	inputs_done(&inputs);
	if (rc < 0)
		return -1;
	rc = tripwires_same(review->db, review->campaign, err);
	if (rc <= 0)
		return rc == 0 ? stale(err, "TW-02") : -1;
	rc = results_same(review, review->db, err);
	return rc == 0 ? stale(err, "answers") : rc < 0 ? -1 : 0;
}

static int
write_seal(struct review *review, struct db *db, const struct digest *digest,
    struct err *err)
{
	int64_t now_ms = clock_now_ms(review->world->clock);
	struct span by = span_of(store_user(review->store));
	struct digest seal;
	struct stmt *stmt = db_stmt(db,
	    "UPDATE review SET digest = ?2, seal = ?3, sealed_ms = ?4,"
	    " sealed_by = ?5 WHERE campaign = ?1",
	    err);

	if (!stmt)
		return -1;
	seal_mac(review->store, review->campaign, digest, now_ms, by, &seal);
	stmt_int(stmt, 1, review->campaign.v);
	stmt_blob(stmt, 2, span_make(digest->bytes, SHA256_LEN));
	stmt_blob(stmt, 3, span_make(seal.bytes, SHA256_LEN));
	stmt_int(stmt, 4, now_ms);
	stmt_text(stmt, 5, by);
	return stmt_run(stmt, err);
}

static int
log_seal(struct review *review, struct db *db, const struct digest *digest,
    struct err *err)
{
	struct buf object = BUF_INIT, facts = BUF_INIT;
	int rc;

	buf_printf(&object, "campaign %lld", (long long)review->campaign.v);
	buf_printf(
	    &facts, "recipients=%lld digest=", (long long)review->recipients);
	crypt_hex(&facts, span_make(digest->bytes, SHA256_LEN));
	rc = audit_add_in(review->store, db,
	    &(struct audit_event){
		"review.seal", buf_span(&object), buf_span(&facts)},
	    err);
	buf_done(&object);
	buf_done(&facts);
	return rc;
}

/* What has become too old is asked again; what it says now goes under the
 * seal. */
static int
refresh(struct review *review, struct err *err)
{
	struct inputs inputs;
	enum check_id worse = CHECK_COUNT;
	int rc = inputs_read(
	    review->store, review->db, review->campaign, &inputs, err);

	if (rc == 0)
		rc = jobs_again(review, &inputs, &worse, err);
	inputs_done(&inputs);
	if (rc == 0)
		rc = results_write(review, err);
	if (rc == 0 && worse != CHECK_COUNT)
		rc = stale(err, review->result[worse].check->id);
	return rc;
}

int
signoff_give(struct review *review, struct err *err)
{
	struct digest digest;
	struct db *db = NULL;

	if (person_require(review->store, NULL, MAY_SEAL, err) < 0)
		return -1;
	testcheck_expire(review);
	if (all_cleared(review, err) < 0 || nothing_changed(review, err) < 0 ||
	    refresh(review, err) < 0)
		return -1;
	if (store_begin(review->store, STORE_WAIT_LONG, "review", &db, err) < 0)
		return -1;
	if (campaign_unseal(review->store, db, review->campaign, "seal", err) ==
		0 &&
	    content_digest(db, review->campaign, &digest, err) == 0 &&
	    write_seal(review, db, &digest, err) == 0 &&
	    campaign_step(db, review->campaign, CAMPAIGN_DRAFT, CAMPAIGN_SEALED,
		err) == 0 &&
	    log_seal(review, db, &digest, err) == 0)
		return store_commit(review->store, &db, err);
	store_rollback(review->store, &db);
	return -1;
}

/* ---- Clearance ------------------------------------------------------------- */

/* What has become too old since the seal is asked again, and must not say
 * anything worse.  A run that goes on finds out by itself. */
static int
still_good(struct store *store, struct world *world,
    const struct inputs *inputs, struct err *err)
{
	struct review *review = NULL;
	enum check_id worse = CHECK_COUNT;
	struct sealed sealed = {.recipients = 0};
	int rc = review_new(store, world, inputs->campaign.id, &review, err);

	if (rc == 0)
		rc = results_load(review, err);
	if (rc == 0 &&
	    sealed_read(review->db, review->campaign, &sealed, err) < 0)
		rc = -1;
	if (rc == 0) {
		review->recipients = sealed.recipients;
		rc = jobs_again(review, inputs, &worse, err);
	}
	if (rc == 0 && worse != CHECK_COUNT)
		rc = stale(err, review->result[worse].check->id);
	review_free(&review);
	return rc;
}

/* Compares what is now with what the seal says. */
static int
check_seal(struct store *store, struct db *db, const struct inputs *inputs,
    struct clearance *out, struct err *err)
{
	struct campaign_id campaign = inputs->campaign.id;
	struct digest root, now, seal;
	struct sealed sealed;
	int64_t count = 0;
	int got = sealed_read(db, campaign, &sealed, err);

	if (got < 0)
		return -1;
	if (got == 0 || !sealed.is_sealed)
		return broken(err, "missing");
	seal_mac(store, campaign, &sealed.digest, sealed.sealed_ms,
	    span_of(sealed.by), &seal);
	if (!digest_equal(&seal, &sealed.seal))
		return broken(err, "mac");
	if (proof_root(db, campaign, &root, &count, err) < 0)
		return -1;
	if (count != sealed.recipients || !digest_equal(&root, &sealed.root))
		return broken(err, "recipients");
	inputs_digest(inputs, &root, count, &now);
	if (!digest_equal(&now, &sealed.inputs))
		return broken(err, "content");
	if (content_digest(db, campaign, &seal, err) < 0)
		return -1;
	if (!digest_equal(&seal, &sealed.digest))
		return broken(err, "answers");
	*out = (struct clearance){
	    .campaign = campaign,
	    .digest = sealed.digest,
	    .settings = inputs->settings,
	    .recipients = count,
	    .revision = inputs->campaign.revision,
	};
	relays_digest(inputs->relay, inputs->relays, &out->relays);
	template_digest(inputs->template, &out->template);
	return 0;
}

static int
check_campaign(const struct campaign *campaign, struct err *err)
{
	if (campaign->state == CAMPAIGN_RUNNING ||
	    campaign->state == CAMPAIGN_SEALED)
		return 0;
	err_set(err, E_CAMPAIGN_STATE);
	err_fact(err, "state", span_of(campaign_state_name(campaign->state)));
	return err_fact(err, "wanted", SPAN("sealed"));
}

/* What a launch needs besides the seal. */
static int
check_launch(struct store *store, struct db *db, struct world *world,
    const struct inputs *inputs, struct err *err)
{
	int same;

	if (inputs->campaign.state != CAMPAIGN_SEALED)
		return 0;
	if (testcheck_is_fresh(db, world, inputs->campaign.id, err) < 0)
		return -1;
	same = tripwires_same(db, inputs->campaign.id, err);
	if (same <= 0)
		return same == 0 ? broken(err, "tripwires") : -1;
	return still_good(store, world, inputs, err);
}

/* A run that goes on had its approval when it began. */
static int
check_approval(struct store *store, struct db *db, struct world *world,
    const struct campaign *campaign, struct err *err)
{
	return approval_check(store, db, campaign->id,
	    clock_now_ms(world->clock),
	    campaign->state == CAMPAIGN_RUNNING ? APPROVAL_GOING_ON
						: APPROVAL_AT_LAUNCH,
	    err);
}

/* Who sits here may launch; whether they have signed in again is asked by who
 * calls this. */
static int
grant(struct store *store, struct world *world, struct campaign_id campaign,
    struct clearance **out, struct err *err)
{
	struct clearance found;
	struct inputs inputs;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	if (inputs_read(store, db, campaign, &inputs, err) == 0 &&
	    check_campaign(&inputs.campaign, err) == 0 &&
	    check_seal(store, db, &inputs, &found, err) == 0 &&
	    check_approval(store, db, world, &inputs.campaign, err) == 0 &&
	    check_launch(store, db, world, &inputs, err) == 0) {
		*out = mem_new(sizeof **out);
		**out = found;
		rc = 0;
	}
	inputs_done(&inputs);
	store_reader_close(&db);
	return rc;
}

int
clearance_grant(struct store *store, struct world *world,
    struct campaign_id campaign, struct clearance **out, struct err *err)
{
	if (person_require(store, NULL, MAY_LAUNCH, err) < 0 ||
	    stepup_require(store, NULL, STEPUP_LAUNCH, err) < 0)
		return -1;
	return grant(store, world, campaign, out, err);
}

int
clearance_grant_armed(struct store *store, struct world *world,
    struct campaign_id campaign, struct clearance **out, struct err *err)
{
	if (person_require(store, NULL, MAY_LAUNCH, err) < 0)
		return -1;
	return grant(store, world, campaign, out, err);
}

void
clearance_free(struct clearance **clearance)
{
	free(*clearance);
	*clearance = NULL;
}

struct campaign_id
clearance_campaign(const struct clearance *clearance)
{
	return clearance->campaign;
}

const struct digest *
clearance_digest(const struct clearance *clearance)
{
	return &clearance->digest;
}

int64_t
clearance_recipients(const struct clearance *clearance)
{
	return clearance->recipients;
}

/* The revision stored now; left alone when the seal is not the one that gave
 * the clearance. */
static int
read_revision(const struct clearance *clearance, struct db *db,
    int64_t *revision, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT c.revision FROM campaign c JOIN review r"
	    " ON r.campaign = c.id WHERE c.id = ?1 AND r.seal IS NOT NULL"
	    " AND r.digest = ?2",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, clearance->campaign.v);
	stmt_blob(stmt, 2, span_make(clearance->digest.bytes, SHA256_LEN));
	got = stmt_step(stmt, err);
	if (got == 1)
		*revision = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got;
}

int
clearance_fits(const struct clearance *clearance,
    const struct template *template, struct err *err)
{
	struct digest now;

	template_digest(template, &now);
	return digest_equal(&now, &clearance->template)
		   ? 0
		   : broken(err, "content");
}

int
clearance_holds(
    const struct clearance *clearance, struct db *db, struct err *err)
{
	struct digest relays, settings;
	int64_t revision = -1;

	if (read_revision(clearance, db, &revision, err) < 0 ||
	    relays_digest_now(db, &relays, err) < 0 ||
	    inputs_settings(db, &settings, err) < 0)
		return -1;
	if (revision != clearance->revision)
		return broken(err, "content");
	if (!digest_equal(&relays, &clearance->relays))
		return broken(err, "relay");
	if (!digest_equal(&settings, &clearance->settings))
		return broken(err, "settings");
	return 0;
}
