/* The settings: one table that says what exists, of which type, with which
 * default and limits.  A value that is not in the store has its default. */
#include <arpa/inet.h>
#include <assert.h>

#include "core/base/hours.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/mail/address.h"
#include "core/net/network.h"
#include "core/store/person.h"
#include "core/store/state.h"

enum { LINE_MAX_OCTETS = 500, LINES_MAX_OCTETS = 4000 };

static const char *const languages[] = {"auto", "ja", "en", NULL};

static const char *const days[] = {"all", "weekdays", NULL};
static const char *const switches[] = {"on", "off", NULL};

static const char *const reports[] = {"off", "failure", NULL};
static const char *const policies[] = {"go-on", "pause", "stop", NULL};

static const char *const approvals[] = {"never", "ads", "always", NULL};
static const char *const afters[] = {"go-on", "wait", NULL};
static const char *const reboots[] = {"confirm", "go-on", NULL};

static const char *const stepups[] = {"never", "password", "second", NULL};

static const struct setting table[] = {
    /* Look; theme "auto" follows the terminal's background */
    {"language", SETTING_CHOICE, "auto", 0, 0, languages},
    {"theme", SETTING_TEXT, "auto", 0, 0, NULL},
    /* Who sends */
    {"sender.name", SETTING_TEXT, "", 0, 0, NULL},
    {"sender.address", SETTING_ADDRESS, "", 0, 0, NULL},
    {"sender.reply_to", SETTING_ADDRESS, "", 0, 0, NULL},
    /* What the law wants in every mail */
    {"legal.name", SETTING_TEXT, "", 0, 0, NULL},
    {"legal.postal", SETTING_LINES, "", 0, 0, NULL},
    {"legal.contact", SETTING_TEXT, "", 0, 0, NULL},
    {"legal.notice", SETTING_TEXT, "", 0, 0, NULL},
    {"unsubscribe.base_url", SETTING_URL, "", 0, 0, NULL},
    {"unsubscribe.mailto", SETTING_ADDRESS, "", 0, 0, NULL},
    /* Where our links lead: names of hosts, with all below them */
    {"links.hosts", SETTING_TEXT, "", 0, 0, NULL},
    /* How we name ourselves on the wire; empty: taken from the host name
	 * and from sender.address */
    {"ehlo.name", SETTING_DOMAIN, "", 0, 0, NULL},
    {"message.domain", SETTING_DOMAIN, "", 0, 0, NULL},
    {"message.bounce_domain", SETTING_DOMAIN, "", 0, 0, NULL},
    /* Whether relays are asked to report failures (DSN) */
    {"message.dsn", SETTING_CHOICE, "off", 0, 0, reports},
    /* Who we are in the statistics of mailbox providers (Feedback-ID), and
     * where they may send complaints (RFC 9477) */
    {"message.feedback_id", SETTING_TEXT, "", 0, 0, NULL},
    {"message.cfbl_address", SETTING_ADDRESS, "", 0, 0, NULL},
    /* Columns whose values belong to one person, by parts of their names,
     * empty: those of core/review/personal_read.c;
     * what may stand in anybody's mail all the same; domains of our own */
    {"personal.columns", SETTING_TEXT, "", 0, 0, NULL},
    {"personal.allow", SETTING_LINES, "", 0, 0, NULL},
    {"sender.domains", SETTING_TEXT, "", 0, 0, NULL},
    /* Attached files, in KiB: one file, and a whole message as it is sent */
    {"attach.file_max", SETTING_INT, "10240", 1, 25600, NULL},
    {"attach.message_max", SETTING_INT, "10240", 64, 35840, NULL},
    /* Whether refused addresses go on the stop list by themselves */
    {"bounce.suppress", SETTING_CHOICE, "on", 0, 0, switches},
    /* Whether who unsubscribed, complained or was erased may be taken off the
     * stop list */
    {"stops.take_off", SETTING_CHOICE, "on", 0, 0, switches},
    /* How many years the evidence of consent is kept when somebody has left */
    {"consent.retention_years", SETTING_INT, "3", 1, 30, NULL},
    /* When advertisements and notices may leave, in local time; empty: at any
     * time */
    {"pace.hours", SETTING_HOURS, "", 0, 0, NULL},
    {"pace.days", SETTING_CHOICE, "all", 0, 0, days},
    {"pace.quiet", SETTING_HOURS, "", 0, 0, NULL},
    /* At most so many advertisements per person within so many days; 0: any
     * number */
    {"pace.frequency", SETTING_INT, "0", 0, 100, NULL},
    {"pace.frequency_days", SETTING_INT, "7", 1, 365, NULL},
    /* What may leave on a day without a history; what the relays grant us, 0:
     * nobody has said */
    {"pace.warm_floor", SETTING_INT, "500", 50, 10000000, NULL},
    {"pace.quota_hour", SETTING_INT, "0", 0, 1000000000, NULL},
    {"pace.quota_day", SETTING_INT, "0", 0, 1000000000, NULL},
    /* How far, in percent, an audience may be from what its author expected */
    {"expected.percent", SETTING_INT, "2", 0, 50, NULL},
    /* Complaints as the mailbox providers' pages tell them, in thousandths of
     * a percent, and on which day somebody read that (2026-11-22) */
    {"reputation.complaints", SETTING_INT, "0", 0, 100000, NULL},
    {"reputation.complaints_on", SETTING_TEXT, "", 0, 0, NULL},
    /* Whether the table of provider groups holds behind a relay, too */
    {"pace.providers", SETTING_CHOICE, "off", 0, 0, switches},
    /* How long we wait for a relay, in seconds */
    {"timeout.connect", SETTING_INT, "10", 1, 300, NULL},
    {"timeout.tls", SETTING_INT, "20", 1, 300, NULL},
    {"timeout.greeting", SETTING_INT, "60", 5, 600, NULL},
    {"timeout.envelope", SETTING_INT, "300", 30, 1800, NULL},
    {"timeout.end", SETTING_INT, "600", 600, 3600, NULL},
    /* The first messages of a run, in percent of all (0: none) and at most;
     * how many of them, in percent and in a row, may be refused; whether the
     * rest waits for a person in any case */
    {"pilot.percent", SETTING_INT, "1", 0, 50, NULL},
    {"pilot.size", SETTING_INT, "500", 1, 100000, NULL},
    {"pilot.bounces", SETTING_INT, "2", 0, 100, NULL},
    {"pilot.burst", SETTING_INT, "5", 2, 100, NULL},
    {"pilot.after", SETTING_CHOICE, "go-on", 0, 0, afters},
    /* Seconds in which any key stops a launch; whether a start that waits for
     * its time outlives a reboot */
    {"launch.countdown", SETTING_INT, "10", 3, 60, NULL},
    {"schedule.reboot", SETTING_CHOICE, "confirm", 0, 0, reboots},
    /* Where our mail leaves from, as receivers see it, for SPF, names and block
     * lists; empty: what this machine knows of itself */
    {"egress.addresses", SETTING_IPS, "", 0, 0, NULL},
    /* Block lists to ask about those addresses, and about our domains and
     * links.  None unless somebody chooses: each question tells a stranger what
     * we send from, and most lists have terms of use */
    {"blocklist.addresses", SETTING_DOMAINS, "", 0, 0, NULL},
    {"blocklist.names", SETTING_DOMAINS, "", 0, 0, NULL},
    /* The DNS doctor looks by itself every so many hours; 0: never */
    {"doctor.hours", SETTING_INT, "6", 0, 168, NULL},
    /* Whether a text may go to $EDITOR, which is as good as a shell */
    {"editor.external", SETTING_CHOICE, "on", 0, 0, switches},
    /* Who may do what, and how long */
    {"lock.minutes", SETTING_INT, "10", 1, 60, NULL},
    {"login.max_failures", SETTING_INT, "5", 1, 20, NULL},
    {"login.window_minutes", SETTING_INT, "10", 1, 1440, NULL},
    {"login.pause_minutes", SETTING_INT, "10", 1, 1440, NULL},
    /* Which campaigns a second person approves, from how many recipients of
     * an advertisement on, and how many hours an approval is good for */
    {"approval.when", SETTING_CHOICE, "ads", 0, 0, approvals},
    {"approval.over", SETTING_INT, "100", 0, 10000000, NULL},
    {"approval.hours", SETTING_INT, "24", 1, 168, NULL},
    /* How long an approver looks at each mail, at least */
    {"approval.seconds", SETTING_INT, "3", 0, 60, NULL},
    /* Whether people may leave in a file, and as plain text; from how many
     * people on a second person approves it, and how many minutes that is good
     * for */
    {"export.allowed", SETTING_CHOICE, "on", 0, 0, switches},
    {"export.plain", SETTING_CHOICE, "off", 0, 0, switches},
    {"export.over", SETTING_INT, "500", 0, 10000000, NULL},
    {"export.minutes", SETTING_INT, "60", 5, 1440, NULL},
    /* For how many days what was deleted can be restored */
    {"trash.days", SETTING_INT, "30", 1, 366, NULL},
    /* Before what one signs in once more; second: PAM must ask twice */
    {"stepup.launch", SETTING_CHOICE, "never", 0, 0, stepups},
    {"stepup.approve", SETTING_CHOICE, "never", 0, 0, stepups},
    {"stepup.policy", SETTING_CHOICE, "password", 0, 0, stepups},
    {"stepup.setup", SETTING_CHOICE, "never", 0, 0, stepups},
    {"stepup.export", SETTING_CHOICE, "never", 0, 0, stepups},
    {"stepup.unmask", SETTING_CHOICE, "never", 0, 0, stepups},
    /* Whether those who may see personal data see it masked until they unmask
     * a record, and how long it is then shown, in seconds */
    {"mask.operators", SETTING_CHOICE, "off", 0, 0, switches},
    {"mask.seconds", SETTING_INT, "60", 10, 600, NULL},
    /* Networks one may sign in from; none: from anywhere.  Whether the local
     * console counts as inside */
    {"access.networks", SETTING_NETWORKS, "", 0, 0, NULL},
    {"access.console", SETTING_CHOICE, "on", 0, 0, switches},
    /* A planted sample in one of so many reviews, 0: never; how long each
     * sample stays on the screen at least, in seconds */
    {"drill.planted", SETTING_INT, "10", 0, 1000, NULL},
    {"drill.seconds", SETTING_INT, "3", 0, 60, NULL},
    /* After so many days everybody is asked to do a drill again; 0: nobody */
    {"drill.every_days", SETTING_INT, "0", 0, 366, NULL},
    /* A delivery whose terminal has gone; minutes are those before "stop" */
    {"away.policy", SETTING_CHOICE, "go-on", 0, 0, policies},
    {"away.minutes", SETTING_INT, "30", 1, 1440, NULL},
    /* Who is told when something happens to a delivery */
    {"alert.command", SETTING_TEXT, "", 0, 0, NULL},
    {"alert.relay", SETTING_TEXT, "", 0, 0, NULL},
    {"alert.to", SETTING_ADDRESS, "", 0, 0, NULL},
    {"alert.to_second", SETTING_ADDRESS, "", 0, 0, NULL},
    {"alert.to_third", SETTING_ADDRESS, "", 0, 0, NULL},
    /* Where head seals of the audit log go: a file (empty: audit.seals in the
     * store's folder), and a staff address, by the relay of alerts */
    {"audit.seals", SETTING_TEXT, "", 0, 0, NULL},
    {"audit.seal_to", SETTING_ADDRESS, "", 0, 0, NULL},
    /* What a review of the log looks for, and how often, in days, the log and
     * the people are to be reviewed; 0: never due */
    {"audit.hours", SETTING_HOURS, "07:00-21:00", 0, 0, NULL},
    {"audit.days", SETTING_CHOICE, "weekdays", 0, 0, days},
    {"audit.big_send", SETTING_INT, "10000", 1, 100000000, NULL},
    {"audit.review_days", SETTING_INT, "30", 0, 366, NULL},
    {"audit.access_days", SETTING_INT, "90", 0, 366, NULL},
};

