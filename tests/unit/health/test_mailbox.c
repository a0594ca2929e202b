/* Whether a mailbox takes mail: a real Postfix says yes and no, a scripted
 * exchanger plays what says neither.  No message is ever begun. */
#include "core/health/health.h"

#include <stdio.h>

#include "tests/fake/clock.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/relay.h"
#include "tests/fake/resolver.h"
#include "tests/fake/wires.h"
#include "tests/unit/unit.h"

static const struct fake_record table[] = {
    {"house.test", DNS_MX, DNS_FOUND, "10 mx.house.test", 0},
    {"two.test", DNS_MX, DNS_FOUND, "10 dead.test", 0},
    {"two.test", DNS_MX, DNS_FOUND, "20 mx.house.test", 0},
    {"plain.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    {"null.test", DNS_MX, DNS_FOUND, "0 .", 0},
    {"slow.test", DNS_MX, DNS_SERVFAIL, NULL, 0},
    {"away.test", DNS_MX, DNS_FOUND, "10 dead.test", 0},
    {NULL},
};

/* Everybody's exchanger is at one port of the loopback. */
struct street {
	struct fake_clock clock;
	struct fake_resolver *fake;
	struct fake_wires wires;
	struct world world;
	struct mailbox_how how;
};

static void
begin(struct street *street, uint16_t port)
{
	memset(street, 0, sizeof *street);
	fake_clock_init(&street->clock);
	street->fake = fake_resolver_new(table);
	fake_wires_init(&street->wires);
	fake_wires_add(&street->wires, "mx.house.test", 25, port);
	fake_wires_add(&street->wires, "plain.test", 25, port);
	street->world = (struct world){.clock = &street->clock.base,
	    .dialler = &street->wires.base,
	    .resolver = fake_resolver_port(street->fake)};
	street->how = (struct mailbox_how){
	    .world = &street->world, .ehlo = "news.test", .cancel_fd = -1};
}

static void
ask(struct street *street, const char *address, struct mailbox_answer *answer)
{
	struct err err = {0};

	assert_ok(
	    mailbox_ask(&street->how, span_of(address), answer, &err), &err);
}

static void
assert_says(struct street *street, const char *address,
    enum mailbox_state wanted, enum err_code why)
{
	struct mailbox_answer answer;

	ask(street, address, &answer);
	if (answer.state != wanted || answer.why.code != why)
		fail_msg("%s: %d, not %d; %s %s", address, answer.state, wanted,
		    err_name(answer.why.code), answer.reply);
}

/* ---- A real exchanger ------------------------------------------------------------ */

static void
postfix_knows_its_mailboxes(void **state)
{
	static const char *const levels[] = {"none", "may"};
	struct street street;

	(void)state;
	if (mxhost_missing()) {
		print_message("SKIP: %s\n", mxhost_missing());
		return;
	}
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		struct mailhost host;

		mxhost_start(&host, &(struct mxhost_plan){.tls = levels[i],
					.names = "DNS:mx.house.test",
					.mailbox = "info@house.test"});
		begin(&street, host.port);
		assert_says(
		    &street, "info@house.test", MAILBOX_ACCEPTED, E_NONE);
		assert_says(
		    &street, "gone@house.test", MAILBOX_REFUSED, E_SMTP_REPLY);
		/* the first exchanger is down */
		assert_says(
		    &street, "info@two.test", MAILBOX_REFUSED, E_SMTP_REPLY);
		assert_int_equal(mailhost_commands(&host, "rcpt", 3, 20), 3);
		assert_int_equal(mailhost_commands(&host, "data", 0, 0), 0);
		assert_int_equal(mailhost_count(&host), 0);
		fake_resolver_free(&street.fake);
		mailhost_stop(&host);
	}
}

/* ---- What DNS says alone ------------------------------------------------------------ */

static void
names_that_take_no_mail(void **state)
{
	struct street street;

	(void)state;
	begin(&street, 0);
	assert_says(&street, "x@null.test", MAILBOX_REFUSED, E_MX_NULL);
	assert_says(&street, "x@missing.test", MAILBOX_REFUSED, E_DNS_NONE);
	assert_says(&street, "no mailbox", MAILBOX_REFUSED, E_ADDRESS_SYNTAX);
	assert_says(&street, "x@slow.test", MAILBOX_UNKNOWN, E_DNS_LATER);
	assert_says(&street, "x@away.test", MAILBOX_UNKNOWN, E_NET_CONNECT);
	street.world.resolver = NULL;
	assert_says(&street, "x@house.test", MAILBOX_UNKNOWN, E_DNS_LATER);
	fake_resolver_free(&street.fake);
}

