/* Planting the faults of a drill, and seeing whether they are still there.  Most
 * are a text in the place of another one; the rest is done to what is around the
 * campaign: list, settings, files. */
#include <stdlib.h>

#include "core/attach/attach.h"
#include "tui/demo/sandbox_store.h"

enum { EXPECTED_WRONG = SANDBOX_RECIPIENTS * 10 };

static const char stranger[] = "example.org";
static const char second_canary[] = "canary-2@example.jp";

/* ---- Texts --------------------------------------------------------------------- */

static const struct sandbox_edit *
edit_of(const struct sandbox *sandbox, enum drill_kind kind)
{
	for (size_t i = 0; i < sandbox->words->edits; i++) {
		if (sandbox->words->edit[i].kind == kind)
			return &sandbox->words->edit[i];
	}
	return NULL;
}

/* Puts text in the place of the first clean one in buf; false when there is
 * none. */
static bool
replace(struct buf *buf, struct span clean, struct span text)
{
	struct span all = buf_span(buf);
	size_t at = span_search(all, clean);
	struct buf fresh = BUF_INIT;

	if (at == all.len)
		return false;
	buf_add(&fresh, span_slice(all, 0, at));
	buf_add(&fresh, text);
	buf_add(&fresh, span_slice(all, at + clean.len, all.len));
	buf_done(buf);
	*buf = fresh;
	return true;
}

static int
change(struct campaign *campaign, const struct sandbox *sandbox,
    const struct sandbox_edit *edit, struct err *err)
{
	struct buf clean = BUF_INIT, planted = BUF_INIT;
	bool done;

	sandbox_expand(sandbox, edit->clean, &clean);
	sandbox_expand(sandbox, edit->planted, &planted);
	done = replace(sandbox_field(campaign, edit->field), buf_span(&clean),
	    buf_span(&planted));
	buf_done(&clean);
	buf_done(&planted);
	if (done)
		return 0;
	err_set(err, E_BUG);
	return err_fact(err, "what", span_of(drill_fault(edit->kind)->name));
}

/* The campaign, changed where it has a text or number of its own. */
static int
plant_campaign(struct store *store, const struct sandbox *sandbox,
    enum drill_kind kind, struct err *err)
{
	const struct sandbox_edit *edit = edit_of(sandbox, kind);
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0 ||
	    campaign_read(db, sandbox->campaign, &campaign, err) < 0 ||
	    (edit && change(&campaign, sandbox, edit, err) < 0))
		goto out;
	if (kind == DRILL_EXPECTED)
		campaign.expected = EXPECTED_WRONG;
	if (kind == DRILL_UNSUBSCRIBE) /* then it has no footer with one */
		campaign.class = CLASS_TX;
	rc = campaign_save(store, &campaign, err);
out:
	store_reader_close(&db);
	campaign_done(&campaign);
	return rc;
}

static int
has_text(struct db *db, const struct sandbox *sandbox, enum drill_kind kind,
    struct err *err)
{
	const struct sandbox_edit *edit = edit_of(sandbox, kind);
	struct campaign campaign = CAMPAIGN_INIT;
	struct buf planted = BUF_INIT;
	int rc = campaign_read(db, sandbox->campaign, &campaign, err);

	if (rc == 0 && kind == DRILL_EXPECTED) {
		rc = campaign.expected == EXPECTED_WRONG;
	} else if (rc == 0 && kind == DRILL_UNSUBSCRIBE) {
		rc = campaign.class != CLASS_AD;
	} else if (rc == 0) {
		struct span text =
		    buf_span(sandbox_field(&campaign, edit->field));

		sandbox_expand(sandbox, edit->planted, &planted);
		rc = span_search(text, buf_span(&planted)) < text.len;
	}
	buf_done(&planted);
	campaign_done(&campaign);
	return rc;
}

/* ---- Around the campaign ------------------------------------------------------------ */

/* In the place of the file that is there. */
static int
plant_file(struct store *store, const struct sandbox *sandbox,
    const char *folder, struct err *err)
{
	static const char page[] = "<!DOCTYPE html>\n<title>-</title>\n<p>-\n";
	struct attach_row *row = NULL;
	struct db *db = NULL;
	size_t count = 0;
	int rc;

	rc = store_reader_open(store, &db, err);
	if (rc == 0)
		rc = attach_all(db, sandbox->campaign, &row, &count, err);
	store_reader_close(&db);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = attach_remove(store, sandbox->campaign, row[i].id, err);
	free(row);
	return rc < 0 ? -1
		      : sandbox_attach(store, sandbox, folder,
			    sandbox->words->file_planted, page, err);
}

