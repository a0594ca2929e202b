/* What is told, how often, and by which way.  Several things that happen
 * within a minute are told together, so that a bad day is a few mails and not
 * a flood. */
#include "core/deliver/alert.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/base/command.h"
#include "core/deliver/alert_mail.h"
#include "core/deliver/deliver.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static const char *const names[] = {
    [ALERT_TEST] = "test",
    [ALERT_GUARD] = "guard",
    [ALERT_STALL] = "stall",
    [ALERT_RELAY] = "relay",
    [ALERT_GROUP] = "group",
    [ALERT_END] = "end",
    [ALERT_LOG] = "log",
    [ALERT_CHANGED] = "changed",
    [ALERT_STARTED] = "started",
    [ALERT_NOT_STARTED] = "not-started",
};
static_assert(sizeof names / sizeof *names == ALERT_KINDS, "name every kind");

const char *
alert_name(enum alert_kind kind)
{
	return names[kind];
}

void
alert_take_figures(struct alert *alert, const struct run_progress *now)
{
	static const char *const states[RUN_STATES] = {
	    [RUN_RUNNING] = "running",
	    [RUN_PAUSED] = "paused",
	    [RUN_WAITING] = "waiting",
	    [RUN_DONE] = "done",
	    [RUN_STOPPED] = "stopped",
	};
	const int64_t *count = now->count;

	alert->has_figures = true;
	alert->state = states[now->state];
	alert->total = now->total;
	alert->accepted = count[LEDGER_ACCEPTED];
	alert->deferred = count[LEDGER_DEFERRED];
	alert->failed = count[LEDGER_FAILED];
	alert->in_doubt = count[LEDGER_IN_DOUBT];
	alert->open = count[LEDGER_PLANNED] + count[LEDGER_CLAIMED] +
		      count[LEDGER_HANDED];
}

static void
put(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, "%s=%lld\n", name, (long long)value);
}

/* Names that a person has given go out as printable ASCII. */
static void
put_name(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=", name);
	for (; *value; value++)
		buf_char(out, *value < ' ' || *value > '~' ? '?' : *value);
	buf_char(out, '\n');
}

void
alert_facts(const struct alert *alert, struct buf *out)
{
	char host[64] = "";
	struct buf stamp = BUF_INIT;

	if (gethostname(host, sizeof host - 1) < 0)
		host[0] = '\0';
	clock_stamp(&stamp, alert->at_ms);
	put_name(out, "alert", alert_name(alert->kind));
	put_name(out, "at", stamp.ptr);
	put_name(out, "host", host);
	if (alert->campaign.v)
		put(out, "campaign", alert->campaign.v);
	if (alert->why != E_NONE)
		put_name(out, "why", err_name(alert->why));
	if (*alert->class)
		put_name(out, "class", alert->class);
	if (*alert->name)
		put_name(out, alert->kind == ALERT_GROUP ? "group" : "relay",
		    alert->name);
	if (alert->has_figures) {
		put_name(out, "state", alert->state);
		put(out, "total", alert->total);
		put(out, "accepted", alert->accepted);
		put(out, "deferred", alert->deferred);
		put(out, "failed", alert->failed);
		put(out, "in_doubt", alert->in_doubt);
		put(out, "open", alert->open);
	}
	buf_char(out, '\n');
	buf_done(&stamp);
}

/* ---- How often ------------------------------------------------------------------ */

int64_t
alert_wait_ms(const struct alert_limit *limit, int64_t now_ms)
{
	int last = (limit->at + ALERT_DAY_MAX - 1) % ALERT_DAY_MAX;
	int64_t until = 0;

	if (limit->count > 0)
		until = limit->told_ms[last] + ALERT_GAP_MS;
	if (limit->count >= ALERT_DAY_MAX &&
	    limit->told_ms[limit->at] + DAY_MS > until)
		until = limit->told_ms[limit->at] + DAY_MS;
	return limit->count && until > now_ms ? until - now_ms : 0;
}

void
alert_told(struct alert_limit *limit, int64_t now_ms)
{
	limit->told_ms[limit->at] = now_ms;
	limit->at = (limit->at + 1) % ALERT_DAY_MAX;
	limit->count++;
}

/* ---- Where to ------------------------------------------------------------------- */

int
alert_ways_read(struct db *db, struct alert_ways *out, struct err *err)
{
	static const char *const to[ALERT_TO_MAX] = {
	    "alert.to", "alert.to_second", "alert.to_third"};
	int rc;

	*out = (struct alert_ways){.command = BUF_INIT};
	rc = setting_read(db, "alert.command", &out->command, err);
	if (rc == 0)
		rc = setting_read(db, "alert.relay", &out->relay, err);
	if (rc == 0)
		rc = setting_read(db, "sender.address", &out->from, err);
	for (int i = 0; i < ALERT_TO_MAX && rc == 0; i++)
		rc = setting_read(db, to[i], &out->to[i], err);
	for (int i = 0; i < ALERT_TO_MAX && !out->from.len; i++)
		buf_add(&out->from, buf_span(&out->to[i]));
	if (rc == 0 && out->from.len)
		rc = relay_ehlo_name(db, buf_span(&out->from), &out->ehlo, err);
	if (rc < 0)
		alert_ways_done(out);
	return rc;
}

