/* The sandbox in English: an invented trader, reserved domains (RFC 2606). */
#include "core/base/buf.h"
#include "tui/demo/sandbox.h"

static const char *const settings[][2] = {
    {"sender.name", "Barrier Stationers News"},
    {"sender.address", "news@example.co.jp"},
    {"sender.reply_to", "desk@example.co.jp"},
    {"legal.name", "Barrier Stationers Ltd. (invented)"},
    {"legal.postal", "1-1 Chiyoda, Chiyoda-ku, Tokyo 100-0001, Japan"},
    {"legal.contact", "03-0000-0000  https://www.example.co.jp/contact"},
    {NULL, NULL},
};

static const char *const season[] = {"Winter", "Spring", "Summer", "Autumn"};

static const char body[] =
    "# New for @S\n\n"
    "Dear {{name|customer}},\n\n"
    "Thank you for shopping with Barrier Stationers. This is Mary Gates"
    " of the shop.\n\n"
    "- three brushes in a wooden box\n"
    "- fifty sheets of washi letter paper\n\n"
    "A special offer: both together for $39.80 (tax included), $10.00 off the"
    " usual price of $49.80.\n\n"
    "Come and see them on @E, at 2 p.m. in our showroom on the ground"
    " floor. You can book a seat from @B to @D.\n\n"
    "[www.example.co.jp/@Y/catalogue]"
    "(https://www.example.co.jp/@Y/catalogue)\n\n"
    "[How to find us](https://www.example.co.jp/map)\n\n"
    "The attached \"details.pdf\" says more. Or call 03-0000-0000 on"
    " weekdays.\n\n"
    "We look forward to seeing you.\n";

#define LINK(text, target)                                                     \
	"[" text ".co.jp/@Y/catalogue](https://" target ".co.jp/@Y/catalogue)"
#define CLEAN_LINK LINK("www.example", "www.example")

static const struct sandbox_edit edits[] = {
    {DRILL_MARK, SANDBOX_BODY, "This is Mary Gates", "This is [[your name]]"},
    {DRILL_DRAFT, SANDBOX_BODY, "seeing you.", "seeing you. (draft)"},
    {DRILL_EMPTY_NAME, SANDBOX_BODY, "{{name|customer}}", "{{name|}}"},
    {DRILL_WEEKDAY, SANDBOX_BODY, "@E", "@W"},
    {DRILL_NO_DAY, SANDBOX_BODY, "to @D.", "to @N."},
    {DRILL_LINK_HOST, SANDBOX_BODY, CLEAN_LINK,
	LINK("www.example", "www.exarnple")},
    {DRILL_LINK_HTTP, SANDBOX_BODY, "(https://www.example.co.jp/map)",
	"(http://www.example.co.jp/map)"},
    {DRILL_LINK_STAGING, SANDBOX_BODY, CLEAN_LINK,
	LINK("stg.example", "stg.example")},
    {DRILL_FILE_KIND, SANDBOX_BODY, "details.pdf", "details.html"},
    {DRILL_LAST_YEAR, SANDBOX_BODY, "@E", "@L"},
    {DRILL_HALF_OF_DAY, SANDBOX_BODY, "2 p.m.", "2 a.m."},
    {DRILL_PERIOD, SANDBOX_BODY, "to @D.", "to @P."},
    {DRILL_SEASON, SANDBOX_BODY, "# New for @S", "# New for @O"},
    {DRILL_COMPANY, SANDBOX_BODY, "with Barrier Stationers",
	"with Castle Hill Paper"},
    {DRILL_CUSTOMER, SANDBOX_BODY, "{{name|customer}}", "Ruth Hathaway"},
    {DRILL_HONORIFIC, SANDBOX_BODY, "Dear {{name", "Dear Mr. {{name"},
    {DRILL_PRICE, SANDBOX_BODY, "$39.80 (tax", "$38.90 (tax"},
    {DRILL_DISCOUNT, SANDBOX_BODY, "$10.00 off", "$15.00 off"},
    {DRILL_PHONE, SANDBOX_BODY, "03-0000-0000 on", "03-0000-000 on"},
    {DRILL_LINK_YEAR, SANDBOX_BODY, CLEAN_LINK,
	"[www.example.co.jp/@Z/catalogue]"
	"(https://www.example.co.jp/@Z/catalogue)"},
    {DRILL_FILE_NAME, SANDBOX_BODY, "details.pdf", "price-list.pdf"},
    {DRILL_PREHEADER, SANDBOX_PREHEADER, "A showing, and a special price",
	"We are closed for stocktaking"},
    {DRILL_REPLY_TO, SANDBOX_REPLY_TO, "desk@", "accounts@"},
    {DRILL_FROM_NAME, SANDBOX_FROM_NAME, "Stationers News",
	"Stationers Recruiting"},
};

static const char *const months[] = {"January", "February", "March", "April",
    "May", "June", "July", "August", "September", "October", "November",
    "December"};

static void
add_day(int month, int day, struct buf *out)
{
	buf_printf(out, "%s %d", months[month - 1], day);
}

static void
add_date(const struct sandbox_day *at, struct buf *out)
{
	static const char *const weekdays[] = {"Sunday", "Monday", "Tuesday",
	    "Wednesday", "Thursday", "Friday", "Saturday"};

	buf_printf(out, "%s, %s %d, %d", weekdays[at->weekday],
	    months[at->month - 1], at->day, at->year);
}

static const char *const family[] = {"Adams", "Baker", "Clark", "Davies",
    "Evans", "Fisher", "Grant", "Hughes", "Irving", "Jones", "Kelly", "Lewis"};
static const char *const given[] = {"Anna", "Ben", "Clara", "David", "Emma",
    "Frank", "Grace", "Henry", "Iris", "James"};

const struct sandbox_words sandbox_en = {
    .campaign = "New in the shop",
    .list = "Customers",
    .staff = "Barrier Stationers Desk",
    .file = "details.pdf",
    .file_planted = "details.html",
    .note = "web form, news wanted",
    .text =
	{
	    [SANDBOX_SUBJECT] = "@S brushes for $39.80",
	    [SANDBOX_PREHEADER] = "A showing, and a special price",
	    [SANDBOX_BODY] = body,
	},
    .settings = settings,
    .season = season,
    .date = add_date,
    .day = add_day,
    .family = family,
    .given = given,
    .order = SANDBOX_GIVEN_FIRST,
    .between = " ",
    .edit = edits,
    .edits = sizeof edits / sizeof *edits,
};
