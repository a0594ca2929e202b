/* A dossier as octets.  Whoever reads it has been sent it by another user's
 * process: lengths, numbers and counts are checked, texts stay spans that the
 * screen shows through its gate. */
#include "core/review/dossier.h"

#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"

enum { NAME_MAX_OCTETS = 20, LENGTH_DIGITS = 8 };

void
dossier_entry(struct buf *out, const char *name, struct span octets)
{
	buf_printf(out, "%s %zu\n", name, octets.len);
	buf_add(out, octets);
	buf_char(out, '\n');
}

int
dossier_take(struct span *rest, struct span *name, struct span *octets)
{
	struct span line, left = *rest;
	int64_t len;

	if (left.len == 0)
		return 0;
	if (span_index(left, '\n') > NAME_MAX_OCTETS + 1 + LENGTH_DIGITS ||
	    span_index(left, '\n') >= left.len)
		return -1;
	line = span_cut(&left, '\n');
	*name = span_cut(&line, ' ');
	if (!span_int(line, &len) || len < 0 || (uint64_t)len >= left.len ||
	    left.ptr[len] != '\n')
		return -1;
	*octets = span_slice(left, 0, (size_t)len);
	*rest = span_slice(left, (size_t)len + 1, left.len);
	return 1;
}

/* ---- Values -------------------------------------------------------------------- */

static bool
read_int(struct span text, int64_t max, int64_t *out)
{
	return span_int(text, out) && *out >= 0 && *out <= max;
}

/* What will be signed stands on lines of its own: no controls. */
static bool
is_line(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return text.len <= 4096;
}

static bool
read_line(struct span text, struct span *out)
{
	*out = text;
	return is_line(text);
}

/* ---- Entries ------------------------------------------------------------------- */

static bool
read_override(struct dossier *self, struct span body)
{
	struct approval_text *subject = &self->subject;
	struct statement_override *to;

	if (subject->overrides == STATEMENT_OVERRIDES_MAX)
		return false;
	to = &subject->override[subject->overrides++];
	return read_line(span_cut(&body, '\n'), &to->check) &&
	       read_line(body, &to->asked);
}

static bool
read_check(struct dossier *self, struct span body)
{
	struct dossier_check *to;

	if (self->checks == DOSSIER_CHECKS_MAX)
		return false;
	to = &self->check[self->checks++];
	*to = (struct dossier_check){.id = fact_find(body, "id"),
	    .severity = fact_int(body, "severity", 9, -1),
	    .state = fact_int(body, "state", 9, -1),
	    .count = fact_int(body, "count", INT64_MAX, -1),
	    .facts = fact_find(body, "facts"),
	    .answer = fact_find(body, "answer"),
	    .by = fact_find(body, "by")};
	return to->id.len > 0 && to->severity >= 0 && to->state >= 0 &&
	       to->count >= 0;
}

static bool
read_fact(struct dossier *self, struct span body)
{
	struct dossier_fact *to;

	if (self->facts == DOSSIER_FACTS_MAX)
		return false;
	to = &self->fact[self->facts++];
	*to = (struct dossier_fact){.kind = fact_int(body, "kind", 9, -1),
	    .text = fact_find(body, "text"),
	    .messages = fact_int(body, "messages", INT64_MAX, -1)};
	return to->kind >= 0 && to->messages >= 0;
}

/* Facts, then the two parts as entries. */
static bool
read_sample(struct dossier *self, struct span body)
{
	struct span name, facts;
	struct dossier_sample *to;

	if (self->samples == DOSSIER_SAMPLES_MAX)
		return false;
	to = &self->sample[self->samples++];
	if (dossier_take(&body, &name, &facts) != 1)
		return false;
	*to =
	    (struct dossier_sample){.reason = fact_int(facts, "reason", 99, -1),
		.what = fact_find(facts, "what"),
		.address = fact_find(facts, "address"),
		.name = fact_find(facts, "name"),
		.subject = fact_find(facts, "subject")};
	return to->reason >= 0 && dossier_take(&body, &name, &to->text) == 1 &&
	       dossier_take(&body, &name, &to->html) == 1 && body.len == 0;
}

