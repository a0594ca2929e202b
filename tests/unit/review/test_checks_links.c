/* Links that are tried, the way out that is asked, and whose the sender is:
 * against servers on the loopback with certificates of their own. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "core/review/extract.h"
#include "core/review/jobs.h"
#include "tests/fake/relay.h"
#include "tests/fake/resolver.h"
#include "tests/fake/stage.h"
#include "tests/fake/wires.h"

static const struct practice_cert_how web = {
    "DNS:www.example.jp,DNS:u.example.jp", -60, 3600, 0};

#define ANSWER(text)                                                           \
	{FAKE_TLS, NULL, 0}, {FAKE_OCTETS, NULL, 0}, {FAKE_RAW, text, 0},      \
	    {FAKE_END, NULL, 0}
#define OK(body) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body

static const struct fake_step good[] = {ANSWER(OK("page"))};
static const struct fake_step done[] = {ANSWER(OK("done"))};
static const struct fake_step moved[] = {
    ANSWER("HTTP/1.1 302 Found\r\nLocation: https://x/\r\n\r\n")};
static const struct fake_step missing[] = {
    ANSWER("HTTP/1.1 404 Not Found\r\n\r\n")};
static const struct fake_step refused[] = {
    ANSWER("HTTP/1.1 405 Method Not Allowed\r\n\r\n")};

/* A stage whose web server plays two scripts, one per connection. */
struct scene {
	struct stage stage;
	struct review *review;
	struct inputs inputs;
	const struct fake_step *script[2];
	struct fake_plan plan;
	struct fake_relay *server;
	struct fake_wires wires;
	struct check_run run;
};

static void
begin(struct scene *it, const struct fake_step *first,
    const struct fake_step *second)
{
	struct err err = {0};

	memset(it, 0, sizeof *it);
	it->script[0] = first;
	it->script[1] = second;
	it->plan = (struct fake_plan){it->script, 2, &web};
	it->server = fake_relay_start(&it->plan);
	setenv("SSL_CERT_FILE", fake_relay_ca_file(it->server), 1);
	stage_open(&it->stage, &(struct stage_params){.recipients = 2});
	fake_wires_init(&it->wires);
	fake_wires_add(
	    &it->wires, "www.example.jp", 443, fake_relay_port(it->server));
	fake_wires_add(
	    &it->wires, "u.example.jp", 443, fake_relay_port(it->server));
	it->stage.world.dialler = &it->wires.base;
	assert_ok(review_open(it->stage.store, &it->stage.world,
		      it->stage.campaign, &it->review, &err),
	    &err);
	assert_ok(inputs_read(it->stage.store, it->review->db,
		      it->stage.campaign, &it->inputs, &err),
	    &err);
	it->run = (struct check_run){
	    .review = it->review, .inputs = &it->inputs, .db = it->review->db};
}

static void
end(struct scene *it)
{
	inputs_done(&it->inputs);
	review_free(&it->review);
	stage_close(&it->stage);
	fake_relay_stop(&it->server);
	unsetenv("SSL_CERT_FILE");
}

static void
add_link(struct scene *it, const char *url)
{
	struct extracts *found = extracts_new();
	struct db *db = NULL;
	struct err err = {0};

	extracts_add(found, EXTRACT_LINK, span_of(url), 1);
	assert_ok(
	    store_begin(it->stage.store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	assert_ok(extracts_write(db, it->stage.campaign, found, &err), &err);
	assert_ok(store_commit(it->stage.store, &db, &err), &err);
	extracts_free(&found);
}

static void
assert_result(struct scene *it, enum check_id check, enum check_state state,
    const char *what)
{
	const struct check_result *result = &it->review->result[check];

	if (result->state != state ||
	    strcmp(err_find(&result->why, "what"), what))
		fail_msg("%s: %d %s %s", result->check->id, result->state,
		    err_find(&result->why, "what"),
		    err_find(&result->why, "value"));
}

static const struct {
	const char *url;
	const struct fake_step *first, *second; /* HEAD, GET */
	enum check_state state;
	const char *what;
} links[] = {
    {"https://www.example.jp/a", good, good, CHECK_PASS, ""},
    {"https://www.example.jp/a", moved, moved, CHECK_PASS, ""},
    {"https://www.example.jp/a", refused, good, CHECK_PASS, ""},
    {"https://www.example.jp/a", missing, missing, CHECK_FAIL, "link_status"},
    {"https://other.example.jp/a", good, good, CHECK_NOT_EVALUATED,
	"link_away"},
};

static void
pages_answer(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		struct scene it;

		begin(&it, links[i].first, links[i].second);
		add_link(&it, links[i].url);
		assert_ok(check_link_targets(&it.run, &err), &err);
		assert_result(&it, LK_03, links[i].state, links[i].what);
		end(&it);
	}
}

/* What the author did not write and not all have is one recipient's: who opens
 * it acts for them.  What stands in the text is opened, even when it is not for
 * all. */
static void
personal_links_are_not_opened(void **state)
{
	static const char url[] = "https://www.example.jp/confirm/3fa9c2";
	struct scene it;
	struct err err = {0};

	(void)state;
	for (int written = 0; written < 2; written++) {
		begin(&it, good, good);
		it.review->recipients = 2;
		add_link(&it, url);
		if (written)
			buf_printf(&it.inputs.campaign.body,
			    "{{#vip}}[x](%s){{/vip}}", url);
		assert_ok(check_link_targets(&it.run, &err), &err);
		assert_result(&it, LK_03,
		    written ? CHECK_PASS : CHECK_NOT_EVALUATED,
		    written ? "" : "link_personal");
		assert_string_equal(it.review->result[LK_03].facts,
		    written ? "good=1 bad=0 away=0 left=0 personal=0"
			    : "good=0 bad=0 away=0 left=0 personal=1");
		end(&it);
	}
}

static const struct {
	const struct fake_step *get, *post;
	enum check_state state;
	const char *what;
} ways[] = {
    {good, done, CHECK_PASS, ""},
    {missing, done, CHECK_FAIL, "way_get"},
    {good, refused, CHECK_FAIL, "way_post"},
    {good, moved, CHECK_FAIL, "way_redirect"},
    {good, good, CHECK_FAIL, "way_same"},
};

static void
the_way_out_is_open(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct scene it;

		begin(&it, ways[i].get, ways[i].post);
		assert_ok(check_opt_out(&it.run, &err), &err);
		assert_result(&it, LK_05, ways[i].state, ways[i].what);
		end(&it);
	}
}

