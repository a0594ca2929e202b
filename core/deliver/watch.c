/* What a watcher sees.  The names of relays, groups and the campaign are ours;
 * the relays' words are not sent, because they quote the address they are
 * about. */
#include "core/deliver/watch.h"

#include "core/deliver/deliver.h"

enum { NAME_MAX_OCTETS = 200 };

/* ---- Writing ------------------------------------------------------------------ */

static void
put(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, "%s=%lld\n", name, (long long)value);
}

/* Blanks part fields, so a name stands at the end of its line. */
static void
put_name(struct buf *out, struct span name)
{
	buf_char(out, ' ');
	for (size_t i = 0; i < name.len && i < NAME_MAX_OCTETS; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		buf_char(out, c < 0x20 || c == 0x7f ? ' ' : name.ptr[i]);
	}
	buf_char(out, '\n');
}

/* Rates in thousandths. */
static int64_t
milli(double rate)
{
	return rate > 0 && rate < 1e9 ? (int64_t)(rate * 1000) : 0;
}

static void
put_numbers(struct buf *out, const char *name, const int64_t *value, int count)
{
	buf_printf(out, "%s=", name);
	for (int i = 0; i < count; i++)
		buf_printf(out, "%s%lld", i ? " " : "", (long long)value[i]);
}

