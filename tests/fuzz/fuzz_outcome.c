/* Any bytes as a reply: some rule decides, and what a relay quotes lies in what
 * it said. */
#include <stdint.h>
#include <stdlib.h>

#include "core/deliver/outcome_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome_subject subject;
	struct outcome_reply reply = {.peer = WHO_RELAY, .enhanced = ""};
	const struct outcome_rule *rule;

	if (size < 3)
		return 0;
	reply.stage = (enum smtp_stage)(data[0] % SMTP_STAGE_COUNT);
	reply.group = (enum group)(data[1] % GROUP_COUNT);
	reply.code = 400 + data[2] % 200;
	reply.raw = span_make(data + 3, size - 3);
	rule = outcome_classify(&reply);
	expect(rule && rule->class > OUTCOME_NONE &&
	       rule->class < OUTCOME_CLASSES);
	outcome_subject(&reply, &subject);
	expect(subject.code >= 400 && subject.code <= 599);
	expect(subject.text.len <= sizeof subject.text.text);
	expect(outcome_fits(rule, &subject));
	expect(!subject.enhanced.len ||
	       subject.enhanced.ptr == reply.enhanced ||
	       (subject.enhanced.ptr >= subject.text.text &&
		   subject.enhanced.ptr + subject.enhanced.len <=
		       subject.text.text + subject.text.len));
	return 0;
}
