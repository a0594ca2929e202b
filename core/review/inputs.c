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
	    " OR name GLOB 'links.*' OR name GLOB 'message.*' OR name GLOB "
	    "'ehlo.*'"
	    " OR name GLOB 'egress.*' OR name GLOB 'blocklist.*'"
	    " OR name GLOB 'personal.*' OR name GLOB 'expected.*'"
	    " ORDER BY name",
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

/* A segment that cannot be read is nobody's audience.  Of what was launched only
 * the text is held against what was sealed: its audience stands. */
static int
read_segment(
    struct store *store, struct db *db, struct inputs *out, struct err *err)
{
	const struct campaign *campaign = &out->campaign;
	struct filter *filter = NULL;
	bool launched = !campaign_is_editable(campaign->state);
	int rc;

	if (!campaign->segment)
		return 0;
	rc = segment_filter(db, campaign->segment,
	    (struct list_id){campaign->list}, clock_now_ms(store_clock(store)),
	    launched ? NULL : &filter, &out->segment, err);
	filter_free(&filter);
	return rc;
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
	    inputs_settings(db, &out->settings, err) < 0 ||
	    read_segment(store, db, out, err) < 0)
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

static void
add_hash(struct buf *out, const char *name, const struct digest *digest)
{
	buf_printf(out, "%s ", name);
	crypt_hex(out, span_make(digest->bytes, SHA256_LEN));
	buf_char(out, '\n');
}

static void
add_time(struct buf *out, const char *name, int64_t at_ms)
{
	buf_printf(out, "%s ", name);
	if (at_ms)
		clock_rfc3339(out, at_ms);
	else
		buf_char(out, '-');
	buf_char(out, '\n');
}

void
inputs_text(const struct inputs *inputs, const struct digest *root,
    int64_t recipients, struct buf *out)
{
	static const char *const circles[CIRCLE_COUNT] = {
	    "-", "staff", "partners", "customers"};
	const struct campaign *campaign = &inputs->campaign;
	struct digest part;

	buf_printf(out, "campaign %lld revision %lld class %s\n",
	    (long long)campaign->id.v, (long long)campaign->revision,
	    campaign_class_name(campaign->class));
	buf_printf(out, "recipients %lld expected %lld meant-for %s\n",
	    (long long)recipients, (long long)campaign->expected,
	    circles[campaign->meant_for]);
	buf_printf(
	    out, "confidential %s\n", campaign->confidential ? "yes" : "no");
	add_time(out, "send-at", campaign->send_at_ms);
	add_time(out, "send-until", campaign->send_until_ms);
	if (campaign->segment) {
		buf_printf(
		    out, "segment-id %lld\n", (long long)campaign->segment);
		add_hash(out, "segment", &inputs->segment);
	}
	template_digest(inputs->template, &part);
	add_hash(out, "template", &part);
	relays_digest(inputs->relay, inputs->relays, &part);
	add_hash(out, "relays", &part);
	add_hash(out, "settings", &inputs->settings);
	add_hash(out, "messages", root);
}

void
inputs_digest(const struct inputs *inputs, const struct digest *root,
    int64_t recipients, struct digest *out)
{
	struct buf text = BUF_INIT;

	inputs_text(inputs, root, recipients, &text);
	crypt_sha256(buf_span(&text), out);
	buf_done(&text);
}
