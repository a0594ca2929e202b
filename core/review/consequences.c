/* Two campaigns laid side by side.  What decides where mail comes from, where
 * answers and clicks go and by which way it leaves is structural: nobody changes
 * it by the way. */
#include "core/review/consequences.h"

#include <stdlib.h>
#include <string.h>

#include "core/compose/compose.h"
#include "core/review/crowd.h"

enum { ASK_EVERY = 4096, LINKS_MAX = 200 };

struct consequences {
	struct arena *arena;
	struct consequences_base base;
	struct consequence *all;
	size_t count;
};

static struct consequence *
add(struct consequences *to, enum consequence_kind kind, struct span before,
    struct span now)
{
	struct consequence *one;

	to->all = mem_grow(to->all, (to->count + 1) * sizeof *to->all);
	one = &to->all[to->count++];
	*one = (struct consequence){.kind = kind,
	    .is_structural = kind <= CONSEQUENCE_RELAY,
	    .before = arena_copy(to->arena, before),
	    .now = arena_copy(to->arena, now)};
	return one;
}

static void
compare(struct consequences *to, enum consequence_kind kind, struct span before,
    struct span now)
{
	if (!span_equal(before, now))
		add(to, kind, before, now);
}

/* ---- What the campaigns say ------------------------------------------------ */

static struct span class_word(enum campaign_class class)
{
	static const char *const words[CLASS_COUNT] = {
	    [CLASS_AD] = "ad",
	    [CLASS_TX] = "tx",
	    [CLASS_NOTICE] = "notice",
	    [CLASS_TEST] = "test",
	};

	return span_of(class < CLASS_COUNT ? words[class] : "");
}

