/* Finding the words of a line, and reading its facts. */
#include "tui/text/check_words.h"

#include "tui/text/doctor_text.h"
#include "tui/text/i18n.h"

static const struct check_chapter *const chapters[] = {&check_recipients,
    &check_content, &check_links, &check_legal, &check_form, &check_dns,
    &check_transport, &check_reputation, &check_pace, &check_people,
    &check_tripwires};
enum { CHAPTERS = sizeof chapters / sizeof *chapters };

const struct check_words *
check_words_of(const char *id, const struct check_chapter **chapter)
{
	for (size_t i = 0; i < CHAPTERS; i++) {
		const struct check_chapter *it = chapters[i];

		if (chapter)
			*chapter = it;
		for (size_t k = 0; k < it->count; k++) {
			if (!strcmp(it->words[k].id, id))
				return &it->words[k];
		}
	}
	return &check_people.words[0];
}

const char *
check_finding_text(const char *what)
{
	enum doctor_code code;

	for (size_t i = 0; i < CHAPTERS; i++) {
		const struct check_chapter *it = chapters[i];

		for (size_t k = 0; k < it->finding_count; k++) {
			if (!strcmp(it->findings[k].what, what))
				return _(it->findings[k].text);
		}
	}
	code = doctor_code_of(span_of(what));
	return code != DOCTOR_CODES ? doctor_code_text(code) : what;
}

struct span
check_fact(const struct check_result *result, const char *name)
{
	struct span facts = span_of(result->facts);
	struct span value = SPAN("");
	size_t len = strlen(name), end;

	for (size_t i = 0; i + len < facts.len; i++) {
		if ((i && facts.ptr[i - 1] != ' ') ||
		    facts.ptr[i + len] != '=' ||
		    memcmp(facts.ptr + i, name, len))
			continue;
		value = span_slice(facts, i + len + 1, facts.len);
		end = span_search(value, SPAN("="));
		if (end == value.len)
			return value;
		while (end && value.ptr[end] != ' ')
			end--;
		return span_slice(value, 0, end);
	}
	return value;
}

int64_t
check_number(const struct check_result *result, const char *name)
{
	int64_t value;

	return span_int(check_fact(result, name), &value) ? value : 0;
}
