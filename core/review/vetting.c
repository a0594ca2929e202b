/* What an approver has to do before the key is asked for. */
#include "core/review/vetting.h"

#include <stdio.h>

void
vetting_saw(struct vetting *self, size_t sample, int64_t ms, bool at_end)
{
	self->shown_ms[sample] += ms;
	self->at_end[sample] |= at_end;
}

bool
vetting_sample_done(
    const struct vetting *self, const struct dossier *dossier, size_t sample)
{
	return self->at_end[sample] &&
	       self->shown_ms[sample] >= dossier->seconds * 1000;
}

size_t
vetting_samples_done(const struct vetting *self, const struct dossier *dossier)
{
	size_t n = 0;

	for (size_t i = 0; i < dossier->samples; i++)
		n += vetting_sample_done(self, dossier, i);
	return n;
}

/* The digits of a text. */
static void
digits_of(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
			buf_char(out, text.ptr[i]);
	}
}

static enum vetting_typed
judge(struct vetting *self, bool right, int64_t now_ms)
{
	if (now_ms < self->pause_until_ms)
		return VETTING_PAUSE;
	if (right) {
		self->misses = 0;
		return VETTING_RIGHT;
	}
	if (++self->misses < VETTING_TRIES)
		return VETTING_WRONG;
	self->misses = 0;
	self->pause_until_ms = now_ms + VETTING_PAUSE_MS;
	return VETTING_PAUSE;
}

enum vetting_typed
vetting_count(struct vetting *self, const struct dossier *dossier,
    struct span typed, int64_t now_ms)
{
	struct buf digits = BUF_INIT;
	enum vetting_typed verdict;
	int64_t count = -1;

	digits_of(typed, &digits);
	if (!span_int(buf_span(&digits), &count))
		count = -1;
	verdict = judge(self, count == dossier->subject.recipients, now_ms);
	if (verdict == VETTING_RIGHT)
		self->count_typed = true;
	buf_done(&digits);
	return verdict;
}

enum vetting_typed
vetting_time(struct vetting *self, const struct dossier *dossier,
    struct span typed, int64_t now_ms)
{
	struct buf time = BUF_INIT, wanted = BUF_INIT, digits = BUF_INIT;
	enum vetting_typed verdict;
	bool right;

	if (dossier->subject.first_ms) {
		statement_time(dossier->subject.first_ms, &time);
		digits_of(buf_span(&time), &wanted);
		digits_of(typed, &digits);
		right = span_equal(buf_span(&digits), buf_span(&wanted)) ||
			span_equal(buf_span(&digits),
			    span_slice(buf_span(&wanted), 8, 12));
	} else {
		right = span_equal_nocase(span_trim(typed), SPAN("now"));
	}
	verdict = judge(self, right, now_ms);
	if (verdict == VETTING_RIGHT)
		self->time_typed = true;
	buf_done(&time);
	buf_done(&wanted);
	buf_done(&digits);
	return verdict;
}

const char *
vetting_missing(const struct vetting *self, const struct dossier *dossier)
{
	if (!self->summary_read)
		return "summary";
	if (!self->checks_read)
		return "checklist";
	if (vetting_samples_done(self, dossier) < dossier->samples)
		return "samples";
	if (self->ticked < dossier->facts)
		return "facts";
	if (!self->count_typed)
		return "count";
	return self->time_typed ? NULL : "time";
}