void
alert_ways_done(struct alert_ways *ways)
{
	for (int i = 0; i < ALERT_TO_MAX; i++)
		buf_done(&ways->to[i]);
	buf_done(&ways->command);
	buf_done(&ways->relay);
	buf_done(&ways->from);
	buf_done(&ways->ehlo);
}

static bool
has_mail(const struct alert_ways *ways)
{
	bool has_to = false;

	for (int i = 0; i < ALERT_TO_MAX; i++)
		has_to |= ways->to[i].len > 0;
	return has_to && ways->relay.len > 0 && ways->ehlo.len > 0;
}

bool
alert_has_way(const struct alert_ways *ways)
{
	return ways->command.len > 0 || has_mail(ways);
}

/* The relay of this name with its secret, whether it is in the pool or not. */
static int
find_relay(struct store *store, struct db *db, struct span name,
    struct relay_config *out, struct err *err)
{
	struct relay_config *all = NULL;
	size_t count = 0, at = 0;
	int rc = -1;

	if (relay_all(db, &all, &count, err) < 0)
		return -1;
	while (at < count && !span_equal(name, span_of(all[at].name)))
		at++;
	if (at == count || all[at].kind != RELAY_KIND_RELAY)
		err_set(err, E_RELAY_MISSING);
	else if (store_is_demo(store) && !relay_is_local(&all[at]))
		err_set(err, E_RELAY_DEMO);
	else
		rc = relay_read(db, all[at].id, out, err);
	free(all);
	return rc;
}

static int
tell_command(const struct alert_ways *ways, struct span facts, int cancel_fd,
    struct err *err)
{
	struct command command = {.path = ways->command.ptr,
	    .input = facts,
	    .timeout_ms = ALERT_LIMIT_MS,
	    .cancel_fd = cancel_fd};
	struct buf said = BUF_INIT;
	int rc = command_run(&command, &said, err);

	buf_done(&said);
	return rc;
}

/* What goes out and where, read in one go so that the reader is not held while
 * a relay is slow. */
static int
prepare(struct store *store, struct alert_ways *ways,
    struct relay_config *relay, bool *mails, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	if (alert_ways_read(db, ways, err) == 0) {
		*mails = has_mail(ways);
		rc = *mails ? find_relay(
				  store, db, buf_span(&ways->relay), relay, err)
			    : 0;
		if (rc < 0)
			*mails = false;
	}
	store_reader_close(&db);
	return rc;
}

int
alert_tell(struct store *store, struct world *world, const struct alert *alerts,
    size_t count, int cancel_fd, struct err *err)
{
	struct alert_ways ways = {.command = BUF_INIT};
	struct relay_config relay = {.secret = NULL};
	struct buf facts = BUF_INIT;
	struct err again = {.code = E_NONE};
	bool mails = false;
	int rc;

	/* The one that a person sends; the others are the delivery's own. */
	if (count && alerts[0].kind == ALERT_TEST &&
	    person_require(store, NULL, MAY_SETTINGS_WRITE, err) < 0)
		return -1;
	rc = prepare(store, &ways, &relay, &mails, err);
	for (size_t i = 0; i < count; i++)
		alert_facts(&alerts[i], &facts);
	if (ways.command.len && tell_command(&ways, buf_span(&facts), cancel_fd,
				    rc == 0 ? err : &again) < 0)
		rc = -1;
	if (mails &&
	    alert_mail(&ways, &relay, world, alerts[count - 1].kind,
		buf_span(&facts), cancel_fd, rc == 0 ? err : &again) < 0)
		rc = -1;
	buf_done(&facts);
	relay_config_done(&relay);
	alert_ways_done(&ways);
	return rc;
}

/* The one address, whatever the others are. */
static int
read_seal_ways(struct store *store, struct span to, struct alert_ways *ways,
    struct relay_config *relay, struct err *err)
{
	struct db *db = NULL;
	int rc = -1;

	if (store_reader_open(store, &db, err) < 0)
		return -1;
	if (alert_ways_read(db, ways, err) < 0)
		goto out;
	for (int i = 0; i < ALERT_TO_MAX; i++)
		buf_clear(&ways->to[i]);
	buf_add(&ways->to[0], to);
	if (!ways->from.len) {
		buf_add(&ways->from, to);
		if (relay_ehlo_name(db, to, &ways->ehlo, err) < 0)
			goto out;
	}
	if (!has_mail(ways))
		err_set(err, E_ALERT_NOWHERE);
	else
		rc = find_relay(store, db, buf_span(&ways->relay), relay, err);
out:
	store_reader_close(&db);
	return rc;
}

int
alert_tell_seal(struct store *store, struct world *world, struct span to,
    struct span line, int cancel_fd, struct err *err)
{
	struct alert alert = {
	    .kind = ALERT_LOG, .at_ms = clock_now_ms(world->clock)};
	struct alert_ways ways = {.command = BUF_INIT};
	struct relay_config relay = {.secret = NULL};
	struct buf facts = BUF_INIT;
	int rc = read_seal_ways(store, to, &ways, &relay, err);

	if (rc == 0) {
		buf_printf(&facts, "seal=%.*s\n", SPAN_ARG(line));
		alert_facts(&alert, &facts);
		rc = alert_mail(&ways, &relay, world, ALERT_LOG,
		    buf_span(&facts), cancel_fd, err);
	}
	buf_done(&facts);
	relay_config_done(&relay);
	alert_ways_done(&ways);
	return rc;
}