/* Facts that are ours or a relay's; what a relay has said is not among them. */
static bool
is_impersonal(const char *name)
{
	static const char *const names[] = {"class", "count", "window", "code",
	    "relay", "relays", "clear", "seconds", "hours", "until", "days",
	    "host", "port", "stage", "sys", "limit", "state"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

/* Facts of the error that stands in the line above. */
static void
put_facts(struct buf *out, const struct err *why)
{
	for (unsigned i = 0; why->code != E_NONE && i < why->fact_count; i++) {
		if (!is_impersonal(why->fact[i].name))
			continue;
		buf_printf(out, "fact=%s", why->fact[i].name);
		put_name(out, span_of(why->fact[i].value));
	}
}

static void
put_part(struct buf *out, const char *name, const struct run_part *part)
{
	int64_t value[] = {part->id, part->state, part->until_ms, part->share,
	    part->sessions_open, part->sessions_cap, part->waiting,
	    part->accepted, part->deferred, part->failed, part->in_doubt,
	    part->over_tls, milli(part->rate_now), milli(part->rate_limit),
	    part->day_left, part->p50_ms, part->p95_ms, part->why.code};

	put_numbers(out, name, value, sizeof value / sizeof *value);
	put_name(out, span_of(part->name));
	put_facts(out, &part->why);
}

static void
put_lists(struct buf *out, const struct run_progress *now)
{
	for (int i = 0; i < now->relays; i++)
		put_part(out, "relay", &now->relay[i]);
	for (int i = 0; i < now->groups; i++)
		put_part(out, "group", &now->group[i]);
	for (int i = 0; i < now->events; i++) {
		const struct run_event *event = &now->event[i];
		int64_t value[] = {event->at_ms, event->kind, event->until_ms,
		    event->why.code};

		put_numbers(out, "event", value, 4);
		put_name(out, span_of(event->name));
		put_facts(out, &event->why);
	}
	for (int i = 0; i < now->replies; i++) {
		const struct run_reply *reply = &now->reply[i];
		int64_t value[] = {reply->at_ms, reply->state, reply->code};

		put_numbers(out, "reply", value, 3);
		buf_char(out, '\n');
	}
}

void
watch_write(
    const struct run_progress *now, struct span campaign, struct buf *out)
{
	int64_t sample[RUN_RATE_SAMPLES];

	if (!now) {
		buf_text(out, "state=none\n");
		return;
	}
	buf_printf(out, "state=%d\ncampaign=", now->state);
	put_name(out, campaign);
	put(out, "why", now->why.code);
	put_facts(out, &now->why);
	put(out, "total", now->total);
	put_numbers(out, "count", now->count, LEDGER_STATES);
	buf_char(out, '\n');
	put(out, "started_ms", now->started_ms);
	put(out, "now_ms", now->now_ms);
	put(out, "sessions_open", now->sessions_open);
	put(out, "attempts", now->attempts);
	put(out, "tls_messages", now->tls_messages);
	put(out, "rate_now", milli(now->rate_now));
	put(out, "rate_average", milli(now->rate_average));
	put(out, "next_due_ms", now->next_due_ms);
	put(out, "rate_limit", now->rate_limit);
	put(out, "wait_ms", now->wait_ms);
	put(out, "last_end_ms", now->last_end_ms);
	put(out, "p50_ms", now->p50_ms);
	put(out, "p95_ms", now->p95_ms);
	put(out, "sample_s", now->sample_s);
	for (int i = 0; i < now->samples; i++)
		sample[i] = now->sample[i];
	put_numbers(out, "sample", sample, now->samples);
	buf_char(out, '\n');
	put_lists(out, now);
}

/* ---- Reading ------------------------------------------------------------------ */

/* A number from -1 on; false at anything else. */
static bool
take_number(struct span *line, int64_t *out)
{
	struct span word = span_cut(line, ' ');

	if (span_equal(word, SPAN("-1"))) {
		*out = -1;
		return true;
	}
	return span_int(word, out);
}

static int
take_numbers(struct span *line, int64_t *out, int count)
{
	int got = 0;

	while (got < count && line->len && take_number(line, &out[got]))
		got++;
	return got;
}

static int
small(int64_t value)
{
	return value < -1 || value > 1000000000 ? -1 : (int)value;
}

static enum err_code
code_of(int64_t value)
{
	return value > 0 && value < ERR_CODE_COUNT ? (enum err_code)value
						   : E_NONE;
}

/* A fact belongs to the error in the line above; NULL: there is none. */
static void
read_fact(struct span line, struct err *why)
{
	char name[ERR_NAME_MAX + 1];

	span_text(name, sizeof name, span_cut(&line, ' '));
	if (why && why->code != E_NONE && is_impersonal(name))
		err_fact(why, name, line);
}

static struct err *
read_part(struct span line, struct run_part *list, int max, int *count)
{
	enum { FIELDS = 18 };
	int64_t v[FIELDS];
	struct run_part *part;

	if (*count >= max || take_numbers(&line, v, FIELDS) != FIELDS ||
	    v[1] < 0 || v[1] >= RUN_PART_STATES)
		return NULL;
	part = &list[(*count)++];
	*part = (struct run_part){
	    .id = v[0],
	    .state = (enum run_part_state)v[1],
	    .until_ms = v[2],
	    .share = small(v[3]),
	    .sessions_open = small(v[4]),
	    .sessions_cap = small(v[5]),
	    .waiting = v[6],
	    .accepted = v[7],
	    .deferred = v[8],
	    .failed = v[9],
	    .in_doubt = v[10],
	    .over_tls = v[11],
	    .rate_now = (double)v[12] / 1000,
	    .rate_limit = (double)v[13] / 1000,
	    .day_left = v[14],
	    .p50_ms = small(v[15]),
	    .p95_ms = small(v[16]),
	    .why.code = code_of(v[17]),
	};
	span_text(part->name, sizeof part->name, line);
	return &part->why;
}

static struct err *
read_event(struct span line, struct run_progress *out)
{
	struct run_event *event;
	int64_t v[4];

	if (out->events >= RUN_EVENTS || take_numbers(&line, v, 4) != 4 ||
	    v[1] < 0 || v[1] >= RUN_EVENT_KINDS)
		return NULL;
	event = &out->event[out->events++];
	*event = (struct run_event){.at_ms = v[0],
	    .kind = (enum run_event_kind)v[1],
	    .until_ms = v[2],
	    .why.code = code_of(v[3])};
	span_text(event->name, sizeof event->name, line);
	return &event->why;
}

static void
read_reply(struct span line, struct run_progress *out)
{
	int64_t v[3];

	if (out->replies >= RUN_REPLIES || take_numbers(&line, v, 3) != 3 ||
	    v[1] < 0 || v[1] >= LEDGER_STATES)
		return;
	out->reply[out->replies++] = (struct run_reply){.at_ms = v[0],
	    .state = (enum ledger_state)v[1],
	    .code = small(v[2])};
}

static void
read_samples(struct span line, struct run_progress *out)
{
	int64_t sample[RUN_RATE_SAMPLES];

	out->samples = take_numbers(&line, sample, RUN_RATE_SAMPLES);
	for (int i = 0; i < out->samples; i++)
		out->sample[i] = (uint32_t)(sample[i] < 0 ? 0 : sample[i]);
}

static void
read_number(struct span name, int64_t value, struct run_progress *out)
{
	const struct {
		struct span name;
		int64_t *wide;
		int *narrow;
		double *rate;
	} numbers[] = {
	    {SPAN("total"), &out->total, NULL, NULL},
	    {SPAN("started_ms"), &out->started_ms, NULL, NULL},
	    {SPAN("now_ms"), &out->now_ms, NULL, NULL},
	    {SPAN("attempts"), &out->attempts, NULL, NULL},
	    {SPAN("tls_messages"), &out->tls_messages, NULL, NULL},
	    {SPAN("next_due_ms"), &out->next_due_ms, NULL, NULL},
	    {SPAN("wait_ms"), &out->wait_ms, NULL, NULL},
	    {SPAN("last_end_ms"), &out->last_end_ms, NULL, NULL},
	    {SPAN("sessions_open"), NULL, &out->sessions_open, NULL},
	    {SPAN("rate_limit"), NULL, &out->rate_limit, NULL},
	    {SPAN("p50_ms"), NULL, &out->p50_ms, NULL},
	    {SPAN("p95_ms"), NULL, &out->p95_ms, NULL},
	    {SPAN("sample_s"), NULL, &out->sample_s, NULL},
	    {SPAN("rate_now"), NULL, NULL, &out->rate_now},
	    {SPAN("rate_average"), NULL, NULL, &out->rate_average},
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (!span_equal(name, numbers[i].name))
			continue;
		if (numbers[i].wide)
			*numbers[i].wide = value;
		else if (numbers[i].narrow)
			*numbers[i].narrow = small(value);
		else
			*numbers[i].rate = (double)value / 1000;
		return;
	}
}

/* Lines with several values; the error that facts belong to from now on. */
static struct err *
read_list(struct span name, struct span line, struct run_progress *out)
{
	if (span_equal(name, SPAN("relay")))
		return read_part(
		    line, out->relay, RUN_RELAYS_MAX, &out->relays);
	if (span_equal(name, SPAN("group")))
		return read_part(
		    line, out->group, RUN_GROUPS_MAX, &out->groups);
	if (span_equal(name, SPAN("event")))
		return read_event(line, out);
	if (span_equal(name, SPAN("reply")))
		read_reply(line, out);
	else if (span_equal(name, SPAN("sample")))
		read_samples(line, out);
	else if (span_equal(name, SPAN("count")))
		take_numbers(&line, out->count, LEDGER_STATES);
	return NULL;
}

/* One plain value; the error that facts belong to from now on. */
static struct err *
read_value(struct span name, int64_t value, struct run_progress *out)
{
	if (span_equal(name, SPAN("why"))) {
		out->why = (struct err){.code = code_of(value)};
		return &out->why;
	}
	if (span_equal(name, SPAN("state")) && value >= 0 && value < RUN_STATES)
		out->state = (enum run_state)value;
	else
		read_number(name, value, out);
	return NULL;
}

int
watch_read(struct span text, struct run_progress *out, struct span *campaign)
{
	struct err *why = NULL;

	memset(out, 0, sizeof *out);
	out->p50_ms = out->p95_ms = -1;
	*campaign = SPAN("");
	if (span_starts(text, SPAN("state=none")) || !text.len)
		return 0;
	while (text.len) {
		struct span line = span_cut(&text, '\n');
		struct span name = span_cut(&line, '=');
		struct span rest = line;
		int64_t value;

		if (span_equal(name, SPAN("campaign")))
			*campaign = span_trim(line);
		else if (span_equal(name, SPAN("fact")))
			read_fact(line, why);
		else if (take_number(&rest, &value) && !rest.len)
			why = read_value(name, value, out);
		else
			why = read_list(name, line, out);
	}
	return 1;
}
