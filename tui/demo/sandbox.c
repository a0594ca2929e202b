/* The store of a drill: everything in order, as a careful operator would leave
 * it before the checks. */
#include "tui/demo/sandbox_store.h"

#include <assert.h>
#include <unistd.h>

#include "core/attach/attach.h"
#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/deliver/deliver.h"
#include "core/import/import.h"
#include "tui/demo/demo.h"

#define DAY_MS INT64_C(86400000)

enum { FAMILIES = 12, GIVEN = 10, NAMELESS = 3, CONSENT_DAYS = 200 };
static_assert(FAMILIES * GIVEN == SANDBOX_RECIPIENTS, "everybody has a name");

/* The same in every language, and for one person alone. */
static const char *const common[][2] = {
    {"unsubscribe.base_url", "https://unsubscribe.example.co.jp/u"},
    {"unsubscribe.mailto", "stop@example.co.jp"},
    {"ehlo.name", "mail.example.co.jp"},
    {"egress.addresses", "192.0.2.10"},
    {"approval.when", "never"},
    {"drill.planted", "0"},
    {"drill.seconds", "1"},
    {NULL, NULL},
};

static const char canary[] = "canary@example.jp";

static int
write_settings(
    struct store *store, const char *const (*settings)[2], struct err *err)
{
	for (; (*settings)[0]; settings++) {
		if (setting_write(store, (*settings)[0],
			span_of((*settings)[1]), err) < 0)
			return -1;
	}
	return 0;
}

/* ---- The list ------------------------------------------------------------------ */

/* The last three have no name, the last one is the canary. */
static void
add_person(const struct sandbox_words *words, int i, struct buf *out)
{
	static const char *const domains[] = {
	    "example.jp", "example.com", "example.org"};
	const char *family = words->family[i / GIVEN];
	const char *given = words->given[i % GIVEN];

	if (i == SANDBOX_RECIPIENTS - 1)
		buf_text(out, canary);
	else
		buf_printf(out, "customer%03d@%s", i + 1, domains[i % 3]);
	buf_char(out, ',');
	if (i < SANDBOX_RECIPIENTS - NAMELESS)
		buf_printf(out, "%s%s%s",
		    words->order == SANDBOX_FAMILY_FIRST ? family : given,
		    words->between,
		    words->order == SANDBOX_FAMILY_FIRST ? given : family);
	buf_printf(out, ",%06d\n", 1000 + i);
}

static int
import(struct store *store, const struct sandbox *sandbox, const char *path,
    enum consent_basis basis, struct err *err)
{
	struct import_plan plan = {
	    .list = sandbox->list,
	    .basis = basis,
	    .wording = sandbox->wording,
	    .basis_at_ms = (sandbox->today - CONSENT_DAYS) * DAY_MS,
	    .basis_note = span_of(sandbox->words->note),
	};
	struct import_counts counts;
	struct import *import = NULL;
	int rc = -1;

	if (import_open(path, &(struct import_form){.charset = IMPORT_UTF8},
		&import, err) == 0)
		rc = import_commit(import, store, &plan, &counts, err);
	import_close(&import);
	return rc;
}

int
sandbox_add_people(struct store *store, const struct sandbox *sandbox,
    const char *folder, enum consent_basis basis, struct span rows,
    struct err *err)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int rc = -1;

	buf_printf(&path, "%s/people.csv", folder);
	buf_text(&text, "email,name,number\n");
	buf_add(&text, rows);
	if (file_replace(path.ptr, buf_span(&text), 0600, err) == 0)
		rc = import(store, sandbox, path.ptr, basis, err);
	unlink(path.ptr);
	buf_done(&path);
	buf_done(&text);
	return rc;
}

static int
add_list(struct store *store, struct sandbox *sandbox, const char *folder,
    struct err *err)
{
	struct buf rows = BUF_INIT;
	int rc = -1;

