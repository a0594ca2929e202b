/* What the demo's store holds at the start: a sender of invented names and
 * reserved domains (RFC 2606), a DKIM key, an empty list for the import, a
 * draft in Japanese and English, somebody who gets test mail, and the practice
 * relay. */
#include <stdio.h>

#include "core/campaign/campaign.h"
#include "core/compose/compose.h"
#include "core/contacts/contacts.h"
#include "core/deliver/deliver.h"
#include "core/health/health.h"
#include "core/review/review.h"
#include "tui/demo/demo.h"

const char demo_user[] = "demo";
const char demo_password[] = "sekisho";
const char demo_passphrase[] = "correct horse battery";

static const char *const settings[][2] = {
    {"sender.name", "関所商会 お知らせ"},
    {"sender.address", "news@example.co.jp"},
    {"sender.reply_to", "desk@example.co.jp"},
    {"legal.name", "株式会社関所商会（架空）"},
    {"legal.postal", "〒100-0001 東京都千代田区千代田1-1\n例示ビル 3階"},
    {"legal.contact", "03-0000-0000  https://www.example.co.jp/contact"},
    {"unsubscribe.base_url", "https://unsubscribe.example.co.jp/u"},
    {"unsubscribe.mailto", "stop@example.co.jp"},
    {"ehlo.name", "mail.example.co.jp"},
    {"egress.addresses", "192.0.2.10"},
    /* there is nobody else in the demo who could approve */
    /* one person plays it */
    {"approval.when", "never"},
    /* and nobody to be tried */
    {"drill.planted", "0"},
    {"drill.seconds", "1"},
};

static const char subject[] = "{{name|ご担当者}} 様 秋の新商品のご案内";
static const char body[] =
    "# 秋の新商品のご案内\n"
    "\n"
    "{{name|ご担当者}} 様\n"
    "\n"
    "いつも関所商会をご利用いただき、ありがとうございます。\n"
    "会員番号 {{会員番号|未登録}} のお客様に、秋の新商品をご案内します。\n"
    "\n"
    "- **木箱入りの筆** 三本組\n"
    "- *和紙* の便箋 五十枚\n"
    "- 旅のしおり\n"
    "\n"
    "[新商品を見る](https://www.example.co.jp/autumn)\n"
    "\n"
    "## New this autumn\n"
    "\n"
    "Dear {{name|customer}},\n"
    "\n"
    "thank you for being with us. Three things are new this season: a set\n"
    "of **brushes**, *washi* letter paper, and our travel booklet.\n"
    "\n"
    "[See what is new](https://www.example.co.jp/autumn-en)\n";

static int
add_campaign(struct store *store, struct list_id list, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct campaign_id id;
	struct db *db = NULL;
	int rc = -1;

	if (campaign_create(store, SPAN("秋のご案内 Autumn news"), CLASS_AD,
		&id, err) < 0 ||
	    store_reader_open(store, &db, err) < 0 ||
	    campaign_read(db, id, &campaign, err) < 0)
		goto out;
	campaign.list = list.v;
	campaign.meant_for = CIRCLE_CUSTOMERS;
	campaign.expected = 293; /* of the 300 lines of the sample */
	buf_text(&campaign.subject, subject);
	buf_text(&campaign.body, body);
	rc = campaign_save(store, &campaign, err);
out:
	store_reader_close(&db);
	campaign_done(&campaign);
	return rc;
}

int
demo_relay(
    struct store *store, const struct practice *practice, struct err *err)
{
	struct relay_config relay = {
	    .name = "practice",
	    .host = "127.0.0.1",
	    .port = practice_port(practice),
	    .tls = RELAY_TLS_VERIFY,
	    .share = 1,
	    .secret = secret_of(demo_password, strlen(demo_password)),
	    .sessions = 4,
	    .per_session = 50,
	    .rate_per_s = 50,
	    .enabled = true,
	};
	int rc;

	snprintf(relay.user, sizeof relay.user, "%s", demo_user);
	snprintf(relay.ca_file, sizeof relay.ca_file, "%s",
	    practice_ca_file(practice));
	rc = relay_set_practice(store, &relay, err);
	relay_config_done(&relay);
	return rc;
}

int
demo_fill(struct store *store, const struct practice *practice, struct err *err)
{
	struct list_id list;
	int64_t wording;

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		if (setting_write(store, settings[i][0],
			span_of(settings[i][1]), err) < 0)
			return -1;
	}
	if (dkim_create(store, SPAN("example.co.jp"), SPAN("s2026"), err) < 0 ||
	    list_create(store, SPAN("サンプル名簿 Sample list"), &list, err) <
		0 ||
	    list_color_set(store, list, CIRCLE_CUSTOMERS, err) < 0 ||
	    wording_add(store, SPAN("会員申込書 Membership form"),
		SPAN("新商品の案内をメールで希望します。\n"
		     "Please send me news by e-mail.\n"),
		&wording, err) < 0 ||
	    add_campaign(store, list, err) < 0 ||
	    staff_add(store, SPAN("desk@example.co.jp"), SPAN("関所商会 Desk"),
		err) < 0)
		return -1;
	return demo_relay(store, practice, err);
}