static int
list_name(struct db *db, int64_t list, struct buf *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT name FROM list WHERE id = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, list);
	got = stmt_step(stmt, err);
	if (got == 1)
		buf_add(out, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
compare_lists(struct consequences *to, struct db *db, int64_t before,
    int64_t now, struct err *err)
{
	struct buf was = BUF_INIT, is = BUF_INIT;
	int rc = 0;

	if (before != now) {
		rc = list_name(db, before, &was, err);
		if (rc == 0)
			rc = list_name(db, now, &is, err);
		if (rc == 0)
			add(to, CONSEQUENCE_LIST, buf_span(&was),
			    buf_span(&is));
	}
	buf_done(&was);
	buf_done(&is);
	return rc;
}

/* ---- Links ----------------------------------------------------------------- */

static struct span
host_of(struct span url)
{
	size_t at = span_search(url, SPAN("://"));

	if (at < url.len)
		url = span_slice(url, at + 3, url.len);
	else
		url = span_slice(url, span_index(url, ':') + 1, url.len);
	url = span_slice(url, 0, span_index(url, '/'));
	url = span_slice(url, 0, span_index(url, '?'));
	at = span_index(url, '@');
	if (at < url.len)
		url = span_slice(url, at + 1, url.len);
	return span_slice(url, 0, span_index(url, ':'));
}

static bool
has_line(struct span lines, struct span wanted)
{
	while (lines.len) {
		if (span_equal(span_cut(&lines, '\n'), wanted))
			return true;
	}
	return false;
}

static bool
has_host(struct span urls, struct span host)
{
	while (urls.len) {
		if (span_equal_nocase(host_of(span_cut(&urls, '\n')), host))
			return true;
	}
	return false;
}

static bool
is_added(
    const struct consequences *to, enum consequence_kind kind, struct span now)
{
	for (size_t i = 0; i < to->count; i++) {
		if (to->all[i].kind == kind && span_equal(to->all[i].now, now))
			return true;
	}
	return false;
}

static void
compare_links(struct consequences *to, struct span before, struct span now)
{
	struct span rest = now, url;

	while (rest.len && to->count < LINKS_MAX) {
		url = span_cut(&rest, '\n');
		if (!url.len || has_line(before, url))
			continue;
		if (!has_host(before, host_of(url)) &&
		    !is_added(to, CONSEQUENCE_HOST, host_of(url)))
			add(to, CONSEQUENCE_HOST, SPAN(""), host_of(url));
		if (!is_added(to, CONSEQUENCE_LINK, url))
			add(to, CONSEQUENCE_LINK, SPAN(""), url);
	}
	rest = before;
	while (rest.len && to->count < LINKS_MAX) {
		url = span_cut(&rest, '\n');
		if (url.len && !has_line(now, url))
			add(to, CONSEQUENCE_LINK_GONE, url, SPAN(""));
	}
}

static void
compare_texts(struct consequences *to, const struct campaign *before,
    const struct campaign *now)
{
	struct buf was = BUF_INIT, is = BUF_INIT;

	part_urls(buf_span(&before->body), &was);
	part_urls(buf_span(&now->body), &is);
	compare(to, CONSEQUENCE_FROM, buf_span(&before->from_address),
	    buf_span(&now->from_address));
	compare(to, CONSEQUENCE_REPLY_TO, buf_span(&before->reply_to),
	    buf_span(&now->reply_to));
	compare(to, CONSEQUENCE_CLASS, class_word(before->class),
	    class_word(now->class));
	compare(to, CONSEQUENCE_FROM_NAME, buf_span(&before->from_name),
	    buf_span(&now->from_name));
	compare_links(to, buf_span(&was), buf_span(&is));
	buf_done(&was);
	buf_done(&is);
}

/* ---- Relays ---------------------------------------------------------------- */

/* Those that did not carry the one before and were made or changed since: a
 * stand-by that had nothing to do is no news. */
static int
compare_relays(struct consequences *to, struct db *db, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT r.name FROM relay r WHERE r.enabled AND r.changed_ms > ?2"
	    " AND NOT EXISTS(SELECT 1 FROM connection c WHERE c.campaign = ?1"
	    " AND c.relay = r.id) ORDER BY r.id",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, to->base.campaign.v);
	stmt_int(stmt, 2, to->base.started_ms);
	while ((got = stmt_step(stmt, err)) == 1)
		add(to, CONSEQUENCE_RELAY, SPAN(""), stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got;
}

/* ---- People ---------------------------------------------------------------- */

/* Contacts as bits, from the lowest id on. */
struct people {
	int64_t first, last;
	unsigned char *bits;
};

static bool
has(const struct people *people, int64_t contact)
{
	int64_t at = contact - people->first;

	if (contact < people->first || contact > people->last)
		return false;
	return people->bits[at / 8] >> (at % 8) & 1;
}

static void
put(struct people *people, int64_t contact)
{
	int64_t at = contact - people->first;

	if (contact >= people->first && contact <= people->last)
		people->bits[at / 8] |= (unsigned char)(1u << (at % 8));
}

static int
read_people(struct db *db, int64_t campaign, const atomic_bool *stop,
    struct people *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT coalesce(min(contact), 0), coalesce(max(contact), -1)"
	    " FROM outbox WHERE campaign = ?1",
	    err);
	int64_t rows = 0;
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	got = stmt_step(stmt, err);
	out->first = got == 1 ? stmt_col_int(stmt, 0) : 0;
	out->last = got == 1 ? stmt_col_int(stmt, 1) : -1;
	stmt_reset(stmt);
	if (got != 1)
		return -1;
	out->bits = mem_new((size_t)(out->last - out->first + 1) / 8 + 1);
	stmt =
	    db_stmt(db, "SELECT contact FROM outbox WHERE campaign = ?1", err);
	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	while ((got = stmt_step(stmt, err)) == 1) {
		put(out, stmt_col_int(stmt, 0));
		if (++rows % ASK_EVERY == 0 && stop && atomic_load(stop)) {
			got = err_set(err, E_CANCELLED);
			break;
		}
	}
	stmt_reset(stmt);
	return got;
}

/* Counts the people of a campaign who are not among others. */
static int
count_others(struct consequences *to, struct db *db, int64_t campaign,
    const struct people *others, struct consequence *one, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT contact, address FROM outbox WHERE campaign = ?1"
	    " ORDER BY seq",
	    err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	while ((got = stmt_step(stmt, err)) == 1) {
		if (has(others, stmt_col_int(stmt, 0)))
			continue;
		one->count++;
		if (one->samples < CONSEQUENCE_SAMPLES)
			one->sample[one->samples++] =
			    arena_copy(to->arena, stmt_col_text(stmt, 1));
	}
	stmt_reset(stmt);
	return got;
}

static int
count_rows(struct db *db, int64_t campaign, int64_t *out, struct err *err)
{
	struct stmt *stmt =
	    db_stmt(db, "SELECT count(*) FROM outbox WHERE campaign = ?1", err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, campaign);
	got = stmt_step(stmt, err);
	if (got == 1)
		*out = stmt_col_int(stmt, 0);
	stmt_reset(stmt);
	return got == 1 ? 0 : -1;
}