static int
has_file(struct db *db, const struct sandbox *sandbox, struct err *err)
{
	struct attach_row *row = NULL;
	size_t count = 0;
	int rc = attach_all(db, sandbox->campaign, &row, &count, err);
	bool found = false;

	for (size_t i = 0; rc == 0 && i < count; i++)
		found |= !strcmp(row[i].name, sandbox->words->file_planted);
	free(row);
	return rc < 0 ? -1 : found;
}

/* Two more people, who are told by a part of their addresses. */
static int
plant_people(struct store *store, const struct sandbox *sandbox,
    enum drill_kind kind, const char *folder, struct err *err)
{
	if (kind == DRILL_ADDRESS_SLIP)
		return sandbox_add_people(store, sandbox, folder, BASIS_CONSENT,
		    SPAN("customer901@gmial.com,,009001\n"
			 "customer902@gmial.com,,009002\n"),
		    err);
	return sandbox_add_people(store, sandbox, folder, BASIS_NONE,
	    SPAN("exhibitor901@example.jp,,009001\n"
		 "exhibitor902@example.com,,009002\n"),
	    err);
}

static int
has_people(struct store *store, struct db *db, const struct sandbox *sandbox,
    enum drill_kind kind, struct err *err)
{
	struct span part =
	    kind == DRILL_BASIS ? SPAN("exhibitor90") : SPAN("@gmial.com");
	struct contact_page page = {.count = 0};
	bool found = false;
	int rc = contact_page(store, db, sandbox->list, (struct contact_id){0},
	    SANDBOX_RECIPIENTS + 2, &page, err);

	for (size_t i = 0; rc == 0 && i < page.count; i++)
		found |=
		    span_search(page.row[i].address, part) <
			page.row[i].address.len &&
		    !page.row[i].suppressed &&
		    (kind != DRILL_BASIS || page.row[i].basis == BASIS_NONE);
	contact_page_done(&page);
	return rc < 0 ? -1 : found;
}

static int
has_canary_astray(struct store *store, struct db *db,
    const struct sandbox *sandbox, struct err *err)
{
	struct canary *canary = NULL;
	size_t count = 0;
	bool found = false;
	int rc = canary_all(store, db, sandbox->list, &canary, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++)
		found |= !canary[i].is_member;
	free(canary);
	return rc < 0 ? -1 : found;
}

static int
has_color(struct db *db, const struct sandbox *sandbox, struct err *err)
{
	struct list_info list;

	if (list_find(db, sandbox->list, &list, err) < 0)
		return -1;
	return list.color == CIRCLE_STAFF;
}

/* 1 while a setting has this value. */
static int
has_setting(struct db *db, const char *name, const char *value, struct err *err)
{
	struct buf now = BUF_INIT;
	int rc = setting_read(db, name, &now, err);

	if (rc == 0)
		rc = span_equal(buf_span(&now), span_of(value));
	buf_done(&now);
	return rc;
}

/* ---- Both ------------------------------------------------------------------------------ */

int
sandbox_plant(struct store *store, const struct sandbox *sandbox,
    enum drill_kind kind, const char *folder, struct err *err)
{
	if (kind == DRILL_LIST_COLOR)
		return list_color_set(store, sandbox->list, CIRCLE_STAFF, err);
	if (kind == DRILL_ADDRESS_SLIP || kind == DRILL_BASIS)
		return plant_people(store, sandbox, kind, folder, err);
	if (kind == DRILL_CANARY)
		return canary_add(
		    store, sandbox->list, span_of(second_canary), err);
	if (kind == DRILL_RETURN_PATH)
		return setting_write(
		    store, "message.bounce_domain", span_of(stranger), err);
	if (kind == DRILL_FILE_KIND &&
	    plant_file(store, sandbox, folder, err) < 0)
		return -1;
	return plant_campaign(store, sandbox, kind, err);
}

int
sandbox_has(struct store *store, struct db *db, const struct sandbox *sandbox,
    enum drill_kind kind, struct err *err)
{
	if (kind == DRILL_LIST_COLOR)
		return has_color(db, sandbox, err);
	if (kind == DRILL_ADDRESS_SLIP || kind == DRILL_BASIS)
		return has_people(store, db, sandbox, kind, err);
	if (kind == DRILL_CANARY)
		return has_canary_astray(store, db, sandbox, err);
	if (kind == DRILL_RETURN_PATH)
		return has_setting(db, "message.bounce_domain", stranger, err);
	if (kind == DRILL_FILE_KIND)
		return has_file(db, sandbox, err);
	return has_text(db, sandbox, kind, err);
}
