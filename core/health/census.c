/* Do the domains of recipients take mail.  A list of a million people has tens
 * of thousands of domains, most of which were asked about yesterday: answers
 * are kept, good ones for a day, bad ones for an hour, no answer not at all. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/crew.h"
#include "core/health/doctor.h"
#include "core/net/mx.h"

enum { THREADS = 48, WRITE_MAX = 2000 };

static const char *const names[CENSUS_STATES] = {
    [CENSUS_TAKES] = "takes",
    [CENSUS_NXDOMAIN] = "nxdomain",
    [CENSUS_NOTHING] = "nothing",
    [CENSUS_NULL] = "null_mx",
    [CENSUS_UNKNOWN] = "unknown",
};

const char *
census_state_name(enum census_state state)
{
	return state < CENSUS_STATES ? names[state] : "";
}

/* ---- What is kept --------------------------------------------------------------- */

static bool
is_fresh(enum census_state state, int64_t age_ms)
{
	return age_ms >= 0 && age_ms < (state == CENSUS_TAKES ? CENSUS_GOOD_MS
							      : CENSUS_BAD_MS);
}

static int
read_kept(struct db *db, int64_t now_ms, struct census_domain *domain,
    struct err *err)
{
	struct stmt *stmt = db_stmt(
	    db, "SELECT state, at_ms FROM census WHERE domain = ?1", err);
	int got;

	domain->state = CENSUS_UNKNOWN;
	if (!stmt)
		return -1;
	stmt_text(stmt, 1, domain->name);
	got = stmt_step(stmt, err);
	if (got == 1) {
		int64_t state = stmt_col_int(stmt, 0);

		if (state >= 0 && state < CENSUS_UNKNOWN &&
		    is_fresh((enum census_state)state,
			now_ms - stmt_col_int(stmt, 1)))
			domain->state = (enum census_state)state;
	}
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

static int
write_one(struct db *db, int64_t now_ms, const struct census_domain *domain,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT OR REPLACE INTO census(domain, state, at_ms)"
	    " VALUES(?1, ?2, ?3)",
	    err);

	if (!stmt)
		return -1;
	stmt_text(stmt, 1, domain->name);
	stmt_int(stmt, 2, domain->state);
	stmt_int(stmt, 3, now_ms);
	return stmt_run(stmt, err);
}

/* ---- Asking ----------------------------------------------------------------------- */

struct asking {
	const struct census_how *how;
	struct census_domain **domain; /* that nothing is known of */
	size_t count;
};

static int
ask(struct asking *asking, const char *name, enum dns_type type,
    struct dns_answer *out, struct err *err)
{
	struct resolver *resolver = asking->how->world->resolver;

	return resolver->ask(resolver,
	    &(struct dns_question){name, type, asking->how->cancel}, out, err);
}

static int
ask_address(struct asking *asking, const char *name, enum census_state *state,
    struct err *err)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};
	int rc = 0;

	*state = CENSUS_NOTHING;
	for (int i = 0; i < 2 && rc == 0 && *state != CENSUS_TAKES; i++) {
		struct dns_answer answer = {0};

		rc = ask(asking, name, types[i], &answer, err);
		if (answer.status == DNS_FOUND)
			*state = CENSUS_TAKES;
		else if (answer.status == DNS_SERVFAIL ||
			 answer.status == DNS_BOGUS)
			*state = CENSUS_UNKNOWN;
		dns_answer_done(&answer);
	}
	return rc;
}

/* An MX whose host is "." takes nothing; one whose hosts are no host names
 * can be given nothing. */
static enum census_state
state_of_mx(const char *name, const struct dns_answer *answer)
{
	struct mx_question question = {.domain = name, .self = ""};
	struct err why = {.code = E_NONE};
	struct mx_list list;

	mx_read(&question, answer, &list, &why);
	if (list.kind == MX_HOSTS || list.kind == MX_IMPLICIT)
		return CENSUS_TAKES;
	if (list.kind == MX_LATER)
		return CENSUS_UNKNOWN;
	return why.code == E_MX_NULL ? CENSUS_NULL : CENSUS_NOTHING;
}