enum { SETTING_COUNT = sizeof table / sizeof *table };

const struct setting *
setting_all(size_t *count)
{
	*count = SETTING_COUNT;
	return table;
}

static const struct setting *
find(const char *name, struct err *err)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!strcmp(table[i].name, name))
			return &table[i];
	}
	err_set(err, E_SETTING_UNKNOWN);
	err_fact(err, "name", span_of(name));
	return NULL;
}

/* ---- Checking ---------------------------------------------------------- */

enum { NEWLINE_TOO = 1 };

/* C0, DEL and C1 controls; line feeds only where lines are allowed. */
static bool
has_control(struct span value, int allowed)
{
	uint32_t cp;

	while (utf8_next(&value, &cp) != UTF8_END) {
		if (cp == '\n' && allowed == NEWLINE_TOO)
			continue;
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return true;
	}
	return false;
}

static bool
is_choice(const struct setting *setting, struct span value)
{
	for (const char *const *word = setting->choice; *word; word++) {
		if (span_equal(span_of(*word), value))
			return true;
	}
	return false;
}

static bool
is_address(struct span value)
{
	struct arena *arena = arena_new();
	struct address address;
	int rc = address_parse(value, arena, &address, NULL);

	arena_free(&arena);
	return rc == 0;
}

static bool
is_domain(struct span value)
{
	struct arena *arena = arena_new();
	struct span domain;
	int rc = address_domain(value, arena, &domain, NULL);

	arena_free(&arena);
	return rc == 0;
}

