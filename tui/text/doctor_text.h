/* What the DNS doctor found, in sentences. */
#ifndef TUI_TEXT_DOCTOR_TEXT_H
#define TUI_TEXT_DOCTOR_TEXT_H

#include "core/base/buf.h"
#include "core/health/health.h"

/* What a code says, without its facts; translated. */
const char *doctor_code_text(enum doctor_code code);

/* What to do about it, translated; "" when there is nothing to do. */
const char *doctor_advice(enum doctor_code code);

/* Heading of a topic, translated; some topics share one. */
const char *doctor_topic_text(enum doctor_topic topic);

/* What a fact is called, translated; "" when it is not told. */
const char *doctor_fact_text(struct span name);

/* Whom a finding is about, as it is shown: a receiver by its name. */
struct span doctor_subject_text(enum doctor_topic topic, struct span subject);

/* One character: "+", "i", "?", "!", "X". */
const char *doctor_sign_text(enum doctor_sign sign);

/* Adds a record as a zone file takes it; of TXT in strings short enough to be
 * pasted. */
void doctor_record_text(const struct doctor_record *record, struct buf *out);

#endif
