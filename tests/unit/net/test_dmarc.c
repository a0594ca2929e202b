/* DMARC: records as receivers take them, the walk through the tree, alignment,
 * and who takes reports. */
#include "core/net/dmarc.h"

#include "tests/fake/resolver.h"
#include "tests/unit/unit.h"

/* ---- Records ------------------------------------------------------------------ */

static const struct {
	const char *text;
	const char *why; /* NULL: it can be read */
	enum dmarc_policy p, sp, np;
	unsigned tags, bad, twice;
	size_t unknown;
} rows[] = {
    {"v=DMARC1; p=none", NULL, 0, 0, 0, DMARC_TAG_P, 0, 0, 0},
    {"v=DMARC1;p=reject;", NULL, 2, 2, 2, DMARC_TAG_P, 0, 0, 0},
    {"V = DMARC1 ; P = Quarantine", NULL, 1, 1, 1, DMARC_TAG_P, 0, 0, 0},
    {"v=DMARC1; p=reject; sp=none", NULL, 2, 0, 0, DMARC_TAG_P | DMARC_TAG_SP,
	0, 0, 0},
    {"v=DMARC1; p=none; np=reject", NULL, 0, 0, 2, DMARC_TAG_P | DMARC_TAG_NP,
	0, 0, 0},
    {"v=DMARC1; p=none; sp=quarantine; np=reject", NULL, 0, 1, 2,
	DMARC_TAG_P | DMARC_TAG_SP | DMARC_TAG_NP, 0, 0, 0},
    {"v=DMARC1; p=none; pct=20; rf=afrf; ri=3600", NULL, 0, 0, 0,
	DMARC_TAG_P | DMARC_TAG_PCT | DMARC_TAG_RF | DMARC_TAG_RI, 0, 0, 0},
    {"v=DMARC1; p=none; adkim=x; aspf=strict; t=maybe; psd=1", NULL, 0, 0, 0,
	DMARC_TAG_P,
	DMARC_TAG_ADKIM | DMARC_TAG_ASPF | DMARC_TAG_T | DMARC_TAG_PSD, 0, 0},
    {"v=DMARC1; p=none; p=reject", NULL, 0, 0, 0, DMARC_TAG_P, 0, DMARC_TAG_P,
	0},
    {"v=DMARC1; p=none; what; x-y=1; zz=2", NULL, 0, 0, 0, DMARC_TAG_P, 0, 0,
	3},
    {"v=DMARC1; p=none; rua=mailto:a@b.example!10m", NULL, 0, 0, 0,
	DMARC_TAG_P | DMARC_TAG_RUA | DMARC_TAG_SIZE, 0, 0, 0},
    {"v=DMARC1; p=none; fo=1:d:s; ruf=mailto:a@b.example", NULL, 0, 0, 0,
	DMARC_TAG_P | DMARC_TAG_FO | DMARC_TAG_RUF, 0, 0, 0},
    {"v=DMARC1; p=none; fo=2", NULL, 0, 0, 0, DMARC_TAG_P, DMARC_TAG_FO, 0, 0},
    /* saved by where reports go */
    {"v=DMARC1; rua=mailto:a@b.example", NULL, 0, 0, 0, DMARC_TAG_RUA, 0, 0, 0},
    {"v=DMARC1; p=rejekt; rua=mailto:a@b.example", NULL, 0, 0, 0, DMARC_TAG_RUA,
	DMARC_TAG_P, 0, 0},
    {"v=DMARC1; p=reject; sp=; rua=mailto:a@b.example", NULL, 0, 0, 0,
	DMARC_TAG_P | DMARC_TAG_RUA, DMARC_TAG_SP, 0, 0},
    {"v=DMARC1; p=reject; np=all; rua=mailto:a@b.example", NULL, 0, 0, 0,
	DMARC_TAG_P | DMARC_TAG_RUA, DMARC_TAG_NP, 0, 0},
    {"v=DMARC1", "policy", 0, 0, 0, 0, 0, 0, 0},
    {"v=DMARC1; p=rejekt", "policy", 0, 0, 0, 0, 0, 0, 0},
    {"v=DMARC1; p=reject; np=all", "policy", 0, 0, 0, 0, 0, 0, 0},
    {"v=DMARC1; p=rejekt; rua=nobody", "policy", 0, 0, 0, 0, 0, 0, 0},
    {"v=DMARC1; p=rejekt; rua=mailto:nobody", "policy", 0, 0, 0, 0, 0, 0, 0},
    {"v=DMARC2; p=none", "version", 0, 0, 0, 0, 0, 0, 0},
    {"v=dmarc1; p=none", "version", 0, 0, 0, 0, 0, 0, 0},
    {"p=none; v=DMARC1", "version", 0, 0, 0, 0, 0, 0, 0},
    {"v=DMARC1 p=none", "version", 0, 0, 0, 0, 0, 0, 0},
    {"", "version", 0, 0, 0, 0, 0, 0, 0},
};

