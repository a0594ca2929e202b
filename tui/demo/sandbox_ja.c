/* The sandbox in Japanese: an invented trader, reserved domains (RFC 2606). */
#include "core/base/buf.h"
#include "tui/demo/sandbox.h"

static const char *const settings[][2] = {
    {"sender.name", "関所商会 お知らせ"},
    {"sender.address", "news@example.co.jp"},
    {"sender.reply_to", "desk@example.co.jp"},
    {"legal.name", "株式会社関所商会（架空）"},
    {"legal.postal", "〒100-0001 東京都千代田区千代田1-1\n例示ビル 3階"},
    {"legal.contact", "03-0000-0000  https://www.example.co.jp/contact"},
    {NULL, NULL},
};

static const char *const season[] = {"冬", "春", "夏", "秋"};

static const char body[] =
    "# @Sの新商品のご案内\n\n"
    "{{name|ご担当者}} 様\n\n"
    "いつも関所商会をご利用いただき、ありがとうございます。"
    "関所商会の山田よりご案内いたします。\n\n"
    "- 木箱入りの筆 三本組\n"
    "- 和紙の便箋 五十枚\n\n"
    "今だけ、通常価格 4,980円から1,000円引きの特別価格 3,980円（税込）で"
    "お届けします。\n\n"
    "展示会は@E 午後2時から、本社1階のショールームで開きます。"
    "ご予約は@Bから@Dまで承ります。\n\n"
    "[www.example.co.jp/@Y/catalogue]"
    "(https://www.example.co.jp/@Y/catalogue)\n\n"
    "[会場の地図](https://www.example.co.jp/map)\n\n"
    "くわしくは添付の「goannai.pdf」をご覧ください。"
    "お電話は 03-0000-0000（平日9時から17時まで）へどうぞ。\n\n"
    "次回もどうぞお楽しみに。\n";

#define LINK(text, target)                                                     \
	"[" text ".co.jp/@Y/catalogue](https://" target ".co.jp/@Y/catalogue)"
#define CLEAN_LINK LINK("www.example", "www.example")

static const struct sandbox_edit edits[] = {
    {DRILL_MARK, SANDBOX_BODY, "関所商会の山田より", "[[担当者名]]より"},
    {DRILL_DRAFT, SANDBOX_BODY, "お楽しみに。", "お楽しみに。（下書き）"},
    {DRILL_EMPTY_NAME, SANDBOX_BODY, "{{name|ご担当者}} 様", "{{name|}} 様"},
    {DRILL_WEEKDAY, SANDBOX_BODY, "@E", "@W"},
    {DRILL_NO_DAY, SANDBOX_BODY, "@Dまで", "@Nまで"},
    {DRILL_LINK_HOST, SANDBOX_BODY, CLEAN_LINK,
	LINK("www.example", "www.exarnple")},
    {DRILL_LINK_HTTP, SANDBOX_BODY, "(https://www.example.co.jp/map)",
	"(http://www.example.co.jp/map)"},
    {DRILL_LINK_STAGING, SANDBOX_BODY, CLEAN_LINK,
	LINK("stg.example", "stg.example")},
    {DRILL_FILE_KIND, SANDBOX_BODY, "goannai.pdf", "goannai.html"},
    {DRILL_LAST_YEAR, SANDBOX_BODY, "@E", "@L"},
    {DRILL_HALF_OF_DAY, SANDBOX_BODY, "午後2時", "午前2時"},
    {DRILL_PERIOD, SANDBOX_BODY, "@Dまで", "@Pまで"},
    {DRILL_SEASON, SANDBOX_BODY, "# @Sの新商品", "# @Oの新商品"},
    {DRILL_COMPANY, SANDBOX_BODY, "いつも関所商会を", "いつも城山物産を"},
    {DRILL_CUSTOMER, SANDBOX_BODY, "{{name|ご担当者}} 様", "長谷部 由紀子 様"},
    {DRILL_HONORIFIC, SANDBOX_BODY, "{{name|ご担当者}} 様",
	"{{name|ご担当者}} 殿"},
    {DRILL_PRICE, SANDBOX_BODY, "3,980円（税込）", "3,890円（税込）"},
    {DRILL_DISCOUNT, SANDBOX_BODY, "1,000円引き", "1,500円引き"},
    {DRILL_PHONE, SANDBOX_BODY, "03-0000-0000（", "03-0000-000（"},
    {DRILL_LINK_YEAR, SANDBOX_BODY, CLEAN_LINK,
	"[www.example.co.jp/@Z/catalogue]"
	"(https://www.example.co.jp/@Z/catalogue)"},
    {DRILL_FILE_NAME, SANDBOX_BODY, "goannai.pdf", "kakakuhyo.pdf"},
    {DRILL_PREHEADER, SANDBOX_PREHEADER, "展示会と特別価格のお知らせ",
	"棚卸しによる休業のお知らせ"},
    {DRILL_REPLY_TO, SANDBOX_REPLY_TO, "desk@", "keiri@"},
    {DRILL_FROM_NAME, SANDBOX_FROM_NAME, "お知らせ", "採用係"},
};

static void
add_day(int month, int day, struct buf *out)
{
	buf_printf(out, "%d月%d日", month, day);
}

static void
add_date(const struct sandbox_day *at, struct buf *out)
{
	static const char *const weekdays[] = {
	    "日", "月", "火", "水", "木", "金", "土"};

	buf_printf(out, "%d年%d月%d日(%s)", at->year, at->month, at->day,
	    weekdays[at->weekday]);
}

static const char *const family[] = {"佐藤", "鈴木", "高橋", "田中", "伊藤",
    "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田"};
static const char *const given[] = {
    "修", "花子", "健一", "恵", "翔太", "美咲", "拓也", "さくら", "大輔", "亮"};

const struct sandbox_words sandbox_ja = {
    .campaign = "新商品のご案内",
    .list = "お客様名簿",
    .staff = "関所商会 受付",
    .file = "goannai.pdf",
    .file_planted = "goannai.html",
    .note = "ウェブの申込書で、案内を希望",
    .text =
	{
	    [SANDBOX_SUBJECT] = "@Sの新商品 特別価格3,980円",
	    [SANDBOX_PREHEADER] = "展示会と特別価格のお知らせ",
	    [SANDBOX_BODY] = body,
	},
    .settings = settings,
    .season = season,
    .date = add_date,
    .day = add_day,
    .family = family,
    .given = given,
    .order = SANDBOX_FAMILY_FIRST,
    .between = " ",
    .edit = edits,
    .edits = sizeof edits / sizeof *edits,
};