/* The characters that RFC 3986 section 2 allows in a URI, but for the
 * fragment's '#': the address of a recipient is appended to it. */
static bool
is_url_character(char c)
{
	static const char others[] = "-._~:/?[]@!$&'()*+,;=%";

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(others, c));
}

static bool
is_port(struct span port)
{
	int64_t number = 0;

	return span_int(port, &number) && number >= 1 && number <= 65535;
}

/* https://HOST[:PORT][/...]: no user part, no fragment. */
static bool
is_https(struct span value)
{
	struct span host, rest = value;

	for (size_t i = 0; i < value.len; i++) {
		if (!is_url_character(value.ptr[i]))
			return false;
	}
	if (!span_starts(value, SPAN("https://")))
		return false;
	rest = span_slice(value, 8, value.len);
	rest = span_slice(rest, 0, span_index(rest, '/'));
	rest = span_slice(rest, 0, span_index(rest, '?'));
	host = span_slice(rest, 0, span_index(rest, ':'));
	if (host.len < rest.len &&
	    !is_port(span_slice(rest, host.len + 1, rest.len)))
		return false;
	return is_domain(host);
}

static bool
is_ip(struct span value)
{
	unsigned char octets[16];
	char text[INET6_ADDRSTRLEN];

	if (value.len >= sizeof text)
		return false;
	span_text(text, sizeof text, value);
	return inet_pton(AF_INET, text, octets) == 1 ||
	       inet_pton(AF_INET6, text, octets) == 1;
}