static bool
is_as_said(size_t i, int rc, const struct dmarc_record *got)
{
	if (rows[i].why)
		return rc == -1;
	return rc == 0 && got->p == rows[i].p && got->sp == rows[i].sp &&
	       got->np == rows[i].np && got->tags == rows[i].tags &&
	       got->bad == rows[i].bad && got->twice == rows[i].twice &&
	       got->unknown == rows[i].unknown;
}

static void
test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dmarc_record got;
		struct err err = {0};
		int rc = dmarc_parse(span_of(rows[i].text), &got, &err);

		if (!is_as_said(i, rc, &got) ||
		    strcmp(err_find(&err, "why"),
			rows[i].why ? rows[i].why : "") != 0)
			fail_msg("%s: %d %s, %d %d %d, tags %x bad %x "
				 "twice %x, %zu unknown",
			    rows[i].text, rc, err_find(&err, "why"), got.p,
			    got.sp, got.np, got.tags, got.bad, got.twice,
			    got.unknown);
	}
}

static void
test_values(void **state)
{
	struct dmarc_record got;
	struct err err = {0};

	(void)state;
	assert_ok(
	    dmarc_parse(SPAN("v=DMARC1; p=reject; adkim=s; aspf=S; psd=y; t=y; "
			     "rua=mailto:a@b.example!5k, ftp, "
			     "https://c.example/x"),
		&got, &err),
	    &err);
	assert_int_equal(got.adkim, DMARC_STRICT);
	assert_int_equal(got.aspf, DMARC_STRICT);
	assert_int_equal(got.psd, DMARC_PSD_YES);
	assert_true(got.testing);
	assert_false(got.saved);
	assert_int_equal(got.rua.count, 2);
	assert_span_equal(got.rua.uri[0], "mailto:a@b.example");
	assert_span_equal(got.rua.uri[1], "https://c.example/x");
	assert_true(got.bad & DMARC_TAG_RUA);
	assert_span_equal(got.fo, "0");
	assert_ok(
	    dmarc_parse(SPAN("v=DMARC1; p=none; psd=n"), &got, &err), &err);
	assert_int_equal(got.psd, DMARC_PSD_NO);
	assert_int_equal(got.adkim, DMARC_RELAXED);
	assert_string_equal(dmarc_policy_name(DMARC_QUARANTINE), "quarantine");
	assert_string_equal(dmarc_mode_name(DMARC_STRICT), "strict");
}