static int
ask_one(void *payload, size_t item, struct err *err)
{
	struct asking *asking = payload;
	struct census_domain *domain = asking->domain[item];
	struct dns_answer answer = {0};
	char name[DNS_NAME_MAX + 1];
	int rc = 0;

	span_text(name, sizeof name, domain->name);
	if (!dns_is_host(span_of(name))) {
		domain->state = CENSUS_NXDOMAIN;
		goto out;
	}
	rc = ask(asking, name, DNS_MX, &answer, err);
	if (rc < 0)
		goto out;
	if (answer.status == DNS_NXDOMAIN)
		domain->state = CENSUS_NXDOMAIN;
	else if (answer.status == DNS_NODATA)
		rc = ask_address(asking, name, &domain->state, err);
	else if (answer.status == DNS_FOUND)
		domain->state = state_of_mx(name, &answer);
out:
	dns_answer_done(&answer);
	if (asking->how->done)
		atomic_fetch_add(asking->how->done, 1);
	return rc;
}

/* ---- The whole ---------------------------------------------------------------------- */

static int
read_all(const struct census_how *how, struct census *census,
    struct asking *asking, struct err *err)
{
	int64_t now_ms = clock_now_ms(how->world->clock);
	struct db *db = NULL;
	int rc = store_reader_open(how->store, &db, err);

	for (size_t i = 0; i < census->count && rc == 0; i++) {
		rc = read_kept(db, now_ms, &census->domain[i], err);
		if (census->domain[i].state == CENSUS_UNKNOWN)
			asking->domain[asking->count++] = &census->domain[i];
	}
	store_reader_close(&db);
	return rc;
}

/* In pieces, so that nobody else waits long for the writer. */
static int
write_all(
    const struct census_how *how, const struct asking *asking, struct err *err)
{
	int64_t now_ms = clock_now_ms(how->world->clock);
	size_t i = 0;

	while (i < asking->count) {
		struct db *db = NULL;
		int rc = 0;

		if (store_begin(
			how->store, STORE_WAIT_LONG, "domains", &db, err) < 0)
			return -1;
		for (int n = 0; n < WRITE_MAX && i < asking->count && rc == 0;
		    n++, i++) {
			if (asking->domain[i]->state != CENSUS_UNKNOWN)
				rc = write_one(
				    db, now_ms, asking->domain[i], err);
		}
		if (rc < 0) {
			store_rollback(how->store, &db);
			return -1;
		}
		if (store_commit(how->store, &db, err) < 0)
			return -1;
	}
	return 0;
}

static int
by_name(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int
by_recipients(const void *a, const void *b)
{
	const struct census_domain *x = a, *y = b;

	if (x->recipients != y->recipients)
		return x->recipients > y->recipients ? -1 : 1;
	return by_name(x->name, y->name);
}

static void
sum_up(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		const struct census_domain *domain = &census->domain[i];

		census->domains[domain->state]++;
		census->recipients[domain->state] += domain->recipients;
	}
	qsort(census->domain, census->count, sizeof *census->domain,
	    by_recipients);
}

int
census_take(
    const struct census_how *how, struct census *census, struct err *err)
{
	struct asking asking = {.how = how};
	int rc;

	asking.domain = mem_array(census->count + 1, sizeof *asking.domain);
	rc = read_all(how, census, &asking, err);
	census->asked = how->world->resolver ? asking.count : 0;
	if (how->total)
		atomic_store(how->total, (int64_t)census->asked);
	if (rc == 0 && census->asked)
		rc = crew_each(
		    THREADS, asking.count, ask_one, &asking, how->cancel, err);
	/* also when it was cancelled: what was learnt is not asked again */
	if (census->asked && write_all(how, &asking, rc < 0 ? NULL : err) < 0)
		rc = -1;
	free(asking.domain);
	if (rc == 0)
		sum_up(census);
	return rc;
}
