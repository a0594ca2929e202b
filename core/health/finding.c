/* Findings: how one is written down and read again.  Facts and records that
 * were found are lines, so a line break in a foreign value must not begin
 * another one. */
#include "core/health/examine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const topics[] = {
    [DOCTOR_SPF] = "spf",
    [DOCTOR_DKIM] = "dkim",
    [DOCTOR_KEY] = "key",
    [DOCTOR_DMARC] = "dmarc",
    [DOCTOR_ALIGN] = "align",
    [DOCTOR_REPORTS] = "reports",
    [DOCTOR_MAIL] = "mail",
    [DOCTOR_HOST] = "host",
    [DOCTOR_EHLO] = "ehlo",
    [DOCTOR_EXTRA] = "extra",
    [DOCTOR_LIST] = "list",
    [DOCTOR_RECEIVER] = "receiver",
};
static_assert(
    sizeof topics / sizeof *topics == DOCTOR_TOPICS, "name every topic");

static const struct {
	const char *name;
	enum doctor_sign sign;
} codes[] = {
#define X(code, name, sign) [code] = {name, sign},
#include "core/health/doctor.def"
#undef X
};

const char *
doctor_topic_name(enum doctor_topic topic)
{
	return topic < DOCTOR_TOPICS ? topics[topic] : "";
}

const char *
doctor_code_name(enum doctor_code code)
{
	return code < DOCTOR_CODES ? codes[code].name : "";
}

enum doctor_topic
doctor_topic_of(struct span word)
{
	int i = 0;

	while (i < DOCTOR_TOPICS && !span_equal(word, span_of(topics[i])))
		i++;
	return (enum doctor_topic)i;
}

enum doctor_code
doctor_code_of(struct span word)
{
	int i = 0;

	while (i < DOCTOR_CODES && !span_equal(word, span_of(codes[i].name)))
		i++;
	return (enum doctor_code)i;
}

struct span
doctor_fact(const struct doctor_finding *finding, const char *name)
{
	struct span rest = finding->facts;

	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		if (span_equal(span_cut(&line, '='), span_of(name)))
			return line;
	}
	return SPAN("");
}

void
doctor_report_done(struct doctor_report *report)
{
	arena_free(&report->bytes);
	free(report->finding);
	*report = (struct doctor_report){.at_ms = 0};
}

enum doctor_sign
doctor_worst(const struct doctor_report *report, enum doctor_topic topic,
    struct span subject, const struct doctor_finding **worst)
{
	const struct doctor_finding *found = NULL;

	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];

		if (finding->topic == topic &&
		    (!subject.len || span_equal(finding->subject, subject)) &&
		    (!found || finding->sign > found->sign))
			found = finding;
	}
	if (worst)
		*worst = found;
	return found ? found->sign : DOCTOR_UNKNOWN;
}

struct doctor_finding *
report_add(struct doctor_report *report, enum doctor_topic topic,
    enum doctor_code code, struct span subject)
{
	struct doctor_finding *finding;

	if (!report->bytes)
		report->bytes = arena_new();
	report->finding =
	    mem_more(report->finding, report->count, sizeof *report->finding);
	finding = &report->finding[report->count++];
	*finding = (struct doctor_finding){
	    .topic = topic,
	    .code = code,
	    .sign = codes[code].sign,
	    .subject = arena_copy(report->bytes, subject),
	};
	return finding;
}

/* Adds a line to *lines. */
static void
add_line(struct doctor_report *report, struct span *lines, struct span before,
    struct span text)
{
	struct buf all = BUF_INIT;

	buf_add(&all, *lines);
	if (all.len)
		buf_char(&all, '\n');
	buf_add(&all, before);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		buf_char(&all, c == '\n' || c == '\r' || !c ? ' ' : c);
	}
	*lines = arena_copy(report->bytes, buf_span(&all));
	buf_done(&all);
}

void
finding_fact(struct doctor_report *report, struct doctor_finding *finding,
    const char *name, struct span value)
{
	struct buf before = BUF_INIT;

	buf_printf(&before, "%s=", name);
	add_line(report, &finding->facts, buf_span(&before), value);
	buf_done(&before);
}

void
finding_int(struct doctor_report *report, struct doctor_finding *finding,
    const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)value);
	finding_fact(report, finding, name, span_of(text));
}

void
finding_found(struct doctor_report *report, struct doctor_finding *finding,
    struct span text)
{
	add_line(report, &finding->found, SPAN(""), text);
}

void
finding_record(struct doctor_report *report, struct doctor_finding *finding,
    struct span name, const char *type, struct span value)
{
	finding->record.name = arena_copy(report->bytes, name);
	finding->record.type = span_of(type);
	finding->record.value = arena_copy(report->bytes, value);
}

void
finding_mild(struct doctor_finding *finding)
{
	if (finding->sign == DOCTOR_BAD)
		finding->sign = DOCTOR_WARN;
}

void
finding_txt(struct doctor_report *report, struct doctor_finding *finding,
    const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		finding_found(report, finding, answer->record[i].data);
}