	for (int i = 0; i < SANDBOX_RECIPIENTS; i++)
		add_person(sandbox->words, i, &rows);
	if (list_create(store, span_of(sandbox->words->list), &sandbox->list,
		err) == 0 &&
	    wording_add(store, span_of(sandbox->words->list),
		span_of(sandbox->words->note), &sandbox->wording, err) == 0 &&
	    list_color_set(store, sandbox->list, CIRCLE_CUSTOMERS, err) == 0 &&
	    sandbox_add_people(store, sandbox, folder, BASIS_CONSENT,
		buf_span(&rows), err) == 0)
		rc = canary_add(store, sandbox->list, span_of(canary), err);
	buf_done(&rows);
	return rc;
}

/* ---- The campaign ---------------------------------------------------------------- */

struct buf *
sandbox_field(struct campaign *campaign, enum sandbox_field field)
{
	struct buf *const fields[SANDBOX_FIELDS] = {
	    [SANDBOX_SUBJECT] = &campaign->subject,
	    [SANDBOX_PREHEADER] = &campaign->preheader,
	    [SANDBOX_BODY] = &campaign->body,
	    [SANDBOX_REPLY_TO] = &campaign->reply_to,
	    [SANDBOX_FROM_NAME] = &campaign->from_name,
	};

	return fields[field];
}

static int
write_campaign(
    struct store *store, const struct sandbox *sandbox, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0 ||
	    campaign_read(db, sandbox->campaign, &campaign, err) < 0)
		goto out;
	campaign.list = sandbox->list.v;
	campaign.meant_for = CIRCLE_CUSTOMERS;
	campaign.expected = SANDBOX_RECIPIENTS;
	for (int i = 0; i < SANDBOX_FIELDS; i++) {
		if (sandbox->words->text[i])
			sandbox_expand(sandbox, sandbox->words->text[i],
			    sandbox_field(&campaign, (enum sandbox_field)i));
	}
	rc = campaign_save(store, &campaign, err);
out:
	store_reader_close(&db);
	campaign_done(&campaign);
	return rc;
}

int
sandbox_attach(struct store *store, const struct sandbox *sandbox,
    const char *folder, const char *name, const char *text, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc = -1;

	buf_printf(&path, "%s/%s", folder, name);
	if (file_replace(path.ptr, span_of(text), 0600, err) == 0)
		rc = attach_add(
		    store, sandbox->campaign, path.ptr, ATTACH_ALL, err);
	unlink(path.ptr);
	buf_done(&path);
	return rc;
}

static int
add_campaign(struct store *store, struct sandbox *sandbox, const char *folder,
    struct err *err)
{
	static const char pdf[] =
	    "%PDF-1.4\n"
	    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
	    "2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
	    "trailer<</Root 1 0 R>>\n%%EOF\n";

	if (campaign_create(store, span_of(sandbox->words->campaign), CLASS_AD,
		&sandbox->campaign, err) < 0 ||
	    write_campaign(store, sandbox, err) < 0)
		return -1;
	return sandbox_attach(
	    store, sandbox, folder, sandbox->words->file, pdf, err);
}

int
sandbox_fill(struct store *store, struct sandbox *sandbox,
    const struct practice *practice, const char *folder,
    const struct drill_plan *plan, struct err *err)
{
	const struct sandbox_words *words = sandbox->words;

	if (write_settings(store, common, err) < 0 ||
	    write_settings(store, words->settings, err) < 0 ||
	    dkim_create(store, SPAN("example.co.jp"), SPAN("s2026"), err) < 0 ||
	    staff_add(store, SPAN("desk@example.co.jp"), span_of(words->staff),
		err) < 0 ||
	    add_list(store, sandbox, folder, err) < 0 ||
	    add_campaign(store, sandbox, folder, err) < 0 ||
	    demo_relay(store, practice, err) < 0)
		return -1;
	for (int i = 0; plan && i < DRILL_PLANTED; i++) {
		if (sandbox_plant(store, sandbox, plan->fault[i], folder, err) <
		    0)
			return -1;
	}
	return 0;
}