static void
test_uri_domains(void **state)
{
	static const char *const uris[][2] = {
	    {"mailto:a@b.example", "b.example"},
	    {"MAILTO:\"x@y\"@b.example?subject=z", "b.example"},
	    {"mailto:@b.example", ""},
	    {"mailto:b.example", ""},
	    {"https://b.example/x", "b.example"},
	    {"https://u@b.example:8443?x", "b.example"},
	    {"urn:x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
		assert_span_equal(
		    dmarc_uri_domain(span_of(uris[i][0])), uris[i][1]);
}

/* ---- The tree ------------------------------------------------------------------ */

static const struct fake_record table[] = {
    {"_dmarc.example.com", DNS_TXT, DNS_FOUND,
	"v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:a@other.test",
	0},
    {"example.com", DNS_MX, DNS_FOUND, "0 .", 0},
    {"_dmarc.mail.example.com", DNS_TXT, DNS_FOUND, "v=DMARC1; p=none", 0},
    {"news.example.com", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    /* its own organisation below another */
    {"_dmarc.example.org", DNS_TXT, DNS_FOUND, "v=DMARC1; p=reject", 0},
    {"_dmarc.free.example.org", DNS_TXT, DNS_FOUND,
	"v=DMARC1; p=reject; psd=n; t=y", 0},
    /* a public suffix */
    {"_dmarc.co.test", DNS_TXT, DNS_FOUND,
	"v=DMARC1; p=quarantine; psd=y; np=reject", 0},
    {"_dmarc.shop.co.test", DNS_TXT, DNS_FOUND, "v=DMARC1; p=reject", 0},
    {"bare.co.test", DNS_A, DNS_FOUND, "192.0.2.1", 0},
    /* two records are none */
    {"_dmarc.two.example.com", DNS_TXT, DNS_FOUND, "v=DMARC1; p=none", 0},
    {"_dmarc.two.example.com", DNS_TXT, DNS_FOUND, "v=DMARC1; p=reject", 0},
    {"_dmarc.junk.example.com", DNS_TXT, DNS_FOUND, "v=spf1 -all", 0},
    {"_dmarc.bad.example.com", DNS_TXT, DNS_FOUND, "v=DMARC1; p=no", 0},
    {"_dmarc.slow.test", DNS_TXT, DNS_SERVFAIL, NULL, 0},
    {"_dmarc.forged.test", DNS_TXT, DNS_BOGUS, NULL, 0},
    {"example.com._report._dmarc.other.test", DNS_TXT, DNS_FOUND, "v=DMARC1",
	0},
    {"example.com._report._dmarc.junk.test", DNS_TXT, DNS_FOUND, "yes", 0},
    {"example.com._report._dmarc.late.test", DNS_TXT, DNS_SERVFAIL, NULL, 0},
    {NULL, 0, 0, NULL, 0},
};

static struct fake_resolver *fake;
static struct dmarc_question how;

static int
begin(void **state)
{
	(void)state;
	fake = fake_resolver_new(table);
	how.resolver = fake_resolver_port(fake);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_resolver_free(&fake);
	return 0;
}

static const struct {
	const char *domain, *organisation;
	size_t queries;
	enum dmarc_where where;
	const char *at;
	enum dmarc_policy policy, applied;
} finds[] = {
    {"example.com", "example.com", 2, DMARC_AUTHOR, "example.com", 2, 2},
    {"news.example.com", "example.com", 3, DMARC_ORGANISATION, "example.com", 1,
	1},
    /* does not exist: np */
    {"none.example.com", "example.com", 3, DMARC_ORGANISATION, "example.com", 0,
	0},
    {"mail.example.com", "example.com", 3, DMARC_AUTHOR, "mail.example.com", 0,
	0},
    /* the record of the organisation counts, not one between */
    {"a.mail.example.com", "example.com", 4, DMARC_ORGANISATION, "example.com",
	0, 0},
    {"free.example.org", "free.example.org", 1, DMARC_AUTHOR,
	"free.example.org", 2, 1},
    {"x.free.example.org", "free.example.org", 2, DMARC_ORGANISATION,
	"free.example.org", 2, 1},
    {"shop.co.test", "shop.co.test", 2, DMARC_AUTHOR, "shop.co.test", 2, 2},
    {"a.shop.co.test", "shop.co.test", 3, DMARC_ORGANISATION, "shop.co.test", 2,
	2},
    {"bare.co.test", "bare.co.test", 2, DMARC_SUFFIX, "co.test", 1, 1},
    {"gone.co.test", "gone.co.test", 2, DMARC_SUFFIX, "co.test", 2, 2},
    {"x.bare.co.test", "bare.co.test", 3, DMARC_SUFFIX, "co.test", 2, 2},
    {"co.test", "co.test", 1, DMARC_AUTHOR, "co.test", 1, 1},
    {"two.example.com", "example.com", 3, DMARC_ORGANISATION, "example.com", 0,
	0},
    {"junk.example.com", "example.com", 3, DMARC_ORGANISATION, "example.com", 0,
	0},
    {"bad.example.com", "example.com", 3, DMARC_ORGANISATION, "example.com", 0,
	0},
    {"nothing.net", "nothing.net", 2, DMARC_NOWHERE, "", 0, 0},
    {"x.slow.test", "x.slow.test", 2, DMARC_NOWHERE, "", 0, 0},
    {"a.b.c.d.e.f.g.h.i.j.mail.example.com", "example.com", 8,
	DMARC_ORGANISATION, "example.com", 0, 0},
    {"b.c.d.e.f.mail.example.com", "example.com", 8, DMARC_ORGANISATION,
	"example.com", 0, 0},
    {"c.d.e.f.mail.example.com", "example.com", 7, DMARC_ORGANISATION,
	"example.com", 0, 0},
};

static void
test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof finds / sizeof *finds; i++) {
		struct dmarc_walk walk;
		struct dmarc_found got;
		struct err err = {0};
		const char *at;

		assert_ok(
		    dmarc_walk(&how, span_of(finds[i].domain), &walk, &err),
		    &err);
		assert_ok(dmarc_find(&how, &walk, &got, &err), &err);
		at = got.step ? got.step->domain : "";
		if (walk.count != finds[i].queries ||
		    strcmp(walk.organisation, finds[i].organisation) != 0 ||
		    got.where != finds[i].where ||
		    strcmp(at, finds[i].at) != 0 ||
		    got.policy != finds[i].policy ||
		    got.applied != finds[i].applied)
			fail_msg("%s: %zu queries, organisation %s, where %d "
				 "(%s), %d applied as %d",
			    finds[i].domain, walk.count, walk.organisation,
			    got.where, at, got.policy, got.applied);
		dmarc_walk_done(&walk);
	}
}

static void
test_steps(void **state)
{
	struct dmarc_walk walk;
	struct err err = {0};

	(void)state;
	assert_ok(dmarc_walk(&how, SPAN("a.b.c.d.e.f.g.h.mail.example.com"),
		      &walk, &err),
	    &err);
	assert_string_equal(walk.step[1].domain, "e.f.g.h.mail.example.com");
	assert_string_equal(walk.step[7].domain, "com");
	dmarc_walk_done(&walk);
	assert_ok(dmarc_walk(&how, SPAN("two.example.com"), &walk, &err), &err);
	assert_int_equal(walk.step[0].records, 2);
	assert_false(walk.step[0].usable);
	assert_string_equal(err_find(&walk.step[0].why, "why"), "records");
	assert_string_equal(
	    err_find(&walk.step[0].why, "domain"), "two.example.com");
	assert_true(walk.step[1].usable);
	dmarc_walk_done(&walk);
	assert_ok(dmarc_walk(&how, SPAN("bad.example.com"), &walk, &err), &err);
	assert_string_equal(err_find(&walk.step[0].why, "why"), "policy");
	dmarc_walk_done(&walk);
	assert_ok(dmarc_walk(&how, SPAN("forged.test"), &walk, &err), &err);
	assert_true(walk.failed);
	assert_int_equal(walk.why.code, E_DNS_BOGUS);
	assert_string_equal(err_find(&walk.why, "name"), "_dmarc.forged.test");
	dmarc_walk_done(&walk);
}

static const struct {
	const char *from, *domain;
	enum dmarc_fit fit;
} fits[] = {
    {"example.com", "example.com", DMARC_SAME},
    {"example.com", "Example.COM", DMARC_SAME},
    {"example.com", "mail.example.com", DMARC_SAME_ORGANISATION},
    {"news.example.com", "mail.example.com", DMARC_SAME_ORGANISATION},
    {"example.com", "example.org", DMARC_APART},
    {"example.org", "free.example.org", DMARC_APART},
    {"shop.co.test", "a.shop.co.test", DMARC_SAME_ORGANISATION},
    {"shop.co.test", "bare.co.test", DMARC_APART},
    {"bare.co.test", "x.bare.co.test", DMARC_SAME_ORGANISATION},
    {"nothing.net", "mail.nothing.net", DMARC_APART},
    {"example.com", "x.slow.test", DMARC_UNSURE},
    {"forged.test", "example.com", DMARC_UNSURE},
};

static void
test_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
		struct dmarc_walk from;
		enum dmarc_fit fit;
		struct err err = {0};

		assert_ok(
		    dmarc_walk(&how, span_of(fits[i].from), &from, &err), &err);
		assert_ok(dmarc_compare(
			      &how, &from, span_of(fits[i].domain), &fit, &err),
		    &err);
		if (fit != fits[i].fit)
			fail_msg(
			    "%s and %s: %d", fits[i].from, fits[i].domain, fit);
		dmarc_walk_done(&from);
	}
	assert_true(dmarc_aligned(DMARC_SAME, DMARC_STRICT));
	assert_true(dmarc_aligned(DMARC_SAME_ORGANISATION, DMARC_RELAXED));
	assert_false(dmarc_aligned(DMARC_SAME_ORGANISATION, DMARC_STRICT));
	assert_false(dmarc_aligned(DMARC_APART, DMARC_RELAXED));
	assert_false(dmarc_aligned(DMARC_UNSURE, DMARC_RELAXED));
}

static void
test_targets(void **state)
{
	static const struct {
		const char *target;
		enum dmarc_target is;
	} targets[] = {
	    {"example.com", DMARC_TARGET_OWN},
	    {"reports.example.com", DMARC_TARGET_OWN},
	    {"other.test", DMARC_TARGET_ALLOWED},
	    {"silent.test", DMARC_TARGET_MISSING},
	    {"junk.test", DMARC_TARGET_MISSING},
	    {"late.test", DMARC_TARGET_UNSURE},
	};
	struct dmarc_walk walk;
	struct err err = {0};

	(void)state;
	assert_ok(dmarc_walk(&how, SPAN("example.com"), &walk, &err), &err);
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		enum dmarc_target got;

		assert_ok(dmarc_target(&how, &walk, span_of(targets[i].target),
			      &got, &err),
		    &err);
		if (got != targets[i].is)
			fail_msg("%s: %d", targets[i].target, got);
	}
	dmarc_walk_done(&walk);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_uri_domains),
	    T(test_find),
	    T(test_steps),
	    T(test_fits),
	    T(test_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