/* Whether every line that is not empty is what is_one() wants. */
static bool
each_line(struct span value, bool (*is_one)(struct span value))
{
	while (value.len) {
		struct span line = span_trim(span_cut(&value, '\n'));

		if (line.len && !is_one(line))
			return false;
	}
	return true;
}

static const char *
text_fault(struct span value, size_t limit, int allowed)
{
	if (value.len > limit)
		return "length";
	if (!utf8_is_valid(value))
		return "utf8";
	return has_control(value, allowed) ? "control" : NULL;
}

static const char *
number_fault(const struct setting *setting, struct span value)
{
	int64_t number = 0;

	/* One way of writing each number: no leading zeros. */
	if (!span_int(value, &number) || (value.len > 1 && value.ptr[0] == '0'))
		return "number";
	if (number < setting->min || number > setting->max)
		return "range";
	return NULL;
}

/* What is wrong with a value, as a word; NULL when nothing is. */
static const char *
fault_of(const struct setting *setting, struct span value)
{
	const char *fault = NULL;

	switch (setting->type) {
	case SETTING_INT:
		return number_fault(setting, value);
	case SETTING_CHOICE:
		return is_choice(setting, value) ? NULL : "choice";
	case SETTING_NETWORKS:
		fault = text_fault(value, LINES_MAX_OCTETS, NEWLINE_TOO);
		if (fault)
			return fault;
		return networks_check(value, NULL) < 0 ? "network" : NULL;
	case SETTING_LINES:
		return text_fault(value, LINES_MAX_OCTETS, NEWLINE_TOO);
	case SETTING_IPS:
	case SETTING_DOMAINS:
		fault = text_fault(value, LINES_MAX_OCTETS, NEWLINE_TOO);
		break;
	case SETTING_TEXT:
	case SETTING_ADDRESS:
	case SETTING_URL:
	case SETTING_DOMAIN:
	case SETTING_HOURS:
		fault = text_fault(value, LINE_MAX_OCTETS, 0);
		break;
	}
	if (fault || value.len == 0)
		return fault;
	if (setting->type == SETTING_ADDRESS)
		return is_address(value) ? NULL : "address";
	if (setting->type == SETTING_URL)
		return is_https(value) ? NULL : "url";
	if (setting->type == SETTING_DOMAIN)
		return is_domain(value) ? NULL : "domain";
	if (setting->type == SETTING_IPS)
		return each_line(value, is_ip) ? NULL : "ip";
	if (setting->type == SETTING_DOMAINS)
		return each_line(value, is_domain) ? NULL : "domain";
	if (setting->type == SETTING_HOURS)
		return hours_parse(value, &(struct hours){0}) ? NULL : "hours";
	return NULL;
}

/* ---- Reading and writing ----------------------------------------------- */

