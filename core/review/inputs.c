/* What a review depends on. */
#include "core/review/inputs.h"

#include "core/review/relays.h"

int
inputs_settings(struct db *db, struct digest *out, struct err *err)
{
	struct buf all = BUF_INIT;
	struct stmt *stmt = db_stmt(db,
	    "SELECT name, value FROM setting WHERE name GLOB 'sender.*'"
	    " OR name GLOB 'legal.*' OR name GLOB 'unsubscribe.*'"
	    " OR name GLOB 'message.*' OR name GLOB 'ehlo.*' ORDER BY name",
	    err);
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span name = stmt_col_text(stmt, 0);
		struct span text = stmt_col_text(stmt, 1);

		buf_printf(
		    &all, "%zu:%.*s%zu:", name.len, SPAN_ARG(name), text.len);
		buf_add(&all, text);
	}
	stmt_reset(stmt);
	crypt_sha256(buf_span(&all), out);
	buf_done(&all);
	return got;
}

int
inputs_read(struct store *store, struct db *db, struct campaign_id id,
    struct inputs *out, struct err *err)
{
	*out = (struct inputs){.campaign = CAMPAIGN_INIT};
	if (campaign_read(db, id, &out->campaign, err) < 0)
		return -1;
	if (!out->campaign.list) {
		err_set(err, E_CAMPAIGN_FIELD);
		err_fact(err, "field", SPAN("list"));
		return err_fact(err, "why", SPAN("empty"));
	}
	if (relays_read(db, &out->relay, &out->relays, err) < 0 ||
	    inputs_settings(db, &out->settings, err) < 0)
		return -1;
	return template_compile(store, db, &out->campaign, &out->template, err);
}

void
inputs_done(struct inputs *inputs)
{
	template_free(&inputs->template);
	relays_free(&inputs->relay, &inputs->relays);
	campaign_done(&inputs->campaign);
}

void
inputs_digest(const struct inputs *inputs, const struct digest *root,
    int64_t recipients, struct digest *out)
{
	struct buf all = BUF_INIT;
	struct digest part;

	buf_printf(&all, "sekisho review inputs 1\n%lld %lld %d %lld\n",
	    (long long)inputs->campaign.id.v,
	    (long long)inputs->campaign.revision, (int)inputs->campaign.class,
	    (long long)recipients);
	template_digest(inputs->template, &part);
	buf_add(&all, span_make(part.bytes, SHA256_LEN));
	relays_digest(inputs->relay, inputs->relays, &part);
	buf_add(&all, span_make(part.bytes, SHA256_LEN));
	buf_add(&all, span_make(inputs->settings.bytes, SHA256_LEN));
	buf_add(&all, span_make(root->bytes, SHA256_LEN));
	crypt_sha256(buf_span(&all), out);
	buf_done(&all);
}
