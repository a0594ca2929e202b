/* The checks about all recipients over a large list: how long the audience, its
 * past and the values of its people take to read, and a search in a message.  A
 * number on the command line is another number of recipients. */
#include <sys/resource.h>

#include "core/review/crowd.h"
#include "core/review/personal.h"
#include "tests/bench/bench.h"
#include "tests/fake/stage.h"

enum { RECIPIENTS = 1000 * 1000, SEARCHES = 20000 };

static double
wall_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long
peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static void
run_sql(struct stmt *stmt, long count)
{
	struct err err = {0};

	if (!stmt)
		abort();
	stmt_int(stmt, 1, count);
	if (stmt_run(stmt, &err) < 0)
		abort();
}

/* People, the audience frozen, and a campaign a week ago to the same. */
static void
fill(struct stage *stage, long count)
{
	struct db *db = NULL;
	struct err err = {0};

	if (store_begin(stage->store, STORE_WAIT_LONG, "bench", &db, &err) < 0)
		abort();
	run_sql(
	    db_stmt(db,
		"WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM"
		" n WHERE i < ?1) INSERT INTO contact(id, address, canon, name,"
		" fields, created_ms, changed_ms) SELECT i,"
		" printf('person%07d@d%d.example.jp', i, i % 997),"
		" printf('person%07d@d%d.example.jp', i, i % 997),"
		" printf('山田 太郎%d', i), '{\"会員番号\":\"M-' || (i + "
		"1000000)"
		" || '\",\"電話\":\"090-' || (i + 10000000) || '\"}', 1, 1"
		" FROM n",
		&err),
	    count);
	run_sql(db_stmt(db,
		    "INSERT INTO member(list, contact, basis, basis_at_ms,"
		    " basis_note, wording) SELECT 1, id, 1, 5, 'x', 1"
		    " FROM contact"
		    " WHERE id >= 10 AND id <= ?1",
		    &err),
	    count);
	for (int campaign = 1; campaign <= 2; campaign++) {
		run_sql(
		    db_stmt(db,
			"INSERT INTO outbox(campaign, seq, contact, address,"
			" canon, name, fields, leaf) SELECT ?1, row_number()"
			" OVER (ORDER BY id), id, address, canon, name, fields,"
			" zeroblob(32) FROM contact",
			&err),
		    campaign);
	}
	run_sql(db_stmt(db,
		    "INSERT INTO run(campaign, state, why, total, started_ms,"
		    " ended_ms, by, digest) VALUES(2, 3, '', ?1, 604800000,"
		    " 604800000, 'x', x'00')",
		    &err),
	    count);
	run_sql(
	    db_stmt(db,
		"INSERT INTO campaign(id, name, class, state, list, from_name,"
		" from_address, reply_to, subject, body, revision, created_ms,"
		" created_by, changed_ms, changed_by) SELECT 2, 'b', class, 3,"
		" list, '', '', '', '', '', 1, ?1, '', 1, '' FROM campaign"
		" WHERE id = 1",
		&err),
	    1);
	run_sql(
	    db_stmt(db,
		"INSERT INTO ledger(campaign, seq, state, at_ms) SELECT 2, seq,"
		" 3, 604800000 + 0 * ?1 FROM outbox WHERE campaign = 2",
		&err),
	    count);
	if (store_commit(stage->store, &db, &err) < 0)
		abort();
}

static void
search_often(const struct personal *personal)
{
	struct personal_tools tools = {.text = BUF_INIT};
	struct buf text = BUF_INIT;
	double from;

	for (int i = 0; i < 100; i++)
		buf_printf(&text,
		    "<p>今月の特集とメンテナンスのご案内 line %d of a mail to "
		    "customers, https://www.example.jp/news/%d</p>\n",
		    i, i * 7919);
	from = wall_s();
	for (int i = 0; i < SEARCHES; i++) {
		const struct personal_owner owner = {
		    SPAN("person0000010@d10.example.jp"), SPAN("{}")};

		if (personal_search(
			personal, &owner, buf_span(&text), NULL, &tools)
			.len)
			abort();
	}
	from = wall_s() - from;
	printf("search: %zu octets, %.1f us each, %.0f MB/s\n", text.len,
	    from / SEARCHES * 1e6, (double)text.len * SEARCHES / from / 1e6);
	buf_done(&text);
	personal_tools_done(&tools);
}

int
main(int argc, char **argv)
{
	const struct stage_params params = {
	    .recipients = 2, .class = CLASS_AD, .manners = PRACTICE_PLAIN};
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : RECIPIENTS;
	struct campaign campaign = CAMPAIGN_INIT;
	struct personal *personal = NULL;
	struct personal_figures figures;
	struct crowd *crowd = NULL;
	struct crowd_before before;
	struct crowd_past past;
	struct stage stage;
	struct db *db = NULL;
	struct err err = {0};
	double from;
	long mb;

	stage_open(&stage, &params);
	fill(&stage, count);
	if (store_reader_open(stage.store, &db, &err) < 0 ||
	    campaign_read(db, stage.campaign, &campaign, &err) < 0)
		abort();
	mb = peak_mb();
	from = wall_s();
	if (crowd_read(db, &campaign, NULL, &crowd, &err) < 0)
		abort();
	printf("audience of %lld: %.2f s, %zu domains, peak %ld MB (%ld)\n",
	    (long long)crowd->recipients, wall_s() - from, crowd->domains,
	    peak_mb(), mb);
	from = wall_s();
	if (crowd_past(
		db, crowd, campaign.id, 2 * 604800000, NULL, &past, &err) < 0)
		abort();
	printf("its past: %.2f s, %lld cold\n", wall_s() - from,
	    (long long)past.cold);
	from = wall_s();
	if (crowd_before(db, crowd, &campaign, NULL, &before, &err) < 0)
		abort();
	printf("the one before: %.2f s\n", wall_s() - from);
	crowd_free(&crowd);
	mb = peak_mb();
	from = wall_s();
	if (personal_read(db, &campaign, NULL, &personal, &err) < 0)
		abort();
	personal_figures(personal, &figures);
	printf("personal values: %.2f s, %lld, peak %ld MB (%ld)\n",
	    wall_s() - from, (long long)figures.values, peak_mb(), mb);
	search_often(personal);
	personal_free(&personal);
	campaign_done(&campaign);
	store_reader_close(&db);
	stage_close(&stage);
	return 0;
}