static int
read_value(struct db *db, const struct setting *setting, struct buf *out,
    struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT value FROM setting WHERE name = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(setting->name));
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(out, stmt_col_text(stmt, 0));
	else if (got == 0)
		buf_text(out, setting->initial);
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int
setting_read(struct db *db, const char *name, struct buf *out, struct err *err)
{
	const struct setting *setting = find(name, err);

	return setting ? read_value(db, setting, out, err) : -1;
}

int
setting_since(struct db *db, const char *name, int64_t *at_ms, struct buf *by,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT changed_ms, changed_by FROM setting WHERE name = ?1", err);
	int got;

	*at_ms = 0;
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(name));
	got = stmt_step(stmt, err);
	if (got == 1) {
		*at_ms = stmt_col_int(stmt, 0);
		buf_add(by, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

int64_t
setting_int(struct db *db, const char *name, struct err *err)
{
	const struct setting *setting = find(name, err);
	struct buf text = BUF_INIT;
	int64_t value = -1;

	if (!setting || read_value(db, setting, &text, err) < 0)
		goto out;
	assert(setting->type == SETTING_INT);
	/* A limit may have become narrower since the value was stored. */
	if (number_fault(setting, buf_span(&text)) ||
	    !span_int(buf_span(&text), &value))
		span_int(span_of(setting->initial), &value);
out:
	buf_done(&text);
	return value;
}

static int
upsert(struct store *store, struct db *db, const char *name, struct span value,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT INTO setting(name, value, changed_ms, changed_by)"
	    " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(name) DO UPDATE SET"
	    " value = ?2, changed_ms = ?3, changed_by = ?4",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, span_of(name));
	stmt_text(stmt, 2, value);
	stmt_int(stmt, 3, clock_now_ms(store->clock));
	stmt_text(stmt, 4, span_of(store->user));
	return stmt_run(stmt, err);
}

/* A value in the log: where it is one short line as it is, else its size. */
static void
add_value(
    struct buf *facts, const char *name, const char *octets, struct span value)
{
	enum { SHORT = 200 };

	if (has_control(value, 0) || value.len > SHORT)
		audit_fact_int(facts, octets, (int64_t)value.len);
	else
		audit_fact(facts, name, value);
}

/* Before and after. */
static int
log_change(struct store *store, struct db *db, const char *name,
    struct span before, struct span value, struct err *err)
{
	struct buf facts = BUF_INIT;
	int rc;

	add_value(&facts, "before", "before_octets", before);
	add_value(&facts, "value", "octets", value);
	rc = audit_add_in(store, db,
	    &(struct audit_event){
		.what = "setting.change",
		.object = span_of(name),
		.facts = buf_span(&facts),
	    },
	    err);
	buf_done(&facts);
	return rc;
}

int
setting_check(const char *name, struct span value, struct err *err)
{
	const struct setting *setting = find(name, err);
	const char *fault;

	if (!setting)
		return -1;
	fault = fault_of(setting, value);
	if (!fault)
		return 0;
	err_set(err, E_SETTING_VALUE);
	err_fact(err, "name", span_of(name));
	return err_fact(err, "why", span_of(fault));
}

/* How the program looks is everybody's to choose; before a rule is changed
 * policy may want its author to sign in again. */
static int
check_role(
    struct store *store, struct db *db, const char *name, struct err *err)
{
	enum stepup step = stepup_of_setting(span_of(name));

	if (!strcmp(name, "language") || !strcmp(name, "theme"))
		return 0;
	if (person_require_settings(store, db,
		step == STEPUP_POLICY ? "policy.write" : "settings.write",
		err) < 0)
		return -1;
	return step < STEPUP_COUNT ? stepup_require(store, db, step, err) : 0;
}

int
setting_write_in(struct store *store, struct db *db, const char *name,
    struct span value, struct err *err)
{
	struct buf before = BUF_INIT;
	int rc = -1;

	if (setting_check(name, value, err) == 0 &&
	    check_role(store, db, name, err) == 0 &&
	    setting_read(db, name, &before, err) == 0 &&
	    upsert(store, db, name, value, err) == 0)
		rc = log_change(store, db, name, buf_span(&before), value, err);
	buf_done(&before);
	return rc;
}

int
setting_write(
    struct store *store, const char *name, struct span value, struct err *err)
{
	struct db *db = NULL;

	if (setting_check(name, value, err) < 0)
		return -1;
	if (store_begin(store, STORE_WAIT_SHORT, "settings", &db, err) < 0)
		return -1;
	if (setting_write_in(store, db, name, value, err) < 0) {
		store_rollback(store, &db);
		return -1;
	}
	return store_commit(store, &db, err);
}