static int
compare_people(struct consequences *to, struct db *db,
    struct campaign_id campaign, const atomic_bool *stop, struct err *err)
{
	struct people before = {0}, now = {0};
	struct consequence joined = {.kind = CONSEQUENCE_JOINED};
	struct consequence left = {.kind = CONSEQUENCE_LEFT};
	int64_t was = to->base.campaign.v;
	int rc = -1;

	if (count_rows(db, campaign.v, &to->base.now, err) < 0)
		return -1;
	to->base.has_people = to->base.now > 0;
	if (!to->base.has_people)
		return 0;
	if (read_people(db, was, stop, &before, err) == 0 &&
	    read_people(db, campaign.v, stop, &now, err) == 0 &&
	    count_others(to, db, campaign.v, &before, &joined, err) == 0 &&
	    count_others(to, db, was, &now, &left, err) == 0)
		rc = 0;
	if (joined.count)
		*add(to, CONSEQUENCE_JOINED, SPAN(""), SPAN("")) = joined;
	if (left.count)
		*add(to, CONSEQUENCE_LEFT, SPAN(""), SPAN("")) = left;
	to->base.both = to->base.now - joined.count;
	free(before.bits);
	free(now.bits);
	return rc;
}

/* ---- All ------------------------------------------------------------------- */

/* By kind, and within a kind as they were found: the same text each time. */
static void
sort(struct consequences *to)
{
	for (size_t i = 1; i < to->count; i++) {
		struct consequence one = to->all[i];
		size_t at = i;

		while (at > 0 && to->all[at - 1].kind > one.kind) {
			to->all[at] = to->all[at - 1];
			at--;
		}
		to->all[at] = one;
	}
}

static int
compare_all(struct consequences *to, struct db *db, const struct campaign *now,
    const atomic_bool *stop, struct err *err)
{
	struct campaign before = CAMPAIGN_INIT;
	int rc = -1;

	if (campaign_read(db, to->base.campaign, &before, err) < 0)
		return -1;
	to->base.name = arena_copy(to->arena, buf_span(&before.name));
	compare_texts(to, &before, now);
	if (compare_lists(to, db, before.list, now->list, err) == 0 &&
	    compare_relays(to, db, err) == 0)
		rc = compare_people(to, db, now->id, stop, err);
	sort(to);
	campaign_done(&before);
	return rc;
}

int
consequences_find(struct db *db, struct campaign_id campaign,
    const atomic_bool *stop, struct consequences **out, struct err *err)
{
	struct consequences *to = mem_new(sizeof *to);
	struct campaign now = CAMPAIGN_INIT;
	struct crowd_before before;
	int got = -1;

	to->arena = arena_new();
	if (campaign_read(db, campaign, &now, err) == 0)
		got = crowd_before_find(db, &now, &before, err);
	if (got == 1) {
		to->base =
		    (struct consequences_base){.campaign = before.campaign,
			.like = before.like,
			.started_ms = before.started_ms,
			.before = before.recipients};
		got = compare_all(to, db, &now, stop, err);
	}
	campaign_done(&now);
	if (got < 0)
		consequences_free(&to);
	else
		*out = to;
	return got;
}

void
consequences_free(struct consequences **consequences)
{
	if (!*consequences)
		return;
	arena_free(&(*consequences)->arena);
	free((*consequences)->all);
	free(*consequences);
	*consequences = NULL;
}

const struct consequence *
consequences_all(const struct consequences *consequences, size_t *count)
{
	*count = consequences->count;
	return consequences->all;
}

const struct consequences_base *
consequences_base(const struct consequences *consequences)
{
	return &consequences->base;
}

const char *
consequence_name(enum consequence_kind kind)
{
	static const char *const names[CONSEQUENCE_KINDS] = {
	    [CONSEQUENCE_FROM] = "from",
	    [CONSEQUENCE_REPLY_TO] = "reply_to",
	    [CONSEQUENCE_CLASS] = "class",
	    [CONSEQUENCE_HOST] = "host",
	    [CONSEQUENCE_RELAY] = "relay",
	    [CONSEQUENCE_LIST] = "list",
	    [CONSEQUENCE_FROM_NAME] = "from_name",
	    [CONSEQUENCE_LINK] = "link",
	    [CONSEQUENCE_LINK_GONE] = "link_gone",
	    [CONSEQUENCE_JOINED] = "joined",
	    [CONSEQUENCE_LEFT] = "left",
	};

	return kind < CONSEQUENCE_KINDS ? names[kind] : "";
}