/* ---- An exchanger on a bad day ------------------------------------------------------- */

#define HELLO                                                                  \
	{FAKE_SAY, "220 mx", 0}, {FAKE_HEAR, "EHLO news.test", 0},             \
	    {FAKE_SAY, "250 mx", 0}, {FAKE_HEAR, "MAIL FROM:<>", 0}
#define RCPT                                                                   \
	HELLO, {FAKE_SAY, "250 ok", 0},                                        \
	    {FAKE_HEAR, "RCPT TO:<info@plain.test>", 0}
#define BYE                                                                    \
	{FAKE_HEAR, "RSET", 0}, {FAKE_SAY, "250 ok", 0},                       \
	    {FAKE_HEAR, "QUIT", 0}, {FAKE_SAY, "221 bye", 0},                  \
	    {FAKE_END, NULL, 0}

static const struct fake_step takes[] = {RCPT, {FAKE_SAY, "250 ok", 0}, BYE};
static const struct fake_step gone[] = {
    RCPT, {FAKE_SAY, "550 no such user here", 0}, BYE};
static const struct fake_step full[] = {
    RCPT, {FAKE_SAY, "552 5.2.2 mailbox full", 0}, BYE};
static const struct fake_step grey[] = {
    RCPT, {FAKE_SAY, "450 4.2.0 come back later", 0}, BYE};
static const struct fake_step policy[] = {
    RCPT, {FAKE_SAY, "550 5.7.1 your address is on a list", 0}, BYE};
static const struct fake_step odd[] = {
    RCPT, {FAKE_SAY, "554 transaction failed", 0}, BYE};
static const struct fake_step no_null[] = {
    HELLO, {FAKE_SAY, "550 5.1.8 sender refused", 0}, BYE};
static const struct fake_step never[] = {
    {FAKE_SAY, "521 this host takes no mail", 0}, {FAKE_END, NULL, 0}};
static const struct fake_step angry[] = {
    {FAKE_SAY, "554 no", 0}, {FAKE_END, NULL, 0}};
static const struct fake_step hangs[] = {
    RCPT, {FAKE_HANG, NULL, 0}, {FAKE_END, NULL, 0}};
static const struct fake_step drops[] = {
    RCPT, {FAKE_DROP, NULL, 0}, {FAKE_END, NULL, 0}};

static const struct {
	const struct fake_step *script;
	enum mailbox_state state;
	enum err_code why;
} days[] = {
    {takes, MAILBOX_ACCEPTED, E_NONE},
    {gone, MAILBOX_REFUSED, E_SMTP_REPLY},
    {full, MAILBOX_REFUSED, E_SMTP_REPLY},
    {grey, MAILBOX_UNKNOWN, E_SMTP_REPLY},
    {policy, MAILBOX_UNKNOWN, E_SMTP_REPLY},
    {odd, MAILBOX_UNKNOWN, E_SMTP_REPLY},
    {no_null, MAILBOX_UNKNOWN, E_SMTP_REPLY},
    {never, MAILBOX_REFUSED, E_SMTP_REPLY},
    {angry, MAILBOX_UNKNOWN, E_SMTP_REPLY},
    {hangs, MAILBOX_UNKNOWN, E_NET_TIMEOUT},
    {drops, MAILBOX_UNKNOWN, E_NET_IO},
};

static void
refusals_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		const struct fake_step *scripts[] = {days[i].script};
		struct fake_plan plan = {scripts, 1, NULL};
		struct fake_relay *relay = fake_relay_start(&plan);
		struct street street;

		begin(&street, fake_relay_port(relay));
		if (days[i].script == hangs)
			street.how.host_ms = 300;
		assert_says(
		    &street, "info@plain.test", days[i].state, days[i].why);
		assert_int_equal(fake_relay_count(relay, "DATA"), 0);
		assert_int_equal(fake_relay_count(relay, "BDAT"), 0);
		fake_resolver_free(&street.fake);
		fake_relay_stop(&relay);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_take_no_mail),
	    cmocka_unit_test(refusals_are_told_apart),
	    cmocka_unit_test(postfix_knows_its_mailboxes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