/* One value of the head. */
static bool
read_head(struct dossier *self, struct span name, struct span body)
{
	struct approval_text *subject = &self->subject;
	int64_t wants;
	const struct {
		const char *name;
		struct span *text;
		int64_t *number;
		struct digest *digest;
	} heads[] = {
	    {"store", &subject->store, NULL, NULL},
	    {"campaign", NULL, &subject->campaign, NULL},
	    {"name", &subject->name, NULL, NULL},
	    {"class", &subject->class, NULL, NULL},
	    {"subject", &subject->subject, NULL, NULL},
	    {"from", &subject->from, NULL, NULL},
	    {"recipients", NULL, &subject->recipients, NULL},
	    {"root", NULL, NULL, &subject->root},
	    {"digest", NULL, NULL, &subject->manifest},
	    {"first-ms", NULL, &subject->first_ms, NULL},
	    {"hours", NULL, &self->hours, NULL},
	    {"seconds", NULL, &self->seconds, NULL},
	    {"list", &self->list, NULL, NULL},
	    {"sealed-by", &self->sealed_by, NULL, NULL},
	    {"stepup", NULL, &wants, NULL},
	};

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		if (!span_equal(name, span_of(heads[i].name)))
			continue;
		if (heads[i].text)
			return read_line(body, heads[i].text);
		if (heads[i].digest)
			return digest_of_hex(body, heads[i].digest);
		if (!read_int(body, INT64_MAX / 4, heads[i].number))
			return false;
		if (heads[i].number != &wants)
			return true;
		self->wants = (enum statement_login)wants;
		return wants < STATEMENT_LOGINS;
	}
	return false;
}

static bool
read_entry(struct dossier *self, struct span name, struct span body)
{
	if (span_equal(name, SPAN("override")))
		return read_override(self, body);
	if (span_equal(name, SPAN("check")))
		return read_check(self, body);
	if (span_equal(name, SPAN("fact")))
		return read_fact(self, body);
	if (span_equal(name, SPAN("sample")))
		return read_sample(self, body);
	if (span_equal(name, SPAN("manifest"))) {
		self->manifest = body;
		return compared_read(body, &self->before);
	}
	return read_head(self, name, body);
}

static int
refuse(int entry, struct err *err)
{
	err_set(err, E_APPROVAL_DOSSIER);
	return err_fact_int(err, "line", entry);
}

/* What is read is what is signed. */
static bool
is_manifest_signed(const struct dossier *self)
{
	struct digest digest;

	crypt_sha256(self->manifest, &digest);
	return digest_equal(&digest, &self->subject.manifest);
}

/* Everything that is signed must have come. */
static bool
is_whole(const struct dossier *self)
{
	return is_manifest_signed(self) && self->subject.store.len &&
	       self->subject.campaign > 0 && self->subject.recipients > 0 &&
	       self->subject.class.len && self->subject.from.len &&
	       self->hours > 0 && self->hours <= 1000 && self->seconds <= 600 &&
	       self->samples;
}

int
dossier_read(struct span octets, struct dossier **out, struct err *err)
{
	struct dossier *self = mem_new(sizeof *self);
	struct span rest, name, body;
	int got, entry = 1;

	self->arena = arena_new();
	rest = arena_copy(
	    self->arena, span_slice(octets, 0, DOSSIER_MAX + (size_t)1));
	got = rest.len > DOSSIER_MAX || !span_equal(span_cut(&rest, '\n'),
					    SPAN("sekisho-dossier 1"))
		  ? -1
		  : 1;
	while (got == 1) {
		entry++;
		got = dossier_take(&rest, &name, &body);
		if (got == 1 && !read_entry(self, name, body))
			got = -1;
	}
	if (got < 0 || !is_whole(self)) {
		dossier_free(&self);
		return refuse(entry, err);
	}
	*out = self;
	return 0;
}

void
dossier_free(struct dossier **dossier)
{
	if (!*dossier)
		return;
	arena_free(&(*dossier)->arena);
	free(*dossier);
	*dossier = NULL;
}
