/* A store with settings, one list member's fields and a campaign, for the
 * tests of assembling. */
#ifndef TESTS_UNIT_COMPOSE_CASE_H
#define TESTS_UNIT_COMPOSE_CASE_H

#include "core/compose/compose.h"
#include "tests/fake/clock.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

struct compose_case {
	struct fake_clock clock;
	struct store *store;
	struct db *db;
	struct campaign campaign;
	struct template *template;
	struct assembler *assembler;
	struct err err;
};

static const char *const case_settings[][2] = {
    {"legal.name", "株式会社例示"},
    {"legal.postal", "〒100-0001\n東京都千代田区千代田1-1"},
    {"legal.contact", "お問合せ 03-0000-0000"},
    {"unsubscribe.base_url", "https://u.example.jp/u"},
    {"unsubscribe.mailto", "u@bounce.example.jp"},
};

/* A case with all settings and a campaign of this class, subject and body. */
static inline void
case_begin(struct compose_case *it, enum campaign_class class,
    const char *subject, const char *body)
{
	memset(it, 0, sizeof *it);
	fake_clock_init(&it->clock);
	it->store = tempstore_open(&it->clock.base);
	for (size_t i = 0; i < sizeof case_settings / sizeof *case_settings;
	    i++)
		assert_ok(setting_write(it->store, case_settings[i][0],
			      span_of(case_settings[i][1]), &it->err),
		    &it->err);
	assert_ok(store_reader_open(it->store, &it->db, &it->err), &it->err);
	it->campaign.id.v = 7;
	it->campaign.class = class;
	buf_text(&it->campaign.name, "November");
	buf_text(&it->campaign.from_name, "例示ニュース");
	buf_text(&it->campaign.from_address, "news@example.jp");
	buf_text(&it->campaign.reply_to, "support@example.jp");
	buf_text(&it->campaign.subject, subject);
	buf_text(&it->campaign.body, body);
}

static inline int
case_compile(struct compose_case *it, enum assemble_how how)
{
	assembler_free(&it->assembler);
	template_free(&it->template);
	if (template_compile(
		it->store, it->db, &it->campaign, &it->template, &it->err) < 0)
		return -1;
	return assembler_new(
	    it->store, it->db, it->template, how, &it->assembler, &it->err);
}

static inline void
case_end(struct compose_case *it)
{
	assembler_free(&it->assembler);
	template_free(&it->template);
	campaign_done(&it->campaign);
	store_reader_close(&it->db);
	tempstore_close(&it->store);
}

#endif
