/* The public test suite for RFC 7208, out of Debian's source package pyspf
 * (tests/data/spf.sh): every case, its zone data behind our resolver's port. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/net/spf.h"
#include "tests/fake/resolver.h"
#include "tests/unit/unit.h"

enum { RECORDS_MAX = 200, FIELDS_MAX = 6, CASES_WANTED = 203 };

static const char path[] = BUILD_DIR "/spf/cases.txt";

/* The zone data of a scenario. */
static struct {
	struct arena *bytes;
	size_t count;
	struct fake_record record[RECORDS_MAX + 1];
} zone;

static int cases, failed;

static struct span
decode(struct span text)
{
	struct buf out = BUF_INIT;
	struct span got;

	for (size_t i = 0; i < text.len; i++) {
		char hex[3] = "";

		if (text.ptr[i] != '%') {
			buf_char(&out, text.ptr[i]);
		} else if (i + 2 < text.len) {
			memcpy(hex, text.ptr + i + 1, 2);
			buf_char(&out, (char)strtoul(hex, NULL, 16));
			i += 2;
		}
	}
	got = arena_copy(zone.bytes, buf_span(&out));
	buf_done(&out);
	return got;
}

static bool
is_there(const char *name, enum dns_type type)
{
	for (size_t i = 0; i < zone.count; i++) {
		if (zone.record[i].type == type &&
		    !strcmp(zone.record[i].name, name))
			return true;
	}
	return false;
}

static void
add(const char *name, enum dns_type type, enum dns_status status,
    struct span data)
{
	/* names end with a dot in some of them, text may */
	if (type != DNS_TXT && span_ends(data, SPAN(".")))
		data =
		    arena_copy(zone.bytes, span_slice(data, 0, data.len - 1));
	if (zone.count == RECORDS_MAX)
		fail_msg("more than %d records", RECORDS_MAX);
	zone.record[zone.count++] =
	    (struct fake_record){name, type, status, data.ptr, data.len};
}

static const struct {
	const char *name;
	enum dns_type type;
} types[] = {{"A", DNS_A}, {"AAAA", DNS_AAAA}, {"MX", DNS_MX}, {"TXT", DNS_TXT},
    {"PTR", DNS_PTR}, {"CNAME", DNS_CNAME}};

enum { TYPES = sizeof types / sizeof *types };

static void
read_zone(struct span field[FIELDS_MAX])
{
	const char *name = field[0].ptr;

	if (span_equal(field[1], SPAN("TIMEOUT"))) {
		for (size_t i = 0; i < TYPES; i++) {
			if (!is_there(name, types[i].type))
				add(name, types[i].type, DNS_SERVFAIL,
				    SPAN(""));
		}
		return;
	}
	for (size_t i = 0; i < TYPES; i++) {
		if (span_equal(field[1], span_of(types[i].name)))
			add(name, types[i].type, DNS_FOUND, field[2]);
	}
}

static bool
is_one_of(struct span results, enum spf_result result)
{
	while (results.len) {
		if (span_equal(span_cut(&results, ','),
			span_of(spf_result_name(result))))
			return true;
	}
	return false;
}

/* "*": not asked about, "DEFAULT": none. */
static bool
is_explained(struct span wanted, struct span got)
{
	if (span_equal(wanted, SPAN("*")))
		return true;
	return span_equal(wanted, SPAN("DEFAULT")) ? got.len == 0
						   : span_equal(wanted, got);
}

static void
run_case(struct span field[FIELDS_MAX])
{
	struct fake_resolver *fake = fake_resolver_new(zone.record);
	struct spf_question question = {.resolver = fake_resolver_port(fake),
	    .ip = field[1].ptr,
	    .ehlo = field[2],
	    .sender = field[3]};
	struct spf_answer answer;
	struct spf_survey survey;
	struct err err = {0};

	assert_ok(spf_check(&question, &answer, &err), &err);
	if (!is_one_of(field[4], answer.result) ||
	    !is_explained(field[5], answer.explanation)) {
		printf("%s: %s \"%.*s\", wanted %s \"%s\" (%s %s %s)\n",
		    field[0].ptr, spf_result_name(answer.result),
		    SPAN_ARG(answer.explanation), field[4].ptr, field[5].ptr,
		    err_name(answer.why.code), err_find(&answer.why, "why"),
		    err_find(&answer.why, "term"));
		failed++;
	}
	assert_true(answer.result == SPF_PERMERROR ||
		    (answer.lookups <= SPF_LOOKUPS_MAX &&
			answer.voids <= SPF_VOIDS_MAX));
	spf_answer_done(&answer);
	assert_ok(spf_survey(&question, &survey, &err), &err);
	fake_resolver_free(&fake);
	cases++;
}

static void
read_line(struct span line)
{
	struct span word = span_cut(&line, ' '), field[FIELDS_MAX] = {0};

	if (span_equal(word, SPAN("scenario"))) {
		arena_reset(zone.bytes);
		memset(zone.record, 0, sizeof zone.record);
		zone.count = 0;
	}
	for (size_t i = 0; i < FIELDS_MAX; i++)
		field[i] = decode(span_cut(&line, ' '));
	if (span_equal(word, SPAN("zone")))
		read_zone(field);
	else if (span_equal(word, SPAN("case")))
		run_case(field);
}

static void
test_suite(void **state)
{
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct span rest;

	(void)state;
	assert_ok(file_read(path, 1 << 20, &text, &err), &err);
	zone.bytes = arena_new();
	rest = buf_span(&text);
	while (rest.len)
		read_line(span_cut(&rest, '\n'));
	arena_free(&zone.bytes);
	buf_done(&text);
	printf("%d of %d cases\n", cases - failed, cases);
	assert_int_equal(failed, 0);
	assert_true(cases >= CASES_WANTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_suite),
	};
	FILE *file = fopen(path, "r");

	if (!file) {
		printf("%s is missing: \"sh tests/data/spf.sh %s\" gets it\n",
		    path, BUILD_DIR "/spf");
		return getenv("CI") != NULL;
	}
	fclose(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