/* ---- LG-05 ------------------------------------------------------------------------- */

static const struct fake_record house[] = {
    {"example.jp", DNS_MX, DNS_FOUND, "10 mx.example.jp", 0},
    {"bounce.example.jp", DNS_MX, DNS_FOUND, "10 mx.example.jp", 0},
    {NULL},
};

#define HEARD                                                                  \
	{FAKE_SAY, "220 mx", 0}, {FAKE_HEAR, "EHLO", 0},                       \
	    {FAKE_SAY, "250 mx", 0}, {FAKE_HEAR, "MAIL", 0},                   \
	    {FAKE_SAY, "250 ok", 0}, {FAKE_HEAR, "RCPT", 0}
#define PARTED                                                                 \
	{FAKE_HEAR, "RSET", 0}, {FAKE_SAY, "250 ok", 0},                       \
	    {FAKE_HEAR, "QUIT", 0}, {FAKE_SAY, "221 bye", 0},                  \
	    {FAKE_END, NULL, 0}

static const struct fake_step taken[] = {
    HEARD, {FAKE_SAY, "250 ok", 0}, PARTED};
static const struct fake_step unknown[] = {
    HEARD, {FAKE_SAY, "550 5.1.1 nobody here", 0}, PARTED};
static const struct fake_step later[] = {
    HEARD, {FAKE_SAY, "451 4.3.0 later", 0}, PARTED};

/* Two mailboxes are asked: From, and where people leave. */
static const struct {
	const struct fake_step *one, *other;
	const char *contact; /* in Setup; NULL: a telephone number */
	enum check_state state;
	const char *what, *facts;
} mailboxes[] = {
    {taken, taken, NULL, CHECK_PASS, "", "accepted=2 refused=0 unknown=0"},
    {taken, unknown, NULL, CHECK_FAIL, "mailbox_refused",
	"accepted=1 refused=1 unknown=0"},
    {later, unknown, NULL, CHECK_FAIL, "mailbox_refused",
	"accepted=0 refused=1 unknown=1"},
    {later, taken, NULL, CHECK_NOT_EVALUATED, "mailbox_unknown",
	"accepted=1 refused=0 unknown=1"},
    {taken, taken, "Questions: help@elsewhere.jp.", CHECK_FAIL,
	"mailbox_refused", "accepted=2 refused=1 unknown=0"},
    {taken, taken, "Questions: news@example.jp.", CHECK_PASS, "",
	"accepted=2 refused=0 unknown=0"},
};

static void
mailboxes_take_mail(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof mailboxes / sizeof *mailboxes; i++) {
		const struct fake_step *scripts[] = {
		    mailboxes[i].one, mailboxes[i].other};
		struct fake_plan plan = {scripts, 2, NULL};
		struct fake_relay *mx = fake_relay_start(&plan);
		struct fake_resolver *dns = fake_resolver_new(house);
		struct scene it;

		begin(&it, good, good);
		it.stage.world.resolver = fake_resolver_port(dns);
		fake_wires_add(
		    &it.wires, "mx.example.jp", 25, fake_relay_port(mx));
		if (mailboxes[i].contact)
			assert_ok(setting_write(it.stage.store, "legal.contact",
				      span_of(mailboxes[i].contact), &err),
			    &err);
		assert_ok(check_identity(&it.run, &err), &err);
		assert_result(
		    &it, LG_05, mailboxes[i].state, mailboxes[i].what);
		assert_string_equal(
		    it.review->result[LG_05].facts, mailboxes[i].facts);
		assert_int_equal(fake_relay_count(mx, "DATA"), 0);
		end(&it);
		fake_relay_stop(&mx);
		fake_resolver_free(&dns);
	}
}

static void
senders_are_registered(void **state)
{
	struct scene it;
	struct err err = {0};

	(void)state;
	begin(&it, good, good);
	/* ours, but nobody can ask */
	assert_ok(check_identity(&it.run, &err), &err);
	assert_result(&it, LG_05, CHECK_NOT_EVALUATED, "mailbox_unknown");
	buf_clear(&it.inputs.campaign.from_address);
	buf_text(&it.inputs.campaign.from_address, "news@elsewhere.jp");
	assert_ok(check_identity(&it.run, &err), &err);
	assert_result(&it, LG_05, CHECK_FAIL, "from_other");
	end(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_answer),
	    cmocka_unit_test(personal_links_are_not_opened),
	    cmocka_unit_test(the_way_out_is_open),
	    cmocka_unit_test(mailboxes_take_mail),
	    cmocka_unit_test(senders_are_registered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
